//! Pace: fixed stages, a fixed ramp and an adaptive ramp on the same traffic. Prints, as Markdown, how
//! long a healthy release takes to reach everybody and what a bad one costs. Seeded: the same build
//! prints the same table.
//!
//! `cargo bench --bench pace` runs all of it; `-- 50` with fewer releases a cell.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]

#[expect(dead_code, reason = "the fixture is shared by the benches")]
mod fixture;

use rollout::plan::{Curve, Pace, Plan, Ramp, RuleOut, Schedule, Stage};
use rollout::simulate::{Noise, Release, SimulatedRollout, Traffic, journey};
use rollout::units::{Effect, Exposure, Period};

const BUDGET: f64 = 500.0;
const NOISES: [(&str, Noise); 2] = [
    ("shared", Noise::SHARED),
    ("overdispersed", Noise::OVERDISPERSED),
];
const FACTORS: [f64; 4] = [1.5, 2.0, 5.0, 20.0];

fn main() {
    let runs: u64 = std::env::args()
        .skip(1)
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(400);
    let only = std::env::args()
        .skip(1)
        .find(|arg| arg.parse::<u64>().is_err() && !arg.starts_with('-'));
    println!(
        "100 requests a second, 1 % bad events, {runs} releases a cell, a run every 15 minutes, risk budget {BUDGET}.\n"
    );
    println!(
        "| noise | pace | healthy: hours to 100 % (median, 95th percentile) | healthy: rolled back | {} |",
        FACTORS
            .map(|factor| format!(
                "x{factor}: excess bad events (median, 95th percentile, over budget)"
            ))
            .join(" | ")
    );
    println!(
        "| --- | --- | --- | --- |{}",
        " --- |".repeat(FACTORS.len())
    );
    for (noise_name, noise) in NOISES {
        for (name, plan) in plans() {
            if only
                .as_ref()
                .is_some_and(|only| !name.contains(only.as_str()))
            {
                continue;
            }
            let healthy = many(&plan, noise, 1.0, runs);
            let times = sorted(healthy.iter().map(|j| j.full.unwrap_or(f64::INFINITY)));
            let back = share(&healthy, |j| j.rolled_back.is_some());
            let cells: Vec<String> = FACTORS
                .iter()
                .map(|factor| {
                    let bad = many(&plan, noise, *factor, runs);
                    let costs = sorted(bad.iter().map(|j| j.excess));
                    format!(
                        "{:.0}, {:.0}, {:.1} %",
                        at(&costs, 0.5),
                        at(&costs, 0.95),
                        share(&bad, |j| j.excess > BUDGET)
                    )
                })
                .collect();
            println!(
                "| {noise_name} | {name} | {:.1}, {:.1} | {back:.1} % | {} |",
                at(&times, 0.5),
                at(&times, 0.95),
                cells.join(" | ")
            );
        }
    }
}

/// Nobody is exposed to any of them yet.
fn plans() -> [(&'static str, Plan); 3] {
    let staged = {
        let mut plan = fixture::plan(
            vec![fixture::guardrail("errors", Effect::Relative(0.10))],
            0,
        );
        plan.state = None;
        plan.course = Schedule::Stages(
            [(1.0, 5.0), (5.0, 2.0), (25.0, 1.5), (100.0, 1.25)]
                .map(|(exposure, rule_out)| Stage {
                    exposure: percent(exposure),
                    min_duration: Period::from_hours(24),
                    max_duration: None,
                    rule_out: RuleOut::Every(Effect::Ratio(rule_out)),
                    approval: false,
                })
                .to_vec(),
        );
        plan
    };
    let ramp = |hours, pace| Plan {
        course: Schedule::Ramp(Ramp {
            from: percent(1.0),
            to: percent(100.0),
            over: Period::from_hours(hours),
            curve: Curve::Geometric,
            every: Some(Period::from_hours(1)),
            pace,
        }),
        ..staged.clone()
    };
    [
        ("stages 1-5-25-100 %, 24 h each", staged.clone()),
        ("fixed ramp over 72 h", ramp(72, Pace::Fixed)),
        (
            "adaptive ramp, at most as fast as 12 h",
            ramp(
                12,
                Pace::Adaptive {
                    risk_budget: BUDGET,
                },
            ),
        ),
    ]
}

/// On all cores, always with the same seeds: every pace meets the same traffic.
fn many(plan: &Plan, noise: Noise, factor: f64, runs: u64) -> Vec<SimulatedRollout> {
    let release = Release {
        traffic: Traffic {
            rps: 100.0,
            cycle: 0.6,
            base: 0.01,
        },
        noise,
        factor,
        look: Period::from_minutes(15),
        past: None,
        at_most: Period::from_hours(96),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..cores)
            .map(|core| {
                scope.spawn(move || {
                    (0..runs)
                        .filter(|seed| seed % cores == core)
                        .map(|seed| journey(plan, &release, seed))
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

fn percent(value: f64) -> Exposure {
    Exposure::from_percent(value).expect("a percentage")
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn at(sorted: &[f64], quantile: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in the list"
    )]
    let index = (quantile * (sorted.len() - 1) as f64).round() as usize;
    sorted[index]
}

fn share(journeys: &[SimulatedRollout], is: impl Fn(&SimulatedRollout) -> bool) -> f64 {
    100.0 * journeys.iter().filter(|j| is(j)).count() as f64 / journeys.len().max(1) as f64
}
