//! What IAM would refuse about a well-formed document.

use std::collections::BTreeSet;

use crate::condition::Operator;
use crate::{Members, PolicyDocument, Principal, Statement};

impl PolicyDocument {
    /// Why IAM would refuse this as a trust policy. Empty if nothing is known against it.
    pub fn trust_problems(&self) -> Vec<String> {
        let mut problems = self.common_problems();
        for (place, statement) in self.places() {
            match &statement.principal {
                None => problems.push(format!("{place} names no principal")),
                Some(members) => {
                    problems.extend(principal_problems(members).map(|problem| format!("{place}: {problem}")));
                }
            }
            if let Some(Members::NoneOf(_)) = statement.principal {
                problems.push(format!("{place} has a `NotPrincipal`, which a trust policy must not"));
            }
            if statement.resource.is_some() {
                problems.push(format!("{place} has a `Resource`, which a trust policy must not"));
            }
            let foreign = statement.action.listed().iter().filter(|name| !is_sts(name.as_str()));
            problems.extend(foreign.map(|name| format!("{place}: action {name} is none of STS")));
        }
        problems
    }

    /// Why IAM would refuse this as an inline policy of a role. Empty if nothing is known against it.
    pub fn identity_problems(&self) -> Vec<String> {
        let mut problems = self.common_problems();
        for (place, statement) in self.places() {
            if statement.principal.is_some() {
                problems.push(format!("{place} names a principal, which an identity policy must not"));
            }
            if statement.resource.is_none() {
                problems.push(format!("{place} has no `Resource`"));
            }
        }
        problems
    }

    /// How many characters of the document count against IAM's limits: whitespace does not (aws-facts F1).
    pub fn counted_characters(&self) -> usize {
        self.to_value().to_string().chars().filter(|character| !character.is_whitespace()).count()
    }

    fn places(&self) -> impl Iterator<Item = (String, &Statement)> {
        let numbered = self.statements.iter().enumerate();
        numbered.map(|(index, statement)| (format!("statement {}", index + 1), statement))
    }

    fn common_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.statements.is_empty() {
            problems.push("there is no statement".to_owned());
        }
        problems.extend(self.sid_problems());
        for (place, statement) in self.places() {
            let unknown = statement.condition.keys().filter(|operator| Operator::parse(operator).is_none());
            problems.extend(
                unknown.map(|operator| format!("{place}: IAM has no condition operator `{operator}`")),
            );
        }
        for (place, statement) in self.places() {
            let keys = statement.condition.values().flat_map(|keys| keys.keys());
            let bare = keys.filter(|key| !key.as_str().contains(':'));
            problems.extend(
                bare.map(|key| format!("{place}: condition key `{key}` has no prefix such as `aws:`")),
            );
        }
        // The text as a whole would show external IDs, so only the character is quoted.
        let text = self.to_value().to_string();
        if let Some(character) = text.chars().find(|character| !matches!(character, '\u{20}'..='\u{ff}')) {
            problems.push(format!("character {character:?} is not in Latin-1, and IAM takes no other"));
        }
        problems
    }
}

impl PolicyDocument {
    /// IAM takes letters and digits, and each `Sid` once (its page reference_policies_elements_sid).
    fn sid_problems(&self) -> Vec<String> {
        let (mut seen, mut problems) = (BTreeSet::new(), Vec::new());
        for (place, statement) in self.places() {
            let Some(sid) = &statement.sid else { continue };
            if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                problems.push(format!("{place}: `Sid` {sid:?} has characters other than letters and digits"));
            }
            // Whether IAM minds two that are empty is not known.
            if !seen.insert(sid) && !sid.is_empty() {
                problems.push(format!("{place}: `Sid` {sid:?} is that of an earlier statement"));
            }
        }
        problems
    }
}

fn is_sts(action: &str) -> bool {
    action == "*" || action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
}

