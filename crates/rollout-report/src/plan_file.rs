//! A plan that was saved, to be carried out exactly or not at all.
//!
//! Planning is a pure function, so a saved plan is carried out by planning again and comparing: what is done is
//! what was read and approved, or nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rollout_model::RolloutPlan;
use serde::{Deserialize, Serialize};

use crate::schema::{AccountEntry, Plan, json, schema_of};

/// The version of the format. A reader refuses every other.
const PLAN_FILE_SCHEMA: &str = "rolecall.plan-file/1";

/// What a plan was made from, as far as a file can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOrigin {
    /// RFC 3339 in UTC.
    pub saved_at: Timestamp,
    /// The rolecall that made it: another one may plan differently.
    pub version: String,
    /// The configuration, as it was named.
    pub configuration: PathBuf,
    /// A digest of everything that the configuration says, with the files and secrets that it refers to.
    pub configuration_digest: String,
    /// Whether removals were agreed to.
    pub remove: bool,
    /// Whether taking a StackSet over was agreed to.
    pub adopt: bool,
    /// Whether it was allowed to let a role be replaced.
    pub allow_replacement: bool,
    /// Whether instances whose role is gone are made anew.
    #[serde(default)]
    pub converge: bool,
}

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFile {
    schema: String,
    /// What it was made from.
    pub origin: PlanOrigin,
    plan: Plan,
}

/// Why a text is no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// Another document.
    #[error("it is no plan as `rolecall plan --out` writes it ({found})")]
    NoPlan {
        /// What it is instead.
        found: String,
    },
    /// Such a plan, but damaged.
    #[error("it is damaged: save the plan again with `rolecall plan --out`")]
    Damaged(#[source] serde_json::Error),
}

impl PlanFile {
    /// A plan to be saved.
    pub fn of(origin: PlanOrigin, plan: &RolloutPlan) -> PlanFile {
        PlanFile { schema: PLAN_FILE_SCHEMA.to_owned(), origin, plan: Plan::of(plan) }
    }

    /// As it is written, with a line feed at its end.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// Whether a file looks like a saved plan rather than like a configuration, which is YAML.
    pub fn is_meant_by(path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    }

    /// Reads what [`PlanFile::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn read(text: &str) -> Result<PlanFile, PlanFileError> {
        match schema_of(text) {
            Some(schema) if schema != PLAN_FILE_SCHEMA => {
                Err(PlanFileError::NoPlan { found: format!("its schema is `{schema}`") })
            }
            None => Err(PlanFileError::NoPlan { found: "it has no `schema`".to_owned() }),
            _ => serde_json::from_str(text).map_err(PlanFileError::Damaged),
        }
    }

    /// In what a plan that was made now differs from the saved one, in words; empty when it is the same.
    /// Warnings are not compared: that the StackSet is busy changes nothing about the plan.
    pub fn differences(&self, now: &RolloutPlan) -> Vec<String> {
        let now = Plan::of(now);
        let mut found = accounts(&self.plan.accounts, &now.accounts);
        if self.plan.changes != now.changes {
            found.push("the definition that AWS holds, or the one to be deployed, is another one".to_owned());
        }
        if found.is_empty() && self.plan.steps != now.steps {
            found.push("the steps are others".to_owned());
        }
        if found.is_empty() && self.plan.clone().without_warnings() != now.without_warnings() {
            found.push("the plan is another one".to_owned());
        }
        found
    }
}

