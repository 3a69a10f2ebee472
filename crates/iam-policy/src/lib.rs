//! IAM policy documents: read, compared by meaning, and asked whom they admit. Pure.
//!
//! | question | answer |
//! |---|---|
//! | what does this text say? | [`PolicyDocument::parse`], [`PolicyDocument::parse_encoded`], [`PolicyDocument::from_value`] |
//! | do two documents mean the same? | `==` on [`PolicyDocument`] |
//! | in what do they differ? | [`differences`] |
//! | would IAM take it as a trust policy, an identity policy? | [`PolicyDocument::trust_problems`], [`PolicyDocument::identity_problems`] |
//! | whom does a trust policy let in? | [`admits`], given a [`TrustRequest`] |
//! | why does it keep one out? | [`refusals`] |
//! | who is meant to come in, and what has each to bring? | [`entrances`]; by identity providers too, [`admitted`] |
//! | what would each of them ask? | [`intended`] |
//! | what do service control policies leave to a member account? | [`permits`], given a [`MemberRequest`] |
//!
//! The values of `sts:ExternalId` conditions are nobody's business: `Display`, `Debug`, [`Difference`] and
//! every error mask them. [`PolicyDocument::to_value`] alone is exact, and [`PolicyDocument::render`] lets the
//! caller put something else in their place.
//!
//! Deliberately absent: the evaluation of identity policies, permissions boundaries and resource control
//! policies, and any notion of one statement being wider than another. Documents are compared element by
//! element.

mod any_case;
mod arn;
mod check;
mod compare;
mod condition;
mod context;
mod decide;
mod describe;
mod difference;
mod document;
mod entrance;
mod fitting;
mod identity;
mod intended;
mod meaning;
mod member_request;
mod parse;
mod pattern;
mod principal;
mod print;
#[cfg(test)]
mod properties;
mod refusal;
mod request;
mod service_control;
mod variable;
mod witness;

pub use any_case::AnyCase;
pub use decide::{Decision, admits};
pub use difference::{Difference, DifferenceKind, differences};
pub use document::{Condition, Effect, Members, PolicyDocument, PolicyError, Statement, Version};
pub use entrance::{Entrance, Stranger, admitted, entrances};
pub use intended::{Intended, NotTold, intended};
pub use member_request::MemberRequest;
pub use principal::Principal;
pub use print::{MASK, Rendering};
pub use refusal::{Misfit, Refusal, refusals};
pub use request::{Caller, InvalidCaller, TrustRequest};
pub use service_control::{Level, Permission, ServiceControlPolicy, permits};
