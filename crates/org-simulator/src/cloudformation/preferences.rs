//! `OperationPreferences`: how many accounts at a time, how many failures, in which order of Regions.

use serde_json::{Value, json};

use super::errors;
use crate::call::ApiError;
use crate::input;

/// A number of accounts, or a share of those in the Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Count(usize),
    Percentage(usize),
}

impl Amount {
    /// Percentages round down (aws-facts A5).
    pub(super) fn of(self, accounts: usize) -> usize {
        match self {
            Amount::Count(count) => count,
            Amount::Percentage(percentage) => accounts * percentage / 100,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ConcurrencyMode {
    #[default]
    Strict,
    Soft,
}

/// Preferences with their defaults (aws-facts A5): one account at a time, no failure, Regions in sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preferences {
    pub(super) failure_tolerance: Amount,
    pub(super) max_concurrent: Amount,
    pub(super) concurrency_mode: ConcurrencyMode,
    pub(super) parallel_regions: bool,
    pub(super) region_order: Vec<String>,
    /// What was given, for the descriptions.
    given: Value,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            failure_tolerance: Amount::Count(0),
            max_concurrent: Amount::Count(1),
            concurrency_mode: ConcurrencyMode::Strict,
            parallel_regions: false,
            region_order: Vec::new(),
            given: json!({}),
        }
    }
}

impl Preferences {
    /// Reads the `OperationPreferences` of a call.
    pub(super) fn read(call: &Value) -> Result<Self, ApiError> {
        let Some(given) = call.get("OperationPreferences").filter(|given| given.is_object()) else {
            return Ok(Preferences::default());
        };
        let failure_tolerance = amount(given, "FailureTolerance", 0)?.unwrap_or(Amount::Count(0));
        let max_concurrent = amount(given, "MaxConcurrent", 1)?.unwrap_or(Amount::Count(1));
        let concurrency_mode = match chosen(
            given,
            "ConcurrencyMode",
            &["STRICT_FAILURE_TOLERANCE", "SOFT_FAILURE_TOLERANCE"],
        )? {
            Some("SOFT_FAILURE_TOLERANCE") => ConcurrencyMode::Soft,
            _ => ConcurrencyMode::Strict,
        };
        let parallel_regions =
            chosen(given, "RegionConcurrencyType", &["SEQUENTIAL", "PARALLEL"])? == Some("PARALLEL");
        Ok(Preferences {
            failure_tolerance,
            max_concurrent,
            concurrency_mode,
            parallel_regions,
            region_order: input::texts(given, "RegionOrder"),
            given: given.clone(),
        })
    }

    /// Those of automatic deployment: as many accounts at a time as there are, and no failure stops the rest.
    pub(super) fn automatic() -> Self {
        Preferences {
            failure_tolerance: Amount::Percentage(100),
            max_concurrent: Amount::Percentage(100),
            concurrency_mode: ConcurrencyMode::Soft,
            ..Preferences::default()
        }
    }

    /// As descriptions show them: the amounts in force, the rest as it was given.
    pub(super) fn described(&self) -> Value {
        let mut described = json!({"RegionOrder": self.region_order});
        for (name, amount) in
            [("FailureTolerance", self.failure_tolerance), ("MaxConcurrent", self.max_concurrent)]
        {
            match amount {
                Amount::Count(count) => described[format!("{name}Count")] = Value::from(count),
                Amount::Percentage(percentage) => {
                    described[format!("{name}Percentage")] = Value::from(percentage)
                }
            }
        }
        for name in ["ConcurrencyMode", "RegionConcurrencyType"] {
            if let Some(value) = self.given.get(name) {
                described[name] = value.clone();
            }
        }
        described
    }

    /// The Regions in the order in which they are worked on: the preferred ones first, then the others.
    pub(super) fn ordered(&self, regions: &[String]) -> Vec<String> {
        let preferred = self.region_order.iter().filter(|region| regions.contains(region));
        let others = regions.iter().filter(|region| !self.region_order.contains(region));
        preferred.chain(others).cloned().collect()
    }
}

fn amount(given: &Value, name: &str, least: i64) -> Result<Option<Amount>, ApiError> {
    let (count_name, percentage_name) = (format!("{name}Count"), format!("{name}Percentage"));
    let count = input::integer(given, &count_name)?;
    let percentage = input::integer(given, &percentage_name)?;
    let in_range = |value: i64, most: i64, member: &str| {
        usize::try_from(value).ok().filter(|_| (least..=most).contains(&value)).ok_or_else(|| {
            errors::validation(format!(
                "1 validation error detected: Value '{value}' at 'operationPreferences.{member}' failed to satisfy \
                 constraint: Member must have value between {least} and {most}"
            ))
        })
    };
    match (count, percentage) {
        (Some(_), Some(_)) => Err(errors::validation(format!(
            "Only one of {count_name} and {percentage_name} can be specified"
        ))),
        (Some(count), None) => in_range(count, i64::from(i32::MAX), &count_name).map(Amount::Count).map(Some),
        (None, Some(percentage)) => {
            in_range(percentage, 100, &percentage_name).map(Amount::Percentage).map(Some)
        }
        (None, None) => Ok(None),
    }
}

fn chosen<'a>(given: &'a Value, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, ApiError> {
    match input::text(given, name) {
        Some(value) if !allowed.contains(&value) => Err(errors::not_in_enum(name, value, allowed)),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(preferences: Value) -> Result<Preferences, ApiError> {
        Preferences::read(&json!({"OperationPreferences": preferences}))
    }

    #[test]
    fn without_preferences_one_account_at_a_time_and_no_failure() {
        let preferences = Preferences::read(&json!({})).unwrap();
        assert_eq!(preferences.max_concurrent.of(500), 1);
        assert_eq!(preferences.failure_tolerance.of(500), 0);
        assert_eq!(preferences.concurrency_mode, ConcurrencyMode::Strict);
    }

    #[test]
    fn a_percentage_rounds_down() {
        let preferences =
            check(json!({"FailureTolerancePercentage": "10", "MaxConcurrentPercentage": 25})).unwrap();
        assert_eq!(preferences.failure_tolerance.of(19), 1);
        assert_eq!(preferences.max_concurrent.of(7), 1);
        assert_eq!(preferences.max_concurrent.of(3), 0, "never below one is the scheduler's rule");
    }

    #[test]
    fn what_contradicts_itself_or_is_out_of_range_is_refused() {
        for refused in [
            json!({"MaxConcurrentCount": 1, "MaxConcurrentPercentage": 100}),
            json!({"MaxConcurrentCount": 0}),
            json!({"MaxConcurrentPercentage": 101}),
            json!({"FailureToleranceCount": -1}),
            json!({"ConcurrencyMode": "SOFT"}),
            json!({"RegionConcurrencyType": "parallel"}),
        ] {
            assert_eq!(check(refused.clone()).unwrap_err().code, "ValidationError", "{refused}");
        }
    }

    #[test]
    fn preferred_regions_come_first_and_the_others_keep_their_order() {
        let preferences = check(json!({"RegionOrder": ["eu-west-1", "ap-south-1"]})).unwrap();
        let regions = ["us-east-1", "eu-west-1", "sa-east-1"].map(str::to_owned);
        assert_eq!(preferences.ordered(&regions), ["eu-west-1", "us-east-1", "sa-east-1"]);
    }
}
