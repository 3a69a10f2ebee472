//! Whether the trust policy of a role admits a caller (aws-facts F3, F4).

use crate::authorization::evaluate::{Request, applies};
use crate::call::{Caller, CallerKind};
use crate::document::{Document, Principals};
use crate::world::World;

/// What a trust policy says of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// No statement admits the caller.
    Silent,
    /// A statement admits the caller's account: within one account, identity policies decide.
    Account,
    /// A statement names the caller itself, or everybody.
    Caller,
    /// A statement refuses the caller.
    Denied,
}

/// Reads the statements of a trust policy that match principal, action and conditions.
pub(super) fn admits(world: &World, trust: &Document, caller: &Caller, request: &Request) -> Trust {
    let mut strongest = Trust::Silent;
    for statement in &trust.statements {
        let Some(principals) = &statement.principals else { continue };
        let Some(named) = names(world, principals, caller) else { continue };
        if applies(statement, request, trust.has_variables) {
            strongest = strongest.max(if statement.allows { named } else { Trust::Denied });
        }
    }
    strongest
}

/// How a `Principal` or `NotPrincipal` element covers a caller; `None` if it does not.
fn names(world: &World, principals: &Principals, caller: &Caller) -> Option<Trust> {
    let named =
        principals.members.iter().filter_map(|(kind, value)| names_one(world, kind, value, caller)).max();
    match (principals.negated, named) {
        (false, named) => named,
        (true, Some(_)) => None,
        (true, None) => Some(Trust::Caller),
    }
}

fn names_one(world: &World, kind: &str, value: &str, caller: &Caller) -> Option<Trust> {
    match (kind, &caller.kind) {
        ("Service", CallerKind::Service { principal }) => (value == principal).then_some(Trust::Caller),
        ("AWS", CallerKind::Service { .. }) => None,
        ("AWS", _) if value == "*" || value == caller.arn => Some(Trust::Caller),
        ("AWS", _) if value == format!("arn:aws:iam::{}:root", caller.account) => Some(Trust::Account),
        ("AWS", CallerKind::User { name }) => {
            let user = world.iam.user(&caller.account, name);
            user.is_some_and(|user| user.id == value).then_some(Trust::Caller)
        }
        ("AWS", CallerKind::RoleSession { role, .. }) => {
            let role = world.iam.role(&caller.account, role);
            role.is_some_and(|role| role.id == value).then_some(Trust::Caller)
        }
        _ => None,
    }
}
