//! Bad input: a clear error, exit 2, and nothing sent that changes anything.

use crate::program::{MANAGEMENT, Run, Simulation, Workplace};

/// A change to the reference configuration that every command refuses before it writes anything.
#[track_caller]
fn refused(from: &str, to: &str, says: &[&str]) {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", from, to);
    refused_as_it_stands(&workplace, says);
}

#[track_caller]
fn refused_as_it_stands(workplace: &Workplace, says: &[&str]) {
    let simulation = Simulation::of_the_reference_organization(workplace);
    for command in [&["plan", "config/rollout.yaml"][..], &["apply", "config/rollout.yaml", "--yes"]] {
        let mut run = workplace.run_as(MANAGEMENT, &simulation, command).ends_with(2);
        assert_eq!(run.result, "", "nothing is on standard output");
        for text in says {
            run = run.says(text);
        }
    }
    nothing_was_written(&simulation);
}

#[track_caller]
fn nothing_was_written(simulation: &Simulation) {
    for operation in simulation.calls().keys() {
        let name = operation.split_once(':').unwrap().1;
        assert!(
            ["Describe", "List", "Get", "AssumeRole"].iter().any(|verb| name.starts_with(verb)),
            "{operation} was sent"
        );
    }
}

#[test]
fn an_unknown_key_is_refused_with_what_would_have_been_accepted() {
    refused(
        "  max_session: 1h",
        "  max_sesion: 1h",
        &["unknown key `max_sesion`", "did you mean `max_session`?"],
    );
    refused("limits: {", "limmits: {", &["unknown key `limmits`", "did you mean `limits`?"]);
}

#[test]
fn an_unknown_unit_is_refused_with_a_suggestion() {
    refused(
        "    - ou: Workloads/Legacy",
        "    - ou: Workload/Legacy",
        &[
            "targets.exclude[0].ou: there is no organizational unit `Workload/Legacy` with accounts",
            "did you mean `Workloads/Legacy`?",
        ],
    );
}

#[test]
fn an_account_that_is_not_in_the_organization_is_refused() {
    refused(
        r#"account: "222200002201""#,
        r#"account: "999999999999""#,
        &["account 999999999999 is not in the organization"],
    );
    refused(r#"account: "222200002201""#, r#"account: "2222""#, &["`2222` is not an account id"]);
}

#[test]
fn a_selection_of_nobody_is_refused() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "  management_account: include", "  management_account: exclude");
    workplace.edit("config/rollout.yaml", "  exclude:\n", "  exclude:\n    - ou: \"**\"\n");
    refused_as_it_stands(&workplace, &["the selection is empty"]);
}

#[test]
fn an_organization_without_an_active_member_is_not_taken_for_the_truth() {
    let workplace = Workplace::new();
    workplace.write("config/organization.yaml", CLOSED_ORGANIZATION);
    refused_as_it_stands(&workplace, &["none of the 2 member accounts of the organization is active"]);
}

const CLOSED_ORGANIZATION: &str = r#"
organization:
  id: o-rolecall42
  root_id: r-rc42
  feature_set: ALL
  management_account: "111111111111"
  stacksets_trusted_access: true
accounts:
  - { id: "111111111111", name: Management }
  - { id: "222200001111", name: security-tooling, state: SUSPENDED }
  - { id: "222200001112", name: log-archive, state: PENDING_CLOSURE }
"#;

#[test]
fn two_regions_are_refused_because_a_role_is_global() {
    refused(
        "stack_set:\n",
        "stack_set:\n  regions: [us-east-1, eu-west-1]\n",
        &["stack_set.regions", "a role is global"],
    );
}

#[test]
fn a_template_over_the_size_limit_is_refused() {
    let workplace = Workplace::new();
    let padding = "x".repeat(52_000);
    let template = format!(
        "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Metadata:\n      Padding: {padding}\n    Properties:\n      \
         RoleName: CadoResponse\n      AssumeRolePolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n          \
         - Effect: Allow\n            Principal: {{ AWS: '222200001111' }}\n            Action: sts:AssumeRole\n"
    );
    workplace.write("config/large.yaml", &template);
    let config = std::fs::read_to_string(workplace.path("config/rollout.yaml")).unwrap();
    let (before, rest) = config.split_once("\nrole:\n").unwrap();
    let after = rest.split_once("\ntargets:\n").unwrap().1;
    workplace.write(
        "config/rollout.yaml",
        &format!("{before}\ntemplate: {{ file: large.yaml }}\ntargets:\n{after}"),
    );
    refused_as_it_stands(&workplace, &["template.file", "CloudFormation takes at most 51200"]);
}

