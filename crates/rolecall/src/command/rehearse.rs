//! `rehearse`: a roll-out against a simulation of the operator's own organization, by the code of `apply`.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use jiff::{SignedDuration, SpanRound, Unit};
use org_simulator::Simulator;
use rollout_report::PlanFile;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::apply;
use crate::arguments::{ApplyArguments, Arguments, ConnectionArguments, RehearseArguments, Throttle};
use crate::clock::Clock;
use crate::connect::read_config_offline;
use crate::exit::Exit;
use crate::simulated::{Simulated, Stage, failing, read_faults};
use crate::{print, rehearsal, snapshot};

/// Virtual time waits for the watcher this often: shorter than an eye notices.
const STEP: Duration = Duration::from_millis(40);

/// Fast enough that the operation of a large organization is over in a minute, and slow enough to watch.
const SPEED_ON_A_TERMINAL: f64 = 60.0;

pub(crate) async fn run(
    arguments: &Arguments,
    path: &Path,
    wanted: &RehearseArguments,
) -> anyhow::Result<Exit> {
    if PlanFile::is_meant_by(path) {
        bail!("a rehearsal plans by itself: give the configuration, not a saved plan");
    }
    let stage = stage(arguments.connection.simulate.as_ref(), path, wanted)?;
    let simulate = Some(Simulated::Staged(stage.clone()));
    let rehearsal =
        Arguments { connection: ConnectionArguments { simulate, endpoint_url: None }, ..arguments.clone() };
    let speed = wanted.speed.or_else(|| print::is_watched().then_some(SPEED_ON_A_TERMINAL));
    let (as_if, began) = (ApplyArguments::rehearsal(), Instant::now());
    let exit = tokio::select! {
        exit = apply::run(&rehearsal, path, &as_if) => exit?,
        never = pace(speed) => match never {},
    };
    let told = told(&stage.simulator(), began.elapsed());
    match arguments.output.is_text() {
        true => print::result(&format!("\n{told}\n"))?,
        false => print::message(&told),
    }
    Ok(exit)
}

/// Sets the simulation up: the organization, and what goes wrong in it.
fn stage(simulated: Option<&Simulated>, path: &Path, wanted: &RehearseArguments) -> anyhow::Result<Stage> {
    let (mut simulator, operator) = match &wanted.organization {
        Some(file) => {
            let rollout = read_config_offline(path)?;
            let organization = snapshot::read(file, Clock::start().now())?.organization;
            let operator = rehearsal::operator(&rollout, &organization).to_string();
            (rehearsal::simulate(&rollout, &organization)?, Some(operator))
        }
        None => (simulated.unwrap_or(&Simulated::BuiltIn).simulator()?, None),
    };
    if let Some(file) = &wanted.faults {
        simulator.add_faults(read_faults(file)?);
    }
    if let Some(share) = &wanted.fail {
        simulator.add_faults(failing(share)?);
    }
    if wanted.throttle == Some(Throttle::Documented) {
        simulator.enforce_request_rates();
    }
    Ok(Stage::new(simulator, operator))
}

/// Holds virtual time back, so that somebody can watch: so many virtual seconds in a second. On a paused clock,
/// time goes on only when every task waits, and so not while this one keeps the thread.
async fn pace(speed: Option<f64>) -> Infallible {
    let Some(speed) = speed else { return std::future::pending().await };
    let (began, really_began) = (Instant::now(), std::time::Instant::now());
    loop {
        sleep(STEP.mul_f64(speed)).await;
        let early = early_by(began.elapsed(), really_began.elapsed(), speed);
        #[expect(
            clippy::disallowed_methods,
            reason = "the runtime's own clock is the one that is held back"
        )]
        std::thread::sleep(early);
    }
}

/// By how much of real time virtual time is ahead of the speed that was asked for.
fn early_by(passed: Duration, really_passed: Duration, speed: f64) -> Duration {
    passed.div_f64(speed).saturating_sub(really_passed)
}

