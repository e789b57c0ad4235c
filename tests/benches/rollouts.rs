//! Whole rollouts through the real judge, looked at after every block.

use rollout::judge::{Looks, looks};
use rollout::plan::Plan;
use rollout::simulate::{Harm, Noise, Recorder, Service, Traffic, instant};
use rollout::stats::TwoArmBlock;
use rollout::units::{Effect, Exposure, Period};

use crate::fixture::{BLOCK, EPOCH, STAGES, guardrail, plan};

const STAGE_SECONDS: i64 = 86_400;

/// Moves the plan on to its next stage.
pub(crate) fn next_stage(plan: &mut Plan, entered: i64, looks: &Looks) {
    let state = plan.state.as_mut().expect("a running plan");
    state.exposure = Exposure::from_percent(STAGES[state.stage as usize].0).expect("a percentage");
    state.stage += 1;
    state.entered_at = instant(entered);
    state.carried = looks.carried.clone();
}

/// What to simulate.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) rps: f64,
    pub(crate) noise: Noise,
    /// The exposed arm's factor on bad events, by stage.
    pub(crate) factor: [f64; 4],
    /// Blocks of history before each stage; 0 is a metric whose instances cannot be told apart.
    pub(crate) history: i64,
    /// Hours after the first stage's start at which it sets in.
    pub(crate) onset: i64,
}

/// What came of one rollout.
#[derive(Default, Clone, Copy)]
pub(crate) struct Outcome {
    /// Hours from the first judged block's begin to the rollback.
    pub(crate) rolled_back: Option<f64>,
    /// Whether each stage could have been left at its end, and at any look.
    pub(crate) left: [bool; 4],
    pub(crate) ever_left: [bool; 4],
}

/// Runs one rollout to its end; with `stop`, no further than its rollback.
pub(crate) fn rollout(scenario: &Scenario, seed: u64, stop: bool) -> Outcome {
    use rand::{RngExt as _, SeedableRng as _};
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let traffic = Traffic {
        rps: scenario.rps,
        cycle: 0.6,
        base: 0.01,
    };
    let start = EPOCH + i64::from(BLOCK) * rng.random_range(0..288_i64);
    let mut service = Service::new(traffic, scenario.noise, &mut rng);
    let mut plan = plan(vec![guardrail("errors", Effect::Relative(0.10))], start);
    let threshold = plan.judge.rollback_alpha.threshold();
    let warmup = i64::from(plan.judge.warmup_blocks()) * i64::from(BLOCK);
    let mut outcome = Outcome::default();
    for (s, (percent, _)) in STAGES.into_iter().enumerate() {
        let entered = start + STAGE_SECONDS * i64::try_from(s).expect("four stages");
        let harm = Harm {
            factor: scenario.factor[s],
            from: start + warmup + scenario.onset * 3_600,
        };
        let name = plan.name.clone();
        let mut record = Recorder::new(
            &name,
            u32::try_from(s + 1).expect("four stages"),
            instant(entered),
            Period::from_seconds(BLOCK),
        );
        // The same halves are asked about again at each stage; a past of its own for each is as good.
        let mut past = service.clone();
        for k in (0..scenario.history).rev() {
            let end = entered - k * i64::from(BLOCK);
            let halves = past.halves(end - i64::from(BLOCK), BLOCK, &mut rng);
            record.record_past("errors", end, &halves);
        }
        let mut begin = entered;
        while begin < entered + STAGE_SECONDS {
            let block: TwoArmBlock = service.block(begin, BLOCK, percent / 100.0, harm, &mut rng);
            begin += i64::from(BLOCK);
            record.record("errors", begin, Some(&block));
        }
        let now = instant(begin);
        let looks = looks(&plan, &record.snapshot(now), now);
        let found = looks.rollback.iter().position(|e| *e >= threshold);
        if let (Some(k), None) = (found, outcome.rolled_back) {
            outcome.rolled_back = Some((looks.ends[k] - start - warmup) as f64 / 3_600.0);
            if stop {
                return outcome;
            }
        }
        let passes = &looks.guardrails[0].passes;
        outcome.left[s] = passes.last().copied().unwrap_or(false);
        outcome.ever_left[s] = passes.iter().any(|p| *p);
        if s + 1 < STAGES.len() {
            next_stage(&mut plan, begin, &looks);
        }
    }
    outcome
}

/// Runs many, on all cores, always with the same seeds.
pub(crate) fn rollouts(
    scenario: &Scenario,
    seeds: std::ops::Range<u64>,
    stop: bool,
) -> Vec<Outcome> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..cores)
            .map(|core| {
                let seeds = seeds.clone();
                scope.spawn(move || {
                    seeds
                        .filter(|seed| seed % cores == core)
                        .map(|seed| rollout(scenario, seed, stop))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().expect("a simulation"))
            .collect()
    })
}
