//! Confidence sequences for a ratio of rates and for a difference of rates: every value that the
//! e-processes of `counts` have not excluded. For display; verdicts use the e-processes directly.

use super::TwoArmBlock;
use super::grid::{Alternatives, GRID, average, distances};

/// A stage's counts, condensed so that one candidate value costs microseconds: blocks with nearly
/// the same exposed share are one. The share hardly varies within a stage, and the error is of
/// second order in its variation within a bin.
#[derive(Debug, Clone)]
pub struct Condensed {
    exposed_events: f64,
    events: f64,
    /// (share, events, exposed total) of each bin.
    bins: Vec<(f64, f64, f64)>,
    estimate_ratio: Option<f64>,
    estimate_difference: Option<f64>,
    /// The larger of the two rates: the natural unit of a difference.
    scale: f64,
}

/// Ends of an interval; `None` is unbounded.
pub type Ends = (Option<f64>, Option<f64>);

const BINS: usize = 12;
/// Halvings of an interval's end: three digits are displayed, and this gives four or more.
const HALVINGS: usize = 14;
/// A ratio is sought within e^12 to either side of its estimate, in steps that start at 10 %.
const REACH: f64 = 12.0;
const STEP: f64 = 0.1;

/// Above this relation of the largest share to the smallest, exposure grew within the evidence;
/// below, shares vary by chance and the plain rates say the same and can be checked by hand.
const GREW: f64 = 2.0;

/// Mantel and Haenszel's sums (1959; the difference: Greenland and Robins, 1985): each block is
/// compared within itself, so that neither a growing share nor the time of day is taken for harm.
#[derive(Debug, Clone, Copy, Default)]
struct Stratified {
    exposed: f64,
    unexposed: f64,
    weight: f64,
}

impl Stratified {
    fn add(&mut self, block: &TwoArmBlock) {
        let share = block.share();
        self.exposed += block.exposed_events * (1.0 - share);
        self.unexposed += block.unexposed_events * share;
        self.weight += block.exposed_total * (1.0 - share);
    }

    fn ratio(&self) -> Option<f64> {
        (self.unexposed > 0.0).then(|| self.exposed / self.unexposed)
    }

    fn difference(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| (self.exposed - self.unexposed) / self.weight)
    }
}

