//! The Query protocol: a form whose keys are paths into the input (`Tags.member.1.Key=owner`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A decoded form body. It has no `Debug`, as an external id may be in it.
pub(crate) struct QueryRequest {
    pub(crate) action: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) input: Value,
}

/// Folds a form body into the value that a JSON protocol would have sent; scalars stay strings.
pub(crate) fn decode(body: &[u8]) -> QueryRequest {
    let mut request = QueryRequest { action: None, version: None, input: Value::Null };
    let mut root = Node::default();
    for (key, value) in form_urlencoded::parse(body) {
        match key.as_ref() {
            "Action" => request.action = Some(value.into_owned()),
            "Version" => request.version = Some(value.into_owned()),
            key => root.insert(key.split('.'), value.into_owned()),
        }
    }
    request.input = match root.fold() {
        object @ Value::Object(_) => object,
        _ => Value::Object(Map::new()),
    };
    request
}

#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn insert<'a>(&mut self, mut path: impl Iterator<Item = &'a str>, value: String) {
        match path.next() {
            None => self.text = Some(value),
            Some(step) => self.children.entry(step.to_owned()).or_default().insert(path, value),
        }
    }

    fn fold(mut self) -> Value {
        if self.children.len() == 1
            && let Some(members) = self.children.remove("member")
        {
            return members.fold_list();
        }
        if self.children.is_empty() {
            return self.text.map_or(Value::Null, Value::String);
        }
        Value::Object(self.children.into_iter().map(|(name, child)| (name, child.fold())).collect())
    }

    /// The members of a list in the order of their numbers, which need be neither padded nor without gaps.
    fn fold_list(self) -> Value {
        let mut members: Vec<(usize, Node)> = self
            .children
            .into_iter()
            .filter_map(|(number, child)| Some((number.parse().ok()?, child)))
            .collect();
        members.sort_by_key(|(number, _)| *number);
        Value::Array(members.into_iter().map(|(_, child)| child.fold()).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: &str, expected: Value) {
        assert_eq!(decode(body.as_bytes()).input, expected, "{body}");
    }

    #[test]
    fn paths_fold_into_objects_and_lists() {
        check("Action=X&RoleName=a+b%2Bc", json!({"RoleName": "a b+c"}));
        check("Tags.member.1.Key=k&Tags.member.1.Value=v", json!({"Tags": [{"Key": "k", "Value": "v"}]}));
        check("R.member.2=b&R.member.10=c&R.member.1=a", json!({"R": ["a", "b", "c"]}));
        check(
            "DeploymentTargets.OrganizationalUnitIds.member.1=ou-1&DeploymentTargets.AccountFilterType=NONE",
            json!({"DeploymentTargets": {"OrganizationalUnitIds": ["ou-1"], "AccountFilterType": "NONE"}}),
        );
        check("Accounts=&Regions.member.1=us-east-1", json!({"Accounts": "", "Regions": ["us-east-1"]}));
        check("", json!({}));
        check("A.member.1.B.member.1=x&A.member.1.B.member.2=y", json!({"A": [{"B": ["x", "y"]}]}));
    }

    #[test]
    fn action_and_version_are_no_input() {
        let request = decode(b"Action=GetRole&Version=2010-05-08&RoleName=x");
        assert_eq!(request.action.as_deref(), Some("GetRole"));
        assert_eq!(request.version.as_deref(), Some("2010-05-08"));
        assert_eq!(request.input, json!({"RoleName": "x"}));
    }
}
