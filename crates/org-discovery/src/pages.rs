//! Where a list of pages is, and whether it goes on.

use std::collections::HashSet;

use crate::error::{DiscoveryError, Reading};

/// The most that any list of the service gives at once (aws-facts D1).
pub(crate) const PAGE_SIZE: i32 = 20;

/// The calls below parents share five requests a second, and so do those about policies (aws-facts D4): four in flight use that up even when
/// each takes most of a second, and more would only wait for budget.
pub(crate) const IN_FLIGHT: usize = 4;

/// The page loop's memory. A page may be empty and still name a next one (aws-facts D1), so only a missing
/// token ends a list; and a token that was there before is an error, where the SDK's paginator would stop
/// silently and give a short list (aws-facts J7).
#[derive(Debug, Default)]
pub(crate) struct Pages {
    next: Option<String>,
    seen: HashSet<String>,
}

impl Pages {
    /// The token to ask for the next page with; none for the first.
    pub(crate) fn token(&self) -> Option<String> {
        self.next.clone()
    }

    /// Takes the token of the page that was read. Whether there is another page.
    pub(crate) fn turn(&mut self, token: Option<String>, reading: &Reading) -> Result<bool, DiscoveryError> {
        self.next = token.filter(|token| !token.is_empty());
        match &self.next {
            Some(token) if !self.seen.insert(token.clone()) => {
                Err(DiscoveryError::RepeatedToken { reading: reading.clone() })
            }
            next => Ok(next.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns the pages with these tokens; how many were read, if the list has an end.
    fn read(tokens: &[Option<&str>]) -> Result<usize, DiscoveryError> {
        let mut pages = Pages::default();
        for (index, token) in tokens.iter().enumerate() {
            if !pages.turn(token.map(str::to_owned), &Reading::Accounts)? {
                return Ok(index + 1);
            }
            assert_eq!(pages.token().as_deref(), *token);
        }
        panic!("the list goes on after its last page");
    }

    #[test]
    fn a_list_ends_with_the_first_page_that_names_no_next_one() {
        assert!(matches!(read(&[None]), Ok(1)));
        assert!(matches!(read(&[Some("a"), Some("b"), None, None]), Ok(3)));
        assert!(matches!(read(&[Some("a"), Some("")]), Ok(2)));
    }

    #[test]
    fn a_token_that_comes_back_is_an_error_that_says_so() {
        for tokens in [vec![Some("a"), Some("a")], vec![Some("a"), Some("b"), Some("a")]] {
            let error = read(&tokens).expect_err("the list has no end");
            assert_eq!(
                error.to_string(),
                "could not list the accounts of the organization: the service repeated a page token, so the \
                 list has no end"
            );
        }
    }
}