impl Condensed {
    /// Condenses a stage.
    #[must_use]
    pub fn new(blocks: &[TwoArmBlock]) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for block in blocks {
            low = low.min(block.share());
            high = high.max(block.share());
        }
        let width = (high - low).max(1e-12) / BINS as f64;
        // (share * weight, weight, events, exposed total)
        let mut sums = [[0.0_f64; 4]; BINS];
        let mut all = [0.0_f64; 4];
        let mut strata = Stratified::default();
        for block in blocks {
            let share = block.share();
            // By events, so that a small share is right to first order even where an incident fell on
            // one end of the bin; by total where there is none.
            let weight = (block.exposed_events + block.unexposed_events)
                .max(1e-9 * (block.exposed_total + block.unexposed_total));
            let bin = (1..BINS)
                .take_while(|&b| share >= low + width * b as f64)
                .count();
            let events = block.exposed_events + block.unexposed_events;
            strata.add(block);
            for (sum, term) in
                sums[bin]
                    .iter_mut()
                    .zip([share * weight, weight, events, block.exposed_total])
            {
                *sum += term;
            }
            for (sum, term) in all.iter_mut().zip([
                block.exposed_events,
                block.exposed_total,
                block.unexposed_events,
                block.unexposed_total,
            ]) {
                *sum += term;
            }
        }
        let [y_t, n_t, y_c, n_c] = all;
        let rates = (n_t > 0.0 && n_c > 0.0).then(|| (y_t / n_t, y_c / n_c));
        // Where the share grew, as on a ramp, pooling would compare the arms at different times.
        let grew = high > GREW * low;
        Self {
            exposed_events: y_t,
            events: y_t + y_c,
            bins: sums
                .iter()
                .filter(|bin| bin[1] > 0.0)
                .map(|bin| (bin[0] / bin[1], bin[2], bin[3]))
                .collect(),
            estimate_ratio: if grew {
                strata.ratio()
            } else {
                rates.filter(|(_, c)| *c > 0.0).map(|(t, c)| t / c)
            },
            estimate_difference: if grew {
                strata.difference()
            } else {
                rates.map(|(t, c)| t - c)
            },
            scale: rates.map_or(0.0, |(t, c)| t.max(c)),
        }
    }

    /// Exposed rate over unexposed rate.
    #[must_use]
    pub const fn ratio(&self) -> Option<f64> {
        self.estimate_ratio
    }

    /// Exposed rate minus unexposed rate.
    #[must_use]
    pub const fn difference(&self) -> Option<f64> {
        self.estimate_difference
    }

    /// All ratios that neither of two one-sided tests excludes: the lower end at level `alphas.0`,
    /// the upper at `alphas.1`.
    #[must_use]
    pub fn ratio_interval(&self, dispersion: f64, alphas: (f64, f64)) -> Ends {
        if self.events <= 0.0 || self.bins.is_empty() {
            return (None, None);
        }
        // Where an arm has no event the search starts from the ratio of half an event.
        let centre = self
            .estimate_ratio
            .filter(|r| *r > 0.0 && r.is_finite())
            .unwrap_or(1.0)
            .ln();
        let excluded =
            |x: f64, sign: f64, alpha: f64| self.evidence(x, sign, dispersion) >= 1.0 / alpha;
        let lower = edge(centre, -STEP, REACH, |x| excluded(x, 1.0, alphas.0));
        let upper = edge(centre, STEP, REACH, |x| excluded(x, -1.0, alphas.1)).map(f64::exp);
        let lower = lower.map_or(0.0, f64::exp);
        (Some(lower), upper)
    }

    /// The same for differences.
    #[must_use]
    pub fn difference_interval(&self, dispersion: f64, alphas: (f64, f64)) -> Ends {
        let (Some(centre), true) = (self.estimate_difference, self.scale > 0.0) else {
            return (None, None);
        };
        let excluded = |sign: f64, alpha: f64| {
            let fixed = self.log_ratios(0.0, sign);
            let slope: Alternatives = self.exposures(sign);
            move |x: f64| {
                let sums = std::array::from_fn(|j| fixed[j] - x * slope[j]);
                average(&sums, &[0.0; GRID], dispersion) >= 1.0 / alpha
            }
        };
        let far = 1_000.0 * self.scale;
        let step = STEP * self.scale;
        let lower = edge(centre, -step, far, excluded(1.0, alphas.0));
        let upper = edge(centre, step, far, excluded(-1.0, alphas.1));
        (lower, upper)
    }

    fn evidence(&self, x: f64, sign: f64, dispersion: f64) -> f64 {
        average(&self.log_ratios(x, sign), &[0.0; GRID], dispersion)
    }

    /// Log likelihood ratios of the alternatives around the null ratio `e^x`.
    fn log_ratios(&self, x: f64, sign: f64) -> Alternatives {
        let spent = |x: f64| -> f64 {
            let r = x.exp();
            self.bins
                .iter()
                .map(|(p, n, _)| n * (r * p + 1.0 - p).ln())
                .sum()
        };
        let base = spent(x);
        distances().map(|d| sign * d * self.exposed_events - (spent(x + sign * d) - base))
    }

    /// `sum N_T (e^a - 1)` of the alternatives around the null ratio 1.
    fn exposures(&self, sign: f64) -> Alternatives {
        distances().map(|d| {
            let r = (sign * d).exp();
            self.bins
                .iter()
                .map(|(p, _, n_t)| n_t * (r / (r * p + 1.0 - p) - 1.0))
                .sum()
        })
    }
}

/// Where `excluded` begins to hold, going from `centre` in steps that double, at most `reach` away;
/// `None` when it never does.
pub(super) fn edge(
    centre: f64,
    first_step: f64,
    reach: f64,
    excluded: impl Fn(f64) -> bool,
) -> Option<f64> {
    let (mut inside, mut step) = (0.0, first_step);
    while !excluded(centre + inside + step) {
        inside += step;
        step *= 2.0;
        // Turned round, so that a step of nothing, or of no number, ends the search as well.
        if !(inside.abs() > 0.0 && inside.abs() <= reach.min(f64::MAX)) {
            return None;
        }
    }
    let mut outside = inside + step;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (inside + outside);
        if excluded(centre + middle) {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    Some(centre + 0.5 * (inside + outside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_in_steps_of_nothing_or_of_no_number_ends() {
        for step in [0.0, f64::NAN, f64::MIN_POSITIVE, f64::INFINITY] {
            assert_eq!(edge(1.0, step, 1_000.0 * step, |_| false), None, "{step}");
        }
    }
}
