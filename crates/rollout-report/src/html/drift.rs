//! Which role differs in which property.

use rollout_model::{AccountId, Check, CheckOutcome, CheckResult, RoleProperty, Verdict};
use serde::Serialize;

use crate::account_row::{AccountRow, Standing, Verification};
use crate::past_run::PastRun;
use crate::state::RunState;
use crate::text::escaped;

#[derive(Serialize)]
pub(super) struct Matrix {
    columns: Vec<String>,
    rows: Vec<Differing>,
}

#[derive(Serialize)]
struct Differing {
    id: String,
    name: String,
    cells: Vec<Cell>,
    /// For how long it has been found so.
    since: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Cell {
    Same,
    Differs,
    NotSeen,
}

/// The accounts with a role that differs, or that lets somebody else in; `None` when there is none.
pub(super) fn matrix(state: &RunState, past: &[PastRun]) -> Option<Matrix> {
    let rows: Vec<Differing> =
        state.accounts().iter().filter_map(|(id, row)| differing(id, row, past)).collect();
    let mut columns: Vec<String> = RoleProperty::ALL.iter().map(ToString::to_string).collect();
    columns.push("nobody else".to_owned());
    (!rows.is_empty()).then_some(Matrix { columns, rows })
}

fn differing(id: &AccountId, row: &AccountRow, past: &[PastRun]) -> Option<Differing> {
    let Verification::Done(verdict) = &row.verification else { return None };
    let cells = cells(verdict);
    cells.contains(&Cell::Differs).then(|| Differing {
        id: id.to_string(),
        name: escaped(row.name()).into_owned(),
        cells,
        since: since(id, past),
    })
}

/// One for each property, and one for whether the role lets in somebody else.
pub(super) fn cells(verdict: &Verdict) -> Vec<Cell> {
    let result = |check| verdict.checks.iter().find(|result| result.check == check);
    let role = result(Check::RoleEqualsSpecification);
    let mut cells: Vec<Cell> = RoleProperty::ALL.into_iter().map(|property| cell(role, property)).collect();
    cells.push(match result(Check::NobodyElse).map(|result| result.outcome) {
        Some(CheckOutcome::Pass | CheckOutcome::NotApplicable) => Cell::Same,
        Some(CheckOutcome::Fail) => Cell::Differs,
        Some(CheckOutcome::Unknown) | None => Cell::NotSeen,
    });
    cells
}

/// A role that is not there, and a record of old, say nothing of any property.
fn cell(result: Option<&CheckResult>, property: RoleProperty) -> Cell {
    match result {
        Some(result) if result.differs.contains(&property) => Cell::Differs,
        Some(result) if result.outcome == CheckOutcome::Pass || !result.differs.is_empty() => Cell::Same,
        _ => Cell::NotSeen,
    }
}

/// In how many runs in a row, this one counted, the account had findings.
fn since(id: &AccountId, past: &[PastRun]) -> String {
    let before = past.iter().take_while(|run| run.standings.get(id) == Some(&Standing::Finding)).count();
    match before {
        0 => "new".to_owned(),
        before => format!("{} runs", before + 1),
    }
}
