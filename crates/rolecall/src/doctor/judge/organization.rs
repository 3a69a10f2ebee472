//! Who asks, of which organization, and whether StackSets may work in it.

use org_discovery::STACK_SETS_PRINCIPAL;
use rollout_model::{CallAs, CheckupRow, CheckupState, ManagementAccount, Need, Subject};
use stackset_deployer::{DELEGATED_ADMINISTRATORS_QUOTA, TrustedAccess, is_opt_in};

use super::{row, unseen, with_remedy};
use crate::aws::Caller;
use crate::doctor::seen::{Membership, Position, RolloutSeen, Seen};

pub(super) fn caller(seen: &Seen) -> CheckupRow {
    let (subject, need) = (Subject::Caller, Need::Everything);
    let Caller { arn, account, .. } = match &seen.caller {
        Ok(caller) => caller,
        Err(why) => {
            let remedy = "sign in (for example `aws sso login`) and set AWS_PROFILE";
            return with_remedy(row(subject, need, CheckupState::NotReady, why), remedy);
        }
    };
    let standing = match seen.position {
        Position::ManagementAccount => format!("the management account {account}"),
        Position::DelegatedAdministrator => {
            format!("{account}, a delegated administrator for StackSets")
        }
        // A self-managed set is of whichever account makes it (aws-facts A1).
        Position::Member if !seen.permission_model.is_service_managed() => {
            format!("the member account {account}")
        }
        Position::Member => {
            return with_remedy(
                row(
                    subject,
                    need,
                    CheckupState::NotReady,
                    format!(
                        "{arn}, of the member account {account}, which is neither the management account nor a \
                     delegated administrator for StackSets"
                    ),
                ),
                member_remedy(seen, account.as_str()),
            );
        }
        Position::Unknown if matches!(seen.membership, Membership::None) => {
            let found = format!("{arn}, of {account}, which is in no organization");
            let row = row(subject, need, CheckupState::NotReady, found);
            return with_remedy(row, "use credentials of the management account of the organization");
        }
        Position::Unknown => {
            let found = format!("{arn}, of {account}; where it stands in the organization is not known");
            return row(subject, need, CheckupState::Unknown, found);
        }
    };
    let found = format!("{arn}, of {standing}");
    match seen.rollout.as_ref().and_then(|rollout| mismatch(rollout, seen.position)) {
        Some((problem, remedy)) => {
            let found = format!("{found}; but {problem}");
            with_remedy(row(subject, need, CheckupState::NotReady, found), remedy)
        }
        None => row(subject, need, CheckupState::Ok, found),
    }
}

fn member_remedy(seen: &Seen, account: &str) -> String {
    let management = match &seen.membership {
        Membership::Of(identity) => format!(" {}", identity.management_account),
        Membership::None | Membership::Unknown(_) => String::new(),
    };
    format!(
        "use credentials of the management account{management}, or let it run `aws organizations \
         register-delegated-administrator --account-id {account} --service-principal {STACK_SETS_PRINCIPAL}`"
    )
}

/// In what the configuration does not go with the caller (aws-facts A2).
fn mismatch(rollout: &RolloutSeen, position: Position) -> Option<(&'static str, &'static str)> {
    let is_included = rollout.management_account == ManagementAccount::Include;
    match (rollout.call_as, position) {
        (CallAs::DelegatedAdmin, Position::ManagementAccount) => Some((
            "the configuration says `stack_set.call_as: delegated-admin`",
            "leave `stack_set.call_as` out, or use credentials of a delegated administrator",
        )),
        (CallAs::Myself, Position::DelegatedAdministrator) => Some((
            "the configuration does not say so",
            "set `stack_set.call_as: delegated-admin`, or use credentials of the management account",
        )),
        (CallAs::DelegatedAdmin, Position::DelegatedAdministrator) | (CallAs::Myself, Position::Member)
            if is_included =>
        {
            Some((
                "the rollout includes the management account, which only that account itself can deploy to",
                "set `targets.management_account: exclude`, or use credentials of the management account",
            ))
        }
        _ => None,
    }
}

