//! Fixed runs for the tests of this crate. Reasons are worded as CloudFormation words them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use rollout_model::*;

use crate::state::RunState;

mod organization;

pub(crate) use organization::{EXTERNAL_ID, MANAGEMENT, accounts, id, organization, plan, plan_of, targets};

/// An event with its time.
pub(crate) type Event = (Timestamp, RolloutEvent);

pub(crate) fn state(events: &[Event]) -> RunState {
    let mut state = RunState::default();
    for (at, event) in events {
        state.apply(*at, event);
    }
    state
}

/// Every run of these samples, with its name.
pub(crate) fn every_run() -> Vec<(&'static str, RunState)> {
    let runs = [
        ("all well", all_well()),
        ("failures and findings", failures_and_findings()),
        ("collateral", collateral()),
        ("findings", findings()),
        ("interrupted", interrupted()),
        ("stopped", stopped()),
        ("verify interrupted", verify_interrupted()),
        ("hostile", hostile()),
        ("retired", retired()),
        ("changed meanwhile", changed_meanwhile()),
        ("of a shard", of_a_shard()),
        ("nothing", Vec::new()),
    ];
    runs.map(|(name, events)| (name, state(&events))).into()
}

/// Everything is deployed and verified; one account is left out and one is suspended.
pub(crate) fn all_well() -> Vec<Event> {
    let mut events = deployed();
    events.push(
        VerifyEvent::Started { accounts: targets().into_iter().collect(), mode: VerifyMode::Direct }
            .into_event(),
    );
    for account in targets() {
        events.push(VerifyEvent::Account { account, verdict: verified(), took: None }.into_event());
    }
    events.push(RolloutEvent::Run(RunEvent::Finished));
    timed(events)
}

/// Two accounts fail for the same reason, one has findings, one cannot be read, one joined meanwhile.
pub(crate) fn failures_and_findings() -> Vec<Event> {
    let mut events = begun(accounts());
    let busy = |status: &str| waiting("cd-pipeline-77", "UPDATE", status);
    events.extend([
        busy("RUNNING"),
        busy("RUNNING"),
        busy("STOPPING"),
        step_started(2),
        account("100000000001", DeploymentStatus::Deployed),
        account("200000000001", DeploymentStatus::Deployed),
        account("200000000002", denied("200000000002", "1b0c8f0e-5d6f-4a53-8a39-0d9f6b6f2c11")),
        account("200000000003", denied("200000000003", "77e1a9c4-2f0b-4c7e-9d55-5f1f0e8b7a02")),
        account("200000000004", DeploymentStatus::Deployed),
        account("900000000009", DeploymentStatus::Deployed),
        step_finished(2, "FAILED"),
        VerifyEvent::Started {
            accounts: ["100000000001", "200000000001", "200000000004"].into_iter().map(id).collect(),
            mode: VerifyMode::Direct,
        }
        .into_event(),
        verdict("100000000001", verified()),
        verdict("200000000001", widened()),
        verdict("200000000004", unreadable()),
        VerifyEvent::NotVerified { account: id("200000000002"), reason: "its deployment failed".into() }
            .into_event(),
        VerifyEvent::NotVerified { account: id("200000000003"), reason: "its deployment failed".into() }
            .into_event(),
        RolloutEvent::Run(RunEvent::Finished),
    ]);
    timed(events)
}

/// One account fails, and StackSets cancels two others for it; a fourth fails with words that nobody knows.
pub(crate) fn collateral() -> Vec<Event> {
    let cancelled = || DeploymentStatus::Cancelled("Cancelled since failure tolerance has exceeded".into());
    let mut events = begun(accounts());
    events.extend([
        step_started(2),
        account("100000000001", DeploymentStatus::Deployed),
        account("200000000001", denied("200000000001", "1b0c8f0e-5d6f-4a53-8a39-0d9f6b6f2c11")),
        account("200000000002", cancelled()),
        account("200000000003", cancelled()),
        account("200000000004", DeploymentStatus::Failed("the Role is in a state of its own".into())),
        step_finished(2, "FAILED"),
        RolloutEvent::Run(RunEvent::Finished),
    ]);
    timed(events)
}

