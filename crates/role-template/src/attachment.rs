//! Policies that other resources of the template put on the role.

use serde_json::Value;

use crate::place::Place;
use crate::property::policy;
use crate::read::exists;
use crate::scope::{Scope, scalar_text};
use crate::{RoleSpecification, TemplateError};

/// Adds what `AWS::IAM::Policy`, `AWS::IAM::RolePolicy` and `AWS::IAM::ManagedPolicy` attach to the role: a
/// role that is compared with its template without them would seem to have too much.
pub(crate) fn add(scope: &Scope<'_>, role: &mut RoleSpecification) -> Result<(), TemplateError> {
    for (name, resource) in scope.section("Resources").into_iter().flatten() {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let attaches = match kind {
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => "Roles",
            "AWS::IAM::RolePolicy" => "RoleName",
            _ => continue,
        };
        let place = Place::new("Resources").child(name);
        if !exists(scope, resource, &place)? {
            continue;
        }
        let policy =
            Attachment { scope, properties: &resource["Properties"], place: place.child("Properties") };
        if !policy.names_role(attaches, &role.name)? {
            continue;
        }
        if kind == "AWS::IAM::ManagedPolicy" {
            role.managed_policies.insert(scope.resource_name(name, &place)?);
        } else {
            policy.add_inline(role)?;
        }
    }
    Ok(())
}

struct Attachment<'a> {
    scope: &'a Scope<'a>,
    properties: &'a Value,
    place: Place,
}

impl Attachment<'_> {
    fn names_role(&self, property: &str, role: &str) -> Result<bool, TemplateError> {
        let Some(value) = self.properties.get(property) else { return Ok(false) };
        Ok(match self.scope.resolve(value, &self.place.child(property))? {
            Some(Value::Array(names)) => names.iter().filter_map(scalar_text).any(|name| name == role),
            Some(name) => scalar_text(&name).is_some_and(|name| name == role),
            None => false,
        })
    }

    fn add_inline(&self, role: &mut RoleSpecification) -> Result<(), TemplateError> {
        let required = |name: &str| {
            let value = self.properties.get(name);
            value.ok_or_else(|| self.place.error(format!("there is no {name}")))
        };
        let name = self.scope.text(required("PolicyName")?, &self.place.child("PolicyName"))?;
        let place = self.place.child("PolicyDocument");
        let document = policy(&self.scope.required(required("PolicyDocument")?, &place)?, &place)?;
        match role.inline_policies.insert(name.clone(), document) {
            None => Ok(()),
            Some(_) => Err(self.place.error(format!("there are two policies `{name}`"))),
        }
    }
}
