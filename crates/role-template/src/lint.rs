//! What AWS would refuse about a role in every account, found before the first call.

use std::collections::BTreeSet;

use crate::render::MAX_TEMPLATE_BYTES;
use crate::{Problem, RoleSpecification, RoleTemplate, Severity};

/// IAM takes no more tags than this on a role; those of its stack count too (aws-facts F1, A7).
pub const MAX_TAGS: usize = 50;

impl RoleSpecification {
    /// Everything that is wrong, all at once (aws-facts F1, E1, A15).
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Problems::default();
        problems.name(&self.name);
        problems.path(&self.path);
        problems.description(self.description.as_deref());
        problems.trust(self);
        problems.managed_policies(self);
        problems.inline_policies(self);
        problems.max_session(self.max_session);
        problems.tags(self);
        problems.template(self);
        problems.0
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn refused(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem::refused(key, message));
    }

    /// `hard` can never be exceeded, `default` only where the quota has been raised.
    fn quota(&mut self, key: &str, what: &str, count: usize, default: usize, hard: usize) {
        if count > hard {
            self.refused(key, format!("{what}: {count}, and IAM takes {hard} at most"));
        } else if count > default {
            let message = format!("{what}: {count}, more than the {default} an account takes by default");
            self.0.push(Problem { key: key.to_owned(), message, severity: Severity::NeedsRaisedQuota });
        }
    }

    fn name(&mut self, name: &str) {
        if !is_name(name, 64) {
            self.refused("role.name", format!("`{name}` is not 1 to 64 letters, digits or any of `_+=,.@-`"));
        }
    }

    fn path(&mut self, path: &str) {
        let framed = path == "/" || (path.len() >= 3 && path.starts_with('/') && path.ends_with('/'));
        if !framed || path.len() > 512 || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("`{path}` does not begin and end with `/` in at most 512 ASCII characters");
            self.refused("role.path", message);
        }
    }

    fn description(&mut self, description: Option<&str>) {
        let Some(description) = description else { return };
        let length = description.chars().count();
        if length > 1000 {
            self.refused("role.description", format!("has {length} characters, and IAM takes 1000 at most"));
        }
        if let Some(character) = description.chars().find(|character| !is_latin_1(*character)) {
            let message = format!("has the character {character:?}, and IAM takes Latin-1 only");
            self.refused("role.description", message);
        }
    }

    fn trust(&mut self, role: &RoleSpecification) {
        for problem in role.trust.trust_problems() {
            self.refused("role.trust", problem);
        }
        self.quota("role.trust", "characters", role.trust.counted_characters(), 2048, 4096);
        // A pattern or a policy variable is not an external ID, but matches some.
        let literal = |id: &&&str| !id.contains(['*', '?']) && !id.contains("${");
        if role.trust.external_ids().iter().filter(literal).any(|id| !is_external_id(id)) {
            let message = "an external ID is not 2 to 1224 letters, digits or any of `_+=,.@:/-`";
            self.refused("role.trust", message);
        }
    }

    fn managed_policies(&mut self, role: &RoleSpecification) {
        self.quota("role.managed_policies", "managed policies", role.managed_policies.len(), 10, 20);
        for arn in role.managed_policies.iter().filter(|arn| !is_policy_arn(arn)) {
            self.refused("role.managed_policies", format!("`{arn}` is not the ARN of a managed policy"));
        }
        if let Some(arn) = role.permissions_boundary.as_ref().filter(|arn| !is_policy_arn(arn)) {
            self.refused("role.permissions_boundary", format!("`{arn}` is not the ARN of a managed policy"));
        }
    }

    fn inline_policies(&mut self, role: &RoleSpecification) {
        for (name, document) in &role.inline_policies {
            let key = format!("role.inline_policies.{name}");
            if !is_name(name, 128) {
                self.refused(&key, "the name is not 1 to 128 letters, digits or any of `_+=,.@-`");
            }
            for problem in document.identity_problems() {
                self.refused(&key, problem);
            }
        }
        let characters = role.inline_policies.values().map(|document| document.counted_characters()).sum();
        self.quota("role.inline_policies", "characters in all inline policies", characters, 10_240, 10_240);
    }

    fn max_session(&mut self, seconds: u32) {
        if !(3600..=43_200).contains(&seconds) {
            self.refused(
                "role.max_session",
                format!("{seconds} s is not between 1 h and 12 h (3600 to 43200 s)"),
            );
        }
    }

    fn tags(&mut self, role: &RoleSpecification) {
        self.quota("role.tags", "tags", role.tags.len(), MAX_TAGS, MAX_TAGS);
        let mut seen = BTreeSet::new();
        for (key, value) in &role.tags {
            let place = format!("role.tags.{key}");
            let lower = key.to_lowercase();
            if !(1..=128).contains(&key.chars().count()) || !key.chars().all(is_tag_character) {
                self.refused(&place, "the key is not 1 to 128 letters, digits, spaces or any of `_.:/=+-@`");
            }
            if lower.starts_with("aws:") {
                self.refused(&place, "keys that begin with `aws:` are reserved");
            }
            if value.chars().count() > 256 || !value.chars().all(is_tag_character) {
                self.refused(
                    &place,
                    "the value is not at most 256 letters, digits, spaces or any of `_.:/=+-@`",
                );
            }
            if !seen.insert(lower) {
                self.refused(&place, "another key differs from this one only in case, which IAM ignores");
            }
        }
    }

    fn template(&mut self, role: &RoleSpecification) {
        let body = RoleTemplate::from_specification(role).body;
        if body.contains("{{resolve:") {
            let message =
                "contains `{{resolve:`, which CloudFormation would replace by a value of the account";
            self.refused("role", message);
        }
        let bytes = body.len();
        if bytes > MAX_TEMPLATE_BYTES {
            let message =
                format!("the template has {bytes} bytes, and CloudFormation takes {MAX_TEMPLATE_BYTES}");
            self.refused("role", message);
        }
    }
}

