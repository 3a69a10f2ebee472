//! Whether the role lets in whom it should, and nobody without the external ID: by what STS answered.

use aws_failure::AwsFailure;
use rollout_model::VerdictCause;

use super::{Case, Judged};
use crate::attempt::{Attempt, Identity};
use crate::observe::Tried;

impl Case<'_> {
    pub(super) fn entered(self, attempt: &Attempt) -> Judged {
        match attempt {
            Attempt::Entered => Judged::pass(Vec::new()),
            Attempt::Refused(failure) => self.why_refused(failure),
            Attempt::Failed(failure) => no_answer(failure),
        }
    }

    pub(super) fn expected_account(self, tried: &Tried) -> Judged {
        let Identity { account, arn } = match &tried.identity {
            None => return Judged::depends("there was no session to ask"),
            Some(Err(failure)) => return no_answer(failure),
            Some(Ok(identity)) => identity,
        };
        // The session's ARN drops the role's path (aws-facts E1).
        let is_role = arn.contains(&format!(":assumed-role/{}/", self.expected().role.name));
        if *account == self.target.account.as_str() && is_role {
            Judged::pass(vec![arn.clone()])
        } else {
            let evidence = format!("the session is {arn} in account {account}");
            Judged::fail(VerdictCause::WrongIdentity, vec![evidence])
        }
    }

    /// A refusal only counts when the right external ID got in: a role that refuses everybody proves nothing.
    pub(super) fn refused(self, tried: &Tried, attempt: Option<&Attempt>, how: &str) -> Judged {
        if self.expected().external_id.is_none() {
            return Judged::not_applicable();
        }
        match attempt {
            Some(Attempt::Entered) => {
                let evidence =
                    format!("the role let its principal in {how}: it does not ask for the right one");
                Judged::fail(VerdictCause::ExternalIdNotRequired, vec![evidence])
            }
            Some(Attempt::Refused(_)) => Judged::pass(Vec::new()),
            Some(Attempt::Failed(failure)) => no_answer(failure),
            None if matches!(tried.entered, Attempt::Refused(_)) => {
                Judged::depends("not tried: with the right external ID, too, the role refuses")
            }
            None => Judged::depends("not tried: it is not known whether the right external ID gets in"),
        }
    }
}

/// STS gave no verdict.
fn no_answer(failure: &AwsFailure) -> Judged {
    let said = failure.to_string();
    let cause = if failure.is_throttled() {
        VerdictCause::ThrottledOut
    } else if failure.code() == Some("ValidationError") && failure.message().contains("DurationSeconds") {
        // No code tells it from other invalid values (aws-facts E1).
        VerdictCause::SessionTooLong
    } else {
        VerdictCause::Unknown
    };
    Judged::unknown(cause, vec![said])
}
