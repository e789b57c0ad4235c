//! One-sided confidence sequences for a ratio of rates, sharpest near an effect that the caller
//! names. Verdicts use the e-processes of `counts`, displayed intervals those of `interval`; these
//! are for whoever must know how bad it can be at most, now, while exposure grows.
//!
//! Two things differ from `interval`. The mixture over alternatives has its weight around one size
//! of effect: a bound is compared with one number, and where it must be narrow is known beforehand.
//! And each block is tempered by a dispersion of its own, `c + g I` with `I` its information: drift
//! of an arm is a share of its rate, so that it stands out of chance the more, the more events there
//! are. A ramp's information grows a hundredfold, and one dispersion for all of it would let the
//! last blocks outvote the others beyond what they know.
//!
//! For independent counts and dispersions of at least 1 that are known before the block, the tempered
//! likelihood ratios multiply to an e-process (Jensen's inequality), and the bounds hold at all looks
//! together by Ville's. That `c` and `g` are measured on the same blocks makes it a heuristic, as it
//! is for the dispersion of the comparison; the bench `pace` shows how often the bounds fail.

use super::TwoArmBlock;
use super::interval::edge;

/// Alternatives: log-spaced, so that neighbours overlap.
const ALTERNATIVES: usize = 32;
const NEAREST: f64 = 0.02;
const FARTHEST: f64 = 3.0;

/// How far the weights spread around the typical effect, as a factor e^0.8 either way: the typical
/// effect is a wish, and an interval is as wide as its evidence. Between 0.8 and 1.2 the bench `pace`
/// hardly differs.
const SPREAD: f64 = 0.8;

/// Smaller effects need more traffic than a rollout has; larger ones are found in any case.
const TYPICAL: std::ops::RangeInclusive<f64> = 0.03..=0.7;

/// Blocks of nearly the same share are condensed into one of so many bins: the error is of second
/// order in the share's variation within a bin.
const BINS: usize = 16;

/// Bounds are sought within e^12 to either side, in steps that start at 5 %.
const REACH: f64 = 12.0;
const STEP: f64 = 0.05;

/// The evidence of a comparison, tempered and condensed.
#[derive(Debug, Clone)]
pub struct OneSided {
    /// Logarithm of the ratio from which bounds are sought.
    centre: f64,
    /// Tempered exposed events.
    events: f64,
    /// (share, tempered events of both arms) of each bin.
    bins: Vec<(f64, f64)>,
    /// (log distance, weight) of each alternative.
    alternatives: [(f64, f64); ALTERNATIVES],
}

impl OneSided {
    /// `dispersion` is that of all blocks together, `typical` the effect to be precise about, as a
    /// logarithm of the ratio.
    #[must_use]
    pub fn new(blocks: &[TwoArmBlock], dispersion: f64, typical: f64) -> Self {
        // A block without exposure says nothing of a ratio.
        let shared = || blocks.iter().filter(|block| block.share() > 0.0);
        let ratio = stratified(shared());
        let (clumps, drift) = components(shared(), ratio, dispersion);
        let (low, high) = shared().fold((f64::INFINITY, 0.0_f64), |(low, high), block| {
            (low.min(block.share()), high.max(block.share()))
        });
        let width = ((high / low).ln() / BINS as f64).max(1e-12);
        // (share * events, events) of each bin.
        let mut sums = [(0.0, 0.0); BINS];
        let mut events = 0.0;
        for block in shared() {
            let share = block.share();
            let tempering = (clumps + drift * information(block, ratio)).max(1.0);
            let tempered = (block.exposed_events + block.unexposed_events) / tempering;
            let bin = (1..BINS)
                .take_while(|&bin| (share / low).ln() >= width * bin as f64)
                .count();
            sums[bin].0 += share * tempered;
            sums[bin].1 += tempered;
            events += block.exposed_events / tempering;
        }
        Self {
            centre: ratio.ln(),
            events,
            bins: sums
                .into_iter()
                .filter(|(_, events)| *events > 0.0)
                .map(|(shares, events)| (shares / events, events))
                .collect(),
            alternatives: alternatives(typical),
        }
    }

