//! The accounts of a run, sorted into what needs action and what is well.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;
use rollout_model::AccountId;

use super::super::matter::{Matter, matter};
use super::ours;
use crate::account_row::{AccountRow, Standing};
use crate::past_run::PastRun;
use crate::schema::AccountWords;
use crate::state::RunState;
use crate::text::counted;

/// The accounts that a table shows. Whoever is no target and well is in none: the numbers have them.
pub(super) struct Rows {
    pub(super) failing: Vec<Row>,
    pub(super) well: Vec<Row>,
}

pub(super) struct Row {
    id: String,
    name: String,
    unit: String,
    deployment: String,
    verification: String,
    matter: Option<Matter>,
}

impl Rows {
    pub(super) fn of(state: &RunState) -> Rows {
        let is_shown = |row: &AccountRow| row.standing() != Standing::NotTargeted;
        let accounts = state.accounts_by_unit().into_iter().filter(|(_, row)| is_shown(row));
        let (failing, well) =
            accounts.map(|(id, row)| Row::of(id, row)).partition(|row: &Row| row.matter.is_some());
        Rows { failing, well }
    }

    /// The causes, the most frequent first, each with some of its accounts.
    pub(super) fn causes(&self, examples: usize) -> Vec<Value> {
        let mut by_cause: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in &self.failing {
            if let Some(matter) = &row.matter {
                by_cause.entry((&matter.cause, &matter.remedy)).or_default().push((row, matter));
            }
        }
        let mut causes: Vec<_> = by_cause.into_values().collect();
        causes.sort_by_key(|rows| Reverse(rows.len()));
        causes.iter().map(|rows| cause(rows, examples)).collect()
    }
}

fn cause(rows: &[(&Row, &Matter)], examples: usize) -> Value {
    let (_, Matter { title, remedy, .. }) = rows[0];
    let shown = rows.len().min(examples);
    let example = |(row, matter): &(&Row, &Matter)| {
        let evidence = (!matter.evidence.is_empty()).then(|| matter.evidence.join("; "));
        context! { evidence, ..row.value() }
    };
    context! {
        title => ours(*title),
        remedy,
        accounts => ours(counted(rows.len(), "account")),
        examples => rows[..shown].iter().map(example).collect::<Vec<_>>(),
        more => rows.len() - shown,
    }
}

impl Row {
    fn of(id: &AccountId, row: &AccountRow) -> Row {
        let AccountWords { deployment, verification, .. } = AccountWords::of(row);
        Row {
            id: id.to_string(),
            name: row.name().to_owned(),
            unit: row.unit().map_or_else(|| "not in the plan".to_owned(), ToString::to_string),
            deployment: deployment.unwrap_or_else(|| "none".to_owned()).replace('_', " "),
            verification: verification.replace('_', " "),
            matter: matter(row),
        }
    }

    pub(super) fn value(&self) -> Value {
        context! {
            id => self.id.as_str(),
            name => self.name.as_str(),
            unit => self.unit.as_str(),
            deployment => ours(self.deployment.as_str()),
            verification => ours(self.verification.as_str()),
            cause => ours(self.matter.as_ref().map_or("", |matter| matter.title)),
        }
    }
}

/// Who is failing and was not in the run before, and the other way round; nothing when there was none.
pub(super) fn past(state: &RunState, past_runs: &[PastRun]) -> Option<Value> {
    let past = past_runs.first()?;
    let is_failing = |standing: Standing| standing > Standing::AsSpecified;
    let changed = |to_failing: bool| -> Vec<String> {
        let accounts = state.accounts_by_unit().into_iter().filter(|(id, row)| {
            let before = past.standings.get(*id).copied().unwrap_or(Standing::NotTargeted);
            let now = row.standing();
            is_failing(now) == to_failing && is_failing(before) != to_failing
        });
        accounts.map(|(id, row)| format!("{id} {}", row.name())).collect()
    };
    Some(context! { run => past.run.to_string(), failing => changed(true), fixed => changed(false) })
}
