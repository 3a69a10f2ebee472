//! Whether a self-managed StackSet gets into the accounts by the roles that it is given (aws-facts A1).

use std::collections::{BTreeMap, BTreeSet};

use iam_policy::{Caller, Decision, PolicyDocument, TrustRequest, admits};
use role_verifier::{Found, TakenRole};
use rollout_model::{AccountId, AccountIds, CheckupRow, CheckupState, Need, RoleArn, Subject};
use stackset_deployer::cloudformation_principals;

use super::{row, unseen, with_remedy};
use crate::doctor::seen::{OwnRoles, Seen};

pub(super) fn administration_role(seen: &Seen, roles: &OwnRoles) -> CheckupRow {
    let (subject, need) = (Subject::AdministrationRole, Need::Deploying);
    let OwnRoles { administration_role: role, owner, .. } = roles;
    let not_ready = |found: String, remedy: &str| {
        with_remedy(row(subject, need, CheckupState::NotReady, format!("{role} {found}")), remedy)
    };
    let deploy = "deploy, in this account, what `rolecall prerequisites administration ROLLOUT.yaml` prints";
    if role.account != owner.account {
        let found = format!("is of another account than the StackSet, which belongs to {}", owner.account);
        return not_ready(found, "use credentials of its account, or name a role of this one");
    }
    let taken = match &roles.administration {
        Found::NotSeen(why) => return unseen(subject, need, why),
        Found::Free => return not_ready("is not there".to_owned(), deploy),
        Found::Taken(taken) => taken,
    };
    if !is_at(taken, &role.path) {
        let remedy = format!("write `administration_role: {}` below `stack_set`", taken.arn);
        return not_ready(format!("is not there; there is {}", taken.arn), &remedy);
    }
    for principal in cloudformation_principals(&seen.region) {
        match lets_cloudformation_in(taken.trust.as_ref(), &principal, seen, roles) {
            Entrance::Open => {}
            Entrance::Closed => return not_ready(format!("does not let {principal} in"), deploy),
            Entrance::Unknown(why) => {
                return unseen(subject, need, &format!("whether {role} lets {principal} in: {why}"));
            }
        }
    }
    row(subject, need, CheckupState::Ok, format!("{role}, which lets CloudFormation in"))
}

/// StackSets enters by name, so that the path has to be the right one (aws-facts E1). The name is IAM's own answer.
fn is_at(taken: &TakenRole, path: &str) -> bool {
    taken.arn.parse::<RoleArn>().is_ok_and(|there| there.path == path)
}

/// What a trust policy says to somebody.
enum Entrance {
    Open,
    Closed,
    Unknown(String),
}

impl Entrance {
    fn of(trust: Option<&PolicyDocument>, request: &TrustRequest) -> Self {
        let Some(trust) = trust else {
            return Entrance::Unknown("its trust policy could not be understood".to_owned());
        };
        match admits(trust, request) {
            Decision::Allow { .. } => Entrance::Open,
            Decision::Deny { .. } | Decision::ImplicitDeny => Entrance::Closed,
            Decision::Unknown { key } => Entrance::Unknown(format!("it hangs on {key}")),
        }
    }
}

/// CloudFormation says for which StackSet of which account it comes; the last part of the set's ARN is AWS's choice,
/// so that a policy which asks for a certain one says nothing for sure.
fn lets_cloudformation_in(
    trust: Option<&PolicyDocument>,
    principal: &str,
    seen: &Seen,
    roles: &OwnRoles,
) -> Entrance {
    let (account, partition) = (roles.owner.account.as_str(), &roles.owner.partition);
    let request = TrustRequest::new(Caller::Service(principal.to_owned()));
    let request = request.with("aws:SourceAccount", [account]);
    let name = seen.rollout.as_ref().map_or("rolecall-doctor", |rollout| rollout.stack_set.as_str());
    let set = format!(
        "arn:{partition}:cloudformation:{}:{account}:stackset/{name}:00000000-0000-0000-0000-000000000000",
        seen.region
    );
    match Entrance::of(trust, &request.clone().with("aws:SourceArn", [set.as_str()])) {
        Entrance::Closed => Entrance::of(trust, &request),
        entrance => entrance,
    }
}

