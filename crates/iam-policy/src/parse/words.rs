//! Effect and version, which are one of two words.

use std::fmt;

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{Effect, Version};

impl<'de> Deserialize<'de> for Effect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Word(&[("Allow", Effect::Allow), ("Deny", Effect::Deny)]))
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = &[("2008-10-17", Version::V2008), ("2012-10-17", Version::V2012)];
        deserializer.deserialize_str(Word(words))
    }
}

/// One of two words. A derived reader would also take an object with the word as its key.
struct Word<T: 'static>(&'static [(&'static str, T); 2]);

impl<T: Copy> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [(one, _), (another, _)] = self.0;
        write!(formatter, "`{one}` or `{another}`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        let found = self.0.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}
