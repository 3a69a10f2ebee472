//! What IAM keeps for every account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::aws_managed;
use crate::call::{Caller, CallerKind};
use crate::document::Document;
use crate::ids::Ids;

/// The user that every account starts with, with administrator rights and an access key of a known id.
pub(crate) const ADMIN_USER: &str = "admin";

/// IAM of all accounts. That an account is here is what it means to exist.
#[derive(Debug)]
pub(crate) struct State {
    accounts: BTreeMap<String, AccountState>,
    aws_managed: BTreeMap<String, Arc<Document>>,
    /// Principals that trust policies mention by unique id: account and ARN at the time of writing.
    pub(super) referenced: BTreeMap<String, (String, String)>,
}

/// IAM of one account. Names are unique ignoring case, so the keys are in small letters.
#[derive(Debug, Default)]
pub(super) struct AccountState {
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) users: BTreeMap<String, User>,
    /// Customer managed policies, by ARN.
    pub(super) policies: BTreeMap<String, ManagedPolicy>,
}

/// What a role or user may do.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    pub(crate) inline: BTreeMap<String, Arc<Document>>,
    /// ARNs of attached managed policies.
    pub(crate) attached: BTreeSet<String>,
    /// ARN of the managed policy that bounds the rest.
    pub(crate) boundary: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    /// `AROA…`: another one after deleting and creating again.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) max_session: i64,
    /// Names principals by their unique ids where AWS does (aws-facts F3).
    pub(crate) trust: Arc<Document>,
    pub(crate) permissions: Permissions,
    pub(crate) tags: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) path: String,
    /// `AIDA…`
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) permissions: Permissions,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A customer managed policy.
#[derive(Debug)]
pub(crate) struct ManagedPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    /// When its versions were last touched.
    pub(crate) updated: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(super) versions: BTreeMap<u32, PolicyVersion>,
    /// The one in force.
    pub(super) default_version: u32,
    /// The highest number that was ever given, deleted or not.
    pub(super) latest_version: u32,
}

/// One version of a customer managed policy.
#[derive(Debug)]
pub(crate) struct PolicyVersion {
    pub(super) document: Arc<Document>,
    pub(super) created: Timestamp,
}

impl Role {
    pub(crate) fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:role{}{}", self.path, self.name)
    }

    /// Service-linked roles belong to their service: neither service control policies nor people change them.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}

impl User {
    pub(crate) fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:user{}{}", self.path, self.name)
    }
}

impl Default for State {
    fn default() -> Self {
        State {
            accounts: BTreeMap::new(),
            aws_managed: aws_managed::documents(),
            referenced: BTreeMap::new(),
        }
    }
}

impl State {
    /// Makes an account, with its admin user.
    pub(crate) fn open_account(&mut self, account: &str) {
        let admin = User {
            name: ADMIN_USER.to_owned(),
            path: "/".to_owned(),
            id: format!("AIDA{}", Ids::of(&format!("admin of {account}")).alphanumeric_upper(17)),
            created: Timestamp::UNIX_EPOCH,
            permissions: Permissions {
                attached: BTreeSet::from(["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()]),
                ..Permissions::default()
            },
            tags: BTreeMap::new(),
        };
        let state = self.accounts.entry(account.to_owned()).or_default();
        state.users.entry(ADMIN_USER.to_owned()).or_insert(admin);
    }

    pub(crate) fn has_account(&self, account: &str) -> bool {
        self.accounts.contains_key(account)
    }

    /// All accounts, inside and outside the organization.
    pub(crate) fn account_ids(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys().map(String::as_str)
    }

    pub(super) fn account(&self, account: &str) -> &AccountState {
        self.accounts.get(account).expect("a caller's account exists")
    }

    pub(super) fn account_mut(&mut self, account: &str) -> &mut AccountState {
        self.accounts.get_mut(account).expect("a caller's account exists")
    }

    /// The role of exactly this name.
    pub(crate) fn role(&self, account: &str, name: &str) -> Option<&Role> {
        let role = self.accounts.get(account)?.roles.get(&name.to_lowercase())?;
        (role.name == name).then_some(role)
    }

    /// The user of exactly this name.
    pub(crate) fn user(&self, account: &str, name: &str) -> Option<&User> {
        let user = self.accounts.get(account)?.users.get(&name.to_lowercase())?;
        (user.name == name).then_some(user)
    }

    /// Whether a role is service-linked.
    pub(crate) fn is_service_linked(&self, account: &str, role: &str) -> bool {
        self.role(account, role).is_some_and(Role::is_service_linked)
    }

    /// What the user or role behind a caller may do; `None` for services and roots, and once it is deleted.
    pub(crate) fn permissions(&self, caller: &Caller) -> Option<&Permissions> {
        match &caller.kind {
            CallerKind::User { name } => self.user(&caller.account, name).map(|user| &user.permissions),
            CallerKind::RoleSession { role, .. } => {
                self.role(&caller.account, role).map(|role| &role.permissions)
            }
            CallerKind::Root | CallerKind::Service { .. } => None,
        }
    }

    /// The tags of the user or role behind a caller, which `aws:PrincipalTag` shows.
    pub(crate) fn principal_tags(&self, caller: &Caller) -> impl Iterator<Item = (&str, &str)> {
        let tags = match &caller.kind {
            CallerKind::User { name } => self.user(&caller.account, name).map(|user| &user.tags),
            CallerKind::RoleSession { role, .. } => self.role(&caller.account, role).map(|role| &role.tags),
            CallerKind::Root | CallerKind::Service { .. } => None,
        };
        tags.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The documents of the inline and attached policies.
    pub(crate) fn identity_policies(&self, permissions: &Permissions) -> Vec<Arc<Document>> {
        let inline = permissions.inline.values().cloned();
        inline.chain(permissions.attached.iter().filter_map(|arn| self.managed_document(arn))).collect()
    }

    /// The document of a managed policy, AWS's or a customer's.
    pub(crate) fn managed_document(&self, arn: &str) -> Option<Arc<Document>> {
        if let Some(document) = self.aws_managed.get(arn) {
            return Some(Arc::clone(document));
        }
        let account = arn.strip_prefix("arn:aws:iam::")?.get(..12)?;
        let policy = self.accounts.get(account)?.policies.get(arn)?;
        Some(Arc::clone(&policy.default().document))
    }
}
