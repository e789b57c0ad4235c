//! Forecasts before anybody is exposed, from the unexposed arm's past alone, held against simulated stages.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Normal, Poisson};
use rand_pcg::Pcg64Mcg;

use super::tests::{close, numbers};
use super::tests_of_kinds::{median_of, with};
use super::*;
use crate::plan::{Column, Plan};
use crate::snapshot::{ArmSeries, GuardrailSeries, History, Moment, Snapshot};
use crate::units::{Instant, Period};

const BLOCK: i64 = 300;
/// A week, as it is asked for gauges.
const PAST: usize = 2_016;
const STAGE: usize = 288;

/// Levels that wander like a first-order autoregression, with a deviation of `sd` and correlated over
/// `hours`, around 1.
fn wandering(rng: &mut Pcg64Mcg, blocks: usize, sd: f64, hours: f64) -> Vec<f64> {
    let normal = Normal::<f64>::new(0.0, 1.0).unwrap();
    let carried = (-1.0 / (12.0 * hours)).exp();
    let mut x: f64 = normal.sample(rng);
    (0..blocks)
        .map(|_| {
            x = carried * x + (1.0 - carried * carried).sqrt() * normal.sample(rng);
            (sd * x).exp()
        })
        .collect()
}

fn column(name: Column, values: &[f64]) -> ArmSeries {
    ArmSeries {
        columns: BTreeMap::from([(name, values.iter().copied().map(Some).collect())]),
        buckets: Vec::new(),
    }
}

fn snapshot(plan: &Plan, series: GuardrailSeries, moment: Moment) -> (Snapshot, Instant) {
    let end = Instant::from_timestamp(series.ends.last().copied().unwrap(), 0).unwrap();
    let snapshot = Snapshot {
        plan: plan.name.clone(),
        taken_at: end,
        known_until: None,
        source: "test".into(),
        moment,
        block: Period::from_minutes(5),
        guardrails: BTreeMap::from([("errors".to_owned(), series)]),
        assignment: None,
    };
    (snapshot, end)
}

fn ends(from: i64, blocks: usize) -> Vec<i64> {
    (1..=blocks as i64).map(|k| (from + k) * BLOCK).collect()
}

/// What is there before anybody is exposed: the last day of the unexposed arm, and its past in halves.
fn beforehand(plan: &Plan, unexposed: ArmSeries, [first, second]: [ArmSeries; 2]) -> Snapshot {
    let blocks = unexposed.columns.values().next().map_or_else(
        || {
            unexposed
                .buckets
                .first()
                .map_or(0, |(_, series)| series.len())
        },
        Vec::len,
    );
    let past = first.columns.values().next().map_or_else(
        || first.buckets.first().map_or(0, |(_, series)| series.len()),
        Vec::len,
    );
    let history = History::of_halves(
        ends(-(past as i64), past),
        Period::from_minutes(5),
        first,
        second,
    );
    let series = GuardrailSeries {
        ends: ends(-(blocks as i64), blocks),
        unexposed,
        history: Some(history),
        ..GuardrailSeries::default()
    };
    let since = Instant::from_timestamp(-(blocks as i64) * BLOCK, 0).unwrap();
    snapshot(plan, series, Moment::Beforehand { since }).0
}

fn gauge_halves(rng: &mut Pcg64Mcg, sd: f64, hours: f64) -> [ArmSeries; 2] {
    [(); 2].map(|()| column(Column::Query, &wandering(rng, PAST, sd, hours)))
}

#[test]
fn gauges_that_wander_are_planned_from_the_unexposed_arms_week() {
    let plan = with("margin = \"10%\"\ngauge = { query = 'q', worse = \"higher\" }");
    for (sd, hours, factor) in [(0.05, 1.0, 1.3), (0.02, 1.0, 1.2), (0.05, 0.01, 1.3)] {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let halves = gauge_halves(&mut rng, sd, hours);
        let day = column(Column::Query, &wandering(&mut rng, STAGE, sd, hours));
        let traffic = Traffic::seen(&plan, &beforehand(&plan, day, halves), None).unwrap();
        assert!(traffic.loads["errors"].is_variation_of_past());
        let stage = |plan: &Plan, factor: f64, seed: u64| {
            let mut rng = Pcg64Mcg::seed_from_u64(1_000 + seed);
            let [first, second] = gauge_halves(&mut rng, sd, hours);
            let exposed: Vec<f64> = wandering(&mut rng, STAGE, sd, hours)
                .into_iter()
                .map(|level| level * factor)
                .collect();
            let unexposed = wandering(&mut rng, STAGE, sd, hours);
            let history = History::of_halves(
                ends(-(PAST as i64), PAST),
                Period::from_minutes(5),
                first,
                second,
            );
            let series = GuardrailSeries {
                ends: ends(0, STAGE),
                exposed: column(Column::Query, &exposed),
                unexposed: column(Column::Query, &unexposed),
                history: Some(history),
                ..GuardrailSeries::default()
            };
            snapshot(plan, series, Moment::of(plan.state.as_ref().unwrap()))
        };
        let what = format!("{factor}x of a gauge of sd {sd} over {hours} h");
        let found = numbers(&plan, &traffic, factor, 0).harms[0].cost;
        let simulated = median_of(&plan, true, |plan, seed| stage(plan, factor, seed));
        close(found.map(|cost| cost.time), simulated, &what);
    }
}

