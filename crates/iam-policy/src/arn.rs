//! ARN patterns, as `ArnLike` reads them.

use crate::pattern::{Pattern, Token};

/// Whether an ARN matches: each of the six parts by itself, so that no `*` reaches over a colon, save in the
/// last part, which may contain colons (aws-facts F4).
pub(crate) fn matches(pattern: &[Token], arn: &str) -> bool {
    // A lone star has no parts to match one by one; IAM documents it as every ARN.
    if pattern == [Token::AnyText] {
        return true;
    }
    let patterns: Vec<&[Token]> = pattern.splitn(6, |token| *token == Token::Literal(':')).collect();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    patterns.len() == 6
        && parts.len() == 6
        && patterns
            .iter()
            .zip(parts)
            .all(|(pattern, part)| Pattern::from_tokens(pattern.to_vec()).matches(part))
}

/// The same, or `None` for a pattern of fewer parts that as plain text would match: AWS does not say what it makes
/// of `arn:aws:iam::*`.
pub(crate) fn matches_if_documented(pattern: &[Token], arn: &str) -> Option<bool> {
    if matches(pattern, arn) {
        return Some(true);
    }
    let colons = pattern.iter().filter(|token| **token == Token::Literal(':')).count();
    let is_open = colons < 5 && Pattern::from_tokens(pattern.to_vec()).matches(arn);
    (!is_open).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_matched_one_by_one() {
        let role = "arn:aws:iam::111122223333:role/service/Deploy";
        for (pattern, expected) in [
            ("arn:aws:iam::111122223333:role/*", true),
            ("arn:*:iam::*:role/service/?eploy", true),
            ("arn:aws:iam::111122223333:role/Deploy", false),
            ("arn:aws:*:role/service/Deploy", false),
            ("arn:aws:iam::*", false),
            ("*", true),
            ("arn*", false),
        ] {
            let tokens: Vec<Token> = pattern.chars().map(Token::of).collect();
            assert_eq!(matches(&tokens, role), expected, "{pattern}");
        }
    }

    #[test]
    fn what_a_pattern_of_fewer_parts_means_is_not_documented() {
        let role = "arn:aws:iam::111122223333:role/service/Deploy";
        for (pattern, expected) in [
            ("arn:aws:iam::*", None),
            ("arn*", None),
            ("arn:aws:s3:::*", Some(false)),
            ("arn:aws:sts::*", Some(false)),
            ("arn:aws:*:role/service/Deploy", None),
            ("arn:*:role:::service/Deploy", Some(false)),
            ("arn:aws:iam::*:role/*", Some(true)),
            ("*", Some(true)),
        ] {
            let tokens: Vec<Token> = pattern.chars().map(Token::of).collect();
            assert_eq!(matches_if_documented(&tokens, role), expected, "{pattern}");
        }
    }
}
