//! Timestamps in the forms of the two protocols, and the lengths of the steps that take virtual time.

use jiff::{Timestamp, Unit};
use serde_json::Value;

/// JSON 1.1: seconds since the epoch, with milliseconds as a fraction.
pub(crate) fn epoch_seconds(timestamp: Timestamp) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are exact in an f64 for 285,000 years"
    )]
    let seconds = timestamp.as_millisecond() as f64 / 1000.0;
    Value::from(seconds)
}

/// Query, as IAM and STS write it: ISO 8601 in UTC, whole seconds.
pub(crate) fn iso8601(timestamp: Timestamp) -> Value {
    Value::from(format!("{:.0}", truncated(timestamp, Unit::Second)))
}

/// Query, as CloudFormation writes it: ISO 8601 in UTC, with milliseconds.
pub(crate) fn iso8601_millis(timestamp: Timestamp) -> Value {
    Value::from(format!("{:.3}", truncated(timestamp, Unit::Millisecond)))
}

fn truncated(timestamp: Timestamp, unit: Unit) -> Timestamp {
    let rounding = jiff::TimestampRound::new().smallest(unit).mode(jiff::RoundMode::Trunc);
    timestamp.round(rounding).expect("truncating a timestamp to a second keeps it in range")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_gets_its_form() {
        let timestamp: Timestamp = "2026-03-04T05:06:07.8999Z".parse().unwrap();
        assert_eq!(iso8601(timestamp), "2026-03-04T05:06:07Z");
        assert_eq!(iso8601_millis(timestamp), "2026-03-04T05:06:07.899Z");
        assert_eq!(epoch_seconds(timestamp), 1_772_600_767.899);
    }
}
