//! What happens in one account, from what is wanted and what AWS holds there.

use rollout_model::{
    Account, Action, InstanceStatus, ObservedInstance, ObservedStack, ObservedStackSet, StackDefinition,
    StackSetDefinition,
};

use crate::plan::MARK;
use crate::select::Membership;

/// An action with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) action: Action,
    pub(crate) reason: String,
}

fn decision(action: Action, reason: impl Into<String>) -> Decision {
    Decision { action, reason: reason.into() }
}

/// A member account: everything goes through the StackSet.
pub(crate) fn member(
    account: &Account,
    membership: &Membership,
    instance: Option<&ObservedInstance>,
    definition_changes: bool,
) -> Decision {
    if !membership.selected {
        return match instance {
            Some(instance) => decision(
                Action::LeaveInPlace,
                format!("{}; its stack instance ({}) stays", membership.reason, instance.status),
            ),
            None => decision(Action::Skip, membership.reason.clone()),
        };
    }
    if !account.state.is_deployable() {
        return decision(Action::Skip, format!("account is {}", account.state));
    }
    let Some(instance) = instance else {
        return decision(Action::Create, membership.reason.clone());
    };
    let last_failure = || instance.reason.clone().unwrap_or_else(|| "no reason given".to_owned());
    match &instance.status {
        InstanceStatus::Current if definition_changes => {
            decision(Action::Update, "the StackSet's definition changes")
        }
        InstanceStatus::Current => decision(Action::Keep, membership.reason.clone()),
        InstanceStatus::Outdated if !instance.has_stack => {
            decision(Action::Create, format!("the last attempt left no stack: {}", last_failure()))
        }
        InstanceStatus::Outdated => decision(Action::Update, format!("outdated: {}", last_failure())),
        InstanceStatus::SkippedSuspended if instance.has_stack => {
            decision(Action::Update, "was skipped while the account was suspended")
        }
        InstanceStatus::SkippedSuspended => {
            decision(Action::Create, "was skipped while the account was suspended")
        }
        InstanceStatus::Inoperable => decision(
            Action::Blocked,
            format!(
                "the stack instance is INOPERABLE ({}): delete it with its stack retained, then plan again",
                last_failure()
            ),
        ),
        InstanceStatus::Unrecognized(status) => {
            decision(Action::Blocked, format!("the stack instance has the unknown status {status}"))
        }
    }
}

/// The management account: a plain stack, because service-managed StackSets never reach it (aws-facts A3).
pub(crate) fn management(
    membership: &Membership,
    stack: Option<&ObservedStack>,
    wanted: &StackDefinition,
) -> Decision {
    if !membership.selected {
        return match stack {
            Some(stack) if stack.tags.get(MARK) == wanted.tags.get(MARK) => {
                decision(Action::LeaveInPlace, format!("{}; its stack stays", membership.reason))
            }
            _ => decision(Action::Skip, membership.reason.clone()),
        };
    }
    let Some(stack) = stack else { return decision(Action::Create, membership.reason.clone()) };
    let status = stack.status.as_str();
    match status {
        // Only these can be updated (aws-facts C2).
        "CREATE_COMPLETE"
        | "UPDATE_COMPLETE"
        | "UPDATE_ROLLBACK_COMPLETE"
        | "IMPORT_COMPLETE"
        | "IMPORT_ROLLBACK_COMPLETE" => {
            if same_template(&stack.template, &wanted.template) && stack.tags == wanted.tags {
                decision(Action::Keep, membership.reason.clone())
            } else {
                decision(Action::Update, "the stack's definition changes")
            }
        }
        _ if status.ends_with("_IN_PROGRESS") => decision(
            Action::Blocked,
            format!("the stack is in {status}: wait until it has ended, then plan again"),
        ),
        _ => decision(Action::Blocked, format!("the stack is in {status}: delete it, then plan again")),
    }
}