#[test]
fn a_malformed_policy_document_is_refused_with_its_place() {
    let workplace = Workplace::new();
    workplace.edit("config/policies/collect.json", r#""Effect": "Allow","#, r#""Effect" "Allow","#);
    refused_as_it_stands(&workplace, &["role.inline_policies.collect", "collect.json", "line 6"]);
}

#[test]
fn tags_leave_room_for_those_of_the_stack() {
    let tags: Vec<String> = (0..49).map(|number| format!("t{number}: x")).collect();
    let tags = |count: usize| format!("tags: {{ {} }}", tags[..count].join(", "));
    refused("tags: { owner: security }", &tags(49), &["role.tags: has 49 tags", "50 at most"]);
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "tags: { owner: security }", &tags(48));
    workplace.run(&["apply", "config/rollout.yaml", "--simulate", "--yes"]).ends_with(0);
}

#[test]
fn a_trusted_principal_that_cannot_be_entered_is_found_out_before_anything_is_written() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "role/CadoResponseEngine", "role/Nobody");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace
        .run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"])
        .ends_with(2)
        .says("could not enter `arn:aws:iam::222200001111:role/Nobody` (verify.from)")
        .says("because: AccessDenied");
    nothing_was_written(&simulation);
}

#[test]
fn every_problem_of_a_configuration_is_reported_at_once() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: soon");
    workplace.edit("config/rollout.yaml", "home_region: us-east-1", "home_region: mars");
    workplace.edit("config/rollout.yaml", "propagation: 90s", "propagation: later");
    refused_as_it_stands(&workplace, &["role.max_session", "home_region", "verify.propagation"]);
}

#[test]
fn a_configuration_that_is_not_there_is_refused() {
    let workplace = Workplace::new();
    workplace.run(&["plan", "nowhere.yaml"]).ends_with(2).says("nowhere.yaml");
}

#[test]
fn an_external_id_that_is_not_set_is_refused_by_its_variable() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace.edit("config/rollout.yaml", "env: CADO_EXTERNAL_ID", "env: NOT_SET_ANYWHERE");
    workplace
        .run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"])
        .ends_with(2)
        .says("role.trust[0].external_id: the environment variable `NOT_SET_ANYWHERE` is not set");
    nothing_was_written(&simulation);
}

