//! How the role is proven: by trying it, or, where only others are trusted, by evaluating whom it lets in.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::bail;
use role_template::{TrustEntry, TrustedPrincipal};
use role_verifier::Permissions;
use rollout_model::{RoleArn, RoleName};

use super::chain::ChainConfig;
use super::file::{PermissionsConfig, VerifyConfig, VerifyModeConfig};
use super::problems::Problems;
use super::value::{concurrency, duration};

/// The role that AWS puts into every account that an organization creates (aws-facts D1).
pub(crate) const AWS_ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// How the role is proven.
#[derive(Debug)]
pub(crate) struct Verify {
    pub(crate) mode: VerifyModeConfig,
    /// The way to the principal that tries the role: each is entered from the one before, the first by ourselves.
    /// Empty where we try it ourselves, or nobody does.
    pub(crate) from: Vec<RoleArn>,
    pub(crate) access_role: RoleName,
    pub(crate) concurrency: NonZeroUsize,
    pub(crate) propagation: Duration,
    /// How long one account may take, beside the time for propagation.
    pub(crate) timeout: Duration,
    pub(crate) permissions: Permissions,
}

impl Verify {
    /// The principal that tries the role, where it is not ourselves.
    pub(crate) fn principal(&self) -> Option<&RoleArn> {
        self.from.last()
    }
}

/// What becomes of the statement that `verify.mode: probe` adds to the trust policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    AsConfigured,
    /// It is left out, and nobody of ours enters the role.
    Removed,
}

impl VerifyConfig {
    /// The same without the probe. Whoever is trusted then is somebody else's, so that nothing but evaluation is left.
    pub(super) fn without_probe(self) -> anyhow::Result<Self> {
        if self.mode != Some(VerifyModeConfig::Probe) {
            bail!("there is no probe to remove: `verify.mode` of this configuration is not `probe`");
        }
        Ok(VerifyConfig { mode: Some(VerifyModeConfig::Offline), from: ChainConfig::default(), ..self })
    }
}

pub(super) fn verify(config: &VerifyConfig, problems: &mut Problems) -> Option<Verify> {
    let mode = config.mode.unwrap_or(VerifyModeConfig::Direct);
    let from = from(config, mode, problems);
    let access_role = config.access_role.as_deref().unwrap_or(AWS_ACCESS_ROLE);
    let access_role = problems.take("verify.access_role", access_role.parse());
    let concurrency =
        problems.take("verify.concurrency", concurrency(config.concurrency.as_deref().unwrap_or("auto")));
    let propagation =
        problems.take("verify.propagation", duration(config.propagation.as_deref().unwrap_or("90s")));
    let timeout = problems.take("verify.timeout", timeout(config.timeout.as_deref().unwrap_or("5m")));
    let permissions = permissions(&config.permissions, problems);
    Some(Verify {
        mode,
        from: from?,
        access_role: access_role?,
        concurrency: concurrency?,
        propagation: propagation?,
        timeout: timeout?,
        permissions: permissions?,
    })
}

/// No time at all would prove nothing.
fn timeout(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err(format!("`{text}` leaves no account the time for a verdict")),
        timeout => Ok(timeout),
    }
}

fn from(config: &VerifyConfig, mode: VerifyModeConfig, problems: &mut Problems) -> Option<Vec<RoleArn>> {
    let arns = config.from.0.iter();
    let roles: Vec<Option<RoleArn>> =
        arns.map(|arn| problems.take("verify.from", arn.parse::<RoleArn>())).collect();
    match mode {
        VerifyModeConfig::Offline if !roles.is_empty() => problems.add(
            "verify.from",
            "in mode `offline` nobody enters the role: leave it out, or use mode `direct` or `probe`",
        ),
        VerifyModeConfig::Probe if roles.is_empty() => problems.add(
            "verify.from",
            "mode `probe` lets a role of your own in beside whoever is trusted: its ARN is needed",
        ),
        _ => {}
    }
    roles.into_iter().collect()
}

fn permissions(config: &PermissionsConfig, problems: &mut Problems) -> Option<Permissions> {
    let mut actions = |key: &str, listed: &[String]| -> Option<BTreeSet<String>> {
        let key = format!("verify.permissions.{key}");
        let checked = listed.iter().map(|action| problems.take(&key, action_name(action)));
        checked.collect::<Vec<_>>().into_iter().collect()
    };
    let (allow, deny) = (actions("allow", &config.allow)?, actions("deny", &config.deny)?);
    let permissions = Permissions { allow, deny, context: config.context.clone() };
    if let Some(both) = permissions.allow.intersection(&permissions.deny).next() {
        problems.add("verify.permissions", format!("`{both}` cannot be both allowed and denied"));
    }
    Some(permissions)
}

/// IAM simulates single actions; one that has a wildcard is none.
fn action_name(text: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match text.split_once(':') {
        Some((service, action)) if is_word(service) && is_word(action) => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is not one action (such as `ec2:DescribeInstances`)")),
    }
}

/// Lets the principal that tries the role in, beside whoever is trusted and under the same external ID. By a
/// condition on its account and not as a principal, so that it need not be there when the stacks are made, and may
/// be made anew (aws-facts F3).
pub(super) fn with_probe(mut entries: Vec<TrustEntry>, verify: &Verify) -> Vec<TrustEntry> {
    if let (VerifyModeConfig::Probe, Some(role)) = (verify.mode, verify.principal()) {
        let external_id = entries.iter().find_map(|entry| entry.external_id.clone());
        entries.push(TrustEntry { principal: TrustedPrincipal::Probe(role.to_string()), external_id });
    }
    entries
}

/// Whether the mode fits whom the role trusts.
pub(super) fn fits(verify: &Verify, entries: &[TrustEntry], problems: &mut Problems) {
    let is_service = |entry: &TrustEntry| matches!(entry.principal, TrustedPrincipal::Service(_));
    if verify.mode != VerifyModeConfig::Offline && !entries.is_empty() && entries.iter().all(is_service) {
        problems.add(
            "verify.mode",
            "the role trusts nothing but services, and nobody can enter it in their place: `offline` is the one mode",
        );
    }
}

/// What an operator should know about the extra statement before it is rolled out.
pub(super) fn caution(verify: &Verify) -> Option<String> {
    let role = verify.principal().filter(|_| verify.mode == VerifyModeConfig::Probe)?;
    Some(format!(
        "verify.mode: beside whoever is trusted, the role trusts {role} until `rolecall verify --remove-probe`"
    ))
}
