//! The test itself: a stage's blocks, restarts within it, and what a history teaches of the noise.

use super::super::normal::LEAST_BLOCKS;
use super::super::onset::{FROM_THE_START, restart_weight};
use super::super::running::to_end;
use super::filter::{Contrast, Filter};
use super::grid::parameters;
use super::look::{Candidate, Look};
use super::parameter::Parameter;

/// What the differences of a history are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// Two halves of one arm: their mean is known to be 0.
    Halves,
    /// One arm's own level: its mean is not known, and two arms vary twice as much.
    Level,
}

/// Two arms' levels since the start of a stage, and since restarts within it.
#[derive(Debug, Clone)]
pub struct DriftTest {
    parameters: Vec<Parameter>,
    past: Past,
    /// The same noise in the history's blocks.
    of_history: Vec<Parameter>,
    history: Filter,
    history_seconds: f64,
    whole: Run,
    restarts: Vec<Restart>,
    /// Restarts that have begun; not all of them go on.
    begun: u32,
    every: usize,
    /// Blocks before the next restart.
    due: usize,
    least_blocks: f64,
}

/// Evidence since one start.
#[derive(Debug, Clone)]
struct Run {
    filter: Filter,
    before: Option<Before>,
}

/// Evidence of what begins late. What it has shown when it ends depends on what is asked of it, so that it
/// counts as nothing from then on.
#[derive(Debug, Clone)]
struct Restart {
    /// After so many blocks.
    at: usize,
    number: u32,
    run: Run,
}

/// What lies before a restart: it has a mean of its own, and the same noise.
#[derive(Debug, Clone)]
struct Before {
    filter: Filter,
    /// Logarithm of the information on its mean, by parameter.
    log_information: Vec<f64>,
}

/// By how much the log likelihood of a plausible parameter may lie below the largest one, by the days
/// of history, of three and of one of which some blocks may be missing. Chosen by simulation of whole rollouts: a week tells parameters apart, a stage hardly.
fn drop_for(history_days: f64) -> f64 {
    if history_days >= 2.7 {
        0.5
    } else if history_days >= 0.9 {
        1.0
    } else {
        3.0
    }
}

impl DriftTest {
    /// No evidence yet, in blocks of this length in seconds. Restarts every `every` blocks (never, if
    /// 0). `past` says what the history's blocks are of, and how long they are.
    #[must_use]
    pub fn new(block_seconds: i64, past: (Past, i64), every: usize) -> Self {
        let (past, history_seconds) = past;
        let parameters = parameters(block_seconds.max(1) as f64);
        let history_seconds = history_seconds.max(1) as f64;
        let filter = Filter::new(parameters.len());
        Self {
            past,
            of_history: parameters
                .iter()
                .map(|p| p.in_blocks_of(history_seconds))
                .collect(),
            history: filter.clone(),
            history_seconds,
            whole: Run {
                filter,
                before: None,
            },
            restarts: Vec::new(),
            begun: 0,
            every,
            due: every,
            least_blocks: LEAST_BLOCKS,
            parameters,
        }
    }

    /// Takes in a block of the history, after so many that lacked it: the difference of the halves,
    /// or the level.
    pub fn push_history(&mut self, skipped: u32, value: f64) {
        self.history.skip(&self.of_history, skipped);
        self.history.push(&self.of_history, [value, 0.0]);
    }

    /// Takes in a block of the stage, after so many that lacked an arm: the exposed and the unexposed
    /// level.
    pub fn push(&mut self, skipped: u32, exposed: f64, unexposed: f64) {
        if self.every > 0 && self.whole.filter.blocks >= self.due as f64 {
            let begun: Vec<usize> = self.restarts.iter().map(|restart| restart.at).collect();
            if let Some(place) = to_end(&begun, self.due) {
                self.restarts.remove(place);
            }
            let count = self.parameters.len();
            let before = self.whole.filter.clone();
            let log_information = (0..count).map(|p| before.information(p).ln()).collect();
            self.restarts.push(Restart {
                at: self.due,
                number: self.begun,
                run: Run {
                    filter: Filter::new(count),
                    before: Some(Before {
                        filter: before,
                        log_information,
                    }),
                },
            });
            self.begun += 1;
            self.due += self.every;
        }
        let restarts = self.restarts.iter_mut().map(|restart| &mut restart.run);
        for run in restarts.chain([&mut self.whole]) {
            run.filter.skip(&self.parameters, skipped);
            run.filter.push(&self.parameters, [exposed, unexposed]);
        }
    }

