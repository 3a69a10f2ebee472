//! The templates that the repository ships, each read as an operator would deploy it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;

use iam_policy::{Caller, Decision, TrustRequest, admits};
use role_template::{Pseudo, RoleSpecification, RoleTemplate, Severity};

/// Every template, by its file name, with the role that it makes.
fn shipped() -> BTreeMap<String, RoleSpecification> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates");
    let pseudo = Pseudo {
        account: "012345678901".to_owned(),
        region: "us-east-1".to_owned(),
        partition: "aws".to_owned(),
        stack_name: "stack".to_owned(),
    };
    let values = [
        ("TrustedAccountId", "111122223333"),
        ("ExternalId", "planted-external-id"),
        ("AdministrationAccountId", "111122223333"),
    ];
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let body = std::fs::read_to_string(&path).unwrap();
        let has = |(name, _): &(&str, &str)| body.contains(&format!("\n  {name}:\n"));
        let given = values.into_iter().filter(has);
        let parameters = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let role = RoleTemplate::read(&body, &parameters, &pseudo, None)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_name().unwrap().to_string_lossy().into_owned(), role)
    };
    std::fs::read_dir(directory).unwrap().map(read).collect()
}

#[test]
fn every_shipped_template_makes_a_role_that_aws_takes() {
    let shipped = shipped();
    assert!(!shipped.is_empty());
    for (name, role) in shipped {
        let refused: Vec<_> =
            role.problems().into_iter().filter(|problem| problem.severity == Severity::Refused).collect();
        assert!(refused.is_empty(), "{name}: {refused:?}");
    }
}

#[test]
fn the_role_for_a_third_party_asks_for_its_external_id() {
    let role = &shipped()["vendor-role.yaml"];
    assert_eq!(role.trust.external_ids(), ["planted-external-id"].into());
}

#[test]
fn nobody_but_the_administration_role_enters_the_execution_role() {
    let shipped = shipped();
    let (administration, execution) =
        (&shipped["stackset-administration-role.yaml"], &shipped["stackset-execution-role.yaml"]);
    let enters = |arn: &str| {
        let request = TrustRequest::new(Caller::from_arn(arn).unwrap());
        matches!(admits(&execution.trust, &request), Decision::Allow { .. })
    };
    let of = |account: &str, name: &str| format!("arn:aws:iam::{account}:role/{name}");
    assert!(enters(&of("111122223333", &administration.name)));
    assert!(!enters(&of("111122223333", "Somebody")));
    assert!(!enters(&of("444455556666", &administration.name)));
}
