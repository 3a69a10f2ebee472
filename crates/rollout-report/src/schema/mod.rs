//! The formats that leave the program, each with a version in its first field. They are structs of their own
//! rather than derives on the model, so that a change of a format looks like one.

mod checks;
mod checkup;
mod described;
mod explanation;
mod ids;
mod ledger_deploy;
mod ledger_event;
mod ledger_run;
mod organization;
mod organization_difference;
mod part;
mod plan;
mod report;
mod report_lines;
mod run_difference;
mod run_list;
mod status;
mod words;

use jiff::Timestamp;
use rollout_model::{Account, AccountPlan, Checkup, Explanation, Organization, RolloutPlan};
use serde::{Deserialize, Serialize};

use crate::organization_difference::OrganizationDifference;
use crate::run_difference::RunDifference;
use crate::run_list::ListedRun;
use crate::state::RunState;
use crate::status::RolloutStatus;

pub use described::{JsonForm, json_schema};

pub(crate) use ledger_event::{LEDGER_SCHEMA, LedgerEvent, LedgerHeader, LedgerLine};
pub(crate) use organization::{ORGANIZATION_SCHEMA, OrganizationEntry};
pub(crate) use plan::{AccountEntry, Plan};
pub(crate) use report::AccountWords;
pub(crate) use words::{CauseWord, CheckWord, OutcomeWord, VerdictCauseWord, word};

/// The JSON report of a run (`rolecall.report/1`), indented, with a line feed at its end.
pub fn report_json(state: &RunState) -> String {
    json(&report::Report::of(state))
}

/// The same a line at a time (`rolecall.report-lines/1`).
pub(crate) fn report_lines(state: &RunState) -> String {
    let line = |line| serde_json::to_string(&line).expect("structs with text keys are always JSON") + "\n";
    report_lines::ReportLine::all(state).into_iter().map(line).collect()
}

/// A plan as JSON (`rolecall.plan/1`). Values of parameters are left out: they hold external IDs.
pub fn plan_json(plan: &RolloutPlan) -> String {
    json(&Plan::of(plan))
}

/// An organization as JSON (`rolecall.organization/1`), which [`OrganizationSnapshot`](crate::OrganizationSnapshot)
/// reads again.
pub fn organization_json(organization: &Organization, taken_at: Timestamp) -> String {
    json(&OrganizationEntry::of(organization, taken_at))
}

/// What happened between two snapshots as JSON (`rolecall.organization-difference/1`).
pub fn difference_json(difference: &OrganizationDifference, before: Timestamp, after: Timestamp) -> String {
    json(&organization_difference::DifferenceEntry::of(difference, before, after))
}

/// What changed between two runs as JSON (`rolecall.run-difference/1`).
pub fn run_difference_json(difference: &RunDifference, before: &RunState, after: &RunState) -> String {
    json(&run_difference::RunDifferenceDocument::of(difference, before, after))
}

/// The runs that left a ledger as JSON (`rolecall.runs/1`).
pub fn runs_json(runs: &[ListedRun]) -> String {
    json(&run_list::RunsDocument::of(runs))
}

/// Where rollouts stand as JSON (`rolecall.status/1`).
pub fn status_json(rollouts: &[RolloutStatus<'_>]) -> String {
    json(&status::StatusDocument::of(rollouts))
}

/// Why accounts are targets or none as JSON (`rolecall.explanation/1`), each with what is planned there when
/// AWS was asked what it holds.
pub fn explanation_json(
    organization: &Organization,
    explained: &[(&Account, Explanation, Option<&AccountPlan>)],
) -> String {
    json(&explanation::ExplanationDocument::of(organization, explained))
}

/// Whether everything is there that a roll-out needs as JSON (`rolecall.checkup/1`).
pub fn checkup_json(checkup: &Checkup) -> String {
    json(&checkup::CheckupDocument::of(checkup))
}

/// What a JSON document says that it is, before anything else is asked of it.
pub(crate) fn schema_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Document {
        schema: String,
    }
    serde_json::from_str(text).ok().map(|Document { schema }| schema)
}

pub(crate) fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("structs with text keys are always JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_report_of_a_run_with_failures_and_findings_says_everything() {
        insta::assert_snapshot!(report_json(&samples::state(&samples::failures_and_findings())));
    }

    #[test]
    fn the_plan_shows_steps_and_accounts_but_no_parameter_values() {
        let text = plan_json(&samples::plan());
        assert!(!text.contains(samples::EXTERNAL_ID), "the plan shows the external ID");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_checkup_says_what_is_in_the_way_of_what() {
        insta::assert_snapshot!(checkup_json(&samples::checkup()));
    }

    #[test]
    fn the_organization_uses_the_words_of_aws_for_states() {
        insta::assert_snapshot!(organization_json(&samples::organization(), Timestamp::UNIX_EPOCH));
    }
}
