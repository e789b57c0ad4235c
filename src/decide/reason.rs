//! Why a plan moves or stays, as data. Which reason decides is not said here but in `rules`; how it is
//! said to people, in `report::words`.

use crate::judge::{Misassigned, Obstacle};
use crate::plan::Intervention;
use crate::units::{Exposure, Instant, Period};

use super::target::{TargetStanding, TargetState};

/// Why; one variant for each way the rules can come out.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Rule 1: rolled back, and latched.
    Latched {
        /// The plan, for the command to type.
        plan: String,
        /// Who ruled and why, where the state says so.
        ruling: Option<Intervention>,
    },
    /// Rule 3: these rollback guardrails are breached.
    Breached {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 4: users are not assigned as declared.
    AssignmentBroken {
        /// How.
        why: Misassigned,
        /// What it does.
        then: NoDataThen,
    },
    /// Rule 4: these guardrails have no evidence.
    NoData {
        /// Their names.
        guardrails: Vec<String>,
        /// What it does.
        then: NoDataThen,
    },
    /// Rule 5: these pause guardrails are breached.
    PauseBreached {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 6: the stage is too young.
    MinDuration {
        /// The stage.
        stage: u32,
        /// Time left.
        left: Period,
    },
    /// Rule 6: the state speaks of a time that has not come: one of two clocks is wrong.
    AheadOfTime {
        /// The plan, for the command to type.
        plan: String,
        /// When exposure was raised, as the state says.
        raised_at: Instant,
    },
    /// Rule 7: the evidence on these guardrails leans to a breach, without proof.
    Leaning {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 7: harm is not ruled out yet.
    NotRuledOut {
        /// The stage.
        stage: u32,
        /// What is still open.
        guardrails: Vec<String>,
        /// Expected time left at the present rate, the longest of them; `None` when it cannot be
        /// said of each.
        expected: Option<Period>,
    },
    /// Rule 7: beyond an absolute limit, but so is the unexposed arm: not this change's doing.
    Ambient {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 7: a required success metric has not been shown to be better yet.
    NoSuccessYet {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 7: `max_duration` is over without an answer.
    MaxDurationOver {
        /// The stage.
        stage: u32,
        /// What is still open.
        guardrails: Vec<String>,
    },
    /// Rule 7: the definition of these guardrails changed within the stage: their evidence starts
    /// again.
    EvidenceRestarts {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 7: the plan was edited and no longer has the stage that the state names.
    StageGone {
        /// The stage of the state.
        stage: u32,
        /// So many stages are left.
        stages: u32,
    },
    /// Rule 7: the plan was edited so that the next stage would show the change to fewer users.
    NextStageSmaller {
        /// The next stage.
        stage: u32,
        /// Its exposure.
        exposure: Exposure,
        /// The exposure now.
        now: Exposure,
    },
    /// Before the first exposure: what is measured says something else than the plan.
    PreflightContradicted {
        /// What is in the way.
        obstacles: Vec<Obstacle>,
    },
    /// Before the first exposure: there is nothing to judge by yet.
    PreflightWaits {
        /// What is in the way.
        obstacles: Vec<Obstacle>,
    },
    /// Before the first exposure: nothing was asked.
    PreflightUnknown,
    /// `[judge] preflight = false`: said, never decisive.
    PreflightOff,
    /// Rule 8: the plan says of itself that it is a draft.
    Draft {
        /// What is still to be adapted.
        todo: String,
    },
    /// Rule 8: paused.
    Paused {
        /// The plan, for the command to type.
        plan: String,
        /// By whom or what; `None` when the record does not say.
        by: Option<String>,
        /// Why.
        why: Option<String>,
    },
    /// Rule 8: frozen.
    Frozen {
        /// End of the freeze.
        until: Instant,
        /// Why.
        reason: String,
        /// Who to ask.
        owner: Option<String>,
    },
    /// Rule 8: outside the windows.
    OutsideWindow {
        /// Next opening; `None` when no window ever opens.
        opens: Option<Instant>,
        /// The same in the window's own zone.
        local: Option<String>,
    },
    /// Rule 8: another plan is not far enough.
    Waiting {
        /// The other plan.
        plan: String,
        /// Its least exposure.
        at_least: Exposure,
        /// Its exposure now; `None` when there is no such plan.
        now: Option<Exposure>,
    },
    /// Rule 8: another active plan is on the same exclusive surface.
    SurfaceBusy {
        /// The surface.
        surface: String,
        /// The other plan.
        plan: String,
    },
    /// Rule 8: a target was set by somebody, or cannot be written.
    TargetApart {
        /// The plan, for the command to type.
        plan: String,
        /// The target, which holds.
        target: TargetStanding,
    },
    /// Rule 9: a person must approve.
    ApprovalNeeded {
        /// The plan, for the command to type.
        plan: String,
        /// The stage.
        stage: u32,
    },
    /// Rule 10: entering a stage.
    Entering {
        /// The stage.
        stage: u32,
        /// Of so many.
        stages: u32,
        /// Its exposure.
        exposure: Exposure,
    },
    /// Rule 3: the risk budget is spent or would be before the next move, harm is proven, and more
    /// than the margin is estimated.
    BudgetSpent {
        /// The guardrail that shows it.
        guardrail: String,
        /// Estimated excess bad events.
        spent: f64,
        /// As many more are expected until the next move.
        ahead: f64,
        /// Excess bad events tolerated.
        budget: f64,
        /// Back to nobody; `false` pauses, as the guardrail's `on_breach` says.
        rollback: bool,
    },
    /// Rule 6: a ramp moves no more often than every so often.
    BetweenMoves {
        /// Time left.
        left: Period,
    },
    /// Rule 6: nothing was measured since the latest move.
    NothingSinceMove,
    /// Rule 7: what is left of the risk budget does not cover more users yet.
    BudgetHolds {
        /// The exposure now.
        exposure: Exposure,
        /// The strictest guardrail.
        guardrail: String,
        /// The most excess bad events that it does not exclude.
        at_most: f64,
        /// Excess bad events tolerated.
        budget: f64,
        /// The most harm that it does not exclude, for each expected event; `None` is unbounded.
        harm: Option<f64>,
        /// Harm that is tolerated, on the same scale.
        margin: f64,
    },
    /// Rule 7: nothing was measured that the risk budget could be held against.
    BudgetUnknown,
    /// Rule 4: how much traffic there is before the first exposure is not known.
    TrafficUnknown,
    /// Rule 7: not even the least exposure is covered by the risk budget.
    BudgetTooSmall {
        /// The strictest guardrail.
        guardrail: String,
        /// The least exposure.
        least: Exposure,
        /// The most excess bad events until the next move at that exposure.
        cost: f64,
        /// Excess bad events tolerated.
        budget: f64,
        /// The least budget that would do.
        needed: f64,
    },
    /// Rule 10: onto a ramp, or further along it.
    Climbing {
        /// The exposure before.
        now: Exposure,
        /// The exposure after.
        next: Exposure,
        /// The curve's exposure, where the risk budget does not reach so far.
        curve: Option<Exposure>,
    },
    /// Rule 10: the last stage's gate has passed.
    LastGatePassed,
    /// Nothing is left to do.
    AlreadyComplete,
    /// Breached, but `on_breach = "warn"`: said, never decisive.
    Warned {
        /// Their names.
        guardrails: Vec<String>,
    },
}

impl Reason {
    /// What stands between guardrails and their evidence, where that is the reason.
    #[must_use]
    pub fn obstacles(&self) -> &[Obstacle] {
        if let Self::PreflightContradicted { obstacles } | Self::PreflightWaits { obstacles } = self
        {
            obstacles
        } else {
            &[]
        }
    }

    /// The word by which programs and records know it; it stays when the sentence is reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Latched { .. } => "latched",
            Self::Breached { .. } => "breached",
            Self::AssignmentBroken { .. } => "assignment-broken",
            Self::NoData { .. } => "no-data",
            Self::PauseBreached { .. } => "pause-breached",
            Self::MinDuration { .. } => "min-duration",
            Self::AheadOfTime { .. } => "ahead-of-time",
            Self::Leaning { .. } => "leaning",
            Self::NotRuledOut { .. } => "not-ruled-out",
            Self::Ambient { .. } => "ambient",
            Self::NoSuccessYet { .. } => "no-success-yet",
            Self::MaxDurationOver { .. } => "max-duration-over",
            Self::EvidenceRestarts { .. } => "evidence-restarts",
            Self::StageGone { .. } => "stage-gone",
            Self::NextStageSmaller { .. } => "next-stage-smaller",
            Self::PreflightContradicted { .. } => "preflight-contradicted",
            Self::PreflightWaits { .. } => "preflight-waits",
            Self::PreflightUnknown => "preflight-unknown",
            Self::PreflightOff => "preflight-off",
            Self::Draft { .. } => "draft",
            Self::Paused { .. } => "paused",
            Self::Frozen { .. } => "frozen",
            Self::OutsideWindow { .. } => "outside-window",
            Self::Waiting { .. } => "waiting",
            Self::SurfaceBusy { .. } => "surface-busy",
            Self::TargetApart { target, .. } => match target.state {
                TargetState::AsTold | TargetState::Lags { .. } => "target-lags",
                TargetState::Braked { .. } => "target-braked",
                TargetState::Off => "target-off",
                TargetState::Raised { .. } => "target-raised",
                TargetState::Overruled { .. } => "target-overruled",
                TargetState::Changed { .. } => "target-changed",
                TargetState::Unreadable { .. } => "target-unreadable",
            },
            Self::ApprovalNeeded { .. } => "approval-needed",
            Self::Entering { .. } => "entering",
            Self::BudgetSpent { .. } => "budget-spent",
            Self::BetweenMoves { .. } => "between-moves",
            Self::NothingSinceMove => "nothing-since-move",
            Self::BudgetHolds { .. } => "budget-holds",
            Self::BudgetUnknown => "budget-unknown",
            Self::TrafficUnknown => "traffic-unknown",
            Self::BudgetTooSmall { .. } => "budget-too-small",
            Self::Climbing { .. } => "climbing",
            Self::LastGatePassed => "last-gate-passed",
            Self::AlreadyComplete => "already-complete",
            Self::Warned { .. } => "warned",
        }
    }
}

/// What missing or void evidence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDataThen {
    /// Stay.
    Hold,
    /// Stay for now; roll back when it stays so for this long.
    RollbackIn(Period),
    /// Stop until a person resumes.
    Pause,
    /// Back to nobody: it has been missing for too long.
    Rollback,
}
