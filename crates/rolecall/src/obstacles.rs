//! Looks, before the first write, for what would stand in the way of a plan.

use std::collections::{BTreeMap, BTreeSet};

use role_template::{Pseudo, RoleTemplate};
use role_verifier::{Found, Operator, RoleSearch, look_for_roles};
use rollout_model::{
    AccountId, AccountIds, AccountPlan, Action, Organization, RoleName, RolloutPlan, RolloutSpec, Vehicle,
};
use rollout_planner::{Obstacles, obstacles_of_policies};
use stackset_deployer::{OtherStackSet, OtherStackSets, is_opt_in, other_stack_sets};

use crate::aws::{Aws, Caller};
use crate::config::Rollout;

/// What is looked at, and as whom.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) caller: &'a Caller,
    pub(crate) rollout: &'a Rollout,
    pub(crate) organization: &'a Organization,
    /// Whether accounts are entered for it.
    pub(crate) into_accounts: bool,
}

impl Look<'_> {
    /// Looks where the plan creates something: whoever has a stack already has been through all that.
    ///
    /// Role names are looked at only where there is nothing yet. An instance to repair may hold the role, from
    /// an update that failed or from an operation that still runs, and its last failure is known anyway.
    pub(crate) async fn for_obstacles(self, plan: &RolloutPlan) -> Obstacles {
        let untouched = accounts(plan, |account| account.action == Action::Create);
        let members = accounts(plan, |account| {
            matches!(account.action, Action::Create | Action::Repair) && account.vehicle == Vehicle::StackSet
        });
        let kept = accounts(plan, |account| account.action == Action::Keep);
        let found = futures::join!(
            self.at_policies(&members),
            self.at_other_stack_sets(&members),
            self.into_accounts(&untouched),
            self.for_absent_roles(&kept)
        );
        let mut obstacles = self.without_asking();
        for more in <[Obstacles; 4]>::from(found) {
            obstacles.accounts.extend(more.accounts);
            obstacles.absent_roles.extend(more.absent_roles);
            obstacles.warnings.extend(more.warnings);
        }
        obstacles
    }

    /// What the role and the Region give reason to think twice about.
    fn without_asking(self) -> Obstacles {
        let Look { rollout, organization, caller, .. } = self;
        let region = &rollout.spec.home_region;
        let mut warnings = rollout.deployable.warnings.clone();
        let role = rollout.deployable.role_in(&organization.management_account, region, &caller.partition);
        let is_own = |account: &str| organization.accounts.keys().any(|id| id.as_str() == account);
        let cautions = role.into_iter().flat_map(|role| role.cautions(&is_own));
        warnings.extend(cautions.map(|caution| format!("{}: {}", caution.key, caution.message)));
        if is_opt_in(region) {
            warnings.push(format!(
                "{region} is an opt-in Region: stacks fail in every account that has not enabled it; a role is \
                 global, so a Region that is on everywhere, such as us-east-1, will do"
            ));
        }
        Obstacles { warnings, ..Obstacles::default() }
    }

    async fn at_policies(self, members: &BTreeSet<AccountId>) -> Obstacles {
        let Look { aws, rollout, organization, .. } = self;
        if members.is_empty() {
            return Obstacles::default();
        }
        match org_discovery::service_control_policies(&aws.organizations, organization).await {
            Ok(policies) => obstacles_of_policies(&rollout.spec, organization, &policies, members),
            Err(error) => warning(format!(
                "the service control policies could not be read, so one that keeps StackSets out is not noticed: \
                 {:#}",
                anyhow::Error::from(error)
            )),
        }
    }

    /// Two StackSets that make a role of the same name collide in every account (aws-facts K8).
    async fn at_other_stack_sets(self, members: &BTreeSet<AccountId>) -> Obstacles {
        let spec = &self.rollout.spec;
        if members.is_empty() {
            return Obstacles::default();
        }
        let client = &self.aws.cloudformation;
        let seen = other_stack_sets(client, &spec.stack_set.name, &spec.home_region, spec.stack_set.call_as);
        match seen.await {
            Ok(others) => Obstacles { warnings: self.same_names(&others), ..Obstacles::default() },
            Err(error) => warning(format!(
                "the other StackSets could not be listed, so one that makes a role of the same name is not \
                 noticed: {:#}",
                anyhow::Error::from(error)
            )),
        }
    }

    fn same_names(self, others: &OtherStackSets) -> Vec<String> {
        let Look { rollout, organization, caller, .. } = self;
        let region = &rollout.spec.home_region;
        let role = rollout.deployable.role_in(&organization.management_account, region, &caller.partition);
        let Ok(role) = role else { return Vec::new() };
        let collides = |other: &&OtherStackSet| makes(other, &role.name, &rollout.spec);
        let same = others.described.iter().filter(collides);
        let mut warnings: Vec<String> = same
            .map(|other| {
                format!(
                    "the StackSet `{}` makes a role `{}` too: where both deploy, the second one fails",
                    other.name, role.name
                )
            })
            .collect();
        let unseen = others.not_seen.len() + others.not_looked_at;
        if unseen > 0 {
            warnings.push(format!("{unseen} other StackSets were not looked at for a role of the same name"));
        }
        warnings
    }

    async fn into_accounts(self, untouched: &BTreeSet<AccountId>) -> Obstacles {
        if !self.into_accounts || untouched.is_empty() {
            return Obstacles::default();
        }
        let (found, roles) = self.search(untouched).await;
        in_the_way(&found, &roles)
    }

    /// StackSets calls an instance CURRENT whatever became of its role (aws-facts K29).
    async fn for_absent_roles(self, kept: &BTreeSet<AccountId>) -> Obstacles {
        if !self.rollout.spec.consent.convergence || kept.is_empty() {
            return Obstacles::default();
        }
        absent(&self.search(kept).await.0)
    }

    /// Looks for the role in each of the accounts.
    async fn search(
        self,
        accounts: &BTreeSet<AccountId>,
    ) -> (BTreeMap<AccountId, Found>, BTreeMap<AccountId, RoleName>) {
        let Look { aws, rollout, caller, .. } = self;
        let operator = operator(aws, caller, rollout);
        let role = |account: &AccountId| {
            let role = rollout.deployable.role_in(account, &rollout.spec.home_region, &caller.partition);
            Some((account.clone(), role.ok()?.name.parse::<RoleName>().ok()?))
        };
        let roles: BTreeMap<AccountId, RoleName> = accounts.iter().filter_map(role).collect();
        let concurrency = rollout.verify.concurrency;
        let found = look_for_roles(RoleSearch { operator: &operator, roles: &roles, concurrency }).await;
        (found, roles)
    }
}

