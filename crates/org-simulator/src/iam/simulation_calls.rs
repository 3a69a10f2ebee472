//! `SimulatePrincipalPolicy`: what a user or role could do, without doing it (aws-facts A18, F4).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::validate::{constraint, invalid_input, no_such_entity};
use super::{State, page};
use crate::authorization::condition::Context;
use crate::authorization::evaluate::Request;
use crate::authorization::{Denial, PolicyKind, judge};
use crate::call::{Answer, ApiError, Call, Caller, CallerKind};
use crate::input;
use crate::world::World;

/// Answers for every action on every resource. As on AWS, a condition key that the request does not bring has no
/// value, and is named as missing.
pub(super) fn simulate_principal(world: &World, call: &Call) -> Answer {
    let principal = principal(world, call)?;
    let context = context(call);
    let missing: Vec<String> = missing_keys(&world.iam, &principal, &context).into_iter().collect();
    let mut results = BTreeMap::new();
    for action in actions(call)? {
        for resource in resources(call) {
            let request = Request {
                action: action.to_ascii_lowercase(),
                resource: resource.clone(),
                context: context.clone(),
            };
            let verdict = judge(world, &principal, &request);
            let denial = verdict.denial();
            let mut result = json!({
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision(denial),
                "MatchedStatements": [],
                "MissingContextValues": missing,
            });
            let is_member = world.organization.as_ref().is_some_and(|organization| {
                organization.account_state(&principal.account).is_some()
                    && organization.management_account() != principal.account
            });
            if is_member {
                let allowed = verdict.allowed_by(PolicyKind::ServiceControl);
                result["OrganizationsDecisionDetail"] = json!({"AllowedByOrganizations": allowed});
            }
            let permissions = world.iam.permissions(&principal);
            if permissions.is_some_and(|permissions| permissions.boundary.is_some()) {
                let allowed = verdict.allowed_by(PolicyKind::Boundary);
                result["PermissionsBoundaryDecisionDetail"] =
                    json!({"AllowedByPermissionsBoundary": allowed});
            }
            results.insert(format!("{:06}", results.len()), result);
        }
    }
    let about = input::text(&call.input, "PolicySourceArn").unwrap_or_default();
    page(call, "EvaluationResults", about, results, |result| result)
}

fn decision(denial: Option<Denial>) -> &'static str {
    match denial {
        None => "allowed",
        Some(Denial::Explicit(_)) => "explicitDeny",
        Some(Denial::Implicit(_)) => "implicitDeny",
    }
}

/// The user or role of the caller's own account whose policies are asked. A session is neither.
fn principal(world: &World, call: &Call) -> Result<Caller, ApiError> {
    let account = &call.caller.account;
    let arn = input::required_text(&call.input, "PolicySourceArn")?;
    if arn.len() < 20 {
        let text = "Member must have length greater than or equal to 20";
        return Err(constraint(arn, "policySourceArn", text));
    }
    let unclear =
        || invalid_input(format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."));
    let entity = arn.strip_prefix(&format!("arn:aws:iam::{account}:")).ok_or_else(unclear)?;
    let (kind, path) = entity.split_once('/').ok_or_else(unclear)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    match kind {
        "user" => {
            let user = world.iam.user(account, name).filter(|user| user.arn(account) == arn);
            let user = user.ok_or_else(|| no_such_entity(format!("The user {arn} cannot be found.")))?;
            let kind = CallerKind::User { name: user.name.clone() };
            Ok(Caller { account: account.clone(), arn: arn.to_owned(), user_id: user.id.clone(), kind })
        }
        "role" => {
            let role = world.iam.role(account, name).filter(|role| role.arn(account) == arn);
            let role = role.ok_or_else(|| no_such_entity(format!("The role {arn} cannot be found.")))?;
            let kind = CallerKind::RoleSession { role: role.name.clone(), session_policies: Vec::new() };
            Ok(Caller { account: account.clone(), arn: arn.to_owned(), user_id: role.id.clone(), kind })
        }
        _ => Err(unclear()),
    }
}

fn actions(call: &Call) -> Result<Vec<String>, ApiError> {
    let actions = input::texts(&call.input, "ActionNames");
    if actions.is_empty() {
        input::required_text(&call.input, "ActionNames")?;
    }
    match actions.iter().find(|action| !action.contains(':')) {
        Some(action) => Err(invalid_input(format!("Invalid Action: {action}"))),
        None => Ok(actions),
    }
}

fn resources(call: &Call) -> Vec<String> {
    let resources = input::texts(&call.input, "ResourceArns");
    if resources.is_empty() { vec!["*".to_owned()] } else { resources }
}

fn context(call: &Call) -> Context {
    let mut context = Context::default();
    for entry in input::list(&call.input, "ContextEntries") {
        if let Some(key) = input::text(entry, "ContextKeyName") {
            context.set_all(key, input::texts(entry, "ContextKeyValues"));
        }
    }
    context
}

/// The condition keys of the principal's policies that the request does not bring.
fn missing_keys(iam: &State, principal: &Caller, context: &Context) -> BTreeSet<String> {
    let Some(permissions) = iam.permissions(principal) else { return BTreeSet::new() };
    let documents = iam.identity_policies(permissions);
    let statements = documents.iter().flat_map(|document| &document.statements);
    let keys = statements.flat_map(|statement| &statement.conditions).map(|condition| condition.key());
    keys.filter(|key| context.values(key).is_none()).map(str::to_owned).collect()
}