/// All is deployed, and one role was widened by hand.
pub(crate) fn findings() -> Vec<Event> {
    let mut events = deployed();
    events.push(
        VerifyEvent::Started { accounts: targets().into_iter().collect(), mode: VerifyMode::Direct }
            .into_event(),
    );
    for account in targets() {
        let verdict = if account.as_str() == "200000000003" { widened() } else { verified() };
        events.push(VerifyEvent::Account { account, verdict, took: None }.into_event());
    }
    events.push(RolloutEvent::Run(RunEvent::Finished));
    timed(events)
}

/// Ctrl-C in the middle of the operation.
pub(crate) fn interrupted() -> Vec<Event> {
    let mut events = begun(accounts());
    events.extend([
        step_started(2),
        account("200000000001", DeploymentStatus::Deployed),
        account("200000000002", DeploymentStatus::Running),
        RolloutEvent::Run(RunEvent::Interrupted),
    ]);
    timed(events)
}

/// The StackSet cannot be touched.
pub(crate) fn stopped() -> Vec<Event> {
    let mut events = begun(accounts());
    events.push(RolloutEvent::Run(RunEvent::Stopped {
        problem:
            "could not create stack instances of `cado-response` (operation r1-2): trusted access is off"
                .into(),
    }));
    timed(events)
}

/// `verify` alone, ended by Ctrl-C before the last account; one account is blocked.
pub(crate) fn verify_interrupted() -> Vec<Event> {
    let mut accounts = accounts();
    let blocked = accounts.get_mut(&id("200000000005")).expect("the account is one of the samples");
    blocked.action = Action::Blocked;
    blocked.reason = "another stack holds a role of this name".into();
    timed(vec![
        started("verify"),
        planned(accounts, 0),
        VerifyEvent::Started { accounts: targets().into_iter().collect(), mode: VerifyMode::Direct }
            .into_event(),
        verdict("100000000001", verified()),
        verdict("200000000001", verified()),
        verdict("200000000002", widened()),
        VerifyEvent::NotVerified { account: id("200000000003"), reason: "no access role".into() }
            .into_event(),
        RolloutEvent::Run(RunEvent::Interrupted),
        RolloutEvent::Run(RunEvent::Finished),
    ])
}

/// One row in every state, one of them with a reason that would paint a terminal.
pub(crate) fn checkup() -> Checkup {
    let row = |subject, state, found: &str, remedy: Option<&str>, needed_for| CheckupRow {
        subject,
        state,
        found: found.to_owned(),
        remedy: remedy.map(str::to_owned),
        needed_for,
    };
    let caller = format!("arn:aws:iam::{MANAGEMENT}:user/ann, of the management account {MANAGEMENT}");
    let denied =
        "missing: cloudformation:CreateStackSet, cloudformation:UpdateStackSet, iam:CreateRole, iam:TagRole";
    let (fix, policy) = ("`rolecall doctor --fix`", "allow them, as config/iam/deploy.json does");
    Checkup {
        rows: vec![
            row(Subject::Caller, CheckupState::Ok, &caller, None, Need::Everything),
            row(Subject::TrustedAccess, CheckupState::NotReady, "off", Some(fix), Need::Deploying),
            row(Subject::StackSets, CheckupState::Warning, "812 of 1000", None, Need::Deploying),
            row(Subject::Roles, CheckupState::Unknown, "denied\n\u{1b}[2J", None, Need::Nothing),
            row(Subject::DeployPermissions, CheckupState::NotReady, denied, Some(policy), Need::Deploying),
        ],
    }
}

/// Names and reasons that would paint a terminal.
pub(crate) fn hostile() -> Vec<Event> {
    let mut accounts = accounts();
    let hostile = accounts.get_mut(&id("200000000001")).unwrap();
    hostile.name = "shop\n100000000001  verified\u{1b}[2J\u{1b}[32m \u{202e}live".into();
    hostile.unit = OuPath(vec!["Work\tloads".into(), "a\u{9b}31mb".into()]);
    hostile.reason = "include\r\u{7}".into();
    let mut events = begun(accounts);
    let reason = "Handler said:\n\u{1b}]0;owned\u{7}no";
    events.extend([
        step_started(2),
        account("200000000001", DeploymentStatus::Failed(reason.into())),
        step_finished(2, "FAILED\u{1b}[1m"),
        RolloutEvent::Run(RunEvent::Finished),
    ]);
    timed(events)
}

