//! The policies in `config/iam` are enough for an operator, and what is missing is said.

use std::collections::BTreeSet;

use crate::converge::delete_the_stack;
use crate::operator::{Operator, actions, policy, without};
use crate::program::{MANAGEMENT, Run, Simulation, Workplace, wait_until};
use crate::self_managed::{call_with_template, deploy, printed};

#[test]
fn the_two_policies_together_are_enough_to_apply_and_the_first_to_look() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let looks = Operator::hire(&simulation, &[policy("read-only.json")]);
    looks.run(&workplace, &simulation, &["plan"]).ends_with(3);
    looks
        .run(&workplace, &simulation, &["apply", "--yes"])
        .ends_with(2)
        .says("AccessDenied")
        .says("-> allow the operator cloudformation:CreateStackSet, as config/iam/deploy.json does");

    let deploying = Simulation::of_the_reference_organization(&workplace);
    let deploys = Operator::hire(&deploying, &[policy("read-only.json"), policy("deploy.json")]);
    deploys.run(&workplace, &deploying, &["apply", "--yes"]).ends_with(0).says("58 verified");
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
    deploys.run(&workplace, &deploying, &["apply", "--yes"]).ends_with(0).says("58 verified");
    let run = deploys.run(&workplace, &deploying, &["verify"]).ends_with(0);
    assert!(run.result.contains("58 verified"), "{}", run.result);
}

#[test]
fn taking_a_rollout_away_needs_the_third_policy_too_and_its_proof_only_the_first() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    let policies = ["read-only.json", "deploy.json", "retire.json"].map(policy);
    let retires = Operator::hire(&simulation, &policies);
    let retire = ["retire", "--yes", "--max-removals", "58"];
    let run = retires.run(&workplace, &simulation, &retire).ends_with(0);
    assert!(run.result.contains("58 verified"), "{}", run.result);

    let another = Simulation::of_the_reference_organization(&workplace);
    let looks = Operator::hire(&another, &policies[..1]);
    looks.run(&workplace, &another, &["verify", "--absent"]).ends_with(0).says("58 verified");
    looks.run(&workplace, &another, &["retire", "--dry-run"]).ends_with(0);
}

#[test]
fn verifying_takes_no_more_than_the_first_policy_and_writes_nothing() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    let looks = Operator::hire(&simulation, &[policy("read-only.json")]);
    simulation.forget_calls();
    looks.run(&workplace, &simulation, &["verify"]).ends_with(0).says("58 verified");
    let calls = simulation.calls();
    let reads = ["Describe", "List", "Get", "AssumeRole", "Simulate"];
    for operation in calls.keys() {
        let name = operation.split_once(':').unwrap().1;
        assert!(reads.iter().any(|verb| name.starts_with(verb)), "{operation}");
    }
    assert!(calls.contains_key("sts:AssumeRole"));
}

/// Everything that a policy is needed for happens here: accounts do not carry their paths, tags decide, a service
/// control policy binds, and there is another StackSet.
const ORGANIZATION: &str = r#"
organization:
  id: o-operators1
  root_id: r-op01
  management_account: "111111111111"
  stacksets_trusted_access: true
  answers_without: [paths]
accounts:
  - { id: "111111111111", name: management }
organizational_units:
  - name: Security
    id: ou-op01-security
    accounts:
      - id: "222200001111"
        name: tooling
        roles:
          - name: CadoResponseEngine
            trust:
              Version: "2012-10-17"
              Statement:
                { Effect: Allow, Principal: { AWS: "arn:aws:iam::111111111111:root" }, Action: sts:AssumeRole }
            inline_policies:
              enter:
                Version: "2012-10-17"
                Statement: { Effect: Allow, Action: sts:AssumeRole, Resource: "arn:aws:iam::*:role/CadoResponse" }
  - name: Sandbox
    accounts:
      - { id: "222200006001", name: alder, tags: { env: sandbox } }
      - { id: "222200006002", name: birch, tags: { env: sandbox } }
      # Lets nobody in: how such an account stands is asked of the organization.
      - { id: "222200006003", name: cedar, tags: { env: sandbox }, access_role: null }
