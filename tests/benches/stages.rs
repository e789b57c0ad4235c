//! Single stages: latency from buckets, limits under shared incidents, the assignment of users.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use rollout::judge::{Verdict, judge, looks};
use rollout::plan::{Assignment, Compared, Guardrail, Kind, Plan, parse_config, parse_plan};
use rollout::simulate::{
    Autoregression, Harm, Noise, Service, SnapshotBuilder, Traffic, binomial, instant, poisson,
};
use rollout::snapshot::{ArmSeries, AssignmentSeries, GuardrailSeries, Snapshot};
use rollout::units::{Bound, Effect, Period};

use crate::fixture::{BLOCK, EPOCH, guardrail, plan};
use crate::rollouts::on_all_cores;

mod means;
mod planned;

const BLOCKS: i64 = 288;

pub(crate) fn print(scale: u64) {
    println!("| what | result |");
    println!("| --- | --- |");
    let slow = |factor: f64, seeds: std::ops::Range<u64>| {
        on_all_cores(seeds, |seed| latency(factor, seed))
    };
    let times = slow(1.2, 0..crate::part(scale, 4));
    println!(
        "| all latencies x1.2, default buckets, 100 rps: median time to rollback | {} |",
        median(times)
    );
    let same = slow(1.0, 1_000..1_000 + crate::part(scale, 4));
    println!(
        "| latencies unchanged: false rollbacks | {:.1} % |",
        rate(&same)
    );
    for (rps, noise, name) in [
        (100.0, Noise::SHARED, "100 rps shared"),
        (2.0, Noise::SHARED, "2 rps shared"),
        (100.0, Noise::OVERDISPERSED, "100 rps overdispersed"),
        (2.0, Noise::OVERDISPERSED, "2 rps overdispersed"),
    ] {
        let healthy = on_all_cores(2_000..2_000 + crate::part(scale, 4), |seed| {
            limited(rps, noise, 1.0, seed)
        });
        println!(
            "| limit 1.5 % at a base of 1 %, {name}, no effect: rolled back | {:.1} % |",
            rate(&healthy)
        );
    }
    let harmful = on_all_cores(3_000..3_000 + crate::part(scale, 4), |seed| {
        limited(100.0, Noise::SHARED, 4.0, seed)
    });
    println!(
        "| the same at 100 rps shared, x4: median time to rollback | {} |",
        median(harmful)
    );
    let even = on_all_cores(4_000..4_000 + scale, |seed| assigned(1.0, seed));
    println!(
        "| assignment as declared, 600 users a block: alarms | {:.2} % |",
        rate(&even)
    );
    let skewed = on_all_cores(5_000..5_000 + crate::part(scale, 4), |seed| {
        assigned(1.2, seed)
    });
    println!(
        "| 1.2 % of users instead of 1 %: median time to alarm | {} |",
        median(skewed)
    );
    means::print(scale);
    planned::print(scale);
}

/// Hours to the rollback of a stage in which all latencies are longer by this factor.
fn latency(factor: f64, seed: u64) -> Option<f64> {
    const BOUNDS: [f64; 11] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    ];
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let kind = Kind::Latency {
        quantile: 0.99,
        compare: Compared::Share,
        unit: rollout::plan::TimeUnit::Seconds,
    };
    let plan = with_kind(guardrail("latency", Effect::Relative(0.10)), kind);
    // Log-normal with its 99th percentile at 400 ms, slower and faster together by a few percent.
    let (spread, p99) = (0.7, 0.4_f64);
    let typical = p99 / (2.326_f64 * spread).exp();
    let shared = Autoregression {
        deviation: 0.05,
        memory: 0.9,
    };
    let mut shock = shared.first(&mut rng);
    let mut arms = [ArmSeries::default(), ArmSeries::default()];
    for arm in &mut arms {
        arm.buckets = BOUNDS.iter().map(|b| (*b, Vec::new())).collect();
        arm.buckets.push((f64::INFINITY, Vec::new()));
    }
    for _ in 0..BLOCKS {
        shock = shared.next(shock, &mut rng);
        for (arm, (share, factor)) in arms.iter_mut().zip([(0.01, factor), (0.99, 1.0)]) {
            let total = poisson(100.0 * f64::from(BLOCK) * share, &mut rng);
            let (mut left, mut above) = (total, 1.0_f64);
            for (bound, series) in &mut arm.buckets {
                let scaled = bound.ln() - (typical * factor).ln() - shock;
                let slower = if bound.is_finite() {
                    tail(scaled / spread)
                } else {
                    0.0
                };
                // Of the requests slower than the last boundary, those slower than this one.
                left = binomial(left, (slower / above).clamp(0.0, 1.0), &mut rng);
                above = slower.max(1e-300);
                series.push(Some(total - left));
            }
        }
    }
    let [exposed, unexposed] = arms;
    let series = GuardrailSeries {
        ends: (1..=BLOCKS).map(|k| EPOCH + k * i64::from(BLOCK)).collect(),
        exposed,
        unexposed,
        ..GuardrailSeries::default()
    };
    let mut snapshot = empty(&plan);
    snapshot.guardrails.insert("latency".into(), series);
    rollback(&plan, &snapshot)
}

