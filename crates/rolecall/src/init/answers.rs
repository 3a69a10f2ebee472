//! All answers, and what holds where one was not given.

use rollout_model::{Region, RoleArn, RoleName, RolloutName};

use super::answer::{ManagedPolicy, OrNone, Target, Trusted, Variable};
use crate::arguments::GivenAnswers;
use crate::config::{ManagementAccountConfig, PermissionModelConfig, VerifyModeConfig};

/// Everything that a configuration is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) rollout: RolloutName,
    pub(crate) home_region: Region,
    pub(crate) role_name: RoleName,
    /// At least one.
    pub(crate) trust: Vec<Trusted>,
    pub(crate) external_id_env: Option<Variable>,
    pub(crate) managed_policies: Vec<ManagedPolicy>,
    /// At least one.
    pub(crate) include: Vec<Target>,
    pub(crate) exclude: Vec<Target>,
    pub(crate) management_account: ManagementAccountConfig,
    pub(crate) permission_model: PermissionModelConfig,
    pub(crate) verify_mode: VerifyModeConfig,
    pub(crate) verify_from: Option<RoleArn>,
}

/// Why no configuration can be made of what was given.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Incomplete {
    /// These have no default.
    #[error(
        "nobody can be asked, and there is no default for {}\n  give them as options, or run `rolecall init` at a terminal",
        .0.join(", ")
    )]
    Missing(Vec<&'static str>),
    #[error("--external-id-env: services send no external ID, and nobody else is trusted")]
    NobodySendsAnExternalId,
}

impl Answers {
    /// What was given, and defaults for the rest.
    pub(crate) fn complete(given: GivenAnswers) -> Result<Self, Incomplete> {
        let verify_mode = given.verify_mode.unwrap_or_else(|| verify_mode(&given.trust));
        let needs = [
            ("--role-name", given.role_name.is_none()),
            ("--trust", given.trust.is_empty()),
            ("--verify-from", verify_mode == VerifyModeConfig::Probe && given.verify_from.is_none()),
        ];
        let missing: Vec<_> =
            needs.iter().filter(|(_, is_missing)| *is_missing).map(|(flag, _)| *flag).collect();
        let (Some(role_name), []) = (given.role_name, missing.as_slice()) else {
            return Err(Incomplete::Missing(missing));
        };
        let external_id_env = given.external_id_env.and_then(OrNone::into_option);
        if external_id_env.is_some() && only_services(&given.trust) {
            return Err(Incomplete::NobodySendsAnExternalId);
        }
        let home_region = given.home_region.unwrap_or_else(home_region);
        let verify_from = given.verify_from.unwrap_or_else(|| verify_from(verify_mode, &given.trust));
        let mut managed_policy = given.managed_policy;
        if managed_policy.is_empty() {
            managed_policy.push(OrNone::Some(managed_policy_in(&home_region)));
        }
        Ok(Answers {
            rollout: given.rollout.unwrap_or_else(|| rollout(&role_name)),
            external_id_env,
            managed_policies: managed_policy.into_iter().filter_map(OrNone::into_option).collect(),
            include: if given.target.is_empty() { vec![everybody()] } else { given.target },
            exclude: given.exclude,
            management_account: given.management_account.unwrap_or(ManagementAccountConfig::Exclude),
            permission_model: given.permission_model.unwrap_or(PermissionModelConfig::ServiceManaged),
            verify_from: verify_from.into_option(),
            trust: given.trust,
            home_region,
            role_name,
            verify_mode,
        })
    }
}

/// The whole organization.
pub(super) fn everybody() -> Target {
    Target { key: "ou".to_owned(), value: "**".to_owned() }
}

/// Where IAM itself is.
pub(super) fn home_region() -> Region {
    "us-east-1".parse().expect("a Region")
}

/// What AWS made for auditors, which reads configurations and no data. Other partitions have their own copy.
pub(super) fn managed_policy_in(region: &Region) -> ManagedPolicy {
    let partition = match region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    ManagedPolicy(format!("arn:{partition}:iam::aws:policy/SecurityAudit"))
}

/// Nobody of ours can enter a role that trusts only services.
pub(super) fn verify_mode(trust: &[Trusted]) -> VerifyModeConfig {
    match only_services(trust) {
        true => VerifyModeConfig::Offline,
        false => VerifyModeConfig::Direct,
    }
}

pub(super) fn only_services(trust: &[Trusted]) -> bool {
    trust.iter().all(|trusted| matches!(trusted, Trusted::Service(_)))
}

/// A role that is trusted can try the role, if we may enter it.
pub(super) fn verify_from(mode: VerifyModeConfig, trust: &[Trusted]) -> OrNone<RoleArn> {
    let role = trust.iter().find_map(|trusted| match trusted {
        Trusted::Role(arn) => Some(arn.clone()),
        _ => None,
    });
    match role {
        Some(role) if mode == VerifyModeConfig::Direct => OrNone::Some(role),
        _ => OrNone::None,
    }
}

