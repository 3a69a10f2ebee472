//! Values that clap has no parser for.

use crate::simulated::failing;

/// The SDK takes anything here and fails later, or panics on nothing.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || text.contains(char::is_whitespace) {
        return Err(
            "an address that begins with http:// or https://, such as http://127.0.0.1:4599".to_owned()
        );
    }
    Ok(text.to_owned())
}

pub(super) fn share(text: &str) -> Result<String, String> {
    match failing(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a share such as 2%, above 0% and up to 100%".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && (0.0..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number from 0 to 86400".to_owned()),
    }
}

pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 && speed <= 100_000.0 => Ok(speed),
        _ => Err("a number above 0 and up to 100000".to_owned()),
    }
}
