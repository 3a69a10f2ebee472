//! Service-linked roles.

use std::collections::BTreeMap;

use serde_json::json;

use super::role_calls::shape;
use super::state::{Permissions, Role};
use super::{trust, validate};
use crate::call::{Answer, Call};
use crate::input;
use crate::world::World;

/// The roles that services of this world link: service, role name, managed policy.
const ROLES: [(&str, &str, Option<&str>); 4] = [
    (
        "stacksets.cloudformation.amazonaws.com",
        "AWSServiceRoleForCloudFormationStackSetsOrgAdmin",
        Some("aws-service-role/CloudFormationStackSetsOrgAdminServiceRolePolicy"),
    ),
    (
        "member.org.stacksets.cloudformation.amazonaws.com",
        "AWSServiceRoleForCloudFormationStackSetsOrgMember",
        Some("aws-service-role/CloudFormationStackSetsOrgMemberServiceRolePolicy"),
    ),
    ("organizations.amazonaws.com", "AWSServiceRoleForOrganizations", None),
    ("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer", None),
];

/// `CreateServiceLinkedRole`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let service = input::required_text(&call.input, "AWSServiceName")?;
    let (_, name, policy) = ROLES.iter().find(|(known, ..)| *known == service).ok_or_else(|| {
        validate::invalid_input(format!("Service linked roles for {service} are not supported."))
    })?;
    let account = &call.caller.account;
    if world.iam.account(account).roles.contains_key(&name.to_lowercase()) {
        return Err(validate::invalid_input(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        )));
    }
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"},
    ]});
    let role = Role {
        name: (*name).to_owned(),
        path: format!("/aws-service-role/{service}/"),
        id: format!("AROA{}", world.ids.alphanumeric_upper(17)),
        created: world.now,
        description: validate::description(&call.input)?.map(str::to_owned),
        max_session: 3600,
        trust: trust::store(world, &text.to_string())?,
        permissions: Permissions {
            attached: policy.iter().map(|policy| format!("arn:aws:iam::aws:policy/{policy}")).collect(),
            ..Permissions::default()
        },
        tags: BTreeMap::new(),
    };
    let answer = json!({"Role": shape(world, account, &role)});
    world.iam.account_mut(account).roles.insert(name.to_lowercase(), role);
    Ok(answer)
}
