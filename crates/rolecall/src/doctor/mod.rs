//! Looks whether everything is there that a roll-out needs, and says what is missing and how to mend it.
//!
//! `look`, `own_roles` and `simulate` talk to AWS and decide nothing; `seen` is what they bring back; `actions` says which
//! permissions deploying takes; `judge` makes a row of everything that was seen. Nothing is written to AWS, and no
//! failure keeps the rest from being looked at.

mod actions;
mod judge;
mod look;
mod own_roles;
mod seen;
mod simulate;

pub(crate) use judge::judge;
pub(crate) use look::Look;
pub(crate) use seen::Position;
