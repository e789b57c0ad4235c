//! What is known of a metric's noise at each look of a stage: learnt from the unexposed arm's instances
//! before the stage, or within it where there was no before, and left by earlier stages of the rollout.
//! The formulas are in [`crate::stats`].

use crate::plan::{Column, Guardrail, Plan, Schedule, Shown, ShownNoise};
use crate::snapshot::{GuardrailSeries, History, Housing};
use crate::stats::{
    Apart, Belief as Believed, CountNull, Direction, Learnt, Left, NoiseSettings, Onsets,
    StageEvidence, StageReading, TwoArmBlock,
};
use crate::units::Period;

use super::Belief;
use super::believed::{believed, believed_within, left, shown_earlier};
use super::measure::SeenNoise;
use super::question::restart_blocks;
use super::taught::{instances, learnt_of, within_stage};

/// What is known of a guardrail's noise.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    /// From which look on what is known; the first is from the first look.
    known: Vec<Known>,
    /// What earlier stages left.
    left: Option<Left>,
    /// What the groups within this stage have taught, where nothing was known before it.
    taught: Option<Left>,
    gross: Gross,
    housing: Option<Housing>,
    block: i64,
}

/// The first part of a stage.
#[derive(Debug, Clone, Copy)]
struct Gross {
    blocks: usize,
    ratio: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Known {
    from: usize,
    belief: Believed,
    widening: f64,
    /// How much the arms differ for where they live, which a pass reckons with.
    between: Apart,
    /// Where what is believed comes from.
    source: Belief,
}

/// Where nothing was known before the stage, the groups within it teach anew after so many blocks each: at
/// first while only gross harm counts, then every two hours, and more rarely after so many in all.
const SOON: usize = 6;
const ANEW: usize = 24;
const OFTEN: usize = 264;
const RARELY: usize = 96;

impl Noise {
    /// What the blocks of two halves have taught before a stage, which are of so many seconds; a guess
    /// where they are too few.
    pub(super) fn of_halves(past: &[(i64, TwoArmBlock)], past_block: i64, block: i64) -> Self {
        let belief = believed_of_halves(past, past_block);
        Self {
            known: vec![Known {
                from: 0,
                belief,
                widening: 1.0,
                between: Apart::NOT,
                source: if belief.is_learnt() {
                    Belief::History
                } else {
                    Belief::Guess
                },
            }],
            left: None,
            taught: None,
            gross: Gross {
                blocks: 0,
                ratio: 1.0,
            },
            housing: None,
            block,
        }
    }

    /// What is known of this guardrail's events at looks with these block ends.
    pub(super) fn of(
        plan: &Plan,
        guardrail: &Guardrail,
        series: &GuardrailSeries,
        (ends, whole, block): (&[i64], Column, i64),
        failing: bool,
    ) -> Self {
        let shown = shown_earlier(plan, guardrail);
        let left = shown.and_then(left);
        let counts = series.instances.as_ref();
        let housing = counts.and_then(|counts| counts.housing());
        // By which factor more than the margin the arms may differ, and what a pass reckons with.
        let apart = |clumps: f64, history: &History| {
            let Some((counts, Housing::Own)) = counts.zip(housing) else {
                return (1.0, Apart::NOT);
            };
            let (exposed, unexposed) = (f64::from(counts.exposed), f64::from(counts.unexposed));
            let instances = instances(history, whole, failing);
            (
                instances.widening(clumps, exposed, unexposed),
                instances.between_arms(clumps, exposed, unexposed),
            )
        };
        let before = series
            .history
            .as_ref()
            .and_then(|history| Some((learnt_of(history, whole, usize::MAX, failing)?, history)));
        let (widening, between) = before
            .as_ref()
            .map_or((1.0, Apart::NOT), |(learnt, history)| {
                apart(learnt.clumps, history)
            });
        let first = Known {
            from: 0,
            belief: believed(before.as_ref().map(|(learnt, _)| learnt), shown),
            widening,
            between,
            source: match (&before, shown) {
                (Some(_), _) => Belief::History,
                (None, Some(_)) => Belief::ShownEarlier,
                (None, None) => Belief::Guess,
            },
        };
        let mut known = vec![first];
        let mut taught = None;
        if let (None, Some(during)) = (before, &series.during) {
            let mut blocks = SOON;
            while blocks <= during.ends.len() {
                let end = during.ends[blocks - 1];
                if let Some(within) = within_stage(during, whole, blocks, failing) {
                    let (widening, between) = apart(within.clumps, during);
                    known.push(Known {
                        from: ends.partition_point(|look| *look < end),
                        belief: believed_within(&within.left, shown),
                        widening,
                        between,
                        source: Belief::History,
                    });
                    taught = Some(within.left);
                }
                blocks += match blocks {
                    ..ANEW => SOON,
                    ANEW..OFTEN => ANEW,
                    OFTEN.. => RARELY,
                };
            }
        }
        Self {
            known,
            left,
            taught,
            gross: Gross::of(plan, block),
            housing,
            block,
        }
    }