/// A wildcard is not expanded in a principal (aws-facts F3), so the policy would match nobody.
fn principal_problems(members: &Members<Principal>) -> impl Iterator<Item = String> + '_ {
    members.listed().iter().filter_map(|principal| match principal {
        Principal::Aws(name) if name.contains(['*', '?']) => Some(format!(
            "principal {name} has a wildcard; use the account and a condition on aws:PrincipalArn"
        )),
        Principal::Service(name) | Principal::Federated(name) if name.contains(['*', '?']) => {
            Some(format!("principal {name} has a wildcard, which stands for everybody or nothing"))
        }
        Principal::CanonicalUser(id) => Some(format!("principal {id} is a user of S3, who enters no role")),
        Principal::Aws(name) if !name.starts_with("arn:") && !principal.is_deleted() => {
            Some(format!("principal {name} is neither an account nor an ARN"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statement: &str, of: fn(&PolicyDocument) -> Vec<String>, expected: &[&str]) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        assert_eq!(of(&PolicyDocument::parse(&text).unwrap()), expected, "{statement}");
    }

    #[test]
    fn trust_policies_name_principals_and_no_resources() {
        let of = PolicyDocument::trust_problems;
        check(r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"AROAEXAMPLE"}}"#, of, &[]);
        check(
            r#"{"Effect":"Allow","Action":["sts:AssumeRole","s3:GetObject"],"Resource":"*"}"#,
            of,
            &[
                "statement 1 names no principal",
                "statement 1 has a `Resource`, which a trust policy must not",
                "statement 1: action s3:GetObject is none of STS",
            ],
        );
        check(
            r#"{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":["arn:aws:iam::111122223333:role/*","hub"]}}"#,
            of,
            &[
                "statement 1: principal arn:aws:iam::111122223333:role/* has a wildcard; use the account and a \
                 condition on aws:PrincipalArn",
                "statement 1: principal hub is neither an account nor an ARN",
            ],
        );
    }

    #[test]
    fn principals_that_enter_no_role_are_told() {
        let of = PolicyDocument::trust_problems;
        let allow = |principal: &str| format!(r#"{{"Effect":"Allow","Action":"sts:*",{principal}}}"#);
        check(
            &allow(r#""NotPrincipal":{"AWS":"111122223333"}"#),
            of,
            &["statement 1 has a `NotPrincipal`, which a trust policy must not"],
        );
        check(
            &allow(r#""Principal":{"Service":"*","CanonicalUser":"79a59df9"}"#),
            of,
            &[
                "statement 1: principal * has a wildcard, which stands for everybody or nothing",
                "statement 1: principal 79a59df9 is a user of S3, who enters no role",
            ],
        );
        check(&allow(r#""Principal":{"AWS":"*"}"#), of, &[]);
    }

    #[test]
    fn a_sid_is_of_letters_and_digits_and_stands_once() {
        let of = PolicyDocument::identity_problems;
        let with =
            |sid: &str| format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"s3:*","Resource":"*"}}"#);
        let sids = ["Read", "Read it", "Write", "Read", "", ""].map(with).join(",");
        check(
            &format!("[{sids}]"),
            of,
            &[
                "statement 2: `Sid` \"Read it\" has characters other than letters and digits",
                "statement 4: `Sid` \"Read\" is that of an earlier statement",
            ],
        );
    }

    #[test]
    fn identity_policies_name_resources_and_no_principals() {
        let of = PolicyDocument::identity_problems;
        check(r#"[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]"#, of, &[]);
        check(
            r#"[{"Effect":"Allow","Action":"s3:*","Principal":"*"}]"#,
            of,
            &[
                "statement 1 names a principal, which an identity policy must not",
                "statement 1 has no `Resource`",
            ],
        );
    }

    #[test]
    fn operators_keys_and_characters_that_iam_does_not_have_are_told() {
        check(
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"–","Condition":{"StringEqual":{"Ref":"b"}}}"#,
            PolicyDocument::identity_problems,
            &[
                "statement 1: IAM has no condition operator `StringEqual`",
                "statement 1: condition key `Ref` has no prefix such as `aws:`",
                "character '–' is not in Latin-1, and IAM takes no other",
            ],
        );
    }

    #[test]
    fn whitespace_does_not_count_against_the_limits() {
        let document = PolicyDocument::parse(
            "{ \"Statement\" : { \"Effect\": \"Allow\",\n \"Action\": \"s3:*\", \"Resource\": \"a b\" } }",
        );
        let expected =
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"ab"}],"Version":"2008-10-17"}"#;
        assert_eq!(document.unwrap().counted_characters(), expected.len());
    }
}
