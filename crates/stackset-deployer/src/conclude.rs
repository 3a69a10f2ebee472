//! How the deployment in one account ended, from its result and its instance together: an operation that
//! succeeded may hold failed accounts, and one that failed may have succeeded in most (aws-facts A5, K13).

use rollout_model::{DeploymentStatus, InstanceStatus, ObservedInstance};

use crate::purpose::Purpose;

/// How an account stands after its operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Concluded {
    pub(crate) status: DeploymentStatus,
    /// Whether result and instance agree. Both are read with eventual consistency (aws-facts A16): until they
    /// do, another look may find something else.
    pub(crate) is_settled: bool,
}

/// What a failed deletion asks for (aws-facts A10).
const AFTER_A_FAILED_DELETION: &str = "a failed deletion leaves the stack instance INOPERABLE: delete the instance again with its stack retained, \
     as `rolecall retire` does, then mend in the account what AWS names here and delete the stack by hand";

/// What result and instance say together. `result` is what the operation said of the account, if anything;
/// AWS has no word for a skipped account there (aws-facts A13), so the instance decides in that case.
pub(crate) fn conclude(
    result: Option<DeploymentStatus>,
    instance: Option<&ObservedInstance>,
    purpose: Purpose,
) -> Concluded {
    if matches!(purpose, Purpose::Delete | Purpose::Retain | Purpose::LetGo) {
        return conclude_deletion(result, instance, purpose);
    }
    let seen = instance.map(|instance| &instance.status);
    let is_settled = match &result {
        Some(DeploymentStatus::Failed(_) | DeploymentStatus::Cancelled(_)) => true,
        Some(DeploymentStatus::Deployed) => seen == Some(&InstanceStatus::Current),
        None if seen == Some(&InstanceStatus::Current) => purpose == Purpose::Create,
        // AWS has left it alone, and will (aws-facts A8, A11).
        None => matches!(seen, Some(InstanceStatus::SkippedSuspended | InstanceStatus::FailedImport)),
        Some(_) => false,
    };
    let status = match result {
        Some(status @ (DeploymentStatus::Failed(_) | DeploymentStatus::Cancelled(_))) => status,
        Some(DeploymentStatus::Deployed) | None => by_instance(instance),
        Some(_) if seen == Some(&InstanceStatus::Current) => DeploymentStatus::Deployed,
        Some(open) => {
            DeploymentStatus::NotReached(format!("the operation ended while its result was `{open}`"))
        }
    };
    Concluded { status, is_settled }
}

/// A deletion has succeeded when there is no instance any more, whatever the operation says; a failed one
/// leaves an inoperable instance (aws-facts A10).
fn conclude_deletion(
    result: Option<DeploymentStatus>,
    instance: Option<&ObservedInstance>,
    purpose: Purpose,
) -> Concluded {
    let Some(instance) = instance else {
        return Concluded { status: purpose.success(), is_settled: true };
    };
    let is_settled = matches!(result, Some(DeploymentStatus::Failed(_) | DeploymentStatus::Cancelled(_)));
    let status = match result {
        Some(DeploymentStatus::Failed(reason)) if purpose == Purpose::Delete => {
            DeploymentStatus::Failed(format!("{reason}; {AFTER_A_FAILED_DELETION}"))
        }
        Some(status) if is_settled => status,
        // Nobody knows whether AWS still lets go of the stack of a suspended account (aws-facts A10).
        _ if instance.status == InstanceStatus::SkippedSuspended => DeploymentStatus::Skipped(
            "AWS leaves the stack instance of a suspended account alone: run `rolecall retire` again when the \
             account is open or has left the organization"
                .to_owned(),
        ),
        _ => {
            let reason = instance.reason.as_deref().unwrap_or("AWS gives no reason");
            DeploymentStatus::Failed(format!("the stack instance is still there: {reason}"))
        }
    };
    Concluded { status, is_settled }
}

