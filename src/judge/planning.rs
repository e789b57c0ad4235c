//! What the judge will need and what it will gain, before there is any evidence: the formulas of a
//! comparison of counts on counts that are only expected. How long that takes is not said here.

use crate::plan::{Column, Guardrail, Kind, OnBreach, Plan, Role};
use crate::snapshot::{GuardrailSeries, Snapshot};
use crate::stats::{
    Alternatives, Belief, CountNull, Direction, GRID, OneArmBlock, PerUnit, Score, Scored,
    Successive, TwoArmBlock,
};
use crate::units::{Effect, Exposure, LogE};

pub use crate::stats::LEAST_BLOCKS;

pub use super::counts::LEAST_CLUSTERS;
use super::shift::Unprovable;

use super::believed::{believed, believed_within, shown_earlier};
use super::buckets::slower_than_quantile;
use super::counts::null_of_limit;
use super::examine::examine;
pub use super::level_past::LevelPast;
use super::question::Orientation;
use super::taught::{learnt_of, within_stage};
pub use super::timetable::Timetable;
use super::together::StageWeights;
use super::{failures, noise, paired};

/// What a comparison counts: events, or the failures where nearly all succeed and must go on to.
#[derive(Debug, Clone, Copy)]
pub struct Counting(Orientation);

impl Counting {
    /// Of a metric that has this value in the unexposed arm.
    #[must_use]
    pub fn of(kind: Kind, unexposed: f64) -> Self {
        let worse = kind.worse();
        let failures = matches!(kind, Kind::Ratio { .. }) && failures::are_rare(worse, unexposed);
        Self(Orientation { worse, failures })
    }

    /// An expected block of events as it is counted.
    #[must_use]
    pub fn block(&self, block: &TwoArmBlock) -> TwoArmBlock {
        if self.0.failures {
            failures::of_block(block)
        } else {
            *block
        }
    }

    /// What an expected block, as it is counted, adds to the evidence of harm beyond the margin, for each
    /// alternative.
    #[must_use]
    pub fn breach_gain(&self, margin: Effect, block: &TwoArmBlock) -> Alternatives {
        self.gain(margin, Direction::Above, block)
    }

    /// What it adds to the evidence that harm of this size is absent.
    #[must_use]
    pub fn pass_gain(&self, rule_out: Effect, block: &TwoArmBlock) -> Alternatives {
        self.gain(rule_out, Direction::Below, block)
    }

    fn gain(&self, effect: Effect, direction: Direction, block: &TwoArmBlock) -> Alternatives {
        let mut sums = [0.0; GRID];
        let (ratio, offset) = self.0.harm_upwards(effect);
        CountNull::new(ratio, offset, direction).add(&self.0.turned(block), &mut sums);
        sums
    }

    /// The score by which an expected stage lies below this much harm, where what is counted clumps like
    /// this.
    #[must_use]
    pub fn pass_score(
        &self,
        rule_out: Effect,
        stage: &TwoArmBlock,
        dispersion: f64,
    ) -> Option<Scored> {
        let (ratio, offset) = self.0.harm_upwards(rule_out);
        let mut score = Score::two_arms(ratio, offset);
        score.add(&self.0.turned(stage));
        score.below(dispersion)
    }

    /// The ratio of the arms' counts that an effect stands for, harm being upwards.
    #[must_use]
    pub fn ratio(&self, effect: Effect, unexposed: f64) -> f64 {
        let (ratio, offset) = self.0.harm_upwards(effect);
        let counted = if self.0.failures {
            1.0 - unexposed
        } else {
            unexposed
        };
        ratio + offset / counted
    }
}

/// What an expected block of the exposed arm adds to the evidence that it is beyond a limit.
#[must_use]
pub fn beyond_gain(limit: f64, kind: Kind, block: &OneArmBlock) -> Alternatives {
    limit_gain(limit, kind, true, block)
}

/// What an expected block of the exposed arm adds to the evidence that it keeps a limit.
#[must_use]
pub fn within_gain(limit: f64, kind: Kind, block: &OneArmBlock) -> Alternatives {
    limit_gain(limit, kind, false, block)
}

fn limit_gain(limit: f64, kind: Kind, beyond: bool, block: &OneArmBlock) -> Alternatives {
    let mut sums = [0.0; GRID];
    null_of_limit(limit, kind, beyond).add(block, &mut sums);
    sums
}

