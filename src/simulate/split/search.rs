//! The smallest harm that is found in a stage before the plan would leave it.

use crate::decide::Action;
use crate::plan::{OnBreach, Role};
use crate::simulate::rollout::durations;
use crate::simulate::{as_if, instant};
use crate::units::Exposure;

use super::arms::Arms;
use super::harm::Harm;
use super::rollout::{Outcome, breached};
use super::starts::Starts;
use super::trial::Split;

/// Sizes of harm that are tried.
pub const LADDER: [f64; 7] = [1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0];

/// Stages that a size is tried in.
const TRIES: usize = 20;

/// In so many of them it must be found: four in five.
const ENOUGH: usize = 16;

/// The smallest harm to a guardrail that is found in a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SmallestHarm {
    /// This factor is found in four of five tries.
    Found {
        /// One of [`LADDER`].
        factor: f64,
        /// Seconds from the stage's entry, at the median of those that found it.
        seconds: i64,
    },
    /// Not even the largest is.
    Beyond,
    /// Nothing is rolled back or paused by this guardrail in this stage.
    NotSought,
    /// The past does not hold this stage.
    NoData,
}

impl Split<'_> {
    /// Searches for it in this stage (1-based), with splits and starts among these.
    #[must_use]
    pub fn smallest(&self, guardrail: usize, stage: u32, starts: &Starts) -> SmallestHarm {
        let Some(one) = self.plan.guardrails.get(guardrail) else {
            return SmallestHarm::NotSought;
        };
        let does = one.on_breach;
        let acts = match (one.role, does) {
            (Role::Guardrail, OnBreach::Rollback | OnBreach::Pause) => true,
            (Role::Guardrail, OnBreach::Warn) | (Role::Success, _) => false,
        };
        if !acts {
            return SmallestHarm::NotSought;
        }
        let jobs = spread(starts);
        let mut largest_missed = 0;
        let mut found = None;
        // The first rung that is found, by halving: more harm is found no more rarely.
        let mut smallest_found = LADDER.len();
        while largest_missed < smallest_found {
            let rung = usize::midpoint(largest_missed, smallest_found);
            match self.tried((guardrail, does), stage, LADDER[rung], &jobs) {
                Tried::Found(seconds) => {
                    found = Some((rung, seconds));
                    smallest_found = rung;
                }
                Tried::Missed => largest_missed = rung + 1,
                Tried::NoData => return SmallestHarm::NoData,
            }
        }
        match found {
            Some((rung, seconds)) => SmallestHarm::Found {
                factor: LADDER[rung],
                seconds,
            },
            None => SmallestHarm::Beyond,
        }
    }

    fn tried(
        &self,
        (guardrail, does): (usize, OnBreach),
        stage: u32,
        factor: f64,
        jobs: &[(i64, u64)],
    ) -> Tried {
        let mut times: Vec<i64> = Vec::new();
        let (mut missed, mut void) = (0, 0);
        for (start, seed) in jobs {
            let harm = Harm {
                guardrail,
                factor,
                seed: *seed,
            };
            match self.time_to_find((stage, *start), harm, does) {
                Some(Some(seconds)) => times.push(seconds),
                Some(None) => missed += 1,
                None => void += 1,
            }
            // No more can change the answer.
            if missed > jobs.len() - ENOUGH.min(jobs.len()) {
                return Tried::Missed;
            }
            if times.len() >= ENOUGH {
                break;
            }
        }
        if void > jobs.len() / 2 {
            return Tried::NoData;
        }
        let tried = times.len() + missed;
        if times.len() * TRIES < ENOUGH * tried {
            return Tried::Missed;
        }
        times.sort_unstable();
        Tried::Found(times.get(times.len() / 2).copied().unwrap_or(0))
    }

    /// Seconds until this harm is found in a stage that is entered then; the outer `None` where the past does
    /// not tell.
    fn time_to_find(
        &self,
        (stage, start): (u32, i64),
        harm: Harm,
        does: OnBreach,
    ) -> Option<Option<i64>> {
        let plan = as_if(&self.plan, stage, instant(start))?;
        if plan.state.as_ref()?.exposure == Exposure::FULL {
            return None;
        }
        let mut arms = Arms::shuffled(self.past.slots, harm.seed);
        self.expose(&plan, &mut arms, start)?;
        match self.stage(&plan, &arms, start, Some(harm)) {
            Outcome::Moved(found) => {
                let is_found = match found.decision.action {
                    Action::Rollback { .. } | Action::Pause => {
                        breached(&plan, &found, does).contains(&harm.guardrail)
                    }
                    Action::Advance { .. } | Action::Complete | Action::Hold => false,
                };
                Some(is_found.then(|| found.at.timestamp() - start))
            }
            Outcome::Held => Some(None),
            // A stage that lasted as long as it must, and had not found it, did not find it.
            Outcome::DataEnded => {
                let (least, _) = durations(&plan);
                let known = self.past.to.timestamp() - start;
                (known >= i64::from(least.seconds())).then_some(None)
            }
        }
    }
}

/// What came of one size.
enum Tried {
    Found(i64),
    Missed,
    NoData,
}

/// Some of the rollouts, of different splits and starts.
fn spread(starts: &Starts) -> Vec<(i64, u64)> {
    let splits = u64::from(starts.splits).max(1);
    let count = u64::try_from(TRIES).unwrap_or(0);
    let at = |k: u64| usize::try_from(k).unwrap_or(0) % starts.at.len().max(1);
    (0..count)
        .filter_map(|k| Some((*starts.at.get(at(k))?, 1 + k % splits)))
        .collect()
}
