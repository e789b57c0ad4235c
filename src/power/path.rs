//! The expected evidence of one guardrail over time, in one stage.
//!
//! The judge's log likelihood ratios are linear in the counts, so on expected counts they grow in a
//! straight line; what bends is the dispersion, which starts at its prior and comes to what is
//! measured. Following that path to the evidence needed gives the time at which half of all
//! rollouts are there, closely: `forecast`'s tests hold it against simulated rollouts.

use crate::judge::planning::{LEAST_EXPECTED, breach_gain, pass_gain};
use crate::stats::{FROM_THE_START, GRID, Prior, TwoArmBlock, average};
use crate::units::{Effect, LogE, Period, Worse};

use super::Load;

/// Nothing is planned for longer; what takes longer never happens.
pub(super) const NEVER: f64 = 366.0 * 86_400.0;

/// Harm beyond this factor is found at once if it is found at all: the farthest alternative is 20.
const LARGEST: f64 = 50.0;

/// A guardrail in a stage with its traffic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    pub(super) load: Load,
    /// The share of traffic that is exposed, above 0 and below 1.
    pub(super) share: f64,
    pub(super) block: Period,
    /// Blocks that are not judged.
    pub(super) warmup: u32,
    pub(super) worse: Worse,
    /// Evidence that proves a breach.
    pub(super) breach_needs: LogE,
    /// Evidence that rules harm out.
    pub(super) pass_needs: LogE,
}

impl Path {
    /// Seconds until harm of this factor is proven to be beyond the margin.
    pub(super) fn breach_after(&self, factor: f64, margin: Effect) -> Option<f64> {
        let second = self.second(factor);
        let gain = breach_gain(margin, self.worse, &second);
        self.first(&second, |time, dispersion| {
            self.breach_evidence(&gain, time, dispersion) >= self.breach_needs.0
        })
    }

    /// The expected evidence of a breach after so many judged seconds.
    pub(super) fn breach_at(&self, factor: f64, margin: Effect, time: f64) -> LogE {
        let second = self.second(factor);
        let gain = breach_gain(margin, self.worse, &second);
        LogE(self.breach_evidence(&gain, time, self.dispersion(&second, time)))
    }

    /// Seconds until harm of the size `rule_out` is ruled out while the truth is this factor.
    pub(super) fn pass_after(&self, factor: f64, rule_out: Effect) -> Option<f64> {
        let second = self.second(factor);
        let gain = pass_gain(rule_out, self.worse, &second);
        let expected = (second.exposed_events + second.unexposed_events) * self.share;
        self.first(&second, |time, dispersion| {
            expected * time >= LEAST_EXPECTED
                && log_average(&gain, time, dispersion) >= self.pass_needs.0
        })
    }

    /// The smallest factor of harm that is proven within this time.
    pub(super) fn smallest(&self, margin: Effect, within: Period) -> Option<f64> {
        let within = f64::from(within.seconds());
        least(|factor| {
            self.breach_after(factor, margin)
                .is_some_and(|time| time <= within)
        })
    }

    /// The smallest factor of harm that a harmless change rules out within this time.
    pub(super) fn affordable(&self, within: Period) -> Option<f64> {
        let within = f64::from(within.seconds());
        least(|factor| {
            self.pass_after(1.0, Effect::Ratio(factor))
                .is_some_and(|time| time <= within)
        })
    }

    /// Excess bad events for each exposed unit of traffic.
    pub(super) fn excess(&self, factor: f64) -> f64 {
        match self.worse {
            Worse::Higher => self.load.baseline * (factor - 1.0),
            // Fewer good events.
            Worse::Lower => self.load.baseline * (1.0 - 1.0 / factor),
        }
    }

    /// Seconds at the start of the stage that are not judged.
    pub(super) fn warmup_seconds(&self) -> f64 {
        f64::from(self.warmup) * f64::from(self.block.seconds())
    }

    fn breach_evidence(&self, gain: &[f64; GRID], time: f64, dispersion: f64) -> f64 {
        let e = FROM_THE_START * log_average(gain, time, dispersion).exp() + 1.0 - FROM_THE_START;
        e.ln()
    }

    /// What is expected within one second when the exposed arm is worse by this factor.
    fn second(&self, factor: f64) -> TwoArmBlock {
        let exposed = self.load.per_second * self.share;
        let unexposed = self.load.per_second * (1.0 - self.share);
        let rate = match self.worse {
            Worse::Higher => self.load.baseline * factor,
            Worse::Lower => self.load.baseline / factor,
        };
        TwoArmBlock {
            exposed_events: exposed * rate,
            exposed_total: exposed,
            unexposed_events: unexposed * self.load.baseline,
            unexposed_total: unexposed,
        }
    }

    fn dispersion(&self, second: &TwoArmBlock, time: f64) -> f64 {
        let blocks = time / f64::from(self.block.seconds().max(1));
        let expected = (second.exposed_events + second.unexposed_events) * self.share * time;
        Prior::UNKNOWN.foreseen(self.load.dispersion, blocks, expected)
    }

    /// The end of the first block, in seconds since the stage was entered, at which this holds for
    /// the judged time and the dispersion by then.
    fn first(&self, second: &TwoArmBlock, holds: impl Fn(f64, f64) -> bool) -> Option<f64> {
        let block = f64::from(self.block.seconds().max(1));
        let at = |blocks: f64| {
            let time = blocks * block;
            holds(time, self.dispersion(second, time))
        };
        let most = (NEVER / block).floor();
        if !at(most) {
            return None;
        }
        let (mut before, mut after) = (0.0_f64, most);
        while after - before > 1.0 {
            let middle = (0.5 * (before + after)).floor();
            if at(middle) {
                after = middle;
            } else {
                before = middle;
            }
        }
        Some(after * block + self.warmup_seconds())
    }
}

/// The least factor for which this holds; it must hold for all larger ones.
fn least(holds: impl Fn(f64) -> bool) -> Option<f64> {
    if !holds(LARGEST) {
        return None;
    }
    let (mut fails, mut works) = (0.0_f64, LARGEST.ln());
    // Halving so often is finer than any display.
    for _ in 0..24 {
        let middle = 0.5 * (fails + works);
        if holds(middle.exp()) {
            works = middle;
        } else {
            fails = middle;
        }
    }
    Some(works.exp())
}

fn log_average(gain: &[f64; GRID], time: f64, dispersion: f64) -> f64 {
    average(&gain.map(|g| g * time), &[0.0; GRID], dispersion).ln()
}