    /// The ratio is above this, but for a chance of `alpha` at all looks together.
    #[must_use]
    pub fn lower(&self, alpha: f64) -> f64 {
        self.bound(alpha, 1.0).map_or(0.0, f64::exp)
    }

    /// The ratio is below this, but for a chance of `alpha` at all looks together; `None` is
    /// unbounded.
    #[must_use]
    pub fn upper(&self, alpha: f64) -> Option<f64> {
        self.bound(alpha, -1.0).map(f64::exp)
    }

    /// `sign` is where the alternatives lie: above a lower bound, below an upper one.
    fn bound(&self, alpha: f64, sign: f64) -> Option<f64> {
        if self.bins.is_empty() {
            return None;
        }
        edge(self.centre, -sign * STEP, REACH, |x| {
            self.evidence(x, sign) >= 1.0 / alpha
        })
    }

    /// Evidence against the null ratio `e^x`, as an e-value.
    fn evidence(&self, x: f64, sign: f64) -> f64 {
        let spent = |x: f64| -> f64 {
            let r = x.exp();
            self.bins
                .iter()
                .map(|(share, events)| events * (r * share + 1.0 - share).ln())
                .sum()
        };
        let base = spent(x);
        self.alternatives
            .iter()
            .map(|(distance, weight)| {
                let d = sign * distance;
                weight * super::exp(d * self.events - (spent(x + d) - base))
            })
            .sum()
    }
}

/// Mantel and Haenszel's ratio (1959), with half an event in each arm so that it is finite and above
/// zero.
fn stratified<'b>(blocks: impl Iterator<Item = &'b TwoArmBlock>) -> f64 {
    let (exposed, unexposed) = blocks.fold((0.0, 0.0), |sum, block| {
        let share = block.share();
        (
            sum.0 + block.exposed_events * (1.0 - share),
            sum.1 + block.unexposed_events * share,
        )
    });
    (exposed + 0.5) / (unexposed + 0.5)
}

/// What a block knows of the ratio: the variance of its split if events were independent.
fn information(block: &TwoArmBlock, ratio: f64) -> f64 {
    let share = block.share();
    let exposed = ratio * share / (ratio * share + 1.0 - share);
    (block.exposed_events + block.unexposed_events) * exposed * (1.0 - exposed)
}

/// Splits the dispersion of all blocks into that of clumps, which is the same for every block, and
/// what drift adds for each unit of a block's information.
fn components<'b>(
    blocks: impl Iterator<Item = &'b TwoArmBlock>,
    ratio: f64,
    dispersion: f64,
) -> (f64, f64) {
    let (mut spread, mut squares, mut residuals) = (0.0, 0.0, 0.0);
    for block in blocks {
        let share = block.share();
        let exposed = ratio * share / (ratio * share + 1.0 - share);
        let events = block.exposed_events + block.unexposed_events;
        let information = information(block, ratio);
        spread += information;
        squares += information * information;
        residuals += (block.exposed_events - events * exposed).powi(2);
    }
    if spread <= 0.0 || squares <= 0.0 {
        return (dispersion.max(1.0), 0.0);
    }
    // Drift hardly shows within a block; what shows there is taken for clumps, which is the error
    // that makes the bounds wider.
    let clumps = (residuals / spread).min(dispersion).max(1.0);
    let drift = (dispersion - clumps).max(0.0) * spread / squares;
    (clumps, drift)
}

