//! Patterns over names.

use std::fmt;
use std::str::FromStr;

use wildmatch::WildMatch;

use crate::InvalidId;

/// A pattern in which `*` stands for any characters and `?` for one; without them it stands for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Glob(WildMatch);

impl Eq for Glob {}

impl Glob {
    /// Whether the whole text is of this form, with its case.
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }

    /// As [`Glob::matches`], whatever the case of either.
    pub fn matches_ignoring_case(&self, text: &str) -> bool {
        WildMatch::new_case_insensitive(&self.to_string()).matches(text)
    }
}

/// Refuses an empty pattern, which no name has.
impl FromStr for Glob {
    type Err = InvalidId;

    fn from_str(input: &str) -> Result<Self, InvalidId> {
        match input {
            "" => Err(InvalidId { input: input.to_owned(), expected: "a pattern (such as `shop-*`)" }),
            pattern => Ok(Glob(WildMatch::new(pattern))),
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_whole_names() {
        let check = |pattern: &str, name: &str, expected: bool| {
            let glob: Glob = pattern.parse().unwrap();
            assert_eq!(glob.matches(name), expected, "`{glob}` against `{name}`");
            assert_eq!(glob.to_string(), pattern);
        };
        check("shop-*", "shop-eu", true);
        check("shop-*", "my-shop-eu", false);
        check("shop-?", "shop-1", true);
        check("Shop", "shop", false);
        check("[prod] shop", "[prod] shop", true);
        assert!("".parse::<Glob>().is_err());
    }
}