#[test]
fn slow_noise_of_a_gauge_makes_its_harm_slow_to_find() {
    let plan = with("margin = \"10%\"\ngauge = { query = 'q', worse = \"higher\" }");
    let found = |hours: f64| {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let halves = gauge_halves(&mut rng, 0.1, hours);
        let day = column(Column::Query, &wandering(&mut rng, STAGE, 0.1, hours));
        let traffic = Traffic::seen(&plan, &beforehand(&plan, day, halves), None).unwrap();
        let cost = numbers(&plan, &traffic, 1.3, 0).harms[0].cost;
        cost.map_or(f64::INFINITY, |cost| cost.time.hours())
    };
    let (white, slow) = (found(0.01), found(8.0));
    assert!(white < 4.0 && slow > 3.0 * white, "{white} {slow}");
}

#[test]
fn means_are_planned_from_the_unexposed_arms_halves() {
    let plan = with("margin = \"10%\"\nmean = { sum = 's', count = 'c', worse = \"higher\" }");
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let normal = Normal::<f64>::new(0.0, 1.0).unwrap();
    // Each term varies by as much as the mean, and so does what both halves share.
    let arms = |blocks: usize, counts: [f64; 2], factor: f64, rng: &mut Pcg64Mcg| {
        let mut sums = [Vec::new(), Vec::new()];
        for _ in 0..blocks {
            let shared = (0.1_f64 * normal.sample(rng)).exp();
            for ((sum, count), factor) in sums.iter_mut().zip(counts).zip([factor, 1.0]) {
                let mean = 50.0 * factor * shared * (1.0 + normal.sample(rng) / count.sqrt());
                sum.push(Some(mean * count));
            }
        }
        let mut counts = counts.into_iter();
        sums.map(|sum| ArmSeries {
            columns: BTreeMap::from([
                (Column::Count, vec![counts.next(); blocks]),
                (Column::Sum, sum),
            ]),
            buckets: Vec::new(),
        })
    };
    let halves = arms(PAST, [300.0; 2], 1.0, &mut rng);
    let [day, _] = arms(STAGE, [600.0, 1.0], 1.0, &mut rng);
    let traffic = Traffic::seen(&plan, &beforehand(&plan, day, halves.clone()), None).unwrap();
    assert!(traffic.loads["errors"].is_variation_of_past());
    let stage = |plan: &Plan, factor: f64, seed: u64| {
        let mut rng = Pcg64Mcg::seed_from_u64(1_000 + seed);
        let normal = Normal::<f64>::new(0.0, 1.0).unwrap();
        let mut sums = [Vec::new(), Vec::new()];
        for _ in 0..STAGE {
            let shared = (0.1_f64 * normal.sample(&mut rng)).exp();
            for (sum, factor) in sums.iter_mut().zip([factor, 1.0]) {
                let one = 1.0 + normal.sample(&mut rng) / 300_f64.sqrt();
                sum.push(Some(50.0 * factor * shared * one * 300.0));
            }
        }
        let [exposed, unexposed] = sums.map(|sum| ArmSeries {
            columns: BTreeMap::from([
                (Column::Count, vec![Some(300.0); STAGE]),
                (Column::Sum, sum),
            ]),
            buckets: Vec::new(),
        });
        let [first, second] = halves.clone();
        let from = -(PAST as i64);
        let history = History::of_halves(ends(from, PAST), Period::from_minutes(5), first, second);
        let series = GuardrailSeries {
            ends: ends(0, STAGE),
            exposed,
            unexposed,
            history: Some(history),
            ..GuardrailSeries::default()
        };
        snapshot(plan, series, Moment::of(plan.state.as_ref().unwrap()))
    };
    let found = numbers(&plan, &traffic, 1.2, 0).harms[0].cost;
    let simulated = median_of(&plan, true, |plan, seed| stage(plan, 1.2, seed));
    close(found.map(|cost| cost.time), simulated, "1.2x of a mean");
}

#[test]
fn a_latencys_dispersion_is_learnt_at_the_boundary_next_to_its_quantile() {
    let plan = with("margin = \"10%\"\nlatency = { histogram = 'h', quantile = 0.99 }");
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    // Slow requests come in clumps of four, a hundredth of them all.
    let mut arm = |blocks: usize| ArmSeries {
        columns: BTreeMap::new(),
        buckets: {
            let slow: Vec<f64> = (0..blocks)
                .map(|_| 4.0 * Poisson::new(7.5).unwrap().sample(&mut rng))
                .collect();
            let within = |slow: &f64| Some(3_000.0 - slow);
            vec![
                (0.1, vec![Some(1_000.0); blocks]),
                (0.5, slow.iter().map(within).collect()),
                (f64::INFINITY, vec![Some(3_000.0); blocks]),
            ]
        },
    };
    let halves = [arm(PAST), arm(PAST)];
    let traffic = Traffic::seen(&plan, &beforehand(&plan, arm(STAGE), halves), None).unwrap();
    let load = &traffic.loads["errors"];
    assert!(load.belief.is_learnt());
    assert!((3.0..5.0).contains(&load.dispersion), "{load:?}");
}

