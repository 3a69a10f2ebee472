//! What a new definition would change in a stack: the answer of a change set, and whether there is anything
//! to update at all.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::definition::Definition;
use super::resources::{self, ChangeKind, Properties};
use super::stack::Stack;
use super::template::{Attributes, ResourceType, Scope};

/// One change to one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedChange {
    pub(super) logical_id: String,
    pub(super) resource_type: ResourceType,
    pub(super) physical_id: Option<String>,
    pub(super) kind: PlannedKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlannedKind {
    Add,
    Modify { replaces: bool, properties: Vec<String> },
    Remove,
}

impl PlannedChange {
    /// The entry of `DescribeChangeSet`.
    pub(super) fn described(&self) -> Value {
        let mut change =
            json!({"LogicalResourceId": self.logical_id, "ResourceType": self.resource_type.as_str()});
        if let Some(physical_id) = &self.physical_id {
            change["PhysicalResourceId"] = json!(physical_id);
        }
        match &self.kind {
            PlannedKind::Add => {
                change["Action"] = json!("Add");
                change["Scope"] = json!([]);
                change["Details"] = json!([]);
            }
            PlannedKind::Remove => {
                change["Action"] = json!("Remove");
                change["Scope"] = json!([]);
                change["Details"] = json!([]);
            }
            PlannedKind::Modify { replaces, properties } => {
                let recreation = if *replaces { "Always" } else { "Never" };
                let detail = |name: &String| {
                    json!({
                        "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation},
                        "Evaluation": "Static",
                        "ChangeSource": "DirectModification",
                    })
                };
                change["Action"] = json!("Modify");
                change["Replacement"] = json!(if *replaces { "True" } else { "False" });
                change["Scope"] = json!(["Properties"]);
                change["Details"] = properties.iter().map(detail).collect();
            }
        }
        json!({"Type": "Resource", "ResourceChange": change})
    }
}

/// The changes that a definition would make to a stack; the error is the message of a `ValidationError`.
pub(super) fn plan(stack: &Stack, target: &Definition) -> Result<Vec<PlannedChange>, String> {
    let after = wanted(stack, target)?;
    let before = wanted(stack, &stack.definition)?;
    let mut changes = Vec::new();
    for logical_id in &target.template.order {
        let Some((resource_type, properties)) = after.get(logical_id) else { continue };
        let existing =
            stack.resources.get(logical_id).filter(|resource| resource.resource_type == *resource_type);
        let kind = match (existing, before.get(logical_id)) {
            (Some(_), Some((_, old))) => match resources::change(*resource_type, old, properties) {
                ChangeKind::None => continue,
                kind => PlannedKind::Modify {
                    replaces: matches!(kind, ChangeKind::Replacement { .. }),
                    properties: changed_names(old, properties),
                },
            },
            _ => PlannedKind::Add,
        };
        changes.push(PlannedChange {
            logical_id: logical_id.clone(),
            resource_type: *resource_type,
            physical_id: existing.map(|resource| resource.physical_id.clone()),
            kind,
        });
    }
    let dropped = stack.resources.iter().filter(|(logical_id, _)| !after.contains_key(*logical_id));
    changes.extend(dropped.map(|(logical_id, resource)| PlannedChange {
        logical_id: logical_id.clone(),
        resource_type: resource.resource_type,
        physical_id: Some(resource.physical_id.clone()),
        kind: PlannedKind::Remove,
    }));
    Ok(changes)
}

/// Whether an update would do anything: to a resource, the stack's tags, or an output.
pub(super) fn is_update(stack: &Stack, target: &Definition) -> Result<bool, String> {
    let differs = !plan(stack, target)?.is_empty()
        || stack.definition.tags != target.tags
        || outputs(stack, &stack.definition) != outputs(stack, target);
    Ok(differs)
}

fn changed_names(old: &Properties, new: &Properties) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}

/// The resources whose conditions hold, with their properties. What refers to a resource that does not exist
/// yet gets a placeholder.
fn wanted(
    stack: &Stack,
    definition: &Definition,
) -> Result<BTreeMap<String, (ResourceType, Properties)>, String> {
    let scope = scope_with_placeholders(stack, definition);
    let mut wanted = BTreeMap::new();
    for (logical_id, declared) in &definition.template.resources {
        if let Some(condition) = &declared.condition
            && !scope.condition(condition)?
        {
            continue;
        }
        let properties = scope.object(&declared.properties)?;
        let properties = resources::with_stack_tags(declared.resource_type, properties, &definition.tags);
        wanted.insert(logical_id.clone(), (declared.resource_type, properties));
    }
    Ok(wanted)
}

fn scope_with_placeholders<'a>(stack: &'a Stack, definition: &'a Definition) -> Scope<'a> {
    let mut scope = stack.scope(definition, &stack.resources);
    for (logical_id, declared) in &definition.template.resources {
        scope.resources.entry(logical_id.clone()).or_insert_with(|| {
            let placeholder = format!("{{{{{logical_id}}}}}");
            let names = declared.resource_type.attributes().iter();
            Attributes {
                attributes: names.map(|name| (*name, placeholder.clone())).collect(),
                reference: placeholder,
            }
        });
    }
    scope
}

/// The outputs of a stack under a definition; one that cannot be evaluated is left out.
pub(super) fn outputs(stack: &Stack, definition: &Definition) -> Value {
    let scope = stack.scope(definition, &stack.resources);
    let mut outputs = Vec::new();
    for (key, declared) in &definition.template.outputs {
        let is_wanted = declared.condition.as_ref().is_none_or(|name| scope.condition(name).unwrap_or(false));
        let Ok(Some(value)) = scope.evaluate(&declared.value) else { continue };
        if !is_wanted {
            continue;
        }
        let mut output = json!({"OutputKey": key, "OutputValue": resources::as_text(&value)});
        if let Some(description) = &declared.description {
            output["Description"] = json!(description);
        }
        if let Some(Ok(Some(name))) = declared.export_name.as_ref().map(|name| scope.evaluate(name)) {
            output["ExportName"] = json!(resources::as_text(&name));
        }
        outputs.push(output);
    }
    Value::Array(outputs)
}
