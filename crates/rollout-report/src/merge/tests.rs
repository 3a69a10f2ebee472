use rollout_model::*;

use super::*;
use crate::samples;
use crate::summary::{Outcome, Summary};

/// What `verify` of a shard of three leaves: of twelve accounts its own are verified but for those that are spoilt,
/// and account 12 is no target.
struct ShardLedger {
    shard: Shard,
    run: &'static str,
    accounts: std::ops::RangeInclusive<u64>,
    spoilt: &'static [u64],
    action: Action,
    events: Vec<RolloutEvent>,
}

fn shard_run_of(shard: &str, run: &'static str) -> ShardLedger {
    let shard = shard.parse().unwrap();
    ShardLedger { shard, run, accounts: 1..=12, spoilt: &[], action: Action::Keep, events: Vec::new() }
}

fn id(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

impl ShardLedger {
    fn events(&self) -> Vec<RolloutEvent> {
        let plan = |number: u64| {
            let (action, reason) = match Shard::holding(&id(number), self.shard.of()) {
                _ if number == 12 => (Action::Skip, "no include entry matches"),
                own if own == self.shard => (self.action, "included"),
                _ => (Action::OtherShard, "in another shard"),
            };
            (id(number), samples::plan_of("shop", &["Workloads"], action, reason))
        };
        let accounts: BTreeMap<AccountId, AccountPlan> = self.accounts.clone().map(plan).collect();
        let own: Vec<AccountId> = accounts
            .iter()
            .filter(|(_, plan)| plan.action == self.action)
            .map(|(id, _)| id.clone())
            .collect();
        let part = Part { shard: Some(self.shard), ..Part::default() };
        let chosen = own.len();
        let mut started = samples::started("verify");
        if let RolloutEvent::Run(RunEvent::Started { run, .. }) = &mut started {
            *run = self.run.parse().unwrap();
        }
        let mut events = vec![
            started,
            RolloutEvent::Run(RunEvent::Narrowed(Narrowing { part, targets: 11, eligible: 11, chosen })),
            samples::planned(accounts, 0),
            RolloutEvent::Verify(VerifyEvent::Started {
                accounts: own.iter().cloned().collect(),
                mode: VerifyMode::Direct,
            }),
        ];
        events.extend(own.into_iter().map(|account| {
            RolloutEvent::Verify(match self.spoilt.contains(&account.number()) {
                true => VerifyEvent::NotVerified { account, reason: "the network was gone".into() },
                false => VerifyEvent::Account { account, verdict: samples::verified(), took: None },
            })
        }));
        events.push(RolloutEvent::Run(RunEvent::Finished));
        events.extend(self.events.clone());
        events
    }

    fn ledger(&self) -> (PathBuf, RunState) {
        (self.run.into(), samples::state(&samples::timed(self.events())))
    }
}

fn three() -> [(PathBuf, RunState); 3] {
    [("1/3", "r1"), ("2/3", "r2"), ("3/3", "r3")].map(|(shard, run)| shard_run_of(shard, run).ledger())
}

fn reason(state: &RunState, number: u64) -> &str {
    match &state.accounts()[&id(number)].verification {
        Verification::NotVerified(reason) => reason,
        other => panic!("{number}: {other:?}"),
    }
}

#[test]
fn every_account_has_the_row_of_its_own_shard() {
    let merged = merge(three().into()).unwrap();
    assert_eq!(merged.accounts().len(), 12);
    for number in 1..=11 {
        assert!(merged.accounts()[&id(number)].is_verified(), "{number}");
    }
    let counts = merged.counts();
    assert_eq!((counts.targeted, counts.other_shard, counts.not_targeted), (11, 0, 1));
    assert_eq!(Summary::of(&merged).outcome, Outcome::AsSpecified);
    let mut other_way_round: Vec<_> = three().into();
    other_way_round.reverse();
    assert_eq!(merge(other_way_round).unwrap(), merged, "whatever the order");
}

#[test]
fn what_the_shards_asked_of_aws_adds_up() {
    let asked = |shard, run, attempts| {
        let events = vec![samples::calls(&[("sts:AssumeRole", attempts, 1)])];
        ShardLedger { events, ..shard_run_of(shard, run) }.ledger()
    };
    // Of the shard that was tried twice, the first try is no part of the joined run.
    let all = [("1/2", "r1", 100), ("1/2", "r2", 20), ("2/2", "r3", 3)];
    let merged = merge(all.map(|(shard, run, attempts)| asked(shard, run, attempts)).into()).unwrap();
    assert_eq!(merged.calls.0["sts:AssumeRole"], CallCount { attempts: 23, throttled: 2 });
    assert_eq!(merged.verifications.len(), 2);
}

#[test]
fn the_accounts_of_a_missing_shard_were_not_reached() {
    let [one, _, three] = three();
    let merged = merge(vec![one, three]).unwrap();
    let missing: Vec<String> = merged.missing_shards().map(|shard| shard.to_string()).collect();
    assert_eq!(missing, ["2/3"]);
    assert_eq!(merged.accounts().len(), 12);
    let second: Shard = "2/3".parse().unwrap();
    for number in (1..=11).filter(|number| second.holds(&id(*number))) {
        assert_eq!(reason(&merged, number), "not reached: shard 2/3 is missing");
    }
    assert_eq!(Summary::of(&merged).outcome, Outcome::SomeFailed);
}

#[test]
fn a_missing_shard_is_a_failure_though_it_has_no_account_that_anybody_knows() {
    let small = |shard, run| {
        let mut of_two = shard_run_of(shard, run);
        of_two.accounts = 12..=12;
        of_two.ledger()
    };
    let merged = merge(vec![small("1/3", "r1"), small("2/3", "r2")]).unwrap();
    assert_eq!(Summary::of(&merged).outcome, Outcome::SomeFailed);
    let merged = merge(vec![small("1/3", "r1"), small("2/3", "r2"), small("3/3", "r3")]).unwrap();
    assert_eq!(Summary::of(&merged).outcome, Outcome::AsSpecified);
}

#[test]
fn of_two_runs_of_one_shard_the_newer_counts() {
    let [one, second, third] = three();
    let own = (1..=11).find(|number| "2/3".parse::<Shard>().unwrap().holds(&id(*number))).unwrap();
    let failed = |run| {
        let mut failed = shard_run_of("2/3", run);
        failed.spoilt = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        failed.ledger()
    };
    let merged = merge(vec![second.clone(), failed("r1-first"), one.clone(), third.clone()]).unwrap();
    assert!(merged.accounts()[&id(own)].is_verified(), "r2 is newer");
    let merged = merge(vec![failed("r4"), second, one, third]).unwrap();
    assert_eq!(reason(&merged, own), "the network was gone");
    let runs: Vec<_> = merged.shards.iter().map(|shard| shard.run.as_ref().unwrap().as_str()).collect();
    assert_eq!(runs, ["r1", "r4", "r3"]);
}

#[test]
fn a_run_that_was_killed_leaves_accounts_unverified_and_before_its_plan_tells_nothing() {
    let [one, second, third] = three();
    let (path, events) = (PathBuf::from("killed"), shard_run_of("2/3", "r9").events());
    let killed = |events: &[RolloutEvent]| (path.clone(), samples::state(&samples::timed(events.to_vec())));
    let before_its_plan = killed(&events[..2]);
    let merged = merge(vec![one.clone(), before_its_plan.clone(), second, third.clone()]).unwrap();
    assert_eq!(Summary::of(&merged).outcome, Outcome::AsSpecified, "the older run of the shard counts");
    let merged = merge(vec![one, killed(&events[..4]), third]).unwrap();
    let own = (1..=11).find(|number| "2/3".parse::<Shard>().unwrap().holds(&id(*number))).unwrap();
    assert_eq!(reason(&merged, own), "the record of shard 2/3 breaks off");
    assert!(!merged.shards[1].is_finished);
    assert_eq!(Summary::of(&merged).outcome, Outcome::SomeFailed);
    assert_eq!(merge(vec![before_its_plan]), Err(MergeError::Nothing));
    assert_eq!(merge(Vec::new()), Err(MergeError::Nothing));
}

#[test]
fn an_account_that_joined_while_the_shards_ran_is_not_forgotten() {
    let [one, second, _] = three();
    let mut later = shard_run_of("3/3", "r3");
    later.accounts = 1..=40;
    let merged = merge(vec![one, second, later.ledger()]).unwrap();
    assert_eq!(merged.accounts().len(), 40);
    let first: Shard = "1/3".parse().unwrap();
    let joined = (13..=40).find(|number| first.holds(&id(*number))).unwrap();
    assert_eq!(reason(&merged, joined), "not reached: it joined after the run of shard 1/3 had begun");
    assert_eq!(Summary::of(&merged).outcome, Outcome::SomeFailed);
}

#[test]
fn a_selection_by_hand_stays_and_the_shard_does_not() {
    let selected = three().map(|(path, mut state)| {
        part(&mut state).only = vec!["ou Workloads".into()];
        (path, state)
    });
    let narrowing = merge(selected.into()).unwrap().narrowing.unwrap();
    assert_eq!(narrowing.part, Part { only: vec!["ou Workloads".into()], ..Part::default() });
    assert_eq!((narrowing.targets, narrowing.eligible, narrowing.chosen), (11, 11, 11));
    assert_eq!(merge(three().into()).unwrap().narrowing, None);
}

#[track_caller]
fn refused(change: impl FnOnce(&mut RunState), what: &str) {
    let [one, mut second, third] = three();
    change(&mut second.1);
    let error = merge(vec![one, second, third]).unwrap_err().to_string();
    assert!(error.contains(what) && error.contains("r2"), "`{what}` is not in {error}");
}

#[test]
fn runs_that_do_not_belong_together_are_refused_with_the_files() {
    refused(|state| state.rollout = Some("other".parse().unwrap()), "the rollout is cado-response");
    refused(
        |state| state.organization = Some("o-zzzzzzzzzz".parse().unwrap()),
        "the organization is o-a1b2c3d4e5",
    );
    refused(|state| state.home_region = Some("eu-west-1".parse().unwrap()), "home Region is us-east-1");
    refused(|state| part(state).shard = Some("2/4".parse().unwrap()), "the number of shards is 3");
    refused(|state| part(state).only = vec!["ou Sandbox".into()], "the selection by `--only` is everybody");
    refused(|state| part(state).shard = None, "is not of a shard");
    refused(|state| state.narrowing = None, "is not of a shard");
}

fn part(state: &mut RunState) -> &mut Part {
    &mut state.narrowing.as_mut().unwrap().part
}

#[test]
fn a_proof_that_the_role_is_gone_is_not_mixed_with_one_that_it_works() {
    let [one, _, third] = three();
    let mut absent = shard_run_of("2/3", "r2");
    absent.action = Action::Remove;
    let error = merge(vec![one, absent.ledger(), third]).unwrap_err().to_string();
    assert!(error.contains("the proof is that the role works"), "{error}");
    // An account of a missing shard is to be gone as well.
    let mut other = shard_run_of("1/3", "r1");
    other.action = Action::Remove;
    let merged = merge(vec![absent.ledger(), other.ledger()]).unwrap();
    assert_eq!(merged.counts().to_remove, 11);
}

#[test]
fn a_joined_run_says_of_which_runs_it_was_joined_and_what_is_missing() {
    let [one, second, _] = three();
    let merged = merge(vec![one, second]).unwrap();
    let view = crate::text::render_run(&merged, &crate::text::RunFiles::default(), Some(100));
    insta::assert_snapshot!(crate::text::Decoration::default().of(&view));
    insta::assert_snapshot!(crate::schema::report_json(&merged).split("\"steps\"").next().unwrap());
}
