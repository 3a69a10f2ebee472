//! Trust policies: what may be saved, how principals are stored, and how they are shown.
//!
//! AWS stores the unique id of a user or role instead of its ARN. When the principal is deleted and created
//! again, the trust is broken and the document shows the bare id (aws-facts F3).

use std::sync::Arc;

use serde_json::Value;

use super::validate::{self, MAX_TRUST_POLICY, limit_exceeded, malformed};
use crate::call::ApiError;
use crate::document::{Document, DocumentError};
use crate::world::World;

/// Checks a trust policy and gives it the form in which it is stored.
pub(super) fn store(world: &mut World, text: &str) -> Result<Arc<Document>, ApiError> {
    validate::latin1_document(text, "assumeRolePolicyDocument")?;
    if validate::size(text) > MAX_TRUST_POLICY {
        return Err(limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_POLICY}")));
    }
    check_statements(&Document::parse(text).map_err(|error| malformed(error.to_string()))?)?;

    let mut value: Value = serde_json::from_str(text).expect("it was parsed a moment ago");
    let mut failed = None;
    for_each_principal(&mut value, &mut |kind, principal| match store_principal(world, kind, principal) {
        Ok(stored) => *principal = stored,
        Err(error) => failed = failed.take().or(Some(error)),
    });
    if let Some(error) = failed {
        return Err(error);
    }
    world.documents.read(&value.to_string()).map_err(|error| malformed(error.to_string()))
}

/// The text that `GetRole` shows: ARNs of the principals that still exist, bare ids of those that do not.
pub(super) fn shown(world: &World, trust: &Document) -> String {
    if !trust.text.contains("\"AROA") && !trust.text.contains("\"AIDA") {
        return trust.text.clone();
    }
    let mut value: Value = serde_json::from_str(&trust.text).expect("stored documents are valid JSON");
    for_each_principal(&mut value, &mut |kind, principal| {
        if kind == "AWS"
            && let Some((account, arn)) = world.iam.referenced.get(principal.as_str())
            && live_id(world, account, arn).is_some_and(|id| id == principal)
        {
            principal.clone_from(arn);
        }
    });
    value.to_string()
}

fn check_statements(document: &Document) -> Result<(), ApiError> {
    for statement in &document.statements {
        if statement.principals.is_none() {
            return Err(malformed("Missing required field Principal"));
        }
        if statement.resources.is_some() {
            return Err(malformed("Has prohibited field Resource"));
        }
        if !statement.actions.patterns.iter().all(|action| action.starts_with("sts:")) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
    }
    Ok(())
}

/// Visits every value of every principal, with its kind. A bare `"*"` needs no change and is not visited.
fn for_each_principal(document: &mut Value, visit: &mut impl FnMut(&str, &mut String)) {
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.as_mut_slice(),
        Some(single) => std::slice::from_mut(single),
        None => &mut [],
    };
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            let Some(kinds) = statement.get_mut(element).and_then(Value::as_object_mut) else { continue };
            for (kind, values) in kinds {
                let values = match values {
                    Value::Array(values) => values.as_mut_slice(),
                    single => std::slice::from_mut(single),
                };
                for value in values {
                    if let Value::String(principal) = value {
                        visit(kind, principal);
                    }
                }
            }
        }
    }
}

fn store_principal(world: &mut World, kind: &str, principal: &str) -> Result<String, ApiError> {
    let invalid =
        || malformed(format!("Invalid principal in policy: \"{}\":\"{principal}\"", kind.to_uppercase()));
    match kind {
        "AWS" => store_aws_principal(world, principal).ok_or_else(invalid),
        "Service" if !is_service(principal) => Err(invalid()),
        _ => Ok(principal.to_owned()),
    }
}

fn is_service(principal: &str) -> bool {
    let name = principal.strip_suffix(".amazonaws.com");
    name.is_some_and(|name| !name.is_empty() && !name.contains('*'))
}