fn is_name(text: &str, longest: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}

/// The grammar is `rollout_model::ExternalId`'s too, which this crate does without: a change here is one
/// there.
fn is_external_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
    (2..=1224).contains(&text.len()) && text.bytes().all(allowed)
}

/// What IAM takes in a description.
fn is_latin_1(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{7e}' | '\u{a1}'..='\u{ff}')
}

fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

/// Whether it has the form of a managed policy's ARN (aws-facts F1).
pub fn is_policy_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts[..] else { return false };
    let owner =
        account == "aws" || (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let named = resource.strip_prefix("policy/").is_some_and(|name| !name.is_empty() && !name.ends_with('/'));
    (scheme, service, region) == ("arn", "iam", "") && !partition.is_empty() && owner && named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TrustEntry, TrustSpecification, TrustedPrincipal};
    use iam_policy::PolicyDocument;

    fn role() -> RoleSpecification {
        let principal = TrustedPrincipal::Account("111122223333".into());
        let entry = TrustEntry { principal, external_id: Some("abc-1".into()) };
        RoleSpecification::new("Vendor", TrustSpecification { entries: vec![entry] }.to_policy())
    }

    /// Changes a good role and compares the keys of what is refused and of what needs a raised quota.
    fn check(change: impl FnOnce(&mut RoleSpecification), refused: &[&str], raised: &[&str]) {
        let mut role = role();
        change(&mut role);
        let problems = role.problems();
        let keys = |severity| -> Vec<&str> {
            problems
                .iter()
                .filter(|problem| problem.severity == severity)
                .map(|problem| problem.key.as_str())
                .collect()
        };
        assert_eq!(keys(Severity::Refused), refused, "{problems:?}");
        assert_eq!(keys(Severity::NeedsRaisedQuota), raised, "{problems:?}");
    }

    fn inline(length: usize) -> PolicyDocument {
        let resource = "r".repeat(length);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"{resource}"}}}}"#
        );
        PolicyDocument::parse(&text).unwrap()
    }

    fn managed(count: usize) -> BTreeSet<String> {
        (0..count).map(|number| format!("arn:aws:iam::aws:policy/Policy{number}")).collect()
    }

    #[test]
    fn what_iam_takes_is_no_problem() {
        check(|_| (), &[], &[]);
        check(
            |role| {
                role.name = "x_+=,.@-".repeat(8);
                role.path = format!("/{}/", "p".repeat(510));
                role.description = Some("ÿ".repeat(1000));
                role.max_session = 43_200;
                role.managed_policies = managed(10);
                role.permissions_boundary = Some("arn:aws:iam::111122223333:policy/path/Boundary".into());
                role.tags = (0..50).map(|number| (format!("key {number}"), "ü:/=+-@_.".into())).collect();
                role.inline_policies.insert("p".into(), inline(10_000));
            },
            &[],
            &[],
        );
    }

    #[test]
    fn names_and_texts_are_held_to_f1() {
        for name in ["", "a b", "ä", &"x".repeat(65)] {
            check(|role| role.name = name.to_owned(), &["role.name"], &[]);
        }
        for path in ["", "x", "/x", "x/", "//", "/ä/", "/a b/", &format!("/{}/", "p".repeat(511))] {
            check(|role| role.path = path.to_owned(), &["role.path"], &[]);
        }
        // A typographic dash and the control characters of C1 are refused in every account.
        for description in ["a – b", "\u{85}", &"x".repeat(1001)] {
            check(|role| role.description = Some(description.to_owned()), &["role.description"], &[]);
        }
        for seconds in [0, 3599, 43_201] {
            check(|role| role.max_session = seconds, &["role.max_session"], &[]);
        }
    }

    #[test]
    fn quotas_that_can_be_raised_are_told_apart_from_limits() {
        check(|role| role.managed_policies = managed(11), &[], &["role.managed_policies"]);
        check(|role| role.managed_policies = managed(21), &["role.managed_policies"], &[]);
        let trust = |count: usize| {
            let account = |number: usize| TrustedPrincipal::Account(format!("{number:012}"));
            let entry = |number| TrustEntry { principal: account(number), external_id: None };
            TrustSpecification { entries: (0..count).map(entry).collect() }.to_policy()
        };
        check(|role| role.trust = trust(200), &[], &["role.trust"]);
        check(|role| role.trust = trust(300), &["role.trust"], &[]);
        check(
            |role| {
                role.inline_policies.insert("a".into(), inline(5_100));
                role.inline_policies.insert("b".into(), inline(5_100));
            },
            &["role.inline_policies"],
            &[],
        );
        check(
            |role| _ = role.inline_policies.insert("a".into(), inline(52_000)),
            &["role.inline_policies", "role"],
            &[],
        );
    }

    #[test]
    fn a_role_that_trusts_nobody_is_refused() {
        check(|role| role.trust = TrustSpecification::default().to_policy(), &["role.trust"], &[]);
    }

    #[test]
    fn arns_and_tags_are_looked_at() {
        let not_a_policy = "arn:aws:iam::111122223333:role/X".to_owned();
        check(
            |role| _ = role.managed_policies.insert("SecurityAudit".into()),
            &["role.managed_policies"],
            &[],
        );
        check(|role| role.permissions_boundary = Some(not_a_policy), &["role.permissions_boundary"], &[]);
        let tag = |key: &str, value: &str, problems: &[&str]| {
            check(|role| _ = role.tags.insert(key.to_owned(), value.to_owned()), problems, &[]);
        };
        tag("AWS:mine", "x", &["role.tags.AWS:mine"]);
        tag("key#", "x", &["role.tags.key#"]);
        tag("key", &"x".repeat(257), &["role.tags.key"]);
        check(
            |role| {
                role.tags =
                    [("owner", "a"), ("Owner", "b")].map(|(key, value)| (key.into(), value.into())).into()
            },
            &["role.tags.owner"],
            &[],
        );
        let many = |role: &mut RoleSpecification| {
            role.tags = (0..51).map(|number| (format!("k{number}"), String::new())).collect();
        };
        check(many, &["role.tags"], &[]);
    }

    #[test]
    fn what_cloudformation_would_replace_is_refused() {
        check(|role| role.description = Some("{{resolve:ssm:x}}".into()), &["role"], &[]);
    }

    #[test]
    fn a_bad_external_id_is_told_but_not_shown() {
        for external_id in ["x", "tell nobody", &"x".repeat(1225)] {
            let mut role = role();
            let principal = TrustedPrincipal::Account("111122223333".into());
            let entry = TrustEntry { principal, external_id: Some(external_id.to_owned()) };
            role.trust = TrustSpecification { entries: vec![entry] }.to_policy();
            let problems = role.problems();
            assert!(
                problems.iter().any(|problem| problem.message.starts_with("an external ID")),
                "{problems:?}"
            );
            assert!(!format!("{problems:?} {role:?}").contains("nobody"));
        }
    }

    #[test]
    fn everything_is_told_at_once() {
        let change = |role: &mut RoleSpecification| {
            role.name = "a b".into();
            role.max_session = 60;
            role.inline_policies.insert("p q".into(), PolicyDocument::clone(&role.trust));
        };
        let keys = [
            "role.name",
            "role.inline_policies.p q",
            "role.inline_policies.p q",
            "role.inline_policies.p q",
            "role.max_session",
        ];
        check(change, &keys, &[]);
    }
}
