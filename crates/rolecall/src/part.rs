//! A run about a part of the targets: how the operator says which, and who they are then.

use std::collections::BTreeMap;

use rollout_model::{AccountId, AccountPlan, Narrowing, RunId, Sample, Selector, Share, TargetEntry};
use rollout_planner::{Unproven, Wanted, narrow};

use crate::arguments::PartArguments;
use crate::config;
use crate::prepare::Prepared;
use crate::print;
use crate::proven::Proven;

/// All accounts, those that the run is not about planned as such; and what the part is, when it is not the whole.
pub(crate) fn narrowed(
    prepared: &Prepared,
    accounts: BTreeMap<AccountId, AccountPlan>,
    part: &PartArguments,
    run: &RunId,
) -> anyhow::Result<(BTreeMap<AccountId, AccountPlan>, Option<Narrowing>)> {
    if part.is_whole() {
        return Ok((accounts, None));
    }
    let proven = match part.only_failed {
        true => Some(Proven::by_ledgers(&prepared.rollout.spec, &prepared.organization)?),
        false => None,
    };
    let seed = part.seed.clone().unwrap_or_else(|| run.to_string());
    let sample = part.sample.map(|size| Sample { size, seed });
    let wanted = Wanted {
        only: &part.only,
        unproven: proven.as_ref().map(|proven| Unproven { run: &proven.last, proven: &proven.accounts }),
        sample: sample.as_ref(),
        shard: part.shard,
    };
    let (accounts, narrowing) = narrow(accounts, &prepared.organization, wanted)?;
    if narrowing.chosen == 0 {
        print::message("nobody is left to look at");
    }
    Ok((accounts, Some(narrowing)))
}

/// A selector in one word, which no other selector of an entry narrows.
pub(crate) fn selector(text: &str) -> Result<TargetEntry, String> {
    let is_path = |text: &str| text.contains('/') || text.contains("**");
    let invalid = |error: &dyn std::fmt::Display| error.to_string();
    let account = |id: &str| id.parse().map(Selector::Account).map_err(|error| invalid(&error));
    let name = |name: &str| name.parse().map(Selector::Name).map_err(|error| invalid(&error));
    let units = |unit: &str| config::units(unit).map_err(|error| invalid(&error));
    let selector = match text.split_once(['=', ':']) {
        Some(("account", id)) => account(id),
        Some(("name", glob)) => name(glob),
        Some(("ou", unit)) => units(unit),
        _ if text == "management_account" => Ok(Selector::ManagementAccount),
        _ if text.parse::<AccountId>().is_ok() => account(text),
        _ => match units(text) {
            // An id of a unit, or of the root, is no name of an account.
            Ok(unit) if is_path(text) || !matches!(unit, Selector::Units(_)) => Ok(unit),
            _ => name(text),
        },
    }?;
    Ok(TargetEntry { selectors: vec![selector], optional: false })
}

/// How large a sample is to be.
pub(crate) fn sample_size(text: &str) -> Result<Share, String> {
    match config::share(text) {
        Ok(Share::Count(0) | Share::Percent(0)) | Err(_) => {
            Err("a number of accounts (such as `20`) or a share (such as `5%`), more than none".to_owned())
        }
        Ok(share) => Ok(share),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(selector(text).unwrap().to_string(), expected, "{text}");
    }

    #[test]
    fn a_selector_is_known_by_its_form_or_by_its_word() {
        check("222200003103", "account 222200003103");
        check("shop-*", "name shop-*");
        check("ou-rc42-security", "ou ou-rc42-security");
        check("r-rc42", "ou r-rc42");
        check("Workloads/**", "ou Workloads/**");
        check("**", "ou **");
        check("management_account", "management_account");
        check("name=VPN / Büro", "name VPN / Büro");
        check("name=222200003103", "name 222200003103");
        check("ou=Sandbox", "ou Sandbox");
        check("account=222200003103", "account 222200003103");
        // As it would stand in the configuration.
        check("ou:Sandbox", "ou Sandbox");
        // No word of ours, so it belongs to the name.
        check("team=a", "name team=a");
    }

    #[test]
    fn a_selector_that_means_nothing_is_refused() {
        for text in ["", "account=12", "ou=", "name=", "ou=A//B"] {
            assert!(selector(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sample_is_of_somebody() {
        assert_eq!(sample_size("5%"), Ok(Share::Percent(5)));
        assert_eq!(sample_size("20"), Ok(Share::Count(20)));
        for text in ["0", "0%", "-1", "101%", "some", ""] {
            assert!(sample_size(text).is_err(), "{text}");
        }
    }
}
