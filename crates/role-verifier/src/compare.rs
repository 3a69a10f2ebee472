//! In what a live role differs from what was specified, one readable line per difference.

use std::collections::BTreeMap;
use std::fmt::Display;

use iam_policy::{PolicyDocument, differences};
use role_template::RoleSpecification;

/// Every difference; extra is as bad as missing. External IDs are masked, because policy differences mask
/// them.
pub(crate) fn role_differences(expected: &RoleSpecification, live: &RoleSpecification) -> Vec<String> {
    let mut lines = Vec::new();
    property(&mut lines, "name", &expected.name, &live.name);
    property(&mut lines, "path", &expected.path, &live.path);
    optional(&mut lines, "description", expected.description.as_ref(), live.description.as_ref());
    property(&mut lines, "maximum session", &seconds(expected.max_session), &seconds(live.max_session));
    optional(
        &mut lines,
        "permissions boundary",
        expected.permissions_boundary.as_ref(),
        live.permissions_boundary.as_ref(),
    );
    policy(&mut lines, "trust policy", &expected.trust, &live.trust);
    for extra in live.managed_policies.difference(&expected.managed_policies) {
        lines.push(format!("extra managed policy {extra}"));
    }
    for missing in expected.managed_policies.difference(&live.managed_policies) {
        lines.push(format!("managed policy {missing} is missing"));
    }
    inline_policies(&mut lines, expected, live);
    tags(&mut lines, &expected.tags, &live.tags);
    lines
}

fn property<T: PartialEq + Display>(lines: &mut Vec<String>, name: &str, expected: &T, live: &T) {
    if expected != live {
        lines.push(format!("{name} is `{live}`, specified is `{expected}`"));
    }
}

fn optional(lines: &mut Vec<String>, name: &str, expected: Option<&String>, live: Option<&String>) {
    match (expected, live) {
        (Some(expected), Some(live)) => property(lines, name, expected, live),
        (Some(expected), None) => lines.push(format!("{name} `{expected}` is missing")),
        (None, Some(live)) => lines.push(format!("extra {name} `{live}`")),
        (None, None) => {}
    }
}

fn seconds(seconds: u32) -> String {
    format!("{seconds} s")
}

fn policy(lines: &mut Vec<String>, name: &str, expected: &PolicyDocument, live: &PolicyDocument) {
    lines.extend(differences(expected, live).iter().map(|difference| format!("{name}: {difference}")));
}

fn inline_policies(lines: &mut Vec<String>, expected: &RoleSpecification, live: &RoleSpecification) {
    for (name, document) in &live.inline_policies {
        match expected.inline_policies.get(name) {
            Some(specified) => policy(lines, &format!("inline policy `{name}`"), specified, document),
            None => lines.push(format!("extra inline policy `{name}`")),
        }
    }
    for name in expected.inline_policies.keys().filter(|name| !live.inline_policies.contains_key(*name)) {
        lines.push(format!("inline policy `{name}` is missing"));
    }
}

fn tags(lines: &mut Vec<String>, expected: &BTreeMap<String, String>, live: &BTreeMap<String, String>) {
    for (key, value) in live {
        match expected.get(key) {
            Some(specified) => property(lines, &format!("tag `{key}`"), specified, value),
            None => lines.push(format!("extra tag `{key}` = `{value}`")),
        }
    }
    for (key, value) in expected.iter().filter(|(key, _)| !live.contains_key(*key)) {
        lines.push(format!("tag `{key}` = `{value}` is missing"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statement: &str) -> PolicyDocument {
        PolicyDocument::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
    }

    fn role() -> RoleSpecification {
        let trust = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole",
            "Condition":{"StringEquals":{"sts:ExternalId":"tell-nobody"}}}"#;
        let mut role = RoleSpecification::new("Reader", document(trust));
        role.managed_policies.insert("arn:aws:iam::aws:policy/SecurityAudit".to_owned());
        let inline = document(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#);
        role.inline_policies.insert("collect".to_owned(), inline);
        role.tags.insert("owner".to_owned(), "security".to_owned());
        role
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut RoleSpecification), expected: &[&str]) {
        let mut live = role();
        change(&mut live);
        assert_eq!(role_differences(&role(), &live), expected);
    }

    #[test]
    fn a_role_as_specified_has_no_differences() {
        check(|_| {}, &[]);
    }

    #[test]
    fn every_property_is_compared_both_ways() {
        check(|live| live.path = "/x/".to_owned(), &["path is `/x/`, specified is `/`"]);
        check(|live| live.max_session = 43200, &["maximum session is `43200 s`, specified is `3600 s`"]);
        check(|live| live.description = Some("hi".to_owned()), &["extra description `hi`"]);
        check(
            |live| live.permissions_boundary = Some("arn:aws:iam::aws:policy/X".to_owned()),
            &["extra permissions boundary `arn:aws:iam::aws:policy/X`"],
        );
        let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
        check(
            |live| live.managed_policies = [admin.to_owned()].into(),
            &[
                "extra managed policy arn:aws:iam::aws:policy/AdministratorAccess",
                "managed policy arn:aws:iam::aws:policy/SecurityAudit is missing",
            ],
        );
        check(
            |live| {
                let collect = live.inline_policies.remove("collect").unwrap();
                live.inline_policies.insert("other".to_owned(), collect);
            },
            &["extra inline policy `other`", "inline policy `collect` is missing"],
        );
        check(
            |live| {
                live.tags = [("owner".to_owned(), "me".to_owned()), ("x".to_owned(), "y".to_owned())].into()
            },
            &["tag `owner` is `me`, specified is `security`", "extra tag `x` = `y`"],
        );
        check(|live| live.tags.clear(), &["tag `owner` = `security` is missing"]);
    }

    #[test]
    fn a_changed_trust_policy_is_told_without_the_external_id() {
        let mut live = role();
        let trust = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}"#;
        live.trust = document(trust);
        let lines = role_differences(&role(), &live);
        assert!(!lines.is_empty());
        for line in lines {
            assert!(line.starts_with("trust policy: "), "{line}");
            assert!(!line.contains("nobody"), "{line}");
        }
    }
}
