//! Requests that come in sessions of one user, of whom some always fail. What disturbs rates is not known
//! here.

use rand::{Rng, RngExt as _};
use rand_distr::{Distribution as _, Exp1};

use super::draw::{binomial, geometric_sum, poisson};
use super::pending::Pending;

/// Seconds between the requests of a session, at the mean.
const APART: f64 = 20.0;

/// The users of one arm: those whose sessions go on are remembered from block to block.
///
/// A session has a geometric number of requests, 20 seconds apart at the mean. Half of the bad requests
/// are those of users for whom everything fails, the other half is spread over all the others.
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    /// Bad and all requests in this block and the next ones, of what has begun.
    pending: Pending,
}

impl Sessions {
    /// Bad events and requests of the next block, so many seconds long: sessions have `mean` requests,
    /// `expected` requests are expected, and `rate` is the share that is bad.
    pub fn block(
        &mut self,
        mean: f64,
        expected: f64,
        rate: f64,
        seconds: u32,
        rng: &mut impl Rng,
    ) -> (f64, f64) {
        let apart = APART / f64::from(seconds.max(1));
        let started = expected / mean.max(1.0);
        // Users for whom everything fails, one by one: they are few.
        for _ in 0..whole(poisson(started * rate / 2.0, rng)) {
            let mut at: f64 = rng.random();
            for _ in 0..whole(geometric_sum(1.0, mean, rng)) {
                self.pending.put(at, 1.0, 1.0);
                let pause: f64 = Exp1.sample(rng);
                at += pause * apart;
            }
        }
        // The others together: their number and sizes are drawn, and spread as a session is at the mean.
        let others = poisson(started * (1.0 - rate / 2.0), rng);
        let mut requests = geometric_sum(others, mean, rng);
        let length = mean * apart;
        let ends = 1.0 - (-(1.0 / length)).exp();
        for later in 0..Pending::LONGEST {
            // A session begins in the middle of its block, so that more of it comes after that one.
            let here = if later == 0 {
                1.0 - length * ends
            } else {
                ends
            };
            let count = if later + 1 == Pending::LONGEST {
                requests
            } else {
                binomial(requests, here, rng)
            };
            self.pending
                .put(later as f64, binomial(count, rate / 2.0, rng), count);
            requests -= count;
            if requests <= 0.0 {
                break;
            }
        }
        self.pending.take()
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

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// Blocks of five minutes with a thousand requests, of which 2 % are bad.
    fn blocks(mean: f64) -> Vec<(f64, f64)> {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let mut sessions = Sessions::default();
        let blocks = (0..4_000).map(|_| sessions.block(mean, 1_000.0, 0.02, 300, &mut rng));
        blocks.skip(Pending::LONGEST).collect()
    }

    fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
        let count = values.clone().count() as f64;
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        (mean, variance)
    }

    #[test]
    fn as_many_are_bad_as_are_expected() {
        for mean in [1.0, 10.0, 30.0] {
            let blocks = blocks(mean);
            let (events, _) = moments(blocks.iter().map(|block| block.0));
            let (total, _) = moments(blocks.iter().map(|block| block.1));
            assert!((total - 1_000.0).abs() < 15.0, "{mean}: {total}");
            assert!((events - 20.0).abs() < 1.5, "{mean}: {events}");
        }
    }

    #[test]
    fn users_who_always_fail_make_bad_events_clump() {
        let dispersion = |mean: f64| {
            let (events, variance) = moments(
                blocks(mean)
                    .iter()
                    .map(|block| block.0)
                    .collect::<Vec<_>>()
                    .into_iter(),
            );
            variance / events
        };
        let (alone, ten, thirty) = (dispersion(1.0), dispersion(10.0), dispersion(30.0));
        assert!((alone - 1.0).abs() < 0.1, "{alone}");
        assert!(ten > 3.0 && thirty > ten, "{ten}, {thirty}");
    }

    #[test]
    fn a_user_who_always_fails_is_there_in_several_blocks() {
        let blocks = blocks(30.0);
        let (mean, variance) = moments(blocks.iter().map(|block| block.0));
        let next = blocks
            .windows(2)
            .map(|pair| (pair[0].0 - mean) * (pair[1].0 - mean));
        let covariance = next.sum::<f64>() / (blocks.len() - 1) as f64;
        assert!(covariance > 0.3 * variance, "{covariance} of {variance}");
    }
}
