//! In which order accounts are deployed to.

use std::collections::BTreeMap;

use rollout_model::{Account, AccountId, Gate, Organization, RolloutSpec, WaveName};

use crate::error::PlanError;
use crate::select::Lists;

/// The name of the wave of the management account when no configured one selects it.
pub const MANAGEMENT_WAVE: &str = "management account";

/// The name of the wave of all accounts that no other one selects.
pub const LAST_WAVE: &str = "rest";

/// The name of what comes after all waves: the accounts that lose the role.
pub const REMOVAL_WAVE: &str = "removal";

/// The order of the waves, and the wave of each account.
pub(crate) struct Waves {
    pub(crate) order: Vec<WaveName>,
    of: BTreeMap<AccountId, WaveName>,
    gates: BTreeMap<WaveName, Gate>,
}

impl Waves {
    /// An account belongs to the first wave that selects it. The management account comes first by default:
    /// a vendor's set-up usually begins there, and a plain stack fails fast.
    pub(crate) fn assign(spec: &RolloutSpec, organization: &Organization) -> Result<Waves, PlanError> {
        let lists = Lists::resolve(&spec.targets, &spec.waves, organization)?;
        let (management, last) = (name(MANAGEMENT_WAVE), name(LAST_WAVE));
        let configured = spec.waves.iter().map(|wave| wave.name.clone());
        let order = std::iter::once(management.clone()).chain(configured).chain([last.clone()]).collect();
        let default = |account: &Account| match account.id == organization.management_account {
            true => management.clone(),
            false => last.clone(),
        };
        let wave = |account: &Account| {
            let wave = lists.wave(organization, account).ok()?.cloned();
            Some((account.id.clone(), wave.unwrap_or_else(|| default(account))))
        };
        let of = organization.accounts.values().filter_map(wave).collect();
        let gates = spec.waves.iter().map(|wave| (wave.name.clone(), wave.gate)).collect();
        Ok(Waves { order, of, gates })
    }

    /// The wave of an account; `None` when tags decide that were not read, which are those of no target.
    pub(crate) fn of(&self, account: &AccountId) -> Option<&WaveName> {
        self.of.get(account)
    }

    /// What has to hold after a wave: nothing after those that every plan has.
    pub(crate) fn gate(&self, wave: &WaveName) -> Gate {
        self.gates.get(wave).copied().unwrap_or(Gate::OPEN)
    }
}

pub(crate) fn name(name: &str) -> WaveName {
    name.parse().expect("the names that every plan has are wave names")
}
