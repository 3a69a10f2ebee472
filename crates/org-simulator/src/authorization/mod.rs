//! Whether a caller may do what it asks: identity policies, permissions boundary, session policies and service
//! control policies (aws-facts F4). Trust policies are the business of `sts`, and so are resource control policies:
//! of what is simulated only a role is a resource that they reach.

pub(crate) mod condition;
pub(crate) mod evaluate;
pub(crate) mod pattern;
mod principal;
mod resource;

use std::fmt;

use crate::call::{ApiError, Call, Caller, CallerKind, Service};
use crate::document::Document;
use crate::organizations::{Organization, PolicyType};
use crate::world::World;
use evaluate::{Effect, Request, evaluate};

pub(crate) use principal::context_of;

/// The kinds of policies that can refuse a call, with AWS's names for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    ServiceControl,
    Boundary,
    Session,
    Identity,
    ResourceControl,
}

impl PolicyKind {
    fn name(self) -> &'static str {
        match self {
            PolicyKind::ServiceControl => "service control policy",
            PolicyKind::Boundary => "permissions boundary",
            PolicyKind::Session => "session policy",
            PolicyKind::Identity => "identity-based policy",
            PolicyKind::ResourceControl => "resource control policy",
        }
    }
}

/// Why a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// A `Deny` statement of such a policy matches.
    Explicit(PolicyKind),
    /// No policy of the kind has a matching `Allow`.
    Implicit(PolicyKind),
}

/// What the policies of each kind say of one request.
#[derive(Debug)]
pub(crate) struct Verdict {
    by_kind: [(PolicyKind, Effect); 4],
}

impl Verdict {
    /// Why the request is refused, if it is. An explicit deny counts before any silence.
    pub(crate) fn denial(&self) -> Option<Denial> {
        self.explicit().or_else(|| self.implicit(|_| true))
    }

    /// The same where a resource policy names the caller itself, so that its identity policies may be silent
    /// (aws-facts F4, rule 3).
    pub(crate) fn denial_when_named_by_resource(&self) -> Option<Denial> {
        self.explicit().or_else(|| self.implicit(|kind| kind != PolicyKind::Identity))
    }

    /// Whether the policies of one kind let the request through.
    pub(crate) fn allowed_by(&self, kind: PolicyKind) -> bool {
        self.by_kind.iter().all(|(of, effect)| *of != kind || *effect == Effect::Allowed)
    }

    /// Whether a `Deny` statement of one kind of policies matches.
    pub(crate) fn denied_by(&self, kind: PolicyKind) -> bool {
        self.by_kind.contains(&(kind, Effect::ExplicitlyDenied))
    }

    fn explicit(&self) -> Option<Denial> {
        let denied = self.by_kind.iter().find(|(_, effect)| *effect == Effect::ExplicitlyDenied);
        denied.map(|(kind, _)| Denial::Explicit(*kind))
    }

    fn implicit(&self, counts: fn(PolicyKind) -> bool) -> Option<Denial> {
        let silent = self.by_kind.iter().find(|(kind, effect)| counts(*kind) && *effect != Effect::Allowed);
        silent.map(|(kind, _)| Denial::Implicit(*kind))
    }
}

/// Refuses a call that policies do not allow.
pub(crate) fn authorize(world: &World, call: &Call) -> Result<(), ApiError> {
    let needs_permission = match (call.service, call.operation.as_str()) {
        // It answers even those whom every policy denies everything (aws-facts E3).
        (Service::Sts, "GetCallerIdentity") => false,
        // Here the trust policy of the role has a say as well: `sts` decides.
        (Service::Sts, "AssumeRole") => false,
        _ => !matches!(call.caller.kind, CallerKind::Service { .. }),
    };
    if !needs_permission {
        return Ok(());
    }
    let action = format!("{}:{}", call.service.prefix(), call.operation);
    require(world, call, &action)
}

/// Refuses a call for a further action that it takes beside the one of its own name, on the resource of the call.
pub(crate) fn require(world: &World, call: &Call, action: &str) -> Result<(), ApiError> {
    require_on(world, call, action, resource::resource_of(world, call))
}

/// The same on another resource.
pub(crate) fn require_on(world: &World, call: &Call, action: &str, resource: String) -> Result<(), ApiError> {
    let context = resource::context_of(world, call);
    let request = Request { action: action.to_ascii_lowercase(), resource, context };
    match judge(world, &call.caller, &request).denial() {
        None => Ok(()),
        Some(denial) => Err(refusal(call, action, &request.resource, denial)),
    }
}

