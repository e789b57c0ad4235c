//! The `[state]` table as data.

use std::collections::BTreeMap;

use crate::units::{Digest, Exposure, Instant, LogE, Period};

use super::guardrail::Guardrail;
use super::word::words;

words! {
    /// Where a plan stands.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Status {
        /// Nobody is exposed; the next advance enters the stage that is written down. A plan without
        /// any state is pending too; this one has a past, such as a rollback that was retried.
        Pending = "pending",
        /// Exposed and moving.
        Progressing = "progressing",
        /// Exposed and stopped until `rollout resume`.
        Paused = "paused",
        /// Back at its rollback exposure, latched until `rollout retry`.
        RolledBack = "rolled_back",
        /// On its last stage with the gate passed.
        Complete = "complete",
    }
}

/// What must be remembered of earlier stages, by guardrail name: the logarithm of
/// `sum over earlier stages s of w_s * E_s * ... * E_(present - 1)`, so that
/// the rollback evidence of the whole rollout is `E_present * (w_present + carried) + rest`.
pub type CarriedEvidence = BTreeMap<String, LogE>;

/// How noisy the comparison of the arms was in earlier stages, by guardrail name.
pub type ObservedDispersion = BTreeMap<String, Shown>;

/// What earlier stages have shown of a metric's noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    /// A dispersion that the metric's history did not have; judges 1 and 2 kept no more.
    Dispersion(f64),
    /// What was measured.
    Noise(ShownNoise),
}

/// What earlier stages measured, all of them together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownNoise {
    /// Blocks, or clusters of events where those are fewer, that it rests on.
    pub weight: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// Dispersion within an hour.
    pub clumps: f64,
    /// What longer correlation added for each unit of information.
    pub drift: f64,
    /// The least dispersion within an hour that is certain.
    pub least_clumps: f64,
    /// What longer correlation added for certain.
    pub least_drift: f64,
}

/// A person's or a guardrail's stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervention {
    /// `"person"`, or the guardrail's name.
    pub by: Actor,
    /// Since when.
    pub at: Instant,
    /// Why.
    pub reason: Option<String>,
}

/// Who ruled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A human; automation never undoes it.
    Person(String),
    /// A guardrail's breach or missing data.
    Guardrail(String),
}

/// A guardrail whose definition changed within the stage: its evidence starts again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// Its evidence counts from here.
    pub at: Instant,
    /// The definition that counts.
    pub definition: Digest,
}

/// How far a ramp has come. It says all that 200 moves leave behind: whoever wants each of them reads
/// the evidence records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RampProgress {
    /// Moves made, the first exposure included.
    pub moves: u32,
    /// How far along the curve the moves have led: its clock stands while a gate holds the ramp.
    pub progress: Period,
    /// The latest move.
    pub moved_at: Instant,
    /// Excess bad events up to the latest move, estimated on the evidence of the guardrail that
    /// shows most of them; never below zero.
    pub spent: f64,
    /// The part of `spent` that lies before the present evidence, which started again since.
    pub settled: f64,
}

/// Everything `rollout` writes into a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Where the plan stands.
    pub status: Status,
    /// 1-based.
    pub stage: u32,
    /// The share of users who see the change now.
    pub exposure: Exposure,
    /// When this stage was entered.
    pub entered_at: Instant,
    /// Digest of the declared part when the stage was entered.
    pub declared: Digest,
    /// The record of the latest applied decision, relative to the directory.
    pub evidence: Option<String>,
    /// Each guardrail's definition when the stage was entered, by name.
    pub definitions: BTreeMap<String, Digest>,
    /// Guardrails whose evidence started again within the stage, by name.
    pub restarts: BTreeMap<String, Restart>,
    /// Version of the judge whose evidence is carried; states of before there were versions are of 1.
    pub judge: u32,
    /// Evidence of earlier stages.
    pub carried: CarriedEvidence,
    /// What earlier stages have shown of the dispersion against their metrics' history.
    pub dispersion: ObservedDispersion,
    /// Present while paused.
    pub pause: Option<Intervention>,
    /// Who approved leaving the present stage, and when.
    pub approval: Option<Intervention>,
    /// Why the plan was rolled back.
    pub rollback: Option<Intervention>,
    /// How far a ramp has come; stages have none.
    pub ramp: Option<RampProgress>,
}

impl State {
    /// The version of states that do not say one.
    pub const FIRST_JUDGE: u32 = 1;

    /// True when this guardrail is not what it was when its evidence began: it was added or changed
    /// within the stage and no restart is recorded yet. A state without any definitions was written
    /// by hand and says nothing about them.
    #[must_use]
    pub fn outdates(&self, guardrail: &Guardrail) -> bool {
        if self.definitions.is_empty() && self.restarts.is_empty() {
            return false;
        }
        let counted = self
            .restarts
            .get(&guardrail.name)
            .map(|restart| &restart.definition)
            .or_else(|| self.definitions.get(&guardrail.name));
        counted != Some(&guardrail.definition)
    }
}
