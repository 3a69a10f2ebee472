//! Colour and links, kept apart from the words that they decorate.
//!
//! While a view is laid out, a style is a mark: a character without a width, so that columns and line breaks are
//! those of the bare text. Text from outside has none of them, because [`escaped`](super::escape::escaped) writes
//! them out. [`dressed`] makes escape sequences of the marks once every line stands where it belongs, and
//! [`Decoration::of`] takes off what the reader's terminal does not take.

use std::borrow::Cow;

use anstyle::{AnsiColor, Effects};
use rollout_model::Region;

use super::console::account_page;

/// What a piece of text is. Every one also has a word, or a symbol: nothing is told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Proven, done as planned, or to be made. Never what was not looked at.
    Good,
    /// Failed, not as specified, or to be taken away.
    Bad,
    /// Neither: not proven, not reached, cancelled, to be changed, or worth a thought.
    Doubtful,
    /// What a part of a view is about.
    Heading,
    /// What is there to be complete.
    Quiet,
    /// What to do.
    Remedy,
    /// An account id, which leads to the console.
    Account,
}

const STYLES: [Style; 7] =
    [Style::Good, Style::Bad, Style::Doubtful, Style::Heading, Style::Quiet, Style::Remedy, Style::Account];

/// The first of the tag characters that begin a style; they follow in the order of [`STYLES`].
const FIRST_MARK: u32 = 0xe0041;

/// Ends the style that was begun last.
const END: char = '\u{e007f}';

impl Style {
    fn mark(self) -> char {
        char::from_u32(FIRST_MARK + self as u32).expect("the tag characters are characters")
    }

    fn begun_by(mark: char) -> Option<Style> {
        let index = u32::from(mark).checked_sub(FIRST_MARK)?;
        STYLES.get(usize::try_from(index).ok()?).copied()
    }

    /// The sixteen colours of the terminal, which its owner has chosen to be readable.
    fn ansi(self) -> anstyle::Style {
        match self {
            Style::Good => AnsiColor::Green.on_default(),
            Style::Bad => AnsiColor::Red.on_default(),
            Style::Doubtful => AnsiColor::Yellow.on_default(),
            Style::Heading => anstyle::Style::new().bold(),
            Style::Quiet => anstyle::Style::new() | Effects::DIMMED,
            Style::Remedy => AnsiColor::Cyan.on_default(),
            Style::Account => anstyle::Style::new(),
        }
    }
}

/// `text` in a style. It is escaped already, if it comes from outside.
pub(crate) fn styled(style: Style, text: &str) -> String {
    match text {
        "" => String::new(),
        _ => format!("{}{text}{END}", style.mark()),
    }
}

/// The same for a cell of a table, whose lines stand beside those of other cells: a style does not reach across a
/// place where a line may be broken.
pub(crate) fn styled_words(style: Style, text: &str) -> String {
    text.split(' ').map(|word| styled(style, word)).collect::<Vec<_>>().join(" ")
}

/// An account id, which leads to its page in the console.
pub(crate) fn account(id: &rollout_model::AccountId) -> String {
    styled(Style::Account, id.as_str())
}

/// How many characters of `text` are seen.
pub(super) fn seen(text: &str) -> usize {
    text.chars().filter(|character| !is_mark(*character)).count()
}

fn is_mark(character: char) -> bool {
    character == END || Style::begun_by(character).is_some()
}

/// A text that was laid out, with escape sequences in place of the marks. Account ids lead to the console where
/// it is known in which partition they are: that follows from a Region.
pub(crate) fn dressed(text: &str, region: Option<&Region>) -> String {
    let mut dress = Dress { output: String::with_capacity(text.len() * 2), worn: Vec::new(), region };
    let mut wanted = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character == END {
            wanted.pop();
        } else if let Some(style) = Style::begun_by(character) {
            wanted.push(style);
        } else {
            dress.change(&wanted, character, rest.as_str());
            dress.output.push(character);
        }
    }
    dress.take_off();
    dress.output
}

/// Styles are put on as late and taken off as early as can be: indents, the space between columns and the ends of
/// lines have none.
struct Dress<'a> {
    output: String,
    worn: Vec<Style>,
    region: Option<&'a Region>,
}

