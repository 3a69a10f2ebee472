//! A role, as it is specified and as CloudFormation is told. Pure.
//!
//! | from | to | by |
//! |---|---|---|
//! | principals and external IDs | trust policy | [`TrustSpecification::to_policy`] |
//! | [`RoleSpecification`] | template and parameters | [`RoleTemplate::from_specification`] |
//! | template and parameters | [`RoleSpecification`] | [`RoleTemplate::read`] |
//! | anybody's template | the names of its roles | [`RoleTemplate::role_names`] |
//! | template | the values of parameters that are left out | [`RoleTemplate::parameter_defaults`] |
//! | template | the parameters whose values AWS masks | [`RoleTemplate::masked_parameters`] |
//! | template | the same text with other defaults for its parameters | [`with_defaults`] |
//! | two [`RoleSpecification`]s | in what they differ | [`differences`] |
//! | [`RoleSpecification`] | what AWS would refuse in every account | [`RoleSpecification::problems`] |
//! | anybody's template | what StackSets would refuse about it, and what is unwise | [`RoleTemplate::problems`] |
//! | [`RoleSpecification`] | what AWS takes and an operator should think twice about | [`RoleSpecification::cautions`] |
//!
//! Invariants: an external ID stands in parameter values only, never in a template's body, and no `Debug`,
//! `Display` or error shows it. Everything a role has is written into the role resource itself, never into an
//! `AWS::IAM::Policy` beside it, which drift detection cannot see (aws-facts A12). Reading a rendered template
//! gives back the specification.

mod attachment;
mod beside;
mod caution;
mod defaults;
mod difference;
mod function;
mod lint;
mod parameter;
mod place;
mod problem;
#[cfg(test)]
mod properties;
mod property;
mod read;
mod reference;
mod render;
mod role_names;
mod scope;
mod specification;
mod template_lint;
mod text;
mod trust;

pub use defaults::with_defaults;
pub use difference::{Change, Property, RoleDifference, differences};
pub use lint::{MAX_TAGS, is_policy_arn};
pub use place::TemplateError;
pub use problem::{Problem, Severity};
pub use reference::Pseudo;
pub use render::{MAX_TEMPLATE_BYTES, RoleTemplate};
pub use role_names::{RoleNames, UnresolvedRole};
pub use specification::RoleSpecification;
pub use trust::{TrustEntry, TrustSpecification, TrustedPrincipal};
