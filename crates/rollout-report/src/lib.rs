//! Folds the events of a run into its state, and shows that state: progress, ledger, text and JSON.
//!
//! Nothing here talks to the network or decides what is done. One fold, [`RunState::apply`], feeds every
//! consumer; reporting on an old run is the same fold over its ledger ([`Ledger::read`]).

mod account_row;
mod cause;
mod counts;
mod fold;
mod format;
mod html;
mod ledger;
mod merge;
mod organization_difference;
mod past_run;
mod plan_file;
mod progress;
mod reporter;
mod resumed;
mod run_difference;
mod run_list;
mod schema;
mod snapshot;
mod state;
mod status;
mod summary;
mod text;
#[cfg(test)]
mod troubleshooting;
mod verdict_cause;

#[cfg(test)]
mod samples;

pub use account_row::{AccountRow, AccountTiming, Standing, Verification};
pub use counts::Counts;
pub use format::{Format, RunReport, UnknownFormat};
pub use ledger::{Ledger, LedgerError, LedgerFile, LedgerWriter};
pub use merge::{MergeError, ShardRun, merge};
pub use organization_difference::{AccountChange, OrganizationDifference};
pub use past_run::PastRun;
pub use plan_file::{PlanFile, PlanFileError, PlanOrigin};
pub use progress::{Progress, ProgressKind};
pub use reporter::Reporter;
pub use run_difference::{
    AccountDifference, Aim, Class, DifferentStories, Problem, RunDifference, Seen, Sighting,
    require_one_story,
};
pub use run_list::ListedRun;
pub use schema::{
    JsonForm, checkup_json, difference_json, explanation_json, json_schema, organization_json, plan_json,
    report_json, run_difference_json, runs_json, status_json,
};
pub use snapshot::{OrganizationSnapshot, SnapshotError};
pub use state::{Discovery, RunState, StepRow, VerificationRow, WaveRow};
pub use status::RolloutStatus;
pub use summary::{Outcome, Summary};
pub use text::{
    Decoration, Detail, RunFiles, escaped, render_checkup, render_difference, render_explanation,
    render_organization, render_plan, render_run, render_run_difference, render_runs, render_since,
    render_status, story_width, terminal_width,
};