    /// How much the arms differ for where they live, by what is known at a look.
    pub(super) fn between_arms(&self, look: usize) -> Apart {
        let known = self.known.iter().rev().find(|known| known.from <= look);
        known.map_or(Apart::NOT, |known| known.between)
    }

    /// Length of a block, in seconds.
    pub(super) const fn block(&self) -> i64 {
        self.block
    }

    /// Evidence of harm beyond a null of this ratio and offset, harm being upwards.
    pub(super) fn harm(&self, ratio: f64, offset: f64) -> Harm<'_> {
        let scale = self.block as f64 / 300.0;
        let first = self.known[0];
        let settings = NoiseSettings {
            drift: NoiseSettings::DRIFT,
            drift_shows: NoiseSettings::DRIFT_SHOWS,
            gross_blocks: self.gross.blocks,
            granted: NoiseSettings::granted(self.gross.ratio, ratio),
            onsets: Onsets::usual(restart_blocks(self.block).div_ceil(2)),
            scale,
        };
        let widening = first.widening;
        let null = CountNull::new(ratio * widening, offset, Direction::Above);
        Harm {
            noise: self,
            ratio,
            offset,
            evidence: StageEvidence::new(settings, null, first.belief),
            look: 0,
            next: 1,
            widening,
            source: first.source,
            unexposed: (0.0, 0.0),
            last: None,
        }
    }
}

/// What two halves teach. Two groups have no smaller ones: all that scatters may be clumps, which do not
/// become fewer where fewer users are exposed.
pub(super) fn believed_of_halves(past: &[(i64, TwoArmBlock)], block: i64) -> Believed {
    let half = |of: fn(&TwoArmBlock) -> (f64, f64)| past.iter().map(|(_, b)| of(b)).collect();
    let groups = [
        half(|b| (b.exposed_events, b.exposed_total)),
        half(|b| (b.unexposed_events, b.unexposed_total)),
    ];
    let learnt = Learnt::from_groups(&groups, block.max(1) as f64);
    Believed::of(learnt.as_ref(), None)
}

impl Gross {
    fn of(plan: &Plan, block: i64) -> Self {
        let length = Period::from_seconds(u32::try_from(block).unwrap_or(u32::MAX));
        let blocks = match (&plan.course, plan.stage()) {
            (Schedule::Stages(_), Some(stage)) => {
                plan.judge.gross_blocks(stage.min_duration, length)
            }
            // A ramp has no entry but its first one.
            (Schedule::Stages(_), None) | (Schedule::Ramp(_), _) => 0,
        };
        Self {
            blocks: usize::try_from(blocks).unwrap_or(usize::MAX),
            ratio: plan.judge.gross.null(crate::units::Worse::Higher).0,
        }
    }
}

