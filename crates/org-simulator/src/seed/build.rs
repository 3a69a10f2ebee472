//! From an organization file to a world.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::SeedError;
use super::file::{AccountEntry, FeatureSet, File, PolicyEntry, RoleEntry, UnitEntry};
use crate::call::{ApiError, Caller, CallerKind, Service};
use crate::cloudformation;
use crate::ids::Ids;
use crate::organizations::{
    Account, MAX_UNIT_DEPTH, Organization, Policy, PolicyType, give_access_role, is_account_id,
    is_organization_id, is_root_id, is_unit_id,
};
use crate::simulator::ACCOUNTS_ELSEWHERE;
use crate::world::World;

/// What a seed contains was there since 1 January 2025.
const SEEDED_SECOND: i64 = 1_735_689_600;
const WORLD_SEED: u64 = 2025;

/// An organizational unit or account on its way from the file into the world.
struct Tree {
    organization: Organization,
    /// Account and its access role.
    access_roles: Vec<(String, Option<String>)>,
    /// Account and a role that it has from the start.
    roles: Vec<(String, RoleEntry)>,
}

/// A world of these accounts and those elsewhere, at the time that seeds are from.
pub(super) fn new_world(accounts: &[String]) -> World {
    let mut all: Vec<&str> = accounts.iter().map(String::as_str).collect();
    all.extend(ACCOUNTS_ELSEWHERE);
    let mut world = World::new(WORLD_SEED, &all);
    world.now = Timestamp::from_second(SEEDED_SECOND).expect("a date of this century");
    world
}

/// Builds the world that a file describes.
pub(super) fn build(file: File) -> Result<World, SeedError> {
    let mut tree = plant(&file)?;
    let outside = file.outside_accounts.iter().map(|account| account.id.clone());
    let accounts: Vec<String> =
        tree.access_roles.iter().map(|(account, _)| account.clone()).chain(outside).collect();
    let mut world = new_world(&accounts);

    let all_features = tree.organization.all_features();
    if all_features {
        tree.organization.enable_policies(PolicyType::ServiceControl);
    }
    for principal in &file.organization.service_access {
        tree.organization.service_access.insert(principal.clone(), world.now);
    }
    let management = tree.organization.management_account().to_owned();
    world.organization = Some(tree.organization);

    for (account, role) in &tree.access_roles {
        if let Some(role) = role.as_ref().filter(|_| *account != management) {
            give_access_role(&mut world, account, role, &management);
        }
    }
    for account in &file.outside_accounts {
        if !is_account_id(&account.id) {
            return Err(invalid(
                &format!("outside account `{}`", account.id),
                "the id has not twelve digits",
            ));
        }
        tree.roles.extend(account.roles.iter().map(|role| (account.id.clone(), role.clone())));
    }
    create_roles(&mut world, tree.roles)?;
    if file.organization.stacksets_trusted_access {
        if !all_features {
            return Err(invalid("organization", "trusted access for StackSets needs feature_set ALL"));
        }
        cloudformation::activate_organizations_access(&mut world);
    }
    register_administrators(&mut world, &file)?;
    // Last, so that no policy of the file is in the way of the file.
    for policy in &file.service_control_policies {
        add_policy(&mut world, PolicyType::ServiceControl, policy)?;
    }
    for policy in &file.resource_control_policies {
        add_policy(&mut world, PolicyType::ResourceControl, policy)?;
    }
    Ok(world)
}

