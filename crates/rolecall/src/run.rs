//! A run: its id, its ledger, and the state that its events make.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use rollout_model::{AccountId, AccountPlan, Organization, RolloutEvent, RolloutSpec, RunEvent, RunId};
use rollout_report::{LedgerWriter, Reporter};
use stackset_deployer::DeployError;

use crate::clock::Clock;
use crate::print;

/// Where ledgers are kept, below the working directory.
pub(crate) const LEDGER_DIRECTORY: &str = ".rolecall";

/// A run that can be carried on.
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) reporter: Reporter,
}

impl Run {
    /// Opens the ledger of a new run and writes its first line.
    pub(crate) fn begin(spec: &RolloutSpec, clock: &Clock, command: &str) -> anyhow::Result<Run> {
        Run::named(new_run_id(clock.now()), spec, clock, command)
    }

    /// A run that only plays: it leaves no ledger, which `status` or `apply --resume` might take for a real one.
    pub(crate) fn rehearse(spec: &RolloutSpec, clock: &Clock) -> Run {
        Run::started(new_run_id(clock.now()), spec, clock, "rehearse", None)
    }

    /// As `begin`, for a run that AWS knows already.
    pub(crate) fn named(id: RunId, spec: &RolloutSpec, clock: &Clock, command: &str) -> anyhow::Result<Run> {
        let ledger = LedgerWriter::create(Path::new(LEDGER_DIRECTORY), &spec.rollout, &id)
            .context(
                "the run was not begun, because it cannot be recorded; begin it in a directory where you may write, and \
                 where `.rolecall` is a directory or not there",
            )?;
        Ok(Run::started(id, spec, clock, command, Some(ledger)))
    }

    fn started(
        id: RunId,
        spec: &RolloutSpec,
        clock: &Clock,
        command: &str,
        ledger: Option<LedgerWriter>,
    ) -> Run {
        let mut reporter = Reporter::new(print::progress(), ledger);
        let started = RunEvent::Started {
            run: id.clone(),
            rollout: spec.rollout.clone(),
            command: command.to_owned(),
            home_region: spec.home_region.clone(),
            only_failed: spec.scope.only_failed,
        };
        reporter.record(clock.now(), &RolloutEvent::Run(started));
        Run { id, reporter }
    }

    /// Records why the run cannot go on.
    pub(crate) fn record_stop(&mut self, clock: &Clock, error: DeployError) {
        let problem = format!("{:#}", anyhow::Error::from(error));
        self.record(clock, RunEvent::Stopped { problem });
    }

    /// What goes on in AWS, and the command that takes it up.
    pub(crate) fn tell_how_to_go_on(&self, command: &str) {
        for (_, step) in self.reporter.state().open_steps() {
            if let Some(operation) = &step.operation {
                print::message(&format!("operation {operation} goes on in AWS"));
            }
        }
        print::message(&format!("go on with: rolecall {command}"));
    }

    pub(crate) fn record(&mut self, clock: &Clock, event: RunEvent) {
        self.reporter.record(clock.now(), &RolloutEvent::Run(event));
    }
}

/// What is planned for every account: in the ledger before the first write.
pub(crate) fn planned(
    organization: &Organization,
    accounts: BTreeMap<AccountId, AccountPlan>,
    steps: usize,
) -> RunEvent {
    let (management_account, organization) =
        (organization.management_account.clone(), organization.id.clone());
    RunEvent::Planned { organization, management_account, accounts, steps }
}

/// Begins with the time, so that runs sort by it: to the second for people, and by the first half of what follows
/// within it, because two short runs of one second have an order as well. The other half keeps machines apart.
pub(crate) fn new_run_id(now: Timestamp) -> RunId {
    use std::hash::{BuildHasher, Hasher};
    let nanoseconds = u64::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let within = (nanoseconds << 16) / 1_000_000_000;
    let random = std::hash::RandomState::new().build_hasher().finish() & 0xffff;
    let id = format!("{}-{within:04x}{random:04x}", now.strftime("%Y%m%dT%H%M%SZ"));
    id.parse().expect("digits, letters and a hyphen make a run id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_sort_by_their_time_within_a_second_too() {
        let id = |nanoseconds| new_run_id(Timestamp::new(1_700_000_000, nanoseconds).unwrap());
        let ids: Vec<RunId> = (0..1_000).map(|millisecond| id(millisecond * 1_000_000)).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids[999] < new_run_id(Timestamp::new(1_700_000_001, 0).unwrap()));
        assert_ne!(id(5), id(5), "machines are kept apart");
    }
}
