//! The place of an organizational unit by names, and patterns over such places.

use std::fmt;
use std::str::FromStr;

/// The names from below the root down to an organizational unit; empty for the root itself.
///
/// Names may hold slashes. Written, a slash inside a name is escaped with a backslash: `Labs\/Research`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OuPath(pub Vec<String>);

impl fmt::Display for OuPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.pad("Root");
        }
        let written: Vec<String> =
            self.0.iter().map(|name| name.replace('\\', r"\\").replace('/', r"\/")).collect();
        formatter.pad(&written.join("/"))
    }
}

/// Which organizational units are meant: segments between slashes, where `*` inside a segment stands for any
/// characters of one name and the segment `**` for any number of names, none included.
///
/// A pattern selects units; what is below a selected unit is selected with it, as StackSets does
/// (aws-facts A3). So `Workloads` and `Workloads/**` select the same accounts, `*/Prod` those below any
/// second-level `Prod`, and `**` everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OuPattern {
    written: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    AnyDepth,
    /// The literal pieces around the `*`s of one name.
    Name(Vec<String>),
}

/// A pattern that selects nothing because it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not an organizational unit path: {problem}")]
pub struct InvalidOuPattern {
    /// What was given.
    pub input: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl OuPattern {
    /// Whether the unit at `path` is meant itself.
    pub fn matches(&self, path: &OuPath) -> bool {
        matches_from(&self.segments, &path.0)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for OuPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.written)
    }
}

impl FromStr for OuPattern {
    type Err = InvalidOuPattern;

    fn from_str(input: &str) -> Result<Self, InvalidOuPattern> {
        let invalid = |problem| InvalidOuPattern { input: input.to_owned(), problem };
        let mut segments = Vec::new();
        let mut pieces = vec![String::new()];
        let mut characters = input.chars();
        while let Some(character) = characters.next() {
            let piece = pieces.last_mut().expect("a segment always has a piece");
            match character {
                '\\' => piece.push(characters.next().ok_or_else(|| invalid("it ends with a backslash"))?),
                '*' => pieces.push(String::new()),
                '/' => segments.push(std::mem::replace(&mut pieces, vec![String::new()])),
                other => piece.push(other),
            }
        }
        segments.push(pieces);
        if segments.iter().any(|pieces| pieces.len() == 1 && pieces[0].is_empty()) {
            return Err(invalid("a name between slashes is empty"));
        }
        let segment = |pieces: Vec<String>| match pieces.as_slice() {
            [a, b, c] if a.is_empty() && b.is_empty() && c.is_empty() => Segment::AnyDepth,
            _ => Segment::Name(pieces),
        };
        Ok(OuPattern { written: input.to_owned(), segments: segments.into_iter().map(segment).collect() })
    }
}

fn matches_from(segments: &[Segment], names: &[String]) -> bool {
    match segments.split_first() {
        None => names.is_empty(),
        Some((Segment::AnyDepth, rest)) => {
            (0..=names.len()).any(|skipped| matches_from(rest, &names[skipped..]))
        }
        Some((Segment::Name(pieces), rest)) => names
            .split_first()
            .is_some_and(|(name, below)| matches_name(pieces, name) && matches_from(rest, below)),
    }
}

fn matches_name(pieces: &[String], name: &str) -> bool {
    let (first, rest) = pieces.split_first().expect("a segment always has a piece");
    let Some(mut left) = name.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
    for piece in middle {
        match left.find(piece.as_str()) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &[&str], expected: bool) {
        let path = OuPath(path.iter().map(|&name| name.to_owned()).collect());
        let pattern: OuPattern = pattern.parse().unwrap();
        assert_eq!(pattern.matches(&path), expected, "`{pattern}` against `{path}`");
    }

    #[test]
    fn a_pattern_matches_names_segment_by_segment() {
        check("Workloads", &["Workloads"], true);
        check("Workloads", &["Workloads", "Prod"], false);
        check("Workloads/Prod", &["Workloads", "Prod"], true);
        check("workloads", &["Workloads"], false);
        check("Workloads/*", &["Workloads", "Prod"], true);
        check("Workloads/*", &["Workloads"], false);
        check("Work*", &["Workloads"], true);
        check("*-eu-*", &["shop-eu-west"], true);
        check("*a*a", &["a"], false);
    }

    #[test]
    fn two_asterisks_stand_for_any_number_of_names() {
        check("**", &[], true);
        check("**/Prod", &["Prod"], true);
        check("**/Prod", &["A", "B", "Prod"], true);
        check("A/**/Prod", &["A", "Prod"], true);
        check("A/**", &["A"], true);
        check("A/**", &["B"], false);
    }

    #[test]
    fn a_slash_inside_a_name_is_escaped_both_ways() {
        check(r"Labs\/Research", &["Labs/Research"], true);
        check(r"Labs\/Research", &["Labs", "Research"], false);
        check(r"50\* off", &["50* off"], true);
        assert_eq!(OuPath(vec!["Labs/Research".into(), "X".into()]).to_string(), r"Labs\/Research/X");
    }

    #[test]
    fn a_pattern_with_an_empty_name_is_refused() {
        for pattern in ["", "/", "A//B", "A/", r"A\"] {
            assert!(pattern.parse::<OuPattern>().is_err(), "`{pattern}` was accepted");
        }
    }
}
