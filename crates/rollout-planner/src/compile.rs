//! From a set of accounts to the fewest StackSets calls that reach exactly them (aws-facts A3): by units where
//! AWS Organizations gives the permissions, account by account where the operator does.

use std::collections::{BTreeMap, BTreeSet};

use rollout_model::{AccountId, AccountIds, AccountState, DeploymentTargets, Organization, ParentId};

/// The most units that one call may name (aws-facts A3).
const MAX_UNITS: usize = 50;

/// The most accounts that one call names. AWS states no limit, so the size of the request is one: a form takes
/// some 36 bytes for each account, and a list of a thousand stays below the 51,200 bytes that a template alone
/// may have. More calls cost nothing: an operation works on a tenth of that at a time (aws-facts A5).
const MAX_ACCOUNTS: usize = 1_000;

/// What decides between few calls and few surprises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Booking {
    /// Automatic deployment is on: every unit that a call names is booked for accounts that enter it later,
    /// so only the accounts' own units are named, even if that takes more calls.
    Units,
    /// Automatic deployment is off: units may be named by an ancestor.
    Nothing,
}

/// Compiles to whole units without a filter where everybody below is wanted, otherwise to the same units
/// with the shorter of the two lists: who is left out, or who is in.
pub(crate) fn compile(
    organization: &Organization,
    wanted: &AccountIds,
    booking: Booking,
) -> Vec<DeploymentTargets> {
    let reach = Reach::of(organization);
    let mut units = cover(organization, &reach, wanted);
    if units.len() > MAX_UNITS && booking == Booking::Nothing {
        units = lift(organization, units);
    }
    let units: Vec<ParentId> = units.into_iter().collect();
    units.chunks(MAX_UNITS).map(|units| filter(&reach, units, wanted)).collect()
}

/// Names every wanted account. For calls that are refused whole when one account has no instance
/// (aws-facts A8).
pub(crate) fn compile_only(
    organization: &Organization,
    wanted: &AccountIds,
    booking: Booking,
) -> Vec<DeploymentTargets> {
    let reach = Reach::of(organization);
    let name_all = |targets: DeploymentTargets| {
        let units = targets.units().to_vec();
        let accounts = reach.of_all(&units).filter(|account| wanted.0.contains(account)).collect();
        DeploymentTargets::Only(units, accounts)
    };
    compile(organization, wanted, booking).into_iter().map(name_all).collect()
}

/// Names every wanted account and no unit, as self-managed sets have it.
pub(crate) fn compile_accounts(wanted: &AccountIds) -> Vec<DeploymentTargets> {
    let accounts: Vec<&AccountId> = wanted.0.iter().collect();
    let call = |chunk: &[&AccountId]| DeploymentTargets::Accounts(chunk.iter().copied().cloned().collect());
    accounts.chunks(MAX_ACCOUNTS).map(call).collect()
}

/// Names every wanted account and the unit that it sits in, whatever state it is in: no other call means a
/// suspended account.
pub(crate) fn compile_each(
    organization: &Organization,
    wanted: &AccountIds,
    _: Booking,
) -> Vec<DeploymentTargets> {
    let mut by_unit: BTreeMap<&ParentId, BTreeSet<AccountId>> = BTreeMap::new();
    for account in wanted.0.iter().filter_map(|id| organization.accounts.get(id)) {
        by_unit.entry(&account.parent).or_default().insert(account.id.clone());
    }
    let units: Vec<_> = by_unit.into_iter().collect();
    let call = |units: &[(&ParentId, BTreeSet<AccountId>)]| {
        let accounts = units.iter().flat_map(|(_, accounts)| accounts.iter().cloned()).collect();
        DeploymentTargets::Only(units.iter().map(|(unit, _)| (*unit).clone()).collect(), accounts)
    };
    units.chunks(MAX_UNITS).map(call).collect()
}

/// The accounts that AWS finds below each unit: at any depth, without the management account, and without
/// suspended accounts, which it skips. Whether it skips the other closed states is not documented, so they
/// count as reached and have to be left out by name (aws-facts A3).
struct Reach(BTreeMap<ParentId, BTreeSet<AccountId>>);

