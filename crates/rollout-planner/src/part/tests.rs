use std::num::NonZeroU32;

use proptest::prelude::*;
use rollout_model::{OuPath, Selector, Vehicle};

use super::*;
use crate::plan::targets;
use crate::testing::{account_id, organization, spec, units};

fn planned(include: &[&str]) -> BTreeMap<AccountId, AccountPlan> {
    targets(&spec(include), &organization()).unwrap()
}

/// The accounts that a run over everything is about when it is narrowed like this.
fn chosen(wanted: Wanted<'_>) -> Result<Vec<u64>, String> {
    let (accounts, narrowing) =
        narrow(planned(&["**"]), &organization(), wanted).map_err(|error| error.to_string())?;
    assert_eq!(accounts.len(), organization().accounts.len(), "every account keeps its row");
    let chosen: Vec<u64> = left(&accounts).map(|(id, _)| id.number()).collect();
    assert_eq!(narrowing.chosen, chosen.len());
    Ok(chosen)
}

fn entry(selector: Selector) -> TargetEntry {
    TargetEntry { selectors: vec![selector], optional: false }
}

#[test]
fn selectors_are_alternatives_and_narrow() {
    let account = entry(Selector::Account(account_id(11)));
    assert_eq!(
        chosen(Wanted { only: &[units("Workloads/Prod"), account], ..Wanted::default() }),
        Ok(vec![11, 22, 23])
    );
    let management = entry(Selector::ManagementAccount);
    assert_eq!(chosen(Wanted { only: &[management], ..Wanted::default() }), Ok(vec![1]));
}

#[test]
fn nobody_is_added_who_is_no_target() {
    let only = [units("Workloads/**"), entry(Selector::Account(account_id(22)))];
    let (accounts, narrowing) =
        narrow(planned(&["Workloads/Prod"]), &organization(), Wanted { only: &only, ..Wanted::default() })
            .unwrap();
    let chosen: Vec<u64> = left(&accounts).map(|(id, _)| id.number()).collect();
    assert_eq!(chosen, [22, 23]);
    assert_eq!((narrowing.targets, narrowing.eligible, narrowing.chosen), (3, 2, 2));
    assert_eq!(accounts[&account_id(1)].action, Action::LeaveOut);
    assert_eq!(accounts[&account_id(24)].action, Action::Skip, "it was no target before");
    assert_eq!(accounts[&account_id(24)].reason, "no include entry matches");
}

#[test]
fn an_entry_in_vain_is_told_with_what_may_have_been_meant() {
    let refused =
        |selector: Selector| chosen(Wanted { only: &[entry(selector)], ..Wanted::default() }).unwrap_err();
    let name = |name: &str| Selector::Name(name.parse().unwrap());
    let says = |error: String, text: &str| assert!(error.contains(text), "`{text}` is not in {error}");
    says(
        refused(name("acount-11")),
        "--only name acount-11: no account has the name `acount-11`; did you mean `account-11`?",
    );
    says(refused(name("Prod")), "did you mean `ou=Workloads/Prod`?");
    says(refused(Selector::Units("Wrokloads".parse().unwrap())), "did you mean `Workloads`?");
    says(refused(Selector::Units("account-11".parse().unwrap())), "did you mean `name=account-11`?");
    says(refused(Selector::Account(account_id(99))), "account 000000000099 is not in the organization");
    says(
        refused(Selector::Units("Empty".parse().unwrap())),
        "--only ou Empty: means no target: there is no account",
    );
    let both = [entry(name("nobody")), entry(Selector::Account(account_id(99)))];
    let error = chosen(Wanted { only: &both, ..Wanted::default() }).unwrap_err();
    assert!(error.contains("nobody") && error.contains("000000000099"), "all at once: {error}");
}

#[test]
fn an_account_that_is_no_target_is_told_with_the_reason() {
    let only = [entry(Selector::Account(account_id(24)))];
    let wanted = Wanted { only: &only, ..Wanted::default() };
    let error = narrow(planned(&["Workloads/Prod"]), &organization(), wanted).unwrap_err().to_string();
    assert!(error.contains("means no target: no include entry matches"), "{error}");
}

#[test]
fn whoever_is_proven_is_left_out_with_the_run_that_proved_it() {
    let run: RunId = "20261120T120000Z-k3f9".parse().unwrap();
    let proven = [(account_id(11), run.clone()), (account_id(999), run.clone())].into();
    let unproven = Some(Unproven { run: &run, proven: &proven });
    let (accounts, narrowing) =
        narrow(planned(&["**"]), &organization(), Wanted { unproven, ..Wanted::default() }).unwrap();
    let row = &accounts[&account_id(11)];
    assert_eq!(
        (row.action, row.reason.as_str()),
        (Action::LeaveOut, "was verified in run 20261120T120000Z-k3f9")
    );
    assert_eq!(narrowing.chosen, 6);
    assert_eq!(narrowing.part.unproven_in, Some(run));
}

#[test]
fn a_share_is_rounded_up_and_never_more_than_all() {
    let size = |size| {
        let sample = Sample { size, seed: "a".to_owned() };
        chosen(Wanted { sample: Some(&sample), ..Wanted::default() }).unwrap().len()
    };
    assert_eq!(size(Share::Count(3)), 3);
    assert_eq!(size(Share::Count(100)), 7);
    assert_eq!(size(Share::Percent(1)), 1);
    assert_eq!(size(Share::Percent(50)), 4);
    assert_eq!(size(Share::Percent(100)), 7);
}

