//! How many requests AWS documents that it answers.

use super::bucket::Rate;
use crate::call::Service;

/// The calls that share a bucket, and what that bucket gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    /// Empty for every operation of the service.
    operations: &'static [&'static str],
    pub(super) per_account: Rate,
    /// For all accounts of the organization together, where the documentation says so.
    pub(super) per_organization: Option<Rate>,
}

impl Quota {
    /// Quotas are told apart by their first operation.
    pub(super) fn name(&self) -> &'static str {
        self.operations.first().copied().unwrap_or("*")
    }
}

/// The documented quota that a call counts against; `None` where nothing is documented (aws-facts G).
pub(super) fn quota(service: Service, operation: &str) -> Option<Quota> {
    match service {
        Service::Organizations => {
            ORGANIZATIONS.iter().find(|quota| quota.operations.contains(&operation)).copied()
        }
        Service::Sts => Some(STS),
        Service::CloudFormation | Service::Iam => None,
    }
}

/// aws-facts E3.
const STS: Quota = sts(600);

/// All calls of STS by an account in a Region together. No burst is documented: a second's worth.
pub(super) const fn sts(per_second: u32) -> Quota {
    account_alone(&[], rate(per_second, per_second))
}

/// aws-facts D4. It does not say whether the calls of a line have a bucket each; the strict reading is that they
/// share one. `DescribePolicy` is not in the table and is counted with the other calls about policies.
const ORGANIZATIONS: [Quota; 13] = [
    account_alone(&["DescribeOrganization"], rate(1, 2)),
    both(&["ListRoots"], rate(1, 2), rate(1, 3)),
    both(&["ListAccounts"], rate(8, 12), rate(9, 15)),
    both(&["ListChildren"], rate(6, 10), rate(7, 12)),
    both(
        &["ListParents", "ListAccountsForParent", "ListOrganizationalUnitsForParent"],
        rate(5, 8),
        rate(6, 10),
    ),
    both(&["DescribeOrganizationalUnit"], rate(2, 2), rate(2, 3)),
    both(&["DescribeAccount"], rate(20, 30), rate(24, 36)),
    both(&["ListTagsForResource"], rate(10, 15), rate(12, 18)),
    both(&["ListAWSServiceAccessForOrganization", "ListDelegatedServicesForAccount"], rate(1, 3), rate(1, 4)),
    both(&["ListDelegatedAdministrators"], rate(5, 8), rate(6, 10)),
    both(
        &["ListPolicies", "ListPoliciesForTarget", "ListTargetsForPolicy", "DescribePolicy"],
        rate(5, 8),
        rate(6, 10),
    ),
    account_alone(&["RegisterDelegatedAdministrator", "EnableAWSServiceAccess"], rate(1, 2)),
    account_alone(&["MoveAccount"], rate(2, 3)),
];

const fn rate(per_second: u32, burst: u32) -> Rate {
    Rate { per_second, burst }
}

const fn account_alone(operations: &'static [&'static str], per_account: Rate) -> Quota {
    Quota { operations, per_account, per_organization: None }
}

const fn both(operations: &'static [&'static str], per_account: Rate, per_organization: Rate) -> Quota {
    Quota { operations, per_account, per_organization: Some(per_organization) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: Service, operation: &str, account: (u32, u32), organization: Option<(u32, u32)>) {
        let quota = quota(service, operation).expect(operation);
        let pair = |rate: Rate| (rate.per_second, rate.burst);
        assert_eq!(pair(quota.per_account), account, "{operation}");
        assert_eq!(quota.per_organization.map(pair), organization, "{operation}");
    }

    #[test]
    fn documented_rates_are_found_by_operation() {
        check(Service::Organizations, "DescribeOrganization", (1, 2), None);
        check(Service::Organizations, "ListAccounts", (8, 12), Some((9, 15)));
        check(Service::Organizations, "DescribePolicy", (5, 8), Some((6, 10)));
        check(Service::Organizations, "MoveAccount", (2, 3), None);
        check(Service::Sts, "AssumeRole", (600, 600), None);
        assert!(quota(Service::Organizations, "CreateAccount").is_none());
        assert!(quota(Service::Iam, "GetRole").is_none());
        assert!(quota(Service::CloudFormation, "ListStackInstances").is_none());
    }

    #[test]
    fn every_operation_has_one_quota_and_every_quota_a_name_of_its_own() {
        let operations: Vec<&str> =
            ORGANIZATIONS.iter().flat_map(|quota| quota.operations).copied().collect();
        let different: std::collections::BTreeSet<&str> = operations.iter().copied().collect();
        assert_eq!(different.len(), operations.len());
        assert!(ORGANIZATIONS.iter().all(|quota| !quota.operations.is_empty()));
    }
}
