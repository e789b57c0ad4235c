//! Who goes on: harm that must be ruled out, healthy releases, tails that nobody looks at, short stages.

use rollout::simulate::{Ended, Method, Noise, Setting, Traffic};
use rollout::units::{Effect, Exposure, Period};

use super::catalogue::{CLEAN, LONG_TAIL, OVERDISPERSED, SESSIONS_OF_30};
use super::course::{Left, Watched, watched};
use super::metric::Harmed;
use super::nulls::{DAYS_OF_COUNTS, DAYS_OF_OTHERS};
use super::share::{Share, median};
use super::world::{Harm, Past, World};
use crate::fixture::{EPOCH, STAGES, guardrail, plan};
use crate::rollouts::{first_seed, on_all_cores};

const DAYS: usize = 5;

fn title(what: &str, scale: u64, seeds: u64) {
    let first = seeds + first_seed();
    println!(
        "\n### {what}; {scale} stages a cell, seeds {first} to {}\n",
        first + scale - 1
    );
}

fn advanced(left: &[Left]) -> Share {
    Share::of(left, |one| matches!(one, Left::Advanced(_)))
}

/// Harm of exactly the size that a stage must rule out.
pub(crate) fn advance(scale: u64) {
    const SEEDS: u64 = 80_000;
    title(
        "Advanced at exactly the harm to rule out, at any look of five days, % (budget 5)",
        scale,
        SEEDS,
    );
    let stages = STAGES.map(|(percent, rule_out)| format!("{percent} %, x{rule_out}"));
    println!("| world, past | {} |", stages.join(" | "));
    println!("| --- |{}", " --- |".repeat(STAGES.len()));
    for (world, rps) in [
        (CLEAN, 100.0),
        (CLEAN, 2.0),
        (OVERDISPERSED, 2.0),
        (SESSIONS_OF_30, 2.0),
        (SESSIONS_OF_30, 100.0),
        (super::catalogue::ONE_POD, 100.0),
    ] {
        let world = World { rps, ..world };
        for (past, words) in pasts() {
            let cells = std::array::from_fn::<String, 4, _>(|stage| {
                let (percent, rule_out) = STAGES[stage];
                let of = Watched {
                    stage,
                    percent,
                    rule_out,
                    days: DAYS,
                    guardrails: 1,
                };
                let left = on_all_cores(SEEDS..SEEDS + scale, |seed| {
                    watched(&world, past, &Harm::of(rule_out), of, seed)
                });
                advanced(&left).to_string()
            });
            println!(
                "| {}, {rps} rps, {words} | {} |",
                world.name,
                cells.join(" | ")
            );
        }
    }
}

