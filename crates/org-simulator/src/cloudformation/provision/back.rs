//! Deleting resources, and taking back what a failed run did.

use super::{Failure, Run};
use crate::cloudformation::resources::{self, Properties};
use crate::cloudformation::stack::Resource;

/// How to take back one step.
pub(super) enum Undo {
    Made { logical_id: String, properties: Properties },
    Changed { logical_id: String, before: Box<Resource>, old: Properties, new: Properties },
    Replaced { logical_id: String, before: Box<Resource>, properties: Properties },
}

impl Run<'_> {
    /// Takes every step back, the last first; gives what could not be taken back.
    pub(super) fn roll_back(&mut self) -> Option<String> {
        let mut problem = None;
        while let Some(step) = self.undo.pop() {
            if let Err(reason) = self.take_back(step) {
                problem = problem.or(Some(reason));
            }
        }
        // What is left is what it was before, and complete.
        for resource in self.resources.values_mut().filter(|resource| resource.status == "UPDATE_FAILED") {
            resource.status = "UPDATE_COMPLETE";
            resource.status_reason = None;
        }
        problem
    }

    fn take_back(&mut self, step: Undo) -> Result<(), String> {
        match step {
            Undo::Made { logical_id, properties } => self.delete_made(&logical_id, &properties),
            Undo::Changed { logical_id, before, old, new } => {
                let (resource_type, physical_id) = (before.resource_type, before.physical_id.clone());
                self.resources.insert(logical_id.clone(), *before);
                self.with_setting(&logical_id, |world, setting| {
                    resources::update(world, setting, resource_type, &physical_id, &new, &old)
                })
            }
            Undo::Replaced { logical_id, before, properties } => {
                let deleted = self.delete_made(&logical_id, &properties);
                self.resources.insert(logical_id, *before);
                deleted
            }
        }
    }

    fn delete_made(&mut self, logical_id: &str, properties: &Properties) -> Result<(), String> {
        let Some(made) = self.resources.get(logical_id).cloned() else { return Ok(()) };
        let deleted = self.with_setting(logical_id, |world, setting| {
            resources::delete(world, setting, made.resource_type, &made.physical_id, properties)
        });
        match deleted {
            Ok(()) => {
                self.resources.remove(logical_id);
                self.record(logical_id, made.resource_type, &made.physical_id, "DELETE_COMPLETE", None);
                Ok(())
            }
            Err(reason) => {
                self.record(
                    logical_id,
                    made.resource_type,
                    &made.physical_id,
                    "DELETE_FAILED",
                    Some(reason.clone()),
                );
                Err(reason)
            }
        }
    }

    pub(super) fn remove(&mut self, logical_id: &str) -> Result<(), Failure> {
        let Some(resource) = self.resources.get(logical_id).cloned() else { return Ok(()) };
        let is_retained =
            self.before.template.resources.get(logical_id).is_some_and(|declared| declared.retained);
        if is_retained {
            self.resources.remove(logical_id);
            self.record(logical_id, resource.resource_type, &resource.physical_id, "DELETE_SKIPPED", None);
            return Ok(());
        }
        let properties = self.resolved_before(logical_id).map_err(Failure::of_stack)?;
        self.delete_made(logical_id, &properties).map_err(|reason| {
            if let Some(kept) = self.resources.get_mut(logical_id) {
                kept.status = "DELETE_FAILED";
                kept.status_reason = Some(reason.clone());
            }
            Failure {
                resource: Some((logical_id.to_owned(), resource.resource_type)),
                reason,
                not_rolled_back: None,
            }
        })
    }
}
