//! STS: who is calling, and entering roles (aws-facts E).

mod assume_role;
mod trust;

use serde_json::json;

use crate::call::{Answer, ApiError, Call, CallerKind};
use crate::world::World;

/// Carries out one STS call.
pub(crate) fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation.as_str() {
        "AssumeRole" => assume_role::assume_role(world, call),
        "GetCallerIdentity" => get_caller_identity(call),
        _ => Err(ApiError::unknown_operation(call)),
    }
}

/// `GetCallerIdentity` needs no permission, and answers under any deny (aws-facts E3).
fn get_caller_identity(call: &Call) -> Answer {
    let caller = &call.caller;
    let user_id = match caller.kind {
        CallerKind::Root => &caller.account,
        _ => &caller.user_id,
    };
    Ok(json!({"UserId": user_id, "Account": caller.account, "Arn": caller.arn}))
}
