//! `AWS::IAM::Role`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::edit::{self, Edit, Tagged};
use super::{Made, Properties, Setting, as_text, named_policies, texts};
use crate::call::ApiError;
use crate::cloudformation::template::Attributes;
use crate::world::World;

/// What IAM gives a role that names no session duration.
const DEFAULT_SESSION_SECONDS: i64 = 3600;

pub(super) fn create(
    world: &mut World,
    setting: &Setting<'_>,
    properties: &Properties,
) -> Result<Made, ApiError> {
    let name = match properties.get("RoleName") {
        Some(name) => as_text(name),
        None => setting.generated_name(world),
    };
    let mut request = json!({
        "RoleName": name,
        "AssumeRolePolicyDocument": properties.get("AssumeRolePolicyDocument").map(as_text).unwrap_or_default(),
    });
    for member in ["Path", "Description", "MaxSessionDuration", "PermissionsBoundary"] {
        if let Some(value) = properties.get(member) {
            request[member] = Value::from(as_text(value));
        }
    }
    if let Some(tags) = edit::tag_list(properties) {
        request["Tags"] = tags;
    }
    let role = setting.iam(world, "CreateRole", request)?;

    if let Err(error) = add_policies(world, setting, &name, properties) {
        // The first failure is the one that matters; what was made is taken away again as far as possible.
        let _ = delete(world, setting, &name, properties);
        return Err(error);
    }
    let attribute = |member: &str| role["Role"][member].as_str().unwrap_or_default().to_owned();
    Ok(Made {
        attributes: Attributes {
            reference: name.clone(),
            attributes: BTreeMap::from([("Arn", attribute("Arn")), ("RoleId", attribute("RoleId"))]),
        },
        physical_id: name,
    })
}

fn add_policies(
    world: &mut World,
    setting: &Setting<'_>,
    role: &str,
    properties: &Properties,
) -> Result<(), ApiError> {
    for arn in texts(properties, "ManagedPolicyArns") {
        setting.iam(world, "AttachRolePolicy", json!({"RoleName": role, "PolicyArn": arn}))?;
    }
    for (policy, document) in named_policies(properties) {
        put_policy(world, setting, role, &policy, &document)?;
    }
    Ok(())
}

fn put_policy(
    world: &mut World,
    setting: &Setting<'_>,
    role: &str,
    policy: &str,
    document: &Value,
) -> Result<(), ApiError> {
    let request = json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": as_text(document)});
    setting.iam(world, "PutRolePolicy", request).map(drop)
}

/// Changes what differs.
pub(super) fn update(
    world: &mut World,
    setting: &Setting<'_>,
    role: &str,
    old: &Properties,
    new: &Properties,
) -> Result<(), ApiError> {
    edit::carry_out(world, setting, edits(role, old, new), edits(role, new, old))
}

/// The calls that bring a role from one set of properties to another.
fn edits(role: &str, old: &Properties, new: &Properties) -> Vec<Edit> {
    let changed = |name: &str| old.get(name) != new.get(name);
    let text = |name: &str| new.get(name).map(as_text);
    let mut edits = Vec::new();
    if changed("AssumeRolePolicyDocument") {
        let document = text("AssumeRolePolicyDocument").unwrap_or_default();
        let request = json!({"RoleName": role, "PolicyDocument": document});
        edits.push(Edit::new("trust", "UpdateAssumeRolePolicy", request));
    }
    // The resource type asks for permission to both UpdateRole and UpdateRoleDescription; which of them changes the
    // description is [unsure], so whoever lacks either meets it here.
    if changed("Description") {
        let request = json!({"RoleName": role, "Description": text("Description").unwrap_or_default()});
        edits.push(Edit::new("description", "UpdateRoleDescription", request));
    }
    if changed("MaxSessionDuration") {
        let seconds = text("MaxSessionDuration").unwrap_or_else(|| DEFAULT_SESSION_SECONDS.to_string());
        let request = json!({"RoleName": role, "MaxSessionDuration": seconds});
        edits.push(Edit::new("session", "UpdateRole", request));
    }
    if changed("PermissionsBoundary") {
        edits.push(match text("PermissionsBoundary") {
            Some(arn) => {
                let request = json!({"RoleName": role, "PermissionsBoundary": arn});
                Edit::new("boundary", "PutRolePermissionsBoundary", request)
            }
            None => Edit::new("boundary", "DeleteRolePermissionsBoundary", json!({"RoleName": role})),
        });
    }
    edits.extend(inline_policy_edits(role, old, new));
    edits.extend(attachment_edits(role, old, new));
    let tagged = Tagged { named: ("RoleName", role), tag: "TagRole", untag: "UntagRole" };
    edits.extend(tagged.edits(old, new));
    edits
}

fn inline_policy_edits(role: &str, old: &Properties, new: &Properties) -> Vec<Edit> {
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (named_policies(old).into_iter().collect(), named_policies(new).into_iter().collect());
    let aspect = |policy: &String| format!("policy {policy}");
    let put = new.iter().filter(|(policy, document)| old.get(*policy) != Some(*document)).map(
        |(policy, document)| {
            let request =
                json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": as_text(document)});
            Edit::new(aspect(policy), "PutRolePolicy", request)
        },
    );
    let deleted = old.keys().filter(|policy| !new.contains_key(*policy)).map(|policy| {
        Edit::new(aspect(policy), "DeleteRolePolicy", json!({"RoleName": role, "PolicyName": policy}))
    });
    put.chain(deleted).collect()
}

