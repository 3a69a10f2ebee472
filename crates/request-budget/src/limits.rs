//! The rates that AWS documents, and those chosen where it documents none.

/// A token bucket's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// Requests a second, in the long run. Also the ceiling after throttling.
    pub(crate) per_second: f64,
    /// Requests at once after a pause.
    pub(crate) burst: f64,
}

/// Against whom AWS counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// All requests of this process count together.
    Together,
    /// Each caller's requests count for themselves.
    PerCaller,
}

/// The limit of one API, or of several that share one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    /// Tells buckets apart: APIs with the same name share one.
    pub(crate) name: &'static str,
    pub(crate) rate: Rate,
    pub(crate) counted: Counted,
}

const fn together(name: &'static str, per_second: f64, burst: f64) -> Limit {
    Limit { name, rate: Rate { per_second, burst }, counted: Counted::Together }
}

// Organizations, aws-facts D4, column "per account": a run is one account, and the column "per organization"
// leaves others of the organization a little room.
const DESCRIBE_ORGANIZATION: Limit = together("organizations:DescribeOrganization", 1.0, 2.0);
const LIST_ROOTS: Limit = together("organizations:ListRoots", 1.0, 2.0);
const LIST_ACCOUNTS: Limit = together("organizations:ListAccounts", 8.0, 12.0);
const LIST_CHILDREN: Limit = together("organizations:ListChildren", 6.0, 10.0);
/// Whether ListParents, ListAccountsForParent and ListOrganizationalUnitsForParent share a bucket is not
/// stated; sharing is the safe reading.
const LIST_PARENTS_AND_FOR_PARENT: Limit = together("organizations:List*Parent*", 5.0, 8.0);
const DESCRIBE_ORGANIZATIONAL_UNIT: Limit = together("organizations:DescribeOrganizationalUnit", 2.0, 2.0);
const DESCRIBE_ACCOUNT: Limit = together("organizations:DescribeAccount", 20.0, 30.0);
const LIST_TAGS: Limit = together("organizations:ListTagsForResource", 10.0, 15.0);
/// One row of AWS's table for two calls; sharing is the safe reading. The same holds below.
const LIST_SERVICES: Limit = together("organizations:List*Service*", 1.0, 3.0);
const LIST_DELEGATED_ADMINISTRATORS: Limit = together("organizations:ListDelegatedAdministrators", 5.0, 8.0);
/// DescribePolicy is in no row of the table: counted with the lists, which are as slow as any read that is.
const POLICIES: Limit = together("organizations:policies", 5.0, 8.0);
const CHANGE_SERVICES: Limit = together("organizations:service changes", 1.0, 2.0);
const MOVE_ACCOUNT: Limit = together("organizations:MoveAccount", 2.0, 3.0);

/// STS allows 600 requests a second, for all its operations together (aws-facts E3, G). Whether an AssumeRole
/// across accounts counts against the caller or the target is not settled; counting all of them together is
/// right for the first and merely cautious for the second. The burst is small because AWS publishes none.
pub(crate) const STS: Limit = together("sts", 600.0, 60.0);

/// CloudFormation publishes no rates (aws-facts G). Ten reads a second page through 10,000 instances in ten
/// seconds, which is quicker than the instances change; the burst lets a small roll-out be observed without
/// waiting.
const CLOUDFORMATION_READS: Limit = together("cloudformation reads", 10.0, 20.0);

/// Writes are few, since operations on a StackSet follow one another; apart from the reads, so that a
/// throttled sweep does not hold back the next step.
const CLOUDFORMATION_WRITES: Limit = together("cloudformation writes", 2.0, 5.0);

/// IAM publishes no rates and throttles in the account that is asked (aws-facts F1). A role of an account is
/// read by a session of its own, so a bucket per session is a bucket per account: reading one role waits for
/// nothing, a busy account slows only itself, and there is no rate that 10,000 accounts would queue for.
const IAM: Limit =
    Limit { name: "iam", rate: Rate { per_second: 10.0, burst: 20.0 }, counted: Counted::PerCaller };

/// The limit of an API; `None` where none is known.
pub(crate) fn limit_of(service: &str, operation: &str) -> Option<Limit> {
    match service {
        "organizations" => organizations(operation),
        "sts" => Some(STS),
        "iam" => Some(IAM),
        "cloudformation" if is_read(operation) => Some(CLOUDFORMATION_READS),
        "cloudformation" => Some(CLOUDFORMATION_WRITES),
        _ => None,
    }
}

fn is_read(operation: &str) -> bool {
    ["Describe", "Get", "List", "Validate"].iter().any(|verb| operation.starts_with(verb))
}

fn organizations(operation: &str) -> Option<Limit> {
    Some(match operation {
        "DescribeOrganization" => DESCRIBE_ORGANIZATION,
        "ListRoots" => LIST_ROOTS,
        "ListAccounts" => LIST_ACCOUNTS,
        "ListChildren" => LIST_CHILDREN,
        "ListParents" | "ListAccountsForParent" | "ListOrganizationalUnitsForParent" => {
            LIST_PARENTS_AND_FOR_PARENT
        }
        "DescribeOrganizationalUnit" => DESCRIBE_ORGANIZATIONAL_UNIT,
        "DescribeAccount" => DESCRIBE_ACCOUNT,
        "ListTagsForResource" => LIST_TAGS,
        "ListAWSServiceAccessForOrganization" | "ListDelegatedServicesForAccount" => LIST_SERVICES,
        "ListDelegatedAdministrators" => LIST_DELEGATED_ADMINISTRATORS,
        "ListPolicies" | "ListPoliciesForTarget" | "ListTargetsForPolicy" | "DescribePolicy" => POLICIES,
        "RegisterDelegatedAdministrator" | "EnableAWSServiceAccess" => CHANGE_SERVICES,
        "MoveAccount" => MOVE_ACCOUNT,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, operation: &str, per_second: f64, burst: f64) {
        let limit = limit_of(service, operation).unwrap_or_else(|| panic!("{operation} has no limit"));
        assert_eq!(limit.rate, Rate { per_second, burst }, "{operation}");
    }

    #[test]
    fn the_calls_of_discovery_have_the_documented_rates() {
        check("organizations", "DescribeOrganization", 1.0, 2.0);
        check("organizations", "ListRoots", 1.0, 2.0);
        check("organizations", "ListAccounts", 8.0, 12.0);
        check("organizations", "ListOrganizationalUnitsForParent", 5.0, 8.0);
        check("organizations", "ListAccountsForParent", 5.0, 8.0);
        check("organizations", "DescribeAccount", 20.0, 30.0);
    }

    #[test]
    fn a_policy_is_described_within_the_rate_of_the_lists_of_policies() {
        check("organizations", "DescribePolicy", 5.0, 8.0);
        let name = |operation| limit_of("organizations", operation).map(|limit| limit.name);
        assert_eq!(name("DescribePolicy"), name("ListTargetsForPolicy"));
    }

    #[test]
    fn a_write_to_cloudformation_does_not_wait_behind_reads() {
        let name = |operation| limit_of("cloudformation", operation).map(|limit| limit.name);
        assert_eq!(name("ListStackInstances"), name("DescribeStackSetOperation"));
        assert_ne!(name("ListStackInstances"), name("CreateStackInstances"));
        assert_eq!(name("DetectStackSetDrift"), name("CreateStackInstances"));
    }

    #[test]
    fn an_unknown_api_has_no_limit() {
        assert_eq!(limit_of("organizations", "CreateOrganization"), None);
        assert_eq!(limit_of("s3", "GetObject"), None);
    }
}
