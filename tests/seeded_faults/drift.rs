//! What CloudFormation's own drift detection says of the same accounts.

use std::collections::BTreeMap;

use crate::program::{MANAGEMENT, Simulation};

/// The drift status of every stack instance by account, after a detection in all of them.
pub(crate) fn detect(simulation: &Simulation) -> BTreeMap<String, String> {
    let call = |form: &str| {
        simulation.call(
            MANAGEMENT,
            "cloudformation",
            &format!("{form}&Version=2010-05-15&StackSetName=audit"),
        )
    };
    let everywhere = "OperationPreferences.FailureTolerancePercentage=100\
                      &OperationPreferences.MaxConcurrentPercentage=100\
                      &OperationPreferences.ConcurrencyMode=SOFT_FAILURE_TOLERANCE";
    let begun = call(&format!("Action=DetectStackSetDrift&{everywhere}"));
    let operation = text(&begun, "OperationId").to_owned();
    let state = || {
        let form = format!("Action=DescribeStackSetOperation&OperationId={operation}");
        text(&call(&form), "Status").to_owned()
    };
    while state() == "RUNNING" {
        simulation.advance(3600);
    }
    let listed = call("Action=ListStackInstances&MaxResults=100");
    assert!(!listed.contains("<NextToken>"), "more instances than one page has");
    let instances = listed.split("<member>").skip(1);
    instances
        .filter(|instance| instance.contains("<Account>"))
        .map(|instance| (text(instance, "Account").to_owned(), text(instance, "DriftStatus").to_owned()))
        .collect()
}

/// The text of the first element of this name.
fn text<'a>(answer: &'a str, name: &str) -> &'a str {
    let (_, rest) =
        answer.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {answer}"));
    rest.split_once('<').unwrap().0
}
