//! Which reasons of a decision people are told. All of them are kept; this decides nothing.

use super::{Action, Decision, Reason};

impl Decision {
    /// The reasons worth telling: of a rollback none of those for which the exposure would not have been raised.
    pub fn told(&self) -> impl Iterator<Item = &Reason> {
        let is_rollback = match self.action {
            Action::Rollback { .. } => true,
            Action::Advance { .. } | Action::Hold | Action::Pause | Action::Complete => false,
        };
        let reasons = self.reasons.iter();
        reasons.filter(move |reason| !(is_rollback && reason.is_about_raising()))
    }
}

impl Reason {
    /// It only says why nobody else is exposed.
    const fn is_about_raising(&self) -> bool {
        match self {
            Self::Latched { .. }
            | Self::Breached { .. }
            | Self::AssignmentBroken { .. }
            | Self::NoData { .. }
            | Self::PauseBreached { .. }
            | Self::Leaning { .. }
            | Self::BudgetSpent { .. }
            | Self::Warned { .. }
            | Self::StageGone { .. } => false,
            Self::MinDuration { .. }
            | Self::NotRuledOut { .. }
            | Self::Ambient { .. }
            | Self::NoSuccessYet { .. }
            | Self::MaxDurationOver { .. }
            | Self::AheadOfTime { .. }
            | Self::EvidenceRestarts { .. }
            | Self::NextStageSmaller { .. }
            | Self::PreflightContradicted { .. }
            | Self::PreflightWaits { .. }
            | Self::PreflightUnknown
            | Self::PreflightOff
            | Self::Draft { .. }
            | Self::Paused { .. }
            | Self::Frozen { .. }
            | Self::OutsideWindow { .. }
            | Self::Waiting { .. }
            | Self::SurfaceBusy { .. }
            | Self::TargetApart { .. }
            | Self::ApprovalNeeded { .. }
            | Self::Entering { .. }
            | Self::BetweenMoves { .. }
            | Self::NothingSinceMove
            | Self::BudgetHolds { .. }
            | Self::BudgetUnknown
            | Self::TrafficUnknown
            | Self::BudgetTooSmall { .. }
            | Self::Climbing { .. }
            | Self::LastGatePassed
            | Self::AlreadyComplete => true,
        }
    }
}
