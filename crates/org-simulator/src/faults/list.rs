//! The list of faults as it is written, read and checked.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use super::account_entry::AccountEntry;
use super::accounts::AccountFault;
use super::call_entry::CallEntry;
use super::calls::CallFault;
use super::consistency::Consistency;
use super::event_entry::EventEntry;
use super::events::Event;

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
