//! A configuration as it was parsed: what stands where. Every message about a configuration finds its place
//! in this tree.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{Location, Spanned};

/// A value and where it stands.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Where the value is used.
    pub(super) place: Place,
    /// Where the value is written: another place than `place` only for an alias (`*name`).
    pub(super) written: Place,
}

/// What a value is.
pub(super) enum Kind {
    /// Text, a number, a truth value or nothing.
    Scalar(Value),
    List(Vec<Node>),
    /// In the order of the file, every key as often as it is written.
    Map(Vec<(Key, Node)>),
}

/// The key of a map.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) written: Place,
}

/// A piece of the text, in bytes. Of a list or a map only the beginning is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Node {
    /// The values below this one: of a map by their keys, of a list without.
    pub(super) fn children(&self) -> Box<dyn Iterator<Item = (Option<&Key>, &Node)> + '_> {
        match &self.kind {
            Kind::Scalar(_) => Box::new(std::iter::empty()),
            Kind::List(items) => Box::new(items.iter().map(|item| (None, item))),
            Kind::Map(entries) => Box::new(entries.iter().map(|(key, value)| (Some(key), value))),
        }
    }

    /// What to point at: a block of lines has no sign of its own, so there it is the first thing in it.
    pub(super) fn mark(&self) -> Place {
        match self.children().next() {
            Some((Some(key), _)) if self.place.end == self.place.start => key.place,
            Some((None, item)) if self.place.end == self.place.start => item.mark(),
            _ => self.place,
        }
    }
}

impl Place {
    /// A line and a column, both from one and in characters, in a text. Beyond its end, the end.
    pub(super) fn at(text: &str, line: u64, column: u64) -> Self {
        let lines_before = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
        let line_start = lines_before.map(str::len).sum::<usize>();
        let before = text[line_start..].chars().take(column.saturating_sub(1) as usize);
        let start = line_start + before.map(char::len_utf8).sum::<usize>();
        Place { start, end: start }
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        let span = location.span();
        // Always known, because a text is parsed and not a stream.
        let start = span.byte_offset().unwrap_or_default() as usize;
        Place { start, end: start + span.byte_len().unwrap_or_default() as usize }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value: kind, referenced, defined } = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Node { kind, place: referenced.into(), written: defined.into() })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value: name, referenced, defined } = Spanned::<String>::deserialize(deserializer)?;
        Ok(Key { name, place: referenced.into(), written: defined.into() })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::Scalar(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Kind::Map(entries))
    }
}
