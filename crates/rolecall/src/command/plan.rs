//! `plan`: what `apply` would do.

use std::path::Path;

use rollout_model::{Action, RolloutPlan};
use rollout_report::{plan_json, render_plan, terminal_width};

use crate::arguments::{Arguments, Output};
use crate::exit::Exit;
use crate::prepare::prepare;
use crate::print;

pub(crate) async fn run(arguments: &Arguments, config: &Path) -> anyhow::Result<Exit> {
    let plan = prepare(arguments, config).await?.plan().await?;
    print::result(&match arguments.output {
        Output::Text => render_plan(&plan, terminal_width()),
        Output::Json => plan_json(&plan),
    })?;
    Ok(exit(&plan))
}

/// An account that is blocked would make `apply` end with the same code.
fn exit(plan: &RolloutPlan) -> Exit {
    if plan.accounts.values().any(|account| account.action == Action::Blocked) {
        Exit::SomeFailed
    } else if plan.waves.is_empty() {
        Exit::AsSpecified
    } else {
        Exit::Findings
    }
}
