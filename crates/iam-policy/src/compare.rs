//! Numbers, dates and addresses as condition operators compare them.

use std::net::IpAddr;

/// An integer or decimal value. What else reads as a number in Rust, such as `inf`, is none to IAM.
pub(crate) fn number(text: &str) -> Option<f64> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
    text.bytes().all(is_plain).then(|| text.parse().ok()).flatten()
}

/// Seconds since 1970 of a date in one of the forms that W3C made of ISO 8601, or of the seconds themselves.
pub(crate) fn date(text: &str) -> Option<f64> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let (year, month) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?);
    let day = match parts.next() {
        Some(day) => digits(day, 2)?,
        None if time.is_none() => 1,
        None => return None,
    };
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let of_day = time.map_or(Some(0.0), seconds_of_day)?;
    Some(days_since_1970(year, month, day) as f64 * 86_400.0 + of_day)
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Of `12:30Z`, `12:30:00+01:00` or `12:30:00.5Z`.
fn seconds_of_day(time: &str) -> Option<f64> {
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let mut parts = clock.splitn(3, ':');
    let (hours, minutes) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let seconds = number(parts.next().unwrap_or("0"))?;
    let is_a_time = hours < 24 && minutes < 60 && seconds < 61.0;
    is_a_time.then_some((hours * 3600 + minutes * 60) as f64 + seconds - offset(zone)?)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<f64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0.0);
    }
    let (sign, rest) =
        if let Some(rest) = zone.strip_prefix('-') { (-1.0, rest) } else { (1.0, zone.get(1..)?) };
    let clock: String = rest.chars().filter(|character| *character != ':').collect();
    let clock = digits(&clock, 4)?;
    Some(sign * ((clock / 100) * 3600 + (clock % 100) * 60) as f64)
}

fn days_in(year: i64, month: i64) -> i64 {
    let next =
        if month == 12 { days_since_1970(year + 1, 1, 1) } else { days_since_1970(year, month + 1, 1) };
    next - days_since_1970(year, month, 1)
}

/// In the proleptic Gregorian calendar. Years are counted from March, so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// Whether the address is in the range, which is an address or a CIDR block.
pub(crate) fn address_in(range: &str, address: &str) -> bool {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length)),
        None => (range, None),
    };
    let (Ok(network), Ok(address)) = (network.parse(), address.parse()) else { return false };
    // The bits that do not count, unless the length is none for such an address.
    let free = |bits: u32| bits.checked_sub(length.map_or(Some(bits), |length| length.parse().ok())?);
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => free(32).is_some_and(|free| {
            (u32::from(network) ^ u32::from(address)).checked_shr(free).unwrap_or(0) == 0
        }),
        (IpAddr::V6(network), IpAddr::V6(address)) => free(128).is_some_and(|free| {
            (u128::from(network) ^ u128::from(address)).checked_shr(free).unwrap_or(0) == 0
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_iam_takes() {
        for (text, expected) in [
            ("1970-01-01", Some(0.0)),
            ("2000-03-01T00:00:00Z", Some(951_868_800.0)),
            ("2024-02-29T12:30Z", Some(1_709_209_800.0)),
            ("2024-02-29T12:30:00+02:00", Some(1_709_202_600.0)),
            ("2024-02-29T12:30:00-0130", Some(1_709_215_200.0)),
            ("1709209800", Some(1_709_209_800.0)),
            ("1969-12-31T23:59:59Z", Some(-1.0)),
            ("2000-03-01T00:00:00.25Z", Some(951_868_800.25)),
            ("2000-03", Some(951_868_800.0)),
            ("tomorrow", None),
            ("inf", None),
            ("2024-13-01", None),
            ("2023-02-29", None),
            ("2024-02-30", None),
            ("2024-02T12:30Z", None),
            ("2024-02-01-01", None),
            ("2024-02-01T24:30Z", None),
            ("2024-02-01T12:60Z", None),
            ("2024-02-01T12:30:99Z", None),
            ("2024-02-01T12Z", None),
            ("2024-02-01T12:30+1", None),
            // Nobody will live to see these years, and they are no reason to overflow.
            ("999999999999999999-01-01", None),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_integers_and_decimals() {
        for (text, expected) in [
            ("3600", Some(3600.0)),
            ("-0.5", Some(-0.5)),
            ("inf", None),
            ("NaN", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_in_their_block_and_in_no_other() {
        for (range, address, expected) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("0.0.0.0/33", "0.0.0.0", false),
            ("203.0.113.7/32", "203.0.113.7", true),
            ("::/0", "2001:db8::1", true),
            ("203.0.113.0/-1", "203.0.113.7", false),
            ("203.0.113.0/", "203.0.113.0", false),
            ("nonsense", "203.0.113.7", false),
        ] {
            assert_eq!(address_in(range, address), expected, "{range} {address}");
        }
    }
}
