use proptest::prelude::*;
use rollout_model::*;

use super::*;
use crate::account_row::Verification;
use crate::samples;

const SHOP: &str = "200000000001";

/// A run that knows one account, or none.
fn of_one(row: Option<AccountRow>) -> RunState {
    let mut state = RunState::default();
    if let Some(row) = row {
        state.put(&samples::id(SHOP), row);
    }
    state
}

fn row(action: Action, deployment: Option<DeploymentStatus>, verification: Verification) -> AccountRow {
    let plan = samples::plan_of("shop", &["Workloads"], action, "the reason");
    AccountRow { plan: Some(plan), deployment, verification, ..AccountRow::default() }
}

fn verified() -> AccountRow {
    row(Action::Keep, None, Verification::Done(samples::verified()))
}

fn found(evidence: &str) -> AccountRow {
    let mut verdict = samples::verified();
    let check = &mut verdict.checks[0];
    (check.outcome, check.cause) = (CheckOutcome::Fail, Some(VerdictCause::RoleDiffers));
    check.evidence = vec![evidence.to_owned()];
    row(Action::Keep, None, Verification::Done(verdict))
}

fn failed(reason: &str) -> AccountRow {
    let status = DeploymentStatus::Failed(reason.to_owned());
    row(Action::Create, Some(status), Verification::NotVerified("its deployment did not succeed".into()))
}

fn left_out() -> AccountRow {
    row(Action::OtherShard, None, Verification::NotAsked)
}

fn no_target() -> AccountRow {
    row(Action::Skip, None, Verification::NotAsked)
}

fn not_reached() -> AccountRow {
    row(Action::Keep, None, Verification::NotVerified("the run was interrupted first".into()))
}

/// Took the role away, and proved that.
fn removed() -> AccountRow {
    row(Action::Remove, Some(DeploymentStatus::Removed), Verification::Done(samples::verified()))
}

#[track_caller]
fn check(before: Option<AccountRow>, after: Option<AccountRow>, class: Class, is_worse: bool) {
    let difference = RunDifference::between(&of_one(before), &of_one(after));
    let account = &difference.accounts()[&samples::id(SHOP)];
    assert_eq!((account.class, account.is_worse()), (class, is_worse), "{account:?}");
    assert_eq!(difference.is_worse(), is_worse);
}

#[test]
fn what_was_well_and_is_not_is_newly_failing_and_the_other_way_round_fixed() {
    check(Some(verified()), Some(verified()), Class::Unchanged, false);
    check(Some(verified()), Some(found("tags differ")), Class::NewlyFailing, true);
    check(Some(verified()), Some(failed("Throttling")), Class::NewlyFailing, true);
    check(Some(found("tags differ")), Some(verified()), Class::NewlyFixed, false);
    check(Some(failed("Throttling")), Some(verified()), Class::NewlyFixed, false);
    check(Some(no_target()), Some(no_target()), Class::Unchanged, false);
}

#[test]
fn one_more_thing_changed_by_hand_is_news_and_other_words_for_one_cause_are_not() {
    check(Some(found("tags differ")), Some(found("tags differ")), Class::StillFailing, false);
    check(Some(found("tags differ")), Some(found("12h")), Class::OtherCause, true);
    check(
        Some(failed("Throttling at 10:00")),
        Some(failed("Throttling at 11:00")),
        Class::StillFailing,
        false,
    );
    check(Some(failed("Throttling")), Some(failed("role already exists")), Class::OtherCause, true);
    check(Some(failed("Throttling")), Some(found("tags differ")), Class::OtherCause, true);
    let (one, other) = ("0f3a1c52-8a7e-4a54-9e0e-3a1a0b5c7d11", "1b0c8f0e-5d6f-4a53-8a39-0d9f6b6f2c11");
    let unknown = |request: &str| Some(failed(&format!("a wonder happened (Request ID: {request})")));
    check(unknown(one), unknown(other), Class::StillFailing, false);
    check(unknown(one), Some(failed("another wonder")), Class::OtherCause, true);
}

#[test]
fn an_account_that_a_run_did_not_look_at_is_neither_fixed_nor_failing() {
    for unseen in [left_out(), not_reached()] {
        for seen in [verified(), found("tags differ"), failed("Throttling"), no_target()] {
            check(Some(unseen.clone()), Some(seen.clone()), Class::NotCompared, false);
            check(Some(seen), Some(unseen.clone()), Class::NotCompared, false);
        }
    }
    // What was deployed and not looked at is not proven.
    let unproven = row(Action::Update, Some(DeploymentStatus::Deployed), Verification::NotAsked);
    check(Some(found("tags differ")), Some(unproven), Class::NotCompared, false);
    let held_back = row(
        Action::Update,
        Some(DeploymentStatus::NotReached("held back".into())),
        Verification::NotVerified("its deployment did not succeed".into()),
    );
    check(Some(verified()), Some(held_back), Class::NotCompared, false);
}

#[test]
fn whoever_joins_leaves_or_is_meant_otherwise_is_told_as_that() {
    check(None, Some(verified()), Class::Joined, false);
    check(None, Some(failed("Throttling")), Class::Joined, true);
    check(None, Some(no_target()), Class::Joined, false);
    check(Some(found("tags differ")), None, Class::Left, false);
    check(Some(no_target()), Some(verified()), Class::OtherAim, false);
    check(Some(no_target()), Some(found("tags differ")), Class::OtherAim, true);
    check(Some(found("tags differ")), Some(no_target()), Class::OtherAim, false);
    check(Some(verified()), Some(removed()), Class::OtherAim, false);
    check(Some(removed()), Some(removed()), Class::Unchanged, false);
    // A run that sees an account leave keeps its row.
    let mut gone = no_target();
    gone.plan.as_mut().unwrap().reason = "is not in the organization any more".into();
    check(Some(verified()), Some(gone.clone()), Class::Left, false);
    let difference = RunDifference::between(&of_one(Some(gone)), &of_one(None));
    assert!(difference.accounts().is_empty(), "it left before");
}

