//! The modes of verification, and failures that every account has in common.

use serde_json::{Value, json};

use crate::program::{MANAGEMENT, Run, Simulation, Workplace, encoded};

const CONFIG: &str = "vendor.yaml";
const TOOLING: &str = "222200009001";
const MEMBERS: [&str; 3] = ["333300000001", "333300000002", "333300000003"];
const EXTERNAL_ID: &str = "planted-external-id-7c1e";

/// A role that a vendor enters, whom nobody here can play.
fn config(verify: &str) -> String {
    format!(
        r#"
rollout: vendor
home_region: us-east-1
role:
  name: Vendor
  trust: [ {{ account: "888877776666", external_id: {{ literal: {EXTERNAL_ID} }} }} ]
  managed_policies: [ "arn:aws:iam::aws:policy/SecurityAudit" ]
targets: {{ include: [ {{ ou: Fleet }} ], management_account: include }}
verify: {verify}
"#
    )
}

const PROBE: &str = "{ mode: probe, from: arn:aws:iam::222200009001:role/Prover }";
const OFFLINE: &str = "{ mode: offline }";

fn policy(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statement })
}

fn prover() -> Value {
    json!({
        "name": "Prover",
        "trust": policy(&json!({
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "AWS": format!("arn:aws:iam::{MANAGEMENT}:root") },
        })),
        "inline_policies": {
            "enter": policy(&json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" })),
        },
    })
}

fn organization() -> Value {
    let member = |id: &&str| json!({ "id": id, "name": format!("member-{}", &id[11..]) });
    json!({
        "organization": { "management_account": MANAGEMENT, "stacksets_trusted_access": true },
        "accounts": [ { "id": MANAGEMENT, "name": "management" } ],
        "outside_accounts": [ { "id": "888877776666" } ],
        "organizational_units": [
            { "name": "Tooling", "accounts": [ { "id": TOOLING, "name": "tooling", "roles": [ prover() ] } ] },
            { "name": "Fleet", "accounts": MEMBERS.iter().map(member).collect::<Vec<_>>() },
        ],
    })
}

fn begun(verify: &str) -> (Workplace, Simulation) {
    let workplace = Workplace::new();
    workplace.write(CONFIG, &config(verify));
    workplace.write("fleet.yaml", &organization().to_string());
    let simulation = Simulation::start(&workplace, &["--organization", "fleet.yaml"]);
    (workplace, simulation)
}

fn run(workplace: &Workplace, simulation: &Simulation, arguments: &[&str]) -> Run {
    workplace.run_as(MANAGEMENT, simulation, arguments)
}

/// The outcomes of one account by check, with the mode.
fn verdict(run: &Run, account: &str) -> (String, Vec<(String, String)>) {
    let verification = &run.accounts()[account]["verification"];
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = verification["checks"].as_array().unwrap();
    let checks = checks.iter().map(|check| (word(&check["check"]), word(&check["outcome"])));
    (word(&verification["mode"]), checks.collect())
}

fn outcomes(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(check, outcome)| ((*check).to_owned(), (*outcome).to_owned())).collect()
}

/// Changes the trust policy of one account by hand.
fn trust(simulation: &Simulation, account: &str, statement: &Value) {
    let document = encoded(&policy(statement).to_string());
    let form =
        format!("Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=Vendor&PolicyDocument={document}");
    simulation.call(account, "iam", &form);
}

fn live_trust(simulation: &Simulation, account: &str) -> String {
    simulation.call(account, "iam", "Action=GetRole&Version=2010-05-08&RoleName=Vendor")
}

#[test]
fn a_vendors_role_is_proven_offline_and_no_trial_is_claimed() {
    let (workplace, simulation) = begun(OFFLINE);
    let applied = run(&workplace, &simulation, &["apply", CONFIG, "--yes", "--output", "json"]).ends_with(0);
    let green = outcomes(&[
        ("trust_admits", "pass"),
        ("trust_refuses_without_external_id", "pass"),
        ("trust_refuses_wrong_external_id", "pass"),
        ("role_equals_specification", "pass"),
        ("permissions", "not_applicable"),
        ("nobody_else", "pass"),
    ]);
    for account in MEMBERS {
        assert_eq!(verdict(&applied, account), ("offline".to_owned(), green.clone()));
    }
    // Nobody entered the role: the only sessions are of the access role.
    let entered = simulation.calls()["sts:AssumeRole"];
    simulation.forget_calls();
    run(&workplace, &simulation, &["verify", CONFIG])
        .ends_with(0)
        .says("verified (offline)")
        .says("verification (offline): 4 verified");
    assert_eq!(simulation.calls()["sts:AssumeRole"], MEMBERS.len() as u64, "{entered} before");
    assert!(!applied.result.contains(EXTERNAL_ID));
}

