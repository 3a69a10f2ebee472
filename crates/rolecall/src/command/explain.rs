//! `explain`: why an account is a target or none, and what the plan does there.

use anyhow::bail;
use rollout_model::{Account, AccountPlan, Explanation, Organization, RolloutPlan};
use rollout_report::{explanation_json, render_explanation, terminal_width};

use crate::arguments::Arguments;
use crate::clock::Clock;
use crate::config::Rollout;
use crate::connect::{Request, connect, read_config_offline};
use crate::exit::Exit;
use crate::observed::When;
use crate::prepare::survey;
use crate::{print, snapshot};

pub(crate) async fn run(arguments: &Arguments, wanted: &str, request: Request<'_>) -> anyhow::Result<Exit> {
    if let Some(file) = request.organization {
        let rollout = read_config_offline(request.config)?;
        let found = snapshot::read(file, Clock::start().now())?;
        return explain(arguments, wanted, &rollout, &found.organization, None);
    }
    let connected = connect(arguments, request).await?;
    let (mut prepared, observed) = survey(connected, When::Now).await?;
    let plan = prepared.plan(&observed).await?;
    print::warnings(&plan.warnings);
    explain(arguments, wanted, &prepared.rollout, &prepared.organization, Some(&plan))
}

fn explain(
    arguments: &Arguments,
    wanted: &str,
    rollout: &Rollout,
    organization: &Organization,
    plan: Option<&RolloutPlan>,
) -> anyhow::Result<Exit> {
    let mut explained: Vec<(&Account, Explanation, Option<&AccountPlan>)> = Vec::new();
    for account in find(wanted, organization)? {
        if let Some(explanation) =
            rollout.explained(rollout_planner::explain(&rollout.spec, organization, &account.id))?
        {
            let planned = plan.and_then(|plan| plan.accounts.get(&account.id));
            explained.push((account, explanation, planned));
        }
    }
    print::result(&match arguments.output.is_text() {
        true => {
            let text = |(account, explanation, plan): &(&Account, Explanation, Option<&AccountPlan>)| {
                let home = &rollout.spec.home_region;
                render_explanation(organization, account, explanation, *plan, home, terminal_width())
            };
            explained.iter().map(text).collect::<Vec<_>>().join("\n")
        }
        false => explanation_json(organization, &explained),
    })?;
    Ok(Exit::AsSpecified)
}

/// The account of an id, or every account of a name: names are not unique.
fn find<'a>(wanted: &str, organization: &'a Organization) -> anyhow::Result<Vec<&'a Account>> {
    let is_meant = |account: &&Account| account.id.as_str() == wanted || account.name == wanted;
    let found: Vec<&Account> = organization.accounts.values().filter(is_meant).collect();
    if found.is_empty() {
        let names = organization.accounts.values().map(|account| account.name.clone());
        let hint = rollout_planner::most_similar(wanted, names);
        let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        bail!("the organization {} has no account `{wanted}`{hint}", organization.id);
    }
    Ok(found)
}
