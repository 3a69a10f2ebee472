//! What happens by itself: accounts come, go and end, other operators work, and stacks and roles are tampered with.

use serde_json::{Value, json};

use super::{ALPHA, APART, BETA, Bench, DEEP, ROLE, ROOT, WORK};

/// A set that is deployed to `Work` and follows who comes and goes, and these events from now on.
fn with_events(list: &str) -> Bench {
    let mut bench = Bench::deployed(ROLE);
    let automatic = json!({"Enabled": true, "RetainStacksOnAccountRemoval": false});
    bench.run(
        "UpdateStackSet",
        json!({"UsePreviousTemplate": true, "AutoDeployment": automatic,
        "Capabilities": ["CAPABILITY_NAMED_IAM"]}),
    );
    bench.world.faults.add(list.parse().unwrap(), &[]);
    bench.pass(0);
    bench
}

fn event(bench: &Bench, index: usize) -> Value {
    bench.world.faults.shown()["events"][index].clone()
}

fn parent(bench: &Bench, account: &str) -> String {
    bench.world.organization.as_ref().unwrap().parent_of(account).unwrap().to_owned()
}

fn state(bench: &Bench, account: &str) -> &'static str {
    bench.world.organization.as_ref().unwrap().account_state(account).unwrap().as_str()
}

#[test]
fn an_account_moves_at_its_instant_and_stack_sets_follows_from_there() {
    let list = format!(
        "events:\n  - {{ at: 5m, move: {{ account: '{APART}', to: Work/Deep }} }}\n  - {{ at: 5m, move: {{ account: '{BETA}', to: root }} }}\n"
    );
    let mut bench = with_events(&list);
    bench.pass(299);
    assert_eq!((parent(&bench, APART).as_str(), &event(&bench, 0)["struck"]), (ROOT, &json!(0)));
    bench.pass(1);
    assert_eq!((parent(&bench, APART).as_str(), parent(&bench, BETA).as_str()), (DEEP, ROOT));
    assert_eq!(event(&bench, 0)["struck"], 1);
    assert!(event(&bench, 0)["happened"].is_string());
    bench.pass(3600);
    assert!(bench.role(APART).is_some() && bench.role(BETA).is_none());
}

#[test]
fn a_step_over_an_event_finds_the_world_as_it_is_so_long_after() {
    let mut bench = with_events(&format!("events: [{{ at: 5m, move: {{ account: '{APART}', to: Work }} }}]"));
    bench.pass(3600);
    assert_eq!(bench.instance(APART)["Status"], "CURRENT", "it was deployed to meanwhile");
}

#[test]
fn accounts_are_closed_suspended_and_added() {
    let list = format!(
        "events:\n  - {{ at: 1m, close: {{ account: '{ALPHA}' }} }}\n  - {{ at: 1m, suspend: {{ account: '{BETA}' }} }}\n  - {{ at: 1m, add: {{ name: newcomer, unit: Work }} }}\n"
    );
    let mut bench = with_events(&list);
    bench.pass(60);
    assert_eq!((state(&bench, ALPHA), state(&bench, BETA)), ("PENDING_CLOSURE", "SUSPENDED"));
    let listed = bench.world.organization.as_ref().unwrap().accounts_below(WORK);
    let is_new = |account: &String| {
        bench.world.organization.as_ref().unwrap().account(account).unwrap().name == "newcomer"
    };
    let newcomer = listed.into_iter().find(is_new).unwrap();
    let access = bench.iam(&newcomer, "GetRole", json!({"RoleName": "OrganizationAccountAccessRole"}));
    assert!(access.is_ok());
    bench.pass(3600);
    assert_eq!(state(&bench, ALPHA), "SUSPENDED");
    assert_eq!(bench.instance(&newcomer)["Status"], "CURRENT", "automatic deployment is booked for the unit");
}

#[test]
fn another_operators_operation_is_in_the_way_until_it_is_over() {
    let mut bench = with_events(
        "events:\n  - { at: 1m, operation: { stack_set: audit, action: DETECT_DRIFT, id: nightly } }\n  - { at: 1h, operation: { stack_set: audit, action: UPDATE, id: theirs } }\n",
    );
    bench.pass(60);
    assert_eq!(bench.status("nightly"), "RUNNING");
    let update = json!({"StackSetName": "audit", "UsePreviousTemplate": true,
        "Capabilities": ["CAPABILITY_NAMED_IAM"]});
    assert_eq!(bench.refused("UpdateStackSet", update).0, "OperationInProgressException");
    bench.pass(3540);
    assert_eq!((bench.status("nightly"), bench.status("theirs")), ("SUCCEEDED".into(), "RUNNING".into()));
    bench.pass(3600);
    assert_eq!(bench.status("theirs"), "SUCCEEDED");
    let role = bench.role(ALPHA).unwrap();
    assert_eq!(role["MaxSessionDuration"], 3600, "an update that changes nothing");
}

#[test]
fn a_stack_is_deleted_behind_the_back_of_stack_sets() {
    let list = format!("events: [{{ at: 1m, delete_stack: {{ account: '{ALPHA}', stack_set: audit }} }}]");
    let mut bench = with_events(&list);
    bench.pass(600);
    assert!(bench.role(ALPHA).is_none() && bench.role(BETA).is_some());
    assert_eq!(bench.instance(ALPHA)["Status"], "CURRENT", "K29");
}

#[test]
fn roles_are_tampered_with() {
    let document = "{ Version: '2012-10-17', Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] }";
    let list = format!(
        "events:
  - {{ at: 1m, attach_policy: {{ account: '{ALPHA}', role: Audit, policy: 'arn:aws:iam::aws:policy/AdministratorAccess' }} }}
  - {{ at: 1m, put_inline_policy: {{ account: '{ALPHA}', role: Audit, name: more, document: {document} }} }}
  - {{ at: 1m, call: {{ account: '{ALPHA}', operation: 'iam:UpdateRole', input: {{ RoleName: Audit, MaxSessionDuration: 7200 }} }} }}
"
    );
    let mut bench = with_events(&list);
    bench.pass(60);
    let attached = bench.iam(ALPHA, "ListAttachedRolePolicies", json!({"RoleName": "Audit"})).unwrap();
    assert!(attached.to_string().contains("AdministratorAccess"), "{attached}");
    let inline = bench.iam(ALPHA, "ListRolePolicies", json!({"RoleName": "Audit"})).unwrap();
    assert!(inline.to_string().contains("more"), "{inline}");
    assert_eq!(bench.role(ALPHA).unwrap()["MaxSessionDuration"], 7200);
}

#[test]
fn an_event_that_comes_to_nothing_says_why() {
    let list = format!(
        "events:
  - {{ at: 0s, move: {{ account: '{ALPHA}', to: Nowhere }} }}
  - {{ at: 0s, suspend: {{ account: '999999999999' }} }}
  - {{ at: 0s, operation: {{ stack_set: nobodys, action: DETECT_DRIFT }} }}
  - {{ at: 0s, delete_stack: {{ account: '{APART}', stack_set: audit }} }}
  - {{ at: 0s, attach_policy: {{ account: '{ALPHA}', role: Nobody, policy: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }} }}
"
    );
    let bench = with_events(&list);
    let expected = [
        "no organizational unit `Nowhere`",
        "no account 999999999999",
        "no StackSet `nobodys`",
        "has no stack in account",
        "NoSuchEntity",
    ];
    for (index, expected) in expected.into_iter().enumerate() {
        let shown = event(&bench, index);
        assert!(shown["problem"].as_str().unwrap().contains(expected), "{shown}");
    }
}
