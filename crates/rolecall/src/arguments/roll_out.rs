//! What a plan may do, and how it is carried out, rehearsed and taken back.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rollout_model::Consent;

use super::values::{share, speed};

/// What a plan may do and look at.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "What the plan may do")]
pub(crate) struct PlanningArguments {
    /// Take the role away from accounts that are no targets any more, up to `limits.max_removals`.
    #[arg(long)]
    pub(crate) remove: bool,
    /// Take over a StackSet or stack of this name that does not carry the mark of this rollout, and the stacks that
    /// `stack_set.import_stacks` lists.
    #[arg(long)]
    pub(crate) adopt: bool,
    /// Let CloudFormation delete the role and make another one, where its name or path changes.
    #[arg(long)]
    pub(crate) allow_replacement: bool,
    /// Look whether the role is still there in every account that the plan would leave as it is: two calls for each.
    /// Where it is gone, the stack instance is made anew, which StackSets itself would call CURRENT and leave alone.
    /// No role is taken away, so `limits.max_removals` does not count it.
    #[arg(long)]
    pub(crate) converge: bool,
    /// Do not look into the accounts for a role of this name: saves two calls for each new account.
    #[arg(long, conflicts_with = "converge")]
    pub(crate) no_account_checks: bool,
}

impl PlanningArguments {
    pub(crate) fn consent(self) -> Consent {
        Consent {
            removal: self.remove,
            adoption: self.adopt,
            replacement: self.allow_replacement,
            convergence: self.converge,
        }
    }

    /// Whether it says more than how to look.
    pub(crate) fn changes_the_plan(self) -> bool {
        self.remove || self.adopt || self.allow_replacement || self.converge
    }

    /// As they are typed, each with a space before it.
    pub(crate) fn flags(self) -> String {
        let flags = [
            (self.remove, " --remove"),
            (self.adopt, " --adopt"),
            (self.allow_replacement, " --allow-replacement"),
            (self.converge, " --converge"),
            (self.no_account_checks, " --no-account-checks"),
        ];
        flags.into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag).collect()
    }
}

/// How a plan is carried out.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ApplyArguments {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Go on with the last run, which was interrupted, killed, stopped or held back: take up the operations that
    /// AWS carries out for it, and do what is left. What failed in it is not tried again, unless a wave was held
    /// back for it.
    #[arg(long, conflicts_with = "only_failed")]
    pub(crate) resume: bool,
    /// Try again the accounts whose last attempt failed or was cut short, and touch nobody else.
    #[arg(long, conflicts_with_all = ["remove", "adopt", "converge"])]
    pub(crate) only_failed: bool,
    /// At Ctrl-C stop the running operation in AWS, too: what it has not begun is cancelled.
    #[arg(long)]
    pub(crate) stop_operation: bool,
    /// Whether nothing is real: then the plan is shown, nobody is asked, and no ledger is written.
    #[arg(skip)]
    pub(crate) is_rehearsal: bool,
    /// Whether the role is rolled out without the probe that the configuration asks for.
    #[arg(skip)]
    pub(crate) without_probe: bool,
    // The last, because options after it would come below its heading.
    #[command(flatten)]
    pub(crate) planning: PlanningArguments,
}

impl ApplyArguments {
    /// A roll-out that takes the probe away.
    pub(crate) fn without_probe(yes: bool) -> Self {
        ApplyArguments { yes, without_probe: true, ..ApplyArguments::default() }
    }

    /// A first roll-out that is rehearsed.
    pub(crate) fn rehearsal() -> Self {
        ApplyArguments { is_rehearsal: true, ..ApplyArguments::default() }
    }
}

/// What is rehearsed, and under which conditions.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RehearseArguments {
    /// The organization: a snapshot by `rolecall discover --save FILE`. Without it, the one of `--simulate`.
    #[arg(long, value_name = "SNAPSHOT.json", conflicts_with = "simulate")]
    pub(crate) organization: Option<PathBuf>,
    /// What goes wrong: a list in YAML, as `rolecall simulate` takes it.
    #[arg(long, value_name = "FAULTS.yaml")]
    pub(crate) faults: Option<PathBuf>,
    /// So many of the accounts fail, such as `2%`. The same ones in every rehearsal.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) fail: Option<String>,
    /// Refuse calls beyond the request rates that AWS documents.
    #[arg(long, value_enum, value_name = "RATES")]
    pub(crate) throttle: Option<Throttle>,
    /// How many virtual seconds pass in a second. Default: 60 where somebody watches, elsewhere as many as can.
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    pub(crate) speed: Option<f64>,
}

/// Which calls are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Throttle {
    /// Those beyond the rates that AWS documents.
    Documented,
}

/// How a rollout is taken away.
#[derive(Debug, Clone, Args)]
pub(crate) struct RetireArguments {
    /// Only show what would be done.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Leave every stack, and so every role, in its account, unmanaged; only the StackSet goes.
    #[arg(long)]
    pub(crate) retain: bool,
    /// Do not ask for the name of the rollout.
    #[arg(long, requires = "max_removals")]
    pub(crate) yes: bool,
    /// From how many accounts the role may be taken away; a plan that takes it from more is refused.
    #[arg(long, value_name = "N")]
    pub(crate) max_removals: Option<usize>,
}
