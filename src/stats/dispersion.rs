//! How much more counts vary than independent events would, measured on the evidence itself.
//!
//! Retries and slow drifts of single machines make events come in clumps that the other arm does
//! not share. Evidence is divided by the dispersion `phi` measured here: `e^(S/phi) <= max(1, e^S)` for
//! every `phi >= 1`, however it was found, so that tempering keeps what `S` guarantees in a stage.
//!
//! With `e_k` the surplus of block `k` over what the null gives it, and `v_k` its variance for
//! independent events, `phi` is the long-run variance `sum e_k^2 + 2 sum_l (1 - l/(L+1)) sum_k e_k
//! e_(k+l)` over `sum v_k`, with `L` the root of the number of blocks (Newey and West), as an upper
//! 90 % limit, and mixed with what was believed before ([`super::prior`]). A plain estimate rolled
//! back up to 44 % of healthy rollouts under bursts.
//!
//! Everything is kept as running sums, so that a look costs a handful of operations for each start
//! of the evidence, however long the stage is.

use super::Prior;
use super::moments::{Moments, MomentsStart, bandwidth};
use super::prior::{Learnt, Measured, freedom, median, upper_limit};
use super::tally::{CAP_TWO_ARMS, Tally};

/// What is compared, which decides how much independent events would vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// The split of a block's events over two arms.
    TwoArms,
    /// Events of one arm among a total: binomial.
    OneArmShare,
    /// Events of one arm per unit of exposure: Poisson.
    OneArmRate,
}

/// One block as a residual `u - r v` that has mean zero when `r` is the true ratio (two arms) or
/// rate (one arm).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    u: f64,
    v: f64,
    tally: Tally,
}

impl Observation {
    /// Two arms: `Y_T (1 - p) - r Y_C p` with `p` the exposed arm's share of the block. It is
    /// `Y_T - n theta`, the surplus of the exposed arm's events over its part `theta` of the `n` events of
    /// both, up to a factor that is constant where the share is, and that
    /// cancels in the dispersion; being linear in `r` it can be summed before `r` is known.
    #[must_use]
    pub fn two_arms(block: &super::TwoArmBlock) -> Self {
        let p = block.share();
        let events = block.exposed_events + block.unexposed_events;
        Self {
            u: block.exposed_events * (1.0 - p),
            v: block.unexposed_events * p,
            tally: Tally {
                blocks: 1.0,
                events: block.exposed_events,
                total: block.exposed_total,
                other_events: block.unexposed_events,
                other_total: block.unexposed_total,
                expected: events * p,
                spread: events * p * (1.0 - p),
            },
        }
    }

    /// One arm: `Y - rate * N`.
    #[must_use]
    pub fn one_arm(block: &super::OneArmBlock) -> Self {
        Self {
            u: block.events,
            v: block.total,
            tally: Tally {
                blocks: 1.0,
                events: block.events,
                total: block.total,
                expected: block.events,
                ..Tally::default()
            },
        }
    }
}

/// A history shorter than this teaches nothing: two hours of five-minute blocks.
const LEAST_HISTORY: f64 = 24.0;

/// A block of history counts for a third of a block of the stage: it speaks of two halves of the
/// unexposed arm, not of the two arms. Tuned with the bench `calibration`; between a tenth and all
/// the results hardly differ.
const HISTORY_WEIGHT: f64 = 1.0 / 3.0;

/// And for a sixth of a degree of freedom, which is about what its long-run variance has.
const HISTORY_FREEDOM: f64 = 1.0 / 6.0;

/// Running sums of residual products at all lags of interest.
#[derive(Debug, Clone)]
pub struct Dispersion {
    model: Model,
    cap: f64,
    tally: Tally,
    moments: Moments<2>,
}

/// The sums at the moment some evidence started: what must be left out of it.
#[derive(Debug, Clone)]
pub struct Start {
    tally: Tally,
    moments: MomentsStart<2>,
}

impl Dispersion {
    /// Shared incidents do not cancel in one arm, so that far more than in two is still no accident.
    const CAP_ONE_ARM: f64 = 200.0;

    /// No evidence yet.
    #[must_use]
    pub fn new(model: Model) -> Self {
        Self {
            model,
            cap: match model {
                Model::TwoArms => CAP_TWO_ARMS,
                Model::OneArmShare | Model::OneArmRate => Self::CAP_ONE_ARM,
            },
            tally: Tally::default(),
            moments: Moments::default(),
        }
    }