fn plant(file: &File) -> Result<Tree, SeedError> {
    let entry = &file.organization;
    let management = &entry.management_account;
    let id = entry.id.clone().unwrap_or_else(|| format!("o-{}", Ids::of(management).alphanumeric_lower(10)));
    let root = entry.root_id.clone().unwrap_or_else(|| format!("r-{}", Ids::of(&id).alphanumeric_lower(4)));
    if !is_organization_id(&id) {
        return Err(invalid("organization", format!("`{id}` is no organization id such as o-a1b2c3d4e5")));
    }
    if !is_root_id(&root) {
        return Err(invalid("organization", format!("`{root}` is no root id such as r-a1b2")));
    }
    if !is_account_id(management) {
        return Err(invalid(
            "organization",
            format!("management account `{management}` has not twelve digits"),
        ));
    }
    // It starts out in the root; if the file lists it, that entry takes over.
    let placeholder = Account::created(
        management.clone(),
        "Management".to_owned(),
        format!("aws+{management}@example.com"),
        root.clone(),
        seeded(),
    );
    let all_features = entry.feature_set == FeatureSet::All;
    let mut organization = Organization::new(id, root.clone(), placeholder, all_features);
    organization.answers_without.clone_from(&entry.answers_without);
    let mut tree = Tree { organization, access_roles: Vec::new(), roles: Vec::new() };
    for account in &file.accounts {
        tree.add_account(account, &root, "")?;
    }
    for unit in &file.organizational_units {
        tree.add_unit(unit, &root, "", 1)?;
    }
    if !tree.access_roles.iter().any(|(account, _)| account == management) {
        tree.access_roles.push((management.clone(), None));
    }
    Ok(tree)
}

impl Tree {
    fn add_unit(
        &mut self,
        entry: &UnitEntry,
        parent: &str,
        parent_path: &str,
        depth: usize,
    ) -> Result<(), SeedError> {
        let path = format!("{parent_path}/{}", entry.name);
        let at = || format!("organizational unit `{}`", path.trim_start_matches('/'));
        let root = self.organization.root_id().trim_start_matches("r-").to_owned();
        let id = match &entry.id {
            Some(id) => id.clone(),
            None => format!("ou-{root}-{}", Ids::of(&path).alphanumeric_lower(8)),
        };
        if !is_unit_id(&id) {
            return Err(invalid(
                &at(),
                format!("`{id}` is no id of an organizational unit such as ou-{root}-a1b2c3d4"),
            ));
        }
        if self.organization.unit_exists(&id) {
            return Err(invalid(&at(), format!("the id `{id}` is taken")));
        }
        if self.organization.unit_named(parent, &entry.name).is_some() {
            return Err(invalid(&at(), "its parent has another unit of this name"));
        }
        if depth > MAX_UNIT_DEPTH {
            return Err(invalid(&at(), format!("organizational units nest at most {MAX_UNIT_DEPTH} deep")));
        }
        self.organization.add_unit(id.clone(), entry.name.clone(), parent);
        self.organization.set_unit_tags(&id, entry.tags.clone());
        for account in &entry.accounts {
            self.add_account(account, &id, &path)?;
        }
        for unit in &entry.organizational_units {
            self.add_unit(unit, &id, &path, depth + 1)?;
        }
        Ok(())
    }

    fn add_account(
        &mut self,
        entry: &AccountEntry,
        parent: &str,
        parent_path: &str,
    ) -> Result<(), SeedError> {
        let derived = || Ids::of(&format!("{parent_path}/{}", entry.name)).account();
        let id = entry.id.clone().unwrap_or_else(derived);
        let at = format!("account `{}` ({id})", entry.name);
        if !is_account_id(&id) {
            return Err(invalid(&at, "the id has not twelve digits"));
        }
        if self.access_roles.iter().any(|(other, _)| *other == id) {
            return Err(invalid(&at, "another account has this id"));
        }
        let email = entry.email.clone().unwrap_or_else(|| format!("aws+{id}@example.com"));
        if self.organization.has_email(&email, &id) {
            return Err(invalid(&at, format!("another account has the e-mail address {email}")));
        }
        let joined = match &entry.joined {
            None => seeded(),
            Some(text) => text.parse().map_err(|error| invalid(&at, format!("joined: {error}")))?,
        };
        let mut account = Account::created(id.clone(), entry.name.clone(), email, parent.to_owned(), joined);
        account.state = entry.state;
        account.joined_method = entry.joined_method;
        account.tags = entry.tags.clone();
        self.organization.replace_account(account);
        self.access_roles.push((id.clone(), entry.access_role.clone()));
        self.roles.extend(entry.roles.iter().map(|role| (id.clone(), role.clone())));
        Ok(())
    }
}

