//! A roll-out by roles of the operator's own.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::doctor::{check, checks};
use crate::program::{MANAGEMENT, Simulation, Workplace, encoded};

const APPLY: [&str; 3] = ["apply", "config/rollout.yaml", "--yes"];

/// An account of the reference organization that is a target.
const PAYMENTS: &str = "222200003103";

/// The reference configuration, self-managed.
pub(crate) fn by_hand(keys: &str) -> Workplace {
    let workplace = Workplace::new();
    let line = "  auto_deployment: { enabled: false }          # it would ignore the exclusions above\n";
    workplace.edit("config/rollout.yaml", line, keys);
    workplace.edit(
        "config/rollout.yaml",
        "permission_model: service-managed",
        "permission_model: self-managed",
    );
    workplace
}

/// Makes a stack of a printed template, as the owner of the account would.
pub(crate) fn deploy(simulation: &Simulation, account: &str, template: &str) {
    call_with_template(simulation, account, "CreateStack", "prerequisite", template);
}

/// Creates or updates a stack as the owner of the account would, and gives its ARN.
pub(crate) fn call_with_template(
    simulation: &Simulation,
    account: &str,
    operation: &str,
    stack: &str,
    template: &str,
) -> String {
    let template = encoded(template);
    let form = format!(
        "Action={operation}&Version=2010-05-15&StackName={stack}&TemplateBody={template}\
         &Capabilities.member.1=CAPABILITY_NAMED_IAM"
    );
    let answer = simulation.call(account, "cloudformation", &form);
    let (_, id) = answer.split_once("<StackId>").unwrap();
    id.split_once('<').unwrap().0.to_owned()
}

/// The template of a role, printed for the account that runs rolecall.
pub(crate) fn printed(workplace: &Workplace, simulation: &Simulation, which: &str) -> String {
    let command = ["prerequisites", which, "config/rollout.yaml"];
    workplace.run_as(MANAGEMENT, simulation, &command).ends_with(0).result
}

/// The members that the plan deploys to.
pub(crate) fn members(workplace: &Workplace, simulation: &Simulation) -> Vec<String> {
    let plan = ["plan", "config/rollout.yaml", "--output", "json"];
    let accounts = workplace.run_as(MANAGEMENT, simulation, &plan).ends_with(3).accounts();
    let is_member =
        |account: &&Value| account["action"] == "create" && account["id"].as_str().unwrap() != MANAGEMENT;
    accounts.values().filter(is_member).map(|account| account["id"].as_str().unwrap().to_owned()).collect()
}

/// How often each operation was called that changes something.
pub(crate) fn writes(simulation: &Simulation) -> BTreeMap<String, u64> {
    let reads = ["Describe", "List", "Get", "Assume"];
    let mut calls = simulation.calls();
    calls.retain(|operation, _| {
        !reads.iter().any(|verb| operation.split(':').nth(1).unwrap().starts_with(verb))
    });
    calls
}

#[test]
fn the_printed_roles_are_all_that_a_roll_out_to_every_account_takes() {
    let workplace = by_hand("");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    deploy(&simulation, MANAGEMENT, &printed(&workplace, &simulation, "administration"));
    let execution = printed(&workplace, &simulation, "execution");
    let members = members(&workplace, &simulation);
    for account in members.iter().filter(|account| *account != PAYMENTS) {
        deploy(&simulation, account, &execution);
    }
    simulation.advance(300);

    // One account has no execution role: it fails alone, and says what AWS says.
    let apply = [&APPLY[..], &["--output", "json"]].concat();
    let accounts = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(1).accounts();
    for id in members.iter().map(String::as_str).chain([MANAGEMENT]) {
        let deployment = &accounts[id]["deployment"];
        let expected = if id == PAYMENTS { "failed" } else { "deployed" };
        assert_eq!(deployment["status"], expected, "{id}: {deployment}");
    }
    let why = accounts[PAYMENTS]["deployment"]["reason"].as_str().unwrap();
    assert!(why.contains("should have 'AWSCloudFormationStackSetExecutionRole' role"), "{why}");

    deploy(&simulation, PAYMENTS, &execution);
    simulation.advance(300);
    let run = workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0);
    assert!(run.result.contains("58 verified"), "{}", run.result);

    simulation.forget_calls();
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0).says("58 unchanged");
    assert_eq!(writes(&simulation), BTreeMap::new());
    assert!(!simulation.calls().contains_key("cloudformation:DescribeOrganizationsAccess"));
}

