//! The role section and the template section: both come to a template, its parameters, and the role that
//! they make.

use std::collections::BTreeMap;
use std::path::Path;

use iam_policy::PolicyDocument;
use role_template::{
    MAX_TAGS, MAX_TEMPLATE_BYTES, Problem, Pseudo, RoleSpecification, RoleTemplate, Severity, TrustEntry,
    TrustSpecification, TrustedPrincipal,
};
use rollout_model::{AccountId, ExternalId, OrganizationId, ParameterValue, Region, RoleArn};

use super::file::{FileConfig, RoleConfig, TemplateConfig, TrustConfig, VerifyModeConfig};
use super::problems::Problems;
use super::resolve::STACK_TAGS;
use super::secret::{ExternalIdConfig, from_environment};
use super::value::{duration, exactly_one};
use super::verify::{self, Verify};

/// What is deployed, and the role that comes of it.
#[derive(Debug)]
pub(crate) struct Deployable {
    pub(crate) template: String,
    pub(crate) parameters: BTreeMap<String, ParameterValue>,
    pub(crate) source: RoleSource,
    /// What works only where a quota has been raised, and what is unwise.
    pub(crate) warnings: Vec<String>,
}

/// From what the role of one account follows.
#[derive(Debug)]
pub(crate) enum RoleSource {
    /// The same in every account.
    Specification(Box<RoleSpecification>),
    /// A template that may refer to the account it is deployed in.
    Template { logical_id: Option<String> },
}

impl Deployable {
    /// Whether the role cannot differ between accounts.
    pub(crate) fn is_same_everywhere(&self) -> bool {
        matches!(self.source, RoleSource::Specification(_))
    }

    /// The role that the template makes in `account`. The template has been read once before, so what can
    /// fail is only what depends on the account.
    pub(crate) fn role_in(
        &self,
        account: &AccountId,
        region: &Region,
        partition: &str,
    ) -> Result<RoleSpecification, String> {
        // No role that gets past `try_template` depends on the name.
        self.role_in_stack("stack", account, region, partition)
    }

    fn role_in_stack(
        &self,
        stack_name: &str,
        account: &AccountId,
        region: &Region,
        partition: &str,
    ) -> Result<RoleSpecification, String> {
        match &self.source {
            RoleSource::Specification(role) => Ok((**role).clone()),
            RoleSource::Template { logical_id } => {
                let parameters =
                    self.parameters.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect();
                let pseudo = Pseudo {
                    account: account.to_string(),
                    region: region.to_string(),
                    partition: partition.to_owned(),
                    stack_name: stack_name.to_owned(),
                };
                RoleTemplate::read(&self.template, &parameters, &pseudo, logical_id.as_deref())
                    .map_err(|error| error.to_string())
            }
        }
    }
}

/// What single values need to be resolved.
pub(crate) struct Surroundings<'a> {
    /// Where relative paths begin.
    pub(crate) directory: &'a Path,
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
}

