//! Files that list accounts.

use std::path::Path;

use rollout_model::{AccountId, AccountIds};

/// After this many malformed ids the file is most likely another one altogether.
const MOST_TOLD: usize = 5;

/// Reads account ids, separated by lines or commas; `#` begins a comment. The error has a line for each
/// malformed id.
pub(super) fn read(path: &Path) -> Result<AccountIds, String> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| format!("could not read `{}`: {error}", path.display()))?;
    let (accounts, malformed) = account_ids(&text);
    if !malformed.is_empty() {
        let told: String = malformed.iter().take(MOST_TOLD).map(|line| format!("\n  {line}")).collect();
        let more = match malformed.len().saturating_sub(MOST_TOLD) {
            0 => String::new(),
            more => format!("\n  and {more} more"),
        };
        return Err(format!("`{}` lists what is no account:{told}{more}", path.display()));
    }
    if accounts.is_empty() {
        return Err(format!("`{}` lists no account", path.display()));
    }
    Ok(accounts)
}

fn account_ids(text: &str) -> (AccountIds, Vec<String>) {
    let (mut accounts, mut malformed) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let ids = line.split('#').next().unwrap_or_default();
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            match id.parse::<AccountId>() {
                Ok(account) => accounts.push(account),
                Err(error) => malformed.push(format!("line {}: {error}", index + 1)),
            }
        }
    }
    (accounts.into_iter().collect(), malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<usize, &[&str]>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        match (read(file.path()), expected) {
            (Ok(accounts), Ok(count)) => assert_eq!(accounts.len(), count, "{text:?}"),
            (Err(message), Err(says)) => {
                assert!(says.iter().all(|part| message.contains(part)), "{text:?}: {message}");
            }
            (read, _) => panic!("{text:?}: {read:?}"),
        }
    }

    #[test]
    fn ids_are_separated_by_lines_or_commas_and_comments_are_left_out() {
        check("111111111111\n222222222222\n", Ok(2));
        check("# the pilot\n111111111111, 222222222222,\r\n\n 012345678901 # and this\n111111111111", Ok(3));
    }

    #[test]
    fn every_malformed_id_is_told_with_its_line() {
        check("111111111111\n\n123, x", Err(&["line 3: `123` is not an account id", "line 3: `x`"]));
        check("1\n2\n3\n4\n5\n6\n7", Err(&["line 5: `5`", "and 2 more"]));
    }

    #[test]
    fn a_file_without_accounts_is_a_mistake() {
        check("", Err(&["lists no account"]));
        check("# nobody yet\n", Err(&["lists no account"]));
    }
}
