//! Ratios and rates: events counted against a total, in two arms, and against
//! an absolute limit in one arm. The formulas are in [`crate::stats`].

use crate::plan::{Kind, Role};
use crate::stats::{
    Apart, Condensed, CountNull, Direction, GRID, Model, Observation, OneArmBlock, OneArmNull,
    OnsetMixture, PairedBlock, Prior, Score, ScoreApart, Scored, TwoArmBlock, average,
};
use crate::units::{LogE, Worse};

use super::evidence::{Comparison, LimitEvidence};
use super::far_end::Measured;
use super::noise::Noise;
use super::others_clumps::OthersClumps;
use super::paired::{self, Terms};
use super::question::{Question, restart_blocks};
use super::timetable::Permits;
use super::{ArmTotals, Scale};

/// A pass needs so many expected clusters of exposed events (events over dispersion): an arm that has
/// simply seen nothing must not pass for the absence of events alone, and events that come in clumps
/// of three are three times fewer things to have seen.
pub const LEAST_CLUSTERS: f64 = 10.0;

/// Compares the arms; `noise` is what is known of the metric's noise by each look.
pub(super) fn compare(blocks: &[TwoArmBlock], question: &Question, noise: &Noise) -> Comparison {
    // A success metric passes when the exposed arm is proven better than the unexposed one.
    let to_pass = match question.role {
        Role::Success => Some((1.0, 0.0)),
        Role::Guardrail => question
            .rule_out
            .map(|effect| question.towards.harm_upwards(effect)),
    };
    let pass = to_pass.map(|(ratio, offset)| CountNull::new(ratio, offset, Direction::Below));
    let mut below = to_pass.map(|(ratio, offset)| ScoreApart::new(ratio, offset));
    let asks = question.margin.is_some();
    let (ratio, offset) = question
        .margin
        .map_or((1.0, 0.0), |margin| question.towards.harm_upwards(margin));
    let mut harm = noise.harm(ratio, offset);
    let mut tempering = 1.0;
    let mut pass_sums = [0.0; GRID];
    let mut others = OthersClumps::new(question.past, noise.block());
    let mut pass_dispersion = 1.0;
    let mut scored_dispersion = 1.0;
    let mut apart = Apart::NOT;
    let mut score = question.margin.map(|margin| {
        let (ratio, offset) = question.towards.harm_upwards(margin);
        Score::two_arms(ratio, offset)
    });
    let mut trail = Trail::default();
    let mut expected = 0.0;
    for (look, block) in blocks.iter().enumerate() {
        let share = block.share();
        others.push(block);
        expected += (block.exposed_events + block.unexposed_events) * share;
        let block = question.towards.turned(block);
        let reading = harm.push(&block);
        tempering = reading.tempering;
        trail.breach.push(if asks {
            LogE(reading.log_e)
        } else {
            LogE::NONE
        });
        trail.dispersion.push(reading.dispersion);
        pass_dispersion = others.at_least(reading.dispersion);
        // By what the arms show: an incident that hits both makes clumps of the unexposed arm, not of the
        // comparison.
        let enough = expected >= LEAST_CLUSTERS * reading.dispersion;
        trail.enough.push(enough);
        trail.leans.push(score.as_mut().and_then(|score| {
            score.add(&block);
            score.z(reading.dispersion)
        }));
        if let (Some(null), Some(score)) = (&pass, &mut below) {
            null.add(&block, &mut pass_sums);
            score.add(&block);
            // Arms on their own instances differ for good, by what no number of events averages out.
            apart = noise.between_arms(look);
            score.suppose(apart);
            scored_dispersion = pass_dispersion;
            let alike = score.alike(pass_dispersion);
            trail
                .scores
                .push(score.below(pass_dispersion).filter(|_| enough));
            pass_dispersion *=
                alike.map_or(1.0, |scored| 1.0 + scored.information * apart.variance());
            let e = average(&pass_sums, &[0.0; GRID], pass_dispersion);
            trail.pass.push(LogE(e.ln()));
        }
    }
    let dispersion = trail.dispersion.last().copied().unwrap_or(1.0);
    // What decides upon a breach is never surer than what is shown.
    let of_harm = if asks { tempering } else { dispersion };
    let condensed = Condensed::new(blocks);
    let absolute = question
        .margin
        .or(question.rule_out)
        .is_some_and(|e| !e.is_relative());
    let (scale, estimate, (lower, upper)) = if absolute {
        let interval = condensed.difference_interval(of_harm, question.of_ends());
        (Scale::Difference, condensed.difference(), interval)
    } else {
        let interval = condensed.ratio_interval(of_harm, question.of_ends());
        (Scale::Ratio, condensed.ratio(), interval)
    };
    Comparison {
        breach: trail.breach,
        pass: trail.pass,
        scores: below.map(|_| trail.scores).into_iter().collect(),
        wanders: false,
        permits: Permits::default(),
        pass_dispersion,
        measured: Measured::Counts {
            condensed,
            dispersion: scored_dispersion,
            apart,
        },
        enough: trail.enough,
        leans: trail.leans,
        dispersion: trail.dispersion,
        belief: Some(harm.belief()),
        seen: harm.seen(),
        shortfall: if expected > 0.0 {
            (LEAST_CLUSTERS * dispersion / expected - 1.0).max(0.0)
        } else {
            f64::INFINITY
        },
        of_blocks: None,
        scale,
        estimate,
        lower,
        upper,
        exposed: totals(blocks.iter().map(|b| (b.exposed_events, b.exposed_total))),
        of: None,
        boundaries: None,
        unexposed: Some(totals(
            blocks
                .iter()
                .map(|b| (b.unexposed_events, b.unexposed_total)),
        )),
    }
}

