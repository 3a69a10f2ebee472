//! What AWS holds of the rollout, and whether `verify` gets in.

use jiff::Timestamp;
use rollout_model::{
    CallAs, CheckupRow, CheckupState, MARK, ManagementAccount, Need, ObservedOperation, StackSetSnapshot,
    Subject,
};

use super::{row, unseen, with_remedy};
use crate::doctor::seen::{Entered, RolloutSeen, Seen};
use crate::snapshot::age;

pub(super) fn stack_set(seen: &Seen, rollout: &RolloutSeen, now: Timestamp) -> CheckupRow {
    let (subject, need) = (Subject::StackSet, Need::Deploying);
    let snapshot = match &rollout.snapshot {
        Ok(snapshot) => snapshot,
        Err(why) => return unseen(subject, need, why),
    };
    let RolloutSeen { stack_set: name, rollout: ours, .. } = rollout;
    if let Some(found) = foreign(rollout, snapshot) {
        let found = format!("{found} carries no mark of this rollout (tag {MARK}={ours})");
        let remedy = "choose another name for the rollout, or look at `rolecall plan --adopt` if it is yours";
        return with_remedy(row(subject, need, CheckupState::NotReady, found), remedy);
    }
    if snapshot.stack_set.is_none() {
        return row(subject, need, CheckupState::Ok, format!("`{name}` is not there yet; `apply` makes it"));
    }
    let holder = snapshot.operations.iter().min_by_key(|operation| operation.precedence());
    let Some(operation) = holder else {
        return row(subject, need, CheckupState::Ok, format!("`{name}` is there, and is this rollout's"));
    };
    let ObservedOperation { id, action, status, created } = operation;
    let since = created.and_then(|created| Timestamp::try_from(created).ok());
    let since = since.map(|since| format!(", for {}", age(since, now))).unwrap_or_default();
    let found = format!("`{name}` is busy: operation {id} ({action}, {status}{since}); `apply` waits for it");
    let call_as = match seen.call_as() {
        CallAs::Myself => "",
        CallAs::DelegatedAdmin => " --call-as DELEGATED_ADMIN",
    };
    let remedy = format!(
        "`aws cloudformation describe-stack-set-operation --stack-set-name {name} --operation-id {id}{call_as}`"
    );
    with_remedy(row(subject, need, CheckupState::Warning, found), remedy)
}

/// The set or the stack of the rollout's name that is not its own.
fn foreign(rollout: &RolloutSeen, snapshot: &StackSetSnapshot) -> Option<String> {
    let RolloutSeen { stack_set, stack, rollout: ours, .. } = rollout;
    if snapshot.stack_set.as_ref().is_some_and(|set| !set.is_of(ours)) {
        return Some(format!("the StackSet `{stack_set}`"));
    }
    let at_home = snapshot.management_stack.as_ref();
    let at_home = at_home.filter(|_| rollout.management_account == ManagementAccount::Include);
    let is_foreign = at_home.is_some_and(|stack| !stack.is_of(ours));
    is_foreign.then(|| format!("the stack `{stack}` of the management account"))
}

