//! The actions that change something: which of them a roll-out takes, and on what (aws-facts A18).
//!
//! They cannot be tried, so IAM is asked about them. `config/iam/deploy.json` allows them all, but for those of a
//! self-managed StackSet, which `config/iam/self-managed.json` adds.

/// On the StackSet, for the member accounts.
pub(super) const ON_STACK_SETS: [&str; 10] = [
    "cloudformation:CreateStackInstances",
    "cloudformation:CreateStackSet",
    "cloudformation:DeleteStackInstances",
    "cloudformation:DescribeStackSetOperation",
    "cloudformation:ListStackSetOperationResults",
    "cloudformation:StopStackSetOperation",
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    "cloudformation:UpdateStackInstances",
    "cloudformation:UpdateStackSet",
];

/// On the plain stack of the management account.
pub(super) const ON_THE_STACK: [&str; 7] = [
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateTerminationProtection",
];

/// On the role of the management account, which CloudFormation makes there in the operator's name.
pub(super) const ON_THE_ROLE: [&str; 13] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
];

/// On a self-managed StackSet: stacks of the accounts' own become its instances.
pub(super) const TO_IMPORT: [&str; 1] = ["cloudformation:ImportStacksToStackSet"];

/// On the role that a self-managed StackSet works as.
pub(super) const ON_THE_ADMINISTRATION_ROLE: [&str; 1] = ["iam:PassRole"];

/// On no resource of ours: to turn trusted access on, once (aws-facts A2).
pub(super) const TO_FIX: [&str; 2] =
    ["cloudformation:ActivateOrganizationsAccess", "organizations:EnableAWSServiceAccess"];

/// The service-linked role of StackSets in the management account (aws-facts A1).
pub(super) const LINKED_ROLE: &str = "AWSServiceRoleForCloudFormationStackSetsOrgAdmin";

/// Also to turn it on, on the service-linked role.
pub(super) const ON_THE_LINKED_ROLE: [&str; 1] = ["iam:CreateServiceLinkedRole"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn these_are_the_actions_of_the_policies_that_operators_are_given() {
        let deploy = [&ON_STACK_SETS[..], &ON_THE_STACK, &ON_THE_ROLE, &TO_FIX, &ON_THE_LINKED_ROLE].concat();
        check(&deploy, include_str!("../../../../config/iam/deploy.json"));
        let self_managed = [&TO_IMPORT[..], &ON_THE_ADMINISTRATION_ROLE].concat();
        check(&self_managed, include_str!("../../../../config/iam/self-managed.json"));
    }

    #[track_caller]
    fn check(asked: &[&str], policy: &str) {
        let policy: Value = serde_json::from_str(policy).unwrap();
        let mut allowed = BTreeSet::new();
        for statement in policy["Statement"].as_array().unwrap() {
            match &statement["Action"] {
                Value::String(action) => _ = allowed.insert(action.as_str()),
                actions => allowed.extend(actions.as_array().unwrap().iter().filter_map(Value::as_str)),
            }
        }
        assert_eq!(BTreeSet::from_iter(asked.iter().copied()), allowed);
    }
}
