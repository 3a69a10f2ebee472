//! IAM's rules for names, texts and sizes, and its errors (aws-facts F1, F2).

use serde_json::Value;

use crate::call::ApiError;
use crate::document::{Document, DocumentError};
use crate::input;

/// The longest trust policy, white space not counted.
pub(super) const MAX_TRUST_POLICY: usize = 2048;
/// The longest managed policy document, white space not counted.
pub(super) const MAX_MANAGED_POLICY: usize = 6144;
/// Versions of one managed policy.
pub(super) const MAX_POLICY_VERSIONS: usize = 5;
/// All inline policies of a role together, white space not counted.
pub(super) const MAX_INLINE_POLICIES_OF_ROLE: usize = 10_240;
/// The same for a user.
pub(super) const MAX_INLINE_POLICIES_OF_USER: usize = 2048;
/// Managed policies attached to one role or user, before anyone raises it.
pub(super) const MAX_ATTACHED_POLICIES: usize = 10;
/// Roles in one account, before anyone raises it.
pub(super) const MAX_ROLES: usize = 1000;
/// Tags on one role or user.
pub(super) const MAX_TAGS: usize = 50;

pub(super) fn no_such_entity(message: String) -> ApiError {
    ApiError::new("NoSuchEntity", 404, message)
}

pub(super) fn already_exists(message: String) -> ApiError {
    ApiError::new("EntityAlreadyExists", 409, message)
}

pub(super) fn limit_exceeded(message: String) -> ApiError {
    ApiError::new("LimitExceeded", 409, message)
}

pub(super) fn delete_conflict(message: &str) -> ApiError {
    ApiError::new("DeleteConflict", 409, message)
}

pub(super) fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocument", 400, message)
}

pub(super) fn invalid_input(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", 400, message)
}

/// IAM's validation errors quote the value and name the member.
pub(super) fn constraint(value: &str, member: &str, constraint: &str) -> ApiError {
    ApiError::new(
        "ValidationError",
        400,
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ),
    )
}

/// `[\w+=,.@-]+`, at most `max` long.
pub(crate) fn is_name(text: &str, max: usize) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    !text.is_empty() && text.len() <= max && text.bytes().all(is_allowed)
}

/// Reads a name member.
pub(super) fn name<'a>(input: &'a Value, member: &str, max: usize) -> Result<&'a str, ApiError> {
    let name = input::required_text(input, member)?;
    if is_name(name, max) {
        return Ok(name);
    }
    let member = member[..1].to_ascii_lowercase() + &member[1..];
    Err(if name.is_empty() {
        constraint(name, &member, "Member must have length greater than or equal to 1")
    } else if name.len() > max {
        constraint(name, &member, &format!("Member must have length less than or equal to {max}"))
    } else {
        constraint(name, &member, r"Member must satisfy regular expression pattern: [\w+=,.@-]+")
    })
}

/// Reads a path: it begins and ends with a slash.
pub(super) fn path(input: &Value) -> Result<&str, ApiError> {
    let path = input::text(input, "Path").unwrap_or("/");
    let is_visible = |byte: u8| (0x21..=0x7e).contains(&byte);
    let is_valid = path == "/"
        || (path.starts_with('/') && path.ends_with('/') && path.len() > 2 && path.bytes().all(is_visible));
    if is_valid && path.len() <= 512 {
        return Ok(path);
    }
    Err(ApiError::new(
        "ValidationError",
        400,
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ))
}

/// Reads a description: Latin-1 alone, so that a typographic dash is refused in every account (aws-facts F1).
pub(super) fn description(input: &Value) -> Result<Option<&str>, ApiError> {
    let Some(description) = input::text(input, "Description") else { return Ok(None) };
    if description.chars().count() > 1000 {
        return Err(constraint(
            description,
            "description",
            "Member must have length less than or equal to 1000",
        ));
    }
    let is_allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if description.chars().all(is_allowed) {
        return Ok(Some(description));
    }
    let pattern =
        r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*";
    Err(constraint(description, "description", pattern))
}