#[test]
fn doctor_looks_at_the_roles_in_every_target_account_and_not_at_trusted_access() {
    let workplace = by_hand("");
    workplace.edit(
        "config/organization.yaml",
        "stacksets_trusted_access: true",
        "stacksets_trusted_access: false",
    );
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let doctor = |exit| {
        let command = ["doctor", "config/rollout.yaml", "--output", "json"];
        workplace.run_as(MANAGEMENT, &simulation, &command).ends_with(exit)
    };
    let run = doctor(1);
    check(&run, "administration_role", "not_ready", "`rolecall prerequisites administration");
    check(&run, "execution_roles", "not_ready", "is missing in 57 of 57 target accounts");
    check(&run, "execution_roles", "not_ready", " and 52 more)");
    check(&run, "execution_roles", "not_ready", "`rolecall prerequisites execution");
    check(&run, "deploy_permissions", "ok", "all 32 actions");
    let checks = checks(&run);
    for subject in ["trusted_access", "delegated_administrators", "service_linked_role"] {
        assert!(!checks.contains_key(subject), "{subject}");
    }
    assert_eq!(run.json()["deploying"]["items"], 2, "{}", run.result);
    assert!(!simulation.calls().contains_key("cloudformation:DescribeOrganizationsAccess"));
    assert_eq!(simulation.calls()["sts:AssumeRole"], 57 + 2, "every target, and the two roles of verify");

    deploy(&simulation, MANAGEMENT, &printed(&workplace, &simulation, "administration"));
    let execution = printed(&workplace, &simulation, "execution");
    let members = members(&workplace, &simulation);
    for account in members.iter().filter(|account| *account != PAYMENTS) {
        deploy(&simulation, account, &execution);
    }
    // One lets somebody else in.
    let stranger = execution.replace(&format!("Default: \"{MANAGEMENT}\""), "Default: \"222200001111\"");
    assert_ne!(stranger, execution);
    deploy(&simulation, PAYMENTS, &stranger);
    simulation.advance(300);
    let run = doctor(1);
    check(&run, "administration_role", "ok", "lets CloudFormation in");
    check(&run, "execution_roles", "not_ready", "in, in 1 of 57 target accounts (222200003103)");

    let update = call_with_template(&simulation, PAYMENTS, "UpdateStack", "prerequisite", &execution);
    assert!(update.contains(PAYMENTS));
    simulation.advance(300);
    simulation.forget_calls();
    let fix = ["doctor", "config/rollout.yaml", "--fix"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &fix).ends_with(0).says("deploying: ready");
    assert!(run.story.contains("does without trusted access: nothing was changed"), "{}", run.story);
    let mut written = writes(&simulation);
    written.remove("iam:SimulatePrincipalPolicy");
    assert_eq!(written, BTreeMap::new());
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0).says("58 verified");
}

#[test]
fn roles_with_other_names_serve_for_changes_too() {
    let workplace = by_hand("  administration_role: Administrator\n  execution_role: Installer\n");
    workplace.edit("config/rollout.yaml", "    - ou: Infrastructure/**\n    - ou: Workloads/**\n", "");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    deploy(&simulation, MANAGEMENT, &printed(&workplace, &simulation, "administration"));
    let execution = printed(&workplace, &simulation, "execution");
    for account in members(&workplace, &simulation) {
        deploy(&simulation, &account, &execution);
    }
    simulation.advance(300);
    workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0);
    for (from, to) in
        [("max_session: 1h", "max_session: 2h"), ("managed_execution: true", "managed_execution: false")]
    {
        workplace.edit("config/rollout.yaml", from, to);
        workplace.run_as(MANAGEMENT, &simulation, &APPLY).ends_with(0).says("26 verified");
    }
    workplace.run_as(MANAGEMENT, &simulation, &["plan", "config/rollout.yaml"]).ends_with(0);
}