fn accounts(plan: &RolloutPlan, of: impl Fn(&AccountPlan) -> bool) -> BTreeSet<AccountId> {
    plan.accounts.iter().filter(|(_, account)| of(account)).map(|(id, _)| id.clone()).collect()
}

/// The operator, as whom accounts are entered to read roles.
pub(crate) fn operator(aws: &Aws, caller: &Caller, rollout: &Rollout) -> Operator {
    Operator {
        partition: caller.partition.clone(),
        account: caller.account.clone(),
        sts: aws.sts.clone(),
        iam: aws.iam.clone(),
        access_role: rollout.verify.access_role.clone(),
    }
}

fn warning(warning: String) -> Obstacles {
    Obstacles { warnings: vec![warning], ..Obstacles::default() }
}

/// IAM compares names without their case (aws-facts F1).
fn makes(other: &OtherStackSet, role: &str, spec: &RolloutSpec) -> bool {
    let shown =
        other.parameters.iter().filter_map(|(key, value)| Some((key.clone(), value.as_ref()?.0.clone())));
    let pseudo = Pseudo {
        // A name that depends on the account is another one in each.
        account: "111122223333".to_owned(),
        region: spec.home_region.to_string(),
        partition: "aws".to_owned(),
        stack_name: "stack".to_owned(),
    };
    let names = RoleTemplate::role_names(&other.template, &shown.collect(), &pseudo).names;
    names.iter().any(|name| name.eq_ignore_ascii_case(role))
}

fn in_the_way(found: &BTreeMap<AccountId, Found>, roles: &BTreeMap<AccountId, RoleName>) -> Obstacles {
    let objection =
        |(account, found): (&AccountId, &Found)| Some((account.clone(), found.objection(&roles[account])?));
    let warnings = unseen(found).map(|(accounts, why)| {
        format!("whether the name of the role is taken could not be looked at in {accounts}: {why}")
    });
    Obstacles {
        accounts: found.iter().filter_map(objection).collect(),
        warnings: warnings.into_iter().collect(),
        ..Obstacles::default()
    }
}

/// An account that could not be looked at is left as it is.
fn absent(found: &BTreeMap<AccountId, Found>) -> Obstacles {
    let is_absent = |(_, found): &(&AccountId, &Found)| **found == Found::Free;
    let warnings = unseen(found).map(|(accounts, why)| {
        format!(
            "whether the role is still there could not be looked at in {accounts}, which are not touched: {why}"
        )
    });
    Obstacles {
        absent_roles: found.iter().filter(is_absent).map(|(account, _)| account.clone()).collect(),
        warnings: warnings.into_iter().collect(),
        ..Obstacles::default()
    }
}

/// The accounts that could not be looked at, and why not in one of them.
fn unseen(found: &BTreeMap<AccountId, Found>) -> Option<(AccountIds, &str)> {
    let unseen: Vec<(&AccountId, &str)> = found
        .iter()
        .filter_map(|(account, found)| match found {
            Found::NotSeen(why) => Some((account, why.as_str())),
            _ => None,
        })
        .collect();
    let why = unseen.iter().map(|(_, why)| *why).min()?;
    Some((unseen.into_iter().map(|(account, _)| account.clone()).collect(), why))
}
