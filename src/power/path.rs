//! The expected evidence of one guardrail over time, in one stage.
//!
//! The judge's log likelihood ratios are linear in the counts, so on expected counts they grow in a
//! straight line; what bends is the dispersion, which starts at its prior and comes to what is
//! measured. Following that path to the evidence needed gives the time at which half of all
//! rollouts are there, closely: `forecast`'s tests hold it against simulated rollouts.

use statrs::distribution::{ContinuousCDF as _, Normal};

use crate::judge::planning::{Counting, LEAST_CLUSTERS, Timetable, beyond_gain, within_gain};
use crate::plan::Kind;
use crate::stats::{
    Alternatives, FROM_THE_START, Foreseen, GRID, OneArmBlock, Scored, TwoArmBlock, average,
};
use crate::units::{Effect, Exposure, LogE, Period, Worse};

use super::contrast::{Contrast, Expected, Levels, Side};
use super::{Asked, Load};

/// Nothing is planned for longer; what takes longer never happens.
pub(super) const NEVER: f64 = 366.0 * 86_400.0;

/// Harm beyond this factor is found at once if it is found at all: the farthest alternative is 20.
const LARGEST: f64 = 50.0;

/// A guardrail in a stage with its traffic.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) load: Load,
    pub(super) kind: Kind,
    /// What a comparison counts.
    pub(super) counting: Counting,
    /// What the evidence of a level is expected to be; `None` for all else.
    pub(super) levels: Option<Levels>,
    pub(super) exposure: Exposure,
    pub(super) block: Period,
    /// Blocks that are not judged.
    pub(super) warmup: u32,
    /// Seconds in which nothing can be judged: one block alone does not show how much blocks vary.
    pub(super) floor: f64,
    /// The judged blocks after them in which only gross harm counts.
    pub(super) gross: Gross,
    /// Evidence that proves a breach.
    pub(super) breach_needs: LogE,
    /// Evidence that rules harm out, or a limit.
    pub(super) pass_needs: LogE,
    /// When a pass is looked for; `None` where that is at any time.
    pub(super) timetable: Option<Timetable>,
}

/// The first part of a stage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gross {
    /// Judged blocks.
    pub(super) blocks: f64,
    /// Deviation of the log rate that is granted in them.
    pub(super) granted: f64,
}

impl Path {
    /// Seconds until harm of this factor is proven to be beyond what is tolerated.
    pub(super) fn breach_after(&self, factor: f64, tolerated: Asked) -> Option<f64> {
        let evidence = self.evidence(factor, tolerated, Side::Breach);
        self.first(|blocks| breach(evidence(blocks)) >= self.breach_needs.0)
    }

    /// The expected evidence of a breach after so many judged seconds.
    pub(super) fn breach_at(&self, factor: f64, tolerated: Asked, time: f64) -> LogE {
        let evidence = self.evidence(factor, tolerated, Side::Breach);
        LogE(breach(evidence(time / self.block_seconds())))
    }

    /// Seconds until what is asked is ruled out while the truth is this factor.
    pub(super) fn pass_after(&self, factor: f64, asked: Asked) -> Option<f64> {
        match (self.timetable, asked) {
            (Some(timetable), Asked::Harm(effect)) => {
                let mut looks = timetable.ahead(self.score(factor, effect));
                let passed = |better: Option<f64>| better.is_some_and(|better| better >= 0.0);
                let found = looks.find(|(age, better)| passed(*better) || *age > NEVER);
                found
                    .filter(|(_, better)| passed(*better))
                    .map(|(age, _)| age)
            }
            (None, Asked::Harm(_)) | (_, Asked::Limit(_)) => self.proven_after(factor, asked),
        }
    }

    /// By how much a pass of a harmless change is expected to be better than it need be, at each look; and
    /// when, in seconds.
    pub(super) fn looks(&self, asked: Effect) -> Option<impl Iterator<Item = (f64, Option<f64>)>> {
        Some(self.timetable?.ahead(self.score(1.0, asked)))
    }

