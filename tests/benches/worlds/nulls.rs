//! False rollbacks of whole healthy rollouts, beside those of the other methods on the same traffic.

use rollout::simulate::Noise;

use super::catalogue::{COUNTS, LATENCIES, LEVELS, REVENUES, UNSEEN};
use super::course::{Course, rollout};
use super::peers::{NAMES, PEERS};
use super::share::Share;
use super::world::{Harm, Past, World};
use crate::rollouts::{first_seed, on_all_cores};

/// Days of history that a server is asked for.
pub(crate) const DAYS_OF_COUNTS: u32 = 3;
pub(crate) const DAYS_OF_OTHERS: u32 = 7;

/// Counts in every world, at two sizes of traffic, with what may be known of the past.
pub(crate) fn counts(scale: u64) {
    of_counts("counts", &COUNTS, scale, 20_000);
}

/// Families of noise that nothing was fitted to.
pub(crate) fn unseen(scale: u64) {
    of_counts(
        "counts, families that nothing was fitted to",
        &UNSEEN,
        scale,
        30_000,
    );
}

pub(crate) fn gauges(scale: u64) {
    of_kind("levels", &LEVELS, scale, 40_000);
}

pub(crate) fn revenue(scale: u64) {
    of_kind("revenue of a visit", &REVENUES, scale, 50_000);
}

pub(crate) fn latency(scale: u64) {
    of_kind("share of slow requests", &LATENCIES, scale, 60_000);
}

fn title(of: &str, scale: u64, seeds: u64) {
    let first = seeds + first_seed();
    println!(
        "\n### False rollbacks of healthy rollouts, %: {of}; {scale} rollouts a cell, seeds {first} to {}\n",
        first + scale - 1
    );
}

fn of_counts(of: &str, worlds: &[World], scale: u64, seeds: u64) {
    let pasts = [Past::Days(DAYS_OF_COUNTS), Past::Instances, Past::Nothing];
    title(of, scale, seeds);
    let names = ["with history", "instances only", "neither"];
    let columns = |rps: &str| names.map(|name| format!("{name}, {rps} rps")).join(" | ");
    println!(
        "| world | {} | {} | {} |",
        columns("100"),
        columns("2"),
        peer_names(" (100, 2 rps)")
    );
    println!("| --- |{}", " --- |".repeat(2 * pasts.len() + PEERS));
    for world in worlds {
        let mut cells = Vec::new();
        let mut peers: [Vec<String>; PEERS] = Default::default();
        for rps in [100.0, 2.0] {
            let world = World { rps, ..*world };
            for past in pasts {
                let watched = past == pasts[0];
                let courses = run(&world, past, watched, scale, seeds);
                cells.push(cell(&courses));
                if watched {
                    add(&courses, &mut peers);
                }
            }
        }
        let peers = peers.map(|peer| peer.join(", ")).join(" | ");
        println!("| {} | {} | {peers} |", world.name, cells.join(" | "));
    }
    legend();
}

fn of_kind(of: &str, worlds: &[World], scale: u64, seeds: u64) {
    title(of, scale, seeds);
    println!(
        "| world | with {DAYS_OF_OTHERS} days of history | with one day | without | {} |",
        peer_names("")
    );
    println!("| --- |{}", " --- |".repeat(3 + PEERS));
    for world in worlds {
        let mut peers: [Vec<String>; PEERS] = Default::default();
        let pasts = [Past::Days(DAYS_OF_OTHERS), Past::Days(1), Past::Nothing];
        let cells = pasts.map(|past| {
            let watched = past == pasts[0];
            let courses = run(world, past, watched, scale, seeds);
            if watched {
                add(&courses, &mut peers);
            }
            cell(&courses)
        });
        let peers = peers.map(|peer| peer.join(", ")).join(" | ");
        println!("| {} | {} | {peers} |", world.name, cells.join(" | "));
    }
    legend();
}

fn run(world: &World, past: Past, peers: bool, scale: u64, seeds: u64) -> Vec<Course> {
    on_all_cores(seeds..seeds + scale, |seed| {
        rollout(world, past, &Harm::NONE, peers, seed)
    })
}

/// The share that was rolled back; apart from incidents, where there were any.
fn cell(courses: &[Course]) -> String {
    let apart = Share::of(courses, |one| one.rolled_back.is_some() && !one.in_incident);
    let within = Share::of(courses, |one| one.rolled_back.is_some() && one.in_incident);
    if within.count == 0 {
        apart.to_string()
    } else {
        format!("{apart}, in one {:.1}", within.percent())
    }
}

fn add(courses: &[Course], peers: &mut [Vec<String>; PEERS]) {
    for (k, peer) in peers.iter_mut().enumerate() {
        let share = Share::of(courses, |one| one.peers[k].is_some());
        peer.push(format!("{:.0}", share.percent()));
    }
}

fn peer_names(more: &str) -> String {
    NAMES.map(|(name, _)| format!("{name}{more}")).join(" | ")
}

fn legend() {
    let noise = Noise::OVERDISPERSED.burst;
    println!(
        "\nIn brackets the 95 % interval (Wilson); bold where it lies beyond the budget of 5. Bursts of {noise} where overdispersed."
    );
    for (name, words) in NAMES {
        println!("{name}: {words}.");
    }
}
