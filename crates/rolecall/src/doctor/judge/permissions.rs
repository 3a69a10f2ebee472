//! Which actions the operator lacks, by name.

use aws_failure::{Permission, Tried};
use rollout_model::{CheckupRow, CheckupState, Need, Subject};

use super::{row, unseen, with_remedy};
use crate::doctor::seen::{Position, Seen};

/// Without these a plan warns of what it could not look at, and goes on.
const HELPFUL: [&str; 5] = [
    "cloudformation:ListStackSets",
    "organizations:DescribePolicy",
    "organizations:ListPolicies",
    "organizations:ListPoliciesForTarget",
    "organizations:ListTargetsForPolicy",
];

pub(super) fn to_look(seen: &Seen) -> CheckupRow {
    let (subject, need) = (Subject::ReadPermissions, Need::Everything);
    let is_service_managed = seen.permission_model.is_service_managed();
    if seen.position == Position::Member && is_service_managed {
        let found = "not known: AWS refuses this account whatever its policies allow";
        return row(subject, need, CheckupState::Unknown, found);
    }
    let Sorted { denied, unknown } = sorted(&seen.reads);
    let is_needed = |action: &&str| !HELPFUL.contains(action);
    let state = match (denied.iter().any(is_needed), denied.is_empty(), unknown.is_empty()) {
        (true, ..) => CheckupState::NotReady,
        (false, _, false) => CheckupState::Unknown,
        (false, false, true) => CheckupState::Warning,
        (false, true, true) => CheckupState::Ok,
    };
    let row = row(subject, need, state, found(seen.reads.len(), &denied, &unknown));
    match (denied.is_empty(), seen.position) {
        (true, _) => row,
        // Whatever its policies allow, AWS refuses any other member (aws-facts D1).
        (false, Position::Member) => with_remedy(
            row,
            "allow them, as config/iam/read-only.json does, in an account that may read the organization: the \
             management account, or a delegated administrator of some service",
        ),
        (false, _) => with_remedy(row, "allow them, as config/iam/read-only.json does"),
    }
}

/// What cannot be tried is never taken for granted.
pub(super) fn to_deploy(seen: &Seen) -> CheckupRow {
    let (subject, need) = (Subject::DeployPermissions, Need::Deploying);
    let tried = match &seen.writes {
        Ok(tried) => tried,
        Err(why) => {
            let row = unseen(subject, need, &format!("not known: {why}"));
            return with_remedy(row, "allow iam:SimulatePrincipalPolicy, as config/iam/read-only.json does");
        }
    };
    let Sorted { denied, unknown } = sorted(tried);
    // Of names that nobody has: a policy that names the rollout's own may well be right.
    let is_guess = seen.rollout.is_none() && !denied.is_empty();
    let state = match (denied.is_empty(), unknown.is_empty()) {
        _ if is_guess => CheckupState::Unknown,
        (false, _) => CheckupState::NotReady,
        (true, false) => CheckupState::Unknown,
        (true, true) => CheckupState::Ok,
    };
    let row = row(subject, need, state, found(tried.len(), &denied, &unknown));
    match (is_guess, denied.is_empty()) {
        (true, _) => with_remedy(
            row,
            "allow them, as config/iam/deploy.json does; if a policy allows them for one rollout alone, ask for it: \
             `rolecall doctor ROLLOUT.yaml`",
        ),
        (false, false) if !seen.permission_model.is_service_managed() => {
            with_remedy(row, "allow them, as config/iam/deploy.json and config/iam/self-managed.json do")
        }
        (false, false) => with_remedy(row, "allow them, as config/iam/deploy.json does"),
        (false, true) => row,
    }
}

struct Sorted<'a> {
    denied: Vec<&'a str>,
    unknown: Vec<String>,
}

fn sorted(tried: &[Tried]) -> Sorted<'_> {
    let denied = tried.iter().filter(|one| one.permission == Permission::Denied).map(|one| one.action);
    // One reason, such as a session that is over, is often that of all.
    let mut unknown: Vec<(&str, Vec<&str>)> = Vec::new();
    for Tried { action, permission } in tried {
        let Permission::Unknown(why) = permission else { continue };
        match unknown.iter_mut().find(|(known, _)| known == why) {
            Some((_, actions)) => actions.push(action),
            None => unknown.push((why, vec![action])),
        }
    }
    let in_words = |(why, actions): (&str, Vec<&str>)| format!("{} ({why})", actions.join(", "));
    Sorted { denied: denied.collect(), unknown: unknown.into_iter().map(in_words).collect() }
}