service_control_policies:
  - name: guardrails
    document:
      Version: "2012-10-17"
      Statement: { Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*" }
    targets: [Security]
"#;

const ROLLOUT: &str = r#"
rollout: cado-response
home_region: us-east-1
role:
  name: CadoResponse
  description: first
  trust: [ { account: "222200001111", external_id: { env: CADO_EXTERNAL_ID } } ]
  managed_policies: [ "arn:aws:iam::aws:policy/SecurityAudit" ]
  inline_policies: { collect: policies/collect.json }
  max_session: 1h
  tags: { owner: security }
targets:
  include: [ { ou: Security }, { ou: Sandbox, tag: { env: sandbox } } ]
  exclude: [ { account: "222200006002" }, { account: "222200006003" } ]
  management_account: include
waves: [ { name: canary, include: [ { ou: Security } ] } ]
stack_set: { failure_tolerance: 100% }
verify:
  from: arn:aws:iam::222200001111:role/CadoResponseEngine
  access_role: OrganizationAccountAccessRole
  propagation: 0s
limits: { max_removals: 2 }
"#;

const CONFIG: &str = "config/rollout.yaml";

/// A workplace with the small organization above and its rollout.
fn small_workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("config/organization.yaml", ORGANIZATION);
    workplace.write(CONFIG, ROLLOUT);
    workplace
}

/// Whether a run says the action by its whole name.
fn names(run: &Run, action: &str) -> bool {
    let said = format!("{}{}", run.result, run.story);
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric());
    said.match_indices(action).any(|(at, _)| ends(&said[at + action.len()..]))
}

