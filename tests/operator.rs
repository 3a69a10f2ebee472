//! An operator with few rights.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{MANAGEMENT, Run, Running, Simulation, Workplace, encoded, repository};

/// A user of the management account who has these policies and nothing else.
pub(crate) struct Operator {
    key: String,
}

impl Operator {
    pub(crate) fn hire(simulation: &Simulation, policies: &[String]) -> Self {
        Self::named(simulation, "operator", policies)
    }

    /// One of several in the same simulation.
    pub(crate) fn named(simulation: &Simulation, name: &str, policies: &[String]) -> Self {
        let user = &format!("Version=2010-05-08&UserName={name}");
        simulation.call(MANAGEMENT, "iam", &format!("Action=CreateUser&{user}"));
        for (number, policy) in policies.iter().enumerate() {
            let policy = encoded(policy);
            // As a managed policy: a user's inline policies may have 2,048 characters in all.
            let create = format!(
                "Action=CreatePolicy&Version=2010-05-08&PolicyName={name}-{number}&PolicyDocument={policy}"
            );
            simulation.call(MANAGEMENT, "iam", &create);
            let arn = format!("arn:aws:iam::{MANAGEMENT}:policy/{name}-{number}");
            simulation.call(MANAGEMENT, "iam", &format!("Action=AttachUserPolicy&{user}&PolicyArn={arn}"));
        }
        let created = simulation.call(MANAGEMENT, "iam", &format!("Action=CreateAccessKey&{user}"));
        let (_, key) = created.split_once("<AccessKeyId>").unwrap();
        Operator { key: key.split_once('<').unwrap().0.to_owned() }
    }

    /// Runs a command that is given the reference configuration.
    pub(crate) fn run(&self, workplace: &Workplace, simulation: &Simulation, command: &[&str]) -> Run {
        let arguments = [command, &["config/rollout.yaml"]].concat();
        workplace.run_with_key(&self.key, simulation, &arguments)
    }

    /// Begins a command, to be watched and interrupted.
    pub(crate) fn begin(&self, workplace: &Workplace, simulation: &Simulation, command: &[&str]) -> Running {
        workplace.begin_with_key(&self.key, simulation, command)
    }

    /// Runs a command as it stands.
    pub(crate) fn run_plain(&self, workplace: &Workplace, simulation: &Simulation, command: &[&str]) -> Run {
        workplace.run_with_key(&self.key, simulation, command)
    }
}

/// A policy of `config/iam`.
pub(crate) fn policy(name: &str) -> String {
    std::fs::read_to_string(repository().join("config/iam").join(name)).unwrap()
}

/// Every action that a policy allows.
pub(crate) fn actions(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let of = |statement: &Value| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        action => vec![action.clone()],
    };
    let actions = policy["Statement"].as_array().unwrap().iter().flat_map(of);
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// The policy without one of its actions.
pub(crate) fn without(policy: &str, action: &str) -> String {
    let mut policy: Value = serde_json::from_str(policy).unwrap();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        match &mut statement["Action"] {
            Value::Array(actions) => actions.retain(|one| one != action),
            one if one == action => *one = Value::Array(Vec::new()),
            _ => {}
        }
    }
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.retain(|statement| statement["Action"].as_array().is_none_or(|actions| !actions.is_empty()));
    policy.to_string()
}
