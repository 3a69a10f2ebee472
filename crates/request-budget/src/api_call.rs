//! Which AWS API a request is for, read from the request as it goes out.

use std::fmt;

use aws_failure::CallAttempt;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// Service and operation, in the names that AWS signs and dispatches by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiCall {
    pub(crate) service: String,
    pub(crate) operation: String,
}

impl fmt::Display for ApiCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.service, self.operation)
    }
}

/// The access key id that signed a request: one per user, and one per session of a role. Told apart, never
/// shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Caller(pub(crate) String);

/// What a request says of itself.
pub(crate) struct Identified {
    pub(crate) call: ApiCall,
    pub(crate) caller: Caller,
    /// As a failure tells it.
    pub(crate) attempt: CallAttempt,
}

/// The API that `request` calls and who calls it; `None` for what is not signed with SigV4 or names no
/// operation.
pub(crate) fn identify(request: &HttpRequest) -> Option<Identified> {
    let scope = credential_scope(request.headers().get("authorization")?)?;
    let operation = match request.headers().get("x-amz-target") {
        Some(target) => target.rsplit('.').next()?.to_owned(),
        None => form_action(request.body().bytes()?)?,
    };
    let call = ApiCall { service: scope.service.to_owned(), operation };
    let number = request.headers().get("amz-sdk-request").and_then(attempt_number).unwrap_or(1);
    let attempt = CallAttempt { call: call.to_string(), region: scope.region.to_owned(), number };
    Some(Identified { call, caller: Caller(scope.key.to_owned()), attempt })
}

struct CredentialScope<'a> {
    key: &'a str,
    region: &'a str,
    service: &'a str,
}

/// The parts of `… Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn credential_scope(authorization: &str) -> Option<CredentialScope<'_>> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let credential = credential.split(',').next()?.trim();
    let parts: Vec<&str> = credential.split('/').collect();
    let &[key, _date, region, service, "aws4_request"] = parts.as_slice() else {
        return None;
    };
    Some(CredentialScope { key, region, service })
}

/// The number in `ttl=…; attempt=2; max=8`, as the SDK counts its attempts of a call.
fn attempt_number(sdk_request: &str) -> Option<u32> {
    sdk_request.split(';').find_map(|pair| pair.trim().strip_prefix("attempt=")?.parse().ok())
}

/// The operation of a Query request.
fn form_action(body: &[u8]) -> Option<String> {
    form_urlencoded::parse(body).find(|(name, _)| name == "Action").map(|(_, action)| action.into_owned())
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    const SCOPE: &str = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261120/us-east-1/SERVICE/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=00ff";

    #[track_caller]
    fn check(authorization: Option<&str>, target: Option<&str>, body: &'static str, expected: Option<&str>) {
        let mut request = HttpRequest::new(SdkBody::from(body));
        if let Some(authorization) = authorization {
            request.headers_mut().insert("authorization", authorization.to_owned());
        }
        if let Some(target) = target {
            request.headers_mut().insert("x-amz-target", target.to_owned());
        }
        let found = identify(&request).map(|found| found.call.to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn service_and_operation_are_read_from_json_and_from_query_requests() {
        let organizations = SCOPE.replace("SERVICE", "organizations");
        let target = "AWSOrganizationsV20161128.ListAccounts";
        check(Some(&organizations), Some(target), "{}", Some("organizations:ListAccounts"));
        let sts = SCOPE.replace("SERVICE", "sts");
        let query = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2FAction";
        check(Some(&sts), None, query, Some("sts:AssumeRole"));
        check(Some(&sts), None, "Version=2011-06-15&Action=GetCallerIdentity", Some("sts:GetCallerIdentity"));
    }

    #[test]
    fn what_is_unsigned_or_names_no_operation_is_no_api_call() {
        check(None, None, "Action=AssumeRole", None);
        check(Some("Bearer AKIA/1/us-east-1/sts/aws4_request"), None, "Action=AssumeRole", None);
        check(Some("AWS4-HMAC-SHA256 Credential=AKIA/20261120/sts"), None, "Action=AssumeRole", None);
        check(Some(&SCOPE.replace("SERVICE", "s3")), None, "", None);
    }

    #[test]
    fn sessions_are_told_apart_by_their_access_key() {
        assert_eq!(credential_scope(SCOPE).map(|scope| scope.key), Some("AKIAEXAMPLE"));
    }

    #[test]
    fn an_attempt_is_told_with_its_region_and_its_number() {
        let mut request = HttpRequest::new(SdkBody::from("Action=AssumeRole"));
        request.headers_mut().insert("authorization", SCOPE.replace("SERVICE", "sts"));
        let attempt = |request: &HttpRequest| identify(request).map(|found| found.attempt.to_string());
        assert_eq!(attempt(&request).as_deref(), Some("sts:AssumeRole in us-east-1, tried once"));
        request.headers_mut().insert("amz-sdk-request", "ttl=20261120T000000Z; attempt=3; max=8");
        assert_eq!(attempt(&request).as_deref(), Some("sts:AssumeRole in us-east-1, tried 3 times"));
    }
}
