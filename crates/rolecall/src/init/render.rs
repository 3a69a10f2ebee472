//! The answers as a commented file.

use clap::ValueEnum;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};

use super::answers::Answers;
use super::scalar::scalar;
use crate::config::VerifyModeConfig;

/// The name of the schema's file, beside the configuration.
pub(crate) const SCHEMA_FILE: &str = "rollout.schema.json";

const TEMPLATE: &str = include_str!("rollout.yaml.jinja");

/// The text of a configuration that says exactly this. `has_schema` says whether the schema is beside it.
pub(crate) fn render(answers: &Answers, has_schema: bool) -> Result<String, Error> {
    let entries = |targets: &[super::Target]| -> Vec<Value> {
        targets
            .iter()
            .map(|target| context! { key => target.key.as_str(), value => target.value.as_str() })
            .collect()
    };
    let trust = answers.trust.iter().map(|trusted| {
        let (key, value) = trusted.entry();
        context! { key, value, is_service => key == "service" }
    });
    let trust: Vec<Value> = trust.collect();
    environment()?.get_template("rollout.yaml")?.render(context! {
        has_schema,
        schema_file => SCHEMA_FILE,
        rollout => answers.rollout.as_str(),
        home_region => answers.home_region.as_str(),
        role_name => answers.role_name.as_str(),
        trust,
        external_id_env => answers.external_id_env.as_ref().map(|variable| variable.0.as_str()),
        managed_policies => answers.managed_policies.iter().map(|policy| Value::from(policy.0.as_str())).collect::<Vec<_>>(),
        include => entries(&answers.include),
        exclude => entries(&answers.exclude),
        management_account => word(answers.management_account),
        permission_model => word(answers.permission_model),
        verify_mode => word(answers.verify_mode),
        enters => answers.verify_mode != VerifyModeConfig::Offline,
        verify_from => answers.verify_from.as_ref().map(ToString::to_string),
    })
}

/// Whatever the template writes is written as YAML, so that nothing has to remember to quote.
fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?;
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|output, _, value| match value.as_str() {
        Some(text) => output.write_str(&scalar(text)).map_err(Error::from),
        None => Err(Error::new(ErrorKind::InvalidOperation, "the template writes something that is no text")),
    });
    environment.add_template("rollout.yaml", TEMPLATE)?;
    Ok(environment)
}

