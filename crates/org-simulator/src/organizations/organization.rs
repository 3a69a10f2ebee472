//! The organization itself: its tree of organizational units and accounts, and what is known of each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::account::{Account, AccountState};
use super::left_out::LeftOut;
use super::policies::{Policies, Policy, PolicyType};

/// Organizational units nest at most this deep below the root (aws-facts D4).
pub(crate) const MAX_UNIT_DEPTH: usize = 5;

/// The root or an organizational unit: whatever can be a parent.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `None` for the root alone.
    pub(crate) parent: Option<String>,
    pub(crate) units: BTreeSet<String>,
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// One organization. Look-ups go by id; the children of a parent are ordered sets of ids.
#[derive(Debug)]
pub(crate) struct Organization {
    id: String,
    management_account: String,
    root: String,
    all_features: bool,
    pub(super) parents: BTreeMap<String, Parent>,
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) policies: Policies,
    /// Service principals with trusted access, and since when.
    pub(crate) service_access: BTreeMap<String, Timestamp>,
    /// Delegated administrators: account, then service principal and since when.
    pub(crate) delegated_administrators: BTreeMap<String, BTreeMap<String, Timestamp>>,
    /// What its answers lack.
    pub(crate) answers_without: BTreeSet<LeftOut>,
}

impl Organization {
    /// An organization whose only member is its management account.
    pub(crate) fn new(id: String, root: String, management_account: Account, all_features: bool) -> Self {
        let root_parent = Parent {
            id: root.clone(),
            name: "Root".to_owned(),
            parent: None,
            units: BTreeSet::new(),
            accounts: BTreeSet::new(),
            tags: BTreeMap::new(),
        };
        let mut organization = Organization {
            id,
            management_account: management_account.id.clone(),
            root: root.clone(),
            all_features,
            parents: BTreeMap::from([(root, root_parent)]),
            accounts: BTreeMap::new(),
            policies: Policies::default(),
            service_access: BTreeMap::new(),
            delegated_administrators: BTreeMap::new(),
            answers_without: BTreeSet::new(),
        };
        organization.add_account(management_account);
        organization
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn management_account(&self) -> &str {
        &self.management_account
    }

    pub(crate) fn root_id(&self) -> &str {
        &self.root
    }

    /// Whether all features are on, as opposed to consolidated billing alone.
    pub(crate) fn all_features(&self) -> bool {
        self.all_features
    }

    /// Whether `id` is the root or an organizational unit of this organization.
    pub(crate) fn unit_exists(&self, id: &str) -> bool {
        self.parents.contains_key(id)
    }

    /// Every account below the root or an organizational unit, at any depth, the management account included.
    pub(crate) fn accounts_below(&self, parent: &str) -> Vec<String> {
        let mut accounts = Vec::new();
        let mut open = vec![parent];
        while let Some(parent) = open.pop().and_then(|id| self.parents.get(id)) {
            accounts.extend(parent.accounts.iter().cloned());
            open.extend(parent.units.iter().map(String::as_str));
        }
        accounts.sort_unstable();
        accounts
    }

    /// The accounts that StackSets can deploy to: those that work, without the management account.
    pub(crate) fn deployable_accounts(&self) -> Vec<String> {
        let deployable =
            |account: &&Account| account.state.is_usable() && account.id != self.management_account;
        self.accounts.values().filter(deployable).map(|account| account.id.clone()).collect()
    }

    pub(crate) fn account(&self, account: &str) -> Option<&Account> {
        self.accounts.get(account)
    }

    pub(crate) fn account_state(&self, account: &str) -> Option<AccountState> {
        self.accounts.get(account).map(|account| account.state)
    }

    /// The root or organizational unit that holds an account directly.
    pub(crate) fn parent_of(&self, account: &str) -> Option<&str> {
        self.accounts.get(account).map(|account| account.parent.as_str())
    }

    /// The parents of an account or organizational unit, the nearest first, the root last.
    pub(crate) fn ancestors(&self, child: &str) -> Vec<&str> {
        let mut ancestors = Vec::new();
        let mut next = match self.accounts.get(child) {
            Some(account) => Some(account.parent.as_str()),
            None => self.parents.get(child).and_then(|unit| unit.parent.as_deref()),
        };
        while let Some(parent) = next {
            ancestors.push(parent);
            next = self.parents.get(parent).and_then(|parent| parent.parent.as_deref());
        }
        ancestors
    }

    /// The place of an account, organizational unit or the root as the `Path` members and
    /// `aws:PrincipalOrgPaths` show it: organization id first, a slash last (aws-facts D3).
    pub(crate) fn path(&self, id: &str) -> String {
        let mut path = format!("{}/", self.id);
        for ancestor in self.ancestors(id).into_iter().rev() {
            path.push_str(ancestor);
            path.push('/');
        }
        path.push_str(id);
        path.push('/');
        path
    }

    /// Whether an account was registered as delegated administrator of a service.
    pub(crate) fn is_delegated_administrator(&self, account: &str, service_principal: &str) -> bool {
        self.delegated_administrators
            .get(account)
            .is_some_and(|services| services.contains_key(service_principal))
    }

    /// Adds an organizational unit; the parent exists and the name is free.
    pub(crate) fn add_unit(&mut self, id: String, name: String, parent: &str) {
        let holder = self.parents.get_mut(parent).expect("the parent of a new unit was looked up");
        holder.units.insert(id.clone());
        let unit = Parent {
            id: id.clone(),
            name,
            parent: Some(parent.to_owned()),
            units: BTreeSet::new(),
            accounts: BTreeSet::new(),
            tags: BTreeMap::new(),
        };
        self.parents.insert(id, unit);
    }

    /// Removes an organizational unit that holds nothing.
    pub(super) fn remove_unit(&mut self, id: &str) {
        let parent =
            self.parents.remove(id).and_then(|unit| unit.parent).expect("only organizational units go");
        self.parents.get_mut(&parent).expect("a unit's parent exists").units.remove(id);
        self.policies.forget_target(id);
    }

    /// The organizational unit of that name directly below a parent.
    pub(crate) fn unit_named(&self, parent: &str, name: &str) -> Option<&str> {
        let units = &self.parents.get(parent)?.units;
        units
            .iter()
            .find(|id| self.parents.get(*id).is_some_and(|unit| unit.name == name))
            .map(String::as_str)
    }

    /// `root`, an id, or a path of names such as `Workloads/Prod`: the id of the parent that is meant.
    pub(crate) fn find_parent(&self, text: &str) -> Option<String> {
        if text == "root" {
            return Some(self.root.clone());
        }
        if self.unit_exists(text) {
            return Some(text.to_owned());
        }
        let mut unit = self.root_id();
        for name in text.split('/') {
            unit = self.unit_named(unit, name)?;
        }
        Some(unit.to_owned())
    }

    /// How many organizational units lead from the root to this one, itself included; the root has none.
    pub(super) fn unit_depth(&self, id: &str) -> usize {
        self.ancestors(id).len()
    }

    /// Adds an account below the parent that it names, which exists.
    pub(crate) fn add_account(&mut self, account: Account) {
        let parent =
            self.parents.get_mut(&account.parent).expect("the parent of a new account was looked up");
        parent.accounts.insert(account.id.clone());
        self.accounts.insert(account.id.clone(), account);
    }

    /// Moves an account below another parent; both exist.
    pub(super) fn move_account(&mut self, account: &str, to: &str) {
        let moved = self.accounts.get_mut(account).expect("the account to move was looked up");
        let from = std::mem::replace(&mut moved.parent, to.to_owned());
        self.parents.get_mut(&from).expect("an account's parent exists").accounts.remove(account);
        self.parents.get_mut(to).expect("the destination was looked up").accounts.insert(account.to_owned());
    }

    /// Adds an account, or replaces what is known of it.
    pub(crate) fn replace_account(&mut self, account: Account) {
        if let Some(known) = self.accounts.remove(&account.id)
            && let Some(parent) = self.parents.get_mut(&known.parent)
        {
            parent.accounts.remove(&known.id);
        }
        self.add_account(account);
    }

    /// Whether an account other than `except` has an e-mail address.
    pub(crate) fn has_email(&self, email: &str, except: &str) -> bool {
        self.accounts
            .values()
            .any(|account| account.id != except && account.email.eq_ignore_ascii_case(email))
    }

    /// Sets the tags of an organizational unit, which exists.
    pub(crate) fn set_unit_tags(&mut self, id: &str, tags: BTreeMap<String, String>) {
        self.parents.get_mut(id).expect("the unit was added before its tags").tags = tags;
    }

    /// Switches a policy type on: full access is then attached everywhere.
    pub(crate) fn enable_policies(&mut self, kind: PolicyType) {
        self.policies.enable(kind);
    }

    /// The type of a policy that exists.
    pub(crate) fn type_of_policy(&self, id: &str) -> Option<PolicyType> {
        self.policies.by_id.get(id).map(|policy| policy.kind)
    }

    /// Adds a policy and attaches it to targets, which exist.
    pub(crate) fn add_policy(&mut self, policy: Policy, targets: &[String]) {
        for target in targets {
            self.policies.attach(&policy.id, target);
        }
        self.policies.add(policy);
    }

    /// Takes an account out of the organization, with everything that was said of it.
    pub(super) fn remove_account(&mut self, account: &str) {
        if let Some(removed) = self.accounts.remove(account)
            && let Some(parent) = self.parents.get_mut(&removed.parent)
        {
            parent.accounts.remove(account);
        }
        self.delegated_administrators.remove(account);
        self.policies.forget_target(account);
    }

    /// The policies of a type that bind an account, one set for each level from the root down to the account
    /// itself. Empty while the policy type is off, and for the management account always (aws-facts E3).
    pub(crate) fn policies_binding(
        &self,
        kind: PolicyType,
        account: &str,
    ) -> Vec<Vec<std::sync::Arc<crate::document::Document>>> {
        if account == self.management_account || !self.accounts.contains_key(account) {
            return Vec::new();
        }
        let mut levels = self.ancestors(account);
        levels.reverse();
        levels.push(account);
        self.policies.documents(kind, &levels)
    }

    /// The ARN of a resource of this organization, for example `account/o-…/111111111111`.
    pub(super) fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:organizations::{}:{kind}/{}/{id}", self.management_account, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str, parent: &str) -> Account {
        Account::created(
            id.to_owned(),
            id.to_owned(),
            format!("{id}@example.com"),
            parent.to_owned(),
            Timestamp::UNIX_EPOCH,
        )
    }