#[test]
fn what_evaluation_finds_is_told_with_the_statement_that_decides() {
    let (workplace, simulation) = begun(OFFLINE);
    run(&workplace, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
    let vendor =
        json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": "888877776666" } });
    trust(&simulation, MEMBERS[0], &vendor);
    let mut denied = vendor.clone();
    denied["Effect"] = "Deny".into();
    trust(&simulation, MEMBERS[1], &json!([vendor, denied]));
    let verified = run(&workplace, &simulation, &["verify", CONFIG, "--output", "json"]).ends_with(3);
    let open = outcomes(&[
        ("trust_admits", "pass"),
        ("trust_refuses_without_external_id", "fail"),
        ("trust_refuses_wrong_external_id", "fail"),
        ("role_equals_specification", "fail"),
        ("permissions", "not_applicable"),
        ("nobody_else", "pass"),
    ]);
    assert_eq!(verdict(&verified, MEMBERS[0]).1, open);
    let accounts = verified.accounts();
    assert_eq!(accounts[MEMBERS[0]]["verification"]["cause"], "external-id-not-required");
    let shut = &accounts[MEMBERS[1]]["verification"];
    assert_eq!(shut["cause"], "trust-excludes-caller", "{shut:#}");
    assert!(shut["checks"][0]["evidence"].to_string().contains("statement 2"), "{shut:#}");
    assert_eq!(accounts[MEMBERS[2]]["verification"]["conclusion"], "verified");
}

#[test]
fn a_probe_tries_a_vendors_role_and_is_taken_out_again() {
    let (workplace, simulation) = begun(PROBE);
    let planned = run(&workplace, &simulation, &["plan", CONFIG]).ends_with(3);
    let warned = format!("{}{}", planned.result, planned.story);
    assert!(
        warned.contains("arn:aws:iam::222200009001:role/Prover until `rolecall verify --remove-probe`"),
        "{warned}"
    );
    let applied = run(&workplace, &simulation, &["apply", CONFIG, "--yes", "--output", "json"]).ends_with(0);
    let green = outcomes(&[
        ("entered", "pass"),
        ("expected_account", "pass"),
        ("refused_without_external_id", "pass"),
        ("refused_with_wrong_external_id", "pass"),
        ("role_equals_specification", "pass"),
        ("permissions", "not_applicable"),
        ("nobody_else", "pass"),
    ]);
    for account in MEMBERS {
        assert_eq!(verdict(&applied, account), ("probe".to_owned(), green.clone()));
        assert!(live_trust(&simulation, account).contains("RolecallProbe"));
    }
    run(&workplace, &simulation, &["verify", CONFIG])
        .ends_with(0)
        .says("verified (probe)")
        .says("verification (probe): 4 verified");

    let remove = ["verify", CONFIG, "--remove-probe", "--yes", "--output", "json"];
    let removed = run(&workplace, &simulation, &remove).ends_with(0);
    for account in MEMBERS {
        assert_eq!(verdict(&removed, account).0, "offline");
        assert!(!live_trust(&simulation, account).contains("RolecallProbe"));
    }
    assert_eq!(removed.json()["command"], "verify --remove-probe");
    // Another time there is nothing to take out.
    simulation.forget_calls();
    run(&workplace, &simulation, &remove).ends_with(0);
    assert!(!simulation.calls().contains_key("cloudformation:UpdateStackSet"), "{:?}", simulation.calls());
}

#[test]
fn a_probe_is_removed_only_where_there_is_one_and_somebody_agrees() {
    let (workplace, simulation) = begun(OFFLINE);
    run(&workplace, &simulation, &["verify", CONFIG, "--remove-probe", "--yes"])
        .ends_with(2)
        .says("there is no probe to remove");
    workplace.write(CONFIG, &config(PROBE));
    run(&workplace, &simulation, &["verify", CONFIG, "--remove-probe"]).ends_with(2).says("--yes");
}

#[test]
fn a_mode_that_cannot_be_is_refused_with_what_to_do() {
    let workplace = Workplace::new();
    let refused = |verify: &str, told: &str| {
        workplace.write(CONFIG, &config(verify));
        workplace.run(&["plan", CONFIG, "--simulate"]).ends_with(2).says(told);
    };
    refused("{ timeout: 0s }", "leaves no account the time");
    refused("{ mode: probe }", "its ARN is needed");
    refused("{ mode: offline, from: arn:aws:iam::222200009001:role/Prover }", "nobody enters the role");
    refused("{ permissions: { allow: [ 's3:*' ] } }", "`s3:*` is not one action");
    refused(
        "{ permissions: { allow: [ 's3:GetObject' ], deny: [ 's3:GetObject' ] } }",
        "both allowed and denied",
    );
    let service = config("{ mode: direct }").replace(
        &format!(r#"account: "888877776666", external_id: {{ literal: {EXTERNAL_ID} }}"#),
        "service: ec2.amazonaws.com",
    );
    workplace.write(CONFIG, &service);
    workplace.run(&["plan", CONFIG, "--simulate"]).ends_with(2).says("`offline` is the one mode");
}

/// A role that trusts the prover's account, rolled out, so that it can be tried.
fn tried() -> (Workplace, Simulation) {
    let (workplace, simulation) = begun("{ from: arn:aws:iam::222200009001:role/Prover }");
    workplace.edit(CONFIG, "888877776666", TOOLING);
    run(&workplace, &simulation, &["apply", CONFIG, "--yes"]).ends_with(0);
    (workplace, simulation)
}

/// What every account has in common, as the report has it.
#[track_caller]
fn all_say(run: &Run, cause: &str) {
    for account in MEMBERS {
        let verification = &run.accounts()[account]["verification"];
        assert_eq!(verification["cause"], cause, "{verification:#}");
    }
}

#[test]
fn a_caller_that_may_not_enter_is_told_from_a_role_that_does_not_let_it() {
    let (workplace, simulation) = tried();
    let form = "Action=DeleteRolePolicy&Version=2010-05-08&RoleName=Prover&PolicyName=enter";
    simulation.call(TOOLING, "iam", form);
    let verified = run(&workplace, &simulation, &["verify", CONFIG, "--output", "json"]).ends_with(3);
    all_say(&verified, "caller-not-allowed");
    run(&workplace, &simulation, &["verify", CONFIG]).ends_with(3).says("allow the caller sts:AssumeRole");
}

#[test]
fn what_the_role_may_do_is_unknown_until_the_keys_it_depends_on_are_given() {
    let (workplace, simulation) = tried();
    let office = json!({
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } },
    });
    workplace.write("office.json", &policy(&office).to_string());
    workplace.edit(
        CONFIG,
        "  managed_policies:",
        "  inline_policies: { office: office.json }\n  managed_policies:",
    );
    workplace.edit(
        CONFIG,
        "verify: {",
        "verify: { permissions: { allow: [ 's3:GetObject' ], deny: [ 's3:PutObject' ] },",
    );
    run(&workplace, &simulation, &["apply", CONFIG, "--yes"]).ends_with(1).says("may depend on aws:SourceIp");
    workplace.edit(
        CONFIG,
        "deny: [ 's3:PutObject' ]",
        "deny: [ 's3:PutObject' ], context: { 'aws:SourceIp': 203.0.113.7 }",
    );
    run(&workplace, &simulation, &["verify", CONFIG]).ends_with(0);
    workplace.edit(CONFIG, "203.0.113.7", "198.51.100.7");
    let outside = run(&workplace, &simulation, &["verify", CONFIG, "--output", "json"]).ends_with(3);
    all_say(&outside, "permission-missing");
}

