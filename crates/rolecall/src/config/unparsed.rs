//! Which lines of a text that could not be parsed may be shown. Where its secrets are, nobody knows.

/// The sections that hold no secret.
const HARMLESS: [&str; 7] = ["rollout", "home_region", "targets", "waves", "stack_set", "verify", "limits"];

/// What stands near a secret, in lower case, and in part so that it is found misspelt.
const SUSPECT: [&str; 4] = ["external", "literal", "parameter", "secret"];

/// Whether the line around a place may be shown: it is in a harmless section, and nothing suspect has been
/// said since that section began.
pub(super) fn may_be_shown(text: &str, at: usize) -> bool {
    let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let before = &text[..line_end];
    let Some(section) = section_start(before) else { return false };
    let section = before[section..].to_lowercase();
    let name = section.split(':').next().unwrap_or_default();
    HARMLESS.contains(&name) && !SUSPECT.iter().any(|word| section.contains(word))
}

/// Where the last line begins that is a key at the left margin.
fn section_start(text: &str) -> Option<usize> {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).rev();
    starts.find(|start| text[*start..].starts_with(|first: char| first.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let at = text.find('^').unwrap();
        assert_eq!(may_be_shown(text, at), expected, "{text}");
    }

    #[test]
    fn a_line_is_shown_only_in_a_section_without_secrets() {
        check("targets:\n  include: [ ^", true);
        check("role:\n  trust:\n    - external_id: { literal: x }\ntargets:\n  include: [ ^", true);
        check("role:\n  name: [ ^", false);
        check("template: { file: x ^", false);
        check("rolle:\n  name: ^", false);
        check("^", false);
        check("{ rollout: x, role: {} ^", false);
    }

    #[test]
    fn a_line_near_a_secret_is_not_shown_even_in_a_section_without_secrets() {
        check("targets: { externalid: ^", false);
        check("targets:\n  a: [ # the Literal was x ^", false);
        check("role:\n  trust: [ { external_id: {\nliteral: \"x ^", false);
        check("verify:\n  parameters: {\n    x ^", false);
    }
}
