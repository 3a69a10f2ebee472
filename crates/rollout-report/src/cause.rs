//! Why an account did not get the role, in a class, and what to do about it.
//!
//! AWS says it in words alone, and the words are not documented: what is known of them is a table (aws-facts A14,
//! K). What is in no row is [`Cause::Unclassified`], and AWS's own text is shown in any case.

use rollout_model::DeploymentStatus;

/// Why a deployment failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    ServiceControlPolicy,
    ExecutionRoleMissing,
    TrustedAccessOff,
    AccountGate,
    NameTaken,
    QuotaReached,
    TerminationProtection,
    DeleteConflict,
    ManagedPolicyMissing,
    PrincipalMissing,
    PermissionMissing,
    CredentialsNotTaken,
    RegionOff,
    StackBroken,
    Throttled,
    AccountSuspended,
    NotReached,
    /// Collateral: others failed, or somebody stopped the operation.
    Cancelled,
    Unclassified,
}

/// A cause, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Diagnosis {
    pub(crate) cause: Cause,
    /// The command to run next, or what to do first; `None` where nobody knows.
    pub(crate) remedy: Option<String>,
}

/// A cause, the words of which any gives it away, and what to do. The first row that fits counts: the text of a
/// denial names an action and a resource, so that narrower words come first.
type Row = (Cause, &'static [&'static str], &'static str);

const TABLE: [Row; 18] = [
    (
        // K16: the execution role is no service-linked role, so that policies bind it.
        Cause::ServiceControlPolicy,
        &["service control policy", "resource control policy"],
        "exempt arn:aws:iam::*:role/stacksets-exec-* in that policy, or exclude these accounts; `rolecall plan` names \
         the policy",
    ),
    (
        // A1, A14: in the self-managed model the roles are ours to make.
        Cause::ExecutionRoleMissing,
        &["'AWSCloudFormationStackSetExecutionRole' role with trust relationship"],
        "make that role in the account, trusting the administration role; then run `rolecall apply` again",
    ),
    (
        // A14, K17: normal for minutes after an account was made.
        Cause::ExecutionRoleMissing,
        &["role with trust relationship"],
        "if the account is new, run `rolecall apply` again in five minutes; if it is not, somebody deleted the role \
         or what it trusts: look at `rolecall doctor`",
    ),
    (
        Cause::TrustedAccessOff,
        &["must enable organizations access"],
        "`rolecall doctor --fix`, from the management account",
    ),
    (
        Cause::AccountGate,
        &["AccountGate check failed"],
        "ask the owner of the account: its function AWSCloudFormationStackSetAccountGate refused",
    ),
    (
        // K8, K30; K3: for moments after an account has moved between units.
        Cause::NameTaken,
        &["already exists"],
        "rename the role, or delete or import the existing one; if the account has just moved between units, run \
         `rolecall apply` again",
    ),
    (
        // K34: a quota of the member account.
        Cause::QuotaReached,
        &["LimitExceeded", "Cannot exceed quota", "limit exceeded"],
        "raise the quota in the account, or delete there what nobody needs; then run `rolecall apply` again",
    ),
    (
        Cause::TerminationProtection,
        &["TerminationProtection is enabled", "termination protection"],
        "`aws cloudformation update-termination-protection --no-enable-termination-protection`, in the account",
    ),
    (
        // A10: CloudFormation deletes only what it made.
        Cause::DeleteConflict,
        &["must detach all policies first", "must delete policies first", "DeleteConflict"],
        "take from the role what was put on it by hand, then run the same command again",
    ),
    (
        Cause::ManagedPolicyMissing,
        &["does not exist or is not attachable"],
        "make that managed policy in these accounts first, or take it out of the role",
    ),
    (
        // F3, K26: IAM takes no trust policy that names somebody who is not there.
        Cause::PrincipalMissing,
        &["Invalid principal in policy"],
        "make whom the role trusts first, or correct its ARN; an account that is trusted as a whole needs no more than \
         to exist",
    ),
    (
        Cause::RegionOff,
        &["Region is not enabled", "region is not enabled", "Region is disabled", "region is disabled"],
        "choose a home Region that is on everywhere, such as us-east-1, or enable it in the account",
    ),
    (
        // A14: IAM that has not caught up, and possibly a Region that is off.
        Cause::CredentialsNotTaken,
        &["security token included in the request is invalid"],
        "run `rolecall apply` again; if it stays, the Region may be off in the account",
    ),
    (
        Cause::Throttled,
        &["Rate exceeded", "Throttling", "TooManyRequests"],
        "run `rolecall apply` again, with a lower `stack_set.max_concurrent` if it stays",
    ),
    (
        // C2: neither of these statuses takes an update.
        Cause::StackBroken,
        &["can not be updated", "cannot be updated", "state and can not"],
        "delete that stack in the account, then run `rolecall apply` again",
    ),
    (
        Cause::AccountSuspended,
        &["account is suspended", "Account is suspended"],
        "exclude the account, or have it reopened; then run `rolecall apply` again",
    ),
    (
        Cause::PermissionMissing,
        &["is not authorized", "insufficient", "AccessDenied", "Access Denied"],
        "allow it; where it was allowed moments ago, run `rolecall apply` again",
    ),
    (
        Cause::TrustedAccessOff,
        &["management account or delegated admin account of an organization before"],
        "`rolecall doctor` says what is missing",
    ),
];