    /// Totals since the very start.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Evidence that starts now.
    #[must_use]
    pub fn start(&self) -> Start {
        Start {
            tally: self.tally,
            moments: self.moments.start(),
        }
    }

    /// Takes in one block.
    pub fn push(&mut self, observation: &Observation) {
        self.tally.add(&observation.tally);
        self.moments.push([observation.u, observation.v]);
    }

    /// Must be called once for each start after each [`Dispersion::push`].
    pub fn note(&self, start: &mut Start) {
        self.moments.note(&mut start.moments);
    }

    /// The dispersion of the evidence since `start`: an upper 90 % limit of what was measured,
    /// weighed against the prior; at least 1.
    #[must_use]
    pub fn since(&self, start: &Start, prior: Prior) -> f64 {
        let tally = self.tally.since(&start.tally);
        match self.measured(start, &tally) {
            Some(measured) => prior.weighed(&measured, &tally, self.cap),
            None => prior.believed(&tally),
        }
    }

    /// Whether the evidence since `start` varies so much more than the prior has it that the prior
    /// cannot be right.
    #[must_use]
    pub fn contradicts(&self, start: &Start, prior: Prior) -> bool {
        let tally = self.tally.since(&start.tally);
        self.measured(start, &tally)
            .is_some_and(|measured| prior.is_contradicted(&measured, &tally))
    }

    /// What was measured since `start`, for at least two blocks.
    pub(super) fn measured(&self, start: &Start, tally: &Tally) -> Option<Measured> {
        let (ratio, variance) = self.model.fit(tally)?;
        let coefficients = [1.0, -ratio];
        let (long_run, lags) = self.moments.long_run(&start.moments, &coefficients);
        let within = self.moments.long_run_over(&start.moments, &coefficients, 0);
        let scale = tally.blocks / (tally.blocks - 1.0) / variance;
        Some(Measured {
            within: within * scale,
            long_run: long_run.max(0.0) * scale,
            lags,
        })
    }

    /// The dispersion since `start` with covariances up to this lag, or as many as are known.
    pub(super) fn measured_over(&self, start: &Start, lags: usize) -> Option<f64> {
        let tally = self.tally.since(&start.tally);
        let (ratio, variance) = self.model.fit(&tally)?;
        let lags = lags.min(bandwidth(tally.blocks));
        let sum = self
            .moments
            .long_run_over(&start.moments, &[1.0, -ratio], lags);
        Some(sum.max(0.0) * tally.blocks / (tally.blocks - 1.0) / variance)
    }

    /// Totals since `start`.
    pub(super) fn tally_since(&self, start: &Start) -> Tally {
        self.tally.since(&start.tally)
    }

    /// What two alike halves of an arm, taken in since `start`, teach of the metric: the dispersion
    /// within a block, which is that of clumps, and an upper limit of what correlation from block to
    /// block adds, which is that of drift. Nothing, where there is too little to learn from.
    #[must_use]
    pub fn learn(&self, start: &Start) -> Prior {
        let tally = self.tally.since(&start.tally);
        let k = tally.blocks;
        let weight = (HISTORY_WEIGHT * k).min(tally.expected);
        if k < LEAST_HISTORY || weight < Prior::UNKNOWN.weight {
            return Prior::UNKNOWN;
        }
        let Some(measured) = self.measured(start, &tally) else {
            return Prior::UNKNOWN;
        };
        let clumps = median(measured.within, k - 1.0).clamp(1.0, self.cap);
        let all = upper_limit(measured.long_run, freedom(k, measured.lags)).min(self.cap);
        let reach = tally.spread / k;
        Prior::learnt(&Learnt {
            clumps,
            drift: (all - clumps).max(0.0) / reach,
            reach,
            weight,
            freedom: HISTORY_FREEDOM * k,
        })
    }
}

impl Model {
    /// The fitted ratio (or rate), and the variance of the residuals if events were independent.
    fn fit(self, tally: &Tally) -> Option<(f64, f64)> {
        if tally.blocks < 2.0 || tally.total <= 0.0 {
            return None;
        }
        let rate = tally.events / tally.total;
        let (ratio, variance) = match self {
            Self::TwoArms => {
                if tally.other_total <= 0.0 {
                    return None;
                }
                // Half an event keeps the ratio finite and above zero.
                let ratio = ((tally.events + 0.5) / tally.total)
                    / ((tally.other_events + 0.5) / tally.other_total);
                (ratio, ratio * tally.spread)
            }
            Self::OneArmShare => (rate, tally.events * (1.0 - rate)),
            Self::OneArmRate => (rate, tally.events),
        };
        (variance > 0.0 && variance.is_finite() && ratio.is_finite()).then_some((ratio, variance))
    }
}

