//! Organizations, STS and IAM, driven with requests as they go over the wire.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod access;
mod client;
mod faults;
mod fronts;
mod left_out;
mod organization;
mod rates;
mod roles;
mod seed;
