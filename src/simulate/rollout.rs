//! One simulated rollout from its first stage to its end.

use std::collections::BTreeMap;

use crate::decide::{Action, Environment, decide};
use crate::judge::judge;
use crate::plan::{Calendar, Guardrail, Kind, OnNoData, Plan, Role, Schedule, Stage};
use crate::units::{Exposure, Instant, Period};

use super::contender::Watch;
use super::setting::{Ended, Run, Setting};
use super::world::World;
use super::{Method, Noise, SnapshotBuilder, Traffic, beforehand, first_move, instant};

/// A stage whose gate stays closed for so many times its `min_duration` is left to a person, where
/// the plan names no `max_duration`.
const PATIENCE: i64 = 4;

impl Setting {
    /// The plan as it can be simulated, in this world; `None` when no guardrail can. `loads` gives
    /// the traffic of each guardrail by name; `harmed` is a guardrail's name, else the first one
    /// that rolls back.
    #[must_use]
    pub fn new(
        plan: &Plan,
        loads: &BTreeMap<String, Traffic>,
        noise: Noise,
        harmed: Option<&str>,
    ) -> Option<Self> {
        let mut simulated = Plan {
            state: None,
            after: Vec::new(),
            surface: None,
            assignment: None,
            require_success: false,
            draft: None,
            ..plan.clone()
        };
        // Simulated traffic is always there.
        simulated.judge.preflight = false;
        if let Schedule::Stages(stages) = &mut simulated.course {
            for stage in stages {
                stage.approval = false;
            }
        }
        let (kept, left_out): (Vec<Guardrail>, Vec<Guardrail>) = simulated
            .guardrails
            .into_iter()
            .partition(|guardrail| is_counted(guardrail) && loads.contains_key(&guardrail.name));
        simulated.guardrails = kept.into_iter().map(as_ratio).collect();
        let traffic = simulated
            .guardrails
            .iter()
            .filter_map(|guardrail| loads.get(&guardrail.name).copied())
            .collect();
        let harmed = match harmed {
            Some(name) => simulated.guardrails.iter().position(|g| g.name == name)?,
            None => simulated
                .guardrails
                .iter()
                .position(|g| g.on_breach == crate::plan::OnBreach::Rollback)
                .or_else(|| (!simulated.guardrails.is_empty()).then_some(0))?,
        };
        Some(Self {
            plan: simulated,
            traffic,
            noise,
            harmed,
            left_out: left_out.into_iter().map(|g| g.name).collect(),
        })
    }

    /// Simulates one rollout; the same seed gives the same one, and the same traffic for every
    /// method until it decides.
    #[must_use]
    pub fn run(&self, method: Method, factor: f64, seed: u64) -> Run {
        let mut world = World::new(self, factor, seed);
        match method {
            Method::Rollout => self.decided(&mut world),
            Method::Threshold | Method::ZTest | Method::MannWhitney => {
                self.watched(&mut world, method)
            }
        }
    }

    /// Run by the real judge and the real rules.
    fn decided(&self, world: &mut World<'_>) -> Run {
        let mut plan = self.plan.clone();
        let mut now = world.start;
        let foreseen = beforehand(&plan, &self.traffic, instant(now))
            .map(|snapshot| judge(&plan, &snapshot, instant(now)));
        let entering = decide(&plan, foreseen.as_ref(), &around(instant(now)));
        plan.state = entering.next;
        // A stage has a record of its own; a ramp goes on with the one it began.
        let mut kept: Option<SnapshotBuilder> = None;
        while let Some(state) = &plan.state {
            let (stage, exposure) = (state.stage, state.exposure);
            let began = state.entered_at;
            let (least, most) = durations(&plan);
            let block = plan.judge.block_of(&plan);
            let length = i64::from(block.seconds().max(1));
            let entered = now;
            let last = entered + up_to_blocks(most, length);
            let mut record = kept
                .take()
                .filter(|record| record.entered_at() == began)
                .unwrap_or_else(|| {
                    SnapshotBuilder::new(&plan.name, stage, instant(entered), block)
                });
            let mut looked = entered;
            let mut until = entered + up_to_blocks(i64::from(least.seconds()), length);
            let found = loop {
                world.pass(until, block, exposure, Some(&mut record), &plan);
                let snapshot = record.snapshot(instant(until));
                let around = around(instant(until));
                let found = first_move(&plan, &snapshot, instant(looked), instant(until), &around);
                if found.is_some() || until >= last {
                    break found;
                }
                looked = until;
                until = (entered + 2 * (until - entered)).min(last);
            };
            let Some(found) = found else {
                return world.end(Ended::Stuck { stage }, last);
            };
            now = found.at.timestamp();
            match found.decision.action {
                Action::Rollback { .. } => return world.end(Ended::RolledBack { stage }, now),
                Action::Pause => return world.end(Ended::Paused { stage }, now),
                Action::Complete => return world.end(Ended::Released, now),
                // `first_move` never holds; a stage that did would be a stage without end.
                Action::Hold => return world.end(Ended::Stuck { stage }, now),
                Action::Advance { .. } => {
                    world.rewind(now);
                    record.rewind(now);
                    kept = Some(record);
                    plan.state = found.decision.next;
                }
            }
        }
        world.end(Ended::Stuck { stage: 0 }, now)
    }