fn found(tried: usize, denied: &[&str], unknown: &[String]) -> String {
    let mut parts = Vec::new();
    if !denied.is_empty() {
        parts.push(format!("missing: {}", denied.join(", ")));
    }
    if !unknown.is_empty() {
        parts.push(format!("not known: {}", unknown.join(", ")));
    }
    match parts.is_empty() {
        true => format!("all {tried} actions"),
        false => parts.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::PermissionModel;

    use super::super::testing::{a_rollout, all_well};
    use super::*;

    fn tried(denied: &[&'static str], unknown: &[&'static str]) -> Vec<Tried> {
        let of = |permission: Permission| {
            move |&action: &&'static str| Tried { action, permission: permission.clone() }
        };
        let unclear = Permission::Unknown("throttled".to_owned());
        let mut all = vec![Tried { action: "iam:GetRole", permission: Permission::Granted }];
        all.extend(denied.iter().map(of(Permission::Denied)));
        all.extend(unknown.iter().map(of(unclear)));
        all
    }

    #[test]
    fn a_missing_action_is_named_and_counts_as_much_as_it_is_needed() {
        let check = |denied: &[&'static str], unknown: &[&'static str], state: CheckupState, found: &str| {
            let row = to_look(&Seen { reads: tried(denied, unknown), ..all_well() });
            assert_eq!((row.state, row.found.as_str()), (state, found));
        };
        check(&[], &[], CheckupState::Ok, "all 1 actions");
        let (needed, helpful) = ("organizations:ListAccounts", "organizations:ListPolicies");
        check(&[needed], &[], CheckupState::NotReady, "missing: organizations:ListAccounts");
        check(&[helpful], &[], CheckupState::Warning, "missing: organizations:ListPolicies");
        let both = "missing: organizations:ListPolicies; not known: organizations:ListAccounts (throttled)";
        check(&[helpful], &[needed], CheckupState::Unknown, both);
        let alike = "not known: organizations:ListAccounts, iam:GetRolePolicy (throttled)";
        check(&[], &[needed, "iam:GetRolePolicy"], CheckupState::Unknown, alike);
    }

    #[test]
    fn of_a_member_only_a_self_managed_set_asks_what_it_may_read() {
        let mut seen = Seen { position: Position::Member, ..all_well() };
        seen.reads = tried(&["organizations:ListAccounts"], &[]);
        assert_eq!(to_look(&seen).state, CheckupState::Unknown);
        seen.permission_model = PermissionModel::self_managed();
        let row = to_look(&seen);
        assert_eq!(row.state, CheckupState::NotReady);
        let remedy = row.remedy.unwrap();
        assert!(remedy.contains("a delegated administrator of some service"), "{remedy}");
    }

    #[test]
    fn the_policy_for_self_managed_sets_is_named_where_it_is_needed() {
        let denied = tried(&["iam:PassRole"], &[]);
        let mut seen = Seen { writes: Ok(denied), rollout: Some(a_rollout()), ..all_well() };
        let names_it = |seen: &Seen| to_deploy(seen).remedy.unwrap().contains("config/iam/self-managed.json");
        assert!(!names_it(&seen));
        seen.permission_model = PermissionModel::self_managed();
        assert!(names_it(&seen));
    }

    #[test]
    fn what_iam_was_not_asked_is_not_known_and_never_green() {
        let row = to_deploy(&Seen { writes: Err("no".to_owned()), ..all_well() });
        assert_eq!((row.state, row.found.as_str()), (CheckupState::Unknown, "not known: no"));
        let hanging = tried(&[], &["cloudformation:CreateStackSet"]);
        assert_eq!(to_deploy(&Seen { writes: Ok(hanging), ..all_well() }).state, CheckupState::Unknown);
        assert_eq!(to_deploy(&Seen { writes: Ok(tried(&[], &[])), ..all_well() }).state, CheckupState::Ok);
        // Without a rollout only names that nobody has were asked about.
        let denied = tried(&["cloudformation:CreateStackSet"], &[]);
        assert_eq!(to_deploy(&Seen { writes: Ok(denied), ..all_well() }).state, CheckupState::Unknown);
    }
}
