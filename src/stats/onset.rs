//! Evidence that may begin late: a mixture over the start of a stage and restarts within it.
//!
//! Harm that sets in at noon must not be diluted by a healthy morning. Most of the weight is on the
//! start of the stage, the rest on restarts at regular intervals, each of which sees only
//! what came after it and measures its own dispersion; before it begins it counts as 1. An average
//! of e-processes is an e-process, so looking for late onsets costs a factor, not an error
//! guarantee: `E = 1/2 E_0 + 1/2 mean over s of E_s`, with `E_s` the evidence after restart `s`.
//!
//! Restarts measure their own dispersion because a shift in the middle of a stage would inflate that
//! of the whole stage and so hide itself: with one dispersion for all, a doubling that began twelve
//! hours into a stage was found in the next stage only; with their own, an hour after it began.

use super::Prior;
use super::dispersion::{Dispersion, Model, Observation, Start};
use super::grid::{Alternatives, GRID, average};
use super::running::to_end;

/// What one look reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Log e-value of the whole mixture.
    pub log_e: f64,
    /// Dispersion since the start of the stage.
    pub dispersion: f64,
}

/// A tempered e-process mixed over its possible onsets.
#[derive(Debug, Clone)]
pub struct OnsetMixture {
    dispersion: Dispersion,
    prior: Prior,
    /// Log likelihood ratios since the start of the stage.
    sums: Alternatives,
    whole: Start,
    restarts: Vec<Restart>,
    every: usize,
    blocks: usize,
    /// Restarts that have begun; not all of them go on.
    begun: usize,
    /// Weighted evidence of those that have ended.
    settled: f64,
    /// Weight of the restarts that have not begun, each of which counts as 1.
    unbegun: f64,
}

#[derive(Debug, Clone)]
struct Restart {
    /// After so many blocks.
    at: usize,
    weight: f64,
    base: Alternatives,
    start: Start,
    /// What is believed in place of the history, where the stage had shown that history wrong, or
    /// there is none, when this began.
    instead: Option<Prior>,
}

/// Weight on the start of the stage. Most harm is there from the first request on; what is left for
/// late onsets costs them a factor that their evidence makes up for within minutes.
pub const FROM_THE_START: f64 = 0.75;

/// The weights of restarts fall like `H / ((i + H)(i + H + 1))`, which sums to 1 over all `i`:
/// nearly even over a day of restarts every two hours, and valid for a stage of any length.
const HORIZON: f64 = 12.0;

/// The weight of the restart with this number, from 0.
pub(super) fn restart_weight(i: f64) -> f64 {
    falling(1.0 - FROM_THE_START, i, HORIZON)
}

/// The part of a weight that the onset with this number has, from 0, where they fall over so many.
pub(super) fn falling(weight: f64, i: f64, horizon: f64) -> f64 {
    weight * horizon / ((i + horizon) * (i + horizon + 1.0))
}

impl OnsetMixture {
    /// Restarts every `every` blocks; never, if 0.
    #[must_use]
    pub fn new(model: Model, prior: Prior, every: usize) -> Self {
        let dispersion = Dispersion::new(model);
        let whole = dispersion.start();
        Self {
            dispersion,
            prior,
            sums: [0.0; GRID],
            whole,
            restarts: Vec::new(),
            every,
            blocks: 0,
            begun: 0,
            settled: 0.0,
            unbegun: 1.0 - FROM_THE_START,
        }
    }

    /// Takes in one block: `add` adds its log likelihood ratios.
    pub fn push(
        &mut self,
        observation: &Observation,
        add: impl FnOnce(&mut Alternatives),
    ) -> Reading {
        if self.is_due() {
            self.restart();
        }
        self.blocks += 1;
        add(&mut self.sums);
        self.dispersion.push(observation);
        self.dispersion.note(&mut self.whole);
        for restart in &mut self.restarts {
            self.dispersion.note(&mut restart.start);
        }
        self.reading()
    }

    fn reading(&self) -> Reading {
        let dispersion = self.dispersion.since(&self.whole, self.prior);
        let whole = FROM_THE_START * average(&self.sums, &[0.0; GRID], dispersion);
        let mut e = whole + self.settled + self.unbegun;
        for restart in &self.restarts {
            e += self.evidence(restart);
        }
        Reading {
            log_e: e.ln(),
            dispersion,
        }
    }

    /// Weighted evidence since a restart.
    fn evidence(&self, restart: &Restart) -> f64 {
        let prior = restart.instead.unwrap_or(self.prior);
        let own = self.dispersion.since(&restart.start, prior);
        restart.weight * average(&self.sums, &restart.base, own)
    }

    const fn is_due(&self) -> bool {
        self.every > 0 && self.blocks > 0 && self.blocks.is_multiple_of(self.every)
    }

    fn restart(&mut self) {
        let begun: Vec<usize> = self.restarts.iter().map(|restart| restart.at).collect();
        if let Some(place) = to_end(&begun, self.blocks) {
            let restart = self.restarts.remove(place);
            self.settled += self.evidence(&restart);
        }
        let weight = restart_weight(self.begun as f64);
        self.begun += 1;
        // A history that holds is better knowledge than the stage's own, which the very onset that
        // is looked for would have inflated.
        let instead = (!self.prior.is_learnt() || self.contradicts()).then(|| {
            let taught = self.dispersion.learn(&self.whole);
            if taught.is_learnt() {
                taught
            } else {
                Prior::after(self.dispersion.since(&self.whole, self.prior))
            }
        });
        self.restarts.push(Restart {
            at: self.blocks,
            weight,
            base: self.sums,
            start: self.dispersion.start(),
            instead,
        });
        self.unbegun -= weight;
    }

    /// Whether the stage varies so much more than its prior has it that the prior cannot be right.
    #[must_use]
    pub fn contradicts(&self) -> bool {
        self.dispersion.contradicts(&self.whole, self.prior)
    }

    /// The dispersion measured so far.
    #[must_use]
    pub fn measured(&self) -> &Dispersion {
        &self.dispersion
    }
}

#[cfg(test)]
mod tests {
    use super::super::running::MOST;
    use super::*;
    use crate::stats::TwoArmBlock;

    #[test]
    fn restarts_come_every_two_hours_and_the_newest_go_on() {
        let mut onset = OnsetMixture::new(Model::TwoArms, Prior::UNKNOWN, 24);
        let block = TwoArmBlock {
            exposed_events: 1.0,
            exposed_total: 100.0,
            unexposed_events: 9.0,
            unexposed_total: 900.0,
        };
        for k in 0..1_152 {
            onset.push(&Observation::two_arms(&block), |_| {});
            let begun = k / 24;
            assert_eq!(onset.begun, begun);
            assert_eq!(onset.restarts.len(), begun.min(MOST));
            assert_eq!(
                onset.restarts.last().map(|one| one.at),
                (begun > 0).then_some(24 * begun)
            );
        }
        let weights: f64 = (0..47).map(|i| restart_weight(f64::from(i))).sum();
        assert!((weights + onset.unbegun - (1.0 - FROM_THE_START)).abs() < 1e-12);
        // Without any harm each of those that have ended has ended with about what it was worth.
        assert!(onset.settled < weights);
        assert!(onset.settled > 0.0);
    }
}