/// What the status of an account's deployment says of its cause; `None` for an account that has what was planned,
/// or may still get it.
pub(crate) fn diagnose(status: &DeploymentStatus) -> Option<Diagnosis> {
    let again = || Some("run `rolecall apply` again: what is done is not done twice".to_owned());
    match status {
        DeploymentStatus::Failed(reason) => Some(diagnose_reason(reason)),
        DeploymentStatus::Cancelled(_) => Some(Diagnosis {
            cause: Cause::Cancelled,
            remedy: Some("mend what failed, then run `rolecall apply` again".to_owned()),
        }),
        DeploymentStatus::NotReached(_) => Some(Diagnosis { cause: Cause::NotReached, remedy: again() }),
        DeploymentStatus::Skipped(_) => Some(of(Cause::AccountSuspended)),
        DeploymentStatus::Unchanged
        | DeploymentStatus::Pending
        | DeploymentStatus::Running
        | DeploymentStatus::Deployed
        | DeploymentStatus::Removed
        | DeploymentStatus::Retained => None,
    }
}

/// What a text of AWS says of the cause.
pub(crate) fn diagnose_reason(reason: &str) -> Diagnosis {
    let fits = |(_, words, _): &&Row| words.iter().any(|word| reason.contains(word));
    match TABLE.iter().find(fits) {
        Some((Cause::PermissionMissing, ..)) => permission(reason),
        Some((cause, _, remedy)) => Diagnosis { cause: *cause, remedy: Some((*remedy).to_owned()) },
        None => Diagnosis { cause: Cause::Unclassified, remedy: None },
    }
}

/// The diagnosis of the first row of a cause.
fn of(cause: Cause) -> Diagnosis {
    let row = TABLE.iter().find(|(of, ..)| *of == cause);
    Diagnosis { cause, remedy: row.map(|(.., remedy)| (*remedy).to_owned()) }
}

/// AWS names the action, and the user: that the operator's own policy is too narrow is known by whose it is.
fn permission(reason: &str) -> Diagnosis {
    let general = of(Cause::PermissionMissing);
    let action = reason.split_once("is not authorized to perform: ").map(|(_, rest)| rest);
    let Some(action) = action.and_then(|rest| rest.split_whitespace().next()) else { return general };
    let remedy = match reason.contains("/stacksets-exec-") {
        true => format!(
            "something in the account keeps {action} from arn:aws:iam::*:role/stacksets-exec-*: look for a \
             permissions boundary, or run `rolecall apply` again if the account is new"
        ),
        false => format!(
            "allow the operator {action}, as config/iam/{} does; `rolecall doctor ROLLOUT.yaml` says what else is \
             missing",
            policy(action)
        ),
    };
    Diagnosis { cause: Cause::PermissionMissing, remedy: Some(remedy) }
}

/// Which of the policies that operators are given allows an action of a roll-out.
fn policy(action: &str) -> &'static str {
    match action {
        "cloudformation:DeleteStackSet" => "retire.json",
        "cloudformation:ImportStacksToStackSet" | "iam:PassRole" => "self-managed.json",
        _ => "deploy.json",
    }
}

impl Cause {
    /// Whether it is only the consequence of what happened to others.
    pub(crate) fn is_collateral(self) -> bool {
        self == Cause::Cancelled
    }

