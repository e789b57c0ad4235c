//! What disturbs a metric besides chance.

use rand::Rng;
use rand_distr::{Distribution as _, StandardNormal};

/// A disturbance that remembers: each block keeps `memory` of the last one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autoregression {
    /// Standard deviation on the log rate.
    pub deviation: f64,
    /// Between 0, forgetful, and 1.
    pub memory: f64,
}

impl Autoregression {
    /// No disturbance.
    pub const NONE: Self = Self {
        deviation: 0.0,
        memory: 0.0,
    };

    /// A first value.
    pub fn first(self, rng: &mut impl Rng) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        self.deviation * z
    }

    /// The value after `last`, one block later.
    pub fn next(self, last: f64, rng: &mut impl Rng) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        self.memory * last + self.deviation * (1.0 - self.memory * self.memory).sqrt() * z
    }
}

/// A family of disturbances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Common to both arms: load, dependencies, the time of day beyond its plain cycle.
    pub shared: Autoregression,
    /// Incidents a day, common to both arms.
    pub incidents: f64,
    /// How much an incident multiplies the rate.
    pub incident_factor: f64,
    /// How long an incident lasts, in seconds.
    pub incident_seconds: f64,
    /// Each arm's own drift: other machines, other neighbours.
    pub drift: Autoregression,
    /// Mean size of a burst of events, such as a retrying client; 1 is none.
    pub burst: f64,
    /// Mean number of a user's requests, which then come over minutes; half of the bad ones are those of users
    /// for whom everything fails. 1 is none.
    pub session: f64,
}

impl Noise {
    /// Independent events.
    pub const CLEAN: Self = Self {
        shared: Autoregression::NONE,
        incidents: 0.0,
        incident_factor: 1.0,
        incident_seconds: 0.0,
        drift: Autoregression::NONE,
        burst: 1.0,
        session: 1.0,
    };

    /// Incidents and slow changes that hit both arms alike.
    pub const SHARED: Self = Self {
        shared: Autoregression {
            deviation: 0.30,
            memory: 0.9,
        },
        incidents: 1.0,
        incident_factor: 4.0,
        incident_seconds: 1_800.0,
        ..Self::CLEAN
    };

    /// The same, and each arm drifts and bursts on its own.
    pub const OVERDISPERSED: Self = Self {
        drift: Autoregression {
            deviation: 0.05,
            memory: 0.9,
        },
        burst: 2.0,
        ..Self::SHARED
    };

    /// Users of thirty requests, of whom some always fail.
    pub const SESSIONS: Self = Self {
        session: 30.0,
        ..Self::CLEAN
    };
}
