//! `AssumeRole`.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::trust::{self, Trust};
use crate::authorization::condition::Context;
use crate::authorization::evaluate::Request;
use crate::authorization::{self, Denial, PolicyKind, Reason};
use crate::call::{Answer, ApiError, Call, Caller, CallerKind};
use crate::credentials;
use crate::document::Document;
use crate::iam::Role;
use crate::input;
use crate::time::iso8601;
use crate::world::World;

/// All session policies together (aws-facts E1).
const MAX_SESSION_POLICIES: usize = 2048;
const MAX_POLICY_ARNS: usize = 10;
/// A session that was itself entered from a session lasts an hour at most (aws-facts E1).
const MAX_CHAINED_SESSION: i64 = 3600;

/// What a caller asks for when it enters a role.
struct Entry<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    external_id: Option<&'a str>,
    source_identity: Option<&'a str>,
    tags: Vec<(String, String)>,
    session_policies: Vec<Value>,
}

/// `AssumeRole`.
pub(super) fn assume_role(world: &mut World, call: &Call) -> Answer {
    let entry = read(world, &call.input)?;
    let duration = duration(&call.input)?;
    let session = enter(world, &call.caller, &entry)?;
    limit_duration(world, &call.caller, &session, duration)?;

    let expires = world.now + SignedDuration::from_secs(duration);
    let (id, arn) = (session.user_id.clone(), session.arn.clone());
    let has_session_policies = !entry.session_policies.is_empty();
    let issued = credentials::issue(world, session, expires);
    let mut answer = json!({
        "Credentials": {
            "AccessKeyId": issued.access_key_id,
            "SecretAccessKey": issued.secret_access_key,
            "SessionToken": issued.session_token,
            "Expiration": iso8601(expires),
        },
        "AssumedRoleUser": {"AssumedRoleId": id, "Arn": arn},
    });
    if has_session_policies {
        let plain: usize = entry.session_policies.iter().map(|policy| policy.to_string().len()).sum();
        answer["PackedPolicySize"] = (plain * 100 / MAX_SESSION_POLICIES).clamp(1, 100).into();
    }
    if let Some(identity) = entry.source_identity {
        answer["SourceIdentity"] = identity.into();
    }
    Ok(answer)
}

/// Decides whether a caller may enter a role, and gives the session it becomes.
fn enter(world: &World, caller: &Caller, entry: &Entry<'_>) -> Result<Caller, ApiError> {
    if caller.kind == CallerKind::Root {
        return Err(ApiError::new("AccessDenied", 403, "Roles may not be assumed by root accounts."));
    }
    let mut actions = vec!["sts:AssumeRole"];
    if !entry.tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if entry.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    // A missing role, a closed account and a trust policy that says no are answered alike (aws-facts E2).
    let target = target(world, entry.role_arn);
    let (account, role) = target.ok_or_else(|| refused(caller, "sts:AssumeRole", entry.role_arn, ""))?;
    for action in actions {
        admit(world, caller, entry, account, role, action)?;
    }
    Ok(Caller {
        account: account.to_owned(),
        // The path of the role is dropped (aws-facts E1).
        arn: format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.name, entry.session_name),
        user_id: format!("{}:{}", role.id, entry.session_name),
        kind: CallerKind::RoleSession {
            role: role.name.clone(),
            session_policies: entry.session_policies.clone(),
        },
    })
}

fn admit(
    world: &World,
    caller: &Caller,
    entry: &Entry<'_>,
    account: &str,
    role: &Role,
    action: &str,
) -> Result<(), ApiError> {
    let request = Request {
        action: action.to_ascii_lowercase(),
        resource: entry.role_arn.to_owned(),
        context: context(world, caller, entry, account),
    };
    let refused = |reason: &str| Err(refused(caller, action, entry.role_arn, reason));
    let trust = trust::admits(world, &role.trust, caller, &request);
    if matches!(trust, Trust::Silent | Trust::Denied) {
        return refused("");
    }
    // Service-linked roles belong to their services.
    if !role.is_service_linked() && authorization::is_denied_by_resource_control(world, account, &request) {
        let denial = Denial::Explicit(PolicyKind::ResourceControl);
        return refused(&format!(" {}", Reason { denial, action }));
    }
    let verdict = authorization::judge(world, caller, &request);
    let denial = if caller.account == account && trust == Trust::Caller {
        verdict.denial_when_named_by_resource()
    } else {
        verdict.denial()
    };
    match denial {
        None => Ok(()),
        Some(denial) => refused(&format!(" {}", Reason { denial, action })),
    }
}

/// The role of an ARN, whose path and spelling must be right, in an account that still works.
fn target<'a, 'b>(world: &'a World, arn: &'b str) -> Option<(&'b str, &'a Role)> {
    let (account, name) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let role = world.iam.role(account, name.rsplit('/').next()?)?;
    // A role that is this new is not known everywhere yet (aws-facts E3).
    let is_known = role.created + world.faults.roles_are_behind() <= world.now;
    (role.arn(account) == arn && is_known && world.is_usable(account)).then_some((account, role))
}

