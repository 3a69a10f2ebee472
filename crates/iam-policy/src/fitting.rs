//! A request that fits a statement.

use std::collections::BTreeSet;

use crate::context::Known;
use crate::decide::action_matches;
use crate::describe::flat;
use crate::entrance::ENTERING;
use crate::refusal::misfit;
use crate::witness::{ANY, witnesses};
use crate::{AnyCase, Caller, Misfit, PolicyDocument, Principal, Statement, TrustRequest};

/// The first caller whom the statement admits, or the key or element that the first of all stumbled over.
pub(crate) fn fitting_request(
    trust: &PolicyDocument,
    statement: &Statement,
    principal: &Principal,
) -> Result<TrustRequest, String> {
    let action = action_of(statement, principal).ok_or_else(|| "Action".to_owned())?;
    let mut stumbled = None;
    for caller in callers(trust, statement, principal, action) {
        match prepared(trust, statement, caller, action) {
            Ok(request) => return Ok(request),
            Err(key) => _ = stumbled.get_or_insert(key),
        }
    }
    Err(stumbled.unwrap_or_else(|| "Principal".to_owned()))
}

/// How the principal enters: providers vouch by SAML or as web identities, all others assume.
fn action_of(statement: &Statement, principal: &Principal) -> Option<&'static str> {
    let ways = match principal {
        Principal::Anyone => &ENTERING[..],
        Principal::Federated(provider) if provider.contains(":saml-provider/") => &ENTERING[1..2],
        Principal::Federated(_) => &ENTERING[2..],
        _ => &ENTERING[..1],
    };
    ways.iter().copied().find(|action| action_matches(&statement.action, action))
}

/// Who fits the principal, the likeliest first.
fn callers(
    trust: &PolicyDocument,
    statement: &Statement,
    principal: &Principal,
    action: &str,
) -> Vec<Caller> {
    let provider = |name: &str| vec![Caller::Federated(name.to_owned())];
    match principal {
        Principal::Service(name) => vec![Caller::Service(name.clone())],
        Principal::Federated(name) => provider(name),
        Principal::Anyone if action != ENTERING[0] => provider(ANY),
        Principal::Aws(arn) => match Caller::from_arn(arn) {
            Ok(caller) => with_path(trust, statement, caller),
            Err(_) => Vec::new(),
        },
        Principal::Account(id) => {
            let mut callers = read(of_account(trust, statement, id));
            callers.retain(|caller| caller.account() == Some(id));
            callers
        }
        Principal::Anyone => {
            let any = values(trust, statement, "aws:PrincipalAccount", "000000000000");
            let accounts = any.into_iter().chain(["000000000000".to_owned()]);
            let arns = accounts.flat_map(|account| of_account(trust, statement, &account));
            // Those that the condition names are of every account the same.
            let mut seen = BTreeSet::new();
            read(arns.filter(|arn| seen.insert(arn.clone())))
        }
        Principal::CanonicalUser(_) => Vec::new(),
    }
}

/// The principals that a condition on `aws:PrincipalArn` asks for, or else one of each kind.
fn of_account(trust: &PolicyDocument, statement: &Statement, account: &str) -> Vec<String> {
    let asked = values(trust, statement, "aws:PrincipalArn", account);
    let usual = [format!("role/{ANY}"), format!("user/{ANY}"), "root".to_owned()];
    let usual = usual.map(|resource| format!("arn:aws:iam::{account}:{resource}"));
    asked.into_iter().chain(usual).collect()
}

fn read(arns: impl IntoIterator<Item = String>) -> Vec<Caller> {
    arns.into_iter().filter_map(|arn| Caller::from_arn(&arn).ok()).collect()
}

