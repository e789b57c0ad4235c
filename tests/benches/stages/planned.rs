//! What `rollout power` foresees of whole rollouts, next to what simulated ones do.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use rollout::plan::{Plan, RuleOut, Schedule};
use rollout::power::{End, Traffic as Known, forecast};
use rollout::simulate::{Harm, Noise, Service, SnapshotBuilder, Traffic, instant};
use rollout::units::{Effect, Period};

use crate::fixture::{BLOCK, EPOCH, guardrail, plan};
use crate::rollouts::{Past, Scenario, rollouts};

pub(super) fn print(scale: u64) {
    for (history, name) in [(Past::Known, "known"), (Past::Unknown, "unknown")] {
        for rps in [100.0, 2.0] {
            let scenario = Scenario {
                rps,
                noise: Noise::SHARED,
                factor: [2.0; 4],
                history,
                guardrails: 1,
                lost: 0.0,
                resets: 0.0,
                onset: 0,
            };
            let outcomes = rollouts(&scenario, 11_000..11_000 + crate::part(scale, 2), true);
            let mut times: Vec<f64> = outcomes
                .iter()
                .map(|outcome| outcome.rolled_back.unwrap_or(f64::INFINITY))
                .collect();
            times.sort_by(f64::total_cmp);
            let simulated = times[times.len() / 2];
            let foreseen = foreseen(rps, history);
            println!(
                "| x2 at {rps} rps shared, past {name}: planned, simulated median, their ratio | {foreseen:.2} h, {simulated:.2} h, {:.2} |",
                foreseen / simulated
            );
        }
    }
}

/// Hours from the first judged block on until `rollout power` expects the rollback.
fn foreseen(rps: f64, history: Past) -> f64 {
    let mut plan = plan(vec![guardrail("errors", Effect::Relative(0.10))], EPOCH);
    // The simulated stages are left by the clock.
    if let Schedule::Stages(stages) = &mut plan.course {
        for stage in stages {
            stage.rule_out = RuleOut::Nothing;
        }
    }
    let known = seen(&plan, rps, history).expect("traffic");
    let foreseen = forecast(&plan, &known, &[2.0]);
    let journey = &foreseen.journeys[0];
    let warmup =
        f64::from(plan.judge.warmup_blocks(Period::from_seconds(BLOCK))) * f64::from(BLOCK);
    match journey.end {
        End::RolledBack { .. } => (f64::from(journey.cost.time.seconds()) - warmup) / 3_600.0,
        End::Stuck { .. } | End::Released => f64::INFINITY,
    }
}

/// The traffic of a day without harm, as a snapshot tells it.
fn seen(plan: &Plan, rps: f64, history: Past) -> Option<Known> {
    let mut rng = Pcg64Mcg::seed_from_u64(12_345);
    let traffic = Traffic {
        rps,
        cycle: 0.6,
        base: 0.01,
    };
    let length = i64::from(BLOCK);
    let mut service = Service::new(traffic, Noise::SHARED, &mut rng);
    let mut record =
        SnapshotBuilder::new(&plan.name, 1, instant(EPOCH), Period::from_seconds(BLOCK));
    for k in -288..288 {
        let begin = EPOCH + k * length;
        if history == Past::Known {
            let halves = service.halves(begin, BLOCK, &mut rng);
            record.record_past("errors", begin + length, &halves);
        }
        if k >= 0 {
            let block = service.block(begin, BLOCK, 0.01, Harm::NONE, &mut rng);
            record.record("errors", begin + length, Some(&block));
        }
    }
    let end = instant(EPOCH + 288 * length);
    Known::seen(plan, &record.snapshot(end), None)
}
