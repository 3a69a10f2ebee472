//! Which lists of units have to be read.

use std::collections::HashSet;

use rollout_model::ParentId;

use crate::placement::way_to_account;
use crate::readings::{AccountReading, Gap, UnitReading};

/// Which organizational units a snapshot is to have. Each parent takes a call of its own, and AWS allows five a
/// second (aws-facts D4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Every one: a call for the root and for each of them.
    All,
    /// Those with accounts in or below them, and others that come with their lists. Where the accounts carry
    /// their paths that is a call only for each parent of such a unit; elsewhere it is the same as `All`.
    Inhabited,
}

/// What is to be listed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needed {
    /// The units below this parent.
    Below(String),
    /// All that are not listed yet; the last that is needed.
    Everything,
}

/// What the accounts that were read so far make needed.
#[derive(Debug)]
pub(crate) struct Frontier {
    root: String,
    below: HashSet<ParentId>,
    everything: bool,
}

impl Frontier {
    pub(crate) fn new(root: &str) -> Self {
        Frontier { root: root.to_owned(), below: HashSet::new(), everything: false }
    }

    /// What is needed whatever the accounts say.
    pub(crate) fn begin(&mut self, units: Units) -> Option<Needed> {
        self.everything = units == Units::All;
        self.everything.then_some(Needed::Everything)
    }

    /// What the next accounts add. The parents of the units above them; but one account that does not say where
    /// it sits is enough to need the whole tree.
    pub(crate) fn advance(&mut self, accounts: &[AccountReading]) -> Vec<Needed> {
        let mut needed = Vec::new();
        for account in accounts.iter().take_while(|_| !self.everything) {
            let Some(way) = way_to_account(account, &self.root) else {
                self.everything = true;
                needed.push(Needed::Everything);
                break;
            };
            let parents = way.units_and_parents().map(|(_, parent)| parent);
            let new = parents.filter(|parent| self.below.insert(parent.clone()));
            needed.extend(new.map(|parent| Needed::Below(parent.to_string())));
        }
        needed
    }
}

/// The units that were listed so far.
#[derive(Debug, Default)]
pub(crate) struct ListedUnits {
    pub(crate) units: Vec<UnitReading>,
    pub(crate) gaps: Vec<Gap>,
    below: HashSet<String>,
}

impl ListedUnits {
    /// Adds what was listed below a parent. Whether that was anything.
    pub(crate) fn add(&mut self, parent: String, units: Vec<UnitReading>, gap: Option<Gap>) -> bool {
        let is_news = !units.is_empty();
        self.below.insert(parent);
        self.units.extend(units);
        self.gaps.extend(gap);
        is_news
    }

    /// Those of the root and the known units below which nothing was listed yet, each once.
    pub(crate) fn unlisted(&self, root: &str) -> Vec<String> {
        let known = self.units.iter().map(|unit| unit.id.as_str());
        let mut seen: HashSet<&str> = self.below.iter().map(String::as_str).collect();
        std::iter::once(root).chain(known).filter(|parent| seen.insert(parent)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "r-ab12";
    const OUTER: &str = "ou-ab12-11111111";
    const INNER: &str = "ou-ab12-22222222";

    fn account(path: &[&str]) -> AccountReading {
        let paths = if path.is_empty() { vec![] } else { vec![format!("o-a1b2c3d4e5/{}/", path.join("/"))] };
        AccountReading { paths, ..Default::default() }
    }

    fn below(parents: &[&str]) -> Vec<Needed> {
        parents.iter().map(|parent| Needed::Below(parent.to_string())).collect()
    }

    #[test]
    fn a_parent_is_needed_once_and_only_if_a_unit_below_it_has_accounts() {
        let mut frontier = Frontier::new(ROOT);
        assert_eq!(frontier.begin(Units::Inhabited), None);
        assert_eq!(frontier.advance(&[account(&[ROOT])]), []);
        assert_eq!(frontier.advance(&[account(&[ROOT, OUTER]), account(&[ROOT, OUTER])]), below(&[ROOT]));
        assert_eq!(frontier.advance(&[account(&[ROOT, OUTER, INNER])]), below(&[OUTER]));
        assert_eq!(frontier.advance(&[account(&[ROOT, OUTER, INNER]), account(&[ROOT, OUTER])]), []);
    }

    #[test]
    fn the_first_account_without_a_path_needs_everything_and_nothing_more_follows() {
        let mut frontier = Frontier::new(ROOT);
        let accounts = [account(&[ROOT, OUTER]), account(&[]), account(&[ROOT, OUTER, INNER])];
        assert_eq!(frontier.advance(&accounts), [below(&[ROOT]), vec![Needed::Everything]].concat());
        assert_eq!(frontier.advance(&accounts), []);
    }

    #[test]
    fn where_all_units_are_asked_for_the_accounts_add_nothing() {
        let mut frontier = Frontier::new(ROOT);
        assert_eq!(frontier.begin(Units::All), Some(Needed::Everything));
        assert_eq!(frontier.advance(&[account(&[ROOT, OUTER]), account(&[])]), []);
    }

    #[test]
    fn what_was_listed_is_not_listed_again() {
        let unit = |id: &str| UnitReading { id: id.into(), ..Default::default() };
        let mut listed = ListedUnits::default();
        assert_eq!(listed.unlisted(ROOT), [ROOT]);
        assert!(!listed.add(OUTER.into(), vec![], None));
        assert_eq!(listed.unlisted(ROOT), [ROOT]);
        assert!(listed.add(ROOT.into(), vec![unit(OUTER), unit(INNER), unit(INNER)], None));
        assert_eq!(listed.unlisted(ROOT), [INNER]);
    }
}