/// STS does not say why it refuses (aws-facts E2), and the one account that was tried may be an exception.
pub(super) fn verifying_roles(seen: &Seen) -> Option<CheckupRow> {
    let (subject, need) = (Subject::VerifyingRoles, Need::Everything);
    let refused: Vec<&Entered> = seen.entered.iter().filter(|role| role.refusal.is_some()).collect();
    if seen.entered.is_empty() {
        return None;
    }
    if refused.is_empty() {
        let roles = seen.entered.iter().map(|entered| entered.role.to_string()).collect::<Vec<_>>();
        return Some(row(subject, need, CheckupState::Ok, format!("entered {}", roles.join(", "))));
    }
    let state = match refused.iter().any(|role| role.key == "verify.from") {
        true => CheckupState::NotReady,
        false => CheckupState::Warning,
    };
    let found = refused.iter().map(|entered| {
        let why = entered.refusal.as_deref().unwrap_or_default();
        format!("could not enter {} ({}): {why}", entered.role, entered.key)
    });
    let remedy =
        "allow sts:AssumeRole on these roles (config/iam/read-only.json), and let them trust the caller";
    let row = row(subject, need, state, found.collect::<Vec<_>>().join("; "));
    Some(with_remedy(row, remedy))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use rollout_model::{AutoDeployment, ObservedStack, ObservedStackSet};

    use super::super::testing::{a_rollout, all_well};
    use super::*;

    fn set(mark: &str) -> ObservedStackSet {
        ObservedStackSet {
            template: String::new(),
            parameters: [].into(),
            tags: [(MARK.to_owned(), mark.to_owned())].into(),
            auto_deployment: AutoDeployment { enabled: false, retain_on_removal: false },
            managed_execution: true,
            permission_model: None,
            description: String::new(),
        }
    }

    fn check(snapshot: StackSetSnapshot, state: CheckupState, found: &str) -> CheckupRow {
        let rollout = RolloutSeen { snapshot: Ok(snapshot), ..a_rollout() };
        let now = Timestamp::from_second(10_000).unwrap();
        let row = stack_set(&all_well(), &rollout, now);
        assert_eq!((row.state, row.found.as_str()), (state, found));
        row
    }

    #[test]
    fn the_set_of_a_rollout_is_absent_ours_or_somebody_elses() {
        let snapshot = |mark: &str| StackSetSnapshot { stack_set: Some(set(mark)), ..Default::default() };
        check(StackSetSnapshot::default(), CheckupState::Ok, "`demo` is not there yet; `apply` makes it");
        check(snapshot("demo"), CheckupState::Ok, "`demo` is there, and is this rollout's");
        let mark = "carries no mark of this rollout (tag rolecall:rollout=demo)";
        check(snapshot("other"), CheckupState::NotReady, &format!("the StackSet `demo` {mark}"));
        let stack = ObservedStack {
            status: "CREATE_COMPLETE".to_owned(),
            is_protected: true,
            template: String::new(),
            parameters: [].into(),
            tags: [].into(),
        };
        let stack = StackSetSnapshot { management_stack: Some(stack), ..snapshot("demo") };
        let found = format!("the stack `demo` of the management account {mark}");
        check(stack, CheckupState::NotReady, &found);
    }

    #[test]
    fn a_busy_set_is_told_with_the_operation_that_runs_and_its_age() {
        let operation = |id: &str, status: &str| ObservedOperation {
            id: id.parse().unwrap(),
            action: "UPDATE".to_owned(),
            status: status.to_owned(),
            created: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(10_000 - 7_200)),
        };
        let operations = vec![operation("a", "QUEUED"), operation("b", "RUNNING")];
        let snapshot = StackSetSnapshot { stack_set: Some(set("demo")), operations, ..Default::default() };
        let found = "`demo` is busy: operation b (UPDATE, RUNNING, for 2h); `apply` waits for it";
        let row = check(snapshot, CheckupState::Warning, found);
        let remedy = row.remedy.unwrap();
        assert!(remedy.ends_with("--stack-set-name demo --operation-id b`"), "{remedy}");
    }

    #[test]
    fn the_trusted_principal_has_to_be_entered_and_one_account_may_be_an_exception() {
        let mut seen = all_well();
        assert_eq!(verifying_roles(&seen), None);
        let entered = |key: &'static str, refusal: Option<&str>| Entered {
            key,
            role: "arn:aws:iam::222222222222:role/Access".parse().unwrap(),
            refusal: refusal.map(str::to_owned),
        };
        seen.entered = vec![entered("verify.from", None), entered("verify.access_role", None)];
        assert_eq!(verifying_roles(&seen).unwrap().state, CheckupState::Ok);
        seen.entered = vec![entered("verify.from", None), entered("verify.access_role", Some("no"))];
        assert_eq!(verifying_roles(&seen).unwrap().state, CheckupState::Warning);
        seen.entered = vec![entered("verify.from", Some("no")), entered("verify.access_role", None)];
        assert_eq!(verifying_roles(&seen).unwrap().state, CheckupState::NotReady);
    }
}
