//! The names of the roles that somebody's template makes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::parameter::Parameters;
use crate::place::Place;
use crate::read::exists;
use crate::scope::{Scope, scalar_text};
use crate::{Pseudo, RoleTemplate, TemplateError, text};

/// The names that a template gives to roles. A role without a name of its own is not here: CloudFormation
/// invents one, which collides with nobody's (aws-facts K8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleNames {
    /// Unique in an account ignoring case (aws-facts F1).
    pub names: BTreeSet<String>,
    /// What is or may make a role whose name cannot be known from here.
    pub unresolved: Vec<UnresolvedRole>,
}

/// A role whose name cannot be known from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedRole {
    /// The resource; `None` if the template as a whole cannot be looked through.
    pub logical_id: Option<String>,
    /// Why.
    pub error: TemplateError,
}

impl RoleTemplate {
    /// The explicit names of all roles in a template that may do anything, and may be none of ours.
    ///
    /// Parameters that are neither given nor have a default, and those that AWS answers masked, make a name
    /// unresolved only if it depends on them.
    pub fn role_names(body: &str, parameters: &BTreeMap<String, String>, pseudo: &Pseudo) -> RoleNames {
        let mut found = RoleNames::default();
        match text::parse(body) {
            Ok(Value::Object(template)) => found.look_through(&template, parameters, pseudo),
            Ok(_) => found.unresolved(None, Place::new("template").error("is not an object")),
            Err(error) => found.unresolved(None, error),
        }
        found
    }
}

impl RoleNames {
    fn look_through(
        &mut self,
        template: &Map<String, Value>,
        parameters: &BTreeMap<String, String>,
        pseudo: &Pseudo,
    ) {
        if template.contains_key("Transform") {
            let message = "a macro may make roles that the template does not show";
            self.unresolved(None, Place::new("Transform").error(message));
        }
        let none = Map::new();
        let declared = template.get("Parameters").and_then(Value::as_object).unwrap_or(&none);
        let scope = Scope::new(template, Parameters::of_deployed(declared, parameters), pseudo);
        for (logical_id, resource) in scope.section("Resources").into_iter().flatten() {
            match name_of(&scope, resource, &Place::new("Resources").child(logical_id)) {
                Ok(name) => self.names.extend(name),
                Err(error) => self.unresolved(Some(logical_id), error),
            }
        }
    }

    fn unresolved(&mut self, logical_id: Option<&String>, error: TemplateError) {
        self.unresolved.push(UnresolvedRole { logical_id: logical_id.cloned(), error });
    }
}

