//! One account as a row of the table, with all that is known of it.

use rollout_model::{AccountId, CheckResult, DeploymentStatus, OuPath};
use serde::Serialize;

use super::cause::Cause;
use super::status::{Status, word};
use super::words::took;
use crate::account_row::{AccountRow, Verification};
use crate::text::escaped;

#[derive(Serialize)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) wave: String,
    pub(super) status: Status,
    word: String,
    pub(super) cause: Option<String>,
    deployment: String,
    verification: String,
    /// In milliseconds, to sort by.
    verification_ms: Option<u128>,
    /// What is to be known first, on one line.
    gist: String,
    lines: Vec<String>,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    name: String,
    outcome: String,
    evidence: Vec<String>,
}

impl Account {
    pub(super) fn of(id: &AccountId, row: &AccountRow) -> Account {
        let checks = match &row.verification {
            Verification::Done(verdict) => verdict.checks.iter().map(Check::of).collect(),
            _ => Vec::new(),
        };
        Account {
            id: id.to_string(),
            name: escaped(row.name()).into_owned(),
            unit: row
                .unit()
                .map(OuPath::to_string)
                .map(|unit| escaped(&unit).into_owned())
                .unwrap_or_default(),
            wave: row
                .plan
                .as_ref()
                .and_then(|plan| plan.wave.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default(),
            status: Status::of(row),
            word: word(row),
            cause: Cause::of(row).map(|cause| cause.slug),
            deployment: deployment(row),
            verification: row.timing.verification.map(took).unwrap_or_default(),
            verification_ms: row.timing.verification.map(|took| took.as_millis()),
            gist: escaped(&gist(row)).into_owned(),
            lines: lines(row).iter().map(|line| escaped(line).into_owned()).collect(),
            checks,
        }
    }
}

impl Check {
    fn of(result: &CheckResult) -> Check {
        Check {
            name: result.check.to_string(),
            outcome: result.outcome.to_string(),
            evidence: result.evidence.iter().map(|line| escaped(line).into_owned()).collect(),
        }
    }
}

fn deployment(row: &AccountRow) -> String {
    let status = match &row.deployment {
        Some(status) => status.to_string(),
        None if row.joined => "automatic".to_owned(),
        None => return String::new(),
    };
    match row.timing.deployment() {
        Some(time) => format!("{status}, {}", took(time)),
        None => status,
    }
}

/// The first thing to know: what is wrong, or why the account has no part in the run.
fn gist(row: &AccountRow) -> String {
    if let Some(cause) = Cause::of(row) {
        return cause.words;
    }
    match &row.verification {
        Verification::Done(verdict) => match verdict.checks.len() {
            1 => "1 check".to_owned(),
            checks => format!("{checks} checks"),
        },
        _ => row
            .plan
            .as_ref()
            .map_or("not in the plan: it joined meanwhile".to_owned(), |plan| plan.reason.clone()),
    }
}

/// What was planned and what AWS said.
fn lines(row: &AccountRow) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(plan) = &row.plan {
        lines.push(format!("plan: {}: {}", plan.action, plan.reason));
    }
    if let Some(reason) = row.deployment.as_ref().and_then(DeploymentStatus::reason) {
        lines.push(format!("AWS: {reason}"));
    }
    if let Verification::NotVerified(reason) = &row.verification {
        lines.push(format!("not verified: {reason}"));
    }
    lines
}
