//! Whether the live trust policy admits anybody whom the specification does not name.

use iam_policy::{Entrance, Principal, entrances};
use rollout_model::VerdictCause;

use super::{Case, Judged};
use crate::read::LiveRole;

impl Case<'_> {
    /// Whoever is admitted is named, so that the verdict can be held against what was agreed on.
    pub(super) fn nobody_else(self) -> Judged {
        let live = match &self.seen.live {
            LiveRole::Read(live) => entrances(&live.trust),
            LiveRole::Absent => return Judged::depends("there is no role that could admit anybody"),
            LiveRole::Unreadable(unread) => return self.unread(unread),
        };
        let specified = entrances(&self.expected().role.trust);
        let strangers: Vec<String> =
            live.iter().filter_map(|entrance| objection(entrance, &specified)).collect();
        match strangers.is_empty() {
            true => Judged::pass(live.iter().map(admitted).collect()),
            false => Judged::fail(VerdictCause::StrangerAdmitted, strangers),
        }
    }
}

/// What is wrong about one way in.
fn objection(entrance: &Entrance, specified: &[Entrance]) -> Option<String> {
    let line = admitted(entrance);
    if entrance.principal == Principal::Anyone && !entrance.fenced {
        // Whoever knows the external ID is no less a stranger: it is no secret (aws-facts F5).
        return Some(format!("{line}: no condition keeps anyone out"));
    }
    if entrance.principal.is_deleted() {
        return Some(format!("{line}: a principal that was deleted"));
    }
    let same: Vec<&Entrance> =
        specified.iter().filter(|other| other.principal == entrance.principal).collect();
    if same.is_empty() {
        return Some(format!("{line}: not specified"));
    }
    let is_wider = !entrance.fenced && same.iter().all(|other| other.fenced);
    is_wider.then(|| format!("{line}: from anywhere, where the specification has a condition"))
}

fn admitted(entrance: &Entrance) -> String {
    let with = if entrance.asks_external_id { " with an external ID" } else { "" };
    format!("admits {}{with}", entrance.principal)
}
