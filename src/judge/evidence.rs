//! Evidence as the kinds of metrics produce it and the verdicts consume it: one number a look.

use crate::stats::Scored;
use crate::units::LogE;

use super::far_end::Measured;
use super::measure::SeenNoise;
use super::noise;
use super::timetable::Permits;
use super::{ArmTotals, Belief, Boundaries, Issue, Of, Scale, Undecided};

/// Evidence from comparing the arms within the present stage. The vectors have one entry for each
/// look, which is the end of each judged block.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    /// Evidence of harm beyond the margin; all zero where there is no margin to breach.
    pub(super) breach: Vec<LogE>,
    /// Evidence that harm of the size to rule out is absent; empty where nothing must be ruled out.
    pub(super) pass: Vec<LogE>,
    /// The arms' difference wanders for hours, so that the next stage may show the same by the same
    /// accident: evidence of stages is not multiplied.
    pub(super) wanders: bool,
    /// How far each thing that must be ruled out is from being seen, at each look; no trail where nothing
    /// must be, `None` where there is too little to say.
    pub(super) scores: Vec<Vec<Option<Scored>>>,
    /// Whether they pass, where their error is spent over looks.
    pub(super) permits: Permits,
    /// The factor by which a pass is tempered, at the last look: never below what others have shown.
    pub(super) pass_dispersion: f64,
    /// On what an interval's end is found that a pass excludes beyond.
    pub(super) measured: Measured,
    /// Whether there is enough exposure for a pass to mean something, at each look.
    pub(super) enough: Vec<bool>,
    /// How far the arms lie beyond the margin, in standard errors, at each look; `None` where there
    /// is no margin, or nothing could have been seen.
    pub(super) leans: Vec<Option<f64>>,
    /// The factor by which evidence was tempered, at each look.
    pub(super) dispersion: Vec<f64>,
    /// What that was weighed with at the last look; `None` where nothing is believed.
    pub(super) belief: Option<Belief>,
    /// What the stage has shown of its noise; `None` where that is not measured in events.
    pub(super) seen: Option<noise::Seen>,
    /// Expected exposed events, or blocks, still wanting at the last look before anything may pass;
    /// as a share of what there is.
    pub(super) shortfall: f64,
    /// Blocks taken in by now where so many are needed before anything is said; `None` for counts.
    pub(super) of_blocks: Option<f64>,
    /// Which bucket bounds are compared; `None` for what has none.
    pub(super) boundaries: Option<Boundaries>,
    /// What the shares or means are of, where that needs saying.
    pub(super) of: Option<Of>,
    /// Scale of the numbers below.
    pub(super) scale: Scale,
    /// Point estimate.
    pub(super) estimate: Option<f64>,
    /// Anytime-valid interval.
    pub(super) lower: Option<f64>,
    /// Anytime-valid interval.
    pub(super) upper: Option<f64>,
    /// The exposed arm.
    pub(super) exposed: ArmTotals,
    /// The unexposed arm.
    pub(super) unexposed: Option<ArmTotals>,
}

impl Comparison {
    /// What is told of the noise of counts; nothing, where another test decides.
    pub(super) fn noise(&self) -> Option<SeenNoise> {
        self.belief.and(self.seen).map(|seen| seen.noise)
    }

    /// No look yet at arms that add up to these.
    pub(super) fn nothing(exposed: ArmTotals, unexposed: ArmTotals) -> Self {
        Self {
            breach: Vec::new(),
            pass: Vec::new(),
            scores: Vec::new(),
            wanders: false,
            permits: Permits::default(),
            pass_dispersion: 1.0,
            measured: Measured::Fixed,
            enough: Vec::new(),
            leans: Vec::new(),
            dispersion: Vec::new(),
            belief: None,
            seen: None,
            shortfall: 0.0,
            of_blocks: None,
            boundaries: None,
            of: None,
            scale: Scale::Ratio,
            estimate: None,
            lower: None,
            upper: None,
            exposed,
            unexposed: Some(unexposed),
        }
    }
}

/// Evidence against an absolute limit, one entry for each look.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LimitEvidence {
    /// Evidence that the exposed arm is beyond the limit.
    pub(super) breach: Vec<LogE>,
    /// Evidence that it is within.
    pub(super) pass: Vec<LogE>,
    /// How far the exposed arm lies beyond the limit, in standard errors.
    pub(super) leans: Vec<Option<f64>>,
    /// The unexposed arm is beyond it too: an ambient incident.
    pub(super) ambient: Vec<bool>,
    /// The exposed arm.
    pub(super) exposed: ArmTotals,
    /// Tempering factor at the last look.
    pub(super) dispersion: f64,
    /// As of a comparison.
    pub(super) wanders: bool,
    /// Where the buckets cannot decide.
    pub(super) undecided: Option<Undecided>,
    /// Why nothing at all can be said about the limit: it is never kept then.
    pub(super) undecidable: Option<Issue>,
}

impl LimitEvidence {
    /// Evidence that counts against the exposed arm: none while the incident is ambient.
    pub(super) fn charged(&self, look: usize) -> f64 {
        if self.ambient[look] {
            0.0
        } else {
            self.breach[look].0
        }
    }
}

/// Everything known of one guardrail at each look of the present stage.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// Block ends: the looks.
    pub(super) ends: Vec<i64>,
    /// The comparison with the unexposed arm.
    pub(super) comparison: Option<Comparison>,
    /// The absolute limit.
    pub(super) limit: Option<LimitEvidence>,
}

impl Evidence {
    /// Evidence against this guardrail at a look: the average over its tests, as an e-value.
    pub(super) fn harm(&self, look: usize) -> f64 {
        match (&self.comparison, &self.limit) {
            (Some(comparison), Some(limit)) => {
                0.5 * (comparison.breach[look].0.exp() + limit.charged(look).exp())
            }
            (Some(comparison), None) => comparison.breach[look].0.exp(),
            (None, Some(limit)) => limit.charged(look).exp(),
            (None, None) => 1.0,
        }
    }

    /// Whether a margin and a limit share it.
    pub(super) const fn is_shared(&self) -> bool {
        self.comparison.is_some() && self.limit.is_some()
    }

    /// Whether the evidence of stages is not multiplied.
    pub(super) fn wanders(&self) -> bool {
        self.comparison.as_ref().is_some_and(|c| c.wanders)
            || self.limit.as_ref().is_some_and(|limit| limit.wanders)
    }

    /// [`Evidence::harm`] at the last look; 1 before the first.
    pub(super) fn harm_now(&self) -> f64 {
        self.ends
            .len()
            .checked_sub(1)
            .map_or(1.0, |last| self.harm(last))
    }
}