pub(crate) fn deployable(
    file: &FileConfig,
    verify: Option<&Verify>,
    surroundings: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<Deployable> {
    match (&file.role, &file.template) {
        (Some(role), None) => from_role(role, verify, surroundings, problems),
        (None, Some(template)) => {
            no_probe_in_a_template(verify, problems);
            from_template(template, surroundings, problems)
        }
        (None, None) => {
            problems.add("role", "either `role` or `template` is needed");
            None
        }
        (Some(_), Some(_)) => {
            problems.add("template", "only one of `role` and `template` may be given");
            None
        }
    }
}

fn from_role(
    config: &RoleConfig,
    verify: Option<&Verify>,
    surroundings: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<Deployable> {
    let entries: Vec<Option<TrustEntry>> = config
        .trust
        .iter()
        .enumerate()
        .map(|(index, entry)| trust_entry(&format!("role.trust[{index}]"), entry, surroundings, problems))
        .collect();
    let entries = entries.into_iter().collect::<Option<Vec<TrustEntry>>>();
    if config.trust.is_empty() {
        problems.add("role.trust", "somebody has to be trusted, or nobody can enter the role");
    }
    let max_session = match &config.max_session {
        Some(text) => problems.take("role.max_session", seconds(text)),
        None => Some(RoleSpecification::DEFAULT_MAX_SESSION),
    };
    let inline_policies = inline_policies(config, surroundings, problems);
    let mut entries = entries?;
    if let Some(verify) = verify {
        verify::fits(verify, &entries, problems);
        entries = verify::with_probe(entries, verify);
    }
    let mut role = RoleSpecification::new(&config.name, TrustSpecification { entries }.to_policy());
    role.path = config.path.clone().unwrap_or_else(|| "/".to_owned());
    role.description = config.description.clone();
    role.managed_policies = config.managed_policies.iter().cloned().collect();
    role.inline_policies = inline_policies?;
    role.permissions_boundary = config.permissions_boundary.clone();
    role.max_session = max_session?;
    role.tags = config.tags.clone();
    let mut warnings = sort_problems(role.problems(), problems);
    warnings.extend(verify.and_then(verify::caution));
    room_for_stack_tags("role.tags", &role, problems);
    let template = RoleTemplate::from_specification(&role);
    Some(Deployable {
        template: template.body,
        parameters: template
            .parameters
            .into_iter()
            .map(|(key, value)| (key, ParameterValue(value)))
            .collect(),
        source: RoleSource::Specification(Box::new(role)),
        warnings,
    })
}

/// A template is deployed as it is.
fn no_probe_in_a_template(verify: Option<&Verify>, problems: &mut Problems) {
    if verify.is_some_and(|verify| verify.mode == VerifyModeConfig::Probe) {
        problems.add(
            "verify.mode",
            "`probe` adds a statement to the trust policy of `role`, and a template is deployed as it is: use \
             `offline`, or trust `verify.from` in the template and use `direct`",
        );
    }
}

/// What AWS refuses everywhere is a problem, what it takes somewhere or what is unwise a warning.
fn sort_problems(found: Vec<Problem>, problems: &mut Problems) -> Vec<String> {
    let mut warnings = Vec::new();
    for Problem { key, message, severity } in found {
        match severity {
            Severity::Refused => problems.add(key, message),
            Severity::NeedsRaisedQuota | Severity::Unwise => warnings.push(format!("{key}: {message}")),
        }
    }
    warnings
}

/// The stack passes its own tags on to the role (aws-facts A7), where they count with the others.
fn room_for_stack_tags(key: &str, role: &RoleSpecification, problems: &mut Problems) {
    let own = STACK_TAGS.into_iter().filter(|tag| !role.tags.contains_key(*tag)).count();
    let tags = role.tags.len();
    // More than that is told by the role's own problems.
    if (MAX_TAGS - own + 1..=MAX_TAGS).contains(&tags) {
        let message =
            format!("has {tags} tags, and with the {own} of its stack IAM takes {MAX_TAGS} at most");
        problems.add(key, message);
    }
}

fn seconds(text: &str) -> Result<u32, String> {
    let seconds = duration(text)?.as_secs();
    u32::try_from(seconds).map_err(|_| format!("`{text}` is too long"))
}

fn trust_entry(
    key: &str,
    config: &TrustConfig,
    surroundings: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<TrustEntry> {
    let principal = problems.take(key, principal(config));
    let external_id = match &config.external_id {
        Some(source) => {
            let resolved = external_id(source, surroundings);
            Some(problems.take(&format!("{key}.external_id"), resolved)?)
        }
        None => None,
    };
    Some(TrustEntry { principal: principal?, external_id: external_id.map(|id| id.expose().to_owned()) })
}

fn principal(config: &TrustConfig) -> Result<TrustedPrincipal, String> {
    let TrustConfig { account, role, service, organization, .. } = config;
    let (kind, value) = exactly_one(&[
        ("account", account),
        ("role", role),
        ("service", service),
        ("organization", organization),
    ])?;
    match kind {
        "account" => value.parse().map(|id: AccountId| TrustedPrincipal::Account(id.to_string())),
        "role" => value.parse().map(|arn: RoleArn| TrustedPrincipal::Role(arn.to_string())),
        "organization" => {
            value.parse().map(|id: OrganizationId| TrustedPrincipal::Organization(id.to_string()))
        }
        _ => return Ok(TrustedPrincipal::Service(value.clone())),
    }
    .map_err(|error| error.to_string())
}

fn external_id(source: &ExternalIdConfig, surroundings: &Surroundings<'_>) -> Result<ExternalId, String> {
    let value = match exactly_one(&[("env", &source.env), ("literal", &source.literal)])? {
        ("env", variable) => from_environment(variable, surroundings.environment)?,
        (_, literal) => literal.clone(),
    };
    value.parse().map_err(|error: rollout_model::InvalidId| error.to_string())
}

fn inline_policies(
    config: &RoleConfig,
    surroundings: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<BTreeMap<String, PolicyDocument>> {
    let read = |path: &Path| -> Result<PolicyDocument, String> {
        let path = surroundings.directory.join(path);
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("could not read `{}`: {error}", path.display()))?;
        PolicyDocument::parse(&text)
            .map_err(|error| format!("`{}` is not a policy document: {error}", path.display()))
    };
    let policies = config.inline_policies.iter().map(|(name, path)| {
        let document = problems.take(&format!("role.inline_policies.{name}"), read(path));
        document.map(|document| (name.clone(), document))
    });
    // Every file is looked at, so that every problem is reported.
    let policies: Vec<_> = policies.collect();
    policies.into_iter().collect()
}

fn from_template(
    config: &TemplateConfig,
    surroundings: &Surroundings<'_>,
    problems: &mut Problems,
) -> Option<Deployable> {
    let path = surroundings.directory.join(&config.file);
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|error| format!("could not read `{}`: {error}", path.display()));
    let template = problems.take("template.file", text);
    let parameters: Vec<Option<(String, ParameterValue)>> = config
        .parameters
        .iter()
        .map(|(name, source)| {
            let value = match exactly_one(&[("env", &source.env), ("value", &source.value)]) {
                Ok(("env", variable)) => from_environment(variable, surroundings.environment),
                Ok((_, value)) => Ok(value.clone()),
                Err(problem) => Err(problem),
            };
            let value = problems.take(&format!("template.parameters.{name}"), value)?;
            Some((name.clone(), ParameterValue(value)))
        })
        .collect();
    let (template, given) = (template?, parameters.into_iter().collect::<Option<BTreeMap<_, _>>>()?);
    // AWS answers the value of every parameter, given or not: with the defaults filled in, what is wanted
    // and what is there can be compared.
    let defaults = problems.take("template.file", RoleTemplate::parameter_defaults(&template))?;
    let mut parameters: BTreeMap<String, ParameterValue> =
        defaults.into_iter().map(|(name, value)| (name, ParameterValue(value))).collect();
    parameters.extend(given);
    let deployable = Deployable {
        template,
        parameters,
        source: RoleSource::Template { logical_id: config.role.clone() },
        warnings: Vec::new(),
    };
    try_template(deployable, problems)
}

/// Reads the template for a made-up account, so that what is wrong in every account is found now.
fn try_template(mut deployable: Deployable, problems: &mut Problems) -> Option<Deployable> {
    if deployable.template.len() > MAX_TEMPLATE_BYTES {
        let size = deployable.template.len();
        problems
            .add("template.file", format!("{size} bytes; CloudFormation takes at most {MAX_TEMPLATE_BYTES}"));
        return None;
    }
    let given = deployable.parameters.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect();
    let mut found = problems.take("template.file", RoleTemplate::problems(&deployable.template, &given))?;
    let account: AccountId = "111122223333".parse().expect("twelve digits");
    let region: Region = "us-east-1".parse().expect("a Region");
    let role = problems.take("template.file", deployable.role_in(&account, &region, "aws"))?;
    if deployable.role_in_stack("another", &account, &region, "aws").as_ref() != Ok(&role) {
        let message = "the role depends on AWS::StackName, and StackSets makes up a name in every account: \
                       there would be no role to compare with";
        problems.add("template.file", message);
    }
    found.extend(role.problems());
    let here = |problem| Problem { key: "template.file".to_owned(), ..problem };
    deployable.warnings = sort_problems(found.into_iter().map(here).collect(), problems);
    room_for_stack_tags("template.file", &role, problems);
    Some(deployable)
}
