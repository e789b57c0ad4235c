//! How events clump, by what others than the exposed arm have shown: the least dispersion that a pass
//! may reckon with.
//!
//! An arm that has met no failing session yet must not say how clumped failures are. That, and not the
//! looking often, let three times as many harmful releases on as the budget allows where errors came in sessions.

use super::TwoArmBlock;
use super::moments::bandwidth;
use super::prior::{freedom, median};

/// Fewer blocks of the past say nothing of it.
const LEAST_BLOCKS: usize = 24;

/// The long-run dispersion of the split of events over two alike halves of an arm, without bias in the
/// median; `None` where there is too little to tell.
///
/// With `e_k = Y_1 - n theta`, `theta` of the ratio that fits: the long-run variance of Newey and West over
/// the root of the blocks, `sum e_k^2 + 2 sum_l (1 - l/(L+1)) sum_k e_k e_(k+l)`, over `sum n theta (1 - theta)`, and
/// that over `(1 - 2/(9 nu))^3` with `nu = 1.5 K/(L+1)`.
#[must_use]
pub fn long_run_of_halves(blocks: &[TwoArmBlock]) -> Option<f64> {
    if blocks.len() < LEAST_BLOCKS {
        return None;
    }
    let sum = |of: fn(&TwoArmBlock) -> f64| blocks.iter().map(of).sum::<f64>();
    let rate = |events: f64, total: f64| (events + 0.5) / total;
    let first = rate(sum(|b| b.exposed_events), sum(|b| b.exposed_total));
    let second = rate(sum(|b| b.unexposed_events), sum(|b| b.unexposed_total));
    let ratio = first / second;
    let (mut residuals, mut variance) = (Vec::with_capacity(blocks.len()), 0.0);
    for block in blocks {
        let whole = ratio * block.exposed_total + block.unexposed_total;
        if whole <= 0.0 {
            residuals.push(0.0);
            continue;
        }
        let theta = ratio * block.exposed_total / whole;
        let events = block.exposed_events + block.unexposed_events;
        residuals.push(block.exposed_events - events * theta);
        variance += events * theta * (1.0 - theta);
    }
    if variance <= 0.0 || !variance.is_finite() {
        return None;
    }
    let k = blocks.len() as f64;
    let lags = bandwidth(k);
    let lagged = |lag: usize| -> f64 {
        let pairs = residuals.iter().zip(&residuals[lag..]);
        pairs.map(|(a, b)| a * b).sum()
    };
    let fade = |lag: usize| 1.0 - lag as f64 / (lags as f64 + 1.0);
    let later: f64 = (1..=lags).map(|lag| fade(lag) * lagged(lag)).sum();
    let long_run = (lagged(0) + 2.0 * later).max(0.0) * k / (k - 1.0);
    Some(median(long_run / variance, freedom(k, lags)))
}

/// The dispersion of one arm's events over spans of time, by how much its rate differs from one span to the
/// next: `sum (r_(j+1) - r_j)^2 / (R sum (1/N_j + 1/N_(j+1)))`. What changes slowly, such as the time of
/// day, hardly counts; what hits both arms does, which makes it too large rather than too small.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Succession {
    /// Blocks to a span.
    blocks: u32,
    /// Blocks, events and total of the span that is being filled.
    filled: u32,
    span: (f64, f64),
    last: Option<(f64, f64)>,
    spans: u32,
    squares: f64,
    inverse: f64,
    all: (f64, f64),
}

/// Fewer differences do not make a variance.
const LEAST_SPANS: u32 = 6;

impl Succession {
    /// Spans of so many blocks.
    #[must_use]
    pub const fn new(blocks: u32) -> Self {
        Self {
            blocks: if blocks == 0 { 1 } else { blocks },
            filled: 0,
            span: (0.0, 0.0),
            last: None,
            spans: 0,
            squares: 0.0,
            inverse: 0.0,
            all: (0.0, 0.0),
        }
    }

    /// Takes in one block's events and total.
    pub fn push(&mut self, events: f64, total: f64) {
        self.span = (self.span.0 + events, self.span.1 + total);
        self.filled += 1;
        if self.filled < self.blocks {
            return;
        }
        let (events, total) = std::mem::take(&mut self.span);
        self.filled = 0;
        if total <= 0.0 {
            return;
        }
        let rate = events / total;
        if let Some((before, of)) = self.last {
            self.squares += (rate - before).powi(2);
            self.inverse += 1.0 / of + 1.0 / total;
        }
        self.last = Some((rate, total));
        self.spans += 1;
        self.all = (self.all.0 + events, self.all.1 + total);
    }

    /// The dispersion so far; `None` while there is too little to tell.
    #[must_use]
    pub fn dispersion(&self) -> Option<f64> {
        let rate = self.all.0 / self.all.1;
        let scale = rate * self.inverse;
        (self.spans >= LEAST_SPANS && scale > 0.0 && scale.is_finite())
            .then(|| self.squares / scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64;

    /// Events with this mean that come this many at a time.
    fn clumped(mean: f64, clump: u32, random: &mut Pcg64) -> f64 {
        let chance = mean / f64::from(clump) / 100.0;
        let clumps = (0..100).filter(|_| random.random::<f64>() < chance).count();
        f64::from(clump) * clumps as f64
    }

    fn halves(clump: u32) -> f64 {
        let mut random = Pcg64::seed_from_u64(7);
        let blocks: Vec<TwoArmBlock> = (0..864)
            .map(|_| TwoArmBlock {
                exposed_events: clumped(10.0, clump, &mut random),
                exposed_total: 1_000.0,
                unexposed_events: clumped(10.0, clump, &mut random),
                unexposed_total: 1_000.0,
            })
            .collect();
        long_run_of_halves(&blocks).unwrap()
    }

    #[test]
    fn halves_tell_how_many_events_come_at_a_time() {
        assert!((0.6..1.4).contains(&halves(1)), "{}", halves(1));
        assert!((3.0..7.0).contains(&halves(5)), "{}", halves(5));
    }

    #[test]
    fn so_do_the_spans_of_one_arm_whatever_the_time_of_day() {
        for (clump, low, high) in [(1, 0.6, 1.4), (5, 3.0, 7.0)] {
            let mut random = Pcg64::seed_from_u64(7);
            let mut spans = Succession::new(6);
            for k in 0..288_u32 {
                let day = 1.0 + 0.6 * (f64::from(k) / 288.0 * std::f64::consts::TAU).sin();
                spans.push(clumped(10.0 * day, clump, &mut random), 1_000.0 * day);
            }
            let found = spans.dispersion().unwrap();
            assert!((low..high).contains(&found), "{clump}: {found}");
        }
    }

    #[test]
    fn too_little_tells_nothing() {
        assert_eq!(long_run_of_halves(&[TwoArmBlock::default(); 10]), None);
        assert_eq!(long_run_of_halves(&[TwoArmBlock::default(); 100]), None);
        let mut spans = Succession::new(6);
        for _ in 0..30 {
            spans.push(1.0, 100.0);
        }
        assert_eq!(spans.dispersion(), None);
        let mut silent = Succession::new(1);
        for _ in 0..30 {
            silent.push(0.0, 0.0);
        }
        assert_eq!(silent.dispersion(), None);
    }
}
