//! What AWS holds of a rollout.

use anyhow::bail;
use rollout_model::{CallAs, Organization, RolloutEvent, RolloutSpec, StackSetSnapshot};
use stackset_deployer::{TrustedAccess, Wanted, observe, trusted_access, wait_until_quiet};
use tokio::sync::mpsc::Sender;

use crate::aws::Aws;

/// In which state of affairs AWS is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// As it is.
    Now,
    /// Once no operation is under way: what is found then is still so when a plan of it is carried out.
    Quiet,
}

/// What is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) spec: &'a RolloutSpec,
    pub(crate) when: When,
}

/// What was found.
pub(crate) enum Found {
    Snapshot(Box<StackSetSnapshot>),
    /// Service-managed StackSets do not work here.
    NoAccess(TrustedAccess),
}

impl Observed<'_> {
    pub(crate) async fn read(self, events: &Sender<RolloutEvent>) -> anyhow::Result<Found> {
        let (client, wanted) = (&self.aws.cloudformation, wanted(self.spec));
        // Roles of the operator's own need none (aws-facts A1).
        if self.spec.stack_set.permission_model.is_service_managed() {
            match trusted_access(client, wanted.region, wanted.call_as).await? {
                TrustedAccess::Enabled => {}
                access => return Ok(Found::NoAccess(access)),
            }
        }
        if self.when == When::Quiet {
            wait_until_quiet(client, wanted, events).await?;
        }
        Ok(Found::Snapshot(Box::new(observe(client, wanted).await?)))
    }
}

impl Found {
    /// The snapshot, or why there is none in this organization.
    pub(crate) fn of(self, organization: &Organization) -> anyhow::Result<StackSetSnapshot> {
        match self {
            Found::Snapshot(snapshot) => Ok(*snapshot),
            Found::NoAccess(TrustedAccess::Unrecognized(status)) => {
                bail!("trusted access of StackSets to the organization has the unknown status `{status}`")
            }
            Found::NoAccess(_) => bail!(
                "StackSets has no trusted access to the organization {}\n  turn it on from the management \
                 account with `rolecall doctor --fix`",
                organization.id
            ),
        }
    }
}

/// The StackSet and the stack of a rollout. The stack is looked at even when the management account is no target:
/// one that stays there has to be told. Only the management account itself can see it.
pub(crate) fn wanted(spec: &RolloutSpec) -> Wanted<'_> {
    let is_management = spec.stack_set.call_as == CallAs::Myself;
    Wanted {
        stack_set: &spec.stack_set.name,
        region: &spec.home_region,
        call_as: spec.stack_set.call_as,
        management_stack: is_management.then_some(&spec.management_stack.name),
    }
}
