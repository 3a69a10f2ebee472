//! In which order accounts are deployed to, and what has to hold in between.

use std::collections::BTreeSet;
use std::path::Path;

use rollout_model::{Gate, ProceedWhen, WaveName, WaveSpec};
use rollout_planner::{LAST_WAVE, MANAGEMENT_WAVE, REMOVAL_WAVE};

use super::file::{ProceedWhenConfig, WaveConfig};
use super::problems::Problems;
use super::targets::Reader;
use super::value::{duration, share};

/// `directory` is where relative paths begin.
pub(super) fn waves(
    configs: &[WaveConfig],
    directory: &Path,
    problems: &mut Problems,
) -> Option<Vec<WaveSpec>> {
    let mut reader = Reader { directory, problems };
    let mut names = BTreeSet::new();
    reader.list("waves", configs, |reader, key, wave| {
        let name = reader.problems.take(&format!("{key}.name"), wave_name(&wave.name));
        if name.is_some() && !names.insert(wave.name.clone()) {
            reader.problems.add(format!("{key}.name"), "an earlier wave has this name");
        }
        let gate = gate(key, wave, reader.problems);
        let key = format!("{key}.include");
        if wave.include.is_empty() {
            reader.problems.add(&key, "at least one entry is needed");
        }
        Some(WaveSpec { name: name?, include: reader.entries(&key, &wave.include)?, gate: gate? })
    })
}

/// A wave that somebody wrote down is there to hold the others back when it goes wrong.
fn gate(key: &str, wave: &WaveConfig, problems: &mut Problems) -> Option<Gate> {
    let max_failures = wave.max_failures.as_deref().unwrap_or("0");
    let max_failures = problems.take(&format!("{key}.max_failures"), share(max_failures));
    let soak = wave.soak.as_deref().unwrap_or("0s");
    let soak = problems.take(&format!("{key}.soak"), duration(soak));
    let proceed_when = match wave.proceed_when {
        Some(ProceedWhenConfig::Verified) => ProceedWhen::Verified,
        Some(ProceedWhenConfig::Deployed) | None => ProceedWhen::Deployed,
    };
    Some(Gate { proceed_when, max_failures: max_failures?, soak: soak? })
}

fn wave_name(name: &str) -> Result<WaveName, String> {
    if [MANAGEMENT_WAVE, LAST_WAVE, REMOVAL_WAVE].contains(&name) {
        return Err(format!("every plan has a wave named `{name}` of its own; choose another name"));
    }
    name.parse().map_err(|error: rollout_model::InvalidId| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rollout_model::Share;

    use super::*;
    use crate::config::read::decode;

    #[track_caller]
    fn waves_of(config: &str, expected: Result<usize, &[&str]>) {
        let config: Vec<WaveConfig> = decode(config).unwrap();
        let mut problems = Problems::default();
        let waves = waves(&config, Path::new(""), &mut problems);
        let told: Vec<String> =
            problems.0.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect();
        match expected {
            Ok(count) => assert_eq!((waves.map(|waves| waves.len()), told), (Some(count), vec![])),
            Err(says) => {
                assert_eq!(told.len(), says.len(), "{told:?}");
                assert!(told.iter().zip(says).all(|(told, says)| told.contains(says)), "{told:?}");
            }
        }
    }

    #[test]
    fn waves_have_names_of_their_own_and_somebody_in_them() {
        waves_of(
            "[ { name: a, include: [ management_account ] }, { name: b, include: [ { ou: A } ] } ]",
            Ok(2),
        );
        waves_of(
            "[ { name: a, include: [ { ou: A } ] }, { name: a, include: [] } ]",
            Err(&["waves[1].name: an earlier wave has this name", "waves[1].include: at least one entry"]),
        );
        for name in [MANAGEMENT_WAVE, LAST_WAVE, REMOVAL_WAVE] {
            let config = format!("[ {{ name: {name}, include: [ {{ ou: A }} ] }} ]");
            waves_of(&config, Err(&["choose another name"]));
        }
        waves_of(
            "[ { name: a/b, include: [ { ou: A } ] } ]",
            Err(&["waves[0].name: `a/b` is not a wave name"]),
        );
    }

    #[test]
    fn a_wave_holds_the_next_one_back_when_anything_fails_unless_it_says_otherwise() {
        let gate = |config: &str| {
            let wave: WaveConfig =
                decode(&format!("{{ name: w, include: [ {{ ou: A }} ]{config} }}")).unwrap();
            let mut problems = Problems::default();
            super::gate("waves[0]", &wave, &mut problems)
        };
        let strict =
            Gate { proceed_when: ProceedWhen::Deployed, max_failures: Share::Count(0), soak: Duration::ZERO };
        assert_eq!(gate(""), Some(strict));
        let said = Gate {
            proceed_when: ProceedWhen::Verified,
            max_failures: Share::Percent(5),
            soak: Duration::from_secs(600),
        };
        assert_eq!(gate(", proceed_when: verified, max_failures: 5%, soak: 10m"), Some(said));
        waves_of(
            "[ { name: a, include: [ { ou: A } ], soak: soon, max_failures: few } ]",
            Err(&["waves[0].max_failures: `few` is neither", "waves[0].soak: `soon` is not a duration"]),
        );
    }
}
