//! An organization as a tree.

use std::collections::{BTreeMap, BTreeSet};

use rollout_model::{Account, AccountState, Organization, OrganizationalUnit, OuId, ParentId, Region};

use super::escape::escaped;
use super::layout::paragraph;
use super::style::{self, Style, dressed, styled};
use super::words::counted;

/// An organization as a tree, with the state of every account and what could not be read. `region` is one of its
/// partition, where that is known.
pub fn render_organization(
    organization: &Organization,
    region: Option<&Region>,
    width: Option<u16>,
) -> String {
    let mut output = String::new();
    push_heading(&mut output, organization, width);
    let tree = Tree::of(organization, width);
    let root = organization.root_parent();
    output.push('\n');
    let label = format!("{} ({root})", escaped(&organization.root.name));
    paragraph(&mut output, "", "  ", &label, width);
    tree.push_children(&mut output, &root, "");
    tree.push_strays(&mut output);
    dressed(&output, region)
}

fn push_heading(output: &mut String, organization: &Organization, width: Option<u16>) {
    let mut states: BTreeMap<&AccountState, usize> = BTreeMap::new();
    for account in organization.accounts.values() {
        *states.entry(&account.state).or_default() += 1;
    }
    let mut states: Vec<_> = states.into_iter().collect();
    states.sort_by_key(|(state, _)| (**state != AccountState::Active, *state));
    let states: Vec<String> =
        states.iter().map(|(state, number)| format!("{number} {}", escaped(&state.to_string()))).collect();
    let heading = format!(
        "organization {}: {} ({}) in {}",
        organization.id,
        counted(organization.accounts.len(), "account"),
        states.join(", "),
        counted(organization.units.len(), "organizational unit"),
    );
    paragraph(output, "", "  ", &styled(Style::Heading, &heading), width);
    for problem in &organization.problems {
        paragraph(output, &format!("{} ", styled(Style::Bad, "PARTIAL:")), "  ", &escaped(problem), width);
    }
}

/// The organization turned around: what sits in what.
struct Tree<'a> {
    organization: &'a Organization,
    width: Option<u16>,
    units: BTreeMap<&'a ParentId, Vec<&'a OrganizationalUnit>>,
    accounts: BTreeMap<&'a ParentId, Vec<&'a Account>>,
    /// Accounts in and below a unit.
    below: BTreeMap<&'a OuId, usize>,
}

impl<'a> Tree<'a> {
    fn of(organization: &'a Organization, width: Option<u16>) -> Self {
        let mut units: BTreeMap<&ParentId, Vec<&OrganizationalUnit>> = BTreeMap::new();
        for unit in organization.units.values() {
            units.entry(&unit.parent).or_default().push(unit);
        }
        let mut accounts: BTreeMap<&ParentId, Vec<&Account>> = BTreeMap::new();
        let mut below: BTreeMap<&OuId, usize> = BTreeMap::new();
        for account in organization.accounts.values() {
            accounts.entry(&account.parent).or_default().push(account);
            for unit in organization.ancestry(&account.parent) {
                *below.entry(&unit.id).or_default() += 1;
            }
        }
        units.values_mut().for_each(|units| units.sort_by_key(|unit| (&unit.name, &unit.id)));
        accounts
            .values_mut()
            .for_each(|accounts| accounts.sort_by_key(|account| (&account.name, &account.id)));
        Tree { organization, width, units, accounts, below }
    }

    /// The accounts of a unit, then its units with what is in them.
    fn push_children(&self, output: &mut String, parent: &ParentId, indent: &str) {
        let accounts = self.accounts.get(parent).cloned().unwrap_or_default();
        let units = self.units.get(parent).cloned().unwrap_or_default();
        let mut left = accounts.len() + units.len();
        for account in accounts {
            left -= 1;
            let (first, rest) = branch(indent, left == 0);
            paragraph(output, &first, &rest, &self.account_label(account), self.width);
        }
        for unit in units {
            left -= 1;
            let (first, rest) = branch(indent, left == 0);
            paragraph(output, &first, &rest, &self.unit_label(unit), self.width);
            self.push_children(output, &ParentId::Ou(unit.id.clone()), &rest);
        }
    }

    /// What sits in units that could not be read. Nothing is left out.
    fn push_strays(&self, output: &mut String) {
        let root = self.organization.root_parent();
        let known = |parent: &ParentId| match parent {
            ParentId::Root(_) => *parent == root,
            ParentId::Ou(id) => self.organization.units.contains_key(id),
        };
        let parents: BTreeSet<&ParentId> = self.units.keys().chain(self.accounts.keys()).copied().collect();
        for parent in parents.into_iter().filter(|parent| !known(parent)) {
            output.push('\n');
            paragraph(
                output,
                "",
                "  ",
                &format!("{} {parent} could not be read, and holds:", styled(Style::Bad, "PARTIAL:")),
                self.width,
            );
            self.push_children(output, parent, "");
        }
    }

    fn account_label(&self, account: &Account) -> String {
        let mut label = format!("{} {}", style::account(&account.id), escaped(&account.name));
        if account.state != AccountState::Active {
            let state = format!("[{}]", escaped(&account.state.to_string()));
            label.push_str(&format!(" {}", styled(Style::Doubtful, &state)));
        }
        if account.id == self.organization.management_account {
            label.push_str(&format!(" {}", styled(Style::Heading, "[management account]")));
        }
        label
    }

    fn unit_label(&self, unit: &OrganizationalUnit) -> String {
        let accounts = match self.below.get(&unit.id) {
            None => "no accounts".to_owned(),
            Some(number) => counted(*number, "account"),
        };
        let beside = styled(Style::Quiet, &format!("({}, {accounts})", unit.id));
        format!("{} {beside}", styled(Style::Heading, &escaped(&unit.name)))
    }
}

/// What stands before the first and before every other line of an entry.
fn branch(indent: &str, last: bool) -> (String, String) {
    match last {
        true => (format!("{indent}└── "), format!("{indent}    ")),
        false => (format!("{indent}├── "), format!("{indent}│   ")),
    }
}
