//! The rules that AWS documents, one after the other: for each a policy, a request and the decision.
//!
//! Every expectation is what the cited page says of the case. Where pages leave a case open, or contradict each
//! other, the expected decision is that it cannot be told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod case;
mod elements;
mod multivalued;
mod operators;
mod principals;
mod requests;
mod variables;

use std::collections::BTreeSet;

use case::Case;

fn cases() -> impl Iterator<Item = &'static Case> {
    let tables = [
        principals::CASES,
        elements::CASES,
        operators::CASES,
        multivalued::CASES,
        variables::CASES,
        requests::CASES,
    ];
    tables.into_iter().flatten()
}

#[test]
fn every_documented_rule_is_kept() {
    let broken: Vec<String> = cases().filter_map(Case::check).collect();
    assert!(broken.is_empty(), "{} rules are broken:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn the_table_is_long_and_every_case_has_a_name_of_its_own_and_a_page() {
    let names: BTreeSet<&str> = cases().map(|case| case.name).collect();
    assert_eq!(names.len(), cases().count(), "two cases have the same name");
    assert!(names.len() >= 150, "{} cases", names.len());
    for case in cases() {
        let is_of_the_guide = ["reference_policies_", "id_roles_", "confused-deputy"]
            .iter()
            .any(|start| case.page.starts_with(start));
        assert!(is_of_the_guide, "{} cites {}", case.name, case.page);
    }
}