fn word(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::arguments::GivenAnswers;
    use crate::config::{self, ManagementAccountConfig, PermissionModelConfig};
    use crate::init::{ManagedPolicy, OrNone, Target, Trusted, Variable};

    /// What a file is to say, key by key.
    fn said(answers: &Answers) -> Json {
        let list = |targets: &[Target]| -> Json {
            targets.iter().map(|target| json!({ &target.key: target.value })).collect()
        };
        let trusted = |trusted: &Trusted| {
            let (key, value) = trusted.entry();
            let mut entry = json!({ key: value });
            if let (Some(variable), true) = (&answers.external_id_env, key != "service") {
                entry["external_id"] = json!({ "env": variable.0 });
            }
            entry
        };
        let mut said = json!({
            "rollout": answers.rollout.as_str(),
            "home_region": answers.home_region.as_str(),
            "role": {
                "name": answers.role_name.as_str(),
                "trust": answers.trust.iter().map(trusted).collect::<Json>(),
            },
            "targets": {
                "include": list(&answers.include),
                "management_account": match answers.management_account {
                    ManagementAccountConfig::Include => "include",
                    ManagementAccountConfig::Exclude => "exclude",
                },
            },
            "stack_set": { "permission_model": match answers.permission_model {
                PermissionModelConfig::ServiceManaged => "service-managed",
                PermissionModelConfig::SelfManaged => "self-managed",
            } },
            "verify": { "mode": match answers.verify_mode {
                VerifyModeConfig::Direct => "direct",
                VerifyModeConfig::Probe => "probe",
                VerifyModeConfig::Offline => "offline",
            } },
            "limits": { "max_targets": 5000, "max_removals": 0 },
        });
        if !answers.managed_policies.is_empty() {
            said["role"]["managed_policies"] =
                answers.managed_policies.iter().map(|policy| json!(policy.0)).collect();
        }
        if !answers.exclude.is_empty() {
            said["targets"]["exclude"] = list(&answers.exclude);
        }
        if let Some(from) = &answers.verify_from {
            said["verify"]["from"] = json!(from.to_string());
        }
        said
    }

    /// Whatever is accepted as an answer, and more often what is awkward in YAML.
    fn target() -> impl Strategy<Value = Target> {
        let awkward = "[-?:,\\[\\]{}#&*!|>'\"%@` \\\\a1/\t\n\u{85}\u{2028}=]{1,10}";
        let text =
            prop_oneof![any::<String>(), awkward, Just("yes".to_owned()), Just("222200003103".to_owned())];
        (select(vec!["", "ou:", "name=", "account:"]), text)
            .prop_filter_map("no selector", |(word, text)| format!("{word}{text}").parse().ok())
    }

    fn trusted() -> impl Strategy<Value = Trusted> {
        let forms = [
            "111122223333",
            "012345678901",
            "arn:aws:iam::111122223333:role/a/Hub",
            "ec2.amazonaws.com",
            "o-a1b2c3d4e5",
        ];
        select(forms.map(|text| text.parse::<Trusted>().unwrap()).to_vec())
    }

    fn answers() -> impl Strategy<Value = Answers> {
        let policy = any::<String>().prop_filter_map("no policy", |name| {
            format!("arn:aws:iam::aws:policy/{name}").parse::<ManagedPolicy>().ok().map(OrNone::Some)
        });
        let given = (
            "[A-Za-z0-9_+=,.@-]{1,64}",
            prop::collection::vec(trusted(), 1..4),
            prop::option::of("[A-Za-z_][A-Za-z0-9_]{0,9}"),
            prop::collection::vec(prop_oneof![policy, Just(OrNone::None)], 0..3),
            prop::collection::vec(target(), 0..3),
            prop::collection::vec(target(), 0..3),
            any::<(bool, bool)>(),
            prop::option::of(select(VerifyModeConfig::value_variants())),
        );
        given.prop_filter_map("nobody sends an external ID", |given| {
            let (
                role,
                trust,
                variable,
                managed_policy,
                target,
                exclude,
                (include, self_managed),
                verify_mode,
            ) = given;
            let answers = GivenAnswers {
                role_name: Some(role.parse().unwrap()),
                trust,
                external_id_env: variable.map(|name| OrNone::Some(Variable(name))),
                managed_policy,
                target,
                exclude,
                management_account: include.then_some(ManagementAccountConfig::Include),
                permission_model: self_managed.then_some(PermissionModelConfig::SelfManaged),
                verify_from: (verify_mode == Some(VerifyModeConfig::Probe))
                    .then(|| OrNone::Some("arn:aws:iam::111122223333:role/Verifier".parse().unwrap())),
                verify_mode,
                ..GivenAnswers::default()
            };
            Answers::complete(answers).ok()
        })
    }

    proptest! {
        #[test]
        fn whatever_is_answered_the_file_says_exactly_that(answers in answers(), has_schema: bool) {
            let text = render(&answers, has_schema).unwrap();
            prop_assert_eq!(config::value_of(&text), said(&answers), "{}", text);
            let other: Json = serde_saphyr::from_str(&text).unwrap();
            prop_assert_eq!(other, said(&answers), "{}", text);
        }

        /// One key after the other could be taken in by an operator; here all are at once.
        #[test]
        fn every_key_that_a_comment_offers_can_be_written(answers in answers()) {
            prop_assume!(only_harmless(&answers));
            let text = render(&answers, true).unwrap();
            let written: Vec<String> = text.lines().map(without_comment_sign).collect();
            let offered = written.iter().zip(text.lines()).filter(|(written, line)| written != line).count();
            prop_assert!(offered >= 10, "{}", text);
            let directory = tempfile::tempdir().unwrap();
            std::fs::create_dir(directory.path().join("policies")).unwrap();
            let collect = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/policies/collect.json");
            std::fs::copy(collect, directory.path().join("policies/collect.json")).unwrap();
            let read = config::read_text(
                &directory.path().join("rollout.yaml"),
                written.join("\n"),
                &|_| Some("external-id".to_owned()),
            );
            prop_assert!(read.is_ok(), "{}", read.unwrap_err());
        }
    }

    /// Answers that go together, so that what is refused is what was offered.
    fn only_harmless(answers: &Answers) -> bool {
        let only_services = answers.trust.iter().all(|trusted| trusted.entry().0 == "service");
        (!only_services || answers.verify_mode == VerifyModeConfig::Offline)
            && answers.managed_policies.iter().all(|policy| policy.0.is_ascii())
    }

    /// The line as it is once its key is taken in.
    fn without_comment_sign(line: &str) -> String {
        let rest = line.trim_start();
        let key = rest.strip_prefix("# ").and_then(|rest| rest.split_once(':')).map(|(key, _)| key);
        let is_key =
            |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match key.is_some_and(is_key) {
            true => line.replacen("# ", "", 1),
            false => line.to_owned(),
        }
    }
}
