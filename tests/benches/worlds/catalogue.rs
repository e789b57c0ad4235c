//! The worlds, by name.

use rollout::simulate::{Autoregression, Noise};

use super::clumps::Clumps;
use super::metric::{Metric, Slowed};
use super::weather::Own;
use super::world::{Pods, World};

const ERRORS: Metric = Metric::Errors {
    base: 0.01,
    clumps: Clumps::None,
};

/// Independent failures of 1 % of requests.
const PLAIN: World = World {
    name: "clean",
    metric: ERRORS,
    rps: 100.0,
    noise: Noise::CLEAN,
    past: None,
    own: Own::Nothing,
    pods: None,
};

const fn clumped(name: &'static str, clumps: Clumps) -> World {
    World {
        name,
        metric: Metric::Errors { base: 0.01, clumps },
        ..PLAIN
    }
}

const fn apart(name: &'static str, own: Own) -> World {
    World { name, own, ..PLAIN }
}

const fn pods(name: &'static str, deviation: f64, exposed: [usize; 4]) -> World {
    World {
        name,
        pods: Some(Pods { deviation, exposed }),
        ..PLAIN
    }
}

const fn spells(factor: f64, share: f64) -> Own {
    Own::Spells {
        factor,
        hours: 3.0,
        share,
    }
}

pub(crate) const CLEAN: World = PLAIN;

pub(crate) const SHARED: World = World {
    name: "shared",
    noise: Noise::SHARED,
    ..PLAIN
};

pub(crate) const OVERDISPERSED: World = World {
    name: "overdispersed",
    noise: Noise::OVERDISPERSED,
    ..clumped("", Clumps::Bursts { mean: 2.0 })
};

pub(crate) const SESSIONS_OF_30: World = clumped("sessions of 30", Clumps::Sessions { mean: 30.0 });

pub(crate) const SPELLS: World = apart("on/off x1.5 of one arm", spells(1.5, 0.5));

pub(crate) const ONE_POD: World = pods("own pods, sd 0.2, 1 of 50", 0.2, [1; 4]);

/// Counts: those of the first table, sessions, arms that differ for a while or for good.
pub(crate) const COUNTS: [World; 26] = [
    CLEAN,
    SHARED,
    OVERDISPERSED,
    World {
        name: "... a history calmer than the arms",
        past: Some(Noise::SHARED),
        ..OVERDISPERSED
    },
    clumped("sessions of 10", Clumps::Sessions { mean: 10.0 }),
    SESSIONS_OF_30,
    clumped("sessions of 100", Clumps::Sessions { mean: 100.0 }),
    apart("on/off x1.25 of one arm", spells(1.25, 0.5)),
    SPELLS,
    apart("mix shift 10 %", Own::Mix { amplitude: 0.10 }),
    apart("mix shift 20 %", Own::Mix { amplitude: 0.20 }),
    apart(
        "novelty x1.3, 4 h",
        Own::Novelty {
            factor: 1.3,
            hours: 4.0,
        },
    ),
    apart(
        "cold start x3, 20 min, every stage",
        Own::Cold {
            factor: 3.0,
            minutes: 20.0,
        },
    ),
    apart("incidents of one arm", Own::Incidents { a_day: 0.5 }),
    pods("own pods, sd 0.1, 1-3-13-48 of 50", 0.1, [1, 3, 13, 48]),
    pods("own pods, sd 0.1, 1 of 50", 0.1, [1; 4]),
    pods("own pods, sd 0.1, 2 of 50", 0.1, [2; 4]),
    pods("own pods, sd 0.2, 1-3-13-48 of 50", 0.2, [1, 3, 13, 48]),
    ONE_POD,
    pods("own pods, sd 0.2, 2 of 50", 0.2, [2; 4]),
    pods("own pods, sd 0.3, 1-3-13-48 of 50", 0.3, [1, 3, 13, 48]),
    pods("own pods, sd 0.3, 1 of 50", 0.3, [1; 4]),
    pods("own pods, sd 0.3, 2 of 50", 0.3, [2; 4]),
    // Harm that passes: what is shown, not what must hold.
    apart(
        "cold start x10, 20 min (harm, shown)",
        Own::Cold {
            factor: 10.0,
            minutes: 20.0,
        },
    ),
    World {
        name: "rare: 1e-4 fail",
        metric: Metric::Errors {
            base: 1e-4,
            clumps: Clumps::None,
        },
        ..PLAIN
    },
    World {
        name: "common: 20 % fail",
        metric: Metric::Errors {
            base: 0.2,
            clumps: Clumps::None,
        },
        ..PLAIN
    },
];

/// Families to which no constant was fitted.
pub(crate) const UNSEEN: [World; 8] = [
    apart("Markov-modulated, x0.8 to x3", Own::Markov),
    clumped(
        "self-exciting (Hawkes), 0.7 children, 3 min",
        Clumps::Hawkes {
            children: 0.7,
            minutes: 3.0,
        },
    ),
    clumped(
        "self-exciting (Hawkes), 0.9 children, 10 min",
        Clumps::Hawkes {
            children: 0.9,
            minutes: 10.0,
        },
    ),
    clumped(
        "clumps of log-normal size, mean 8, sigma 1.5, 10 min",
        Clumps::LogNormal {
            mean: 8.0,
            sigma: 1.5,
            minutes: 10.0,
        },
    ),
    clumped(
        "retries, doubling pauses, 80 % fail again",
        Clumps::Retries { again: 0.8 },
    ),
    apart(
        "other users at weekends, +15 % on two days of seven",
        Own::Weekend { amplitude: 0.15 },
    ),
    apart("swinging drift, 6 h, sd 0.1", Own::Swing { deviation: 0.1 }),
    World {
        own: spells(1.25, 0.3),
        ..clumped(
            "sessions of 20 and on/off x1.25",
            Clumps::Sessions { mean: 20.0 },
        )
    },
];

