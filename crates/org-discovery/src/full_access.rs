//! Where `FullAWSAccess` is attached, without asking about every account.

use std::collections::BTreeSet;

use rollout_model::{Organization, ParentId, PolicyTarget, PolicyTargets, ServiceControlPolicy};

/// The policy that AWS attaches to the root, to every unit and to every account, and whose list of targets is as
/// long as that.
pub(crate) const FULL_ACCESS: &str = "p-FullAWSAccess";

/// How to find out in the fewest calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Search {
    /// Ask what is attached to each of these. All others have it: AWS lets nobody detach the last policy, so only
    /// what has another one can be without.
    Ask(BTreeSet<PolicyTarget>),
    /// List what it is attached to, since so many have other policies that this is shorter.
    List,
}

/// How to find out where it is attached, given the other policies; a list has pages of `page_size`.
pub(crate) fn search(
    others: &[ServiceControlPolicy],
    organization: &Organization,
    page_size: usize,
) -> Search {
    let everything = every_target(organization);
    let listed = others.iter().filter_map(|policy| match &policy.targets {
        PolicyTargets::At(targets) => Some(targets),
        PolicyTargets::Everywhere => None,
    });
    let doubtful: BTreeSet<PolicyTarget> =
        listed.flatten().filter(|target| everything.contains(target)).cloned().collect();
    if doubtful.len() <= everything.len().div_ceil(page_size) { Search::Ask(doubtful) } else { Search::List }
}

/// Where it is attached if those are without it.
pub(crate) fn everywhere_but(without: &BTreeSet<PolicyTarget>, organization: &Organization) -> PolicyTargets {
    match without.is_empty() {
        true => PolicyTargets::Everywhere,
        false => PolicyTargets::At(&every_target(organization) - without),
    }
}

/// The root, the units and the accounts.
fn every_target(organization: &Organization) -> BTreeSet<PolicyTarget> {
    let units = organization.units.keys().cloned().map(ParentId::Ou);
    let parents = units.chain([organization.root_parent()]).map(PolicyTarget::Parent);
    parents.chain(organization.accounts.keys().cloned().map(PolicyTarget::Account)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rollout_model::{Account, AccountState, Root};

    use super::*;

    fn account(number: usize) -> PolicyTarget {
        PolicyTarget::Account(format!("{number:012}").parse().unwrap())
    }

    /// Accounts in the root and nothing else.
    fn organization(accounts: usize) -> Organization {
        let root = Root { id: "r-ab12".parse().unwrap(), name: "Root".into() };
        let account = |number: usize| Account {
            id: format!("{number:012}").parse().unwrap(),
            name: String::new(),
            email: String::new(),
            state: AccountState::Active,
            parent: ParentId::Root(root.id.clone()),
            joined: None,
            tags: None,
        };
        Organization {
            id: "o-a1b2c3d4e5".parse().unwrap(),
            management_account: "000000000000".parse().unwrap(),
            units: BTreeMap::new(),
            accounts: (0..accounts).map(account).map(|account| (account.id.clone(), account)).collect(),
            problems: Vec::new(),
            root: root.clone(),
        }
    }

    fn attached_to(targets: impl IntoIterator<Item = PolicyTarget>) -> ServiceControlPolicy {
        let targets = PolicyTargets::At(targets.into_iter().collect());
        ServiceControlPolicy { id: "p-1".into(), name: "guard".into(), document: "{}".into(), targets }
    }

    #[test]
    fn only_what_has_another_policy_is_asked_about_and_each_once() {
        let (organization, root) = (organization(99), PolicyTarget::Parent("r-ab12".parse().unwrap()));
        assert_eq!(search(&[], &organization, 20), Search::Ask(BTreeSet::new()));
        let others = [attached_to([root.clone(), account(7)]), attached_to([account(7), account(500)])];
        assert_eq!(search(&others, &organization, 20), Search::Ask([root, account(7)].into()));
    }

    #[test]
    fn the_list_is_read_where_that_takes_fewer_calls() {
        // A hundred places are five pages.
        let organization = organization(99);
        let has_others = |number: usize| search(&[attached_to((0..number).map(account))], &organization, 20);
        assert_eq!(has_others(5), Search::Ask((0..5).map(account).collect()));
        assert_eq!(has_others(6), Search::List);
    }

    #[test]
    fn what_is_without_it_is_left_out_of_all_the_places_there_are() {
        let organization = organization(99);
        assert_eq!(everywhere_but(&BTreeSet::new(), &organization), PolicyTargets::Everywhere);
        let PolicyTargets::At(targets) = everywhere_but(&[account(7)].into(), &organization) else {
            panic!("account 7 is without it");
        };
        assert_eq!((targets.len(), targets.contains(&account(7))), (99, false));
    }
}
