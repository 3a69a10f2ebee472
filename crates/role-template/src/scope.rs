//! Everything a value in a template can refer to, and the walk that resolves it.

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::parameter::Parameters;
use crate::place::Place;
use crate::{Pseudo, TemplateError};

/// A template with its parameters and the account it is read for.
pub(crate) struct Scope<'a> {
    pub(crate) template: &'a Map<String, Value>,
    pub(crate) parameters: Parameters,
    pub(crate) pseudo: &'a Pseudo,
    entered: Cell<usize>,
}

/// A few names, each of which refers to the next one ten times, come to more values than anybody waits for. An
/// honest template has some thousand.
const MAX_VALUES: usize = 100_000;

impl<'a> Scope<'a> {
    pub(crate) fn new(
        template: &'a Map<String, Value>,
        parameters: Parameters,
        pseudo: &'a Pseudo,
    ) -> Scope<'a> {
        Scope { template, parameters, pseudo, entered: Cell::new(0) }
    }

    /// An error unless a value at this place may still be looked at.
    pub(crate) fn enter(&self, place: &Place) -> Result<(), TemplateError> {
        self.entered.set(self.entered.get() + 1);
        if self.entered.get() > MAX_VALUES {
            return Err(place.error("refers to too much"));
        }
        place.entered()
    }

    /// A value with all functions evaluated; `None` where `AWS::NoValue` takes it away.
    pub(crate) fn resolve(&self, value: &Value, place: &Place) -> Result<Option<Value>, TemplateError> {
        self.enter(place)?;
        match value {
            Value::Null => Err(place.error("is null, which CloudFormation does not allow")),
            Value::Bool(_) | Value::Number(_) => Ok(Some(value.clone())),
            Value::String(text) if text.contains("{{resolve:") => {
                Err(place.error("is a dynamic reference, whose value is known only in the account"))
            }
            Value::String(_) => Ok(Some(value.clone())),
            Value::Array(items) => {
                let mut resolved = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    resolved.extend(self.resolve(item, &place.item(index))?);
                }
                Ok(Some(Value::Array(resolved)))
            }
            Value::Object(object) => match function_call(object) {
                Some((name, argument)) => self.call(name, argument, &place.child(name)),
                None => self.resolve_object(object, place).map(Some),
            },
        }
    }

    fn resolve_object(&self, object: &Map<String, Value>, place: &Place) -> Result<Value, TemplateError> {
        let mut resolved = Map::new();
        for (key, value) in object {
            if key.starts_with("Fn::") {
                return Err(place.error(format!("`{key}` stands beside other keys, or is not understood")));
            }
            if let Some(value) = self.resolve(value, &place.child(key))? {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    /// As `resolve`, where something has to be there.
    pub(crate) fn required(&self, value: &Value, place: &Place) -> Result<Value, TemplateError> {
        self.resolve(value, place)?.ok_or_else(|| place.error("AWS::NoValue is not possible here"))
    }

    /// As `required`, where text has to be there.
    pub(crate) fn text(&self, value: &Value, place: &Place) -> Result<String, TemplateError> {
        scalar_text(&self.required(value, place)?).ok_or_else(|| place.error("is not text"))
    }

    /// As `required`, where a list has to be there.
    pub(crate) fn list(&self, value: &Value, place: &Place) -> Result<Vec<Value>, TemplateError> {
        match self.required(value, place)? {
            Value::Array(items) => Ok(items),
            _ => Err(place.error("is not a list")),
        }
    }

    /// A top-level section, empty if the template has none.
    pub(crate) fn section(&self, name: &str) -> Option<&'a Map<String, Value>> {
        self.template.get(name).and_then(Value::as_object)
    }
}

/// A function is an object with the function's name as its only key. `Condition` is not among them: inside a
/// policy that is an element like any other.
fn function_call(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next()?;
    let function = name == "Ref" || name.starts_with("Fn::");
    (function && object.len() == 1).then_some((name.as_str(), argument))
}

/// CloudFormation takes numbers and booleans for text.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
