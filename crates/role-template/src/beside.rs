//! Policies that stand beside the role in a template, where drift detection does not look.

use serde_json::{Map, Value};

use crate::Problem;

/// A policy that is a resource of its own and belongs to a role. CloudFormation calls the role `IN_SYNC`
/// whatever somebody does to such a policy (aws-facts A12).
pub(crate) fn beside_the_role(template: &Map<String, Value>) -> Vec<Problem> {
    let resources = template.get("Resources").and_then(Value::as_object).into_iter().flatten();
    let beside = resources.filter_map(|(name, resource)| {
        let kind = resource.get("Type")?.as_str()?;
        let names_roles =
            resource.get("Properties").is_some_and(|properties| properties.get("Roles").is_some());
        let advice = match kind {
            "AWS::IAM::Policy" if names_roles => "write it into the role's `Policies`",
            "AWS::IAM::ManagedPolicy" if names_roles || a_role_attaches(template, name) => {
                "trust the verification of the role, not drift detection"
            }
            _ => return None,
        };
        let message = format!("`{name}` is an {kind}, to which drift detection sees no changes: {advice}");
        Some(Problem::unwise(format!("Resources.{name}"), message))
    });
    beside.collect()
}

/// Whether a role of the template lists the policy among its `ManagedPolicyArns`.
fn a_role_attaches(template: &Map<String, Value>, policy: &str) -> bool {
    let resources = template.get("Resources").and_then(Value::as_object);
    let mut roles = resources.into_iter().flatten().map(|(_, resource)| resource);
    roles.any(|resource| {
        resource.get("Type").is_some_and(|kind| kind == "AWS::IAM::Role")
            && resource["Properties"].get("ManagedPolicyArns").is_some_and(|arns| refers_to(arns, policy))
    })
}

fn refers_to(value: &Value, policy: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| refers_to(item, policy)),
        Value::Object(object) => {
            object.iter().any(|(key, value)| names(key, value, policy) || refers_to(value, policy))
        }
        _ => false,
    }
}

/// Whether a function with this argument gives something of the resource.
fn names(function: &str, argument: &Value, resource: &str) -> bool {
    let named = match function {
        "Ref" => argument.as_str(),
        "Fn::GetAtt" => match argument {
            Value::String(text) => text.split('.').next(),
            _ => argument.get(0).and_then(Value::as_str),
        },
        _ => None,
    };
    named == Some(resource)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{Problem, RoleTemplate};

    /// The resources that are told, and all of them as unwise.
    #[track_caller]
    fn check(resources: &str, expected: &[&str]) {
        let body = format!("Resources:\n{resources}");
        let found = RoleTemplate::problems(&body, &BTreeMap::new()).unwrap();
        let expected: Vec<Problem> = expected
            .iter()
            .map(|line| {
                let name = line.split('`').nth(1).unwrap();
                Problem::unwise(format!("Resources.{name}"), *line)
            })
            .collect();
        assert_eq!(found, expected);
    }

    const POLICY: &str = "`P` is an AWS::IAM::Policy, to which drift detection sees no changes: write it into the \
                          role's `Policies`";
    const MANAGED: &str = "`P` is an AWS::IAM::ManagedPolicy, to which drift detection sees no changes: trust the \
                           verification of the role, not drift detection";

    #[test]
    fn a_policy_beside_its_role_is_unwise() {
        check("  P: { Type: 'AWS::IAM::Policy', Properties: { Roles: [!Ref R] } }", &[POLICY]);
        check("  P: { Type: 'AWS::IAM::Policy', Properties: { Groups: [Admins] } }", &[]);
        check("  P: { Type: 'AWS::IAM::RolePolicy', Properties: { RoleName: !Ref R } }", &[]);
    }

    #[test]
    fn a_managed_policy_is_unwise_whichever_side_attaches_it() {
        let role = |arn: &str| {
            format!(
                "  R: {{ Type: 'AWS::IAM::Role', Properties: {{ ManagedPolicyArns: [{arn}] }} }}\n  \
                 P: {{ Type: 'AWS::IAM::ManagedPolicy' }}"
            )
        };
        check("  P: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [R] } }", &[MANAGED]);
        check(&role("!Ref P"), &[MANAGED]);
        check(&role("!If [C, !GetAtt P.PolicyArn, x]"), &[MANAGED]);
        check(&role("!GetAtt [P, PolicyArn]"), &[MANAGED]);
        check(&role("!Ref Q"), &[]);
    }
}