impl Reach {
    fn of(organization: &Organization) -> Self {
        let mut below: BTreeMap<ParentId, BTreeSet<AccountId>> = BTreeMap::new();
        for account in organization.accounts.values() {
            if account.id == organization.management_account || account.state == AccountState::Suspended {
                continue;
            }
            below.entry(organization.root_parent()).or_default().insert(account.id.clone());
            for unit in organization.ancestry(&account.parent) {
                below.entry(ParentId::Ou(unit.id.clone())).or_default().insert(account.id.clone());
            }
        }
        Reach(below)
    }

    fn of_one(&self, unit: &ParentId) -> impl Iterator<Item = &AccountId> {
        self.0.get(unit).into_iter().flatten()
    }

    fn of_all(&self, units: &[ParentId]) -> impl Iterator<Item = AccountId> {
        units.iter().flat_map(|unit| self.of_one(unit)).cloned()
    }

    /// The units below which everybody is wanted. Found once for all accounts: in a large organization to ask
    /// for each account anew takes minutes.
    fn whole(&self, wanted: &AccountIds) -> BTreeSet<&ParentId> {
        let is_whole = |(_, accounts): &(&ParentId, &BTreeSet<AccountId>)| accounts.is_subset(&wanted.0);
        self.0.iter().filter(is_whole).map(|(unit, _)| unit).collect()
    }
}

/// For every wanted account the topmost unit below which everybody is wanted, or its own parent; without
/// units that lie below another one of the cover.
fn cover(organization: &Organization, reach: &Reach, wanted: &AccountIds) -> BTreeSet<ParentId> {
    let whole = reach.whole(wanted);
    let mut units = BTreeSet::new();
    for account in wanted.0.iter().filter_map(|id| organization.accounts.get(id)) {
        let topmost = upwards(organization, &account.parent)
            .take_while(|unit| whole.contains(unit))
            .last()
            .unwrap_or_else(|| account.parent.clone());
        units.insert(topmost);
    }
    without_nested(organization, units)
}

/// Names units by ancestors, as deep as possible, so that one call can name them all.
fn lift(organization: &Organization, units: BTreeSet<ParentId>) -> BTreeSet<ParentId> {
    let chains: Vec<Vec<ParentId>> = units
        .iter()
        .map(|unit| {
            let mut chain: Vec<ParentId> = upwards(organization, unit).collect();
            chain.reverse();
            chain
        })
        .collect();
    let deepest = chains.iter().map(Vec::len).max().unwrap_or(1);
    (1..=deepest)
        .rev()
        .map(|depth| chains.iter().map(|chain| chain[depth.min(chain.len()) - 1].clone()).collect())
        .map(|units| without_nested(organization, units))
        .find(|units| units.len() <= MAX_UNITS)
        .expect("at depth 1 the root alone is left")
}

fn without_nested(organization: &Organization, units: BTreeSet<ParentId>) -> BTreeSet<ParentId> {
    let nested =
        |unit: &ParentId| upwards(organization, unit).skip(1).any(|ancestor| units.contains(&ancestor));
    units.iter().filter(|unit| !nested(unit)).cloned().collect()
}

/// The unit, what it sits in, and so on up to the root.
fn upwards(organization: &Organization, unit: &ParentId) -> impl Iterator<Item = ParentId> {
    let units: Vec<ParentId> =
        organization.ancestry(unit).map(|unit| ParentId::Ou(unit.id.clone())).collect();
    units.into_iter().chain(std::iter::once(organization.root_parent()))
}