fn context(world: &World, caller: &Caller, entry: &Entry<'_>, account: &str) -> Context {
    let mut context = authorization::context_of(world, caller);
    context.set("sts:RoleSessionName", entry.session_name);
    context.set("aws:ResourceAccount", account);
    if let Some(external_id) = entry.external_id {
        context.set("sts:ExternalId", external_id);
    }
    if let Some(identity) = entry.source_identity {
        context.set("sts:SourceIdentity", identity);
    }
    if !entry.tags.is_empty() {
        context.set_all("aws:TagKeys", entry.tags.iter().map(|(key, _)| key.clone()).collect());
    }
    for (key, value) in &entry.tags {
        context.set(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    let organization = world.organization.as_ref();
    if let Some(organization) = organization.filter(|organization| organization.account(account).is_some()) {
        context.set("aws:ResourceOrgID", organization.id());
    }
    context
}

fn refused(caller: &Caller, action: &str, role_arn: &str, reason: &str) -> ApiError {
    let who = &caller.arn;
    let message =
        format!("User: {who} is not authorized to perform: {action} on resource: {role_arn}{reason}");
    ApiError::new("AccessDenied", 403, message)
}

fn read<'a>(world: &World, input: &'a Value) -> Result<Entry<'a>, ApiError> {
    let role_arn = input::required_text(input, "RoleArn")?;
    if role_arn.len() < 20 {
        let text = "Member must have length greater than or equal to 20";
        return Err(invalid(role_arn, "roleArn", text));
    }
    if !role_arn.starts_with("arn:aws:iam::") || !role_arn.contains(":role/") {
        return Err(ApiError::new("ValidationError", 400, format!("{role_arn} is invalid")));
    }
    let session_name = input::required_text(input, "RoleSessionName")?;
    check_text(session_name, "roleSessionName", 64, b"_+=,.@-", r"[\w+=,.@-]*")?;
    let external_id = input::text(input, "ExternalId");
    if let Some(external_id) = external_id {
        check_text(external_id, "externalId", 1224, b"_+=,.@:/-", r"[\w+=,.@:\/-]*")?;
    }
    let source_identity = input::text(input, "SourceIdentity");
    if let Some(identity) = source_identity {
        check_text(identity, "sourceIdentity", 64, b"_+=,.@-", r"[\w+=,.@-]*")?;
    }
    Ok(Entry {
        role_arn,
        session_name,
        external_id,
        source_identity,
        tags: input::tags(input, "Tags"),
        session_policies: session_policies(world, input)?,
    })
}

fn session_policies(world: &World, input: &Value) -> Result<Vec<Value>, ApiError> {
    let malformed = |message: String| ApiError::new("MalformedPolicyDocument", 400, message);
    let mut policies = Vec::new();
    if let Some(text) = input::text(input, "Policy") {
        if text.len() > MAX_SESSION_POLICIES {
            let text = "Member must have length less than or equal to 2048";
            return Err(ApiError::new(
                "ValidationError",
                400,
                format!(
                    "1 validation error detected: Value at 'policy' failed to satisfy constraint: {text}"
                ),
            ));
        }
        Document::parse(text).map_err(|error| malformed(error.to_string()))?;
        policies.push(
            serde_json::from_str(text)
                .map_err(|_| malformed("This policy contains invalid Json".to_owned()))?,
        );
    }
    let arns = input::list(input, "PolicyArns");
    if arns.len() > MAX_POLICY_ARNS {
        return Err(ApiError::new("ValidationError", 400, "You can specify up to 10 managed policy ARNs."));
    }
    for arn in arns {
        let arn = input::required_text(arn, "arn")?;
        let document = world
            .iam
            .managed_document(arn)
            .ok_or_else(|| malformed(format!("Policy {arn} does not exist or is not attachable.")))?;
        policies.push(serde_json::from_str(&document.text).expect("stored documents are valid JSON"));
    }
    Ok(policies)
}

fn duration(input: &Value) -> Result<i64, ApiError> {
    let seconds = input::integer(input, "DurationSeconds")?.unwrap_or(3600);
    let constraint = match seconds {
        ..900 => "Member must have value greater than or equal to 900",
        900..=43_200 => return Ok(seconds),
        _ => "Member must have value less than or equal to 43200",
    };
    Err(invalid(&seconds.to_string(), "durationSeconds", constraint))
}

/// The role sets the longest session, chaining a shorter one (aws-facts E1).
fn limit_duration(world: &World, caller: &Caller, session: &Caller, seconds: i64) -> Result<(), ApiError> {
    let CallerKind::RoleSession { role, .. } = &session.kind else { return Ok(()) };
    let longest = world.iam.role(&session.account, role).map_or(3600, |role| role.max_session);
    let is_chained = matches!(caller.kind, CallerKind::RoleSession { .. });
    if is_chained && seconds > MAX_CHAINED_SESSION {
        return Err(ApiError::new(
            "ValidationError",
            400,
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    if seconds > longest {
        return Err(ApiError::new(
            "ValidationError",
            400,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}

/// Text of 2 to `max` letters, digits and the given signs.
fn check_text(text: &str, member: &str, max: usize, signs: &[u8], pattern: &str) -> Result<(), ApiError> {
    if text.len() < 2 {
        return Err(invalid(text, member, "Member must have length greater than or equal to 2"));
    }
    if text.len() > max {
        return Err(invalid(text, member, &format!("Member must have length less than or equal to {max}")));
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte)) {
        return Err(invalid(
            text,
            member,
            &format!("Member must satisfy regular expression pattern: {pattern}"),
        ));
    }
    Ok(())
}

fn invalid(value: &str, member: &str, constraint: &str) -> ApiError {
    ApiError::new(
        "ValidationError",
        400,
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ),
    )
}
