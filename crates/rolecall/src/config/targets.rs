//! Which accounts are meant, and in which waves.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollout_model::{
    AccountState, InvalidOuPattern, ManagementAccount, Selector, TagCondition, TargetEntry, Targets,
    WaveName, WaveSpec, WrittenTime,
};
use rollout_planner::{LAST_WAVE, MANAGEMENT_WAVE, REMOVAL_WAVE};

use super::accounts_file;
use super::file::{ManagementAccountConfig, TargetsConfig, WaveConfig};
use super::problems::Problems;
use super::selector::{EntryConfig, SelectorConfig, StateConfig};
use super::tag::TagConfig;

/// `directory` is where the paths of files begin.
pub(super) fn targets(config: &TargetsConfig, directory: &Path, problems: &mut Problems) -> Option<Targets> {
    if config.include.is_empty() {
        problems.add("targets.include", "at least one entry is needed");
    }
    let include =
        config.include.iter().enumerate().map(|(index, config)| {
            selectors(&format!("targets.include[{index}]"), config, directory, problems)
        });
    // Every entry is looked at, so that every problem is reported.
    let include: Vec<Option<TargetEntry>> = include.collect();
    let exclude = entries("targets.exclude", &config.exclude, directory, problems);
    let management_account = match config.management_account {
        Some(ManagementAccountConfig::Include) => ManagementAccount::Include,
        Some(ManagementAccountConfig::Exclude) => ManagementAccount::Exclude,
        None => ManagementAccount::Unsaid,
    };
    let include = include.into_iter().collect::<Option<Vec<TargetEntry>>>()?;
    Some(Targets { include, exclude: exclude?, management_account })
}

pub(super) fn waves(
    configs: &[WaveConfig],
    directory: &Path,
    problems: &mut Problems,
) -> Option<Vec<WaveSpec>> {
    let mut names = BTreeSet::new();
    let waves = configs.iter().enumerate().map(|(index, config)| {
        let key = format!("waves[{index}]");
        let name = problems.take(&format!("{key}.name"), config.name.parse::<WaveName>());
        if [MANAGEMENT_WAVE, LAST_WAVE, REMOVAL_WAVE].contains(&config.name.as_str()) {
            problems.add(format!("{key}.name"), format!("`{}` is a wave that every plan has", config.name));
        } else if !names.insert(&config.name) {
            problems.add(format!("{key}.name"), format!("another wave is called `{}` too", config.name));
        }
        if config.include.is_empty() {
            problems.add(format!("{key}.include"), "at least one entry is needed");
        }
        let include = entries(&format!("{key}.include"), &config.include, directory, problems);
        Some(WaveSpec { name: name?, include: include? })
    });
    let waves: Vec<Option<WaveSpec>> = waves.collect();
    waves.into_iter().collect()
}

fn entries(
    key: &str,
    configs: &[EntryConfig],
    directory: &Path,
    problems: &mut Problems,
) -> Option<Vec<TargetEntry>> {
    let entries = configs.iter().enumerate().map(|(index, config)| match config {
        EntryConfig::ManagementAccount => {
            Some(TargetEntry { selectors: vec![Selector::ManagementAccount], optional: false })
        }
        EntryConfig::Selectors(config) => selectors(&format!("{key}[{index}]"), config, directory, problems),
    });
    let entries: Vec<Option<TargetEntry>> = entries.collect();
    entries.into_iter().collect()
}

fn selectors(
    key: &str,
    config: &SelectorConfig,
    directory: &Path,
    problems: &mut Problems,
) -> Option<TargetEntry> {
    let mut read = Reader { key, problems, selectors: Vec::new(), is_whole: true };
    read.take("ou", config.ou.as_deref().map(units));
    read.take("account", parsed(&config.account, Selector::Account));
    read.take("accounts_file", config.accounts_file.as_deref().map(|file| listed(file, directory)));
    read.take("name", parsed(&config.name, Selector::Name));
    read.take("email", parsed(&config.email, Selector::Email));
    for (key, tag) in &config.tag {
        read.tag(key, tag);
    }
    read.selectors.extend(config.state.map(|state| Selector::State(account_state(state))));
    read.take(
        "joined_after",
        config.joined_after.as_deref().map(|time| moment(time).map(Selector::JoinedAfter)),
    );
    read.take(
        "joined_before",
        config.joined_before.as_deref().map(|time| moment(time).map(Selector::JoinedBefore)),
    );
    let Reader { selectors, is_whole, problems, .. } = read;
    if selectors.is_empty() && is_whole {
        problems.add(key, "at least one selector is needed, such as `ou`, `account`, `name` or `tag`");
    }
    (is_whole && !selectors.is_empty()).then_some(TargetEntry { selectors, optional: config.optional })
}

