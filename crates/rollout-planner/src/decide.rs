//! What happens in one account, from what is wanted and what AWS holds there.

use rollout_model::{
    Account, Action, InstanceStatus, ObservedInstance, ObservedStack, ObservedStackSet, PermissionModel,
    RolloutName, RolloutSpec, StackArn, StackDefinition, StackSetDefinition, StackSetSnapshot,
};

use crate::select::Membership;

/// An action with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) action: Action,
    pub(crate) reason: String,
}

pub(crate) fn decision(action: Action, reason: impl Into<String>) -> Decision {
    Decision { action, reason: reason.into() }
}

/// What a decision about an account depends on besides the account itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    /// Whether the StackSet gets a new definition.
    pub(crate) definition_changes: bool,
    /// Whether the StackSet, or the stack, is one without our mark that is taken over.
    pub(crate) adopting: bool,
    /// Whether the operator agreed to removals.
    pub(crate) removal: bool,
    /// Whether the operator agreed to taking over what exists.
    pub(crate) adoption: bool,
}

/// What there is in a member account already.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    Nothing,
    /// A stack that the configuration wants to be imported.
    StackToImport(&'a StackArn),
    Instance(&'a ObservedInstance),
}

impl Circumstances {
    pub(crate) fn of(spec: &RolloutSpec, observed: &StackSetSnapshot) -> Circumstances {
        let set = observed.stack_set.as_ref();
        Circumstances {
            definition_changes: set.is_some_and(|set| definition_changes(set, &spec.stack_set)),
            adopting: set.is_some_and(|set| !set.is_of(&spec.rollout)),
            removal: spec.consent.removal,
            adoption: spec.consent.adoption,
        }
    }
}

/// A member account: everything goes through the StackSet.
pub(crate) fn member(
    account: &Account,
    membership: &Membership,
    found: Found<'_>,
    circumstances: Circumstances,
) -> Decision {
    match (membership.selected, found) {
        (false, Found::Nothing | Found::StackToImport(_)) => {
            decision(Action::Skip, membership.reason.clone())
        }
        (false, Found::Instance(instance)) => stray(account, membership, instance, circumstances),
        (true, _) if !account.state.is_deployable() => {
            decision(Action::Skip, format!("account is {}", account.state))
        }
        (true, Found::Nothing) => decision(Action::Create, membership.reason.clone()),
        (true, Found::StackToImport(stack)) => import(stack, circumstances),
        (true, Found::Instance(instance)) => target(membership, instance, circumstances),
    }
}

/// A stack that the set is to take over is not touched before the operator says so, on the command line too.
fn import(stack: &StackArn, circumstances: Circumstances) -> Decision {
    match circumstances.adoption {
        true => decision(Action::Adopt, format!("its stack {stack} is imported")),
        false => decision(
            Action::Blocked,
            format!("its stack {stack} would be imported into the StackSet: give `--adopt` if that is meant"),
        ),
    }
}

/// An instance in an account that is no target. AWS skips suspended accounts in every operation and cannot
/// delete in closed ones (aws-facts A3, A10).
fn stray(
    account: &Account,
    membership: &Membership,
    instance: &ObservedInstance,
    circumstances: Circumstances,
) -> Decision {
    let Membership { reason, .. } = membership;
    let stays = format!("its stack instance ({}) stays", instance.status);
    if !circumstances.removal {
        decision(Action::LeaveInPlace, format!("{reason}; {stays} unless `--remove` is given"))
    } else if !account.state.is_deployable() {
        decision(Action::LeaveInPlace, format!("{reason}; {stays}, because the account is {}", account.state))
    } else {
        decision(Action::Remove, reason.clone())
    }
}

/// The instance of a target.
fn target(
    membership: &Membership,
    instance: &ObservedInstance,
    Circumstances { definition_changes, adopting, .. }: Circumstances,
) -> Decision {
    let last_failure = || instance.reason.clone().unwrap_or_else(|| "no reason given".to_owned());
    match &instance.status {
        InstanceStatus::Current | InstanceStatus::Outdated | InstanceStatus::Failed
            if adopting && instance.has_stack =>
        {
            decision(Action::Adopt, "belongs to the StackSet that is taken over")
        }
        InstanceStatus::Current if definition_changes => {
            decision(Action::Update, "the StackSet's definition changes")
        }
        InstanceStatus::Current => decision(Action::Keep, membership.reason.clone()),
        InstanceStatus::Outdated | InstanceStatus::Failed if !instance.has_stack => {
            decision(Action::Repair, format!("the last attempt left no stack: {}", last_failure()))
        }
        InstanceStatus::Outdated | InstanceStatus::Failed if definition_changes => decision(
            Action::Update,
            format!("the StackSet's definition changes; before, it was outdated: {}", last_failure()),
        ),
        InstanceStatus::Outdated | InstanceStatus::Failed => {
            decision(Action::Repair, format!("outdated: {}", last_failure()))
        }
        InstanceStatus::SkippedSuspended => {
            decision(Action::Repair, "was skipped while the account was suspended")
        }
        InstanceStatus::Inoperable => decision(
            Action::Blocked,
            format!(
                "the stack instance is INOPERABLE ({}): delete it with its stack retained, then plan again",
                last_failure()
            ),
        ),
        InstanceStatus::FailedImport => decision(
            Action::Blocked,
            format!(
                "the import of its stack failed ({}): delete the stack instance with its stack retained, then plan \
                 again",
                last_failure()
            ),
        ),
        InstanceStatus::Unrecognized(status) => {
            decision(Action::Blocked, format!("the stack instance has the unknown status {status}"))
        }
    }
}

/// An account whose stack is said to be as specified, and whose role is gone: its owner deleted the stack or the
/// role. StackSets does not notice, so the instance is let go of and made anew (aws-facts K29). A plain stack is
/// not deleted unasked.
pub(crate) fn without_its_role(decided: Decision, is_management: bool) -> Decision {
    match (decided.action, is_management) {
        (Action::Keep, false) => decision(Action::Recreate, "the instance is CURRENT and the role is gone"),
        (Action::Keep, true) => decision(
            Action::Blocked,
            "the stack is there and its role is gone: end the protection of the stack and delete it, then apply \
             again",
        ),
        _ => decided,
    }
}

/// The management account: a plain stack, because service-managed StackSets never reach it (aws-facts A3).
/// Self-managed ones could (aws-facts A1), and one way for both is worth more than a stack less.
pub(crate) fn management(
    membership: &Membership,
    stack: Option<&ObservedStack>,
    wanted: &StackDefinition,
    rollout: &RolloutName,
) -> Decision {
    if !membership.selected {
        return match stack {
            Some(stack) if stack.is_of(rollout) => decision(
                Action::LeaveInPlace,
                format!("{}; its stack stays: delete it by hand if it is not wanted", membership.reason),
            ),
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
            if !stack.is_of(rollout) {
                decision(Action::Adopt, "the stack is taken over")
            } else if !same_template(&stack.template, &wanted.template) || stack.tags != wanted.tags {
                decision(Action::Update, "the stack's definition changes")
            } else if !stack.is_protected {
                decision(Action::Update, "the stack is not protected against deletion")
            } else {
                decision(Action::Keep, membership.reason.clone())
            }
        }
        // Made for a change set that was never executed: there is nothing yet.
        "REVIEW_IN_PROGRESS" => decision(Action::Create, membership.reason.clone()),
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" if stack.is_of(rollout) => decision(
            Action::Repair,
            format!("its creation failed ({status}): the stack is deleted and created anew"),
        ),
        _ if status.ends_with("_IN_PROGRESS") => decision(
            Action::Blocked,
            format!("the stack is in {status}: wait until it has ended, then plan again"),
        ),
        _ => decision(Action::Blocked, format!("the stack is in {status}: delete it, then plan again")),
    }
}