/// What the policies that bind a caller say of a request.
pub(crate) fn judge(world: &World, caller: &Caller, request: &Request) -> Verdict {
    let permissions = world.iam.permissions(caller);
    let is_root = matches!(caller.kind, CallerKind::Root | CallerKind::Service { .. });
    let identity = match permissions {
        _ if is_root => Effect::Allowed,
        // The role or user behind the credentials is gone, and its permissions with it.
        None => Effect::ImplicitlyDenied,
        Some(permissions) => {
            let documents = world.iam.identity_policies(permissions);
            evaluate(documents.iter().map(AsRef::as_ref), request)
        }
    };
    let boundary = match permissions.and_then(|permissions| permissions.boundary.as_deref()) {
        None => Effect::Allowed,
        Some(boundary) => evaluate(world.iam.managed_document(boundary).as_deref(), request),
    };
    Verdict {
        by_kind: [
            (PolicyKind::ServiceControl, service_control(world, caller, request)),
            (PolicyKind::Boundary, boundary),
            (PolicyKind::Session, session(caller, request)),
            (PolicyKind::Identity, identity),
        ],
    }
}

/// Service control policies must allow at every level from the root to the account; they bind neither the
/// management account nor service-linked roles (aws-facts A1, E3).
fn service_control(world: &World, caller: &Caller, request: &Request) -> Effect {
    let is_exempt = match &caller.kind {
        CallerKind::Service { .. } => true,
        CallerKind::RoleSession { role, .. } => world.iam.is_service_linked(&caller.account, role),
        CallerKind::Root | CallerKind::User { .. } => false,
    };
    let Some(organization) = world.organization.as_ref().filter(|_| !is_exempt) else {
        return Effect::Allowed;
    };
    on_all_levels(organization, PolicyType::ServiceControl, &caller.account, request)
}

/// Whether the resource control policies that bind the resources of an account refuse a request, whoever makes it.
/// They spare the management account (aws-facts E3).
pub(crate) fn is_denied_by_resource_control(world: &World, account: &str, request: &Request) -> bool {
    // What is allowed is allowed by `RCPFullAWSAccess`, which is attached everywhere.
    world.organization.as_ref().is_some_and(|organization| {
        on_all_levels(organization, PolicyType::ResourceControl, account, request) != Effect::Allowed
    })
}

/// What the policies of a type say that must allow at every level from the root to the account.
fn on_all_levels(organization: &Organization, kind: PolicyType, account: &str, request: &Request) -> Effect {
    let levels = organization.policies_binding(kind, account);
    let effects = levels.iter().map(|level| evaluate(level.iter().map(AsRef::as_ref), request));
    effects.fold(Effect::Allowed, strictest)
}

fn session(caller: &Caller, request: &Request) -> Effect {
    let CallerKind::RoleSession { session_policies, .. } = &caller.kind else { return Effect::Allowed };
    if session_policies.is_empty() {
        return Effect::Allowed;
    }
    // They were parsed when the session was made; what cannot be read grants nothing.
    let documents =
        session_policies.iter().filter_map(|policy| Document::from_value(policy, String::new()).ok());
    let documents: Vec<Document> = documents.collect();
    evaluate(&documents, request)
}

fn strictest(one: Effect, other: Effect) -> Effect {
    match (one, other) {
        (Effect::ExplicitlyDenied, _) | (_, Effect::ExplicitlyDenied) => Effect::ExplicitlyDenied,
        (Effect::ImplicitlyDenied, _) | (_, Effect::ImplicitlyDenied) => Effect::ImplicitlyDenied,
        (Effect::Allowed, Effect::Allowed) => Effect::Allowed,
    }
}

/// The error in AWS's words, with the code and status of the service's protocol.
fn refusal(call: &Call, action: &str, resource: &str, denial: Denial) -> ApiError {
    let reason = Reason { denial, action };
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {reason}",
        call.caller.arn
    );
    match call.service {
        Service::Organizations => ApiError::new("AccessDeniedException", 400, message),
        Service::CloudFormation | Service::Iam | Service::Sts => ApiError::new("AccessDenied", 403, message),
    }
}

/// The half sentence that says which policy is to blame.
pub(crate) struct Reason<'a> {
    pub(crate) denial: Denial,
    pub(crate) action: &'a str,
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denial {
            Denial::Implicit(kind) => {
                write!(formatter, "because no {} allows the {} action", kind.name(), self.action)
            }
            Denial::Explicit(kind) => {
                let article = if kind == PolicyKind::Identity { "an" } else { "a" };
                write!(formatter, "with an explicit deny in {article} {}", kind.name())
            }
        }
    }
}