/// The name of a resource that is a role, is made, and has one.
fn name_of(scope: &Scope<'_>, resource: &Value, place: &Place) -> Result<Option<String>, TemplateError> {
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    if !matches!(kind, "AWS::IAM::Role" | "AWS::CloudFormation::Stack") || !exists(scope, resource, place)? {
        return Ok(None);
    }
    if kind == "AWS::CloudFormation::Stack" {
        return Err(place.error("a nested stack may make roles that the template does not show"));
    }
    let Some(name) = resource.get("Properties").and_then(|properties| properties.get("RoleName")) else {
        return Ok(None);
    };
    let place = place.child("Properties.RoleName");
    match scope.resolve(name, &place)? {
        None => Ok(None),
        Some(name) => scalar_text(&name).map(Some).ok_or_else(|| place.error("is not text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &str, parameters: &[(&str, &str)]) -> RoleNames {
        let parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let pseudo = Pseudo {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            partition: "aws".into(),
            stack_name: "StackSet-x".into(),
        };
        RoleTemplate::role_names(body, &parameters, &pseudo)
    }

    #[track_caller]
    fn check(body: &str, parameters: &[(&str, &str)], expected: &[&str], unresolved: &[&str]) {
        let found = names(body, parameters);
        assert_eq!(found.names.iter().collect::<Vec<_>>(), expected);
        let errors: Vec<String> = found.unresolved.iter().map(|role| role.error.to_string()).collect();
        assert_eq!(errors, unresolved);
    }

    const STRANGE: &str = r#"
Parameters:
  Prefix: { Type: String, Default: Vendor }
  Secret: { Type: String, NoEcho: true }
  Stored: { Type: "AWS::SSM::Parameter::Value<String>", Default: /x }
Conditions:
  Never: !Equals [a, b]
  Who: !Equals [!Ref Secret, x]
Resources:
  Plain: { Type: "AWS::IAM::Role", Properties: { RoleName: Audit, NoSuchProperty: 1 } }
  Joined: { Type: "AWS::IAM::Role", Properties: { RoleName: !Join ["-", [!Ref Prefix, !Ref "AWS::Region"]] } }
  Substituted: { Type: "AWS::IAM::Role", Properties: { RoleName: !Sub "${Prefix}-${AWS::AccountId}" } }
  Invented: { Type: "AWS::IAM::Role", Properties: { Path: / } }
  Bare: { Type: "AWS::IAM::Role" }
  NoValue: { Type: "AWS::IAM::Role", Properties: { RoleName: !Ref "AWS::NoValue" } }
  NotMade: { Type: "AWS::IAM::Role", Condition: Never, Properties: { RoleName: Gone } }
  Hidden: { Type: "AWS::IAM::Role", Properties: { RoleName: !Sub "x-${Secret}" } }
  Perhaps: { Type: "AWS::IAM::Role", Condition: Who, Properties: { RoleName: Perhaps } }
  Looked: { Type: "AWS::IAM::Role", Properties: { RoleName: !Ref Stored } }
  Imported: { Type: "AWS::IAM::Role", Properties: { RoleName: !ImportValue y } }
  Circle: { Type: "AWS::IAM::Role", Properties: { RoleName: !Ref Circle } }
  Bucket: { Type: "AWS::S3::Bucket", Properties: { RoleName: none } }
"#;

    #[test]
    fn names_are_told_where_they_can_be_known() {
        let found = names(STRANGE, &[("Secret", "****"), ("NoSuchParameter", "x")]);
        assert_eq!(
            found.names.iter().collect::<Vec<_>>(),
            ["Audit", "Vendor-111122223333", "Vendor-us-east-1"]
        );
        let unresolved = found.unresolved.iter().filter_map(|role| role.logical_id.as_deref());
        let unresolved: BTreeSet<&str> = unresolved.collect();
        assert_eq!(unresolved, ["Circle", "Hidden", "Imported", "Looked", "Perhaps"].into());
    }

    #[test]
    fn the_parameters_that_are_given_decide() {
        let body = "Parameters: { Name: { Type: String, Default: New } }\nResources: { R: { Type: \
                    'AWS::IAM::Role', Properties: { RoleName: !Ref Name } } }";
        check(body, &[], &["New"], &[]);
        check(body, &[("Name", "Old")], &["Old"], &[]);
        let json = r#"{"Parameters":{"Name":{"Type":"String"}},
            "Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"RoleName":{"Fn::Sub":"${Name}-x"}}}}}"#;
        check(json, &[("Name", "Old")], &["Old-x"], &[]);
        let why = "Resources.R.Properties.RoleName.Fn::Sub: the value of the parameter `Name` is not known";
        check(json, &[], &[], &[why]);
    }

    #[test]
    fn what_a_template_does_not_show_is_said() {
        let body = "Transform: AWS::Serverless-2016-10-31\nResources:\n  N: { Type: 'AWS::CloudFormation::Stack' }\n  \
                    R: { Type: 'AWS::IAM::Role', Properties: { RoleName: Audit } }";
        let unresolved = [
            "Transform: a macro may make roles that the template does not show",
            "Resources.N: a nested stack may make roles that the template does not show",
        ];
        check(body, &[], &["Audit"], &unresolved);
    }

    #[test]
    fn what_is_no_template_has_no_names() {
        check("- a", &[], &[], &["template: is not an object"]);
        check("Resources: [1, { Type: x }]", &[], &[], &[]);
        check(
            "Resources: { R: 7, S: { Type: 'AWS::IAM::Role', Properties: [] } }\nParameters: 3",
            &[],
            &[],
            &[],
        );
        assert_eq!(names("{", &[]).unresolved.len(), 1);
    }
}