#[test]
fn the_row_of_another_shard_names_it() {
    let shard: Shard = "1/2".parse().unwrap();
    let (accounts, _) =
        narrow(planned(&["**"]), &organization(), Wanted { shard: Some(shard), ..Wanted::default() })
            .unwrap();
    let others: Vec<_> = accounts.values().filter(|account| account.action == Action::OtherShard).collect();
    assert!(!others.is_empty());
    assert!(
        others.iter().all(|account| account.reason == "in another shard (2/2)" && account.wave.is_none())
    );
}

/// Rows of accounts in units of these sizes, all of them targets.
fn rows(ids: &BTreeSet<u64>, sizes: &[usize]) -> BTreeMap<AccountId, AccountPlan> {
    let mut unit_of: Vec<usize> =
        sizes.iter().enumerate().flat_map(|(unit, size)| std::iter::repeat_n(unit, *size)).collect();
    unit_of.resize(ids.len(), sizes.len());
    // Ids do not tell the unit.
    let mut unit_of: Vec<_> = unit_of.into_iter().enumerate().collect();
    unit_of.sort_by_key(|(index, _)| scattered(*index as u64));
    let row = |(id, (_, unit)): (&u64, (usize, usize))| {
        let plan = AccountPlan {
            name: String::new(),
            unit: OuPath(vec![unit.to_string()]),
            action: Action::Keep,
            vehicle: Vehicle::StackSet,
            wave: None,
            reason: String::new(),
        };
        (account_id(*id), plan)
    };
    ids.iter().zip(unit_of).map(row).collect()
}

fn narrowed(rows: &BTreeMap<AccountId, AccountPlan>, wanted: Wanted<'_>) -> BTreeSet<AccountId> {
    let (accounts, _) = narrow(rows.clone(), &organization(), wanted).unwrap();
    left(&accounts).map(|(id, _)| id.clone()).collect()
}

fn ids() -> impl Strategy<Value = BTreeSet<u64>> {
    prop::collection::btree_set(0..1_000_000_000_000_u64, 0..60)
}

proptest! {
    #[test]
    fn every_account_is_in_exactly_one_shard(ids in ids(), of in 1..12_u32) {
        let rows = rows(&ids, &[]);
        let mut seen: Vec<AccountId> = Vec::new();
        for shard in Shard::all(NonZeroU32::new(of).unwrap()) {
            seen.extend(narrowed(&rows, Wanted { shard: Some(shard), ..Wanted::default() }));
        }
        seen.sort();
        prop_assert_eq!(seen, rows.into_keys().collect::<Vec<_>>());
    }

    #[test]
    fn no_account_moves_between_shards_when_others_come_and_go(ids in ids(), more in ids(), of in 1..12_u32) {
        let before = rows(&ids, &[]);
        let after = rows(&ids.union(&more).copied().collect(), &[]);
        for shard in Shard::all(NonZeroU32::new(of).unwrap()) {
            let wanted = Wanted { shard: Some(shard), ..Wanted::default() };
            let mut later = narrowed(&after, wanted);
            later.retain(|id| before.contains_key(id));
            prop_assert_eq!(narrowed(&before, wanted), later);
        }
    }

    #[test]
    fn each_unit_has_its_share_of_a_sample_to_within_one_account(
        ids in prop::collection::btree_set(0..1_000_000_000_000_u64, 30..60),
        sizes in prop::collection::vec(1..10_usize, 1..4),
        size in 1..30_u32,
        seed in "[a-z]{0,4}",
    ) {
        let rows = rows(&ids, &sizes);
        let sample = Sample { size: Share::Count(size), seed };
        let wanted = Wanted { sample: Some(&sample), ..Wanted::default() };
        let chosen = narrowed(&rows, wanted);
        prop_assert_eq!(chosen.len(), size as usize);
        prop_assert_eq!(&chosen, &narrowed(&rows, wanted), "the same seed, the same sample");
        let mut of_units: BTreeMap<&OuPath, (usize, usize)> = BTreeMap::new();
        for (id, account) in &rows {
            let (all, picked) = of_units.entry(&account.unit).or_default();
            *all += 1;
            *picked += usize::from(chosen.contains(id));
        }
        for (all, picked) in of_units.into_values() {
            let share = all * size as usize;
            let fair = share / rows.len()..=share.div_ceil(rows.len());
            prop_assert!(fair.contains(&picked), "{picked} of {all}, {size} of {}", rows.len());
        }
    }
}

#[test]
fn shards_are_about_equally_large() {
    let of = NonZeroU32::new(8).unwrap();
    let mut sizes: BTreeMap<Shard, usize> = BTreeMap::new();
    for number in 0..8_000 {
        *sizes.entry(Shard::holding(&account_id(222_200_000_000 + number), of)).or_default() += 1;
    }
    // A fair coin strays by more than five standard deviations (30 each) once in a million tosses.
    assert!(sizes.values().all(|size| (850..1_150).contains(size)), "{sizes:?}");
}

#[test]
fn another_seed_makes_another_sample() {
    let rows = rows(&(0..1_000).collect(), &[500]);
    let sampled = |seed: &str| {
        let sample = Sample { size: Share::Count(10), seed: seed.to_owned() };
        narrowed(&rows, Wanted { sample: Some(&sample), ..Wanted::default() })
    };
    assert_ne!(sampled("a"), sampled("b"));
}
