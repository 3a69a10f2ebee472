//! Which operations an entry is about.

use serde::Deserialize;

use crate::call::Service;

const SERVICES: [Service; 4] = [Service::CloudFormation, Service::Iam, Service::Organizations, Service::Sts];

/// `*`, `sts:*`, `cloudformation:List*` or `iam:GetRole`: the names that policies and `/_simulator/calls` use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct OperationPattern {
    /// `None` means every service.
    service: Option<Service>,
    /// The name of the operation, or what it begins with.
    name: String,
    is_prefix: bool,
}

impl OperationPattern {
    pub(super) fn matches(&self, service: Service, operation: &str) -> bool {
        let fits = match self.is_prefix {
            true => operation.starts_with(&self.name),
            false => operation == self.name,
        };
        fits && self.service.is_none_or(|wanted| wanted == service)
    }
}

impl OperationPattern {
    /// The one operation that it matches, if it is one.
    pub(super) fn single(&self) -> Option<(Service, &str)> {
        self.service.filter(|_| !self.is_prefix).map(|service| (service, self.name.as_str()))
    }
}

impl TryFrom<String> for OperationPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "*" {
            return Ok(OperationPattern { service: None, name: String::new(), is_prefix: true });
        }
        let Some((prefix, name)) = text.split_once(':') else {
            return Err(format!("`{text}` is no operation such as `iam:GetRole`, `sts:*` or `*`"));
        };
        let service = SERVICES.into_iter().find(|service| service.prefix() == prefix);
        let Some(service) = service else {
            let known = SERVICES.map(Service::prefix).join(", ");
            return Err(format!("`{text}`: there is no service `{prefix}`, but {known}"));
        };
        let (name, is_prefix) = match name.strip_suffix('*') {
            Some(beginning) => (beginning, true),
            None => (name, false),
        };
        if !name.bytes().all(|letter| letter.is_ascii_alphanumeric()) || (name.is_empty() && !is_prefix) {
            return Err(format!("`{text}`: an operation has a name, with `*` at its end at most"));
        }
        Ok(OperationPattern { service: Some(service), name: name.to_owned(), is_prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OperationPattern, String> {
        OperationPattern::try_from(text.to_owned())
    }

    #[test]
    fn a_pattern_names_an_operation_its_beginning_a_service_or_everything() {
        let get_role = (Service::Iam, "GetRole");
        let rows = [
            ("*", get_role, true),
            ("iam:*", get_role, true),
            ("iam:Get*", get_role, true),
            ("iam:GetRole", get_role, true),
            ("iam:GetRole", (Service::Iam, "GetRolePolicy"), false),
            ("iam:GetRole*", (Service::Iam, "GetRolePolicy"), true),
            ("iam:List*", get_role, false),
            ("sts:*", get_role, false),
        ];
        for (text, (service, operation), expected) in rows {
            assert_eq!(read(text).unwrap().matches(service, operation), expected, "{text} {operation}");
        }
    }

    #[test]
    fn what_can_match_nothing_is_refused() {
        for text in ["", "GetRole", "s3:GetObject", "iam:", "iam:*Role", "iam:Get Role", "IAM:GetRole"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("s3:*").unwrap_err().contains("cloudformation, iam, organizations, sts"));
    }
}