impl Dress<'_> {
    fn change(&mut self, wanted: &[Style], next: char, after: &str) {
        if next == '\n' || self.worn != wanted {
            self.take_off();
        }
        if self.worn.is_empty() && !next.is_whitespace() {
            wanted.iter().for_each(|style| self.put_on(*style, next, after));
        }
    }

    fn put_on(&mut self, style: Style, next: char, after: &str) {
        self.output.push_str(&style.ansi().render().to_string());
        let link = (style == Style::Account).then(|| account_page(self.region?, next, after)).flatten();
        if let Some(link) = link {
            self.output.push_str(&format!("{LINK}{link}{LINK_END}"));
        }
        self.worn.push(style);
    }

    fn take_off(&mut self) {
        if self.worn.contains(&Style::Account) && self.region.is_some() {
            self.output.push_str(&format!("{LINK}{LINK_END}"));
        }
        if self.worn.iter().any(|style| *style != Style::Account) {
            self.output.push_str(&anstyle::Reset.render().to_string());
        }
        self.worn.clear();
    }
}

/// OSC 8: what follows leads to an address, until a link without one.
const LINK: &str = "\u{1b}]8;;";
const LINK_END: &str = "\u{1b}\\";

/// What a reader takes beside words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decoration {
    /// Colours, bold and dim.
    pub colour: bool,
    /// Links (OSC 8).
    pub links: bool,
}

impl Decoration {
    /// A view as this reader takes it. The only escape sequences in a view are our own.
    pub fn of<'a>(&self, view: &'a str) -> Cow<'a, str> {
        if *self == (Decoration { colour: true, links: true }) || !view.contains('\u{1b}') {
            return Cow::Borrowed(view);
        }
        let mut output = String::with_capacity(view.len());
        let mut rest = view;
        while let Some((before, sequence)) = rest.split_once('\u{1b}') {
            output.push_str(before);
            let (end, wanted) = match sequence.starts_with(']') {
                true => (LINK_END, self.links),
                false => ("m", self.colour),
            };
            let length = sequence.find(end).map_or(sequence.len(), |at| at + end.len());
            let (sequence, after) = sequence.split_at(length);
            if wanted {
                output.push('\u{1b}');
                output.push_str(sequence);
            }
            rest = after;
        }
        output.push_str(rest);
        Cow::Owned(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::escaped;

    const ALL: Decoration = Decoration { colour: true, links: true };

    fn gov() -> Region {
        "us-gov-west-1".parse().unwrap()
    }

    #[test]
    fn styles_end_with_the_line_and_leave_indents_and_gaps_alone() {
        let marked = format!("  {}  x", styled(Style::Bad, "not\n    verified"));
        assert_eq!(dressed(&marked, None), "  \u{1b}[31mnot\u{1b}[0m\n    \u{1b}[31mverified\u{1b}[0m  x");
    }

    #[test]
    fn an_account_leads_to_its_page_also_within_another_style() {
        let marked = styled(Style::Quiet, &format!("in {}, gone", styled(Style::Account, "222233334444")));
        let link =
            "https://us-gov-west-1.console.amazonaws-us-gov.com/organizations/v2/home/accounts/222233334444";
        assert_eq!(
            dressed(&marked, Some(&gov())),
            format!(
                "\u{1b}[2min \u{1b}[0m\u{1b}[2m\u{1b}]8;;{link}\u{1b}\\222233334444\u{1b}]8;;\u{1b}\\\u{1b}[0m\
                 \u{1b}[2m, gone\u{1b}[0m"
            )
        );
        assert_eq!(dressed(&styled(Style::Account, "222233334444"), None), "222233334444", "where is it?");
    }

    #[test]
    fn whoever_takes_no_colours_or_no_links_gets_the_other_alone() {
        let marked = format!("{} {}", styled(Style::Good, "well"), styled(Style::Account, "222233334444"));
        let view = dressed(&marked, Some(&gov()));
        assert_eq!(ALL.of(&view), view);
        assert_eq!(Decoration::default().of(&view), "well 222233334444");
        let coloured = Decoration { colour: true, links: false }.of(&view);
        assert_eq!(coloured, "\u{1b}[32mwell\u{1b}[0m 222233334444");
        let linked = Decoration { colour: false, links: true }.of(&view);
        assert!(linked.starts_with("well \u{1b}]8;;https://"), "{linked:?}");
        assert!(!linked.contains("\u{1b}["), "{linked:?}");
    }

    #[test]
    fn text_from_outside_has_no_marks() {
        let forged = format!("{}green{END}", Style::Good.mark());
        let shown = escaped(&forged);
        assert!(!shown.chars().any(is_mark), "{shown}");
        assert_eq!(dressed(&shown, None), "\\u{e0041}green\\u{e007f}");
    }

    #[test]
    fn a_mark_takes_no_room() {
        assert_eq!(seen(&styled_words(Style::Bad, "not verified")), "not verified".len());
        assert!(STYLES.iter().all(|style| Style::begun_by(style.mark()) == Some(*style)));
    }
}
