//! Every kind from a real server through the judge: harm is found, health passes.

use rollout::judge::{Verdict, judge};
use rollout::plan::{Column, Compared, Guardrail, Kind, Plan, RuleOut, Schedule};
use rollout::units::{Effect, Worse};

use crate::prometheus::shop::{HOUR, collect_at};
use crate::support::openmetrics::{Metrics, SCRAPE};
use crate::support::plans::{at, guardrail, plan, selectors};
use crate::support::remote_write::{Counts, Native, write};
use crate::support::server::{Options, Server};

/// Hours of data.
const HOURS: i64 = 8;

/// A reproducible number between 0 and 1 for each seed and step.
fn unit(seed: u64, step: u64) -> f64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ step.wrapping_mul(0xd1b5_4a32_d192_ed03);
    for _ in 0..3 {
        x ^= x >> 29;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

/// A count of that mean, spread like independent events.
fn about(mean: f64, seed: u64, step: u64) -> f64 {
    let normal: f64 = (0..12).map(|k| unit(seed, step * 12 + k)).sum::<f64>() - 6.0;
    (mean + mean.sqrt() * normal).round().max(0.0)
}

/// The counter of such counts at every scrape.
pub(super) fn counter(mean: f64, seed: u64) -> impl Fn(i64) -> Option<f64> {
    let mut sum = 0.0;
    let sums: Vec<f64> = (0..HOURS as u64 * 240)
        .map(|step| {
            sum += about(mean, seed, step);
            sum
        })
        .collect();
    move |t| Some(sums[usize::try_from(t / SCRAPE).unwrap()])
}

/// Traffic of two applications: one in which the exposed arm is like the other, one in which
/// everything is worse there.
fn metrics() -> Metrics {
    let mut metrics = Metrics::new(HOURS);
    let mut seed = 0;
    for (app, harm) in [("healthy", 1.0), ("harmful", 1.6)] {
        for (variant, share, harm) in [("treatment", 10.0, harm), ("control", 90.0, 1.0)] {
            for pod in ["a", "b"] {
                let labels = format!("app=\"{app}\",variant=\"{variant}\",pod=\"{pod}\"");
                seed += 10;
                // Of all requests 97.5 % are fast, and the rest is slow or, with harm, slower.
                let (fast, slow) = (
                    counter(9.75 * share, seed),
                    counter(0.25 * share * harm, seed + 1),
                );
                let latencies =
                    move |t: i64| vec![(0.1, fast(t).unwrap()), (0.8, slow(t).unwrap())];
                metrics = metrics
                    .counter("requests_total", &labels, counter(10.0 * share, seed + 2))
                    .counter(
                        "errors_total",
                        &labels,
                        counter(0.2 * share * harm, seed + 3),
                    )
                    .counter("hours_total", &labels, counter(2.0 * share, seed + 4))
                    .counter(
                        "value_total",
                        &labels,
                        counter(20.0 * share / harm, seed + 5),
                    )
                    .counter("orders_total", &labels, counter(2.0 * share, seed + 6))
                    .histogram("seconds", &labels, &[0.25, 0.5, 1.0], latencies)
                    .gauge("cpu", &labels, move |t| {
                        let step = u64::try_from(t / SCRAPE).unwrap();
                        Some(0.4 * harm + 0.05 * unit(seed + 7, step))
                    });
            }
        }
    }
    metrics
}

fn guardrails(app: &str) -> Vec<Guardrail> {
    let select = |metric: &str| format!("{metric}{{app=\"{app}\"}}");
    let columns = |pairs: &[(Column, &str)]| {
        let texts: Vec<(Column, String)> = pairs
            .iter()
            .map(|(column, metric)| (*column, select(metric)))
            .collect();
        let borrowed: Vec<(Column, &str)> = texts
            .iter()
            .map(|(column, text)| (*column, text.as_str()))
            .collect();
        selectors(&borrowed)
    };
    let (higher, lower) = (Worse::Higher, Worse::Lower);
    vec![
        guardrail(
            "ratio",
            Kind::Ratio { worse: higher },
            columns(&[
                (Column::Events, "errors_total"),
                (Column::Total, "requests_total"),
            ]),
        ),
        guardrail(
            "rate",
            Kind::Rate { worse: higher },
            columns(&[
                (Column::Events, "errors_total"),
                (Column::Per, "hours_total"),
            ]),
        ),
        guardrail(
            "mean",
            Kind::Mean { worse: lower },
            columns(&[
                (Column::Sum, "value_total"),
                (Column::Count, "orders_total"),
            ]),
        ),
        guardrail(
            "latency",
            Kind::Latency {
                quantile: 0.98,
                compare: Compared::Share,
                unit: rollout::plan::TimeUnit::Seconds,
            },
            columns(&[(Column::Histogram, "seconds_bucket")]),
        ),
        guardrail(
            "gauge",
            Kind::Gauge { worse: higher },
            columns(&[(Column::Query, "cpu")]),
        ),
    ]
}

/// A plan with this one guardrail whose stage must rule out half as much again.
fn alone(guardrail: Guardrail) -> Plan {
    let mut plan = plan(HOUR, vec![guardrail]);
    if let Schedule::Stages(stages) = &mut plan.course {
        stages[0].rule_out = RuleOut::Every(Effect::parse("50%").unwrap());
    }
    plan
}

pub(super) fn verdict(url: &str, guardrail: Guardrail, now: i64) -> (Verdict, String) {
    let plan = alone(guardrail);
    let snapshot = collect_at(url, &plan, at(now)).unwrap();
    let judgement = judge(&plan, &snapshot, at(now));
    let finding = &judgement.findings[0];
    (
        finding.verdict,
        format!("{}: {}", finding.name, finding.why),
    )
}

#[test]
fn health_passes_and_harm_is_a_breach_for_every_kind() {
    let server = Server::start(metrics());
    let now = HOURS * HOUR - 60;
    for (app, expected) in [("healthy", Verdict::Pass), ("harmful", Verdict::Breach)] {
        for guardrail in guardrails(app) {
            let (verdict, why) = verdict(server.url(), guardrail, now);
            assert_eq!(verdict, expected, "{app}: {why}");
        }
    }
}

#[test]
fn native_histograms_are_judged_like_classic_ones() {
    let server = Server::empty(&Options {
        arguments: vec![
            "--enable-feature=native-histograms".into(),
            "--web.enable-remote-write-receiver".into(),
        ],
        ..Options::default()
    });
    let hours = 6;
    let series = |app: &'static str, variant: &'static str, share: f64, harm: f64, seed: u64| {
        let (fast, slow) = (
            counter(9.75 * share, seed),
            counter(0.25 * share * harm, seed + 1),
        );
        let whole = |value: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "counters are whole, positive and small"
            )]
            let count = value as u64;
            count
        };
        let labels = [
            ("__name__", "native_seconds"),
            ("app", app),
            ("variant", variant),
        ];
        Native {
            labels: labels
                .map(|(name, value)| (name.into(), value.into()))
                .to_vec(),
            // 105 ms and 840 ms.
            counts: Box::new(move |t| -> Option<Counts> {
                Some(vec![(-26, whole(fast(t)?)), (-2, whole(slow(t)?))])
            }),
        }
    };
    write(
        &server,
        &[
            series("healthy", "treatment", 20.0, 1.0, 1_000),
            series("healthy", "control", 180.0, 1.0, 1_010),
            series("harmful", "treatment", 20.0, 1.6, 1_020),
            series("harmful", "control", 180.0, 1.0, 1_030),
        ],
        hours,
    );
    for (app, expected) in [("healthy", Verdict::Pass), ("harmful", Verdict::Breach)] {
        let selector = format!("native_seconds{{app=\"{app}\"}}");
        let latency = guardrail(
            "native",
            Kind::Latency {
                quantile: 0.98,
                compare: Compared::Share,
                unit: rollout::plan::TimeUnit::Seconds,
            },
            selectors(&[(Column::Histogram, &selector)]),
        );
        let (verdict, why) = verdict(server.url(), latency, hours * HOUR - 60);
        assert_eq!(verdict, expected, "{app}: {why}");
    }
}

