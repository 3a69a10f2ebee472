//! The text of a configuration, and where everything stands in it.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::hidden::hidden;
use super::invalid::InvalidConfig;
use super::node::{Kind, Node, Place};
use super::problems::Problem;
use super::snippet::Snippet;

/// A configuration that was parsed. Turns problems with keys into messages that show the place.
pub(crate) struct Source {
    path: PathBuf,
    text: String,
    root: Node,
    hidden: Vec<Range<usize>>,
}

/// The text may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Source").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Source {
    /// `unknown` is where keys begin that no configuration has.
    pub(super) fn new(path: &Path, text: String, root: Node, unknown: &BTreeSet<usize>) -> Self {
        let hidden = hidden(&text, &root, unknown);
        Source { path: path.to_owned(), text, root, hidden }
    }

    /// The file, as the operator typed it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The error that shows each problem at the place of its key, such as `targets.include[2]`; of a key that is
    /// not in the file, at the last part of it that is.
    pub(crate) fn invalid(&self, problems: impl IntoIterator<Item = (String, String)>) -> InvalidConfig {
        let problems = problems.into_iter().map(|(key, message)| Problem::new(key, message));
        self.reject(problems.collect())
    }

    pub(super) fn reject(&self, problems: Vec<Problem>) -> InvalidConfig {
        let snippet = |problem: &Problem| {
            let place = problem.place.or_else(|| place_of(&self.root, &problem.key))?;
            Some(Snippet::new(&self.text, &self.hidden, place))
        };
        InvalidConfig::new(&self.path, problems.into_iter().map(|problem| (snippet(&problem), problem)))
    }
}

/// Where a key stands: its value, or the key itself when the value is a list, a map or nothing. `None` for the
/// whole document.
fn place_of(root: &Node, key: &str) -> Option<Place> {
    let (mut node, mut rest, mut place) = (root, key, None);
    while let Some((step_place, child, after)) = step(node, rest) {
        (node, rest, place) = (child, after, Some(step_place));
    }
    place
}

/// One step down the key. Keys may hold dots themselves, so the longest that fits is taken.
fn step<'a, 'k>(node: &'a Node, key: &'k str) -> Option<(Place, &'a Node, &'k str)> {
    match &node.kind {
        Kind::Scalar(_) => None,
        Kind::List(items) => {
            let (index, rest) = key.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            Some((item.mark(), item, rest))
        }
        Kind::Map(entries) => {
            let key = key.strip_prefix('.').unwrap_or(key);
            let fits = |name: &str| {
                key.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            let found = entries.iter().filter_map(|(key, value)| Some((key, value, fits(&key.name)?)));
            let (key, value, rest) = found.max_by_key(|(key, ..)| key.name.len())?;
            let is_text = matches!(value.kind, Kind::Scalar(_)) && value.place.end > value.place.start;
            Some((if is_text { value.place } else { key.place }, value, rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::syntax;

    const TEXT: &str =
        "role:\n  tags: { a.b: x, a: y }\n  empty:\ntargets:\n  include:\n    - ou: A\n    - [ z ]\n";

    #[track_caller]
    fn check(key: &str, expected: Option<(&str, usize)>) {
        let place = place_of(&syntax::parse(TEXT).unwrap(), key);
        let found =
            place.map(|place| (&TEXT[place.start..place.end], TEXT[..place.start].matches('\n').count() + 1));
        assert_eq!(found, expected, "{key}");
    }

    #[test]
    fn a_key_is_found_where_its_value_stands() {
        check("role.tags.a", Some(("y", 2)));
        check("role.tags.a.b", Some(("x", 2)));
        check("role.empty", Some(("empty", 3)));
        check("role.tags", Some(("tags", 2)));
        check("targets.include[0]", Some(("ou", 6)));
        check("targets.include[0].ou", Some(("A", 6)));
        check("targets.include[1]", Some(("[", 7)));
        check("targets.include[1][0]", Some(("z", 7)));
    }

    #[test]
    fn of_a_key_that_is_not_there_the_last_part_that_is_there_is_found() {
        check("role.name", Some(("role", 1)));
        check("targets.include[7].ou", Some(("include", 5)));
        check("template", None);
        check("", None);
    }

    #[test]
    fn problems_that_are_found_later_are_shown_at_the_places_of_their_keys() {
        let root = syntax::parse(TEXT).unwrap();
        let source = Source::new(Path::new("x.yaml"), TEXT.to_owned(), root, &BTreeSet::new());
        let problem = |key: &str| (key.to_owned(), "is wrong".to_owned());
        let told = source.invalid([problem("targets.include[0].ou"), problem("role.tags.a")]).to_string();
        let expected = "the configuration `x.yaml` cannot be used\n\n\
                        error: role.tags.a: is wrong\n --> x.yaml:2:22\n  |\n2 |   tags: { a.b: x, a: y }\n  |                      ^\n\n\
                        error: targets.include[0].ou: is wrong\n --> x.yaml:6:11\n  |\n6 |     - ou: A\n  |           ^";
        assert_eq!(told, expected);
    }
}
