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
        let hidden = hidden(&root, unknown, text.len());
        Source { path: path.to_owned(), text, root, hidden }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The error that shows each problem at its place. A key is written as `targets.include[2]`; of one that is
    /// not in the file, the last part that is there is shown.
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
