//! `doctor` looks at everything, names what is missing, and changes nothing but trusted access.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::operator::{Operator, actions, policy};
use crate::program::{MANAGEMENT, Run, Simulation, Workplace};

const CONFIG: &str = "config/rollout.yaml";
const ORGANIZATION: &str = "config/organization.yaml";
const MEMBER: &str = "222200001111";
const PRINCIPAL: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// The checks of a JSON checkup by subject.
#[track_caller]
pub(crate) fn checks(run: &Run) -> BTreeMap<String, Value> {
    let document = run.json();
    assert_eq!(document["schema"], "rolecall.checkup/1");
    let checks = document["checks"].as_array().unwrap().iter();
    checks.map(|check| (check["subject"].as_str().unwrap().to_owned(), check.clone())).collect()
}

#[track_caller]
pub(crate) fn check(run: &Run, subject: &str, state: &str, found: &str) {
    let checks = checks(run);
    let check = &checks[subject];
    let text = format!("{} {}", check["found"], check["remedy"]);
    assert!(check["state"] == state && text.contains(found), "{check}");
}

#[test]
fn an_organization_in_which_everything_is_there_is_ready() {
    let workplace = Workplace::new();
    let run = workplace.run(&["doctor", CONFIG, "--simulate"]).ends_with(0);
    assert!(run.result.ends_with("\nread-only commands: ready\ndeploying: ready\n"), "{}", run.result);
    assert!(run.result.contains("`cado-response` is not there yet"), "{}", run.result);
    let run = workplace.run(&["doctor", "--simulate", "--output", "json"]).ends_with(0);
    let checks = checks(&run);
    assert!(checks.values().all(|check| check["state"] == "ok"), "{checks:?}");
    assert!(!checks.contains_key("stack_set"), "no rollout was named");
}

#[test]
fn trusted_access_is_turned_on_when_asked_for_and_nothing_else_is_changed() {
    let workplace = Workplace::new();
    workplace.edit(ORGANIZATION, "stacksets_trusted_access: true", "stacksets_trusted_access: false");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let as_management = |arguments: &[&str]| workplace.run_as(MANAGEMENT, &simulation, arguments);
    as_management(&["plan", CONFIG]).ends_with(2).says("`rolecall doctor --fix`");

    simulation.forget_calls();
    let run = as_management(&["doctor", CONFIG]).ends_with(1);
    let run = run
        .says("read-only commands: ready\ndeploying: not ready (1 item)")
        .says("-> `rolecall doctor --fix`");
    assert!(!run.story.contains("turning"), "{}", run.story);
    assert_eq!(changes(&simulation), BTreeMap::new());

    simulation.forget_calls();
    let fix = ["doctor", CONFIG, "--fix"];
    let run = as_management(&fix).ends_with(0).says("deploying: ready");
    assert!(
        run.story.contains("turning trusted access of StackSets to the organization on"),
        "{}",
        run.story
    );
    let activated = [("cloudformation:ActivateOrganizationsAccess".to_owned(), 1)].into();
    assert_eq!(changes(&simulation), activated);
    as_management(&["plan", CONFIG]).ends_with(3);

    // There is nothing left to mend.
    let run = as_management(&fix).ends_with(0);
    assert!(!run.story.contains("turning"), "{}", run.story);
    assert_eq!(changes(&simulation), activated);
}

/// The calls that are no reading ones.
fn changes(simulation: &Simulation) -> BTreeMap<String, u64> {
    let reads = ["Describe", "List", "Get", "AssumeRole", "SimulatePrincipalPolicy"];
    let is_read = |call: &str| reads.iter().any(|verb| call.split_once(':').unwrap().1.starts_with(verb));
    simulation.calls().into_iter().filter(|(call, _)| !is_read(call)).collect()
}

