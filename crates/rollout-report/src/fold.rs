//! The one fold: the events of a run into its state.

use jiff::Timestamp;
use rollout_model::{
    AccountId, AccountPlan, Action, DeployEvent, DeploymentStatus, DiscoveryEvent, RolloutEvent, RunEvent,
    VerifyEvent, WaveName,
};

use crate::account_row::{AccountRow, Verification};
use crate::resumed::{GONE, brought_about, is_long_ago, join, leave, reopen};
use crate::state::{Discovery, Ending, RunState, VerificationRow, WaveRow};

impl RunState {
    /// Takes in the next event.
    pub fn apply(&mut self, at: Timestamp, event: &RolloutEvent) {
        let before = self.at.replace(at);
        if *event == RolloutEvent::Run(RunEvent::Resumed)
            && before.is_some_and(|before| is_long_ago(before, at))
        {
            self.change_all(|row| row.verification = Verification::NotAsked);
        }
        match event {
            RolloutEvent::Run(event) => self.apply_run(at, event),
            RolloutEvent::Discovery(event) => self.apply_discovery(event),
            RolloutEvent::Deploy(event) => self.apply_deploy(at, event),
            RolloutEvent::Verify(event) => self.apply_verify(at, event),
        }
    }

    fn apply_run(&mut self, at: Timestamp, event: &RunEvent) {
        match event {
            RunEvent::Started { run, rollout, command, home_region, only_failed } => {
                self.run = Some(run.clone());
                self.rollout = Some(rollout.clone());
                self.command = Some(command.clone());
                self.home_region = Some(home_region.clone());
                self.only_failed = *only_failed;
                self.started_at = Some(at);
            }
            RunEvent::Invoked(invocation) => self.invocation = Some(invocation.clone()),
            RunEvent::Called(counts) => self.calls.add(counts),
            RunEvent::Narrowed(narrowing) => self.narrowing = Some(narrowing.clone()),
            RunEvent::Planned { organization, management_account, accounts, steps } => {
                self.organization = Some(organization.clone());
                self.management_account = Some(management_account.clone());
                self.planned_steps = self.steps.len() + *steps;
                let is_gone = |id: &&AccountId| !accounts.contains_key(*id);
                let gone: Vec<AccountId> = self.accounts.keys().filter(is_gone).cloned().collect();
                gone.iter().for_each(|account| self.change(account, |row| leave(row, GONE)));
                for (account, plan) in accounts {
                    let deployment = self.planned_deployment(plan);
                    self.change(account, |row| plan_row(row, plan, deployment));
                }
            }
            RunEvent::OrganizationChanged { joined, left } => {
                for (account, plan) in joined {
                    self.change(account, |row| join(row, plan));
                }
                for (account, reason) in left {
                    self.change(account, |row| leave(row, reason));
                }
            }
            RunEvent::Resumed => {
                self.retries |= self.held.is_some();
                (self.interrupted, self.stopped, self.held) = (false, None, None);
                (self.finished_at, self.waiting) = (None, None);
                self.change_all(reopen);
            }
            RunEvent::Held { wave, problem } => self.held = Some((wave.clone(), problem.clone())),
            RunEvent::Interrupted => {
                self.interrupted = true;
                self.close(at, Ending::Interrupted);
            }
            RunEvent::Stopped { problem } => {
                self.stopped = Some(problem.clone());
                self.close(at, Ending::Stopped);
            }
            RunEvent::Finished => self.close(at, Ending::Finished),
        }
    }

    /// A run that only verifies deploys nothing, whatever the plan found missing: verification will say so.
    fn planned_deployment(&self, plan: &AccountPlan) -> Option<DeploymentStatus> {
        let only_verifies = self.command.as_deref() == Some("verify");
        match plan.action {
            action if action.is_change() && !only_verifies => Some(DeploymentStatus::Pending),
            Action::Keep if !only_verifies => Some(DeploymentStatus::Unchanged),
            _ => None,
        }
    }

    fn apply_discovery(&mut self, event: &DiscoveryEvent) {
        match event {
            DiscoveryEvent::Units { read } => self.discovery.units = *read,
            DiscoveryEvent::Accounts { read } => self.discovery.accounts = *read,
            // Of the organization's own numbers none changes.
            DiscoveryEvent::Tags { .. } => {}
            DiscoveryEvent::Finished { units, accounts, problems } => {
                self.discovery =
                    Discovery { units: *units, accounts: *accounts, problems: *problems, finished: true };
            }
        }
    }

