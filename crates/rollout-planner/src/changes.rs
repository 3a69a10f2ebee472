//! In what the specified definitions differ from those that AWS holds, for people to read.

use std::collections::{BTreeMap, BTreeSet};

use role_template::differences;
use rollout_model::{
    AutoDeployment, DefinitionChange, MARK, ManagementAccount, ObservedStack, ObservedStackSet,
    ParameterValue, PermissionModel, RolloutSpec, StackSetSnapshot,
};

use crate::decide::same_template;
use crate::role;

/// Nothing for a definition that stays or does not exist yet.
pub(crate) fn changes(spec: &RolloutSpec, observed: &StackSetSnapshot) -> Vec<DefinitionChange> {
    let set = observed.stack_set.as_ref().map(|set| of_stack_set(spec, set));
    let is_target = spec.targets.management_account == ManagementAccount::Include;
    let stack = observed.management_stack.as_ref().filter(|_| is_target).map(|stack| of_stack(spec, stack));
    set.into_iter().chain(stack).filter(|change| !change.lines.is_empty()).collect()
}

fn of_stack_set(spec: &RolloutSpec, set: &ObservedStackSet) -> DefinitionChange {
    let wanted = &spec.stack_set;
    let mut lines = of_content(spec, &set.template, &set.parameters, &set.tags);
    replaced(&mut lines, "description", &set.description, &wanted.description);
    let automatic = |auto: AutoDeployment| match (auto.enabled, auto.retain_on_removal) {
        (false, _) => "off",
        (true, false) => "on",
        (true, true) => "on, leaving stacks behind in accounts that leave",
    };
    replaced(
        &mut lines,
        "automatic deployment",
        automatic(set.auto_deployment),
        automatic(wanted.auto_deployment),
    );
    let managed = |active: bool| if active { "on" } else { "off" };
    replaced(
        &mut lines,
        "managed execution",
        managed(set.managed_execution),
        managed(wanted.managed_execution),
    );
    of_roles(&mut lines, set.permission_model.as_ref(), &wanted.permission_model);
    DefinitionChange { of: format!("StackSet {}", wanted.name), lines }
}

/// The roles of a self-managed set, by their names: AWS answers with an ARN where a name was given.
fn of_roles(lines: &mut Vec<String>, from: Option<&PermissionModel>, to: &PermissionModel) {
    use PermissionModel::SelfManaged;
    let (
        Some(SelfManaged { administration_role: from, execution_role: enters }),
        SelfManaged { administration_role: to, execution_role: to_enter },
    ) = (from, to)
    else {
        return;
    };
    if !from.is_same(to) {
        lines.push(format!("administration role: `{from}` becomes `{to}`"));
    }
    replaced(lines, "execution role", enters.as_str(), to_enter.as_str());
}

fn of_stack(spec: &RolloutSpec, stack: &ObservedStack) -> DefinitionChange {
    DefinitionChange {
        of: format!("stack {} in the management account", spec.management_stack.name),
        lines: of_content(spec, &stack.template, &stack.parameters, &stack.tags),
    }
}

fn replaced(lines: &mut Vec<String>, what: &str, from: &str, to: &str) {
    if from != to {
        lines.push(format!("{what}: `{from}` becomes `{to}`"));
    }
}

/// What a set and a stack have alike. Both are specified by the same template, parameters and tags.
fn of_content(
    spec: &RolloutSpec,
    template: &str,
    parameters: &BTreeMap<String, Option<ParameterValue>>,
    tags: &BTreeMap<String, String>,
) -> Vec<String> {
    let wanted = &spec.stack_set;
    let template_changes = !same_template(template, &wanted.template);
    let roles = (role::deployed(template, parameters, spec), role::wanted(spec));
    let mut lines: Vec<String> = match &roles {
        (Some(from), Some(to)) => differences(from, to).iter().map(ToString::to_string).collect(),
        _ if template_changes => vec!["the template, which cannot be read role by role".to_owned()],
        _ => Vec::new(),
    };
    if template_changes && lines.is_empty() {
        lines.push("the template, in what is not the role".to_owned());
    }
    of_parameters(&mut lines, parameters, &wanted.parameters);
    of_tags(&mut lines, tags, &wanted.tags);
    if !tags.contains_key(MARK) {
        lines.push("the mark of this rollout is added".to_owned());
    } else if lines.is_empty() && *tags != wanted.tags {
        // The digest among the tags is all that tells of a masked value (aws-facts A8).
        lines.push("the value of a masked parameter, such as an external ID".to_owned());
    }
    lines
}

