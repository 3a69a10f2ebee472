//! Changing a resource in place, one IAM call after the other, so that a failure can be taken back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Properties, Setting, as_text};
use crate::call::ApiError;
use crate::world::World;

/// One call that changes one aspect of a resource.
pub(super) struct Edit {
    /// What the call is about: the same text in the edit that takes it back.
    pub(super) aspect: String,
    pub(super) operation: &'static str,
    request: Value,
}

impl Edit {
    pub(super) fn new(aspect: impl Into<String>, operation: &'static str, request: Value) -> Self {
        Edit { aspect: aspect.into(), operation, request }
    }

    fn apply(self, world: &mut World, setting: &Setting<'_>) -> Result<(), ApiError> {
        if self.operation.starts_with("De") {
            // Deleted or detached by hand already: fine.
            setting.iam_unless_gone(world, self.operation, self.request)
        } else {
            setting.iam(world, self.operation, self.request).map(drop)
        }
    }
}

/// Carries the edits out. A failure half way takes back what was done before it; `back` are the edits of the
/// opposite direction.
pub(super) fn carry_out(
    world: &mut World,
    setting: &Setting<'_>,
    forth: Vec<Edit>,
    back: Vec<Edit>,
) -> Result<(), ApiError> {
    let mut done = Vec::new();
    for edit in forth {
        let aspect = edit.aspect.clone();
        if let Err(error) = edit.apply(world, setting) {
            for undo in back.into_iter().filter(|undo| done.contains(&undo.aspect)) {
                // The first failure is the one that matters.
                let _ = undo.apply(world, setting);
            }
            return Err(error);
        }
        done.push(aspect);
    }
    Ok(())
}

/// Something in IAM that carries tags, and the calls that change them.
pub(super) struct Tagged<'a> {
    /// The member that names it, and its value.
    pub(super) named: (&'static str, &'a str),
    pub(super) tag: &'static str,
    pub(super) untag: &'static str,
}

impl Tagged<'_> {
    /// The calls that bring the tags from one set of properties to another.
    pub(super) fn edits(&self, old: &Properties, new: &Properties) -> Vec<Edit> {
        let (member, name) = self.named;
        let (old, new) = (tags(old), tags(new));
        let set = new.iter().filter(|(key, value)| old.get(*key) != Some(*value)).map(|(key, value)| {
            let request = json!({member: name, "Tags": [{"Key": key, "Value": value}]});
            Edit::new(format!("tag {key}"), self.tag, request)
        });
        let removed = old
            .keys()
            .filter(|key| !new.contains_key(*key))
            .map(|key| Edit::new(format!("tag {key}"), self.untag, json!({member: name, "TagKeys": [key]})));
        set.chain(removed).collect()
    }
}

/// IAM's resources are not given `aws:cloudformation:*` tags here, since it is unsure whether they carry them
/// (aws-facts K30).
fn tags(properties: &Properties) -> BTreeMap<String, String> {
    let tags = properties.get("Tags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    tags.iter()
        .filter_map(|tag| {
            Some((tag.get("Key").map(as_text)?, tag.get("Value").map(as_text).unwrap_or_default()))
        })
        .collect()
}

/// The tags of a resource as the calls that make it take them; `None` when there are none.
pub(super) fn tag_list(properties: &Properties) -> Option<Value> {
    let tags = tags(properties);
    let list = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    (!tags.is_empty()).then_some(list)
}
