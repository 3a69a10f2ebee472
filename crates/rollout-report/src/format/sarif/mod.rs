//! SARIF 2.1.0, for code scanning: every check that is not green is a result under the rule of its cause.
//!
//! The standard's schema is what fixes the shapes, so that they are structs of ours: the crate that has them all makes
//! them when it is built, with a generator that is not kept any more.

mod document;
mod sighting;

use std::collections::BTreeMap;

use rollout_model::AccountId;
use sha2::{Digest, Sha256};

use self::document::{
    Artifact, ArtifactLocation, AutomationDetails, Driver, Invocation, Level, Location, Log, LogicalLocation,
    Message, Notification, PhysicalLocation, Properties, Region, Rule, Run, SarifResult, Tool,
};
use self::sighting::{Sighting, sightings};
use crate::account_row::AccountRow;
use crate::schema::json;
use crate::state::RunState;
use crate::summary::{Outcome, Summary};
use crate::text::escaped;

/// GitHub takes more results of a run, but shows no more than these:
/// <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.
const MOST_RESULTS: usize = 5_000;

/// Where the alerts of a roll-out are shown. A result has to be in a file, and what describes a roll-out is its
/// configuration; ledgers do not keep how it was called.
const CONFIGURATION: &str = "rollout.yaml";

pub(super) fn render(state: &RunState) -> Vec<u8> {
    json(&log(state, MOST_RESULTS)).into_bytes()
}

fn log(state: &RunState, most: usize) -> Log {
    let (kept, left_out) = kept(state, most);
    let rules = rules(&kept);
    let results = kept.iter().map(|(id, row, sighting)| result(state, id, row, sighting, &rules)).collect();
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "rolecall",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.into_values().map(|(_, rule)| rule).collect(),
                },
            },
            automation_details: automation(state),
            invocations: [invocation(state, left_out, most)],
            artifacts: [Artifact { location: ArtifactLocation { uri: CONFIGURATION } }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

/// An account with one thing that is the matter with it.
type Seen<'a> = (&'a AccountId, &'a AccountRow, Sighting);

/// As much as may be shown, what is known to be wrong before what is not known; and how much is left out.
fn kept(state: &RunState, most: usize) -> (Vec<Seen<'_>>, usize) {
    let mut seen: Vec<Seen<'_>> = Vec::new();
    for (id, row) in state.accounts_by_unit() {
        seen.extend(sightings(row).into_iter().map(|sighting| (id, row, sighting)));
    }
    seen.sort_by_key(|(.., sighting)| sighting.level);
    let left_out = seen.len().saturating_sub(most);
    seen.truncate(most);
    (seen, left_out)
}

/// The rules that results name, each with its place in the list.
fn rules(seen: &[Seen<'_>]) -> BTreeMap<String, (usize, Rule)> {
    let mut rules: BTreeMap<String, (usize, Rule)> = BTreeMap::new();
    for (.., Sighting { cause, title, remedy, .. }) in seen {
        rules.entry(cause.clone()).or_insert_with(|| {
            let help = remedy.clone().map(message);
            (0, Rule { id: cause.clone(), short_description: message((*title).to_owned()), help })
        });
    }
    rules.values_mut().enumerate().for_each(|(index, rule)| rule.0 = index);
    rules
}

/// GitHub tells the analyses of one commit apart by what stands before the last slash: runs of one rollout follow one
/// another, those of another do not replace them.
fn automation(state: &RunState) -> Option<AutomationDetails> {
    let (rollout, run) = (state.rollout.as_ref()?, state.run.as_ref()?);
    Some(AutomationDetails { id: format!("rolecall/{rollout}/{run}") })
}

fn invocation(state: &RunState, left_out: usize, most: usize) -> Invocation {
    let outcome = Summary::of(state).outcome;
    let mut notifications = Vec::new();
    let mut notify = |level, text: String| notifications.push(Notification { level, message: message(text) });
    match (outcome, &state.stopped) {
        (Outcome::Stopped | Outcome::Interrupted, Some(problem)) => notify(Level::Error, problem.clone()),
        (Outcome::Stopped | Outcome::Interrupted, None) => {
            notify(Level::Error, "the run did not come to its end".to_owned());
        }
        _ => {}
    }
    for shard in state.missing_shards() {
        notify(Level::Error, format!("the run of shard {shard} is missing"));
    }
    if left_out > 0 {
        let text =
            format!("{left_out} results are left out: code scanning shows no more than {most} of a run");
        notify(Level::Warning, text);
    }
    Invocation {
        execution_successful: !matches!(outcome, Outcome::Stopped | Outcome::Interrupted),
        exit_code: outcome.exit_code(),
        start_time_utc: state.started_at.map(|at| at.to_string()),
        end_time_utc: state.finished_at.map(|at| at.to_string()),
        tool_execution_notifications: notifications,
    }
}

fn result(
    state: &RunState,
    id: &AccountId,
    row: &AccountRow,
    Sighting { cause, title, remedy, level, check, evidence }: &Sighting,
    rules: &BTreeMap<String, (usize, Rule)>,
) -> SarifResult {
    let unit = row.unit().map(ToString::to_string);
    let name = if row.name().is_empty() { "an account that no plan names" } else { row.name() };
    let place = unit.as_ref().map(|unit| format!(", {unit}")).unwrap_or_default();
    let seen = evidence.iter().map(|line| format!("\n{}", escaped(line))).collect::<String>();
    let arn = format!("arn:{}:iam::{id}:root", partition(state));
    SarifResult {
        rule_id: cause.clone(),
        rule_index: rules[cause].0,
        level: *level,
        message: message_of_lines(format!("{} ({id}{}): {title}{seen}", escaped(name), escaped(&place))),
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: CONFIGURATION },
                region: Region { start_line: 1 },
            },
            logical_locations: [LogicalLocation {
                name: id.to_string(),
                fully_qualified_name: arn,
                kind: "account",
            }],
        }],
        partial_fingerprints: fingerprints(state, id, cause, check.as_deref()),
        properties: Properties {
            account: id.to_string(),
            account_name: escaped(row.name()).into_owned(),
            organizational_unit: unit.map(|unit| escaped(&unit).into_owned()),
            check: check.clone(),
            remedy: remedy.clone(),
            evidence: evidence.iter().map(|line| escaped(line).into_owned()).collect(),
        },
    }
}

