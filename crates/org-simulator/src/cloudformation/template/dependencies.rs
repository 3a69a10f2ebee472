//! What refers to what: the order in which resources are made, and unmade in reverse.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Template;
use super::intrinsic::{attribute_path, function_call};
use super::substitution::{Piece, pieces};

/// One reference from an expression, of whatever spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    /// `Ref` or a plain `Fn::Sub` variable: a parameter, pseudo parameter or resource.
    Name(String),
    /// `Fn::GetAtt` or a dotted `Fn::Sub` variable.
    Attribute(String, String),
    Condition(String),
    Mapping(String),
}

/// Every reference of an expression; the error is a function that is unknown or malformed.
pub(super) fn references(value: &Value, found: &mut BTreeSet<Reference>) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| references(item, found)),
        Value::Object(object) => match function_call(object) {
            None => object.values().try_for_each(|value| references(value, found)),
            Some((name, argument)) => references_of_call(name, argument, found),
        },
        _ => Ok(()),
    }
}

fn references_of_call(name: &str, argument: &Value, found: &mut BTreeSet<Reference>) -> Result<(), String> {
    match name {
        "Ref" => {
            let name = argument
                .as_str()
                .ok_or("Template format error: All Ref references must be of type string")?;
            found.insert(Reference::Name(name.to_owned()));
            Ok(())
        }
        "Fn::GetAtt" => {
            let (resource, attribute) = attribute_path(argument)?;
            found.insert(Reference::Attribute(resource, attribute));
            Ok(())
        }
        "Fn::Sub" => references_of_sub(argument, found),
        "Fn::If" => {
            if let Some(Value::String(condition)) = argument.get(0) {
                found.insert(Reference::Condition(condition.clone()));
            }
            references(argument, found)
        }
        "Fn::FindInMap" => {
            if let Some(Value::String(mapping)) = argument.get(0) {
                found.insert(Reference::Mapping(mapping.clone()));
            }
            references(argument, found)
        }
        "Fn::Join" | "Fn::Select" | "Fn::Split" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
            references(argument, found)
        }
        _ => Err(super::intrinsic::unsupported(name)),
    }
}

fn references_of_sub(argument: &Value, found: &mut BTreeSet<Reference>) -> Result<(), String> {
    let (text, own) = match argument {
        Value::String(text) => (text.as_str(), None),
        other => (other.get(0).and_then(Value::as_str).unwrap_or_default(), other.get(1)),
    };
    for piece in pieces(text)? {
        let Piece::Variable(name) = piece else { continue };
        if own.is_some_and(|own| own.get(name).is_some()) {
            continue;
        }
        found.insert(match name.split_once('.') {
            Some((resource, attribute)) => Reference::Attribute(resource.to_owned(), attribute.to_owned()),
            None => Reference::Name(name.to_owned()),
        });
    }
    own.map_or(Ok(()), |own| references(own, found))
}

/// Logical ids, each after those that it refers to or depends on.
pub(super) fn creation_order(template: &Template) -> Result<Vec<String>, String> {
    let mut waiting: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (logical_id, resource) in &template.resources {
        let mut found = BTreeSet::new();
        resource.properties.values().try_for_each(|value| references(value, &mut found))?;
        let referred = found.into_iter().filter_map(|reference| match reference {
            Reference::Name(name) | Reference::Attribute(name, _) => Some(name),
            Reference::Condition(_) | Reference::Mapping(_) => None,
        });
        let needs = referred.chain(resource.depends_on.iter().cloned());
        waiting.insert(logical_id, needs.filter(|name| template.resources.contains_key(name)).collect());
    }
    let mut order: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, needs)| needs.iter().all(|need| order.contains(need)))
            .map(|(logical_id, _)| *logical_id)
            .collect();
        if ready.is_empty() {
            let circle: Vec<&str> = waiting.keys().copied().collect();
            return Err(format!("Circular dependency between resources: [{}]", circle.join(", ")));
        }
        for logical_id in ready {
            waiting.remove(logical_id);
            order.push(logical_id.to_owned());
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::super::Template;

    fn role(name: &str, rest: &str) -> String {
        format!("  {name}: {{Type: AWS::IAM::Role, {rest}}}\n")
    }

    #[test]
    fn resources_come_after_what_they_need_whatever_the_spelling() {
        for need in [
            "Properties: {Path: !Ref Z}",
            "Properties: {Path: !GetAtt Z.Arn}",
            "Properties: {Path: !Sub '${Z.Arn}/x'}",
            "Properties: {Path: !Sub ['${a}', {a: !Ref Z}]}",
            "DependsOn: Z",
        ] {
            let template =
                Template::read(&format!("Resources:\n{}{}", role("A", need), role("Z", "Properties: {}")))
                    .unwrap();
            assert_eq!(template.order, ["Z", "A"], "{need}");
        }
    }

    #[test]
    fn a_circle_is_refused() {
        let body = format!("Resources:\n{}{}", role("A", "DependsOn: B"), role("B", "DependsOn: [A]"));
        assert_eq!(Template::read(&body).unwrap_err(), "Circular dependency between resources: [A, B]");
    }
}
