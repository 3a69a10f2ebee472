use std::path::Path;

use rollout_model::{AccountPlan, Action, RolloutEvent, RunEvent};

use super::*;
use crate::past_run::PastRun;
use crate::samples::{self, Event};

fn html_of(events: &[Event], past: &[PastRun]) -> String {
    let state = samples::state(events);
    let ledger = Some(Path::new(".rolecall/cado-response.x.jsonl"));
    // A slash is escaped like everything that may mean something.
    report_html(&RunReport { state: &state, ledger, past }).replace("&#x2f;", "/")
}

fn html(events: &[Event]) -> String {
    html_of(events, &[])
}

/// The rows of the accounts, as they stand in the document.
fn rows(html: &str) -> Vec<&str> {
    html.lines().filter(|line| line.starts_with("<tr id=\"a-")).collect()
}

fn row<'a>(html: &'a str, account: &str) -> &'a str {
    let begins = format!("<tr id=\"a-{account}\"");
    rows(html).into_iter().find(|row| row.starts_with(&begins)).unwrap()
}

/// The sample plan with an account of this name, in a unit and with a reason of the same name.
fn with_name(name: &str) -> Vec<Event> {
    let mut events = samples::failures_and_findings();
    for (_, event) in &mut events {
        if let RolloutEvent::Run(RunEvent::Planned { accounts, .. }) = event {
            let plan: &mut AccountPlan = accounts.get_mut(&samples::id("200000000002")).unwrap();
            (plan.name, plan.reason) = (name.to_owned(), name.to_owned());
            plan.unit.0 = vec![name.to_owned()];
        }
    }
    events
}

#[test]
fn every_account_has_exactly_one_row_and_its_twelve_digits() {
    for events in [
        samples::all_well(),
        samples::failures_and_findings(),
        samples::retired(),
        samples::interrupted(),
        samples::stopped(),
        samples::of_a_shard(),
        samples::changed_meanwhile(),
        samples::timed(samples::every_event()),
    ] {
        let (state, html) = (samples::state(&events), html(&events));
        assert_eq!(rows(&html).len(), state.accounts().len());
        for id in state.accounts().keys() {
            assert!(row(&html, id.as_str()).contains(&format!("<td class=\"id\">{id}</td>")));
        }
    }
}

#[test]
fn a_record_that_breaks_off_at_once_is_a_page_too() {
    let html = html(&[]);
    assert!(html.contains("The record breaks off here"));
    assert!(html.contains("No account was verified by this run"));
}

#[test]
fn hostile_names_are_text() {
    for (name, dangerous) in [
        ("<script>alert(1)</script>", "<script>alert"),
        ("</script><img src=x onerror=alert(1)>", "<img"),
        ("</style></title></textarea>", "</textarea>"),
        ("\" autofocus onfocus=\"alert(1)", "\" autofocus"),
        ("' onmouseover='alert(1)", "' onmouseover"),
        ("{{ 7 * 191 }}{% raw %}", "1337"),
        ("pay\u{202e}ments\u{2066}", "\u{202e}"),
        ("javascript:alert(1)&amp;", "href=\"javascript"),
    ] {
        let html = html(&with_name(name));
        assert!(!html.contains(dangerous), "{name}");
        let scripts = html.matches("<script").count();
        assert_eq!((scripts, html.matches("</script>").count()), (1, 1), "{name}");
    }
}

#[test]
fn names_of_any_direction_stand_by_themselves() {
    let html = html(&with_name("متجر"));
    assert!(row(&html, "200000000002").contains("<td><bdi>متجر</bdi></td>"));
}

#[test]
fn only_the_style_and_the_script_of_the_page_are_let_run_and_nothing_is_loaded() {
    let html = html(&samples::failures_and_findings());
    let policy =
        html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.replace("&#x27;", "'").starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for loading in
        [" src=", "<link", "<iframe", "@import", "url(", "http://", "https://", " style=", " onclick="]
    {
        assert!(!html.contains(loading), "{loading}");
    }
}

