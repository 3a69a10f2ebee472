//! Which Regions are on in every account, and what a failed first call says of the Region.

use std::fmt;

use aws_failure::AwsFailure;
use rollout_model::Region;

/// The Regions of the partition `aws` that no account has to enable: those launched before 20 March 2019, and
/// Osaka, which was a local Region then
/// (<https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>). None will join them.
const ON_BY_DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// How AWS says that it does not know whose credentials these are. A Region that is off for an account has never
/// heard of its credentials, so it answers the same however good they are elsewhere
/// (hashicorp/terraform-provider-aws#12940, segmentio/aws-okta#225). Each protocol has a code of its own; which
/// one CloudFormation uses is [unsure]. `RegionDisabledException` is STS's (aws-facts E3).
const UNKNOWN_CREDENTIALS: [&str; 4] =
    ["AuthFailure", "InvalidClientTokenId", "RegionDisabledException", "UnrecognizedClientException"];

/// Why a Region may be the wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionTrouble {
    /// It is probably not enabled for the account.
    NotEnabled,
    /// There is probably none of that name: an unknown Region has no host.
    NoConnection,
}

/// Whether a Region has to be enabled in the management account and in every target before anything can be
/// deployed there (aws-facts A3, K11). Of other partitions nothing is known, so the answer is no.
pub fn is_opt_in(region: &Region) -> bool {
    // Of the other partitions only China's Regions have names of three parts (`us-gov-west-1`).
    let parts: Vec<&str> = region.as_str().split('-').collect();
    let is_commercial = parts.len() == 3 && parts[0] != "cn";
    is_commercial && !ON_BY_DEFAULT.contains(&region.as_str())
}

/// Whom the administration role of a self-managed StackSet has to let in: stacks in an opt-in Region are the
/// business of CloudFormation's principal there, too (aws-facts A1).
pub fn cloudformation_principals(region: &Region) -> Vec<String> {
    let mut principals = vec!["cloudformation.amazonaws.com".to_owned()];
    principals.extend(is_opt_in(region).then(|| format!("cloudformation.{region}.amazonaws.com")));
    principals
}

/// What a failed call says of the Region that it went to. Nothing, when the Region is certainly on or the call
/// failed in a way that has nothing to do with it.
pub fn region_trouble(region: &Region, failure: &AwsFailure) -> Option<RegionTrouble> {
    let is_unknown = failure.code().is_some_and(|code| UNKNOWN_CREDENTIALS.contains(&code));
    match is_opt_in(region) {
        true if is_unknown => Some(RegionTrouble::NotEnabled),
        true if failure.is_disconnected() => Some(RegionTrouble::NoConnection),
        _ => None,
    }
}

impl fmt::Display for RegionTrouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            RegionTrouble::NotEnabled => {
                "it does not know these credentials, so it is probably not enabled for their account"
            }
            RegionTrouble::NoConnection => "there is no connection, so there may be no Region of that name",
        })?;
        formatter.write_str("; choose a Region that is on, such as us-east-1: a role is global")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_of_the_commercial_partition_is_opt_in_unless_it_is_old() {
        let check = |region: &str, expected: bool| {
            assert_eq!(is_opt_in(&region.parse().unwrap()), expected, "{region}");
        };
        for on in ON_BY_DEFAULT {
            check(on, false);
        }
        for opt_in in ["af-south-1", "ap-east-1", "eu-south-2", "il-central-1", "mx-central-1", "eu-wst-1"] {
            check(opt_in, true);
        }
        for elsewhere in ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eu-isoe-west-1", "eusc-de-east-1"]
        {
            check(elsewhere, false);
        }
    }
}
