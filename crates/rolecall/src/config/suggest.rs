//! "Did you mean".

/// Below this Jaro-Winkler similarity a suggestion confuses more than it helps.
const ALIKE: f64 = 0.8;

/// The known word most like the one that was written, when one is like it at all.
pub(crate) fn most_similar<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase();
    let similar = known.iter().map(|word| (strsim::jaro_winkler(&written, word), *word));
    let alike = similar.filter(|(similarity, _)| *similarity >= ALIKE);
    alike.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, word)| word)
}

/// The words as they stand in a sentence: `a`, `b` or `c`.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    alternatives(&quoted)
}

/// Alternatives as they stand in a sentence.
pub(super) fn alternatives(alternatives: &[String]) -> String {
    match alternatives {
        [rest @ .., before, last] => {
            let rest: String = rest.iter().map(|one| format!("{one}, ")).collect();
            format!("{rest}{before} or {last}")
        }
        few => few.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognized_and_another_word_is_not() {
        let check = |written: &str, expected: Option<&str>| {
            assert_eq!(most_similar(written, &["exclude", "include", "management_account"]), expected);
        };
        check("inclued", Some("include"));
        check("Exclude", Some("exclude"));
        check("managementAccount", Some("management_account"));
        check("waves", None);
        check("", None);
    }

    #[test]
    fn alternatives_are_listed_as_in_a_sentence() {
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b"]), "`a` or `b`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