/// Reads the longest session of a role: an hour to twelve.
pub(super) fn max_session(input: &Value) -> Result<Option<i64>, ApiError> {
    let seconds = input::integer(input, "MaxSessionDuration")?;
    match seconds {
        Some(seconds) if seconds < 3600 => Err(constraint(
            &seconds.to_string(),
            "maxSessionDuration",
            "Member must have value greater than or equal to 3600",
        )),
        Some(seconds) if seconds > 43_200 => Err(constraint(
            &seconds.to_string(),
            "maxSessionDuration",
            "Member must have value less than or equal to 43200",
        )),
        seconds => Ok(seconds),
    }
}

/// Reads and checks the tags of a request.
pub(super) fn tags(input: &Value) -> Result<Vec<(String, String)>, ApiError> {
    let tags = input::tags(input, "Tags");
    let mut keys: Vec<String> = tags.iter().map(|(key, _)| key.to_lowercase()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ));
    }
    for (key, value) in &tags {
        if key.starts_with("aws:") {
            return Err(invalid_input(
                "Tag keys must not start with aws:, which is reserved for system tags.",
            ));
        }
        if key.is_empty() || key.chars().count() > 128 {
            return Err(constraint(
                key,
                "tags.1.member.key",
                "Member must have length less than or equal to 128",
            ));
        }
        if value.chars().count() > 256 {
            return Err(constraint(
                value,
                "tags.1.member.value",
                "Member must have length less than or equal to 256",
            ));
        }
    }
    Ok(tags)
}

/// The size of a policy document as quotas count it.
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_ascii_whitespace()).count()
}

/// Refuses characters outside Latin-1 in a policy document (aws-facts F1).
pub(super) fn latin1_document(text: &str, member: &str) -> Result<(), ApiError> {
    let is_allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if !text.is_empty() && text.chars().all(is_allowed) {
        return Ok(());
    }
    let message = format!(
        "The specified value for {member} is invalid. It must contain only printable ASCII and Latin-1 characters."
    );
    Err(ApiError::new("ValidationError", 400, message))
}

/// Refuses documents that cannot be an identity policy.
pub(super) fn identity_document(document: &Document) -> Result<(), ApiError> {
    for statement in &document.statements {
        if statement.principals.is_some() {
            return Err(malformed("Policy document should not specify a principal."));
        }
        if statement.resources.is_none() {
            return Err(malformed(DocumentError::NoResources.to_string()));
        }
        let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
        for resource in resources {
            if resource != "*" && !resource.contains("${") && !resource.starts_with("arn:") {
                return Err(malformed(format!("Resource {resource} must be in ARN format or \"*\".")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_typographic_dash_in_a_description_is_refused_and_an_umlaut_is_not() {
        assert!(description(&json!({"Description": "Prüfung - Zugriff"})).is_ok());
        let error = description(&json!({"Description": "read–only"})).unwrap_err();
        assert_eq!(error.code, "ValidationError");
        assert!(error.message.contains("at 'description'"), "{}", error.message);
    }

    #[test]
    fn session_lengths_are_an_hour_to_twelve() {
        for (seconds, is_valid) in [(3599, false), (3600, true), (43_200, true), (43_201, false)] {
            assert_eq!(max_session(&json!({"MaxSessionDuration": seconds})).is_ok(), is_valid, "{seconds}");
        }
    }

    #[test]
    fn names_and_paths_follow_their_patterns() {
        for (text, is_valid) in
            [("CadoResponse", true), ("a b", false), ("", false), ("a+=,.@-_", true), ("ä", false)]
        {
            assert_eq!(name(&json!({"RoleName": text}), "RoleName", 64).is_ok(), is_valid, "{text}");
        }
        assert!(name(&json!({"RoleName": "r".repeat(65)}), "RoleName", 64).is_err());
        for (text, is_valid) in
            [("/", true), ("/team/", true), ("team/", false), ("/team", false), ("//", false)]
        {
            assert_eq!(path(&json!({"Path": text})).is_ok(), is_valid, "{text}");
        }
    }

    #[test]
    fn tag_keys_are_unique_ignoring_case() {
        let tags_of = |keys: &[&str]| {
            let pairs: Vec<Value> = keys.iter().map(|key| json!({"Key": key, "Value": ""})).collect();
            tags(&json!({"Tags": pairs}))
        };
        assert!(tags_of(&["owner", "env"]).is_ok());
        assert!(tags_of(&["owner", "Owner"]).is_err());
        assert!(tags_of(&["aws:owner"]).is_err());
    }
}