    fn apply_deploy(&mut self, at: Timestamp, event: &DeployEvent) {
        self.waiting = None;
        match event {
            DeployEvent::StepStarted { step, title, operation, accounts } => {
                let row = self.steps.entry(*step).or_default();
                row.title.clone_from(title);
                row.operation.clone_from(operation);
                row.accounts.clone_from(accounts);
                row.wave.clone_from(&self.wave);
                row.started_at = Some(at);
                // A step that is begun again, after an operation of somebody else, is open again.
                row.status = None;
                row.finished_at = None;
                self.retries &= accounts.is_empty();
                accounts.0.iter().for_each(|account| self.soak_anew(account));
            }
            DeployEvent::Waiting(operation) => self.waiting = Some(operation.clone()),
            DeployEvent::Account { account, status } => {
                if !status.is_open() {
                    self.count_in_its_step(account);
                }
                self.change(account, |row| {
                    row.deployment = Some(status.clone());
                    row.timing.see(status, at);
                });
            }
            DeployEvent::StepFinished { step, status } => {
                let row = self.steps.entry(*step).or_default();
                row.status = Some(status.clone());
                row.finished_at = Some(at);
                if let Some(wave) = self.waves.last_mut() {
                    wave.finished_at = Some(at);
                }
            }
            DeployEvent::WaveStarted(wave) => self.begin_wave(wave, at),
            DeployEvent::Soaking { wave, .. } => {
                // A run that goes on has waited since then.
                self.soaking.entry(wave.clone()).or_insert(at);
            }
        }
    }

    /// A wave that a resumed run begins again goes on.
    fn begin_wave(&mut self, wave: &WaveName, at: Timestamp) {
        self.wave = Some(wave.clone());
        let begun = self.waves.iter().position(|row| row.name == *wave).map(|index| self.waves.remove(index));
        let started_at = begun.map_or(at, |row| row.started_at);
        self.waves.push(WaveRow { name: wave.clone(), started_at, finished_at: None });
    }

    /// A wave in which something is changed once more has not shown yet what that does.
    fn soak_anew(&mut self, changed: &AccountId) {
        let plan = self.accounts.get(changed).and_then(|row| row.plan.as_ref());
        if let Some(wave) = plan.and_then(|plan| plan.wave.as_ref()) {
            self.soaking.remove(wave);
        }
    }

    /// An account counts once, when its deployment is over.
    fn count_in_its_step(&mut self, account: &AccountId) {
        let was_open = self
            .accounts
            .get(account)
            .is_some_and(|row| row.deployment.as_ref().is_some_and(DeploymentStatus::is_open));
        let step = self.steps.values_mut().next_back().filter(|step| step.accounts.0.contains(account));
        if let (true, Some(step)) = (was_open, step) {
            step.over += 1;
        }
    }

    fn apply_verify(&mut self, at: Timestamp, event: &VerifyEvent) {
        match event {
            VerifyEvent::Started { accounts, .. } => {
                self.verifying = true;
                if !accounts.is_empty() {
                    let accounts = accounts.len();
                    self.verifications.push(VerificationRow { started_at: at, finished_at: None, accounts });
                }
                for account in &accounts.0 {
                    self.change(account, |row| row.verification = Verification::Pending);
                }
            }
            VerifyEvent::NotVerified { account, reason } => {
                self.change(account, |row| row.verification = Verification::NotVerified(reason.clone()));
            }
            VerifyEvent::Account { account, verdict, took } => {
                if let Some(verification) = self.verifications.last_mut() {
                    verification.finished_at = Some(at);
                }
                self.change(account, |row| {
                    row.verification = Verification::Done(verdict.clone());
                    row.timing.verification = *took;
                });
            }
        }
    }

