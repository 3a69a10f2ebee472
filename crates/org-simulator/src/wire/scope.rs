//! Which service, Region and access key a request is signed for.

use crate::call::Service;

/// The credential scope of a SigV4 signature. The signature itself is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) access_key_id: String,
    pub(crate) region: String,
    /// `None` for a service that is not simulated.
    pub(crate) service: Option<Service>,
}

impl Scope {
    /// Reads an `Authorization` header; `None` when it is no SigV4 signature.
    pub(crate) fn parse(authorization: &str) -> Option<Self> {
        let parameters = authorization.strip_prefix("AWS4-HMAC-SHA256")?.trim_start();
        let credential =
            parameters.split(',').find_map(|parameter| parameter.trim().strip_prefix("Credential="))?;
        let mut parts = credential.split('/');
        let (access_key_id, _date, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (service, terminator) = (parts.next()?, parts.next()?);
        if terminator != "aws4_request" || parts.next().is_some() {
            return None;
        }
        Some(Scope {
            access_key_id: access_key_id.to_owned(),
            region: region.to_owned(),
            service: named(service),
        })
    }
}

fn named(signing_name: &str) -> Option<Service> {
    Some(match signing_name {
        "cloudformation" => Service::CloudFormation,
        "iam" => Service::Iam,
        "organizations" => Service::Organizations,
        "sts" => Service::Sts,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_scope_names_key_region_and_service() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIASIMU111111111111/20261120/eu-west-1/sts/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=abc";
        let scope = Scope::parse(header).unwrap();
        assert_eq!(scope.access_key_id, "AKIASIMU111111111111");
        assert_eq!(scope.region, "eu-west-1");
        assert_eq!(scope.service, Some(Service::Sts));
        let other = header.replace("/sts/", "/s3/");
        assert_eq!(Scope::parse(&other).unwrap().service, None);
        for bad in ["", "Basic abc", "AWS4-HMAC-SHA256 Credential=a/b/c", "AWS4-HMAC-SHA256 Signature=abc"] {
            assert_eq!(Scope::parse(bad), None, "{bad}");
        }
    }
}
