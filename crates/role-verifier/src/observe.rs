//! Looks at one account: whom its role lets in, what the role is, what it may do. Talks, and decides nothing but
//! what there is to ask.

use std::collections::BTreeMap;

use aws_failure::AwsFailure;
use rollout_model::{AccountId, AccountState, RoleArn, RoleName};

use crate::attempt::{Attempt, Identity, Purpose, WRONG_EXTERNAL_ID, enter, identity};
use crate::operator::Operator;
use crate::permissions::{Simulated, simulate};
use crate::read::{LiveRole, read};
use crate::target::{Callers, Expected, Means, Target, Trusted};
use crate::unread::Unread;

/// Everything that was seen in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    /// What came of trying the role; `None` where it is not tried.
    pub(crate) tried: Option<Tried>,
    /// The live role.
    pub(crate) live: LiveRole,
    /// What IAM says that the role may do; `None` where nothing is asked, or the role was not read.
    pub(crate) simulated: Option<Result<BTreeMap<String, Simulated>, Unread>>,
    /// How the account stands; `None` where it was not asked.
    pub(crate) standing: Option<Standing>,
}

/// What came of trying the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tried {
    /// Entering as intended.
    pub(crate) entered: Attempt,
    /// Who the session is; `None` when there was none.
    pub(crate) identity: Option<Result<Identity, AwsFailure>>,
    /// Entering without an external ID; `None` when it was not tried.
    pub(crate) without_external_id: Option<Attempt>,
    /// Entering with a wrong one; `None` when it was not tried.
    pub(crate) wrong_external_id: Option<Attempt>,
}

/// How an account stands: its state, `None` when it is none of the organization any more, or why nobody knows.
pub type Standing = Result<Option<AccountState>, String>;

pub(crate) async fn observe(
    callers: &Callers,
    target: &Target,
    standing: &impl AsyncFn(&AccountId) -> Standing,
) -> Observation {
    let Target { account, expected, .. } = target;
    let role = role_arn(&callers.operator, account, expected);
    let tried = match &callers.means {
        Means::Sts(trusted) => Some(try_role(trusted, &role, expected).await),
        Means::TrustPolicy => None,
    };
    let (live, simulated) = look_inside(&callers.operator, account, &role, expected).await;
    let is_shut = tried.as_ref().is_none_or(|tried| matches!(tried.entered, Attempt::Refused(_)))
        && matches!(live, LiveRole::Unreadable(_));
    let standing = if is_shut { Some(standing(account).await) } else { None };
    Observation { tried, live, simulated, standing }
}

/// The negative attempts are made only where the right external ID gets in: elsewhere a refusal proves nothing, and
/// each would be one more denied call in somebody's CloudTrail.
async fn try_role(trusted: &Trusted, role: &RoleArn, expected: &Expected) -> Tried {
    let sts = &trusted.sts;
    let right = expected.external_id.as_ref().map(|id| id.expose());
    let (entered, session) = enter(sts, role, right, Purpose::Try).await;
    let identity = match session {
        Some(session) => Some(identity(sts, session).await),
        None => None,
    };
    let is_asked = right.is_some() && entered == Attempt::Entered;
    let refused = async |external_id| match is_asked {
        true => Some(enter(sts, role, external_id, Purpose::Try).await.0),
        false => None,
    };
    let without_external_id = refused(None).await;
    let wrong_external_id = refused(Some(WRONG_EXTERNAL_ID)).await;
    Tried { entered, identity, without_external_id, wrong_external_id }
}

type Inside = (LiveRole, Option<Result<BTreeMap<String, Simulated>, Unread>>);

async fn look_inside(
    operator: &Operator,
    account: &AccountId,
    role: &RoleArn,
    expected: &Expected,
) -> Inside {
    let is_asked = !expected.permissions.is_empty();
    let purpose = if is_asked { Purpose::ReadAndSimulate(&role.name) } else { Purpose::Read(&role.name) };
    let iam = match operator.iam_in(account, purpose).await {
        Ok(iam) => iam,
        Err(problem) => return (LiveRole::Unreadable(problem), None),
    };
    let live = read(&iam, role.name.as_str()).await;
    let simulated = match &live {
        LiveRole::Read(live) if is_asked => {
            // A role made again by hand may have another path, and it is this one that lets somebody in.
            let role = RoleArn { path: live.path.clone(), ..role.clone() };
            Some(simulate(&iam, &role, &expected.permissions).await)
        }
        _ => None,
    };
    (live, simulated)
}

fn role_arn(operator: &Operator, account: &AccountId, expected: &Expected) -> RoleArn {
    RoleArn {
        partition: operator.partition.clone(),
        account: account.clone(),
        path: expected.role.path.clone(),
        name: role_name(&expected.role.name),
    }
}

fn role_name(name: &str) -> RoleName {
    name.parse().expect("a specification with an invalid name is refused before it gets here")
}