fn attachment_edits(role: &str, old: &Properties, new: &Properties) -> Vec<Edit> {
    let (old, new) = (texts(old, "ManagedPolicyArns"), texts(new, "ManagedPolicyArns"));
    let edit =
        |arn: &String, operation| Edit::new(arn, operation, json!({"RoleName": role, "PolicyArn": arn}));
    let attached = new.iter().filter(|arn| !old.contains(arn)).map(|arn| edit(arn, "AttachRolePolicy"));
    let detached = old.iter().filter(|arn| !new.contains(arn)).map(|arn| edit(arn, "DetachRolePolicy"));
    attached.chain(detached).collect()
}

pub(super) fn delete(
    world: &mut World,
    setting: &Setting<'_>,
    role: &str,
    properties: &Properties,
) -> Result<(), ApiError> {
    for (policy, _) in named_policies(properties) {
        setting.iam_unless_gone(
            world,
            "DeleteRolePolicy",
            json!({"RoleName": role, "PolicyName": policy}),
        )?;
    }
    for arn in texts(properties, "ManagedPolicyArns") {
        setting.iam_unless_gone(world, "DetachRolePolicy", json!({"RoleName": role, "PolicyArn": arn}))?;
    }
    setting.iam_unless_gone(world, "DeleteRole", json!({"RoleName": role}))
}

/// The live role in the shape of the template's properties. Inline policies are read by the names that the
/// template gives: others are not looked for (aws-facts A12).
pub(super) fn read(
    world: &mut World,
    setting: &Setting<'_>,
    name: &str,
    expected: &Properties,
) -> Result<Properties, ApiError> {
    let answer = setting.iam(world, "GetRole", json!({"RoleName": name}))?;
    let role = &answer["Role"];
    let mut live = Properties::new();
    for member in ["RoleName", "Path", "Description", "MaxSessionDuration", "Tags"] {
        if let Some(value) = role.get(member) {
            live.insert(member.to_owned(), value.clone());
        }
    }
    if let Some(arn) = role["PermissionsBoundary"].get("PermissionsBoundaryArn") {
        live.insert("PermissionsBoundary".to_owned(), arn.clone());
    }
    live.insert("AssumeRolePolicyDocument".to_owned(), super::decoded(&role["AssumeRolePolicyDocument"]));

    let attached =
        setting.iam(world, "ListAttachedRolePolicies", json!({"RoleName": name, "MaxItems": 1000}))?;
    let arns = attached["AttachedPolicies"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|policy| policy["PolicyArn"].clone());
    live.insert("ManagedPolicyArns".to_owned(), arns.collect());

    let mut policies = Vec::new();
    for (policy, _) in named_policies(expected) {
        match setting.iam(world, "GetRolePolicy", json!({"RoleName": name, "PolicyName": policy})) {
            Ok(answer) => {
                let document = super::decoded(&answer["PolicyDocument"]);
                policies.push(json!({"PolicyName": policy, "PolicyDocument": document}));
            }
            Err(error) if error.code == "NoSuchEntity" => {}
            Err(error) => return Err(error),
        }
    }
    live.insert("Policies".to_owned(), Value::Array(policies));
    Ok(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: Value, new: Value) -> Vec<(String, &'static str)> {
        let edits = edits("R", old.as_object().unwrap(), new.as_object().unwrap());
        edits.into_iter().map(|edit| (edit.aspect, edit.operation)).collect()
    }

    #[test]
    fn only_what_differs_is_edited_and_the_way_back_names_the_same_aspects() {
        let policy =
            |name: &str, document: u8| json!({"PolicyName": name, "PolicyDocument": {"v": document}});
        for (old, new, expected) in [
            (json!({"Description": "a"}), json!({"Description": "a"}), vec![]),
            (json!({}), json!({"Description": "a"}), vec![("description", "UpdateRoleDescription")]),
            (json!({"MaxSessionDuration": 7200}), json!({}), vec![("session", "UpdateRole")]),
            (
                json!({"PermissionsBoundary": "b"}),
                json!({}),
                vec![("boundary", "DeleteRolePermissionsBoundary")],
            ),
            (
                json!({"ManagedPolicyArns": ["a", "b"]}),
                json!({"ManagedPolicyArns": ["b", "c"]}),
                vec![("c", "AttachRolePolicy"), ("a", "DetachRolePolicy")],
            ),
            (
                json!({"Policies": [policy("p", 1), policy("q", 1), policy("r", 1)]}),
                json!({"Policies": [policy("p", 1), policy("q", 2)]}),
                vec![("policy q", "PutRolePolicy"), ("policy r", "DeleteRolePolicy")],
            ),
            (
                json!({"Tags": [{"Key": "k", "Value": "1"}, {"Key": "l", "Value": "1"}]}),
                json!({"Tags": [{"Key": "k", "Value": "2"}]}),
                vec![("tag k", "TagRole"), ("tag l", "UntagRole")],
            ),
        ] {
            let expected: Vec<(String, &str)> =
                expected.into_iter().map(|(aspect, operation)| (aspect.to_owned(), operation)).collect();
            assert_eq!(check(old.clone(), new.clone()), expected, "{old} to {new}");
            let aspects = |edits: Vec<(String, &str)>| {
                let mut aspects: Vec<String> = edits.into_iter().map(|(aspect, _)| aspect).collect();
                aspects.sort();
                aspects
            };
            assert_eq!(aspects(check(new, old)), aspects(expected));
        }
    }
}
