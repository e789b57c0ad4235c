//! One rollout of a release that changes nothing, decided by the real judge and the real rules.

use crate::decide::Action;
use crate::judge::Verdict;
use crate::plan::{OnBreach, Plan};
use crate::simulate::rollout::{around, durations, up_to_blocks};
use crate::simulate::{Move, as_if, first_move, instant};
use crate::units::Exposure;

use super::arms::{Arms, Exposing};
use super::harm::Harm;
use super::trial::Split;

/// Harm is looked for in this part of a stage first.
const EARLY: i64 = 4;

/// How a rollout over the past ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitEnded {
    /// Rolled back in this stage.
    RolledBack {
        /// 1-based.
        stage: u32,
    },
    /// Paused by a guardrail in this stage.
    Paused {
        /// 1-based.
        stage: u32,
    },
    /// Every gate passed.
    Released,
    /// This stage's gate stayed closed for so long that a person must decide.
    Held {
        /// 1-based.
        stage: u32,
    },
    /// The past ended in this stage, or its slots no longer made two arms.
    DataEnded {
        /// 1-based.
        stage: u32,
    },
}

/// One stage of a rollout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passed {
    /// 1-based.
    pub stage: u32,
    /// What the plan asks for.
    pub exposure: Exposure,
    /// The share of traffic that was exposed.
    pub share: f64,
    /// The slots that were exposed.
    pub slots: usize,
    /// Seconds in the stage.
    pub seconds: i64,
}

/// What came of one rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitRun {
    /// How it ended.
    pub ended: SplitEnded,
    /// Seconds from the first stage's entry to the end.
    pub seconds: i64,
    /// The stages it was in.
    pub stages: Vec<Passed>,
    /// The guardrails that ended it, by their place in the plan that is tried.
    pub by: Vec<usize>,
}

/// What came of one stage.
pub(super) enum Outcome {
    Moved(Box<Move>),
    Held,
    DataEnded,
}

impl Split<'_> {
    /// Runs one rollout that begins at this second; the same seed exposes the same slots.
    #[must_use]
    pub fn run(&self, start: i64, seed: u64) -> SplitRun {
        let mut arms = Arms::shuffled(self.past.slots, seed);
        let mut stages: Vec<Passed> = Vec::new();
        let mut now = start;
        let mut ended = SplitEnded::DataEnded { stage: 1 };
        let mut by = Vec::new();
        let mut plan = as_if(&self.plan, 1, instant(start));
        while let Some(current) = &plan {
            let Some(state) = &current.state else {
                break;
            };
            let stage = state.stage;
            ended = SplitEnded::DataEnded { stage };
            let Some(exposing) = self.expose(current, &mut arms, now) else {
                break;
            };
            let outcome = self.stage(current, &arms, now, None);
            let until = match &outcome {
                Outcome::Moved(found) => found.at.timestamp(),
                Outcome::Held | Outcome::DataEnded => self.last_of(current, now),
            };
            match stages.last_mut().filter(|last| last.stage == stage) {
                // A ramp is one stage, whose exposure grows.
                Some(last) => {
                    last.seconds += until - now;
                    last.share = exposing.share;
                    last.slots = exposing.slots;
                    last.exposure = state.exposure;
                }
                None => stages.push(Passed {
                    stage,
                    exposure: state.exposure,
                    share: exposing.share,
                    slots: exposing.slots,
                    seconds: until - now,
                }),
            }
            now = until;
            plan = match outcome {
                Outcome::DataEnded => None,
                Outcome::Held => {
                    ended = SplitEnded::Held { stage };
                    None
                }
                Outcome::Moved(found) => match found.decision.action {
                    Action::Rollback { .. } => {
                        ended = SplitEnded::RolledBack { stage };
                        by = breached(current, &found, OnBreach::Rollback);
                        None
                    }
                    Action::Pause => {
                        ended = SplitEnded::Paused { stage };
                        by = breached(current, &found, OnBreach::Pause);
                        None
                    }
                    Action::Complete => {
                        ended = SplitEnded::Released;
                        None
                    }
                    // The first move is never a hold.
                    Action::Hold => None,
                    Action::Advance { .. } => found.decision.next.map(|next| Plan {
                        state: Some(next),
                        ..current.clone()
                    }),
                },
            };
        }
        SplitRun {
            ended,
            seconds: now - start,
            stages,
            by,
        }
    }

    /// Exposes as many slots as come nearest to what the plan asks for now; `None` where there are no two
    /// arms.
    pub(super) fn expose(&self, plan: &Plan, arms: &mut Arms, now: i64) -> Option<Exposing> {
        const LEAST_SECONDS: i64 = 3_600;
        let state = plan.state.as_ref()?;
        if state.exposure == Exposure::FULL {
            let slots = self.past.slots;
            arms.expose(now, slots);
            return Some(Exposing { slots, share: 1.0 });
        }
        let (least, _) = durations(plan);
        let until = now + i64::from(least.seconds()).max(LEAST_SECONDS);
        let traffic = self.traffic(plan.judge.block_of(plan), now, until);
        let exposing = arms.nearest(state.exposure.share(), &traffic, arms.exposed_at(now))?;
        arms.expose(now, exposing.slots);
        Some(exposing)
    }

    /// The last second that the plan is given in the stage that it is in, or since its last move.
    pub(super) fn last_of(&self, plan: &Plan, now: i64) -> i64 {
        let (_, most) = durations(plan);
        let length = i64::from(plan.judge.block_of(plan).seconds().max(1));
        let end = self.past.to.timestamp();
        (now + up_to_blocks(most, length)).min(end.max(now))
    }

    /// The stage that the plan is in, from `now` on: what moves it first.
    pub(super) fn stage(&self, plan: &Plan, arms: &Arms, now: i64, harm: Option<Harm>) -> Outcome {
        let (least, most) = durations(plan);
        let length = i64::from(plan.judge.block_of(plan).seconds().max(1));
        let last = self.last_of(plan, now);
        let pasts = self.pasts(arms, now);
        let mut looked = now;
        // A healthy stage is left when it may be; harm is mostly found long before, and what is judged up to
        // then costs as much as there is of it.
        let soon = match harm {
            Some(_) => i64::from(least.seconds()) / EARLY,
            None => i64::from(least.seconds()),
        };
        let mut until = (now + up_to_blocks(soon, length)).min(last);
        while until > looked {
            let Some(snapshot) = self.snapshot(plan, (arms, &pasts), until, harm) else {
                return Outcome::DataEnded;
            };
            let around = around(instant(until));
            let found = first_move(plan, &snapshot, instant(looked), instant(until), &around);
            if let Some(found) = found {
                return Outcome::Moved(Box::new(found));
            }
            looked = until;
            until = (now + 2 * (until - now)).min(last);
        }
        if last < now + up_to_blocks(most, length) {
            Outcome::DataEnded
        } else {
            Outcome::Held
        }
    }
}

/// The guardrails whose breach does this.
pub(super) fn breached(plan: &Plan, found: &Move, does: OnBreach) -> Vec<usize> {
    let findings = plan.guardrails.iter().zip(&found.judgement.findings);
    let breached = findings.enumerate().filter(|(_, (guardrail, finding))| {
        guardrail.on_breach == does && finding.verdict == Verdict::Breach
    });
    breached.map(|(place, _)| place).collect()
}
