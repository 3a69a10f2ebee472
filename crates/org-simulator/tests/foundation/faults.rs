//! Faults of calls, on a clock that the test steps.

use org_simulator::{Options, Reply, Shape, Simulator};
use serde_json::{Value, json};

use crate::client::{Client, MANAGEMENT, Xml, admin, answered, form, trusting};

/// An account in which this list goes wrong.
fn faulty(list: &str) -> Client {
    let mut simulator = Simulator::new(&Options::default());
    simulator.add_faults(list.parse().unwrap());
    Client::new(simulator)
}

/// What becomes of a call: `OK`, the code of an error, `cut` or `held`.
fn outcome(reply: Reply) -> String {
    match reply {
        Reply::Cut => "cut".to_owned(),
        Reply::Held => "held".to_owned(),
        Reply::Answer(_) => {
            let (status, body) = answered(reply);
            Xml { status, body }.code().to_owned()
        }
    }
}

fn call(client: &mut Client, account: &str, service: &str, operation: &str, attempt: u32) -> String {
    let retry = format!("attempt={attempt}; max=3");
    let headers = [("amz-sdk-request", retry.as_str())];
    outcome(client.send(&admin(account), service, &headers, form(service, operation, &[])))
}

/// What becomes of `GetCallerIdentity`, made so often.
fn outcomes(client: &mut Client, count: usize) -> Vec<String> {
    (0..count).map(|_| call(client, MANAGEMENT, "sts", "GetCallerIdentity", 1)).collect()
}

/// What becomes of creating a role, and whether it is there afterwards.
fn creation(effect: &str) -> (String, bool) {
    let mut client = faulty(&format!("calls: [{{ operation: 'iam:CreateRole', effect: {effect} }}]"));
    let trust = trusting("arn:aws:iam::111111111111:root").to_string();
    let body = form("iam", "CreateRole", &[("RoleName", "wanted"), ("AssumeRolePolicyDocument", &trust)]);
    let fate = outcome(client.send(&admin(MANAGEMENT), "iam", &[], body));
    let there = client.iam(&admin(MANAGEMENT), "GetRole", &[("RoleName", "wanted")]);
    (fate, there.status == 200)
}

#[test]
fn some_effects_strike_before_the_work_is_done_and_some_after() {
    let rows = [
        ("lose-response", "cut", true),
        ("hold-before", "held", false),
        ("hold-after", "held", true),
        ("throttle", "Throttling", false),
        ("fail, code: InternalFailure, status: 500", "InternalFailure", false),
    ];
    for (effect, fate, done) in rows {
        assert_eq!(creation(effect), (fate.to_owned(), done), "{effect}");
    }
}

#[test]
fn an_entry_strikes_the_call_of_a_number_or_every_so_manieth() {
    let mut client = faulty("calls: [{ operation: 'sts:GetCallerIdentity', nth: 2, effect: lose-response }]");
    call(&mut client, MANAGEMENT, "iam", "ListRoles", 1);
    assert_eq!(outcomes(&mut client, 4), ["OK", "cut", "OK", "OK"]);
    let mut client = faulty("calls: [{ operation: '*', every: 3, effect: throttle, times: 2 }]");
    let struck = outcomes(&mut client, 10);
    let struck: Vec<usize> = (1..=10).filter(|number| struck[number - 1] == "Throttling").collect();
    assert_eq!(struck, [3, 6], "`times` bounds it");
}

#[test]
fn an_entry_strikes_until_a_client_has_tried_often_enough() {
    let mut client = faulty("calls: [{ operation: '*', first_attempts: 2, effect: throttle }]");
    let attempts = |client: &mut Client| -> Vec<String> {
        (1..=3).map(|attempt| call(client, MANAGEMENT, "sts", "GetCallerIdentity", attempt)).collect()
    };
    assert_eq!(attempts(&mut client), ["Throttling", "Throttling", "OK"]);
    assert_eq!(attempts(&mut client), ["Throttling", "Throttling", "OK"]);
    // Whoever tells no number makes a first attempt.
    assert_eq!(client.query(&admin(MANAGEMENT), "sts", "GetCallerIdentity", &[]).code(), "Throttling");
}

#[test]
fn an_entry_strikes_beyond_a_rate_of_the_virtual_clock() {
    let mut client = faulty("calls: [{ operation: 'sts:*', rate: 3, effect: throttle }]");
    assert_eq!(outcomes(&mut client, 5), ["OK", "OK", "OK", "Throttling", "Throttling"]);
    client.pass(1);
    assert_eq!(outcomes(&mut client, 4), ["OK", "OK", "OK", "Throttling"]);
}

#[test]
fn an_entry_is_about_the_calls_of_one_account_if_it_says_so() {
    let mut client = faulty("calls: [{ operation: '*', account: '123456789012', effect: throttle }]");
    assert_eq!(call(&mut client, MANAGEMENT, "sts", "GetCallerIdentity", 1), "OK");
    assert_eq!(call(&mut client, "123456789012", "sts", "GetCallerIdentity", 1), "Throttling");
}

