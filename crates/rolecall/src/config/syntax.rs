//! The first reading of a configuration: its syntax, and what YAML allows and no configuration needs.
//!
//! `serde_yaml` keeps the last of two equal keys silently, tells no place for an unknown key at the top level,
//! and takes ten seconds over 100,000 open brackets. So every text comes through here first, which gives
//! the tree that messages find their places in.

use std::collections::BTreeSet;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Options};

use super::node::{Kind, Node, Place};
use super::problems::Problem;

/// How deep lists and maps may be nested; the deepest that a configuration needs is seven.
const MAX_DEPTH: usize = 32;

/// How many values a document may have when every alias is written out. Reading so many takes a debug build
/// about a third of a second.
const MAX_NODES: usize = 25_000;

/// Parses a text, or tells the first place at which it is no YAML that we read.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| syntax_problem(text, &error))
}

/// Duplicate keys and merge keys come through, so that [`repetitions`] tells of all of them at once. What is a
/// number and what is text follows `serde_yaml`, which decodes the document afterwards.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        ignore_binary_tag_for_string: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// Nothing that stands in the text is quoted: where an external ID is, nobody knows yet.
fn syntax_problem(text: &str, error: &Error) -> Problem {
    let cause = match error {
        Error::AliasError { error, .. } => error,
        other => other,
    };
    let message = match cause {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(),
        Error::Budget { .. } => {
            format!("the document has more than {MAX_NODES} values when every alias (`*name`) is written out")
        }
        Error::MultipleDocuments { .. } => "a second document begins here; a file holds one".to_owned(),
        Error::UnsupportedTag { .. } => {
            "tags (`!name`) are not read; text that begins with `!` needs quotes".to_owned()
        }
        other => in_our_words(&other.to_string()),
    };
    let place = error.location().map(|at| Place::at(text, at.line(), at.column()));
    Problem { place, ..Problem::new("", message) }
}

fn too_deep() -> String {
    format!("lists and maps are nested more than {MAX_DEPTH} deep")
}

/// The place is told beside the message, and a character that is quoted may be the first of a secret.
fn in_our_words(message: &str) -> String {
    let reason = message.split(" at line ").next().unwrap_or(message);
    match reason.split(": `").next().unwrap_or(reason) {
        "recursion limit exceeded" => too_deep(),
        "unexpected character" => {
            "this is no YAML: no value begins with this character, unless it is in quotes".to_owned()
        }
        "expected string scalar" => "a key has to be text".to_owned(),
        reason => format!("this is no YAML: {reason}"),
    }
}

/// Keys that are given twice, and merge keys: YAML readers differ in what becomes of either.
pub(super) fn repetitions(node: &Node) -> Vec<Problem> {
    let mut problems = Vec::new();
    find_repetitions(node, &mut problems);
    problems
}

fn find_repetitions(node: &Node, problems: &mut Vec<Problem>) {
    if let Kind::Map(entries) = &node.kind {
        let mut seen = BTreeSet::new();
        for (key, _) in entries {
            let message = match key.name.as_str() {
                "<<" => "merge keys (`<<`) are not read; write the keys out",
                name if !seen.insert(name) => "this key is given twice",
                _ => continue,
            };
            problems.push(Problem { place: Some(key.place), ..Problem::new("", message) });
        }
    }
    for (_, child) in node.children() {
        find_repetitions(child, problems);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[track_caller]
    fn refused(text: &str, says: &str) {
        let began = Instant::now();
        let problem = parse(text).err().expect("the text was accepted");
        assert!(problem.message.contains(says), "{}", problem.message);
        assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
    }

    #[test]
    fn a_text_that_would_keep_a_reader_busy_is_refused_quickly() {
        refused(&"[".repeat(100_000), "nested more than 32 deep");
        refused(&"{".repeat(400_000), "nested more than 32 deep");
        refused(&"{a: ".repeat(100_000), "nested more than 32 deep");
        refused(&"- ".repeat(200_000), "nested more than 32 deep");
        refused(&alias_bomb(), "more than 25000 values when every alias");
        refused(&format!("[{}]", "a,".repeat(500_000)), "more than 25000 values");
    }

    /// Thirty lists of nine times the list before.
    fn alias_bomb() -> String {
        let list = |index: usize| {
            let item = if index == 0 { "x".to_owned() } else { format!("*a{}", index - 1) };
            format!("a{index}: &a{index} [{}]\n", vec![item; 9].join(","))
        };
        (0..30).map(list).collect()
    }

    #[test]
    fn what_is_no_yaml_is_refused_at_its_place() {
        let check = |text: &str, line: usize, column: usize, says: &str| {
            refused(text, says);
            let place = parse(text).err().unwrap().place.unwrap();
            let before = &text[..place.start];
            let found = (
                before.matches('\n').count() + 1,
                before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1,
            );
            assert_eq!(found, (line, column), "{text:?}");
        };
        check("a: [", 1, 4, "unclosed bracket");
        check("a:\n\t- b", 2, 2, "tabs disallowed");
        check("a: @x", 1, 4, "no value begins with this character");
        check("a: 1\n---\nb: 2", 3, 1, "a second document");
        check("a: *x", 1, 4, "unknown anchor");
        check("a: !Ref x", 1, 9, "tags (`!name`) are not read");
        check("{ a: { {b: 1}: c } }", 1, 8, "a key has to be text");
    }

    #[test]
    fn keys_that_are_given_twice_and_merge_keys_are_found_wherever_they_stand() {
        let text = "a: 1\nb: { c: 1, d: [ { e: 1, e: 2 } ], c: 1 }\na: 2\nf: { <<: { a: 1 } }\n";
        let mut found: Vec<_> = repetitions(&parse(text).unwrap())
            .into_iter()
            .map(|problem| (&text[problem.place.unwrap().start..][..2], problem.message))
            .collect();
        found.sort();
        let twice = "this key is given twice".to_owned();
        let merge = "merge keys (`<<`) are not read; write the keys out".to_owned();
        assert_eq!(found, [("<<", merge), ("a:", twice.clone()), ("c:", twice.clone()), ("e:", twice)]);
    }
}