fn filter(reach: &Reach, units: &[ParentId], wanted: &AccountIds) -> DeploymentTargets {
    let (inside, outside): (BTreeSet<AccountId>, BTreeSet<AccountId>) =
        reach.of_all(units).partition(|account| wanted.0.contains(account));
    let units = units.to_vec();
    if outside.is_empty() {
        DeploymentTargets::Units(units)
    } else if outside.len() < inside.len() {
        DeploymentTargets::UnitsExcept(units, AccountIds(outside))
    } else {
        DeploymentTargets::Only(units, AccountIds(inside))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        account_id, add_account, add_unit, organization, random_organization, resolved_by_aws, unit_id,
    };

    fn accounts(numbers: &[u64]) -> AccountIds {
        numbers.iter().map(|&number| account_id(number)).collect()
    }

    fn unit(name: &str) -> ParentId {
        ParentId::Ou(unit_id(name))
    }

    #[track_caller]
    fn check(wanted: &[u64], expected: &[DeploymentTargets]) {
        assert_eq!(compile(&organization(), &accounts(wanted), Booking::Units), expected);
    }

    #[test]
    fn a_unit_is_named_whole_when_everybody_below_is_wanted() {
        let root = organization().root_parent();
        check(&[11, 12, 21, 22, 23, 24], &[DeploymentTargets::Units(vec![root])]);
        check(&[21, 22, 23, 24], &[DeploymentTargets::Units(vec![unit("work")])]);
        check(&[22, 23], &[DeploymentTargets::Units(vec![unit("prod")])]);
        check(&[22, 23, 24], &[DeploymentTargets::Units(vec![unit("legacy"), unit("prod")])]);
        check(&[], &[]);
    }

    #[test]
    fn the_shorter_list_is_sent_otherwise() {
        check(&[21, 22, 23], &[DeploymentTargets::UnitsExcept(vec![unit("work")], accounts(&[24]))]);
        check(&[21], &[DeploymentTargets::Only(vec![unit("work")], accounts(&[21]))]);
        check(&[22], &[DeploymentTargets::Only(vec![unit("prod")], accounts(&[22]))]);
    }

    #[test]
    fn a_suspended_account_does_not_spoil_a_whole_unit_but_one_pending_closure_does() {
        let mut organization = organization();
        let state = |organization: &mut Organization, state| {
            organization.accounts.get_mut(&account_id(23)).unwrap().state = state;
        };
        state(&mut organization, AccountState::Suspended);
        let compiled =
            |organization: &Organization| compile(organization, &accounts(&[21, 22, 24]), Booking::Units);
        assert_eq!(compiled(&organization), [DeploymentTargets::Units(vec![unit("work")])]);
        state(&mut organization, AccountState::PendingClosure);
        let expected = DeploymentTargets::UnitsExcept(vec![unit("work")], accounts(&[23]));
        assert_eq!(compiled(&organization), [expected]);
    }

    #[test]
    fn more_than_fifty_units_are_lifted_to_one_call_or_split_when_units_are_booked() {
        let mut organization = organization();
        let mut wanted = Vec::new();
        for number in 100..220 {
            let id = format!("many{number}");
            add_unit(&mut organization, &id, &id, unit("empty"));
            add_account(&mut organization, number, unit(&id));
            if number % 2 == 0 {
                wanted.push(number);
            }
        }
        let calls = |booking| compile(&organization, &accounts(&wanted), booking);
        let lifted = DeploymentTargets::Only(vec![unit("empty")], accounts(&wanted));
        assert_eq!(calls(Booking::Nothing), [lifted]);
        let split: Vec<usize> = calls(Booking::Units).iter().map(|targets| targets.units().len()).collect();
        assert_eq!(split, [50, 10]);
    }

    #[test]
    fn accounts_alone_are_named_each_once_a_thousand_at_a_time() {
        let wanted: AccountIds = (1..=2_001).map(account_id).collect();
        let mut named = AccountIds::default();
        let mut sizes = Vec::new();
        for call in compile_accounts(&wanted) {
            let DeploymentTargets::Accounts(accounts) = call else { panic!("{call:?}") };
            sizes.push(accounts.len());
            named.0.extend(accounts.0);
        }
        assert_eq!((sizes, named), (vec![1_000, 1_000, 1], wanted));
        assert_eq!(compile_accounts(&AccountIds::default()), []);
    }

    proptest! {
        #[test]
        fn what_aws_resolves_is_exactly_what_was_wanted(
            units in prop::collection::vec(0usize..60, 0..90),
            places in prop::collection::vec((0usize..90, 0u8..8, any::<bool>()), 0..120),
            booking in prop::sample::select(vec![Booking::Units, Booking::Nothing]),
            all in any::<bool>(),
        ) {
            let places: Vec<_> = places.into_iter().map(|(unit, state, is)| (unit, state, is || all)).collect();
            let (organization, wanted) = random_organization(&units, &places);
            for calls in [
                compile(&organization, &wanted, booking),
                compile_only(&organization, &wanted, booking),
            ] {
                let mut reached = BTreeSet::new();
                for targets in &calls {
                    prop_assert!((1..=MAX_UNITS).contains(&targets.units().len()));
                    for account in resolved_by_aws(&organization, targets) {
                        prop_assert!(reached.insert(account), "an account is reached twice");
                    }
                }
                prop_assert_eq!(&reached, &wanted.0);
                if booking == Booking::Nothing {
                    prop_assert!(calls.len() <= 1);
                }
            }
        }
    }
}