#[test]
fn the_first_entry_that_applies_strikes_and_the_others_count_on() {
    let mut client = faulty(
        "calls:\n  - { operation: '*', nth: 1, effect: throttle }\n  - { operation: 'sts:*', nth: 2, effect: lose-response }\n",
    );
    client
        .simulator
        .add_faults("calls: [{ operation: '*', every: 2, effect: hold-before }]".parse().unwrap());
    assert_eq!(outcomes(&mut client, 4), ["Throttling", "cut", "OK", "held"]);
    let shown = client.simulator.faults();
    let struck: Vec<&Value> =
        shown["calls"].as_array().unwrap().iter().map(|entry| &entry["struck"]).collect();
    assert_eq!(struck, [1, 1, 1]);
    assert_eq!(shown["calls"][1]["effect"], "lose-response", "entries are shown as they were written");
    client.simulator.remove_faults();
    assert_eq!(outcomes(&mut client, 2), ["OK", "OK"]);
}

#[test]
fn every_service_throttles_in_its_own_words_and_struck_calls_are_counted() {
    let mut client = Client::new(Simulator::from_shape(Shape::new(2, 0)));
    client.simulator.add_faults("calls: [{ operation: '*', effect: throttle }]".parse().unwrap());
    let (status, body) = client.organizations(&admin(MANAGEMENT), "ListRoots", json!({}));
    assert_eq!((status, &body["__type"]), (400, &json!("TooManyRequestsException")));
    for (service, operation) in
        [("sts", "GetCallerIdentity"), ("iam", "ListRoles"), ("cloudformation", "ListStackSets")]
    {
        let refused = client.query(&admin(MANAGEMENT), service, operation, &[]);
        assert_eq!((refused.status, refused.code()), (400, "Throttling"), "{service}");
    }
    assert_eq!(client.simulator.calls().len(), 4);
    assert_eq!(client.simulator.throttled(), client.simulator.calls());
}

#[test]
fn a_made_up_failure_has_the_status_and_the_words_that_were_asked_for() {
    let list =
        "calls: [{ operation: '*', effect: fail, code: ServiceUnavailable, status: 503, message: Later. }]";
    let mut client = faulty(list);
    let refused = client.query(&admin(MANAGEMENT), "iam", "ListRoles", &[]);
    assert_eq!(
        (refused.status, refused.code(), refused.text("Message")),
        (503, "ServiceUnavailable", "Later.")
    );
    assert_eq!(refused.text("Type"), "Receiver");
    assert!(client.simulator.throttled().is_empty());
}

#[test]
fn an_event_happens_before_the_call_that_it_waits_for_is_carried_out() {
    let mut client = Client::new(Simulator::from_shape(Shape::new(3, 1)));
    let list = "events: [{ when: { operation: 'organizations:ListAccounts', nth: 2 }, suspend: { account: '200000000001' } }]";
    client.simulator.add_faults(list.parse().unwrap());
    let suspended = |client: &mut Client| {
        let listed = client.manage("ListAccounts", json!({}));
        let states = listed["Accounts"].as_array().unwrap().iter().map(|account| account["State"].clone());
        states.filter(|state| state == "SUSPENDED").count()
    };
    client.manage("ListRoots", json!({}));
    assert_eq!([suspended(&mut client), suspended(&mut client), suspended(&mut client)], [0, 1, 1]);
    assert_eq!(client.simulator.faults()["events"][0]["struck"], 1);
}

#[test]
fn the_clock_of_events_begins_with_the_first_request_after_they_were_added() {
    let mut client = Client::new(Simulator::from_shape(Shape::new(3, 1)));
    let list = "events: [{ at: 5m, suspend: { account: '200000000001' } }]";
    client.simulator.add_faults(list.parse().unwrap());
    let happened = |client: &mut Client| {
        client.manage("ListRoots", json!({}));
        client.simulator.faults()["events"][0]["struck"] == 1
    };
    assert!(!happened(&mut client));
    client.pass(299);
    assert!(!happened(&mut client));
    client.pass(1);
    assert!(happened(&mut client));
}

#[test]
fn a_share_is_of_the_accounts_that_can_be_deployed_to() {
    let mut simulator = Simulator::from_shape(Shape::new(41, 1));
    simulator
        .add_faults("accounts: [{ share: 100%, fail: No. }, { share: 10%, takes: 5m }]".parse().unwrap());
    let shown = simulator.faults();
    let drawn = |index: usize| shown["accounts"][index]["accounts"].as_array().unwrap().clone();
    assert_eq!((drawn(0).len(), drawn(1).len()), (40, 4));
    assert!(!drawn(0).contains(&json!(MANAGEMENT)), "StackSets never deploys there");
}
