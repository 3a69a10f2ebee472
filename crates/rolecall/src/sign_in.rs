//! Credentials that are not there, or that AWS does not take: what is wrong with them, and what to do.

use anyhow::Context;
use aws_config::SdkConfig;
use aws_failure::AwsFailure;
use aws_sdk_sts::config::ProvideCredentials;
use rollout_model::Region;
use stackset_deployer::region_trouble;

/// Looks for credentials as the SDK does. A profile that is not there it passes over without a word.
pub(crate) async fn require_credentials(config: &SdkConfig) -> anyhow::Result<()> {
    let missing = || {
        let profile = std::env::var_os("AWS_PROFILE").filter(|name| !name.is_empty());
        let profile =
            profile.map(|name| format!(" (AWS_PROFILE is `{}`)", name.display())).unwrap_or_default();
        format!(
            "there are no AWS credentials{profile}: sign in (for example `aws sso login`) and set AWS_PROFILE, \
             set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or try `--simulate`"
        )
    };
    let provider = config.credentials_provider().with_context(missing)?;
    provider.provide_credentials().await.with_context(missing)?;
    Ok(())
}

/// Why AWS did not say who the operator is.
///
/// Nothing is asked of AWS before this, and STS is asked in the home Region: a Region that is off or not there, an
/// endpoint that is none and a session that is over show themselves here.
pub(crate) fn unidentified(region: &Region, endpoint: Option<&str>, failure: AwsFailure) -> anyhow::Error {
    let doing = "could not find out who these credentials belong to";
    let doing = match (region_trouble(region, &failure), trouble(endpoint, &failure)) {
        (Some(region_trouble), _) if endpoint.is_none() => format!("{doing} in {region}: {region_trouble}"),
        (_, Some(trouble)) => format!("{doing}: {trouble}"),
        _ => doing.to_owned(),
    };
    anyhow::Error::new(failure).context(doing)
}

/// What is probably wrong, and what to do about it. Each protocol has codes of its own (aws-facts J6).
fn trouble(endpoint: Option<&str>, failure: &AwsFailure) -> Option<String> {
    let what = match failure.code() {
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
            "the session is over, so sign in again (for example `aws sso login`)"
        }
        Some("InvalidClientTokenId" | "UnrecognizedClientException") => {
            "AWS does not know them, or not any more, or a session token is missing or of another session: sign in \
             again (for example `aws sso login`)"
        }
        Some("SignatureDoesNotMatch" | "InvalidSignatureException") => {
            "the secret access key does not belong to the access key, or the clock of this machine is wrong"
        }
        Some(_) => return None,
        None => {
            let at = endpoint.map(without_user).unwrap_or_else(|| "AWS".to_owned());
            return Some(match endpoint {
                Some(_) => format!(
                    "no service of AWS answers at {at}; look at `--endpoint-url`, ROLECALL_ENDPOINT_URL and \
                     AWS_ENDPOINT_URL, also whether http or https is right"
                ),
                None => {
                    format!("{at} does not answer; look at the network, the firewall and the name server")
                }
            });
        }
    };
    Some(what.to_owned())
}

/// An address without the user name and password that may stand in it.
fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::error::{ErrorMetadata, SdkError};
    use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    const WHO: &str = "could not find out who these credentials belong to";

    fn disconnected() -> AwsFailure {
        let no_host = ConnectorError::io("dns error".into());
        AwsFailure::new(&SdkError::<GetCallerIdentityError, _>::dispatch_failure(no_host))
    }

    fn refused(code: &str) -> AwsFailure {
        let error =
            GetCallerIdentityError::generic(ErrorMetadata::builder().code(code).message("no").build());
        let response = HttpResponse::new(403.try_into().unwrap(), SdkBody::empty());
        AwsFailure::new(&SdkError::service_error(error, response))
    }

    #[track_caller]
    fn check(region: &str, endpoint: Option<&str>, failure: AwsFailure, expected: &str) {
        let cause = failure.to_string();
        let told = format!("{:#}", unidentified(&region.parse().unwrap(), endpoint, failure));
        assert!(told.starts_with(&format!("{WHO}{expected}")), "{told}");
        assert!(told.ends_with(&cause), "{told}");
    }

    #[test]
    fn the_first_call_of_all_tells_of_a_region_that_is_not_there() {
        let told = " in eu-wst-1: there is no connection, so there may be no Region";
        check("eu-wst-1", None, disconnected(), told);
        check("eu-west-1", None, disconnected(), ": AWS does not answer; look at the network");
    }

    #[test]
    fn an_endpoint_that_is_none_is_told_by_its_address_without_a_password() {
        let told = ": no service of AWS answers at http://proxy:1; look at `--endpoint-url`";
        check("eu-wst-1", Some("http://me:secret@proxy:1/?key=secret"), disconnected(), told);
    }

    #[test]
    fn credentials_that_aws_does_not_take_are_told_with_what_to_do() {
        check("eu-west-1", None, refused("ExpiredToken"), ": the session is over, so sign in again");
        check(
            "eu-west-1",
            None,
            refused("InvalidClientTokenId"),
            ": AWS does not know them, or not any more",
        );
        check("eu-west-1", None, refused("SignatureDoesNotMatch"), ": the secret access key does not belong");
        check("eu-west-1", None, refused("AccessDenied"), ": AccessDenied");
    }
}
