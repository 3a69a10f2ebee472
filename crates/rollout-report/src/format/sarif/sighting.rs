//! What is the matter with an account, one check at a time.

use rollout_model::{CheckOutcome, CheckResult, DeploymentStatus, Verdict, VerdictCause};

use super::super::matter::{Matter, matter};
use super::document::Level;
use crate::account_row::{AccountRow, Verification};
use crate::schema::{CheckWord, VerdictCauseWord, word};
use crate::verdict_cause;

/// One thing that is not as it should be.
pub(super) struct Sighting {
    pub(super) cause: String,
    pub(super) title: &'static str,
    pub(super) remedy: Option<String>,
    /// An error is known to be wrong; a warning could not be found out.
    pub(super) level: Level,
    /// The check; `None` where it is the deployment, or the whole account.
    pub(super) check: Option<String>,
    pub(super) evidence: Vec<String>,
}

/// Everything that is the matter with an account; nothing when it is green.
pub(super) fn sightings(row: &AccountRow) -> Vec<Sighting> {
    let Some(matter) = matter(row) else { return Vec::new() };
    let failing_checks = match &row.verification {
        Verification::Done(verdict) => checks(verdict),
        Verification::NotAsked | Verification::Pending | Verification::NotVerified(_) => Vec::new(),
    };
    let is_deployed = row.deployment.as_ref().is_none_or(DeploymentStatus::is_done) && !row.is_blocked();
    match failing_checks.is_empty() || !is_deployed {
        false => failing_checks,
        true => vec![of_account(row, matter)],
    }
}

fn of_account(row: &AccountRow, Matter { cause, title, remedy, evidence }: Matter) -> Sighting {
    let is_known = row.is_blocked() || matches!(row.deployment, Some(DeploymentStatus::Failed(_)));
    let level = if is_known { Level::Error } else { Level::Warning };
    Sighting { cause, title, remedy, level, check: None, evidence }
}

/// The checks that are not green. One that only follows from another has no cause of its own, and says nothing beside
/// one that has.
fn checks(verdict: &Verdict) -> Vec<Sighting> {
    let is_told = |result: &&CheckResult| result.cause.is_some() || verdict.cause().is_none();
    verdict.open_checks().filter(is_told).map(of_check).collect()
}

fn of_check(result: &CheckResult) -> Sighting {
    let cause = result.cause.unwrap_or(VerdictCause::Unknown);
    Sighting {
        cause: word(&VerdictCauseWord::from(cause)),
        title: verdict_cause::in_words(cause),
        remedy: verdict_cause::remedy(cause).map(str::to_owned),
        level: if result.outcome == CheckOutcome::Fail { Level::Error } else { Level::Warning },
        check: Some(word(&CheckWord::from(result.check))),
        evidence: result.evidence.clone(),
    }
}
