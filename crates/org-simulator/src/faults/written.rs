//! Lengths of time, shares and accounts as people write them.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::organizations::is_account_id;

/// A length of virtual time: `90s`, `10m`, `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Length(pub(super) SignedDuration);

impl TryFrom<String> for Length {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no length of time such as `90s`, `10m` or `1h 30m`");
        let length: SignedDuration = text.parse().map_err(|_| wrong())?;
        if length.is_negative() { Err(wrong()) } else { Ok(Length(length)) }
    }
}

/// A share of the accounts: `1%`, `0.5%`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Share {
    percent: f64,
}

impl Share {
    /// How many of so many that is, rounded up: a share of some is never nobody.
    pub(super) fn of(self, count: usize) -> usize {
        #[expect(clippy::cast_precision_loss, reason = "an organization has 50,000 accounts at most")]
        let share = (count as f64 * self.percent / 100.0).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count is positive and no larger than the count"
        )]
        let share = share as usize;
        share.min(count)
    }
}

impl TryFrom<String> for Share {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        match percent {
            Some(percent) if percent > 0.0 && percent <= 100.0 => Ok(Share { percent }),
            _ => Err(format!("`{text}` is no share such as `1%`, above 0% and up to 100%")),
        }
    }
}

/// Account ids have twelve digits.
pub(super) fn check_account(account: &str) -> Result<(), String> {
    match is_account_id(account) {
        true => Ok(()),
        false => Err(format!("`{account}` is no account id of twelve digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_or_refused() {
        let seconds = |text: &str| Length::try_from(text.to_owned()).map(|length| length.0.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("10m"), Ok(600));
        assert_eq!(seconds("1h 30m"), Ok(5400));
        for text in ["", "10", "ten minutes", "-5m", "5 moons"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_share_of_some_is_at_least_one_and_of_none_is_none() {
        let share = |text: &str, count| Share::try_from(text.to_owned()).map(|share| share.of(count));
        assert_eq!(share("1%", 64), Ok(1));
        assert_eq!(share("1%", 10_000), Ok(100));
        assert_eq!(share("0.5%", 1000), Ok(5));
        assert_eq!(share("100%", 7), Ok(7));
        assert_eq!(share("1%", 0), Ok(0));
        for text in ["1", "0%", "101%", "-1%", "NaN%", "some%"] {
            assert!(share(text, 10).is_err(), "{text}");
        }
    }
}
