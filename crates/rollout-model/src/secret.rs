//! Values that must not be shown.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::InvalidId;

/// What stands in place of a secret wherever something is shown.
const MASK: &str = "****";

/// The external ID that a trust policy asks for. Unique per customer and not to be shown: masked in `Debug`
/// and `Display`; [`ExternalId::expose`] is the one way to the value. Overwritten in memory when it is dropped,
/// which the copies in a policy document, a request and the configuration's text are not.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalId(Zeroizing<String>);

impl ExternalId {
    /// The value itself, for a request to AWS.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Accepts 2 to 1,224 characters of `[\w+=,.@:/-]` (aws-facts E1). The error does not quote the input.
impl FromStr for ExternalId {
    type Err = InvalidId;

    fn from_str(input: &str) -> Result<Self, InvalidId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
        if matches!(input.len(), 2..=1224) && input.bytes().all(allowed) {
            Ok(ExternalId(Zeroizing::new(input.to_owned())))
        } else {
            let expected = "an external ID (2 to 1224 letters, digits or any of `_+=,.@:/-`)";
            Err(InvalidId { input: MASK.to_owned(), expected })
        }
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ExternalId({MASK})")
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// The value of a template parameter. The role templates use parameters for external IDs only, so every
/// value is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct ParameterValue(pub String);

impl fmt::Debug for ParameterValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ParameterValue({MASK})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_however_it_is_shown() {
        let secret: ExternalId = "tell-nobody".parse().unwrap();
        let refused = "tell nobody".parse::<ExternalId>().unwrap_err();
        for shown in [
            format!("{secret}"),
            format!("{secret:?}"),
            format!("{:?}", ParameterValue("tell-nobody".into())),
            format!("{refused} {refused:?}"),
        ] {
            assert!(!shown.contains("nobody"), "`{shown}` shows the secret");
        }
        assert_eq!(secret.expose(), "tell-nobody");
    }

    /// What was freed cannot be looked at without `unsafe`; that the compiler accepts this is the test.
    #[test]
    fn an_external_id_is_overwritten_when_it_is_dropped() {
        fn is_overwritten(_: &impl zeroize::ZeroizeOnDrop) {}
        let secret: ExternalId = "tell-nobody".parse().unwrap();
        is_overwritten(&secret.0);
    }
}