/// The first part of a Region's name tells in which of AWS's partitions the accounts are.
fn partition(state: &RunState) -> &'static str {
    match state.home_region.as_ref().map_or("", |region| region.as_str()) {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// What makes a result the same one in the next run: the account, the cause and the check. Evidence, names and times
/// change. GitHub goes by the first key alone, and would otherwise make it of the line that all results are in.
fn fingerprints(
    state: &RunState,
    id: &AccountId,
    cause: &str,
    check: Option<&str>,
) -> BTreeMap<&'static str, String> {
    let rollout = state.rollout.as_ref().map_or("", |rollout| rollout.as_str());
    let text = [rollout, id.as_str(), cause, check.unwrap_or_default()].join("\n");
    let hash: String = Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    BTreeMap::from([("primaryLocationLineHash", format!("{hash}:1")), ("rolecall/v1", hash)])
}

fn message(text: String) -> Message {
    message_of_lines(escaped(&text).into_owned())
}

/// In a message `[text](target)` is a link (SARIF 3.11.6), which text from outside must not be able to make.
fn message_of_lines(text: String) -> Message {
    Message { text: text.replace("](", "] (") }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::samples;

    fn value(state: &RunState, most: usize) -> Value {
        serde_json::to_value(log(state, most)).unwrap()
    }

    fn results(log: &Value) -> &Vec<Value> {
        log["runs"][0]["results"].as_array().unwrap()
    }

    #[test]
    fn a_run_with_failures_and_findings() {
        let bytes = render(&samples::state(&samples::failures_and_findings()));
        insta::assert_snapshot!(String::from_utf8(bytes).unwrap());
    }

    #[test]
    fn whatever_is_not_green_has_a_result_and_what_is_has_none() {
        for (run, state) in samples::every_run() {
            let log = value(&state, MOST_RESULTS);
            for (id, row) in state.accounts() {
                let of_account = |result: &&Value| result["properties"]["account"] == id.as_str();
                let is_told = results(&log).iter().any(|result| of_account(&result));
                assert_eq!(is_told, super::super::matter::matter(row).is_some(), "{run} {id}");
            }
            for result in results(&log) {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"], "{run}");
            }
        }
    }

    #[test]
    fn a_result_is_known_again_in_the_next_run_and_taken_for_no_other() {
        let events = samples::failures_and_findings();
        let fingerprints = |events: &[samples::Event]| -> Vec<String> {
            let log = value(&samples::state(events), MOST_RESULTS);
            results(&log).iter().map(|result| result["partialFingerprints"].to_string()).collect()
        };
        let first = fingerprints(&events);
        assert_eq!(fingerprints(&samples::of_run(events, "20261121T120000Z-k3f9")), first);
        let different: std::collections::BTreeSet<&String> = first.iter().collect();
        assert_eq!(different.len(), first.len());
    }

    #[test]
    fn what_is_too_much_is_counted_and_failures_stay() {
        let state = samples::state(&samples::failures_and_findings());
        let all = results(&value(&state, MOST_RESULTS)).len();
        let log = value(&state, 2);
        assert_eq!(results(&log).len(), 2);
        assert!(results(&log).iter().all(|result| result["level"] == "error"), "{log}");
        let told = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        let left_out = format!("{} results are left out", all - 2);
        assert!(told.as_str().unwrap().starts_with(&left_out), "{told}");
    }

    #[test]
    fn a_run_that_did_not_come_to_its_end_says_so() {
        for (events, is_successful) in [
            (samples::stopped(), false),
            (samples::interrupted(), false),
            (Vec::new(), false),
            (samples::failures_and_findings(), true),
        ] {
            let log = value(&samples::state(&events), MOST_RESULTS);
            let invocation = &log["runs"][0]["invocations"][0];
            assert_eq!(invocation["executionSuccessful"], is_successful, "{log}");
            assert_eq!(
                invocation["toolExecutionNotifications"][0]["level"] == "error",
                !is_successful,
                "{log}"
            );
        }
    }

    #[test]
    fn an_account_is_named_in_its_partition() {
        for (region, partition) in
            [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
        {
            let mut state = samples::state(&samples::findings());
            state.home_region = Some(region.parse().unwrap());
            let log = value(&state, MOST_RESULTS);
            let account = &results(&log)[0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
            assert_eq!(*account, format!("arn:{partition}:iam::200000000003:root"));
        }
    }

    #[test]
    fn no_text_from_outside_makes_a_link_or_a_line() {
        let text = message("a\nb [click](https://example.com)\u{202e}".into()).text;
        assert_eq!(text, "a\\nb [click] (https://example.com)\\u{202e}");
    }
}
