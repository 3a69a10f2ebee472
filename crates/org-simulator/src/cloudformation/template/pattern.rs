//! `AllowedPattern`: the regular expressions of parameters.
//!
//! A value matches as a whole, and only whether it does is of interest. So matching walks forward with the set
//! of positions that can be reached, which takes no more time for a nasty pattern than for a plain one.
//! Captures mean nothing here; back references are refused.

use std::collections::BTreeSet;

/// A pattern that was understood.
#[derive(Debug, PartialEq)]
pub(super) struct Pattern {
    source: String,
    alternatives: Vec<Vec<Node>>,
}

#[derive(Debug, PartialEq)]
enum Node {
    Letter(Class),
    Group(Vec<Vec<Node>>),
    Look { ahead: Vec<Vec<Node>>, wanted: bool },
    Repeat { node: Box<Node>, least: usize, most: Option<usize> },
    Start,
    End,
}

#[derive(Debug, PartialEq, Default)]
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
    nested: Vec<Class>,
}

impl Class {
    fn contains(&self, letter: char) -> bool {
        let inside = self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter))
            || self.nested.iter().any(|class| class.contains(letter));
        inside != self.negated
    }

    fn one(letter: char) -> Self {
        Class { ranges: vec![(letter, letter)], ..Class::default() }
    }

    /// The class of `\d`, `\w`, `\s`, their opposites, or the escaped letter itself.
    fn escaped(letter: char) -> Result<Self, String> {
        let ranges = match letter.to_ascii_lowercase() {
            'd' => vec![('0', '9')],
            'w' => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
            's' => vec![(' ', ' '), ('\t', '\r')],
            _ => return Self::literal(letter),
        };
        Ok(Class { negated: letter.is_ascii_uppercase(), ranges, nested: Vec::new() })
    }

    fn literal(letter: char) -> Result<Self, String> {
        Ok(Class::one(match letter {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other if other.is_ascii_alphanumeric() => return Err(format!("\\{other} is not supported")),
            other => other,
        }))
    }
}

impl Pattern {
    pub(super) fn read(source: &str) -> Result<Self, String> {
        let mut reader = Reader { letters: source.chars().collect(), next: 0 };
        let alternatives = reader.alternatives()?;
        match reader.peek() {
            None => Ok(Pattern { source: source.to_owned(), alternatives }),
            Some(letter) => Err(format!("unexpected {letter}")),
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether the whole value matches.
    pub(super) fn matches(&self, value: &str) -> bool {
        let letters: Vec<char> = value.chars().collect();
        ends_of_any(&self.alternatives, &letters, &BTreeSet::from([0])).contains(&letters.len())
    }
}

fn ends_of_any(alternatives: &[Vec<Node>], letters: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
    let ends_of = |sequence: &Vec<Node>| {
        sequence.iter().fold(starts.clone(), |positions, node| ends(node, letters, &positions))
    };
    alternatives.iter().flat_map(ends_of).collect()
}

fn ends(node: &Node, letters: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
    match node {
        Node::Letter(class) => {
            let fits = |at: &&usize| letters.get(**at).is_some_and(|letter| class.contains(*letter));
            starts.iter().filter(fits).map(|at| at + 1).collect()
        }
        Node::Group(alternatives) => ends_of_any(alternatives, letters, starts),
        Node::Look { ahead, wanted } => {
            let sees = |at: &usize| !ends_of_any(ahead, letters, &BTreeSet::from([*at])).is_empty();
            starts.iter().copied().filter(|at| sees(at) == *wanted).collect()
        }
        Node::Repeat { node, least, most } => repeated(node, *least, *most, letters, starts),
        Node::Start => starts.iter().copied().filter(|at| *at == 0).collect(),
        Node::End => starts.iter().copied().filter(|at| *at == letters.len()).collect(),
    }
}

fn repeated(
    node: &Node,
    least: usize,
    most: Option<usize>,
    letters: &[char],
    starts: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut positions = starts.clone();
    for _ in 0..least {
        positions = ends(node, letters, &positions);
        if positions.is_empty() {
            return positions;
        }
    }
    let mut reached = positions.clone();
    let mut rounds = least;
    while most.is_none_or(|most| rounds < most) {
        // A position that was reached before leads nowhere new, so the loop ends after at most one round
        // for each letter.
        positions = ends(node, letters, &positions).difference(&reached).copied().collect();
        if positions.is_empty() {
            break;
        }
        reached.extend(&positions);
        rounds += 1;
    }
    reached
}

struct Reader {
    letters: Vec<char>,
    next: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.next).copied()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek();
        self.next += usize::from(letter.is_some());
        letter
    }