#[test]
fn an_account_that_hangs_is_its_own_row_and_nobody_waits_for_it() {
    let (workplace, simulation) = tried();
    workplace.edit(CONFIG, "verify: {", "verify: { timeout: 2s,");
    let hold = json!({ "operation": "iam:GetRole", "account": MEMBERS[1], "effect": "hold-before" });
    simulation.add_faults(&json!({ "calls": [ hold ] }));
    let verified = run(&workplace, &simulation, &["verify", CONFIG, "--output", "json"]).ends_with(1);
    let accounts = verified.accounts();
    let hung = &accounts[MEMBERS[1]]["verification"];
    assert_eq!((&hung["conclusion"], &hung["cause"]), (&json!("not_proven"), &json!("timed-out")));
    for account in [MANAGEMENT, MEMBERS[0], MEMBERS[2]] {
        assert_eq!(accounts[account]["verification"]["conclusion"], "verified");
    }
}

#[test]
fn a_service_control_policy_on_the_callers_account_is_told_as_such() {
    let (workplace, simulation) = tried();
    let deny = policy(&json!({ "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*" }));
    simulation.attach_policy("nobody-enters", &deny, TOOLING);
    let verified = run(&workplace, &simulation, &["verify", CONFIG, "--output", "json"]).ends_with(3);
    all_say(&verified, "scp-denies");
}

#[test]
fn the_trusted_principal_is_reached_through_a_chain_of_roles() {
    let (workplace, simulation) = tried();
    // Only the first role of the chain may be entered by the operator.
    let hop = json!({
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "AWS": "arn:aws:iam::333300000001:role/Hop" },
    });
    let hop_trust = policy(&json!({
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": format!("arn:aws:iam::{MANAGEMENT}:root") },
    }));
    let enter = policy(&json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" }));
    let create = format!(
        "Action=CreateRole&Version=2010-05-08&RoleName=Hop&AssumeRolePolicyDocument={}",
        encoded(&hop_trust.to_string())
    );
    simulation.call(MEMBERS[0], "iam", &create);
    let put = format!(
        "Action=PutRolePolicy&Version=2010-05-08&RoleName=Hop&PolicyName=enter&PolicyDocument={}",
        encoded(&enter.to_string())
    );
    simulation.call(MEMBERS[0], "iam", &put);
    let update = format!(
        "Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=Prover&PolicyDocument={}",
        encoded(&policy(&hop).to_string())
    );
    simulation.call(TOOLING, "iam", &update);
    run(&workplace, &simulation, &["verify", CONFIG])
        .ends_with(2)
        .says("could not enter `arn:aws:iam::222200009001:role/Prover`");
    let chain = "[ arn:aws:iam::333300000001:role/Hop, arn:aws:iam::222200009001:role/Prover ]";
    workplace.edit(CONFIG, "from: arn:aws:iam::222200009001:role/Prover", &format!("from: {chain}"));
    run(&workplace, &simulation, &["verify", CONFIG]).ends_with(0);
}
