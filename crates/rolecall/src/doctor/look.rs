//! Looks at everything, one after another or side by side, and goes on whatever fails.

use std::collections::BTreeSet;

use aws_failure::{AwsFailure, Tried};
use org_discovery::DiscoveryError;
use rollout_model::{AccountId, ManagementAccount, PermissionModel, Region, RoleArn};
use stackset_deployer::{TrustedAccess, Wanted, region_trouble};

use super::actions::LINKED_ROLE;
use super::own_roles::own_roles;
use super::seen::{Entered, Membership, Position, Quota, RolloutSeen, Seen};
use super::simulate::{self, Asked};
use crate::aws::{Aws, Caller};
use crate::config::Rollout;

/// Stands for what there is no name of without a configuration. Nobody has anything of this name.
const NOBODYS: &str = "rolecall-doctor";

/// What is looked at, and as whom.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) region: &'a Region,
    pub(crate) rollout: Option<&'a Rollout>,
}

impl Look<'_> {
    pub(crate) async fn at_everything(self) -> Seen {
        let Look { aws, region, rollout } = self;
        let caller = aws.caller().await;
        let trouble = caller.as_ref().err().and_then(|error| error.downcast_ref::<AwsFailure>());
        let region_trouble = trouble.and_then(|failure| region_trouble(region, failure));
        let caller = caller.map_err(|error| format!("{error:#}"));
        let membership = self.membership().await;
        let Standing { position, administrators, access } =
            self.standing(caller.as_ref().ok(), &membership).await;
        let permission_model = self.permission_model();
        let call_as = position.call_as(&permission_model);
        let at_home = position == Position::ManagementAccount;
        let writes = match &caller {
            Ok(caller) => {
                let is_off = matches!(access, Some(Ok(TrustedAccess::Disabled)));
                self.writes(caller, position, at_home && is_off).await
            }
            Err(_) => Err("nobody knows whose permissions to ask for".to_owned()),
        };
        Seen {
            region: region.clone(),
            region_trouble: region_trouble.map(|trouble| trouble.to_string()),
            stack_sets: stackset_deployer::count_stack_sets(&aws.cloudformation, region, call_as)
                .await
                .map_err(in_words),
            linked_role: match at_home && permission_model.is_service_managed() {
                true => Some(self.linked_role().await),
                false => None,
            },
            own_roles: match (rollout, &caller) {
                (Some(rollout), Ok(caller)) => own_roles(aws, rollout, caller).await,
                _ => None,
            },
            roles: if at_home { Some(self.roles().await) } else { None },
            rollout: match rollout {
                Some(rollout) => Some(self.rollout(rollout, position).await),
                None => None,
            },
            entered: match (rollout, &caller) {
                (Some(rollout), Ok(caller)) => self.enter(rollout, caller).await,
                _ => Vec::new(),
            },
            reads: self.reads(caller.as_ref().ok(), position).await,
            caller,
            membership,
            position,
            permission_model,
            administrators,
            access,
            writes,
        }
    }

    fn permission_model(self) -> PermissionModel {
        let model = self.rollout.map(|rollout| rollout.spec.stack_set.permission_model.clone());
        model.unwrap_or(PermissionModel::ServiceManaged)
    }

    /// Where the caller's account stands, and what a service-managed StackSet rests on.
    async fn standing(self, caller: Option<&Caller>, membership: &Membership) -> Standing {
        let Look { aws, region, .. } = self;
        let permission_model = self.permission_model();
        if !permission_model.is_service_managed() {
            let position = position(caller, membership, None);
            return Standing { position, administrators: None, access: None };
        }
        let administrators = org_discovery::delegated_administrators(&aws.organizations).await;
        let administrators = administrators.map_err(in_words);
        let position = position(caller, membership, administrators.as_ref().ok());
        // Whoever may not list the administrators may still be one, and then this works.
        let call_as = position.call_as(&permission_model);
        let access = stackset_deployer::trusted_access(&aws.cloudformation, region, call_as).await;
        let position = match (position, &administrators, &access) {
            (Position::Member, Err(_), Ok(_)) => Position::DelegatedAdministrator,
            (position, ..) => position,
        };
        let access = access.map_err(in_words);
        Standing { position, administrators: Some(administrators), access: Some(access) }
    }

    async fn membership(self) -> Membership {
        match org_discovery::identify(&self.aws.organizations).await {
            Ok(identity) => Membership::Of(identity),
            Err(DiscoveryError::NoOrganization { .. }) => Membership::None,
            Err(error) => Membership::Unknown(in_words(error)),
        }
    }

    async fn linked_role(self) -> Result<bool, String> {
        match self.aws.iam.get_role().role_name(LINKED_ROLE).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_entity_exception()) => {
                Ok(false)
            }
            Err(error) => Err(AwsFailure::new(&error).to_string()),
        }
    }

    async fn roles(self) -> Result<Quota, String> {
        let answer = self.aws.iam.get_account_summary().send().await;
        let answer = answer.map_err(|error| AwsFailure::new(&error).to_string())?;
        let number = |key: &str| {
            let value = answer.summary_map().and_then(|map| map.get(&key.into()));
            value
                .and_then(|value| usize::try_from(*value).ok())
                .ok_or_else(|| format!("the answer has no {key}"))
        };
        Ok(Quota { used: number("Roles")?, allowed: number("RolesQuota")? })
    }

    async fn rollout(self, rollout: &Rollout, position: Position) -> RolloutSeen {
        let spec = &rollout.spec;
        let at_home = position == Position::ManagementAccount;
        let wanted = Wanted {
            stack_set: &spec.stack_set.name,
            region: &spec.home_region,
            call_as: position.call_as(&spec.stack_set.permission_model),
            management_stack: at_home.then_some(&spec.management_stack.name),
        };
        RolloutSeen {
            rollout: spec.rollout.clone(),
            stack_set: spec.stack_set.name.clone(),
            stack: spec.management_stack.name.clone(),
            call_as: spec.stack_set.call_as,
            management_account: spec.targets.management_account,
            snapshot: stackset_deployer::observe(&self.aws.cloudformation, wanted).await.map_err(in_words),
        }
    }

    /// The roles by which `verify` gets in: the trusted principal, and the access role of some account.
    async fn enter(self, rollout: &Rollout, caller: &Caller) -> Vec<Entered> {
        let aws = self.aws;
        let mut roles: Vec<(&'static str, RoleArn)> = Vec::new();
        if let Some(account) = org_discovery::another_account(&aws.organizations, &caller.account).await {
            let (partition, name) = (caller.partition.clone(), rollout.verify.access_role.clone());
            let role = RoleArn { partition, account, path: "/".to_owned(), name };
            roles.push(("verify.access_role", role));
        }
        let mut entered = Vec::new();
        if let Some(role) = rollout.verify.principal() {
            let refusal = aws.sts_as(&rollout.verify.from).await.err();
            let refusal = refusal.map(|error| error.root_cause().to_string());
            entered.push(Entered { key: "verify.from", role: role.clone(), refusal });
        }
        for (key, role) in roles {
            let refusal = role_verifier::try_entering(&aws.sts, &role).await.err();
            entered.push(Entered { key, role, refusal: refusal.map(|failure| failure.to_string()) });
        }
        entered
    }

    async fn reads(self, caller: Option<&Caller>, position: Position) -> Vec<Tried> {
        let Look { aws, rollout, .. } = self;
        let (set, stack) = match rollout {
            Some(rollout) => {
                (rollout.spec.stack_set.name.clone(), rollout.spec.management_stack.name.clone())
            }
            None => (
                NOBODYS.parse().expect("letters and a hyphen name a StackSet"),
                NOBODYS.parse().expect("letters and a hyphen name a stack"),
            ),
        };
        let (_, role) = self.role(caller);
        let mut reads = Vec::new();
        if let Some(caller) = caller {
            reads.extend(org_discovery::try_reads(&aws.organizations, &caller.account).await);
        }
        let permission_model = self.permission_model();
        let call_as = position.call_as(&permission_model);
        if permission_model.is_service_managed() {
            reads.push(stackset_deployer::try_reading_access(&aws.cloudformation, call_as).await);
        }
        reads.extend(stackset_deployer::try_reads(&aws.cloudformation, call_as, &set, &stack).await);
        reads.extend(role_verifier::try_reads(&aws.iam, &role).await);
        reads
    }

    async fn writes(self, caller: &Caller, position: Position, to_fix: bool) -> Result<Vec<Tried>, String> {
        let (path, name) = self.role(Some(caller));
        let role = format!("{path}{name}");
        let spec = self.rollout.map(|rollout| &rollout.spec);
        let stack = spec.map_or(NOBODYS, |spec| spec.management_stack.name.as_str());
        let is_included =
            spec.is_none_or(|spec| spec.targets.management_account == ManagementAccount::Include);
        let administration_role = self.administration_role(caller);
        let asked = Asked {
            caller,
            region: self.region,
            stack_set: spec.map_or(NOBODYS, |spec| spec.stack_set.name.as_str()),
            at_home: (is_included && position == Position::ManagementAccount)
                .then_some((stack, role.as_str())),
            to_fix,
            administration_role: administration_role.as_deref(),
        };
        simulate::writes(&self.aws.iam, asked).await
    }

    /// The ARN of the role that a self-managed StackSet works as.
    fn administration_role(self, caller: &Caller) -> Option<String> {
        match self.permission_model() {
            PermissionModel::SelfManaged { administration_role, .. } => {
                Some(administration_role.arn(&caller.as_owner()).to_string())
            }
            PermissionModel::ServiceManaged => None,
        }
    }

    /// Path and name of the role that the rollout makes in the caller's account.
    fn role(self, caller: Option<&Caller>) -> (String, String) {
        let made = caller.zip(self.rollout).and_then(|(caller, rollout)| {
            rollout.deployable.role_in(&caller.account, &rollout.spec.home_region, &caller.partition).ok()
        });
        made.map_or_else(|| ("/".to_owned(), NOBODYS.to_owned()), |role| (role.path, role.name))
    }
}

/// Where the caller's account stands among those that administer StackSets.
struct Standing {
    position: Position,
    administrators: Option<Result<BTreeSet<AccountId>, String>>,
    access: Option<Result<TrustedAccess, String>>,
}

fn position(
    caller: Option<&Caller>,
    membership: &Membership,
    administrators: Option<&BTreeSet<AccountId>>,
) -> Position {
    match (caller, membership) {
        (Some(caller), Membership::Of(identity)) => {
            if caller.account == identity.management_account {
                Position::ManagementAccount
            } else if administrators.is_some_and(|listed| listed.contains(&caller.account)) {
                Position::DelegatedAdministrator
            } else {
                Position::Member
            }
        }
        _ => Position::Unknown,
    }
}

/// An error and its causes on one line.
fn in_words(error: impl std::error::Error + Send + Sync + 'static) -> String {
    format!("{:#}", anyhow::Error::new(error))
}
