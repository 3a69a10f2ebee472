//! Numbers, dates and addresses as condition operators compare them.

use std::net::IpAddr;

/// Seconds since 1970 of an ISO 8601 date, or of the seconds themselves.
pub(crate) fn date(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds);
    }
    let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut numbers = day.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let mut parts = clock.splitn(3, ':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().unwrap_or("0").parse().ok()?;
    let of_day = hours * 3600.0 + minutes * 60.0 + seconds - offset(zone)?;
    Some(days_since_1970(year, month, day) as f64 * 86_400.0 + of_day)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<f64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0.0);
    }
    let (sign, rest) =
        if let Some(rest) = zone.strip_prefix('-') { (-1.0, rest) } else { (1.0, zone.get(1..)?) };
    let digits: String = rest.chars().filter(|character| *character != ':').collect();
    let (hours, minutes) = (digits.get(..2)?.parse::<f64>().ok()?, digits.get(2..4)?.parse::<f64>().ok()?);
    Some(sign * (hours * 3600.0 + minutes * 60.0))
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
        Some((network, length)) => (network, length.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let (Ok(network), Ok(address), Some(length)) = (network.parse(), address.parse(), length) else {
        return false;
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
            (u32::from(network) ^ u32::from(address)) & mask == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            (u128::from(network) ^ u128::from(address)) & mask == 0
        }
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
            ("tomorrow", None),
            ("2024-13-01", None),
        ] {
            assert_eq!(date(text), expected, "{text}");
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
            ("nonsense", "203.0.113.7", false),
        ] {
            assert_eq!(address_in(range, address), expected, "{range} {address}");
        }
    }
}