/// Alternatives and their weights: log-normal around the typical effect.
fn alternatives(typical: f64) -> [(f64, f64); ALTERNATIVES] {
    let typical = if typical.is_finite() {
        typical.clamp(*TYPICAL.start(), *TYPICAL.end())
    } else {
        *TYPICAL.end()
    };
    let step = (FARTHEST / NEAREST).ln() / (ALTERNATIVES - 1) as f64;
    let mut list: [(f64, f64); ALTERNATIVES] = std::array::from_fn(|j| {
        let distance = NEAREST * (step * j as f64).exp();
        let away = (distance / typical).ln() / SPREAD;
        (distance, (-0.5 * away * away).exp())
    });
    let total: f64 = list.iter().map(|(_, weight)| weight).sum();
    for (_, weight) in &mut list {
        *weight /= total;
    }
    list
}

#[cfg(test)]
mod tests {
    use super::super::Condensed;
    use super::*;

    /// A day on a ramp from 1 to 50 %, one event in a hundred of 30,000, in a fixed uneven pattern.
    fn ramp(ratio: f64) -> Vec<TwoArmBlock> {
        (0..288_u32)
            .map(|k| {
                let share = 0.01 * 50_f64.powf(f64::from(k) / 287.0);
                let wobble = 1.0 + (f64::from((k * 7_919) % 11) - 5.0) / 50.0;
                TwoArmBlock {
                    exposed_events: 300.0 * share * ratio * wobble,
                    exposed_total: 30_000.0 * share,
                    unexposed_events: 300.0 * (1.0 - share),
                    unexposed_total: 30_000.0 * (1.0 - share),
                }
            })
            .collect()
    }

    #[test]
    fn bounds_enclose_the_truth_and_are_narrower_than_an_interval_for_any_effect() {
        for ratio in [0.7, 1.0, 1.3] {
            let blocks = ramp(ratio);
            let bounds = OneSided::new(&blocks, 3.0, 0.1);
            let (lower, upper) = (bounds.lower(0.05), bounds.upper(0.05).unwrap());
            assert!(
                lower < ratio && ratio < upper,
                "{lower} < {ratio} < {upper}"
            );
            let (low, high) = Condensed::new(&blocks).ratio_interval(3.0, (0.05, 0.05));
            assert!(low.unwrap() < lower && upper < high.unwrap());
        }
    }

    #[test]
    fn more_confidence_and_more_dispersion_are_wider() {
        let blocks = ramp(1.0);
        let upper = |dispersion, alpha| {
            OneSided::new(&blocks, dispersion, 0.1)
                .upper(alpha)
                .unwrap()
        };
        assert!(upper(3.0, 0.05) < upper(3.0, 0.01));
        assert!(upper(3.0, 0.05) < upper(8.0, 0.05));
    }

    #[test]
    fn nothing_bounds_nothing() {
        let silent = OneSided::new(&[], 3.0, 0.1);
        assert_eq!(silent.upper(0.05), None);
        assert!(silent.lower(0.05).abs() < 1e-12);
        let unexposed = OneSided::new(
            &[TwoArmBlock {
                unexposed_events: 10.0,
                unexposed_total: 1_000.0,
                ..TwoArmBlock::default()
            }],
            3.0,
            0.1,
        );
        assert_eq!(unexposed.upper(0.05), None);
    }

    #[test]
    fn without_an_exposed_event_only_the_lower_side_is_open() {
        let blocks: Vec<TwoArmBlock> = ramp(1.0)
            .into_iter()
            .map(|block| TwoArmBlock {
                exposed_events: 0.0,
                ..block
            })
            .collect();
        let bounds = OneSided::new(&blocks, 1.0, 0.1);
        assert!(bounds.lower(0.05) < 1e-3);
        assert!(bounds.upper(0.05).is_some_and(|upper| upper < 0.5));
    }

    #[test]
    fn weights_are_weights() {
        for typical in [1e-9, 0.1, 5.0, f64::NAN] {
            let total: f64 = alternatives(typical).iter().map(|(_, weight)| weight).sum();
            assert!((total - 1.0).abs() < 1e-12);
        }
    }
}
