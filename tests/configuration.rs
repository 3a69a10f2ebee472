//! What a configuration may say, and how it is told what is wrong with it.

use std::path::PathBuf;

use serde_json::Value;

use crate::program::{Workplace, repository};

/// What is secret in these tests.
const SECRET: &str = "5ecret-5ecret";

#[test]
fn the_schema_in_the_repository_is_the_one_of_this_version() {
    let printed = Workplace::new().run(&["schema"]).ends_with(0).result;
    let committed = std::fs::read_to_string(repository().join("config/rollout.schema.json")).unwrap();
    assert!(
        printed == committed,
        "config/rollout.schema.json is stale; renew it: cargo run -- schema > config/rollout.schema.json"
    );
}

#[test]
fn the_page_about_the_configuration_is_the_one_of_this_version() {
    let printed = Workplace::new().run(&["schema", "--markdown"]).ends_with(0).result;
    let committed = std::fs::read_to_string(repository().join("docs/configuration.md")).unwrap();
    assert!(
        printed == committed,
        "docs/configuration.md is stale; renew it: cargo run -- schema --markdown > docs/configuration.md"
    );
}

/// Somebody else's validator, so that the schema is not only understood by ourselves.
#[test]
fn every_configuration_in_the_repository_fits_the_schema() {
    let schema: Value = serde_json::from_str(&Workplace::new().run(&["schema"]).result).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut files: Vec<PathBuf> = vec![repository().join("config/rollout.yaml")];
    for example in std::fs::read_dir(repository().join("examples")).unwrap() {
        files.push(example.unwrap().path().join("rollout.yaml"));
    }
    files.retain(|file| file.is_file());
    assert!(files.len() > 1);
    for file in files {
        let value: Value = yaml(&std::fs::read_to_string(&file).unwrap());
        let problems: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", file.display());
    }
    let wrong = yaml("{ rollout: x, home_region: y, targets: { include: [ { acount: z } ] } }");
    assert!(!validator.is_valid(&wrong), "the schema refuses something");
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// The reference configuration with each edit made, and what `plan` says to it.
#[track_caller]
fn told(edits: &[(&str, &str)]) -> String {
    let workplace = Workplace::new();
    for (from, to) in edits {
        workplace.edit("config/rollout.yaml", from, to);
    }
    workplace.run(&["plan", "config/rollout.yaml", "--simulate", "-vv"]).ends_with(2).story
}

#[test]
fn a_mistake_is_shown_at_its_place_with_what_was_meant() {
    let story = told(&[("  max_session: 1h", "  max_sesion: 1h")]);
    let lines = std::fs::read_to_string(repository().join("config/rollout.yaml")).unwrap();
    let line = lines.lines().position(|line| line.starts_with("  max_session")).unwrap() + 1;
    let expected = format!(
        "error: role: unknown key `max_sesion`\n  --> config/rollout.yaml:{line}:3\n   |\n\
         {line} |   max_sesion: ****\n   |   ^^^^^^^^^^ did you mean `max_session`?\n"
    );
    assert!(story.contains(&expected), "{story}");
    assert!(!story.contains('\u{1b}'), "there is no terminal to be coloured: {story:?}");
}

#[test]
fn of_an_entry_that_does_not_fit_the_organization_the_selector_to_blame_is_shown() {
    let wrong = |entries: &[&str]| {
        let entries: String = entries.iter().map(|entry| format!("    - {entry}\n")).collect();
        told(&[("    - ou: Sandbox\n", &entries)])
    };
    let story = wrong(&["{ ou: Sandbox, name: sandbox-adler }", "{ ou: Security, name: sandbox-alder }"]);
    assert_eq!(pointed_at(&story, "targets.include[3].name"), "sandbox-adler }");
    // Either could be meant.
    assert_eq!(pointed_at(&story, "targets.include[4]"), "{ ou: Security, name: sandbox-alder }");
    // Tags are read only once everything else fits.
    let story = wrong(&["{ name: sandbox-alder, tag: { owner: { exists: true }, env: sandbx } }"]);
    assert_eq!(pointed_at(&story, "targets.include[3].tag.env"), "sandbx } }");
}

/// What the caret of a problem stands under, to the end of the line.
#[track_caller]
fn pointed_at(story: &str, key: &str) -> String {
    let lines: Vec<&str> = story.lines().collect();
    let told = lines.iter().position(|line| line.starts_with(&format!("error: {key}: ")));
    let told = told.unwrap_or_else(|| panic!("{key} is not told:\n{story}"));
    let caret = lines[told + 4].find('^').unwrap();
    lines[told + 3][caret..].to_owned()
}

#[test]
fn mistakes_of_every_kind_are_told_in_one_go() {
    let story = told(&[
        ("home_region: us-east-1", "home_regio: us-east-1"),
        ("- ou: Sandbox\n", "- ou: [Sandbox]\n"),
        ("concurrency_mode: soft ", "concurrency_mode: sofd "),
        ("tags: { owner: security }", "tags: { owner: security, owner: nobody }"),
        ("limits: { max_targets: 500,", "limits: { max_targets: many,"),
    ]);
    for says in [
        "the key `home_region` is missing",
        "unknown key `home_regio`",
        "expected text, found a list",
        "did you mean `soft`?",
        "this key is given twice",
        "limits.max_targets: expected a whole number, found text",
    ] {
        assert!(story.contains(says), "`{says}` is not said:\n{story}");
    }
}

#[test]
fn a_control_character_in_a_snippet_does_not_reach_the_terminal() {
    let story = told(&[("mode: direct", "mode: \"dir\u{9b}31mect\u{202e}\"")]);
    assert!(story.contains("\\u{9b}31m") && story.contains("\\u{202e}"), "{story}");
    assert!(!story.contains(['\u{9b}', '\u{202e}']), "{story:?}");
}

#[test]
fn a_terminal_gets_colours_unless_they_are_not_wanted() {
    let workplace = Workplace::new();
    workplace.edit("config/rollout.yaml", "  max_session: 1h", "  max_sesion: 1h");
    for (no_color, coloured) in [(None, true), (Some(""), true), (Some("1"), false)] {
        let program = format!("{} plan config/rollout.yaml --simulate", env!("CARGO_BIN_EXE_rolecall"));
        let mut command = std::process::Command::new("script");
        command.args(["-qefc", &program, "/dev/null"]).current_dir(workplace.path("")).env_remove("NO_COLOR");
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("max_sesion"), "{text}");
        assert_eq!(text.contains('\u{1b}'), coloured, "NO_COLOR={no_color:?}: {text:?}");
    }
}