/// Two arms of which this share succeeds.
fn succeeding(rng: &mut Pcg64Mcg, blocks: usize, total: f64, share: f64) -> ArmSeries {
    let failed = Poisson::new(total * (1.0 - share)).unwrap();
    let events = (0..blocks).map(|_| Some(total - failed.sample(rng)));
    ArmSeries {
        columns: BTreeMap::from([
            (Column::Events, events.collect()),
            (Column::Total, vec![Some(total); blocks]),
        ]),
        buckets: Vec::new(),
    }
}

#[test]
fn shares_near_one_are_planned_by_their_failures_as_they_are_judged() {
    let plan = with("margin = \"2%\"\nratio = { events = 'e', total = 't', worse = \"lower\" }");
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let total = 150.0;
    let halves = [(); 2].map(|()| succeeding(&mut rng, 864, total, 0.99));
    let day = succeeding(&mut rng, STAGE, 2.0 * total, 0.99);
    let traffic = Traffic::seen(&plan, &beforehand(&plan, day, halves.clone()), None).unwrap();
    let load = &traffic.loads["errors"];
    // Failures are independent; successes, which nearly all requests are, would vary a hundredth as much.
    assert!((0.9..1.3).contains(&load.dispersion), "{load:?}");
    let stage = |plan: &Plan, share: f64, seed: u64| {
        let mut rng = Pcg64Mcg::seed_from_u64(1_000 + seed);
        let [first, second] = halves.clone();
        let history = History::of_halves(ends(-864, 864), Period::from_minutes(5), first, second);
        let series = GuardrailSeries {
            ends: ends(0, STAGE),
            exposed: succeeding(&mut rng, STAGE, total, share),
            unexposed: succeeding(&mut rng, STAGE, total, 0.99),
            history: Some(history),
            ..GuardrailSeries::default()
        };
        snapshot(plan, series, Moment::of(plan.state.as_ref().unwrap()))
    };
    let factor = 1.0 / 0.95;
    let found = numbers(&plan, &traffic, factor, 0).harms[0].cost;
    let simulated = median_of(&plan, true, |plan, seed| stage(plan, 0.99 * 0.95, seed));
    close(
        found.map(|cost| cost.time),
        simulated,
        "x0.95 of a success of 99 %",
    );
    let passed = numbers(&plan, &traffic, 2.0, 0).rule_out_after;
    let simulated = median_of(&plan, false, |plan, seed| stage(plan, 0.99, seed));
    close(passed, simulated.max(24.0), "passes of a success of 99 %");
}

#[test]
fn what_earlier_stages_have_shown_is_planned_with() {
    let guardrail = "margin = \"20%\"\nratio = { events = 'e', total = 't', worse = \"higher\" }";
    let state = "[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 50.0\nentered_at = 2026-01-01T00:00:00Z\ndispersion = { errors = 12.0 }";
    let plan = with(guardrail);
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let day = succeeding(&mut rng, STAGE, 300.0, 0.01);
    let halves = [(); 2].map(|()| ArmSeries::default());
    let mut snapshot = beforehand(&plan, day, halves);
    for series in snapshot.guardrails.values_mut() {
        series.history = None;
    }
    let seen = |plan: &Plan| {
        let traffic = Traffic::seen(plan, &snapshot, None).unwrap();
        let load = &traffic.loads["errors"];
        (load.dispersion.round(), load.is_shown, traffic.clone())
    };
    let (guessed, shown, calm) = seen(&plan);
    assert!(guessed < 2.0 && !shown, "{guessed}");
    let running = with(&format!("{guardrail}\n\n{state}"));
    let (measured, shown, noisy) = seen(&running);
    assert!((measured - 12.0).abs() < 1e-9 && shown, "{measured}");
    let found = |plan: &Plan, traffic: &Traffic| {
        let forecast = forecast(plan, traffic, &[2.0, 20.0]);
        let stage = &forecast.stages[0];
        let Answer::Foreseen(numbers) = &stage.guardrails[0].answer else {
            panic!("{forecast:?}");
        };
        // Nothing is found before anything can be judged.
        let times: Vec<Period> = numbers
            .harms
            .iter()
            .filter_map(|harm| Some(harm.cost?.time))
            .collect();
        assert!(times.iter().all(|time| *time >= stage.floor), "{times:?}");
        times[0]
    };
    assert!(found(&running, &noisy) > found(&plan, &calm));
}
