//! The words that the formats use for the model's enums. A variant renamed in the model leaves its word
//! alone; a variant added there does not compile until it has a word.

use rollout_model::{
    Action, Check, CheckOutcome, CheckupState, Conclusion, Need, RoleProperty, Subject, Vehicle,
    VerdictCause, VerifyMode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account_row::Standing;
use crate::cause::Cause;
use crate::run_difference::{Aim, Class};
use crate::summary::Outcome;

/// The word for a value, outside JSON.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("every variant has a word, not {other:?}"),
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident for $model:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub(crate) enum $name {
            $(#[serde(rename = $word)] $variant),+
        }

        impl From<$model> for $name {
            fn from(value: $model) -> $name {
                match value { $($model::$variant => $name::$variant),+ }
            }
        }

        impl From<$name> for $model {
            fn from(word: $name) -> $model {
                match word { $($name::$variant => $model::$variant),+ }
            }
        }
    };
}

words!(ActionWord for Action {
    Create = "create",
    Update = "update",
    Adopt = "adopt",
    Repair = "repair",
    Recreate = "recreate",
    Keep = "keep",
    Remove = "remove",
    Retain = "retain",
    LeaveInPlace = "leave_in_place",
    Blocked = "blocked",
    LeaveOut = "leave_out",
    OtherShard = "other_shard",
    Skip = "skip",
});

words!(VehicleWord for Vehicle { StackSet = "stack_set", Stack = "stack" });

words!(ClassWord for Class {
    NewlyFailing = "newly_failing",
    OtherCause = "other_cause",
    StillFailing = "still_failing",
    NewlyFixed = "newly_fixed",
    Joined = "joined",
    Left = "left",
    OtherAim = "other_aim",
    NotCompared = "not_compared",
    Unchanged = "unchanged",
});

words!(AimWord for Aim { Nothing = "no_target", Role = "role", NoRole = "no_role" });

words!(ModeWord for VerifyMode {
    Direct = "direct",
    Probe = "probe",
    Offline = "offline",
    Absence = "absence",
});

words!(CheckWord for Check {
    Entered = "entered",
    ExpectedAccount = "expected_account",
    RefusedWithoutExternalId = "refused_without_external_id",
    RefusedWithWrongExternalId = "refused_with_wrong_external_id",
    TrustAdmits = "trust_admits",
    TrustRefusesWithoutExternalId = "trust_refuses_without_external_id",
    TrustRefusesWrongExternalId = "trust_refuses_wrong_external_id",
    RoleEqualsSpecification = "role_equals_specification",
    Permissions = "permissions",
    NobodyElse = "nobody_else",
    RoleAbsent = "role_absent",
});

words!(RolePropertyWord for RoleProperty {
    TrustPolicy = "trust_policy",
    InlinePolicies = "inline_policies",
    ManagedPolicies = "managed_policies",
    PermissionsBoundary = "permissions_boundary",
    Path = "path",
    MaxSession = "max_session",
    Description = "description",
    Tags = "tags",
});

words!(CheckOutcomeWord for CheckOutcome {
    Pass = "pass",
    Fail = "fail",
    Unknown = "unknown",
    NotApplicable = "not_applicable",
});

words!(ConclusionWord for Conclusion {
    Verified = "verified",
    Finding = "finding",
    NotProven = "not_proven",
});

words!(OutcomeWord for Outcome {
    AsSpecified = "as_specified",
    SomeFailed = "some_failed",
    Findings = "findings",
    Stopped = "stopped",
    Interrupted = "interrupted",
});

words!(StandingWord for Standing {
    NotTargeted = "not_targeted",
    AsSpecified = "as_specified",
    Open = "open",
    Finding = "finding",
    Failed = "failed",
});

words!(CheckupStateWord for CheckupState {
    Ok = "ok",
    Warning = "warning",
    NotReady = "not_ready",
    Unknown = "unknown",
});

words!(NeedWord for Need { Nothing = "nothing", Deploying = "deploying", Everything = "everything" });

words!(SubjectWord for Subject {
    Caller = "caller",
    Organization = "organization",
    TrustedAccess = "trusted_access",
    DelegatedAdministrators = "delegated_administrators",
    ServiceLinkedRole = "service_linked_role",
    AdministrationRole = "administration_role",
    ExecutionRoles = "execution_roles",
    HomeRegion = "home_region",
    StackSets = "stack_sets",
    Roles = "roles",
    StackSet = "stack_set",
    StackInstances = "stack_instances",
    VerifyingRoles = "verifying_roles",
    ReadPermissions = "read_permissions",
    DeployPermissions = "deploy_permissions",
});

words!(CauseWord for Cause {
    ServiceControlPolicy = "service_control_policy",
    ExecutionRoleMissing = "execution_role_missing",
    TrustedAccessOff = "trusted_access_off",
    AccountGate = "account_gate",
    NameTaken = "name_taken",
    QuotaReached = "quota_reached",
    TerminationProtection = "termination_protection",
    DeleteConflict = "delete_conflict",
    ManagedPolicyMissing = "managed_policy_missing",
    PrincipalMissing = "principal_missing",
    PermissionMissing = "permission_missing",
    CredentialsNotTaken = "credentials_not_taken",
    RegionOff = "region_off",
    StackBroken = "stack_broken",
    Throttled = "throttled",
    AccountSuspended = "account_suspended",
    NotReached = "not_reached",
    Cancelled = "cancelled",
    Unclassified = "unclassified",
});

words!(
    /// The words of [`VerdictCause`] are hyphenated everywhere, as people say them.
    VerdictCauseWord for VerdictCause {
    RoleAbsent = "role-absent",
    RoleStillThere = "role-still-there",
    TrustExcludesCaller = "trust-excludes-caller",
    ExternalIdMismatch = "external-id-mismatch",
    CallerNotAllowed = "caller-not-allowed",
    AccountSuspended = "account-suspended",
    AccountLeft = "account-left",
    ScpDenies = "scp-denies",
    NotYetPropagated = "not-yet-propagated",
    SessionTooLong = "session-too-long",
    ThrottledOut = "throttled-out",
    TimedOut = "timed-out",
    WrongIdentity = "wrong-identity",
    ExternalIdNotRequired = "external-id-not-required",
    StrangerAdmitted = "stranger-admitted",
    RoleDiffers = "role-differs",
    RoleUnreadable = "role-unreadable",
    PermissionMissing = "permission-missing",
    PermissionExcess = "permission-excess",
    Unknown = "unknown",
});
