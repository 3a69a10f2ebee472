//! The configuration file `rollout.yaml`. A text is parsed (`syntax`, to a tree of `node`s), held against the JSON
//! Schema of what it may say (`shape`; `schema`, from the types in `file`, `selector`, `tag` and `secret`; `reference`
//! makes a page of it),
//! decoded (`read`), and then it is found out what it means (`resolve`, with `role`, `targets`,
//! `waves`, `permissions`, `verify` and `imports`).
//!
//! Whatever is wrong at any of these steps is told in one form: at its place in the text (`source`, `snippet`),
//! without the secrets in it (`hidden`, `unparsed`).

mod accounts_file;
mod chain;
mod expected;
mod file;
mod hidden;
mod imports;
mod invalid;
mod node;
mod permissions;
mod problems;
mod read;
mod reference;
mod resolve;
mod role;
mod schema;
mod secret;
mod selector;
mod shape;
mod snippet;
mod source;
mod suggest;
mod syntax;
mod tag;
mod targets;
mod unparsed;
mod value;
mod verify;
mod waves;

pub(crate) use file::{ManagementAccountConfig, PermissionModelConfig, VerifyModeConfig};
pub(crate) use invalid::InvalidConfig;
#[cfg(test)]
pub(crate) use read::value_of;
pub(crate) use read::{read, read_text};
pub(crate) use reference::reference;
pub(crate) use resolve::Rollout;
pub(crate) use schema::schema_text;
pub(crate) use secret::is_variable_name;
pub(crate) use suggest::most_similar;
pub(crate) use targets::units;
pub(crate) use value::share;
pub(crate) use verify::{AWS_ACCESS_ROLE, Probe, Verify};
