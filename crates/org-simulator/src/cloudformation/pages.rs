//! Pages of the StackSet and stack lists.

use serde_json::{Value, json};

use super::errors;
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::paging;

/// Page size when the caller names none; the model gives the bound, not the default (aws-facts A16).
const DEFAULT_SIZE: i64 = 100;

/// Answers `Summaries` and `NextToken` from a list in ascending order of its keys. `scope` says what is
/// listed, so that a token of another set's list is refused.
pub(super) fn answer<T>(
    call: &Call,
    scope: &str,
    sorted: impl IntoIterator<Item = (String, T)>,
    describe: impl Fn(T) -> Value,
) -> Answer {
    let page = page(call, scope, max_results(&call.input)?, sorted)?;
    let mut answer = json!({"Summaries": page.items.into_iter().map(describe).collect::<Vec<_>>()});
    if let Some(token) = page.next_token {
        answer["NextToken"] = json!(token);
    }
    Ok(answer)
}

/// One page of a list, for answers whose list has another name or whose page size is fixed.
pub(super) fn page<T>(
    call: &Call,
    scope: &str,
    size: usize,
    sorted: impl IntoIterator<Item = (String, T)>,
) -> Result<paging::Page<T>, ApiError> {
    // An empty token is what a list may end with, so it begins the list anew.
    let token = input::text(&call.input, "NextToken").filter(|token| !token.is_empty());
    let scope = format!("{} {} {scope}", call.operation, call.region);
    paging::page(&scope, token, size, sorted)
        .map_err(|paging::BadToken| errors::validation("Invalid NextToken"))
}

fn max_results(call: &Value) -> Result<usize, ApiError> {
    let asked = input::integer(call, "MaxResults")?.unwrap_or(DEFAULT_SIZE);
    usize::try_from(asked).ok().filter(|size| (1..=100).contains(size)).ok_or_else(|| {
        let (bound, side) = if asked < 1 { (1, "greater") } else { (100, "less") };
        errors::validation(format!(
            "1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must have \
             value {side} than or equal to {bound}"
        ))
    })
}