fn accounts(saved: &[AccountEntry], now: &[AccountEntry]) -> Vec<String> {
    let by_id = |entries: &[AccountEntry]| -> BTreeMap<String, AccountEntry> {
        entries.iter().map(|entry| (entry.id.clone(), entry.clone())).collect()
    };
    let (saved, now) = (by_id(saved), by_id(now));
    let named = |entry: &AccountEntry| format!("account {} {}", entry.id, entry.name);
    let left = saved.values().filter(|entry| !now.contains_key(&entry.id));
    let left = left.map(|entry| format!("{} left the organization", named(entry)));
    let joined = now.values().filter(|entry| !saved.contains_key(&entry.id));
    let joined = joined.map(|entry| format!("{} joined the organization", named(entry)));
    let changed = now.values().filter_map(|entry| {
        let before = saved.get(&entry.id).filter(|before| *before != entry)?;
        Some(format!("{} {}", named(entry), change(before, entry)))
    });
    left.chain(joined).chain(changed).collect()
}

/// The first thing that differs, from cause to effect.
fn change(before: &AccountEntry, now: &AccountEntry) -> String {
    if before.organizational_unit_path != now.organizational_unit_path {
        format!("moved from {} to {}", before.organizational_unit_path, now.organizational_unit_path)
    } else if before.name != now.name {
        format!("was called `{}`", before.name)
    } else {
        let (before, now) = (in_words(before), in_words(now));
        format!("was {before}; is {now}")
    }
}

fn in_words(entry: &AccountEntry) -> String {
    format!("{} ({})", rollout_model::Action::from(entry.action), entry.reason)
}

#[cfg(test)]
mod tests {
    use rollout_model::Action;

    use super::*;
    use crate::samples;

    fn origin() -> PlanOrigin {
        PlanOrigin {
            saved_at: Timestamp::UNIX_EPOCH,
            version: "0.1.0".to_owned(),
            configuration: "rollout.yaml".into(),
            configuration_digest: "abc".to_owned(),
            remove: false,
            adopt: false,
            allow_replacement: false,
            converge: false,
        }
    }

    #[test]
    fn a_plan_comes_back_as_it_was_saved_and_holds_no_secret() {
        let file = PlanFile::of(origin(), &samples::plan());
        let text = file.to_json();
        assert!(!text.contains(samples::EXTERNAL_ID), "the plan shows the external ID");
        assert_eq!(PlanFile::read(&text).unwrap(), file);
    }

    #[test]
    fn what_is_no_saved_plan_is_refused() {
        let refused = |text: &str, says: &str| {
            let error = PlanFile::read(text).unwrap_err().to_string();
            assert!(error.contains(says), "`{error}` does not say `{says}`");
        };
        refused("rollout: x", "it has no `schema`");
        refused(r#"{"schema":"rolecall.plan/1"}"#, "its schema is `rolecall.plan/1`");
        refused(r#"{"schema":"rolecall.plan-file/1"}"#, "damaged");
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut RolloutPlan), expected: &[&str]) {
        let saved = PlanFile::of(origin(), &samples::plan());
        let mut now = samples::plan();
        change(&mut now);
        assert_eq!(saved.differences(&now), expected);
    }

    #[test]
    fn whatever_differs_is_said_by_its_cause() {
        let shop = || samples::id("200000000001");
        check(|_| {}, &[]);
        check(|plan| plan.warnings.clear(), &[]);
        check(
            |plan| _ = plan.accounts.remove(&shop()),
            &["account 200000000001 shop-prod left the organization"],
        );
        check(
            |plan| {
                let new = plan.accounts[&shop()].clone();
                plan.accounts.insert(samples::id("300000000001"), new);
            },
            &["account 300000000001 shop-prod joined the organization"],
        );
        check(
            |plan| plan.accounts.get_mut(&shop()).unwrap().unit.0.truncate(1),
            &["account 200000000001 shop-prod moved from Workloads/Größe \\/ Prod to Workloads"],
        );
        check(
            |plan| plan.accounts.get_mut(&shop()).unwrap().action = Action::Keep,
            &["account 200000000001 shop-prod was create (include ou Workloads/**); \
               is keep (include ou Workloads/**)"],
        );
        check(|plan| _ = plan.waves.pop(), &["the steps are others"]);
        check(|plan| plan.pace = None, &["the plan is another one"]);
    }
}
