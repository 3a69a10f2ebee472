//! The pure core: a request and the time in, a response out.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::call::{Answer, ApiError, Call};
use crate::credentials;
use crate::faults::{self, Arrival, Effect, FaultList};
use crate::organizations;
use crate::rates::{self, Buckets, RequestRates};
use crate::received::{Wire, attempt, decode, scope};
use crate::seed::{self, SeedError, Shape};
use crate::wire::{WireRequest, WireResponse};
use crate::world::World;

/// The account of an empty world.
pub(crate) const FIRST_ACCOUNT: &str = "111111111111";

/// Accounts that exist outside any organization, so that trust policies can name them: AWS's documentation uses
/// them for vendors and other third parties.
pub(crate) const ACCOUNTS_ELSEWHERE: [&str; 4] =
    ["111122223333", "123456789012", "444455556666", "777788889999"];

/// How an empty simulation starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Simulations of the same seed that see the same requests hand out the same ids.
    pub seed: u64,
}

/// Credentials of an account's admin user.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIASIMU` and the account id.
    pub access_key_id: String,
    /// Any secret does, as the signature is not checked.
    pub secret_access_key: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("AccessKey")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// One account, as the control endpoints show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// Twelve digits.
    pub id: String,
    /// Its name in the organization; `None` outside.
    pub name: Option<String>,
    /// Its `State` in the organization; `None` outside.
    pub state: Option<&'static str>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Reply {
    /// It is answered.
    Answer(WireResponse),
    /// Its connection is cut without an answer, as a fault wants it.
    Cut,
    /// Its connection stays open without an answer, as a fault wants it.
    Held,
}

impl Reply {
    /// The answer, if there is one.
    #[must_use]
    pub fn into_answer(self) -> Option<WireResponse> {
        match self {
            Reply::Answer(answer) => Some(answer),
            Reply::Cut | Reply::Held => None,
        }
    }
}

/// A simulated AWS: accounts, an organization, and what CloudFormation deploys into it.
pub struct Simulator {
    world: World,
    buckets: Buckets,
    latency: Duration,
    calls: BTreeMap<String, u64>,
    throttled: BTreeMap<String, u64>,
    denied: BTreeMap<String, u64>,
}

