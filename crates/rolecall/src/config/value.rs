//! Single values of the configuration: durations, times, shares, and "exactly one of these".

use std::num::NonZeroUsize;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rollout_model::{Share, WrittenTime};

/// A duration as people write it: `90s`, `1h`, `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("`{text}` is not a duration (such as `90s` or `1h`)");
    let signed: SignedDuration = text.parse().map_err(|_| invalid())?;
    Duration::try_from(signed).map_err(|_| invalid())
}

/// A date, which begins at midnight UTC, or a time as in RFC 3339.
pub(crate) fn written_time(text: &str) -> Result<WrittenTime, String> {
    // A date alone would be taken out of a longer text, and what follows it ignored.
    let midnight = || match text.len() {
        10 => text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp()),
        _ => None,
    };
    let time = text.parse::<Timestamp>().ok().or_else(midnight);
    let time = time.ok_or_else(|| {
        format!(
            "`{text}` is neither a date (such as `2026-03-01`) nor a time (such as `2026-03-01T09:30:00Z`)"
        )
    })?;
    Ok(WrittenTime { time: time.into(), written: text.to_owned() })
}

/// `100%` or a number of accounts.
pub(crate) fn share(text: &str) -> Result<Share, String> {
    let invalid = || format!("`{text}` is neither a percentage (such as `100%`) nor a number of accounts");
    match text.strip_suffix('%') {
        Some(percent) => match percent.trim().parse() {
            Ok(percent @ 0..=100) => Ok(Share::Percent(percent)),
            _ => Err(invalid()),
        },
        None => text.trim().parse().map(Share::Count).map_err(|_| invalid()),
    }
}

/// `auto` or a number of accounts at a time.
pub(crate) fn concurrency(text: &str) -> Result<NonZeroUsize, String> {
    /// The request budget finds the rate, so this need only be enough not to be in its way. STS admits 600 calls
    /// a second (aws-facts G), which is 120 accounts of five STS calls; with the four to IAM, one after another
    /// at 200 ms, each takes 1.8 s, so that 216 are under way. The rest is for accounts that are slow: they hold
    /// nobody up.
    const AUTO: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");
    match text {
        "auto" => Ok(AUTO),
        number => number
            .parse()
            .ok()
            .filter(|number: &NonZeroUsize| number.get() <= 1000)
            .ok_or_else(|| format!("`{text}` is neither `auto` nor a number from 1 to 1000")),
    }
}

/// The one value that is given, with the name of its key.
pub(crate) fn exactly_one<'a, T>(
    values: &[(&'static str, &'a Option<T>)],
) -> Result<(&'static str, &'a T), String> {
    let given: Vec<(&'static str, &'a T)> =
        values.iter().filter_map(|(key, value)| value.as_ref().map(|value| (*key, value))).collect();
    let keys: Vec<String> = values.iter().map(|(key, _)| format!("`{key}`")).collect();
    match given.as_slice() {
        [one] => Ok(*one),
        [] => Err(format!("one of {} is needed", keys.join(", "))),
        _ => Err(format!("only one of {} may be given", keys.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        for text in ["", "90", "-1s", "soon"] {
            assert!(duration(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
    }

    #[test]
    fn times_are_dates_or_points_in_time() {
        let check = |text: &str, expected: &str| {
            let written = written_time(text).unwrap();
            assert_eq!(Timestamp::try_from(written.time).unwrap().to_string(), expected);
            assert_eq!(written.written, text);
        };
        check("2026-03-01", "2026-03-01T00:00:00Z");
        check("2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z");
        check("2026-03-01T09:30:00+02:00", "2026-03-01T07:30:00Z");
        check("1969-12-31", "1969-12-31T00:00:00Z");
        for text in ["", "2026-03-32", "2026-03", "2026-03-01 soon", "2026-03-01T09:30", "yesterday"] {
            assert!(written_time(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
    }

    #[test]
    fn shares_are_percentages_or_numbers() {
        assert_eq!(share("100%"), Ok(Share::Percent(100)));
        assert_eq!(share("7"), Ok(Share::Count(7)));
        for text in ["101%", "-1", "all", ""] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn concurrency_is_auto_or_a_number_above_zero() {
        assert_eq!(concurrency("7").unwrap().get(), 7);
        let auto = concurrency("auto").unwrap().get();
        let (accounts_a_second, calls, latency) = (600 / 5, 9, 0.2);
        assert!(auto as f64 >= f64::from(accounts_a_second * calls) * latency, "the rate of STS is used");
        assert!(concurrency(&auto.to_string()).is_ok(), "what may be written");
        for text in ["0", "1001", "many"] {
            assert!(concurrency(text).is_err(), "{text}");
        }
    }

    #[test]
    fn exactly_one_value_has_to_be_given() {
        let (none, some) = (None, Some(1));
        assert_eq!(exactly_one(&[("a", &none), ("b", &some)]), Ok(("b", &1)));
        assert_eq!(exactly_one(&[("a", &none), ("b", &none)]).unwrap_err(), "one of `a`, `b` is needed");
        assert_eq!(
            exactly_one(&[("a", &some), ("b", &some)]).unwrap_err(),
            "only one of `a`, `b` may be given"
        );
    }
}
