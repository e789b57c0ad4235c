//! Confidence sequences for a ratio of rates and for a difference of rates: every value that the
//! e-processes of `counts` have not excluded. For display; verdicts use the e-processes directly.

use super::TwoArmBlock;
use super::grid::{Alternatives, GRID, average, distances};

/// A stage's counts, condensed so that one candidate value costs microseconds: blocks with nearly
/// the same exposed share are one. The share hardly varies within a stage, and the error is of
/// second order in its variation within a bin.
#[derive(Debug, Clone)]
pub struct Condensed {
    pub(super) exposed_events: f64,
    pub(super) events: f64,
    /// (share, events, exposed total) of each bin.
    pub(super) bins: Vec<(f64, f64, f64)>,
    estimate_ratio: Option<f64>,
    pub(super) estimate_difference: Option<f64>,
    /// Events of the unexposed arm over its total.
    pub(super) unexposed_rate: Option<f64>,
    /// The ratio of rates with half an event more in each arm; no number where an arm has no total.
    half_an_event: f64,
    /// The larger of the two rates: the natural unit of a difference.
    pub(super) scale: f64,
}

/// Ends of an interval; `None` is unbounded.
pub type Ends = (Option<f64>, Option<f64>);

const BINS: usize = 12;
/// Halvings of an interval's end: three digits are displayed, and this gives four or more.
const HALVINGS: usize = 14;
/// A ratio is sought within e^12 to either side of its estimate, in steps that start at 10 %.
pub(super) const REACH: f64 = 12.0;
pub(super) const STEP: f64 = 0.1;

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
            half_an_event: (y_t + 0.5) / (y_c + 0.5) * (n_c / n_t),
            estimate_difference: if grew {
                strata.difference()
            } else {
                rates.map(|(t, c)| t - c)
            },
            unexposed_rate: rates.map(|(_, c)| c),
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
        let centre = self.centre().ln();
        let excluded =
            |x: f64, sign: f64, alpha: f64| self.evidence(x, sign, dispersion) >= 1.0 / alpha;
        let lower = edge(centre, -STEP, REACH, |x| excluded(x, 1.0, alphas.0));
        let upper = edge(centre, STEP, REACH, |x| excluded(x, -1.0, alphas.1)).map(f64::exp);
        let lower = lower.map_or(0.0, f64::exp);
        (Some(lower), upper)
    }

    /// Where the search for an interval of ratios starts: the estimate, or what half an event more in
    /// each arm makes of it.
    pub(super) fn centre(&self) -> f64 {
        let positive = |ratio: &f64| *ratio > 0.0 && ratio.is_finite();
        self.estimate_ratio
            .filter(positive)
            .or_else(|| Some(self.half_an_event).filter(positive))
            .unwrap_or(1.0)
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
#[must_use]
pub fn edge(
    centre: f64,
    first_step: f64,
    reach: f64,
    excluded: impl Fn(f64) -> bool,
) -> Option<f64> {
    let (mut inside, mut step) = (0.0, first_step);
    // An estimate that is excluded itself lies beyond the end, which is then sought on the other side.
    while excluded(centre + inside) {
        inside = if inside == 0.0 { -step } else { 2.0 * inside };
        if !(inside.abs() > 0.0 && inside.abs() <= reach.min(f64::MAX)) {
            return Some(centre);
        }
        step = -0.5 * inside;
    }
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
            assert_eq!(
                edge(1.0, step, 1_000.0 * step, |_| true),
                Some(1.0),
                "{step}"
            );
        }
    }

    #[test]
    fn an_end_is_found_from_within_and_from_beyond() {
        for centre in [-2.0, 0.29, 0.31, 5.0] {
            let upper = edge(centre, 0.1, 12.0, |x| x > 0.3).unwrap();
            let lower = edge(centre, -0.1, 12.0, |x| x < 0.3).unwrap();
            assert!((upper - 0.3).abs() < 1e-3, "{centre}: {upper}");
            assert!((lower - 0.3).abs() < 1e-3, "{centre}: {lower}");
        }
    }

    /// Half of the events in the first of two blocks.
    fn table(exposed: [f64; 2], unexposed: [f64; 2]) -> Condensed {
        let block = |part: f64| TwoArmBlock {
            exposed_events: part * exposed[0],
            exposed_total: 0.5 * exposed[1],
            unexposed_events: part * unexposed[0],
            unexposed_total: 0.5 * unexposed[1],
        };
        Condensed::new(&[block(0.5), block(0.5)])
    }

    const COUNTS: [f64; 8] = [0.0, 1.0, 2.0, 5.0, 30.0, 100.0, 1_000.0, 8_374.0];

    #[test]
    fn an_interval_is_what_the_evidence_does_not_exclude_also_where_an_arm_has_no_event() {
        for exposed in COUNTS {
            for unexposed in COUNTS.into_iter().filter(|count| exposed + count > 0.0) {
                for dispersion in [1.0, 4.0] {
                    let table = table([exposed, 68_000.0], [unexposed, 623_000.0]);
                    let (lower, upper) = table.ratio_interval(dispersion, (0.05, 0.05));
                    let excludes = |ratio: f64, sign: f64| {
                        table.evidence(ratio.ln(), sign, dispersion) >= 20.0
                    };
                    let what = format!("{exposed} and {unexposed}: {lower:?} to {upper:?}");
                    if let Some(upper) = upper {
                        assert!(excludes(1.01 * upper, -1.0), "{what}");
                        assert!(!excludes(0.99 * upper, -1.0), "{what}");
                    }
                    let lower = lower.unwrap();
                    if lower > 0.0 {
                        assert!(excludes(0.99 * lower, 1.0), "{what}");
                        assert!(!excludes(1.01 * lower, 1.0), "{what}");
                    }
                    assert!(upper.is_none() || unexposed > 0.0, "{what}");
                }
            }
        }
    }

    #[test]
    fn an_interval_rises_with_the_exposed_events_and_falls_with_the_unexposed_ones() {
        let ends = |exposed: f64, unexposed: f64| {
            let table = table([exposed, 68_000.0], [unexposed, 623_000.0]);
            let (lower, upper) = table.ratio_interval(1.0, (0.05, 0.05));
            (lower.unwrap(), upper.unwrap_or(f64::INFINITY))
        };
        let rises = |low: (f64, f64), high: (f64, f64), what: &str| {
            let strictly = |low: f64, high: f64| {
                let at_an_end = low.max(high) <= 0.0 || low.min(high).is_infinite();
                low < high || at_an_end
            };
            assert!(
                strictly(low.0, high.0) && strictly(low.1, high.1),
                "{what}: {low:?} {high:?}"
            );
        };
        for other in COUNTS.into_iter().skip(1) {
            for pair in COUNTS.windows(2) {
                let what = format!("{pair:?} and {other}");
                rises(ends(pair[0], other), ends(pair[1], other), &what);
                rises(ends(other, pair[1]), ends(other, pair[0]), &what);
            }
        }
    }

    #[test]
    fn no_event_in_an_arm_bounds_the_ratio_on_its_side() {
        // A thousand to one, and what one event less makes of it.
        let upper = |exposed| {
            table([exposed, 68_000.0], [8_374.0, 623_000.0])
                .ratio_interval(1.0, (0.05, 0.05))
                .1
                .unwrap()
        };
        assert!(upper(0.0) < upper(1.0) && upper(1.0) < 0.02);
        let lower = |unexposed| {
            table([100.0, 68_000.0], [unexposed, 623_000.0])
                .ratio_interval(1.0, (0.05, 0.05))
                .0
                .unwrap()
        };
        assert!(lower(0.0) > lower(1.0) && lower(1.0) > 50.0);
    }
}
