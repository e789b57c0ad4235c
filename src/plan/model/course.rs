//! How exposure grows: stages with a gate each, or a ramp.

use std::collections::BTreeMap;

use crate::units::{Effect, Exposure, Period};

use super::guardrail::Guardrail;
use super::word::words;

/// How exposure grows.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// In stages; at least one, with increasing exposure.
    Stages(Vec<Stage>),
    /// Continuously.
    Ramp(Ramp),
}

/// A target exposure with its own gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The share of users who see the change.
    pub exposure: Exposure,
    /// Not left before this.
    pub min_duration: Period,
    /// After this without an answer a person decides.
    pub max_duration: Option<Period>,
    /// The harm that must be ruled out to leave the stage.
    pub rule_out: RuleOut,
    /// A person must approve leaving the stage.
    pub approval: bool,
}

/// The harm that must be ruled out to leave a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleOut {
    /// Each guardrail's own margin.
    Margin,
    /// No breach is enough.
    Nothing,
    /// This size, on the ratio scale, for every guardrail whose margin is relative.
    Every(Effect),
    /// By guardrail name; the others keep their own margin.
    Named(BTreeMap<String, Effect>),
}

impl RuleOut {
    /// The size to rule out for this guardrail; `None` when no breach is enough.
    #[must_use]
    pub fn of(&self, guardrail: &Guardrail) -> Option<Effect> {
        match self {
            Self::Margin => guardrail.margin,
            Self::Nothing => None,
            Self::Every(effect) => match guardrail.margin {
                Some(margin) if !margin.is_relative() => Some(margin),
                Some(_) | None => Some(*effect),
            },
            Self::Named(sizes) => sizes
                .get(&guardrail.name)
                .map(|size| guardrail.metric.kind.in_seconds(*size))
                .or(guardrail.margin),
        }
    }
}

/// Exposure that grows continuously.
#[derive(Debug, Clone, PartialEq)]
pub struct Ramp {
    /// First exposure.
    pub from: Exposure,
    /// Last exposure.
    pub to: Exposure,
    /// The time from first to last when nothing holds it.
    pub over: Period,
    /// Shape.
    pub curve: Curve,
    /// Never more often than this; `None` is auto: as soon as there is evidence enough.
    pub every: Option<Period>,
    /// What sets the pace.
    pub pace: Pace,
}

impl Ramp {
    /// The curve, so many seconds after its start, in percent.
    #[must_use]
    pub fn percent_at(&self, seconds: f64) -> f64 {
        let whole = f64::from(self.over.seconds());
        let (from, to) = (self.from.percent(), self.to.percent());
        if seconds >= whole {
            return to;
        }
        let share = seconds / whole;
        match self.curve {
            Curve::Linear => from + (to - from) * share,
            Curve::Geometric if from > 0.0 => from * (to / from).powf(share),
            // From nobody there is no factor to anybody.
            Curve::Geometric => to,
        }
    }

    /// Its curve in so many pieces of equal length, as stages with the exposure each begins with.
    #[must_use]
    pub fn pieces(&self, pieces: u32) -> Vec<Stage> {
        let pieces = pieces.max(1);
        let mut stages: Vec<Stage> = (0..pieces)
            .map(|piece| {
                let done = f64::from(piece) / f64::from(pieces);
                let percent = self.percent_at(done * f64::from(self.over.seconds()));
                Stage {
                    exposure: Exposure::floor_percent(percent),
                    min_duration: Period::from_seconds(self.over.seconds() / pieces),
                    max_duration: None,
                    rule_out: RuleOut::Nothing,
                    approval: false,
                }
            })
            .collect();
        stages.dedup_by_key(|stage| stage.exposure);
        stages
    }
}

words! {
    /// Shape of a ramp.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Curve {
        /// Equal factors in equal times.
        Geometric = "geometric",
        /// Equal steps in equal times.
        Linear = "linear",
    }
}

words! {
    /// What sets the pace of a ramp, as a word.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PaceWord {
        /// The clock.
        Fixed = "fixed",
        /// The evidence.
        Adaptive = "adaptive",
    }
}

/// What sets the pace of a ramp.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// The clock.
    Fixed,
    /// The evidence, within a budget of expected excess bad events over the whole rollout.
    Adaptive {
        /// Excess bad events tolerated.
        risk_budget: f64,
    },
}