#[test]
fn base64_is_that_of_its_specification() {
    for (text, expected) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("\u{ff}\u{fe}", "w7/Dvg=="),
    ] {
        assert_eq!(base64(text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn what_was_not_checked_is_never_green() {
    let events: Vec<Event> = samples::all_well()
        .into_iter()
        .filter(|(_, event)| !matches!(event, RolloutEvent::Verify(_)))
        .collect();
    let html = html(&events);
    assert!(!html.contains("data-s=\"verified\""));
    assert!(html.contains("<section class=\"verdict unknown\""));
    assert!(row(&html, "200000000001").contains("deployed, not verified"));
    assert!(self::html(&samples::all_well()).contains("<section class=\"verdict good\""));
}

#[test]
fn a_cause_stands_once_with_its_accounts_its_remedy_and_a_command() {
    let html = html(&samples::failures_and_findings());
    let action = html.split("<section id=\"action\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert_eq!(action.matches("a policy of the organization keeps StackSets out").count(), 1);
    assert_eq!(action.matches("with an explicit deny").count(), 1, "one text, whatever the request id");
    for account in ["200000000002", "200000000003"] {
        assert_eq!(action.matches(&format!("href=\"#a-{account}\"")).count(), 1);
        assert!(row(&html, account).contains("data-c=\"deployment-service-control-policy\""));
    }
    assert!(action.contains("exempt arn:aws:iam::*:role/stacksets-exec-*"));
    assert!(action.contains("rolecall apply ROLLOUT.yaml --only-failed"));
    assert!(
        row(&html, "200000000002").contains("1b0c8f0e-5d6f-4a53-8a39-0d9f6b6f2c11"),
        "its own request id"
    );
}

#[test]
fn the_matrix_shows_what_differs_and_does_not_call_the_rest_of_an_old_record_the_same() {
    let differing = |events: &[Event]| {
        let state = samples::state(events);
        let row = &state.accounts()[&samples::id("200000000003")];
        let crate::account_row::Verification::Done(verdict) = &row.verification else { panic!("{row:?}") };
        drift::cells(verdict)
    };
    use drift::Cell::{Differs, NotSeen, Same};
    let mut events = samples::findings();
    assert_eq!(differing(&events), [Same, Same, Differs, Same, Same, Differs, Same, Same, Same]);
    for (_, event) in &mut events {
        if let RolloutEvent::Verify(rollout_model::VerifyEvent::Account { verdict, .. }) = event {
            verdict.checks.iter_mut().for_each(|result| result.differs.clear());
        }
    }
    let mut unknown = [NotSeen; 9];
    unknown[8] = Same;
    assert_eq!(differing(&events), unknown);
}

#[test]
fn the_tree_adds_up_what_is_below_a_unit() {
    let html = html(&samples::failures_and_findings());
    let tree = html.split("<ul class=\"tree\">").nth(1).unwrap().split("</section>").next().unwrap();
    let line = |path: &str| {
        tree.split(&format!("href=\"#ou={path}\"")).nth(1).unwrap().split("</li>").next().unwrap()
    };
    assert!(line("Root").contains("<span>8</span>"), "{tree}");
    assert!(line("Root").contains("4 need action"));
    assert!(line("Workloads").contains("<span>5</span>"));
    assert!(line("Workloads").contains("4 need action"));
}

#[test]
fn history_tells_who_has_turned_and_nothing_of_whom_nobody_looked_at() {
    let before = PastRun::of(&samples::state(&samples::findings())).unwrap();
    let events = samples::of_run(samples::failures_and_findings(), "20261121T120000Z-a");
    let history = |past: &[PastRun]| {
        let html = html_of(&events, past);
        html.split("<section id=\"history\"")
            .nth(1)
            .map(|rest| rest.split("</section>").next().unwrap().to_owned())
    };
    assert_eq!(history(&[]), None);
    let told = history(std::slice::from_ref(&before)).unwrap();
    let newly = told.split("newly failing</span>").nth(1).unwrap().split("</ul>").next().unwrap();
    let links: Vec<&str> = newly.match_indices("href=\"#a-").map(|(at, _)| &newly[at + 9..at + 21]).collect();
    assert_eq!(links, ["200000000001", "200000000002", "200000000004"], "200000000003 was so before");
    assert!(!told.contains("newly fixed</span>"));
    let mut elsewhere = before;
    elsewhere.standings.clear();
    assert!(!history(&[elsewhere]).unwrap().contains("newly failing</span>"));
}

#[test]
fn who_ran_it_and_what_was_asked_of_aws_is_told() {
    let html = html(&samples::timed(samples::every_event()));
    assert!(html.contains("arn:aws:sts::100000000001:assumed-role/CI/run-88"));
    assert!(html.contains("rolecall apply config/rollout.yaml --yes"));
    assert!(html.contains("sts:AssumeRole</th><td class=\"n\">12</td><td class=\"n\">3</td>"));
}

#[test]
fn a_thousand_accounts_go_into_one_and_a_half_megabytes() {
    let mut events = samples::quick_deployment_of(1000);
    let at = events[0].0;
    let ids: Vec<_> = samples::state(&events).accounts().keys().cloned().collect();
    events.extend(ids.into_iter().map(|account| {
        let verdict = samples::verified();
        let took = Some(std::time::Duration::from_millis(412));
        (at, RolloutEvent::Verify(rollout_model::VerifyEvent::Account { account, verdict, took }))
    }));
    events.push((at, RolloutEvent::Run(RunEvent::Finished)));
    let html = html(&events);
    assert_eq!(rows(&html).len(), 1000);
    assert!(html.len() < 1_500_000, "{} bytes", html.len());
}

#[test]
fn whom_the_run_was_not_about_is_told_with_the_reason() {
    let html = html(&samples::of_a_shard());
    let others = html.split("<section id=\"others\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(others.contains("in another shard (1/3)"));
    assert!(others.contains("href=\"#a-100000000001\""));
    assert!(row(&html, "100000000001").contains("not looked at"));
    assert!(samples::accounts().values().any(|plan| plan.action == Action::Skip));
    assert!(row(&html, "200000000005").contains("the account is suspended"));
}

#[test]
fn what_is_being_taken_away_is_not_offered_to_be_rolled_out_again() {
    let html = html(&samples::retired());
    assert!(html.contains("<code>rolecall retire ROLLOUT.yaml</code>"), "the command that goes on");
    assert!(!html.contains("rolecall apply"), "a role that is to go");
}
