//! Pace: the same release on the same traffic, in stages, on a fixed ramp or on an adaptive one. Each
//! run is a plan from its first user to all of them, through the real judge and the real rules; what
//! comes out is how long it took and what it cost.

use rand::RngExt as _;

use crate::decide::{Action, Environment, decide};
use crate::judge::judge;
use crate::plan::{Calendar, Plan, Schedule};
use crate::stats::TwoArmBlock;
use crate::units::{Exposure, Period};

use super::{Harm, Noise, Service, SnapshotBuilder, Traffic, beforehand, instant};

/// What is released, and how it is watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Release {
    /// How much is asked of the service.
    pub traffic: Traffic,
    /// What disturbs it.
    pub noise: Noise,
    /// The exposed arm's factor on bad events; 1 is a healthy release.
    pub factor: f64,
    /// Time between two runs of `rollout advance`.
    pub look: Period,
    /// What two halves of the unexposed arm showed before and beside the release; `None` where they
    /// cannot be told apart.
    pub past: Option<Noise>,
    /// After this a run ends, whatever has come of it.
    pub at_most: Period,
}

/// What came of one release.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SimulatedRollout {
    /// Hours until everybody saw it; `None` when they never did.
    pub full: Option<f64>,
    /// Hours until it was rolled back.
    pub rolled_back: Option<f64>,
    /// Bad events beyond those of the unexposed release, expected from the bad events there were.
    pub excess: f64,
    /// Moves made, the first exposure included.
    pub moves: u32,
}

/// A Monday midnight; each run starts at its own time of day.
const EPOCH: i64 = 1_795_392_000;
const DAY: i64 = 86_400;

/// One run of a plan that nobody is exposed to yet, seeded: the same seed is the same traffic.
/// Every guardrail measures the same events; a plan with one ratio guardrail is what is meant.
#[must_use]
pub fn journey(pending: &Plan, release: &Release, seed: u64) -> SimulatedRollout {
    let mut rng: rand_pcg::Pcg64Mcg = rand::SeedableRng::seed_from_u64(seed);
    let block = i64::from(block_of(pending).seconds()).max(1);
    let start = EPOCH + block * rng.random_range(0..DAY / block);
    let mut service = Service::new(release.traffic, release.noise, &mut rng);
    let harm = Harm {
        factor: release.factor,
        from: i64::MIN,
    };
    let mut past = release
        .past
        .map(|noise| Service::new(release.traffic, noise, &mut rng));
    let mut plan = pending.clone();
    // Simulated traffic is always there.
    plan.judge.preflight = false;
    let mut journey = SimulatedRollout::default();
    let mut record: Option<SnapshotBuilder> = None;
    let mut now = start;
    let look = i64::from(release.look.seconds()).max(1);
    let mut next_look = start;
    let hours = |now: i64| (now - start) as f64 / 3_600.0;
    let seconds = u32::try_from(block).unwrap_or(u32::MAX);
    while now <= start + i64::from(release.at_most.seconds()) {
        if now >= next_look {
            next_look += look;
            match run(&mut plan, release.traffic, record.as_ref(), now) {
                Action::Advance { exposure, .. } => {
                    journey.moves += 1;
                    if exposure == Exposure::FULL {
                        journey.full = Some(hours(now));
                    }
                }
                Action::Rollback { .. } => {
                    journey.rolled_back = Some(hours(now));
                    return journey;
                }
                Action::Complete => return journey,
                Action::Hold | Action::Pause => {}
            }
        }
        let Some(state) = &plan.state else {
            return journey;
        };
        // A stage begins a record of its own; a ramp goes on with the one it has.
        let entered = state.entered_at;
        let record = match &mut record {
            Some(record) if record.entered_at() == entered => record,
            other => {
                let record = other.insert(SnapshotBuilder::new(
                    &plan.name,
                    state.stage,
                    entered,
                    Period::from_seconds(seconds),
                ));
                if let Some(past) = &mut past {
                    let day = DAY / block;
                    let begins = (0..day).map(|k| now - (day - k) * block);
                    let mut halves = |begin| past.halves(begin, seconds, &mut rng);
                    remember(record, &plan, begins, block, &mut halves);
                }
                record
            }
        };
        if let Some(past) = &mut past {
            let mut halves = |begin| past.halves(begin, seconds, &mut rng);
            remember(record, &plan, std::iter::once(now), block, &mut halves);
        }
        let counts = service.block(now, seconds, state.exposure.share(), harm, &mut rng);
        now += block;
        for guardrail in &plan.guardrails {
            record.record(&guardrail.name, now, Some(&counts));
        }
        // Good events that did not happen are bad ones, too.
        journey.excess += (counts.exposed_events * (1.0 - 1.0 / release.factor)).abs();
    }
    journey
}

/// Records what the unexposed arm's halves showed in these blocks, for every guardrail.
fn remember(
    record: &mut SnapshotBuilder,
    plan: &Plan,
    begins: impl Iterator<Item = i64>,
    block: i64,
    halves: &mut dyn FnMut(i64) -> TwoArmBlock,
) {
    for begin in begins {
        let halves = halves(begin);
        for guardrail in &plan.guardrails {
            record.record_past(&guardrail.name, begin + block, &halves);
        }
    }
}

/// One run of `rollout advance`.
fn run(plan: &mut Plan, traffic: Traffic, record: Option<&SnapshotBuilder>, now: i64) -> Action {
    let now = instant(now);
    let loads = vec![traffic; plan.guardrails.len()];
    let judgement = record
        .filter(|_| plan.needs_data())
        .map(|record| record.snapshot(now))
        .or_else(|| beforehand(plan, &loads, now))
        .map(|snapshot| judge(plan, &snapshot, now));
    let around = Environment {
        now,
        calendar: Calendar::default(),
        exclusive_surface: false,
        neighbours: Vec::new(),
        targets: Vec::new(),
    };
    let decision = decide(plan, judgement.as_ref(), &around);
    if let Some(state) = decision.next {
        plan.state = Some(state);
    }
    decision.action
}

/// As for a real snapshot: a ramp's blocks follow the whole of it; those of stages of different
/// lengths are the shortest, so that one service serves them all.
fn block_of(plan: &Plan) -> Period {
    match &plan.course {
        Schedule::Stages(stages) => stages
            .iter()
            .map(|stage| plan.judge.block_for(stage.min_duration))
            .min()
            .unwrap_or_default(),
        Schedule::Ramp(ramp) => plan.judge.block_for_ramp(ramp),
    }
}