/// The world holds external ids and session tokens: it is not shown.
impl std::fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Simulator").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Simulator {
    /// An account 111111111111 outside any organization, with an admin user and nothing else.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let mut accounts = vec![FIRST_ACCOUNT];
        accounts.extend(ACCOUNTS_ELSEWHERE);
        Self::of(World::new(options.seed, &accounts))
    }

    /// The organization that a YAML file describes.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the file, and where.
    pub fn from_yaml(text: &str) -> Result<Self, SeedError> {
        seed::from_yaml(text).map(|seeded| Self::of(seeded.world).at_rates(seeded.request_rates))
    }

    /// A made-up organization of a certain size.
    #[must_use]
    pub fn from_shape(shape: Shape) -> Self {
        let mut simulator = Self::of(seed::from_shape(shape)).at_rates(shape.rates);
        if let Some(per_second) = shape.sts_per_second {
            simulator.buckets.limit_sts(per_second);
        }
        Simulator { latency: shape.latency, ..simulator }
    }

    fn of(world: World) -> Self {
        Simulator {
            world,
            buckets: Buckets::default(),
            latency: Duration::ZERO,
            calls: BTreeMap::new(),
            throttled: BTreeMap::new(),
            denied: BTreeMap::new(),
        }
    }

    fn at_rates(mut self, rates: RequestRates) -> Self {
        self.buckets.enforce(rates);
        self
    }

    /// From now on refuses calls beyond the request rates that AWS documents for Organizations and STS. A second
    /// is one of the virtual clock.
    pub fn enforce_request_rates(&mut self) {
        self.buckets.enforce(RequestRates::Documented);
    }

    /// How long an answer is on its way to a client. The fronts wait for it, each on its own clock: over HTTP these
    /// are real milliseconds, however fast virtual time passes.
    #[must_use]
    pub fn latency(&self) -> Duration {
        self.latency
    }

    /// How many calls of each operation arrived, by names such as `cloudformation:CreateStackSet`. Refused calls
    /// count; what services ask of each other does not.
    #[must_use]
    pub fn calls(&self) -> &BTreeMap<String, u64> {
        &self.calls
    }

    /// How many of [`Simulator::calls`] were refused because their caller called too often.
    #[must_use]
    pub fn throttled(&self) -> &BTreeMap<String, u64> {
        &self.throttled
    }

    /// How many of [`Simulator::calls`] were refused because their caller may not make them.
    #[must_use]
    pub fn denied(&self) -> &BTreeMap<String, u64> {
        &self.denied
    }

    /// Starts counting anew, throttled and denied calls too.
    pub fn reset_calls(&mut self) {
        self.calls.clear();
        self.throttled.clear();
        self.denied.clear();
    }

    /// Lets what a list says go wrong from now on, after what earlier lists say. The clock of its events begins
    /// with the next request or [`Simulator::advance`].
    pub fn add_faults(&mut self, list: FaultList) {
        let members = self.world.organization.as_ref().map(organizations::Organization::deployable_accounts);
        self.world.faults.add(list, &members.unwrap_or_default());
    }

    /// Every fault as it was written, by the names of the list, with how often it struck.
    #[must_use]
    pub fn faults(&self) -> serde_json::Value {
        self.world.faults.shown()
    }

    /// Lets nothing go wrong any more, and forgets what did.
    pub fn remove_faults(&mut self) {
        self.world.faults.clear();
    }

    /// The credentials of an account's admin user; `None` when there is no such account.
    #[must_use]
    pub fn access_key(&self, account: &str) -> Option<AccessKey> {
        self.world.iam.has_account(account).then(|| AccessKey {
            access_key_id: credentials::admin_key(account),
            secret_access_key: "simulated".to_owned(),
        })
    }

    /// The management account, once there is an organization.
    #[must_use]
    pub fn management_account(&self) -> Option<&str> {
        self.world.organization.as_ref().map(|organization| organization.management_account())
    }

    /// Every account, inside and outside the organization.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountSummary> {
        let organization = self.world.organization.as_ref();
        let summary = |id: &str| {
            let account = organization.and_then(|organization| organization.account(id));
            AccountSummary {
                id: id.to_owned(),
                name: account.map(|account| account.name.clone()),
                state: account.map(|account| account.state.as_str()),
            }
        };
        self.world.iam.account_ids().map(summary).collect()
    }

    /// Lets virtual time pass without a request: everything that is due by `now` has happened afterwards.
    pub fn advance(&mut self, now: Timestamp) {
        self.world.advance(now);
    }

    /// Answers one request, unless a fault keeps the answer. `now` is the virtual time: everything that was due by
    /// then has happened when the request is looked at. A `now` earlier than before is taken for the same instant.
    pub fn handle(&mut self, request: &WireRequest, now: Timestamp) -> Reply {
        self.world.advance(now);
        let request_id = self.world.ids.uuid();
        let wire = Wire::of(request);
        let scope = match scope(&self.world, request, &wire) {
            Ok(scope) => scope,
            Err(error) => return Reply::Answer(wire.failure(&error, &request_id)),
        };
        // A signed request is answered in the protocol of the service that it is signed for.
        let wire = wire.of_service(scope.service);
        let call = match decode(request, scope) {
            Ok(call) => call,
            Err(error) => return Reply::Answer(wire.failure(&error, &request_id)),
        };
        let effect = self.arrive(&call, attempt(request));
        if effect == Some(Effect::HoldBefore) {
            return Reply::Held;
        }
        let answer = match self.call(&call, effect.as_ref()) {
            Ok(answer) => wire.success(&call.operation, &answer, &request_id),
            Err(error) => wire.failure(&error, &request_id),
        };
        match effect {
            Some(Effect::LoseResponse) => Reply::Cut,
            Some(Effect::HoldAfter) => Reply::Held,
            _ => Reply::Answer(answer),
        }
    }

    /// Counts a call, lets happen what waited for it, and asks the faults what becomes of it.
    fn arrive(&mut self, call: &Call, attempt: u64) -> Option<Effect> {
        *self.calls.entry(call.name()).or_default() += 1;
        let now = self.world.now;
        for event in self.world.faults.take_called_events(call, now) {
            faults::happen(&mut self.world, event);
        }
        self.world.faults.strike(&Arrival { call, attempt, now })
    }

    fn call(&mut self, call: &Call, effect: Option<&Effect>) -> Answer {
        if let Some(Effect::Fail { code, status, message }) = effect {
            return Err(ApiError::new(code.clone(), *status, message.as_str()));
        }
        if let Err(error) = self.admit(call, effect) {
            *self.throttled.entry(call.name()).or_default() += 1;
            return Err(error);
        }
        let answer: Answer = self.world.call(call);
        if let Err(error) = &answer {
            tracing::debug!(operation = call.operation, code = %error.code, "refused");
            if matches!(&*error.code, "AccessDenied" | "AccessDeniedException") {
                *self.denied.entry(call.name()).or_default() += 1;
            }
        }
        answer
    }

    /// Asks the faults, and the buckets of the caller if rates are enforced.
    fn admit(&mut self, call: &Call, effect: Option<&Effect>) -> Result<(), ApiError> {
        if effect == Some(&Effect::Throttle) {
            return Err(rates::refusal(call.service));
        }
        let organization = self.world.organization.as_ref();
        let organization =
            organization.filter(|organization| organization.account(&call.caller.account).is_some());
        self.buckets.admit(call, organization.map(|organization| organization.id()), self.world.now)
    }
}