    fn take_if(&mut self, expected: &str) -> bool {
        let expected: Vec<char> = expected.chars().collect();
        let found = self.letters[self.next..].starts_with(&expected);
        if found {
            self.next += expected.len();
        }
        found
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Node>>, String> {
        let mut alternatives = vec![Vec::new()];
        while let Some(letter) = self.peek().filter(|letter| *letter != ')') {
            if letter == '|' {
                self.next += 1;
                alternatives.push(Vec::new());
                continue;
            }
            let node = self.node()?;
            let node = self.quantified(node)?;
            alternatives.last_mut().expect("there is always a first alternative").push(node);
        }
        Ok(alternatives)
    }

    fn node(&mut self) -> Result<Node, String> {
        match self.take().ok_or("it ends too early")? {
            '^' => Ok(Node::Start),
            '$' => Ok(Node::End),
            '.' => Ok(Node::Letter(Class { negated: true, ranges: vec![('\n', '\n')], nested: Vec::new() })),
            '[' => self.class().map(Node::Letter),
            '(' => self.group(),
            '\\' => Class::escaped(self.take().ok_or("it ends after a backslash")?).map(Node::Letter),
            letter @ ('*' | '+' | '?' | '{') => Err(format!("nothing to repeat before {letter}")),
            letter => Ok(Node::Letter(Class::one(letter))),
        }
    }

    fn group(&mut self) -> Result<Node, String> {
        let look = if self.take_if("?=") {
            Some(true)
        } else if self.take_if("?!") {
            Some(false)
        } else if self.take_if("?:") || self.peek() != Some('?') {
            None
        } else {
            return Err("this kind of group is not supported".to_owned());
        };
        let inside = self.alternatives()?;
        if !self.take_if(")") {
            return Err("a group is not closed".to_owned());
        }
        Ok(match look {
            Some(wanted) => Node::Look { ahead: inside, wanted },
            None => Node::Group(inside),
        })
    }

    fn class(&mut self) -> Result<Class, String> {
        let mut class = Class { negated: self.take_if("^"), ..Class::default() };
        let mut is_first = true;
        loop {
            let first = match self.take().ok_or("a class is not closed")? {
                ']' if !is_first => return Ok(class),
                '\\' => {
                    let letter = self.take().ok_or("it ends after a backslash")?;
                    let escaped = Class::escaped(letter)?;
                    match escaped.ranges.as_slice() {
                        [(first, last)] if first == last && !escaped.negated => *first,
                        _ => {
                            class.nested.push(escaped);
                            is_first = false;
                            continue;
                        }
                    }
                }
                letter => letter,
            };
            is_first = false;
            let is_range = self.peek() == Some('-')
                && self.letters.get(self.next + 1).is_some_and(|after| *after != ']');
            let last = if is_range {
                self.next += 1;
                match self.take() {
                    Some('\\') => self.take().ok_or("it ends after a backslash")?,
                    Some(letter) => letter,
                    None => return Err("a class is not closed".to_owned()),
                }
            } else {
                first
            };
            class.ranges.push((first, last));
        }
    }

    fn quantified(&mut self, node: Node) -> Result<Node, String> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted(node),
            _ => return Ok(node),
        };
        self.next += 1;
        self.skip_greediness();
        Ok(Node::Repeat { node: Box::new(node), least, most })
    }

    fn counted(&mut self, node: Node) -> Result<Node, String> {
        let close =
            self.letters[self.next..].iter().position(|letter| *letter == '}').ok_or("{ is not closed")?;
        let counts: String = self.letters[self.next + 1..self.next + close].iter().collect();
        self.next += close + 1;
        self.skip_greediness();
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("{{{counts}}} is no count"));
        let (least, most) = match counts.split_once(',') {
            None => (number(&counts)?, Some(number(&counts)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        Ok(Node::Repeat { node: Box::new(node), least, most })
    }

    /// Lazy and possessive quantifiers match the same whole values (possessive ones but rarely fewer).
    fn skip_greediness(&mut self) {
        let _ = self.take_if("?") || self.take_if("+");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_matches_as_a_whole() {
        for (pattern, good, bad) in [
            (r"[0-9]{12}", &["111122223333"][..], &["11112222333", "1111222233334", "a11122223333"][..]),
            (r"^\d{12}$", &["111122223333"], &["1111222233x3"]),
            (
                r"arn:aws(-[a-z]+)*:iam::\d{12}:role/.+",
                &["arn:aws:iam::111122223333:role/a/b", "arn:aws-us-gov:iam::111122223333:role/x"],
                &["arn:aws:iam::1:role/x"],
            ),
            (r"[\w+=,.@:\/-]{2,1224}", &["a-b", "x/y=z", "__"], &["a", "a b", ""]),
            (r"a|bc?|", &["a", "b", "bc", ""], &["ac", "c"]),
            (r"[^\s]*", &["", "abc"], &["a c"]),
            (r"(?!aws)[a-z]+", &["abc"], &["awsome", "aws"]),
            (r"(a*)*b", &["b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"], &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"]),
            (r"[]a-]+", &["]-a"], &["b"]),
            (r"\.\W", &[".-"], &["xa", ".a"]),
        ] {
            let read = Pattern::read(pattern).unwrap();
            for value in good {
                assert!(read.matches(value), "{pattern} should match {value:?}");
            }
            for value in bad {
                assert!(!read.matches(value), "{pattern} should not match {value:?}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in ["(a", "a)", "[a", "*a", r"(a)\1", "(?<n>a)", "a{x}", "a{2", r"a\"] {
            assert!(Pattern::read(pattern).is_err(), "{pattern}");
        }
    }
}
