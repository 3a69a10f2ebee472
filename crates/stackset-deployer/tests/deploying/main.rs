//! Plans carried out through the SDK against a simulated organization, on a paused clock.

mod bench;
mod lists;
mod management;
mod observing;
mod operations;
mod others;
mod regions;
mod removing;
mod self_managed;
mod waiting;
