//! A file of account ids, beside the configuration.

use std::path::Path;

use rollout_model::{AccountId, AccountIds};

/// The largest file that is read: enough for twice the 50,000 accounts that an organization may have
/// (aws-facts D4), one to a line.
const MAX_BYTES: u64 = 2 << 20;

/// Reads the ids, separated by lines or commas. What follows a `#` on its line is a comment.
pub(super) fn read(path: &Path) -> Result<AccountIds, String> {
    let unread = |error: &dyn std::fmt::Display| format!("could not read `{}`: {error}", path.display());
    let size = std::fs::metadata(path).map_err(|error| unread(&error))?.len();
    if size > MAX_BYTES {
        return Err(unread(&format!("it is larger than {MAX_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unread(&error))?;
    parse(text.trim_start_matches('\u{feff}')).map_err(|problem| format!("`{}`: {problem}", path.display()))
}

fn parse(text: &str) -> Result<AccountIds, String> {
    let mut accounts = AccountIds::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        for id in line.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let id: AccountId = id.parse().map_err(|error| format!("line {number}: {error}"))?;
            accounts.0.insert(id);
        }
    }
    match accounts.is_empty() {
        true => Err("it lists no account".to_owned()),
        false => Ok(accounts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_on_lines_or_between_commas_and_may_be_commented() {
        let accounts = parse("# frozen\n000000000001, 000000000002\n\n000000000003 # shop\n000000000001\n");
        assert_eq!(accounts.unwrap().to_string(), "000000000001, 000000000002, 000000000003");
    }

    #[test]
    fn what_lists_no_account_or_something_else_is_refused_with_the_line() {
        assert_eq!(parse("\n# none\n").unwrap_err(), "it lists no account");
        assert!(
            parse("000000000001\n12345\n").unwrap_err().starts_with("line 2: `12345` is not an account id")
        );
    }
}