#[test]
fn missing_credentials_are_said_to_be_missing() {
    let workplace = Workplace::new();
    let mut command = workplace.command(&["discover"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let story = String::from_utf8(output.stderr).unwrap();
    assert!(story.contains("there are no AWS credentials"), "{story}");
}

#[test]
fn a_machine_that_trusts_no_issuer_of_certificates_is_told_so_before_anything_is_tried() {
    let workplace = Workplace::new();
    workplace.write("empty.pem", "");
    let mut command = workplace.command(&["discover"]);
    command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
    let run = Run::of(command.env("SSL_CERT_FILE", "empty.pem").output().unwrap()).ends_with(2);
    assert!(run.story.starts_with("error: there are no root certificates here"), "{}", run.story);
}

#[test]
fn an_account_without_an_organization_is_told_so() {
    let workplace = Workplace::new();
    let simulation = Simulation::start(&workplace, &[]);
    for command in [&["discover"][..], &["plan", "config/rollout.yaml"]] {
        workplace.run_as(MANAGEMENT, &simulation, command).ends_with(2).says("no organization");
    }
    nothing_was_written(&simulation);
}

#[test]
fn trusted_access_that_is_off_is_told_with_the_command_that_switches_it_on() {
    let workplace = Workplace::new();
    workplace.edit(
        "config/organization.yaml",
        "stacksets_trusted_access: true",
        "stacksets_trusted_access: false",
    );
    refused_as_it_stands(&workplace, &["trusted access", "rolecall doctor --fix"]);
}

#[test]
fn credentials_of_a_member_account_are_told_to_be_of_the_wrong_account() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace
        .run_as("222200003102", &simulation, &["apply", "config/rollout.yaml", "--yes"])
        .ends_with(2)
        .says("use credentials of the management account");
    nothing_was_written(&simulation);
}

#[test]
fn what_is_no_yaml_is_refused_and_does_not_panic() {
    for garbage in
        ["", "\t", "[", "a: b: c", "rollout: [", "&a [*a]", "\u{0}\u{1}", "- 1\n- 2", "\"\\ud800\""]
    {
        let workplace = Workplace::new();
        workplace.write("config/rollout.yaml", garbage);
        let run = workplace.run(&["plan", "config/rollout.yaml", "--simulate"]).ends_with(2);
        assert!(run.story.starts_with("error: "), "{garbage:?}: {}", run.story);
        assert!(!run.story.contains("panicked"), "{garbage:?}: {}", run.story);
    }
}

#[test]
fn another_stack_set_of_the_same_name_is_not_touched() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let template = "%7B%22Resources%22%3A%7B%22R%22%3A%7B%22Type%22%3A%22AWS%3A%3AIAM%3A%3ARole%22%2C%22Properties%22\
                    %3A%7B%22AssumeRolePolicyDocument%22%3A%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B\
                    %22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C\
                    %22Action%22%3A%22sts%3AAssumeRole%22%7D%7D%7D%7D%7D%7D";
    simulation.call(
        MANAGEMENT,
        "cloudformation",
        &format!(
            "Action=CreateStackSet&Version=2010-05-15&StackSetName=cado-response&PermissionModel=SERVICE_MANAGED\
             &AutoDeployment.Enabled=false&TemplateBody={template}"
        ),
    );
    simulation.forget_calls();
    workplace
        .run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"])
        .ends_with(2)
        .says("carries no mark of this rollout");
    nothing_was_written(&simulation);
}

#[test]
fn an_endpoint_that_is_no_address_is_refused_and_does_not_panic() {
    let workplace = Workplace::new();
    for endpoint in ["", "ftp://x", "localhost:4599", "http://", "http:///x"] {
        workplace
            .run(&["discover", "--endpoint-url", endpoint])
            .ends_with(2)
            .says("an address that begins with http:// or https://");
    }
}

#[test]
fn control_characters_of_a_configuration_do_not_reach_the_terminal() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "rollout: cado-response", r#"rollout: "a\e[31mred""#);
    let run = workplace.run(&["plan", "config/rollout.yaml", "--simulate"]).ends_with(2);
    assert!(run.story.contains("red") && !run.story.contains('\u{1b}'), "{:?}", run.story);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_configuration() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "# One roll-out", "\u{feff}# One roll-out");
    workplace.run(&["plan", "config/rollout.yaml", "--simulate"]).ends_with(3);
}

