//! Ways of saying which accounts are meant, and in which order.

use crate::program::Workplace;

const CONFIG: &str = "config/rollout.yaml";

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

#[test]
fn names_that_every_plan_has_and_names_that_are_given_twice_are_refused() {
    let wave = |name: &str| format!("  - {{ name: {name}, include: [ {{ ou: Sandbox }} ] }}\n");
    let workplace = Workplace::new();
    let waves = format!("waves:\n{}{}{}\nverify:", wave("rest"), wave("canary"), wave("canary"));
    workplace.edit(CONFIG, "\nverify:", &format!("\n{waves}"));
    workplace
        .run(&["plan", CONFIG, "--simulate"])
        .ends_with(2)
        .says("waves[0].name: every plan has a wave named `rest` of its own")
        .says("waves[2].name: ");
}