/// Leaves out everything but another attempt.
pub(crate) fn only_failed(decided: Decision) -> Decision {
    if matches!(decided.action, Action::Repair | Action::Blocked | Action::LeaveInPlace | Action::Skip) {
        return decided;
    }
    let reason = format!(
        "only accounts that failed are tried again; otherwise: {} ({})",
        decided.action, decided.reason
    );
    decision(Action::Skip, reason)
}

/// Whether the set has to be given a new definition. An identical update would still visit every instance
/// (aws-facts A8), so this is decided here and not left to AWS. Parameter values are masked by AWS; the
/// digest among the tags stands for them.
pub(crate) fn definition_changes(observed: &ObservedStackSet, wanted: &StackSetDefinition) -> bool {
    !same_template(&observed.template, &wanted.template)
        || !observed.parameters.keys().eq(wanted.parameters.keys())
        || observed.tags != wanted.tags
        || observed.description != wanted.description
}

/// Whether only settings differ that no stack notices.
pub(crate) fn settings_change(observed: &ObservedStackSet, wanted: &StackSetDefinition) -> bool {
    observed.auto_deployment != wanted.auto_deployment
        || observed.managed_execution != wanted.managed_execution
}

/// Whether a self-managed set is to deploy by other roles. Every update of the set names them (aws-facts A1).
pub(crate) fn roles_change(observed: &ObservedStackSet, wanted: &StackSetDefinition) -> bool {
    use PermissionModel::SelfManaged;
    match (&observed.permission_model, &wanted.permission_model) {
        (
            Some(SelfManaged { administration_role: from, execution_role: enters }),
            SelfManaged { administration_role: to, execution_role: to_enter },
        ) => enters != to_enter || !from.is_same(to),
        _ => false,
    }
}

