//! Whole lists, page by page.

use std::collections::BTreeSet;

use aws_failure::AwsFailure;

/// Why a list could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// A page was refused or got no answer.
    Call(AwsFailure),
    /// The service gave a token that it had given before, so the list has no end.
    RepeatedToken,
}

/// One page, and the token of the next.
pub(crate) type Page<Item> = (Option<Vec<Item>>, Option<String>);

/// Reads page after page until there is no token, or an empty one. The SDK's paginator would take a repeated
/// token for the end, and a list that is short without a word (aws-facts J7) is worse than none.
pub(crate) async fn every_page<Item>(
    page: impl AsyncFn(Option<String>) -> Result<Page<Item>, AwsFailure>,
) -> Result<Vec<Item>, Unlisted> {
    let (mut items, mut seen, mut token) = (Vec::new(), BTreeSet::new(), None);
    loop {
        let (more, next) = page(token).await.map_err(Unlisted::Call)?;
        items.extend(more.into_iter().flatten());
        token = next.filter(|token| !token.is_empty());
        match &token {
            None => return Ok(items),
            Some(token) if !seen.insert(token.clone()) => return Err(Unlisted::RepeatedToken),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Reads a list whose n-th page carries the n-th of `tokens`.
    async fn read(tokens: &[Option<&str>]) -> Result<Vec<usize>, Unlisted> {
        let turned = Cell::new(0);
        every_page(async |_| {
            let index = turned.replace(turned.get() + 1);
            Ok((Some(vec![index]), tokens[index].map(str::to_owned)))
        })
        .await
    }

    #[tokio::test]
    async fn a_list_ends_without_a_token_or_with_an_empty_one_and_never_with_a_repeated_one() {
        assert_eq!(read(&[Some("a"), Some("b"), None]).await, Ok(vec![0, 1, 2]));
        assert_eq!(read(&[Some("a"), Some("")]).await, Ok(vec![0, 1]));
        assert_eq!(read(&[Some("a"), Some("a")]).await, Err(Unlisted::RepeatedToken));
        assert_eq!(read(&[Some("a"), Some("b"), Some("a")]).await, Err(Unlisted::RepeatedToken));
    }
}
