//! How fast operations go, and which setting would make them faster.

use std::time::Duration;

use rollout_model::{ConcurrencyMode, OperationPreferences, Pace, Share, Step};

/// StackSets works on about this many accounts of a set at a time, whatever is asked for (aws-facts A5, G).
const CEILING: usize = 100;

/// An assumption, as AWS publishes no figure: what StackSets needs to assume its role in an account, create a
/// stack with one role, and see it complete.
const PER_ACCOUNT: Duration = Duration::from_secs(60);

/// How long the steps take, one after another; `None` when none of them visits an account.
pub(crate) fn pace<'a>(
    steps: impl Iterator<Item = &'a Step>,
    preferences: &OperationPreferences,
) -> Option<Pace> {
    let sizes: Vec<usize> = steps.map(|step| step.accounts().count()).filter(|size| *size > 0).collect();
    let largest = sizes.iter().max()?;
    let expected = |preferences: &OperationPreferences| -> Duration {
        sizes.iter().map(|size| duration(*size, at_once(preferences, *size))).sum()
    };
    let now = expected(preferences);
    Some(Pace {
        at_once: at_once(preferences, *largest),
        expected: now,
        faster: faster(preferences, *largest, |preferences| expected(preferences) < now),
    })
}

/// How many accounts an operation over `accounts` works on at a time, at its start (aws-facts A5).
fn at_once(preferences: &OperationPreferences, accounts: usize) -> usize {
    let wanted = preferences.max_concurrent.of(accounts).max(1);
    let allowed = match preferences.concurrency_mode {
        ConcurrencyMode::Soft => wanted,
        ConcurrencyMode::Strict => wanted.min(preferences.failure_tolerance.of(accounts).saturating_add(1)),
    };
    allowed.min(CEILING).min(accounts.max(1))
}

fn duration(accounts: usize, at_once: usize) -> Duration {
    let rounds = u32::try_from(accounts.div_ceil(at_once)).unwrap_or(u32::MAX);
    PER_ACCOUNT.saturating_mul(rounds)
}

/// The first setting that helps by itself, in words.
fn faster(
    preferences: &OperationPreferences,
    accounts: usize,
    helps: impl Fn(&OperationPreferences) -> bool,
) -> Option<String> {
    let soft = OperationPreferences { concurrency_mode: ConcurrencyMode::Soft, ..preferences.clone() };
    let wide = OperationPreferences { max_concurrent: Share::Percent(100), ..preferences.clone() };
    let both = OperationPreferences { max_concurrent: Share::Percent(100), ..soft.clone() };
    let in_words = [
        (soft, "`concurrency_mode: soft` (strict mode never goes beyond the failure tolerance plus one)"),
        (wide, "`max_concurrent: 100%`"),
        (both, "`concurrency_mode: soft` with `max_concurrent: 100%`"),
    ];
    in_words.into_iter().find(|(preferences, _)| helps(preferences)).map(|(preferences, setting)| {
        let at_once = at_once(&preferences, accounts);
        format!("{setting} works on {at_once} at a time")
    })
}

#[cfg(test)]
mod tests {
    use rollout_model::{AccountIds, DeploymentTargets};

    use super::*;
    use crate::testing::account_id;

    fn step(accounts: u64) -> Step {
        let accounts: AccountIds = (1..=accounts).map(account_id).collect();
        Step::CreateStackInstances { targets: DeploymentTargets::Units(Vec::new()), accounts }
    }

    fn preferences(max: Share, tolerance: Share, concurrency_mode: ConcurrencyMode) -> OperationPreferences {
        OperationPreferences { max_concurrent: max, failure_tolerance: tolerance, concurrency_mode }
    }

    #[track_caller]
    fn check(
        accounts: &[u64],
        wanted: (Share, Share, ConcurrencyMode),
        at_once: usize,
        minutes: u64,
        faster: Option<&str>,
    ) {
        let steps: Vec<Step> = accounts.iter().copied().map(step).collect();
        let pace = pace(steps.iter(), &preferences(wanted.0, wanted.1, wanted.2)).unwrap();
        assert_eq!((pace.at_once, pace.expected.as_secs() / 60), (at_once, minutes), "{wanted:?}");
        assert_eq!(pace.faster.is_some(), faster.is_some(), "{:?}", pace.faster);
        if let (Some(said), Some(part)) = (pace.faster, faster) {
            assert!(said.contains(part), "`{said}` does not say `{part}`");
        }
    }

    #[test]
    fn strict_mode_goes_no_faster_than_its_tolerance_and_says_what_would() {
        use ConcurrencyMode::{Soft, Strict};
        use Share::{Count, Percent};
        check(&[300], (Percent(100), Count(0), Strict), 1, 300, Some("concurrency_mode: soft"));
        check(&[300], (Percent(100), Percent(5), Strict), 16, 19, Some("concurrency_mode: soft"));
        check(&[300], (Percent(100), Percent(100), Strict), 100, 3, None);
        check(&[300], (Percent(100), Count(0), Soft), 100, 3, None);
        check(&[300], (Count(10), Count(0), Soft), 10, 30, Some("max_concurrent: 100%"));
        check(&[300], (Count(2), Count(1), Strict), 2, 150, Some("soft` with `max_concurrent"));
        check(&[10], (Percent(1), Percent(100), Soft), 1, 10, Some("max_concurrent: 100%"));
        check(&[1], (Percent(1), Count(0), Strict), 1, 1, None);
        check(&[50, 250], (Percent(100), Percent(100), Soft), 100, 4, None);
    }

    #[test]
    fn steps_that_visit_nobody_take_no_time_worth_telling() {
        let wanted = preferences(Share::Count(1), Share::Count(0), ConcurrencyMode::Strict);
        assert_eq!(pace([Step::CreateStackSet].iter(), &wanted), None);
    }
}
