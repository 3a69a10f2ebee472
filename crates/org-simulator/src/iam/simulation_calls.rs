//! `SimulatePrincipalPolicy`: what a user or role could do, without doing it (aws-facts A18, F2, F4).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::validate::{constraint, invalid_input, no_such_entity};
use super::{State, page};
use crate::authorization::condition::Context;
use crate::authorization::evaluate::Request;
use crate::authorization::{PolicyKind, Verdict, judge};
use crate::call::{Answer, ApiError, Call, Caller, CallerKind};
use crate::document::Document;
use crate::input;
use crate::world::World;

/// Answers for every action on every resource. As on AWS, a condition key that the request does not bring has no
/// value, and is named as missing.
pub(super) fn simulate_principal(world: &World, call: &Call) -> Answer {
    let question = Question::of(world, call)?;
    let mut results = BTreeMap::new();
    for action in actions(call)? {
        results.insert(format!("{:06}", results.len()), question.about(&action));
    }
    let about = input::text(&call.input, "PolicySourceArn").unwrap_or_default();
    page(call, "EvaluationResults", about, results, |result| result)
}

/// What is asked, apart from the action.
struct Question<'a> {
    world: &'a World,
    principal: Caller,
    resources: Vec<String>,
    context: Context,
    /// The keys that nobody gave a value.
    missing: Vec<String>,
}

impl<'a> Question<'a> {
    fn of(world: &'a World, call: &Call) -> Result<Self, ApiError> {
        let principal = principal(world, call)?;
        let context = context(call);
        let missing = missing_keys(&world.iam, &principal, &context).into_iter().collect();
        Ok(Question { world, principal, resources: resources(call), context, missing })
    }

    /// One result an action. Of several resources each has a result of its own within it, and the whole is decided
    /// as the strictest of them.
    fn about(&self, action: &str) -> Value {
        let verdicts: Vec<_> = self.resources.iter().map(|resource| self.verdict(action, resource)).collect();
        let decisions: Vec<Decision> = verdicts.iter().map(Decision::of).collect();
        let allowed_by = |kind| verdicts.iter().all(|verdict| verdict.allowed_by(kind));
        let mut result = json!({
            "EvalActionName": action,
            "EvalDecision": decisions.iter().max().map(|decision| decision.name()),
            "MatchedStatements": [],
        });
        if let [resource] = self.resources.as_slice() {
            result["EvalResourceName"] = resource.as_str().into();
            result["MissingContextValues"] = json!(self.missing);
        } else {
            let one = |(resource, decision): (&String, &Decision)| self.resource_result(resource, *decision);
            result["EvalResourceName"] = "*".into();
            result["ResourceSpecificResults"] = self.resources.iter().zip(&decisions).map(one).collect();
        }
        if self.is_of_a_member() {
            let allowed = allowed_by(PolicyKind::ServiceControl);
            result["OrganizationsDecisionDetail"] = json!({"AllowedByOrganizations": allowed});
        }
        if self.is_bounded() {
            let allowed = allowed_by(PolicyKind::Boundary);
            result["PermissionsBoundaryDecisionDetail"] = json!({"AllowedByPermissionsBoundary": allowed});
        }
        result
    }

    fn resource_result(&self, resource: &str, decision: Decision) -> Value {
        json!({
            "EvalResourceName": resource,
            "EvalResourceDecision": decision.name(),
            "MatchedStatements": [],
            "MissingContextValues": self.missing,
        })
    }

    fn verdict(&self, action: &str, resource: &str) -> Verdict {
        let request = Request {
            action: action.to_ascii_lowercase(),
            resource: resource.to_owned(),
            context: self.context.clone(),
        };
        judge(self.world, &self.principal, &request)
    }

    fn is_of_a_member(&self) -> bool {
        self.world.organization.as_ref().is_some_and(|organization| {
            organization.account_state(&self.principal.account).is_some()
                && organization.management_account() != self.principal.account
        })
    }

    fn is_bounded(&self) -> bool {
        let permissions = self.world.iam.permissions(&self.principal);
        permissions.is_some_and(|permissions| permissions.boundary.is_some())
    }
}

/// A decision of the policy simulator, from the mildest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

impl Decision {
    /// Whatever a service control policy says, and be it a `Deny`, is an implicit denial here: users report it so,
    /// and `OrganizationsDecisionDetail` alone tells that it was one.
    fn of(verdict: &Verdict) -> Self {
        let kinds = [PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Session];
        if kinds.into_iter().any(|kind| verdict.denied_by(kind)) {
            Decision::ExplicitDeny
        } else if verdict.denial().is_some() {
            Decision::ImplicitDeny
        } else {
            Decision::Allowed
        }
    }

    fn name(self) -> &'static str {
        match self {
            Decision::Allowed => "allowed",
            Decision::ImplicitDeny => "implicitDeny",
            Decision::ExplicitDeny => "explicitDeny",
        }
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

/// The keys that the principal's policies and its boundary ask for and the request does not bring: those of
/// conditions and of policy variables, of all statements, whichever action is asked about. Those of service control
/// policies are not among them; users report both.
fn missing_keys(iam: &State, principal: &Caller, context: &Context) -> BTreeSet<String> {
    let Some(permissions) = iam.permissions(principal) else { return BTreeSet::new() };
    let mut documents = iam.identity_policies(permissions);
    documents.extend(permissions.boundary.as_deref().and_then(|boundary| iam.managed_document(boundary)));
    let keys = documents.iter().flat_map(|document| keys_of(document));
    keys.filter(|key| context.values(key).is_none()).collect()
}

/// The condition keys that a document asks for.
fn keys_of(document: &Document) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for statement in &document.statements {
        let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
        let values = statement.conditions.iter().flat_map(|condition| condition.values());
        if document.has_variables {
            keys.extend(resources.chain(values).flat_map(|text| variables(text)));
        }
        keys.extend(statement.conditions.iter().map(|condition| condition.key().to_owned()));
    }
    keys
}

/// The keys of the policy variables in a text that have no default: `aws:username` of `${aws:username}`.
fn variables(text: &str) -> impl Iterator<Item = String> {
    let names = text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    names.filter(|name| !name.contains(',') && !matches!(*name, "*" | "?" | "$")).map(str::to_owned)
}
