//! The wire protocols: bytes to calls, answers to bytes.

pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod scope;
pub(crate) mod xml;

/// A request as it arrives: method, path and headers as AWS's clients send them.
pub type WireRequest = http::Request<Vec<u8>>;

/// An answer as it leaves.
pub type WireResponse = http::Response<Vec<u8>>;
