//! What the configuration means. Beyond this file nothing is optional without a reason, and nobody asks
//! where a value came from.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;

use request_budget::Budgets;
use rollout_model::{
    AutoDeployment, CallAs, ConcurrencyMode, Consent, Limits, MARK, OperationPreferences, PermissionModel,
    Region, RolloutName, RolloutSpec, Scope, Share, StackDefinition, StackSetDefinition,
};
use rollout_planner::{PlanError, SelectionProblem};
use sha2::{Digest, Sha256};

use super::file::{CallAsConfig, ConcurrencyModeConfig, FileConfig, StackSetConfig};
use super::imports::import_stacks;
use super::invalid::InvalidConfig;
use super::permissions::permission_model;
use super::problems::Problems;
use super::role::{Deployable, Surroundings, deployable};
use super::source::Source;
use super::targets::targets;
use super::value::share;
use super::verify::{Verify, verify};
use super::waves::waves;

/// The tag that tells whether a masked parameter has changed: AWS never shows the value of one again
/// (aws-facts A8).
const DIGEST: &str = "rolecall:digest";

/// The keys of the tags that every stack of ours has.
pub(super) const STACK_TAGS: [&str; 2] = [MARK, DIGEST];

/// A configuration with everything decided.
#[derive(Debug)]
pub(crate) struct Rollout {
    pub(crate) spec: RolloutSpec,
    pub(crate) deployable: Deployable,
    pub(crate) verify: Verify,
    /// How many calls a second go to STS; `None` for as many as AWS documents.
    sts_requests: Option<NonZeroU32>,
    /// Where everything stands, for what is found to be wrong later.
    pub(crate) source: Source,
}

impl Rollout {
    /// How fast AWS is asked.
    pub(crate) fn budgets(&self) -> Budgets {
        self.sts_requests.map_or_else(Budgets::default, Budgets::with_sts_rate)
    }

    /// What was planned; of entries that do not fit the organization, an error that shows them in the file.
    pub(crate) fn explained<T>(&self, planned: Result<T, PlanError>) -> anyhow::Result<T> {
        planned.map_err(|error| match error {
            PlanError::Selection(problems) => {
                let problem = |problem: SelectionProblem| (problem.key, problem.kind.to_string());
                self.source.invalid(problems.into_iter().map(problem)).into()
            }
            error => error.into(),
        })
    }
}

