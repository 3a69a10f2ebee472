//! Which accounts the configuration means, and by which of its selectors.

use std::collections::BTreeMap;

use rollout_model::{
    Account, AccountId, ManagementAccount, Organization, OuId, OuPath, ParentId, Selector, Targets,
};

use crate::error::{PlanError, SelectionProblem, SelectionProblemKind};

/// Whether the configuration means an account, with the selector that decided, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) selected: bool,
    pub(crate) reason: String,
}

/// Decides for every account of the organization. Reports every selector that does not fit at once.
pub(crate) fn select(
    targets: &Targets,
    organization: &Organization,
) -> Result<BTreeMap<AccountId, Membership>, PlanError> {
    let include = resolve("targets.include", &targets.include, organization);
    let exclude = resolve("targets.exclude", &targets.exclude, organization);
    let (include, exclude) = match (include, exclude) {
        (Ok(include), Ok(exclude)) => (include, exclude),
        (include, exclude) => {
            let problems = [include.err(), exclude.err()].into_iter().flatten().flatten().collect();
            return Err(PlanError::Selection(problems));
        }
    };
    let membership = |account: &Account| {
        if account.id == organization.management_account {
            return management_account(targets, &exclude, organization, account);
        }
        let matching = |resolved: &[Resolved]| {
            resolved.iter().find(|selector| selector.matches(organization, account)).map(Resolved::in_words)
        };
        match (matching(&include), matching(&exclude)) {
            (_, Some(by)) => Membership { selected: false, reason: format!("excluded by {by}") },
            (Some(by), None) => Membership { selected: true, reason: format!("included by {by}") },
            (None, None) => Membership { selected: false, reason: "no include selector matches".to_owned() },
        }
    };
    Ok(organization.accounts.values().map(|account| (account.id.clone(), membership(account))).collect())
}

/// The management account has a switch of its own, and can still be excluded by id or unit.
fn management_account(
    targets: &Targets,
    exclude: &[Resolved],
    organization: &Organization,
    account: &Account,
) -> Membership {
    let excluded = exclude.iter().find(|selector| selector.matches(organization, account));
    match (targets.management_account, excluded) {
        (ManagementAccount::Exclude, _) => Membership {
            selected: false,
            reason: "management account, not included (targets.management_account)".to_owned(),
        },
        (ManagementAccount::Include, Some(selector)) => {
            Membership { selected: false, reason: format!("excluded by {}", selector.in_words()) }
        }
        (ManagementAccount::Include, None) => {
            Membership { selected: true, reason: "management account".to_owned() }
        }
    }
}

/// A selector with the units it stands for looked up once, not per account.
struct Resolved<'targets> {
    selector: &'targets Selector,
    units: Vec<ParentId>,
}

impl Resolved<'_> {
    fn matches(&self, organization: &Organization, account: &Account) -> bool {
        match self.selector {
            Selector::Account(id) => *id == account.id,
            _ => self.units.iter().any(|unit| organization.is_below(account, unit)),
        }
    }

    fn in_words(&self) -> String {
        self.selector.to_string()
    }
}

fn resolve<'targets>(
    key: &str,
    selectors: &'targets [Selector],
    organization: &Organization,
) -> Result<Vec<Resolved<'targets>>, Vec<SelectionProblem>> {
    let mut resolved = Vec::new();
    let mut problems = Vec::new();
    for (index, selector) in selectors.iter().enumerate() {
        match units_of(selector, organization) {
            Ok(units) => resolved.push(Resolved { selector, units }),
            Err(kind) => problems.push(SelectionProblem { key: format!("{key}[{index}]"), kind }),
        }
        let names_management =
            matches!(selector, Selector::Account(id) if *id == organization.management_account);
        if names_management && key == "targets.include" {
            let kind = SelectionProblemKind::ManagementAccount(organization.management_account.clone());
            problems.push(SelectionProblem { key: format!("{key}[{index}]"), kind });
        }
    }
    if problems.is_empty() { Ok(resolved) } else { Err(problems) }
}

