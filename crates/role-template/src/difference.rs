//! In what two definitions of a role differ.

use std::collections::BTreeMap;
use std::fmt;

use iam_policy::PolicyDocument;

use crate::RoleSpecification;

/// One difference between two definitions. `Display` words it as a change from the first to the second;
/// external IDs do not stand in it, because policy differences mask them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDifference {
    /// Where.
    pub property: Property,
    /// What.
    pub change: Change,
}

/// A part of a role. `Display` is its name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// Changing it replaces the role (aws-facts F2).
    Name,
    /// Changing it replaces the role.
    Path,
    /// The description.
    Description,
    /// How long a session may last.
    MaxSession,
    /// The policy that bounds the role.
    PermissionsBoundary,
    /// Who may assume the role.
    TrustPolicy,
    /// An attached policy, by its ARN.
    ManagedPolicy(String),
    /// A policy of the role's own, by its name.
    InlinePolicy(String),
    /// A tag, by its key.
    Tag(String),
}

/// What became of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the second definition has it.
    Added {
        /// Of a description, boundary or tag.
        value: Option<String>,
    },
    /// Only the first definition has it.
    Removed {
        /// Of a description, boundary or tag.
        value: Option<String>,
    },
    /// Both have it, with different values.
    Replaced {
        /// In the first definition.
        from: String,
        /// In the second definition.
        to: String,
    },
    /// Both have the policy, and this differs in it.
    Policy(iam_policy::Difference),
}

/// Everything in which `to` differs from `from`. Empty exactly if they are equal.
pub fn differences(from: &RoleSpecification, to: &RoleSpecification) -> Vec<RoleDifference> {
    let mut found = Found::default();
    found.value(Property::Name, Some(&from.name), Some(&to.name));
    found.value(Property::Path, Some(&from.path), Some(&to.path));
    found.value(Property::Description, from.description.as_ref(), to.description.as_ref());
    found.value(Property::MaxSession, Some(&seconds(from.max_session)), Some(&seconds(to.max_session)));
    found.value(
        Property::PermissionsBoundary,
        from.permissions_boundary.as_ref(),
        to.permissions_boundary.as_ref(),
    );
    found.policy(&Property::TrustPolicy, &from.trust, &to.trust);
    found.managed_policies(from, to);
    found.inline_policies(&from.inline_policies, &to.inline_policies);
    found.tags(&from.tags, &to.tags);
    found.0
}

fn seconds(seconds: u32) -> String {
    format!("{seconds} s")
}

#[derive(Default)]
struct Found(Vec<RoleDifference>);

impl Found {
    fn add(&mut self, property: Property, change: Change) {
        self.0.push(RoleDifference { property, change });
    }

    fn value(&mut self, property: Property, from: Option<&String>, to: Option<&String>) {
        match (from, to) {
            (Some(from), Some(to)) if from == to => {}
            (Some(from), Some(to)) => {
                self.add(property, Change::Replaced { from: from.clone(), to: to.clone() });
            }
            (Some(from), None) => self.add(property, Change::Removed { value: Some(from.clone()) }),
            (None, Some(to)) => self.add(property, Change::Added { value: Some(to.clone()) }),
            (None, None) => {}
        }
    }

    fn policy(&mut self, property: &Property, from: &PolicyDocument, to: &PolicyDocument) {
        for difference in iam_policy::differences(from, to) {
            self.add(property.clone(), Change::Policy(difference));
        }
    }

    fn managed_policies(&mut self, from: &RoleSpecification, to: &RoleSpecification) {
        for arn in to.managed_policies.difference(&from.managed_policies) {
            self.add(Property::ManagedPolicy(arn.clone()), Change::Added { value: None });
        }
        for arn in from.managed_policies.difference(&to.managed_policies) {
            self.add(Property::ManagedPolicy(arn.clone()), Change::Removed { value: None });
        }
    }

    fn inline_policies(
        &mut self,
        from: &BTreeMap<String, PolicyDocument>,
        to: &BTreeMap<String, PolicyDocument>,
    ) {
        for (name, document) in to {
            let property = Property::InlinePolicy(name.clone());
            match from.get(name) {
                Some(before) => self.policy(&property, before, document),
                None => self.add(property, Change::Added { value: None }),
            }
        }
        for name in from.keys().filter(|name| !to.contains_key(*name)) {
            self.add(Property::InlinePolicy(name.clone()), Change::Removed { value: None });
        }
    }

    fn tags(&mut self, from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) {
        for (key, value) in to {
            self.value(Property::Tag(key.clone()), from.get(key), Some(value));
        }
        for (key, value) in from.iter().filter(|(key, _)| !to.contains_key(*key)) {
            self.value(Property::Tag(key.clone()), Some(value), None);
        }
    }
}

