//! `apply --resume`: a run that was killed at any call, throttled at every call, or lost answers, comes to the
//! same end as one that was left in peace.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::program::{MANAGEMENT, Workplace, administrator, wait_until};
use crate::small_rollout::{APPLY, ONE_FAILS, Outcome, RESUME, simulation, under, workplace};

/// How many roll-outs go on side by side: each waits most of its time.
const AT_ONCE: usize = 12;

/// When a run is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Before the call has an effect.
    Before,
    /// After it has.
    After,
}

#[test]
fn a_run_that_is_killed_at_any_call_goes_on_to_the_same_end() {
    let undisturbed = under("");
    let (calls, killed) = (calls_of_a_run(), AtomicU64::new(0));
    let moments = (1..=calls).flat_map(|call| [(call, Moment::Before), (call, Moment::After)]);
    in_parallel(moments.collect(), |(call, moment)| {
        let workplace = workplace();
        let (was_killed, outcome) = killed_at(&workplace, call, moment, |_| ());
        // One that came to its end without that call is none to go on with.
        if was_killed {
            assert_eq!(outcome, undisturbed, "killed {moment:?} call {call} of {calls}");
            killed.fetch_add(1, Ordering::Relaxed);
        }
    });
    // How often a list is read depends on the machine, so that the last few calls may not come.
    let (killed, all) = (killed.into_inner(), 2 * calls);
    assert!(killed * 10 >= all * 9, "only {killed} of {all} runs were killed");
}

#[test]
fn without_its_ledger_a_run_that_was_killed_goes_on_all_the_same() {
    let undisturbed = under("").without_history();
    let calls = calls_of_a_run();
    let moments = (1..=calls).step_by(4).map(|call| (call, Moment::After));
    in_parallel(moments.collect(), |(call, moment)| {
        let workplace = workplace();
        let forget = |workplace: &Workplace| {
            let _ = std::fs::remove_dir_all(workplace.path(".rolecall"));
        };
        let (_, outcome) = killed_at(&workplace, call, moment, forget);
        assert_eq!(outcome.without_history(), undisturbed, "killed {moment:?} call {call} of {calls}");
    });
}

