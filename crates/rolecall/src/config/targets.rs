//! Which accounts the configuration means: its selectors as the planner takes them.

use std::collections::BTreeSet;
use std::path::Path;

use rollout_model::{
    AccountState, InvalidOuPattern, ManagementAccount, Selector, TagCondition, TargetEntry, Targets,
};

use super::accounts_file;
use super::file::{ManagementAccountConfig, TargetsConfig};
use super::problems::Problems;
use super::selector::{EntryConfig, SelectorConfig, StateConfig};
use super::tag::{TagConfig, TagValues};
use super::value::written_time;

/// `directory` is where relative paths begin.
pub(super) fn targets(config: &TargetsConfig, directory: &Path, problems: &mut Problems) -> Option<Targets> {
    let mut reader = Reader { directory, problems };
    let include =
        reader.list("targets.include", &config.include, |reader, key, entry| reader.selectors(key, entry));
    if config.include.is_empty() {
        reader.problems.add("targets.include", "at least one entry is needed");
    }
    let exclude = reader.entries("targets.exclude", &config.exclude);
    let management_account = match config.management_account {
        Some(ManagementAccountConfig::Include) => ManagementAccount::Include,
        Some(ManagementAccountConfig::Exclude) => ManagementAccount::Exclude,
        None => ManagementAccount::Unsaid,
    };
    Some(Targets { include: include?, exclude: exclude?, management_account })
}

/// Reads entries and collects what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) directory: &'a Path,
    pub(super) problems: &'a mut Problems,
}

impl Reader<'_> {
    /// Every item, so that every problem is found; nothing when there was one.
    pub(super) fn list<T, U>(
        &mut self,
        key: &str,
        items: &[T],
        mut read: impl FnMut(&mut Self, &str, &T) -> Option<U>,
    ) -> Option<Vec<U>> {
        let read: Vec<Option<U>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| read(self, &format!("{key}[{index}]"), item))
            .collect();
        read.into_iter().collect()
    }

    pub(super) fn entries(&mut self, key: &str, entries: &[EntryConfig]) -> Option<Vec<TargetEntry>> {
        self.list(key, entries, |reader, key, entry| match entry {
            EntryConfig::ManagementAccount => {
                Some(TargetEntry { selectors: vec![Selector::ManagementAccount], optional: false })
            }
            EntryConfig::Selectors(config) => reader.selectors(key, config),
        })
    }

    fn selectors(&mut self, key: &str, config: &SelectorConfig) -> Option<TargetEntry> {
        let mut selectors = self.named(key, config);
        selectors.extend(self.described(key, config));
        if selectors.is_empty() && config.tag.is_empty() {
            self.problems.add(key, "at least one selector is needed, such as `ou` or `account`");
        }
        let selectors = selectors.into_iter().collect::<Option<Vec<Selector>>>()?;
        Some(TargetEntry { selectors, optional: config.optional })
    }

    /// By place or id.
    fn named(&mut self, key: &str, config: &SelectorConfig) -> Vec<Option<Selector>> {
        let mut selectors = Vec::new();
        if let Some(unit) = &config.ou {
            selectors.push(self.problems.take(&format!("{key}.ou"), units(unit)));
        }
        if let Some(id) = &config.account {
            let id = self.problems.take(&format!("{key}.account"), id.parse());
            selectors.push(id.map(Selector::Account));
        }
        if let Some(path) = &config.accounts_file {
            let read = accounts_file::read(&self.directory.join(path));
            let accounts = self.problems.take(&format!("{key}.accounts_file"), read);
            let file = path.display().to_string();
            selectors.push(accounts.map(|accounts| Selector::Listed { file, accounts }));
        }
        selectors
    }

    /// By what an account is like.
    fn described(&mut self, key: &str, config: &SelectorConfig) -> Vec<Option<Selector>> {
        let mut selectors = Vec::new();
        if let Some(name) = &config.name {
            let glob = self.problems.take(&format!("{key}.name"), name.parse());
            selectors.push(glob.map(Selector::Name));
        }
        if let Some(email) = &config.email {
            let glob = self.problems.take(&format!("{key}.email"), email.parse());
            selectors.push(glob.map(Selector::Email));
        }
        for (tag, written) in &config.tag {
            let conditions = self.problems.take(&format!("{key}.tag.{tag}"), conditions(written));
            let selector = |condition| Some(Selector::Tag { key: tag.clone(), condition });
            selectors.extend(conditions.into_iter().flatten().map(selector));
        }
        selectors.extend(config.state.map(|state| Some(Selector::State(account_state(state)))));
        if let Some(time) = &config.joined_after {
            let time = self.problems.take(&format!("{key}.joined_after"), written_time(time));
            selectors.push(time.map(Selector::JoinedAfter));
        }
        if let Some(time) = &config.joined_before {
            let time = self.problems.take(&format!("{key}.joined_before"), written_time(time));
            selectors.push(time.map(Selector::JoinedBefore));
        }
        selectors
    }
}

