//! `CreateAccount`: asked now, there a little later.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Account, error, invalid_pattern, listing, required, tags};
use crate::call::{Answer, Call, Caller, CallerKind, Service};
use crate::input;
use crate::time::epoch_seconds;
use crate::world::World;

/// How long the creation of an account takes: on AWS most of a minute; shorter here, so that people who build an
/// organization by hand are not kept waiting.
const CREATING_TAKES: SignedDuration = SignedDuration::from_secs(5);

/// The role that AWS puts into every account that an organization creates.
pub(crate) const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// One request to create an account.
#[derive(Debug)]
pub(crate) struct Creation {
    id: String,
    account: String,
    name: String,
    email: String,
    role: String,
    tags: Vec<(String, String)>,
    requested: Timestamp,
    completes: Timestamp,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    InProgress,
    Succeeded,
    Failed(&'static str),
}

/// `CreateAccount`.
pub(super) fn create_account(world: &mut World, call: &Call) -> Answer {
    let email = required(&call.input, "Email")?;
    let name = required(&call.input, "AccountName")?;
    let role = input::text(&call.input, "RoleName").unwrap_or(ACCESS_ROLE);
    let is_email =
        email.split_once('@').is_some_and(|(user, domain)| !user.is_empty() && domain.contains('.'));
    if !is_email || !(6..=64).contains(&email.len()) || name.is_empty() || name.len() > 50 {
        return Err(invalid_pattern());
    }
    if !crate::iam::is_name(role, 64) {
        return Err(error::invalid_input("INVALID_ROLE_NAME", "You provided a role name that is not valid."));
    }
    let creation = Creation {
        id: format!("car-{}", world.ids.hex(32)),
        account: world.new_account_id(),
        name: name.to_owned(),
        email: email.to_owned(),
        role: role.to_owned(),
        tags: tags::read(&call.input, "Tags")?,
        requested: world.now,
        completes: world.now + CREATING_TAKES,
        outcome: Outcome::InProgress,
    };
    let answer = json!({"CreateAccountStatus": shape(&creation)});
    world.organizations.creations.insert(creation.id.clone(), creation);
    Ok(answer)
}

/// `DescribeCreateAccountStatus`.
pub(super) fn describe(world: &World, call: &Call) -> Answer {
    let id = required(&call.input, "CreateAccountRequestId")?;
    let creation = world.organizations.creations.get(id).ok_or_else(|| {
        error::plain(
            "CreateAccountStatusNotFoundException",
            "You specified a create account request that doesn't exist.",
        )
    })?;
    Ok(json!({"CreateAccountStatus": shape(creation)}))
}

/// `ListCreateAccountStatus`.
pub(super) fn list(world: &World, call: &Call) -> Answer {
    let states = input::texts(&call.input, "States");
    let creations = world.organizations.creations.iter().filter(|(_, creation)| {
        states.is_empty() || states.iter().any(|state| state == creation.outcome.as_str())
    });
    listing::page(call, "CreateAccountStatuses", &states.join(","), creations, shape)
}

/// Finishes the creations whose time has come.
pub(super) fn advance(world: &mut World) {
    let now = world.now;
    let is_due = |creation: &Creation| creation.outcome == Outcome::InProgress && creation.completes <= now;
    let due: Vec<String> = world
        .organizations
        .creations
        .values()
        .filter(|creation| is_due(creation))
        .map(|creation| creation.id.clone())
        .collect();
    for id in due {
        let mut creation = world.organizations.creations.remove(&id).expect("it was just listed");
        // What follows from the new account follows from the moment in which it was there.
        world.now = creation.completes;
        creation.outcome = finish(world, &creation);
        world.organizations.creations.insert(id, creation);
    }
    world.now = now;
}

fn finish(world: &mut World, creation: &Creation) -> Outcome {
    let Some(organization) = world.organization.as_mut() else { return Outcome::Failed("INTERNAL_FAILURE") };
    let same_email = |account: &Account| account.email.eq_ignore_ascii_case(&creation.email);
    if organization.accounts.values().any(same_email) {
        return Outcome::Failed("EMAIL_ALREADY_EXISTS");
    }
    let root = organization.root_id().to_owned();
    let (name, email) = (creation.name.clone(), creation.email.clone());
    let mut account = Account::created(creation.account.clone(), name, email, root, creation.completes);
    account.tags.extend(creation.tags.iter().cloned());
    open(world, account, &creation.role);
    Outcome::Succeeded
}

/// An account of that name that is there at once, below the root or an organizational unit that exists.
pub(crate) fn add_account(world: &mut World, name: &str, parent: &str) {
    let id = world.new_account_id();
    let email = format!("aws+{id}@example.com");
    let account = Account::created(id, name.to_owned(), email, parent.to_owned(), world.now);
    open(world, account, ACCESS_ROLE);
}

/// Lets an account join, with the role that leads into it, and tells StackSets.
fn open(world: &mut World, account: Account, role: &str) {
    let Some(organization) = world.organization.as_mut() else { return };
    let management = organization.management_account().to_owned();
    let (id, parent) = (account.id.clone(), account.parent.clone());
    organization.add_account(account);
    world.iam.open_account(&id);
    give_access_role(world, &id, role, &management);
    world.account_moved(&id, None, Some(&parent));
}

/// Puts the role by which the management account enters a created account into it.
pub(crate) fn give_access_role(world: &mut World, account: &str, role: &str, management: &str) {
    let caller = Caller {
        account: account.to_owned(),
        arn: "organizations.amazonaws.com".to_owned(),
        user_id: "organizations.amazonaws.com".to_owned(),
        kind: CallerKind::Service { principal: "organizations.amazonaws.com".to_owned() },
    };
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{management}:root")},
        "Action": "sts:AssumeRole",
    }]});
    let create = json!({"RoleName": role, "AssumeRolePolicyDocument": trust.to_string()});
    let administer = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ]});
    let permit = json!({
        "RoleName": role,
        "PolicyName": "AdministratorAccess",
        "PolicyDocument": administer.to_string(),
    });
    for (operation, input) in [("CreateRole", create), ("PutRolePolicy", permit)] {
        let done = world.call_as(&caller, Service::Iam, operation, input);
        done.expect("a new account has room for its access role, and the management account exists");
    }
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Outcome::InProgress => "IN_PROGRESS",
            Outcome::Succeeded => "SUCCEEDED",
            Outcome::Failed(_) => "FAILED",
        }
    }
}

fn shape(creation: &Creation) -> Value {
    let mut shape = json!({
        "Id": creation.id,
        "AccountName": creation.name,
        "State": creation.outcome.as_str(),
        "RequestedTimestamp": epoch_seconds(creation.requested),
    });
    match creation.outcome {
        Outcome::InProgress => return shape,
        Outcome::Succeeded => shape["AccountId"] = creation.account.clone().into(),
        Outcome::Failed(reason) => shape["FailureReason"] = reason.into(),
    }
    shape["CompletedTimestamp"] = epoch_seconds(creation.completes);
    shape
}