/// Above this share an event is common: the count test, which treats events as rare, loses that
/// part of its information, and the paired test is the better one.
const COMMON: f64 = 0.2;

/// Puts the paired test in the place of the count test at the looks where the share is common.
pub(super) fn common_shares(
    mut comparison: Comparison,
    blocks: &[TwoArmBlock],
    question: &Question,
    noise: &Noise,
) -> Comparison {
    let mut sums = [0.0_f64; 4];
    let mut exposed = Vec::with_capacity(blocks.len());
    let common: Vec<bool> = blocks
        .iter()
        .map(|b| {
            for (sum, x) in sums.iter_mut().zip([
                b.exposed_events,
                b.exposed_total,
                b.unexposed_events,
                b.unexposed_total,
            ]) {
                *sum += x;
            }
            exposed.push(sums[0] / sums[1]);
            sums[0] > COMMON * sums[1] && sums[2] > COMMON * sums[3]
        })
        .collect();
    if !common.iter().any(|c| *c) {
        return comparison;
    }
    let pairs: Vec<PairedBlock> = blocks
        .iter()
        .map(|b| PairedBlock {
            exposed_sum: b.exposed_events,
            exposed_count: b.exposed_total,
            unexposed_sum: b.unexposed_events,
            unexposed_count: b.unexposed_total,
        })
        .collect();
    let paired = paired::compare(&pairs, question, Terms::Shares, noise.block());
    for (look, common) in common.into_iter().enumerate() {
        // Before the paired test has blocks enough the count test goes on: it is only slower.
        if common && paired.enough[look] {
            comparison.breach[look] = paired.breach[look];
            comparison.leans[look] = paired.leans[look];
            if let (Some(pass), Some(other)) =
                (comparison.pass.get_mut(look), paired.pass.get(look))
            {
                *pass = *other;
            }
            // A difference of shares varies by the variance of its logarithm, times the share squared.
            let between = noise.between_arms(look).variance() * exposed[look].powi(2);
            for (scores, other) in comparison.scores.iter_mut().zip(&paired.scores) {
                scores[look] = other[look].map(|scored| scored.beside(between));
            }
            if look + 1 == blocks.len() {
                // What is shown is what decides.
                comparison.belief = None;
                comparison.measured = paired.measured.clone();
                (comparison.lower, comparison.upper) = (paired.lower, paired.upper);
            }
        }
    }
    comparison
}

#[derive(Default)]
struct Trail {
    breach: Vec<LogE>,
    pass: Vec<LogE>,
    scores: Vec<Option<Scored>>,
    enough: Vec<bool>,
    leans: Vec<Option<f64>>,
    dispersion: Vec<f64>,
}