fn pasts() -> [(Past, &'static str); 2] {
    [
        (Past::Days(DAYS_OF_COUNTS), "with history"),
        (Past::Nothing, "without"),
    ]
}

/// Healthy stages at little traffic.
pub(crate) fn healthy(scale: u64) {
    const SEEDS: u64 = 90_000;
    title("Healthy stages at 2 rps, gate from 24 h on", scale, SEEDS);
    println!(
        "| stage | past | left at 24 h, % | median time | left in 5 days, % | rolled back, % |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for (world, percent, rule_out, guardrails) in [
        (CLEAN, 95.0, 1.25, 1),
        (CLEAN, 50.0, 1.25, 1),
        (OVERDISPERSED, 95.0, 1.25, 1),
        (CLEAN, 5.0, 2.0, 20),
        (CLEAN, 25.0, 1.5, 20),
        (CLEAN, 50.0, 1.25, 20),
    ] {
        let world = World { rps: 2.0, ..world };
        // Twenty guardrails take twenty times as long.
        let scale = if guardrails == 1 {
            scale
        } else {
            (scale / 10).max(4)
        };
        for (past, words) in pasts() {
            let of = Watched {
                stage: if percent > 90.0 { 3 } else { 2 },
                percent,
                rule_out,
                days: DAYS,
                guardrails,
            };
            let left = on_all_cores(SEEDS..SEEDS + scale, |seed| {
                watched(&world, past, &Harm::NONE, of, seed)
            });
            let time = |one: &Left| match one {
                Left::Advanced(hours) => Some(*hours),
                Left::RolledBack(_) | Left::Never => None,
            };
            println!(
                "| {}, {percent} %, x{rule_out}, guardrails: {guardrails} (n = {scale}) | {words} | {} | {} | {} | {} |",
                world.name,
                Share::of(&left, |one| time(one).is_some_and(|hours| hours < 24.05)),
                median(left.iter().map(time)),
                advanced(&left),
                Share::of(&left, |one| matches!(one, Left::RolledBack(_))),
            );
        }
    }
}

/// Requests that take longer than a second, one in a thousand, become five times as many, and nothing else
/// changes.
pub(crate) fn tail(scale: u64) {
    const SEEDS: u64 = 100_000;
    let scale = (scale / 2).max(1);
    title(
        "Tail x5 beyond 1 s, stage of 1 % that must rule out 5x",
        scale,
        SEEDS,
    );
    println!("| rps | advanced in five days, % | rolled back, % |\n| --- | --- | --- |");
    for rps in [100.0, 10.0, 2.0] {
        let world = World { rps, ..LONG_TAIL };
        let of = Watched {
            stage: 0,
            percent: 1.0,
            rule_out: 5.0,
            days: DAYS,
            guardrails: 1,
        };
        let harm = Harm {
            harmed: Harmed::BeyondOneSecond,
            ..Harm::of(5.0)
        };
        let left = on_all_cores(SEEDS..SEEDS + scale, |seed| {
            watched(&world, Past::Days(DAYS_OF_OTHERS), &harm, of, seed)
        });
        println!(
            "| {rps} | {} | {} |",
            advanced(&left),
            Share::of(&left, |one| matches!(one, Left::RolledBack(_)))
        );
    }
}

/// Stages of minutes without a past: what one stage has measured is known in the next.
pub(crate) fn short(scale: u64) {
    const SEEDS: u64 = 110_000;
    title(
        "x3 at 9 rps without history, stages of 3 min at 10, 25, 50 and 90 % that wait for nothing but time",
        scale,
        SEEDS,
    );
    let mut plan = plan(vec![guardrail("errors", Effect::Relative(0.10))], EPOCH);
    if let rollout::plan::Schedule::Stages(stages) = &mut plan.course {
        for (stage, percent) in stages.iter_mut().zip([10.0, 25.0, 50.0, 90.0]) {
            stage.exposure = Exposure::from_percent(percent).expect("a percentage");
            stage.min_duration = Period::from_minutes(3);
            stage.rule_out = rollout::plan::RuleOut::Nothing;
        }
        // The last one is stayed in.
        if let Some(last) = stages.last_mut() {
            last.min_duration = Period::from_minutes(90);
        }
    }
    let load = Traffic {
        rps: 9.0,
        cycle: 0.0,
        base: 0.01,
    };
    println!(
        "| noise | x3: median time to rollback | no effect: rolled back, % |\n| --- | --- | --- |"
    );
    for (name, noise) in [("clean", Noise::CLEAN), ("shared", Noise::SHARED)] {
        let loads = [("errors".to_owned(), load)].into();
        let setting = Setting::new(&plan, &loads, noise, None).expect("a counted guardrail");
        let run = |factor: f64| {
            on_all_cores(SEEDS..SEEDS + scale, |seed| {
                let run = setting.run(Method::Rollout, factor, seed);
                let rolled_back = matches!(run.ended, Ended::RolledBack { .. });
                rolled_back.then(|| run.seconds as f64 / 3_600.0)
            })
        };
        let healthy = run(1.0);
        println!(
            "| {name} | {} | {} |",
            median(run(3.0).into_iter()),
            Share::of(&healthy, |time| time.is_some())
        );
    }
}