/// AWS returns the template as it was sent, but for line ends.
pub(crate) fn same_template(one: &str, other: &str) -> bool {
    one.lines().eq(other.lines())
}

#[cfg(test)]
mod tests {
    use rollout_model::{AccountState, MARK};

    use super::*;
    use crate::testing::{account_id, organization};

    fn selected(selected: bool) -> Membership {
        Membership { selected, reason: "because".to_owned() }
    }

    fn instance(status: InstanceStatus, has_stack: bool) -> ObservedInstance {
        ObservedInstance { status, reason: None, has_stack, unit: None, last_operation: None }
    }

    const NOTHING_SPECIAL: Circumstances =
        Circumstances { definition_changes: false, adopting: false, removal: false, adoption: false };

    #[track_caller]
    fn check(is_selected: bool, seen: Option<ObservedInstance>, given: Circumstances, expected: Action) {
        let organization = organization();
        let account = &organization.accounts[&account_id(21)];
        let found = seen.as_ref().map_or(Found::Nothing, Found::Instance);
        let decided = member(account, &selected(is_selected), found, given);
        assert_eq!(decided.action, expected, "{seen:?} {given:?}: {}", decided.reason);
    }

    #[test]
    fn a_member_account_is_decided_by_its_instance() {
        use InstanceStatus::{Current, FailedImport, Inoperable, Outdated, SkippedSuspended, Unrecognized};
        let changing = Circumstances { definition_changes: true, ..NOTHING_SPECIAL };
        check(true, None, NOTHING_SPECIAL, Action::Create);
        check(true, Some(instance(Current, true)), NOTHING_SPECIAL, Action::Keep);
        check(true, Some(instance(Current, true)), changing, Action::Update);
        check(true, Some(instance(Outdated, true)), NOTHING_SPECIAL, Action::Repair);
        check(true, Some(instance(Outdated, true)), changing, Action::Update);
        check(true, Some(instance(Outdated, false)), NOTHING_SPECIAL, Action::Repair);
        check(true, Some(instance(Outdated, false)), changing, Action::Repair);
        check(true, Some(instance(SkippedSuspended, false)), NOTHING_SPECIAL, Action::Repair);
        check(true, Some(instance(Inoperable, true)), NOTHING_SPECIAL, Action::Blocked);
        check(true, Some(instance(FailedImport, false)), NOTHING_SPECIAL, Action::Blocked);
        check(true, Some(instance(Unrecognized("NEW".into()), true)), NOTHING_SPECIAL, Action::Blocked);
        check(false, None, NOTHING_SPECIAL, Action::Skip);
        check(false, Some(instance(Current, true)), changing, Action::LeaveInPlace);
    }