#[test]
fn every_action_of_the_policy_for_looking_is_missed_by_some_command_that_names_it() {
    let workplace = small_workplace();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
    workplace.edit(CONFIG, "rollout: cado-response", "rollout: another");
    workplace.edit(CONFIG, "name: CadoResponse", "name: Another");
    workplace.edit(CONFIG, "management_account: include", "management_account: exclude");
    workplace.run_as(MANAGEMENT, &simulation, &["apply", CONFIG, "--yes"]);
    // There is something to create, so that a plan looks for what is in its way.
    workplace.write(
        CONFIG,
        &ROLLOUT.replace("  exclude: [ { account: \"222200006002\" }, { account: \"222200006003\" } ]\n", ""),
    );

    let whole = policy("read-only.json");
    let commands: [(&[&str], i32); 9] = [
        (&["discover"], 0),
        (&["explain", "alder", CONFIG], 0),
        (&["plan", CONFIG], 3),
        (&["plan", CONFIG, "--converge"], 3),
        (&["verify", CONFIG], 3),
        (&["verify", CONFIG, "--absent"], 1),
        (&["retire", CONFIG, "--dry-run"], 3),
        (&["status"], 1),
        (&["doctor", CONFIG], 1),
    ];
    let looks = Operator::hire(&simulation, std::slice::from_ref(&whole));
    for (command, exit) in commands {
        let run = looks.run_plain(&workplace, &simulation, command);
        assert_eq!(run.exit, exit, "{command:?}: {}\n{}", run.result, run.story);
    }
    let mut problems = Vec::new();
    for (number, action) in actions(&whole).iter().enumerate() {
        let name = format!("lacks-{number}");
        let lacks = Operator::named(&simulation, &name, &[without(&whole, action)]);
        let mut is_missed = false;
        for (command, _) in &commands[..7] {
            simulation.forget_calls();
            let run = lacks.run_plain(&workplace, &simulation, command);
            let is_denied = simulation.denied().contains_key(action.as_str());
            is_missed |= is_denied;
            if is_denied && !names(&run, action) {
                problems.push(format!("{command:?} does not name {action}:\n{}{}", run.result, run.story));
            }
            if run.exit == 2 && !run.story.contains("config/iam") {
                problems.push(format!("{command:?} does not say where {action} is allowed:\n{}", run.story));
            }
        }
        let run = lacks.run_plain(&workplace, &simulation, &["doctor", CONFIG, "--output", "json"]);
        if !names(&run, action) {
            problems.push(format!("doctor does not name {action}:\n{}", run.result));
        }
        // That it was tried is no need: what doctor itself needs is missing in a row that is about something else.
        let checks = run.json()["checks"].clone();
        let mut about_something = checks.as_array().unwrap().iter();
        is_missed |= about_something.any(|check| {
            check["subject"] != "read_permissions" && check.to_string().contains(action.as_str())
        });
        if !is_missed {
            problems.push(format!("no command misses {action}"));
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n\n"));
}

/// A roll-out from the first stack to the last removal: everything is changed once, by an operator whose policies
/// are given. Ends as soon as `wanted` is named.
struct Story<'a> {
    workplace: &'a Workplace,
    simulation: Simulation,
    policies: Vec<String>,
    operator: Operator,
    wanted: &'a str,
    is_told: bool,
}

impl<'a> Story<'a> {
    fn begin(workplace: &'a Workplace, policies: &[String], wanted: &'a str) -> Self {
        workplace.write("config/organization.yaml", ORGANIZATION);
        workplace.write(CONFIG, ROLLOUT);
        let simulation = Simulation::of_the_reference_organization(workplace);
        let operator = Operator::hire(&simulation, policies);
        Story { workplace, simulation, policies: policies.to_vec(), operator, wanted, is_told: false }
    }

    /// Runs a command, unless everything was told. It has to end well for whoever has the whole policy.
    #[track_caller]
    fn run(&mut self, command: &[&str], exit: i32) {
        if self.is_told {
            return;
        }
        let run = self.operator.run_plain(self.workplace, &self.simulation, command);
        self.hear(command, run, exit);
    }

    #[track_caller]
    fn hear(&mut self, command: &[&str], run: Run, exit: i32) {
        if self.wanted.is_empty() {
            assert_eq!(run.exit, exit, "{command:?}: {}\n{}", run.result, run.story);
            return;
        }
        // What doctor has to say of permissions is no proof that it met them.
        let run = if command[0] == "doctor" { Run { result: String::new(), ..run } } else { run };
        self.is_told = names(&run, self.wanted);
    }

    /// Rolls out the role of a template instead of a specification.
    fn take_template(&self, template: &str, parameters: &str) {
        self.workplace.write("config/template.yaml", template);
        let role = ROLLOUT.find("role:\n").unwrap()..ROLLOUT.find("targets:\n").unwrap();
        self.edit(&ROLLOUT[role], &format!("template: {{ file: template.yaml, role: Role{parameters} }}\n"));
    }

    fn edit(&self, from: &str, to: &str) {
        self.workplace.edit(CONFIG, from, to);
    }
}

const APPLY: [&str; 3] = ["apply", CONFIG, "--yes"];
const REMOVE: [&str; 4] = ["apply", CONFIG, "--yes", "--remove"];
const ADOPT: [&str; 4] = ["apply", CONFIG, "--yes", "--adopt"];

/// The role is made, changed in everything that it has, and taken from an account.
fn from_the_first_stack_to_a_removal(story: &mut Story<'_>) {
    story.run(&APPLY, 0);
    for (from, to) in [
        (
            "description: first",
            "description: second\n  permissions_boundary: arn:aws:iam::aws:policy/ReadOnlyAccess",
        ),
        ("max_session: 1h", "max_session: 2h"),
        ("SecurityAudit", "ReadOnlyAccess"),
        ("collect: policies", "other: policies"),
        ("tags: { owner: security }", "tags: { team: security }"),
        ("trust: [ {", "trust: [ { account: \"222200006001\" }, {"),
    ] {
        story.edit(from, to);
    }
    story.run(&APPLY, 0);
    story.edit("\n  permissions_boundary: arn:aws:iam::aws:policy/ReadOnlyAccess", "");
    story.edit("exclude: [", "exclude: [ { account: \"222200006001\" },");
    story.run(&REMOVE, 0);
}

/// The stack of the management account fails at a second role, which the policy does not name, and the first one is
/// taken back.
fn a_stack_that_fails(story: &mut Story<'_>) {
    let trust = r#"AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [ { Effect: Allow,
        Principal: { AWS: "222200001111" }, Action: "sts:AssumeRole" } ] }"#;
    let template = format!(
        "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: CadoResponse\n      {trust}\n\
         \x20 Second:\n    Type: AWS::IAM::Role\n    DependsOn: Role\n    Properties:\n      {trust}\n"
    );
    story.take_template(&template, "");
    story.run(&APPLY, 1);
    // What is left of the first attempt is deleted before the second.
    story.run(&APPLY, 1);
}

/// The name of the role comes from a parameter that AWS masks, so that only the change set tells of another one.
fn a_role_that_would_be_replaced(story: &mut Story<'_>) {
    let template = "Parameters:\n  Name: { Type: String, NoEcho: true }\nResources:\n  Role:\n    Type: AWS::IAM::Role\n    \
                    Properties:\n      RoleName: { Ref: Name }\n      AssumeRolePolicyDocument: { Version: \"2012-10-17\", \
                    Statement: [ { Effect: Allow, Principal: { AWS: \"222200001111\" }, Action: \"sts:AssumeRole\" } ] }\n";
    story.take_template(template, ", parameters: { Name: { value: CadoResponse } }");
    story.run(&APPLY, 0);
    story.edit("value: CadoResponse", "value: Another");
    story.run(&APPLY, 1);
}

