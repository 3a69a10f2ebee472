//! Drift: what CloudFormation sees of a difference between a stack's template and the live resources.
//!
//! Only properties that the template sets are compared, and some of those badly (aws-facts A12): policies
//! added to a role by hand, attached or inline, are not seen, nor edits of a managed policy's document.
//!
//! Unsure, for no thread or page tells: that a changed trust policy is seen (A12 expects it), that what a list has lost
//! is seen, that tags are read like the other lists, and that a difference within a document or a list has the path of
//! the whole document or of the entry.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::operation::OperationStatus;
use super::resources::{self, Properties, Setting};
use super::stack::{Stack, StackIndex, StackStatus};
use super::stack_set::optional_timestamp;
use super::template::ResourceType;
use crate::call::Caller;
use crate::time::iso8601_millis;
use crate::world::World;

/// One resource as drift detection found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceDrift {
    pub(super) stack_id: String,
    pub(super) logical_id: String,
    pub(super) physical_id: String,
    pub(super) resource_type: ResourceType,
    /// `IN_SYNC`, `MODIFIED` or `DELETED`.
    pub(super) status: &'static str,
    pub(super) differences: Vec<Difference>,
    pub(super) at: Timestamp,
}

/// One `PropertyDifference`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: String,
    pub(super) expected: String,
    pub(super) actual: String,
    /// `ADD`, `REMOVE` or `NOT_EQUAL`.
    pub(super) kind: &'static str,
}

/// The values may be a trust policy with its external ID.
impl fmt::Debug for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.path)
    }
}

impl ResourceDrift {
    /// The entry of `ListStackInstanceResourceDrifts`.
    pub(super) fn described(&self) -> Value {
        let differences: Vec<Value> = self
            .differences
            .iter()
            .map(|difference| {
                json!({
                    "PropertyPath": difference.path,
                    "ExpectedValue": difference.expected,
                    "ActualValue": difference.actual,
                    "DifferenceType": difference.kind,
                })
            })
            .collect();
        json!({
            "StackId": self.stack_id,
            "LogicalResourceId": self.logical_id,
            "PhysicalResourceId": self.physical_id,
            "ResourceType": self.resource_type.as_str(),
            "PropertyDifferences": differences,
            "StackResourceDriftStatus": self.status,
            "Timestamp": iso8601_millis(self.at),
        })
    }
}

/// `StackSetDriftDetectionDetails`: the counts of one drift operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SetDrift {
    detection_status: &'static str,
    pub(super) at: Timestamp,
    drifted: usize,
    in_sync: usize,
    in_progress: usize,
    failed: usize,
}

impl SetDrift {
    /// What a set shows whose drift was never looked for.
    pub(super) fn never() -> Value {
        json!({
            "DriftStatus": "NOT_CHECKED",
            "TotalStackInstancesCount": 0,
            "DriftedStackInstancesCount": 0,
            "InSyncStackInstancesCount": 0,
            "InProgressStackInstancesCount": 0,
            "FailedStackInstancesCount": 0,
        })
    }

    pub(super) fn begun(now: Timestamp, instances: usize) -> Self {
        SetDrift {
            detection_status: "IN_PROGRESS",
            at: now,
            drifted: 0,
            in_sync: 0,
            in_progress: instances,
            failed: 0,
        }
    }

    /// Counts one instance and gives its drift status.
    pub(super) fn count(&mut self, outcome: Result<&[ResourceDrift], ()>, now: Timestamp) -> &'static str {
        self.at = now;
        self.in_progress = self.in_progress.saturating_sub(1);
        match outcome {
            Err(()) => {
                self.failed += 1;
                "UNKNOWN"
            }
            Ok(drifts) if drifts.iter().any(|drift| drift.status != "IN_SYNC") => {
                self.drifted += 1;
                "DRIFTED"
            }
            Ok(_) => {
                self.in_sync += 1;
                "IN_SYNC"
            }
        }
    }

    pub(super) fn end(&mut self, status: OperationStatus) {
        // What was cancelled or skipped was not checked.
        self.in_progress = 0;
        self.detection_status = match status {
            OperationStatus::Stopped => "STOPPED",
            OperationStatus::Failed => "FAILED",
            _ if self.failed > 0 => "PARTIAL_SUCCESS",
            _ => "COMPLETED",
        };
    }

    pub(super) fn status(&self) -> &'static str {
        match (self.drifted, self.in_sync) {
            (0, 0) => "NOT_CHECKED",
            (0, _) => "IN_SYNC",
            _ => "DRIFTED",
        }
    }

    pub(super) fn described(&self) -> Value {
        let mut described = json!({
            "DriftStatus": self.status(),
            "DriftDetectionStatus": self.detection_status,
            "TotalStackInstancesCount": self.drifted + self.in_sync + self.in_progress + self.failed,
            "DriftedStackInstancesCount": self.drifted,
            "InSyncStackInstancesCount": self.in_sync,
            "InProgressStackInstancesCount": self.in_progress,
            "FailedStackInstancesCount": self.failed,
        });
        optional_timestamp(&mut described, "LastDriftCheckTimestamp", Some(self.at));
        described
    }
}