    /// Root: management account, ou-a (1, ou-b (2)).
    fn small() -> Organization {
        let management = account("000000000009", "r-1111");
        let mut organization = Organization::new("o-1".to_owned(), "r-1111".to_owned(), management, true);
        organization.add_unit("ou-a".to_owned(), "A".to_owned(), "r-1111");
        organization.add_unit("ou-b".to_owned(), "B".to_owned(), "ou-a");
        organization.add_account(account("000000000001", "ou-a"));
        organization.add_account(account("000000000002", "ou-b"));
        organization
    }

    #[test]
    fn accounts_below_a_parent_are_found_at_any_depth() {
        let organization = small();
        assert_eq!(organization.accounts_below("r-1111"), ["000000000001", "000000000002", "000000000009"]);
        assert_eq!(organization.accounts_below("ou-a"), ["000000000001", "000000000002"]);
        assert_eq!(organization.accounts_below("ou-b"), ["000000000002"]);
        assert!(organization.accounts_below("ou-nowhere").is_empty());
    }

    #[test]
    fn ancestors_and_paths_lead_from_the_account_to_the_root_and_back() {
        let organization = small();
        assert_eq!(organization.ancestors("000000000002"), ["ou-b", "ou-a", "r-1111"]);
        assert_eq!(organization.ancestors("r-1111"), Vec::<&str>::new());
        assert_eq!(organization.path("000000000002"), "o-1/r-1111/ou-a/ou-b/000000000002/");
        assert_eq!(organization.path("ou-b"), "o-1/r-1111/ou-a/ou-b/");
        assert_eq!(organization.path("r-1111"), "o-1/r-1111/");
    }

    #[test]
    fn a_moved_account_has_one_parent_and_a_removed_one_has_none() {
        let mut organization = small();
        organization.move_account("000000000002", "r-1111");
        assert_eq!(organization.parent_of("000000000002"), Some("r-1111"));
        assert!(organization.accounts_below("ou-b").is_empty());
        organization.remove_account("000000000002");
        assert_eq!(organization.parent_of("000000000002"), None);
        assert_eq!(organization.accounts_below("r-1111"), ["000000000001", "000000000009"]);
    }
}
