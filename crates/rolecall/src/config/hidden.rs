//! What no snippet may show: messages end in the logs of CI systems.

use std::collections::BTreeSet;
use std::ops::Range;

use super::node::{Kind, Node};

/// The key of an external ID, wherever it stands.
pub(super) const EXTERNAL_ID: &str = "external_id";

/// The key of the parameters of a template. Their names are shown, their values are not.
pub(super) const PARAMETERS: &str = "parameters";

/// The pieces of a text that are not shown, in ascending order: what stands under an external ID, a parameter,
/// or one of the keys that begin at `unknown`, which may be either of them misspelt.
///
/// A piece reaches to the next key or value outside, so that comments and brackets on the way are hidden too.
pub(super) fn hidden(root: &Node, unknown: &BTreeSet<usize>, length: usize) -> Vec<Range<usize>> {
    let mut marks = Vec::new();
    mark(root, false, unknown, &mut marks);
    // At one place the hidden one comes last and so decides: an alias may bring there what is shown elsewhere.
    marks.sort_unstable();
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (index, (start, is_hidden)) in marks.iter().enumerate() {
        let end = marks.get(index + 1).map_or(length, |(next, _)| *next);
        match pieces.last_mut() {
            Some(piece) if *is_hidden && piece.end == *start => piece.end = end,
            _ if *is_hidden && end > *start => pieces.push(*start..end),
            _ => {}
        }
    }
    pieces
}

/// Every beginning of a key or value, and whether it is hidden.
fn mark(node: &Node, is_hidden: bool, unknown: &BTreeSet<usize>, marks: &mut Vec<(usize, bool)>) {
    marks.extend([(node.place.start, is_hidden), (node.written.start, is_hidden)]);
    for (key, child) in node.children() {
        let mut child_hidden = is_hidden;
        if let Some(key) = key {
            marks.extend([(key.place.start, is_hidden), (key.written.start, is_hidden)]);
            child_hidden |= key.name == EXTERNAL_ID || unknown.contains(&key.place.start);
            if key.name == PARAMETERS && !child_hidden {
                mark_parameters(child, unknown, marks);
                continue;
            }
        }
        mark(child, child_hidden, unknown, marks);
    }
}

fn mark_parameters(parameters: &Node, unknown: &BTreeSet<usize>, marks: &mut Vec<(usize, bool)>) {
    let Kind::Map(entries) = &parameters.kind else { return mark(parameters, true, unknown, marks) };
    for (name, value) in entries {
        marks.extend([(name.place.start, false), (name.written.start, false)]);
        mark(value, true, unknown, marks);
    }
}
