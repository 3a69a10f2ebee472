//! Operations of a StackSet: their state, and what descriptions show of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::definition::Values;
use super::drift::{ResourceDrift, SetDrift};
use super::preferences::Preferences;
use super::schedule::Lane;
use super::stack::{Place, StackIndex};
use super::stack_set::optional_timestamp;
use crate::time::iso8601_millis;

/// Where an operation is in the list of its StackSet's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OperationIndex(pub(super) usize);

/// `StackSetOperationStatus` (aws-facts A13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OperationStatus {
    Running,
    Succeeded,
    Failed,
    Stopping,
    Stopped,
    Queued,
}

impl OperationStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            OperationStatus::Running => "RUNNING",
            OperationStatus::Succeeded => "SUCCEEDED",
            OperationStatus::Failed => "FAILED",
            OperationStatus::Stopping => "STOPPING",
            OperationStatus::Stopped => "STOPPED",
            OperationStatus::Queued => "QUEUED",
        }
    }

    pub(super) fn is_terminal(self) -> bool {
        matches!(self, OperationStatus::Succeeded | OperationStatus::Failed | OperationStatus::Stopped)
    }
}

/// `StackSetOperationResultStatus`: there is none for a skipped account (aws-facts A13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResultStatus {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    /// Not shown: a suspended account leaves no result (unsure in aws-facts A13).
    Skipped,
}

impl ResultStatus {
    /// The wire name; `None` where AWS has none.
    pub(super) fn as_str(self) -> Option<&'static str> {
        match self {
            ResultStatus::Pending => Some("PENDING"),
            ResultStatus::Running => Some("RUNNING"),
            ResultStatus::Succeeded => Some("SUCCEEDED"),
            ResultStatus::Failed => Some("FAILED"),
            ResultStatus::Cancelled => Some("CANCELLED"),
            ResultStatus::Skipped => None,
        }
    }
}

/// What an operation does in each account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Create {
        overrides: Values,
    },
    /// The overrides to store on each instance first; `None` leaves them as they are.
    Update {
        overrides: Option<Overrides>,
    },
    Delete {
        retain_stacks: bool,
    },
    /// The stack that becomes the instance of each place.
    Import {
        stacks: BTreeMap<Place, StackIndex>,
    },
    DetectDrift,
}

impl Action {
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            // There is no word of its own for an import (aws-facts A13).
            Action::Create { .. } | Action::Import { .. } => "CREATE",
            Action::Update { .. } => "UPDATE",
            Action::Delete { .. } => "DELETE",
            Action::DetectDrift => "DETECT_DRIFT",
        }
    }
}

/// The `ParameterOverrides` of `UpdateStackInstances` (aws-facts A9): what is not listed is removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Overrides {
    pub(super) set: Values,
    pub(super) kept: Vec<String>,
}

impl Overrides {
    /// The overrides of an instance after the update.
    pub(super) fn over(&self, existing: &Values) -> Values {
        let kept = self.kept.iter().filter_map(|name| Some((name.clone(), existing.0.get(name)?.clone())));
        Values(kept.chain(self.set.0.clone()).collect())
    }
}

/// The work of an operation in one account and Region.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) place: Place,
    pub(super) unit: Option<Arc<str>>,
    pub(super) status: ResultStatus,
    pub(super) reason: Option<Arc<str>>,
    /// When it left `PENDING`, if for `RUNNING`, and when it came to its end.
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
}

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) id: Arc<str>,
    pub(super) action: Action,
    pub(super) status: OperationStatus,
    pub(super) created: Timestamp,
    pub(super) began: Option<Timestamp>,
    /// When somebody stopped it.
    pub(super) stopping: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) preferences: Preferences,
    /// As given, for the description.
    pub(super) deployment_targets: Option<Value>,
    pub(super) work: Vec<Work>,
    /// One for each Region, in the order in which the Regions are worked on. Empty until it begins.
    pub(super) lanes: Vec<Lane>,
    /// The Region of each lane.
    pub(super) lane_regions: Vec<String>,
    /// What drift detection found, of this operation.
    pub(super) drifts: BTreeMap<Place, Vec<ResourceDrift>>,
    pub(super) drift: Option<SetDrift>,
    /// Whether it was started by automatic deployment.
    pub(super) is_automatic: bool,
}

impl Operation {
    /// The status that it had at an instant.
    fn status_at(&self, seen: Timestamp) -> OperationStatus {
        let by_then = |at: Option<Timestamp>| at.is_some_and(|at| at <= seen);
        match () {
            () if by_then(self.ended) => self.status,
            () if by_then(self.stopping) => OperationStatus::Stopping,
            () if by_then(self.began) => OperationStatus::Running,
            () => OperationStatus::Queued,
        }
    }

