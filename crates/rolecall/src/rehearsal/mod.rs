//! The simulation of a rehearsal: the operator's own organization, and what the rollout needs to find in it.

mod roles;
mod seed;

use anyhow::bail;
use org_simulator::Simulator;
use rollout_model::{Account, AccountId, AccountState, CallAs, Organization};
use rollout_planner::tags_wanted;

use crate::config::Rollout;

/// A simulation that is an organization as it was saved. Ids, names, tree, tags and states are the organization's
/// own; what a snapshot does not hold and the rollout names is made up: the principals that the role trusts, and
/// the role by which accounts are read.
pub(crate) fn simulate(rollout: &Rollout, organization: &Organization) -> anyhow::Result<Simulator> {
    // Where tags decide and were not read, nobody knows who is a target (the planner says which accounts).
    let unread: Vec<String> = rollout
        .explained(tags_wanted(&rollout.spec, organization))?
        .into_iter()
        .filter(|account| organization.accounts[account].tags.is_none())
        .map(|account| account.to_string())
        .collect();
    if let Some(first) = unread.first() {
        let count = unread.len();
        bail!(
            "tags decide who is a target, and the snapshot has none of {count} accounts ({first} among them)\n  \
             save it with `rolecall discover --tags --save FILE`"
        );
    }
    Ok(Simulator::from_yaml(&seed::seed(rollout, organization).to_string())?)
}

/// Who carries the rollout out. A delegated administrator is made up where the configuration wants one: the
/// snapshot does not tell who it is.
pub(crate) fn operator<'a>(rollout: &Rollout, organization: &'a Organization) -> &'a AccountId {
    let management = &organization.management_account;
    let is_member = |account: &&Account| account.state == AccountState::Active && account.id != *management;
    match rollout.spec.stack_set.call_as {
        CallAs::Myself => management,
        CallAs::DelegatedAdmin => {
            organization.accounts.values().find(is_member).map_or(management, |account| &account.id)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use org_discovery::Units;
    use request_budget::Budgets;
    use tokio::sync::mpsc::channel;

    use super::*;
    use crate::arguments::ConnectionArguments;
    use crate::aws::Aws;
    use crate::connect::read_config_offline;
    use crate::simulated::{Simulated, Stage};

    fn rollout() -> Rollout {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        read_config_offline(&repository.join("config/rollout.yaml")).unwrap()
    }

    /// What is discovered in a simulation, tags and all.
    async fn discovered(simulate: Simulated) -> Organization {
        let connection = ConnectionArguments { simulate: Some(simulate), endpoint_url: None };
        let aws = Aws::connect(&connection, &"us-east-1".parse().unwrap(), Budgets::default()).await.unwrap();
        let (events, mut sent) = channel(64);
        let discover = async {
            let mut organization =
                org_discovery::discover(&aws.organizations, Units::All, &events).await.unwrap();
            let everybody = organization.accounts.keys().cloned().collect();
            let read = org_discovery::read_tags(&aws.organizations, &everybody, &mut organization, &events);
            read.await.unwrap();
            drop(events);
            organization
        };
        let drain = async { while sent.recv().await.is_some() {} };
        futures::join!(discover, drain).0
    }

    #[tokio::test(start_paused = true)]
    async fn a_simulation_of_a_snapshot_is_the_organization_that_was_saved() {
        let organization = discovered(Simulated::BuiltIn).await;
        assert!(organization.accounts.len() == 64 && organization.units.len() > 20);
        let simulator = simulate(&rollout(), &organization).unwrap();
        assert_eq!(discovered(Simulated::Staged(Stage::new(simulator, None))).await, organization);
    }
}
