//! The organization as a tree, with what its accounts came to added up.

use std::collections::BTreeMap;

use rollout_model::OuPath;
use serde::Serialize;

use super::status::Status;
use crate::state::RunState;
use crate::text::escaped;

/// An organizational unit with all that is below it.
#[derive(Default, Serialize)]
pub(super) struct Unit {
    name: String,
    pub(super) path: String,
    accounts: usize,
    verified: usize,
    needs_action: usize,
    /// Neither of both, and so not green.
    other: usize,
    units: Vec<Unit>,
}

/// The units in which accounts are, from the root.
pub(super) fn tree(state: &RunState) -> Unit {
    let mut numbers: BTreeMap<OuPath, [usize; 4]> = BTreeMap::new();
    for row in state.accounts().values() {
        let status = Status::of(row);
        let place = match status {
            Status::Verified => 1,
            status if status.needs_action() => 2,
            _ => 3,
        };
        let names = row.unit().map(|unit| unit.0.as_slice()).unwrap_or_default();
        for depth in 0..=names.len() {
            let counts = numbers.entry(OuPath(names[..depth].to_vec())).or_default();
            counts[0] += 1;
            counts[place] += 1;
        }
    }
    let mut units: BTreeMap<OuPath, Vec<Unit>> = BTreeMap::new();
    // The deepest first: whoever comes has all of its own.
    for (path, [accounts, verified, needs_action, other]) in numbers.iter().rev() {
        let mut below = units.remove(path).unwrap_or_default();
        below.reverse();
        let name = path.0.last().map_or("Root", String::as_str);
        let unit = Unit {
            name: escaped(name).into_owned(),
            path: escaped(&path.to_string()).into_owned(),
            accounts: *accounts,
            verified: *verified,
            needs_action: *needs_action,
            other: *other,
            units: below,
        };
        match path.0.split_last() {
            Some((_, above)) => units.entry(OuPath(above.to_vec())).or_default().push(unit),
            None => return unit,
        }
    }
    Unit { name: "Root".to_owned(), path: "Root".to_owned(), ..Unit::default() }
}

/// The paths of all units, in the order of the tree.
pub(super) fn paths(unit: &Unit) -> Vec<String> {
    let mut paths = vec![unit.path.clone()];
    unit.units.iter().for_each(|below| paths.extend(self::paths(below)));
    paths
}
