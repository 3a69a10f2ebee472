//! Values that clap has no parser for.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};

use crate::simulated::failing;

/// The address of an endpoint. Where it is none, it is not quoted, as clap would: it may hold a password.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint;

impl TypedValueParser for Endpoint {
    type Value = String;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        value.to_str().ok_or("Unicode").and_then(endpoint).map_err(|problem| {
            let told = format!("--endpoint-url (or ROLECALL_ENDPOINT_URL) takes {problem}\n");
            clap::Error::raw(ErrorKind::ValueValidation, told).with_cmd(command)
        })
    }
}

/// The SDK takes anything here and fails later, or panics on nothing. A user name in it would be sent nowhere, and the
/// list of processes shows it to everybody.
fn endpoint(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || text.contains(char::is_whitespace) {
        return Err("an address that begins with http:// or https://, such as http://127.0.0.1:4599");
    }
    if host.contains('@') {
        return Err("an address without user name and password: AWS is told by a signature who asks");
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
