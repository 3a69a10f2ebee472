//! Which accounts cannot be deployed to because of the organization's service control policies.
//!
//! StackSets works in a member account as its `stacksets-exec-…` role or, when it is self-managed, as the
//! execution role there. Neither is a service-linked role: the policies bind it (aws-facts A1, K16).

use std::collections::{BTreeMap, BTreeSet};

use iam_policy::{Caller, Level, MemberRequest, Permission, PolicyDocument, permits};
use rollout_model::{
    Account, AccountId, AccountIds, Organization, ParentId, PermissionModel, PolicyTarget, PolicyTargets,
    RolloutSpec, ServiceControlPolicy,
};

use crate::obstacles::Obstacles;
use crate::role;

/// IAM is global and its calls are made in this Region, which matters to policies that fence Regions in.
const IAM_REGION: &str = "us-east-1";

/// Judges the calls that a deployment makes in each of `accounts`. A policy that may or may not bind is a
/// warning; one that cannot be read as a policy is left to AWS.
pub fn obstacles_of_policies(
    spec: &RolloutSpec,
    organization: &Organization,
    policies: &[ServiceControlPolicy],
    accounts: &BTreeSet<AccountId>,
) -> Obstacles {
    let mut obstacles = Obstacles::default();
    let mut undecided: BTreeMap<String, AccountIds> = BTreeMap::new();
    if policies.is_empty() {
        return obstacles;
    }
    let attached = Attached::of(policies);
    let calls = Calls::of(spec);
    for account in accounts.iter().filter_map(|id| organization.accounts.get(id)) {
        let levels = attached.levels(organization, account);
        let places = places(organization, account);
        for (action, permission) in calls.judge(account, &levels) {
            match in_words(&permission, action, &places, &calls.as_role.exempt) {
                Verdict::Stands(reason) => _ = obstacles.accounts.entry(account.id.clone()).or_insert(reason),
                Verdict::May(reason) => _ = undecided.entry(reason).or_default().0.insert(account.id.clone()),
                Verdict::No => {}
            }
        }
    }
    let told = undecided.into_iter().map(|(reason, accounts)| format!("{reason}, in {accounts}"));
    obstacles.warnings.extend(told);
    obstacles
}

/// What a permission means for a deployment.
enum Verdict {
    Stands(String),
    May(String),
    No,
}

fn in_words(permission: &Permission, action: &str, places: &[String], exempt: &str) -> Verdict {
    match permission {
        Permission::Allowed => Verdict::No,
        Permission::Denied { policy, statement } => Verdict::Stands(format!(
            "the service control policy `{policy}` ({statement}) denies {action} to StackSets: exempt {exempt} there"
        )),
        Permission::NotAllowed { level } => Verdict::Stands(format!(
            "no service control policy at {} allows {action}",
            places.get(*level).map_or("one of its levels", String::as_str)
        )),
        Permission::Undecided { policy, statement, why } => Verdict::May(format!(
            "the service control policy `{policy}` ({statement}) may deny {action} to StackSets, depending on \
             {why}"
        )),
    }
}

/// The policies by what they are attached to.
#[derive(Default)]
struct Attached {
    everywhere: Level,
    at: BTreeMap<PolicyTarget, Level>,
}

impl Attached {
    fn of(policies: &[ServiceControlPolicy]) -> Self {
        let mut attached = Attached::default();
        for policy in policies {
            let Ok(document) = PolicyDocument::parse(&policy.document) else { continue };
            let read = iam_policy::ServiceControlPolicy { name: policy.name.clone(), document };
            match &policy.targets {
                PolicyTargets::Everywhere => attached.everywhere.policies.push(read),
                PolicyTargets::At(targets) => {
                    for target in targets {
                        attached.at.entry(target.clone()).or_default().policies.push(read.clone());
                    }
                }
            }
        }
        attached
    }

    /// From the root down to the account itself.
    fn levels(&self, organization: &Organization, account: &Account) -> Vec<Level> {
        let parents = parents(organization, account).into_iter().map(PolicyTarget::Parent);
        let targets = parents.chain([PolicyTarget::Account(account.id.clone())]);
        targets.map(|target| self.level(&target)).collect()
    }

    fn level(&self, target: &PolicyTarget) -> Level {
        let mut level = self.everywhere.clone();
        level
            .policies
            .extend(self.at.get(target).into_iter().flat_map(|level| level.policies.iter().cloned()));
        level
    }
}

