//! The configuration file `rollout.yaml`: what it may say (`file`), and what that means (`resolve`).

mod file;
mod problems;
mod read;
mod resolve;
mod role;
mod secret;
mod value;

pub(crate) use read::read;
pub(crate) use resolve::Rollout;