#[test]
fn a_member_account_that_may_read_the_organization_owns_the_set_itself() {
    const OWNER: &str = "222200001111";
    let workplace = by_hand("");
    workplace.edit("config/rollout.yaml", "    - ou: Infrastructure/**\n    - ou: Workloads/**\n", "");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let delegated = serde_json::json!({ "AccountId": OWNER, "ServicePrincipal": "config.amazonaws.com" });
    simulation.organizations(
        "EnableAWSServiceAccess",
        &serde_json::json!({ "ServicePrincipal": "config.amazonaws.com" }),
    );
    simulation.organizations("RegisterDelegatedAdministrator", &delegated);
    let plan = ["plan", "config/rollout.yaml"];
    workplace
        .run_as(OWNER, &simulation, &plan)
        .ends_with(2)
        .says("the management account gets the role by a stack that only itself can make");

    let doctor = ["doctor", "config/rollout.yaml", "--output", "json"];
    let run = workplace.run_as(OWNER, &simulation, &doctor).ends_with(1);
    check(&run, "caller", "not_ready", "set `targets.management_account: exclude`");
    workplace.edit("config/rollout.yaml", "  management_account: include ", "  management_account: exclude ");
    let engine = "  from: arn:aws:iam::222200001111:role/CadoResponseEngine ";
    workplace.edit("config/rollout.yaml", engine, "  # as ourselves, whom the role trusts ");
    let member = "222200006001";
    let command = |which| ["prerequisites", which, "config/rollout.yaml"];
    for (account, which) in [(OWNER, "administration"), (member, "execution")] {
        deploy(
            &simulation,
            account,
            &workplace.run_as(OWNER, &simulation, &command(which)).ends_with(0).result,
        );
    }
    simulation.advance(300);
    let run = workplace.run_as(OWNER, &simulation, &doctor).ends_with(1);
    check(&run, "caller", "ok", "of the member account 222200001111");
    check(&run, "read_permissions", "ok", "all 21 actions");
    check(&run, "administration_role", "ok", "lets CloudFormation in");
    check(&run, "execution_roles", "not_ready", "is missing in ");
    let apply = [&APPLY[..], &["--output", "json"]].concat();
    // A stack of the owner's that could be taken for the management account's.
    let marked = "Tags.member.1.Key=rolecall:rollout&Tags.member.1.Value=cado-response";
    let template = encoded(
        "Resources: { Role: { Type: AWS::IAM::Role, Properties: { RoleName: Mine, \
                            AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: { Effect: Allow, \
                            Principal: { AWS: '222200001111' }, Action: 'sts:AssumeRole' } } } } }",
    );
    let create = format!(
        "Action=CreateStack&Version=2010-05-15&StackName=cado-response&TemplateBody={template}&{marked}\
         &Capabilities.member.1=CAPABILITY_NAMED_IAM"
    );
    simulation.call(OWNER, "cloudformation", &create);
    simulation.advance(300);
    let accounts = workplace.run_as(OWNER, &simulation, &apply).ends_with(1).accounts();
    assert_eq!(accounts[member]["deployment"]["status"], "deployed");
    assert_eq!(accounts[member]["verification"]["checks"][0]["outcome"], "pass", "the role is entered");
    assert_eq!(accounts["222200006002"]["deployment"]["status"], "failed");
    assert_eq!(accounts[MANAGEMENT]["action"], "skip");
    let describe = "Action=DescribeStackSet&Version=2010-05-15&StackSetName=cado-response";
    assert!(simulation.call(OWNER, "cloudformation", describe).contains("SELF_MANAGED"));
}

#[test]
fn what_does_not_go_with_the_permission_model_is_refused() {
    let refused = |workplace: &Workplace, says: &[&str]| {
        let run = workplace.run(&["plan", "config/rollout.yaml", "--simulate"]).ends_with(2);
        for says in says {
            assert!(run.story.contains(says), "`{says}` is not said:\n{}", run.story);
        }
    };
    let by_hand =
        by_hand("  auto_deployment: { enabled: false }\n  call_as: self\n  execution_role: no good\n");
    refused(
        &by_hand,
        &[
            "stack_set.auto_deployment: only service-managed StackSets deploy to accounts that join",
            "stack_set.call_as: a self-managed StackSet belongs to the account whose credentials are used",
            "stack_set.execution_role: `no good` is not a role name",
        ],
    );
    let managed = Workplace::new();
    let roles =
        "  administration_role: Administrator\n  execution_role: Installer\n  managed_execution: true";
    managed.edit("config/rollout.yaml", "  managed_execution: true", roles);
    refused(
        &managed,
        &[
            "stack_set.administration_role: a service-managed StackSet makes its roles itself",
            "stack_set.execution_role: a service-managed StackSet makes its roles itself",
        ],
    );
    managed
        .run(&["prerequisites", "execution", "config/rollout.yaml"])
        .ends_with(2)
        .says("stack_set.execution_role");
}
