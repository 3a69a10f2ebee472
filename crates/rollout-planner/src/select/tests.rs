use std::time::{Duration, SystemTime};

use rollout_model::{
    AccountState, EntryExplanation, Gate, OuId, Selector, TagCondition, TargetEntry, WrittenTime,
};

use super::*;
use crate::testing::{account_id, organization, spec, tag};

/// An entry of one selector: an account id, a unit id, or a path.
fn entry(text: &str) -> TargetEntry {
    let selector = match (text.parse::<AccountId>(), text.parse::<OuId>()) {
        (Ok(account), _) => Selector::Account(account),
        (_, Ok(unit)) => Selector::Unit(unit),
        _ => Selector::Units(text.parse().unwrap()),
    };
    entry_of([selector])
}

fn entry_of(selectors: impl IntoIterator<Item = Selector>) -> TargetEntry {
    TargetEntry { selectors: selectors.into_iter().collect(), optional: false }
}

fn of(include: Vec<TargetEntry>, exclude: Vec<TargetEntry>) -> RolloutSpec {
    let mut spec = spec(&[]);
    spec.targets = Targets { include, exclude, management_account: ManagementAccount::Exclude };
    spec
}

fn tagged(key: &str, condition: TagCondition) -> Selector {
    Selector::Tag { key: key.to_owned(), condition }
}

fn values<const N: usize>(values: [&str; N]) -> BTreeSet<String> {
    values.map(str::to_owned).into()
}

/// The organization with tags on every account: 21 and 22 are prod, 23 is dev, the others have none.
fn tagged_organization() -> Organization {
    let mut organization = organization();
    for account in organization.accounts.values_mut() {
        account.tags = Some(BTreeMap::new());
    }
    for (number, value) in [(21, "prod"), (22, "prod"), (23, "dev")] {
        tag(&mut organization, number, "env", value);
    }
    organization
}

#[track_caller]
fn check_in(organization: &Organization, spec: &RolloutSpec, expected: &[u64]) {
    let memberships = select(spec, organization).unwrap();
    let selected: Vec<AccountId> =
        memberships.iter().filter(|(_, is)| is.selected).map(|(id, _)| id.clone()).collect();
    assert_eq!(selected, expected.iter().map(|&number| account_id(number)).collect::<Vec<_>>());
    assert_eq!(memberships.len(), organization.accounts.len());
}

#[track_caller]
fn check(include: &[&str], exclude: &[&str], expected: &[u64]) {
    let entries = |texts: &[&str]| texts.iter().map(|text| entry(text)).collect();
    check_in(&organization(), &of(entries(include), entries(exclude)), expected);
}

#[track_caller]
fn check_selectors(selectors: impl IntoIterator<Item = Selector>, expected: &[u64]) {
    check_in(&tagged_organization(), &of(vec![entry_of(selectors)], Vec::new()), expected);
}

#[test]
fn a_unit_selects_what_is_in_and_below_it_and_exclusion_wins() {
    check(&["Workloads"], &[], &[21, 22, 23, 24]);
    check(&["Workloads/**"], &["Workloads/Legacy"], &[21, 22, 23]);
    check(&["Workloads/Prod"], &[], &[22, 23]);
    check(&["ou-root-prod0000"], &["000000000022"], &[23]);
    check(&["000000000024"], &[], &[24]);
    check(&["**"], &["Workloads"], &[11, 12]);
    check(&["Workloads", "000000000022"], &[], &[21, 22, 23, 24]);
}

#[test]
fn every_property_of_an_account_can_select_it() {
    check_selectors([Selector::Name("account-2?".parse().unwrap())], &[21, 22, 23, 24]);
    check_selectors([Selector::Email("AWS+2*@example.com".parse().unwrap())], &[21, 22, 23, 24]);
    check_selectors([Selector::State(AccountState::Active)], &[11, 12, 21, 22, 23, 24]);
    check_selectors([Selector::Root("r-root".parse().unwrap())], &[11, 12, 21, 22, 23, 24]);
    let accounts = [11, 23].into_iter().map(account_id).collect();
    check_selectors([Selector::Listed { file: "ids.txt".to_owned(), accounts }], &[11, 23]);
    check_selectors([tagged("env", TagCondition::In(values(["prod"])))], &[21, 22]);
    check_selectors([tagged("env", TagCondition::In(values(["prod", "dev"])))], &[21, 22, 23]);
    check_selectors([tagged("env", TagCondition::NotIn(values(["prod"])))], &[11, 12, 23, 24]);
    check_selectors([tagged("env", TagCondition::Exists)], &[21, 22, 23]);
    check_selectors([tagged("env", TagCondition::Absent)], &[11, 12, 24]);
}