/// One row for all target accounts, which says in how many of them something is missing, and in which.
pub(super) fn execution_roles(roles: &OwnRoles) -> CheckupRow {
    let (subject, need) = (Subject::ExecutionRoles, Need::Deploying);
    let OwnRoles { execution_role: role, administration_role, .. } = roles;
    let found = match &roles.execution {
        Ok(found) => found,
        Err(why) => return unseen(subject, need, &format!("which accounts are targets is not known: {why}")),
    };
    let Sorted { missing, elsewhere, closed, unknown, why } = Sorted::of(roles, found);
    let in_accounts =
        |accounts: &AccountIds| format!("{} of {} target accounts ({accounts})", accounts.len(), found.len());
    let troubles = [
        (&missing, "is missing in".to_owned()),
        (&elsewhere, "has a path in".to_owned()),
        (&closed, format!("does not let {administration_role} in, in")),
    ];
    let mut parts: Vec<String> = troubles
        .iter()
        .filter(|(accounts, _)| !accounts.is_empty())
        .map(|(accounts, trouble)| format!("{trouble} {}", in_accounts(accounts)))
        .collect();
    let is_ready = parts.is_empty();
    if let Some(why) = why {
        parts.push(format!("is not known in {}: {why}", in_accounts(&unknown)));
    }
    match (is_ready, parts.is_empty()) {
        (true, true) => {
            let found =
                format!("`{role}` lets {administration_role} in, in all {} target accounts", found.len());
            row(subject, need, CheckupState::Ok, found)
        }
        (true, false) => with_remedy(
            unseen(subject, need, &format!("`{role}` {}", parts.join("; "))),
            "let the caller enter the role of `verify.access_role` there, as config/iam/read-only.json does",
        ),
        (false, _) => with_remedy(
            row(subject, need, CheckupState::NotReady, format!("`{role}` {}", parts.join("; "))),
            "deploy, in each of them, what `rolecall prerequisites execution ROLLOUT.yaml` prints",
        ),
    }
}

/// The target accounts in which the role is not as it has to be, by what is wrong.
#[derive(Default)]
struct Sorted {
    missing: AccountIds,
    elsewhere: AccountIds,
    closed: AccountIds,
    unknown: AccountIds,
    /// Why nothing is known of one of the unknown.
    why: Option<String>,
}

