//! Turns of phrase of the page.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

/// `64 accounts`, with a separator from ten thousand on.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// As exact as somebody who compares accounts wants it: `412 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`.
pub(super) fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

pub(super) fn at(time: Timestamp) -> String {
    time.strftime("%F %T UTC").to_string()
}

pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// The word of a format for a variant, hyphenated, as addresses have it.
pub(super) fn slug(word: impl Serialize) -> String {
    let text = serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned));
    text.unwrap_or_default().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_exact_as_they_are_short() {
        let check = |millis, expected: &str| assert_eq!(took(Duration::from_millis(millis)), expected);
        check(0, "0 ms");
        check(412, "412 ms");
        check(4_230, "4.2 s");
        check(185_000, "3 min 05 s");
        check(7_800_000, "2 h 10 min");
    }
}
