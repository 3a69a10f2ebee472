//! Pages of sorted lists, with opaque tokens.
//!
//! A token remembers the last key that was shown, not a position: what is added or removed between two pages
//! neither repeats nor hides its neighbours. It is bound to its scope (the operation and what it lists), so
//! that a token of another list is refused, as AWS does.

use sha2::{Digest, Sha256};

/// One page, and the token of the next if there is more.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_token: Option<String>,
}

/// The token was not handed out for this list. Each service words this in its own way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadToken;

/// Takes the page of at most `limit` items that follows `token` out of a list in ascending order of its keys.
pub(crate) fn page<K: AsRef<str>, T>(
    scope: &str,
    token: Option<&str>,
    limit: usize,
    sorted: impl IntoIterator<Item = (K, T)>,
) -> Result<Page<T>, BadToken> {
    let after = token.map(|token| read_token(scope, token)).transpose()?;
    let is_shown = |key: &str| after.as_deref().is_some_and(|last| key <= last);
    let mut rest = sorted.into_iter().skip_while(|(key, _)| is_shown(key.as_ref())).peekable();

    let mut items = Vec::new();
    let mut last_key = None;
    while items.len() < limit
        && let Some((key, item)) = rest.next()
    {
        last_key = Some(key);
        items.push(item);
    }
    let next_token = match (last_key, rest.peek()) {
        (Some(key), Some(_)) => Some(write_token(scope, key.as_ref())),
        _ => None,
    };
    Ok(Page { items, next_token })
}

fn seal(scope: &str, key: &str) -> String {
    let digest = Sha256::new().chain_update(scope).chain_update([0]).chain_update(key).finalize();
    hex(&digest[..16])
}

fn write_token(scope: &str, key: &str) -> String {
    seal(scope, key) + &hex(key.as_bytes())
}

fn read_token(scope: &str, token: &str) -> Result<String, BadToken> {
    let (sealed, key) = token.split_at_checked(32).ok_or(BadToken)?;
    let key = String::from_utf8(unhex(key).ok_or(BadToken)?).map_err(|_| BadToken)?;
    if sealed == seal(scope, &key) { Ok(key) } else { Err(BadToken) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|start| u8::from_str_radix(&text[start..start + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(range: std::ops::Range<u32>) -> Vec<(String, u32)> {
        range.map(|number| (format!("{number:04}"), number)).collect()
    }

    #[test]
    fn pages_join_to_the_whole_list_without_repeats() {
        for (total, limit) in [(0, 20), (1, 20), (20, 20), (21, 20), (57, 20), (5, 1)] {
            let mut seen = Vec::new();
            let mut token = None;
            let mut pages = 0;
            loop {
                let page = page("List", token.as_deref(), limit, numbers(0..total)).unwrap();
                assert!(page.items.len() <= limit);
                seen.extend(page.items);
                pages += 1;
                match page.next_token {
                    Some(next) => token = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, (0..total).collect::<Vec<_>>());
            assert_eq!(pages, (total as usize).div_ceil(limit).max(1), "{total} by {limit}");
        }
    }

    #[test]
    fn an_item_removed_between_two_pages_hides_no_other() {
        let first = page("List", None, 2, numbers(0..5)).unwrap();
        let without_the_first_two = numbers(2..5);
        let second = page("List", first.next_token.as_deref(), 2, without_the_first_two).unwrap();
        assert_eq!(second.items, [2, 3]);
    }

    #[test]
    fn a_token_of_another_list_or_a_made_up_one_is_refused() {
        let token = page("ListAccounts", None, 2, numbers(0..5)).unwrap().next_token.unwrap();
        let mut changed = token.clone();
        changed.pop();
        changed.push('f');
        for bad in [token.as_str(), changed.as_str(), "nonsense", "", "é"] {
            assert_eq!(page("ListRoots", Some(bad), 2, numbers(0..5)).unwrap_err(), BadToken, "{bad}");
        }
    }
}
