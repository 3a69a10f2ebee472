//! Why there is no plan. Every message says what to do about it.

use std::fmt;

use rollout_model::{AccountId, AccountIds, MARK, RolloutName, StackName, StackSetName};

/// A roll-out that cannot be planned. Nothing has been sent when one of these appears.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Selectors that name something the organization does not have; all of them at once.
    #[error("the targets do not fit the organization:{}", list(.0))]
    Selection(Vec<SelectionProblem>),
    /// Selectors that narrow a run and fit nothing; all of them at once.
    #[error("the run cannot be narrowed like that:{}", list(.0))]
    Only(Vec<SelectionProblem>),
    /// The selectors are sound and select nobody.
    #[error(
        "the selection is empty: of {accounts} accounts none is both included and open\n  \
         see which accounts there are with `rolecall discover`"
    )]
    EmptySelection {
        /// How many accounts the organization has.
        accounts: usize,
    },
    /// Members of which none is open are far more likely a misread answer than the truth: AWS has renamed
    /// the field that tells (aws-facts D3).
    #[error(
        "none of the {accounts} member accounts of the organization is active; refusing to take that for the truth"
    )]
    NoActiveMembers {
        /// How many members the organization has.
        accounts: usize,
    },
    /// More targets than the configuration allows.
    #[error("the plan targets {targets} accounts, more than limits.max_targets allows ({limit})")]
    TooManyTargets {
        /// How many the selection gives.
        targets: usize,
        /// The configured limit.
        limit: usize,
    },
    /// More removals than the configuration allows, by name.
    #[error(
        "the plan takes the role away from {}, more than limits.max_removals allows ({limit}):{}\n  \
         raise the limit if that is meant, or leave out `--remove` to leave them in place",
        counted(.removals.len()), list(.removals)
    )]
    TooManyRemovals {
        /// Id and name of each account.
        removals: Vec<String>,
        /// The configured limit.
        limit: usize,
    },
    /// A selector asks for tags that the snapshot does not have.
    #[error(
        "the selection depends on tags that were not read: {accounts}\n  \
         save the organization with its tags: `rolecall discover --tags --save FILE`"
    )]
    TagsNotRead {
        /// Whose tags.
        accounts: AccountIds,
    },
    /// A StackSet of that name exists and is not ours.
    #[error(
        "a StackSet named `{stack_set}` exists and carries no mark of this rollout (tag {}={rollout})\n  \
         choose another name for the rollout, or look at what `--adopt` would change if it is yours",
        MARK
    )]
    ForeignStackSet {
        /// The name that is taken.
        stack_set: StackSetName,
        /// The rollout that wanted it.
        rollout: RolloutName,
    },
    /// A StackSet of that name exists, and it is not ours to take away.
    #[error(
        "the StackSet `{stack_set}` carries no mark of this rollout (tag {}={rollout}), so nothing of it is taken \
         away\n  if it is yours, take it over first: `rolecall apply --adopt`",
        MARK
    )]
    NotOursToRetire {
        /// The StackSet.
        stack_set: StackSetName,
        /// The rollout that is taken away.
        rollout: RolloutName,
    },
    /// A new definition would reach only accounts that are no targets.
    #[error(
        "the definition of `{stack_set}` changes, but all its instances are in accounts that are no targets\n  \
         include at least one of those accounts, or remove their stack instances"
    )]
    OnlyStrayInstances {
        /// The StackSet.
        stack_set: StackSetName,
    },
    /// A stack of that name exists in the management account and is not ours.
    #[error(
        "a stack named `{stack}` exists in the management account and carries no mark of this rollout \
         (tag {}={rollout})\n  choose another name for the rollout, or look at what `--adopt` would change if it is yours",
        MARK
    )]
    ForeignStack {
        /// The name that is taken.
        stack: StackName,
        /// The rollout that wanted it.
        rollout: RolloutName,
    },
    /// Accounts whose place is not known cannot be told in from out.
    #[error("the organization could be read only in part, so nothing is decided on it:{}", list(.0))]
    PartialOrganization(Vec<String>),
    /// A role is replaced when its name or path changes: the old one would be deleted in every account.
    #[error(
        "the role `{from}` would be replaced by `{to}`: CloudFormation deletes the old one in every account\n  \
         roll the new role out under another rollout name, and retire the old one when nobody needs it any more; \
         or let CloudFormation replace it everywhere with `--allow-replacement`"
    )]
    Replacement {
        /// Path and name of the deployed role.
        from: String,
        /// Path and name of the role that is specified.
        to: String,
    },
    /// Only what failed was asked for, and there is more to do than can be kept to that.
    #[error(
        "the definition of `{stack_set}` changes, which concerns every account and not only those that failed\n  \
         leave out `--only-failed`"
    )]
    MoreThanTheFailed {
        /// The StackSet.
        stack_set: StackSetName,
    },
    /// The existing StackSet has a permission model that cannot be changed while it has instances.
    #[error(
        "the StackSet `{stack_set}` is {found}, and stack_set.permission_model says {wanted}: AWS switches it only \
         while the set has no stack instances\n  choose another name for the rollout, write what the set is, or \
         delete its stack instances and switch it with `aws cloudformation update-stack-set --permission-model`"
    )]
    OtherPermissionModel {
        /// The StackSet.
        stack_set: StackSetName,
        /// What it is.
        found: String,
        /// What it should be.
        wanted: String,
    },
}

