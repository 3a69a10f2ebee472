use super::*;
use crate::samples;

fn text(state: &RunState, past: &[PastRun]) -> String {
    String::from_utf8(render(state, past, COMMENT)).unwrap()
}

fn past_of(events: Vec<samples::Event>) -> Vec<PastRun> {
    let state = samples::state(&samples::of_run(events, "20261119T120000Z-k3f9"));
    PastRun::of(&state).into_iter().collect()
}

#[test]
fn a_run_with_failures_and_findings_after_one_in_which_another_account_failed() {
    let state = samples::state(&samples::failures_and_findings());
    insta::assert_snapshot!(text(&state, &past_of(samples::retired())));
}

#[test]
fn a_run_without_trouble() {
    insta::assert_snapshot!(text(&samples::state(&samples::all_well()), &[]));
}

#[test]
fn a_stopped_run_of_hostile_names() {
    let mut state = samples::state(&samples::hostile());
    state.stopped = Some("`x`\n# [b](https://example.com) @all".into());
    insta::assert_snapshot!(text(&state, &[]));
}

#[test]
fn every_kind_of_run_can_be_rendered_and_begins_with_its_verdict() {
    for (run, state) in samples::every_run() {
        let verdict = format!("## {}\n", verdict(Summary::of(&state).outcome));
        assert!(text(&state, &past_of(samples::findings())).starts_with(&verdict), "{run}");
    }
}

#[test]
fn what_is_well_goes_first_when_there_is_too_much_and_everything_left_out_is_counted() {
    let state = samples::state(&samples::quick_deployment_of(2_000));
    let comment = text(&state, &[]);
    assert!(comment.len() <= COMMENT && comment.len() > COMMENT - 200, "{}", comment.len());
    let shown = comment.lines().filter(|line| line.starts_with("| `3")).count();
    assert!(comment.contains(&format!("{} more are left out", 2_000 - shown)), "{comment}");
    let summary = String::from_utf8(render(&state, &[], JOB_SUMMARY)).unwrap();
    assert_eq!(summary.lines().filter(|line| line.starts_with("| `3")).count(), 2_000);
}

#[test]
fn a_fleet_that_fails_fits_with_its_causes() {
    let state = samples::state(&samples::quick_deployment_of(5_000)[..20]);
    let comment = text(&state, &[]);
    assert!(comment.len() <= COMMENT, "{}", comment.len());
    let shown = comment.lines().filter(|line| line.starts_with("| `3")).count();
    let failing = state.counts().open;
    assert!(
        failing > 4_000 && comment.contains(&format!("{} more are left out", failing - shown)),
        "{comment}"
    );
    assert!(comment.contains(&format!("- … and {} more", failing - MOST_EXAMPLES)));
}

#[test]
fn who_is_well_again_is_told() {
    let state = samples::state(&samples::all_well());
    let text = text(&state, &past_of(samples::findings()));
    assert!(text.contains("0 newly failing, 1 newly fixed"), "{text}");
    assert!(text.contains("- newly fixed: `200000000003 data \"lake\"`"), "{text}");
}

#[test]
fn the_largest_number_that_fits_is_found() {
    for most in 0..20 {
        for limit in 0..20 {
            assert_eq!(largest(most, |number| number <= limit), Some(most.min(limit)));
        }
        assert_eq!(largest(most, |_| false), None);
    }
}