pub(super) fn organization(seen: &Seen) -> CheckupRow {
    let (subject, need) = (Subject::Organization, Need::Everything);
    match &seen.membership {
        Membership::Unknown(why) => unseen(subject, need, why),
        Membership::None => {
            let row = row(subject, need, CheckupState::NotReady, "none");
            with_remedy(row, "`aws organizations create-organization`, from the account that is to manage it")
        }
        Membership::Of(identity) if identity.has_all_features => {
            row(subject, need, CheckupState::Ok, format!("{}, with all features", identity.id))
        }
        // Their own roles are all that self-managed ones need.
        Membership::Of(identity) if !seen.permission_model.is_service_managed() => {
            row(subject, need, CheckupState::Ok, format!("{}, with consolidated billing alone", identity.id))
        }
        // Members can be looked at all the same.
        Membership::Of(identity) => {
            let found = format!(
                "{}, with consolidated billing alone: service-managed StackSets need all features",
                identity.id
            );
            let row = row(subject, Need::Deploying, CheckupState::NotReady, found);
            with_remedy(row, "`aws organizations enable-all-features`; every invited account has to agree")
        }
    }
}

/// Of no interest to a self-managed StackSet.
pub(super) fn trusted_access(seen: &Seen) -> Option<CheckupRow> {
    let (subject, need) = (Subject::TrustedAccess, Need::Deploying);
    Some(match seen.access.as_ref()? {
        Err(why) => unseen(subject, need, why),
        Ok(TrustedAccess::Enabled) => row(subject, need, CheckupState::Ok, "on"),
        Ok(TrustedAccess::Disabled) => {
            let remedy = match seen.position {
                Position::ManagementAccount => "`rolecall doctor --fix`",
                _ => "`rolecall doctor --fix`, from the management account",
            };
            with_remedy(row(subject, need, CheckupState::NotReady, "off"), remedy)
        }
        Ok(TrustedAccess::Unrecognized(status)) => {
            row(subject, need, CheckupState::Unknown, format!("the unknown status `{status}`"))
        }
    })
}

/// Of no interest to a self-managed StackSet.
pub(super) fn administrators(seen: &Seen) -> Option<CheckupRow> {
    let subject = Subject::DelegatedAdministrators;
    // An administrator that may not list them is taken for none (aws-facts A2).
    let need = match seen.position {
        Position::DelegatedAdministrator => Need::Everything,
        _ => Need::Nothing,
    };
    Some(match seen.administrators.as_ref()? {
        Err(why) => unseen(subject, need, why),
        Ok(listed) if listed.is_empty() => row(subject, need, CheckupState::Ok, "none"),
        Ok(listed) => {
            let names = listed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let found = format!("{} of {DELEGATED_ADMINISTRATORS_QUOTA}: {names}", listed.len());
            let state = match listed.len() >= DELEGATED_ADMINISTRATORS_QUOTA {
                true => CheckupState::Warning,
                false => CheckupState::Ok,
            };
            row(subject, need, state, found)
        }
    })
}

/// Turning trusted access on makes it, so that without trusted access its absence is no trouble of its own.
pub(super) fn linked_role(seen: &Seen) -> Option<CheckupRow> {
    let (subject, need) = (Subject::ServiceLinkedRole, Need::Deploying);
    Some(match seen.linked_role.as_ref()? {
        Err(why) => unseen(subject, Need::Nothing, why),
        Ok(true) => row(subject, need, CheckupState::Ok, "there"),
        Ok(false) if seen.access == Some(Ok(TrustedAccess::Enabled)) => {
            let found = "not there: StackSets cannot enter any member account";
            with_remedy(
                row(subject, need, CheckupState::NotReady, found),
                "`aws cloudformation activate-organizations-access`",
            )
        }
        Ok(false) => row(subject, need, CheckupState::Warning, "not there yet; it comes with trusted access"),
    })
}