#[test]
fn an_account_has_joined_at_or_before_a_time() {
    let day = |number: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * number);
    let written = |number| WrittenTime { time: day(number), written: format!("day {number}") };
    let mut organization = organization();
    for number in [21, 22, 23] {
        organization.accounts.get_mut(&account_id(number)).unwrap().joined = Some(day(number));
    }
    let check = |selectors: &[Selector], expected: &[u64]| {
        let spec = of(vec![entry_of(selectors.iter().cloned())], Vec::new());
        check_in(&organization, &spec, expected);
    };
    check(&[Selector::JoinedAfter(written(22))], &[22, 23]);
    check(&[Selector::JoinedBefore(written(22))], &[21]);
    check(&[Selector::JoinedAfter(written(22)), Selector::JoinedBefore(written(23))], &[22]);
}

#[test]
fn all_selectors_of_an_entry_have_to_match() {
    let prod = || tagged("env", TagCondition::In(values(["prod"])));
    let below = |path: &str| Selector::Units(path.parse().unwrap());
    check_selectors([below("Workloads/Prod"), prod()], &[22]);
    check_selectors([below("Workloads"), prod(), Selector::Name("*-21".parse().unwrap())], &[21]);
}

#[test]
fn only_tags_that_can_decide_are_wanted() {
    let prod = || tagged("env", TagCondition::In(values(["prod"])));
    let check = |include: Vec<TargetEntry>, exclude: Vec<TargetEntry>, expected: &[u64]| {
        let spec = of(include, exclude);
        let mut organization = organization();
        organization.accounts.get_mut(&account_id(23)).unwrap().state = AccountState::Suspended;
        let wanted: Vec<AccountId> = tags_wanted(&spec, &organization).unwrap().into_iter().collect();
        assert_eq!(wanted, expected.iter().map(|&number| account_id(number)).collect::<Vec<_>>());
        let undecided = select(&spec, &organization);
        assert_eq!(undecided.is_err(), !expected.is_empty(), "{undecided:?}");
    };
    let workloads = || Selector::Units("Workloads".parse().unwrap());
    // 23 is suspended and skipped whatever its tags say.
    check(vec![entry_of([prod()])], Vec::new(), &[11, 12, 21, 22, 24]);
    check(vec![entry_of([prod(), workloads()])], Vec::new(), &[21, 22, 24]);
    check(vec![entry_of([prod()]), entry("Workloads")], Vec::new(), &[11, 12]);
    check(vec![entry("Workloads")], vec![entry_of([prod()]), entry("Workloads/Legacy")], &[21, 22]);
    check(vec![entry("Workloads")], Vec::new(), &[]);
}

#[test]
fn tags_that_decide_on_a_wave_are_wanted_of_targets_only() {
    let mut spec = of(vec![entry("Workloads/Prod")], Vec::new());
    let include = vec![entry_of([tagged("canary", TagCondition::Exists)])];
    spec.waves = vec![WaveSpec { name: "canary".parse().unwrap(), include, gate: Gate::OPEN }];
    let wanted: Vec<AccountId> = tags_wanted(&spec, &organization()).unwrap().into_iter().collect();
    assert_eq!(wanted, [account_id(22), account_id(23)]);
}

