//! Intrinsic functions and pseudo parameters, evaluated for one stack.
//!
//! `Fn::Sub` is in `substitution`, what decides in `conditions`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Template;

/// What a provisioned resource answers to `Ref` and `Fn::GetAtt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) reference: String,
    pub(crate) attributes: BTreeMap<&'static str, String>,
}

/// The values of the pseudo parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pseudo<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) stack_name: &'a str,
    pub(crate) stack_id: &'a str,
}

/// Everything that an expression can refer to.
pub(crate) struct Scope<'a> {
    pub(crate) template: &'a Template,
    pub(crate) parameters: &'a BTreeMap<String, String>,
    pub(crate) pseudo: Pseudo<'a>,
    /// The resources that exist already, by logical id.
    pub(crate) resources: BTreeMap<String, Attributes>,
}

/// The functions as AWS lists them when it meets another one.
const SUPPORTED: &str = "Fn::FindInMap, Fn::GetAtt, Fn::If, Fn::Join, Fn::Select, Fn::Split, Fn::Sub, \
                         Fn::And, Fn::Equals, Fn::Not, Fn::Or, Condition, Ref";

type Evaluated = Result<Option<Value>, String>;

impl Scope<'_> {
    /// Evaluates an expression. `None` is `AWS::NoValue`: the property that holds it disappears.
    pub(crate) fn evaluate(&self, value: &Value) -> Evaluated {
        match value {
            Value::Object(object) => match function_call(object) {
                Some((name, argument)) => self.call(name, argument),
                None => self.object(object).map(|object| Some(Value::Object(object))),
            },
            Value::Array(items) => {
                let mut evaluated = Vec::with_capacity(items.len());
                for item in items {
                    evaluated.extend(self.evaluate(item)?);
                }
                Ok(Some(Value::Array(evaluated)))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    /// Evaluates the properties of a resource.
    pub(crate) fn object(&self, object: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let mut evaluated = Map::new();
        for (key, value) in object {
            if let Some(value) = self.evaluate(value)? {
                evaluated.insert(key.clone(), value);
            }
        }
        Ok(evaluated)
    }

    fn call(&self, name: &str, argument: &Value) -> Evaluated {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default()),
            "Fn::Sub" => self.substitute(argument).map(Some),
            "Fn::Join" => self.join(argument).map(Some),
            "Fn::GetAtt" => self.attribute(argument).map(Some),
            "Fn::If" => self.choose(argument),
            "Fn::Select" => self.select(argument).map(Some),
            "Fn::Split" => self.split(argument).map(Some),
            "Fn::FindInMap" => self.find_in_map(argument).map(Some),
            _ => Err(unsupported(name)),
        }
    }

    pub(super) fn reference(&self, name: &str) -> Evaluated {
        let pseudo = &self.pseudo;
        let text = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::NotificationARNs" => return Ok(Some(Value::Array(Vec::new()))),
            "AWS::AccountId" => pseudo.account,
            "AWS::Region" => pseudo.region,
            "AWS::StackName" => pseudo.stack_name,
            "AWS::StackId" => pseudo.stack_id,
            "AWS::Partition" => partition(pseudo.region),
            "AWS::URLSuffix" if pseudo.region.starts_with("cn-") => "amazonaws.com.cn",
            "AWS::URLSuffix" => "amazonaws.com",
            _ => {
                if let Some(value) = self.parameters.get(name) {
                    let is_list =
                        self.template.parameters.get(name).is_some_and(super::ParameterDeclaration::is_list);
                    return Ok(Some(if is_list {
                        value.split(',').map(str::trim).map(Value::from).collect()
                    } else {
                        Value::from(value.as_str())
                    }));
                }
                match self.resources.get(name) {
                    Some(resource) => resource.reference.as_str(),
                    None => {
                        return Err(format!(
                            "Template error: instance of Ref references undefined resource {name}"
                        ));
                    }
                }
            }
        };
        Ok(Some(Value::from(text)))
    }

    pub(super) fn attribute(&self, argument: &Value) -> Result<Value, String> {
        let (resource, attribute) = attribute_path(argument)?;
        let attributes = self.resources.get(&resource).ok_or_else(|| {
            format!("Template error: instance of Fn::GetAtt references undefined resource {resource}")
        })?;
        let value = attributes.attributes.get(attribute.as_str());
        value.map(|value| Value::from(value.as_str())).ok_or_else(|| {
            format!("Template error: resource {resource} does not support attribute type {attribute} in Fn::GetAtt")
        })
    }

    fn join(&self, argument: &Value) -> Result<Value, String> {
        const WRONG: &str = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and \
                             (2) a list of strings to be joined or a function that returns a list of strings (such as \
                             Fn::GetAZs) to be joined.";
        let Some([Value::String(delimiter), items]) = argument.as_array().map(Vec::as_slice) else {
            return Err(WRONG.to_owned());
        };
        let items = self.evaluate(items)?;
        let items = items.as_ref().and_then(Value::as_array).ok_or(WRONG)?;
        let texts: Vec<String> =
            items.iter().map(|item| text_of(Some(item), "Fn::Join")).collect::<Result<_, _>>()?;
        Ok(Value::from(texts.join(delimiter)))
    }

    fn choose(&self, argument: &Value) -> Evaluated {
        let Some([Value::String(condition), then, otherwise]) = argument.as_array().map(Vec::as_slice) else {
            return Err(
                "Template error: Fn::If requires a list argument with the first element being a condition"
                    .to_owned(),
            );
        };
        self.evaluate(if self.condition(condition)? { then } else { otherwise })
    }

    fn select(&self, argument: &Value) -> Result<Value, String> {
        const WRONG: &str = "Template error: Fn::Select requires a list argument with two elements: an integer index \
                             and a list";
        let Some([index, items]) = argument.as_array().map(Vec::as_slice) else {
            return Err(WRONG.to_owned());
        };
        let index = text_of(self.evaluate(index)?.as_ref(), "Fn::Select")?;
        let items = self.evaluate(items)?;
        let items = items.as_ref().and_then(Value::as_array).ok_or(WRONG)?;
        let chosen = index.parse().ok().and_then(|index: usize| items.get(index));
        chosen.cloned().ok_or_else(|| {
            format!("Template error: Fn::Select cannot select nonexistent value at index {index}")
        })
    }

    fn split(&self, argument: &Value) -> Result<Value, String> {
        let Some([Value::String(delimiter), text]) = argument.as_array().map(Vec::as_slice) else {
            return Err("Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) \
                        a string to be split or a function that returns a string to be split."
                .to_owned());
        };
        let text = text_of(self.evaluate(text)?.as_ref(), "Fn::Split")?;
        Ok(text.split(delimiter.as_str()).map(Value::from).collect())
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value, String> {
        let Some([map, top, second]) = argument.as_array().map(Vec::as_slice) else {
            return Err("Template error: every Fn::FindInMap object requires three parameters, the map name, map key \
                        and the attribute for return value"
                .to_owned());
        };
        let text = |value: &Value| text_of(self.evaluate(value)?.as_ref(), "Fn::FindInMap");
        let (map, top, second) = (text(map)?, text(top)?, text(second)?);
        let found =
            self.template.mappings.get(&map).and_then(|map| map.get(&top)).and_then(|keys| keys.get(&second));
        found
            .cloned()
            .ok_or_else(|| format!("Template error: Unable to get mapping for {map}::{top}::{second}"))
    }
}

