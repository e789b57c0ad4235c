//! How long the judge takes: one guardrail with all looks of a stage, on one core. Budget: 1 ms for
//! a day of five-minute blocks, 5 ms for four days.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]

mod fixture;

use std::hint::black_box;
use std::time::Instant;

use rand::SeedableRng as _;
use rollout::judge::judge;
use rollout::simulate::{Harm, Noise, Service, SnapshotBuilder, Traffic, instant};
use rollout::units::{Effect, Period};

fn main() {
    println!("| guardrail | blocks | one judgement, all looks |");
    println!("| --- | --- | --- |");
    for blocks in [288, 1_152] {
        let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(7);
        let traffic = Traffic {
            rps: 100.0,
            cycle: 0.6,
            base: 0.01,
        };
        let mut service = Service::new(traffic, Noise::OVERDISPERSED, &mut rng);
        let plan = fixture::plan(
            vec![fixture::guardrail("errors", Effect::Relative(0.10))],
            fixture::EPOCH,
        );
        let length = Period::from_seconds(fixture::BLOCK);
        let mut record = SnapshotBuilder::new(&plan.name, 1, instant(fixture::EPOCH), length);
        let mut end = fixture::EPOCH;
        for _ in 0..blocks {
            let block = service.block(end, fixture::BLOCK, 0.01, Harm::NONE, &mut rng);
            end += i64::from(fixture::BLOCK);
            record.record("errors", end, Some(&block));
        }
        let snapshot = record.snapshot(instant(end));
        let rounds = 200;
        let before = Instant::now();
        for _ in 0..rounds {
            black_box(judge(black_box(&plan), black_box(&snapshot), instant(end)));
        }
        let each = before.elapsed() / rounds;
        println!("| ratio | {blocks} | {:.2} ms |", each.as_secs_f64() * 1e3);
    }
}
