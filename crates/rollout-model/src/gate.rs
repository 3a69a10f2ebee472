//! What has to hold after a wave before the next one begins.

use std::fmt;
use std::time::Duration;

use crate::Share;

/// The gate behind a wave. The last wave of a plan has none to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// What an account of the wave has to have reached.
    pub proceed_when: ProceedWhen,
    /// How many accounts of the wave may fall short of it.
    pub max_failures: Share,
    /// How long to wait after that, so that what was rolled out shows what it does.
    pub soak: Duration,
}

/// What an account has to have reached for the roll-out to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProceedWhen {
    /// Its stack is there. Whether the role works is found out at the end.
    Deployed,
    /// The role is proven.
    Verified,
}

impl Gate {
    /// Lets everything pass at once: the gate behind a wave that nobody configured.
    pub const OPEN: Gate =
        Gate { proceed_when: ProceedWhen::Deployed, max_failures: Share::Percent(100), soak: Duration::ZERO };

    /// Whether the roll-out goes on when so many of the accounts of a wave fell short.
    pub fn lets_pass(&self, failed: usize, accounts: usize) -> bool {
        failed <= self.max_failures.of(accounts)
    }
}

/// Why a gate stays closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateClosed {
    /// How many accounts fell short.
    pub failed: usize,
    /// Of how many.
    pub accounts: usize,
    /// The gate.
    pub gate: Gate,
}

impl fmt::Display for GateClosed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GateClosed { failed, accounts, gate } = self;
        write!(
            formatter,
            "{failed} of {accounts} account{} {} not {}, and `max_failures` allows {}",
            if *accounts == 1 { "" } else { "s" },
            if *failed == 1 { "is" } else { "are" },
            gate.proceed_when,
            gate.max_failures,
        )
    }
}

impl fmt::Display for ProceedWhen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            ProceedWhen::Deployed => "deployed",
            ProceedWhen::Verified => "verified",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_lets_pass_as_many_failures_as_it_allows() {
        let check = |max_failures, failed, accounts, passes| {
            let gate = Gate { max_failures, ..Gate::OPEN };
            assert_eq!(gate.lets_pass(failed, accounts), passes, "{failed} of {accounts}, {max_failures}");
        };
        check(Share::Count(0), 0, 5, true);
        check(Share::Count(0), 1, 5, false);
        check(Share::Count(2), 2, 5, true);
        check(Share::Percent(10), 1, 19, true);
        check(Share::Percent(10), 2, 19, false);
        check(Share::Percent(10), 1, 9, false);
        check(Share::Percent(100), 5, 5, true);
    }
}
