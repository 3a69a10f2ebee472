//! Sets that deploy by roles of the operator's own.

use rollout_model::{
    AdministrationRole, DeployEvent, DeploymentStatus, DeploymentTargets, PermissionModel, RolloutPlan, Step,
};
use stackset_deployer::Ending;

use crate::bench::{Bench, MANAGEMENT, check_told, id, ids, plan, template};
use crate::observing::seen;

fn by_hand(steps: Vec<Step>) -> RolloutPlan {
    let mut plan = plan(steps);
    plan.stack_set.permission_model = PermissionModel::SelfManaged {
        administration_role: AdministrationRole::Named("Administration".parse().expect("a name")),
        execution_role: PermissionModel::DEFAULT_EXECUTION_ROLE.parse().expect("a name"),
    };
    plan
}

fn create(numbers: &[u64]) -> Step {
    let accounts = ids(numbers);
    Step::CreateStackInstances { targets: DeploymentTargets::Accounts(accounts.clone()), accounts }
}

async fn deployed_to(numbers: &[u64]) -> (Bench, Vec<DeployEvent>) {
    let bench = Bench::new();
    let first = by_hand(vec![Step::CreateStackSet, create(numbers)]);
    let (ending, events) = bench.execute("20260101T000000Z-base", &first).await;
    assert_eq!(ending.expect("nothing is in the way"), Ending::Complete);
    (bench, events)
}

#[tokio::test(start_paused = true)]
async fn an_account_without_the_execution_role_fails_alone_and_with_the_reason_of_aws() {
    let (_, events) = deployed_to(&[1, 2, 5]).await;
    check_told(&events, &[(1, "deployed"), (2, "failed"), (5, "deployed")]);
    let reason = events.iter().rev().find_map(|event| match event {
        DeployEvent::Account { account, status: DeploymentStatus::Failed(why) } if *account == id(2) => {
            Some(why)
        }
        _ => None,
    });
    let missing = "Account 000000000002 should have 'AWSCloudFormationStackSetExecutionRole' role";
    assert!(reason.is_some_and(|reason| reason.contains(missing)), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn the_administration_role_is_named_again_with_every_update() {
    let (bench, _) = deployed_to(&[1, 5]).await;
    let everybody = Step::UpdateStackSet { targets: None, accounts: ids(&[1, 5]) };
    let some = DeploymentTargets::Accounts(ids(&[1]));
    let one = Step::UpdateStackSet { targets: Some(some.clone()), accounts: ids(&[1]) };
    let instance = Step::UpdateStackInstances { targets: some, accounts: ids(&[1]) };
    for (run, step, told) in [
        ("everybody", everybody, &[(1, "deployed"), (5, "deployed")][..]),
        ("one", one, &[(1, "deployed")]),
        ("settings", Step::UpdateSettings, &[]),
        ("instance", instance, &[(1, "deployed")]),
    ] {
        let mut update = by_hand(vec![step]);
        // Another definition each time: without the role no account could be given it.
        update.stack_set.template = template(3600 + 60 * u32::try_from(run.len()).expect("a short name"));
        let (ending, events) = bench.execute(&format!("20260101T000000Z-{run}"), &update).await;
        assert_eq!(ending.expect("nothing is in the way"), Ending::Complete, "{run}");
        check_told(&events, told);
        let set = seen(&bench).await.stack_set.expect("it exists");
        let Some(PermissionModel::SelfManaged { administration_role, .. }) = set.permission_model else {
            panic!("{set:?}")
        };
        assert_eq!(administration_role.to_string(), format!("arn:aws:iam::{MANAGEMENT}:role/Administration"));
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_named_accounts_are_deleted_from() {
    let (bench, _) = deployed_to(&[1, 5]).await;
    let targets = DeploymentTargets::Accounts(ids(&[5]));
    let delete =
        by_hand(vec![Step::DeleteStackInstances { targets, accounts: ids(&[5]), retain_stacks: false }]);
    let (ending, events) = bench.execute("20260101T000000Z-next", &delete).await;
    assert_eq!(ending.expect("nothing is in the way"), Ending::Complete);
    check_told(&events, &[(5, "removed")]);
    let left: Vec<_> = seen(&bench).await.instances.into_keys().map(|instance| instance.account).collect();
    assert_eq!(left, [id(1)]);
}