    /// Gives every account that has no result one: not reached, or not verified. What was under way when an
    /// operator interrupted the run may still send its result, which then takes the place of this one.
    fn close(&mut self, at: Timestamp, ending: Ending) {
        self.finished_at = Some(at);
        self.waiting = None;
        let what = match &self.held {
            Some((wave, _)) if ending == Ending::Finished => {
                format!("the run was held back after wave {wave}")
            }
            _ => ending.sentence().to_owned(),
        };
        let verifying = self.verifying;
        self.change_all(|row| {
            match row.deployment {
                Some(DeploymentStatus::Pending) => {
                    let reason = format!("{what} first");
                    row.deployment = Some(DeploymentStatus::NotReached(reason));
                }
                Some(DeploymentStatus::Running) => {
                    let reason = format!("{what} while AWS was at work here; AWS may go on");
                    row.deployment = Some(DeploymentStatus::NotReached(reason));
                }
                _ => {}
            }
            let asked = verifying || row.deployment.is_none();
            let open = match row.verification {
                Verification::Pending => true,
                Verification::NotAsked => row.is_target() && asked,
                _ => false,
            };
            if open {
                let deployed = row.deployment.as_ref().is_none_or(DeploymentStatus::is_done);
                row.verification = Verification::NotVerified(match deployed {
                    true => format!("{what} first"),
                    false => "its deployment did not succeed".to_owned(),
                });
            }
        });
    }

    /// Gives an account this row.
    pub(crate) fn put(&mut self, account: &AccountId, row: AccountRow) {
        self.change(account, |old| *old = row);
    }

    /// Every change of a row goes through here, so that the counts follow. An account without a row gets one.
    fn change(&mut self, account: &AccountId, change: impl FnOnce(&mut AccountRow)) {
        if let Some(row) = self.accounts.get_mut(account) {
            self.counts.remove(row);
            change(row);
            self.counts.add(row);
        } else {
            let mut row = AccountRow::default();
            change(&mut row);
            self.counts.add(&row);
            self.accounts.insert(account.clone(), row);
        }
    }

    fn change_all(&mut self, change: impl Fn(&mut AccountRow)) {
        for row in self.accounts.values_mut() {
            self.counts.remove(row);
            change(row);
            self.counts.add(row);
        }
    }
}

/// A row as it is planned, for the first time or anew.
fn plan_row(row: &mut AccountRow, plan: &AccountPlan, deployment: Option<DeploymentStatus>) {
    if let Some(done) = brought_about(row, plan) {
        row.deployment = Some(done);
        return;
    }
    if plan.action.is_change() {
        row.verification = Verification::NotAsked;
    }
    row.plan = Some(plan.clone());
    row.joined = false;
    row.deployment = deployment;
}