#[test]
fn every_call_may_be_throttled_answers_may_be_lost_and_lists_may_lag() {
    let undisturbed = under("");
    let throttled = r#"calls: [ { operation: "*", first_attempts: 1, effect: throttle } ]"#.to_owned();
    let losses = (2..=9)
        .map(|every| format!(r#"calls: [ {{ operation: "*", every: {every}, effect: lose-response }} ]"#));
    let lagging = "consistency: { lists: 10s, results: 10s, roles: 20s }".to_owned();
    let faults: Vec<String> = [throttled, lagging].into_iter().chain(losses).collect();
    in_parallel(faults, |faults| assert_eq!(under(&faults), undisturbed, "{faults}"));
}

#[test]
fn a_run_in_another_organization_is_none_to_go_on_with() {
    let workplace = workplace();
    let first = simulation(&workplace, "{}");
    first.create_role("222200000001", "CadoResponse");
    let unchecked = [&APPLY[..], &["--no-account-checks"]].concat();
    workplace.run_with_key(&administrator(MANAGEMENT), &first, &unchecked).ends_with(1).says("held back");
    workplace.edit("small.yaml", "root_id: r-smal", "id: o-another001, root_id: r-more");
    workplace.edit(
        "small.yaml",
        "{ id: \"222200000002\", name: shop }",
        "{ id: \"222200000005\", name: bakery }",
    );
    let second = simulation(&workplace, "{}");
    let resumed = workplace
        .run_with_key(&administrator(MANAGEMENT), &second, &RESUME)
        .ends_with(0)
        .says("there is no run to go on with");
    assert!(
        !resumed.accounts().contains_key("222200000002"),
        "a row of an account of the other organization"
    );
    // The first one is not lost by that.
    first.call("222200000001", "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
    workplace
        .run_with_key(&administrator(MANAGEMENT), &first, &RESUME)
        .ends_with(0)
        .says("goes on where it ended");
}

#[test]
fn a_run_whose_ledger_is_damaged_goes_on_by_what_aws_still_does_for_it() {
    let workplace = workplace();
    let faults = "
calls: [ { operation: 'cloudformation:DescribeStackSetOperation', nth: 1, effect: hold-before } ]
accounts: [ { account: '222200000001', takes: 60s } ]";
    let simulation = simulation(&workplace, faults);
    let running = workplace.begin(&simulation, &APPLY);
    wait_until("the canary is at work", || simulation.held() > 0);
    running.kill();
    let ledgers = || std::fs::read_dir(workplace.path(".rolecall")).unwrap().map(|file| file.unwrap().path());
    let ledger = ledgers().next().unwrap();
    let text = std::fs::read_to_string(&ledger).unwrap();
    std::fs::write(&ledger, text.replacen("{\"at\"", "at", 1)).unwrap();
    let resumed = workplace
        .run_with_key(&administrator(MANAGEMENT), &simulation, &RESUME)
        .ends_with(0)
        .says("is damaged in line 2")
        .says("looked for in AWS");
    let run = resumed.json()["run"].as_str().unwrap().to_owned();
    assert!(ledger.to_str().unwrap().contains(&run), "another run: {run}");
    assert_eq!(ledgers().count(), 2, "what could not be read is kept");
}

fn calls_of_a_run() -> u64 {
    let workplace = workplace();
    let simulation = simulation(&workplace, ONE_FAILS);
    workplace.run_with_key(&administrator(MANAGEMENT), &simulation, &APPLY).ends_with(1);
    simulation.calls().values().sum()
}

/// Kills a run at a call, lets `meanwhile` happen, and goes on with it. Answers whether the run was alive to be
/// killed, and how it ended.
fn killed_at(
    workplace: &Workplace,
    call: u64,
    moment: Moment,
    meanwhile: impl Fn(&Workplace),
) -> (bool, Outcome) {
    let effect = if moment == Moment::Before { "hold-before" } else { "hold-after" };
    let faults = format!(r#"{ONE_FAILS}calls: [ {{ operation: "*", nth: {call}, effect: {effect} }} ]"#);
    let simulation = simulation(workplace, &faults);
    let mut run = workplace.begin(&simulation, &APPLY);
    wait_until("the call is held, or the run ends without it", || simulation.held() > 0 || run.has_ended());
    let was_killed = !run.has_ended();
    run.kill();
    meanwhile(workplace);
    let run = workplace.run_with_key(&administrator(MANAGEMENT), &simulation, &RESUME).ends_with(1);
    (was_killed, Outcome::of(&run, &simulation))
}

/// Does this with everything, some at a time; the first that fails fails the test.
pub(crate) fn in_parallel<T: Send + Sync + Clone>(everything: Vec<T>, work: impl Fn(T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = everything.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(one.clone());
                }
            });
        }
    });
}

#[test]
fn a_management_stack_that_failed_is_not_created_again_by_the_same_run_and_by_the_next_one_it_is() {
    let workplace = workplace();
    let hold =
        r#"calls: [ { operation: "cloudformation:CreateStackInstances", nth: 2, effect: hold-after } ]"#;
    let simulation = simulation(&workplace, hold);
    simulation.create_role(MANAGEMENT, "CadoResponse");
    let unchecked = |arguments: &[&'static str]| [arguments, &["--no-account-checks"]].concat();
    let run = workplace.begin(&simulation, &unchecked(&APPLY));
    wait_until("the call is held", || simulation.held() > 0);
    run.kill();
    let resumed =
        workplace.run_with_key(&administrator(MANAGEMENT), &simulation, &unchecked(&RESUME)).ends_with(1);
    let management = &resumed.accounts()[MANAGEMENT]["deployment"];
    assert_eq!(management["status"], "failed");
    assert!(management["reason"].as_str().unwrap().contains("already exists"), "{management}");
    assert_eq!(simulation.calls()["cloudformation:ExecuteChangeSet"], 1);

    simulation.call(MANAGEMENT, "iam", "Action=DeleteRole&Version=2010-05-08&RoleName=CadoResponse");
    let next =
        workplace.run_with_key(&administrator(MANAGEMENT), &simulation, &unchecked(&APPLY)).ends_with(0);
    assert_eq!(next.accounts()[MANAGEMENT]["action"], "repair");
    assert_eq!(next.accounts()[MANAGEMENT]["verification"]["conclusion"], "verified");
}
