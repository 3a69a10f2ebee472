//! Values of condition keys under which a condition holds.

use std::collections::BTreeMap;

use crate::condition::{self, Operator, Truth};
use crate::context::Context;
use crate::describe::flat;
use crate::pattern::{Pattern, Token};
use crate::{AnyCase, Condition, Version, variable};

/// What stands where a wildcard leaves the text to the caller.
pub(crate) const ANY: &str = "Intended";

/// Every value that we can think of under which all that the condition says about the key holds, the listed ones
/// first and in their order. No value at all means that the key is absent.
///
/// `account` is whose account an ARN with a wildcard in its place gets.
pub(crate) fn witnesses(
    condition: &Condition,
    key: &AnyCase,
    version: Version,
    context: &Context,
    account: &str,
) -> Vec<Vec<String>> {
    let asked = only(condition, key);
    // One copy for all candidates: a context is larger than what changes in it.
    let mut tried = context.clone();
    let fits = |values: &Vec<String>| {
        tried.set(key, values);
        condition::holds(&asked, version, &tried) == Truth::Yes
    };
    candidates(&asked, version, context, account).into_iter().filter(fits).collect()
}

/// What the condition says about the key.
fn only(condition: &Condition, key: &AnyCase) -> Condition {
    let mut asked = BTreeMap::new();
    for (operator, name, values) in flat(condition).filter(|(_, name, _)| *name == key) {
        asked.insert(operator.clone(), BTreeMap::from([(name.clone(), values.clone())]));
    }
    asked
}

fn candidates(asked: &Condition, version: Version, context: &Context, account: &str) -> Vec<Vec<String>> {
    let mut listed = Vec::new();
    let mut all = Vec::new();
    for (name, _, values) in flat(asked) {
        let Some(operator) = Operator::parse(name).filter(|operator| operator.lists_what_holds()) else {
            continue;
        };
        let filled = values.iter().filter_map(|value| variable::fill(value, version, context).ok());
        let near: Vec<String> = filled.map(|tokens| operator.near(&text(&tokens, account))).collect();
        all.extend(near.first().cloned());
        listed.extend(near.into_iter().map(|value| vec![value]));
    }
    // Several operators may each want a value of their own of a key with several.
    listed.push(all);
    // Absent, and values that hardly anything excludes: a name, an account, an address.
    listed.push(Vec::new());
    listed.extend([ANY, account, "000000000001", "192.0.2.1"].map(|other| vec![other.to_owned()]));
    listed
}

/// A text that the pattern matches. In an ARN, a wildcard stands for what belongs in its place.
fn text(pattern: &[Token], account: &str) -> String {
    let parts: Vec<&[Token]> = pattern.splitn(6, |token| *token == Token::Literal(':')).collect();
    if pattern == [Token::AnyText] || parts.len() < 6 || plain(parts[0], "") != "arn" {
        return plain(pattern, ANY);
    }
    let fitting =
        |part: &[Token], usual: &str, any: &str| match Pattern::from_tokens(part.to_vec()).matches(usual) {
            true => usual.to_owned(),
            false => plain(part, any),
        };
    let resource = fitting(parts[5], "role/Intended", ANY);
    let (partition, service) = (fitting(parts[1], "aws", ""), fitting(parts[2], "iam", ""));
    let (region, account) = (fitting(parts[3], "", ""), fitting(parts[4], account, ""));
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

fn plain(pattern: &[Token], any: &str) -> String {
    let mut text = String::new();
    for token in pattern {
        match token {
            Token::AnyText => text.push_str(any),
            Token::AnyCharacter => text.push('0'),
            Token::Literal(character) => text.push(*character),
        }
    }
    text
}
