//! The organization in which faults are planted, and what is rolled out to it.

use serde_json::{Value, json};

use crate::program::{MANAGEMENT, Simulation, Workplace, encoded};

/// The account whose role tries the rolled-out one.
const TOOLING: &str = "222200009001";

/// An account that belongs to somebody else.
pub(crate) const VENDOR: &str = "888877776666";

/// The organization, the role and how it is proven, with everything that a fault can touch.
pub(crate) const CONFIG: &str = r#"
rollout: audit
home_region: us-east-1
role:
  name: Audit
  path: /security/
  description: Reads for the auditors
  trust: [ { account: "222200009001", external_id: { literal: planted-external-id-7c1e } } ]
  managed_policies: [ "arn:aws:iam::aws:policy/SecurityAudit", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess" ]
  inline_policies: { collect: collect.json }
  permissions_boundary: arn:aws:iam::aws:policy/PowerUserAccess
  max_session: 1h
  tags: { owner: security, review: yearly }
targets: { include: [ { ou: Fleet } ], management_account: include }
verify:
  from: arn:aws:iam::222200009001:role/Prover
  permissions:
    allow: [ "ec2:DescribeInstances", "s3:GetObject" ]
    deny: [ "iam:CreateUser", "ec2:TerminateInstances" ]
"#;

const COLLECT: &str = r#"{"Version":"2012-10-17","Statement":
  {"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}}"#;

/// The n-th member account, counted from 1.
pub(crate) fn member(number: usize) -> String {
    format!("3333{number:08}")
}

/// The role is everywhere as specified.
pub(crate) fn rolled_out(members: usize) -> (Workplace, Simulation) {
    let workplace = Workplace::new();
    workplace.write("audit.yaml", CONFIG);
    workplace.write("collect.json", COLLECT);
    workplace.write("fleet.yaml", &organization(members).to_string());
    let simulation = Simulation::start(&workplace, &["--organization", "fleet.yaml"]);
    workplace.run_as(MANAGEMENT, &simulation, &["apply", "audit.yaml", "--yes"]).ends_with(0);
    (workplace, simulation)
}

/// JSON is YAML.
fn organization(members: usize) -> Value {
    let member = |number| json!({ "id": member(number), "name": format!("member-{number:02}") });
    let enters = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/security/*" },
    });
    let prover = json!({
        "name": "Prover",
        "trust": statement(&json!({ "AWS": format!("arn:aws:iam::{MANAGEMENT}:root") }), &json!({})),
        "inline_policies": { "enter": enters },
    });
    json!({
        "organization": { "management_account": MANAGEMENT, "stacksets_trusted_access": true },
        "accounts": [ { "id": MANAGEMENT, "name": "management" } ],
        "outside_accounts": [ { "id": VENDOR } ],
        "organizational_units": [
            { "name": "Tooling", "accounts": [ { "id": TOOLING, "name": "tooling", "roles": [ prover ] } ] },
            { "name": "Fleet", "accounts": (1..=members).map(member).collect::<Vec<_>>() },
        ],
    })
}

/// A trust policy of one statement.
pub(crate) fn statement(principal: &Value, condition: &Value) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [ allow(principal, condition) ],
    })
}

pub(crate) fn allow(principal: &Value, condition: &Value) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
    if condition.as_object().is_some_and(|operators| !operators.is_empty()) {
        statement["Condition"] = condition.clone();
    }
    statement
}

/// Somebody with the rights of the administrator of one account.
#[derive(Clone, Copy)]
pub(crate) struct Hand<'a> {
    pub(crate) simulation: &'a Simulation,
    pub(crate) account: &'a str,
}

impl Hand<'_> {
    /// An IAM call about the rolled-out role.
    pub(crate) fn role(&self, action: &str, more: &[(&str, &str)]) {
        let mut values = vec![("RoleName", "Audit")];
        values.extend(more);
        self.iam(action, &values);
    }

    pub(crate) fn iam(&self, action: &str, values: &[(&str, &str)]) {
        let values: String =
            values.iter().map(|(name, value)| format!("&{name}={}", encoded(value))).collect();
        self.simulation.call(self.account, "iam", &format!("Action={action}&Version=2010-05-08{values}"));
    }

    pub(crate) fn trust(&self, document: &Value) {
        self.role("UpdateAssumeRolePolicy", &[("PolicyDocument", &document.to_string())]);
    }

    /// The trust policy as it was rolled out, with this statement more.
    pub(crate) fn trust_also(&self, statement: Value) {
        let ours = allow(&json!({ "AWS": TOOLING }), &asks("StringEquals", "planted-external-id-7c1e"));
        self.trust(&json!({ "Version": "2012-10-17", "Statement": [ ours, statement ] }));
    }

    /// Trusts the prover's account as rolled out, under this condition.
    pub(crate) fn trust_if(&self, condition: &Value) {
        self.trust(&self::statement(&json!({ "AWS": TOOLING }), condition));
    }

    /// Deletes the role with everything that is on it.
    pub(crate) fn delete_role(&self) {
        self.role("DetachRolePolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/SecurityAudit")]);
        self.role("DetachRolePolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")]);
        self.role("DeleteRolePolicy", &[("PolicyName", "collect")]);
        self.role("DeleteRole", &[]);
    }

    /// Deletes the role by which roles are read.
    pub(crate) fn delete_access_role(&self) {
        let role = ("RoleName", "OrganizationAccountAccessRole");
        self.iam("DeleteRolePolicy", &[role, ("PolicyName", "AdministratorAccess")]);
        self.iam("DeleteRole", &[role]);
    }

    /// Makes the role anew at this path, with everything that the specification says of it, and without what
    /// only its stack gives it.
    pub(crate) fn recreate_role(&self, path: &str) {
        self.create_role(path);
        self.role("AttachRolePolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/SecurityAudit")]);
        self.role("AttachRolePolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")]);
        self.role("PutRolePolicy", &[("PolicyName", "collect"), ("PolicyDocument", COLLECT)]);
    }

    pub(crate) fn create_role(&self, path: &str) {
        let trust = statement(&json!({ "AWS": TOOLING }), &asks("StringEquals", "planted-external-id-7c1e"));
        self.role(
            "CreateRole",
            &[
                ("Path", path),
                ("Description", "Reads for the auditors"),
                ("PermissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess"),
                ("Tags.member.1.Key", "owner"),
                ("Tags.member.1.Value", "security"),
                ("Tags.member.2.Key", "review"),
                ("Tags.member.2.Value", "yearly"),
                ("AssumeRolePolicyDocument", &trust.to_string()),
            ],
        );
    }
}

/// A condition on the external ID.
pub(crate) fn asks(operator: &str, value: &str) -> Value {
    json!({ operator: { "sts:ExternalId": value } })
}