#[test]
fn an_external_id_that_is_left_empty_is_not_taken_for_none() {
    let story = told(&[("external_id: { env: CADO_EXTERNAL_ID }", "external_id:")]);
    assert!(
        story.contains("role.trust[0].external_id: expected a map with `env` or `literal`, found nothing")
    );
}

/// However the external ID is written, and whatever else is wrong nearby.
#[test]
fn no_message_and_no_snippet_shows_an_external_id() {
    let id = "external_id: { env: CADO_EXTERNAL_ID }   #";
    let account = "- account: \"222200001111\"\n      external_id: { env: CADO_EXTERNAL_ID }   #";
    for (from, to) in [
        // In the wrong form.
        (id, format!("external_id: {SECRET} #")),
        (id, format!("external_id: [ {SECRET} ] #")),
        (id, format!("external_id: {{ {SECRET}: {SECRET} }} #")),
        (id, format!("external_id: &{SECRET} #")),
        (id, format!("external_id: !{SECRET} x #")),
        (id, format!("external_id: {{ literal: {SECRET}, literal: {SECRET} }} #")),
        (id, format!("external_id: {{ literal: {SECRET}, env: X }} # {SECRET}")),
        (id, format!("externl_id: {{ literal: {SECRET} }} #")),
        // With another mistake on the line.
        (account, format!("- {{ acount: x, external_id: {{ literal: {SECRET} }}, rol: y }} #")),
        (account, format!("- {{ external_id: {{ literal: {SECRET} }}, account: [] }} # {SECRET}")),
        (account, format!("- {{ external_id: {{ literal: {SECRET} }}, account: \"1\" }} # {SECRET}")),
        // Over several lines.
        (
            account,
            format!("- {{ account: x, external_id: {{\n          literal: {SECRET}\n        }}, rol: y }} #"),
        ),
        (account, format!("- {{ account: x, external_id: [\n      {SECRET}, {SECRET} ], rol: y }} #")),
        (
            account,
            format!(
                "- account: []\n      external_id:\n        literal: |\n          {SECRET}\n      rol: y #"
            ),
        ),
        // With what makes it no YAML.
        (id, format!("external_id: {{ literal: {SECRET} #")),
        (id, format!("external_id: {{ literal: \"{SECRET} #")),
        (id, format!("external_id: {{ literal: \"{SECRET}\" x }} #")),
        (id, format!("external_id: {{ literal: @{SECRET} }} #")),
        (id, format!("external_id: {{ literal: *{SECRET} }} #")),
        (id, format!("external_id: {{\n{SECRET}: [ #")),
        (id, format!("external_id: {{ literal: {SECRET} }} ] #")),
        (id, format!("external_id:\n\t{SECRET} #")),
        (account, format!("- {{ account: {{, external_id: {{ literal: {SECRET} }} }} #")),
    ] {
        let story = told(&[(from, &to)]);
        assert!(!story.contains(SECRET), "{to}:\n{story}");
        assert!(story.contains("--> config/rollout.yaml:"), "{to}:\n{story}");
    }
}