fn units_of(selector: &Selector, organization: &Organization) -> Result<Vec<ParentId>, SelectionProblemKind> {
    let unknown = |suggestion| {
        let selector = selector.to_string();
        let selector = selector.strip_prefix("ou ").unwrap_or(&selector).to_owned();
        Err(SelectionProblemKind::UnknownUnit { selector, suggestion })
    };
    match selector {
        Selector::Account(id) if organization.accounts.contains_key(id) => Ok(Vec::new()),
        Selector::Account(id) => Err(SelectionProblemKind::UnknownAccount(id.clone())),
        Selector::Root(id) if *id == organization.root.id => Ok(vec![organization.root_parent()]),
        Selector::Root(_) => unknown(Some(organization.root.id.to_string())),
        Selector::Unit(id) if organization.units.contains_key(id) => Ok(vec![ParentId::Ou(id.clone())]),
        Selector::Unit(id) => {
            unknown(most_similar(id.as_str(), organization.units.keys().map(OuId::to_string)))
        }
        Selector::Units(pattern) => {
            let all = all_units(organization);
            let units: Vec<ParentId> =
                all.iter().filter(|(_, path)| pattern.matches(path)).map(|(unit, _)| unit.clone()).collect();
            if units.is_empty() {
                return unknown(most_similar(pattern.as_str(), all.iter().map(|(_, path)| path.to_string())));
            }
            Ok(units)
        }
    }
}

fn all_units(organization: &Organization) -> Vec<(ParentId, OuPath)> {
    let units = organization.units.keys().map(|id| ParentId::Ou(id.clone()));
    let with_path = |unit: ParentId| {
        let path = organization.path(&unit);
        (unit, path)
    };
    std::iter::once(organization.root_parent()).chain(units).map(with_path).collect()
}

/// The candidate most like `wanted`, when one is like it at all.
fn most_similar(wanted: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    /// Below this Jaro-Winkler similarity a suggestion confuses more than it helps.
    const ALIKE: f64 = 0.8;
    let wanted = wanted.to_lowercase();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{account_id, organization};

    fn targets(include: &[&str], exclude: &[&str]) -> Targets {
        let selector = |text: &&str| match text.parse::<AccountId>() {
            Ok(account) => Selector::Account(account),
            Err(_) => match text.parse::<OuId>() {
                Ok(unit) => Selector::Unit(unit),
                Err(_) => Selector::Units(text.parse().unwrap()),
            },
        };
        Targets {
            include: include.iter().map(selector).collect(),
            exclude: exclude.iter().map(selector).collect(),
            management_account: ManagementAccount::Exclude,
        }
    }

    #[track_caller]
    fn check(include: &[&str], exclude: &[&str], expected: &[u64]) {
        let memberships = select(&targets(include, exclude), &organization()).unwrap();
        let selected: Vec<AccountId> =
            memberships.iter().filter(|(_, is)| is.selected).map(|(id, _)| id.clone()).collect();
        assert_eq!(selected, expected.iter().map(|&number| account_id(number)).collect::<Vec<_>>());
        assert_eq!(memberships.len(), organization().accounts.len());
    }

    #[test]
    fn a_unit_selects_what_is_in_and_below_it_and_exclusion_wins() {
        check(&["Workloads"], &[], &[21, 22, 23, 24]);
        check(&["Workloads/**"], &["Workloads/Legacy"], &[21, 22, 23]);
        check(&["Workloads/Prod"], &[], &[22, 23]);
        check(&["ou-root-prod0000"], &["000000000022"], &[23]);
        check(&["000000000024"], &[], &[24]);
        check(&["**"], &["Workloads"], &[11, 12]);
    }

    #[track_caller]
    fn refused(include: &[&str], exclude: &[&str], expected: &[&str]) {
        let PlanError::Selection(problems) = select(&targets(include, exclude), &organization()).unwrap_err()
        else {
            panic!("another error");
        };
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_selector_that_does_not_fit_is_reported_with_a_suggestion() {
        refused(
            &["Workload/Prod", "Workloads"],
            &["000000000099"],
            &[
                "targets.include[0]: there is no organizational unit `Workload/Prod`; \
                 did you mean `Workloads/Prod`?",
                "targets.exclude[0]: account 000000000099 is not in the organization",
            ],
        );
        refused(&["Xyz"], &[], &["targets.include[0]: there is no organizational unit `Xyz`"]);
        refused(
            &["000000000001"],
            &[],
            &["targets.include[0]: account 000000000001 is the management account, which StackSets never \
               reach; write `management_account: include` below `targets` instead"],
        );
    }
}