/// A session's ARN has dropped the path of its role (aws-facts E1), which `aws:PrincipalArn` has.
fn with_path(trust: &PolicyDocument, statement: &Statement, caller: Caller) -> Vec<Caller> {
    let Caller::RoleSession { account, role_name, session_name, path: None, .. } = &caller else {
        return vec![caller];
    };
    let asked = values(trust, statement, "aws:PrincipalArn", account);
    let mut callers: Vec<Caller> = asked.iter().filter_map(|arn| Caller::from_arn(arn).ok()).collect();
    callers.retain_mut(|other| match other {
        Caller::RoleSession { account: of, role_name: name, session_name: session, .. } => {
            session.clone_from(session_name);
            of == account && name == role_name
        }
        _ => false,
    });
    callers.push(caller);
    callers
}

/// The values of a key that follows from the caller.
fn values(trust: &PolicyDocument, statement: &Statement, key: &str, account: &str) -> Vec<String> {
    let (key, nothing) = (AnyCase::from(key), Default::default());
    let found = witnesses(&statement.condition, &key, trust.version, &nothing, account);
    found.into_iter().flatten().collect()
}

/// The caller's request with every condition key that the caller may choose or that is not known otherwise.
fn prepared(
    trust: &PolicyDocument,
    statement: &Statement,
    caller: Caller,
    action: &str,
) -> Result<TrustRequest, String> {
    let account = caller.account().unwrap_or("000000000000").to_owned();
    let mut request = TrustRequest { action: action.to_owned(), ..TrustRequest::new(caller) };
    let mut open: BTreeSet<&AnyCase> = flat(&statement.condition).map(|(_, key, _)| key).collect();
    open.retain(|key| is_open(&request, key));
    // A value may be a policy variable that is filled in by another key, so keys wait for each other.
    loop {
        let left = open.len();
        open.retain(|key| {
            let found = witnesses(&statement.condition, key, trust.version, &request.context, &account);
            let Some(values) = preferred(&found, trust, key) else { return true };
            request = match values.is_empty() {
                true => request.clone().without(key.as_str()),
                false => request.clone().with(key.as_str(), values.iter().map(String::as_str)),
            };
            false
        });
        if open.is_empty() || open.len() == left {
            break;
        }
    }
    // Some value, so that what is told to be in the way is the variable and not the key that waits for it.
    for key in open {
        request = request.with(key.as_str(), [ANY]);
    }
    match misfit(statement, trust, &request) {
        None => Ok(request),
        Some(misfit) => Err(key_of(misfit)),
    }
}

/// The first, unless that would bring what the policy never allows anybody to bring: then rather none at all.
fn preferred<'a>(found: &'a [Vec<String>], trust: &PolicyDocument, key: &AnyCase) -> Option<&'a Vec<String>> {
    let bringing = TrustRequest::new(Caller::Service(ANY.to_owned())).with(key.as_str(), [ANY]).questions();
    let allowed = |action: &str| trust.statements.iter().any(|one| action_matches(&one.action, action));
    let is_allowed = bringing.iter().skip(1).all(|question| allowed(&question.action));
    let none = found.iter().find(|values| values.is_empty());
    none.filter(|_| !is_allowed).or(found.first())
}

/// What is absent by AWS's doing, such as `aws:SourceAccount` where no service asks, stays absent.
fn is_open(request: &TrustRequest, key: &AnyCase) -> bool {
    const CHOSEN: [&str; 4] =
        ["sts:ExternalId", "sts:SourceIdentity", "sts:TransitiveTagKeys", "aws:TagKeys"];
    match request.context.look_up(key) {
        Known::NotTold => true,
        Known::Present(_) => false,
        Known::Absent => {
            CHOSEN.iter().any(|name| key.as_str().eq_ignore_ascii_case(name))
                || key.as_str().to_ascii_lowercase().starts_with("aws:requesttag/")
        }
    }
}

fn key_of(misfit: Misfit) -> String {
    match misfit {
        Misfit::Condition { key, .. } | Misfit::NotTold { key } => key,
        Misfit::ExternalId { .. } => "sts:ExternalId".to_owned(),
        Misfit::Action { .. } => "Action".to_owned(),
        Misfit::Principal { .. } | Misfit::Denied { .. } | Misfit::NothingAllows { .. } => {
            "Principal".to_owned()
        }
    }
}
