//! Talks to IAM and decides nothing: whether the name of a role is taken, and by which, in many accounts side by side.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use aws_sdk_iam::primitives::DateTimeFormat;
use aws_sdk_iam::types::{Role, Tag};
use futures::StreamExt;
use futures::stream;
use iam_policy::PolicyDocument;
use rollout_model::{AccountId, MARK, RoleName};
use tracing::Instrument;

use crate::attempt::Purpose;
use crate::fan_out::span_of;
use crate::found::{Found, TakenRole};
use crate::operator::Operator;
use crate::read::get_role;

/// Which names to look for, as whom, and how many accounts at a time.
#[derive(Debug, Clone, Copy)]
pub struct RoleSearch<'a> {
    /// Who looks.
    pub operator: &'a Operator,
    /// The name that is wanted in each account: a template may make it from the account's id.
    pub roles: &'a BTreeMap<AccountId, RoleName>,
    /// How many accounts at a time.
    pub concurrency: NonZeroUsize,
}

/// Looks in every account whether the name is taken, with one `AssumeRole` and one `GetRole` in each; at home,
/// where there is nothing to enter, with `GetRole` alone. An account that cannot be looked at is `NotSeen` and
/// nobody else's trouble. Writes nothing and can be dropped at any time.
pub async fn look_for_roles(search: RoleSearch<'_>) -> BTreeMap<AccountId, Found> {
    let RoleSearch { operator, roles, concurrency } = search;
    stream::iter(roles)
        .map(|(account, role)| async move {
            (account.clone(), look(operator, account, role).instrument(span_of(account)).await)
        })
        .buffer_unordered(concurrency.get())
        .collect()
        .await
}

pub(crate) async fn look(operator: &Operator, account: &AccountId, role: &RoleName) -> Found {
    let seen = async {
        let iam = operator.iam_in(account, Purpose::Look(role)).await?;
        get_role(&iam, role.as_str()).await
    };
    match seen.await {
        Ok(Some(role)) => Found::Taken(taken(&role)),
        Ok(None) => Found::Free,
        Err(unread) => Found::NotSeen(unread.said),
    }
}

fn taken(role: &Role) -> TakenRole {
    let created = role.create_date();
    let created = created.fmt(DateTimeFormat::DateTime).unwrap_or_else(|_| created.to_string());
    let mark = |tag: &&Tag| tag.key() == MARK;
    TakenRole {
        arn: role.arn().to_owned(),
        created: created.chars().take_while(|&character| character != 'T').collect(),
        description: role.description().filter(|text| !text.is_empty()).map(str::to_owned),
        mark: role.tags().iter().find(mark).map(|tag| tag.value().to_owned()),
        // IAM gives documents percent-encoded (aws-facts F2).
        trust: PolicyDocument::parse_encoded(role.assume_role_policy_document().unwrap_or_default()).ok(),
    }
}
