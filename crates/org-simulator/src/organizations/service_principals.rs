//! The services that can be given trusted access, as the user guide of Organizations lists them.

/// The principal under which StackSets has trusted access (aws-facts A2).
pub(super) const STACKSETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// `stacksets.cloudformation.amazonaws.com` is not among them: AWS answers it as unrecognized (aws-facts A2).
const RECOGNIZED: [&str; 45] = [
    "access-analyzer.amazonaws.com",
    "account.amazonaws.com",
    "agreement-manager.amazonaws.com",
    "artifact.amazonaws.com",
    "auditmanager.amazonaws.com",
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "compute-optimizer.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "config.amazonaws.com",
    "controltower.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "detective.amazonaws.com",
    "devops-guru.amazonaws.com",
    "ds.amazonaws.com",
    "ec2.amazonaws.com",
    "fms.amazonaws.com",
    "guardduty.amazonaws.com",
    "health.amazonaws.com",
    "iam.amazonaws.com",
    "inspector2.amazonaws.com",
    "ipam.amazonaws.com",
    "license-manager.amazonaws.com",
    "license-manager.member-account.amazonaws.com",
    "macie.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "network-firewall.amazonaws.com",
    "notifications.amazonaws.com",
    "ram.amazonaws.com",
    "reporting.trustedadvisor.amazonaws.com",
    "resource-explorer-2.amazonaws.com",
    "securityhub.amazonaws.com",
    "securitylake.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "servicequotas.amazonaws.com",
    "ssm-quicksetup.amazonaws.com",
    "ssm.amazonaws.com",
    "sso.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
    "tagpolicies.tag.amazonaws.com",
    "user-subscriptions.amazonaws.com",
    "vmware.amazonaws.com",
    "vpc-lattice.amazonaws.com",
    "wellarchitected.amazonaws.com",
];

/// Whether Organizations knows the principal.
pub(super) fn is_recognized(principal: &str) -> bool {
    RECOGNIZED.binary_search(&principal).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_principal_of_stacksets_is_the_long_one() {
        assert!(RECOGNIZED.is_sorted());
        assert!(is_recognized(STACKSETS));
        assert!(!is_recognized("stacksets.cloudformation.amazonaws.com"));
    }
}
