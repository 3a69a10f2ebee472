//! Stacks that exist already become instances of the StackSet.

use std::collections::BTreeMap;

use crate::program::{MANAGEMENT, Simulation, Workplace, encoded};
use crate::self_managed::{by_hand, call_with_template, deploy, members, printed, writes};

const ALDER: &str = "222200006001";
const BJORK: &str = "222200006002";

const STACK_SET: &str = "Version=2010-05-15&StackSetName=cado-response";

/// A role without a secret: AWS imports no stack with a masked parameter.
fn template(max_session: u32) -> String {
    format!(
        "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: CadoResponse\n      \
         MaxSessionDuration: {max_session}\n      AssumeRolePolicyDocument:\n        Version: \"2012-10-17\"\n        \
         Statement:\n          - Effect: Allow\n            Principal: {{ AWS: \"222200001111\" }}\n            \
         Action: sts:AssumeRole\n"
    )
}

/// The reference configuration, self-managed and with that template, for the sandboxes.
fn with_the_template() -> Workplace {
    let workplace = by_hand("");
    workplace.write("config/role.yaml", &template(3600));
    let config = std::fs::read_to_string(workplace.path("config/rollout.yaml")).unwrap();
    let (before, rest) = config.split_once("\nrole:\n").unwrap();
    let (_, after) = rest.split_once("\ntargets:\n").unwrap();
    workplace.write(
        "config/rollout.yaml",
        &format!("{before}\ntemplate: {{ file: role.yaml }}\n\ntargets:\n{after}"),
    );
    workplace.edit(
        "config/rollout.yaml",
        "    - ou: Security\n    - ou: Infrastructure/**\n    - ou: Workloads/**\n",
        "",
    );
    workplace
}

/// A simulation in which all roles are there that a self-managed StackSet needs.
fn prepared(workplace: &Workplace) -> Simulation {
    let simulation = Simulation::of_the_reference_organization(workplace);
    deploy(&simulation, MANAGEMENT, &printed(workplace, &simulation, "administration"));
    let execution = printed(workplace, &simulation, "execution");
    for account in members(workplace, &simulation) {
        deploy(&simulation, &account, &execution);
    }
    simulation
}

#[test]
fn stacks_are_imported_when_asked_for_and_what_fails_is_told_with_its_remedy() {
    let workplace = with_the_template();
    let simulation = prepared(&workplace);
    let [alder, bjork] = [(ALDER, 3600), (BJORK, 7200)].map(|(account, max_session)| {
        call_with_template(&simulation, account, "CreateStack", "by-hand", &template(max_session))
    });
    simulation.advance(300);
    let listed = format!("  import_stacks:\n    - {alder}\n    - {bjork}\n  managed_execution: true");
    workplace.edit("config/rollout.yaml", "  managed_execution: true", &listed);

    // Unasked, neither is touched.
    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    let accounts = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(1).accounts();
    for (account, stack) in [(ALDER, &alder), (BJORK, &bjork)] {
        assert_eq!(accounts[account]["action"], "blocked");
        let told = accounts[account]["reason"].as_str().unwrap();
        assert!(told.contains(&format!("its stack {stack} would be imported into the StackSet")), "{told}");
    }

    // Björk's stack has another template.
    let adopt = [&apply[..], &["--adopt"]].concat();
    let accounts = workplace.run_as(MANAGEMENT, &simulation, &adopt).ends_with(1).accounts();
    assert_eq!(accounts[ALDER]["action"], "adopt");
    assert_eq!(accounts[ALDER]["reason"], format!("its stack {alder} is imported"));
    assert_eq!(accounts[ALDER]["deployment"]["status"], "deployed");
    assert_eq!(accounts[ALDER]["verification"]["conclusion"], "verified");
    assert_eq!(accounts[BJORK]["deployment"]["status"], "failed");
    let why = accounts[BJORK]["deployment"]["reason"].as_str().unwrap();
    assert!(
        why.contains("differs") && why.contains("delete the stack instance with its stack retained"),
        "{why}"
    );
    let instance = format!(
        "Action=DescribeStackInstance&{STACK_SET}&StackInstanceAccount={ALDER}&StackInstanceRegion=us-east-1"
    );
    assert!(simulation.call(MANAGEMENT, "cloudformation", &instance).contains(&alder), "no second stack");

    // Until the remedy is taken the account is blocked.
    let plan = ["plan", "config/rollout.yaml", "--adopt"];
    workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(1).says("the import of its stack failed");
    let delete = format!(
        "Action=DeleteStackInstances&{STACK_SET}&Accounts.member.1={BJORK}&Regions.member.1=us-east-1&RetainStacks=true"
    );
    simulation.call(MANAGEMENT, "cloudformation", &delete);
    call_with_template(&simulation, BJORK, "UpdateStack", "by-hand", &template(3600));
    simulation.advance(300);
    workplace.run_as(MANAGEMENT, &simulation, &adopt).ends_with(0);

    simulation.forget_calls();
    for again in [&apply[..], &adopt] {
        workplace.run_as(MANAGEMENT, &simulation, again).ends_with(0);
    }
    assert_eq!(writes(&simulation), BTreeMap::new());
}

