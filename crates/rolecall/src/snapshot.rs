//! Snapshots of an organization as files.

use std::path::Path;

use anyhow::Context;
use jiff::{SpanRound, Timestamp, Unit};
use rollout_report::OrganizationSnapshot;

use crate::whole_file::Readers;
use crate::{print, whole_file};

/// Reads a snapshot and tells how old it is: whoever decides on it should know.
pub(crate) fn read(path: &Path, now: Timestamp) -> anyhow::Result<OrganizationSnapshot> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the organization `{}`", path.display()))?;
    let snapshot = OrganizationSnapshot::read(&text)
        .with_context(|| format!("could not use the organization `{}`", path.display()))?;
    print::message(&format!(
        "organization {} from `{}`, as it was {} ago ({})",
        snapshot.organization.id,
        path.display(),
        age(snapshot.taken_at, now),
        snapshot.taken_at.strftime("%F %T UTC"),
    ));
    Ok(snapshot)
}

/// Writes a file that only its owner can read.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    whole_file::write(path, text.as_bytes(), Readers::Owner).with_context(|| {
        format!("could not write `{}`; is it in a directory that is there and yours?", path.display())
    })
}

/// How long ago, in the one or two units that matter.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs().max(0);
    let smallest = match seconds {
        0..60 => Unit::Second,
        60..172_800 => Unit::Minute,
        _ => Unit::Hour,
    };
    let rounding = SpanRound::new().smallest(smallest).largest(Unit::Day).days_are_24_hours();
    let span = jiff::Span::new().seconds(seconds);
    span.round(rounding).map_or_else(|_| format!("{seconds}s"), |span| format!("{span:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_as_coarse_as_they_are_old() {
        let check = |seconds: i64, expected: &str| {
            let now = Timestamp::from_second(1_760_000_000 + seconds).unwrap();
            assert_eq!(age(Timestamp::from_second(1_760_000_000).unwrap(), now), expected);
        };
        check(0, "0s");
        check(-5, "0s");
        check(59, "59s");
        check(60 * 61, "1h 1m");
        check(86_400 * 3 + 3600 * 2, "3d 2h");
    }
}
