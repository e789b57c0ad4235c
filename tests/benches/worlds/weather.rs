//! What every population of a world lives through, block by block, before anything is counted: shocks
//! that hit all alike, and what happens to one body alone. Logarithms of factors throughout.

use rand::{Rng, RngExt as _};
use rand_distr::{Distribution as _, Exp1, StandardNormal};
use rollout::simulate::{Autoregression, Noise};

use crate::fixture::BLOCK;

/// The exposed arm, the unexposed arm, and the two halves of the instances of which the unexposed arm's
/// past is known. Whatever happens to an arm by itself happens to each of them by itself.
pub(crate) const BODIES: usize = 4;
pub(crate) const EXPOSED: usize = 0;
pub(crate) const UNEXPOSED: usize = 1;
/// The first half; the second one follows.
pub(crate) const HALVES: usize = 2;

const BLOCKS_OF_A_DAY: usize = 288;

/// What happens to one body besides the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Own {
    /// Nothing.
    Nothing,
    /// Slow times that come and go, each a few hours long at the mean.
    Spells { factor: f64, hours: f64, share: f64 },
    /// Heavy-tailed incidents of one body: factors and lengths have infinite variance.
    Incidents { a_day: f64 },
    /// The exposed arm is worse for so long after every stage's entry.
    Cold { factor: f64, minutes: f64 },
    /// The exposed arm is worse for so long after the first stage's entry.
    Novelty { factor: f64, hours: f64 },
    /// The exposed arm's users are others at other times of the day; equal on average.
    Mix { amplitude: f64 },
    /// The exposed arm's users are others at the weekend; equal on average over a week.
    Weekend { amplitude: f64 },
    /// A chain of three states, calm, busy and bad.
    Markov,
    /// A drift that swings: AR(2) with a period of six hours.
    Swing { deviation: f64 },
}

/// Factors of all bodies, from the first block of the past to the last one of the last stage.
pub(crate) struct Weather {
    pub(crate) shared: Vec<f64>,
    pub(crate) bodies: [Vec<f64>; BODIES],
    /// Whether the exposed arm has an incident of its own in this block.
    pub(crate) incident: Vec<bool>,
}

impl Weather {
    /// `entries` are the blocks in which stages are entered, `start` is the first block's begin in Unix
    /// seconds. The halves live through `past` instead of `noise`.
    pub(crate) fn new(
        [noise, past]: [Noise; 2],
        own: Own,
        blocks: usize,
        entries: &[usize],
        start: i64,
        rng: &mut impl Rng,
    ) -> Self {
        let mut shared = walk(noise.shared, blocks, rng);
        if noise.incidents > 0.0 {
            let mut until = 0.0;
            for (k, value) in shared.iter_mut().enumerate() {
                let second = k as f64 * f64::from(BLOCK);
                let chance = noise.incidents * f64::from(BLOCK) / 86_400.0;
                if second >= until && rng.random::<f64>() < chance {
                    until = second + noise.incident_seconds;
                }
                if second < until {
                    *value += noise.incident_factor.ln();
                }
            }
        }
        let mut incident = vec![false; blocks];
        let bodies = std::array::from_fn(|body| {
            let drift = if body < HALVES {
                noise.drift
            } else {
                past.drift
            };
            let mut level = walk(drift, blocks, rng);
            let course = own.course(body, blocks, entries, start, rng);
            if let (EXPOSED, Own::Incidents { .. }) = (body, own) {
                incident = course.iter().map(|factor| *factor > 0.0).collect();
            }
            level
                .iter_mut()
                .zip(course)
                .for_each(|(level, own)| *level += own);
            level
        });
        Self {
            shared,
            bodies,
            incident,
        }
    }

    /// Whether the exposed arm had an incident in this block or in the two before it.
    pub(crate) fn is_near_incident(&self, block: usize) -> bool {
        let from = block.saturating_sub(2);
        self.incident[from..=block.min(self.incident.len() - 1)].contains(&true)
    }
}

