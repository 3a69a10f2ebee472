//! The Conditions section: `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and `Condition`.

use serde_json::Value;

use super::intrinsic::Scope;

/// Conditions may refer to each other this deep; AWS refuses circles, and this bound finds them.
const MAX_CONDITION_DEPTH: usize = 100;

impl Scope<'_> {
    /// Whether a condition of the template holds.
    pub(crate) fn condition(&self, name: &str) -> Result<bool, String> {
        self.named_condition(name, 0)
    }

    fn named_condition(&self, name: &str, depth: usize) -> Result<bool, String> {
        if depth > MAX_CONDITION_DEPTH {
            return Err(format!("Template format error: Circular dependency between conditions: [{name}]"));
        }
        let expression = self
            .template
            .conditions
            .get(name)
            .ok_or_else(|| format!("Template error: unresolved condition dependency {name} in Fn::If"))?;
        self.truth(expression, depth + 1)
    }

    fn truth(&self, expression: &Value, depth: usize) -> Result<bool, String> {
        let single =
            expression.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
        let Some((name, argument)) = single else {
            return Err("Template format error: Conditions can only be boolean operations on parameters and other conditions".to_owned());
        };
        let operands = argument.as_array().map_or(&[][..], Vec::as_slice);
        match (name.as_str(), operands) {
            ("Condition", _) => self.named_condition(argument.as_str().unwrap_or_default(), depth),
            ("Fn::Equals", [left, right]) => Ok(comparable(self.evaluate(left)?) == comparable(self.evaluate(right)?)),
            ("Fn::Not", [operand]) => Ok(!self.truth(operand, depth)?),
            ("Fn::And" | "Fn::Or", operands) if (2..=10).contains(&operands.len()) => {
                let truths: Vec<bool> = operands.iter().map(|operand| self.truth(operand, depth)).collect::<Result<_, _>>()?;
                Ok(if name == "Fn::And" { truths.iter().all(|truth| *truth) } else { truths.iter().any(|truth| *truth) })
            }
            ("Fn::Equals", _) => Err("Template error: Fn::Equals requires a list argument with two elements".to_owned()),
            ("Fn::Not", _) => Err("Template error: Fn::Not requires a list argument with one element".to_owned()),
            ("Fn::And" | "Fn::Or", _) => {
                Err(format!("Template error: every {name} object requires a list of at least 2 and at most 10 boolean parameters."))
            }
            _ => Err("Template format error: Conditions can only be boolean operations on parameters and other conditions".to_owned()),
        }
    }
}

/// CloudFormation compares texts; `true` and `"true"` are the same.
fn comparable(value: Option<Value>) -> Option<Value> {
    value.map(|value| match value {
        Value::Number(number) => Value::from(number.to_string()),
        Value::Bool(value) => Value::from(value.to_string()),
        other => other,
    })
}