/// Whether the set has to be given a new definition. An identical update would still visit every instance
/// (aws-facts A8), so this is decided here and not left to AWS. Parameter values are masked by AWS; the
/// digest among the tags stands for them.
pub(crate) fn definition_changes(observed: &ObservedStackSet, wanted: &StackSetDefinition) -> bool {
    !same_template(&observed.template, &wanted.template)
        || !observed.parameters.iter().eq(wanted.parameters.keys())
        || observed.tags != wanted.tags
        || observed.description != wanted.description
}

/// Whether only settings differ that no stack notices.
pub(crate) fn settings_change(observed: &ObservedStackSet, wanted: &StackSetDefinition) -> bool {
    observed.auto_deployment != wanted.auto_deployment
        || observed.managed_execution != wanted.managed_execution
}

/// AWS returns the template as it was sent, but for line ends.
fn same_template(one: &str, other: &str) -> bool {
    one.lines().eq(other.lines())
}

#[cfg(test)]
mod tests {
    use rollout_model::AccountState;

    use super::*;
    use crate::testing::{account_id, organization};

    fn selected(selected: bool) -> Membership {
        Membership { selected, reason: "because".to_owned() }
    }

    fn instance(status: InstanceStatus, has_stack: bool) -> ObservedInstance {
        ObservedInstance { status, reason: None, has_stack }
    }

    #[track_caller]
    fn check(is_selected: bool, seen: Option<ObservedInstance>, changes: bool, expected: Action) {
        let organization = organization();
        let account = &organization.accounts[&account_id(21)];
        let decided = member(account, &selected(is_selected), seen.as_ref(), changes);
        assert_eq!(decided.action, expected, "{seen:?}: {}", decided.reason);
    }

    #[test]
    fn a_member_account_is_decided_by_its_instance() {
        use InstanceStatus::{Current, Inoperable, Outdated, SkippedSuspended, Unrecognized};
        check(true, None, false, Action::Create);
        check(true, Some(instance(Current, true)), false, Action::Keep);
        check(true, Some(instance(Current, true)), true, Action::Update);
        check(true, Some(instance(Outdated, true)), false, Action::Update);
        check(true, Some(instance(Outdated, false)), false, Action::Create);
        check(true, Some(instance(Outdated, false)), true, Action::Create);
        check(true, Some(instance(SkippedSuspended, false)), false, Action::Create);
        check(true, Some(instance(Inoperable, true)), false, Action::Blocked);
        check(true, Some(instance(Unrecognized("NEW".into()), true)), false, Action::Blocked);
        check(false, None, false, Action::Skip);
        check(false, Some(instance(Current, true)), true, Action::LeaveInPlace);
    }

    #[test]
    fn an_account_that_is_not_open_is_skipped_with_its_state() {
        let mut account = organization().accounts[&account_id(21)].clone();
        account.state = AccountState::PendingClosure;
        let decided = member(&account, &selected(true), None, false);
        assert_eq!(decided, decision(Action::Skip, "account is pending closure"));
    }

    #[test]
    fn the_management_stack_is_decided_by_its_status_and_content() {
        let wanted = StackDefinition {
            name: "role".parse().unwrap(),
            template: "{\n}\n".to_owned(),
            parameters: Default::default(),
            tags: [("mark".to_owned(), "1".to_owned())].into(),
        };
        let check = |status: &str, template: &str, expected: Action| {
            let stack = ObservedStack {
                status: status.to_owned(),
                template: template.to_owned(),
                tags: wanted.tags.clone(),
            };
            let decided = management(&selected(true), Some(&stack), &wanted);
            assert_eq!(decided.action, expected, "{status} {template:?}");
        };
        check("CREATE_COMPLETE", "{\r\n}", Action::Keep);
        check("CREATE_COMPLETE", "{}", Action::Update);
        check("UPDATE_ROLLBACK_COMPLETE", "{\n}", Action::Keep);
        check("UPDATE_IN_PROGRESS", "{\n}", Action::Blocked);
        check("ROLLBACK_COMPLETE", "{\n}", Action::Blocked);
        assert_eq!(management(&selected(true), None, &wanted).action, Action::Create);
        assert_eq!(management(&selected(false), None, &wanted).action, Action::Skip);
    }
}
