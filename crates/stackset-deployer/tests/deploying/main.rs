//! Plans carried out through the SDK against a simulated organization, on a paused clock.

mod bench;
mod lists;
mod management;
mod operations;
mod waiting;