/// One arm's blocks as a limit sees them: a breach and a pass may need different events, as for a
/// latency between two bucket boundaries.
pub(super) struct Limited<'a> {
    /// Events that prove a breach.
    pub(super) beyond: &'a [OneArmBlock],
    /// Events whose rarity proves that the limit is kept.
    pub(super) within: &'a [OneArmBlock],
    /// The unexposed arm's events of the first sort.
    pub(super) ambient: Option<&'a [OneArmBlock]>,
}

/// Holds the exposed arm against an absolute limit. Shared incidents do not cancel here, so a
/// breach is withheld while the unexposed arm shows evidence of the same: without that, incidents of
/// both arms rolled back two of five healthy rollouts whose arms stayed below the limit otherwise.
pub(super) fn against_limit(
    arms: &Limited<'_>,
    bound: f64,
    kind: Kind,
    block_seconds: i64,
) -> LimitEvidence {
    let model = match kind {
        Kind::Rate { .. } => Model::OneArmRate,
        Kind::Ratio { .. }
        | Kind::Latency { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => Model::OneArmShare,
    };
    let (beyond, within) = (
        null_of_limit(bound, kind, true),
        null_of_limit(bound, kind, false),
    );
    let every = restart_blocks(block_seconds);
    let mut onset = OnsetMixture::new(model, Prior::UNKNOWN, every);
    let mut ambient_onset = OnsetMixture::new(model, Prior::UNKNOWN, every);
    let mut within_sums = [0.0; GRID];
    let mut score = match model {
        Model::OneArmRate => Score::rate(bound),
        Model::OneArmShare | Model::TwoArms => Score::share(bound),
    };
    let sign = match kind.worse() {
        Worse::Higher => 1.0,
        Worse::Lower => -1.0,
    };
    let mut evidence = LimitEvidence {
        breach: Vec::new(),
        pass: Vec::new(),
        leans: Vec::new(),
        ambient: Vec::new(),
        exposed: totals(arms.beyond.iter().map(|b| (b.events, b.total))),
        dispersion: 1.0,
        wanders: false,
        undecided: None,
        undecidable: None,
    };
    for (k, (block, kept)) in arms.beyond.iter().zip(arms.within).enumerate() {
        let reading = onset.push(&Observation::one_arm(block), |sums| beyond.add(block, sums));
        within.add(kept, &mut within_sums);
        let pass = average(&within_sums, &[0.0; GRID], reading.dispersion);
        let shared = arms.ambient.and_then(|blocks| blocks.get(k)).map(|other| {
            ambient_onset.push(&Observation::one_arm(other), |sums| beyond.add(other, sums))
        });
        score.add_arm(block);
        let z = score.z(reading.dispersion);
        evidence.leans.push(z.map(|z| sign * z));
        evidence.breach.push(LogE(reading.log_e));
        evidence.pass.push(LogE(pass.ln()));
        evidence
            .ambient
            .push(shared.is_some_and(|shared| shared.log_e > 0.0));
        evidence.dispersion = reading.dispersion;
    }
    evidence
}

/// The hypothesis that a limit is kept, or (not `beyond`) that it is not.
pub(super) fn null_of_limit(bound: f64, kind: Kind, beyond: bool) -> OneArmNull {
    let upwards = match kind.worse() {
        Worse::Higher => beyond,
        Worse::Lower => !beyond,
    };
    let direction = if upwards {
        Direction::Above
    } else {
        Direction::Below
    };
    match kind {
        Kind::Rate { .. } => OneArmNull::rate(bound, direction),
        Kind::Ratio { .. }
        | Kind::Latency { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => OneArmNull::share(bound, direction),
    }
}

pub(super) fn totals(blocks: impl Iterator<Item = (f64, f64)>) -> ArmTotals {
    let (events, total) = blocks.fold((0.0, 0.0), |sum, b| (sum.0 + b.0, sum.1 + b.1));
    ArmTotals {
        events: Some(events),
        total: Some(total),
        value: (total > 0.0).then(|| events / total),
        between: None,
    }
}