impl Own {
    fn course(
        self,
        body: usize,
        blocks: usize,
        entries: &[usize],
        start: i64,
        rng: &mut impl Rng,
    ) -> Vec<f64> {
        let mut course = vec![0.0; blocks];
        let of_exposed = body == EXPOSED;
        match self {
            Self::Nothing => {}
            Self::Spells {
                factor,
                hours,
                share,
            } => {
                let minutes = 60.0 * hours;
                let pause = minutes * (1.0 - share) / share;
                let mut on = rng.random::<f64>() < share;
                let mut begin = 0.0;
                while begin < minutes_of(blocks) {
                    let length = exponential(rng) * if on { minutes } else { pause };
                    if on {
                        fill(&mut course, begin, length, factor.ln());
                    }
                    begin += length;
                    on = !on;
                }
            }
            Self::Incidents { a_day } => {
                let mut begin = exponential(rng) * 1_440.0 / a_day;
                while begin < minutes_of(blocks) {
                    let factor = pareto(2.0, rng).min(100.0);
                    let length = pareto(10.0, rng).min(720.0);
                    fill(&mut course, begin, length, factor.ln());
                    begin += length + exponential(rng) * 1_440.0 / a_day;
                }
            }
            Self::Cold { factor, minutes } if of_exposed => {
                for entry in entries {
                    fill(&mut course, *entry as f64 * 5.0, minutes, factor.ln());
                }
            }
            Self::Novelty { factor, hours } if of_exposed => {
                let entry = entries.first().copied().unwrap_or(0);
                fill(&mut course, entry as f64 * 5.0, 60.0 * hours, factor.ln());
            }
            Self::Mix { amplitude } if of_exposed => {
                let phase = rng.random::<f64>() * std::f64::consts::TAU;
                for (k, value) in course.iter_mut().enumerate() {
                    let day = k as f64 / BLOCKS_OF_A_DAY as f64;
                    *value = (1.0 + amplitude * (std::f64::consts::TAU * day + phase).sin()).ln();
                }
            }
            Self::Weekend { amplitude } if of_exposed => {
                // The rollouts begin on a Monday; half of them are moved so that they meet a weekend.
                let shift = if rng.random() { 0 } else { 3 * 86_400 };
                for (k, value) in course.iter_mut().enumerate() {
                    let second = start + shift + i64::from(BLOCK) * i64::try_from(k).unwrap_or(0);
                    let weekday = (second.div_euclid(86_400) + 3).rem_euclid(7);
                    *value = if weekday >= 5 {
                        (1.0 + amplitude).ln()
                    } else {
                        (1.0 - 0.4 * amplitude).ln()
                    };
                }
            }
            Self::Cold { .. } | Self::Novelty { .. } | Self::Mix { .. } | Self::Weekend { .. } => {}
            Self::Markov => {
                // Calm, busy, bad: factors, and how many minutes they last at the mean.
                const STATES: [(f64, f64); 3] = [(0.8, 120.0), (1.3, 45.0), (3.0, 8.0)];
                let mut state = 0;
                let mut begin = 0.0;
                while begin < minutes_of(blocks) {
                    let (factor, minutes) = STATES[state];
                    let length = exponential(rng) * minutes;
                    fill(&mut course, begin, length, f64::ln(factor));
                    begin += length;
                    state = match state {
                        0 => 1,
                        1 if rng.random::<f64>() < 0.2 => 2,
                        1 => 0,
                        _ => 1,
                    };
                }
            }
            Self::Swing { deviation } => {
                // Roots of modulus r at an angle of six hours; scaled to this deviation.
                let (r, angle) = (0.98_f64, std::f64::consts::TAU / 72.0);
                let (a, b) = (2.0 * r * angle.cos(), -r * r);
                let variance = (1.0 - b) / ((1.0 + b) * ((1.0 - b).powi(2) - a * a));
                let scale = deviation / variance.sqrt();
                let (mut last, mut before) = (0.0, 0.0);
                for k in 0..blocks + BLOCKS_OF_A_DAY {
                    let z: f64 = StandardNormal.sample(rng);
                    let next = a * last + b * before + z;
                    (before, last) = (last, next);
                    if k >= BLOCKS_OF_A_DAY {
                        course[k - BLOCKS_OF_A_DAY] = scale * next;
                    }
                }
            }
        }
        course
    }
}

fn walk(series: Autoregression, blocks: usize, rng: &mut impl Rng) -> Vec<f64> {
    let mut value = series.first(rng);
    let next = |_| {
        value = series.next(value, rng);
        value
    };
    (0..blocks).map(next).collect()
}

fn minutes_of(blocks: usize) -> f64 {
    blocks as f64 * f64::from(BLOCK) / 60.0
}

/// A time that lasts so long at the mean of 1.
fn exponential(rng: &mut impl Rng) -> f64 {
    Exp1.sample(rng)
}

/// A Pareto variable of exponent 1.5: its mean is three times this least value, its variance infinite.
fn pareto(least: f64, rng: &mut impl Rng) -> f64 {
    least * (1.0 - rng.random::<f64>()).powf(-1.0 / 1.5)
}

/// Adds to these minutes; a block that is only touched gets its share.
fn fill(course: &mut [f64], begin: f64, length: f64, log_factor: f64) {
    let block = f64::from(BLOCK) / 60.0;
    let end = begin + length;
    for (k, value) in course.iter_mut().enumerate() {
        let from = k as f64 * block;
        let covered = (end.min(from + block) - begin.max(from)) / block;
        if covered > 0.0 {
            *value = (value.exp() + covered.min(1.0) * value.exp() * (log_factor.exp() - 1.0)).ln();
        }
    }
}
