//! Making and changing resources until they are what a definition says.

use super::back::Undo;
use super::{Failure, Run};
use crate::cloudformation::definition::Definition;
use crate::cloudformation::resources::{self, ChangeKind, Properties};
use crate::cloudformation::stack::Resource;
use crate::cloudformation::template::ResourceType;

/// A resource that is no longer wanted, with what its properties were.
pub(super) struct Leftover {
    logical_id: String,
    resource: Resource,
    properties: Properties,
}

impl Run<'_> {
    pub(super) fn bring_to(&mut self, target: &Definition) -> Result<(), Failure> {
        let template = &target.template;
        for logical_id in &template.order {
            let declared = &template.resources[logical_id];
            let wanted = match &declared.condition {
                Some(condition) => {
                    self.scoped(target, |scope| scope.condition(condition)).map_err(Failure::of_stack)?
                }
                None => true,
            };
            if wanted {
                self.bring_resource_to(target, logical_id)?;
            }
        }
        self.set_aside_unwanted(target)
    }

    fn bring_resource_to(&mut self, target: &Definition, logical_id: &str) -> Result<(), Failure> {
        let resource_type = target.template.resources[logical_id].resource_type;
        let failed = |reason: String| Failure {
            resource: Some((logical_id.to_owned(), resource_type)),
            reason,
            not_rolled_back: None,
        };
        // A function that cannot be evaluated fails the stack, not the resource (aws-facts A14 and the
        // portable fault of a mapping without the account's key).
        let properties = self.resolved(target, logical_id).map_err(Failure::of_stack)?;
        let existing = self
            .resources
            .get(logical_id)
            .filter(|resource| resource.resource_type == resource_type)
            .cloned();
        if let Err(reason) = resources::check(resource_type, &properties) {
            let (physical_id, status) = match &existing {
                Some(existing) => (existing.physical_id.as_str(), "UPDATE_FAILED"),
                None => ("", "CREATE_FAILED"),
            };
            self.record(logical_id, resource_type, physical_id, status, Some(reason.clone()));
            return Err(failed(reason));
        }
        let Some(existing) = existing else {
            return self.make(logical_id, resource_type, properties).map_err(failed);
        };
        let old = self.resolved_before(logical_id).map_err(Failure::of_stack)?;
        match resources::change(resource_type, &old, &properties) {
            ChangeKind::None => Ok(()),
            ChangeKind::InPlace => self.change(logical_id, existing, old, properties).map_err(failed),
            ChangeKind::Replacement { custom_named: true } => {
                let reason = format!(
                    "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {} and update the stack again.",
                    existing.physical_id
                );
                self.record(
                    logical_id,
                    resource_type,
                    &existing.physical_id,
                    "UPDATE_FAILED",
                    Some(reason.clone()),
                );
                Err(failed(reason))
            }
            ChangeKind::Replacement { custom_named: false } => {
                self.replace(logical_id, existing, old, properties).map_err(failed)
            }
        }
    }

    fn make(
        &mut self,
        logical_id: &str,
        resource_type: ResourceType,
        properties: Properties,
    ) -> Result<(), String> {
        self.create(logical_id, resource_type, &properties, "CREATE")?;
        self.undo.push(Undo::Made { logical_id: logical_id.to_owned(), properties });
        Ok(())
    }

    /// Creates a resource and puts it in its place among the resources.
    fn create(
        &mut self,
        logical_id: &str,
        resource_type: ResourceType,
        properties: &Properties,
        verb: &str,
    ) -> Result<(), String> {
        let made = self.with_setting(logical_id, |world, setting| {
            resources::create(world, setting, resource_type, properties)
        });
        let (complete, failed) = if verb == "CREATE" {
            ("CREATE_COMPLETE", "CREATE_FAILED")
        } else {
            ("UPDATE_COMPLETE", "UPDATE_FAILED")
        };
        match made {
            Ok(made) => {
                self.record(logical_id, resource_type, &made.physical_id, complete, None);
                let resource = Resource {
                    resource_type,
                    physical_id: made.physical_id,
                    attributes: made.attributes,
                    status: complete,
                    status_reason: None,
                    changed: self.world.now,
                };
                self.resources.insert(logical_id.to_owned(), resource);
                Ok(())
            }
            Err(reason) => {
                self.record(logical_id, resource_type, "", failed, Some(reason.clone()));
                Err(reason)
            }
        }
    }

    fn change(
        &mut self,
        logical_id: &str,
        existing: Resource,
        old: Properties,
        new: Properties,
    ) -> Result<(), String> {
        let resource_type = existing.resource_type;
        let physical_id = existing.physical_id.clone();
        let updated = self.with_setting(logical_id, |world, setting| {
            resources::update(world, setting, resource_type, &physical_id, &old, &new)
        });
        let (status, reason) = match &updated {
            Ok(()) => ("UPDATE_COMPLETE", None),
            Err(reason) => ("UPDATE_FAILED", Some(reason.clone())),
        };
        self.record(logical_id, resource_type, &physical_id, status, reason.clone());
        let now = self.world.now;
        if updated.is_ok() {
            // What failed took itself back, so that only what worked has to be undone later.
            let before = Box::new(existing);
            self.undo.push(Undo::Changed { logical_id: logical_id.to_owned(), before, old, new });
        }
        if let Some(resource) = self.resources.get_mut(logical_id) {
            resource.status = status;
            resource.status_reason = reason;
            resource.changed = now;
        }
        updated
    }

    fn replace(
        &mut self,
        logical_id: &str,
        existing: Resource,
        old: Properties,
        new: Properties,
    ) -> Result<(), String> {
        let resource_type = existing.resource_type;
        self.resources.remove(logical_id);
        if let Err(reason) = self.create(logical_id, resource_type, &new, "UPDATE") {
            self.resources.insert(logical_id.to_owned(), existing);
            return Err(reason);
        }
        self.undo.push(Undo::Replaced {
            logical_id: logical_id.to_owned(),
            before: Box::new(existing.clone()),
            properties: new,
        });
        self.leftovers.push(Leftover {
            logical_id: logical_id.to_owned(),
            resource: existing,
            properties: old,
        });
        Ok(())
    }

    /// What the new definition no longer has goes in the clean-up, after everything else worked.
    fn set_aside_unwanted(&mut self, target: &Definition) -> Result<(), Failure> {
        for logical_id in self.before.template.clone().order.iter().rev() {
            let wanted = match target.template.resources.get(logical_id).map(|declared| &declared.condition) {
                None => false,
                Some(None) => true,
                Some(Some(condition)) => {
                    self.scoped(target, |scope| scope.condition(condition)).map_err(Failure::of_stack)?
                }
            };
            if wanted || !self.resources.contains_key(logical_id) {
                continue;
            }
            let properties = self.resolved_before(logical_id).map_err(Failure::of_stack)?;
            let resource = self.resources.get(logical_id).expect("its presence was checked above").clone();
            self.leftovers.push(Leftover { logical_id: logical_id.clone(), resource, properties });
        }
        Ok(())
    }

    /// Deletes what was replaced or dropped. A failure here leaves the old resource behind and the update
    /// complete, as on AWS.
    pub(super) fn clean_up(&mut self) {
        let order = &self.before.template.order;
        let made_at =
            |leftover: &Leftover| order.iter().position(|logical_id| *logical_id == leftover.logical_id);
        // The last made goes first: a policy before the role that it is on.
        self.leftovers.sort_by_key(|leftover| std::cmp::Reverse(made_at(leftover)));
        for leftover in std::mem::take(&mut self.leftovers) {
            let Leftover { logical_id, resource, properties } = leftover;
            let was_replaced =
                self.resources.get(&logical_id).is_some_and(|now| now.physical_id != resource.physical_id);
            if !was_replaced {
                self.resources.remove(&logical_id);
            }
            let is_retained =
                self.before.template.resources.get(&logical_id).is_some_and(|declared| declared.retained);
            if !is_retained {
                let deleted = self.with_setting(&logical_id, |world, setting| {
                    resources::delete(
                        world,
                        setting,
                        resource.resource_type,
                        &resource.physical_id,
                        &properties,
                    )
                });
                let status = if deleted.is_ok() { "DELETE_COMPLETE" } else { "DELETE_FAILED" };
                self.record(
                    &logical_id,
                    resource.resource_type,
                    &resource.physical_id,
                    status,
                    deleted.err(),
                );
            }
        }
    }
}