/// What an operator gives by mistake, and what he is told: what was tried, on what, why it failed, what to do.
#[test]
fn files_that_are_not_what_they_should_be_are_told_by_name_with_the_reason() {
    let workplace = Workplace::new();
    std::fs::write(workplace.path("binary.yaml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    std::fs::create_dir(workplace.path("folder")).unwrap();
    workplace.write("other.json", r#"{"a": 1}"#);
    // A link, so that a device that is replaced is none of this machine's.
    std::os::unix::fs::symlink("/dev/full", workplace.path("full")).unwrap();
    let rollout = "config/rollout.yaml";
    let no_file = "No such file or directory";
    for (arguments, says) in [
        (
            &["plan", "nowhere.yaml"][..],
            &["the configuration `nowhere.yaml`", no_file, "`rolecall init`"][..],
        ),
        (&["plan", "folder"], &["the configuration `folder`", "Is a directory"]),
        (&["plan", "binary.yaml"], &["the configuration `binary.yaml` is no text"]),
        (&["plan", "/dev/null"], &["the configuration `/dev/null`", "expected a map, found nothing"]),
        (&["apply", "other.json"], &["the plan `other.json`", "`rolecall plan --out`", "it has no `schema`"]),
        (&["plan", rollout, "--organization", "nowhere"], &["the organization `nowhere`", no_file]),
        (&["plan", rollout, "--organization", "folder"], &["the organization `folder`", "Is a directory"]),
        (&["plan", rollout, "--organization", "binary.yaml"], &["the organization `binary.yaml`", "UTF-8"]),
        (
            &["plan", rollout, "--organization", "other.json"],
            &["the organization `other.json`", "`rolecall discover --save`"],
        ),
        (&["discover", "--simulate=binary.yaml"], &["the organization `binary.yaml`", "UTF-8"]),
        (&["discover", "--simulate", "--save", "folder"], &["could not write `folder`", "Is a directory"]),
        (
            &["discover", "--simulate", "--save", "nowhere/a.json"],
            &["could not write `nowhere/a.json`; is it in a directory that is there", no_file],
        ),
        (
            &["discover", "--simulate", "--save", "/dev/full"],
            &["could not write `/dev/full`", "No space left"],
        ),
        (&["rehearse", rollout, "--faults", "nowhere"], &["the faults `nowhere`", no_file]),
        (&["rehearse", rollout, "--faults", "binary.yaml"], &["the faults `binary.yaml`", "UTF-8"]),
        (&["report", "nowhere.jsonl"], &["the ledger nowhere.jsonl", no_file]),
        (&["report", "merge", rollout], &["the ledger config/rollout.yaml is damaged in line 1"]),
        (
            &["status"],
            &["there is no run below `.rolecall`", "ledgers are kept where `apply` and `verify` ran"],
        ),
    ] {
        let run = workplace.run(arguments).ends_with(2);
        for text in says {
            assert!(run.story.contains(text), "{arguments:?} does not say `{text}`: {}", run.story);
        }
        assert!(
            !run.story.contains("panicked") && !run.story.contains(".tmp"),
            "{arguments:?}: {}",
            run.story
        );
    }
}

#[test]
fn a_device_is_written_to_and_not_replaced() {
    let workplace = Workplace::new();
    let run =
        workplace.run(&["discover", "--simulate", "--save", "/dev/stdout", "--output", "json"]).ends_with(0);
    let documents: Vec<serde_json::Value> = serde_json::Deserializer::from_str(&run.result)
        .into_iter()
        .map(|document| document.unwrap())
        .collect();
    assert_eq!(documents.len(), 2, "the snapshot and the result");
    assert_eq!(documents[0]["schema"], documents[1]["schema"]);
}

#[test]
fn a_run_that_cannot_be_recorded_is_not_begun() {
    let workplace = Workplace::new();
    workplace.write(".rolecall", "no directory");
    let simulation = Simulation::of_the_reference_organization(&workplace);
    workplace
        .run_as(MANAGEMENT, &simulation, &["apply", "config/rollout.yaml", "--yes"])
        .ends_with(2)
        .says("the run was not begun, because it cannot be recorded; begin it in a directory where you may write")
        .says("could not create the ledger .rolecall/");
    nothing_was_written(&simulation);
}

#[test]
fn credentials_and_endpoints_that_are_none_are_told_with_what_to_do() {
    let workplace = Workplace::new();
    let simulation = Simulation::of_the_reference_organization(&workplace);
    let told = |environment: &[(&str, &str)], says: &str| {
        let mut command = workplace.command(&["discover"]);
        command.env("AWS_ACCESS_KEY_ID", "AKIASIMU111111111111").env("AWS_SECRET_ACCESS_KEY", "any");
        command.env("ROLECALL_ENDPOINT_URL", &simulation.url).envs(environment.iter().copied());
        let output = command.output().unwrap();
        let story = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{environment:?}: {story}");
        assert!(story.contains(says), "{environment:?} does not say `{says}`: {story}");
    };
    let tls = simulation.url.replace("http://", "https://");
    told(&[("AWS_SESSION_TOKEN", "of another day")], "AWS does not know them, or not any more");
    told(&[("AWS_ACCESS_KEY_ID", "AKIANOBODY")], "sign in again (for example `aws sso login`)");
    told(
        &[("ROLECALL_ENDPOINT_URL", "http://127.0.0.1:1")],
        "no service of AWS answers at http://127.0.0.1:1; look at",
    );
    told(&[("ROLECALL_ENDPOINT_URL", &tls)], "also whether http or https is right");
    let mut command = workplace.command(&["discover"]);
    let story = String::from_utf8(command.env("AWS_PROFILE", "nobody").output().unwrap().stderr).unwrap();
    assert!(story.contains("there are no AWS credentials (AWS_PROFILE is `nobody`): sign in"), "{story}");
}