/// The single key of an object when that names a function. `Condition` is a function only inside the
/// Conditions section: policy statements have a member of that name.
pub(super) fn function_call(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next().filter(|_| object.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

/// Logical id and attribute of a `Fn::GetAtt`, which may be a list or a dotted string.
pub(super) fn attribute_path(argument: &Value) -> Result<(String, String), String> {
    let parts = match argument {
        Value::String(path) => {
            path.split_once('.').map(|(resource, attribute)| (resource.to_owned(), attribute.to_owned()))
        }
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(resource), Value::String(attribute)] => {
                Some((resource.clone(), attribute.clone()))
            }
            _ => None,
        },
        _ => None,
    };
    parts.ok_or_else(|| {
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource \
         attribute"
            .to_owned()
    })
}

pub(super) fn unsupported(name: &str) -> String {
    format!("Template error: Encountered unsupported function: {name} Supported functions are: [{SUPPORTED}]")
}

fn partition(region: &str) -> &'static str {
    match region.split_once('-').map(|(prefix, _)| prefix) {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

pub(super) fn text_of(value: Option<&Value>, function: &str) -> Result<String, String> {
    match value {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::Bool(value)) => Ok(value.to_string()),
        None => Ok(String::new()),
        Some(_) => Err(format!("Template error: every value of {function} must resolve to a string")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEMPLATE: &str = "
Parameters:
  Name: {Type: String, Default: audit}
  Accounts: {Type: CommaDelimitedList, Default: '111122223333, 444455556666'}
Mappings:
  Ids:
    '222233334444': {External: abc, List: [x, y]}
Conditions:
  Yes: !Equals [!Ref Name, audit]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Condition No]
  Either: !Or [!Condition Yes, !Condition No]
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
";

    fn check(expression: Value) -> Evaluated {
        let template = Template::read(TEMPLATE).unwrap();
        let parameters = template.parameter_values(&BTreeMap::new()).unwrap();
        let role = Attributes {
            reference: "Made".to_owned(),
            attributes: BTreeMap::from([("Arn", "arn:aws:iam::222233334444:role/Made".to_owned())]),
        };
        let scope = Scope {
            template: &template,
            parameters: &parameters,
            pseudo: Pseudo {
                account: "222233334444",
                region: "eu-central-1",
                stack_name: "S",
                stack_id: "arn:S",
            },
            resources: BTreeMap::from([("Role".to_owned(), role)]),
        };
        scope.evaluate(&expression)
    }

    #[test]
    fn every_function_gives_what_its_documentation_says() {
        for (expression, expected) in [
            (json!({"Ref": "Name"}), json!("audit")),
            (json!({"Ref": "Accounts"}), json!(["111122223333", "444455556666"])),
            (json!({"Ref": "Role"}), json!("Made")),
            (json!({"Ref": "AWS::AccountId"}), json!("222233334444")),
            (json!({"Ref": "AWS::Region"}), json!("eu-central-1")),
            (json!({"Ref": "AWS::Partition"}), json!("aws")),
            (json!({"Ref": "AWS::URLSuffix"}), json!("amazonaws.com")),
            (json!({"Ref": "AWS::StackName"}), json!("S")),
            (json!({"Ref": "AWS::NotificationARNs"}), json!([])),
            (
                json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}),
                json!("arn:aws:iam::222233334444:root"),
            ),
            (
                json!({"Fn::Sub": "${!aws:username} ${Role.Arn} ${Name}$"}),
                json!("${aws:username} arn:aws:iam::222233334444:role/Made audit$"),
            ),
            (
                json!({"Fn::Sub": ["${a}-${Name}", {"a": {"Ref": "AWS::Region"}}]}),
                json!("eu-central-1-audit"),
            ),
            (json!({"Fn::Join": [":", ["a", {"Ref": "AWS::NoValue"}, 1, true]]}), json!("a:1:true")),
            (json!({"Fn::Join": [",", {"Ref": "Accounts"}]}), json!("111122223333,444455556666")),
            (json!({"Fn::GetAtt": ["Role", "Arn"]}), json!("arn:aws:iam::222233334444:role/Made")),
            (json!({"Fn::If": ["Yes", 1, 2]}), json!(1)),
            (json!({"Fn::If": ["No", 1, 2]}), json!(2)),
            (json!({"Fn::If": ["Both", 1, 2]}), json!(2)),
            (json!({"Fn::If": ["Either", 1, 2]}), json!(1)),
            (json!({"Fn::Select": ["1", {"Fn::Split": [".", "a.b.c"]}]}), json!("b")),
            (json!({"Fn::FindInMap": ["Ids", {"Ref": "AWS::AccountId"}, "External"]}), json!("abc")),
            (json!({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}), json!({"b": [1]})),
            (
                json!({"Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "Name"}}}}),
                json!({"Condition": {"StringEquals": {"sts:ExternalId": "audit"}}}),
            ),
        ] {
            assert_eq!(check(expression.clone()).unwrap(), Some(expected), "{expression}");
        }
        assert_eq!(check(json!({"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]})).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_evaluated_says_so_in_the_words_of_aws() {
        for (expression, expected) in [
            (
                json!({"Fn::FindInMap": ["Ids", "999999999999", "External"]}),
                "Template error: Unable to get mapping for Ids::999999999999::External",
            ),
            (
                json!({"Fn::Select": [5, ["a"]]}),
                "Template error: Fn::Select cannot select nonexistent value at index 5",
            ),
            (
                json!({"Fn::GetAtt": ["Role", "Name"]}),
                "Template error: resource Role does not support attribute type Name in Fn::GetAtt",
            ),
            (
                json!({"Fn::GetAtt": ["Nobody", "Arn"]}),
                "Template error: instance of Fn::GetAtt references undefined resource Nobody",
            ),
            (
                json!({"Fn::Cidr": ["10.0.0.0/16", 4]}),
                "Template error: Encountered unsupported function: Fn::Cidr",
            ),
            (
                json!({"Fn::Sub": "${a b}"}),
                "Template error: variable names in Fn::Sub syntax must contain only",
            ),
            (json!({"Fn::Join": ["", "x"]}), "Template error: every Fn::Join object requires two parameters"),
        ] {
            let message = check(expression.clone()).unwrap_err();
            assert!(message.starts_with(expected), "{expression}: {message}");
        }
    }
}
