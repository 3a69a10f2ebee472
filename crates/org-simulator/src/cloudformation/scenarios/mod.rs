//! Whole stories, told through the one door of the world, in stepped virtual time.

mod automatic;
mod changing;
mod concurrency;
mod delegation;
mod deploying;
mod drifting;
mod events;
mod faults;
mod removing;
mod resource_types;
mod self_managed;
mod stacks;

use std::borrow::Cow;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::call::{Answer, Call, Caller, CallerKind, Service};
use crate::seed;
use crate::world::World;

const MANAGEMENT: &str = "100000000000";
const ALPHA: &str = "100000000001";
const BETA: &str = "100000000002";
const GAMMA: &str = "100000000003";
/// Suspended, in the unit of the others.
const GONE: &str = "100000000008";
/// Not in the targeted unit.
const APART: &str = "100000000009";

const ORGANIZATION: &str = r#"
organization: {id: o-abcdefghij, root_id: r-ab12, management_account: "100000000000", stacksets_trusted_access: true}
accounts:
  - {id: "100000000000", name: management}
  - {id: "100000000009", name: apart}
organizational_units:
  - name: Work
    id: ou-ab12-workwork
    accounts:
      - {id: "100000000001", name: alpha}
      - {id: "100000000002", name: beta}
      - {id: "100000000008", name: gone, state: SUSPENDED}
    organizational_units:
      - name: Deep
        id: ou-ab12-deepdeep
        accounts:
          - {id: "100000000003", name: gamma}
  - {name: Empty, id: ou-ab12-emptyemp}
"#;

const ROOT: &str = "r-ab12";
const WORK: &str = "ou-ab12-workwork";
const DEEP: &str = "ou-ab12-deepdeep";
const EMPTY: &str = "ou-ab12-emptyemp";

/// A role as a vendor asks for it.
const ROLE: &str = r"
Parameters:
  Seconds: {Type: Number, Default: 3600}
  Description: {Type: String, Default: audits}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: Audit
      Description: !Ref Description
      MaxSessionDuration: !Ref Seconds
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::100000000000:root'}
            Action: sts:AssumeRole
            Condition: {StringEquals: {'sts:ExternalId': abcd}}
      ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/SecurityAudit']
      Policies:
        - PolicyName: collect
          PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:Get*', Resource: '*'}]}
Outputs:
  Arn: {Value: !GetAtt Role.Arn}
";

/// The world and a caller in it.
struct Bench {
    world: World,
    caller: Caller,
    region: &'static str,
}

impl Bench {
    fn new() -> Self {
        Bench::of(ORGANIZATION)
    }

    fn of(organization: &str) -> Self {
        let world = seed::from_yaml(organization).unwrap().world;
        Bench { world, caller: admin(MANAGEMENT), region: "us-east-1" }
    }

    /// A bench with a service-managed set of that template, and nothing deployed.
    fn with_set(template: &str) -> Self {
        let mut bench = Bench::new();
        bench.cloudformation("CreateStackSet", service_managed(template));
        bench
    }

    /// A bench whose set is deployed to the accounts of the unit `Work`.
    fn deployed(template: &str) -> Self {
        let mut bench = Bench::with_set(template);
        bench.run("CreateStackInstances", json!({"DeploymentTargets": {"OrganizationalUnitIds": [WORK]}}));
        bench
    }

    fn call(&mut self, service: Service, operation: &str, input: Value) -> Answer {
        let call = Call {
            service,
            operation: operation.to_owned(),
            region: self.region.to_owned(),
            caller: self.caller.clone(),
            input,
        };
        self.world.call(&call)
    }

    fn cloudformation(&mut self, operation: &str, input: Value) -> Value {
        self.call(Service::CloudFormation, operation, input)
            .unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    /// The code and message of a refused call.
    fn refused(&mut self, operation: &str, input: Value) -> (&'static str, String) {
        let error =
            self.call(Service::CloudFormation, operation, input.clone()).expect_err(&input.to_string());
        let Cow::Borrowed(code) = error.code else { panic!("only a fault makes up codes") };
        (code, error.message)
    }

    /// A call to IAM by the administrator of an account.
    fn iam(&mut self, account: &str, operation: &str, input: Value) -> Answer {
        self.world.call_as(&admin(account), Service::Iam, operation, input)
    }

    fn role(&mut self, account: &str) -> Option<Value> {
        Some(self.iam(account, "GetRole", json!({"RoleName": "Audit"})).ok()?["Role"].clone())
    }

    fn pass(&mut self, seconds: i64) {
        let now = self.world.now + SignedDuration::from_secs(seconds);
        self.world.advance(now);
    }

    /// Submits an operation on the set with everything at once and every failure tolerated.
    fn submit(&mut self, operation: &str, mut input: Value) -> String {
        input["StackSetName"] = json!("audit");
        if operation.ends_with("StackInstances") {
            input["Regions"] = json!(["us-east-1"]);
        }
        if input.get("OperationPreferences").is_none() {
            input["OperationPreferences"] =
                json!({"MaxConcurrentPercentage": 100, "FailureTolerancePercentage": 100});
        }
        let answer = self.cloudformation(operation, input);
        answer["OperationId"].as_str().unwrap().to_owned()
    }

    /// Submits an operation and waits until it is over; gives its final status.
    fn run(&mut self, operation: &str, input: Value) -> String {
        let id = self.submit(operation, input);
        self.pass(3600);
        self.status(&id)
    }

    fn status(&mut self, operation: &str) -> String {
        let described = self.cloudformation(
            "DescribeStackSetOperation",
            json!({"StackSetName": "audit", "OperationId": operation}),
        );
        described["StackSetOperation"]["Status"].as_str().unwrap().to_owned()
    }

    /// Account, status and detailed status of every instance.
    fn instances(&mut self) -> Vec<(String, String)> {
        let listed = self.cloudformation("ListStackInstances", json!({"StackSetName": "audit"}));
        let summaries = listed["Summaries"].as_array().unwrap();
        summaries
            .iter()
            .map(|summary| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let detailed = &summary["StackInstanceStatus"]["DetailedStatus"];
                (text(&summary["Account"]), format!("{} {}", text(&summary["Status"]), text(detailed)))
            })
            .collect()
    }

    fn instance(&mut self, account: &str) -> Value {
        let place = json!({"StackSetName": "audit", "StackInstanceAccount": account, "StackInstanceRegion": "us-east-1"});
        self.cloudformation("DescribeStackInstance", place)["StackInstance"].clone()
    }

    /// Account and status of every result of an operation.
    fn results(&mut self, operation: &str) -> Vec<(String, String)> {
        let listed = self.cloudformation(
            "ListStackSetOperationResults",
            json!({"StackSetName": "audit", "OperationId": operation}),
        );
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let summaries = listed["Summaries"].as_array().unwrap();
        summaries.iter().map(|summary| (text(&summary["Account"]), text(&summary["Status"]))).collect()
    }
}

fn admin(account: &str) -> Caller {
    Caller {
        account: account.to_owned(),
        arn: format!("arn:aws:iam::{account}:root"),
        user_id: account.to_owned(),
        kind: CallerKind::Root,
    }
}

fn service_managed(template: &str) -> Value {
    json!({
        "StackSetName": "audit",
        "TemplateBody": template,
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": false},
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    })
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(account, status)| ((*account).to_owned(), (*status).to_owned())).collect()
}
