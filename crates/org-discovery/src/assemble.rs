//! What was read, made into a tree. Nothing that was read is lost: what does not fit is kept and recorded as
//! a problem.

use std::collections::BTreeMap;
use std::str::FromStr;

use rollout_model::{
    Account, AccountId, AccountIds, AccountState, InvalidId, Organization, OrganizationalUnit, OuId,
    ParentId, Root,
};

use crate::error::{DiscoveryError, Reading};
use crate::placement::{way_to_account, way_to_unit};
use crate::readings::{AccountReading, ChildReading, Gap, Readings, RootReading, UnitReading};
use crate::tree::Tree;

/// Every account of `readings`, once, under what it sits in.
pub(crate) fn assemble(readings: Readings) -> Result<Organization, DiscoveryError> {
    let Readings { organization, management_account, root, accounts, units, children, gaps } = readings;
    let (units, mut problems) = place_units(&root, &accounts, units)?;
    let parents = Parents::of(&root, &accounts, &children, &mut problems)?;
    let mut organization = Organization {
        id: id(&Reading::Organization, &organization)?,
        management_account: id(&Reading::Organization, &management_account)?,
        root: Root { id: id(&Reading::Roots, &root.id)?, name: root.name },
        units,
        accounts: BTreeMap::new(),
        problems,
    };
    let listed_below = children.into_iter().map(|child| child.account);
    add_accounts(&mut organization, accounts.into_iter().chain(listed_below), &parents)?;
    record_gaps(&mut organization, gaps)?;
    if !organization.accounts.contains_key(&organization.management_account) {
        let account = &organization.management_account;
        let problem = format!("the management account {account} is missing from the list of accounts");
        organization.problems.push(problem);
    }
    Ok(organization)
}

fn id<Id: FromStr<Err = InvalidId>>(reading: &Reading, id: &str) -> Result<Id, DiscoveryError> {
    id.parse().map_err(|source| DiscoveryError::UnusableId { reading: reading.clone(), source })
}

/// The units, and what is wrong with them. The ways to the accounts come first: they begin at the root, and the
/// lists that were read for the units on them may be in any order.
fn place_units(
    root: &RootReading,
    accounts: &[AccountReading],
    units: Vec<UnitReading>,
) -> Result<(BTreeMap<OuId, OrganizationalUnit>, Vec<String>), DiscoveryError> {
    let mut tree = Tree::default();
    for way in accounts.iter().filter_map(|account| way_to_account(account, &root.id)) {
        tree.add_way(&way);
    }
    for unit in units {
        let reading = Reading::UnitsBelow(unit.parent.clone());
        let path = way_to_unit(&unit, &root.id);
        let (id, parent) = (id(&reading, &unit.id)?, id(&reading, &unit.parent)?);
        tree.add_listed(OrganizationalUnit { id, name: unit.name, parent }, path.as_ref());
    }
    Ok(tree.into_units())
}

/// What each account was seen in.
struct Parents(BTreeMap<AccountId, ParentId>);

impl Parents {
    /// An account is in the last place that it was seen in. One that was seen in two moved in between, and
    /// whether that was all is not known.
    fn of(
        root: &RootReading,
        accounts: &[AccountReading],
        children: &[ChildReading],
        problems: &mut Vec<String>,
    ) -> Result<Self, DiscoveryError> {
        let mut parents = Parents(BTreeMap::new());
        for account in accounts {
            if let Some(way) = way_to_account(account, &root.id) {
                problems.extend(parents.see(id(&Reading::Accounts, &account.id)?, way.parent()));
            }
        }
        for ChildReading { parent, account } in children {
            let reading = Reading::AccountsBelow(parent.clone());
            problems.extend(parents.see(id(&reading, &account.id)?, id(&reading, parent)?));
        }
        Ok(parents)
    }

    fn see(&mut self, account: AccountId, parent: ParentId) -> Option<String> {
        let earlier = self.0.insert(account.clone(), parent.clone()).filter(|earlier| *earlier != parent)?;
        Some(format!(
            "account {account} was listed below {earlier} and then below {parent}, having moved since; kept \
             below {parent}"
        ))
    }
}

/// Adds the accounts, each once: where it was seen, else below the root.
fn add_accounts(
    organization: &mut Organization,
    accounts: impl Iterator<Item = AccountReading>,
    parents: &Parents,
) -> Result<(), DiscoveryError> {
    let mut misplaced = Vec::new();
    for account in accounts {
        let id: AccountId = id(&Reading::Accounts, &account.id)?;
        if organization.accounts.contains_key(&id) {
            continue;
        }
        let parent = parents.0.get(&id).cloned().unwrap_or_else(|| {
            misplaced.push(id.clone());
            organization.root_parent()
        });
        let state = state_of(&account);
        let AccountReading { name, email, joined, .. } = account;
        let account = Account { id: id.clone(), name, email, state, parent, joined, tags: None };
        organization.accounts.insert(id, account);
    }
    if !misplaced.is_empty() {
        let accounts = AccountIds::from_iter(misplaced);
        organization.problems.push(format!(
            "accounts that were listed below no organizational unit, having moved perhaps; kept below the \
             root: {accounts}"
        ));
    }
    Ok(())
}