/// `SecurityAudit` becomes `security-audit`: a name that a StackSet may have.
pub(super) fn rollout(role: &RoleName) -> RolloutName {
    let mut name = String::new();
    let letters: Vec<char> = role.as_str().chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let is_lower = |at: usize| letters.get(at).is_some_and(char::is_ascii_lowercase);
        let begins_a_word = letter.is_ascii_uppercase() && at > 0 && (is_lower(at - 1) || is_lower(at + 1));
        if (begins_a_word || !letter.is_ascii_alphanumeric()) && !name.ends_with('-') {
            name.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        }
    }
    let name = name.trim_matches('-');
    // With hyphens and a letter before them, 64 characters can become 101.
    let name = name.get(..95).unwrap_or(name).trim_end_matches('-');
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let name = if begins_well { name.to_owned() } else { format!("role-{name}") };
    name.parse().expect("letters, digits and hyphens after a letter, at most 100, name a rollout")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rollout_is_named_after_its_role() {
        let check =
            |role: &str, expected: &str| assert_eq!(rollout(&role.parse().unwrap()).as_str(), expected);
        check("CadoResponse", "cado-response");
        check("AWSAuditRole", "aws-audit-role");
        check("audit", "audit");
        check("vendor_audit@x.y", "vendor-audit-x-y");
        check("AuditEC2", "audit-ec2");
        check("1st", "role-1st");
        check("@", "role-");
        // The longest that there is, and more than a rollout's name may have.
        check(&format!("1{}A", "Aa".repeat(31)), &format!("role-1{}", "-aa".repeat(31)));
    }

    proptest! {
        #[test]
        fn every_role_makes_a_name_of_a_rollout(name in "[A-Za-z0-9_+=,.@-]{1,64}") {
            rollout(&name.parse().unwrap());
        }
    }

    fn given(trust: &[&str]) -> GivenAnswers {
        GivenAnswers {
            role_name: Some("Audit".parse().unwrap()),
            trust: trust.iter().map(|text| text.parse().unwrap()).collect(),
            ..GivenAnswers::default()
        }
    }

    #[test]
    fn every_missing_answer_is_named_at_once() {
        let check = |given, flags: &[&'static str]| {
            assert_eq!(Answers::complete(given), Err(Incomplete::Missing(flags.to_vec())));
        };
        check(GivenAnswers::default(), &["--role-name", "--trust"]);
        let probe = GivenAnswers { verify_mode: Some(VerifyModeConfig::Probe), ..given(&["111122223333"]) };
        check(probe, &["--verify-from"]);
    }

    #[test]
    fn an_external_id_that_nobody_sends_is_refused_and_not_forgotten() {
        let complete = |trust| {
            let external_id_env = Some("VENDOR_ID".parse().unwrap());
            Answers::complete(GivenAnswers { external_id_env, ..given(trust) })
        };
        assert_eq!(complete(&["ec2.amazonaws.com"]), Err(Incomplete::NobodySendsAnExternalId));
        let answers = complete(&["ec2.amazonaws.com", "111122223333"]).unwrap();
        assert_eq!(answers.external_id_env, Some(Variable("VENDOR_ID".into())));
    }

    #[test]
    fn a_trusted_role_tries_the_role_and_services_leave_only_evaluation() {
        let role = "arn:aws:iam::111122223333:role/Hub";
        let check = |trust: &[&str], mode, from: Option<&str>| {
            let answers = Answers::complete(given(trust)).unwrap();
            assert_eq!(answers.verify_mode, mode, "{trust:?}");
            assert_eq!(answers.verify_from, from.map(|arn| arn.parse().unwrap()), "{trust:?}");
        };
        check(&["111122223333", role], VerifyModeConfig::Direct, Some(role));
        check(&["111122223333"], VerifyModeConfig::Direct, None);
        check(&["ec2.amazonaws.com"], VerifyModeConfig::Offline, None);
        check(&["ec2.amazonaws.com", "111122223333"], VerifyModeConfig::Direct, None);
        let myself = GivenAnswers { verify_from: Some(OrNone::None), ..given(&[role]) };
        assert_eq!(Answers::complete(myself).unwrap().verify_from, None);
    }

    #[test]
    fn the_policy_is_of_the_regions_partition_unless_there_is_to_be_none() {
        let policies = |region: &str, managed_policy| {
            let home_region = Some(region.parse().unwrap());
            let answers = GivenAnswers { home_region, managed_policy, ..given(&["111122223333"]) };
            Answers::complete(answers).unwrap().managed_policies
        };
        let audit =
            |partition: &str| vec![ManagedPolicy(format!("arn:{partition}:iam::aws:policy/SecurityAudit"))];
        assert_eq!(policies("eu-west-1", vec![]), audit("aws"));
        assert_eq!(policies("us-gov-west-1", vec![]), audit("aws-us-gov"));
        assert_eq!(policies("cn-north-1", vec![]), audit("aws-cn"));
        assert_eq!(policies("eu-west-1", vec![OrNone::None]), []);
    }
}
