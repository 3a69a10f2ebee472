//! Who is proven already, as the ledgers of earlier runs tell.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};
use rollout_model::{AccountId, Organization, RolloutSpec, RunId};
use rollout_report::{Ledger, RunState};

use crate::run::LEDGER_DIRECTORY;

/// The proofs of the last run, and of the runs before it where it was not about all targets.
pub(crate) struct Proven {
    /// The last run.
    pub(crate) last: RunId,
    /// Each account with the run that proved it.
    pub(crate) accounts: BTreeMap<AccountId, RunId>,
}

impl Proven {
    /// Of every account the newest run counts that was about it.
    pub(crate) fn by_ledgers(spec: &RolloutSpec, organization: &Organization) -> anyhow::Result<Proven> {
        let context = "`--only-failed` goes by the ledgers of earlier runs";
        let mut proven: Option<Proven> = None;
        let mut told: BTreeSet<AccountId> = BTreeSet::new();
        for path in Ledger::newest_first(Path::new(LEDGER_DIRECTORY), Some(&spec.rollout)).context(context)? {
            let state = Ledger::read(&path).context(context)?;
            let (Some(run), true) = (state.run.clone(), is_proof(&state, spec, organization)) else {
                continue;
            };
            let proven =
                proven.get_or_insert_with(|| Proven { last: run.clone(), accounts: BTreeMap::new() });
            for (id, row) in state.accounts().iter().filter(|(_, row)| row.is_target()) {
                if told.insert(id.clone()) && row.is_verified() {
                    proven.accounts.insert(id.clone(), run.clone());
                }
            }
            if state.narrowing.is_none() && !state.only_failed {
                break;
            }
        }
        match proven {
            Some(proven) => Ok(proven),
            None => bail!(
                "there is no earlier run of `{}` below `{LEDGER_DIRECTORY}` to go by\n  \
                 run `rolecall verify` without `--only-failed` first, in this directory",
                spec.rollout
            ),
        }
    }
}

/// Whether a run tells of roles that are to be there, in this organization and of this StackSet.
fn is_proof(state: &RunState, spec: &RolloutSpec, organization: &Organization) -> bool {
    matches!(state.command.as_deref(), Some("apply" | "verify"))
        && state.organization.as_ref() == Some(&organization.id)
        && state.home_region.as_ref() == Some(&spec.home_region)
        && state.accounts().values().any(|row| row.is_target())
}