/// Compares every resource of a stack with what is there. The error is the reason of the stack instance.
pub(super) fn detect(
    world: &mut World,
    stack: StackIndex,
    actor: &Caller,
) -> Result<Vec<ResourceDrift>, String> {
    let state = world.cloudformation.stacks.get(stack);
    let is_stable = state.status.can_update() || state.status == StackStatus::UpdateRollbackFailed;
    if !is_stable {
        return Err(format!(
            "Drift detection cannot be performed on stack {} in {} state",
            state.id,
            state.status.as_str()
        ));
    }
    let stack_name = state.name.clone();
    let mut drifts = Vec::new();
    for (logical_id, mut found, expected) in expectations(state, world.now)? {
        let setting = Setting { actor, stack_name: &stack_name, logical_id: &logical_id };
        match resources::read(world, &setting, found.resource_type, &found.physical_id, &expected)? {
            None => found.status = "DELETED",
            Some(live) => {
                found.differences = compare(&expected, &live);
                if !found.differences.is_empty() {
                    found.status = "MODIFIED";
                }
            }
        }
        drifts.push(found);
    }
    Ok(drifts)
}

/// The resources that support drift detection, thought to be in sync, with the properties of the template.
fn expectations(stack: &Stack, now: Timestamp) -> Result<Vec<(String, ResourceDrift, Properties)>, String> {
    let scope = stack.scope(&stack.definition, &stack.resources);
    let supported =
        stack.resources.iter().filter(|(_, resource)| resource.resource_type != ResourceType::Policy);
    supported
        .filter_map(|(logical_id, resource)| {
            Some((logical_id, resource, stack.definition.template.resources.get(logical_id)?))
        })
        .map(|(logical_id, resource, declared)| {
            let found = ResourceDrift {
                stack_id: stack.id.clone(),
                logical_id: logical_id.clone(),
                physical_id: resource.physical_id.clone(),
                resource_type: resource.resource_type,
                status: "IN_SYNC",
                differences: Vec::new(),
                at: now,
            };
            Ok((logical_id.clone(), found, scope.object(&declared.properties)?))
        })
        .collect()
}

/// The differences between the properties that a template sets and the live ones.
pub(super) fn compare(expected: &Properties, live: &Properties) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, expected) in expected {
        let path = format!("/{name}");
        let actual = live.get(name);
        match name.as_str() {
            // Extras on the live resource are not seen, missing ones are.
            "ManagedPolicyArns" => missing_items(&path, expected, actual, &mut differences),
            "Policies" => keyed_items(&path, "PolicyName", expected, actual, &mut differences),
            "Tags" => keyed_items(&path, "Key", expected, actual, &mut differences),
            _ => differences.extend(difference(&path, expected, actual)),
        }
    }
    differences
}

fn difference(path: &str, expected: &Value, actual: Option<&Value>) -> Option<Difference> {
    let made = |kind, actual: &str| Difference {
        path: path.to_owned(),
        expected: resources::as_text(expected),
        actual: actual.to_owned(),
        kind,
    };
    match actual {
        None => Some(made("REMOVE", "null")),
        Some(actual) if normalized(expected, "") == normalized(actual, "") => None,
        Some(actual) => Some(made("NOT_EQUAL", &resources::as_text(actual))),
    }
}

