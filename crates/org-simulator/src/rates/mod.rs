//! Request rates: who called too often is refused before anything else is looked at (aws-facts D4, E3).

mod bucket;
mod table;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::call::{ApiError, Call, Service};
pub(crate) use bucket::{Bucket, Rate};
use table::{Quota, quota};

/// Which request rates a simulation enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
pub enum RequestRates {
    /// Nobody is refused for calling often.
    #[default]
    #[serde(rename = "unlimited")]
    Unlimited,
    /// Those that AWS documents, on the virtual clock.
    #[serde(rename = "documented")]
    Documented,
}

/// The buckets of everybody who called. None is there until somebody asks for limits.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    enforced: RequestRates,
    /// How many calls of STS instead of what is enforced.
    sts: Option<NonZeroU32>,
    by_owner: BTreeMap<(Owner, &'static str), Bucket>,
}

/// Whose calls a bucket counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Account(String),
    /// STS counts every Region by itself.
    AccountInRegion(String, String),
    Organization(String),
}

impl Buckets {
    /// From now on refuses what is beyond these rates.
    pub(crate) fn enforce(&mut self, rates: RequestRates) {
        self.enforced = rates;
    }

    /// From now on refuses what is beyond so many calls of STS a second, whatever is enforced else.
    pub(crate) fn limit_sts(&mut self, per_second: NonZeroU32) {
        self.sts = Some(per_second);
    }

    /// The quota that a call counts against.
    fn quota(&self, call: &Call) -> Option<Quota> {
        match (self.sts, self.enforced) {
            (Some(per_second), _) if call.service == Service::Sts => Some(table::sts(per_second.get())),
            (_, RequestRates::Documented) => quota(call.service, &call.operation),
            (_, RequestRates::Unlimited) => None,
        }
    }

    /// Lets a call through or refuses it. `organization` is the one that the caller belongs to. A refused call
    /// takes nothing out of any bucket.
    pub(crate) fn admit(
        &mut self,
        call: &Call,
        organization: Option<&str>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Some(quota) = self.quota(call) else { return Ok(()) };
        let buckets = limits(&quota, call, organization);
        for (owner, rate) in &buckets {
            let bucket = self.by_owner.entry((owner.clone(), quota.name()));
            if !bucket.or_insert_with(|| Bucket::full(*rate, now)).has_token(now) {
                return Err(refusal(call.service));
            }
        }
        for (owner, _) in buckets {
            self.by_owner.get_mut(&(owner, quota.name())).expect("it was just filled").take();
        }
        Ok(())
    }
}

/// Every bucket that has to have a token for a call.
fn limits(quota: &Quota, call: &Call, organization: Option<&str>) -> Vec<(Owner, Rate)> {
    let account = call.caller.account.clone();
    let caller = match call.service {
        Service::Sts => Owner::AccountInRegion(account, call.region.clone()),
        _ => Owner::Account(account),
    };
    let shared = organization.zip(quota.per_organization);
    let shared = shared.map(|(id, rate)| (Owner::Organization(id.to_owned()), rate));
    std::iter::once((caller, quota.per_account)).chain(shared).collect()
}

/// Organizations has a modelled error for it, with the sentence that users report. Its `Type` is free text that
/// is documented nowhere: the Query protocol's word for a caller's fault stands in.
pub(crate) fn refusal(service: Service) -> ApiError {
    if service != Service::Organizations {
        return ApiError::new("Throttling", 400, "Rate exceeded");
    }
    let message = "You have sent too many requests in too short a period of time. Try again later.";
    let mut error = ApiError::new("TooManyRequestsException", 400, message);
    error.members.push(("Type", "Sender".to_owned()));
    error
}
