//! Margins on the quantile itself, from real servers: proven where the buckets are close enough
//! together, classic or native, and refused with the cure where they are not.

use rollout::judge::Verdict;
use rollout::plan::{Column, Compared, Guardrail, Kind};
use rollout::units::Effect;

use super::verdicts::{counter, verdict};
use crate::prometheus::shop::HOUR;
use crate::support::openmetrics::Metrics;
use crate::support::plans::{guardrail, selectors};
use crate::support::remote_write::{Counts, Native, write};
use crate::support::server::{Options, Server};

const HOURS: i64 = 6;

/// Latencies fall off by a fifth from one bucket to the next, each 9 % longer: 40 of them from 74 ms
/// on, so that one request in a hundred takes longer than 460 ms or so.
const BUCKETS: i64 = 40;
const FIRST: i64 = -30;

/// The end of the bucket with this index.
fn end(index: i64) -> f64 {
    2_f64.powf(index as f64 / 8.0)
}

/// Counters of each bucket, for an arm with so many requests a scrape whose latencies are moved up by
/// so many buckets.
fn arm(per_scrape: f64, shift: i64, seed: u64) -> Vec<(i64, impl Fn(i64) -> Option<f64>)> {
    (0..BUCKETS)
        .zip(seed..)
        .map(|(k, seed)| {
            let share = 0.2 * 0.8_f64.powf(k as f64);
            (FIRST + k + shift, counter(per_scrape * share, seed))
        })
        .collect()
}

/// Six buckets are 68 % longer.
const APPS: [(&str, i64); 2] = [("healthy", 0), ("harmful", 6)];

fn arms() -> impl Iterator<Item = (&'static str, &'static str, f64, i64, u64)> {
    APPS.into_iter().zip(0_u64..).flat_map(|((app, shift), n)| {
        let seed = 1_000 * n;
        [
            (app, "treatment", 200.0, shift, 10_000 + seed),
            (app, "control", 1_800.0, 0, 20_000 + seed),
        ]
    })
}

fn p99(app: &str, metric: &str, margin: &str) -> Guardrail {
    let selector = format!("{metric}{{app=\"{app}\"}}");
    let kind = Kind::Latency {
        quantile: 0.99,
        compare: Compared::Quantile,
        unit: rollout::plan::TimeUnit::Seconds,
    };
    let mut latency = guardrail("p99", kind, selectors(&[(Column::Histogram, &selector)]));
    latency.margin = Some(Effect::parse(margin).unwrap());
    latency
}

fn judged(url: &str, metric: &str) {
    for ((app, _), expected) in APPS.into_iter().zip([Verdict::Pass, Verdict::Breach]) {
        let (verdict, why) = verdict(url, p99(app, metric, "25%"), HOURS * HOUR - 60);
        assert_eq!(verdict, expected, "{app}: {why}");
        assert!(why.starts_with("p99: p99: exposed is "), "{why}");
    }
}

#[test]
fn native_histograms_prove_a_quarter_more_of_the_p99() {
    let server = Server::empty(&Options {
        arguments: vec![
            "--enable-feature=native-histograms".into(),
            "--web.enable-remote-write-receiver".into(),
        ],
        ..Options::default()
    });
    let native = |(app, variant, per_scrape, shift, seed): (&str, &str, f64, i64, u64)| {
        let labels = [
            ("__name__", "native_seconds"),
            ("app", app),
            ("variant", variant),
        ];
        let counters = arm(per_scrape, shift, seed);
        Native {
            labels: labels
                .map(|(name, value)| (name.into(), value.into()))
                .to_vec(),
            counts: Box::new(move |t| -> Option<Counts> {
                let counts = counters.iter().map(|(index, counter)| {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "counters are whole, positive and small"
                    )]
                    let count = counter(t)? as u64;
                    Some((*index, count))
                });
                counts.collect()
            }),
        }
    };
    let series: Vec<Native> = arms().map(native).collect();
    write(&server, &series, HOURS);
    judged(server.url(), "native_seconds");
}

fn count(counter: &impl Fn(i64) -> Option<f64>, t: i64) -> f64 {
    counter(t).unwrap_or(0.0)
}

/// The same latencies in classic buckets.
fn classic(bounds: &[f64]) -> Server {
    let mut metrics = Metrics::new(HOURS);
    for (app, variant, per_scrape, shift, seed) in arms() {
        let labels = format!("app=\"{app}\",variant=\"{variant}\"");
        let counters = arm(per_scrape, shift, seed);
        let latencies = move |t: i64| -> Vec<(f64, f64)> {
            let count = |(index, counter): &(i64, _)| (0.99 * end(*index), count(counter, t));
            counters.iter().map(count).collect()
        };
        metrics = metrics.histogram("seconds", &labels, bounds, latencies);
    }
    Server::start(metrics)
}

#[test]
fn classic_buckets_prove_it_where_they_are_close_enough_together() {
    let server = classic(&[0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 1.0, 2.0]);
    judged(server.url(), "seconds_bucket");
}

#[test]
fn the_usual_classic_buckets_refuse_it_and_say_what_they_can_prove() {
    let server = classic(&[0.1, 0.25, 0.5, 1.0, 2.5, 5.0]);
    for (app, _) in APPS {
        let at = |margin| {
            let asked = p99(app, "seconds_bucket", margin);
            verdict(server.url(), asked, HOURS * HOUR - 60)
        };
        let (refused, why) = at("25%");
        assert!(matches!(refused, Verdict::NoData(_)), "{why}");
        assert!(why.contains("250ms and 500ms"), "{why}");
        assert!(why.contains("`margin = \"100%\"`"), "{why}");
        // The margin would do now, but the stage asks to rule out half as much again.
        let (refused, why) = at("100%");
        assert!(matches!(refused, Verdict::NoData(_)), "{why}");
        assert!(why.contains("`rule_out = \"100%\"`"), "{why}");
    }
}