/// Errors and requests of an application whose exposed arm counts its errors so.
fn with_errors(
    metrics: Metrics,
    app: &str,
    share: f64,
    errors: &str,
    counter_of: impl Fn(i64) -> Option<f64>,
) -> Metrics {
    let labels = |variant: &str, more: &str| format!("app=\"{app}\",variant=\"{variant}\",{more}");
    metrics
        .counter(
            "http_total",
            &labels("treatment", "code=\"200\""),
            counter(100.0 * share, 91),
        )
        .counter("http_total", &labels("treatment", errors), counter_of)
        .counter(
            "http_total",
            &labels("control", "code=\"200\""),
            counter(900.0, 92),
        )
        .counter(
            "http_total",
            &labels("control", "code=\"500\""),
            counter(18.0, 93),
        )
}

#[test]
fn errors_under_another_label_are_no_evidence_and_a_counter_at_zero_is() {
    let mut metrics = Metrics::new(HOURS);
    metrics = with_errors(metrics, "renamed", 1.0, "status=\"500\"", counter(2.0, 94));
    metrics = with_errors(metrics, "zero", 1.0, "code=\"500\"", |_| Some(0.0));
    metrics = with_errors(metrics, "few", 0.003, "status=\"404\"", |_| Some(0.0));
    let guardrails = ["renamed", "zero", "few"].map(|app| {
        let total = format!("http_total{{app=\"{app}\"}}");
        let events = format!("http_total{{app=\"{app}\",code=~\"5..\"}}");
        crate::support::plans::ratio(app, &events, &total)
    });
    let server = Server::start(metrics);
    let plan = plan(0, guardrails.to_vec());
    let now = HOURS * HOUR - 600;
    let snapshot = collect_at(server.url(), &plan, at(now)).unwrap();
    let judgement = judge(&plan, &snapshot, at(now));
    let verdicts: Vec<(&str, &str, bool)> = judgement
        .findings
        .iter()
        .map(|found| {
            let unborn = found
                .issues
                .iter()
                .any(|issue| issue.code() == "events-unborn");
            (found.name.as_str(), found.verdict.key(), unborn)
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            ("renamed", "no_data", true),
            ("zero", "pass", false),
            ("few", "inconclusive", false)
        ]
    );
}
