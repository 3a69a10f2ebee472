//! A simulated organization, and plans for it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region as SdkRegion};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use org_simulator::{Simulator, in_process};
use rollout_model::*;
use stackset_deployer::{DeployError, Deployment, Ending, execute};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub(crate) const MANAGEMENT: &str = "999999999999";
pub(crate) const LATENCY: Duration = Duration::from_millis(40);

/// Account 2 is a delegated administrator, account 3 is suspended, and account 4 has a role `Audit` of its own.
/// Self-managed sets reach accounts 1 and 5, from an administration role with a name of its own.
const SEED: &str = r#"
organization: { root_id: r-test, management_account: "999999999999", stacksets_trusted_access: true }
accounts:
  - id: "999999999999"
    name: Management
    roles:
      - name: Administration
        trust:
          Version: "2012-10-17"
          Statement:
            - { Effect: Allow, Principal: { Service: cloudformation.amazonaws.com }, Action: "sts:AssumeRole" }
        managed_policies: [ "arn:aws:iam::aws:policy/AdministratorAccess" ]
  - id: "000000000001"
    name: One
    roles:
      - &execution
        name: AWSCloudFormationStackSetExecutionRole
        trust:
          Version: "2012-10-17"
          Statement: [ { Effect: Allow, Principal: { AWS: "999999999999" }, Action: "sts:AssumeRole" } ]
        managed_policies: [ "arn:aws:iam::aws:policy/AdministratorAccess" ]
  - { id: "000000000002", name: Two }
  - { id: "000000000003", name: Three, state: SUSPENDED }
  - id: "000000000004"
    name: Four
    roles:
      - name: Audit
        trust:
          Version: "2012-10-17"
          Statement: [ { Effect: Allow, Principal: { AWS: "000000000004" }, Action: "sts:AssumeRole" } ]
  - { id: "000000000005", name: Five, roles: [ *execution ] }
delegated_administrators: { "000000000002": [ member.org.stacksets.cloudformation.amazonaws.com ] }
"#;

