//! Template to specification.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::parameter::{Parameters, default_of, is_masked};
use crate::place::Place;
use crate::property::Properties;
use crate::scope::Scope;
use crate::{Pseudo, RoleSpecification, RoleTemplate, TemplateError, attachment, text};

impl RoleTemplate {
    /// The values that parameters have when they are not given: those of AWS's answers, too.
    ///
    /// # Errors
    ///
    /// When the text is neither JSON nor YAML.
    pub fn parameter_defaults(body: &str) -> Result<BTreeMap<String, String>, TemplateError> {
        let template = text::parse(body)?;
        let declared = template.get("Parameters").and_then(Value::as_object).into_iter().flatten();
        Ok(declared.filter_map(|(name, one)| Some((name.clone(), default_of(one)?))).collect())
    }

    /// The parameters whose values AWS masks (`NoEcho`).
    ///
    /// # Errors
    ///
    /// When the text is neither JSON nor YAML.
    pub fn masked_parameters(body: &str) -> Result<BTreeSet<String>, TemplateError> {
        let template = text::parse(body)?;
        let declared = template.get("Parameters").and_then(Value::as_object).into_iter().flatten();
        Ok(declared.filter(|(_, one)| is_masked(one)).map(|(name, _)| name.clone()).collect())
    }

    /// What a template makes of a role in one account: JSON or YAML, with the functions that role templates
    /// use evaluated. Policies that other resources of the template attach to the role are part of it.
    ///
    /// `logical_id` may be left out if there is only one role. What cannot be known before deployment, such as
    /// a generated name, is an error that says where it stands.
    pub fn read(
        body: &str,
        parameters: &BTreeMap<String, String>,
        pseudo: &Pseudo,
        logical_id: Option<&str>,
    ) -> Result<RoleSpecification, TemplateError> {
        let template = text::parse(body)?;
        let root = Place::new("template");
        let template = template.as_object().ok_or_else(|| root.error("is not an object"))?;
        if template.contains_key("Transform") {
            // aws-facts A1: service-managed StackSets refuse macros, whatever they are told.
            return Err(Place::new("Transform").error("StackSets do not take templates with macros"));
        }
        let none = Map::new();
        let declared = template.get("Parameters").and_then(Value::as_object).unwrap_or(&none);
        let parameters = Parameters::resolve(declared, parameters)?;
        let scope = Scope::new(template, parameters, pseudo);
        let (logical_id, resource) = role_resource(&scope, logical_id)?;
        let mut role = role(&scope, logical_id, resource)?;
        attachment::add(&scope, &mut role)?;
        Ok(role)
    }
}

fn role_resource<'a>(
    scope: &Scope<'a>,
    logical_id: Option<&str>,
) -> Result<(&'a String, &'a Value), TemplateError> {
    let place = Place::new("Resources");
    let resources = scope.section("Resources").ok_or_else(|| place.error("the template has no resources"))?;
    let is_role = |(_, resource): &(&String, &Value)| resource["Type"] == "AWS::IAM::Role";
    let roles: Vec<(&String, &Value)> = resources.iter().filter(is_role).collect();
    let names: Vec<&str> = roles.iter().map(|(name, _)| name.as_str()).collect();
    match (logical_id, roles.as_slice()) {
        (None, [role]) => Ok(*role),
        (None, []) => Err(place.error("the template has no AWS::IAM::Role")),
        (None, _) => Err(place.error(format!("which role is meant? There are {}", names.join(", ")))),
        (Some(wanted), roles) => {
            let found = roles.iter().find(|(name, _)| name.as_str() == wanted).copied();
            let listed = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            found.ok_or_else(|| {
                place.error(format!("there is no AWS::IAM::Role `{wanted}`; there are {listed}"))
            })
        }
    }
}