fn parents(organization: &Organization, account: &Account) -> Vec<ParentId> {
    let mut parents: Vec<ParentId> =
        organization.ancestry(&account.parent).map(|unit| ParentId::Ou(unit.id.clone())).collect();
    parents.push(organization.root_parent());
    parents.reverse();
    parents
}

fn places(organization: &Organization, account: &Account) -> Vec<String> {
    let parents = parents(organization, account);
    let parents = parents.iter().map(|parent| organization.path(parent).to_string());
    parents.chain(["the account".to_owned()]).collect()
}

/// The calls by which CloudFormation brings the role to an account.
struct Calls<'a> {
    as_role: AsRole,
    organization_role: String,
    home_region: &'a str,
    actions: Vec<&'static str>,
}

impl<'a> Calls<'a> {
    fn of(spec: &'a RolloutSpec) -> Self {
        let role = role::wanted(spec);
        let mut actions = vec!["cloudformation:CreateStack", "iam:CreateRole", "iam:TagRole"];
        if role.as_ref().is_none_or(|role| !role.managed_policies.is_empty()) {
            actions.push("iam:AttachRolePolicy");
        }
        if role.as_ref().is_none_or(|role| !role.inline_policies.is_empty()) {
            actions.push("iam:PutRolePolicy");
        }
        let name = role.map_or_else(|| "/role".to_owned(), |role| format!("{}{}", role.path, role.name));
        let as_role = AsRole::of(&spec.stack_set.permission_model);
        Calls { as_role, organization_role: name, home_region: spec.home_region.as_str(), actions }
    }

    fn judge<'b>(
        &'b self,
        account: &'b Account,
        levels: &'b [Level],
    ) -> impl Iterator<Item = (&'static str, Permission)> + 'b {
        let role = format!("arn:aws:iam::{}:role/{}", account.id, self.as_role.name);
        let caller = Caller::from_arn(&role).expect("a role's ARN names a caller");
        self.actions.iter().map(move |action| {
            let (region, resource) = match action.starts_with("iam:") {
                true => (IAM_REGION, format!("arn:aws:iam::{}:role{}", account.id, self.organization_role)),
                false => (self.home_region, self.stack(account)),
            };
            let request =
                MemberRequest::new(&caller, action, &resource).with("aws:RequestedRegion", [region]);
            (*action, permits(levels, &request))
        })
    }

    fn stack(&self, account: &Account) -> String {
        format!("arn:aws:cloudformation:{}:{}:stack/StackSet-role/0", self.home_region, account.id)
    }
}

/// The role as which StackSets works in a member account.
struct AsRole {
    name: String,
    /// The ARN pattern by which a policy exempts it.
    exempt: String,
}

