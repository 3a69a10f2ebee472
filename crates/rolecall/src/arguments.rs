//! What the operator typed.

mod discover;
mod display;
mod doctor;
mod examples;
mod init;
mod logging;
mod report;
mod roll_out;
mod runs;
mod simulate;
mod values;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use rollout_model::RolloutName;

use self::values::Endpoint;
use crate::simulated::{BUILT_IN, Simulated};

pub(crate) use self::discover::{DiscoverArguments, OrganizationArgument};
pub(crate) use self::display::{DisplayArguments, ProgressWanted, When};
pub(crate) use self::doctor::DoctorArguments;
pub(crate) use self::init::{GivenAnswers, InitArguments};
pub(crate) use self::logging::{LogFormat, LoggingArguments};
pub(crate) use self::report::{ReportArguments, ReportFile};
pub(crate) use self::roll_out::{
    ApplyArguments, PlanningArguments, RehearseArguments, RetireArguments, Throttle,
};
pub(crate) use self::runs::{DiffArguments, RecordArguments, RecordCommand};
pub(crate) use self::simulate::SimulateArguments;
pub(crate) use self::verify::{PartArguments, ProbeArguments};

/// Rolls one cross-account IAM role out to the accounts of an AWS organization through CloudFormation
/// StackSets, and proves in each account that the role works and is exactly what was specified.
#[derive(Debug, Clone, Parser)]
#[command(version, max_term_width = 100, after_help = format!("{}\n\n{EXIT_CODES}", examples::ROLECALL))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,

    /// The form of the result on standard output.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t = Output::Text, help_heading = "Result")]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) logging: LoggingArguments,

    #[command(flatten)]
    pub(crate) display: DisplayArguments,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Whether AWS is simulated in this process, so that waiting takes no time.
    pub(crate) fn is_simulated(&self) -> bool {
        self.connection.simulate.is_some() || matches!(self.command, Command::Rehearse { .. })
    }

    /// Whether time passes while the command waits. It does in a rehearsal that is held back for somebody to watch.
    pub(crate) fn takes_time(&self) -> bool {
        match &self.command {
            Command::Rehearse { rehearse, .. } => rehearse.speed.is_some(),
            _ => !self.is_simulated(),
        }
    }

    /// The files into which the run is to be written; `None` of a command that shows no run.
    pub(crate) fn reports(&self) -> Option<&[ReportFile]> {
        match &self.command {
            Command::Apply { report, .. }
            | Command::Verify { report, .. }
            | Command::Retire { report, .. }
            | Command::Rehearse { report, .. } => Some(&report.files),
            Command::Report(record) => record.reports(),
            _ => None,
        }
    }
}

const EXIT_CODES: &str = "Exit codes:
  0    everything is as specified
  1    some accounts failed or were not reached
  2    the command could not start or go on
  3    complete, with findings (a role is not as specified; `plan`: changes are pending)
  130  interrupted";

/// Where AWS is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where AWS is")]
pub(crate) struct ConnectionArguments {
    /// Run against a simulated organization inside this process: no account, no credentials, no network.
    ///
    /// Without a value a built-in organization of 64 accounts; otherwise a file that describes one, or the
    /// shape of a made-up one such as `accounts=1000,ous=50`.
    #[arg(
        long, global = true, value_name = "ORGANIZATION.yaml",
        num_args = 0..=1, require_equals = true, default_missing_value = BUILT_IN,
        conflicts_with = "endpoint_url"
    )]
    pub(crate) simulate: Option<Simulated>,

    /// Send every AWS call to this address instead of AWS.
    #[arg(
        long, global = true, value_name = "URL", env = "ROLECALL_ENDPOINT_URL", hide_env_values = true,
        value_parser = Endpoint
    )]
    pub(crate) endpoint_url: Option<String>,
}

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON document with a versioned schema.
    Json,
    /// A run as JSON lines: first the run, then every account, then the numbers and the exit code.
    Jsonl,
    /// A run as a table with a row for each account.
    Csv,
}

