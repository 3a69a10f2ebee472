//! Whether the live trust policy admits anybody whom the specification does not name.

use iam_policy::{Entrance, Stranger, admitted};
use rollout_model::VerdictCause;

use super::{Case, Judged};
use crate::read::LiveRole;

impl Case<'_> {
    /// Whoever is admitted is named, so that the verdict can be held against what was agreed on.
    pub(super) fn nobody_else(self) -> Judged {
        let live = match &self.seen.live {
            LiveRole::Read(live) => admitted(&live.trust),
            LiveRole::Absent => return Judged::depends("there is no role that could admit anybody"),
            LiveRole::Unreadable(unread) => return self.unread(unread),
        };
        let specified = admitted(&self.expected().role.trust);
        let strangers: Vec<String> =
            live.iter().filter_map(|entrance| objection(entrance, &specified)).collect();
        match strangers.is_empty() {
            true => Judged::pass(live.iter().map(in_words).collect()),
            false => Judged::fail(VerdictCause::StrangerAdmitted, strangers),
        }
    }
}

/// What is wrong about one way in.
fn objection(entrance: &Entrance, specified: &[Entrance]) -> Option<String> {
    let line = in_words(entrance);
    match entrance.stranger() {
        // Whoever knows the external ID is no less a stranger: it is no secret (aws-facts F5).
        Stranger::Anyone if !entrance.fenced => {
            return Some(format!("{line}: no condition keeps anyone out"));
        }
        Stranger::Deleted => return Some(format!("{line}: a principal that was deleted")),
        Stranger::Anyone | Stranger::Named => {}
    }
    let same: Vec<&Entrance> =
        specified.iter().filter(|other| other.principal == entrance.principal).collect();
    if same.is_empty() {
        return Some(format!("{line}: not specified"));
    }
    let is_wider = !entrance.fenced && same.iter().all(|other| other.fenced);
    is_wider.then(|| format!("{line}: from anywhere, where the specification has a condition"))
}

fn in_words(entrance: &Entrance) -> String {
    let with = if entrance.asks_external_id { " with an external ID" } else { "" };
    format!("admits {}{with}", entrance.principal)
}
