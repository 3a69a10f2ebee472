//! `rolecall.report-lines/1`: a run a line at a time, for readers that do not want all of it at once.

use schemars::JsonSchema;
use serde::Serialize;

use super::part::PartEntry;
use super::report::{AccountEntry, Report, ShardEntry, StepEntry, SummaryEntry};
use super::words::OutcomeWord;
use crate::state::RunState;
use crate::summary::Summary;

/// The first line says which run it is, the last how it ended; between them is a line for each account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum ReportLine {
    Run(RunLine),
    Account(AccountEntry),
    Summary(SummaryLine),
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunLine {
    schema: &'static str,
    run: Option<String>,
    rollout: Option<String>,
    command: Option<String>,
    organization: Option<String>,
    management_account: Option<String>,
    home_region: Option<String>,
    part: Option<PartEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shards: Vec<ShardEntry>,
    started_at: Option<String>,
}

/// A file without this line was cut off.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SummaryLine {
    finished_at: Option<String>,
    outcome: OutcomeWord,
    /// That of the command that showed the run.
    exit_code: u8,
    problem: Option<String>,
    summary: SummaryEntry,
    steps: Vec<StepEntry>,
}

impl ReportLine {
    /// The lines of a run, the same as its report.
    pub(crate) fn all(state: &RunState) -> Vec<ReportLine> {
        let report = Report::of(state);
        let run = RunLine {
            schema: "rolecall.report-lines/1",
            run: report.run,
            rollout: report.rollout,
            command: report.command,
            organization: report.organization,
            management_account: report.management_account,
            home_region: report.home_region,
            part: report.part,
            shards: report.shards,
            started_at: report.started_at,
        };
        let summary = SummaryLine {
            finished_at: report.finished_at,
            outcome: report.outcome,
            exit_code: Summary::of(state).outcome.exit_code(),
            problem: report.problem,
            summary: report.summary,
            steps: report.steps,
        };
        let mut lines = vec![ReportLine::Run(run)];
        lines.extend(report.accounts.into_iter().map(ReportLine::Account));
        lines.push(ReportLine::Summary(summary));
        lines
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::samples;
    use crate::schema::{report_json, report_lines};

    #[test]
    fn the_lines_say_what_the_report_says_and_the_last_one_the_exit_code() {
        for (run, state) in samples::every_run() {
            let report: Value = serde_json::from_str(&report_json(&state)).unwrap();
            let text = report_lines(&state);
            let mut lines: Vec<Value> =
                text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let names: Vec<String> =
                lines.iter_mut().map(|line| line["line"].take().as_str().unwrap().to_owned()).collect();
            assert_eq!((names[0].as_str(), names[names.len() - 1].as_str()), ("run", "summary"), "{run}");
            let mut joined = serde_json::Map::new();
            let mut accounts = Vec::new();
            let mut exit_code = Value::Null;
            for (name, line) in names.iter().zip(&lines) {
                let mut fields = line.as_object().unwrap().clone();
                fields.remove("line");
                exit_code = fields.remove("exit_code").unwrap_or_default();
                match name.as_str() {
                    "account" => accounts.push(Value::Object(fields)),
                    _ => joined.extend(fields),
                }
            }
            joined.insert("accounts".to_owned(), Value::Array(accounts));
            joined.insert("schema".to_owned(), report["schema"].clone());
            assert_eq!(Value::Object(joined), report, "{run}");
            assert_eq!(exit_code, crate::Summary::of(&state).outcome.exit_code(), "{run}");
        }
    }
}
