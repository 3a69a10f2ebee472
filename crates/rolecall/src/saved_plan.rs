//! Saved plans: written by `plan --out`, carried out by `apply` exactly or not at all.

use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;
use rollout_model::RolloutPlan;
use rollout_report::{PlanFile, PlanOrigin};
use sha2::{Digest, Sha256};

use crate::arguments::{ConnectionArguments, PlanningArguments};
use crate::config::{Probe, Rollout};
use crate::connect::read_config;
use crate::snapshot;

/// The plans of one version are compared with each other only.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// More differences than these say nothing more.
const SHOWN: usize = 10;

/// Writes a plan that was made from a configuration.
pub(crate) fn write(
    path: &Path,
    plan: &RolloutPlan,
    configuration: &Path,
    rollout: &Rollout,
    saved_at: Timestamp,
) -> anyhow::Result<()> {
    let origin = PlanOrigin {
        saved_at,
        version: VERSION.to_owned(),
        configuration: configuration.to_owned(),
        configuration_digest: digest(rollout),
        remove: rollout.spec.consent.removal,
        adopt: rollout.spec.consent.adoption,
        allow_replacement: rollout.spec.consent.replacement,
        converge: rollout.spec.consent.convergence,
    };
    snapshot::write(path, &PlanFile::of(origin, plan).to_json())
}

/// Reads a saved plan, and refuses one that its configuration does not say any more. AWS is not asked.
pub(crate) fn read(connection: &ConnectionArguments, path: &Path) -> anyhow::Result<PlanFile> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("could not read the plan `{}`", path.display()))?;
    let file =
        PlanFile::read(&text).with_context(|| format!("could not use the plan `{}`", path.display()))?;
    let PlanOrigin { version, configuration, .. } = &file.origin;
    if version != VERSION {
        bail!(
            "the plan `{}` is of rolecall {version}, and this is {VERSION}: make a new one",
            path.display()
        );
    }
    let mut rollout = read_config(connection, configuration, Probe::AsConfigured).with_context(|| {
        format!("the plan `{}` was made from `{}`", path.display(), configuration.display())
    })?;
    rollout.spec.consent = planning(&file).consent();
    if digest(&rollout) != file.origin.configuration_digest {
        bail!(
            "the plan `{}` is not carried out: the configuration `{}`, or a file or variable that it refers \
             to, has changed since\n  make a new plan with `rolecall plan {} --out {}`",
            path.display(),
            configuration.display(),
            configuration.display(),
            path.display(),
        );
    }
    Ok(file)
}

/// What the plan was allowed when it was made.
pub(crate) fn planning(file: &PlanFile) -> PlanningArguments {
    let PlanOrigin { remove, adopt, allow_replacement, converge, .. } = file.origin;
    PlanningArguments { remove, adopt, allow_replacement, converge, no_account_checks: false }
}

/// Refuses a saved plan when another one would be made now.
pub(crate) fn require_the_same(
    file: &PlanFile,
    path: &Path,
    now: &RolloutPlan,
    at: Timestamp,
) -> anyhow::Result<()> {
    let differences = file.differences(now);
    if differences.is_empty() {
        return Ok(());
    }
    let mut told: Vec<String> = differences.iter().take(SHOWN).map(|line| format!("\n  {line}")).collect();
    if differences.len() > SHOWN {
        told.push(format!("\n  and {} more", differences.len() - SHOWN));
    }
    bail!(
        "the plan `{}`, made {} ago, is not carried out, because it would come out differently now:{}\n  make a \
         new plan with `rolecall plan {} --out {}`",
        path.display(),
        snapshot::age(file.origin.saved_at, at),
        told.concat(),
        file.origin.configuration.display(),
        path.display(),
    )
}

/// Of everything that a configuration means for a plan. Secrets are in it as the digest that the stacks carry
/// among their tags; their own text is masked.
fn digest(rollout: &Rollout) -> String {
    let digest = Sha256::digest(format!("{:?}", rollout.spec));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
