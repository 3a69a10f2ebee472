//! What green says, and what it does not: `config/verification.md` in short, for the modes of this run.

use std::collections::BTreeMap;

use rollout_model::{Check, VerifyMode};
use serde::Serialize;

use crate::account_row::Verification;
use crate::state::RunState;

#[derive(Serialize)]
pub(super) struct Proof {
    mode: String,
    how: &'static str,
    accounts: usize,
    checks: Vec<Explained>,
    not_proven: &'static [&'static str],
}

#[derive(Serialize)]
struct Explained {
    name: String,
    passes_when: &'static str,
}

/// One for each mode in which an account was verified.
pub(super) fn proofs(state: &RunState) -> Vec<Proof> {
    let mut accounts: BTreeMap<&'static str, (VerifyMode, usize)> = BTreeMap::new();
    for row in state.accounts().values() {
        if let Verification::Done(verdict) = &row.verification {
            accounts.entry(name(verdict.mode)).or_insert((verdict.mode, 0)).1 += 1;
        }
    }
    accounts.into_values().map(|(mode, accounts)| Proof::of(mode, accounts)).collect()
}

impl Proof {
    fn of(mode: VerifyMode, accounts: usize) -> Proof {
        let explained =
            |check: &Check| Explained { name: check.to_string(), passes_when: passes_when(*check) };
        Proof {
            mode: name(mode).to_owned(),
            how: how(mode),
            accounts,
            checks: mode.checks().iter().map(explained).collect(),
            not_proven: not_proven(mode),
        }
    }
}

fn name(mode: VerifyMode) -> &'static str {
    match mode {
        VerifyMode::Direct => "direct",
        VerifyMode::Probe => "probe",
        VerifyMode::Offline => "offline",
        VerifyMode::Absence => "absence",
    }
}

fn how(mode: VerifyMode) -> &'static str {
    match mode {
        VerifyMode::Direct => {
            "The role was entered through STS by a principal that it trusts, as it is meant to be."
        }
        VerifyMode::Probe => {
            "The role trusts somebody else. A role of one's own was let in beside them, under the same external ID, \
             and entered it through STS."
        }
        VerifyMode::Offline => {
            "The role trusts somebody else, as whom nobody here can act. The live trust policy was read and evaluated \
             for them; nobody entered the role."
        }
        VerifyMode::Absence => "IAM was asked in each account whether there is a role of that name.",
    }
}

fn passes_when(check: Check) -> &'static str {
    match check {
        Check::Entered => "STS gives a session of the role, with the external ID where one is specified",
        Check::ExpectedAccount => "the session is of this role, in this account",
        Check::RefusedWithoutExternalId => {
            "STS refuses the same principal without the external ID; asked only where it gets in with it"
        }
        Check::RefusedWithWrongExternalId => "STS refuses it with a wrong one",
        Check::TrustAdmits => "the live trust policy admits whom the specification trusts, by evaluation",
        Check::TrustRefusesWithoutExternalId => "it refuses them without the external ID, by evaluation",
        Check::TrustRefusesWrongExternalId => "it refuses them with a wrong one, by evaluation",
        Check::RoleEqualsSpecification => {
            "trust policy, inline and managed policies, boundary, path, session length, description and tags are as \
             specified; extra is as bad as missing"
        }
        Check::Permissions => {
            "IAM's simulation allows what the role is for and denies what it must not do, where the configuration \
             says what that is"
        }
        Check::NobodyElse => "the trust policy admits nobody whom the specification does not name",
        Check::RoleAbsent => "IAM itself says that there is no role of that name",
    }
}

fn not_proven(mode: VerifyMode) -> &'static [&'static str] {
    const MOMENT: &str = "that it is still so: everything here was seen at the time of the run";
    const WORK: &str = "that the role's permissions suffice for its task: IAM's simulation was asked about the configured \
                        actions alone, and is not asked where none are configured";
    match mode {
        VerifyMode::Direct => &[MOMENT, WORK],
        VerifyMode::Probe => &[
            "that the vendor itself gets in: their principal was not tried, but one beside it",
            MOMENT,
            WORK,
        ],
        VerifyMode::Offline => &[
            "that anybody has entered the role: STS was not asked, and what keeps the trusted party from asking on its \
             own side is not seen",
            MOMENT,
            WORK,
        ],
        VerifyMode::Absence => &["that no role of another name gives the same access", MOMENT],
    }
}