/// `number` accounts, deployed ten to the millisecond.
pub(crate) fn quick_deployment_of(number: usize) -> Vec<Event> {
    let ids = (0..number).map(|index| id(&format!("3{index:011}")));
    let accounts: BTreeMap<AccountId, AccountPlan> = ids
        .clone()
        .map(|id| (id, plan_of("shop", &["Workloads"], Action::Create, "include ou **")))
        .collect();
    let mut events = begun(accounts);
    events.extend(
        ids.map(|account| DeployEvent::Account { account, status: DeploymentStatus::Deployed }.into_event()),
    );
    let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let at = |index: usize| start + jiff::SignedDuration::from_micros(100 * index as i64);
    events.into_iter().enumerate().map(|(index, event)| (at(index), event)).collect()
}

/// A roll-out is taken away: one role is gone, one stays in a suspended account, one cannot be deleted, one is
/// still there and of somebody else, one account cannot be entered.
pub(crate) fn retired() -> Vec<Event> {
    let mut accounts = accounts();
    for row in accounts.values_mut() {
        (row.action, row.reason) = match row.action {
            Action::Skip => (Action::Retain, "account is suspended: AWS cannot delete its stack".into()),
            Action::LeaveInPlace => (Action::Skip, "no stack instance".into()),
            _ => (Action::Remove, "the roll-out is taken away".into()),
        };
    }
    let conflict = "Cannot delete entity, must detach all policies first.; a failed deletion …".to_owned();
    let accounts_of_the_step = accounts.keys().filter(|id| id.as_str() != "200000000006").cloned().collect();
    let mut events = vec![started("retire"), planned(accounts, 1)];
    events.extend([
        DeployEvent::StepStarted {
            step: 1,
            title: "delete stack instances and their roles in 6 accounts (6 accounts of 4 units)".into(),
            operation: Some("20261120T120000Z-k3f9-1".parse().unwrap()),
            accounts: accounts_of_the_step,
        }
        .into_event(),
        account("100000000001", DeploymentStatus::Removed),
        account("200000000001", DeploymentStatus::Removed),
        account("200000000002", DeploymentStatus::Removed),
        account("200000000003", DeploymentStatus::Failed(conflict)),
        account("200000000004", DeploymentStatus::Removed),
        account("200000000005", DeploymentStatus::Retained),
        step_finished(1, "SUCCEEDED"),
        VerifyEvent::Started {
            accounts: ["100000000001", "200000000001", "200000000002", "200000000004"]
                .into_iter()
                .map(id)
                .collect(),
            mode: VerifyMode::Absence,
        }
        .into_event(),
        verdict("100000000001", absence(CheckOutcome::Pass, &[])),
        verdict("200000000001", absence(CheckOutcome::Pass, &[])),
        verdict("200000000002", absence(CheckOutcome::Fail, &["the role `CadoResponse` exists"])),
        verdict("200000000004", absence(CheckOutcome::Unknown, &["could not enter the access role"])),
        RolloutEvent::Run(RunEvent::Finished),
    ]);
    timed(events)
}

fn absence(outcome: CheckOutcome, evidence: &[&str]) -> Verdict {
    let evidence = evidence.iter().map(|&line| line.to_owned()).collect();
    let cause = match outcome {
        CheckOutcome::Fail => Some(VerdictCause::RoleStillThere),
        CheckOutcome::Unknown => Some(VerdictCause::RoleUnreadable),
        CheckOutcome::Pass | CheckOutcome::NotApplicable => None,
    };
    let checks =
        vec![CheckResult { check: Check::RoleAbsent, outcome, cause, evidence, differs: BTreeSet::new() }];
    Verdict { mode: VerifyMode::Absence, checks }
}