#[cfg(test)]
mod tests {
    use super::super::prior::{LOWER_DECILE_Z, chi_square_quantile};
    use super::super::{OneArmBlock, TwoArmBlock};
    use super::*;

    /// The definition, term by term, for the blocks after `start`.
    fn by_definition(blocks: &[TwoArmBlock], prior: Prior) -> f64 {
        let sum = |f: fn(&TwoArmBlock) -> f64| blocks.iter().map(f).sum::<f64>();
        let k = blocks.len() as f64;
        let ratio = ((sum(|b| b.exposed_events) + 0.5) / sum(|b| b.exposed_total))
            / ((sum(|b| b.unexposed_events) + 0.5) / sum(|b| b.unexposed_total));
        let theta = |b: &TwoArmBlock| {
            ratio * b.exposed_total / (ratio * b.exposed_total + b.unexposed_total)
        };
        let n = |b: &TwoArmBlock| b.exposed_events + b.unexposed_events;
        let e: Vec<f64> = blocks
            .iter()
            .map(|b| b.exposed_events - n(b) * theta(b))
            .collect();
        let variance: f64 = blocks
            .iter()
            .map(|b| n(b) * theta(b) * (1.0 - theta(b)))
            .sum();
        let lags = k.sqrt().floor();
        let mut long_run: f64 = e.iter().map(|e| e * e).sum();
        for lag in 1..=bandwidth(k) {
            let products: f64 = e.iter().zip(&e[lag..]).map(|(a, b)| a * b).sum();
            long_run += 2.0 * (1.0 - lag as f64 / (lags + 1.0)) * products;
        }
        let freedom = (1.5 * k / (lags + 1.0)).max(2.0);
        let raw = k / (k - 1.0) * long_run.max(0.0) / variance;
        let upper = (raw * freedom / chi_square_quantile(freedom, LOWER_DECILE_Z)).min(50.0);
        let expected: f64 = blocks.iter().map(|b| n(b) * b.share()).sum();
        let weight = k.min(expected);
        ((prior.weight * prior.dispersion + weight * upper) / (prior.weight + weight)).max(1.0)
    }

    fn blocks(share: f64) -> Vec<TwoArmBlock> {
        // A fixed, uneven pattern: a full generator would prove no more.
        (0..120_u32)
            .map(|i| TwoArmBlock {
                exposed_events: f64::from((i * 7919) % 11),
                exposed_total: 30_000.0 * share,
                unexposed_events: f64::from(200 + (i * 104_729) % 37),
                unexposed_total: 30_000.0 * (1.0 - share),
            })
            .collect()
    }

    #[test]
    fn running_sums_agree_with_the_definition_at_every_look_and_start() {
        let blocks = blocks(0.02);
        for from in [0, 1, 24, 77] {
            let mut dispersion = Dispersion::new(Model::TwoArms);
            let mut start = dispersion.start();
            for (i, block) in blocks.iter().enumerate() {
                if i == from {
                    start = dispersion.start();
                }
                dispersion.push(&Observation::two_arms(block));
                if i >= from {
                    dispersion.note(&mut start);
                }
                if i > from {
                    let expected = by_definition(&blocks[from..=i], Prior::UNKNOWN);
                    let got = dispersion.since(&start, Prior::UNKNOWN);
                    assert!(
                        (got - expected).abs() < 1e-9 * expected,
                        "{from} {i}: {got} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_block_or_no_event_leaves_the_prior() {
        let mut dispersion = Dispersion::new(Model::OneArmShare);
        let mut start = dispersion.start();
        assert!((dispersion.since(&start, Prior::UNKNOWN) - 3.0).abs() < 1e-12);
        for _ in 0..50 {
            dispersion.push(&Observation::one_arm(&OneArmBlock {
                events: 0.0,
                total: 100.0,
            }));
            dispersion.note(&mut start);
        }
        assert!((dispersion.since(&start, Prior::UNKNOWN) - 3.0).abs() < 1e-12);
    }
}