/// `State` where it is given, else `Status`, its retired predecessor (aws-facts D3).
pub(crate) fn state_of(account: &AccountReading) -> AccountState {
    match account.state.as_deref().or(account.status.as_deref()) {
        Some("PENDING_ACTIVATION") => AccountState::PendingActivation,
        Some("ACTIVE") => AccountState::Active,
        Some("SUSPENDED") => AccountState::Suspended,
        Some("PENDING_CLOSURE") => AccountState::PendingClosure,
        Some("CLOSED") => AccountState::Closed,
        Some(state) => AccountState::Unrecognized(state.to_owned()),
        None => AccountState::Unrecognized("state not given".to_owned()),
    }
}

fn record_gaps(organization: &mut Organization, gaps: Vec<Gap>) -> Result<(), DiscoveryError> {
    for Gap { parent, problem } in gaps {
        let parent: ParentId = id(&Reading::Roots, &parent)?;
        let path = organization.path(&parent);
        organization.problems.push(format!("{path}: {problem}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "r-ab12";
    const OUTER: &str = "ou-ab12-11111111";
    const INNER: &str = "ou-ab12-22222222";
    const MANAGEMENT: &str = "999999999999";
    const SHOP: &str = "000000000001";

    fn unit(id: &str, name: &str, parent: &str) -> UnitReading {
        UnitReading { id: id.into(), name: name.into(), parent: parent.into(), path: None }
    }

    fn account(id: &str, path: &[&str]) -> AccountReading {
        let paths = match path {
            [] => Vec::new(),
            path => vec![format!("o-a1b2c3d4e5/{}/{id}/", path.join("/"))],
        };
        let state = Some("ACTIVE".into());
        AccountReading { id: id.into(), name: format!("name of {id}"), state, paths, ..Default::default() }
    }

    fn child(id: &str, parent: &str) -> ChildReading {
        ChildReading { parent: parent.into(), account: account(id, &[]) }
    }

    /// An organization with `Outer/Inner`, whose management account sits in the root.
    fn readings(accounts: &[AccountReading], children: &[ChildReading]) -> Readings {
        let management = account(MANAGEMENT, &[ROOT]);
        Readings {
            organization: "o-a1b2c3d4e5".into(),
            management_account: MANAGEMENT.into(),
            root: RootReading { id: ROOT.into(), name: "Root".into(), ..Default::default() },
            accounts: std::iter::once(management).chain(accounts.iter().cloned()).collect(),
            units: vec![unit(OUTER, "Outer", ROOT), unit(INNER, "Inner", OUTER)],
            children: children.to_vec(),
            gaps: Vec::new(),
        }
    }

    /// Where the accounts besides the management account are, and a part of each problem.
    #[track_caller]
    fn check(readings: Readings, accounts: &[(&str, &str)], problems: &[&str]) {
        let organization = assemble(readings).expect("it can be assembled");
        let placed: Vec<(String, String)> = organization
            .accounts
            .values()
            .filter(|account| account.id.as_str() != MANAGEMENT)
            .map(|account| (account.id.to_string(), organization.path(&account.parent).to_string()))
            .collect();
        let expected: Vec<(String, String)> =
            accounts.iter().map(|(id, path)| (id.to_string(), path.to_string())).collect();
        assert_eq!(placed, expected);
        assert_eq!(organization.problems.len(), problems.len(), "{:?}", organization.problems);
        for (problem, part) in organization.problems.iter().zip(problems) {
            assert!(problem.contains(part), "`{problem}` does not say `{part}`");
        }
    }

    #[test]
    fn accounts_sit_where_their_paths_lead() {
        let accounts = [account(SHOP, &[ROOT, OUTER, INNER]), account("000000000002", &[ROOT])];
        check(readings(&accounts, &[]), &[(SHOP, "Outer/Inner"), ("000000000002", "Root")], &[]);
    }

    #[test]
    fn accounts_without_paths_sit_where_they_were_listed() {
        let accounts = [account(SHOP, &[]), account("000000000002", &[])];
        let children = [child("000000000002", ROOT), child(SHOP, INNER)];
        check(readings(&accounts, &children), &[(SHOP, "Outer/Inner"), ("000000000002", "Root")], &[]);
    }

    #[test]
    fn an_account_that_was_listed_below_nothing_is_kept_below_the_root() {
        let children = [child("000000000002", OUTER)];
        check(
            readings(&[account(SHOP, &[]), account("000000000002", &[])], &children),
            &[(SHOP, "Root"), ("000000000002", "Outer")],
            &["listed below no organizational unit, having moved perhaps; kept below the root: 000000000001"],
        );
    }

    #[test]
    fn an_account_that_moves_while_it_is_listed_is_there_once_and_where_it_was_seen_last() {
        let children = [child(SHOP, OUTER), child(SHOP, INNER)];
        let moved = "000000000001 was listed below ou-ab12-11111111 and then below ou-ab12-22222222";
        check(readings(&[account(SHOP, &[])], &children), &[(SHOP, "Outer/Inner")], &[moved]);
        let moving = [account(SHOP, &[ROOT, OUTER]), account(SHOP, &[ROOT, OUTER, INNER])];
        check(readings(&moving, &[]), &[(SHOP, "Outer/Inner")], &[moved]);
        let moving = [account(SHOP, &[ROOT, OUTER])];
        check(readings(&moving, &[child(SHOP, INNER)]), &[(SHOP, "Outer/Inner")], &[moved]);
        let twice = [account(SHOP, &[ROOT, OUTER]), account(SHOP, &[ROOT, OUTER])];
        check(readings(&twice, &[]), &[(SHOP, "Outer")], &[]);
    }

    #[test]
    fn an_account_that_joins_while_the_units_are_read_is_not_lost() {
        check(readings(&[], &[child(SHOP, INNER)]), &[(SHOP, "Outer/Inner")], &[]);
    }

    #[test]
    fn a_unit_that_was_not_listed_still_connects_its_accounts_with_the_unit_above() {
        let mut readings = readings(&[account(SHOP, &[ROOT, OUTER, INNER])], &[]);
        readings.units.pop();
        let organization = assemble(readings.clone()).unwrap();
        let shop = organization.accounts.values().next().unwrap();
        assert!(organization.is_below(shop, &OUTER.parse().unwrap()));
        check(readings, &[(SHOP, "Outer/ou-ab12-22222222")], &["ou-ab12-22222222 was not listed"]);
    }

    #[test]
    fn a_list_that_failed_is_a_problem_that_names_the_place() {
        let mut readings = readings(&[], &[]);
        readings.gaps = vec![Gap { parent: INNER.into(), problem: "could not list it".into() }];
        check(readings, &[], &["Outer/Inner: could not list it"]);
    }

    #[test]
    fn a_unit_below_two_parents_is_kept_once_and_makes_no_circle() {
        let mut readings = readings(&[account(SHOP, &[ROOT, OUTER, INNER])], &[]);
        readings.units.extend([unit(OUTER, "Outer", INNER), unit(INNER, "Inner", OUTER)]);
        check(readings, &[(SHOP, "Outer/Inner")], &["ou-ab12-11111111 is below r-ab12 and"]);
    }

    #[test]
    fn units_are_named_by_lists_in_any_order_and_those_on_the_way_hang_from_the_root() {
        let mut readings = readings(&[account(SHOP, &[ROOT, OUTER, INNER])], &[]);
        readings.units.reverse();
        check(readings.clone(), &[(SHOP, "Outer/Inner")], &[]);
        readings.units.insert(0, unit(INNER, "Outer", INNER));
        readings.units.insert(0, unit(OUTER, "Outer", INNER));
        let below_itself = "ou-ab12-22222222 is below ou-ab12-11111111 and";
        check(readings, &[(SHOP, "Outer/Outer")], &["ou-ab12-11111111 is below r-ab12 and", below_itself]);
    }

    #[test]
    fn a_units_own_path_is_held_against_the_list_with_or_without_the_unit_at_its_end() {
        for (path, problems) in [
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/", &[][..]),
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", &[]),
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/", &["ou-ab12-22222222 is below ou-ab12-11111111 and"]),
            ("somewhere", &[]),
        ] {
            let mut readings = readings(&[account(SHOP, &[])], &[child(SHOP, INNER)]);
            readings.units[1].path = Some(path.into());
            check(readings, &[(SHOP, "Outer/Inner")], problems);
        }
    }

    #[test]
    fn a_list_of_accounts_without_the_management_account_is_a_problem() {
        let mut readings = readings(&[account(SHOP, &[ROOT])], &[]);
        readings.accounts.remove(0);
        check(readings, &[(SHOP, "Root")], &["management account 999999999999 is missing"]);
    }

    #[test]
    fn an_id_that_is_none_is_refused_with_the_id() {
        let error = assemble(readings(&[account("12345", &[ROOT])], &[])).expect_err("it is no account id");
        assert!(error.on_one_line().contains("`12345` is not an account id"), "{}", error.on_one_line());
    }

    #[test]
    fn state_goes_before_its_predecessor_and_unknown_values_are_kept() {
        let check = |state: Option<&str>, status: Option<&str>, expected: AccountState| {
            let (state, status) = (state.map(Into::into), status.map(Into::into));
            assert_eq!(state_of(&AccountReading { state, status, ..Default::default() }), expected);
        };
        check(Some("PENDING_ACTIVATION"), Some("ACTIVE"), AccountState::PendingActivation);
        check(Some("CLOSED"), None, AccountState::Closed);
        check(Some("ACTIVE"), None, AccountState::Active);
        check(None, Some("SUSPENDED"), AccountState::Suspended);
        check(None, Some("PENDING_CLOSURE"), AccountState::PendingClosure);
        check(Some("FROZEN"), Some("ACTIVE"), AccountState::Unrecognized("FROZEN".into()));
        check(None, None, AccountState::Unrecognized("state not given".into()));
    }
}
