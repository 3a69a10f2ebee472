//! One row for each account, for spreadsheets.
//!
//! RFC 4180 in UTF-8, without a byte order mark: programs would take it for a part of the first column's name. Text
//! from outside is on one line and never a formula.

use std::borrow::Cow;

use rollout_model::{AccountId, OuPath};

use super::matter::matter;
use crate::account_row::{AccountRow, Verification};
use crate::schema::AccountWords;
use crate::state::RunState;
use crate::text::escaped;

/// Columns are only ever added, at the end.
const COLUMNS: [&str; 18] = [
    "account_id",
    "account",
    "name",
    "organizational_unit",
    "action",
    "vehicle",
    "standing",
    "deployment",
    "verification",
    "verification_mode",
    "cause",
    "remedy",
    "detail",
    "request_ids",
    "plan_reason",
    "run",
    "run_started_at",
    "run_finished_at",
];

pub(super) fn render(state: &RunState) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut write =
        |record: &[String]| writer.write_record(record).expect("a vector takes whatever is written");
    write(&COLUMNS.map(str::to_owned));
    for (id, row) in state.accounts_by_unit() {
        write(&record(state, id, row));
    }
    writer.into_inner().expect("a vector takes whatever is written")
}

fn record(state: &RunState, id: &AccountId, row: &AccountRow) -> [String; COLUMNS.len()] {
    let AccountWords { action, vehicle, deployment, verification, mode, standing } = AccountWords::of(row);
    let matter = matter(row);
    let (cause, remedy) = matter.as_ref().map(|matter| (matter.cause.clone(), matter.remedy.clone())).unzip();
    let detail = matter.map(|matter| matter.evidence.join("; ")).unwrap_or_default();
    let plan = row.plan.as_ref();
    [
        id.to_string(),
        in_groups(id),
        cell(row.name()),
        cell(&row.unit().map(OuPath::to_string).unwrap_or_default()),
        action.unwrap_or_default(),
        vehicle.unwrap_or_default(),
        standing,
        deployment.unwrap_or_default(),
        verification,
        mode.unwrap_or_default(),
        cause.unwrap_or_default(),
        cell(&remedy.flatten().unwrap_or_default()),
        cell(&detail),
        cell(&request_ids(row).join(" ")),
        cell(plan.map_or("", |plan| &plan.reason)),
        written(&state.run),
        written(&state.started_at),
        written(&state.finished_at),
    ]
}

/// `0123-4567-8901`, as the AWS console shows it. To a spreadsheet twelve digits are a number, which it writes without
/// leading zeros and as 1.23E+11; this is text, so that an id survives it.
fn in_groups(id: &AccountId) -> String {
    let digits = id.as_str();
    [&digits[..4], &digits[4..8], &digits[8..]].join("-")
}

/// Text from outside as a cell: on one line, and with an apostrophe before what a spreadsheet would calculate.
/// <https://owasp.org/www-community/attacks/CSV_Injection> has the characters; the wide ones are what some
/// spreadsheets take for the same.
fn cell(text: &str) -> String {
    let text: Cow<'_, str> = escaped(text);
    let first = text.trim_start().chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}' | '\u{2212}') => {
            format!("'{text}")
        }
        _ => text.into_owned(),
    }
}

/// The ids by which AWS finds the calls that failed, as its texts and ours name them.
fn request_ids(row: &AccountRow) -> Vec<String> {
    let mut ids = Vec::new();
    let mut look = |text: &str| {
        for (at, _) in text.to_ascii_lowercase().match_indices(REQUEST_ID) {
            let rest = text[at + REQUEST_ID.len()..].trim_start_matches([':', ' ']);
            let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            if !id.is_empty() && !ids.contains(&id) {
                ids.push(id);
            }
        }
    };
    row.deployment.as_ref().and_then(|status| status.reason()).into_iter().for_each(&mut look);
    match &row.verification {
        Verification::NotVerified(reason) => look(reason),
        Verification::Done(verdict) => {
            verdict.open_checks().flat_map(|result| &result.evidence).for_each(|line| look(line));
        }
        Verification::NotAsked | Verification::Pending => {}
    }
    ids
}

const REQUEST_ID: &str = "request id";

fn written(value: &Option<impl ToString>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn rows(state: &RunState) -> Vec<Vec<String>> {
        let bytes = render(state);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_account_has_a_row_in_the_order_of_units() {
        for (run, state) in samples::every_run() {
            let ids: Vec<String> = rows(&state).into_iter().skip(1).map(|row| row[0].clone()).collect();
            let expected: Vec<String> =
                state.accounts_by_unit().iter().map(|(id, _)| id.to_string()).collect();
            assert_eq!(ids, expected, "{run}");
        }
    }

    #[test]
    fn a_row_says_both_axes_the_cause_and_the_calls_that_failed() {
        let text = String::from_utf8(render(&samples::state(&samples::failures_and_findings()))).unwrap();
        assert!(text.lines().count() == 9 && text.matches("\r\n").count() == 9, "{text}");
        insta::assert_snapshot!(text.replace("\r\n", "\n"));
    }

    #[test]
    fn no_text_from_outside_is_a_formula_or_ends_its_row() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\u{ff1d}cmd", "'\u{ff1d}cmd"),
            ("\u{ff20}cmd", "'\u{ff20}cmd"),
            (" =1", "' =1"),
            ("\t=1", "\\t=1"),
            ("\r=1", "\\r=1"),
            ("a\nb", "a\\nb"),
            ("\u{202e}=1", "\\u{202e}=1"),
            ("shop-prod = 1", "shop-prod = 1"),
            ("Größe \"1\", 東京", "Größe \"1\", 東京"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_account_id_survives_a_spreadsheet() {
        assert_eq!(in_groups(&samples::id("001234567890")), "0012-3456-7890");
    }
}