/// What a file means that has the right form. Problems are told at their places in `source`.
pub(crate) fn resolve(
    file: FileConfig,
    source: Source,
    directory: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Rollout, InvalidConfig> {
    let mut problems = Problems::default();
    let rollout = problems.take("rollout", file.rollout.parse::<RolloutName>());
    let home_region = problems.take("home_region", file.home_region.parse::<Region>());
    let verify = verify(&file.verify, &mut problems);
    let deployable =
        deployable(&file, verify.as_ref(), &Surroundings { directory, environment }, &mut problems);
    let targets = targets(&file.targets, directory, &mut problems);
    let waves = waves(&file.waves, directory, &mut problems);
    only_the_home_region(&file, &mut problems);
    let preferences = preferences(&file.stack_set, &mut problems);
    let permission_model = permission_model(&file.stack_set, &mut problems);
    let import_stacks = import_stacks(&file, deployable.as_ref(), &mut problems);
    let (
        Some(rollout),
        Some(home_region),
        Some(deployable),
        Some(targets),
        Some(waves),
        Some(preferences),
        Some(verify),
        Some(permission_model),
        Some(import_stacks),
        true,
    ) = (
        rollout,
        home_region,
        deployable,
        targets,
        waves,
        preferences,
        verify,
        permission_model,
        import_stacks,
        problems.is_empty(),
    )
    else {
        return Err(source.reject(problems.0));
    };
    let tags = tags(&rollout, &deployable);
    let spec = RolloutSpec {
        targets,
        stack_set: stack_set(&rollout, &file.stack_set, permission_model, &deployable, tags.clone()),
        import_stacks,
        management_stack: StackDefinition {
            name: rollout.as_str().parse().expect("a rollout name is a stack name"),
            template: deployable.template.clone(),
            parameters: deployable.parameters.clone(),
            tags,
        },
        preferences,
        limits: Limits {
            max_targets: file.limits.max_targets.unwrap_or(5000),
            max_removals: file.limits.max_removals.unwrap_or(0),
        },
        waves,
        consent: Consent::default(),
        scope: Scope::default(),
        home_region,
        rollout,
    };
    Ok(Rollout { spec, deployable, verify, sts_requests: file.limits.sts_requests, source })
}

/// A role is global: a second Region would only collide with the first (aws-facts K8).
fn only_the_home_region(file: &FileConfig, problems: &mut Problems) {
    let Some(regions) = &file.stack_set.regions else { return };
    if regions.len() > 1 {
        let message = "a role is global, so it is deployed to exactly one Region; with two, the second \
                       stack of every account fails because the role exists already";
        problems.add("stack_set.regions", message);
    } else if regions.first() != Some(&file.home_region) {
        problems.add(
            "stack_set.regions",
            format!("the one Region has to be home_region (`{}`)", file.home_region),
        );
    }
}

/// A role is additive and harmless to create, so by default every account is attempted and judged by itself;
/// strict mode with little tolerance would go one account at a time (aws-facts A5, K14).
fn preferences(config: &StackSetConfig, problems: &mut Problems) -> Option<OperationPreferences> {
    let mut read = |key: &str, text: &Option<String>| match text {
        Some(text) => problems.take(&format!("stack_set.{key}"), share(text)),
        None => Some(Share::Percent(100)),
    };
    let max_concurrent = read("max_concurrent", &config.max_concurrent);
    let failure_tolerance = read("failure_tolerance", &config.failure_tolerance);
    if matches!(max_concurrent, Some(Share::Count(0) | Share::Percent(0))) {
        problems.add("stack_set.max_concurrent", "at least one account at a time is needed");
    }
    Some(OperationPreferences {
        max_concurrent: max_concurrent?,
        failure_tolerance: failure_tolerance?,
        concurrency_mode: match config.concurrency_mode {
            Some(ConcurrencyModeConfig::Strict) => ConcurrencyMode::Strict,
            Some(ConcurrencyModeConfig::Soft) | None => ConcurrencyMode::Soft,
        },
    })
}

fn stack_set(
    rollout: &RolloutName,
    config: &StackSetConfig,
    permission_model: PermissionModel,
    deployable: &Deployable,
    tags: BTreeMap<String, String>,
) -> StackSetDefinition {
    let auto_deployment = match &config.auto_deployment {
        Some(auto) => AutoDeployment {
            enabled: auto.enabled,
            retain_on_removal: auto.enabled && auto.retain_on_removal,
        },
        None => AutoDeployment { enabled: false, retain_on_removal: false },
    };
    StackSetDefinition {
        name: rollout.as_str().parse().expect("a rollout name is a StackSet name"),
        description: format!("Deployed by rolecall: {rollout}"),
        template: deployable.template.clone(),
        parameters: deployable.parameters.clone(),
        tags,
        permission_model,
        call_as: match config.call_as {
            Some(CallAsConfig::DelegatedAdmin) => CallAs::DelegatedAdmin,
            Some(CallAsConfig::Myself) | None => CallAs::Myself,
        },
        auto_deployment,
        managed_execution: config.managed_execution.unwrap_or(true),
    }
}

/// Our mark, and a digest by which a change of a masked parameter is noticed.
fn tags(rollout: &RolloutName, deployable: &Deployable) -> BTreeMap<String, String> {
    let mut digest = Sha256::new();
    digest.update(&deployable.template);
    for (key, value) in &deployable.parameters {
        // Lengths keep `ab` + `c` and `a` + `bc` apart.
        digest.update(format!("{}:{key}{}:{}", key.len(), value.0.len(), value.0));
    }
    let digest: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    [(MARK.to_owned(), rollout.to_string()), (DIGEST.to_owned(), digest)].into()
}
