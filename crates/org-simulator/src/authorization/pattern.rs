//! Wildcards, as IAM understands them.

/// Whether `text` matches a pattern in which `*` stands for any characters and `?` for one.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    // Where the last `*` was, and how much of the text it has swallowed so far.
    let mut retry: Option<(usize, usize)> = None;
    while at_text < text.len() {
        if at_pattern < pattern.len() && pattern[at_pattern] == b'*' {
            retry = Some((at_pattern + 1, at_text));
            at_pattern += 1;
        } else if at_pattern < pattern.len()
            && (pattern[at_pattern] == b'?' || pattern[at_pattern] == text[at_text])
        {
            at_pattern += 1;
            at_text += 1;
        } else if let Some((after_star, swallowed)) = retry {
            retry = Some((after_star, swallowed + 1));
            at_pattern = after_star;
            at_text = swallowed + 1;
        } else {
            return false;
        }
    }
    pattern[at_pattern..].iter().all(|&byte| byte == b'*')
}

/// `ArnLike` and `ArnEquals`: each of the six parts of an ARN is matched by itself (aws-facts F4).
pub(crate) fn arn_matches(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (patterns, parts): (Vec<_>, Vec<_>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    patterns.len() == 6
        && parts.len() == 6
        && patterns.iter().zip(&parts).all(|(pattern, part)| matches(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_iam() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        };
        check("*", "", true);
        check("iam:*", "iam:createrole", true);
        check("iam:get*", "iam:createrole", false);
        check("arn:aws:iam::*:role/CadoResponse", "arn:aws:iam::222200001111:role/CadoResponse", true);
        check("arn:aws:iam::*:role/CadoResponse", "arn:aws:iam::222200001111:role/CadoResponse2", false);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("*a*b*", "xxaybz", true);
        check("*a*b", "ab ab ac", false);
        check("", "", true);
        check("", "a", false);
    }

    #[test]
    fn a_wildcard_in_an_arn_does_not_reach_into_the_next_part() {
        assert!(arn_matches("arn:aws:iam::111111111111:role/*", "arn:aws:iam::111111111111:role/a/b:c"));
        assert!(!arn_matches("arn:aws:iam::*", "arn:aws:iam::111111111111:role/a"));
        assert!(!arn_matches("arn:*:role/a", "arn:aws:iam::111111111111:role/a"));
        assert!(arn_matches("arn:*:iam::*:role/a", "arn:aws:iam::111111111111:role/a"));
    }
}