#[test]
fn a_move_is_told_beside_whatever_else_became_of_an_account() {
    let mut elsewhere = found("tags differ");
    elsewhere.plan.as_mut().unwrap().unit = OuPath(vec!["Sandbox".into()]);
    let difference = RunDifference::between(&of_one(Some(verified())), &of_one(Some(elsewhere)));
    let (_, moved) = difference.moved().next().unwrap();
    assert_eq!(moved.class, Class::NewlyFailing);
    assert_eq!(moved.moved_from, Some(OuPath(vec!["Workloads".into()])));
}

#[test]
fn a_run_is_comparable_once_it_knows_how_an_account_is() {
    let looked_for = |row: AccountRow| of_one(Some(row)).looked_for();
    assert_eq!(looked_for(verified()), Some(Aim::Role));
    assert_eq!(looked_for(failed("Throttling")), Some(Aim::Role));
    assert_eq!(looked_for(removed()), Some(Aim::NoRole));
    for unknown in [left_out(), not_reached(), no_target()] {
        assert_eq!(looked_for(unknown), None);
    }
    let run = samples::state(&samples::all_well());
    let mut other = run.clone();
    assert_eq!(require_one_story(&run, &other), Ok(()));
    other.organization = None;
    assert_eq!(require_one_story(&run, &other), Ok(()));
    other.rollout = Some("another".parse().unwrap());
    let error = require_one_story(&run, &other).unwrap_err().to_string();
    assert_eq!(error, "the rollout is cado-response in the earlier run and another in the later one");
}

/// Any row that a run may end with.
fn rows() -> impl Strategy<Value = AccountRow> {
    let reason = || prop_oneof![Just("Throttling".to_owned()), Just("a wonder".to_owned())];
    let deployment = prop_oneof![
        Just(None),
        Just(Some(DeploymentStatus::Unchanged)),
        Just(Some(DeploymentStatus::Deployed)),
        Just(Some(DeploymentStatus::Removed)),
        Just(Some(DeploymentStatus::Running)),
        reason().prop_map(|reason| Some(DeploymentStatus::Failed(reason))),
        reason().prop_map(|reason| Some(DeploymentStatus::Cancelled(reason))),
        reason().prop_map(|reason| Some(DeploymentStatus::NotReached(reason))),
    ];
    let verification = prop_oneof![
        Just(Verification::NotAsked),
        Just(Verification::Pending),
        Just(verified().verification),
        reason().prop_map(Verification::NotVerified),
        prop_oneof!["tags differ", "12h"].prop_map(|evidence| found(&evidence).verification),
    ];
    let action = proptest::sample::select(Action::ALL.to_vec());
    let unit = proptest::sample::select(vec!["Workloads", "Sandbox"]);
    let is_unplanned = proptest::bool::weighted(0.1);
    (action, deployment, verification, unit, is_unplanned).prop_map(
        |(action, deployment, verification, unit, is_unplanned)| {
            let mut row = row(action, deployment, verification);
            row.plan.as_mut().unwrap().unit = OuPath(vec![unit.to_owned()]);
            row.plan = row.plan.filter(|_| !is_unplanned);
            row
        },
    )
}

fn runs() -> impl Strategy<Value = RunState> {
    proptest::collection::btree_map(1..30_u64, rows(), 0..20).prop_map(|rows| {
        let mut state = RunState::default();
        for (number, row) in rows {
            state.put(&format!("{number:012}").parse().unwrap(), row);
        }
        state
    })
}

fn mirrored(class: Class) -> Class {
    match class {
        Class::NewlyFailing => Class::NewlyFixed,
        Class::NewlyFixed => Class::NewlyFailing,
        Class::Joined => Class::Left,
        Class::Left => Class::Joined,
        itself => itself,
    }
}

proptest! {
    #[test]
    fn a_run_does_not_differ_from_itself(run in runs()) {
        let difference = RunDifference::between(&run, &run);
        prop_assert!(difference.is_empty(), "{difference:?}");
        prop_assert!(!difference.is_worse());
    }

    #[test]
    fn the_difference_the_other_way_round_is_the_mirror_image(one in runs(), other in runs()) {
        let (there, back) = (RunDifference::between(&one, &other), RunDifference::between(&other, &one));
        prop_assert!(there.accounts().keys().eq(back.accounts().keys()));
        for (there, back) in there.accounts().values().zip(back.accounts().values()) {
            prop_assert_eq!(there.class, mirrored(back.class));
            prop_assert_eq!((&there.before, &there.after), (&back.after, &back.before));
            prop_assert_eq!(there.moved_from.is_some(), back.moved_from.is_some());
        }
    }

    #[test]
    fn every_account_of_either_run_is_in_exactly_one_class(one in runs(), other in runs()) {
        let difference = RunDifference::between(&one, &other);
        let mut of_classes: Vec<&AccountId> =
            Class::ALL.into_iter().flat_map(|class| difference.of_class(class).map(|(id, _)| id)).collect();
        of_classes.sort();
        let mut known: Vec<&AccountId> = one.accounts().keys().chain(other.accounts().keys()).collect();
        known.sort();
        known.dedup();
        prop_assert_eq!(of_classes, known);
    }
}
