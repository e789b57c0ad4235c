//! Stages that lean to a breach: how often harm that is not proven yet is raised, and what it costs
//! healthy stages that nothing is raised while it leans.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use rollout::judge::{GuardrailLooks, looks};
use rollout::plan::{Plan, RuleOut, Schedule};
use rollout::simulate::{Harm, Noise, Service, SnapshotBuilder, Traffic, instant};
use rollout::units::{Effect, Exposure, Period};

use crate::fixture::{BLOCK, EPOCH, guardrail, plan};
use crate::rollouts::{DAY_OF_BLOCKS, on_all_cores};

/// Requests a second and percent exposed.
const LOADS: [(f64, f64); 5] = [
    (100.0, 1.0),
    (100.0, 10.0),
    (10.0, 1.0),
    (10.0, 10.0),
    (2.0, 1.0),
];

/// A stage is watched for so long; what is not left by then is never left.
const WATCHED: i64 = 96 * 3_600;

/// What came of one stage, in hours since it was entered.
#[derive(Clone, Copy)]
struct Outcome {
    /// It could have been left: harm was ruled out, no breach was proven.
    cleared: Option<f64>,
    /// And nothing leaned to a breach.
    raised: Option<f64>,
}

/// Prints the tables of leaning for these lengths of `min_duration`.
pub(crate) fn print(scale: u64) {
    for minutes in [30, 240] {
        println!(
            "\nmin_duration {}:\n",
            Period::from_seconds(60 * minutes).rough()
        );
        println!(
            "| noise, rps, exposure | healthy held up, % (median, 90th percentile of the delay) | x2 raised, %: without the rule, with it | x3 raised, % | healthy: median time to the raise |"
        );
        println!("| --- | --- | --- | --- | --- |");
        for (name, noise) in [
            ("clean", Noise::CLEAN),
            ("overdispersed", Noise::OVERDISPERSED),
        ] {
            for (rps, percent) in LOADS {
                let cell = |factor: f64, seeds: u64| {
                    on_all_cores(seeds..seeds + crate::part(scale, 2), |seed| {
                        stage(rps, noise, percent, factor, i64::from(minutes) * 60, seed)
                    })
                };
                let healthy = cell(1.0, 50_000);
                let raised = |outcomes: &[Outcome]| {
                    let share = |of: fn(&Outcome) -> Option<f64>| {
                        let found = outcomes.iter().filter(|o| of(o).is_some()).count();
                        100.0 * found as f64 / outcomes.len().max(1) as f64
                    };
                    format!("{:.1}, {:.1}", share(|o| o.cleared), share(|o| o.raised))
                };
                println!(
                    "| {name}, {rps}, {percent} % | {} | {} | {} | {} |",
                    held(&healthy),
                    raised(&cell(2.0, 51_000)),
                    raised(&cell(3.0, 52_000)),
                    crate::hours(quantile(
                        healthy.iter().map(|o| o.raised.unwrap_or(f64::INFINITY)),
                        0.5
                    )),
                );
            }
        }
    }
}

/// How many of the stages that could have been left the lean held up, and for how long.
fn held(outcomes: &[Outcome]) -> String {
    let delays: Vec<f64> = outcomes
        .iter()
        .filter_map(|o| Some(o.raised.unwrap_or(f64::INFINITY) - o.cleared?))
        .filter(|delay| *delay > 0.0)
        .collect();
    let share = 100.0 * delays.len() as f64 / outcomes.len().max(1) as f64;
    if delays.is_empty() {
        return format!("{share:.1}");
    }
    let at = |share: f64| crate::hours(quantile(delays.iter().copied(), share));
    format!("{share:.1} ({}, {})", at(0.5), at(0.9))
}

fn quantile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let whole = values.len();
    let below = (0..whole).take_while(|&k| (k as f64) < share * whole as f64 - 0.5);
    values[below.count().min(whole - 1)]
}

/// A first stage that must rule out 5x, with a day of history.
fn stage(
    rps: f64,
    noise: Noise,
    percent: f64,
    factor: f64,
    min_duration: i64,
    seed: u64,
) -> Outcome {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let block = i64::from(BLOCK);
    let entered = EPOCH + block * rng.random_range(0..DAY_OF_BLOCKS);
    let plan = entered_at(entered, percent);
    let traffic = Traffic {
        rps,
        cycle: 0.6,
        base: 0.01,
    };
    let mut service = Service::new(traffic, noise, &mut rng);
    let mut record =
        SnapshotBuilder::new(&plan.name, 1, instant(entered), Period::from_seconds(BLOCK));
    for k in (0..DAY_OF_BLOCKS).rev() {
        let end = entered - k * block;
        let halves = service.halves(end - block, BLOCK, &mut rng);
        record.record_past("errors", end, &halves);
    }
    let harm = Harm {
        factor,
        from: entered,
    };
    for k in 0..WATCHED / block {
        let begin = entered + k * block;
        let counts = service.block(begin, BLOCK, percent / 100.0, harm, &mut rng);
        record.record("errors", begin + block, Some(&counts));
    }
    let now = instant(entered + WATCHED);
    let looks = looks(&plan, &record.snapshot(now), now);
    let threshold = plan.judge.rollback_alpha.threshold();
    let breached = looks.rollback.iter().position(|e| *e >= threshold);
    let until = breached.map_or(i64::MAX, |look| looks.ends[look]);
    let own = &looks.guardrails[0];
    let first = |passes: &mut dyn Iterator<Item = bool>| {
        let mut looks = own.ends.iter().zip(passes);
        let found = looks.find(|(end, pass)| *pass && **end >= entered + min_duration);
        let end = found.map(|(end, _)| *end).filter(|end| *end < until)?;
        Some((end - entered) as f64 / 3_600.0)
    };
    let GuardrailLooks { clears, .. } = own;
    Outcome {
        cleared: first(&mut clears.iter().copied()),
        raised: first(&mut own.passes()),
    }
}

fn entered_at(entered: i64, percent: f64) -> Plan {
    let mut plan = plan(vec![guardrail("errors", Effect::Relative(0.10))], entered);
    let exposure = Exposure::from_percent(percent).expect("a percentage");
    if let Schedule::Stages(stages) = &mut plan.course {
        stages[0].exposure = exposure;
        stages[0].rule_out = RuleOut::Every(Effect::Ratio(5.0));
    }
    let state = plan.state.as_mut().expect("a running plan");
    state.exposure = exposure;
    plan
}
