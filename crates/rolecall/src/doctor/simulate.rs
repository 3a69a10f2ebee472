//! Asks IAM what the operator may do, without doing it.

use aws_failure::{AwsFailure, Permission, Tried};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType};
use rollout_model::Region;

use super::actions::{
    LINKED_ROLE, ON_STACK_SETS, ON_THE_ADMINISTRATION_ROLE, ON_THE_LINKED_ROLE, ON_THE_ROLE, ON_THE_STACK,
    TO_FIX, TO_IMPORT,
};
use crate::aws::Caller;

/// On what the actions are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) caller: &'a Caller,
    pub(super) region: &'a Region,
    pub(super) stack_set: &'a str,
    /// The stack and the role of the management account; `None` where neither is wanted.
    pub(super) at_home: Option<(&'a str, &'a str)>,
    /// Whether trusted access has to be turned on first.
    pub(super) to_fix: bool,
    /// The role that a self-managed StackSet works as.
    pub(super) administration_role: Option<&'a str>,
}

/// What IAM says of every action that deploying takes. The error says why nobody knows.
pub(super) async fn writes(client: &Client, asked: Asked<'_>) -> Result<Vec<Tried>, String> {
    let Asked { caller, region, stack_set, at_home, to_fix, administration_role } = asked;
    let Caller { account, partition, .. } = caller;
    let cloudformation = |rest: String| format!("arn:{partition}:cloudformation:{region}:{account}:{rest}");
    let stack_set = cloudformation(format!("stackset/{stack_set}:*"));
    let mut questions: Vec<(&[&'static str], String)> = vec![(&ON_STACK_SETS, stack_set.clone())];
    if let Some(role) = administration_role {
        questions.push((&TO_IMPORT, stack_set));
        questions.push((&ON_THE_ADMINISTRATION_ROLE, role.to_owned()));
    }
    if let Some((stack, role)) = at_home {
        questions.push((&ON_THE_STACK, cloudformation(format!("stack/{stack}/*"))));
        questions.push((&ON_THE_ROLE, format!("arn:{partition}:iam::{account}:role{role}")));
    }
    if to_fix {
        let linked = format!("aws-service-role/stacksets.cloudformation.amazonaws.com/{LINKED_ROLE}");
        questions.push((&TO_FIX, "*".to_owned()));
        questions.push((&ON_THE_LINKED_ROLE, format!("arn:{partition}:iam::{account}:role/{linked}")));
    }
    let Some(principal) = principal(client, caller).await? else {
        let granted = |&action: &&'static str| Tried { action, permission: Permission::Granted };
        return Ok(questions.iter().flat_map(|(actions, _)| actions.iter()).map(granted).collect());
    };
    let mut tried = Vec::new();
    for (actions, resource) in questions {
        tried.extend(ask(client, &principal, actions, &resource).await?);
    }
    Ok(tried)
}

/// The user or role whose policies count; `None` for the root user, whom no policy of its account binds. A session
/// drops the path of its role (aws-facts E1), so IAM is asked for it.
async fn principal(client: &Client, caller: &Caller) -> Result<Option<String>, String> {
    let Caller { arn, .. } = caller;
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    match resource.split('/').collect::<Vec<_>>().as_slice() {
        ["root"] => Ok(None),
        ["user", ..] => Ok(Some(arn.clone())),
        ["assumed-role", role, ..] => {
            let answer = client.get_role().role_name(*role).send().await;
            let answer = answer.map_err(|error| AwsFailure::new(&error));
            let answer = answer.map_err(|failure| format!("could not get the role `{role}`: {failure}"))?;
            Ok(answer.role().map(|role| role.arn().to_owned()))
        }
        _ => Err(format!("IAM cannot be asked about {arn}, which is neither user nor role")),
    }
}

async fn ask(
    client: &Client,
    principal: &str,
    actions: &[&'static str],
    resource: &str,
) -> Result<Vec<Tried>, String> {
    let call = client.simulate_principal_policy().policy_source_arn(principal).resource_arns(resource);
    let names = actions.iter().map(|&action| action.to_owned()).collect();
    // Never more than one page: an answer holds 1,000 results.
    let answer = call.set_action_names(Some(names)).max_items(1000).send().await;
    let answer = answer.map_err(|error| AwsFailure::new(&error));
    let answer = answer.map_err(|failure| format!("could not ask IAM what {principal} may do: {failure}"))?;
    let of = |action: &str| answer.evaluation_results().iter().find(|one| one.eval_action_name() == action);
    let tried = |&action: &&'static str| Tried { action, permission: permission(of(action)) };
    Ok(actions.iter().map(tried).collect())
}

/// A decision that hangs on a condition key is none: the call will bring keys that the question did not.
fn permission(result: Option<&EvaluationResult>) -> Permission {
    let Some(result) = result else { return Permission::Unknown("IAM gave no answer".to_owned()) };
    let missing = result.missing_context_values();
    match result.eval_decision() {
        _ if !missing.is_empty() => {
            Permission::Unknown(format!("it hangs on the condition {}", missing.join(", ")))
        }
        PolicyEvaluationDecisionType::Allowed => Permission::Granted,
        _ => Permission::Denied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_allowed_whatever_the_call_brings_is_granted() {
        let result = |decision: PolicyEvaluationDecisionType, missing: &[&str]| {
            let missing = missing.iter().map(|&key| key.to_owned()).collect();
            let result = EvaluationResult::builder().eval_action_name("a:B").eval_decision(decision);
            permission(Some(&result.set_missing_context_values(Some(missing)).build().unwrap()))
        };
        assert_eq!(result(PolicyEvaluationDecisionType::Allowed, &[]), Permission::Granted);
        assert_eq!(result(PolicyEvaluationDecisionType::ImplicitDeny, &[]), Permission::Denied);
        assert_eq!(result(PolicyEvaluationDecisionType::ExplicitDeny, &[]), Permission::Denied);
        let hanging = result(PolicyEvaluationDecisionType::Allowed, &["aws:SourceIp"]);
        assert!(matches!(&hanging, Permission::Unknown(why) if why.contains("aws:SourceIp")), "{hanging:?}");
        assert!(matches!(permission(None), Permission::Unknown(_)));
    }
}
