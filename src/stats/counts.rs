//! Log likelihood ratios of counts against a null hypothesis, one for each alternative of the grid.
//!
//! Two arms: the events of a block, split over the arms. Whatever multiplies both arms' rates, such as
//! the time of day or a shared incident, drops out of the split. With `theta_0` the exposed arm's part
//! of the events under the null and `theta_1` that under the alternative, a block gives
//! `Y_T ln(theta_1 / theta_0) + Y_C ln((1 - theta_1) / (1 - theta_0))`: the sequential test of Lindon
//! and Malek (2022), with a margin. The exponentials are averaged over the alternatives.
//!
//! One arm: the events of a block against a fixed bound `p_0`, `Y ln(p_1 / p_0) + (N - Y) ln((1 - p_1)
//! / (1 - p_0))`.

use super::grid::{Alternatives, GRID, distances};

/// Which way the alternatives lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Alternatives above the null: harm beyond it.
    Above,
    /// Alternatives below the null: harm of its size is absent.
    Below,
}

impl Direction {
    const fn sign(self) -> f64 {
        match self {
            Self::Above => 1.0,
            Self::Below => -1.0,
        }
    }
}

/// One block of both arms. `exposed` is the arm whose rate would be too high: for a metric that
/// gets worse downwards the caller swaps the arms and inverts the null.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TwoArmBlock {
    /// Events of the exposed arm.
    pub exposed_events: f64,
    /// Requests, users or user-hours of the exposed arm.
    pub exposed_total: f64,
    /// Events of the unexposed arm.
    pub unexposed_events: f64,
    /// Requests, users or user-hours of the unexposed arm.
    pub unexposed_total: f64,
}

impl TwoArmBlock {
    /// The exposed arm's share of the block.
    #[must_use]
    pub fn share(&self) -> f64 {
        let total = self.exposed_total + self.unexposed_total;
        if total > 0.0 {
            self.exposed_total / total
        } else {
            0.0
        }
    }
}

/// The null hypothesis `exposed rate <= ratio * unexposed rate + offset` (or `>=` below it), with
/// its alternatives laid out.
#[derive(Debug, Clone, Copy)]
pub struct CountNull {
    ratio: f64,
    offset: f64,
    /// Each alternative's signed log distance, and its ratio.
    distance: Alternatives,
    ratios: Alternatives,
}

impl CountNull {
    /// A null with alternatives on one side.
    #[must_use]
    pub fn new(ratio: f64, offset: f64, direction: Direction) -> Self {
        let distance = distances().map(|d| direction.sign() * d);
        Self {
            ratio,
            offset,
            distance,
            ratios: distance.map(|d| ratio * d.exp()),
        }
    }

    /// Adds one block's log likelihood ratios to `sums`.
    ///
    /// For each alternative `r`: `d * Y_T - c * (Y_T + Y_C) - offset * N_T * (e^(d - c) - 1)` with
    /// `c = ln((r N_T + N_C) / (ratio N_T + N_C))`, which is the split of the module's page with
    /// one logarithm, and what an absolute margin `offset` adds. Its exponential has expectation at most 1 under the null for independent
    /// Poisson or Bernoulli counts, whatever the unexposed rate is.
    pub fn add(&self, block: &TwoArmBlock, sums: &mut Alternatives) {
        let base = self.ratio * block.exposed_total + block.unexposed_total;
        if base <= 0.0 {
            return;
        }
        for ((sum, d), r) in sums.iter_mut().zip(&self.distance).zip(&self.ratios) {
            *sum += log_ratio(block, self.ratio, self.offset, *d, *r, base);
        }
    }
}

/// The log likelihood ratio of one block for the alternative `r = ratio * e^d`, with
/// `base = ratio * N_T + N_C`.
#[inline]
pub(crate) fn log_ratio(
    block: &TwoArmBlock,
    ratio: f64,
    offset: f64,
    d: f64,
    r: f64,
    base: f64,
) -> f64 {
    let events = block.exposed_events + block.unexposed_events;
    let growth = (r * block.exposed_total + block.unexposed_total) / base;
    let log = d * block.exposed_events - growth.ln() * events;
    if offset == 0.0 {
        log
    } else {
        log - offset * block.exposed_total * (r / (ratio * growth) - 1.0)
    }
}

/// One block of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OneArmBlock {
    /// Events.
    pub events: f64,
    /// Requests, users or user-hours.
    pub total: f64,
}

/// The null hypothesis `rate <= bound` (or `>=` below it) for one arm.
#[derive(Debug, Clone, Copy)]
pub struct OneArmNull {
    /// Coefficients of events and of total in each alternative's log likelihood ratio.
    of_events: Alternatives,
    of_total: Alternatives,
}

impl OneArmNull {
    /// Events are a share of the total, so at most all of it: exact binomial likelihood ratios.
    /// Alternatives that would be certain events are left at the null, where they do no harm.
    #[must_use]
    pub fn share(bound: f64, direction: Direction) -> Self {
        let mut null = Self {
            of_events: [0.0; GRID],
            of_total: [0.0; GRID],
        };
        for (j, d) in distances().into_iter().enumerate() {
            let p = bound * (direction.sign() * d).exp();
            if bound > 0.0 && bound < 1.0 && p < 1.0 {
                (null.of_events[j], null.of_total[j]) = share_ratio(bound, p);
            }
        }
        null
    }

    /// Events are counted per unit of exposure: exact Poisson likelihood ratios.
    #[must_use]
    pub fn rate(bound: f64, direction: Direction) -> Self {
        let of_events = distances().map(|d| direction.sign() * d);
        Self {
            of_events,
            of_total: of_events.map(|d| -bound * d.exp_m1()),
        }
    }

    /// Adds one block's log likelihood ratios to `sums`.
    pub fn add(&self, block: &OneArmBlock, sums: &mut Alternatives) {
        for ((sum, a), b) in sums.iter_mut().zip(&self.of_events).zip(&self.of_total) {
            *sum += a * block.events + b * block.total;
        }
    }
}

/// Coefficients of events and of total in the binomial log likelihood ratio of `p` to `bound`.
pub(crate) fn share_ratio(bound: f64, p: f64) -> (f64, f64) {
    let miss = (1.0 - p).ln() - (1.0 - bound).ln();
    ((p / bound).ln() - miss, miss)
}
