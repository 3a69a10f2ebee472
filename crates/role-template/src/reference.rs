//! `Ref`, `Fn::GetAtt` and `Fn::Sub`: what can be known of a name before anything is deployed.

use serde_json::Value;

use crate::TemplateError;
use crate::place::Place;
use crate::scope::Scope;

/// The stack that a template is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudo {
    /// `AWS::AccountId`.
    pub account: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::StackName`. StackSets makes up a name for each instance, so a specification that depends on it
    /// is not the same in all accounts.
    pub stack_name: String,
}

impl Scope<'_> {
    pub(crate) fn reference(&self, argument: &Value, place: &Place) -> Result<Option<Value>, TemplateError> {
        let name = argument.as_str().ok_or_else(|| place.error("is not a name"))?;
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        self.named(name, place).map(Some)
    }

    fn named(&self, name: &str, place: &Place) -> Result<Value, TemplateError> {
        if let Some(value) = self.pseudo_parameter(name, place) {
            return value.map(Value::from);
        }
        match self.parameters.get(name, place) {
            Some(value) => value,
            None => self.resource_name(name, place).map(Value::from),
        }
    }

    fn pseudo_parameter(&self, name: &str, place: &Place) -> Option<Result<String, TemplateError>> {
        let value = match name.strip_prefix("AWS::")? {
            "AccountId" => self.pseudo.account.clone(),
            "Region" => self.pseudo.region.clone(),
            "Partition" => self.pseudo.partition.clone(),
            "StackName" => self.pseudo.stack_name.clone(),
            "URLSuffix" if self.pseudo.partition == "aws-cn" => "amazonaws.com.cn".to_owned(),
            "URLSuffix" => "amazonaws.com".to_owned(),
            _ => return Some(Err(place.error(format!("{name} is known only after deployment")))),
        };
        Some(Ok(value))
    }

    /// What `Ref` gives for a resource: the name of a role, the ARN of a managed policy.
    pub(crate) fn resource_name(&self, name: &str, place: &Place) -> Result<String, TemplateError> {
        match self.kind(name, place)? {
            "AWS::IAM::Role" => self.given_name(name, "RoleName", place),
            "AWS::IAM::ManagedPolicy" => self.arn(name, "policy", "ManagedPolicyName", place),
            kind => {
                Err(place
                    .error(format!("what Ref gives for `{name}` ({kind}) is known only after deployment")))
            }
        }
    }

    /// `Fn::GetAtt`, in either form: `["Role", "Arn"]` or `"Role.Arn"`.
    pub(crate) fn attribute(&self, argument: &Value, place: &Place) -> Result<String, TemplateError> {
        let (name, attribute) = match argument {
            Value::String(text) => text.split_once('.'),
            Value::Array(items) => match items.as_slice() {
                [Value::String(name), Value::String(attribute)] => Some((name.as_str(), attribute.as_str())),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| place.error("takes a resource and an attribute"))?;
        match (self.kind(name, place)?, attribute) {
            ("AWS::IAM::Role", "Arn") => self.arn(name, "role", "RoleName", place),
            ("AWS::IAM::ManagedPolicy", "PolicyArn") => self.arn(name, "policy", "ManagedPolicyName", place),
            _ => Err(place.error(format!("`{name}.{attribute}` is known only after deployment"))),
        }
    }

    fn kind(&self, name: &str, place: &Place) -> Result<&str, TemplateError> {
        let resource = self.section("Resources").and_then(|resources| resources.get(name));
        let resource = resource.ok_or_else(|| place.error(format!("the template has no `{name}`")))?;
        Ok(resource.get("Type").and_then(Value::as_str).unwrap_or("without type"))
    }

    fn arn(&self, name: &str, kind: &str, property: &str, place: &Place) -> Result<String, TemplateError> {
        let given = self.given_name(name, property, place)?;
        let path = self.property(name, "Path", place)?.unwrap_or_else(|| "/".to_owned());
        let Pseudo { partition, account, .. } = self.pseudo;
        Ok(format!("arn:{partition}:iam::{account}:{kind}{path}{given}"))
    }

    fn given_name(&self, name: &str, property: &str, place: &Place) -> Result<String, TemplateError> {
        let given = self.property(name, property, place)?;
        given.ok_or_else(|| {
            place.error(format!("`{name}` has no {property}: its name is known only after deployment"))
        })
    }

    fn property(&self, name: &str, property: &str, place: &Place) -> Result<Option<String>, TemplateError> {
        let resource = self.section("Resources").and_then(|resources| resources.get(name));
        let Some(value) = resource.and_then(|resource| resource.get("Properties")?.get(property)) else {
            return Ok(None);
        };
        self.text(value, &place.jump(format!("Resources.{name}.Properties.{property}"))).map(Some)
    }

    /// `Fn::Sub`: a text, or a text with values of its own.
    pub(crate) fn substitute(&self, argument: &Value, place: &Place) -> Result<String, TemplateError> {
        let (text, own) = match argument {
            Value::String(text) => (text, None),
            Value::Array(items) => match items.as_slice() {
                [Value::String(text), Value::Object(own)] => (text, Some(own)),
                _ => return Err(place.error("takes a text, or a list of a text and values")),
            },
            _ => return Err(place.error("takes a text, or a list of a text and values")),
        };
        let mut substituted = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find("${") {
            let length = rest[start..].find('}').ok_or_else(|| place.error("has a `${` without `}`"))?;
            let name = &rest[start + 2..start + length];
            substituted += &rest[..start];
            substituted += &match (name.strip_prefix('!'), own.and_then(|own| own.get(name))) {
                // `${!x}` is how a template writes `${x}`, as in policy variables.
                (Some(literal), _) => format!("${{{literal}}}"),
                (None, Some(value)) => self.text(value, &place.item(1).child(name))?,
                (None, None) => self.substituted_name(name, place)?,
            };
            rest = &rest[start + length + 1..];
        }
        Ok(substituted + rest)
    }

    fn substituted_name(&self, name: &str, place: &Place) -> Result<String, TemplateError> {
        let name = name.trim();
        if name.contains('.') {
            return self.attribute(&Value::from(name), place);
        }
        let value = self.named(name, place)?;
        crate::scope::scalar_text(&value).ok_or_else(|| place.error(format!("`{name}` is a list")))
    }
}