    fn failed_count_at(&self, seen: Timestamp) -> usize {
        self.work.iter().filter(|work| work.status_at(seen) == ResultStatus::Failed).count()
    }

    /// The lane that holds a piece of work.
    pub(super) fn lane_of(&self, work: usize) -> usize {
        let region = &self.work[work].place.region;
        self.lane_regions
            .iter()
            .position(|lane| lane == region)
            .expect("every Region of an operation's work has a lane")
    }

    /// Whether two operations work on the same instance.
    pub(super) fn conflicts_with(&self, other: &Operation) -> bool {
        let (few, many) = if self.work.len() < other.work.len() { (self, other) } else { (other, self) };
        let places: std::collections::BTreeSet<&Place> = few.work.iter().map(|work| &work.place).collect();
        many.work.iter().any(|work| places.contains(&work.place))
    }

    /// The entry of `ListStackSetOperations`, as it was at an instant.
    pub(super) fn summary(&self, seen: Timestamp) -> Value {
        let mut described = json!({
            "OperationId": &*self.id,
            "Action": self.action.as_str(),
            "Status": self.status_at(seen).as_str(),
            "CreationTimestamp": iso8601_millis(self.created),
            "OperationPreferences": self.preferences.described(),
            "StatusDetails": {"FailedStackInstancesCount": self.failed_count_at(seen)},
        });
        optional_timestamp(&mut described, "EndTimestamp", self.ended.filter(|ended| *ended <= seen));
        described
    }

    /// The `StackSetOperation` of `DescribeStackSetOperation`, without the members that the set knows.
    pub(super) fn described(&self, now: Timestamp) -> Value {
        let mut described = self.summary(now);
        if let Action::Delete { retain_stacks } = self.action {
            described["RetainStacks"] = json!(retain_stacks);
        }
        if let Some(targets) = &self.deployment_targets {
            described["DeploymentTargets"] = targets.clone();
        }
        if let Some(drift) = &self.drift {
            described["StackSetDriftDetectionDetails"] = drift.described();
        }
        described
    }
}

impl Work {
    pub(super) fn waiting(place: Place, unit: Option<Arc<str>>) -> Self {
        Work { place, unit, status: ResultStatus::Pending, reason: None, started: None, ended: None }
    }

    pub(super) fn start(&mut self, now: Timestamp) {
        self.status = ResultStatus::Running;
        self.started = Some(now);
    }

    pub(super) fn end(&mut self, status: ResultStatus, reason: Option<Arc<str>>, now: Timestamp) {
        self.status = status;
        self.reason = reason;
        self.ended = Some(now);
    }

    /// The status that it had at an instant.
    pub(super) fn status_at(&self, seen: Timestamp) -> ResultStatus {
        let by_then = |at: Option<Timestamp>| at.is_some_and(|at| at <= seen);
        match () {
            () if by_then(self.ended) => self.status,
            () if by_then(self.started) => ResultStatus::Running,
            () => ResultStatus::Pending,
        }
    }

    /// The entry of `ListStackSetOperationResults` at an instant, which accounts that were skipped have none of.
    pub(super) fn summary(&self, seen: Timestamp) -> Value {
        let Place { account, region } = &self.place;
        let status = self.status_at(seen);
        let ended = self.ended.is_some_and(|ended| ended <= seen);
        let mut described = json!({
            "Account": account,
            "Region": region,
            "Status": status.as_str(),
        });
        if let Some(reason) = self.reason.as_ref().filter(|_| ended) {
            described["StatusReason"] = json!(&**reason);
        }
        if let Some(unit) = &self.unit {
            described["OrganizationalUnitId"] = json!(&**unit);
        }
        // No account has a gate function, so every gate is skipped (aws-facts A13).
        if matches!(status, ResultStatus::Succeeded | ResultStatus::Failed) {
            described["AccountGateResult"] = json!({
                "Status": "SKIPPED",
                "StatusReason": format!(
                    "Function not found: arn:aws:lambda:{region}:{account}:function:AWSCloudFormationStackSetAccountGate"
                ),
            });
        }
        described
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Values {
        Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn an_override_is_set_kept_or_removed_by_not_being_listed() {
        let existing = pairs(&[("A", "1"), ("B", "2"), ("C", "3")]);
        let overrides = Overrides { set: pairs(&[("A", "9")]), kept: vec!["B".to_owned(), "D".to_owned()] };
        assert_eq!(overrides.over(&existing), pairs(&[("A", "9"), ("B", "2")]));
    }
}
