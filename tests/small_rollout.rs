//! A roll-out of three waves to five accounts, small enough to be done a few hundred times, and what came of it
//! as AWS and the report tell.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::program::{MANAGEMENT, Run, Simulation, Workplace, administrator};

/// The tooling account, whose engine enters the role; a canary; a shop; a closed account; and one that has no room
/// for another role.
const ORGANIZATION: &str = r#"
organization: { root_id: r-smal, management_account: "111111111111", stacksets_trusted_access: true }
accounts:
  - { id: "111111111111", name: management }
organizational_units:
  - name: Security
    accounts:
      - id: "222200001111"
        name: tooling
        roles:
          - name: CadoResponseEngine
            trust:
              Version: "2012-10-17"
              Statement:
                - { Effect: Allow, Principal: { AWS: "arn:aws:iam::111111111111:root" }, Action: "sts:AssumeRole" }
            inline_policies:
              enter:
                Version: "2012-10-17"
                Statement:
                  - { Effect: Allow, Action: "sts:AssumeRole", Resource: "arn:aws:iam::*:role/CadoResponse" }
  - name: Canary
    accounts: [ { id: "222200000001", name: canary } ]
  - name: Rest
    accounts:
      - { id: "222200000002", name: shop }
      - { id: "222200000003", name: closed, state: SUSPENDED }
      - { id: "222200000004", name: full }
"#;

pub(crate) const CLOSED: &str = "222200000003";

/// Fails in one account, every time.
pub(crate) const ONE_FAILS: &str =
    "accounts: [ { account: '222200000004', fail: 'Resource limit exceeded: roles per account' } ]\n";

const TARGETS: &str = "targets:
  include: [ { ou: Security }, { ou: Canary }, { ou: Rest } ]
  management_account: include
waves:
  - { name: canary, include: [ { ou: Canary } ], proceed_when: verified }
";

pub(crate) const APPLY: [&str; 5] = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
pub(crate) const RESUME: [&str; 6] =
    ["apply", "config/rollout.yaml", "--yes", "--output", "json", "--resume"];

/// A workplace with this roll-out in it.
pub(crate) fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("small.yaml", ORGANIZATION);
    let text = std::fs::read_to_string(workplace.path("config/rollout.yaml")).unwrap();
    let (before, rest) = text.split_once("targets:").unwrap();
    let (_, after) = rest.split_once("stack_set:").unwrap();
    workplace.write("config/rollout.yaml", &format!("{before}{TARGETS}stack_set:{after}"));
    workplace
}

/// Its organization, where time passes with calls alone, so that every run makes the same calls.
pub(crate) fn simulation(workplace: &Workplace, faults: &str) -> Simulation {
    workplace.write("faults.yaml", faults);
    let arguments = ["--organization", "small.yaml", "--per-call", "5", "--faults", "faults.yaml"];
    Simulation::start_at("0.001", workplace, &arguments)
}

/// What a roll-out came to, without anything that may differ between two that went equally well.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Deployment and verification of every account.
    pub(crate) rows: BTreeMap<String, (String, String)>,
    /// Status and detailed status of every stack instance.
    instances: BTreeMap<String, (String, String)>,
    /// The accounts of every operation, by what it did. Each account in one of them alone: none is touched twice.
    operations: Vec<(String, BTreeSet<String>)>,
    /// How often the management account's stack was created or updated.
    stack_events: usize,
    /// The accounts that have the role.
    roles: BTreeSet<String>,
}

impl Outcome {
    pub(crate) fn of(run: &Run, simulation: &Simulation) -> Outcome {
        simulation.end_faults();
        Outcome {
            rows: rows(run),
            instances: instances(simulation),
            operations: operations(simulation),
            stack_events: stack_events(simulation),
            roles: roles(run, simulation),
        }
    }

    /// A run that lost its ledger does not know what it did before, and so may try again what failed.
    pub(crate) fn without_history(mut self) -> Outcome {
        self.operations.clear();
        let forget = |(deployment, _): &mut (String, String)| {
            if ["deployed", "unchanged"].contains(&deployment.as_str()) {
                *deployment = "there".to_owned();
            }
        };
        self.rows.values_mut().for_each(forget);
        self
    }
}

fn rows(run: &Run) -> BTreeMap<String, (String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let row = |account: &Value| {
        (word(&account["deployment"]["status"]), word(&account["verification"]["conclusion"]))
    };
    run.accounts().iter().map(|(id, account)| (id.clone(), row(account))).collect()
}

fn instances(simulation: &Simulation) -> BTreeMap<String, (String, String)> {
    let listed = cloudformation(simulation, "ListStackInstances", "&StackSetName=cado-response");
    let members = listed.split("<member>").skip(1);
    members
        .map(|member| (first(member, "Account"), (first(member, "Status"), first(member, "DetailedStatus"))))
        .collect()
}

fn operations(simulation: &Simulation) -> Vec<(String, BTreeSet<String>)> {
    let listed = cloudformation(simulation, "ListStackSetOperations", "&StackSetName=cado-response");
    let accounts = |id: &str| -> BTreeSet<String> {
        let form = format!("&StackSetName=cado-response&OperationId={id}");
        let results = cloudformation(simulation, "ListStackSetOperationResults", &form);
        all(&results, "Account").into_iter().collect()
    };
    let mut operations: Vec<_> = listed
        .split("<member>")
        .skip(1)
        .map(|member| (first(member, "Action"), accounts(&first(member, "OperationId"))))
        .collect();
    operations.sort();
    operations
}

fn stack_events(simulation: &Simulation) -> usize {
    let events = cloudformation(simulation, "DescribeStackEvents", "&StackName=cado-response");
    let of_the_stack = |event: &&str| first(event, "ResourceType") == "AWS::CloudFormation::Stack";
    let begun = |event: &&str| {
        ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"].contains(&first(event, "ResourceStatus").as_str())
    };
    events.split("<member>").skip(1).filter(of_the_stack).filter(begun).count()
}

fn roles(run: &Run, simulation: &Simulation) -> BTreeSet<String> {
    let has_role = |account: &&String| {
        let form = "Action=ListRoles&Version=2010-05-08";
        all(&simulation.call(account, "iam", form), "RoleName").iter().any(|name| name == "CadoResponse")
    };
    // Nobody can enter a closed account.
    let is_open = |account: &&String| account.as_str() != CLOSED;
    run.accounts().keys().filter(is_open).filter(has_role).cloned().collect()
}

fn cloudformation(simulation: &Simulation, action: &str, more: &str) -> String {
    simulation.call(MANAGEMENT, "cloudformation", &format!("Action={action}&Version=2010-05-15{more}"))
}

fn first(xml: &str, element: &str) -> String {
    all(xml, element).into_iter().next().unwrap_or_default()
}

fn all(xml: &str, element: &str) -> Vec<String> {
    let (begin, end) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(&begin).skip(1).map(|rest| rest.split(&end).next().unwrap().to_owned()).collect()
}

/// Carries the roll-out out under these faults of calls while one account fails, and answers how it ended.
pub(crate) fn under(calls: &str) -> Outcome {
    let workplace = workplace();
    let simulation = simulation(&workplace, &format!("{ONE_FAILS}{calls}"));
    let run = workplace.run_with_key(&administrator(MANAGEMENT), &simulation, &APPLY).ends_with(1);
    Outcome::of(&run, &simulation)
}
