//! Access keys: which account and principal a request comes from.
//!
//! The signature itself is not checked, so any secret will do; the access key id decides who is calling, and
//! temporary keys need the session token that they were issued with.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::call::{Caller, CallerKind};
use crate::iam::ADMIN_USER;
use crate::world::World;

/// The first characters of the access key of every account's admin user; the account id follows.
const ADMIN_KEY_PREFIX: &str = "AKIASIMU";

/// The access key id of an account's admin user.
pub(crate) fn admin_key(account: &str) -> String {
    format!("{ADMIN_KEY_PREFIX}{account}")
}

/// Everything that was issued while the world runs.
#[derive(Default)]
pub(crate) struct Credentials {
    sessions: BTreeMap<String, Session>,
    /// Access keys of users: account and user name.
    user_keys: BTreeMap<String, (String, String)>,
    issued_since_purge: usize,
}

/// Temporary credentials of a role session.
struct Session {
    caller: Caller,
    token: String,
    expires: Timestamp,
}

/// What `AssumeRole` hands out.
pub(crate) struct Issued {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

/// Why credentials were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No such access key, the wrong session token, a role that is gone, or an account that is closed.
    Invalid,
    Expired,
}

/// Finds the caller behind an access key id and session token.
pub(crate) fn authenticate(
    world: &World,
    access_key_id: &str,
    token: Option<&str>,
) -> Result<Caller, Refused> {
    let caller = if let Some(session) = world.credentials.sessions.get(access_key_id) {
        if token != Some(session.token.as_str()) {
            return Err(Refused::Invalid);
        }
        if session.expires <= world.now {
            return Err(Refused::Expired);
        }
        if !is_of_living_role(world, &session.caller) {
            return Err(Refused::Invalid);
        }
        session.caller.clone()
    } else {
        let (account, user) = match access_key_id.strip_prefix(ADMIN_KEY_PREFIX) {
            Some(account) => (account, ADMIN_USER),
            None => {
                let key = world.credentials.user_keys.get(access_key_id);
                key.map(|(account, user)| (account.as_str(), user.as_str())).ok_or(Refused::Invalid)?
            }
        };
        let user = world.iam.user(account, user).filter(|_| token.is_none()).ok_or(Refused::Invalid)?;
        Caller {
            account: account.to_owned(),
            arn: user.arn(account),
            user_id: user.id.clone(),
            kind: CallerKind::User { name: user.name.clone() },
        }
    };
    if world.is_usable(&caller.account) { Ok(caller) } else { Err(Refused::Invalid) }
}

/// A session ends with its role: a role that is made again under the same name is another one.
fn is_of_living_role(world: &World, caller: &Caller) -> bool {
    let CallerKind::RoleSession { role, .. } = &caller.kind else { return true };
    let role_id = caller.user_id.split(':').next();
    world.iam.role(&caller.account, role).is_some_and(|role| Some(role.id.as_str()) == role_id)
}

/// Issues temporary credentials for a role session.
pub(crate) fn issue(world: &mut World, caller: Caller, expires: Timestamp) -> Issued {
    let issued = Issued {
        access_key_id: format!("ASIA{}", world.ids.alphanumeric_upper(16)),
        secret_access_key: world.ids.hex(40),
        session_token: format!("simulated/{}", world.ids.hex(80)),
    };
    let session = Session { caller, token: issued.session_token.clone(), expires };
    let credentials = &mut world.credentials;
    credentials.sessions.insert(issued.access_key_id.clone(), session);
    credentials.issued_since_purge += 1;
    // Expired sessions are dropped now and then. Those that expired within the last day stay, so that their
    // users are told so rather than that the key is unknown.
    if credentials.issued_since_purge > credentials.sessions.len() / 2 + 10_000 {
        let forgotten = world.now - jiff::SignedDuration::from_hours(24);
        credentials.sessions.retain(|_, session| session.expires > forgotten);
        credentials.issued_since_purge = 0;
    }
    issued
}

/// Issues an access key for a user: id and secret.
pub(crate) fn issue_for_user(world: &mut World, account: &str, user: &str) -> (String, String) {
    let id = format!("AKIA{}", world.ids.alphanumeric_upper(16));
    world.credentials.user_keys.insert(id.clone(), (account.to_owned(), user.to_owned()));
    (id, world.ids.hex(40))
}

impl Credentials {
    /// Forgets an access key of a user; `false` if that user has no such key.
    pub(crate) fn forget_key(&mut self, id: &str, account: &str, user: &str) -> bool {
        let is_theirs = self.user_keys.get(id).is_some_and(|owner| owner.0 == account && owner.1 == user);
        is_theirs && self.user_keys.remove(id).is_some()
    }

    /// The access keys of a user, in order.
    pub(crate) fn keys_of<'a>(&'a self, account: &'a str, user: &'a str) -> impl Iterator<Item = &'a str> {
        let is_theirs = move |owner: &(String, String)| owner.0 == account && owner.1 == user;
        self.user_keys.iter().filter(move |(_, owner)| is_theirs(owner)).map(|(id, _)| id.as_str())
    }
}

/// Tokens never reach a log.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("sessions", &self.sessions.len())
            .field("user_keys", &self.user_keys.len())
            .finish()
    }
}
