//! The organization that the runs are about, and the plan for it.

use std::collections::BTreeMap;
use std::time::Duration;

use rollout_model::*;

/// A parameter value that no output may show.
pub(crate) const EXTERNAL_ID: &str = "tell-nobody-4711";

pub(crate) const MANAGEMENT: &str = "100000000001";

/// The plan of the runs.
pub(crate) fn plan() -> RolloutPlan {
    let template = "{}".to_owned();
    let parameters = BTreeMap::from([("ExternalId".to_owned(), ParameterValue(EXTERNAL_ID.into()))]);
    let workloads: ParentId = "ou-ab12-workload1".parse().unwrap();
    RolloutPlan {
        home_region: "us-east-1".parse().unwrap(),
        accounts: accounts(),
        waves: vec![
            wave("management", vec![Step::CreateStack]),
            wave(
                "rest",
                vec![
                    Step::CreateStackSet,
                    Step::CreateStackInstances {
                        targets: DeploymentTargets::UnitsExcept(
                            vec![workloads],
                            AccountIds::from_iter([id("200000000005")]),
                        ),
                        accounts: targets().into_iter().filter(|id| id.as_str() != MANAGEMENT).collect(),
                    },
                ],
            ),
        ],
        changes: Vec::new(),
        pace: Some(Pace { at_once: 4, expected: Duration::from_secs(120), faster: None }),
        stack_set: StackSetDefinition {
            name: "cado-response".parse().unwrap(),
            description: "by rolecall".into(),
            template: template.clone(),
            parameters: parameters.clone(),
            tags: BTreeMap::new(),
            permission_model: PermissionModel::ServiceManaged,
            call_as: CallAs::Myself,
            auto_deployment: AutoDeployment { enabled: true, retain_on_removal: false },
            managed_execution: true,
        },
        management_stack: StackDefinition {
            name: "cado-response".parse().unwrap(),
            template,
            parameters,
            tags: BTreeMap::new(),
        },
        preferences: OperationPreferences {
            max_concurrent: Share::Percent(100),
            failure_tolerance: Share::Percent(5),
            concurrency_mode: ConcurrencyMode::Soft,
        },
        may_replace: false,
        warnings: vec!["automatic deployment ignores account filters: an account that joins `Workloads` gets the role, whatever `exclude` says".into()],
    }
}

fn wave(name: &str, steps: Vec<Step>) -> Wave {
    Wave { name: name.parse().unwrap(), steps, gate: Gate::OPEN }
}

/// The organization of the runs, with more units and one that could not be read.
pub(crate) fn organization() -> Organization {
    let root: RootId = "r-ab12".parse().unwrap();
    let unit = |id: &str, name: &str, parent: &str| OrganizationalUnit {
        id: id.parse().unwrap(),
        name: name.into(),
        parent: parent.parse().unwrap(),
    };
    let units = [
        unit("ou-ab12-workload1", "Workloads", "r-ab12"),
        unit("ou-ab12-produktion", "Größe / \"Prod\"", "ou-ab12-workload1"),
        unit("ou-ab12-research1", "東京 Research", "ou-ab12-produktion"),
        unit("ou-ab12-emptyunit", "Sandbox", "r-ab12"),
        unit("ou-ab12-strayunit", "Stray", "ou-ab12-notreadxx"),
    ];
    let account = |account: &str, name: &str, state: AccountState, parent: &str| Account {
        id: id(account),
        name: name.into(),
        email: format!("{account}@example.com"),
        state,
        parent: parent.parse().unwrap(),
        joined: None,
        tags: None,
    };
    use AccountState::{Active, PendingActivation, PendingClosure, Suspended, Unrecognized};
    let accounts = [
        account(MANAGEMENT, "acme", Active, "r-ab12"),
        account("200000000001", "shop-prod", Active, "ou-ab12-produktion"),
        account("200000000002", "shop\n\u{1b}[31mstaging", Active, "ou-ab12-workload1"),
        account("200000000003", "東京-lab", PendingClosure, "ou-ab12-research1"),
        account("200000000004", "new", PendingActivation, "ou-ab12-research1"),
        account("200000000005", "legacy", Suspended, "ou-ab12-workload1"),
        account("200000000006", "odd", Unrecognized("HIBERNATING".into()), "r-ab12"),
        account("200000000007", "lost", Active, "ou-ab12-notreadxx"),
    ];
    Organization {
        id: "o-a1b2c3d4e5".parse().unwrap(),
        management_account: id(MANAGEMENT),
        root: Root { id: root, name: "Root".into() },
        units: units.into_iter().map(|unit| (unit.id.clone(), unit)).collect(),
        accounts: accounts.into_iter().map(|account| (account.id.clone(), account)).collect(),
        problems: vec!["could not list the children of ou-ab12-notreadxx: AccessDeniedException".into()],
    }
}

/// The accounts of the plan.
pub(crate) fn accounts() -> BTreeMap<AccountId, AccountPlan> {
    use Action::{Create, LeaveInPlace, Skip, Update};
    let prod = &["Workloads", "Größe / Prod"][..];
    let mut accounts = BTreeMap::from([
        (id(MANAGEMENT), plan_of("acme", &[], Create, "the management account is included")),
        (id("200000000001"), plan_of("shop-prod", prod, Create, "include ou Workloads/**")),
        (id("200000000002"), plan_of("shop-staging", &["Workloads"], Create, "include ou Workloads/**")),
        (id("200000000003"), plan_of("data \"lake\"", &["Workloads"], Update, "its stack is OUTDATED")),
        (id("200000000004"), plan_of("東京-lab", prod, Create, "include ou Workloads/**")),
        (id("200000000005"), plan_of("legacy", &["Workloads"], Skip, "the account is suspended")),
        (
            id("200000000006"),
            plan_of("sandbox", &["Sandbox"], LeaveInPlace, "no target, yet it has an instance"),
        ),
    ]);
    let management = accounts.get_mut(&id(MANAGEMENT)).unwrap();
    management.vehicle = Vehicle::Stack;
    management.wave = Some("management".parse().unwrap());
    accounts
}

pub(crate) fn targets() -> Vec<AccountId> {
    accounts().into_iter().filter(|(_, plan)| plan.action.is_target()).map(|(id, _)| id).collect()
}

pub(crate) fn id(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn plan_of(name: &str, unit: &[&str], action: Action, reason: &str) -> AccountPlan {
    let unit = OuPath(unit.iter().map(|&name| name.to_owned()).collect());
    AccountPlan {
        name: name.into(),
        unit,
        action,
        vehicle: Vehicle::StackSet,
        wave: action.is_target().then(|| "rest".parse().unwrap()),
        reason: reason.into(),
    }
}
