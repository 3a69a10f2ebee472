//! What tells the accounts of a made-up organization apart, so that a selector has something to choose by.
//!
//! All of it follows from the number of the account: the same shape is the same organization every time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

const ENVIRONMENTS: [&str; 3] = ["prod", "staging", "dev"];
/// A prime number: with a round one, a team would sit in few units and have one environment.
const TEAMS: u32 = 17;
/// Seven years before the seed: AWS Organizations itself is hardly older.
const JOINING_TOOK_SECONDS: i64 = 7 * 365 * 24 * 60 * 60;

/// The tags `env` and `team` of an account.
pub(super) fn tags(index: u32) -> BTreeMap<String, String> {
    let environment = ENVIRONMENTS[index as usize % ENVIRONMENTS.len()];
    let team = format!("team-{:02}", index % TEAMS);
    BTreeMap::from([("env".to_owned(), environment.to_owned()), ("team".to_owned(), team)])
}

/// When an account joined: one after the other, evenly over the years before `now`.
pub(super) fn joined(index: u32, accounts: u32, now: Timestamp) -> Timestamp {
    let before = JOINING_TOOK_SECONDS * i64::from(accounts - index) / i64::from(accounts);
    now - SignedDuration::from_secs(before)
}

/// Whether an account is one of the suspended: so many in a hundred, spread evenly. The first one, which is the
/// management account, never is.
pub(super) fn is_suspended(index: u32, percent: u32) -> bool {
    let until = |index: u32| u64::from(index) * u64::from(percent) / 100;
    index > 0 && until(index) > until(index - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_team_has_accounts_of_every_environment() {
        let pairs: BTreeSet<_> =
            (0..200).map(|index| tags(index).into_values().collect::<Vec<_>>()).collect();
        assert_eq!(pairs.len(), 17 * 3);
        assert!(pairs.contains(&vec!["prod".to_owned(), "team-00".to_owned()]));
    }

    #[test]
    fn so_many_in_a_hundred_are_suspended_and_never_the_first() {
        let suspended = |percent| (0..=1000).filter(|index| is_suspended(*index, percent)).count();
        assert_eq!([suspended(0), suspended(3), suspended(100)], [0, 30, 1000]);
        assert!(!is_suspended(0, 100));
    }

    #[test]
    fn accounts_join_one_after_the_other_over_seven_years() {
        let now: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
        let dates: Vec<String> = (0..7).map(|index| joined(index, 7, now).to_string()).collect();
        let years: Vec<&str> = dates.iter().map(|date| &date[..4]).collect();
        assert_eq!(years, ["2018", "2019", "2020", "2021", "2022", "2023", "2024"], "{dates:?}");
        assert!(joined(49_999, 50_000, now) < now);
    }
}
