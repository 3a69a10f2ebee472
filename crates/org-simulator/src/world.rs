//! The whole state of the simulated world, and the one door through which it is changed.

use jiff::Timestamp;
use serde_json::Value;

use crate::call::{Answer, Call, Caller, Service};
use crate::credentials::Credentials;
use crate::document::Documents;
use crate::faults::{self, Faults};
use crate::ids::Ids;
use crate::{authorization, cloudformation, iam, organizations, sts};

/// Everything that exists. Owned by one `Simulator`; fronts take turns.
#[derive(Debug)]
pub(crate) struct World {
    /// The virtual time of the call being handled.
    pub(crate) now: Timestamp,
    pub(crate) ids: Ids,
    pub(crate) documents: Documents,
    pub(crate) credentials: Credentials,
    pub(crate) iam: iam::State,
    /// The world has room for one organization.
    pub(crate) organization: Option<organizations::Organization>,
    pub(crate) organizations: organizations::State,
    pub(crate) cloudformation: cloudformation::State,
    pub(crate) faults: Faults,
}

impl World {
    /// A world with these accounts, each outside any organization.
    pub(crate) fn new(seed: u64, accounts: &[&str]) -> Self {
        let mut iam = iam::State::default();
        for account in accounts {
            iam.open_account(account);
        }
        World {
            now: Timestamp::UNIX_EPOCH,
            ids: Ids::seeded(seed),
            documents: Documents::default(),
            credentials: Credentials::default(),
            iam,
            organization: None,
            organizations: organizations::State::default(),
            cloudformation: cloudformation::State::default(),
            faults: Faults::seeded(seed),
        }
    }

    /// Authorizes a call (identity policies, boundary, session policies, service control policies) and
    /// carries it out. Services call each other through this same door: CloudFormation creates a role by
    /// calling IAM as the execution role of the target account, so its permissions bind as on AWS.
    pub(crate) fn call(&mut self, call: &Call) -> Answer {
        authorization::authorize(self, call)?;
        match call.service {
            Service::CloudFormation => cloudformation::handle(self, call),
            Service::Iam => iam::handle(self, call),
            Service::Organizations => organizations::handle(self, call),
            Service::Sts => sts::handle(self, call),
        }
    }

    /// A call made by one service on behalf of `caller`, in the same virtual instant.
    pub(crate) fn call_as(
        &mut self,
        caller: &Caller,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Answer {
        self.call(&Call {
            service,
            operation: operation.to_owned(),
            region: "us-east-1".to_owned(),
            caller: caller.clone(),
            input,
        })
    }

    /// Brings everything that takes virtual time up to `now`: StackSet operations, stacks, account creation, and
    /// events of the faults, each at its own instant.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        // The clock of a front may stand still; it never runs backwards here.
        let now = self.now.max(now);
        self.faults.begin_events(now);
        while let Some((at, event)) = self.faults.take_due_event(now) {
            self.come_to(at.max(self.now));
            faults::happen(self, event);
        }
        self.come_to(now);
    }

    fn come_to(&mut self, now: Timestamp) {
        self.now = now;
        organizations::advance(self);
        cloudformation::advance(self);
    }

    /// Tells StackSets that an account joined, moved or left; the parents are ids of the root or of
    /// organizational units.
    pub(crate) fn account_moved(&mut self, account: &str, from: Option<&str>, to: Option<&str>) {
        cloudformation::account_moved(self, account, from, to);
    }

    /// Whether AWS still lets anyone work in an account. An account outside the organization always works.
    pub(crate) fn is_usable(&self, account: &str) -> bool {
        let state = self.organization.as_ref().and_then(|organization| organization.account_state(account));
        state.is_none_or(organizations::AccountState::is_usable)
    }

    /// An account id that nobody has.
    pub(crate) fn new_account_id(&mut self) -> String {
        loop {
            let id = self.ids.account();
            if !self.iam.has_account(&id) {
                return id;
            }
        }
    }
}
