//! Why a verdict is not green, in a few words, and what to do about it.

use rollout_model::VerdictCause;

/// In a few words, to stand above the accounts that have it in common.
pub(crate) fn in_words(cause: VerdictCause) -> &'static str {
    match cause {
        VerdictCause::RoleAbsent => "the role is not there",
        VerdictCause::RoleStillThere => "the role is still there",
        VerdictCause::TrustExcludesCaller => "the trust policy does not admit the caller",
        VerdictCause::ExternalIdMismatch => "the trust policy asks for another external ID",
        VerdictCause::CallerNotAllowed => "the caller may not enter, though the role would let it",
        VerdictCause::AccountSuspended => "the account is suspended or closed",
        VerdictCause::AccountLeft => "the account has left the organization",
        VerdictCause::ScpDenies => "a policy of the organization denies it",
        VerdictCause::NotYetPropagated => "the role is new, and IAM has not caught up",
        VerdictCause::SessionTooLong => "the role gives no session of that length",
        VerdictCause::ThrottledOut => "AWS was asked too often",
        VerdictCause::TimedOut => "the time for one account was over",
        VerdictCause::WrongIdentity => "the session is somebody else's",
        VerdictCause::ExternalIdNotRequired => "the role does not ask for the external ID",
        VerdictCause::StrangerAdmitted => "the trust policy admits somebody else",
        VerdictCause::RoleDiffers => "the role is not as specified",
        VerdictCause::RoleUnreadable => "the role could not be read",
        VerdictCause::PermissionMissing => "the role may not do what it is for",
        VerdictCause::PermissionExcess => "the role may do what it must not",
        VerdictCause::Unknown => "the cause is not known",
    }
}

/// What to do; `None` where nobody knows.
pub(crate) fn remedy(cause: VerdictCause) -> Option<&'static str> {
    Some(match cause {
        VerdictCause::RoleAbsent => {
            "`rolecall apply`; where StackSets calls the stack instance current all the same, \
             `rolecall apply --converge`"
        }
        VerdictCause::RoleStillThere => {
            "if it is this rollout's own, take it away with its stack; if it is somebody else's, leave it to them"
        }
        VerdictCause::TrustExcludesCaller => {
            "if somebody changed the trust policy, put it back; if it is as specified, set `verify.from` to a \
             principal that it admits, or, where only a vendor is trusted, `verify.mode` to `probe` or `offline`"
        }
        VerdictCause::ExternalIdMismatch => {
            "find out whether the trust policy or the external ID of the configuration was changed, and put the \
             right one in its place"
        }
        VerdictCause::CallerNotAllowed => {
            "allow the caller sts:AssumeRole on the role, as config/iam/read-only.json does, and look for a \
             permissions boundary and service control policies of its account"
        }
        VerdictCause::AccountSuspended => "exclude the account, or have it reopened",
        VerdictCause::AccountLeft => {
            "nothing is left to prove there; its stack instance goes with `rolecall apply --remove`"
        }
        VerdictCause::ScpDenies => {
            "exempt the role, or the caller, in that policy, or exclude these accounts"
        }
        VerdictCause::NotYetPropagated => {
            "run `rolecall verify` again in a minute; raise `verify.propagation` if it happens often"
        }
        VerdictCause::SessionTooLong => "raise the role's maximum session, or ask for a shorter one",
        VerdictCause::ThrottledOut => {
            "run `rolecall verify` again, with a lower `verify.concurrency` if it stays"
        }
        VerdictCause::TimedOut => {
            "run `rolecall verify` again; if it stays, look at the network and at AWS's health"
        }
        VerdictCause::WrongIdentity => {
            "look at what answers at the endpoint: it gave a session of another role"
        }
        VerdictCause::ExternalIdNotRequired => {
            "put the condition on sts:ExternalId back: until then whoever can make the vendor ask gets in"
        }
        VerdictCause::StrangerAdmitted => "take the principal out of the trust policy, or specify it",
        VerdictCause::RoleDiffers => "put the role back as specified, or specify what is wanted",
        VerdictCause::RoleUnreadable => {
            "make the access role in these accounts, or name another in `verify.access_role`, and let it read roles"
        }
        VerdictCause::PermissionMissing => {
            "allow it in the role's policies, or look for what takes it away: a permissions boundary, a deny"
        }
        VerdictCause::PermissionExcess => {
            "take it from the role's policies, or out of `verify.permissions.deny`"
        }
        VerdictCause::Unknown => return None,
    })
}