/// One event of every kind, with every status and every check outcome.
pub(crate) fn every_event() -> Vec<RolloutEvent> {
    let mut events = begun(accounts());
    events.extend(narrowings().map(|narrowing| RolloutEvent::Run(RunEvent::Narrowed(narrowing))));
    events.extend([
        RolloutEvent::Run(RunEvent::Invoked(Invocation {
            caller: "arn:aws:sts::100000000001:assumed-role/CI/run-88".into(),
            command_line: "rolecall apply config/rollout.yaml --yes".into(),
            version: "0.1.0".into(),
        })),
        calls(&[("sts:AssumeRole", 12, 3), ("iam:GetRole", 4, 0)]),
        organization_changed(),
        RolloutEvent::Discovery(DiscoveryEvent::Units { read: 7 }),
        DeployEvent::WaveStarted("canary".parse().unwrap()).into_event(),
        waiting("x-1", "CREATE", "QUEUED"),
        DeployEvent::Soaking { wave: "canary".parse().unwrap(), left: Duration::from_secs(600) }.into_event(),
        step_finished(1, "SUCCEEDED"),
        account("200000000001", DeploymentStatus::Unchanged),
        account("200000000001", DeploymentStatus::Pending),
        account("200000000001", DeploymentStatus::Running),
        account("200000000001", DeploymentStatus::Deployed),
        account("200000000001", DeploymentStatus::Removed),
        account("200000000001", DeploymentStatus::Retained),
        account("200000000001", DeploymentStatus::Failed("no".into())),
        account("200000000001", DeploymentStatus::Cancelled("tolerance exceeded".into())),
        account("200000000001", DeploymentStatus::Skipped("suspended".into())),
        account("200000000001", DeploymentStatus::NotReached("\u{1b} \"quoted\"\n東京".into())),
        VerifyEvent::Started {
            accounts: [id("200000000001")].into_iter().collect(),
            mode: VerifyMode::Direct,
        }
        .into_event(),
        verdict("200000000001", widened()),
        verdict("200000000001", unreadable()),
        verdict("200000000001", absence(CheckOutcome::Pass, &[])),
        VerifyEvent::Account {
            account: id("200000000001"),
            verdict: verified(),
            took: Some(Duration::from_millis(1234)),
        }
        .into_event(),
        VerifyEvent::NotVerified { account: id("200000000002"), reason: "no".into() }.into_event(),
        RolloutEvent::Run(RunEvent::Held { wave: "canary".parse().unwrap(), problem: "no".into() }),
        RolloutEvent::Run(RunEvent::Interrupted),
        RolloutEvent::Run(RunEvent::Resumed),
        RolloutEvent::Run(RunEvent::Stopped { problem: "no".into() }),
        RolloutEvent::Run(RunEvent::Finished),
    ]);
    events
}

fn organization_changed() -> RolloutEvent {
    let plan = |action, reason: &str| plan_of("late", &["Workloads"], action, reason);
    let joined = [
        (id("300000000001"), plan(Action::Keep, "became a target after the plan was made")),
        (id("300000000002"), plan(Action::Skip, "no include entry matches")),
    ];
    let left = [(id("200000000003"), "is not in the organization any more".to_owned())];
    RolloutEvent::Run(RunEvent::OrganizationChanged { joined: joined.into(), left: left.into() })
}

/// One account joined and is proven, one joined and is no target, one left while its deployment failed.
pub(crate) fn changed_meanwhile() -> Vec<Event> {
    let mut events = deployed();
    let last = events.len() - 1;
    events.insert(last, account("200000000003", DeploymentStatus::Failed("not in the organization".into())));
    events.push(organization_changed());
    let mut verified_accounts: Vec<AccountId> = targets();
    verified_accounts.retain(|account| *account != id("200000000003"));
    verified_accounts.push(id("300000000001"));
    events.push(
        VerifyEvent::Started {
            accounts: verified_accounts.iter().cloned().collect(),
            mode: VerifyMode::Direct,
        }
        .into_event(),
    );
    for account in verified_accounts {
        events.push(VerifyEvent::Account { account, verdict: verified(), took: None }.into_event());
    }
    events.push(RolloutEvent::Run(RunEvent::Finished));
    timed(events)
}