/// Evidence of harm, look by look.
#[derive(Debug)]
pub(super) struct Harm<'a> {
    noise: &'a Noise,
    ratio: f64,
    offset: f64,
    evidence: StageEvidence,
    look: usize,
    next: usize,
    widening: f64,
    source: Belief,
    /// Events and total of the arm that sets the standard.
    unexposed: (f64, f64),
    last: Option<StageReading>,
}

impl Harm<'_> {
    /// The next look.
    pub(super) fn push(&mut self, block: &TwoArmBlock) -> StageReading {
        while let Some(known) = self
            .noise
            .known
            .get(self.next)
            .filter(|k| k.from <= self.look)
        {
            self.evidence.believe(known.belief);
            self.source = known.source;
            if known.widening.to_bits() != self.widening.to_bits() {
                self.widening = known.widening;
                let ratio = self.ratio * self.widening;
                self.evidence
                    .suppose(CountNull::new(ratio, self.offset, Direction::Above));
            }
            self.next += 1;
        }
        self.unexposed.0 += block.unexposed_events;
        self.unexposed.1 += block.unexposed_total;
        if self.offset != 0.0 && self.look < self.noise.gross.blocks && self.unexposed.0 > 0.0 {
            let of_offset = self.offset * self.unexposed.1 / self.unexposed.0;
            let ratio = self.ratio + of_offset;
            self.evidence
                .grant(NoiseSettings::granted(self.noise.gross.ratio, ratio));
        }
        self.look += 1;
        let reading = self.evidence.push(block);
        self.last = Some(reading);
        reading
    }

    /// Where what is believed comes from, after all looks.
    pub(super) fn belief(&self) -> Belief {
        match self.source {
            Belief::History if self.last.is_some_and(|last| last.is_contradicted) => {
                Belief::HistoryContradicted
            }
            source @ (Belief::Guess
            | Belief::History
            | Belief::HistoryContradicted
            | Belief::ShownEarlier) => source,
        }
    }

    /// What is left to the next stage: what the arms have shown, and what the groups of the unexposed one
    /// have taught.
    fn left(&self) -> Option<Left> {
        let shown = self.evidence.left(self.noise.left.as_ref());
        let taught = self.noise.taught;
        shown.map_or(taught, |shown| {
            Some(taught.map_or(shown, |taught| shown.and(&taught)))
        })
    }

    /// What the stage shows of its noise; `None` before the first look.
    pub(super) fn seen(&self) -> Option<Seen> {
        let last = self.last?;
        Some(Seen {
            noise: SeenNoise {
                clumps: last.clumps,
                tempering: last.tempering,
                widening: self.widening,
                housing: self.noise.housing,
            },
            first: last.first,
            after: last.after,
            gross_blocks: self.noise.gross.blocks,
            left: self.left(),
        })
    }
}

/// What a stage has shown of its noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// What is told of it.
    pub(super) noise: SeenNoise,
    /// Log evidence of the first part of the stage; `None` within it and where there is none.
    pub(super) first: Option<f64>,
    /// Log evidence of what came after it.
    pub(super) after: Option<f64>,
    /// Judged blocks of the first part.
    pub(super) gross_blocks: usize,
    left: Option<Left>,
}

impl Seen {
    /// What the next stage must remember.
    pub(super) fn remembered(&self) -> Option<Shown> {
        let Left {
            weight,
            freedom,
            clumps,
            drift,
            least_clumps,
            least_drift,
        } = self.left?;
        let noise = ShownNoise {
            weight,
            freedom,
            clumps,
            drift,
            least_clumps,
            least_drift,
        };
        let all = [weight, freedom, clumps, drift, least_clumps, least_drift];
        let is_sound = all
            .iter()
            .all(|number| number.is_finite() && *number >= 0.0);
        is_sound.then_some(Shown::Noise(noise))
    }
}