impl Output {
    /// Whether people read it. Whatever is no run has one form for programs, JSON.
    pub(crate) fn is_text(self) -> bool {
        self == Output::Text
    }
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Write a configuration to begin with, from options or a few questions.
    ///
    /// At a terminal it asks for what no option says; elsewhere, and with `--no-input`, that gets its default. Asks AWS
    /// nothing.
    #[command(after_help = examples::INIT)]
    Init(Box<InitArguments>),
    /// Say whether everything is there for a roll-out, and what mends the rest.
    ///
    /// Writes nothing to AWS, unless `--fix` is given. Exits with 0 when a roll-out can begin, with 1 when something is
    /// in its way, and with 2 when that could not be found out.
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArguments),
    /// Show the organization as a tree, save it, or compare it with a saved one.
    ///
    /// Writes nothing to AWS.
    #[command(after_help = examples::DISCOVER)]
    Discover(DiscoverArguments),
    /// Say why an account is a target or none, and what the plan does there.
    ///
    /// Writes nothing to AWS. With `--organization` it asks AWS nothing, and so says nothing about the plan.
    #[command(after_help = examples::EXPLAIN)]
    Explain {
        /// The id or the name of an account.
        account: String,
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        organization: OrganizationArgument,
    },
    /// Show what `apply` would do, account by account.
    ///
    /// Writes nothing to AWS. Exits with 3 when there is something to do, with 1 when an account is blocked, and with 0
    /// when everything is as it should be. With `--organization` it asks AWS nothing and plans as for a first roll-out.
    #[command(after_help = examples::PLAN)]
    Plan {
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        organization: OrganizationArgument,
        /// Save the plan, to be carried out exactly by `rolecall apply FILE`.
        #[arg(long, value_name = "PLAN.json", conflicts_with = "organization")]
        out: Option<PathBuf>,
        #[command(flatten)]
        planning: PlanningArguments,
    },
    /// Rehearse a roll-out on a simulation of your own organization.
    ///
    /// Shows what would happen, how long it would take, and what comes of it when something goes wrong. Nothing is sent
    /// to AWS, and no credentials are needed. `rolecall discover --save FILE` saves an organization, with `--tags` if
    /// tags decide who is a target. A snapshot holds no StackSets and no service control policies: it is a first
    /// roll-out that is rehearsed. Principals that the role trusts are made up. No ledger is written.
    #[command(after_help = examples::REHEARSE)]
    Rehearse {
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        rehearse: RehearseArguments,
        #[command(flatten)]
        report: ReportArguments,
    },
    /// Carry the plan out, then verify every targeted account.
    ///
    /// Given a saved plan, carries out exactly that one, or nothing when anything changed meanwhile.
    #[command(after_help = examples::APPLY)]
    Apply {
        /// The configuration of the rollout, or a plan that `rolecall plan --out` saved.
        #[arg(value_name = "ROLLOUT.yaml|PLAN.json", default_value = "rollout.yaml")]
        path: PathBuf,
        #[command(flatten)]
        report: ReportArguments,
        #[command(flatten)]
        apply: ApplyArguments,
    },
    /// Prove in every targeted account that the role works and is as specified.
    ///
    /// Writes nothing to AWS, unless `--remove-probe` is given. It may be about a part of the targets. Every account
    /// keeps its row then, and the exit code speaks of that part alone.
    #[command(after_help = examples::VERIFY)]
    Verify {
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        organization: OrganizationArgument,
        /// Prove instead that the role is gone, from every account that is a target or still has a stack.
        #[arg(long)]
        absent: bool,
        #[command(flatten)]
        probe: ProbeArguments,
        #[command(flatten)]
        report: ReportArguments,
        #[command(flatten)]
        part: PartArguments,
    },
    /// Say in a few lines where rollouts stand.
    ///
    /// How the last run of each ended, what is new since the run before, whether a run goes on, and what to do next.
    /// Asks AWS nothing. The exit code is that of the last run; of several rollouts the first that there is of 2, 130,
    /// 1, 3 and 0.
    #[command(after_help = examples::STATUS)]
    Status {
        /// Only this rollout.
        rollout: Option<RolloutName>,
    },
    /// Show any run again, from its ledger, in any form; compare or join runs.
    ///
    /// Asks AWS nothing; the exit code is that of the run.
    #[command(after_help = examples::REPORT)]
    Report(RecordArguments),
    /// Take the rollout away, and prove that the role is gone.
    ///
    /// First the stack instances go, wave by wave in reverse, then the StackSet, then the management account's stack.
    /// Only what carries the mark of this rollout is touched. In accounts that are suspended or closed, and where an
    /// earlier deletion failed, the stack stays behind: AWS cannot delete it.
    #[command(after_help = examples::RETIRE)]
    Retire {
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        retire: RetireArguments,
        #[command(flatten)]
        report: ReportArguments,
    },
    /// Print the template of a role that a self-managed StackSet needs.
    ///
    /// Writes nothing to AWS. The template is filled in from the configuration, has the least rights that this rollout
    /// takes, and says how to deploy it. AWS is only asked for the account of the credentials, unless
    /// `stack_set.administration_role` is an ARN.
    #[command(after_help = examples::PREREQUISITES)]
    Prerequisites {
        /// Of which role.
        #[arg(value_enum, value_name = "ROLE")]
        which: Prerequisite,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Serve a simulated organization on loopback to the AWS CLI, boto3 or another rolecall.
    #[command(after_help = examples::SIMULATE)]
    Simulate(SimulateArguments),
    /// Describe the configuration, or the JSON that a run is written in: its JSON Schema, for editors and readers.
    #[command(after_help = examples::SCHEMA)]
    Schema {
        /// Of what.
        #[arg(value_enum, default_value_t = Described::Configuration)]
        of: Described,
        /// Print the keys of the configuration and what they mean as a page in Markdown instead.
        #[arg(long, conflicts_with = "of")]
        markdown: bool,
    },
    /// Print what a shell needs to complete commands, options and their words.
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page of rolecall, or write one for every command.
    #[command(after_help = examples::MAN)]
    Man {
        /// Write a page for every command into this directory, which is made where it is not there.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// What has a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Described {
    /// The configuration of a rollout.
    Configuration,
    /// The report of a run (`--output json`, `--report run.json`).
    Report,
    /// Each line of it as JSON lines (`--report run.jsonl`).
    ReportLines,
}

/// A role that self-managed StackSets need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prerequisite {
    /// In the account that owns the StackSet.
    Administration,
    /// In every target account.
    Execution,
}

/// Which rollout.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgument {
    /// The configuration of the rollout.
    #[arg(value_name = "ROLLOUT.yaml", default_value = "rollout.yaml")]
    pub(crate) path: PathBuf,
}