impl Ending {
    fn sentence(self) -> &'static str {
        match self {
            Ending::Finished => "the run ended",
            Ending::Interrupted => "the run was interrupted",
            Ending::Stopped => "the run stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::SignedDuration;
    use rollout_model::AccountIds;

    use super::*;
    use crate::counts::Counts;
    use crate::samples::{self, Event};

    fn all_samples() -> Vec<Vec<Event>> {
        vec![
            samples::all_well(),
            samples::retired(),
            samples::failures_and_findings(),
            samples::findings(),
            samples::interrupted(),
            samples::stopped(),
            samples::verify_interrupted(),
            samples::of_a_shard(),
            samples::changed_meanwhile(),
            samples::hostile(),
            samples::timed(samples::every_event()),
        ]
    }

    #[test]
    fn every_planned_account_has_a_row_and_no_event_takes_one_away() {
        for events in all_samples() {
            let mut state = RunState::default();
            let mut planned = 0;
            for (at, event) in events {
                let before: Vec<AccountId> = state.accounts().keys().cloned().collect();
                state.apply(at, &event);
                if let RolloutEvent::Run(RunEvent::Planned { accounts, .. }) = &event {
                    planned = accounts.len();
                    assert_eq!(state.accounts().len(), planned);
                }
                assert!(before.iter().all(|account| state.accounts().contains_key(account)), "{event:?}");
                assert!(state.accounts().len() >= planned, "{event:?}");
            }
        }
    }

    #[test]
    fn the_counts_follow_the_rows_after_every_event() {
        for events in all_samples() {
            let mut state = RunState::default();
            for (at, event) in events {
                state.apply(at, &event);
                let mut counts = Counts::default();
                state.accounts().values().for_each(|row| counts.add(row));
                assert_eq!(state.counts(), &counts, "after {event:?}");
                let others = counts.left_out + counts.other_shard + counts.unplanned;
                let parts = counts.targeted + counts.blocked + counts.not_targeted + others;
                assert_eq!(parts, counts.accounts, "after {event:?}");
            }
        }
    }

    #[test]
    fn an_account_that_the_plan_does_not_know_gets_a_row() {
        let state = samples::state(&samples::failures_and_findings());
        let row = &state.accounts()[&samples::id("900000000009")];
        assert_eq!((row.plan.is_none(), &row.deployment), (true, &Some(DeploymentStatus::Deployed)));
        assert_eq!(state.accounts().len(), samples::accounts().len() + 1);
    }

    #[test]
    fn when_a_run_ends_no_target_stays_open() {
        for ending in [RunEvent::Finished, RunEvent::Interrupted, RunEvent::Stopped { problem: "no".into() }]
        {
            let mut events = samples::interrupted();
            events.pop();
            let mut state = samples::state(&events);
            assert!(state.counts().open > 0);
            state.apply(Timestamp::UNIX_EPOCH, &RolloutEvent::Run(ending.clone()));
            assert_eq!(state.counts().open, 0, "{ending:?}");
            for row in state.accounts().values() {
                if let Some(DeploymentStatus::NotReached(reason)) = &row.deployment {
                    assert!(reason.starts_with("the run "), "{ending:?}: {reason}");
                }
            }
            assert_eq!(state.counts().not_reached, 4, "{ending:?}");
        }
    }

    #[test]
    fn an_account_is_timed_from_when_aws_was_at_work_there() {
        let account = samples::id("200000000001");
        let at = |second| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        let tell = |state: &mut RunState, second, status| {
            let event = DeployEvent::Account { account: account.clone(), status };
            state.apply(at(second), &RolloutEvent::Deploy(event));
        };
        let took = |state: &RunState| state.accounts()[&account].timing.deployment();
        let mut state = RunState::default();
        tell(&mut state, 5, DeploymentStatus::Running);
        assert_eq!(took(&state), None);
        tell(&mut state, 9, DeploymentStatus::Running);
        tell(&mut state, 25, DeploymentStatus::Failed("no".into()));
        tell(&mut state, 40, DeploymentStatus::Failed("no, and why".into()));
        assert_eq!(took(&state), Some(Duration::from_secs(20)), "more words are no more work");
        tell(&mut state, 60, DeploymentStatus::Running);
        assert_eq!(took(&state), None, "a second attempt is timed by itself");
        tell(&mut state, 63, DeploymentStatus::Deployed);
        assert_eq!(took(&state), Some(Duration::from_secs(3)));
        let mut unseen = RunState::default();
        tell(&mut unseen, 63, DeploymentStatus::Deployed);
        assert_eq!(took(&unseen), None, "its beginning was not seen");
    }

    #[test]
    fn waves_begin_with_their_first_step_and_end_with_their_last() {
        let wave = |name: &str| DeployEvent::WaveStarted(name.parse().unwrap());
        let finished = |step| DeployEvent::StepFinished { step, status: "SUCCEEDED".into() };
        let started = |step| DeployEvent::StepStarted {
            step,
            title: "t".into(),
            operation: None,
            accounts: AccountIds::default(),
        };
        let events = [
            wave("canary"),
            started(1),
            finished(1),
            started(2),
            finished(2),
            wave("rest"),
            started(3),
            // Resumed: the same wave again.
            wave("rest"),
            finished(3),
        ];
        let mut state = RunState::default();
        for (second, event) in events.into_iter().enumerate() {
            let at = Timestamp::from_second(second.try_into().unwrap()).unwrap();
            state.apply(at, &RolloutEvent::Deploy(event));
        }
        let seconds = |at: Timestamp| at.as_second();
        let seen: Vec<_> = state
            .waves
            .iter()
            .map(|row| (row.name.as_str(), seconds(row.started_at), row.finished_at.map(seconds)))
            .collect();
        assert_eq!(seen, [("canary", 0, Some(4)), ("rest", 5, Some(8))]);
        assert_eq!(state.steps[&2].wave, Some("canary".parse().unwrap()));
        assert_eq!(state.steps[&3].wave, Some("rest".parse().unwrap()));
    }

    #[test]
    fn verification_lasts_until_its_last_verdict_and_says_how_long_each_took() {
        let mut events = samples::every_event();
        events.truncate(events.len() - 5);
        let state = samples::state(&samples::timed(events.clone()));
        let [verification] = state.verifications.as_slice() else { panic!("{:?}", state.verifications) };
        let told = |event: &RolloutEvent| matches!(event, RolloutEvent::Verify(VerifyEvent::Account { .. }));
        let last = events.iter().rposition(told).unwrap();
        assert_eq!(verification.finished_at, Some(samples::timed(events)[last].0));
        assert_eq!(verification.accounts, 1);
        let timing = state.accounts()[&samples::id("200000000001")].timing;
        assert_eq!(timing.verification, Some(Duration::from_millis(1234)));
    }

    #[test]
    fn what_each_process_of_a_run_asked_of_aws_adds_up() {
        let events = [
            samples::calls(&[("iam:GetRole", 2, 0), ("sts:AssumeRole", 5, 1)]),
            RolloutEvent::Run(RunEvent::Resumed),
            samples::calls(&[("sts:AssumeRole", 7, 2)]),
        ];
        let state = samples::state(&samples::timed(events.to_vec()));
        let RolloutEvent::Run(RunEvent::Called(expected)) =
            samples::calls(&[("iam:GetRole", 2, 0), ("sts:AssumeRole", 12, 3)])
        else {
            unreachable!("these are calls")
        };
        assert_eq!(state.calls, expected);
    }

    #[test]
    fn a_result_that_arrives_after_an_interruption_counts() {
        let mut state = samples::state(&samples::interrupted());
        let account = samples::id("200000000002");
        let late = DeployEvent::Account { account: account.clone(), status: DeploymentStatus::Deployed };
        state.apply(Timestamp::UNIX_EPOCH, &RolloutEvent::Deploy(late));
        assert_eq!(state.accounts()[&account].deployment, Some(DeploymentStatus::Deployed));
        assert!(state.interrupted);
    }

    #[test]
    fn a_run_that_only_verifies_deploys_nothing_and_leaves_no_target_unproven_in_silence() {
        let events = vec![
            samples::started("verify"),
            samples::planned(samples::accounts(), 0),
            RolloutEvent::Run(RunEvent::Finished),
        ];
        let state = samples::state(&samples::timed(events));
        assert!(state.accounts().values().all(|row| row.deployment.is_none()));
        assert_eq!(state.counts().not_verified, samples::targets().len());
    }

    #[test]
    fn an_account_that_is_no_target_and_was_to_be_looked_at_has_a_result_when_the_run_ends() {
        let events = samples::retired();
        let started = events
            .iter()
            .position(|(_, event)| matches!(event, RolloutEvent::Verify(VerifyEvent::Started { .. })));
        let mut state = samples::state(&events[..=started.unwrap()]);
        assert_eq!(state.counts().to_verify, 4);
        state.apply(Timestamp::UNIX_EPOCH, &RolloutEvent::Run(RunEvent::Interrupted));
        assert_eq!((state.counts().to_verify, state.counts().not_verified), (0, 4));
    }

    #[test]
    fn a_run_that_lay_for_long_proves_everything_anew() {
        let check = |seconds: i64, verified: usize| {
            let mut events = samples::all_well();
            events.pop();
            let mut state = samples::state(&events);
            assert!(state.counts().verified > 0);
            let resumed = state.at.unwrap() + jiff::SignedDuration::from_secs(seconds);
            state.apply(resumed, &RolloutEvent::Run(RunEvent::Resumed));
            assert_eq!(state.counts().verified, verified, "after {seconds} s");
        };
        let all = samples::state(&samples::all_well()).counts().verified;
        check(3600, all);
        check(3601, 0);
    }

    #[test]
    fn an_account_that_is_not_in_the_organization_any_more_is_nothing_to_wait_for() {
        let mut state = samples::state(&samples::interrupted());
        let left = samples::id("200000000002");
        let mut accounts = samples::accounts();
        accounts.remove(&left);
        for event in [RolloutEvent::Run(RunEvent::Resumed), samples::planned(accounts, 1)] {
            state.apply(Timestamp::UNIX_EPOCH, &event);
        }
        let row = &state.accounts()[&left];
        assert_eq!(
            (row.is_target(), &row.deployment, &row.verification),
            (false, &None, &Verification::NotAsked)
        );
        let reason = row.plan.as_ref().map(|plan| plan.reason.as_str());
        assert_eq!(reason, Some("is not in the organization any more"));
    }

    #[test]
    fn waiting_ends_with_the_next_news_of_our_own_operation() {
        let events = samples::failures_and_findings();
        let waiting = |count: usize| samples::state(&events[..count]).waiting.is_some();
        let first = (0..events.len()).find(|count| waiting(*count)).unwrap();
        assert!(waiting(first + 2));
        assert!(!waiting(first + 3));
    }
}