    /// The expected score at an age of the stage.
    fn score(&self, factor: f64, asked: Effect) -> impl Fn(f64) -> Option<Scored> + use<> {
        let path = self.clone();
        let second = self.counting.block(&self.second(factor));
        let contrast = self.contrast(factor, Asked::Harm(asked), Side::Pass);
        move |age| {
            let blocks = ((age - path.warmup_seconds()) / path.block_seconds()).floor();
            if blocks <= 0.0 {
                return None;
            }
            if let Some(contrast) = &contrast {
                return contrast.scored(blocks);
            }
            let time = blocks * path.block_seconds();
            let all = TwoArmBlock {
                exposed_events: second.exposed_events * time,
                exposed_total: second.exposed_total * time,
                unexposed_events: second.unexposed_events * time,
                unexposed_total: second.unexposed_total * time,
            };
            let expected = (all.exposed_events + all.unexposed_events) * all.share();
            let foreseen = path.foreseen(blocks, &second, Asked::Harm(asked));
            let dispersion = path.load.belief.foreseen(&foreseen);
            if expected < LEAST_CLUSTERS * dispersion {
                return None;
            }
            path.counting.pass_score(asked, &all, dispersion)
        }
    }

    fn proven_after(&self, factor: f64, asked: Asked) -> Option<f64> {
        let evidence = self.evidence(factor, asked, Side::Pass);
        let second = self.counting.block(&self.second(factor));
        let counted = match asked {
            Asked::Harm(_) => self.kind.is_counted(),
            Asked::Limit(_) => false,
        };
        let enough = |blocks: f64| {
            let foreseen = self.foreseen(blocks, &second, asked);
            let needed = LEAST_CLUSTERS * self.load.belief.foreseen(&foreseen);
            !counted || foreseen.expected * blocks >= needed
        };
        self.first(|blocks| enough(blocks) && evidence(blocks) >= self.pass_needs.0)
    }

    /// The smallest factor of harm that is proven within this time.
    pub(super) fn smallest(&self, tolerated: Asked, within: Period) -> Option<f64> {
        let within = f64::from(within.seconds());
        least(|factor| {
            self.breach_after(factor, tolerated)
                .is_some_and(|time| time <= within)
        })
    }

    /// The smallest factor of harm that a harmless change rules out within this time, in each of so many
    /// guardrails that are alike.
    pub(super) fn affordable(&self, within: Period, guardrails: u32) -> Option<f64> {
        let within = f64::from(within.seconds());
        let spare = spare(guardrails);
        least(|factor| {
            let asked = Effect::Ratio(factor);
            let Some(looks) = self.looks(asked) else {
                let after = self.pass_after(1.0, Asked::Harm(asked));
                return after.is_some_and(|time| time <= within);
            };
            looks
                .take_while(|(age, _)| *age <= within)
                .any(|(_, better)| better.is_some_and(|better| better >= spare))
        })
    }

    /// The share of traffic that is exposed.
    pub(super) fn share(&self) -> f64 {
        self.exposure.share()
    }

    /// Excess bad events for each exposed unit of traffic.
    pub(super) fn excess(&self, factor: f64) -> f64 {
        (self.level(factor) - self.load.baseline).abs()
    }

    /// Seconds at the start of the stage that are not judged.
    pub(super) fn warmup_seconds(&self) -> f64 {
        f64::from(self.warmup) * self.block_seconds()
    }

    fn block_seconds(&self) -> f64 {
        f64::from(self.block.seconds().max(1))
    }

    /// The length of a block over five minutes.
    fn scale(&self) -> f64 {
        self.block_seconds() / 300.0
    }

    /// The exposed arm's rate, mean or level at this factor of harm.
    fn level(&self, factor: f64) -> f64 {
        match self.kind.worse() {
            Worse::Higher => self.load.baseline * factor,
            Worse::Lower => self.load.baseline / factor,
        }
    }

    /// Of means and levels; `None` for counts.
    fn contrast(&self, factor: f64, asked: Asked, side: Side) -> Option<Contrast> {
        let expected = Expected {
            worse: self.kind.worse(),
            baseline: self.load.baseline,
            level: self.level(factor),
            terms: self.load.per_second * self.block_seconds(),
            share: self.share(),
            block_seconds: self.block_seconds(),
            scatter: self.load.scatter,
            levels: self.levels.as_ref(),
        };
        Contrast::of(&expected, asked, side)
    }