/// The properties of the resource, as `AWS::IAM::Role` has them.
fn role(scope: &Scope<'_>, logical_id: &str, resource: &Value) -> Result<RoleSpecification, TemplateError> {
    let place = Place::new("Resources").child(logical_id);
    if !exists(scope, resource, &place)? {
        return Err(place.error("its condition does not hold, so there is no role"));
    }
    let place = place.child("Properties");
    let none = Map::new();
    let properties = match resource.get("Properties") {
        None => &none,
        Some(properties) => properties.as_object().ok_or_else(|| place.error("is not an object"))?,
    };
    let read = Properties::resolve(scope, properties, &place)?;
    let name = read.text("RoleName")?.ok_or_else(|| {
        place.error("without a RoleName, CloudFormation invents another name in every account")
    })?;
    let trust = read.policy("AssumeRolePolicyDocument")?;
    Ok(RoleSpecification {
        path: read.text("Path")?.unwrap_or_else(|| "/".to_owned()),
        description: read.text("Description")?,
        managed_policies: read.texts("ManagedPolicyArns")?,
        inline_policies: read.policies()?,
        permissions_boundary: read.text("PermissionsBoundary")?,
        max_session: read.max_session()?,
        tags: read.tags()?,
        ..RoleSpecification::new(&name, trust)
    })
}

