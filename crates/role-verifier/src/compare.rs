//! In what a live role differs from what was specified, one readable line per difference.

use role_template::{Change, Property, RoleDifference, RoleSpecification, differences};
use rollout_model::RoleProperty;

/// In what a live role differs, and how in words.
pub(crate) struct LiveDifference {
    pub(crate) property: RoleProperty,
    pub(crate) line: String,
}

/// Every difference; extra is as bad as missing. External IDs are masked, because policy differences mask
/// them.
pub(crate) fn role_differences(
    expected: &RoleSpecification,
    live: &RoleSpecification,
) -> Vec<LiveDifference> {
    let told = |difference: &RoleDifference| LiveDifference {
        property: property(&difference.property),
        line: line(difference),
    };
    differences(expected, live).iter().map(told).collect()
}

fn property(property: &Property) -> RoleProperty {
    match property {
        Property::Name | Property::Path => RoleProperty::Path,
        Property::Description => RoleProperty::Description,
        Property::MaxSession => RoleProperty::MaxSession,
        Property::PermissionsBoundary => RoleProperty::PermissionsBoundary,
        Property::TrustPolicy => RoleProperty::TrustPolicy,
        Property::ManagedPolicy(_) => RoleProperty::ManagedPolicies,
        Property::InlinePolicy(_) => RoleProperty::InlinePolicies,
        Property::Tag(_) => RoleProperty::Tags,
    }
}

fn line(RoleDifference { property, change }: &RoleDifference) -> String {
    match change {
        Change::Added { value } => format!("extra {}", property.with_value(value.as_deref())),
        Change::Removed { value } => format!("{} is missing", property.with_value(value.as_deref())),
        Change::Replaced { from, to } => format!("{property} is `{to}`, specified is `{from}`"),
        Change::Policy(difference) => format!("{property}: {difference}"),
    }
}

#[cfg(test)]
mod tests {
    use iam_policy::PolicyDocument;

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
        let lines: Vec<String> = role_differences(&role(), &live).into_iter().map(|one| one.line).collect();
        assert_eq!(lines, expected);
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
        for LiveDifference { property, line } in lines {
            assert_eq!(property, RoleProperty::TrustPolicy);
            assert!(line.starts_with("trust policy: "), "{line}");
            assert!(!line.contains("nobody"), "{line}");
        }
    }
}
