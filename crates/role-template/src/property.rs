//! The properties of an `AWS::IAM::Role`.

use std::collections::{BTreeMap, BTreeSet};

use iam_policy::PolicyDocument;
use serde_json::{Map, Value};

use crate::place::Place;
use crate::scope::{Scope, scalar_text};
use crate::{RoleSpecification, TemplateError};

/// The properties of the role, with all functions evaluated.
pub(crate) struct Properties<'a> {
    place: &'a Place,
    resolved: BTreeMap<&'a str, Value>,
}

impl<'a> Properties<'a> {
    /// Every property of the resource type. One that is not here is none of IAM's.
    const KNOWN: [&'static str; 9] = [
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "Policies",
        "RoleName",
        "Tags",
    ];

    pub(crate) fn resolve(
        scope: &Scope<'_>,
        properties: &'a Map<String, Value>,
        place: &'a Place,
    ) -> Result<Properties<'a>, TemplateError> {
        let mut resolved = BTreeMap::new();
        for (name, value) in properties {
            let place = place.child(name);
            if !Self::KNOWN.contains(&name.as_str()) {
                return Err(place.error("AWS::IAM::Role has no such property"));
            }
            if let Some(value) = scope.resolve(value, &place)? {
                resolved.insert(name.as_str(), value);
            }
        }
        Ok(Properties { place, resolved })
    }

    pub(crate) fn policy(&self, name: &str) -> Result<PolicyDocument, TemplateError> {
        let document =
            self.resolved.get(name).ok_or_else(|| self.place.error(format!("there is no {name}")))?;
        policy(document, &self.place.child(name))
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, TemplateError> {
        let Some(value) = self.resolved.get(name) else { return Ok(None) };
        scalar_text(value).map(Some).ok_or_else(|| self.place.child(name).error("is not text"))
    }

    fn items(&self, name: &str) -> Result<Vec<(Place, &Value)>, TemplateError> {
        let place = self.place.child(name);
        match self.resolved.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                Ok(items.iter().enumerate().map(|(index, item)| (place.item(index), item)).collect())
            }
            Some(_) => Err(place.error("is not a list")),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Result<BTreeSet<String>, TemplateError> {
        let text =
            |(place, item): (Place, &Value)| scalar_text(item).ok_or_else(|| place.error("is not text"));
        self.items(name)?.into_iter().map(text).collect()
    }

    pub(crate) fn max_session(&self) -> Result<u32, TemplateError> {
        let Some(text) = self.text("MaxSessionDuration")? else {
            return Ok(RoleSpecification::DEFAULT_MAX_SESSION);
        };
        text.parse().map_err(|_| self.place.child("MaxSessionDuration").error("is not a number of seconds"))
    }

    pub(crate) fn policies(&self) -> Result<BTreeMap<String, PolicyDocument>, TemplateError> {
        let mut policies = BTreeMap::new();
        for (place, item) in self.items("Policies")? {
            let name = member(item, "PolicyName", &place)?;
            let document =
                item.get("PolicyDocument").ok_or_else(|| place.error("there is no PolicyDocument"))?;
            let document = policy(document, &place.child("PolicyDocument"))?;
            if policies.insert(name.clone(), document).is_some() {
                return Err(place.error(format!("there are two policies `{name}`")));
            }
        }
        Ok(policies)
    }

    pub(crate) fn tags(&self) -> Result<BTreeMap<String, String>, TemplateError> {
        let mut tags = BTreeMap::new();
        for (place, item) in self.items("Tags")? {
            let (key, value) = (member(item, "Key", &place)?, member(item, "Value", &place)?);
            if tags.insert(key.clone(), value).is_some() {
                return Err(place.error(format!("there are two tags `{key}`")));
            }
        }
        Ok(tags)
    }
}

fn member(item: &Value, name: &str, place: &Place) -> Result<String, TemplateError> {
    item.get(name).and_then(scalar_text).ok_or_else(|| place.error(format!("there is no {name}")))
}

/// A policy document, which may also stand as JSON text.
pub(crate) fn policy(value: &Value, place: &Place) -> Result<PolicyDocument, TemplateError> {
    let document = match value {
        Value::String(text) => PolicyDocument::parse(text),
        _ => PolicyDocument::from_value(value),
    };
    document.map_err(|error| place.error(error.to_string()))
}
