//! How the deployment in one account ended, from its result and its instance together: an operation that
//! succeeded may hold failed accounts, and one that failed may have succeeded in most (aws-facts A5, K13).

use rollout_model::{DeploymentStatus, InstanceStatus, ObservedInstance};

/// The last word on one account. `result` is what the operation said of it, if anything; AWS has no word for
/// a skipped account there (aws-facts A13), so the instance decides in that case.
pub(crate) fn conclude(
    result: Option<DeploymentStatus>,
    instance: Option<&ObservedInstance>,
) -> DeploymentStatus {
    match result {
        Some(status @ (DeploymentStatus::Failed(_) | DeploymentStatus::Cancelled(_))) => status,
        Some(DeploymentStatus::Deployed) | None => by_instance(instance),
        Some(open) => match instance.map(|instance| &instance.status) {
            Some(InstanceStatus::Current) => DeploymentStatus::Deployed,
            _ => DeploymentStatus::NotReached(format!("the operation ended while its result was `{open}`")),
        },
    }
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
        InstanceStatus::Outdated | InstanceStatus::Inoperable | InstanceStatus::Unrecognized(_) => {
            DeploymentStatus::Failed(reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(result: Option<DeploymentStatus>, instance: Option<InstanceStatus>, expected: &str) {
        let instance = instance.map(|status| ObservedInstance { status, reason: None, has_stack: true });
        let concluded = conclude(result.clone(), instance.as_ref());
        assert_eq!(concluded.to_string(), expected, "{result:?} {instance:?}");
    }

    #[test]
    fn an_account_is_deployed_only_when_its_instance_is_current() {
        use DeploymentStatus::{Cancelled, Deployed, Failed, Running};
        use InstanceStatus::{Current, Inoperable, Outdated, SkippedSuspended};
        check(Some(Deployed), Some(Current), "deployed");
        check(Some(Deployed), Some(Outdated), "failed");
        check(Some(Deployed), None, "not reached");
        check(None, Some(Current), "deployed");
        check(None, Some(SkippedSuspended), "skipped");
        check(None, Some(Inoperable), "failed");
        check(None, None, "not reached");
        check(Some(Failed("taken".into())), Some(Current), "failed");
        check(Some(Cancelled("tolerance".into())), Some(Outdated), "cancelled");
        check(Some(Running), Some(Current), "deployed");
        check(Some(Running), Some(Outdated), "not reached");
    }
}