#[test]
fn no_message_and_no_snippet_shows_the_value_of_a_parameter() {
    let right = "RoleName: { value: VendorAudit }";
    for wrong in [
        format!("RoleName: {SECRET}"),
        format!("RoleName: {{ vale: {SECRET} }}"),
        format!("RoleName: {{ value: {SECRET}, env: {SECRET} }}"),
        format!("RoleName: {{ env: \"{SECRET} x\" }}"),
        format!("RoleName: {{ value: {SECRET} }}\n    RoleName: {{ value: {SECRET} }} # {SECRET}"),
        format!("RoleName: {{ value: [\n      {SECRET} ] }}"),
        format!("RoleName: {{ value: \"{SECRET} }}"),
        format!("RoleName: {{ value: {SECRET} }}\n   x: y"),
        format!("- {SECRET}"),
    ] {
        let workplace = Workplace::new();
        let example =
            std::fs::read_to_string(repository().join("examples/vendor-template/rollout.yaml")).unwrap();
        assert!(example.contains(right));
        let file = example.find("    TrustedAccountId").unwrap()..example.find("\ntargets").unwrap();
        let only_one = [&example[..file.start], &example[file.end..]].concat();
        workplace.write("config/rollout.yaml", &only_one.replace(right, &wrong));
        let story = workplace.run(&["plan", "config/rollout.yaml", "--simulate", "-vv"]).ends_with(2).story;
        assert!(!story.contains(SECRET), "{wrong}:\n{story}");
    }
}

#[test]
fn accounts_are_selected_by_what_they_are_like() {
    let workplace = Workplace::new();
    workplace.write("config/pilot.txt", "222200003101 # shop-web-prod\n222200003102, 222200003103\n");
    let config = std::fs::read_to_string(workplace.path("config/rollout.yaml")).unwrap();
    let before = config.split_once("\ntargets:\n").unwrap().0;
    workplace.write(
        "config/rollout.yaml",
        &format!(
            "{before}\n\
             targets:\n  \
               include:\n    \
                 - {{ accounts_file: pilot.txt, tag: {{ data: {{ exists: false }} }} }}\n    \
                 - {{ ou: Sandbox, name: \"sandbox-[a-b]*\", optional: true }}\n    \
                 - {{ name: sandbox-e*, tag: {{ env: [sandbox, dev], owner: {{ not: retail }} }} }}\n    \
                 - {{ email: \"AWS+log-archive@*\", optional: true }}\n  \
               exclude: [ management_account ]\n\
             waves:\n  \
               - {{ name: canary, include: [ {{ name: sandbox-* }} ] }}\n"
        ),
    );
    let run = workplace.run(&["plan", "config/rollout.yaml", "--simulate", "--output", "json"]).ends_with(3);
    let accounts = run.accounts();
    let targets =
        accounts.iter().filter(|(_, account)| account["action"] == "create").map(|(id, _)| id.as_str());
    assert_eq!(targets.collect::<Vec<_>>(), ["222200003101", "222200003102", "222200006005"]);
}
