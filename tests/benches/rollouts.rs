//! Whole rollouts through the real judge, looked at after every block.

use std::sync::LazyLock;

use rollout::judge::{Looks, looks};
use rollout::plan::Plan;
use rollout::simulate::{Harm, Noise, Service, SnapshotBuilder, Traffic, instant};
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
    state.dispersion = looks.dispersion.clone();
}

/// What to simulate.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) rps: f64,
    pub(crate) noise: Noise,
    /// The exposed arm's factor on bad events, by stage.
    pub(crate) factor: [f64; 4],
    /// What is known of the unexposed arm's past.
    pub(crate) history: Past,
    /// Guardrails; only the first one is harmed.
    pub(crate) guardrails: u32,
    /// Share of the blocks that are lost.
    pub(crate) lost: f64,
    /// Share of the blocks in which an arm's counters start again, so that a part of them is lost.
    pub(crate) resets: f64,
    /// Hours after the first stage's start at which it sets in.
    pub(crate) onset: i64,
}

/// What is known of the unexposed arm's past: a day of it before each stage, in two halves.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Past {
    /// Instances cannot be told apart.
    Unknown,
    /// The halves do what the arms do.
    Known,
    /// The halves are calmer than the arms: they show neither bursts nor drift.
    Calmer,
}

pub(crate) const DAY_OF_BLOCKS: i64 = 288;

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
    let names: Vec<String> = (0..scenario.guardrails)
        .map(|g| format!("errors-{g}"))
        .collect();
    let mut services: Vec<Service> = names
        .iter()
        .map(|_| Service::new(traffic, scenario.noise, &mut rng))
        .collect();
    let guardrails = names
        .iter()
        .map(|name| guardrail(name, Effect::Relative(0.10)));
    let mut plan = plan(guardrails.collect(), start);
    let threshold = plan.judge.rollback_alpha.threshold();
    let warmup =
        i64::from(plan.judge.warmup_blocks(Period::from_seconds(BLOCK))) * i64::from(BLOCK);
    let mut outcome = Outcome::default();
    for (s, (percent, _)) in STAGES.into_iter().enumerate() {
        let entered = start + STAGE_SECONDS * i64::try_from(s).expect("four stages");
        let harm = Harm {
            factor: scenario.factor[s],
            from: start + warmup + scenario.onset * 3_600,
        };
        let name = plan.name.clone();
        let mut record = SnapshotBuilder::new(
            &name,
            u32::try_from(s + 1).expect("four stages"),
            instant(entered),
            Period::from_seconds(BLOCK),
        );
        let until = entered + STAGE_SECONDS;
        for (name, service) in names.iter().zip(&mut services) {
            // The same halves are asked about again at each stage; a past of its own for each is as
            // good.
            let past = match scenario.history {
                Past::Unknown => None,
                Past::Known => Some(service.clone()),
                Past::Calmer => Some(Service::new(traffic, Noise::SHARED, &mut rng)),
            };
            if let Some(mut past) = past {
                for k in (0..DAY_OF_BLOCKS).rev() {
                    let end = entered - k * i64::from(BLOCK);
                    let halves = past.halves(end - i64::from(BLOCK), BLOCK, &mut rng);
                    record.record_past(name, end, &halves);
                }
            }
            let harm = if *name == names[0] { harm } else { Harm::NONE };
            let mut begin = entered;
            while begin < until {
                let mut block = service.block(begin, BLOCK, percent / 100.0, harm, &mut rng);
                if scenario.resets > 0.0 && rng.random::<f64>() < scenario.resets {
                    reset(&mut block, &mut rng);
                }
                begin += i64::from(BLOCK);
                let lost = scenario.lost > 0.0 && rng.random::<f64>() < scenario.lost;
                record.record(name, begin, (!lost).then_some(&block));
            }
        }
        let begin = until;
        let now = instant(begin);
        let looks = looks(&plan, &record.snapshot(now), now);
        let found = looks.rollback.iter().position(|e| *e >= threshold);
        if let (Some(k), None) = (found, outcome.rolled_back) {
            outcome.rolled_back = Some((looks.ends[k] - start - warmup) as f64 / 3_600.0);
            if stop {
                return outcome;
            }
        }
        let guardrail = &looks.guardrails[0];
        outcome.left[s] = guardrail.passes().next_back().unwrap_or(false);
        outcome.ever_left[s] = guardrail.passes().any(|pass| pass);
        if s + 1 < STAGES.len() {
            next_stage(&mut plan, begin, &looks);
        }
    }
    outcome
}

/// A killed pod takes its last increments along: one arm loses a part of a block.
fn reset(block: &mut TwoArmBlock, rng: &mut impl rand::Rng) {
    use rand::RngExt as _;
    let kept: f64 = rng.random();
    let cut = |x: &mut f64| *x = (*x * kept).floor();
    if rng.random() {
        cut(&mut block.exposed_events);
        cut(&mut block.exposed_total);
    } else {
        cut(&mut block.unexposed_events);
        cut(&mut block.unexposed_total);
    }
}

/// Runs many, on all cores, always with the same seeds.
pub(crate) fn rollouts(
    scenario: &Scenario,
    seeds: std::ops::Range<u64>,
    stop: bool,
) -> Vec<Outcome> {
    on_all_cores(seeds, |seed| rollout(scenario, seed, stop))
}

/// Added to every seed: the bench's second argument, to see what another draw of the same noise says.
static FIRST_SEED: LazyLock<u64> = LazyLock::new(|| {
    let mut numbers = std::env::args().filter_map(|arg| arg.parse().ok());
    numbers.nth(1).unwrap_or(0)
});

/// Where this run's seeds begin.
pub(crate) fn first_seed() -> u64 {
    *FIRST_SEED
}

/// Does this for every seed, on all cores.
pub(crate) fn on_all_cores<T: Send>(
    seeds: std::ops::Range<u64>,
    run: impl Fn(u64) -> T + Sync,
) -> Vec<T> {
    let seeds = seeds.start + *FIRST_SEED..seeds.end + *FIRST_SEED;
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let run = &run;
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..cores)
            .map(|core| {
                let seeds = seeds.clone();
                scope.spawn(move || {
                    let own = seeds.filter(|seed| seed % cores == core);
                    own.map(run).collect::<Vec<_>>()
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().expect("a simulation"))
            .collect()
    })
}