/// One with everything, one that says little.
fn narrowings() -> [Narrowing; 2] {
    let sample = Sample { size: Share::Percent(5), seed: "a \"seed\"".into() };
    let all = Part {
        only: vec!["name shop-*".into(), "ou Sandbox".into()],
        unproven_in: Some("20261119T120000Z-k3f9".parse().unwrap()),
        sample: Some(sample),
        shard: Some("2/3".parse().unwrap()),
    };
    let few = Part { sample: Some(Sample { size: Share::Count(4), seed: "s".into() }), ..Part::default() };
    [all, few].map(|part| Narrowing { part, targets: 58, eligible: 12, chosen: 4 })
}

/// `verify` of one shard of three: one target of its own, one left out, the others in other shards.
pub(crate) fn of_a_shard() -> Vec<Event> {
    let mut accounts = accounts();
    let mut leave = |account: &str, action, reason: &str| {
        let plan = accounts.get_mut(&id(account)).unwrap();
        (plan.action, plan.reason) = (action, reason.to_owned());
    };
    leave("100000000001", Action::OtherShard, "in another shard (1/3)");
    leave("200000000001", Action::OtherShard, "in another shard (3/3)");
    leave("200000000002", Action::OtherShard, "in another shard (3/3)");
    leave("200000000003", Action::LeaveOut, "no `--only` selects it");
    let part =
        Part { only: vec!["ou Workloads".into()], shard: Some("2/3".parse().unwrap()), ..Part::default() };
    let verifies = ["200000000004"].map(id);
    timed(vec![
        started("verify"),
        RolloutEvent::Run(RunEvent::Narrowed(Narrowing { part, targets: 5, eligible: 4, chosen: 1 })),
        planned(accounts, 0),
        VerifyEvent::Started { accounts: verifies.clone().into_iter().collect(), mode: VerifyMode::Direct }
            .into_event(),
        verdict("200000000004", verified()),
        RolloutEvent::Run(RunEvent::Finished),
    ])
}

pub(crate) fn started(command: &str) -> RolloutEvent {
    RolloutEvent::Run(RunEvent::Started {
        run: "20261120T120000Z-k3f9".parse().unwrap(),
        rollout: "cado-response".parse().unwrap(),
        command: command.into(),
        home_region: "us-east-1".parse().unwrap(),
        only_failed: false,
    })
}

/// So many attempts and throttles of each operation.
pub(crate) fn calls(counts: &[(&str, u64, u64)]) -> RolloutEvent {
    let count = |&(operation, attempts, throttled): &(&str, u64, u64)| {
        (operation.to_owned(), CallCount { attempts, throttled })
    };
    RolloutEvent::Run(RunEvent::Called(CallCounts(counts.iter().map(count).collect())))
}

/// The same events, of another run.
pub(crate) fn of_run(mut events: Vec<Event>, id: &str) -> Vec<Event> {
    for (_, event) in &mut events {
        if let RolloutEvent::Run(RunEvent::Started { run, .. }) = event {
            *run = id.parse().unwrap();
        }
    }
    events
}

pub(crate) fn planned(accounts: BTreeMap<AccountId, AccountPlan>, steps: usize) -> RolloutEvent {
    RolloutEvent::Run(RunEvent::Planned {
        organization: "o-a1b2c3d4e5".parse().unwrap(),
        management_account: id(MANAGEMENT),
        accounts,
        steps,
    })
}

pub(crate) fn verified() -> Verdict {
    verdict_of(&[], &[])
}

/// Ten seconds apart, beginning at noon.
pub(crate) fn timed(events: Vec<RolloutEvent>) -> Vec<Event> {
    let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let at = |index: usize| start + jiff::SignedDuration::from_secs(10 * index as i64);
    events.into_iter().enumerate().map(|(index, event)| (at(index), event)).collect()
}

fn begun(accounts: BTreeMap<AccountId, AccountPlan>) -> Vec<RolloutEvent> {
    vec![
        started("apply"),
        RolloutEvent::Discovery(DiscoveryEvent::Accounts { read: 7 }),
        RolloutEvent::Discovery(DiscoveryEvent::Tags { read: 2, of: 5 }),
        RolloutEvent::Discovery(DiscoveryEvent::Finished { units: 4, accounts: 7, problems: 0 }),
        planned(accounts, 2),
        DeployEvent::StepStarted {
            step: 1,
            title: "create the StackSet".into(),
            operation: None,
            accounts: AccountIds::default(),
        }
        .into_event(),
        step_finished(1, "SUCCEEDED"),
    ]
}

