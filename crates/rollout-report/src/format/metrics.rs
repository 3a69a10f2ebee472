//! The numbers of a run in the text format of Prometheus, for the node exporter's textfile collector.
//!
//! No label takes a value for each account, but for the few that are not green. No line carries a time: the collector
//! refuses a file that has them.

use std::collections::BTreeMap;

use prometheus::{Encoder, GaugeVec, Opts, Registry, TextEncoder};

use super::matter::matter;
use crate::schema::{AccountWords, OutcomeWord, word};
use crate::state::RunState;
use crate::summary::{Outcome, Summary};

/// As many accounts as are named: each is a time series of its own.
const MOST_ACCOUNTS: usize = 20;

pub(super) fn render(state: &RunState) -> Vec<u8> {
    let mut text = Vec::new();
    let families = gathered(state).expect("names and labels are constants of this file").gather();
    TextEncoder::new().encode(&families, &mut text).expect("a vector takes whatever is written");
    text
}

/// A number of accounts under each of its words.
type Tally = BTreeMap<String, usize>;

fn gathered(state: &RunState) -> prometheus::Result<Registry> {
    let rollout = state.rollout.as_ref().map_or("", |rollout| rollout.as_str());
    let metrics = Metrics { rollout, registry: Registry::new() };
    metrics.accounts(state)?;
    metrics.failing(state)?;
    metrics.run(state)?;
    Ok(metrics.registry)
}

struct Metrics<'a> {
    rollout: &'a str,
    registry: Registry,
}

impl Metrics<'_> {
    /// A gauge with the label of the rollout and one more.
    fn labelled(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
        let gauge = GaugeVec::new(Opts::new(name, help), &[&["rollout"], labels].concat())?;
        self.registry.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn tally(&self, name: &str, help: &str, label: &str, tally: &Tally) -> prometheus::Result<()> {
        let gauge = self.labelled(name, help, &[label])?;
        for (word, number) in tally {
            gauge.with_label_values(&[self.rollout, word]).set(*number as f64);
        }
        Ok(())
    }

    fn number(&self, name: &str, help: &str, value: Option<f64>) -> prometheus::Result<()> {
        let gauge = self.labelled(name, help, &[])?;
        value.into_iter().for_each(|value| gauge.with_label_values(&[self.rollout]).set(value));
        Ok(())
    }

    fn accounts(&self, state: &RunState) -> prometheus::Result<()> {
        // Those that an alert asks about are there with 0 as well.
        let mut standings = zero(&["as_specified", "finding", "failed", "open", "not_targeted"]);
        let mut deployments = Tally::new();
        let mut verifications = zero(&["verified", "finding", "not_proven", "not_verified"]);
        let mut causes = Tally::new();
        for row in state.accounts().values() {
            let AccountWords { standing, deployment, verification, .. } = AccountWords::of(row);
            *standings.entry(standing).or_default() += 1;
            *deployments.entry(deployment.unwrap_or_else(|| "none".to_owned())).or_default() += 1;
            *verifications.entry(verification).or_default() += 1;
            if let Some(matter) = matter(row) {
                *causes.entry(matter.cause).or_default() += 1;
            }
        }
        self.tally(
            "rolecall_accounts",
            "Accounts of the organization by how they stand.",
            "standing",
            &standings,
        )?;
        let help = "Accounts by how the last run deployed to them.";
        self.tally("rolecall_deployments", help, "status", &deployments)?;
        let help = "Accounts by what their verification concluded.";
        self.tally("rolecall_verifications", help, "conclusion", &verifications)?;
        let help = "Accounts that are not as specified, by cause.";
        self.tally("rolecall_causes", help, "cause", &causes)
    }

    fn failing(&self, state: &RunState) -> prometheus::Result<()> {
        let help = "Accounts that are not as specified, the first few of them.";
        let gauge = self.labelled("rolecall_failing_account", help, &["account_id", "cause"])?;
        let failing = state.accounts().iter().filter_map(|(id, row)| Some((id, matter(row)?.cause)));
        let failing: Vec<_> = failing.collect();
        for (id, cause) in failing.iter().take(MOST_ACCOUNTS) {
            gauge.with_label_values(&[self.rollout, id.as_str(), cause]).set(1.0);
        }
        let help = "Accounts that are not as specified, beyond those of rolecall_failing_account.";
        let unnamed = failing.len().saturating_sub(MOST_ACCOUNTS);
        self.number("rolecall_failing_accounts_not_named", help, Some(unnamed as f64))
    }

    fn run(&self, state: &RunState) -> prometheus::Result<()> {
        let outcome = Summary::of(state).outcome;
        let seconds = |at: jiff::Timestamp| at.as_millisecond() as f64 / 1000.0;
        let (started, finished) = (state.started_at.map(seconds), state.finished_at.map(seconds));
        self.number("rolecall_run_started_timestamp_seconds", "When the last run began.", started)?;
        self.number("rolecall_run_finished_timestamp_seconds", "When the last run ended.", finished)?;
        let took = started.zip(finished).map(|(started, finished)| finished - started);
        self.number("rolecall_run_duration_seconds", "How long the last run took.", took)?;
        let code = f64::from(outcome.exit_code());
        self.number(
            "rolecall_run_exit_code",
            "The exit code of the last run; 0 is as specified.",
            Some(code),
        )?;
        let outcomes = [
            Outcome::AsSpecified,
            Outcome::SomeFailed,
            Outcome::Findings,
            Outcome::Stopped,
            Outcome::Interrupted,
        ];
        let is_it = |other: Outcome| (word(&OutcomeWord::from(other)), usize::from(other == outcome));
        let help = "How the last run ended: 1 for that outcome, 0 for the others.";
        self.tally("rolecall_run_outcome", help, "outcome", &outcomes.map(is_it).into())
    }
}

fn zero(words: &[&str]) -> Tally {
    words.iter().map(|word| ((*word).to_owned(), 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn text(state: &RunState) -> String {
        String::from_utf8(render(state)).unwrap()
    }

    #[test]
    fn a_run_with_failures_and_findings() {
        insta::assert_snapshot!(text(&samples::state(&samples::failures_and_findings())));
    }

    #[test]
    fn every_account_is_counted_once_on_each_axis() {
        for (run, state) in samples::every_run() {
            let text = text(&state);
            for family in ["rolecall_accounts", "rolecall_deployments", "rolecall_verifications"] {
                let of_family = text.lines().filter(|line| line.starts_with(&format!("{family}{{")));
                let numbers =
                    of_family.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
                assert_eq!(numbers.sum::<usize>(), state.accounts().len(), "{run} {family}");
            }
        }
    }

    #[test]
    fn a_fleet_that_fails_is_a_number_and_not_a_series_for_each_account() {
        let state = samples::state(&samples::quick_deployment_of(50));
        let open = samples::state(&samples::quick_deployment_of(50)[..20]);
        let failing = |state| text(state).matches("rolecall_failing_account{").count();
        assert_eq!((failing(&state), failing(&open)), (0, MOST_ACCOUNTS));
        let unnamed = "rolecall_failing_accounts_not_named{rollout=\"cado-response\"} ";
        let number: usize =
            text(&open).split_once(unnamed).unwrap().1.lines().next().unwrap().parse().unwrap();
        assert_eq!(number + MOST_ACCOUNTS, open.counts().open);
    }
}
