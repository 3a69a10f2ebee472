//! The whole program against the simulated organization: one module per story, one scenario per test. Every
//! test runs the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apply;
mod bad_input;
mod configuration;
mod converge;
mod credentials;
mod delegated;
mod doctor;
mod documentation;
mod examples;
mod help;
mod importing;
mod init;
mod interruption;
mod logging;
mod meanwhile;
mod obstacles;
mod operator;
mod parts;
mod permissions;
mod planning;
mod program;
mod proving;
mod reading;
mod recording;
mod rehearse;
mod report;
mod report_files;
mod resuming;
mod retire;
mod retrying;
mod run_difference;
mod safety;
mod scale;
mod secrets;
mod seeded_faults;
mod self_managed;
mod shell;
mod small_rollout;
mod snapshots;
mod status;
mod targeting;
mod templates;
mod terminal;
mod verify;
mod waves;
