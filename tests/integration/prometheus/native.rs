//! Native histograms from a real server, and classic ones that are named as if they were.

use rollout::plan::{Column, Compared, Guardrail, Kind};
use rollout::snapshot::{ArmSeries, GuardrailSeries};

use crate::prometheus::kinds::metrics;
use crate::prometheus::shop::{ENTERED, HOUR, collect_at, collect_from};
use crate::support::openmetrics::SCRAPE;
use crate::support::plans::{at, guardrail, plan, selectors};
use crate::support::remote_write::{Counts, Native, write};
use crate::support::server::{Options, Server};

fn native_latency() -> Guardrail {
    guardrail(
        "native",
        Kind::Latency {
            quantile: 0.9,
            compare: Compared::Share,
            unit: rollout::plan::TimeUnit::Seconds,
        },
        selectors(&[(Column::Histogram, "native_seconds")]),
    )
}

/// Ten observations a scrape around 500 ms, moved up by so many buckets of 9 %.
fn around(scrapes: i64, shift: i64) -> Counts {
    [(-10, 1), (-9, 2), (-8, 4), (-7, 2), (-4, 1)]
        .map(|(index, weight)| (index + shift, weight * u64::try_from(scrapes).unwrap()))
        .to_vec()
}

fn native(variant: &str, pod: &str, counts: impl Fn(i64) -> Option<Counts> + 'static) -> Native {
    let pairs = [
        ("__name__", "native_seconds"),
        ("variant", variant),
        ("pod", pod),
    ];
    Native {
        labels: pairs
            .map(|(name, value)| (name.into(), value.into()))
            .to_vec(),
        counts: Box::new(counts),
    }
}

/// Exact counts above a bound in each block.
fn beyond(series: &GuardrailSeries, arm: &ArmSeries, bound: f64) -> Vec<f64> {
    assert_eq!(series.issues, []);
    let (_, below) = arm
        .buckets
        .iter()
        .find(|(le, _)| (le / bound - 1.0).abs() < 1e-6)
        .unwrap();
    let (_, all) = arm.buckets.last().unwrap();
    below
        .iter()
        .zip(all)
        .map(|(below, all)| all.unwrap() - below.unwrap())
        .collect()
}

#[test]
fn native_histograms_give_exact_counts_through_births_and_resets() {
    let server = Server::empty(&Options {
        arguments: vec![
            "--enable-feature=native-histograms".into(),
            "--web.enable-remote-write-receiver".into(),
        ],
        ..Options::default()
    });
    let series = [
        native("control", "c", |t| Some(around(t / SCRAPE + 1_000, 0))),
        // Every latency is 30 % longer.
        native("treatment", "a", |t| Some(around(t / SCRAPE + 1_000, 3))),
        // Born in the middle of a block.
        native("treatment", "b", |t| {
            (t > 5_500).then(|| around((t - 5_500) / SCRAPE, 3))
        }),
        // Restarted in the middle of a block.
        native("treatment", "r", |t| {
            let since = if t < 7_000 { 0 } else { 7_000 };
            Some(around((t - since) / SCRAPE, 3))
        }),
    ];
    write(&server, &series, 3);
    let plan = plan(HOUR / 2, vec![native_latency()]);
    let snapshot = collect_at(server.url(), &plan, at(3 * HOUR - 60)).unwrap();
    let series = &snapshot.guardrails["native"];
    // 545 ms is the upper bound of bucket -7: of ten observations one is above it unexposed,
    // nine of ten exposed.
    let bound = 2_f64.powf(-7.0 / 8.0);
    let control = beyond(series, &series.unexposed, bound);
    assert!(
        control.iter().all(|count| (count - 20.0).abs() < 1e-9),
        "{control:?}"
    );
    let treatment = beyond(series, &series.exposed, bound);
    assert_eq!(treatment.len(), control.len());
    // One pod 180 a block; the born and the restarted one what they have counted themselves.
    let block_of = |t: i64| usize::try_from((t - HOUR / 2) / 300).unwrap();
    for (block, count) in treatment.iter().enumerate() {
        let end = HOUR / 2 + 300 * (i64::try_from(block).unwrap() + 1);
        let scrapes = |from: i64| (end - from).max(0) / SCRAPE - (end - 300 - from).max(0) / SCRAPE;
        let restarted = if block == block_of(7_000) {
            (end - 7_000) / SCRAPE
        } else {
            20
        };
        let expected = 9 * (20 + scrapes(5_500) + restarted);
        assert!(
            (count - expected as f64).abs() < 1e-9,
            "block {block}: {count} {expected}"
        );
    }
}

#[test]
fn a_classic_histogram_named_as_a_native_one_says_how_to_name_it() {
    let server = Server::start(metrics());
    let wrong = |selector: &str| {
        guardrail(
            "latency",
            Kind::Latency {
                quantile: 0.99,
                compare: Compared::Share,
                unit: rollout::plan::TimeUnit::Seconds,
            },
            selectors(&[(Column::Histogram, selector)]),
        )
    };
    for selector in ["latency_seconds", "latency_seconds_count"] {
        let snapshot = collect_from(server.url(), &plan(ENTERED, vec![wrong(selector)])).unwrap();
        let issues = &snapshot.guardrails["latency"].issues;
        assert!(
            issues[0].to_string().contains("`..._bucket`"),
            "{selector}: {issues:?}"
        );
    }
}
