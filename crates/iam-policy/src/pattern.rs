//! Patterns with `*` and `?`.

/// A pattern: `*` is any text, `?` any one character.
pub(crate) struct Pattern(Vec<Token>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    AnyText,
    AnyCharacter,
    Literal(char),
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Pattern {
        Pattern(text.chars().map(Token::of).collect())
    }

    pub(crate) fn from_tokens(tokens: Vec<Token>) -> Pattern {
        Pattern(tokens)
    }

    /// Walks both once; on a mismatch the last `*` swallows one character more. Linear for the patterns that
    /// occur, and never exponential.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at_token, mut at_char) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while at_char < text.len() {
            match self.0.get(at_token) {
                Some(Token::AnyText) => {
                    last_star = Some((at_token, at_char));
                    at_token += 1;
                }
                Some(Token::AnyCharacter) => (at_token, at_char) = (at_token + 1, at_char + 1),
                Some(Token::Literal(wanted)) if *wanted == text[at_char] => {
                    (at_token, at_char) = (at_token + 1, at_char + 1);
                }
                _ => match last_star {
                    None => return false,
                    Some((star, swallowed)) => {
                        last_star = Some((star, swallowed + 1));
                        (at_token, at_char) = (star + 1, swallowed + 1);
                    }
                },
            }
        }
        self.0[at_token..].iter().all(|token| *token == Token::AnyText)
    }
}

impl Token {
    pub(crate) fn of(character: char) -> Token {
        match character {
            '*' => Token::AnyText,
            '?' => Token::AnyCharacter,
            literal => Token::Literal(literal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_as_documented() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("*", "anything", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*a", "bab", false),
            ("a*", "ba", false),
            ("**a**", "bab", true),
            ("ä?", "äö", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "`{pattern}` against `{text}`");
        }
    }

    #[test]
    fn many_stars_do_not_take_for_ever() {
        assert!(!Pattern::new(&"*a".repeat(40)).matches(&"a".repeat(39)));
        assert!(!Pattern::new(&("a*".repeat(40) + "b")).matches(&"a".repeat(4000)));
    }
}
