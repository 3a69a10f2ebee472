//! The guide has an entry for every cause that a report names, in its words.

use std::collections::BTreeSet;

use rollout_model::VerdictCause;

use crate::cause::Cause;
use crate::verdict_cause::in_words;

const CAUSES: [Cause; 19] = [
    Cause::ServiceControlPolicy,
    Cause::ExecutionRoleMissing,
    Cause::TrustedAccessOff,
    Cause::AccountGate,
    Cause::NameTaken,
    Cause::QuotaReached,
    Cause::TerminationProtection,
    Cause::DeleteConflict,
    Cause::ManagedPolicyMissing,
    Cause::PrincipalMissing,
    Cause::PermissionMissing,
    Cause::CredentialsNotTaken,
    Cause::RegionOff,
    Cause::StackBroken,
    Cause::Throttled,
    Cause::AccountSuspended,
    Cause::NotReached,
    Cause::Cancelled,
    Cause::Unclassified,
];

const VERDICT_CAUSES: [VerdictCause; 20] = [
    VerdictCause::RoleAbsent,
    VerdictCause::RoleStillThere,
    VerdictCause::TrustExcludesCaller,
    VerdictCause::ExternalIdMismatch,
    VerdictCause::CallerNotAllowed,
    VerdictCause::AccountSuspended,
    VerdictCause::AccountLeft,
    VerdictCause::ScpDenies,
    VerdictCause::NotYetPropagated,
    VerdictCause::SessionTooLong,
    VerdictCause::ThrottledOut,
    VerdictCause::TimedOut,
    VerdictCause::WrongIdentity,
    VerdictCause::ExternalIdNotRequired,
    VerdictCause::StrangerAdmitted,
    VerdictCause::RoleDiffers,
    VerdictCause::RoleUnreadable,
    VerdictCause::PermissionMissing,
    VerdictCause::PermissionExcess,
    VerdictCause::Unknown,
];

/// The entries of a chapter: the words of the cause, and what is said of it.
fn entries(chapter: &str) -> Vec<(String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/troubleshooting.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let (_, below) = guide.split_once(&format!("\n## {chapter}\n")).unwrap();
    let chapter = below.split("\n## ").next().unwrap();
    let entries = chapter.split("\n### ").skip(1).map(|entry| entry.split_once('\n').unwrap());
    entries.map(|(words, text)| (words.to_owned(), text.to_owned())).collect()
}

#[track_caller]
fn check(entries: &[(String, String)], causes: &[&str]) {
    let words: Vec<&str> = entries.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(words, causes, "the entries stand in the order of the causes");
    for (words, text) in entries {
        for part in ["**Means.** ", "**See more.** ", "**Mends.** "] {
            assert_eq!(text.matches(part).count(), 1, "{words}: {part}");
        }
    }
}

#[test]
fn every_cause_of_a_failed_deployment_has_an_entry() {
    // The last cause tells how many there are.
    assert_eq!(CAUSES.iter().collect::<BTreeSet<_>>().len(), Cause::Unclassified as usize + 1);
    check(&entries("The role was not deployed"), &CAUSES.map(Cause::in_words));
}

#[test]
fn every_cause_of_a_verdict_has_an_entry_with_its_word_in_json() {
    assert_eq!(VERDICT_CAUSES.iter().collect::<BTreeSet<_>>().len(), VerdictCause::Unknown as usize + 1);
    let entries = entries("The role is not proven");
    check(&entries, &VERDICT_CAUSES.map(in_words));
    for (cause, (_, text)) in VERDICT_CAUSES.iter().zip(entries) {
        assert!(text.trim_start().starts_with(&format!("`{cause}`. ")), "{cause}: {text}");
    }
}
