//! What needs action: accounts under what they have in common, with what mends it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rollout_model::{AccountId, DeploymentStatus};
use serde::Serialize;

use super::status::Status;
use super::words::slug;
use crate::account_row::{AccountRow, Verification};
use crate::cause::{Diagnosis, diagnose};
use crate::schema::{CauseWord, VerdictCauseWord};
use crate::state::RunState;
use crate::text::{RunFiles, Trouble, escaped, generalized, next_command};
use crate::verdict_cause;

/// So many different texts of evidence stand for a cause; those of every account are in its row.
const EXAMPLES: usize = 3;

/// Accounts that need action for one cause.
#[derive(Serialize)]
pub(super) struct Group {
    slug: String,
    words: String,
    remedy: Option<String>,
    /// To be typed next; none after a run that leaves nothing to go on with.
    command: Option<String>,
    status: Status,
    accounts: Vec<Member>,
    /// What was seen in the first of them, without repetition.
    examples: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Member {
    id: String,
    name: String,
    unit: String,
}

/// What is the matter with one account.
pub(super) struct Cause {
    /// As addresses have it.
    pub(super) slug: String,
    pub(super) words: String,
    remedy: Option<String>,
}

impl Cause {
    /// `None` where nothing is the matter. The deployment comes first: what follows from it says less.
    pub(super) fn of(row: &AccountRow) -> Option<Cause> {
        if !Status::of(row).needs_action() {
            return None;
        }
        if row.is_blocked() {
            let words = "cannot be deployed to as things stand".to_owned();
            return Some(Cause { slug: "blocked".to_owned(), words, remedy: None });
        }
        if let Some(Diagnosis { cause, remedy }) = row.deployment.as_ref().and_then(diagnose) {
            let slug = format!("deployment-{}", slug(CauseWord::from(cause)));
            return Some(Cause { slug, words: cause.in_words().to_owned(), remedy });
        }
        let named =
            |slug: &str, words: &str| Cause { slug: slug.to_owned(), words: words.to_owned(), remedy: None };
        Some(match &row.verification {
            Verification::Done(verdict) => match verdict.cause() {
                Some(cause) => Cause {
                    slug: slug(VerdictCauseWord::from(cause)),
                    words: verdict_cause::in_words(cause).to_owned(),
                    remedy: verdict_cause::remedy(cause).map(str::to_owned),
                },
                None => named("not-proven", "no check was made"),
            },
            Verification::NotVerified(_) => named("not-verified", "was not verified"),
            Verification::Pending | Verification::NotAsked => {
                named("open", "the run ended before this was known")
            }
        })
    }
}

/// The causes: failures before findings, and the most frequent first.
pub(super) fn groups(state: &RunState, files: &RunFiles<'_>) -> Vec<Group> {
    let mut groups: BTreeMap<_, (Group, Vec<&AccountId>)> = BTreeMap::new();
    for (id, row) in state.accounts() {
        let Some(cause) = Cause::of(row) else { continue };
        let status = Status::of(row);
        let key = (status, Trouble::of(row), cause.slug.clone(), cause.remedy.clone());
        let (group, ids) = groups.entry(key).or_insert_with(|| {
            let group = Group {
                slug: cause.slug,
                words: cause.words,
                remedy: cause.remedy,
                command: None,
                status,
                accounts: Vec::new(),
                examples: Vec::new(),
            };
            (group, Vec::new())
        });
        ids.push(id);
        if group.examples.len() < EXAMPLES {
            let own = &mut Vec::new();
            let seen: Vec<String> =
                evidence(row).iter().map(|line| escaped(&generalized(line, id, own)).into_owned()).collect();
            if !seen.is_empty() && !group.examples.contains(&seen) {
                group.examples.push(seen);
            }
        }
        let unit = row.unit().map(ToString::to_string).unwrap_or_default();
        let (name, unit) = (escaped(row.name()).into_owned(), escaped(&unit).into_owned());
        group.accounts.push(Member { id: id.to_string(), name, unit });
    }
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|((_, trouble, ..), (group, ids))| Group {
            command: next_command(state, files, trouble, &ids),
            ..group
        })
        .collect();
    groups.sort_by_key(|group| (group.status, Reverse(group.accounts.len())));
    groups
}

/// What was seen that is not as it should be.
fn evidence(row: &AccountRow) -> Vec<String> {
    if let Some(plan) = row.plan.as_ref().filter(|_| row.is_blocked()) {
        return vec![plan.reason.clone()];
    }
    if let Some(reason) = row.deployment.as_ref().and_then(DeploymentStatus::reason) {
        return vec![reason.to_owned()];
    }
    match &row.verification {
        Verification::Done(verdict) => {
            // What only follows from another check says nothing beside it.
            let telling = verdict.open_checks().filter(|result| result.cause.is_some());
            telling
                .flat_map(|result| match result.evidence.as_slice() {
                    [] => vec![format!("{}: {}", result.check, result.outcome)],
                    lines => lines.iter().map(|line| format!("{}: {line}", result.check)).collect(),
                })
                .collect()
        }
        Verification::NotVerified(reason) => vec![reason.clone()],
        Verification::Pending | Verification::NotAsked => Vec::new(),
    }
}
