//! Specification to template.

use std::collections::BTreeMap;
use std::fmt;

use iam_policy::{MASK, PolicyDocument, Rendering};
use serde_json::{Map, Value, json};

use crate::RoleSpecification;

/// A template and the parameter values to deploy it with.
#[derive(Clone, PartialEq, Eq)]
pub struct RoleTemplate {
    /// JSON. The same specification always gives the same text, and no external ID stands in it.
    pub body: String,
    /// The external IDs. Their parameters are `NoEcho`, so AWS answers them masked; whether one has changed
    /// can only be told by a digest that is kept elsewhere (aws-facts A8).
    pub parameters: BTreeMap<String, String>,
    /// The role's name inside the template.
    pub role_logical_id: String,
}

/// CloudFormation takes no more bytes than this in a request (aws-facts A15).
pub const MAX_TEMPLATE_BYTES: usize = 51_200;

const ROLE: &str = "Role";

impl RoleTemplate {
    /// The template that creates exactly this role.
    ///
    /// Values that equal IAM's defaults are written too: drift detection compares only what a template says
    /// (aws-facts A12).
    pub fn from_specification(specification: &RoleSpecification) -> RoleTemplate {
        let mut rendering = TemplateRendering::default();
        let properties = properties(specification, &mut rendering);
        let mut template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": format!("The IAM role {}", specification.name),
            "Resources": { ROLE: { "Type": "AWS::IAM::Role", "Properties": properties } },
            "Outputs": { "RoleArn": { "Value": { "Fn::GetAtt": [ROLE, "Arn"] } } },
        });
        if !rendering.parameters.is_empty() {
            template["Parameters"] = rendering.declarations();
        }
        let parameters = rendering.parameters.into_iter().map(|(value, name)| (name, value)).collect();
        RoleTemplate { body: body(&template), parameters, role_logical_id: ROLE.to_owned() }
    }
}

/// Indented for people, unless the indentation is what makes it too large.
fn body(template: &Value) -> String {
    let pretty = format!("{template:#}\n");
    if pretty.len() > MAX_TEMPLATE_BYTES { template.to_string() } else { pretty }
}

fn properties(specification: &RoleSpecification, rendering: &mut TemplateRendering) -> Value {
    let mut properties = json!({
        "RoleName": specification.name,
        "Path": specification.path,
        "AssumeRolePolicyDocument": specification.trust.render(rendering),
        "MaxSessionDuration": specification.max_session,
    });
    if let Some(description) = &specification.description {
        properties["Description"] = json!(description);
    }
    if !specification.managed_policies.is_empty() {
        properties["ManagedPolicyArns"] = json!(specification.managed_policies);
    }
    if !specification.inline_policies.is_empty() {
        let policies = specification.inline_policies.iter();
        let mut policy = |(name, document): (&String, &PolicyDocument)| json!({ "PolicyName": name, "PolicyDocument": document.render(rendering) });
        properties["Policies"] = policies.map(&mut policy).collect();
    }
    if let Some(boundary) = &specification.permissions_boundary {
        properties["PermissionsBoundary"] = json!(boundary);
    }
    if !specification.tags.is_empty() {
        let tags = specification.tags.iter();
        properties["Tags"] = tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    }
    properties
}

/// Collects external IDs as parameters while documents are written.
#[derive(Default)]
struct TemplateRendering {
    /// External ID to parameter name.
    parameters: BTreeMap<String, String>,
}

impl Rendering for TemplateRendering {
    /// IAM answers accounts as ARNs, and drift detection compares text; so the template has the ARN, in
    /// whichever partition it is deployed.
    fn account(&mut self, id: &str) -> Value {
        json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{id}:root") })
    }

    fn external_id(&mut self, value: &str) -> Value {
        let name = match self.parameters.len() {
            0 => "ExternalId".to_owned(),
            count => format!("ExternalId{}", count + 1),
        };
        json!({ "Ref": self.parameters.entry(value.to_owned()).or_insert(name) })
    }
}

impl TemplateRendering {
    fn declarations(&self) -> Value {
        let declaration = |name: &String| {
            let description = "What a caller has to send as sts:ExternalId";
            (name.clone(), json!({ "Type": "String", "NoEcho": true, "Description": description }))
        };
        Value::Object(self.parameters.values().map(declaration).collect::<Map<_, _>>())
    }
}

/// The values of parameters are masked.
impl fmt::Debug for RoleTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: BTreeMap<&str, &str> =
            self.parameters.keys().map(|name| (name.as_str(), MASK)).collect();
        formatter
            .debug_struct("RoleTemplate")
            .field("body", &self.body)
            .field("parameters", &parameters)
            .field("role_logical_id", &self.role_logical_id)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role() -> RoleSpecification {
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"tell-nobody"}}}}"#;
        RoleSpecification::new("Vendor", PolicyDocument::parse(trust).unwrap())
    }

    #[test]
    fn an_external_id_is_a_parameter_and_stands_nowhere_else() {
        let template = RoleTemplate::from_specification(&role());
        assert!(!template.body.contains("nobody"));
        assert!(!format!("{template:?}").contains("nobody"));
        assert_eq!(template.parameters, BTreeMap::from([("ExternalId".into(), "tell-nobody".into())]));
        let body: Value = serde_json::from_str(&template.body).unwrap();
        let statement = &body["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
        assert_eq!(statement["Condition"]["StringEquals"]["sts:ExternalId"], json!({ "Ref": "ExternalId" }));
        assert_eq!(
            statement["Principal"]["AWS"],
            json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::111122223333:root" })
        );
        assert_eq!(body["Parameters"]["ExternalId"]["NoEcho"], json!(true));
        assert_eq!(body["Parameters"]["ExternalId"]["Type"], json!("String"));
    }

    #[test]
    fn each_external_id_has_one_parameter_wherever_it_stands() {
        let mut role = role();
        let collect = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*",
            "Condition":{"StringEquals":{"sts:ExternalId":["tell-nobody","another-id"]}}}}"#;
        role.inline_policies.insert("onwards".into(), PolicyDocument::parse(collect).unwrap());
        let template = RoleTemplate::from_specification(&role);
        let expected = [("ExternalId", "tell-nobody"), ("ExternalId2", "another-id")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(template.parameters, BTreeMap::from(expected));
    }

    #[test]
    fn a_template_has_no_empty_sections() {
        let trust = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;
        let role = RoleSpecification::new("Plain", PolicyDocument::parse(trust).unwrap());
        let body: Value = serde_json::from_str(&RoleTemplate::from_specification(&role).body).unwrap();
        assert_eq!(body.get("Parameters"), None);
        let mut properties: Vec<&String> =
            body["Resources"]["Role"]["Properties"].as_object().unwrap().keys().collect();
        properties.sort();
        assert_eq!(properties, ["AssumeRolePolicyDocument", "MaxSessionDuration", "Path", "RoleName"]);
    }

    #[test]
    fn indentation_is_given_up_before_the_size_limit_is_hit() {
        let mut role = role();
        let actions: Vec<String> = (0..1500).map(|number| format!("service:ActionNumber{number}")).collect();
        let policy = json!({ "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" } });
        role.inline_policies.insert("large".into(), PolicyDocument::from_value(&policy).unwrap());
        let body = RoleTemplate::from_specification(&role).body;
        assert!(body.len() <= MAX_TEMPLATE_BYTES, "{} bytes", body.len());
    }
}
