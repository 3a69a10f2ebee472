//! Pages of the `List…` operations: 1 to 20 results, 20 unless told (aws-facts D1).

use serde_json::{Map, Value};

use super::error;
use crate::call::{Answer, ApiError, Call};
use crate::input;
use crate::paging;

const MAX_RESULTS: i64 = 20;

/// Answers one page of a sorted list. `about` is what the list is of (a parent, a filter): a token of one list
/// is no token of another.
pub(super) fn page<K: AsRef<str>, T>(
    call: &Call,
    member: &str,
    about: &str,
    sorted: impl IntoIterator<Item = (K, T)>,
    shape: impl FnMut(T) -> Value,
) -> Answer {
    let limit = limit(call)?;
    let scope = format!("organizations:{}:{about}", call.operation);
    let token = input::text(&call.input, "NextToken");
    let page = paging::page(&scope, token, limit, sorted).map_err(|_| {
        error::invalid_input(
            "INVALID_NEXT_TOKEN",
            "You specified an invalid value for the NextToken parameter.",
        )
    })?;
    let mut answer = Map::new();
    answer.insert(member.to_owned(), page.items.into_iter().map(shape).collect());
    if let Some(token) = page.next_token {
        answer.insert("NextToken".to_owned(), token.into());
    }
    Ok(Value::Object(answer))
}

fn limit(call: &Call) -> Result<usize, ApiError> {
    let limit = match input::integer(&call.input, "MaxResults")? {
        None => MAX_RESULTS,
        Some(limit) if limit < 1 => {
            return Err(error::invalid_input(
                "MIN_VALUE_EXCEEDED",
                "You specified a value for MaxResults that is lower than the minimum of 1.",
            ));
        }
        Some(limit) if limit > MAX_RESULTS => {
            return Err(error::invalid_input(
                "MAX_VALUE_EXCEEDED",
                "You specified a value for MaxResults that exceeds the maximum of 20.",
            ));
        }
        Some(limit) => limit,
    };
    Ok(usize::try_from(limit).expect("between 1 and 20"))
}
