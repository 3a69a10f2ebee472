//! The templates that the repository ships, each read as an operator would deploy it.

use std::collections::BTreeMap;
use std::path::Path;

use role_template::{Pseudo, RoleTemplate, Severity};

#[test]
fn every_shipped_template_makes_a_role_that_aws_takes_and_that_asks_for_its_external_id() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates");
    let pseudo = Pseudo {
        account: "012345678901".to_owned(),
        region: "us-east-1".to_owned(),
        partition: "aws".to_owned(),
        stack_name: "stack".to_owned(),
    };
    let parameters: BTreeMap<String, String> =
        [("TrustedAccountId", "111122223333"), ("ExternalId", "planted-external-id")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
    let mut read = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let body = std::fs::read_to_string(&path).unwrap();
        let role = RoleTemplate::read(&body, &parameters, &pseudo, None)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let refused: Vec<_> =
            role.problems().into_iter().filter(|problem| problem.severity == Severity::Refused).collect();
        assert!(refused.is_empty(), "{}: {refused:?}", path.display());
        assert_eq!(role.trust.external_ids(), ["planted-external-id"].into(), "{}", path.display());
        read += 1;
    }
    assert!(read > 0, "there are templates");
}
