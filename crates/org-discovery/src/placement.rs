//! Where an account or a unit sits, by the path that it carries.

use rollout_model::{OuId, ParentId, RootId};

use crate::readings::{AccountReading, UnitReading};

/// The way down to an account or a unit: the root, and the units below it in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) root: RootId,
    pub(crate) units: Vec<OuId>,
}

impl Way {
    /// What it sits in.
    pub(crate) fn parent(&self) -> ParentId {
        self.parent_of(self.units.len())
    }

    /// The units on the way, each with what it sits in.
    pub(crate) fn units_and_parents(&self) -> impl Iterator<Item = (&OuId, ParentId)> {
        self.units.iter().enumerate().map(|(index, unit)| (unit, self.parent_of(index)))
    }

    fn parent_of(&self, index: usize) -> ParentId {
        match index.checked_sub(1).and_then(|above| self.units.get(above)) {
            Some(unit) => ParentId::Ou(unit.clone()),
            None => ParentId::Root(self.root.clone()),
        }
    }
}

/// Whether every account says where it sits, so that the accounts of each unit need not be listed: that takes
/// minutes in a large organization (aws-facts D4).
pub(crate) fn paths_place_all(accounts: &[AccountReading], root: &str) -> bool {
    accounts.iter().all(|account| way_to_account(account, root).is_some())
}

/// The way from the root to the account, by its first usable path. `Paths` is a list, though an account has
/// one parent (aws-facts D1, D3).
pub(crate) fn way_to_account(account: &AccountReading, root: &str) -> Option<Way> {
    account.paths.iter().find_map(|path| read_path(path, root, &account.id))
}

/// The way from the root to the unit, without the unit itself: AWS does not say whether its path ends with it
/// (aws-facts D3).
pub(crate) fn way_to_unit(unit: &UnitReading, root: &str) -> Option<Way> {
    unit.path.as_deref().and_then(|path| read_path(path, root, &unit.id))
}

/// Reads `o-…/r-…/ou-…/`, which may end with what it is the path of (aws-facts D3).
fn read_path(path: &str, root: &str, itself: &str) -> Option<Way> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    parts.next().filter(|organization| organization.starts_with("o-"))?;
    let root = parts.next().filter(|part| *part == root)?.parse().ok()?;
    let units: Option<Vec<OuId>> =
        parts.filter(|part| *part != itself).map(|part| part.parse().ok()).collect();
    Some(Way { root, units: units? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";
    const ROOT: &str = "r-ab12";

    #[track_caller]
    fn check(path: &str, expected: Option<&[&str]>) {
        let account =
            AccountReading { id: ACCOUNT.to_owned(), paths: vec![path.to_owned()], ..Default::default() };
        let way = way_to_account(&account, ROOT).map(|way| {
            let above = way.units_and_parents().map(|(_, parent)| parent.to_string());
            above.chain([way.parent().to_string()]).collect::<Vec<_>>()
        });
        let expected = expected.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(way, expected, "{path}");
        assert_eq!(paths_place_all(&[account], ROOT), expected.is_some());
    }

    #[test]
    fn a_path_leads_from_the_organization_down_to_the_account() {
        let (outer, inner) = ("ou-ab12-11111111", "ou-ab12-22222222");
        check("o-a1b2c3d4e5/r-ab12/111122223333/", Some(&["r-ab12"]));
        check("o-a1b2c3d4e5/r-ab12/", Some(&["r-ab12"]));
        check("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/111122223333/", Some(&["r-ab12", outer]));
        check("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/", Some(&["r-ab12", outer, inner]));
    }

    #[test]
    fn what_is_no_path_to_the_account_does_not_place_it() {
        for path in ["", "/", "o-a1b2c3d4e5/", "r-ab12/ou-ab12-11111111/", "o-a1b2c3d4e5/ou-ab12-11111111/"] {
            check(path, None);
        }
        check("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/999999999999/", None);
        check("o-a1b2c3d4e5/r-zz99/111122223333/", None);
    }

    #[test]
    fn one_account_without_a_path_is_enough_to_list_them_all() {
        let placed = AccountReading { paths: vec!["o-a1b2c3d4e5/r-ab12/".to_owned()], ..Default::default() };
        assert!(paths_place_all(std::slice::from_ref(&placed), ROOT));
        assert!(!paths_place_all(&[placed, AccountReading::default()], ROOT));
    }
}
