//! Whether the service control policies of an organization leave an action to a member account.

use crate::condition::Truth;
use crate::describe::numbered;
use crate::member_request::applies;
use crate::{Effect, MemberRequest, PolicyDocument};

/// A policy of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceControlPolicy {
    /// Unique in the organization.
    pub name: String,
    /// Without principals: it is about everybody below.
    pub document: PolicyDocument,
}

/// The policies attached to the root, to one OU, or to the account itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Level {
    /// None of them, and nothing is allowed there: AWS attaches `FullAWSAccess` to every level.
    pub policies: Vec<ServiceControlPolicy>,
}

/// What the policies say. They only take away: who is allowed here needs a policy of the account's too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// Every level allows it, and nothing denies it.
    Allowed,
    /// A statement denies it.
    Denied {
        /// By name.
        policy: String,
        /// `statement` and its `Sid`, or its number counted from one.
        statement: String,
    },
    /// No policy of a level allows it.
    NotAllowed {
        /// Counted from zero, which is the root.
        level: usize,
    },
    /// It depends on something that the request does not tell, or that AWS does not document.
    Undecided {
        /// By name.
        policy: String,
        /// `statement` and its `Sid`, or its number counted from one.
        statement: String,
        /// The condition key, or the policy element.
        why: String,
    },
}

/// Decides what `levels`, from the root down to the account, leave of a request (aws-facts A1, F4): no statement
/// anywhere may deny it, and on every level one has to allow it.
///
/// Service control policies bind every principal of a member account, the root user and StackSets'
/// `stacksets-exec-…` role included, but neither the management account nor service-linked roles. Without levels
/// an organization does not use them, and everything is allowed.
pub fn permits(levels: &[Level], request: &MemberRequest) -> Permission {
    let mut undecided = None;
    for policy in levels.iter().flat_map(|level| &level.policies) {
        for (statement, truth) in judged(policy, Effect::Deny, request) {
            match truth {
                Truth::Yes => return Permission::Denied { policy: policy.name.clone(), statement },
                Truth::Unknown(why) => _ = undecided.get_or_insert(doubt(policy, statement, why)),
                Truth::No => {}
            }
        }
    }
    for (index, level) in levels.iter().enumerate() {
        match allowed_by(level, request) {
            Some(Permission::Allowed) => {}
            Some(doubtful) => _ = undecided.get_or_insert(doubtful),
            None => return Permission::NotAllowed { level: index },
        }
    }
    undecided.unwrap_or(Permission::Allowed)
}

/// `None` if certainly no statement of the level allows it.
fn allowed_by(level: &Level, request: &MemberRequest) -> Option<Permission> {
    let mut undecided = None;
    for policy in &level.policies {
        for (statement, truth) in judged(policy, Effect::Allow, request) {
            match truth {
                Truth::Yes => return Some(Permission::Allowed),
                Truth::Unknown(why) => _ = undecided.get_or_insert(doubt(policy, statement, why)),
                Truth::No => {}
            }
        }
    }
    undecided
}

fn doubt(policy: &ServiceControlPolicy, statement: String, why: String) -> Permission {
    Permission::Undecided { policy: policy.name.clone(), statement, why }
}

