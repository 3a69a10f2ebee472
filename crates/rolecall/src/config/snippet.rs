//! The one line of a configuration that a message is about, made safe to show.

use std::ops::Range;

use rollout_report::escaped;

use super::node::Place;

/// What stands where something is hidden. Always as long, so that it tells no length.
const MASK: &str = "****";

/// How much of a line is shown on either side of a place, in bytes: enough for any line that was written by
/// hand, and of a document that is one line not all.
const AROUND: usize = 150;

/// A place in a file, and how its line is shown.
#[derive(Debug)]
pub(super) struct Snippet {
    /// From one.
    pub(super) line: usize,
    /// From one, in characters of the file.
    pub(super) column: usize,
    /// The line and what to point at in it, in bytes. Nothing when no part of it may be shown.
    pub(super) shown: Option<(String, Range<usize>)>,
}

impl Snippet {
    /// The line at a place, without the pieces of the text that are hidden.
    pub(super) fn new(text: &str, hidden: &[Range<usize>], place: Place) -> Self {
        let line = line_of(text, place.start);
        let place = place.start..place.end.clamp(place.start, line.end);
        let line = without_comment(text, line, place.end);
        let shown = shown(text, window(text, &line, &place), hidden, &place);
        Snippet { shown: Some(shown), ..Snippet::unseen(text, place.start) }
    }

    /// A place whose line is not shown.
    pub(super) fn unseen(text: &str, at: usize) -> Self {
        let column = text[line_of(text, at).start..at].chars().count() + 1;
        Snippet { line: text[..at].matches('\n').count() + 1, column, shown: None }
    }
}

fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    start..end
}

/// The line up to what may be a comment behind the place: an old secret may stand there.
fn without_comment(text: &str, line: Range<usize>, after: usize) -> Range<usize> {
    let end = text[after..line.end].find(" #").map_or(line.end, |length| after + length);
    line.start..end
}

fn window(text: &str, line: &Range<usize>, place: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(place.start.saturating_sub(AROUND)).max(line.start);
    let end = text.ceil_char_boundary((place.start + AROUND).min(text.len())).min(line.end);
    start..end
}

/// The window with its control characters escaped and a mask for every hidden piece, and where the place has
/// come to stand.
fn shown(
    text: &str,
    window: Range<usize>,
    hidden: &[Range<usize>],
    place: &Range<usize>,
) -> (String, Range<usize>) {
    let mut line = String::new();
    let mut at = window.start;
    let mut pointed = None::<Range<usize>>;
    while at < window.end {
        let (piece, end) = next_piece(text, at, &window, hidden);
        let begins = line.len();
        line.push_str(&piece);
        if end > place.start && (at < place.end || at == place.start) {
            pointed = Some(pointed.map_or(begins, |range| range.start)..line.len());
        }
        at = end;
    }
    let end = line.len();
    (line, pointed.unwrap_or(end..end))
}

/// What is shown of the character at a place, or of the hidden piece that it is in, and where the next begins.
fn next_piece(text: &str, at: usize, window: &Range<usize>, hidden: &[Range<usize>]) -> (String, usize) {
    let next_hidden = hidden.partition_point(|piece| piece.end <= at);
    match hidden.get(next_hidden) {
        Some(piece) if piece.contains(&at) => (MASK.to_owned(), piece.end.min(window.end)),
        _ => {
            let length = text[at..].chars().next().map_or(1, char::len_utf8);
            (escaped(&text[at..at + length]).into_owned(), at + length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `«` and `»` stand around the place, `‹` and `›` around what is hidden.
    #[track_caller]
    fn check(marked: &str, line: usize, column: usize, expected: &str) {
        let mut text = String::new();
        let mut at = [0; 4];
        for character in marked.chars() {
            match "«»‹›".chars().position(|mark| mark == character) {
                Some(mark) => at[mark] = text.len(),
                None => text.push(character),
            }
        }
        let [start, end, hidden_start, hidden_end] = at;
        let hidden: Vec<Range<usize>> =
            (hidden_end > 0).then_some(hidden_start..hidden_end).into_iter().collect();
        let snippet = Snippet::new(&text, &hidden, Place { start, end });
        let (mut shown, range) = snippet.shown.unwrap();
        shown.insert(range.end, '»');
        shown.insert(range.start, '«');
        assert_eq!((snippet.line, snippet.column, shown.as_str()), (line, column, expected));
    }

    #[test]
    fn the_line_of_a_place_is_shown() {
        check("a: 1\n  grüß: «x»\nb: 2", 2, 9, "  grüß: «x»");
        check("a: «»", 1, 4, "a: «»");
        check("a: «x» # was y", 1, 4, "a: «x»");
        check("a: «|\n  x\n»b", 1, 4, "a: «|»");
    }

    #[test]
    fn what_is_hidden_is_masked_and_nothing_tells_its_length() {
        check("id: ‹x }›, «name»: y", 1, 10, "id: ****, «name»: y");
        check("id: ‹«x»yz›", 1, 5, "id: «****»");
        check("id: ‹x\ny }›, «name»: y", 2, 6, "****, «name»: y");
    }

    #[test]
    fn control_characters_are_escaped_and_the_place_moves_with_them() {
        check("a\u{1b}[31m: «x»", 1, 9, "a\\u{1b}[31m: «x»");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let text = format!("{}é{}", "a".repeat(300), "b".repeat(300));
        let snippet = Snippet::new(&text, &[], Place { start: 300, end: 302 });
        assert_eq!(snippet.column, 301);
        let (shown, range) = snippet.shown.unwrap();
        assert_eq!((&shown[range], shown.len()), ("é", 300));
    }
}
