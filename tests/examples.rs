//! The stories in `examples/`, each run on its own organization.

use crate::program::{Workplace, repository};

#[test]
fn every_example_ends_as_specified() {
    let mut stories = 0;
    for entry in std::fs::read_dir(repository().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let config = folder.join("rollout.yaml").display().to_string();
        let simulate = format!("--simulate={}", folder.join("organization.yaml").display());
        let run = Workplace::new().run(&["apply", &config, &simulate, "--yes"]).ends_with(0);
        assert!(run.result.contains("AS SPECIFIED"), "{}", run.result);
        stories += 1;
    }
    assert!(stories > 0);
}

#[test]
fn the_vendors_template_reaches_every_open_account_but_the_collectors() {
    let folder = repository().join("examples/vendor-template");
    let config = folder.join("rollout.yaml").display().to_string();
    let simulate = format!("--simulate={}", folder.join("organization.yaml").display());
    let run = Workplace::new().run(&["apply", &config, &simulate, "--yes", "--output", "json"]).ends_with(0);
    for (id, account) in run.accounts() {
        let expected =
            if ["333300000002", "333300000005"].contains(&id.as_str()) { "not_asked" } else { "verified" };
        assert_eq!(account["verification"]["conclusion"], expected, "{account}");
    }
}
