//! The configuration file: everything that is wrong with it at once, at its place and without its secrets; its
//! schema; and its ways of saying which accounts are meant.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Run, Workplace, repository};

const CONFIG: &str = "config/rollout.yaml";

fn plan_of(text: &str) -> Run {
    let workplace = Workplace::new();
    workplace.write(CONFIG, text);
    workplace.run(&["plan", CONFIG, "--simulate"])
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_place_snippet_and_suggestion() {
    let text = r#"
rolout: x
home_region: us-east-1
role:
  name: "bad"
  trust: [ { account: "111122223333" } ]
targets:
  include:
    - { ou: Workloads, optinal: true }
    - { tag: { env: { exist: true } } }
stack_set: { concurrency_mode: sofft }
limits: { max_targets: many, max_targets: 3 }
"#;
    let run = plan_of(text).ends_with(2);
    for told in [
        "the key `rollout` is missing",
        "config/rollout.yaml:2:1: unknown key `rolout`",
        "did you mean `rollout`?",
        "config/rollout.yaml:9:24: targets.include[0]: unknown key `optinal`",
        "did you mean `optional`?",
        "targets.include[1].tag.env: unknown key `exist`",
        "config/rollout.yaml:11:32: stack_set.concurrency_mode: `sofft` is not known here",
        "11 | stack_set: { concurrency_mode: sofft }",
        "did you mean `soft`?",
        "limits.max_targets: expected a whole number, found text",
        "config/rollout.yaml:12:30: this key is given twice",
    ] {
        assert!(run.story.contains(told), "`{told}` is not said:\n{}", run.story);
    }
}

#[test]
fn what_a_value_means_is_told_at_its_place_too() {
    let workplace = Workplace::new();
    workplace.edit(
        CONFIG,
        "    - ou: Sandbox\n",
        "    - { ou: Sandbx }\n    - { joined_after: yesterday }\n",
    );
    workplace.edit(CONFIG, "max_session: 1h", "max_session: soon");
    let run = workplace.run(&["plan", CONFIG, "--simulate"]).ends_with(2);
    let run = run.says("role.max_session: `soon` is not a duration").says("max_session: soon");
    run.says("targets.include[4].joined_after: `yesterday` is neither a date such as `2026-03-01`");
    // What only the organization can tell.
    let workplace = Workplace::new();
    workplace.edit(CONFIG, "    - ou: Sandbox\n", "    - { ou: Sandbx }\n");
    let run = workplace.run(&["plan", CONFIG, "--simulate"]).ends_with(2);
    run.says("targets.include[3]: there is no organizational unit `Sandbx`; did you mean `Sandbox`?")
        .says("    - { ou: Sandbx }");
}

#[test]
fn names_that_every_plan_has_and_names_that_are_given_twice_are_refused() {
    let wave = |name: &str| format!("  - {{ name: {name}, include: [ {{ ou: Sandbox }} ] }}\n");
    let workplace = Workplace::new();
    let waves = format!("waves:\n{}{}{}\nverify:", wave("rest"), wave("canary"), wave("canary"));
    workplace.edit(CONFIG, "\nverify:", &format!("\n{waves}"));
    workplace
        .run(&["plan", CONFIG, "--simulate"])
        .ends_with(2)
        .says("waves[0].name: `rest` is a wave that every plan has")
        .says("waves[2].name: another wave is called `canary` too");
}

/// Planted wherever a secret may stand.
const SECRET: &str = "tell-nobody-4711";

#[test]
fn no_message_and_no_snippet_shows_what_may_be_secret() {
    let role = |trust: &str| {
        format!(
            "rollout: x\nhome_region: us-east-1\nrole:\n  name: R\n  trust:\n    {trust}\ntargets: {{ include: [ \
             {{ ou: Sandbox }} ] }}\n"
        )
    };
    let template = |parameters: &str| {
        format!(
            "rollout: x\nhome_region: us-east-1\ntemplate:\n  file: x\n  parameters: {parameters}\ntargets: {{ \
             include: [ {{ ou: Sandbox }} ] }}\n"
        )
    };
    for text in [
        role(&format!("- {{ acount: \"1\", external_id: {{ literal: {SECRET} }} }}")),
        role(&format!("- {{ account: \"1\", external_id: {{ literal: {SECRET} }}, more: x }}")),
        role(&format!("- {{ account: \"1\", external_id: {SECRET} }}")),
        role(&format!("- {{ account: \"1\", external_id: [ {SECRET} ] }}")),
        role(&format!("- {{ account: \"1\", external_id: {{ litteral: {SECRET} }} }}")),
        role(&format!("- {{ account: \"1\", externalid: {{ literal: {SECRET} }} }}")),
        role(&format!(
            "- account: \"1\"\n      external_id: {{\n        literal:\n          {SECRET},\n        x: 1 }}"
        )),
        role(&format!("- {{ account: \"1\", external_id: {{ literal: \"{SECRET} }}")),
        role(&format!("- {{ account: \"1\", external_id: {{ literal: {SECRET} ]")),
        role(&format!("- {{ account: \"1\", external_id: {{ literal: \"{SECRET}\\q\" }} }}")),
        role(&format!("- {{ account: \"1\", external_id: {{ env: {SECRET} }} }}")),
        template(&format!("{{ Id: {SECRET} }}")),
        template(&format!("{{ Id: {{ value: {SECRET}, valeu: y }} }}")),
        template(&format!("[ {SECRET} ]")),
        template(&format!("{{ Id: {{ value: \"{SECRET} }}")),
        template(&format!("\n    Id: {{ value: {SECRET} }}\n    Id: {{ value: {SECRET} }}")),
    ] {
        let run = plan_of(&text).ends_with(2);
        assert!(!run.story.contains("tell-nobody"), "{text}\n--- is shown:\n{}", run.story);
        assert!(run.story.starts_with("error: the configuration"), "{}", run.story);
    }
}

#[test]
fn hostile_documents_are_refused_quickly() {
    let billion = {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        text
    };
    for (what, text, says) in [
        ("brackets", "[".repeat(100_000), "nested more than"),
        ("braces", "{a: ".repeat(100_000), "nested more than"),
        ("aliases", billion, "when every alias"),
        ("size", format!("rollout: \"{}\"\n", "x".repeat(5 << 20)), "is larger than"),
        ("tabs", "rollout: x\n\thome_region: y\n".to_owned(), "this is no YAML"),
        ("merge keys", "a: &a { b: c }\nrollout:\n  <<: *a\n".to_owned(), "merge keys (`<<`) are not read"),
        ("two documents", "rollout: x\n---\nrollout: y\n".to_owned(), "a file holds one"),
        ("tags", "rollout: !!binary x\n".to_owned(), "rollout"),
    ] {
        let began = Instant::now();
        plan_of(&text).ends_with(2).says(says);
        // Two parsers that were tried took ten seconds and more.
        assert!(began.elapsed() < Duration::from_secs(5), "{what} took {:?}", began.elapsed());
    }
}

#[test]
fn the_schema_in_the_repository_is_that_of_the_program() {
    let printed = Workplace::new().run(&["schema"]).ends_with(0).result;
    let committed = std::fs::read_to_string(repository().join("config/rollout.schema.json")).unwrap();
    assert_eq!(printed, committed, "renew it: cargo run -- schema > config/rollout.schema.json");
}

#[test]
fn every_configuration_of_the_repository_fits_the_schema() {
    let text = std::fs::read_to_string(repository().join("config/rollout.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let examples = std::fs::read_dir(repository().join("examples")).unwrap();
    let mut files: Vec<_> = examples.map(|entry| entry.unwrap().path().join("rollout.yaml")).collect();
    files.retain(|file| file.exists());
    files.push(repository().join(CONFIG));
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let document: Value = serde_yaml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.display());
    }
    assert!(!validator.is_valid(&serde_json::json!({ "rollout": 1 })));
}

/// The accounts that a list of entries selects in the reference organization.
#[track_caller]
fn selected(include: &str) -> Vec<String> {
    let workplace = Workplace::new();
    workplace.write("config/ids.txt", "222200006001, 222200006002 # two sandboxes\n");
    workplace.write(
        CONFIG,
        &format!(
            "rollout: x\nhome_region: us-east-1\nrole:\n  name: R\n  trust: [ {{ account: \"222200001111\" }} ]\n\
             targets:\n  management_account: exclude\n  include: {include}\n"
        ),
    );
    let run = workplace.run(&["plan", CONFIG, "--simulate", "--output", "json", "-v"]).ends_with(3);
    let accounts = run.accounts().into_iter().filter(|(_, account)| account["action"] == "create");
    accounts.map(|(_, account)| account["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn accounts_are_selected_by_file_name_address_tag_state_and_time() {
    assert_eq!(selected("[ { accounts_file: ids.txt } ]"), ["sandbox-alder", "sandbox-björk"]);
    assert_eq!(selected("[ { name: \"sandbox-b*\" } ]"), ["sandbox-björk"]);
    assert_eq!(selected("[ { email: \"*SECURITY-tooling@*\" } ]"), ["security-tooling"]);
    assert_eq!(
        selected("[ { tag: { owner: security, env: [prod, staging] }, ou: Security } ]").first().unwrap(),
        "security-tooling"
    );
    let open = selected("[ { state: active, ou: Sandbox } ]");
    assert_eq!(open.len(), 21, "{open:?}");
    let security = |selector: &str| selected(&format!("[ {{ ou: Security, {selector} }} ]"));
    // The second of them joined at that minute.
    assert_eq!(security("joined_before: 2019-03-04T10:05:00Z"), ["security-tooling"]);
    assert_eq!(security("joined_after: 2022-09-12"), ["Forensics \"cold room\""]);
    assert_eq!(security("joined_after: 2019-03-04, joined_before: 2020-01-01").len(), 3);
    assert_eq!(selected("[ { ou: Sandbox, tag: { env: { exists: true } } } ]").len(), 21);
    let neither = "[ { ou: Sandbox, tag: { env: { exists: false } }, optional: true }, { ou: Security, tag: { env: \
                   { not: prod } }, optional: true }, { account: \"222200006001\" } ]";
    assert_eq!(selected(neither), ["sandbox-alder"]);
}

#[test]
fn tags_are_asked_for_only_where_they_decide() {
    let workplace = Workplace::new();
    workplace.edit(CONFIG, "    - ou: Security\n", "    - { ou: Security, tag: { owner: security } }\n");
    let run = workplace.run(&["plan", CONFIG, "--simulate", "--verbose"]).ends_with(3);
    // Of the accounts of one unit, and of nobody else.
    run.says("organizations:ListTagsForResource 4").says("tags: of 4 accounts");
}

#[test]
fn waves_go_one_after_another_and_the_rest_last() {
    let workplace = Workplace::new();
    let waves = "waves:\n  - { name: canary, include: [ { ou: Sandbox } ] }\n  - { name: security, include: [ \
                 management_account, { ou: Security } ] }\n";
    workplace.edit(CONFIG, "\nverify:", &format!("\n{waves}\nverify:"));
    let run = workplace.run(&["apply", CONFIG, "--simulate", "--yes"]).ends_with(0);
    let at = |text: &str| run.story.find(text).unwrap_or_else(|| panic!("`{text}` is not in {}", run.story));
    assert!(at("create stack instances in 21 accounts") < at("create the stack in the management account"));
    assert!(at("create the stack in the management account") < at("create stack instances in 4 accounts"));
    assert!(at("create stack instances in 4 accounts") < at("create stack instances in 32 accounts"));
    workplace
        .run(&["explain", "sandbox-alder", CONFIG, "--simulate"])
        .ends_with(0)
        .says("plan: create, in wave canary: included by ou Sandbox")
        .says("+ waves[0].include[0] `ou Sandbox` matches");
}