    /// From now on looks know something from the second block on: where there is a day of history or more,
    /// which says how levels wander.
    pub const fn look_early(&mut self) {
        self.least_blocks = 2.0;
    }

    /// Blocks of the stage.
    #[must_use]
    pub const fn blocks(&self) -> f64 {
        self.whole.filter.blocks
    }

    /// Days of blocks in the history.
    #[must_use]
    pub fn history_days(&self) -> f64 {
        self.history.blocks * self.history_seconds / 86_400.0
    }

    /// A contrast of the arms since the start of the stage.
    #[must_use]
    pub fn look(&self, contrast: Contrast) -> Look {
        self.since(&self.whole, contrast)
    }

    /// Log evidence against a contrast of at most `offset` (at least, for a negative `sign`), mixed over
    /// the start of the stage, of which `whole` is [`DriftTest::look`], and restarts within it.
    #[must_use]
    pub fn log_e_of_onset(&self, whole: &Look, contrast: Contrast, offset: f64, sign: f64) -> f64 {
        let begun: f64 = (0..self.begun).map(|i| restart_weight(f64::from(i))).sum();
        let mut e = 0.0;
        for Restart { number, run, .. } in &self.restarts {
            let weight = restart_weight(f64::from(*number));
            let look = self.since(run, contrast);
            // What points away from harm is counted as nothing rather than as the little it is.
            e += if !look.is_known() {
                weight
            } else if look.is_beyond(offset, sign) {
                weight * look.log_e(offset, sign).exp()
            } else {
                0.0
            };
        }
        let unbegun = (1.0 - FROM_THE_START - begun).max(0.0);
        (FROM_THE_START * whole.log_e(offset, sign).exp() + unbegun + e).ln()
    }

    fn since(&self, run: &Run, contrast: Contrast) -> Look {
        self.since_within(run, contrast, drop_for(self.history_days()))
    }

    /// With the parameters whose log likelihood is within `drop` of the largest.
    fn since_within(&self, run: &Run, contrast: Contrast, drop: f64) -> Look {
        let blocks = run.filter.blocks;
        if blocks < self.least_blocks {
            return Look::default();
        }
        let scale = self.scale(contrast);
        let mut most = f64::NEG_INFINITY;
        let seen: Vec<(f64, Candidate)> = self
            .parameters
            .iter()
            .enumerate()
            .map(|(p, parameter)| {
                let own = run.filter.fit(p, contrast);
                let (mut squares, mut freedom) = (own.around_mean, blocks - 1.0);
                let mut terms = own.logs + own.information.ln();
                if let Some(before) = &run.before {
                    let fit = before.filter.fit(p, contrast);
                    squares += fit.around_mean;
                    freedom += before.filter.blocks - 1.0;
                    terms += fit.logs + before.log_information[p];
                }
                if self.history.blocks >= 2.0 {
                    let learnt = self.in_history(p, scale);
                    squares += learnt.squares;
                    freedom += learnt.freedom;
                    terms += learnt.terms;
                }
                let variance = squares / freedom;
                let likelihood = likelihood(variance, freedom, terms);
                most = most.max(likelihood);
                let used = variance.max(own.around_mean / (blocks - 1.0));
                let candidate = Candidate {
                    mean: own.mean,
                    precision: own.information / used.max(LEAST_VARIANCE),
                    freedom,
                    progress: own.information / parameter.tightest,
                };
                (likelihood, candidate)
            })
            .collect();
        let plausible = |(likelihood, _): &(f64, Candidate)| *likelihood >= most - drop;
        Look {
            candidates: seen.into_iter().filter(plausible).map(|(_, c)| c).collect(),
        }
    }
}