/// Whether a resource's condition, if it has one, holds.
pub(crate) fn exists(scope: &Scope<'_>, resource: &Value, place: &Place) -> Result<bool, TemplateError> {
    match resource.get("Condition") {
        None => Ok(true),
        Some(Value::String(name)) => scope.condition(name, &place.child("Condition")),
        Some(_) => Err(place.child("Condition").error("is not a condition's name")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use iam_policy::PolicyDocument;

    use super::*;

    fn read(body: &str, parameters: &[(&str, &str)]) -> Result<RoleSpecification, TemplateError> {
        let parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let pseudo = Pseudo {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            partition: "aws".into(),
            stack_name: "StackSet-vendor-1".into(),
        };
        RoleTemplate::read(body, &parameters, &pseudo, None)
    }

    #[test]
    fn only_a_parameter_that_says_so_is_masked() {
        let masked = RoleTemplate::masked_parameters(VENDOR).unwrap();
        assert_eq!(masked, ["ExternalId".to_owned()].into());
        let text = VENDOR.replace("NoEcho: true", r#"NoEcho: "false""#);
        assert!(RoleTemplate::masked_parameters(&text).unwrap().is_empty());
    }

    fn check(body: &str, message: &str) {
        assert_eq!(read(body, &[]).unwrap_err().to_string(), message, "{body}");
    }

    /// A template as vendors hand it out, with the functions they use.
    const VENDOR: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  ExternalId: { Type: String, NoEcho: true, MinLength: 2 }
  VendorAccounts: { Type: CommaDelimitedList, Default: "999988887777, 111100009999" }
  Remediate: { Type: String, Default: "no", AllowedValues: ["yes", "no"] }
  Hours: { Type: Number, Default: 2 }
Mappings:
  Vendor:
    us-east-1: { Name: East }
Conditions:
  Remediates: !Equals [!Ref Remediate, "yes"]
  Commercial: !Equals [!Ref AWS::Partition, aws]
  Reads: !And [!Not [!Condition Remediates], !Condition Commercial]
Resources:
  VendorRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Join ["-", [Vendor, !FindInMap [Vendor, !Ref "AWS::Region", Name]]]
      Description: !If [Remediates, !Ref "AWS::NoValue", Reads only]
      MaxSessionDuration: !Select [0, !Split [",", "7200,3600"]]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Action: sts:AssumeRole
          Principal: { AWS: !Ref VendorAccounts }
          Condition: { StringEquals: { sts:ExternalId: !Ref ExternalId } }
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/SecurityAudit
        - !If [Remediates, !Sub "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess", !Ref AWS::NoValue]
      Policies:
        - PolicyName: collect
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - Effect: Allow
                Action: s3:GetObject
                Resource: !Sub ["arn:${AWS::Partition}:s3:::${Bucket}/${!aws:username}/*", { Bucket: !Sub "logs-${AWS::AccountId}" }]
      Tags: [{ Key: stack, Value: !Ref AWS::StackName }]
  Extra:
    Type: AWS::IAM::ManagedPolicy
    Condition: Reads
    Properties: { ManagedPolicyName: Extra, Path: /vendor/, Roles: [!Ref VendorRole], PolicyDocument: {} }
  SelfRead:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref VendorRole
      PolicyName: self
      PolicyDocument:
        Version: 2012-10-17
        Statement: { Effect: Allow, Action: iam:GetRole, Resource: !GetAtt VendorRole.Arn }
  Unrelated:
    Type: AWS::IAM::Policy
    Properties: { PolicyName: other, Roles: [SomeoneElse], PolicyDocument: { Nonsense: true } }
Outputs:
  RoleArn: { Value: !GetAtt VendorRole.Arn }
"#;

    #[test]
    fn a_vendors_template_is_read_as_the_role_it_makes() {
        let document = |statement: &str| {
            PolicyDocument::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
        };
        let trust = document(
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["999988887777","111100009999"]},
                "Condition":{"StringEquals":{"sts:ExternalId":"abc"}}}"#,
        );
        let collect = document(
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs-111122223333/${aws:username}/*"}"#,
        );
        let own = document(
            r#"{"Effect":"Allow","Action":"iam:GetRole","Resource":"arn:aws:iam::111122223333:role/Vendor-East"}"#,
        );
        let mut expected = RoleSpecification {
            description: Some("Reads only".into()),
            max_session: 7200,
            managed_policies: BTreeSet::from([
                "arn:aws:iam::aws:policy/SecurityAudit".into(),
                "arn:aws:iam::111122223333:policy/vendor/Extra".into(),
            ]),
            inline_policies: BTreeMap::from([("collect".into(), collect), ("self".into(), own)]),
            tags: BTreeMap::from([("stack".into(), "StackSet-vendor-1".into())]),
            ..RoleSpecification::new("Vendor-East", trust)
        };
        assert_eq!(read(VENDOR, &[("ExternalId", "abc")]).unwrap(), expected);

        expected.description = None;
        expected.managed_policies = BTreeSet::from([
            "arn:aws:iam::aws:policy/SecurityAudit".into(),
            "arn:aws:iam::aws:policy/PowerUserAccess".into(),
        ]);
        assert_eq!(read(VENDOR, &[("ExternalId", "abc"), ("Remediate", "yes")]).unwrap(), expected);
    }

    #[test]
    fn parameters_are_held_to_their_declarations_without_being_shown() {
        for (parameters, message) in [
            (vec![], "Parameters.ExternalId: has neither a value nor a default"),
            (
                vec![("ExternalId", "x")],
                "Parameters.ExternalId: the value has 1 characters, fewer than MinLength 2",
            ),
            (
                vec![("ExternalId", "abc"), ("Remediate", "ja")],
                "Parameters.Remediate: the value is none of the AllowedValues",
            ),
            (
                vec![("ExternalId", "abc"), ("Externalid", "y")],
                "Parameters: the template has no parameter `Externalid`",
            ),
        ] {
            assert_eq!(read(VENDOR, &parameters).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_parameter_that_is_left_out_has_its_default() {
        let defaults = RoleTemplate::parameter_defaults(VENDOR).unwrap();
        let expected =
            [("VendorAccounts", "999988887777, 111100009999"), ("Remediate", "no"), ("Hours", "2")];
        assert_eq!(defaults, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert!(RoleTemplate::parameter_defaults("Resources: {}").unwrap().is_empty());
    }

    fn with_property(property: &str) -> String {
        format!(
            "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      {property}\n      \
             AssumeRolePolicyDocument: {{ Statement: {{ Effect: Allow, Action: sts:AssumeRole, Principal: '*' }} }}\n"
        )
    }

    #[test]
    fn errors_name_the_place() {
        for (property, message) in [
            ("Path: /", ": without a RoleName, CloudFormation invents another name in every account"),
            (
                "RoleName: !ImportValue x",
                ".RoleName.Fn::ImportValue: is a function that a role template is not read with",
            ),
            ("RoleName: !Ref Missing", ".RoleName.Ref: the template has no `Missing`"),
            (
                "RoleName: !Sub 'x-${AWS::StackId}'",
                ".RoleName.Fn::Sub: AWS::StackId is known only after deployment",
            ),
            ("RoleName: !Ref R", ".RoleName: refers to itself, or is nested too deeply"),
            (
                "RoleName: '{{resolve:ssm:name}}'",
                ".RoleName: is a dynamic reference, whose value is known only in the account",
            ),
            (
                "RoleName: !Select [2, [a, b]]",
                ".RoleName.Fn::Select: the index is 2, and the list has 2 items",
            ),
            ("RoleName: !FindInMap [A, B, C]", ".RoleName.Fn::FindInMap: Mappings.A.B.C does not exist"),
            ("RoleName: !If [Never, a, b]", ".RoleName.Fn::If: the template has no condition `Never`"),
            ("RoleName: !Sub 'x-${AWS::Region'", ".RoleName.Fn::Sub: has a `${` without `}`"),
            ("RoleName: null", ".RoleName: is null, which CloudFormation does not allow"),
            ("RoleName: [a]", ".RoleName: is not text"),
            ("MaxSessionDuration: 1h\n      RoleName: a", ".MaxSessionDuration: is not a number of seconds"),
            ("Rolename: a", ".Rolename: AWS::IAM::Role has no such property"),
            ("RoleName: a\n      Policies: [{ PolicyName: p }]", ".Policies[0]: there is no PolicyDocument"),
            ("RoleName: a\n      Tags: [{ Key: k }]", ".Tags[0]: there is no Value"),
        ] {
            let error = read(&with_property(property), &[]).unwrap_err().to_string();
            let (place, what) = error.split_once(": ").unwrap();
            let (expected_place, expected_what) = message.split_once(": ").unwrap();
            assert_eq!(what, expected_what, "{property}");
            // A reference that goes round in circles is found somewhere along the way.
            let place = place.strip_prefix("Resources.R.Properties").unwrap();
            assert!(place.starts_with(expected_place), "{property}: {place}");
        }
    }

    #[test]
    fn a_template_without_one_role_is_refused() {
        check("Resources: {}", "Resources: the template has no AWS::IAM::Role");
        check("Description: nothing", "Resources: the template has no resources");
        check("- a\n- b\n", "template: is not an object");
        check(
            "Transform: AWS::Serverless-2016-10-31",
            "Transform: StackSets do not take templates with macros",
        );
        let two = "Resources: { A: { Type: 'AWS::IAM::Role' }, B: { Type: 'AWS::IAM::Role' } }";
        check(two, "Resources: which role is meant? There are A, B");
        let not_made =
            "Conditions: { No: !Equals [a, b] }\nResources: { A: { Type: 'AWS::IAM::Role', Condition: No } }";
        check(not_made, "Resources.A: its condition does not hold, so there is no role");
    }

    #[test]
    fn a_malformed_policy_is_told_with_its_place() {
        let body = with_property("RoleName: a").replace("Effect: Allow", "Efect: Allow");
        let error = read(&body, &[]).unwrap_err().to_string();
        assert!(
            error.starts_with("Resources.R.Properties.AssumeRolePolicyDocument: unknown field `Efect`"),
            "{error}"
        );
    }

    #[test]
    fn conditions_that_multiply_end() {
        let level = |number: usize| {
            let next = format!("{{ Condition: C{} }}", number + 1);
            format!("  C{number}: {{ 'Fn::Or': [{}] }}\n", vec![next; 10].join(", "))
        };
        let levels: String = (0..20).map(level).collect();
        let body = format!(
            "Conditions:\n{levels}  C20: !Equals [a, b]\n{}",
            with_property("RoleName: !If [C0, x, y]")
        );
        let error = read(&body, &[]).unwrap_err().to_string();
        assert!(error.ends_with("refers to too much"), "{error}");
    }

    #[test]
    fn conditions_that_refer_to_each_other_end() {
        let body = format!(
            "Conditions: {{ A: !Not [!Condition B], B: !Not [!Condition A] }}\n{}",
            with_property("RoleName: !If [A, x, y]")
        );
        let error = read(&body, &[]).unwrap_err().to_string();
        assert!(error.ends_with("refers to itself, or is nested too deeply"), "{error}");
    }
}
