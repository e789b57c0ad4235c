//! How bad events come among requests: one by one, or in clumps that last for minutes. A stream is one
//! population, an arm or a group of instances, and remembers the clumps that are not over yet.

use rand::{Rng, RngExt as _};
use rand_distr::{Distribution as _, Exp1, LogNormal};
use rollout::simulate::{Pending, Sessions, binomial, geometric_sum, poisson};

use crate::fixture::BLOCK;

/// The way in which events clump.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Clumps {
    /// Each request fails by itself.
    None,
    /// Bursts of geometric size within a block.
    Bursts { mean: f64 },
    /// Users with a geometric number of requests, 20 seconds apart at the mean; half of the bad events come
    /// from users who always fail.
    Sessions { mean: f64 },
    /// Clumps of log-normal size, spread over so many minutes.
    LogNormal { mean: f64, sigma: f64, minutes: f64 },
    /// Each event makes others, so many at the mean, in the minutes that follow.
    Hawkes { children: f64, minutes: f64 },
    /// A failure is tried again after 1, 2, 4, ... seconds and fails again with this chance.
    Retries { again: f64 },
}

/// One population.
pub(crate) struct Stream {
    clumps: Clumps,
    /// Events and requests that are to come in the next blocks, because of what has begun.
    pending: Pending,
    users: Sessions,
}

impl Stream {
    pub(crate) fn new(clumps: Clumps) -> Self {
        Self {
            clumps,
            pending: Pending::default(),
            users: Sessions::default(),
        }
    }

    /// Events and requests of the next block: so many requests are expected, of which this share is bad.
    pub(crate) fn block(&mut self, expected: f64, rate: f64, rng: &mut impl Rng) -> (f64, f64) {
        let rate = rate.min(1.0);
        match self.clumps {
            Clumps::None => {
                let total = poisson(expected, rng);
                (binomial(total, rate, rng), total)
            }
            Clumps::Bursts { mean } => {
                let total = poisson(expected, rng);
                let bursts = poisson(total * rate / mean, rng);
                (geometric_sum(bursts, mean, rng).min(total), total)
            }
            Clumps::Sessions { mean } => self.users.block(mean, expected, rate, BLOCK, rng),
            Clumps::LogNormal {
                mean,
                sigma,
                minutes,
            } => {
                let total = poisson(expected, rng);
                let sizes = LogNormal::new(mean.ln() - sigma * sigma / 2.0, sigma);
                for _ in 0..whole(poisson(expected * rate / mean, rng)) {
                    let size = sizes.map_or(1.0, |sizes| sizes.sample(rng)).min(1e4);
                    let count =
                        size.floor() + f64::from(u8::from(rng.random::<f64>() < size.fract()));
                    let begin: f64 = rng.random();
                    for _ in 0..whole(count) {
                        let later: f64 = Exp1.sample(rng);
                        self.pending.put(
                            begin + later * minutes * 60.0 / f64::from(BLOCK),
                            1.0,
                            0.0,
                        );
                    }
                }
                let (events, _) = self.pending.take();
                (events.min(total), total)
            }
            Clumps::Hawkes { children, minutes } => {
                let total = poisson(expected, rng);
                let mut left = whole(poisson(expected * rate * (1.0 - children), rng));
                let mut young: Vec<f64> = (0..left).map(|_| rng.random()).collect();
                while let (Some(at), true) = (young.pop(), left < 100_000) {
                    self.pending.put(at, 1.0, 0.0);
                    for _ in 0..whole(poisson(children, rng)) {
                        let later: f64 = Exp1.sample(rng);
                        young.push(at + later * minutes * 60.0 / f64::from(BLOCK));
                        left += 1;
                    }
                }
                let (events, _) = self.pending.take();
                (events.min(total), total)
            }
            Clumps::Retries { again } => {
                // So many first failures that with all retries the usual share is bad.
                let total = poisson(expected, rng);
                let first = binomial(total, rate * (1.0 - again), rng);
                for _ in 0..whole(first) {
                    let mut at: f64 = rng.random();
                    self.pending.put(at, 1.0, 0.0);
                    let mut pause = 1.0;
                    while rng.random::<f64>() < again && pause < 4_000.0 {
                        at += pause / f64::from(BLOCK);
                        pause *= 2.0;
                        self.pending.put(at, 1.0, 1.0);
                    }
                }
                let (events, more) = self.pending.take();
                (events.min(total + more), total + more)
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a random count: whole, not negative, far below 2^32"
)]
fn whole(count: f64) -> u32 {
    count as u32
}
