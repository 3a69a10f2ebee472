//! The list of faults as it is written, read and checked.

use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use super::accounts::{AccountFault, Whom};
use super::calls::{CallFault, Effect, Which};
use super::consistency::Consistency;
use super::event_entry::EventEntry;
use super::events::Event;
use super::pattern::OperationPattern;
use super::written::{Length, Share};
use crate::organizations::is_account_id;

/// A list of faults that was read and checked.
#[derive(Debug)]
pub struct FaultList {
    pub(super) calls: Vec<CallFault>,
    pub(super) accounts: Vec<AccountFault>,
    pub(super) consistency: Consistency,
    pub(super) events: Vec<Event>,
}

/// Why a text is no list of faults.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// The text is no YAML, or has keys or values that do not belong there. The cause says where.
    #[error("the list of faults could not be read")]
    Yaml(#[source] serde_yaml::Error),
    /// It can be read, and an entry makes no sense.
    #[error("{at}: {problem}")]
    Invalid {
        /// The entry, for example `calls[2]`.
        at: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl FromStr for FaultList {
    type Err = FaultError;

    /// Reads YAML, which JSON is a part of.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let file: File = serde_yaml::from_str(text).map_err(FaultError::Yaml)?;
        let written: Value = serde_yaml::from_str(text).map_err(FaultError::Yaml)?;
        let at = || "consistency".to_owned();
        file.consistency.check().map_err(|problem| FaultError::Invalid { at: at(), problem })?;
        Ok(FaultList {
            consistency: file.consistency,
            calls: checked("calls", file.calls, &written, CallEntry::checked)?,
            events: checked("events", file.events, &written, EventEntry::checked)?,
            accounts: checked("accounts", file.accounts, &written, AccountEntry::checked)?,
        })
    }
}

/// Checks the entries of one key, each together with the text that it was written as.
fn checked<E, F>(
    key: &str,
    entries: Vec<E>,
    written: &Value,
    check: impl Fn(E, Value) -> Result<F, String>,
) -> Result<Vec<F>, FaultError> {
    let check = |(index, entry)| {
        let at = format!("{key}[{index}]");
        check(entry, written[key][index].clone()).map_err(|problem| FaultError::Invalid { at, problem })
    };
    entries.into_iter().enumerate().map(check).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    calls: Vec<CallEntry>,
    #[serde(default)]
    accounts: Vec<AccountEntry>,
    #[serde(default)]
    consistency: Consistency,
    #[serde(default)]
    events: Vec<EventEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallEntry {
    operation: OperationPattern,
    account: Option<String>,
    nth: Option<NonZeroU64>,
    every: Option<NonZeroU64>,
    first_attempts: Option<NonZeroU64>,
    rate: Option<NonZeroU32>,
    times: Option<NonZeroU64>,
    effect: EffectName,
    code: Option<String>,
    status: Option<u16>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountEntry {
    account: Option<String>,
    share: Option<Share>,
    fail: Option<String>,
    takes: Option<Length>,
    times: Option<NonZeroU64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffectName {
    LoseResponse,
    HoldBefore,
    HoldAfter,
    Throttle,
    Fail,
}

impl CallEntry {
    fn checked(self, written: Value) -> Result<CallFault, String> {
        if let Some(account) = &self.account {
            check_account(account)?;
        }
        Ok(CallFault {
            written,
            which: self.which()?,
            effect: self.effect()?,
            operation: self.operation,
            account: self.account,
            times: self.times,
            matched: 0,
            struck: 0,
        })
    }

    fn which(&self) -> Result<Which, String> {
        match (self.nth, self.every, self.first_attempts, self.rate) {
            (None, None, None, None) => Ok(Which::All),
            (Some(number), None, None, None) => Ok(Which::Nth(number)),
            (None, Some(number), None, None) => Ok(Which::Every(number)),
            (None, None, Some(number), None) => Ok(Which::FirstAttempts(number)),
            (None, None, None, Some(per_second)) => Ok(Which::Beyond { per_second, bucket: None }),
            _ => Err("`nth`, `every`, `first_attempts` and `rate` exclude each other".to_owned()),
        }
    }

    fn effect(&self) -> Result<Effect, String> {
        let described = self.code.is_some() || self.status.is_some() || self.message.is_some();
        match (self.effect, &self.code, self.status) {
            (EffectName::Fail, Some(code), Some(status @ 400..=599)) => {
                let message = self.message.clone().unwrap_or_else(|| format!("{code}, as asked for"));
                Ok(Effect::Fail { code: code.clone(), status, message })
            }
            (EffectName::Fail, ..) => {
                Err("`effect: fail` needs a `code` and a `status` from 400 to 599".to_owned())
            }
            _ if described => Err("`code`, `status` and `message` belong to `effect: fail` alone".to_owned()),
            (EffectName::LoseResponse, ..) => Ok(Effect::LoseResponse),
            (EffectName::HoldBefore, ..) => Ok(Effect::HoldBefore),
            (EffectName::HoldAfter, ..) => Ok(Effect::HoldAfter),
            (EffectName::Throttle, ..) => Ok(Effect::Throttle),
        }
    }
}

impl AccountEntry {
    fn checked(self, written: Value) -> Result<AccountFault, String> {
        let whom = match (self.account, self.share) {
            (Some(account), None) => {
                check_account(&account)?;
                Whom::Account(account)
            }
            (None, Some(share)) => Whom::Share(share),
            _ => return Err("an entry is about an `account` or a `share`".to_owned()),
        };
        if self.fail.is_none() && self.takes.is_none() {
            return Err("nothing happens: `fail` or `takes` says what does".to_owned());
        }
        let takes = self.takes.map(|length| length.0);
        Ok(AccountFault { written, whom, fail: self.fail, takes, times: self.times })
    }
}

/// Account ids have twelve digits.
pub(super) fn check_account(account: &str) -> Result<(), String> {
    match is_account_id(account) {
        true => Ok(()),
        false => Err(format!("`{account}` is no account id of twelve digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole chain of what is wrong with a list.
    #[track_caller]
    fn refused(text: &str) -> String {
        let error = text.parse::<FaultList>().expect_err(text);
        match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn a_list_is_read_from_yaml_and_from_json_alike() {
        let yaml = "calls:\n  - { operation: 'sts:*', rate: 20, effect: throttle, times: 3 }\n";
        let json = r#"{"calls": [{"operation": "sts:*", "rate": 20, "effect": "throttle", "times": 3}]}"#;
        let [yaml, json] = [yaml, json].map(|text| text.parse::<FaultList>().unwrap());
        assert_eq!(yaml.calls[0].shown(), json.calls[0].shown());
        assert_eq!(yaml.calls[0].shown()["struck"], 0);
        assert!("{}".parse::<FaultList>().unwrap().calls.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_place_is_named() {
        let told =
            refused("calls:\n  - { operation: '*', effect: throttle }\n  - { operation: '*', nht: 1 }\n");
        assert!(told.contains("calls[1]") && told.contains("unknown field `nht`"), "{told}");
        assert!(told.contains("line 3"), "{told}");
        let told = refused("cals: []");
        assert!(told.contains("unknown field `cals`"), "{told}");
        let told = refused(r#"{"calls": [{"operation": "*", "effect": "trottle"}]}"#);
        assert!(told.contains("calls[0]") && told.contains("lose-response"), "{told}");
    }

    #[test]
    fn an_entry_that_makes_no_sense_is_refused_by_its_number() {
        let rows = [
            ("operation: '*', nth: 1, every: 2, effect: throttle", "exclude each other"),
            ("operation: '*', effect: fail, code: InternalFailure", "needs a `code` and a `status`"),
            ("operation: '*', effect: fail, code: InternalFailure, status: 200", "400 to 599"),
            ("operation: '*', effect: throttle, code: Throttling", "`effect: fail` alone"),
            ("operation: '*', effect: throttle, account: '12'", "no account id"),
        ];
        for (entry, expected) in rows {
            let told = refused(&format!("calls: [{{ {entry} }}]"));
            assert!(told.starts_with("calls[0]: ") && told.contains(expected), "{entry}: {told}");
        }
        let rows = [
            ("fail: no", "`account` or a `share`"),
            ("account: '100000000001', share: 1%, fail: no", "`account` or a `share`"),
            ("account: '12', fail: no", "no account id"),
            ("share: 1%, times: 2", "nothing happens"),
        ];
        for (entry, expected) in rows {
            let told = refused(&format!("accounts: [{{ {entry} }}]"));
            assert!(told.starts_with("accounts[0]: ") && told.contains(expected), "{entry}: {told}");
        }
        let rows = [
            ("at: 5m", "one of `move`"),
            ("at: 5m, close: { account: '100000000001' }, suspend: { account: '100000000001' }", "one of"),
            ("close: { account: '100000000001' }", "either `at` or `when`"),
            ("at: 5m, close: { account: nobody }", "no account id"),
            ("at: 5m, call: { account: '100000000001', operation: 'iam:*' }", "no `*`"),
        ];
        for (entry, expected) in rows {
            let told = refused(&format!("events: [{{ {entry} }}]"));
            assert!(told.starts_with("events[0]: ") && told.contains(expected), "{entry}: {told}");
        }
        let told = refused("calls: [{ operation: '*', nth: 0, effect: throttle }]");
        assert!(told.contains("calls[0]") && told.contains("nonzero"), "{told}");
    }
}
