//! What a run says of one account, as far as two runs can be held against each other.

use rollout_model::{AccountId, Action, CheckResult, VerdictCause};

use crate::account_row::{AccountRow, Standing, Verification};
use crate::cause::{Cause, diagnose};
use crate::resumed::GONE;
use crate::text::{escaped, generalized};
use crate::verdict_cause;

/// What a run says of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What was wanted of it.
    pub aim: Aim,
    /// What came of it.
    pub seen: Seen,
}

/// What a run wants of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// Nothing: it is no target.
    Nothing,
    /// That it has the role.
    Role,
    /// That the role is gone, or left behind on purpose.
    NoRole,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The run was not asked to look.
    LeftToOthers(String),
    /// The run was asked to look and did not come to it, and why.
    NotReached(String),
    /// It is as it should be.
    Well,
    /// It is not.
    Failing(Problem),
}

/// Why an account is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the role is there and is not as specified: otherwise it could not be brought there, or be proven.
    pub is_finding: bool,
    /// In a class.
    pub(crate) cause: ProblemCause,
    /// AWS's words, or the evidence, without what differs from account to account.
    pub evidence: Vec<String>,
}

/// The class of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemCause {
    /// The plan says that the account cannot be deployed to.
    Blocked,
    /// The deployment failed.
    Deployment(Cause),
    /// The proof failed, or could not be given.
    Verdict(VerdictCause),
}

impl ProblemCause {
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            ProblemCause::Blocked => "blocked",
            ProblemCause::Deployment(cause) => cause.in_words(),
            ProblemCause::Verdict(cause) => verdict_cause::in_words(cause),
        }
    }

    /// Whether it says what is the matter, whatever AWS adds to it.
    fn is_telling(self) -> bool {
        match self {
            ProblemCause::Blocked => false,
            ProblemCause::Deployment(cause) => cause != Cause::Unclassified,
            ProblemCause::Verdict(cause) => cause != VerdictCause::Unknown,
        }
    }
}

impl Problem {
    /// In a few words.
    pub fn in_words(&self) -> &'static str {
        self.cause.in_words()
    }

    /// Whether it is the same thing that is wrong. Of a finding its evidence counts: one thing more that somebody
    /// changed by hand is news. The words of a failure carry times and request ids, so that its cause decides.
    pub(crate) fn is_the_same(&self, other: &Problem) -> bool {
        let alike = (self.is_finding, self.cause) == (other.is_finding, other.cause);
        let is_told = !self.is_finding && self.cause.is_telling();
        alike && (is_told || self.evidence == other.evidence)
    }
}

impl Sighting {
    /// `None` of an account that has left the organization.
    pub(crate) fn of(id: &AccountId, row: &AccountRow) -> Option<Sighting> {
        let has_left =
            row.plan.as_ref().is_some_and(|plan| plan.action == Action::Skip && plan.reason == GONE);
        let aim = aim(row);
        (!has_left).then(|| Sighting { aim, seen: seen(id, row, aim) })
    }

    /// The problem, where there is one.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.seen {
            Seen::Failing(problem) => Some(problem),
            Seen::LeftToOthers(_) | Seen::NotReached(_) | Seen::Well => None,
        }
    }

    /// Whether the run found out how the account is.
    pub(crate) fn is_known(&self) -> bool {
        matches!(self.seen, Seen::Well | Seen::Failing(_))
    }
}

fn aim(row: &AccountRow) -> Aim {
    let Some(plan) = &row.plan else {
        // Only AWS named it, because the role was brought there.
        return if row.deployment.is_some() { Aim::Role } else { Aim::Nothing };
    };
    match plan.action {
        Action::Remove | Action::Retain => Aim::NoRole,
        Action::Skip | Action::LeaveInPlace => Aim::Nothing,
        Action::Create
        | Action::Update
        | Action::Adopt
        | Action::Repair
        | Action::Recreate
        | Action::Keep
        | Action::Blocked
        | Action::LeaveOut
        | Action::OtherShard => Aim::Role,
    }
}

fn seen(id: &AccountId, row: &AccountRow, aim: Aim) -> Seen {
    if let Some(plan) = row.plan.as_ref().filter(|_| row.is_of_another_run()) {
        return Seen::LeftToOthers(plan.reason.clone());
    }
    if let Some(plan) = row.plan.as_ref().filter(|_| row.is_blocked()) {
        return Seen::Failing(Problem::failure(ProblemCause::Blocked, vec![told(&plan.reason, id)]));
    }
    deployment_seen(id, row).unwrap_or_else(|| verification_seen(id, row, aim))
}

/// What the deployment says; `None` where it is well, or where the run deploys nothing.
fn deployment_seen(id: &AccountId, row: &AccountRow) -> Option<Seen> {
    let status = row.deployment.as_ref()?;
    if status.is_open() {
        return Some(Seen::NotReached(format!("its deployment is {status}")));
    }
    let diagnosis = diagnose(status)?;
    let reason = status.reason().unwrap_or_default();
    Some(match diagnosis.cause {
        Cause::NotReached => Seen::NotReached(reason.to_owned()),
        cause => Seen::Failing(Problem::failure(ProblemCause::Deployment(cause), vec![told(reason, id)])),
    })
}

fn verification_seen(id: &AccountId, row: &AccountRow, aim: Aim) -> Seen {
    match &row.verification {
        Verification::NotVerified(reason) => Seen::NotReached(reason.clone()),
        Verification::Pending => Seen::NotReached("its verification is pending".to_owned()),
        Verification::NotAsked => match aim {
            Aim::Nothing => Seen::Well,
            // What was taken away, or retained, without a look at the account is as it was planned.
            Aim::NoRole if row.deployment.is_some() => Seen::Well,
            Aim::NoRole | Aim::Role => Seen::NotReached("it was not verified".to_owned()),
        },
        Verification::Done(_) if row.is_verified() => Seen::Well,
        Verification::Done(verdict) => {
            let cause = verdict.cause().unwrap_or(VerdictCause::Unknown);
            let telling = verdict.open_checks().filter(|result| is_telling(result, cause));
            Seen::Failing(Problem {
                is_finding: row.standing() == Standing::Finding,
                cause: ProblemCause::Verdict(cause),
                evidence: telling.flat_map(|result| lines(result, id)).collect(),
            })
        }
    }
}

/// What only follows from another check says nothing beside it.
fn is_telling(result: &CheckResult, cause: VerdictCause) -> bool {
    result.cause.is_some() || cause == VerdictCause::Unknown
}

fn lines(result: &CheckResult, id: &AccountId) -> Vec<String> {
    match result.evidence.as_slice() {
        [] => vec![format!("{}: {}", result.check, result.outcome)],
        evidence => evidence.iter().map(|line| format!("{}: {}", result.check, told(line, id))).collect(),
    }
}

/// What comes from outside, escaped, and without what differs from account to account.
fn told(text: &str, id: &AccountId) -> String {
    generalized(&escaped(text), id, &mut Vec::new())
}

impl Problem {
    fn failure(cause: ProblemCause, evidence: Vec<String>) -> Problem {
        Problem { is_finding: false, cause, evidence }
    }
}