    /// Run by the clock, until a method rolls it back: each stage takes its `min_duration`.
    fn watched(&self, world: &mut World<'_>, method: Method) -> Run {
        let mut now = world.start;
        let mut watches: Vec<Watch> = Vec::new();
        for (stage, number) in stages(&self.plan).iter().zip(1_u32..) {
            let block = self.plan.judge.block_for(stage.min_duration);
            if watches.is_empty() {
                watches = self
                    .plan
                    .guardrails
                    .iter()
                    .zip(&self.traffic)
                    .filter_map(|(guardrail, traffic)| {
                        let worse = guardrail.metric.kind.worse();
                        Watch::new(method, traffic.base, worse, block.seconds())
                    })
                    .collect();
            }
            watches.iter_mut().for_each(Watch::next_stage);
            let length = i64::from(block.seconds().max(1));
            let until = now + up_to_blocks(i64::from(stage.min_duration.seconds()), length);
            let warm = now + length * i64::from(self.plan.judge.warmup_blocks(block));
            while now < until {
                now += length;
                let blocks = world.pass(now, block, stage.exposure, None, &self.plan);
                let judged = now > warm && stage.exposure < Exposure::FULL;
                let mut breached = false;
                for (watch, block) in watches.iter_mut().zip(&blocks) {
                    breached |= judged && watch.push(block);
                }
                if breached {
                    return world.end(Ended::RolledBack { stage: number }, now);
                }
            }
        }
        world.end(Ended::Released, now)
    }
}

/// Nobody else, no windows, no freezes: only evidence and durations decide.
pub(super) fn around(now: Instant) -> Environment {
    Environment {
        now,
        calendar: Calendar::default(),
        exclusive_surface: false,
        neighbours: Vec::new(),
        targets: Vec::new(),
    }
}

fn is_counted(guardrail: &Guardrail) -> bool {
    let of_shares = guardrail
        .margin
        .is_none_or(|margin| !guardrail.metric.kind.speaks_of_quantile(margin));
    guardrail.metric.kind.is_counted()
        && of_shares
        && match guardrail.role {
            Role::Guardrail => true,
            Role::Success => false,
        }
}

/// What is counted is simulated as events among a total: for a latency the share beyond its
/// quantile, for a rate the events for each unit of exposure.
fn as_ratio(mut guardrail: Guardrail) -> Guardrail {
    let worse = guardrail.metric.kind.worse();
    match guardrail.metric.kind {
        // A limit in seconds says nothing of a share.
        Kind::Latency { .. } => guardrail.limit = None,
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => {}
    }
    guardrail.metric.kind = Kind::Ratio { worse };
    guardrail.on_no_data = OnNoData::Hold;
    guardrail
}

/// How long the present stage lasts at least, and after how many seconds it is left to a person.
pub(super) fn durations(plan: &Plan) -> (Period, i64) {
    let (least, most) = match &plan.course {
        Schedule::Stages(_) => plan.stage().map_or((Period::ZERO, None), |stage| {
            (stage.min_duration, stage.max_duration)
        }),
        // A ramp without patience of its own is given what a day's stage would get.
        Schedule::Ramp(ramp) => (
            ramp.every.unwrap_or_default(),
            Some(ramp.over.max(Period::from_hours(96))),
        ),
    };
    let patience = (PATIENCE * i64::from(least.seconds())).max(86_400);
    (
        least,
        most.map_or(patience, |most| i64::from(most.seconds())),
    )
}

/// The stages a clock would go through: a ramp by its curve, in so many pieces.
const PIECES: u32 = 24;

fn stages(plan: &Plan) -> Vec<Stage> {
    match &plan.course {
        Schedule::Stages(stages) => stages.clone(),
        Schedule::Ramp(ramp) => ramp.pieces(PIECES),
    }
}

/// At least one block, and whole ones.
pub(super) fn up_to_blocks(seconds: i64, block: i64) -> i64 {
    ((seconds + block - 1).div_euclid(block)).max(1) * block
}