/// Creates the roles of the file. A trust policy may name a role that comes later, so that those which fail are
/// tried again as long as others succeed.
fn create_roles(world: &mut World, mut roles: Vec<(String, RoleEntry)>) -> Result<(), SeedError> {
    while !roles.is_empty() {
        let waiting = roles.len();
        let mut last = None;
        let mut refused = Vec::new();
        for (account, role) in roles {
            if let Err(error) = create_role(world, &account, &role) {
                last = Some(invalid(&format!("account {account}, role `{}`", role.name), error.message));
                refused.push((account, role));
            }
        }
        roles = refused;
        if roles.len() == waiting {
            return Err(last.expect("every role was refused"));
        }
    }
    Ok(())
}

fn create_role(world: &mut World, account: &str, role: &RoleEntry) -> Result<(), ApiError> {
    let caller = service_caller(account, "organizations.amazonaws.com");
    let tags: Value = role.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let create = json!({
        "RoleName": role.name,
        "Path": role.path,
        "Description": role.description,
        "MaxSessionDuration": role.max_session,
        "AssumeRolePolicyDocument": role.trust.to_string(),
        "PermissionsBoundary": role.permissions_boundary,
        "Tags": tags,
    });
    let mut call = |operation: &str, input: Value| world.call_as(&caller, Service::Iam, operation, input);
    call("CreateRole", create)?;
    for (name, document) in &role.inline_policies {
        let policy =
            json!({"RoleName": role.name, "PolicyName": name, "PolicyDocument": document.to_string()});
        call("PutRolePolicy", policy)?;
    }
    for arn in &role.managed_policies {
        call("AttachRolePolicy", json!({"RoleName": role.name, "PolicyArn": arn}))?;
    }
    Ok(())
}

fn register_administrators(world: &mut World, file: &File) -> Result<(), SeedError> {
    let caller = service_caller(&file.organization.management_account, "organizations.amazonaws.com");
    for (account, principals) in &file.delegated_administrators {
        for principal in principals {
            let input = json!({"AccountId": account, "ServicePrincipal": principal});
            let registered =
                world.call_as(&caller, Service::Organizations, "RegisterDelegatedAdministrator", input);
            let at = format!("delegated administrator {account} of {principal}");
            registered.map_err(|error| invalid(&at, error.message))?;
        }
    }
    Ok(())
}

fn add_policy(world: &mut World, kind: PolicyType, entry: &PolicyEntry) -> Result<(), SeedError> {
    let at = format!("{} `{}`", kind.in_words(), entry.name);
    let document = world.documents.read(&entry.document.to_string());
    let document = document.map_err(|error| invalid(&at, error.to_string()))?;
    let organization = world.organization.as_mut().expect("it was planted");
    if !organization.all_features() {
        return Err(invalid(&at, format!("a {} needs feature_set ALL", kind.in_words())));
    }
    let named = match kind {
        PolicyType::ServiceControl => entry.name.clone(),
        // The same name may stand in both lists.
        PolicyType::ResourceControl => format!("{} {}", kind.in_words(), entry.name),
    };
    let id = format!("p-{}", Ids::of(&named).alphanumeric_lower(10));
    let targets: Vec<String> = entry
        .targets
        .iter()
        .map(|target| {
            find_target(organization, target).ok_or_else(|| invalid(&at, format!("there is no `{target}`")))
        })
        .collect::<Result<_, _>>()?;
    let policy = Policy {
        id,
        kind,
        name: entry.name.clone(),
        description: entry.description.clone(),
        aws_managed: false,
        document,
    };
    organization.enable_policies(kind);
    organization.add_policy(policy, &targets);
    Ok(())
}

/// An account id, or whatever names the root or an organizational unit.
fn find_target(organization: &Organization, target: &str) -> Option<String> {
    match organization.account(target) {
        Some(_) => Some(target.to_owned()),
        None => organization.find_parent(target),
    }
}

fn service_caller(account: &str, principal: &str) -> Caller {
    Caller {
        account: account.to_owned(),
        arn: principal.to_owned(),
        user_id: principal.to_owned(),
        kind: CallerKind::Service { principal: principal.to_owned() },
    }
}

fn seeded() -> Timestamp {
    Timestamp::from_second(SEEDED_SECOND).expect("a date of this century")
}

fn invalid(at: &str, problem: impl Into<String>) -> SeedError {
    SeedError::Invalid { at: at.to_owned(), problem: problem.into() }
}
