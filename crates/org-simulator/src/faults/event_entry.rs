//! An entry of `events` as it is written, and what it means.

use std::num::NonZeroU64;

use serde::Deserialize;
use serde_json::{Value, json};

use super::events::{Event, Happening, OperatorAction, Trigger};
use super::pattern::OperationPattern;
use super::written::{Length, check_account};
use crate::call::Service;

const HAPPENINGS: &str = "`move`, `close`, `suspend`, `add`, `operation`, `delete_stack`, `attach_policy`, \
                          `put_inline_policy` and `call`";

/// One trigger and one happening, each under its key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventEntry {
    at: Option<Length>,
    when: Option<WhenEntry>,
    r#move: Option<MoveEntry>,
    close: Option<AccountEntry>,
    suspend: Option<AccountEntry>,
    add: Option<AddEntry>,
    operation: Option<OperationEntry>,
    delete_stack: Option<DeleteStackEntry>,
    attach_policy: Option<AttachPolicyEntry>,
    put_inline_policy: Option<PutInlinePolicyEntry>,
    call: Option<CallEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenEntry {
    operation: OperationPattern,
    #[serde(default = "first")]
    nth: NonZeroU64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountEntry {
    account: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveEntry {
    account: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddEntry {
    name: String,
    #[serde(default = "root")]
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationEntry {
    stack_set: String,
    action: OperatorAction,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteStackEntry {
    account: String,
    stack_set: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttachPolicyEntry {
    account: String,
    role: String,
    /// An ARN.
    policy: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PutInlinePolicyEntry {
    account: String,
    role: String,
    name: String,
    document: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallEntry {
    account: String,
    /// As in policies: `iam:DeleteRole`.
    operation: OperationPattern,
    #[serde(default = "default_region")]
    region: String,
    #[serde(default)]
    input: Value,
}

fn first() -> NonZeroU64 {
    NonZeroU64::MIN
}

fn root() -> String {
    "root".to_owned()
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

impl EventEntry {
    pub(super) fn checked(self, written: Value) -> Result<Event, String> {
        let trigger = match (self.at, self.when) {
            (Some(length), None) => Trigger::After(length.0),
            (None, Some(WhenEntry { operation, nth })) => Trigger::Call { operation, nth, matched: 0 },
            _ => return Err("an event has either `at` or `when`".to_owned()),
        };
        let happenings = [
            self.r#move.map(|entry| Ok(entry.meant())),
            self.close.map(|AccountEntry { account }| Ok(Happening::Close { account })),
            self.suspend.map(|AccountEntry { account }| Ok(Happening::Suspend { account })),
            self.add.map(|AddEntry { name, unit }| Ok(Happening::Add { name, unit })),
            self.operation.map(|entry| Ok(entry.meant())),
            self.delete_stack.map(|entry| Ok(entry.meant())),
            self.attach_policy.map(|entry| Ok(entry.meant())),
            self.put_inline_policy.map(|entry| Ok(entry.meant())),
            self.call.map(CallEntry::meant),
        ];
        let mut happenings = happenings.into_iter().flatten();
        let (Some(happening), None) = (happenings.next(), happenings.next()) else {
            return Err(format!("an event is one of {HAPPENINGS}"));
        };
        let happening = happening?;
        happening.account().map_or(Ok(()), check_account)?;
        Ok(Event { written, trigger, happening, due: None, happened: None })
    }
}

impl Happening {
    fn account(&self) -> Option<&str> {
        match self {
            Happening::Move { account, .. }
            | Happening::Close { account }
            | Happening::Suspend { account }
            | Happening::DeleteStack { account, .. }
            | Happening::Call { account, .. } => Some(account),
            Happening::Add { .. } | Happening::Operation { .. } => None,
        }
    }
}

impl MoveEntry {
    fn meant(self) -> Happening {
        Happening::Move { account: self.account, to: self.to }
    }
}

impl OperationEntry {
    fn meant(self) -> Happening {
        Happening::Operation { stack_set: self.stack_set, action: self.action, id: self.id }
    }
}

impl DeleteStackEntry {
    fn meant(self) -> Happening {
        Happening::DeleteStack { account: self.account, stack_set: self.stack_set }
    }
}

impl AttachPolicyEntry {
    fn meant(self) -> Happening {
        let input = json!({"RoleName": self.role, "PolicyArn": self.policy});
        iam(self.account, "AttachRolePolicy", input)
    }
}

impl PutInlinePolicyEntry {
    fn meant(self) -> Happening {
        let document = self.document.to_string();
        let input = json!({"RoleName": self.role, "PolicyName": self.name, "PolicyDocument": document});
        iam(self.account, "PutRolePolicy", input)
    }
}

impl CallEntry {
    fn meant(self) -> Result<Happening, String> {
        let Some((service, operation)) = self.operation.single() else {
            return Err("`call` makes one call: its operation has no `*`".to_owned());
        };
        let (operation, region) = (operation.to_owned(), self.region);
        Ok(Happening::Call { account: self.account, service, operation, region, input: self.input })
    }
}

fn iam(account: String, operation: &str, input: Value) -> Happening {
    let (service, operation) = (Service::Iam, operation.to_owned());
    Happening::Call { account, service, operation, region: default_region(), input }
}