fn told(simulator: &Simulator, took: Duration) -> String {
    let by_service = |calls: &std::collections::BTreeMap<String, u64>| {
        let mut services = std::collections::BTreeMap::<&str, u64>::new();
        for (call, count) in calls {
            *services.entry(call.split(':').next().unwrap_or_default()).or_default() += count;
        }
        services
            .into_iter()
            .map(|(service, count)| format!("{service} {count}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut lines = vec![
        "REHEARSED, NOT DONE: nothing left this process".to_owned(),
        format!("  on AWS, expect about {}", in_words(took)),
        format!("  calls: {}", by_service(simulator.calls())),
    ];
    if !simulator.throttled().is_empty() {
        lines.push(format!("  throttled: {}", by_service(simulator.throttled())));
    }
    lines.extend(struck(&simulator.faults()));
    lines.join("\n")
}

/// How often each entry of the faults struck: one that never did has tested nothing.
fn struck(faults: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for key in ["calls", "accounts", "events"] {
        for (index, entry) in faults[key].as_array().into_iter().flatten().enumerate() {
            let struck = match entry["struck"].as_u64().unwrap_or_default() {
                0 => "never struck".to_owned(),
                1 => "struck once".to_owned(),
                2 => "struck twice".to_owned(),
                times => format!("struck {times} times"),
            };
            let problem = entry["problem"].as_str().map(|problem| format!(", to no effect: {problem}"));
            lines.push(format!("  fault {key}[{index}] {struck}{}", problem.unwrap_or_default()));
        }
    }
    lines
}

fn in_words(took: Duration) -> String {
    let took = SignedDuration::from_secs(took.as_secs().try_into().unwrap_or(i64::MAX));
    let rounding = SpanRound::new().smallest(Unit::Second).largest(Unit::Hour);
    let span = jiff::Span::try_from(took).and_then(|span| span.round(rounding));
    span.map_or_else(|_| format!("{took:#}"), |span| format!("{span:#}"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::config::{BehaviorVersion, Credentials, Region};
    use serde_json::json;

    use super::*;

    #[test]
    fn virtual_time_waits_where_it_is_ahead_and_hurries_where_it_is_not() {
        let seconds = Duration::from_secs_f64;
        assert_eq!(early_by(seconds(60.0), seconds(0.25), 60.0), seconds(0.75));
        assert_eq!(early_by(seconds(60.0), seconds(3.0), 60.0), Duration::ZERO);
    }

    #[test]
    fn lengths_are_told_in_hours_minutes_and_seconds() {
        let check = |seconds, expected: &str| assert_eq!(in_words(Duration::from_secs(seconds)), expected);
        check(0, "0s");
        check(63, "1m 3s");
        check(7322, "2h 2m 2s");
    }

    #[test]
    fn faults_that_never_struck_and_events_to_no_effect_are_told() {
        let faults = json!({
            "calls": [{"struck": 0}, {"struck": 3}],
            "accounts": [{"struck": 1}],
            "events": [{"struck": 1, "problem": "there is no StackSet `x`"}],
        });
        let expected = [
            "  fault calls[0] never struck",
            "  fault calls[1] struck 3 times",
            "  fault accounts[0] struck once",
            "  fault events[0] struck once, to no effect: there is no StackSet `x`",
        ];
        assert_eq!(struck(&faults), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_for_it_meets_the_request_rates_that_aws_documents() {
        for (throttle, expected) in [(None, 0), (Some(Throttle::Documented), 3)] {
            let wanted = RehearseArguments { throttle, ..RehearseArguments::default() };
            let stage = stage(None, Path::new("none.yaml"), &wanted).unwrap();
            let opened = Simulated::Staged(stage).open().unwrap();
            let (id, secret) = (opened.key.access_key_id, opened.key.secret_access_key);
            let config = aws_sdk_organizations::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new(id, secret, None, None, "test"))
                .http_client(opened.client)
                .retry_config(aws_config::retry::RetryConfig::disabled())
                .build();
            let client = aws_sdk_organizations::Client::from_conf(config);
            let calls = (0..5).map(|_| client.list_roots().send());
            let refused = futures::future::join_all(calls).await.iter().filter(|call| call.is_err()).count();
            assert_eq!(refused, expected, "two at a time, then one a second (aws-facts D4)");
        }
    }
}