    /// In a few words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Cause::ServiceControlPolicy => "a policy of the organization keeps StackSets out",
            Cause::ExecutionRoleMissing => "StackSets has no role in the account",
            Cause::TrustedAccessOff => "StackSets has no trusted access to the organization",
            Cause::AccountGate => "the account gate refused",
            Cause::NameTaken => "the name is taken",
            Cause::QuotaReached => "a quota of the account is reached",
            Cause::TerminationProtection => "the stack is protected against deletion",
            Cause::DeleteConflict => "something was put on the role by hand",
            Cause::ManagedPolicyMissing => "a managed policy is not there",
            Cause::PrincipalMissing => "the role trusts somebody who is not there",
            Cause::PermissionMissing => "a permission is missing",
            Cause::CredentialsNotTaken => "the account does not take the credentials yet",
            Cause::RegionOff => "the Region is off",
            Cause::StackBroken => "the stack takes no update",
            Cause::Throttled => "AWS was asked too often",
            Cause::AccountSuspended => "the account is suspended",
            Cause::NotReached => "the run ended first",
            Cause::Cancelled => "cancelled with the operation; no cause of their own",
            Cause::Unclassified => "unclassified",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reason: &str, cause: Cause, remedy: &str) {
        let diagnosis = diagnose(&DeploymentStatus::Failed(reason.to_owned())).unwrap();
        assert_eq!(diagnosis.cause, cause, "{reason}");
        let told = diagnosis.remedy.unwrap_or_default();
        assert!(told.contains(remedy), "{reason}: {told}");
    }

    const EXEC: &str = "User: arn:aws:sts::222222222222:assumed-role/stacksets-exec-0f1e/x is not authorized to \
                        perform: iam:CreateRole on resource: arn:aws:iam::222222222222:role/Audit";

    #[test]
    fn reasons_are_known_by_the_words_of_aws() {
        check(
            &format!(
                "{EXEC} with an explicit deny in a service control policy (Service: Iam, Status Code: 403)"
            ),
            Cause::ServiceControlPolicy,
            "exempt arn:aws:iam::*:role/stacksets-exec-*",
        );
        check(
            "Account 222222222222 should have 'stacksets-exec-0f1e' role with trust relationship to Role \
             'arn:aws:iam::111111111111:role/aws-service-role/stacksets.cloudformation.amazonaws.com/\
             AWSServiceRoleForCloudFormationStackSetsOrgAdmin'.",
            Cause::ExecutionRoleMissing,
            "again in five minutes",
        );
        check(
            "Account 222222222222 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to \
             Role 'arn:aws:iam::111111111111:role/AWSCloudFormationStackSetAdministrationRole'.",
            Cause::ExecutionRoleMissing,
            "make that role in the account",
        );
        check("AccountGate check failed", Cause::AccountGate, "AWSCloudFormationStackSetAccountGate");
        check(
            "ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:Resource of type \
             'AWS::IAM::Role' with identifier 'Audit' already exists.",
            Cause::NameTaken,
            "delete or import the existing one",
        );
        check(
            "Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409)",
            Cause::QuotaReached,
            "raise the quota in the account",
        );
        check(
            "Stack [x] cannot be deleted while TerminationProtection is enabled",
            Cause::TerminationProtection,
            "update-termination-protection",
        );
        check("Cannot delete entity, must detach all policies first.", Cause::DeleteConflict, "by hand");
        check(
            "Policy arn:aws:iam::222222222222:policy/Own does not exist or is not attachable.",
            Cause::ManagedPolicyMissing,
            "make that managed policy",
        );
        check(
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::444455556666:role/Hub\" (Service: Iam)",
            Cause::PrincipalMissing,
            "correct its ARN",
        );
        check("Region is not enabled for this account", Cause::RegionOff, "us-east-1");
        check(
            "The security token included in the request is invalid",
            Cause::CredentialsNotTaken,
            "run `rolecall apply` again",
        );
        check("Rate exceeded (Service: Iam, Status Code: 400)", Cause::Throttled, "max_concurrent");
        check(
            "Stack:arn:aws:cloudformation:x is in ROLLBACK_COMPLETE state and can not be updated.",
            Cause::StackBroken,
            "delete that stack",
        );
        check(
            "You must enable organizations access to operate a service managed stack set",
            Cause::TrustedAccessOff,
            "doctor --fix",
        );
        check("The resource Role is in a state that nobody has seen", Cause::Unclassified, "");
        assert_eq!(diagnose_reason("nothing that is known").remedy, None);
    }

    #[test]
    fn a_missing_permission_is_told_with_its_action_and_by_whose_it_is() {
        let silence = "because no permissions boundary allows the iam:CreateRole action";
        check(&format!("{EXEC} {silence}"), Cause::PermissionMissing, "keeps iam:CreateRole from");
        for (action, policy) in [
            ("cloudformation:CreateStack", "deploy"),
            ("cloudformation:DeleteStackSet", "retire"),
            ("iam:PassRole", "self-managed"),
        ] {
            check(
                &format!(
                    "AccessDenied: User: arn:aws:iam::111111111111:user/ann is not authorized to perform: {action} \
                     on resource: arn:x because no identity-based policy allows it"
                ),
                Cause::PermissionMissing,
                &format!("allow the operator {action}, as config/iam/{policy}.json does"),
            );
        }
        check("AccessDenied", Cause::PermissionMissing, "allow it");
    }

    #[test]
    fn cancelled_accounts_have_no_cause_of_their_own() {
        let cancelled = "Cancelled since failure tolerance has exceeded".to_owned();
        let diagnosis = diagnose(&DeploymentStatus::Cancelled(cancelled)).unwrap();
        assert!(diagnosis.cause.is_collateral());
        let failed = diagnose(&DeploymentStatus::Failed("no".to_owned())).unwrap();
        let skipped = diagnose(&DeploymentStatus::Skipped("SKIPPED_SUSPENDED_ACCOUNT".to_owned())).unwrap();
        assert!(!failed.cause.is_collateral());
        assert_eq!(skipped.cause, Cause::AccountSuspended);
        assert_eq!(diagnose(&DeploymentStatus::Deployed), None);
        assert_eq!(diagnose(&DeploymentStatus::Running), None);
    }
}