impl Property {
    /// The property with the value that came or went, if it has one.
    pub fn with_value(&self, value: Option<&str>) -> String {
        match (self, value) {
            (_, None) => self.to_string(),
            (Property::Tag(_), Some(value)) => format!("{self} = `{value}`"),
            (_, Some(value)) => format!("{self} `{value}`"),
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Property::Name => formatter.write_str("name"),
            Property::Path => formatter.write_str("path"),
            Property::Description => formatter.write_str("description"),
            Property::MaxSession => formatter.write_str("maximum session"),
            Property::PermissionsBoundary => formatter.write_str("permissions boundary"),
            Property::TrustPolicy => formatter.write_str("trust policy"),
            Property::ManagedPolicy(arn) => write!(formatter, "managed policy {arn}"),
            Property::InlinePolicy(name) => write!(formatter, "inline policy `{name}`"),
            Property::Tag(key) => write!(formatter, "tag `{key}`"),
        }
    }
}

impl fmt::Display for RoleDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleDifference { property, change } = self;
        match change {
            Change::Added { value } => {
                write!(formatter, "{} is added", property.with_value(value.as_deref()))
            }
            Change::Removed { value } => {
                write!(formatter, "{} is removed", property.with_value(value.as_deref()))
            }
            Change::Replaced { from, to } if *property == Property::MaxSession => {
                write!(formatter, "{property}: {from} becomes {to}")
            }
            Change::Replaced { from, to } => write!(formatter, "{property}: `{from}` becomes `{to}`"),
            Change::Policy(difference) => write!(formatter, "{property}: {}", difference.as_change()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statement: &str) -> PolicyDocument {
        PolicyDocument::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
    }

    fn trust(external_id: &str) -> PolicyDocument {
        document(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Action":"sts:AssumeRole",
                "Condition":{{"StringEquals":{{"sts:ExternalId":"{external_id}"}}}}}}"#
        ))
    }

    fn role() -> RoleSpecification {
        let mut role = RoleSpecification::new("Reader", trust("tell-nobody"));
        role.managed_policies.insert("arn:aws:iam::aws:policy/SecurityAudit".to_owned());
        let inline = document(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#);
        role.inline_policies.insert("collect".to_owned(), inline);
        role.tags.insert("owner".to_owned(), "security".to_owned());
        role
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut RoleSpecification), expected: &[&str]) {
        let mut to = role();
        change(&mut to);
        let found = differences(&role(), &to);
        let lines: Vec<String> = found.iter().map(RoleDifference::to_string).collect();
        assert_eq!(lines, expected);
        assert!(!format!("{found:?}").contains("nobody"), "{found:?}");
    }

    #[test]
    fn equal_definitions_have_no_differences() {
        check(|_| {}, &[]);
    }

    #[test]
    fn a_value_becomes_another() {
        check(|to| to.name = "Writer".to_owned(), &["name: `Reader` becomes `Writer`"]);
        check(|to| to.path = "/x/".to_owned(), &["path: `/` becomes `/x/`"]);
        check(|to| to.max_session = 7200, &["maximum session: 3600 s becomes 7200 s"]);
        check(|to| to.description = Some("hi".to_owned()), &["description `hi` is added"]);
        check(
            |to| to.permissions_boundary = Some("arn:aws:iam::aws:policy/X".to_owned()),
            &["permissions boundary `arn:aws:iam::aws:policy/X` is added"],
        );
        check(
            |to| {
                to.tags = [("owner", "me"), ("x", "y")].map(|(key, value)| (key.into(), value.into())).into()
            },
            &["tag `owner`: `security` becomes `me`", "tag `x` = `y` is added"],
        );
        check(|to| to.tags.clear(), &["tag `owner` = `security` is removed"]);
    }

    #[test]
    fn policies_come_and_go_by_name() {
        check(
            |to| to.managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()].into(),
            &[
                "managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is added",
                "managed policy arn:aws:iam::aws:policy/SecurityAudit is removed",
            ],
        );
        check(
            |to| {
                let collect = to.inline_policies.remove("collect").unwrap();
                to.inline_policies.insert("other".to_owned(), collect);
            },
            &["inline policy `other` is added", "inline policy `collect` is removed"],
        );
    }

    #[test]
    fn a_policy_is_compared_statement_by_statement() {
        let inline =
            document(r#"{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}"#);
        check(
            |to| _ = to.inline_policies.insert("collect".to_owned(), inline),
            &["inline policy `collect`: statement Allow s3:GetObject: action s3:ListBucket is added"],
        );
    }

    #[test]
    fn a_changed_external_id_is_told_but_not_shown() {
        let condition = "trust policy: statement Allow sts:AssumeRole: condition StringEquals sts:ExternalId";
        check(
            |to| to.trust = trust("tell-nobody-either"),
            &[&format!("{condition} gets another value (not shown)")],
        );
    }
}
