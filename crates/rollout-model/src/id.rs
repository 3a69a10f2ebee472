//! Identifiers as newtypes: `FromStr` validates and quotes what it refused, so that a mistyped id is found
//! where it was typed and never reaches AWS. Patterns: aws-facts A15, D3, E1, F1.

use std::fmt;
use std::str::FromStr;

/// A string that is not the identifier it was meant to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not {expected}")]
pub struct InvalidId {
    /// What was given.
    pub input: String,
    /// What would have been accepted, with article.
    pub expected: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(input: &str) -> Result<Self, InvalidId> {
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(input) {
                    Ok($name(input.to_owned()))
                } else {
                    Err(InvalidId { input: input.to_owned(), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}

id!(
    /// An AWS account: twelve digits, leading zeros included.
    AccountId,
    "an account id (twelve digits)",
    |id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
);
id!(
    /// An organization, `o-…`.
    OrganizationId,
    "an organization id (`o-` and 10 to 32 lower-case letters or digits)",
    |id| after(id, "o-").is_some_and(|rest| lower_alphanumeric(rest, 10..=32))
);
id!(
    /// The root of an organization, `r-…`.
    RootId,
    "a root id (`r-` and 4 to 32 lower-case letters or digits)",
    |id| after(id, "r-").is_some_and(|rest| lower_alphanumeric(rest, 4..=32))
);
id!(
    /// An organizational unit, `ou-…-…`.
    OuId,
    "an organizational unit id (`ou-abcd-12345678`)",
    |id| after(id, "ou-").and_then(|rest| rest.split_once('-')).is_some_and(|(root, unit)| {
        lower_alphanumeric(root, 4..=32) && lower_alphanumeric(unit, 8..=32)
    })
);
id!(
    /// A Region such as `us-east-1`.
    Region,
    "a Region (such as `us-east-1`)",
    |id| {
        let parts: Vec<&str> = id.split('-').collect();
        parts.len() >= 3
            && parts.iter().all(|part| lower_alphanumeric(part, 1..=12))
            && parts.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    }
);
id!(
    /// The name of a StackSet; unique per account and Region, case-sensitive.
    StackSetName,
    "a StackSet name (a letter, then letters, digits and hyphens, at most 128)",
    |id| stack_name(id)
);
id!(
    /// The name of a plain stack.
    StackName,
    "a stack name (a letter, then letters, digits and hyphens, at most 128)",
    |id| stack_name(id)
);
id!(
    /// The id of a StackSet operation, chosen by the caller.
    OperationId,
    "an operation id (letters, digits and hyphens, at most 128)",
    |id| {
        matches!(id.len(), 1..=128)
            && !id.starts_with('-')
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }
);
id!(
    /// The name of a role, without its path; unique in an account, ignoring case.
    RoleName,
    "a role name (1 to 64 letters, digits or any of `_+=,.@-`)",
    |id| {
        matches!(id.len(), 1..=64)
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    }
);
id!(
    /// The name of a rollout. It names the StackSet, the management account's stack and the ledger.
    RolloutName,
    "a rollout name (a letter, then letters, digits and hyphens, at most 100)",
    |id| stack_name(id) && id.len() <= 100
);
id!(
    /// The name of a wave, as it is shown and as operations are told apart by.
    WaveName,
    "a wave name (1 to 64 letters, digits, spaces, hyphens or underscores)",
    |id| {
        matches!(id.len(), 1..=64)
            && id.trim() == id
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-".contains(&byte))
    }
);
id!(
    /// One run of a rollout: the time it began and a few random characters.
    RunId,
    "a run id (letters, digits and hyphens, at most 64)",
    |id| {
        matches!(id.len(), 1..=64)
            && !id.starts_with('-')
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }
);

impl OperationId {
    /// The id of a step's operation. Run and step make it, so that the ledger of a run names its operations, AWS
    /// names the run of an operation, and nobody else's id is ever met.
    pub fn of_step(run: &RunId, step: usize) -> OperationId {
        format!("{run}-{step}").parse().expect("a run id and a number make an operation id")
    }

    /// The run and the step that the id was made of; `None` for an id that somebody else chose, or that AWS chose
    /// for an automatic deployment (aws-facts A4).
    pub fn step(&self) -> Option<(RunId, usize)> {
        let (run, step) = self.0.rsplit_once('-')?;
        let (time, random) = run.split_once('-')?;
        let is_ours = time.len() == RunId::TIME.len()
            && time.bytes().zip(RunId::TIME.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                letter => byte == letter,
            })
            && !random.contains('-');
        if !is_ours || step.starts_with('0') {
            return None;
        }
        Some((run.parse().ok()?, step.parse().ok()?))
    }
}

impl RunId {
    /// The form of the time that a run id begins with, so that ids sort by it.
    const TIME: &str = "00000000T000000Z";
}

/// What an account or an organizational unit sits in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParentId {
    /// The root of the organization.
    Root(RootId),
    /// An organizational unit.
    Ou(OuId),
}

impl ParentId {
    /// The id as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            ParentId::Root(id) => id.as_str(),
            ParentId::Ou(id) => id.as_str(),
        }
    }
}

