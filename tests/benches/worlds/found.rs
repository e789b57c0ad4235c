//! How soon harm is found, and by whom.

use super::catalogue::{
    CALM_LATENCY, CALM_LEVEL, CLEAN, ONE_POD, OVERDISPERSED, REVENUE_SIGMA_1, SESSIONS_OF_30,
    SHARED, SPELLS, WHITE_LEVEL,
};
use super::course::{Course, rollout};
use super::nulls::{DAYS_OF_COUNTS, DAYS_OF_OTHERS};
use super::share::median;
use super::world::{Harm, Past, World};
use crate::rollouts::{first_seed, on_all_cores};

const SEEDS: u64 = 70_000;

/// Blocks in an hour.
const HOUR: usize = 12;

pub(crate) fn detection(scale: u64) {
    let scale = (scale / 2).max(1);
    let first = SEEDS + first_seed();
    println!(
        "\n### Median time from the onset of harm to the rollback (share found by the end of stage 4, where not all); {scale} rollouts a cell, seeds {first} to {}\n",
        first + scale - 1
    );
    println!(
        "| harm | with history | instances only | neither | group sequential | GrowthBook |\n| --- | --- | --- | --- | --- | --- |"
    );
    for rps in [100.0, 2.0] {
        for (name, world, harm) in of_counts() {
            let world = World { rps, ..world };
            let pasts = [Past::Days(DAYS_OF_COUNTS), Past::Instances, Past::Nothing];
            line(&format!("{name}, {rps} rps"), &world, &harm, pasts, scale);
        }
    }
    println!(
        "\n| harm | with {DAYS_OF_OTHERS} days | with one day | without | group sequential | GrowthBook |\n| --- | --- | --- | --- | --- | --- |"
    );
    let pasts = [Past::Days(DAYS_OF_OTHERS), Past::Days(1), Past::Nothing];
    for (name, world, factor) in [
        ("level x1.3, white noise", WHITE_LEVEL, 1.3),
        ("level x1.3, 1 h, sd 0.05", CALM_LEVEL, 1.3),
        ("revenue x0.7, sigma 1, 100 rps", REVENUE_SIGMA_1, 0.7),
        ("all latencies x1.2, calm, 100 rps", CALM_LATENCY, 1.2),
        (
            "all latencies x1.2, calm, 10 rps",
            World {
                rps: 10.0,
                ..CALM_LATENCY
            },
            1.2,
        ),
    ] {
        line(name, &world, &Harm::of(factor), pasts, scale);
    }
}

fn of_counts() -> Vec<(&'static str, World, Harm)> {
    let late = |factor: f64, hours: usize| Harm {
        onset: hours * HOUR,
        ..Harm::of(factor)
    };
    let hourly = |hours: usize| Harm {
        spells: Some((2, HOUR)),
        ..late(3.0, hours)
    };
    vec![
        ("x1.5 clean", CLEAN, Harm::of(1.5)),
        ("x2 clean", CLEAN, Harm::of(2.0)),
        ("x5 clean", CLEAN, Harm::of(5.0)),
        ("x1.5 shared", SHARED, Harm::of(1.5)),
        ("x2 shared", SHARED, Harm::of(2.0)),
        ("x5 shared", SHARED, Harm::of(5.0)),
        ("x1.5 overdispersed", OVERDISPERSED, Harm::of(1.5)),
        ("x2 overdispersed", OVERDISPERSED, Harm::of(2.0)),
        ("x5 overdispersed", OVERDISPERSED, Harm::of(5.0)),
        ("x5 from 3 h on, clean", CLEAN, late(5.0, 3)),
        ("x2 from 12 h on, shared", SHARED, late(2.0, 12)),
        ("x2 from 40 h on, clean", CLEAN, late(2.0, 40)),
        ("x3 for 10 min of every hour, clean", CLEAN, hourly(0)),
        ("... from an hour in", CLEAN, hourly(1)),
        ("x2 amid sessions of 30", SESSIONS_OF_30, Harm::of(2.0)),
        ("x2 amid on/off x1.5", SPELLS, Harm::of(2.0)),
        ("x2, one own pod, sd 0.2", ONE_POD, Harm::of(2.0)),
    ]
}

fn line(name: &str, world: &World, harm: &Harm, pasts: [Past; 3], scale: u64) {
    let onset = harm.onset as f64 / HOUR as f64;
    let mut peers = [String::new(), String::new()];
    let cells = pasts.map(|past| {
        let watched = past == pasts[0];
        let courses = on_all_cores(SEEDS..SEEDS + scale, |seed| {
            rollout(world, past, harm, watched, seed)
        });
        let after = |time: Option<f64>| time.map(|hours| hours - onset);
        if watched {
            const LAST_TWO: [usize; 2] = [3, 4];
            let of =
                |peer: usize| median(courses.iter().map(|one: &Course| after(one.peers[peer])));
            peers = LAST_TWO.map(of);
        }
        let early = courses
            .iter()
            .filter(|one| one.rolled_back.is_some_and(|hours| hours <= onset))
            .count();
        let found = median(courses.iter().map(|one| after(one.rolled_back)));
        if early > 0 && onset > 0.0 {
            format!("{found}, {early} before it")
        } else {
            found
        }
    });
    println!("| {name} | {} | {} |", cells.join(" | "), peers.join(" | "));
}