/// What the judge believes of a guardrail's dispersion before a stage has data of its own: learnt from
/// the unexposed arm's past where the snapshot has it, else what is believed of any metric.
#[must_use]
pub fn belief(
    plan: &Plan,
    guardrail: &Guardrail,
    series: &GuardrailSeries,
    counting: Counting,
) -> Belief {
    let shown = shown_earlier(plan, guardrail);
    let whole = match guardrail.metric.kind {
        Kind::Ratio { .. } => Column::Total,
        Kind::Rate { .. } => Column::Per,
        Kind::Latency { quantile, unit, .. } => {
            let past = series.history.as_ref();
            let slower = past.map(|past| slower_than_quantile(past, quantile, unit));
            return match (slower, shown) {
                (Some((past, block)), _) => noise::believed_of_halves(&past, block),
                (None, shown) => believed(None, shown),
            };
        }
        Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => return Belief::guess(0.0),
    };
    let failing = counting.0.failures;
    let past = series.history.as_ref();
    let learnt = past.and_then(|past| learnt_of(past, whole, usize::MAX, failing));
    let during = series.during.as_ref().filter(|_| learnt.is_none());
    let within = during.and_then(|during| within_stage(during, whole, usize::MAX, failing));
    within.map_or_else(
        || believed(learnt.as_ref(), shown),
        |within| believed_within(&within.left, shown),
    )
}

/// True where earlier stages of this rollout have shown how this guardrail's events vary.
#[must_use]
pub fn has_shown_noise(plan: &Plan, guardrail: &Guardrail) -> bool {
    shown_earlier(plan, guardrail).is_some()
}

/// The variance of one unit of a mean that the judge takes for the least, by what the unexposed arm
/// shows in a stage and in its past; `None` where there is none to see.
#[must_use]
pub fn variance_of_unit(series: &GuardrailSeries) -> Option<f64> {
    let column = |column| series.unexposed.column(column);
    let (sums, counts) = (column(Column::Sum)?, column(Column::Count)?);
    let (mut own, mut all) = (Successive::default(), (0.0, 0.0));
    for (sum, count) in sums.iter().zip(counts) {
        if let (Some(sum), Some(count)) = (*sum, *count) {
            own.push(sum, count);
            all = (all.0 + sum, all.1 + count);
        }
    }
    let past = paired::per_unit(series.history.as_ref());
    let mean = all.0 / all.1;
    PerUnit::together(own.per_unit(), past).map(|unit| unit.relative * mean * mean)
}

/// The evidence that this guardrail alone must reach within the plan's present stage to prove a
/// breach, when the other guardrails with the same consequence stay quiet.
#[must_use]
pub fn breach_needs(plan: &Plan, guardrail: &Guardrail) -> LogE {
    let together = plan
        .guardrails
        .iter()
        .filter(|other| shares_budget(other, guardrail.on_breach) || other.name == guardrail.name)
        .count();
    let weights = StageWeights::of(plan);
    let average = together as f64 / plan.judge.rollback_alpha.get();
    let present = weights.present_for(plan, &guardrail.name, average);
    let state = plan.state.as_ref();
    let exposure = state.map_or(Exposure::NONE, |state| state.exposure);
    let tests = if shares_evidence(guardrail, exposure) {
        2.0
    } else {
        1.0
    };
    LogE((present * tests).max(f64::MIN_POSITIVE).ln())
}

/// Whether there is a limit besides the comparison: then each has half of the guardrail's weight.
#[must_use]
pub fn shares_evidence(guardrail: &Guardrail, exposure: Exposure) -> bool {
    guardrail.margin.is_some() && guardrail.limit.is_some() && exposure != Exposure::FULL
}

/// What guardrails of the plan ask for that the buckets of this snapshot cannot prove, by name.
#[must_use]
pub fn unprovable(plan: &Plan, snapshot: &Snapshot) -> Vec<(String, Unprovable)> {
    plan.guardrails
        .iter()
        .filter_map(|guardrail| {
            let examined = examine(plan, guardrail, snapshot, snapshot.taken_at);
            Some((guardrail.name.clone(), examined.refused?))
        })
        .collect()
}

fn shares_budget(guardrail: &Guardrail, on_breach: OnBreach) -> bool {
    guardrail.on_breach == on_breach
        && guardrail.metric.kind.compares_arms()
        && match guardrail.role {
            Role::Guardrail => true,
            Role::Success => false,
        }
}

/// What the next stage would remember of this guardrail if its evidence in the present one ended
/// like this.
#[must_use]
pub fn carried_out_of(plan: &Plan, guardrail: &Guardrail, ended: LogE) -> LogE {
    StageWeights::of(plan).carry(plan, &guardrail.name, ended)
}