/// The stored form of an AWS principal; `None` when there is no such principal.
fn store_aws_principal(world: &mut World, principal: &str) -> Option<String> {
    if principal == "*" {
        return Some(principal.to_owned());
    }
    if principal.len() == 12 && world.iam.has_account(principal) {
        return Some(format!("arn:aws:iam::{principal}:root"));
    }
    if let Some((account, arn)) = world.iam.referenced.get(principal) {
        return (live_id(world, account, arn)? == principal).then(|| principal.to_owned());
    }
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    let &["arn", "aws", service, "", account, resource] = parts.as_slice() else { return None };
    if !world.iam.has_account(account) {
        return None;
    }
    match (service, resource.split_once('/')) {
        ("iam", None) if resource == "root" => Some(principal.to_owned()),
        ("iam", Some(("role" | "user", _))) => {
            let id = live_id(world, account, principal)?.to_owned();
            world.iam.referenced.insert(id.clone(), (account.to_owned(), principal.to_owned()));
            Some(id)
        }
        ("sts", Some(("assumed-role", session))) => {
            let (role, _) = session.split_once('/')?;
            world.iam.role(account, role).map(|_| principal.to_owned())
        }
        _ => None,
    }
}

/// The unique id of the role or user that has this ARN now.
fn live_id<'a>(world: &'a World, account: &str, arn: &str) -> Option<&'a str> {
    let name = arn.rsplit('/').next()?;
    if arn.contains(":role/") {
        world.iam.role(account, name).filter(|role| role.arn(account) == arn).map(|role| role.id.as_str())
    } else {
        world.iam.user(account, name).filter(|user| user.arn(account) == arn).map(|user| user.id.as_str())
    }
}

impl From<DocumentError> for ApiError {
    fn from(error: DocumentError) -> Self {
        malformed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trust(principal: &Value) -> String {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    }

    fn check(principal: Value, expected: Result<Value, &str>) {
        let mut world = World::new(1, &["111111111111"]);
        let stored = store(&mut world, &trust(&principal));
        let shown = stored.map(|stored| {
            let value: Value = serde_json::from_str(&shown(&world, &stored)).unwrap();
            value["Statement"]["Principal"].clone()
        });
        match (shown, expected) {
            (Ok(shown), Ok(expected)) => assert_eq!(shown, expected),
            (Err(error), Err(message)) => assert_eq!(error.message, message),
            (shown, expected) => panic!("{principal}: {shown:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn principals_must_exist_and_accounts_are_shown_as_their_root() {
        let root = "arn:aws:iam::111111111111:root";
        check(json!("*"), Ok(json!("*")));
        check(json!({"AWS": "*"}), Ok(json!({"AWS": "*"})));
        check(json!({"AWS": "111111111111"}), Ok(json!({"AWS": root})));
        check(json!({"AWS": [root]}), Ok(json!({"AWS": [root]})));
        let admin = "arn:aws:iam::111111111111:user/admin";
        check(json!({"AWS": admin}), Ok(json!({"AWS": admin})));
        check(json!({"Service": "ec2.amazonaws.com"}), Ok(json!({"Service": "ec2.amazonaws.com"})));
        for bad in [
            "arn:aws:iam::999999999999:root",
            "999999999999",
            "arn:aws:iam::111111111111:role/Nobody",
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:iam::111111111111:user/ADMIN",
            "AROAAAAAAAAAAAAAAAAAA",
        ] {
            let message = format!("Invalid principal in policy: \"AWS\":\"{bad}\"");
            check(json!({"AWS": bad}), Err(&message));
        }
        check(json!({"Service": "ec2"}), Err("Invalid principal in policy: \"SERVICE\":\"ec2\""));
    }

    #[test]
    fn statements_of_a_trust_policy_have_a_principal_and_no_resource() {
        let refused = |statement: Value| {
            let mut world = World::new(1, &["111111111111"]);
            let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            store(&mut world, &text).unwrap_err().message
        };
        let allow = json!({"Effect": "Allow", "Action": "sts:AssumeRole"});
        assert_eq!(refused(allow.clone()), "Missing required field Principal");
        let mut with_resource = allow.clone();
        with_resource["Principal"] = json!("*");
        with_resource["Resource"] = json!("*");
        assert_eq!(refused(with_resource), "Has prohibited field Resource");
        let other_action = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"});
        assert_eq!(refused(other_action), "AssumeRole policy may only specify STS AssumeRole actions.");
    }
}
