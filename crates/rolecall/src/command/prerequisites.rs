//! `prerequisites`: the template of a role that has to be there before a self-managed StackSet can deploy.

use std::path::Path;

use anyhow::bail;
use role_template::with_defaults;
use rollout_model::{AccountId, AdministrationRole, Owner, PermissionModel, RoleArn, RoleName};
use stackset_deployer::cloudformation_principals;

use crate::arguments::{Arguments, Prerequisite};
use crate::aws::Aws;
use crate::config::Rollout;
use crate::connect::read_config_offline;
use crate::exit::Exit;
use crate::print;

const ADMINISTRATION: &str = include_str!("../../../../templates/stackset-administration-role.yaml");
const EXECUTION: &str = include_str!("../../../../templates/stackset-execution-role.yaml");

/// AWS is asked whose the StackSet will be, unless the configuration names the administration role by its ARN.
pub(crate) async fn run(arguments: &Arguments, which: Prerequisite, config: &Path) -> anyhow::Result<Exit> {
    let rollout = read_config_offline(config)?;
    let PermissionModel::SelfManaged { administration_role, execution_role } =
        &rollout.spec.stack_set.permission_model
    else {
        bail!(
            "a service-managed StackSet needs no roles of your own\n  write `permission_model: self-managed` below \
             `stack_set` if you want to deploy by such"
        );
    };
    let administration_role = match administration_role {
        AdministrationRole::At(arn) => arn.clone(),
        named => named.arn(&owner(arguments, &rollout).await?),
    };
    print::result(&match which {
        Prerequisite::Administration => administration(&rollout, &administration_role, execution_role),
        Prerequisite::Execution => execution(&rollout, &administration_role, execution_role),
    })?;
    Ok(Exit::AsSpecified)
}

async fn owner(arguments: &Arguments, rollout: &Rollout) -> anyhow::Result<Owner> {
    let aws = Aws::connect(&arguments.connection, &rollout.spec.home_region, rollout.budgets()).await?;
    Ok(aws.caller().await?.as_owner())
}

fn administration(rollout: &Rollout, role: &RoleArn, execution_role: &RoleName) -> String {
    let principals = cloudformation_principals(&rollout.spec.home_region).join(",");
    let defaults = [
        ("AdministrationRoleName", role.name.as_str()),
        ("AdministrationRolePath", &role.path),
        ("ExecutionRoleName", execution_role.as_str()),
        ("CloudFormationPrincipals", &principals),
    ];
    with_defaults(ADMINISTRATION, &defaults)
}

fn execution(rollout: &Rollout, administration_role: &RoleArn, role: &RoleName) -> String {
    let administration = below_the_root(&administration_role.path, administration_role.name.as_str());
    let rolled_out = rolled_out(rollout, &administration_role.partition);
    let defaults = [
        ("ExecutionRoleName", role.as_str()),
        ("AdministrationAccountId", administration_role.account.as_str()),
        ("AdministrationRole", &administration),
        ("RolledOutRole", &rolled_out),
    ];
    with_defaults(EXECUTION, &defaults)
}

/// The role of the roll-out; any role when its name depends on the account.
fn rolled_out(rollout: &Rollout, partition: &str) -> String {
    let role_in = |account: &str| {
        let account: AccountId = account.parse().expect("twelve digits");
        let role = rollout.deployable.role_in(&account, &rollout.spec.home_region, partition).ok()?;
        Some(below_the_root(&role.path, &role.name))
    };
    let one = role_in("111122223333");
    match one == role_in("444455556666") {
        true => one.unwrap_or("*".to_owned()),
        false => "*".to_owned(),
    }
}

/// A role as it stands behind `role/` in its ARN.
fn below_the_root(path: &str, name: &str) -> String {
    format!("{}{name}", path.trim_start_matches('/'))
}
