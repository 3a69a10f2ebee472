//! Accounts that fail or are slow, and answers that are behind.

use serde_json::json;

use super::{ALPHA, BETA, Bench, GAMMA, MANAGEMENT, ROLE, WORK, admin, rows};

fn faulty(list: &str) -> Bench {
    let mut bench = Bench::with_set(ROLE);
    bench.world.faults.add(list.parse().unwrap(), &[ALPHA, BETA, GAMMA].map(str::to_owned));
    bench
}

fn everywhere() -> serde_json::Value {
    json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}})
}

#[test]
fn an_account_that_fails_once_has_no_stack_and_gets_it_at_the_next_attempt() {
    let mut bench = faulty(&format!("accounts: [{{ account: '{BETA}', fail: Out of luck., times: 1 }}]"));
    let operation = bench.submit("CreateStackInstances", everywhere());
    bench.pass(3600);
    assert_eq!(bench.status(&operation), "SUCCEEDED", "every failure is tolerated");
    let failed = bench.instance(BETA);
    assert_eq!((&failed["Status"], &failed["StatusReason"]), (&json!("OUTDATED"), &json!("Out of luck.")));
    assert_eq!(failed.get("StackId"), None);
    assert!(bench.role(BETA).is_none() && bench.role(ALPHA).is_some(), "what was made is taken back");

    bench.run("CreateStackInstances", everywhere());
    assert_eq!(bench.instance(BETA)["Status"], "CURRENT");
    assert!(bench.role(BETA).is_some());
    assert_eq!(bench.world.faults.shown()["accounts"][0]["struck"], 1);
}

#[test]
fn a_failed_update_leaves_what_was_there() {
    let mut bench = Bench::deployed(ROLE);
    bench.world.faults.add(format!("accounts: [{{ account: '{BETA}', fail: No. }}]").parse().unwrap(), &[]);
    let longer = json!([{"ParameterKey": "Seconds", "ParameterValue": "7200"}]);
    bench.run(
        "UpdateStackSet",
        json!({"UsePreviousTemplate": true, "Parameters": longer,
        "Capabilities": ["CAPABILITY_NAMED_IAM"]}),
    );
    let session = |bench: &mut Bench, account| bench.role(account).unwrap()["MaxSessionDuration"].clone();
    assert_eq!((session(&mut bench, ALPHA), session(&mut bench, BETA)), (json!(7200), json!(3600)));
    assert_eq!(bench.instance(BETA)["StatusReason"], "No.");
}

#[test]
fn a_slow_account_holds_up_the_operation_and_nobody_else() {
    let mut bench = faulty(&format!("accounts: [{{ account: '{BETA}', takes: 10m }}]"));
    let operation = bench.submit("CreateStackInstances", everywhere());
    bench.pass(599);
    let running = rows(&[(ALPHA, "SUCCEEDED"), (BETA, "RUNNING"), (GAMMA, "SUCCEEDED")]);
    assert_eq!(bench.results(&operation), running);
    bench.pass(1);
    assert_eq!(bench.status(&operation), "SUCCEEDED");
}

#[test]
fn a_share_of_the_accounts_fails_and_the_list_tells_which() {
    let mut bench = faulty("accounts: [{ share: 34%, fail: No. }]");
    bench.run("CreateStackInstances", everywhere());
    let shown = bench.world.faults.shown();
    let drawn = shown["accounts"][0]["accounts"].as_array().unwrap();
    assert_eq!(drawn.len(), 2, "34% of three accounts");
    for account in [ALPHA, BETA, GAMMA] {
        assert_eq!(bench.role(account).is_none(), drawn.contains(&json!(account)), "{account}");
    }
}

#[test]
fn the_management_accounts_own_stack_fails_and_is_slow_alike() {
    let list = format!("accounts: [{{ account: '{MANAGEMENT}', takes: 5m, fail: Not here., times: 1 }}]");
    let mut bench = faulty(&list);
    bench.caller = admin(MANAGEMENT);
    let create = json!({"StackName": "own", "TemplateBody": ROLE, "Capabilities": ["CAPABILITY_NAMED_IAM"]});
    bench.cloudformation("CreateStack", create);
    let mut status = |seconds| {
        bench.pass(seconds);
        let described = bench.cloudformation("DescribeStacks", json!({"StackName": "own"}));
        described["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(299), "CREATE_IN_PROGRESS");
    assert_eq!(status(60), "ROLLBACK_COMPLETE");
}
