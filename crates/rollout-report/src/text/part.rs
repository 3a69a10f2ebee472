//! What a run was about, when that was not all targets.

use rollout_model::Narrowing;

use super::escape::escaped;
use super::words::counted;
use crate::merge::ShardRun;
use crate::state::RunState;

/// Everything by which the run was narrowed, and what of it repeats a sample.
pub(crate) fn part_in_words(narrowing: &Narrowing) -> String {
    let Narrowing { part, targets, eligible, chosen } = narrowing;
    let mut words = Vec::new();
    if !part.only.is_empty() {
        words.push(format!("only {}", escaped(&part.only.join(" or "))));
    }
    if let Some(run) = &part.unproven_in {
        words.push(format!("only what was not verified by run {run}"));
    }
    if !words.is_empty() {
        words = vec![format!("{}: {eligible} of {}", words.join(", "), counted(*targets, "target"))];
    }
    if let Some(sample) = &part.sample {
        words.push(format!(
            "a sample of {chosen} of {}, to be repeated with --sample {} --seed {}",
            counted(*eligible, "account"),
            sample.size,
            escaped(&sample.seed),
        ));
    }
    if let Some(shard) = part.shard {
        words.push(format!("shard {shard}: {chosen} of {}", counted(*eligible, "account")));
    }
    words.join("; ")
}

/// From how many shards a run was joined.
pub(super) fn joined_from(state: &RunState) -> String {
    let all = counted(state.shards.len(), "shard");
    match state.shards.len() - state.missing_shards().count() {
        there if there == state.shards.len() => format!(", joined from {all}"),
        there => format!(", joined from {there} of {all}"),
    }
}

/// A shard of a joined run, with the run that looked at it.
pub(super) fn shard_in_words(ShardRun { shard, run, started_at, is_finished }: &ShardRun) -> String {
    let Some(run) = run else { return format!("shard {shard}: MISSING") };
    let started = started_at.map(|at| format!(", started {}", at.strftime("%F %T UTC"))).unwrap_or_default();
    let ended = if *is_finished { "" } else { ", did not come to its end" };
    format!("shard {shard}: run {run}{started}{ended}")
}

/// Which shards are missing, in words; nothing when none is.
pub(super) fn missing_shards(state: &RunState) -> String {
    match state.missing_shards().map(|shard| shard.to_string()).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [shard] => format!("shard {shard} is missing"),
        shards => format!("shards {} are missing", shards.join(", ")),
    }
}

/// How much of the whole that is, in a few words.
pub(super) fn looked_at(narrowing: &Narrowing) -> String {
    format!("{} of {}", narrowing.chosen, counted(narrowing.targets, "target"))
}

#[cfg(test)]
mod tests {
    use rollout_model::{Part, Sample, Share};

    use super::*;

    #[track_caller]
    fn check(part: Part, expected: &str) {
        let narrowing = Narrowing { part, targets: 58, eligible: 12, chosen: 4 };
        assert_eq!(part_in_words(&narrowing), expected);
    }

    #[test]
    fn a_part_says_by_what_it_was_narrowed_to_how_much() {
        let only = vec!["name shop-*".to_owned(), "ou Sandbox".to_owned()];
        check(
            Part { only: only.clone(), ..Part::default() },
            "only name shop-* or ou Sandbox: 12 of 58 targets",
        );
        let unproven_in = Some("20261120T120000Z-k3f9".parse().unwrap());
        check(
            Part { unproven_in, ..Part::default() },
            "only what was not verified by run 20261120T120000Z-k3f9: 12 of 58 targets",
        );
        let sample = Some(Sample { size: Share::Percent(30), seed: "monday\u{1b}".to_owned() });
        check(
            Part { sample, ..Part::default() },
            "a sample of 4 of 12 accounts, to be repeated with --sample 30% --seed monday\\u{1b}",
        );
        let shard = Some("2/3".parse().unwrap());
        check(
            Part { only, shard, ..Part::default() },
            "only name shop-* or ou Sandbox: 12 of 58 targets; shard 2/3: 4 of 12 accounts",
        );
    }
}