impl Sorted {
    fn of(roles: &OwnRoles, found: &BTreeMap<AccountId, Found>) -> Self {
        let administrator = Caller::from_arn(&roles.administration_role.to_string());
        let request = TrustRequest::new(administrator.expect("the ARN of a role is one of a caller"));
        let mut sorted = Sorted::default();
        let mut reasons = BTreeSet::new();
        for (account, found) in found {
            let accounts = match found {
                Found::Free => &mut sorted.missing,
                Found::NotSeen(why) => {
                    reasons.insert(why.clone());
                    &mut sorted.unknown
                }
                Found::Taken(taken) if !is_at(taken, "/") => &mut sorted.elsewhere,
                Found::Taken(taken) => match Entrance::of(taken.trust.as_ref(), &request) {
                    Entrance::Open => continue,
                    Entrance::Closed => &mut sorted.closed,
                    Entrance::Unknown(why) => {
                        reasons.insert(why);
                        &mut sorted.unknown
                    }
                },
            };
            accounts.0.insert(account.clone());
        }
        sorted.why = reasons.into_iter().next();
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{MANAGEMENT, MEMBER, all_well};
    use super::*;

    const ADMINISTRATION: &str = "arn:aws:iam::111111111111:role/Administration";

    fn taken(arn: &str, principal: &str, condition: &str) -> Found {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal},"Condition":{condition}}}}}"#
        );
        Found::Taken(TakenRole {
            arn: arn.to_owned(),
            created: "2026-01-31".to_owned(),
            description: None,
            mark: None,
            trust: Some(PolicyDocument::parse(&trust).unwrap()),
        })
    }

    fn roles() -> OwnRoles {
        OwnRoles {
            owner: all_well().caller.unwrap().as_owner(),
            administration_role: ADMINISTRATION.parse().unwrap(),
            administration: Found::Free,
            execution_role: "Execution".parse().unwrap(),
            execution: Ok(BTreeMap::new()),
        }
    }

    #[track_caller]
    fn check(row: &CheckupRow, state: CheckupState, text: &str) {
        let said = format!("{} -> {}", row.found, row.remedy.as_deref().unwrap_or_default());
        assert!(row.state == state && said.contains(text), "{row:?}");
        assert_eq!(row.needed_for, Need::Deploying);
    }

    #[test]
    fn the_administration_role_has_to_be_the_one_that_is_named_and_to_let_cloudformation_in() {
        let service = r#"{"Service":"cloudformation.amazonaws.com"}"#;
        let judged =
            |administration: Found| administration_role(&all_well(), &OwnRoles { administration, ..roles() });
        let there = |principal: &str, condition: &str| judged(taken(ADMINISTRATION, principal, condition));
        check(&there(service, "{}"), CheckupState::Ok, "which lets CloudFormation in");
        let own = r#"{"StringEquals":{"aws:SourceAccount":"111111111111"},"ArnLike":{"aws:SourceArn":"arn:aws:cloudformation:*:111111111111:stackset/*"}}"#;
        check(&there(service, own), CheckupState::Ok, "");
        let others = own.replace("111111111111", "222222222222");
        check(
            &there(service, &others),
            CheckupState::NotReady,
            "does not let cloudformation.amazonaws.com in",
        );
        check(
            &there(r#"{"Service":"ec2.amazonaws.com"}"#, "{}"),
            CheckupState::NotReady,
            "prerequisites administration",
        );
        // The id of a set is AWS's choice.
        let set = r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudformation:us-east-1:111111111111:stackset/demo:1-2"}}"#;
        check(&there(service, set), CheckupState::Unknown, "it hangs on aws:SourceArn");
        check(&judged(Found::Free), CheckupState::NotReady, "prerequisites administration");
        check(&judged(Found::NotSeen("denied".to_owned())), CheckupState::Unknown, "denied");
        let elsewhere = "arn:aws:iam::111111111111:role/ops/Administration";
        check(
            &judged(taken(elsewhere, service, "{}")),
            CheckupState::NotReady,
            &format!("administration_role: {elsewhere}"),
        );
    }

    #[test]
    fn an_opt_in_region_has_a_principal_of_its_own() {
        let mut seen = all_well();
        seen.region = "ap-east-1".parse().unwrap();
        let judged = |principal: &str| {
            let administration = taken(ADMINISTRATION, principal, "{}");
            administration_role(&seen, &OwnRoles { administration, ..roles() })
        };
        let global = r#"{"Service":"cloudformation.amazonaws.com"}"#;
        check(
            &judged(global),
            CheckupState::NotReady,
            "does not let cloudformation.ap-east-1.amazonaws.com in",
        );
        let both = r#"{"Service":["cloudformation.amazonaws.com","cloudformation.ap-east-1.amazonaws.com"]}"#;
        check(&judged(both), CheckupState::Ok, "");
    }

    #[test]
    fn an_administration_role_of_another_account_is_refused() {
        let administration_role: RoleArn =
            format!("arn:aws:iam::{MEMBER}:role/Administration").parse().unwrap();
        let row = super::administration_role(&all_well(), &OwnRoles { administration_role, ..roles() });
        check(&row, CheckupState::NotReady, &format!("the StackSet, which belongs to {MANAGEMENT}"));
    }

    #[test]
    fn the_execution_roles_are_told_in_one_row_with_five_examples_of_each_trouble() {
        let open = format!(r#"{{"AWS":"{ADMINISTRATION}"}}"#);
        let role = |number: u64, path: &str, principal: &str| {
            taken(&format!("arn:aws:iam::{number:012}:role{path}Execution"), principal, "{}")
        };
        let judged = |found: &dyn Fn(u64) -> Found| {
            let execution = (1..=8).map(|number| (format!("{number:012}").parse().unwrap(), found(number)));
            execution_roles(&OwnRoles { execution: Ok(execution.collect()), ..roles() })
        };
        check(&judged(&|number| role(number, "/", &open)), CheckupState::Ok, "in all 8 target accounts");
        let row = judged(&|number| match number {
            8 => role(8, "/", &open),
            7 => role(7, "/", r#"{"AWS":"222222222222"}"#),
            6 => Found::NotSeen("denied".to_owned()),
            _ => Found::Free,
        });
        check(&row, CheckupState::NotReady, "is missing in 5 of 8 target accounts (000000000001, ");
        check(&row, CheckupState::NotReady, "in, in 1 of 8 target accounts (000000000007)");
        check(&row, CheckupState::NotReady, "is not known in 1 of 8 target accounts (000000000006): denied");
        check(&row, CheckupState::NotReady, "rolecall prerequisites execution");
        check(&judged(&|_| Found::Free), CheckupState::NotReady, "000000000005 and 3 more)");
        check(
            &judged(&|number| role(number, "/ops/", &open)),
            CheckupState::NotReady,
            "has a path in 8 of 8",
        );
        let unseen = judged(&|_| Found::NotSeen("denied".to_owned()));
        check(&unseen, CheckupState::Unknown, "the role of `verify.access_role`");
        let unknown = OwnRoles { execution: Err("throttled".to_owned()), ..roles() };
        check(&execution_roles(&unknown), CheckupState::Unknown, "throttled");
    }
}
