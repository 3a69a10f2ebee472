//! The output shapes of Organizations (aws-facts D3).

use serde_json::{Value, json};

use super::account::Account;
use super::left_out::without;
use super::organization::{Organization, Parent};
use super::policies::Policy;
use crate::time::epoch_seconds;

pub(super) fn organization(organization: &Organization) -> Value {
    let management = organization.management_account();
    let email = organization.account(management).map(|account| account.email.clone());
    let mut shape = json!({
        "Id": organization.id(),
        "Arn": format!("arn:aws:organizations::{management}:organization/{}", organization.id()),
        "FeatureSet": if organization.all_features() { "ALL" } else { "CONSOLIDATED_BILLING" },
        "MasterAccountArn": organization.arn("account", management),
        "MasterAccountId": management,
        "MasterAccountEmail": email,
    });
    if organization.all_features() {
        // The member is deprecated and AWS answers it all the same; what is switched on is in ListRoots.
        shape["AvailablePolicyTypes"] = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]);
    }
    shape
}

pub(super) fn root(organization: &Organization) -> Value {
    let types: Value =
        organization.policies.enabled().map(|kind| json!({"Type": kind, "Status": "ENABLED"})).collect();
    json!({
        "Id": organization.root_id(),
        "Arn": organization.arn("root", organization.root_id()),
        "Name": "Root",
        "PolicyTypes": types,
    })
}

pub(super) fn unit(organization: &Organization, unit: &Parent) -> Value {
    let shape = json!({
        "Id": unit.id,
        "Arn": organization.arn("ou", &unit.id),
        "Name": unit.name,
        "Path": organization.path(&unit.id),
    });
    without(&organization.answers_without, shape)
}

/// Both `State` and the retired `Status` are given, unless the organization is to leave one out: whether live answers still carry the latter is not known.
pub(super) fn account(organization: &Organization, account: &Account) -> Value {
    let shape = json!({
        "Id": account.id,
        "Arn": organization.arn("account", &account.id),
        "Email": account.email,
        "Name": account.name,
        "Status": account.state.status(),
        "State": account.state.as_str(),
        "Paths": [organization.path(&account.id)],
        "JoinedMethod": account.joined_method.as_str(),
        "JoinedTimestamp": epoch_seconds(account.joined),
    });
    without(&organization.answers_without, shape)
}

pub(super) fn policy_summary(organization: &Organization, policy: &Policy) -> Value {
    let kind = policy.kind.in_arns();
    let arn = if policy.aws_managed {
        format!("arn:aws:organizations::aws:policy/{kind}/{}", policy.id)
    } else {
        format!(
            "arn:aws:organizations::{}:policy/{}/{kind}/{}",
            organization.management_account(),
            organization.id(),
            policy.id
        )
    };
    json!({
        "Id": policy.id,
        "Arn": arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.kind.as_str(),
        "AwsManaged": policy.aws_managed,
    })
}