#[test]
fn a_member_account_is_told_whose_credentials_it_takes() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let doctor = ["doctor", CONFIG, "--fix", "--output", "json"];
    let run = workplace.run_as(MEMBER, &simulation, &doctor).ends_with(1);
    assert!(run.story.contains("only the management account can turn trusted access on"), "{}", run.story);
    check(
        &run,
        "caller",
        "not_ready",
        "use credentials of the management account 111111111111, or let it run",
    );
    check(&run, "organization", "ok", "o-rolecall42");
    check(&run, "trusted_access", "unknown", "");
    check(&run, "read_permissions", "unknown", "whatever its policies allow");
    assert_eq!(changes(&simulation), BTreeMap::new());
}

#[test]
fn a_delegated_administrator_is_asked_in_its_own_name_and_cannot_mend_trusted_access() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let register = json!({ "AccountId": MEMBER, "ServicePrincipal": PRINCIPAL });
    simulation.organizations("RegisterDelegatedAdministrator", &register);
    let doctor = ["doctor", CONFIG, "--output", "json"];
    let run = workplace.run_as(MEMBER, &simulation, &doctor).ends_with(1);
    check(&run, "caller", "not_ready", "set `stack_set.call_as: delegated-admin`");
    workplace.edit(CONFIG, "stack_set:\n", "stack_set:\n  call_as: delegated-admin\n");
    let run = workplace.run_as(MEMBER, &simulation, &doctor).ends_with(1);
    check(&run, "caller", "not_ready", "set `targets.management_account: exclude`");
    workplace.edit(CONFIG, "management_account: include ", "management_account: exclude ");
    let run = workplace.run_as(MEMBER, &simulation, &doctor);
    check(&run, "caller", "ok", "222200001111, a delegated administrator for StackSets");
    check(&run, "trusted_access", "ok", "on");
    check(&run, "delegated_administrators", "ok", "1 of 5: 222200001111");
    check(&run, "stack_set", "ok", "is not there yet");
    check(&run, "deploy_permissions", "ok", "all 10 actions");
    let checks = checks(&run);
    assert!(!checks.contains_key("service_linked_role"), "only the management account can look");
    let run = workplace.run_as(MANAGEMENT, &simulation, &doctor).ends_with(1);
    check(&run, "caller", "not_ready", "leave `stack_set.call_as` out");
}

#[test]
fn an_account_outside_any_organization_is_told_so() {
    let workplace = Workplace::new();
    let simulation = Simulation::start(&workplace, &[]);
    let run = workplace.run_as(MANAGEMENT, &simulation, &["doctor", "--output", "json"]).ends_with(1);
    check(&run, "caller", "not_ready", "is in no organization");
    check(&run, "organization", "not_ready", "create-organization");
}

#[test]
fn an_operator_who_may_only_look_is_told_what_deploying_takes() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let looks = Operator::hire(&simulation, &[policy("read-only.json")]);
    let run = looks.run(&workplace, &simulation, &["doctor", "--output", "json"]).ends_with(1);
    check(&run, "read_permissions", "ok", "all 22 actions");
    check(&run, "deploy_permissions", "not_ready", "cloudformation:CreateStackSet, ");
    check(&run, "deploy_permissions", "not_ready", ", iam:CreateRole, ");
    check(&run, "deploy_permissions", "not_ready", "config/iam/deploy.json");
    assert_eq!(run.json()["read_only_commands"], json!({ "state": "ready", "items": 0 }));
    assert_eq!(run.json()["deploying"], json!({ "state": "not_ready", "items": 1 }));
}

#[test]
fn both_policies_together_are_ready() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let deploys = Operator::hire(&simulation, &[policy("read-only.json"), policy("deploy.json")]);
    let run = deploys.run(&workplace, &simulation, &["doctor", "--output", "json"]).ends_with(0);
    check(&run, "deploy_permissions", "ok", "all 30 actions");
    // Without a configuration only names are asked about that nobody has, and the policy allows one role alone.
    let run = deploys.run_plain(&workplace, &simulation, &["doctor", "--output", "json"]).ends_with(2);
    check(&run, "deploy_permissions", "unknown", "`rolecall doctor ROLLOUT.yaml`");
}