/// Collects the selectors of one entry, and what is wrong with any of them.
struct Reader<'a> {
    key: &'a str,
    problems: &'a mut Problems,
    selectors: Vec<Selector>,
    is_whole: bool,
}

impl Reader<'_> {
    fn take(&mut self, name: &str, selector: Option<Result<Selector, String>>) {
        let Some(selector) = selector else { return };
        match self.problems.take(&format!("{}.{name}", self.key), selector) {
            Some(selector) => self.selectors.push(selector),
            None => self.is_whole = false,
        }
    }

    fn tag(&mut self, key: &str, config: &TagConfig) {
        let rule = &config.rule;
        let exists = rule.exists.map(|exists| match exists {
            true => TagCondition::Exists,
            false => TagCondition::Absent,
        });
        let values = |values: &[String]| values.iter().cloned().collect();
        let conditions = [
            config.values.as_ref().map(|one| TagCondition::In(values(&one.0))),
            exists,
            rule.not.as_ref().map(|not| TagCondition::NotIn(values(&not.0))),
        ];
        let before = self.selectors.len();
        self.selectors.extend(
            conditions
                .into_iter()
                .flatten()
                .map(|condition| Selector::Tag { key: key.to_owned(), condition }),
        );
        if self.selectors.len() == before {
            let message = "a value, a list of values, or a map with `exists` or `not` is needed";
            self.problems.add(format!("{}.tag.{key}", self.key), message);
            self.is_whole = false;
        }
    }
}

fn parsed<T>(text: &Option<String>, selector: fn(T) -> Selector) -> Option<Result<Selector, String>>
where
    T: std::str::FromStr<Err = rollout_model::InvalidId>,
{
    text.as_ref().map(|text| text.parse().map(selector).map_err(|error| error.to_string()))
}

/// An id is taken for an id; whatever else is given is a path.
fn units(text: &str) -> Result<Selector, String> {
    let by_id = text.parse().map(Selector::Unit).or_else(|_| text.parse().map(Selector::Root));
    by_id.or_else(|_| text.parse().map(Selector::Units)).map_err(|error: InvalidOuPattern| error.to_string())
}

fn listed(file: &Path, directory: &Path) -> Result<Selector, String> {
    let accounts = accounts_file::read(&directory.join(file))?;
    Ok(Selector::Listed { file: file.display().to_string(), accounts })
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

/// A date begins at midnight UTC.
fn moment(text: &str) -> Result<WrittenTime, String> {
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let time = text.parse::<Timestamp>().or_else(|_| text.parse::<Date>().and_then(midnight));
    let time = time.map_err(|_| {
        format!("`{text}` is neither a date such as `2026-03-01` nor a time such as `2026-03-01T09:30:00Z`")
    })?;
    Ok(WrittenTime { time: time.into(), written: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_begins_at_midnight_utc_and_a_time_is_exact() {
        let seconds = |text: &str| {
            let time = moment(text).unwrap().time;
            time.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs()
        };
        assert_eq!(seconds("2026-03-01"), 1_772_323_200);
        assert_eq!(seconds("2026-03-01T09:30:00Z"), 1_772_323_200 + 34_200);
        assert_eq!(seconds("2026-03-01T09:30:00+01:00"), 1_772_323_200 + 30_600);
        for text in ["", "yesterday", "2026-13-01", "2026-03"] {
            assert!(moment(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
    }

    #[test]
    fn an_id_is_taken_for_an_id_and_anything_else_for_a_path() {
        let check = |text: &str, expected: &str| match units(text) {
            Ok(Selector::Unit(_)) => assert_eq!(expected, "unit", "{text}"),
            Ok(Selector::Root(_)) => assert_eq!(expected, "root", "{text}"),
            Ok(Selector::Units(_)) => assert_eq!(expected, "path", "{text}"),
            other => panic!("{text}: {other:?}"),
        };
        check("ou-ab12-12345678", "unit");
        check("r-ab12", "root");
        check("Workloads/**", "path");
        assert!(units("a//b").unwrap_err().contains("`a//b`"));
    }
}