    #[test]
    fn what_belongs_to_an_adopted_stack_set_is_adopted() {
        use InstanceStatus::{Current, Inoperable, Outdated};
        let adopting =
            Circumstances { definition_changes: true, adopting: true, adoption: true, ..NOTHING_SPECIAL };
        check(true, Some(instance(Current, true)), adopting, Action::Adopt);
        check(true, Some(instance(Outdated, true)), adopting, Action::Adopt);
        check(true, Some(instance(Outdated, false)), adopting, Action::Repair);
        check(true, Some(instance(Inoperable, true)), adopting, Action::Blocked);
        check(true, None, adopting, Action::Create);
    }

    #[test]
    fn the_role_is_taken_away_only_with_consent_and_only_from_open_accounts() {
        let current = || Some(instance(InstanceStatus::Current, true));
        let removing = Circumstances { removal: true, ..NOTHING_SPECIAL };
        check(false, current(), removing, Action::Remove);
        check(false, None, removing, Action::Skip);
        check(true, current(), removing, Action::Keep);
        let mut account = organization().accounts[&account_id(21)].clone();
        account.state = AccountState::Suspended;
        let decided = member(&account, &selected(false), Found::Instance(&current().unwrap()), removing);
        assert_eq!(decided.action, Action::LeaveInPlace);
        assert!(decided.reason.ends_with("because the account is suspended"), "{}", decided.reason);
    }

    #[test]
    fn an_account_that_is_not_open_is_skipped_with_its_state() {
        let mut account = organization().accounts[&account_id(21)].clone();
        account.state = AccountState::PendingClosure;
        let decided = member(&account, &selected(true), Found::Nothing, NOTHING_SPECIAL);
        assert_eq!(decided, decision(Action::Skip, "account is pending closure"));
    }

    #[test]
    fn the_management_stack_is_decided_by_its_status_and_content() {
        let rollout: RolloutName = "demo".parse().unwrap();
        let wanted = StackDefinition {
            name: "role".parse().unwrap(),
            template: "{\n}\n".to_owned(),
            parameters: Default::default(),
            tags: [(MARK.to_owned(), rollout.to_string())].into(),
        };
        let stack = |status: &str, template: &str| ObservedStack {
            is_protected: true,
            status: status.to_owned(),
            template: template.to_owned(),
            parameters: Default::default(),
            tags: wanted.tags.clone(),
        };
        let decided =
            |stack: &ObservedStack| management(&selected(true), Some(stack), &wanted, &rollout).action;
        let check = |status: &str, template: &str, expected: Action| {
            assert_eq!(decided(&stack(status, template)), expected, "{status} {template:?}");
        };
        check("CREATE_COMPLETE", "{\r\n}", Action::Keep);
        check("CREATE_COMPLETE", "{}", Action::Update);
        check("UPDATE_ROLLBACK_COMPLETE", "{\n}", Action::Keep);
        check("UPDATE_IN_PROGRESS", "{\n}", Action::Blocked);
        check("REVIEW_IN_PROGRESS", "", Action::Create);
        check("ROLLBACK_COMPLETE", "{\n}", Action::Repair);
        check("CREATE_FAILED", "{\n}", Action::Repair);
        check("DELETE_FAILED", "{\n}", Action::Blocked);
        let unprotected = ObservedStack { is_protected: false, ..stack("CREATE_COMPLETE", "{\n}") };
        assert_eq!(decided(&unprotected), Action::Update);
        let foreign = ObservedStack { tags: Default::default(), ..stack("ROLLBACK_COMPLETE", "{\n}") };
        assert_eq!(decided(&foreign), Action::Blocked);
        assert_eq!(management(&selected(true), None, &wanted, &rollout).action, Action::Create);
        assert_eq!(management(&selected(false), None, &wanted, &rollout).action, Action::Skip);
    }
}