/// A selector that does not fit the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionProblem {
    /// Where it stands, for example `targets.include[2].name`; the entry where no selector of it alone is to blame.
    pub key: String,
    /// What is wrong.
    pub kind: SelectionProblemKind,
}

/// What is wrong with a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectionProblemKind {
    /// No organizational unit is at that path or has that id.
    UnknownUnit {
        /// As configured.
        selector: String,
        /// The most similar path that exists.
        suggestion: Option<String>,
    },
    /// The organization has no such account.
    UnknownAccount(AccountId),
    /// No account has such a name.
    UnknownName {
        /// As configured.
        name: String,
        /// The most similar name that exists.
        suggestion: Option<String>,
    },
    /// Everything that the entry names exists, and no account is all of it.
    MatchesNobody {
        /// As configured.
        entry: String,
    },
    /// It means no account that the run is about.
    NoTarget {
        /// Why not.
        reason: String,
    },
    /// A service-managed StackSet never reaches the management account (aws-facts A3), and a self-managed one of
    /// ours does not either: one way for both.
    ManagementAccount(AccountId),
}

impl fmt::Display for SelectionProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.key, self.kind)
    }
}

impl fmt::Display for SelectionProblemKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectionProblemKind::UnknownUnit { selector, suggestion } => {
                write!(formatter, "there is no organizational unit `{selector}` with accounts")?;
                did_you_mean(formatter, suggestion.as_ref())
            }
            SelectionProblemKind::UnknownName { name, suggestion } => {
                write!(formatter, "no account has the name `{name}`")?;
                did_you_mean(formatter, suggestion.as_ref())
            }
            SelectionProblemKind::MatchesNobody { entry } => write!(
                formatter,
                "`{entry}` matches no account; write `optional: true` beside it if that is in order"
            ),
            SelectionProblemKind::NoTarget { reason } => write!(formatter, "means no target: {reason}"),
            SelectionProblemKind::UnknownAccount(account) => {
                write!(formatter, "account {account} is not in the organization")
            }
            SelectionProblemKind::ManagementAccount(account) => write!(
                formatter,
                "account {account} is the management account, which gets the role by a stack of its own; \
                 write `management_account: include` below `targets` instead"
            ),
        }
    }
}

fn did_you_mean(formatter: &mut fmt::Formatter<'_>, suggestion: Option<&String>) -> fmt::Result {
    suggestion.map_or(Ok(()), |suggestion| write!(formatter, "; did you mean `{suggestion}`?"))
}

fn counted(accounts: usize) -> String {
    format!("{accounts} account{}", if accounts == 1 { "" } else { "s" })
}

fn list(problems: &[impl fmt::Display]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
