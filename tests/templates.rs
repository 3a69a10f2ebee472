//! A role from a CloudFormation template instead of a specification.

use crate::program::{MANAGEMENT, Simulation, Workplace, repository};

/// The reference configuration with the shipped template in place of its role.
fn with_the_shipped_template() -> Workplace {
    let workplace = Workplace::new();
    let template = std::fs::read_to_string(repository().join("templates/vendor-role.yaml")).unwrap();
    workplace.write("config/vendor-role.yaml", &template);
    let config = std::fs::read_to_string(workplace.path("config/rollout.yaml")).unwrap();
    let (before, rest) = config.split_once("\nrole:\n").unwrap();
    let (_, after) = rest.split_once("\ntargets:\n").unwrap();
    let section = "template:\n  file: vendor-role.yaml\n  parameters:\n    RoleName: { value: CadoResponse }\n    \
                   TrustedAccountId: { value: \"222200001111\" }\n    ExternalId: { env: CADO_EXTERNAL_ID }\n";
    workplace.write("config/rollout.yaml", &format!("{before}\n{section}\ntargets:\n{after}"));
    workplace
}

#[test]
fn a_template_is_deployed_and_what_it_makes_is_verified() {
    let workplace = with_the_shipped_template();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let apply = ["apply", "config/rollout.yaml", "--yes", "--output", "json"];
    let run = workplace.run_as(MANAGEMENT, &simulation, &apply).ends_with(0);
    let verified =
        run.accounts().values().filter(|account| account["verification"]["conclusion"] == "verified").count();
    assert_eq!(verified, 58);
    let widen = "Action=UpdateRole&Version=2010-05-08&RoleName=CadoResponse&MaxSessionDuration=43200";
    simulation.call("222200003103", "iam", widen);
    workplace
        .run_as(MANAGEMENT, &simulation, &["verify", "config/rollout.yaml"])
        .ends_with(3)
        .says("maximum session is `43200 s`, specified is `3600 s`");
}

#[test]
fn a_parameter_that_is_left_to_its_default_is_not_a_change() {
    let workplace = with_the_shipped_template();
    workplace.edit("config/rollout.yaml", "    RoleName: { value: CadoResponse }\n", "");
    workplace.edit("config/vendor-role.yaml", "Default: VendorReadOnly", "Default: CadoResponse");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"]).ends_with(0);
    workplace.run_as(MANAGEMENT, &simulation, &["plan", "config/rollout.yaml"]).ends_with(0);
}

#[test]
fn a_role_that_depends_on_the_name_of_its_stack_is_refused() {
    let workplace = with_the_shipped_template();
    workplace.edit(
        "config/vendor-role.yaml",
        "Description: Read access for",
        "Description: !Ref AWS::StackName #",
    );
    workplace
        .run(&["plan", "config/rollout.yaml", "--simulate"])
        .ends_with(2)
        .says("template.file: the role depends on AWS::StackName");
}

#[test]
fn a_template_that_cannot_be_understood_is_refused_with_its_place() {
    let workplace = with_the_shipped_template();
    workplace.edit("config/vendor-role.yaml", "!Ref RoleName", "!ImportValue RoleName");
    workplace
        .run(&["plan", "config/rollout.yaml", "--simulate"])
        .ends_with(2)
        .says("template.file")
        .says("Resources.Role.Properties.RoleName");
}

#[test]
fn what_a_service_managed_stack_set_refuses_about_a_template_is_found_before_anything_is_sent() {
    let refused = |section: &str, says: &str| {
        let workplace = with_the_shipped_template();
        workplace.edit("config/vendor-role.yaml", "\nResources:\n", &format!("\n{section}Resources:\n"));
        let simulation = Simulation::of_the_reference_organization(&workplace);
        workplace
            .run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"])
            .ends_with(2)
            .says("template.file: ")
            .says(says);
        assert!(simulation.calls().is_empty(), "{:?}", simulation.calls());
    };
    refused("Transform: AWS::Serverless-2016-10-31\n", "Transform");
    let workplace = with_the_shipped_template();
    let nested =
        "\nResources:\n  Nested:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: x }\n";
    workplace.edit("config/vendor-role.yaml", "\nResources:\n", nested);
    workplace
        .run(&["plan", "config/rollout.yaml", "--simulate"])
        .ends_with(2)
        .says("AWS::CloudFormation::Stack");
}

#[test]
fn a_policy_beside_the_role_is_pointed_out_because_drift_detection_does_not_see_it() {
    let workplace = with_the_shipped_template();
    let template = std::fs::read_to_string(workplace.path("config/vendor-role.yaml")).unwrap();
    let (_, role) = template.split_once("\nResources:\n").unwrap();
    let role = role.trim_start().split(':').next().unwrap().to_owned();
    let beside = format!(
        "\nResources:\n  Beside:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: beside\n      \
         Roles: [ !Ref {role} ]\n      PolicyDocument: {{ Version: \"2012-10-17\", Statement: [ {{ Effect: Allow, \
         Action: \"s3:ListBucket\", Resource: \"*\" }} ] }}\n"
    );
    workplace.edit("config/vendor-role.yaml", "\nResources:\n", &beside);
    let plan = ["plan", "config/rollout.yaml", "--simulate", "--output", "json"];
    let warnings = workplace.run(&plan).ends_with(3).json()["warnings"].to_string();
    assert!(warnings.contains("AWS::IAM::Policy"), "{warnings}");
}
