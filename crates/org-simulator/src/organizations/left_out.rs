//! Members of answers that are left out. `Paths` and `State` are new, `Status` is retired, and not everything that
//! speaks the protocol gives all of them (aws-facts D3): whoever reads an organization has to cope with either.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

/// What can be left out of the answers about accounts and organizational units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LeftOut {
    Paths,
    State,
    Status,
}

impl LeftOut {
    /// An account has `Paths`, an organizational unit one `Path`.
    fn members(self) -> &'static [&'static str] {
        match self {
            LeftOut::Paths => &["Paths", "Path"],
            LeftOut::State => &["State"],
            LeftOut::Status => &["Status"],
        }
    }
}

/// The shape of an account or an organizational unit without what is left out.
pub(super) fn without(left_out: &BTreeSet<LeftOut>, mut shape: Value) -> Value {
    let members = shape.as_object_mut().expect("accounts and organizational units are objects");
    for name in left_out.iter().flat_map(|left_out| left_out.members()) {
        members.remove(*name);
    }
    shape
}
