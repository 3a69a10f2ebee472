//! The StackSets that are not ours.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{AutoDeployment, Parameter, PermissionModels};
use rollout_model::{CallAs, ParameterValue};
use stackset_deployer::{DeployError, OtherStackSet, OtherStackSets, other_stack_sets};
use tokio::time::Instant;

use crate::bench::{Bench, LATENCY, template};

/// A template with a parameter that AWS shows and one that it masks.
const PARAMETERS: &str = r#"{"Parameters":{"Shown":{"Type":"String"},"Masked":{"Type":"String","NoEcho":true}},
    "Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{
    "Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},
    "Action":"sts:AssumeRole"}]}}}}}"#;

async fn others(client: &Client, call_as: CallAs) -> Result<OtherStackSets, DeployError> {
    let (ours, region) = ("audit".parse().expect("a name"), "eu-west-1".parse().expect("a Region"));
    other_stack_sets(client, &ours, &region, call_as).await
}

async fn create_service_managed(bench: &Bench, name: &str) {
    let auto_deployment = AutoDeployment::builder().enabled(false).build();
    let call = bench.client.create_stack_set().stack_set_name(name).template_body(template(3600));
    let call = call.permission_model(PermissionModels::ServiceManaged).auto_deployment(auto_deployment);
    call.send().await.expect("the name is free");
}

async fn create_self_managed(bench: &Bench, name: &str) {
    let parameter = |key, value| Parameter::builder().parameter_key(key).parameter_value(value).build();
    let call = bench.client.create_stack_set().stack_set_name(name).template_body(PARAMETERS);
    let call = call.parameters(parameter("Shown", "yes")).parameters(parameter("Masked", "hush"));
    call.send().await.expect("the name is free");
}

fn names(others: &OtherStackSets) -> Vec<&str> {
    others.described.iter().map(|set| set.name.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_active_set_but_ours_is_described_with_its_template_and_what_is_shown_of_its_parameters() {
    let bench = Bench::with_stack_set(false).await;
    create_service_managed(&bench, "theirs").await;
    create_self_managed(&bench, "older").await;
    create_service_managed(&bench, "gone").await;
    bench.client.delete_stack_set().stack_set_name("gone").send().await.expect("it is empty");
    let others = others(&bench.client, CallAs::Myself).await.expect("nothing is in the way");
    let older = OtherStackSet {
        name: "older".parse().expect("a name"),
        template: PARAMETERS.to_owned(),
        parameters: BTreeMap::from([
            ("Shown".to_owned(), Some(ParameterValue("yes".to_owned()))),
            ("Masked".to_owned(), None),
        ]),
    };
    let name = "theirs".parse().expect("a name");
    let theirs = OtherStackSet { name, template: template(3600), parameters: BTreeMap::new() };
    assert_eq!(others, OtherStackSets { described: vec![older, theirs], ..OtherStackSets::default() });
}

#[tokio::test(start_paused = true)]
async fn a_delegated_administrator_sees_the_service_managed_sets_alone() {
    let bench = Bench::with_stack_set(false).await;
    create_service_managed(&bench, "theirs").await;
    create_self_managed(&bench, "older").await;
    let administrator = bench.client_of(2);
    let others = others(&administrator, CallAs::DelegatedAdmin).await.expect("nothing is in the way");
    assert_eq!(names(&others), ["theirs"]);
    assert!(others.not_seen.is_empty(), "{:?}", others.not_seen);
}

#[tokio::test(start_paused = true)]
async fn of_very_many_sets_the_first_are_described_and_the_rest_is_counted() {
    let bench = Bench::new();
    for number in 0..203 {
        create_service_managed(&bench, &format!("set-{number:03}")).await;
    }
    let began = Instant::now();
    let others = others(&bench.client, CallAs::Myself).await.expect("nothing is in the way");
    assert_eq!((others.described.len(), others.not_looked_at), (200, 3));
    assert_eq!(names(&others)[199], "set-199");
    assert_eq!((bench.calls("ListStackSets"), bench.calls("DescribeStackSet")), (3, 200));
    // Three pages, then ten sets at a time.
    let late = began.elapsed().checked_sub(LATENCY * 23).expect("not sooner");
    assert!(late < LATENCY, "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn a_set_that_cannot_be_described_is_named_and_the_others_are_described() {
    let bench = Bench::new();
    create_service_managed(&bench, "first").await;
    create_service_managed(&bench, "second").await;
    let bench = bench.meddling("DescribeStackSet", |answer| (!answer.contains("first")).then_some(answer));
    let others = others(&bench.client, CallAs::Myself).await.expect("they are listed");
    assert_eq!(names(&others), ["second"]);
    let not_seen: Vec<_> = others.not_seen.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
    assert!(matches!(not_seen[..], [("first", why)] if why.contains("reset")), "{not_seen:?}");
}

#[tokio::test(start_paused = true)]
async fn sets_that_cannot_be_listed_are_an_error() {
    let bench = Bench::new().meddling("ListStackSets", |_| None);
    let error = others(&bench.client, CallAs::Myself).await.expect_err("no page arrives");
    assert_eq!(error.to_string(), "could not list the StackSets in eu-west-1");
}