#[test]
fn a_self_managed_set_of_somebody_else_is_taken_over_after_showing_what_changes() {
    let workplace = with_the_template();
    let simulation = prepared(&workplace);
    let template = encoded(&template(7200));
    let other_names =
        format!("AdministrationRoleARN=arn:aws:iam::{MANAGEMENT}:role/Old&ExecutionRoleName=Older");
    let create = format!(
        "Action=CreateStackSet&{STACK_SET}&TemplateBody={template}&Capabilities.member.1=CAPABILITY_NAMED_IAM\
         &{other_names}"
    );
    simulation.call(MANAGEMENT, "cloudformation", &create);
    let plan = ["plan", "config/rollout.yaml"];
    workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(2).says("carries no mark of this rollout");
    simulation.forget_calls();
    let mut run = workplace.run_as(MANAGEMENT, &simulation, &[&plan[..], &["--adopt"]].concat()).ends_with(3);
    assert_eq!(writes(&simulation), BTreeMap::new());
    for says in [
        "CHANGES of StackSet cado-response",
        "~ maximum session: 7200 s becomes 3600 s",
        "~ the mark of this rollout is added",
        "~ administration role: `arn:aws:iam::111111111111:role/Old` becomes `AWSCloudFormationStackSetAdministr",
        "~ execution role: `Older` becomes `AWSCloudFormationStackSetExecutionRole`",
    ] {
        run = run.says(says);
    }
    let apply = ["apply", "config/rollout.yaml", "--yes", "--adopt"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    assert!(run.story.contains("~ maximum session: 7200 s becomes 3600 s"), "{}", run.story);
    workplace.run_as(MANAGEMENT, &simulation, &plan).ends_with(0);
}

#[test]
fn stacks_that_cannot_be_imported_are_refused_before_anything_is_sent() {
    let workplace = with_the_template();
    let refused = |says: &str| {
        workplace.run(&["plan", "config/rollout.yaml", "--simulate"]).ends_with(2).says(says);
    };
    let stack =
        |region: &str, account: &str| format!("arn:aws:cloudformation:{region}:{account}:stack/by-hand/1");
    let list =
        |stacks: &[String]| format!("  import_stacks: [ {} ]\n  managed_execution: true", stacks.join(", "));
    let mut before = "  managed_execution: true".to_owned();
    for (stacks, says) in [
        (vec!["by-hand".to_owned()], "import_stacks[0]: `by-hand` is not the ARN of a stack"),
        (vec![stack("eu-west-1", ALDER)], "import_stacks[0]: the stack has to be in home_region"),
        (
            vec![stack("us-east-1", ALDER), stack("us-east-1", ALDER)],
            "import_stacks[1]: account 222200006001 is listed twice",
        ),
        (
            vec![stack("us-east-1", "999900000001")],
            "import_stacks[0]: account 999900000001 is not in the organization",
        ),
        (
            vec![stack("us-east-1", MANAGEMENT)],
            "import_stacks[0]: account 111111111111 is the management account",
        ),
    ] {
        workplace.edit("config/rollout.yaml", &before, &list(&stacks));
        before = list(&stacks);
        refused(says);
    }
    let good = list(&[stack("us-east-1", ALDER)]);
    workplace.edit("config/rollout.yaml", &before, &good);
    let masked = "Parameters:\n  Id: { Type: String, NoEcho: true, Default: x }\n";
    workplace.write("config/role.yaml", &format!("{masked}{}", template(3600)));
    refused("import_stacks: AWS imports no stack whose template has a `NoEcho` parameter, as `Id`");
    workplace.write("config/role.yaml", &template(3600));
    workplace.edit(
        "config/rollout.yaml",
        "permission_model: self-managed",
        "permission_model: service-managed",
    );
    refused("import_stacks: stacks are imported into self-managed StackSets only");
}