fn by_instance(instance: Option<&ObservedInstance>) -> DeploymentStatus {
    let Some(instance) = instance else {
        let reason = "the operation ended without a stack instance for this account";
        return DeploymentStatus::NotReached(reason.to_owned());
    };
    let reason = instance.reason.clone().unwrap_or_else(|| format!("the instance is {}", instance.status));
    match instance.status {
        InstanceStatus::Current => DeploymentStatus::Deployed,
        InstanceStatus::SkippedSuspended => DeploymentStatus::Skipped(reason),
        InstanceStatus::FailedImport => DeploymentStatus::Failed(format!(
            "the import of the stack failed: {reason}; delete the stack instance with its stack retained, then \
             apply again"
        )),
        InstanceStatus::Outdated
        | InstanceStatus::Failed
        | InstanceStatus::Inoperable
        | InstanceStatus::Unrecognized(_) => DeploymentStatus::Failed(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeploymentStatus::{Cancelled, Deployed, Failed, Running};
    use InstanceStatus::{Current, FailedImport, Inoperable, Outdated, SkippedSuspended};

    fn instance(status: InstanceStatus) -> ObservedInstance {
        ObservedInstance { status, reason: None, has_stack: true, unit: None, last_operation: None }
    }

    fn concluded(result: Option<DeploymentStatus>, seen: Option<InstanceStatus>) -> Concluded {
        conclude(result, seen.map(instance).as_ref(), Purpose::Update)
    }

    #[test]
    fn an_account_is_deployed_only_when_its_instance_is_current() {
        let check = |result: Option<DeploymentStatus>, instance: Option<InstanceStatus>, expected: &str| {
            let status = concluded(result.clone(), instance.clone()).status;
            assert_eq!(status.to_string(), expected, "{result:?} {instance:?}");
        };
        check(Some(Deployed), Some(Current), "deployed");
        check(Some(Deployed), Some(Outdated), "failed");
        check(Some(Deployed), None, "not reached");
        check(None, Some(Current), "deployed");
        check(None, Some(SkippedSuspended), "skipped");
        check(None, Some(Inoperable), "failed");
        check(None, Some(FailedImport), "failed");
        check(None, None, "not reached");
        check(Some(Failed("taken".into())), Some(Current), "failed");
        check(Some(Cancelled("tolerance".into())), Some(Outdated), "cancelled");
        check(Some(Running), Some(Current), "deployed");
        check(Some(Running), Some(Outdated), "not reached");
    }

    #[test]
    fn what_may_only_be_lagging_is_not_settled() {
        let check = |result: Option<DeploymentStatus>, instance: Option<InstanceStatus>, expected: bool| {
            let is_settled = concluded(result.clone(), instance.clone()).is_settled;
            assert_eq!(is_settled, expected, "{result:?} {instance:?}");
        };
        check(Some(Deployed), Some(Current), true);
        check(Some(Failed("taken".into())), Some(Outdated), true);
        check(Some(Cancelled("tolerance".into())), None, true);
        check(None, Some(SkippedSuspended), true);
        check(None, Some(FailedImport), true);
        check(Some(Deployed), Some(Outdated), false);
        check(Some(Deployed), None, false);
        check(Some(Running), Some(Current), false);
        // Not listed yet, and perhaps the instance is still seen as it was before the operation.
        check(None, None, false);
        check(None, Some(Current), false);
        check(None, Some(Outdated), false);
    }

    #[test]
    fn a_current_instance_without_a_result_is_settled_where_current_ones_are_left_alone() {
        let concluded = conclude(None, Some(&instance(Current)), Purpose::Create);
        assert_eq!(concluded, Concluded { status: Deployed, is_settled: true });
    }

    #[test]
    fn a_deletion_has_succeeded_when_the_instance_is_gone() {
        let check = |result: Option<DeploymentStatus>,
                     seen: Option<InstanceStatus>,
                     expected: (&str, bool)| {
            let seen = seen.map(instance);
            let Concluded { status, is_settled } = conclude(result.clone(), seen.as_ref(), Purpose::Delete);
            assert_eq!((status.to_string().as_str(), is_settled), expected, "{result:?} {seen:?}");
        };
        check(Some(DeploymentStatus::Removed), None, ("removed", true));
        check(None, None, ("removed", true));
        check(Some(DeploymentStatus::Removed), Some(Current), ("failed", false));
        check(Some(Running), Some(Current), ("failed", false));
        check(Some(Failed("no".into())), Some(Inoperable), ("failed", true));
        check(Some(Cancelled("tolerance".into())), Some(Current), ("cancelled", true));
        check(None, Some(SkippedSuspended), ("skipped", false));
    }

    #[test]
    fn a_failed_deletion_is_told_with_awss_reason_and_the_remedy_and_one_that_leaves_the_stack_without() {
        let reason = |purpose| {
            let seen = instance(Inoperable);
            let concluded = conclude(Some(Failed("DeleteConflict".into())), Some(&seen), purpose);
            concluded.status.reason().unwrap_or_default().to_owned()
        };
        let with_remedy = reason(Purpose::Delete);
        assert!(with_remedy.starts_with("DeleteConflict; "), "{with_remedy}");
        assert!(with_remedy.contains("again with its stack retained"), "{with_remedy}");
        assert_eq!(reason(Purpose::Retain), "DeleteConflict");
        assert_eq!(conclude(None, None, Purpose::Retain).status, DeploymentStatus::Retained);
    }
}