/// An id is taken for an id; whatever else is given as a unit is a path.
pub(crate) fn units(written: &str) -> Result<Selector, InvalidOuPattern> {
    if let Ok(id) = written.parse() {
        Ok(Selector::Unit(id))
    } else if let Ok(id) = written.parse() {
        Ok(Selector::Root(id))
    } else {
        written.parse().map(Selector::Units)
    }
}

fn conditions(config: &TagConfig) -> Result<Vec<TagCondition>, &'static str> {
    let values = |TagValues(values): &TagValues| match values.is_empty() {
        true => Err("at least one value is needed"),
        false => Ok(values.iter().cloned().collect::<BTreeSet<String>>()),
    };
    let mut conditions = Vec::new();
    if let Some(accepted) = &config.values {
        conditions.push(TagCondition::In(values(accepted)?));
    }
    match config.rule.exists {
        Some(true) => conditions.push(TagCondition::Exists),
        Some(false) => conditions.push(TagCondition::Absent),
        None => {}
    }
    if let Some(refused) = &config.rule.not {
        conditions.push(TagCondition::NotIn(values(refused)?));
    }
    match conditions.is_empty() {
        true => Err("a value, `exists` or `not` is needed"),
        false => Ok(conditions),
    }
}

fn account_state(state: StateConfig) -> AccountState {
    match state {
        StateConfig::Active => AccountState::Active,
        StateConfig::PendingActivation => AccountState::PendingActivation,
        StateConfig::Suspended => AccountState::Suspended,
        StateConfig::PendingClosure => AccountState::PendingClosure,
        StateConfig::Closed => AccountState::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read::decode;

    /// The entries of a list of excluded accounts, as they are shown, or what is wrong with them.
    fn excluded(entries: &str) -> Result<Vec<String>, Vec<String>> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("pilot.txt"), "111111111111\n222222222222\n").unwrap();
        let config = format!("{{ include: [ {{ ou: A }} ], exclude: {entries} }}");
        let config: TargetsConfig = decode(&config).unwrap();
        let mut problems = Problems::default();
        let targets = targets(&config, directory.path(), &mut problems);
        if problems.is_empty() {
            Ok(targets.unwrap().exclude.iter().map(TargetEntry::to_string).collect())
        } else {
            Err(problems
                .0
                .into_iter()
                .map(|problem| format!("{}: {}", problem.key, problem.message))
                .collect())
        }
    }

    #[track_caller]
    fn check(entry: &str, expected: &str) {
        assert_eq!(excluded(&format!("[ {entry} ]")), Ok(vec![expected.to_owned()]), "{entry}");
    }

    #[track_caller]
    fn refused(entry: &str, expected: &str) {
        let problems = excluded(&format!("[ {entry} ]")).unwrap_err();
        assert!(problems.len() == 1 && problems[0].contains(expected), "{entry}: {problems:?}");
    }

    #[test]
    fn an_entry_is_all_of_its_selectors() {
        check("management_account", "management_account");
        assert_eq!(excluded("[]"), Ok(vec![]));
        check("{ ou: Workloads/** }", "ou Workloads/**");
        check("{ ou: r-ab12, account: '111111111111' }", "ou r-ab12, account 111111111111");
        check("{ name: shop-*, email: '*@x.example' }", "name shop-*, email *@x.example");
        check("{ accounts_file: pilot.txt }", "accounts_file pilot.txt");
        check(
            "{ state: pending-closure, joined_after: 2026-03-01 }",
            "state pending closure, joined_after 2026-03-01",
        );
        check("{ joined_before: 2026-03-01T09:30:00Z }", "joined_before 2026-03-01T09:30:00Z");
    }

    #[test]
    fn a_tag_is_a_value_a_list_or_a_rule() {
        check("{ tag: { env: prod } }", "tag env is prod");
        check("{ tag: { cost: 4711, on: true } }", "tag cost is 4711, tag on is true");
        check("{ tag: { env: [prod, 5] } }", "tag env is 5 or prod");
        check("{ tag: { env: { exists: true } } }", "tag env exists");
        check("{ tag: { env: { exists: false } } }", "tag env does not exist");
        check("{ tag: { env: { not: prod } } }", "tag env is not prod");
        check(
            "{ tag: { env: { exists: true, not: [prod, dev] } } }",
            "tag env exists, tag env is not dev or prod",
        );
    }

    #[test]
    fn a_selector_that_means_nothing_is_told_by_its_key() {
        refused("{ ou: A//B }", "targets.exclude[0].ou: `A//B`");
        refused("{ account: '12' }", "targets.exclude[0].account: `12` is not an account id");
        refused("{ accounts_file: nowhere.txt }", "targets.exclude[0].accounts_file: could not read");
        refused("{ name: '' }", "targets.exclude[0].name: `` is not a pattern");
        refused("{ tag: { env: [] } }", "targets.exclude[0].tag.env: at least one value");
        refused("{ tag: { env: {} } }", "targets.exclude[0].tag.env: a value, `exists` or `not`");
        refused("{ joined_after: soon }", "targets.exclude[0].joined_after: `soon`");
        refused("{ optional: true }", "targets.exclude[0]: at least one selector");
        refused("{ tag: {} }", "targets.exclude[0]: at least one selector");
    }
}
