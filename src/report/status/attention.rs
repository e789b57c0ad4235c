//! Who or what a plan needs to go on, read from the reasons why it stays.

use crate::decide::Reason;
use crate::units::{Instant, Period};

/// Who or what is needed, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attention {
    /// Its file has mistakes, or cannot be read.
    Mistakes,
    /// It is rolled back, or would be rolled back or paused.
    Harm,
    /// It stays until a person does something.
    Person,
    /// The next advance moves it.
    Moves,
    /// Time or evidence.
    Waits,
    /// Nobody is exposed, and something holds its beginning.
    NotBegun,
    /// Nothing: it is complete.
    Done,
}

impl Attention {
    /// Every kind, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Mistakes,
        Self::Harm,
        Self::Person,
        Self::Moves,
        Self::Waits,
        Self::NotBegun,
        Self::Done,
    ];

    /// True where a person has to do something.
    #[must_use]
    pub const fn is_for_a_person(self) -> bool {
        match self {
            Self::Mistakes | Self::Harm | Self::Person => true,
            Self::Moves | Self::Waits | Self::NotBegun | Self::Done => false,
        }
    }

    /// Of how many plans it is said, in words: `1 for a person`.
    #[must_use]
    pub fn counted(self, plans: usize) -> String {
        let one = plans == 1;
        let words = match self {
            Self::Mistakes => "with mistakes",
            Self::Harm => "rolled back or harmed",
            Self::Person => "for a person",
            Self::Moves if one => "moves next",
            Self::Moves => "move next",
            Self::Waits if one => "waits",
            Self::Waits => "wait",
            Self::NotBegun => "not begun",
            Self::Done => "complete",
        };
        format!("{plans} {words}")
    }
}

/// Whether a plan that is held by this, and by so many reasons in all, stays until a person does something.
/// An approval is asked for when nothing else is missing.
pub(in crate::report) const fn needs_person(reason: &Reason, of: usize) -> bool {
    match reason {
        Reason::ApprovalNeeded { .. } => of == 1,
        Reason::Latched { .. }
        | Reason::Paused { .. }
        | Reason::TargetApart { .. }
        | Reason::StageGone { .. }
        | Reason::NextStageSmaller { .. }
        | Reason::AheadOfTime { .. }
        | Reason::MaxDurationOver { .. }
        | Reason::PreflightContradicted { .. }
        | Reason::AssignmentBroken { .. }
        | Reason::BudgetTooSmall { .. } => true,
        Reason::Breached { .. }
        | Reason::NoData { .. }
        | Reason::PauseBreached { .. }
        | Reason::Leaning { .. }
        | Reason::NotRuledOut { .. }
        | Reason::Ambient { .. }
        | Reason::NoSuccessYet { .. }
        | Reason::BudgetSpent { .. }
        | Reason::NothingSinceMove
        | Reason::BudgetHolds { .. }
        | Reason::BudgetUnknown
        | Reason::TrafficUnknown
        | Reason::PreflightWaits { .. }
        | Reason::PreflightUnknown
        | Reason::Warned { .. }
        | Reason::MinDuration { .. }
        | Reason::BetweenMoves { .. }
        | Reason::Climbing { .. }
        | Reason::EvidenceRestarts { .. }
        | Reason::PreflightOff
        | Reason::Draft { .. }
        | Reason::Frozen { .. }
        | Reason::OutsideWindow { .. }
        | Reason::Waiting { .. }
        | Reason::SurfaceBusy { .. }
        | Reason::Entering { .. }
        | Reason::LastGatePassed
        | Reason::AlreadyComplete => false,
    }
}

/// The time until this no longer holds the plan, where that is known.
pub(super) fn left(reason: &Reason, now: Instant) -> Option<Period> {
    match reason {
        Reason::MinDuration { left, .. } | Reason::BetweenMoves { left } => Some(*left),
        Reason::NotRuledOut { expected, .. } => *expected,
        Reason::Frozen { until, .. } => Some(Period::between(now, *until)),
        Reason::OutsideWindow { opens, .. } => opens.map(|opens| Period::between(now, opens)),
        Reason::ApprovalNeeded { .. }
        | Reason::Latched { .. }
        | Reason::Paused { .. }
        | Reason::TargetApart { .. }
        | Reason::StageGone { .. }
        | Reason::NextStageSmaller { .. }
        | Reason::AheadOfTime { .. }
        | Reason::MaxDurationOver { .. }
        | Reason::PreflightContradicted { .. }
        | Reason::AssignmentBroken { .. }
        | Reason::BudgetTooSmall { .. }
        | Reason::Breached { .. }
        | Reason::NoData { .. }
        | Reason::PauseBreached { .. }
        | Reason::Leaning { .. }
        | Reason::Ambient { .. }
        | Reason::NoSuccessYet { .. }
        | Reason::BudgetSpent { .. }
        | Reason::NothingSinceMove
        | Reason::BudgetHolds { .. }
        | Reason::BudgetUnknown
        | Reason::TrafficUnknown
        | Reason::PreflightWaits { .. }
        | Reason::PreflightUnknown
        | Reason::Warned { .. }
        | Reason::Climbing { .. }
        | Reason::EvidenceRestarts { .. }
        | Reason::PreflightOff
        | Reason::Draft { .. }
        | Reason::Waiting { .. }
        | Reason::SurfaceBusy { .. }
        | Reason::Entering { .. }
        | Reason::LastGatePassed
        | Reason::AlreadyComplete => None,
    }
}

/// Reasons that only data can answer; without data they would all read as missing.
pub(in crate::report) const fn is_about_evidence(reason: &Reason) -> bool {
    match reason {
        Reason::Breached { .. }
        | Reason::AssignmentBroken { .. }
        | Reason::NoData { .. }
        | Reason::PauseBreached { .. }
        | Reason::Leaning { .. }
        | Reason::NotRuledOut { .. }
        | Reason::Ambient { .. }
        | Reason::NoSuccessYet { .. }
        | Reason::MaxDurationOver { .. }
        | Reason::BudgetSpent { .. }
        | Reason::NothingSinceMove
        | Reason::BudgetHolds { .. }
        | Reason::BudgetUnknown
        | Reason::TrafficUnknown
        | Reason::PreflightContradicted { .. }
        | Reason::PreflightWaits { .. }
        | Reason::PreflightUnknown
        | Reason::BudgetTooSmall { .. }
        | Reason::Warned { .. } => true,
        Reason::Latched { .. }
        | Reason::AheadOfTime { .. }
        | Reason::MinDuration { .. }
        | Reason::BetweenMoves { .. }
        | Reason::Climbing { .. }
        | Reason::EvidenceRestarts { .. }
        | Reason::StageGone { .. }
        | Reason::NextStageSmaller { .. }
        | Reason::PreflightOff
        | Reason::Draft { .. }
        | Reason::Paused { .. }
        | Reason::Frozen { .. }
        | Reason::OutsideWindow { .. }
        | Reason::Waiting { .. }
        | Reason::SurfaceBusy { .. }
        | Reason::ApprovalNeeded { .. }
        | Reason::TargetApart { .. }
        | Reason::Entering { .. }
        | Reason::LastGatePassed
        | Reason::AlreadyComplete => false,
    }
}
