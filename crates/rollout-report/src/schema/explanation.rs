//! `rolecall.explanation/1`: why accounts are targets or none.

use rollout_model::{Account, AccountPlan, EntryExplanation, Explanation, Organization};
use serde::Serialize;

use super::words::ActionWord;

#[derive(Debug, Serialize)]
pub(crate) struct ExplanationDocument {
    schema: &'static str,
    accounts: Vec<AccountEntry>,
}

#[derive(Debug, Serialize)]
struct AccountEntry {
    id: String,
    name: String,
    organizational_unit_path: String,
    state: String,
    /// `null` when tags decide that were not read.
    selected: Option<bool>,
    reason: String,
    wave: Option<String>,
    entries: Vec<EntryEntry>,
    /// `null` when AWS was not asked what it holds.
    plan: Option<PlanEntry>,
}

#[derive(Debug, Serialize)]
struct EntryEntry {
    key: String,
    entry: String,
    /// `null` when tags decide that were not read.
    matches: Option<bool>,
    /// The selectors of the entry that do not match.
    unmatched: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PlanEntry {
    action: ActionWord,
    wave: Option<String>,
    reason: String,
}

impl ExplanationDocument {
    pub(crate) fn of(
        organization: &Organization,
        explained: &[(&Account, Explanation, Option<&AccountPlan>)],
    ) -> ExplanationDocument {
        let entry = |(account, explanation, plan): &(&Account, Explanation, Option<&AccountPlan>)| {
            AccountEntry::of(organization, account, explanation, *plan)
        };
        ExplanationDocument {
            schema: "rolecall.explanation/1",
            accounts: explained.iter().map(entry).collect(),
        }
    }
}

impl AccountEntry {
    fn of(
        organization: &Organization,
        account: &Account,
        explanation: &Explanation,
        plan: Option<&AccountPlan>,
    ) -> AccountEntry {
        AccountEntry {
            id: account.id.to_string(),
            name: account.name.clone(),
            organizational_unit_path: organization.path(&account.parent).to_string(),
            state: account.state.to_string(),
            selected: explanation.selected,
            reason: explanation.reason.clone(),
            wave: explanation.wave.as_ref().map(ToString::to_string),
            entries: explanation.entries.iter().map(EntryEntry::of).collect(),
            plan: plan.map(|plan| PlanEntry {
                action: plan.action.into(),
                wave: plan.wave.as_ref().map(ToString::to_string),
                reason: plan.reason.clone(),
            }),
        }
    }
}

impl EntryEntry {
    fn of(entry: &EntryExplanation) -> EntryEntry {
        EntryEntry {
            key: entry.key.clone(),
            entry: entry.entry.clone(),
            matches: entry.matches,
            unmatched: entry.unmatched.clone(),
        }
    }
}