/// A role is global, so a Region that is on everywhere will do (aws-facts K11).
pub(super) fn home_region(seen: &Seen) -> CheckupRow {
    let (subject, need, region) = (Subject::HomeRegion, Need::Everything, &seen.region);
    if let Some(trouble) = &seen.region_trouble {
        return row(subject, need, CheckupState::NotReady, format!("{region}: {trouble}"));
    }
    if seen.caller.is_err() {
        return unseen(subject, need, &format!("{region} was not reached"));
    }
    if is_opt_in(region) {
        let found = format!("{region} is an opt-in Region: stacks fail in every account that has it off");
        let remedy = "choose a Region that is on everywhere, such as us-east-1: a role is global";
        return with_remedy(row(subject, need, CheckupState::Warning, found), remedy);
    }
    row(subject, need, CheckupState::Ok, region.as_str())
}

#[cfg(test)]
mod tests {
    use rollout_model::PermissionModel;

    use super::super::testing::{MEMBER, all_well};
    use super::*;

    #[test]
    fn a_missing_service_linked_role_counts_once_trusted_access_is_on() {
        let mut seen = all_well();
        assert_eq!(linked_role(&seen).unwrap().state, CheckupState::Ok);
        seen.linked_role = Some(Ok(false));
        assert_eq!(linked_role(&seen).unwrap().state, CheckupState::NotReady);
        seen.access = Some(Ok(TrustedAccess::Disabled));
        assert_eq!(linked_role(&seen).unwrap().state, CheckupState::Warning);
        seen.linked_role = None;
        assert_eq!(linked_role(&seen), None, "only the management account can look");
    }

    #[test]
    fn a_region_that_has_to_be_enabled_is_a_warning_and_one_that_is_off_is_more() {
        let mut seen = all_well();
        seen.region = "ap-east-1".parse().unwrap();
        assert_eq!(home_region(&seen).state, CheckupState::Warning);
        seen.region_trouble = Some("it is probably not enabled".to_owned());
        assert_eq!(home_region(&seen).state, CheckupState::NotReady);
        let mut unreached = all_well();
        unreached.caller = Err("no".to_owned());
        assert_eq!(home_region(&unreached).state, CheckupState::Unknown);
    }

    #[test]
    fn consolidated_billing_keeps_from_deploying_alone() {
        let mut seen = all_well();
        let Membership::Of(identity) = &mut seen.membership else { panic!("in an organization") };
        identity.has_all_features = false;
        let row = organization(&seen);
        assert_eq!((row.state, row.needed_for), (CheckupState::NotReady, Need::Deploying));
        seen.permission_model = PermissionModel::self_managed();
        assert_eq!(organization(&seen).state, CheckupState::Ok, "roles of one's own are all that it takes");
    }

    #[test]
    fn the_fifth_administrator_is_the_last_one() {
        let mut seen = all_well();
        let ids = |number: u64| (0..number).map(|id| format!("{id:012}").parse().unwrap()).collect();
        seen.administrators = Some(Ok(ids(4)));
        assert_eq!(administrators(&seen).unwrap().state, CheckupState::Ok);
        seen.administrators = Some(Ok(ids(5)));
        assert_eq!(administrators(&seen).unwrap().state, CheckupState::Warning);
    }

    #[test]
    fn an_account_without_an_organization_is_not_just_unknown() {
        let mut seen = all_well();
        seen.position = Position::Unknown;
        seen.membership = Membership::Unknown("denied".to_owned());
        assert_eq!(caller(&seen).state, CheckupState::Unknown);
        seen.membership = Membership::None;
        assert_eq!(caller(&seen).state, CheckupState::NotReady);
        assert_eq!(organization(&seen).state, CheckupState::NotReady);
        assert!(member_remedy(&all_well(), MEMBER).contains(&format!("--account-id {MEMBER} ")));
    }
}
