//! CloudFormation templates: read, checked, and resolved for one account.
//!
//! Covers what role templates use. Everything else is refused, in AWS's words where AWS has them, so that a
//! template that passes here is not silently understood in another way than AWS would.

mod conditions;
mod declarations;
mod dependencies;
mod intrinsic;
mod parameters;
mod parse;
mod pattern;
mod substitution;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

pub(crate) use declarations::{ResourceDeclaration, ResourceType};
pub(crate) use intrinsic::{Attributes, Pseudo, Scope};
pub(crate) use parameters::ParameterDeclaration;

/// `TemplateBody` holds at most this many bytes (aws-facts A15).
pub(crate) const MAX_BODY_BYTES: usize = 51_200;

/// A template that passed every check that does not depend on parameter values or the account.
#[derive(PartialEq)]
pub(crate) struct Template {
    /// The text as it was sent: `DescribeStackSet` and `GetTemplate` give it back unchanged.
    pub(crate) body: String,
    pub(crate) version: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Option<Value>,
    pub(crate) transforms: Vec<String>,
    pub(crate) parameters: BTreeMap<String, ParameterDeclaration>,
    pub(crate) mappings: Map<String, Value>,
    pub(crate) conditions: Map<String, Value>,
    pub(crate) resources: BTreeMap<String, ResourceDeclaration>,
    pub(crate) outputs: BTreeMap<String, OutputDeclaration>,
    /// Logical ids, each after everything that it depends on.
    pub(crate) order: Vec<String>,
}

/// A template may spell out an external ID, so its text does not show here.
impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Template").field("resources", &self.order).finish_non_exhaustive()
    }
}

/// One entry of `Outputs`, unresolved.
#[derive(Debug, PartialEq)]
pub(crate) struct OutputDeclaration {
    pub(crate) value: Value,
    pub(crate) description: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) export_name: Option<Value>,
}

impl Template {
    /// Reads and checks a template; the error is the message of AWS's `ValidationError`.
    pub(crate) fn read(body: &str) -> Result<Template, String> {
        let document = parse::parse(body)?;
        let template = declarations::declare(body, document)?;
        validate::validate(&template)?;
        let order = dependencies::creation_order(&template)?;
        Ok(Template { order, ..template })
    }

    /// The capability that the template's IAM resources ask for; `CAPABILITY_NAMED_IAM` as soon as one of
    /// them has a name of the author's choice (aws-facts A15).
    pub(crate) fn required_capability(&self) -> Option<&'static str> {
        let names = self.resources.values().map(ResourceDeclaration::has_custom_name);
        names.max().map(|named| if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" })
    }

    /// The types of the resources, each once.
    pub(crate) fn resource_types(&self) -> BTreeSet<&'static str> {
        self.resources.values().map(|resource| resource.resource_type.as_str()).collect()
    }

    /// The parameters a stack gets: what was given, else the default; every constraint holds. The error is
    /// the message of AWS's `ValidationError`.
    pub(crate) fn parameter_values(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        parameters::resolve(&self.parameters, given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}\n";

    #[test]
    fn a_custom_name_needs_the_named_capability() {
        let unnamed = Template::read(ROLE).unwrap();
        assert_eq!(unnamed.required_capability(), Some("CAPABILITY_IAM"));
        let named = Template::read(&format!("{ROLE}      RoleName: Audit\n")).unwrap();
        assert_eq!(named.required_capability(), Some("CAPABILITY_NAMED_IAM"));
    }

    #[test]
    fn the_same_template_reads_the_same_from_json_and_from_yaml() {
        let yaml = "Parameters:\n  Name: {Type: String, Default: Audit}\nResources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: !Sub '${Name}-x'\n      Path: !GetAtt Other.Arn\n      AssumeRolePolicyDocument: !If [Is, {}, !Ref AWS::NoValue]\n  Other:\n    Type: AWS::IAM::Role\n    Condition: Is\n    Properties: {AssumeRolePolicyDocument: {}}\nConditions:\n  Is: !Not [!Equals [!Ref Name, x]]\n  Too: !And [!Condition Is, !Condition Is]\n";
        let json = r#"{"Parameters":{"Name":{"Type":"String","Default":"Audit"}},
            "Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":{"Fn::Sub":"${Name}-x"},
              "Path":{"Fn::GetAtt":["Other","Arn"]},
              "AssumeRolePolicyDocument":{"Fn::If":["Is",{},{"Ref":"AWS::NoValue"}]}}},
             "Other":{"Type":"AWS::IAM::Role","Condition":"Is","Properties":{"AssumeRolePolicyDocument":{}}}},
            "Conditions":{"Is":{"Fn::Not":[{"Fn::Equals":[{"Ref":"Name"},"x"]}]},
              "Too":{"Fn::And":[{"Condition":"Is"},{"Condition":"Is"}]}}}"#;
        let (yaml, json) = (Template::read(yaml).unwrap(), Template::read(json).unwrap());
        assert_eq!(yaml.resources, json.resources);
        assert_eq!(yaml.conditions, json.conditions);
        assert_eq!(yaml.order, ["Other", "Role"]);
    }
}