    /// What is foreseen of a stage after so many blocks; `second` is what is counted within one.
    fn foreseen(&self, blocks: f64, second: &TwoArmBlock, asked: Asked) -> Foreseen {
        let (arm, unexposed) = match asked {
            Asked::Harm(_) => {
                let both = second.exposed_events + second.unexposed_events;
                (both * second.share(), 1.0 - second.share())
            }
            Asked::Limit(_) => (second.exposed_events, 1.0),
        };
        Foreseen {
            truth: self.load.dispersion,
            blocks,
            expected: arm * self.block_seconds(),
            unexposed,
            scale: self.scale(),
            gross_blocks: self.gross.blocks,
            granted: self.gross.granted,
        }
    }

    /// The expected evidence after so many judged blocks.
    fn evidence(&self, factor: f64, asked: Asked, side: Side) -> impl Fn(f64) -> f64 + use<> {
        let path = self.clone();
        let second = match asked {
            Asked::Harm(_) => self.counting.block(&self.second(factor)),
            Asked::Limit(_) => self.second(factor),
        };
        let gain = self.gain(&second, asked, side);
        let contrast = self.contrast(factor, asked, side);
        move |blocks| {
            if let Some(contrast) = &contrast {
                return contrast.log_e(blocks);
            }
            let (block, belief) = (path.block_seconds(), &path.load.belief);
            let foreseen = path.foreseen(blocks, &second, asked);
            match (asked, side) {
                (Asked::Harm(_), Side::Breach) => {
                    belief.foreseen_harm(&gain.map(|g| g * block), &foreseen)
                }
                (Asked::Harm(_), Side::Pass) | (Asked::Limit(_), _) => {
                    let sums = gain.map(|g| g * block * blocks);
                    average(&sums, &[0.0; GRID], belief.foreseen(&foreseen)).ln()
                }
            }
        }
    }

    /// What one second adds to the log likelihood ratios of counts.
    fn gain(&self, second: &TwoArmBlock, asked: Asked, side: Side) -> Alternatives {
        let exposed = OneArmBlock {
            events: second.exposed_events,
            total: second.exposed_total,
        };
        match (asked, side) {
            (Asked::Harm(effect), Side::Breach) => self.counting.breach_gain(effect, second),
            (Asked::Harm(effect), Side::Pass) => self.counting.pass_gain(effect, second),
            (Asked::Limit(limit), Side::Breach) => beyond_gain(limit.value, self.kind, &exposed),
            (Asked::Limit(limit), Side::Pass) => within_gain(limit.value, self.kind, &exposed),
        }
    }

    /// What is expected within one second when the exposed arm is worse by this factor.
    fn second(&self, factor: f64) -> TwoArmBlock {
        let exposed = self.load.per_second * self.share();
        let unexposed = self.load.per_second * (1.0 - self.share());
        TwoArmBlock {
            exposed_events: exposed * self.level(factor),
            exposed_total: exposed,
            unexposed_events: unexposed * self.load.baseline,
            unexposed_total: unexposed,
        }
    }

    /// The end of the first block, in seconds since the stage was entered, at which this holds for
    /// the judged blocks by then.
    fn first(&self, holds: impl Fn(f64) -> bool) -> Option<f64> {
        let block = self.block_seconds();
        let most = (NEVER / block).floor();
        if !holds(most) {
            return None;
        }
        let (mut before, mut after) = (0.0_f64, most);
        while after - before > 1.0 {
            let middle = (0.5 * (before + after)).floor();
            if holds(middle) {
                after = middle;
            } else {
                before = middle;
            }
        }
        Some((after * block + self.warmup_seconds()).max(self.floor))
    }
}

/// What an expected score must be better than needed, so that so many independent ones pass together more
/// likely than not.
pub(super) fn spare(guardrails: u32) -> f64 {
    let each = 0.5_f64.powf(1.0 / f64::from(guardrails.max(1)));
    Normal::standard().inverse_cdf(each)
}

/// The chance of a score to pass that is expected to be better than needed by so much.
pub(super) fn chance(better: f64) -> f64 {
    Normal::standard().cdf(better)
}

/// Mixed with restarts for harm that sets in late, which are still at 1.
fn breach(evidence: f64) -> f64 {
    (FROM_THE_START * evidence.exp() + 1.0 - FROM_THE_START).ln()
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