/// The statements of one effect: what a person calls each, and whether it is about the request.
fn judged<'a>(
    policy: &'a ServiceControlPolicy,
    effect: Effect,
    request: &'a MemberRequest,
) -> impl Iterator<Item = (String, Truth)> + 'a {
    let statements = policy.document.statements.iter().enumerate();
    let of_effect = statements.filter(move |(_, statement)| statement.effect == effect);
    of_effect.map(|(index, statement)| {
        (numbered(index, statement), applies(statement, policy.document.version, request))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    const EXECUTION: &str = "arn:aws:iam::111122223333:role/stacksets-exec-0123456789abcdef";
    const PERSON: &str = "arn:aws:iam::111122223333:role/Deploy";
    const ROLE: &str = "arn:aws:iam::111122223333:role/Vendor";

    fn policy(name: &str, statements: &str) -> ServiceControlPolicy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        ServiceControlPolicy { name: name.to_owned(), document: PolicyDocument::parse(&text).unwrap() }
    }

    fn full_access() -> ServiceControlPolicy {
        policy("FullAWSAccess", r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)
    }

    fn create_role(caller: &str) -> MemberRequest {
        MemberRequest::new(&Caller::from_arn(caller).unwrap(), "iam:CreateRole", ROLE)
    }

    fn denied(policy: &str, statement: &str) -> Permission {
        Permission::Denied { policy: policy.to_owned(), statement: statement.to_owned() }
    }

    fn undecided(policy: &str, statement: &str, why: &str) -> Permission {
        let (policy, statement, why) = (policy.to_owned(), statement.to_owned(), why.to_owned());
        Permission::Undecided { policy, statement, why }
    }

    /// The statements as policy `guard` of an OU, under a root and above an account that allow everything.
    #[track_caller]
    fn check(statements: &str, request: &MemberRequest, expected: Permission) {
        let open = Level { policies: vec![full_access()] };
        let guarded = Level { policies: vec![full_access(), policy("guard", statements)] };
        assert_eq!(
            permits(&[open.clone(), guarded, open], request),
            expected,
            "{statements} for {request:?}"
        );
    }

    #[test]
    fn iam_may_be_kept_to_the_roles_that_deploy() {
        let guard = r#"{"Sid":"KeepIam","Effect":"Deny","Action":["iam:*","sts:Decode*"],"Resource":"*","Condition":{
            "ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/stacksets-exec-*",
                                              "arn:*:iam::*:role/OrganizationAccountAccessRole"]}}}"#;
        check(guard, &create_role(EXECUTION), Permission::Allowed);
        check(
            guard,
            &create_role("arn:aws:iam::111122223333:role/OrganizationAccountAccessRole"),
            Permission::Allowed,
        );
        check(guard, &create_role(PERSON), denied("guard", "statement \"KeepIam\""));
        check(
            guard,
            &create_role("arn:aws:iam::111122223333:root"),
            denied("guard", "statement \"KeepIam\""),
        );
        // The session's own ARN has dropped the path of the role, which the condition asks for.
        check(
            guard,
            &create_role("arn:aws:sts::111122223333:assumed-role/Deploy/run"),
            undecided("guard", "statement \"KeepIam\"", "aws:PrincipalArn"),
        );
        for exempt in [
            r#"{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/stacksets-exec-*"}}"#,
            r#"{"ArnNotLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::*:role/stacksets-exec-*"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
        ] {
            let guard =
                format!(r#"{{"Effect":"Deny","Action":"iam:Create*","Resource":"*","Condition":{exempt}}}"#);
            check(&guard, &create_role(EXECUTION), Permission::Allowed);
            let other = create_role("arn:aws:iam::444455556666:role/Deploy");
            check(&guard, &other, denied("guard", "statement 1"));
        }
    }

    #[test]
    fn regions_may_be_denied_save_for_what_is_global() {
        let guard = |global: &str| {
            format!(
                r#"{{"Sid":"Regions","Effect":"Deny","NotAction":[{global}"sts:*","support:*"],"Resource":"*",
                    "Condition":{{"StringNotEquals":{{"aws:RequestedRegion":["eu-central-1"]}}}}}}"#
            )
        };
        check(&guard(r#""IAM:*","#), &create_role(EXECUTION), Permission::Allowed);
        check(
            &guard(""),
            &create_role(EXECUTION),
            undecided("guard", "statement \"Regions\"", "aws:RequestedRegion"),
        );
        let here = create_role(EXECUTION).with("aws:RequestedRegion", ["us-east-1"]);
        check(&guard(""), &here, denied("guard", "statement \"Regions\""));
    }

    #[test]
    fn every_level_has_to_allow() {
        let open = Level { policies: vec![full_access()] };
        let listed = |actions: &str| {
            let statement = format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}"#);
            Level { policies: vec![policy("list", &statement)] }
        };
        let request = create_role(EXECUTION);
        let some = listed(r#""s3:*","ec2:*""#);
        assert_eq!(
            permits(&[open.clone(), some.clone(), open.clone()], &request),
            Permission::NotAllowed { level: 1 }
        );
        assert_eq!(permits(&[open.clone(), listed(r#""iam:*""#)], &request), Permission::Allowed);
        let both = Level { policies: [some.policies, listed(r#""iam:Create*""#).policies].concat() };
        assert_eq!(permits(&[open.clone(), both], &request), Permission::Allowed);
        assert_eq!(permits(&[Level::default(), open], &request), Permission::NotAllowed { level: 0 });
        assert_eq!(permits(&[], &request), Permission::Allowed);
    }

    #[test]
    fn a_quarantined_account_can_do_nothing() {
        let guard =
            r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}"#;
        check(guard, &create_role(EXECUTION), denied("guard", "statement 2"));
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        let tagged = r#"{"Sid":"Tagged","Effect":"Deny","Action":"iam:CreateRole","Resource":"*",
            "Condition":{"Null":{"aws:RequestTag/owner":"true"}}}"#;
        let unknown = undecided("guard", "statement \"Tagged\"", "aws:RequestTag/owner");
        check(tagged, &create_role(EXECUTION), unknown);
        check(
            tagged,
            &create_role(EXECUTION).with("aws:RequestTag/owner", ["security"]),
            Permission::Allowed,
        );
        let untagged = create_role(EXECUTION).without("aws:RequestTag/owner");
        check(tagged, &untagged, denied("guard", "statement \"Tagged\""));
        // Another statement that certainly denies settles it, and so does one that certainly does not apply.
        let quarantine = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
        check(&format!("{tagged},{quarantine}"), &create_role(EXECUTION), denied("guard", "statement 2"));
        check(&tagged.replace("CreateRole", "CreateUser"), &create_role(EXECUTION), Permission::Allowed);
        let allow = policy("perhaps", &tagged.replace("Deny", "Allow"));
        assert_eq!(
            permits(&[Level { policies: vec![allow] }], &create_role(EXECUTION)),
            undecided("perhaps", "statement \"Tagged\"", "aws:RequestTag/owner")
        );
    }
}