fn of_parameters(
    lines: &mut Vec<String>,
    from: &BTreeMap<String, Option<ParameterValue>>,
    to: &BTreeMap<String, ParameterValue>,
) {
    for (key, value) in to {
        match from.get(key) {
            None => lines.push(format!("parameter {key} is added")),
            Some(Some(before)) if before != value => lines.push(format!("the value of parameter {key}")),
            Some(_) => {}
        }
    }
    lines.extend(
        from.keys().filter(|key| !to.contains_key(*key)).map(|key| format!("parameter {key} is removed")),
    );
}

/// The tags that rolecall puts there itself say nothing that is not said already.
fn of_tags(lines: &mut Vec<String>, from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) {
    let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    for key in keys.into_iter().filter(|key| !key.starts_with("rolecall:")) {
        match (from.get(key), to.get(key)) {
            (Some(from), Some(to)) => replaced(lines, &format!("tag {key}"), from, to),
            (Some(_), None) => lines.push(format!("tag {key} is removed")),
            (None, _) => lines.push(format!("tag {key} is added")),
        }
    }
}

#[cfg(test)]
mod tests {
    use rollout_model::{AdministrationRole, Limits};

    use super::*;
    use crate::testing::spec;

    fn template(session: u32, policy: &str) -> String {
        format!(
            r#"{{"Parameters":{{"Id":{{"Type":"String","NoEcho":true}},"Prefix":{{"Type":"String"}}}},
            "Resources":{{"Role":{{"Type":"AWS::IAM::Role","Properties":{{"RoleName":{{"Fn::Sub":"${{Prefix}}-reader"}},
            "MaxSessionDuration":{session},"AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{{
            "Effect":"Allow","Principal":{{"AWS":"999999999999"}},"Action":"sts:AssumeRole",
            "Condition":{{"StringEquals":{{"sts:ExternalId":{{"Ref":"Id"}}}}}}}}]}},
            "Policies":[{{"PolicyName":"p","PolicyDocument":{{"Version":"2012-10-17","Statement":[{{
            "Effect":"Allow","Action":"{policy}","Resource":"*"}}]}}}}]}}}}}}}}"#
        )
    }

    fn specified() -> RolloutSpec {
        let mut spec = spec(&["Workloads"]);
        spec.limits = Limits { max_targets: 10, max_removals: 0 };
        spec.stack_set.template = template(3600, "s3:GetObject");
        let value = |value: &str| ParameterValue(value.to_owned());
        spec.stack_set.parameters =
            [("Id".to_owned(), value("tell-nobody")), ("Prefix".to_owned(), value("a"))].into();
        spec
    }

    fn deployed(spec: &RolloutSpec) -> ObservedStackSet {
        let shown = [("Id".to_owned(), None), ("Prefix".to_owned(), Some(ParameterValue("a".to_owned())))];
        ObservedStackSet {
            template: spec.stack_set.template.clone(),
            parameters: shown.into(),
            tags: spec.stack_set.tags.clone(),
            auto_deployment: spec.stack_set.auto_deployment,
            managed_execution: spec.stack_set.managed_execution,
            permission_model: Some(PermissionModel::ServiceManaged),
            description: spec.stack_set.description.clone(),
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut ObservedStackSet), expected: &[&str]) {
        let spec = specified();
        let mut set = deployed(&spec);
        change(&mut set);
        let observed = StackSetSnapshot { stack_set: Some(set), ..StackSetSnapshot::default() };
        let changes = changes(&spec, &observed);
        let lines: Vec<&String> = changes.iter().flat_map(|change| &change.lines).collect();
        assert_eq!(lines, expected);
        assert!(!format!("{changes:?}").contains("tell-nobody"));
    }

    #[test]
    fn the_role_is_compared_property_by_property_and_statement_by_statement() {
        check(|_| {}, &[]);
        check(
            |set| set.template = template(7200, "s3:GetObject"),
            &["maximum session: 7200 s becomes 3600 s"],
        );
        check(
            |set| set.template = template(3600, "s3:ListBucket"),
            &[
                "inline policy `p`: statement Allow s3:ListBucket on * is removed",
                "inline policy `p`: statement Allow s3:GetObject on * is added",
            ],
        );
    }

    #[test]
    fn what_is_not_the_role_is_told_too() {
        check(|set| set.template.push(' '), &["the template, in what is not the role"]);
        check(|set| set.template = "{}".to_owned(), &["the template, which cannot be read role by role"]);
        check(|set| set.description = "old".to_owned(), &["description: `old` becomes `a role`"]);
        check(|set| set.managed_execution = false, &["managed execution: `off` becomes `on`"]);
        check(|set| set.auto_deployment.enabled = false, &["automatic deployment: `off` becomes `on`"]);
        let mask = "the value of a masked parameter, such as an external ID";
        check(|set| _ = set.tags.insert("rolecall:digest".to_owned(), "1".to_owned()), &[mask]);
        check(|set| set.tags.clear(), &["the mark of this rollout is added"]);
        check(|set| _ = set.tags.insert("owner".to_owned(), "me".to_owned()), &["tag owner is removed"]);
        check(|set| _ = set.parameters.insert("More".to_owned(), None), &["parameter More is removed"]);
    }

    #[test]
    fn the_roles_of_a_self_managed_set_are_compared_and_a_name_is_what_its_arn_is() {
        let mut spec = specified();
        spec.stack_set.permission_model = PermissionModel::self_managed();
        let lines = |arn: &str, execution_role: &str| {
            let mut set = deployed(&spec);
            set.permission_model = Some(PermissionModel::SelfManaged {
                administration_role: AdministrationRole::At(arn.parse().unwrap()),
                execution_role: execution_role.parse().unwrap(),
            });
            let lines = of_stack_set(&spec, &set).lines;
            assert_eq!(crate::decide::roles_change(&set, &spec.stack_set), !lines.is_empty());
            lines
        };
        let (administration, execution) =
            (PermissionModel::DEFAULT_ADMINISTRATION_ROLE, PermissionModel::DEFAULT_EXECUTION_ROLE);
        let at = |path: &str| format!("arn:aws:iam::000000000001:role{path}");
        assert_eq!(lines(&at(&format!("/{administration}")), execution), [""; 0]);
        assert_eq!(
            lines(&at("/Mine"), "Ours"),
            [
                format!(
                    "administration role: `arn:aws:iam::000000000001:role/Mine` becomes `{administration}`"
                ),
                format!("execution role: `Ours` becomes `{execution}`"),
            ]
        );
    }

    #[test]
    fn a_name_that_comes_from_a_parameter_is_compared_with_the_value_that_aws_shows() {
        let spec = specified();
        let mut set = deployed(&spec);
        set.parameters.insert("Prefix".to_owned(), Some(ParameterValue("b".to_owned())));
        let observed = StackSetSnapshot { stack_set: Some(set), ..StackSetSnapshot::default() };
        let refused = crate::replacement::refuse_a_replacement(&spec, &observed).unwrap_err().to_string();
        assert!(refused.contains("the role `/b-reader` would be replaced by `/a-reader`"), "{refused}");
    }
}