/// Ctrl-C while an operation runs, which is to be stopped.
fn a_run_that_is_stopped(story: &mut Story<'_>) {
    story.simulation = Simulation::slow(story.workplace);
    story.operator = Operator::hire(&story.simulation, &story.policies);
    if story.is_told {
        return;
    }
    let stop = [&APPLY[..], &["--stop-operation"]].concat();
    let run = story.operator.begin(story.workplace, &story.simulation, &stop);
    let begun = || story.simulation.calls().contains_key("cloudformation:CreateStackInstances");
    wait_until("the operation is accepted, or nothing comes of it", || {
        story.simulation.advance(1);
        begun() || run.has_said("Ledger: ") || run.has_said("error: ")
    });
    if begun() {
        run.signal("INT");
    }
    let run = run.wait(|| story.simulation.advance(1));
    story.hear(&stop, run, 130);
}

/// Somebody else's StackSet, with tags that the rollout does not want.
fn a_set_that_is_taken_over(story: &mut Story<'_>) {
    let trust = "%22AssumeRolePolicyDocument%22%3A%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B\
                 %22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C\
                 %22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    let template = format!(
        "Capabilities.member.1=CAPABILITY_NAMED_IAM&TemplateBody=%7B%22Resources%22%3A%7B%22Role%22%3A%7B%22Type%22\
         %3A%22AWS%3A%3AIAM%3A%3ARole%22%2C%22Properties%22%3A%7B%22RoleName%22%3A%22CadoResponse%22%2C{trust}\
         %7D%7D%7D%7D"
    );
    let form = format!(
        "Action=CreateStackSet&Version=2010-05-15&StackSetName=cado-response&{template}\
         &PermissionModel=SERVICE_MANAGED&AutoDeployment.Enabled=false\
         &Tags.member.1.Key=team&Tags.member.1.Value=others"
    );
    story.simulation.call(MANAGEMENT, "cloudformation", &form);
    story.run(&ADOPT, 0);
}

/// Trusted access is off.
fn trusted_access_that_is_off(story: &mut Story<'_>) {
    story.simulation.call(
        MANAGEMENT,
        "cloudformation",
        "Action=DeactivateOrganizationsAccess&Version=2010-05-15",
    );
    story.run(&["doctor", CONFIG, "--fix"], 0);
}