#[track_caller]
fn refused_in(spec: &RolloutSpec, organization: &Organization, expected: &[&str]) {
    let PlanError::Selection(problems) = select(spec, organization).unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

#[track_caller]
fn refused(include: &[&str], exclude: &[&str], expected: &[&str]) {
    let entries = |texts: &[&str]| texts.iter().map(|text| entry(text)).collect();
    refused_in(&of(entries(include), entries(exclude)), &organization(), expected);
}

#[test]
fn every_entry_that_does_not_fit_is_reported_with_a_suggestion() {
    refused(
        &["Workload/Prod", "Workloads"],
        &["000000000099"],
        &[
            "targets.include[0].ou: there is no organizational unit `Workload/Prod` with accounts; \
             did you mean `Workloads/Prod`?",
            "targets.exclude[0].account: account 000000000099 is not in the organization",
        ],
    );
    refused(&["Xyz"], &[], &["targets.include[0].ou: there is no organizational unit `Xyz` with accounts"]);
    refused(
        &["000000000001"],
        &[],
        &["targets.include[0].account: account 000000000001 is the management account, which gets the \
           role by a stack of its own; write `management_account: include` below `targets` instead"],
    );
    let name = |name: &str| of(vec![entry_of([Selector::Name(name.parse().unwrap())])], Vec::new());
    refused_in(
        &name("acount-21"),
        &organization(),
        &["targets.include[0].name: no account has the name `acount-21`; did you mean `account-21`?"],
    );
}

#[test]
fn an_entry_that_means_nobody_is_a_mistake_unless_it_is_optional() {
    let nobody = || {
        entry_of([Selector::Units("Workloads/Legacy".parse().unwrap()), Selector::Account(account_id(21))])
    };
    let expected = "`ou Workloads/Legacy, account 000000000021` matches no account; write `optional: true` \
                    beside it if that is in order";
    refused(
        &["Empty", "Workloads"],
        &[],
        &[&format!(
            "targets.include[0].ou: {}",
            "`ou Empty` matches no account; write `optional: true` beside it if that is in order"
        )],
    );
    let in_wave = |entry: TargetEntry| {
        let mut spec = of(vec![self::entry("Workloads")], Vec::new());
        spec.waves =
            vec![WaveSpec { name: "canary".parse().unwrap(), include: vec![entry], gate: Gate::OPEN }];
        spec
    };
    refused_in(&in_wave(nobody()), &organization(), &[&format!("waves[0].include[0]: {expected}")]);
    let optional = TargetEntry { optional: true, ..nobody() };
    check_in(&organization(), &in_wave(optional), &[21, 22, 23, 24]);
}

#[test]
fn the_selector_to_blame_is_the_one_without_which_somebody_would_match() {
    let unit = |path: &str| Selector::Units(path.parse().unwrap());
    let keys = |selectors: Vec<Selector>, organization: &Organization| {
        let spec = of(vec![entry_of(selectors)], Vec::new());
        let PlanError::Selection(problems) = select(&spec, organization).unwrap_err() else {
            panic!("another error");
        };
        problems.into_iter().map(|problem| problem.key).collect::<Vec<_>>().join(" ")
    };
    let stage = || tagged("a.stage", TagCondition::In(values(["nowhere"])));
    let check = |selectors: Vec<Selector>, expected: &str| {
        assert_eq!(keys(selectors, &tagged_organization()), expected);
    };
    check(vec![unit("Workloads"), stage()], "targets.include[0].tag.a.stage");
    check(vec![unit("Workloads"), Selector::State(AccountState::Closed)], "targets.include[0].state");
    check(vec![unit("Workloads"), Selector::Name("acount-21".parse().unwrap())], "targets.include[0].name");
    check(vec![Selector::Name("account-*".parse().unwrap()), unit("Xyz")], "targets.include[0].ou");
    // Either could be meant.
    check(vec![unit("Workloads/Legacy"), Selector::Account(account_id(21))], "targets.include[0]");
    // Of the others the tags were not read.
    let mut organization = organization();
    tag(&mut organization, 21, "a.stage", "prod");
    let one = Selector::Name("account-21".parse().unwrap());
    assert_eq!(keys(vec![one, stage()], &organization), "targets.include[0].tag.a.stage");
    // The management account alone.
    check(
        vec![Selector::Root("r-root".parse().unwrap()), Selector::Account(account_id(1))],
        "targets.include[0].account",
    );
}

#[test]
fn the_management_account_has_a_switch_and_can_be_excluded() {
    let mut spec = of(vec![entry("Workloads")], Vec::new());
    spec.targets.management_account = ManagementAccount::Include;
    check_in(&organization(), &spec, &[1, 21, 22, 23, 24]);
    spec.targets.exclude = vec![entry_of([Selector::ManagementAccount])];
    check_in(&organization(), &spec, &[21, 22, 23, 24]);
}

#[test]
fn an_explanation_holds_every_entry_against_the_account() {
    let both = entry_of([Selector::Units("Workloads".parse().unwrap()), tagged("env", TagCondition::Exists)]);
    let mut spec = of(vec![entry("Workloads/Prod"), both], vec![entry("Workloads/Legacy")]);
    spec.waves = vec![WaveSpec {
        name: "canary".parse().unwrap(),
        include: vec![entry("000000000022")],
        gate: Gate::OPEN,
    }];
    let explained = |number: u64, organization: &Organization| {
        explain(&spec, organization, &account_id(number)).unwrap().map(|explanation| {
            let entry = |entry: &EntryExplanation| {
                format!("{} {:?} {}", entry.key, entry.matches, entry.unmatched.join(", "))
            };
            let entries: Vec<String> = explanation.entries.iter().map(entry).collect();
            (explanation.selected, explanation.wave.map(|wave| wave.to_string()), entries)
        })
    };
    assert_eq!(explained(99, &organization()), None);
    let (selected, wave, entries) = explained(22, &tagged_organization()).unwrap();
    assert_eq!((selected, wave.as_deref()), (Some(true), Some("canary")));
    assert_eq!(
        entries,
        [
            "targets.include[0] Some(true) ",
            "targets.include[1] Some(true) ",
            "targets.exclude[0] Some(false) ou Workloads/Legacy",
            "waves[0].include[0] Some(true) ",
        ]
    );
    let (selected, wave, entries) = explained(24, &tagged_organization()).unwrap();
    assert_eq!((selected, wave), (Some(false), None));
    assert_eq!(entries[1], "targets.include[1] Some(false) tag env exists");
    let (selected, _, entries) = explained(21, &organization()).unwrap();
    assert_eq!((selected, entries[1].as_str()), (None, "targets.include[1] None "));
}