const fn drift(deviation: f64, memory: f64) -> Noise {
    Noise {
        drift: Autoregression { deviation, memory },
        ..Noise::CLEAN
    }
}

/// What is left after a block where a correlation lasts so many hours: `exp(-1/(12 h))`.
const ONE_HOUR: f64 = 0.920_044_415;
const EIGHT_HOURS: f64 = 0.989_637_389;
const FORTY_HOURS: f64 = 0.997_918_836;

const fn level(name: &'static str, deviation: f64, memory: f64) -> World {
    World {
        name,
        metric: Metric::Level,
        noise: drift(deviation, memory),
        ..PLAIN
    }
}

pub(crate) const WHITE_LEVEL: World = level("white noise", 0.0, 0.0);
pub(crate) const CALM_LEVEL: World = level("1 h, sd 0.05", 0.05, ONE_HOUR);

/// Levels whose arms drift on their own.
pub(crate) const LEVELS: [World; 11] = [
    WHITE_LEVEL,
    CALM_LEVEL,
    level("1 h, sd 0.1", 0.1, ONE_HOUR),
    level("1 h, sd 0.2", 0.2, ONE_HOUR),
    level("8 h, sd 0.05", 0.05, EIGHT_HOURS),
    level("8 h, sd 0.1", 0.1, EIGHT_HOURS),
    level("8 h, sd 0.2", 0.2, EIGHT_HOURS),
    level("40 h, sd 0.05", 0.05, FORTY_HOURS),
    level("40 h, sd 0.1", 0.1, FORTY_HOURS),
    level("40 h, sd 0.2", 0.2, FORTY_HOURS),
    World {
        own: Own::Swing { deviation: 0.1 },
        ..level("swinging (AR 2), 6 h, sd 0.1: not fitted to", 0.0, 0.0)
    },
];

const fn revenue(name: &'static str, rps: f64, sigma: f64, conversion: f64) -> World {
    World {
        name,
        metric: Metric::Revenue { sigma, conversion },
        rps,
        ..PLAIN
    }
}

pub(crate) const REVENUE_SIGMA_1: World = revenue("sigma 1, 100 rps", 100.0, 1.0, 0.01);

/// Revenue of a visit.
pub(crate) const REVENUES: [World; 8] = [
    REVENUE_SIGMA_1,
    revenue("sigma 1, 20 rps", 20.0, 1.0, 0.01),
    revenue("sigma 1, 2 rps", 2.0, 1.0, 0.01),
    revenue("sigma 2, 100 rps", 100.0, 2.0, 0.01),
    revenue("sigma 2, 20 rps", 20.0, 2.0, 0.01),
    revenue("sigma 2, 2 rps", 2.0, 2.0, 0.01),
    revenue("sigma 2, 100 rps, 2 % buy", 100.0, 2.0, 0.02),
    World {
        noise: drift(0.05, 0.9),
        ..revenue(
            "sigma 1.5, 50 rps, arms drift 5 %: not fitted to",
            50.0,
            1.5,
            0.015,
        )
    },
];

const fn latencies(name: &'static str, rps: f64, slowed: Slowed, own: Own) -> World {
    World {
        name,
        metric: Metric::Latency {
            slowed,
            spread: 0.7,
        },
        rps,
        own,
        ..PLAIN
    }
}

pub(crate) const CALM_LATENCY: World =
    latencies("calm, 100 rps", 100.0, Slowed::Times, Own::Nothing);

/// The same with one request in a thousand above a second.
pub(crate) const LONG_TAIL: World = World {
    metric: Metric::Latency {
        slowed: Slowed::Times,
        spread: 1.3,
    },
    ..CALM_LATENCY
};

/// Latencies whose arms are slow for hours.
pub(crate) const LATENCIES: [World; 9] = [
    CALM_LATENCY,
    latencies("calm, 10 rps", 10.0, Slowed::Times, Own::Nothing),
    latencies("calm, 2 rps", 2.0, Slowed::Times, Own::Nothing),
    latencies(
        "slow shares x1.5, half of the time",
        100.0,
        Slowed::Shares,
        spells(1.5, 0.5),
    ),
    latencies(
        "slow shares x2, half of the time",
        100.0,
        Slowed::Shares,
        spells(2.0, 0.5),
    ),
    latencies(
        "all times x1.5, a quarter of the time",
        100.0,
        Slowed::Times,
        spells(1.5, 0.25),
    ),
    latencies(
        "all times x2, a quarter of the time",
        100.0,
        Slowed::Times,
        spells(2.0, 0.25),
    ),
    latencies(
        "slow shares x1.5, half of the time, 2 rps",
        2.0,
        Slowed::Shares,
        spells(1.5, 0.5),
    ),
    World {
        noise: drift(0.1, EIGHT_HOURS),
        ..latencies(
            "all times drift, 8 h, sd 0.1: not fitted to",
            100.0,
            Slowed::Times,
            Own::Nothing,
        )
    },
];