impl FromStr for ParentId {
    type Err = InvalidId;

    fn from_str(input: &str) -> Result<Self, InvalidId> {
        if input.starts_with("r-") {
            input.parse().map(ParentId::Root)
        } else {
            input.parse().map(ParentId::Ou)
        }
    }
}

impl fmt::Display for ParentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

fn after<'id>(id: &'id str, prefix: &str) -> Option<&'id str> {
    id.strip_prefix(prefix)
}

fn lower_alphanumeric(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn stack_name(text: &str) -> bool {
    matches!(text.len(), 1..=128)
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl AccountId {
    /// The twelve digits as a number.
    pub fn number(&self) -> u64 {
        self.as_str().bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<Id: FromStr<Err = InvalidId>>(accepted: &[&str], refused: &[&str]) {
        for input in accepted {
            assert!(input.parse::<Id>().is_ok(), "`{input}` was refused");
        }
        for input in refused {
            let error = input.parse::<Id>().err().unwrap_or_else(|| panic!("`{input}` was accepted"));
            assert!(error.to_string().contains(&format!("`{input}`")), "`{error}` does not quote its input");
        }
    }

    #[test]
    fn an_operation_tells_its_run_and_step_when_it_is_one_of_ours() {
        let run: RunId = "20261120T120000Z-k3f9".parse().unwrap();
        assert_eq!(OperationId::of_step(&run, 12).as_str(), "20261120T120000Z-k3f9-12");
        let check =
            |id: &str, expected| assert_eq!(id.parse::<OperationId>().unwrap().step(), expected, "{id}");
        check("20261120T120000Z-k3f9-12", Some((run, 12)));
        check("20261120T120000Z-k3f9", None);
        check("20261120T120000Z-k3f9-012", None);
        check("20261120T120000Z-k3-f9-1", None);
        check("2026112XT120000Z-k3f9-1", None);
        check("0f3a1c52-8a7e-4a54-9e0e-3a1a0b5c7d11", None);
    }

    #[test]
    fn ids_are_accepted_in_the_forms_that_aws_documents_and_refused_in_others() {
        check::<AccountId>(&["012345678901"], &["12345678901", "1234567890123", "12345678901a", ""]);
        check::<OrganizationId>(&["o-a1b2c3d4e5"], &["o-short", "a1b2c3d4e5", "o-A1B2C3D4E5"]);
        check::<RootId>(&["r-ab12"], &["r-ab", "ou-ab12-12345678"]);
        check::<OuId>(&["ou-ab12-12345678"], &["ou-ab12", "ou-ab12-1234567", "ou-AB12-12345678"]);
        check::<ParentId>(&["r-ab12", "ou-ab12-12345678"], &["ab12"]);
        check::<Region>(&["us-east-1", "us-gov-west-1", "ap-southeast-5"], &["us-east", "US-EAST-1", ""]);
        check::<StackSetName>(&["Role-1"], &["1-role", "role_1", ""]);
        check::<OperationId>(&["1-a"], &["-a", "a_b", ""]);
        check::<RoleName>(&["Cado_Response+1@x.y"], &["a/b", "", "with space"]);
    }
}