impl AsRole {
    fn of(permission_model: &PermissionModel) -> Self {
        let (name, pattern) = match permission_model {
            // Any hexadecimal number: policies exempt the role by a pattern.
            PermissionModel::ServiceManaged => {
                ("stacksets-exec-0123456789abcdef0123456789abcdef", "stacksets-exec-*")
            }
            PermissionModel::SelfManaged { execution_role, .. } => {
                (execution_role.as_str(), execution_role.as_str())
            }
        };
        AsRole { name: name.to_owned(), exempt: format!("arn:aws:iam::*:role/{pattern}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{account_id, organization, spec, unit_id};

    fn policy(name: &str, statements: &str, targets: &[PolicyTarget]) -> ServiceControlPolicy {
        ServiceControlPolicy {
            id: format!("p-{name}"),
            name: name.to_owned(),
            document: format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#),
            targets: PolicyTargets::At(targets.iter().cloned().collect()),
        }
    }

    fn root() -> PolicyTarget {
        PolicyTarget::Parent(organization().root_parent())
    }

    fn unit(name: &str) -> PolicyTarget {
        PolicyTarget::Parent(ParentId::Ou(unit_id(name)))
    }

    /// What AWS attaches to everything.
    fn everything() -> ServiceControlPolicy {
        let organization = organization();
        let units = organization.units.keys().map(|id| PolicyTarget::Parent(ParentId::Ou(id.clone())));
        let accounts = organization.accounts.keys().cloned().map(PolicyTarget::Account);
        let targets: Vec<PolicyTarget> = units.chain(accounts).chain([root()]).collect();
        policy("FullAWSAccess", r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]"#, &targets)
    }

    #[track_caller]
    fn check(policies: &[ServiceControlPolicy], blocked: &[(u64, &str)], warnings: &[&str]) {
        check_of(&spec(&["**"]), policies, blocked, warnings);
    }

    #[track_caller]
    fn check_of(
        spec: &RolloutSpec,
        policies: &[ServiceControlPolicy],
        blocked: &[(u64, &str)],
        warnings: &[&str],
    ) {
        let organization = organization();
        let accounts = organization.accounts.keys().cloned().collect();
        let found = obstacles_of_policies(spec, &organization, policies, &accounts);
        let ids: Vec<AccountId> = found.accounts.keys().cloned().collect();
        assert_eq!(ids, blocked.iter().map(|(number, _)| account_id(*number)).collect::<Vec<_>>());
        for (number, part) in blocked {
            let reason = &found.accounts[&account_id(*number)];
            assert!(reason.contains(part), "`{reason}` does not say `{part}`");
        }
        assert_eq!(found.warnings.len(), warnings.len(), "{:?}", found.warnings);
        for (warning, part) in found.warnings.iter().zip(warnings) {
            assert!(warning.contains(part), "`{warning}` does not say `{part}`");
        }
    }

    #[test]
    fn a_denial_binds_everybody_below_and_names_policy_and_remedy() {
        let deny = r#"[{"Sid":"NoIam","Effect":"Deny","Action":"iam:*","Resource":"*"}]"#;
        let says =
            "`guard` (statement \"NoIam\") denies iam:CreateRole to StackSets: exempt arn:aws:iam::*:role/";
        check(&[everything(), policy("guard", deny, &[unit("prod")])], &[(22, says), (23, says)], &[]);
        let account = PolicyTarget::Account(account_id(24));
        check(&[everything(), policy("guard", deny, &[account])], &[(24, says)], &[]);
    }

    #[test]
    fn an_exemption_of_the_execution_role_lets_stack_sets_through() {
        let deny = r#"[{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"ArnNotLike":
            {"aws:PrincipalArn":"arn:aws:iam::*:role/stacksets-exec-*"}}}]"#;
        check(&[everything(), policy("guard", deny, &[root()])], &[], &[]);
    }

    #[test]
    fn a_self_managed_set_has_to_be_exempted_by_its_execution_role() {
        let mut by_hand = spec(&["**"]);
        by_hand.stack_set.permission_model = PermissionModel::self_managed();
        let deny = |role: &str| {
            let but = format!(
                r#""Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{role}"}}}}"#
            );
            format!(r#"[{{"Effect":"Deny","Action":"iam:*","Resource":"*",{but}}}]"#)
        };
        let policies = |role: &str| [everything(), policy("guard", &deny(role), &[unit("legacy")])];
        let says = "exempt arn:aws:iam::*:role/AWSCloudFormationStackSetExecutionRole there";
        check_of(&by_hand, &policies("stacksets-exec-*"), &[(24, says)], &[]);
        check_of(&by_hand, &policies("AWSCloudFormationStackSetExecutionRole"), &[], &[]);
    }

    #[test]
    fn a_level_that_allows_nothing_blocks_what_is_below() {
        let mut allowed = everything();
        let PolicyTargets::At(targets) = &mut allowed.targets else { panic!("{allowed:?}") };
        targets.remove(&unit("legacy"));
        check(
            &[allowed],
            &[(24, "no service control policy at Workloads/Legacy allows cloudformation:CreateStack")],
            &[],
        );
    }

    #[test]
    fn what_depends_on_something_unknown_is_a_warning_and_blocks_nobody() {
        let deny = r#"[{"Effect":"Deny","Action":"iam:CreateRole","Resource":"*","Condition":{"StringNotEquals":
            {"aws:RequestTag/owner":"me"}}}]"#;
        let may = "`tags` (statement 1) may deny iam:CreateRole to StackSets, depending on aws:RequestTag/owner, \
                   in 000000000021";
        check(&[everything(), policy("tags", deny, &[unit("work")])], &[], &[may]);
    }

    #[test]
    fn an_organization_without_such_policies_has_no_such_obstacles() {
        check(&[], &[], &[]);
        check(&[everything()], &[], &[]);
        check(&[ServiceControlPolicy { targets: PolicyTargets::Everywhere, ..everything() }], &[], &[]);
    }
}
