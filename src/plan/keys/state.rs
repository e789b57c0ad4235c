//! The keys of `[state]`, which only `rollout` writes.

use crate::plan::model::word::words;

words! {
    /// A key of `[state]`, in the order in which they are written.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum StateKey {
        /// Where the rollout stands.
        Status = "status",
        /// The stage it is in.
        Stage = "stage",
        /// Percent of users who see the change.
        Exposure = "exposure",
        /// When the stage was entered.
        EnteredAt = "entered_at",
        /// Digest of the declared part.
        Declared = "declared",
        /// Name of the record that backs the state.
        Evidence = "evidence",
        /// How far a ramp has come.
        Ramp = "ramp",
        /// Version of the judge, where it is not the first.
        Judge = "judge",
        /// Evidence carried over from earlier stages, by guardrail.
        Carried = "carried",
        /// What earlier stages showed of the noise, by guardrail.
        Dispersion = "dispersion",
        /// Digests of the guardrails' definitions.
        Definitions = "definitions",
        /// Guardrails whose evidence started again within the stage.
        Restarts = "restarts",
        /// Who paused, when and why.
        Pause = "pause",
        /// Who approved, when and why.
        Approval = "approval",
        /// Who or what rolled back, when and why.
        Rollback = "rollback",
    }
}

impl StateKey {
    /// Every state has this key; others are there when there is something to say.
    #[must_use]
    pub const fn is_required(self) -> bool {
        match self {
            Self::Status | Self::Stage | Self::Exposure | Self::EnteredAt | Self::Declared => true,
            Self::Evidence
            | Self::Ramp
            | Self::Judge
            | Self::Carried
            | Self::Dispersion
            | Self::Definitions
            | Self::Restarts
            | Self::Pause
            | Self::Approval
            | Self::Rollback => false,
        }
    }
}