fn deployed() -> Vec<RolloutEvent> {
    let mut events = begun(accounts());
    events.push(step_started(2));
    for account in targets() {
        events.push(DeployEvent::Account { account, status: DeploymentStatus::Deployed }.into_event());
    }
    events.push(step_finished(2, "SUCCEEDED"));
    events
}

fn step_started(step: usize) -> RolloutEvent {
    let title = "create stack instances in 4 accounts (every account of 1 unit)".into();
    let operation = Some("20261120T120000Z-k3f9-2".parse().unwrap());
    let accounts = targets().into_iter().filter(|account| *account != id(MANAGEMENT)).collect();
    DeployEvent::StepStarted { step, title, operation, accounts }.into_event()
}

fn waiting(id: &str, action: &str, status: &str) -> RolloutEvent {
    let created: Timestamp = "2026-11-20T11:46:30Z".parse().unwrap();
    DeployEvent::Waiting(ObservedOperation {
        id: id.parse().unwrap(),
        action: action.into(),
        status: status.into(),
        created: Some(created.into()),
    })
    .into_event()
}

fn step_finished(step: usize, status: &str) -> RolloutEvent {
    DeployEvent::StepFinished { step, status: status.into() }.into_event()
}

fn account(account: &str, status: DeploymentStatus) -> RolloutEvent {
    DeployEvent::Account { account: id(account), status }.into_event()
}

fn verdict(account: &str, verdict: Verdict) -> RolloutEvent {
    VerifyEvent::Account { account: id(account), verdict, took: None }.into_event()
}

fn denied(account: &str, request: &str) -> DeploymentStatus {
    DeploymentStatus::Failed(format!(
        "ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:Resource handler returned \
         message: \"User: arn:aws:sts::{account}:assumed-role/stacksets-exec-0f1e2d3c4b5a69788796a5b4c3d2e1f0/x \
         is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::{account}:role/CadoResponse with \
         an explicit deny in a service control policy (Service: Iam, Status Code: 403, Request ID: {request})\" \
         (HandlerErrorCode: AccessDenied)."
    ))
}

fn widened() -> Verdict {
    verdict_of(
        &[Check::RoleEqualsSpecification],
        &[
            "attached policies: arn:aws:iam::aws:policy/AdministratorAccess is attached and not specified",
            "max session: 12h where 1h is specified",
        ],
    )
}

fn unreadable() -> Verdict {
    let mut verdict = verdict_of(&[Check::RoleEqualsSpecification], &["iam:GetRole: AccessDenied"]);
    for result in &mut verdict.checks {
        match result.outcome {
            CheckOutcome::Fail => {
                result.outcome = CheckOutcome::Unknown;
                result.differs.clear();
                result.cause = Some(VerdictCause::RoleUnreadable);
            }
            _ if result.check == Check::RefusedWithWrongExternalId => {
                result.outcome = CheckOutcome::NotApplicable
            }
            _ => {}
        }
    }
    verdict
}

fn verdict_of(failed: &[Check], evidence: &[&str]) -> Verdict {
    let result = |check: Check| match failed.contains(&check) {
        true => CheckResult {
            check,
            outcome: CheckOutcome::Fail,
            cause: Some(VerdictCause::RoleDiffers),
            evidence: evidence.iter().map(|&line| line.to_owned()).collect(),
            differs: [RoleProperty::ManagedPolicies, RoleProperty::MaxSession].into(),
        },
        false => CheckResult {
            check,
            outcome: CheckOutcome::Pass,
            cause: None,
            evidence: vec!["seen".into()],
            differs: BTreeSet::new(),
        },
    };
    Verdict {
        mode: VerifyMode::Direct,
        checks: VerifyMode::Direct.checks().iter().copied().map(result).collect(),
    }
}

trait IntoEvent {
    fn into_event(self) -> RolloutEvent;
}

impl IntoEvent for DeployEvent {
    fn into_event(self) -> RolloutEvent {
        RolloutEvent::Deploy(self)
    }
}

impl IntoEvent for VerifyEvent {
    fn into_event(self) -> RolloutEvent {
        RolloutEvent::Verify(self)
    }
}
