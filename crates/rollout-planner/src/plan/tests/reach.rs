//! Whom the calls of a plan reach, held against an independent resolver.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::testing::{random_organization, resolved_by_aws};

/// Whether an account is meant, from the lists alone and sharing nothing with the planner.
fn is_meant(organization: &Organization, account: &Account, include: &[usize], exclude: &[usize]) -> bool {
    let mut above = vec![account.parent.clone()];
    while let Some(ParentId::Ou(id)) = above.last() {
        above.push(organization.units[id].parent.clone());
    }
    let units: Vec<&OuId> = organization.units.keys().collect();
    let is_in = |index: &usize| match units.get(index % (units.len() + 1)) {
        Some(unit) => above.contains(&ParentId::Ou((*unit).clone())),
        None => true,
    };
    include.iter().any(is_in) && !exclude.iter().any(is_in)
}

/// The entry for what [`is_meant`] takes an index for: a unit, or everything.
fn entry_of(organization: &Organization, index: usize) -> TargetEntry {
    let units: Vec<&OuId> = organization.units.keys().collect();
    let selector = match units.get(index % (units.len() + 1)) {
        Some(unit) => Selector::Unit((*unit).clone()),
        None => Selector::Root(organization.root.id.clone()),
    };
    TargetEntry { selectors: vec![selector], optional: true }
}

proptest! {
    #[test]
    fn whatever_is_selected_the_calls_reach_exactly_the_open_accounts_of_the_selection(
        units in prop::collection::vec(0usize..40, 0..70),
        places in prop::collection::vec((0usize..70, 0u8..8, Just(false)), 1..80),
        include in prop::collection::vec(0usize..70, 1..4),
        exclude in prop::collection::vec(0usize..70, 0..4),
        canary in prop::collection::vec(0usize..70, 0..2),
        auto_deployment in any::<bool>(),
    ) {
        let (organization, _) = random_organization(&units, &places);
        let mut spec = spec(&[]);
        let entries = |indices: &[usize]| indices.iter().map(|index| entry_of(&organization, *index)).collect();
        spec.targets.include = entries(&include);
        spec.targets.exclude = entries(&exclude);
        spec.waves = vec![WaveSpec { name: "canary".parse().unwrap(), include: entries(&canary), gate: Gate::OPEN }];
        spec.stack_set.auto_deployment.enabled = auto_deployment;
        let expected: BTreeSet<AccountId> = organization
            .accounts
            .values()
            .filter(|account| account.id != organization.management_account)
            .filter(|account| account.state.is_deployable())
            .filter(|account| is_meant(&organization, account, &include, &exclude))
            .map(|account| account.id.clone())
            .collect();
        // Members of which nobody is open are not taken for the truth.
        let planned = plan(&spec, &organization, &StackSetSnapshot::default(), &Obstacles::default());
        prop_assert!(planned.is_ok() || expected.is_empty());
        if let Ok(planned) = planned {
            let mut reached = BTreeSet::new();
            for step in planned.steps() {
                let Step::CreateStackInstances { targets, accounts } = step else { continue };
                let resolved = resolved_by_aws(&organization, targets);
                prop_assert_eq!(&resolved, &accounts.0);
                for account in resolved {
                    prop_assert!(reached.insert(account), "an account is reached twice");
                }
            }
            prop_assert_eq!(reached, expected);
            prop_assert!(planned.accounts.keys().eq(organization.accounts.keys()));
        }
    }
}