fn missing_items(path: &str, expected: &Value, actual: Option<&Value>, differences: &mut Vec<Difference>) {
    let actual = actual.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (index, item) in expected.as_array().into_iter().flatten().enumerate() {
        if !actual.contains(item) {
            differences.extend(difference(&format!("{path}/{index}"), item, None));
        }
    }
}

fn keyed_items(
    path: &str,
    key: &str,
    expected: &Value,
    actual: Option<&Value>,
    differences: &mut Vec<Difference>,
) {
    let actual = actual.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (index, item) in expected.as_array().into_iter().flatten().enumerate() {
        let same = actual.iter().find(|other| other.get(key) == item.get(key));
        differences.extend(difference(&format!("{path}/{index}"), item, same));
    }
}

/// The same meaning in one spelling: text for scalars, a list of one as its item, lists in order, and an
/// account id as principal as the ARN that IAM stores for it.
fn normalized(value: &Value, key: &str) -> Value {
    match value {
        Value::String(id)
            if key == "AWS" && id.len() == 12 && id.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            json!(format!("arn:aws:iam::{id}:root"))
        }
        Value::Number(number) => json!(number.to_string()),
        Value::Bool(value) => json!(value.to_string()),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| normalized(item, key)).collect();
            items.sort_by_key(Value::to_string);
            match items.len() {
                1 => items.remove(0),
                _ => Value::Array(items),
            }
        }
        Value::Object(object) => {
            let entries = object.iter().map(|(key, value)| (key.clone(), normalized(value, key)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Value, live: Value) -> Vec<(String, &'static str)> {
        let differences = compare(expected.as_object().unwrap(), live.as_object().unwrap());
        differences.into_iter().map(|difference| (difference.path, difference.kind)).collect()
    }

    #[test]
    fn changed_and_removed_properties_are_seen() {
        for (expected, live, seen) in [
            (
                json!({"MaxSessionDuration": 3600}),
                json!({"MaxSessionDuration": 7200}),
                vec![("/MaxSessionDuration", "NOT_EQUAL")],
            ),
            (json!({"Description": "a"}), json!({"Description": "b"}), vec![("/Description", "NOT_EQUAL")]),
            (json!({"PermissionsBoundary": "arn"}), json!({}), vec![("/PermissionsBoundary", "REMOVE")]),
            (
                json!({"ManagedPolicyArns": ["a", "b"]}),
                json!({"ManagedPolicyArns": ["a"]}),
                vec![("/ManagedPolicyArns/1", "REMOVE")],
            ),
            (
                json!({"AssumeRolePolicyDocument": {"Statement": [{"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}]}}),
                json!({"AssumeRolePolicyDocument": {"Statement": [{"Principal": {"AWS": "*"}}]}}),
                vec![("/AssumeRolePolicyDocument", "NOT_EQUAL")],
            ),
            (
                json!({"Policies": [{"PolicyName": "p", "PolicyDocument": {"a": 1}}]}),
                json!({"Policies": [{"PolicyName": "p", "PolicyDocument": {"a": 2}}]}),
                vec![("/Policies/0", "NOT_EQUAL")],
            ),
        ] {
            let seen: Vec<(String, &str)> =
                seen.into_iter().map(|(path, kind)| (path.to_owned(), kind)).collect();
            assert_eq!(check(expected.clone(), live), seen, "{expected}");
        }
    }

    #[test]
    fn extras_and_other_spellings_are_not_seen() {
        for (expected, live) in [
            (json!({"ManagedPolicyArns": ["a"]}), json!({"ManagedPolicyArns": ["b", "a"]})),
            (json!({"Policies": []}), json!({"Policies": [{"PolicyName": "extra", "PolicyDocument": {}}]})),
            (json!({}), json!({"Description": "by hand", "MaxSessionDuration": 7200})),
            (json!({"MaxSessionDuration": "3600"}), json!({"MaxSessionDuration": 3600})),
            (
                json!({"AssumeRolePolicyDocument": {"Statement": [{"Principal": {"AWS": "111122223333"}, "Action": ["sts:AssumeRole"]}]}}),
                json!({"AssumeRolePolicyDocument": {"Statement": {"Principal": {"AWS": ["arn:aws:iam::111122223333:root"]}, "Action": "sts:AssumeRole"}}}),
            ),
        ] {
            assert!(check(expected.clone(), live).is_empty(), "{expected}");
        }
    }
}