#[test]
fn what_cannot_be_found_out_is_never_green() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let reading = policy("read-only.json").replace("iam:SimulatePrincipalPolicy", "iam:ListRoles");
    let deploys = Operator::hire(&simulation, &[reading, policy("deploy.json")]);
    let run = deploys.run(&workplace, &simulation, &["doctor", "--output", "json"]).ends_with(2);
    check(&run, "deploy_permissions", "unknown", "iam:SimulatePrincipalPolicy");
    assert_eq!(run.json()["deploying"], json!({ "state": "unknown", "items": 1 }));
}

#[test]
fn one_denial_keeps_nothing_else_from_being_looked_at() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let nothing = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" },
    });
    let nobody = Operator::hire(&simulation, &[nothing.to_string()]);
    let run = nobody.run(&workplace, &simulation, &["doctor", "--output", "json"]).ends_with(1);
    let checks = checks(&run);
    for subject in ["organization", "trusted_access", "delegated_administrators", "stack_sets", "stack_set"] {
        assert_eq!(checks[subject]["state"], "unknown", "{}", checks[subject]);
    }
    // All that the policy for looking allows is tried, but for what shows itself in rows of its own.
    let missing = checks["read_permissions"]["found"].as_str().unwrap().strip_prefix("missing: ").unwrap();
    let own_rows = [
        "iam:GetAccountSummary",
        "iam:SimulatePrincipalPolicy",
        "organizations:ListDelegatedAdministrators",
        "sts:AssumeRole",
    ];
    let named = missing.split(", ").chain(own_rows).map(str::to_owned).collect();
    assert_eq!(actions(&policy("read-only.json")), named);
    for (subject, action) in [
        ("deploy_permissions", "iam:SimulatePrincipalPolicy"),
        ("delegated_administrators", "organizations:ListDelegatedAdministrators"),
    ] {
        check(&run, subject, "unknown", action);
    }
}

#[test]
fn a_busy_set_and_one_of_somebody_else_are_told() {
    let workplace = Workplace::new();
    let simulation = Simulation::slow(&workplace);
    let set = "Version=2010-05-15&StackSetName=cado-response";
    let trust = "%22AssumeRolePolicyDocument%22%3A%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B\
                 %22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C\
                 %22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    let template = format!(
        "Capabilities.member.1=CAPABILITY_IAM&TemplateBody=%7B%22Resources%22%3A%7B%22Role%22%3A%7B%22Type%22%3A\
         %22AWS%3A%3AIAM%3A%3ARole%22%2C%22Properties%22%3A%7B{trust}%7D%7D%7D%7D"
    );
    let model = "PermissionModel=SERVICE_MANAGED&AutoDeployment.Enabled=false";
    let tag = "Tags.member.1.Key=rolecall%3Arollout&Tags.member.1.Value";
    let create = |mark: &str| {
        let form = format!("Action=CreateStackSet&{set}&{template}&{model}&{tag}={mark}");
        simulation.call(MANAGEMENT, "cloudformation", &form);
    };
    create("other");
    let doctor = ["doctor", CONFIG, "--output", "json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &doctor).ends_with(1);
    check(&run, "stack_set", "not_ready", "rolecall plan --adopt");
    simulation.call(MANAGEMENT, "cloudformation", &format!("Action=DeleteStackSet&{set}"));
    create("cado-response");
    let run = workplace.run_as(MANAGEMENT, &simulation, &doctor).ends_with(0);
    check(&run, "stack_set", "ok", "is this rollout's");
    check(&run, "stack_instances", "ok", "0 of 100000");
    let targets =
        "DeploymentTargets.OrganizationalUnitIds.member.1=ou-rc42-security&Regions.member.1=us-east-1";
    let deploy = format!("Action=CreateStackInstances&{set}&{targets}&OperationId=theirs-7");
    simulation.call(MANAGEMENT, "cloudformation", &deploy);
    let run = workplace.run_as(MANAGEMENT, &simulation, &doctor).ends_with(0);
    check(&run, "stack_set", "warning", "operation theirs-7 (CREATE, RUNNING, for ");
}
