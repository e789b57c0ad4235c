//! How long the judge takes: one guardrail with all looks of a stage, on one core. Budget for a day of
//! five-minute blocks: 5 ms for counts, 20 ms for other kinds with a week of history; no worse than linear
//! for longer stages.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]

mod fixture;

use std::hint::black_box;
use std::time::Instant;

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Poisson, StandardNormal};
use rand_pcg::Pcg64Mcg;
use rollout::judge::judge;
use rollout::plan::{Column, Compared, Kind, TimeUnit};
use rollout::simulate::{Harm, Noise, Service, SnapshotBuilder, Traffic, instant};
use rollout::snapshot::{ArmSeries, History, Snapshot};
use rollout::units::{Effect, Period, Worse};

/// Blocks of a week.
const WEEK: i64 = 7 * 288;

fn main() {
    println!("| guardrail | blocks | one judgement, all looks |");
    println!("| --- | --- | --- |");
    for blocks in [288, 1_152] {
        time(
            "ratio",
            Kind::Ratio {
                worse: Worse::Higher,
            },
            blocks,
            None,
        );
    }
    let latency = Kind::Latency {
        quantile: 0.99,
        compare: Compared::Share,
        unit: TimeUnit::Seconds,
    };
    for (name, kind) in [
        (
            "mean",
            Kind::Mean {
                worse: Worse::Lower,
            },
        ),
        (
            "gauge",
            Kind::Gauge {
                worse: Worse::Higher,
            },
        ),
        ("latency", latency),
    ] {
        for blocks in [288, 1_152] {
            for past in [0, WEEK] {
                time(name, kind, blocks, Some(past));
            }
        }
    }
}

/// Prints one row. Counts come from the simulated service, other kinds from `arm`, with so many blocks of
/// a past.
fn time(name: &str, kind: Kind, blocks: i64, past: Option<i64>) {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let traffic = Traffic {
        rps: 100.0,
        cycle: 0.6,
        base: 0.01,
    };
    let mut service = Service::new(traffic, Noise::OVERDISPERSED, &mut rng);
    let mut guardrail = fixture::guardrail("guarded", Effect::Relative(0.10));
    guardrail.metric.kind = kind;
    let plan = fixture::plan(vec![guardrail], fixture::EPOCH);
    let length = Period::from_seconds(fixture::BLOCK);
    let mut record = SnapshotBuilder::new(&plan.name, 1, instant(fixture::EPOCH), length);
    let mut end = fixture::EPOCH;
    for _ in 0..blocks {
        let block = service.block(end, fixture::BLOCK, 0.01, Harm::NONE, &mut rng);
        end += i64::from(fixture::BLOCK);
        record.record("guarded", end, Some(&block));
    }
    let mut snapshot = record.snapshot(instant(end));
    if let Some(past) = past {
        of_kind(&mut snapshot, kind, past, &mut rng);
    }
    let rounds = 50;
    let before = Instant::now();
    for _ in 0..rounds {
        black_box(judge(black_box(&plan), black_box(&snapshot), instant(end)));
    }
    let each = before.elapsed() / rounds;
    let with = past
        .filter(|past| *past > 0)
        .map_or("", |_| ", a week of history");
    println!(
        "| {name}{with} | {blocks} | {:.2} ms |",
        each.as_secs_f64() * 1e3
    );
}

/// Puts series of this kind in the place of the counts.
fn of_kind(snapshot: &mut Snapshot, kind: Kind, past: i64, rng: &mut Pcg64Mcg) {
    let Some(series) = snapshot.guardrails.get_mut("guarded") else {
        return;
    };
    let blocks = series.ends.len();
    series.exposed = arm(kind, 300.0, blocks, rng);
    series.unexposed = arm(kind, 29_700.0, blocks, rng);
    series.history = (past > 0).then(|| {
        let step = i64::from(fixture::BLOCK);
        let ends: Vec<i64> = (-past..0).map(|k| fixture::EPOCH + step * k).collect();
        let [first, second] = [(), ()].map(|()| arm(kind, 15_000.0, ends.len(), rng));
        History::of_halves(ends, Period::from_seconds(fixture::BLOCK), first, second)
    });
}

/// An arm of so many requests a block.
fn arm(kind: Kind, requests: f64, blocks: usize, rng: &mut Pcg64Mcg) -> ArmSeries {
    let mut arm = ArmSeries::default();
    let mut normal = |spread: f64| -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        spread * z
    };
    if let Kind::Latency { .. } = kind {
        let bounds = [0.1, 0.25, 0.5, 1.0, f64::INFINITY];
        let shares = [0.8, 0.15, 0.046, 0.0038, 0.0002];
        arm.buckets = bounds.map(|bound| (bound, Vec::new())).to_vec();
        for _ in 0..blocks {
            let mut below = 0.0;
            for ((_, series), share) in arm.buckets.iter_mut().zip(shares) {
                below += Poisson::new(requests * share).map_or(0.0, |count| count.sample(rng));
                series.push(Some(below));
            }
        }
        return arm;
    }
    for _ in 0..blocks {
        let columns = if let Kind::Gauge { .. } = kind {
            vec![(Column::Query, 20.0 * normal(0.1).exp())]
        } else {
            let sum = 50.0 * requests * (1.0 + normal(1.0) / requests.sqrt());
            vec![(Column::Sum, sum), (Column::Count, requests)]
        };
        for (column, value) in columns {
            arm.columns.entry(column).or_default().push(Some(value));
        }
    }
    arm
}
