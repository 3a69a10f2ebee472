//! An entry of `calls` as it is written, and what it means.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Deserialize;
use serde_json::Value;

use super::calls::{CallFault, Effect, Which};
use super::pattern::OperationPattern;
use super::written::check_account;

/// Which calls, and what becomes of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallEntry {
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
    pub(super) fn checked(self, written: Value) -> Result<CallFault, String> {
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
