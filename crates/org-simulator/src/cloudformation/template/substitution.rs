//! `Fn::Sub`.

use serde_json::Value;

use super::intrinsic::{Scope, text_of};

/// A piece of the text of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// Takes the text of `Fn::Sub` apart. `${!Literal}` stands for `${Literal}`.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        pieces.push(Piece::Text(&rest[..start]));
        if let Some(literal) = name.strip_prefix('!') {
            pieces.push(Piece::Text("${"));
            pieces.push(Piece::Text(literal));
            pieces.push(Piece::Text("}"));
        } else if name.is_empty()
            || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.:".contains(letter))
        {
            return Err("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, \
                        underscores, periods, and colons"
                .to_owned());
        } else {
            pieces.push(Piece::Variable(name));
        }
        rest = &rest[start + length + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

impl Scope<'_> {
    pub(super) fn substitute(&self, argument: &Value) -> Result<Value, String> {
        const WRONG: &str = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. \
                             Specify a string as first argument, and an optional second argument to specify a \
                             mapping of values to replace in the string";
        let (text, own) = match argument {
            Value::String(text) => (text, None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(text)] => (text, None),
                [Value::String(text), Value::Object(own)] => (text, Some(own)),
                _ => return Err(WRONG.to_owned()),
            },
            _ => return Err(WRONG.to_owned()),
        };
        let mut result = String::with_capacity(text.len());
        for piece in pieces(text)? {
            match piece {
                Piece::Text(text) => result.push_str(text),
                Piece::Variable(name) => {
                    let value = match own.and_then(|own| own.get(name)) {
                        Some(value) => self.evaluate(value)?,
                        None => match name.split_once('.') {
                            Some((resource, attribute)) => {
                                Some(self.attribute(&Value::from(vec![resource, attribute]))?)
                            }
                            None => self.reference(name)?,
                        },
                    };
                    result.push_str(&text_of(value.as_ref(), "Fn::Sub")?);
                }
            }
        }
        Ok(Value::from(result))
    }
}