/// Below this a variance is that of rounding.
const LEAST_VARIANCE: f64 = 1e-280;

/// Levels that never vary fit any parameter, and equally well.
fn likelihood(variance: f64, freedom: f64, terms: f64) -> f64 {
    -0.5 * (freedom * variance.max(LEAST_VARIANCE).ln() + terms)
}

/// What a history adds to the fit of a parameter.
struct InHistory {
    squares: f64,
    freedom: f64,
    /// Logarithms of variances and of information.
    terms: f64,
}

impl DriftTest {
    /// The difference of halves varies twice as much as one arm, a level once, the contrast so much.
    fn scale(&self, [a, b]: Contrast) -> f64 {
        match self.past {
            Past::Halves => 0.5 * (a * a + b * b),
            Past::Level => a * a + b * b,
        }
    }

    fn in_history(&self, p: usize, scale: f64) -> InHistory {
        let fit = self.history.fit(p, [1.0, 0.0]);
        match self.past {
            Past::Halves => InHistory {
                squares: scale * fit.around_zero,
                freedom: self.history.blocks,
                terms: fit.logs,
            },
            Past::Level => InHistory {
                squares: scale * fit.around_mean,
                freedom: self.history.blocks - 1.0,
                terms: fit.logs + fit.information.ln(),
            },
        }
    }

    /// The parameters that the history alone leaves plausible, each with the variance of the contrast and
    /// its degrees of freedom; none where it is too short.
    pub(super) fn by_history(&self, contrast: Contrast) -> Vec<(Parameter, f64, f64)> {
        if self.history.blocks < LEAST_BLOCKS {
            return Vec::new();
        }
        let scale = self.scale(contrast);
        let fits: Vec<(f64, InHistory)> = (0..self.parameters.len())
            .map(|p| {
                let fit = self.in_history(p, scale);
                let variance = fit.squares / fit.freedom;
                (likelihood(variance, fit.freedom, fit.terms), fit)
            })
            .collect();
        let most = fits.iter().map(|(l, _)| *l).fold(f64::MIN, f64::max);
        let drop = drop_for(self.history_days());
        let all = self.parameters.iter().zip(fits);
        all.filter(|(_, (likelihood, _))| *likelihood >= most - drop)
            .map(|(p, (_, fit))| {
                let variance = (fit.squares / fit.freedom).max(LEAST_VARIANCE);
                (*p, variance, fit.freedom)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(k: u32, factor: u32, modulus: u32) -> f64 {
        let half = f64::from((modulus - 1) / 2);
        (f64::from((factor * k) % modulus) - half) / half
    }

    fn reference(history: u32, drop: f64) -> f64 {
        let mut test = DriftTest::new(300, (Past::Halves, 300), 0);
        for k in 0..history {
            test.push_history(0, 0.03 * (wave(k, 7_919, 13) - wave(k, 104_729, 17)));
        }
        for k in 0..72 {
            let exposed = (1.25 + 0.05 * wave(k, 7_919, 13)).ln();
            let unexposed = (1.0 + 0.05 * wave(k, 104_729, 17)).ln();
            test.push(0, exposed, unexposed);
        }
        test.since_within(&test.whole, [1.0, -1.0], drop)
            .log_e(1.1_f64.ln(), 1.0)
    }

    #[test]
    fn evidence_agrees_with_the_reference() {
        for (history, drop, expected) in [
            (0, 0.0, 72.980_294_750),
            (0, 0.5, 66.740_546_900),
            (0, 3.0, 0.672_677_026),
            (288, 0.5, 169.325_544_342),
        ] {
            let found = reference(history, drop);
            assert!((found - expected).abs() < 1e-8, "{history} {drop}: {found}");
        }
    }
}
