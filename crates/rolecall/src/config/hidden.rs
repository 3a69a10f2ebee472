//! What no snippet may show: messages end in the logs of CI systems.

use std::collections::BTreeSet;
use std::ops::Range;

use super::node::{Key, Kind, Node};

/// The key of an external ID, wherever it stands.
pub(super) const EXTERNAL_ID: &str = "external_id";

/// The key of the parameters of a template. Their names are shown, their values are not.
pub(super) const PARAMETERS: &str = "parameters";

/// The pieces of a text that are not shown, in ascending order: what stands under an external ID, a parameter,
/// or one of the keys that begin at `unknown`, which may be either of them misspelt.
///
/// A piece reaches from its key to the next key or value outside, so that anchors, brackets and comments on the
/// way are hidden too.
pub(super) fn hidden(text: &str, root: &Node, unknown: &BTreeSet<usize>) -> Vec<Range<usize>> {
    let mut marks = Marks { text, unknown, marks: Vec::new() };
    marks.below(root, false);
    let mut marks = marks.marks;
    // At one place the hidden one comes last and so decides: an alias may bring there what is shown elsewhere.
    marks.sort_unstable();
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (index, (start, is_hidden)) in marks.iter().enumerate() {
        let end = marks.get(index + 1).map_or(text.len(), |(next, _)| *next);
        match pieces.last_mut() {
            Some(piece) if *is_hidden && piece.end == *start => piece.end = end,
            _ if *is_hidden && end > *start => pieces.push(*start..end),
            _ => {}
        }
    }
    pieces
}

/// Every beginning of a key or value, and whether it is hidden.
struct Marks<'a> {
    text: &'a str,
    unknown: &'a BTreeSet<usize>,
    marks: Vec<(usize, bool)>,
}

impl Marks<'_> {
    fn below(&mut self, node: &Node, is_hidden: bool) {
        self.marks.extend([(node.place.start, is_hidden), (node.written.start, is_hidden)]);
        for (key, child) in node.children() {
            match key {
                None => self.below(child, is_hidden),
                Some(key) => self.entry(key, child, is_hidden),
            }
        }
    }

    fn entry(&mut self, key: &Key, value: &Node, is_hidden: bool) {
        self.marks.extend([(key.place.start, is_hidden), (key.written.start, is_hidden)]);
        let hides = key.name == EXTERNAL_ID || self.unknown.contains(&key.place.start);
        match &value.kind {
            Kind::Map(entries) if key.name == PARAMETERS && !is_hidden && !hides => {
                for (name, value) in entries {
                    self.marks.extend([(name.place.start, false), (name.written.start, false)]);
                    self.hide(name, value);
                }
            }
            _ if hides || key.name == PARAMETERS => self.hide(key, value),
            _ => self.below(value, is_hidden),
        }
    }

    /// From behind the colon of the key.
    fn hide(&mut self, key: &Key, value: &Node) {
        let after = &self.text[key.place.end..];
        let colon = after.len() - after.trim_start_matches([':', ' ']).len();
        self.marks.push((key.place.end + colon, true));
        self.below(value, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::syntax;

    /// `‹` and `›` stand around what is expected to be hidden.
    #[track_caller]
    fn check(marked: &str) {
        let text = marked.replace(['‹', '›'], "");
        let unknown = text.find("unknown").into_iter().collect();
        let mut shown = text.clone();
        for piece in hidden(&text, &syntax::parse(&text).unwrap(), &unknown).iter().rev() {
            shown.insert(piece.end, '›');
            shown.insert(piece.start, '‹');
        }
        assert_eq!(shown, marked);
    }

    #[test]
    fn what_stands_under_an_external_id_is_hidden_up_to_the_next_key() {
        check("a: 1\nexternal_id: ‹x # not y\n›b: 2");
        check("external_id: ‹{ literal: x } # z›");
        check("- { external_id: ‹{ env: [x, {y: z}] }, ›account: 1 }\n- a");
        check("external_id:‹\n  literal: |\n    x\n  # y\n\n›b: 2");
        check("a: { external_id: ‹[\n  x,\n  y\n  ], ›b: 2 }");
        check("external_id: ‹&name\n›b: 2");
        check("a: { external_id: ‹&name\n  x, ›b: 2 }");
    }

    #[test]
    fn the_values_of_parameters_are_hidden_and_their_names_are_not() {
        check("parameters: { A: ‹{ value: x }, ›B: ‹y }›");
        check("parameters:\n  A: ‹x\n  ›B:‹\n    value: y\n›c: 1");
        check("parameters: ‹x\n›b: 1");
        check("parameters: ‹[ x, y ]\n›b: 1");
    }

    #[test]
    fn what_stands_under_an_unknown_key_is_hidden() {
        check("unknown: ‹{ a: x }\n›b: 1");
    }

    #[test]
    fn what_an_alias_brings_to_a_secret_place_is_hidden_where_it_is_written() {
        check("a: &s ‹x\n›external_id: ‹*s\n›b: 1");
        check("a: &s ‹{ env: y }\n›external_id: ‹*s\n›b: 1");
    }
}