pub(crate) struct Bench {
    pub(crate) simulator: Arc<Mutex<Simulator>>,
    pub(crate) client: Client,
    pub(crate) owner: Owner,
    pub(crate) stop: CancellationToken,
    http: SharedHttpClient,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let simulator = Simulator::from_yaml(SEED).expect("the seed is sound");
        let simulator = Arc::new(Mutex::new(simulator));
        let http = in_process(Arc::clone(&simulator), LATENCY);
        let owner = Owner { partition: "aws".to_owned(), account: MANAGEMENT.parse().expect("an account") };
        Bench { simulator, client: client(http.clone()), owner, stop: CancellationToken::new(), http }
    }

    /// A set without instances.
    pub(crate) async fn with_stack_set(managed_execution: bool) -> Bench {
        let bench = Bench::new();
        let mut plan = plan(vec![Step::CreateStackSet]);
        plan.stack_set.managed_execution = managed_execution;
        let (ending, _) = bench.execute("20260101T000000Z-base", &plan).await;
        assert_eq!(ending.expect("nothing is in the way"), Ending::Complete);
        bench
    }

    /// What AWS answers to `operation` is shown to `meddle` on its way to us; without a result it is lost.
    pub(crate) fn meddling(
        self,
        operation: &'static str,
        meddle: impl Fn(String) -> Option<String> + Send + Sync + 'static,
    ) -> Bench {
        let meddling = Meddling { behind: self.http.clone(), operation, meddle: Arc::new(meddle) };
        let http = SharedHttpClient::new(meddling);
        Bench { client: client(http.clone()), http, ..self }
    }

    /// A client with the credentials of a member account.
    pub(crate) fn client_of(&self, number: u64) -> Client {
        let config = self.client.config().to_builder();
        Client::from_conf(config.credentials_provider(credentials(id(number).as_str())).build())
    }

    pub(crate) async fn execute(
        &self,
        run: &str,
        plan: &RolloutPlan,
    ) -> (Result<Ending, DeployError>, Vec<DeployEvent>) {
        self.execute_and(run, plan, |_| ()).await
    }

    /// Carries the plan out and shows every event to `react` as it is received.
    pub(crate) async fn execute_and(
        &self,
        run: &str,
        plan: &RolloutPlan,
        mut react: impl FnMut(&DeployEvent),
    ) -> (Result<Ending, DeployError>, Vec<DeployEvent>) {
        let run = run.parse().expect("a run id");
        // Deeper than any test needs, so that nothing but the deployer itself waits for the receiver.
        let (events, mut received) = mpsc::channel(64);
        let (client, owner, stop) = (&self.client, &self.owner, &self.stop);
        let deploying = async move {
            let (wave, run, events) = (&plan.waves[0], &run, &events);
            execute(Deployment { client, owner, plan, wave, first_step: 1, run, events, stop }).await
        };
        let listening = async {
            let mut heard = Vec::new();
            // Late enough that a call which does not wait to be written down arrives before.
            sleep(20 * LATENCY).await;
            while let Some(event) = received.recv().await {
                if let RolloutEvent::Deploy(event) = event {
                    react(&event);
                    heard.push(event);
                }
            }
            heard
        };
        tokio::join!(deploying, listening)
    }

    pub(crate) fn calls(&self, operation: &str) -> u64 {
        let simulator = self.simulator.lock().expect("nothing panics while it holds this lock");
        simulator.calls().get(&format!("cloudformation:{operation}")).copied().unwrap_or_default()
    }

    /// Somebody else's operation, of about half a minute.
    pub(crate) async fn somebody_else_creates(&self, account: u64) {
        let targets = aws_sdk_cloudformation::types::DeploymentTargets::builder()
            .organizational_unit_ids("r-test")
            .accounts(format!("{account:012}"))
            .account_filter_type(aws_sdk_cloudformation::types::AccountFilterType::Intersection);
        let call = self.client.create_stack_instances().stack_set_name("audit").operation_id("theirs");
        call.deployment_targets(targets.build()).regions("eu-west-1").send().await.expect("the set is free");
    }
}

pub(crate) fn client(http: SharedHttpClient) -> Client {
    let config = aws_sdk_cloudformation::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(SdkRegion::new("eu-west-1"))
        .credentials_provider(credentials(MANAGEMENT))
        .http_client(http)
        .build();
    Client::from_conf(config)
}

fn credentials(account: &str) -> Credentials {
    Credentials::new(format!("AKIASIMU{account}"), "any", None, None, "test")
}

#[derive(Clone)]
struct Meddling<Behind> {
    behind: Behind,
    operation: &'static str,
    meddle: Arc<dyn Fn(String) -> Option<String> + Send + Sync>,
}

impl<Behind> fmt::Debug for Meddling<Behind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Meddling with {}", self.operation)
    }
}

impl HttpClient for Meddling<SharedHttpClient> {
    fn http_connector(&self, to: &HttpConnectorSettings, with: &RuntimeComponents) -> SharedHttpConnector {
        let behind = self.behind.http_connector(to, with);
        let (operation, meddle) = (self.operation, Arc::clone(&self.meddle));
        SharedHttpConnector::new(Meddling { behind, operation, meddle })
    }
}

impl HttpConnector for Meddling<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().expect("a body")).into_owned();
        let is_meant = body.contains(&format!("Action={}&", self.operation));
        let (answer, meddle) = (self.behind.call(request), Arc::clone(&self.meddle));
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            if is_meant {
                let body = String::from_utf8_lossy(answer.body().bytes().expect("a body")).into_owned();
                let lost = || ConnectorError::io("the connection was reset".into());
                *answer.body_mut() = SdkBody::from(meddle(body).ok_or_else(lost)?);
                answer.headers_mut().remove("content-length");
            }
            Ok(answer)
        })
    }
}

