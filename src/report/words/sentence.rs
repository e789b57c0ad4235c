//! Facts are displayed as sentences of one line each, whatever names, reasons and answers of servers are
//! in them: what somebody else wrote is escaped here, for all of them.

use std::fmt;

use crate::decide::by_hand::Refusal;
use crate::decide::{Reason, TargetStanding};
use crate::judge::doctor::Fault;
use crate::judge::{Issue, Misassigned, Obstruction, Why};
use crate::power::{Asked, Unforeseen};
use crate::snapshot::{EvidenceIssue, Unsplit};
use crate::units::Foreign;

/// A fact that has words.
pub(super) trait Sentence {
    /// Says it, with what others wrote as it is.
    ///
    /// # Errors
    /// When the formatter fails.
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A fact as it was written by whoever it speaks of.
struct Unescaped<'a, T>(&'a T);

impl<T: Sentence> fmt::Display for Unescaped<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.words(f)
    }
}

/// Displays facts as sentences that may be shown.
macro_rules! displayed {
    ($($fact:ty),+ $(,)?) => {$(
        impl fmt::Display for $fact {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Foreign(Unescaped(self)).fmt(f)
            }
        }
    )+};
}

displayed![
    Asked,
    EvidenceIssue,
    Fault,
    Issue,
    Misassigned,
    Obstruction,
    Reason,
    Refusal,
    TargetStanding,
    Unforeseen,
    Unsplit,
    Why,
];
