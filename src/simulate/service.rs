//! A service with traffic, a base rate of bad events, noise and possibly harm in its exposed arm.

use rand::{Rng, RngExt as _};

use crate::stats::TwoArmBlock;

use super::draw::{binomial, geometric_sum, poisson};
use super::{Noise, Sessions};

/// How much is asked of a service, and how often it fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    /// Mean requests a second, both arms together.
    pub rps: f64,
    /// Relative height of the daily cycle, 0 to 1.
    pub cycle: f64,
    /// Share of bad events without any harm.
    pub base: f64,
}

impl Traffic {
    /// Requests that are expected from this Unix second on, so many seconds long. The day's low is at
    /// midnight, its high at noon.
    pub(super) fn expected(&self, begin: i64, seconds: f64) -> f64 {
        let hour = std::f64::consts::TAU * begin as f64 / DAY;
        self.rps * seconds * (1.0 - self.cycle * hour.cos())
    }
}

/// What the change does to its users.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harm {
    /// Multiplies the exposed arm's rate of bad events.
    pub factor: f64,
    /// From this Unix second on.
    pub from: i64,
}

impl Harm {
    /// A change that does nothing.
    pub const NONE: Self = Self {
        factor: 1.0,
        from: i64::MIN,
    };
}

/// A service in operation; remembers its disturbances from block to block.
#[derive(Debug, Clone)]
pub struct Service {
    traffic: Traffic,
    noise: Noise,
    shared: f64,
    drift: [f64; 2],
    users: [Sessions; 2],
    /// Unix second at which the present incident is over.
    incident_until: f64,
}

const DAY: f64 = 86_400.0;

impl Service {
    /// A service that has been running for long.
    pub fn new(traffic: Traffic, noise: Noise, rng: &mut impl Rng) -> Self {
        Self {
            traffic,
            noise,
            shared: noise.shared.first(rng),
            drift: [noise.drift.first(rng), noise.drift.first(rng)],
            users: <[Sessions; 2]>::default(),
            incident_until: f64::NEG_INFINITY,
        }
    }

    /// The next block of two halves of the service's instances, neither of them exposed: what the
    /// unexposed arm looks like before a stage. Each half drifts as an arm does.
    pub fn halves(&mut self, begin: i64, seconds: u32, rng: &mut impl Rng) -> TwoArmBlock {
        self.block(begin, seconds, 0.5, Harm::NONE, rng)
    }

    /// The next block, from `begin` on and so many seconds long, with this share of users exposed.
    pub fn block(
        &mut self,
        begin: i64,
        seconds: u32,
        share: f64,
        harm: Harm,
        rng: &mut impl Rng,
    ) -> TwoArmBlock {
        let length = f64::from(seconds);
        self.shared = self.noise.shared.next(self.shared, rng);
        for drift in &mut self.drift {
            *drift = self.noise.drift.next(*drift, rng);
        }
        let begin_f = begin as f64;
        if self.noise.incidents > 0.0
            && begin_f >= self.incident_until
            && rng.random::<f64>() < self.noise.incidents * length / DAY
        {
            self.incident_until = begin_f + self.noise.incident_seconds;
        }
        let incident = if begin_f < self.incident_until {
            self.noise.incident_factor
        } else {
            1.0
        };
        let asked = self.traffic.expected(begin, length);
        let rate = self.traffic.base * self.shared.exp() * incident;
        let harmful = if begin >= harm.from { harm.factor } else { 1.0 };
        let arms = [
            (asked * share, rate * harmful * self.drift[0].exp()),
            (asked * (1.0 - share), rate * self.drift[1].exp()),
        ];
        let noise = self.noise;
        let mut users = self.users.iter_mut();
        let [exposed, unexposed] = arms.map(|(mean, rate)| match users.next() {
            Some(users) if noise.session > 1.0 => {
                users.block(noise.session, mean, rate.min(1.0), seconds, rng)
            }
            _ => {
                let total = poisson(mean, rng);
                (noise.events(total, rate.min(1.0), rng), total)
            }
        });
        TwoArmBlock {
            exposed_events: exposed.0,
            exposed_total: exposed.1,
            unexposed_events: unexposed.0,
            unexposed_total: unexposed.1,
        }
    }
}

impl Noise {
    /// Bad events among a total: single ones, or bursts of geometric size.
    fn events(self, total: f64, rate: f64, rng: &mut impl Rng) -> f64 {
        if self.burst <= 1.0 {
            return binomial(total, rate, rng);
        }
        let bursts = poisson(total * rate / self.burst, rng);
        geometric_sum(bursts, self.burst, rng).min(total)
    }
}
