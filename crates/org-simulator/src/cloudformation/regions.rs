//! The Regions that stack instances can be in.

use super::errors;
use crate::call::ApiError;

/// Regions that every account has without opting in. Others would have to be enabled in the management
/// account and in the target first (aws-facts A3), which the simulated organization does not offer.
const ENABLED_BY_DEFAULT: [&str; 17] = [
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

/// Refuses Regions that do not exist or are not enabled, and an empty or repeating list.
pub(super) fn check(regions: &[String]) -> Result<(), ApiError> {
    if regions.is_empty() {
        return Err(errors::validation(
            "1 validation error detected: Value null at 'regions' failed to satisfy constraint: Member must not be null",
        ));
    }
    let unknown: Vec<&str> =
        regions.iter().map(String::as_str).filter(|region| !ENABLED_BY_DEFAULT.contains(region)).collect();
    if !unknown.is_empty() {
        return Err(errors::validation(format!(
            "The specified Regions are not supported or not enabled: [{}]",
            unknown.join(", ")
        )));
    }
    let mut seen = std::collections::BTreeSet::new();
    match regions.iter().find(|region| !seen.insert(region.as_str())) {
        Some(twice) => Err(errors::validation(format!("Region {twice} is specified more than once"))),
        None => Ok(()),
    }
}