const STORIES: [fn(&mut Story<'_>); 6] = [
    from_the_first_stack_to_a_removal,
    a_stack_that_fails,
    a_set_that_is_taken_over,
    trusted_access_that_is_off,
    a_role_that_would_be_replaced,
    a_run_that_is_stopped,
];

#[test]
fn every_action_of_the_policy_for_deploying_is_missed_by_some_command_that_names_it() {
    let (looking, whole) = (policy("read-only.json"), policy("deploy.json"));
    let is_told = |action: &String| {
        let workplace = Workplace::new();
        STORIES.iter().any(|story| {
            let policies = [looking.clone(), without(&whole, action)];
            let mut telling = Story::begin(&workplace, &policies, action);
            story(&mut telling);
            telling.is_told
        })
    };
    let untold = side_by_side(&actions(&whole), &|action| !is_told(action));
    assert!(untold.is_empty(), "no command misses and names {untold:?}");
}

/// Those of the actions for which something holds. Whoever finds out mostly waits for operations: side by side they
/// wait together.
fn side_by_side(actions: &BTreeSet<String>, holds: &(dyn Fn(&String) -> bool + Sync)) -> BTreeSet<String> {
    let all: Vec<&String> = actions.iter().collect();
    let those =
        |share: &[&String]| share.iter().filter(|action| holds(action)).map(|&one| one.clone()).collect();
    std::thread::scope(|scope| {
        let share = |actions| scope.spawn(move || -> Vec<String> { those(actions) });
        let shares: Vec<_> = all.chunks(all.len().div_ceil(6)).map(share).collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

#[test]
fn both_policies_are_enough_for_everything_that_may_happen_to_a_roll_out() {
    let workplace = Workplace::new();
    let policies = [policy("read-only.json"), policy("deploy.json")];
    for story in STORIES {
        story(&mut Story::begin(&workplace, &policies, ""));
    }
}

/// Which actions of these policies a command misses when they are taken away in turn, from an operator who has all the
/// others and `read-only.json`. Whatever is missed is named; whoever misses nothing ends well.
fn missed_by(
    command: &[&str],
    policies: &[&str],
    prepare: impl Fn() -> (Workplace, Simulation) + Sync,
) -> BTreeSet<String> {
    let policies: Vec<String> = policies.iter().map(|name| policy(name)).collect();
    let misses = |action: &String| {
        let (workplace, simulation) = prepare();
        let rest = policies.iter().map(|policy| without(policy, action));
        let rest = rest.filter(|policy| !actions(policy).is_empty()).chain([policy("read-only.json")]);
        let lacks = Operator::hire(&simulation, &rest.collect::<Vec<_>>());
        let run = lacks.run_plain(&workplace, &simulation, command);
        let is_missed = run.exit != 0;
        assert!(
            !is_missed || names(&run, action),
            "without `{action}` {command:?} ends with {}:\n{}\n{}",
            run.exit,
            run.result,
            run.story
        );
        is_missed
    };
    assert!(!misses(&String::new()), "nothing is missing");
    let all = policies.iter().flat_map(|policy| actions(policy)).collect();
    side_by_side(&all, &misses)
}

#[track_caller]
fn check_missed(missed: &BTreeSet<String>, expected: &[&str]) {
    assert_eq!(missed.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// The small organization, in which everything is rolled out.
fn rolled_out() -> (Workplace, Simulation) {
    let workplace = small_workplace();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0);
    (workplace, simulation)
}

#[test]
fn taking_a_rollout_away_names_what_it_misses() {
    let retire = ["retire", CONFIG, "--yes", "--max-removals", "3"];
    let missed = missed_by(&retire, &["deploy.json", "retire.json"], rolled_out);
    check_missed(
        &missed,
        &[
            "cloudformation:DeleteStack",
            "cloudformation:DeleteStackInstances",
            "cloudformation:DeleteStackSet",
            "cloudformation:DescribeStackSetOperation",
            "cloudformation:ListStackSetOperationResults",
            "cloudformation:UpdateTerminationProtection",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
        ],
    );
}

#[test]
fn bringing_back_a_role_that_is_gone_names_what_it_misses() {
    let converge = ["apply", CONFIG, "--yes", "--converge"];
    let missed = missed_by(&converge, &["deploy.json"], || {
        let (workplace, simulation) = rolled_out();
        delete_the_stack(&simulation, "222200006001");
        (workplace, simulation)
    });
    check_missed(
        &missed,
        &[
            "cloudformation:CreateStackInstances",
            "cloudformation:DeleteStackInstances",
            "cloudformation:DescribeStackSetOperation",
            "cloudformation:ListStackSetOperationResults",
        ],
    );
}

/// A role without a secret: AWS imports no stack with a masked parameter.
const IMPORTED: &str = r#"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: CadoResponse
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: { Effect: Allow, Principal: { AWS: "222200001111" }, Action: "sts:AssumeRole" }
"#;

/// A rollout by roles of one's own, which are there, to an account that has a stack already.
fn self_managed() -> (Workplace, Simulation) {
    const ALDER: &str = "222200006001";
    let workplace = small_workplace();
    let role = ROLLOUT.find("role:\n").unwrap()..ROLLOUT.find("targets:\n").unwrap();
    workplace.write("config/template.yaml", IMPORTED);
    workplace.edit(CONFIG, &ROLLOUT[role], "template: { file: template.yaml }\n");
    workplace.edit(CONFIG, "stack_set: {", "stack_set: { permission_model: self-managed,");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    deploy(&simulation, MANAGEMENT, &printed(&workplace, &simulation, "administration"));
    let execution = printed(&workplace, &simulation, "execution");
    for account in ["222200001111", ALDER] {
        deploy(&simulation, account, &execution);
    }
    let stack = call_with_template(&simulation, ALDER, "CreateStack", "by-hand", IMPORTED);
    simulation.advance(300);
    workplace.edit(CONFIG, "stack_set: {", &format!("stack_set: {{ import_stacks: [ \"{stack}\" ],"));
    (workplace, simulation)
}

#[test]
fn every_action_of_the_policy_for_self_managed_sets_is_missed_by_a_command_that_names_it() {
    let all = actions(&policy("self-managed.json"));
    let missed = missed_by(&ADOPT, &["deploy.json", "self-managed.json"], self_managed);
    assert!(missed.is_superset(&all), "of {all:?} only {missed:?} are missed");

    let (workplace, simulation) = self_managed();
    let [looking, deploying, whole] = ["read-only.json", "deploy.json", "self-managed.json"].map(policy);
    let doctor = |name: &str, last: String| {
        let operator = Operator::named(&simulation, name, &[looking.clone(), deploying.clone(), last]);
        operator.run_plain(&workplace, &simulation, &["doctor", CONFIG])
    };
    doctor("whole", whole.clone()).ends_with(0);
    for (number, action) in all.iter().enumerate() {
        let run = doctor(&format!("lacks-{number}"), without(&whole, action)).ends_with(1);
        assert!(names(&run, action), "doctor does not name {action}:\n{}", run.result);
    }
}
