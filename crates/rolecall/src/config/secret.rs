//! Values that may be secret. No message and no `Debug` quotes what stands where one of them is expected: a
//! value in the wrong form is the likeliest mistake, and messages end in the logs of CI systems.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error};

/// Where the external ID comes from: exactly one.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(crate) struct ExternalIdConfig {
    /// The environment variable that holds it.
    pub(crate) env: Option<String>,
    /// The external ID itself. Whoever can read this file then knows it: `env` is better.
    pub(crate) literal: Option<String>,
}

/// The value of a template parameter: exactly one.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(crate) struct ParameterConfig {
    /// The environment variable that holds it.
    pub(crate) env: Option<String>,
    /// The value itself.
    pub(crate) value: Option<String>,
}

// `remote = "Self"` derives inherent functions of the same name, which these call.
impl<'de> Deserialize<'de> for ExternalIdConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "external_id: expected `{ env: VARIABLE }` or `{ literal: \"EXTERNAL_ID\" }`";
        ExternalIdConfig::deserialize(deserializer).map_err(|_| unquoted(expected))
    }
}

impl<'de> Deserialize<'de> for ParameterConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a parameter: expected `{ env: VARIABLE }` or `{ value: \"VALUE\" }`";
        ParameterConfig::deserialize(deserializer).map_err(|_| unquoted(expected))
    }
}

fn unquoted<E: Error>(expected: &str) -> E {
    E::custom(format!("{expected}; what stands there is not shown, because it may be secret"))
}

impl fmt::Debug for ExternalIdConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ExternalIdConfig").finish_non_exhaustive()
    }
}

impl fmt::Debug for ParameterConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ParameterConfig").finish_non_exhaustive()
    }
}

/// Whether an environment variable may have this name.
pub(crate) fn is_variable_name(text: &str) -> bool {
    let first = text.bytes().next();
    first.is_some_and(|byte| !byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The value of an environment variable. What cannot be the name of one may be the secret itself.
pub(super) fn from_environment(
    variable: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    if !is_variable_name(variable) {
        return Err("`env` is not the name of an environment variable; write the value itself under the \
                    other key"
            .to_owned());
    }
    environment(variable).ok_or_else(|| format!("the environment variable `{variable}` is not set"))
}
