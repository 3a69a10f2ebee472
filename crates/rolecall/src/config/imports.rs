//! Stacks that exist and are to become instances of the StackSet (aws-facts A11).

use std::collections::BTreeSet;

use role_template::RoleTemplate;
use rollout_model::StackArn;

use super::file::{FileConfig, PermissionModelConfig};
use super::problems::Problems;
use super::role::Deployable;

pub(super) fn import_stacks(
    file: &FileConfig,
    deployable: Option<&Deployable>,
    problems: &mut Problems,
) -> Option<Vec<StackArn>> {
    let Some(listed) = &file.stack_set.import_stacks else { return Some(Vec::new()) };
    if !matches!(file.stack_set.permission_model, Some(PermissionModelConfig::SelfManaged)) {
        let message = "stacks are imported into self-managed StackSets only; leave this out, or write \
                       `permission_model: self-managed`";
        problems.add("stack_set.import_stacks", message);
    }
    // A template that cannot be read has been told of already.
    let masked = deployable.and_then(|deployable| RoleTemplate::masked_parameters(&deployable.template).ok());
    if let Some(name) = masked.iter().flatten().next() {
        let message = format!(
            "AWS imports no stack whose template has a `NoEcho` parameter, as `{name}` is for an external ID or \
             another secret"
        );
        problems.add("stack_set.import_stacks", message);
    }
    let mut accounts = BTreeSet::new();
    let stacks: Vec<Option<StackArn>> = listed
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let key = format!("stack_set.import_stacks[{index}]");
            let stack: StackArn = problems.take(&key, text.parse())?;
            if stack.region.as_str() != file.home_region {
                let message = format!("the stack has to be in home_region (`{}`)", file.home_region);
                problems.add(&key, message);
            }
            if !accounts.insert(stack.account.clone()) {
                problems.add(&key, format!("account {} is listed twice", stack.account));
            }
            Some(stack)
        })
        .collect();
    stacks.into_iter().collect()
}