/// Hours to the rollback of a stage with a limit of 1.5 % and nothing to compare.
fn limited(rps: f64, noise: Noise, factor: f64, seed: u64) -> Option<f64> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut errors = guardrail("errors", Effect::Relative(0.10));
    errors.margin = None;
    errors.limit = Some(Bound::parse("1.5%").expect("a bound"));
    let plan = plan(vec![errors], EPOCH);
    let traffic = Traffic {
        rps,
        cycle: 0.6,
        base: 0.01,
    };
    let mut service = Service::new(traffic, noise, &mut rng);
    let length = Period::from_seconds(BLOCK);
    let mut record = SnapshotBuilder::new(&plan.name, 1, instant(EPOCH), length);
    let harm = Harm {
        factor,
        from: EPOCH,
    };
    for k in 0..BLOCKS {
        let begin = EPOCH + k * i64::from(BLOCK);
        let block = service.block(begin, BLOCK, 0.01, harm, &mut rng);
        record.record("errors", begin + i64::from(BLOCK), Some(&block));
    }
    rollback(&plan, &record.snapshot(end()))
}

/// Hours to the alarm when this times the declared share of users is exposed.
fn assigned(factor: f64, seed: u64) -> Option<f64> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut plan = plan(vec![guardrail("errors", Effect::Relative(0.10))], EPOCH);
    plan.assignment = Some(assignment());
    let users = |share: f64, rng: &mut Pcg64Mcg| -> Vec<Option<f64>> {
        (0..BLOCKS)
            .map(|_| Some(poisson(600.0 * share, rng)))
            .collect()
    };
    let mut snapshot = empty(&plan);
    snapshot.assignment = Some(AssignmentSeries {
        ends: (1..=BLOCKS).map(|k| EPOCH + k * i64::from(BLOCK)).collect(),
        exposed: users(0.01 * factor, &mut rng),
        unexposed: users(1.0 - 0.01 * factor, &mut rng),
        issues: Vec::new(),
    });
    let broken = |block: i64| {
        let now = instant(EPOCH + block * i64::from(BLOCK));
        judge(&plan, &snapshot, now).assignment_broken.is_some()
    };
    // What is proven stays proven, so the first look that says so can be had by halves.
    if !broken(BLOCKS) {
        return None;
    }
    let (mut before, mut after) = (2, BLOCKS);
    while after - before > 1 {
        let middle = i64::midpoint(before, after);
        if broken(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    Some((after - 2) as f64 * f64::from(BLOCK) / 3_600.0)
}

/// The users' counter; a selector exists only in a plan that was read.
fn assignment() -> Assignment {
    let config = parse_config("").value.expect("an empty configuration");
    let text = "[[stages]]\nexposure = 1\nmin_duration = \"24h\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = { events = \"errors_total\", total = \"requests_total\", worse = \"higher\" }\n\n[assignment]\nusers = \"users_total\"\n";
    let parsed = parse_plan("simulated", text, &config);
    let plan = parsed.value.expect("a plan");
    plan.assignment.expect("an assignment")
}

fn with_kind(mut guardrail: Guardrail, kind: Kind) -> Plan {
    guardrail.metric.kind = kind;
    plan(vec![guardrail], EPOCH)
}

fn empty(plan: &Plan) -> Snapshot {
    SnapshotBuilder::new(&plan.name, 1, instant(EPOCH), Period::from_seconds(BLOCK)).snapshot(end())
}

fn end() -> rollout::units::Instant {
    instant(EPOCH + BLOCKS * i64::from(BLOCK))
}

/// Hours from the first judged block's begin to the rollback; `judge` must say the same at the end.
fn rollback(plan: &Plan, snapshot: &Snapshot) -> Option<f64> {
    let warmup =
        i64::from(plan.judge.warmup_blocks(Period::from_seconds(BLOCK))) * i64::from(BLOCK);
    let looks = looks(plan, snapshot, end());
    let threshold = plan.judge.rollback_alpha.threshold();
    let found = looks.rollback.iter().position(|e| *e >= threshold);
    let verdict = judge(plan, snapshot, end()).findings[0].verdict;
    assert_eq!(
        verdict == Verdict::Breach,
        found.is_some(),
        "one judge, one answer"
    );
    found.map(|k| (looks.ends[k] - EPOCH - warmup) as f64 / 3_600.0)
}

fn rate(outcomes: &[Option<f64>]) -> f64 {
    let found = outcomes.iter().filter(|o| o.is_some()).count();
    100.0 * found as f64 / outcomes.len().max(1) as f64
}

fn median(outcomes: Vec<Option<f64>>) -> String {
    let mut times: Vec<f64> = outcomes
        .into_iter()
        .map(|t| t.unwrap_or(f64::INFINITY))
        .collect();
    times.sort_by(f64::total_cmp);
    crate::hours(times[times.len() / 2])
}

/// The upper tail of a standard normal variable.
fn tail(z: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF as _, Normal};
    Normal::standard().sf(z)
}