pub(crate) fn id(number: u64) -> AccountId {
    format!("{number:012}").parse().expect("twelve digits")
}

pub(crate) fn ids(numbers: &[u64]) -> AccountIds {
    AccountIds(numbers.iter().copied().map(id).collect())
}

pub(crate) fn create_instances(numbers: &[u64]) -> Step {
    let root = ParentId::Root("r-test".parse().expect("a root id"));
    let targets = DeploymentTargets::Only(vec![root], ids(numbers));
    Step::CreateStackInstances { targets, accounts: ids(numbers) }
}

pub(crate) fn template(max_session: u32) -> String {
    format!(
        r#"{{"Resources":{{"Role":{{"Type":"AWS::IAM::Role","Properties":{{"RoleName":"Audit",
        "MaxSessionDuration":{max_session},"AssumeRolePolicyDocument":{{"Version":"2012-10-17",
        "Statement":[{{"Effect":"Allow","Principal":{{"AWS":"999999999999"}},"Action":"sts:AssumeRole"}}]}}
        }}}}}}}}"#
    )
}

/// All accounts of a step at once, whatever fails.
pub(crate) fn plan(steps: Vec<Step>) -> RolloutPlan {
    let management = AccountPlan {
        name: "Management".to_owned(),
        unit: OuPath(Vec::new()),
        action: Action::Create,
        vehicle: Vehicle::Stack,
        wave: None,
        reason: "of the test".to_owned(),
    };
    RolloutPlan {
        home_region: "eu-west-1".parse().expect("a Region"),
        accounts: BTreeMap::from([(MANAGEMENT.parse().expect("an account"), management)]),
        waves: vec![Wave { name: "all".parse().expect("a wave name"), steps, gate: Gate::OPEN }],
        changes: Vec::new(),
        pace: None,
        stack_set: StackSetDefinition {
            name: "audit".parse().expect("a name"),
            description: "Audit".to_owned(),
            template: template(3600),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            permission_model: PermissionModel::ServiceManaged,
            call_as: CallAs::Myself,
            auto_deployment: AutoDeployment { enabled: false, retain_on_removal: false },
            managed_execution: false,
        },
        management_stack: StackDefinition {
            name: "audit".parse().expect("a name"),
            template: template(3600),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
        },
        preferences: OperationPreferences {
            max_concurrent: Share::Percent(100),
            failure_tolerance: Share::Percent(100),
            concurrency_mode: ConcurrencyMode::Soft,
        },
        warnings: Vec::new(),
        may_replace: false,
    }
}

/// The last that was told of each account.
pub(crate) fn told(events: &[DeployEvent]) -> BTreeMap<AccountId, String> {
    let account = |event: &DeployEvent| match event {
        DeployEvent::Account { account, status } => Some((account.clone(), status.to_string())),
        _ => None,
    };
    events.iter().filter_map(account).collect()
}

#[track_caller]
pub(crate) fn check_told(events: &[DeployEvent], expected: &[(u64, &str)]) {
    let expected: BTreeMap<AccountId, String> =
        expected.iter().map(|(number, status)| (id(*number), (*status).to_owned())).collect();
    assert_eq!(told(events), expected, "{events:#?}");
}

/// The operations of others that we were told to wait for.
pub(crate) fn waited_for(events: &[DeployEvent]) -> Vec<String> {
    let waiting = |event: &DeployEvent| match event {
        DeployEvent::Waiting(operation) => {
            let ObservedOperation { id, action, status, .. } = operation;
            Some(format!("{id} {action} {status}"))
        }
        _ => None,
    };
    events.iter().filter_map(waiting).collect()
}

/// AWS's words for the steps that finished.
pub(crate) fn finished(events: &[DeployEvent]) -> Vec<&str> {
    let mut finished = Vec::new();
    for event in events {
        if let DeployEvent::StepFinished { status, .. } = event {
            finished.push(status.as_str());
        }
    }
    finished
}
