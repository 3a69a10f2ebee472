//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.

use crate::context::{Context, Known};
use crate::pattern::Token;
use crate::{AnyCase, Version};

/// The value of a condition with its variables filled in, or the key of the variable that could not be.
///
/// In a document of 2008 there are no variables. A variable without value and default leaves open what the
/// statement matches; we say so instead of guessing.
pub(crate) fn fill(value: &str, version: Version, context: &Context) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = value;
    while let (Version::V2012, Some(start)) = (version, rest.find("${")) {
        let Some(length) = rest[start..].find('}') else { break };
        tokens.extend(rest[..start].chars().map(Token::of));
        let filled = look_up(&rest[start + 2..start + length], context)?;
        tokens.extend(filled.chars().map(Token::Literal));
        rest = &rest[start + length + 1..];
    }
    tokens.extend(rest.chars().map(Token::of));
    Ok(tokens)
}

/// The same as text, for operators that know no patterns.
pub(crate) fn fill_text(value: &str, version: Version, context: &Context) -> Result<String, String> {
    let character = |token| match token {
        Token::AnyText => '*',
        Token::AnyCharacter => '?',
        Token::Literal(character) => character,
    };
    Ok(fill(value, version, context)?.into_iter().map(character).collect())
}

fn look_up(variable: &str, context: &Context) -> Result<String, String> {
    if matches!(variable, "*" | "?" | "$") {
        return Ok(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
        None => (variable.trim(), None),
    };
    match (context.look_up(&AnyCase::from(key)), default) {
        // A key with several values cannot stand in a variable.
        (Known::Present([value]), _) => Ok(value.clone()),
        (Known::Absent, Some(default)) => Ok(default.to_owned()),
        _ => Err(key.to_owned()),
    }
}
