//! One data set with an application for every situation, and one server for all tests that run at
//! the same time.

use std::path::Path;
use std::sync::Arc;

use rollout::plan::{Column, Guardrail, Plan, PrometheusSettings, Secret};
use rollout::prometheus::{Client, CollectError, EvidenceRequest, collect};
use rollout::snapshot::{ArmSeries, GuardrailSeries, Snapshot};
use rollout::units::Instant;

use crate::support::openmetrics::{Metrics, SCRAPE};
use crate::support::plans::{at, block_on, plan, ratio};
use crate::support::server::Server;
use crate::support::shared::Shared;

pub(crate) const HOUR: i64 = 3_600;

/// When the stage of every test is entered, in seconds after the start of the data.
pub(crate) const ENTERED: i64 = 2 * HOUR;

/// The evaluation instant of every test.
pub(crate) const NOW: i64 = 8 * HOUR - 600;

/// Where things happen: the start of a block in the middle of the stage.
pub(crate) const EVENT: i64 = 5 * HOUR;

/// A counter that was at 100,000 before the data begins.
pub(crate) fn old(per_scrape: i64) -> impl Fn(i64) -> Option<f64> + Clone {
    move |t| Some((100_000 + per_scrape * (t / SCRAPE)) as f64)
}

/// The same with scrapes missing from one instant up to another.
fn gap(counter: impl Fn(i64) -> Option<f64>, from: i64, until: i64) -> impl Fn(i64) -> Option<f64> {
    move |t| {
        if (from..until).contains(&t) {
            None
        } else {
            counter(t)
        }
    }
}

/// A counter born with value 1 that grows by 1 a scrape.
fn born(at: i64) -> impl Fn(i64) -> Option<f64> {
    move |t| (t >= at).then(|| (1 + (t - at) / SCRAPE) as f64)
}

/// Errors are one in a hundred requests, times so much.
fn errors(per_scrape: i64, times: i64) -> impl Fn(i64) -> Option<f64> {
    move |t| Some((times * per_scrape * (t / SCRAPE) / 100) as f64)
}

/// An application for every situation.
pub(crate) fn metrics() -> Metrics {
    let mut metrics = Metrics::new(8);
    for (app, harm) in [("healthy", 1), ("harmful", 2)] {
        for pod in ["a", "b"] {
            for (variant, rate, times) in [("treatment", 3, harm), ("control", 30, 1)] {
                let labels = format!("app=\"{app}\",variant=\"{variant}\",pod=\"{pod}\"");
                // One pod is scraped on block ends, the other seven seconds later.
                let phase = if pod == "a" { 0 } else { 7 };
                metrics = metrics
                    .late_counter("requests_total", &labels, phase, old(rate))
                    .late_counter("errors_total", &labels, phase, errors(rate, times));
            }
        }
    }
    let labels = |app: &str, variant: &str, pod: &str| {
        format!("app=\"{app}\",variant=\"{variant}\",pod=\"{pod}\"")
    };
    // In each of these the unexposed arm and the pod `b` go on as if nothing had happened.
    for app in ["reset", "birth", "gap-8m", "gap-2h", "killed"] {
        metrics = metrics
            .counter("requests_total", &labels(app, "treatment", "b"), old(1))
            .counter("requests_total", &labels(app, "control", "c"), old(10));
    }
    let mut a = |app: &str, counter: &dyn Fn(i64) -> Option<f64>| {
        let moved = std::mem::replace(&mut metrics, Metrics::new(8));
        metrics = moved.counter("requests_total", &labels(app, "treatment", "a"), counter);
    };
    a("reset", &|t| {
        let start = EVENT + 100;
        if t < start {
            old(1)(t)
        } else {
            Some(((t - start) / SCRAPE) as f64)
        }
    });
    a("birth", &born(EVENT + 17 * SCRAPE));
    a("gap-8m", &gap(old(1), EVENT, EVENT + 480));
    a("gap-2h", &gap(old(1), EVENT - HOUR, EVENT + HOUR));
    a("killed", &gap(old(1), EVENT + 100, i64::MAX));
    for (app, until) in [("outage-8m", EVENT + 480), ("outage-2h", EVENT + 2 * HOUR)] {
        for variant in ["treatment", "control"] {
            metrics = metrics.counter(
                "requests_total",
                &labels(app, variant, "a"),
                gap(old(1), EVENT, until),
            );
        }
    }
    for variant in ["treatment", "control"] {
        metrics = metrics
            .counter(
                "requests_total",
                &labels("new-server", variant, "a"),
                gap(old(1), 0, EVENT),
            )
            .counter("requests_total", &labels("lazy", variant, "a"), old(1))
            .gauge("level", &labels("nan", variant, "a"), |_| Some(f64::NAN))
            .gauge("level", &labels("infinite", variant, "a"), |_| {
                Some(f64::INFINITY)
            })
            .gauge("level", &labels("half-nan", variant, "a"), |t| {
                Some(if t < EVENT { f64::NAN } else { 0.5 })
            });
    }
    metrics
        .counter(
            "errors_total",
            &labels("lazy", "control", "a"),
            born(EVENT + 17 * SCRAPE),
        )
        .counter(
            "requests_total",
            "app=\"lonely\",variant=\"control\"",
            old(1),
        )
        .counter("requests_total", "app=\"unlabelled\"", old(1))
        .counter("requests_total", "app=\"named\",variant=\"canary\"", old(1))
        .counter("requests_total", "app=\"named\",variant=\"stable\"", old(1))
}

/// The server all tests share; it ends with the last test that holds it.
pub(crate) fn server() -> Arc<Server> {
    static SHARED: Shared = Shared::of(metrics);
    SHARED.get()
}

/// A client without credentials.
pub(crate) fn client(url: &str) -> Client {
    client_with(url, &PrometheusSettings::default())
}

/// A client with settings; every secret is `open sesame`.
pub(crate) fn client_with(url: &str, settings: &PrometheusSettings) -> Client {
    let secrets = |_: &Secret| Ok("open sesame".to_owned());
    Client::new(settings, Some(url), &secrets, Path::new("/")).unwrap()
}

/// Collects one plan at the usual instant.
pub(crate) fn collect_from(url: &str, plan: &Plan) -> Result<Snapshot, CollectError> {
    collect_at(url, plan, at(NOW))
}

/// Collects one plan.
pub(crate) fn collect_at(url: &str, plan: &Plan, now: Instant) -> Result<Snapshot, CollectError> {
    let request = EvidenceRequest::of_stage(plan)?;
    block_on(collect(&client(url), &[request], now, &|_, _| {}))
        .pop()
        .unwrap()
}

/// What is asked for plans in a stage.
pub(crate) fn requests_of<'a>(plans: &[&'a Plan]) -> Vec<EvidenceRequest<'a>> {
    let requests = plans.iter().map(|plan| EvidenceRequest::of_stage(plan));
    requests.collect::<Result<_, _>>().unwrap()
}

/// Collects one guardrail from the shared server.
pub(crate) fn measured(guardrail: Guardrail) -> GuardrailSeries {
    let name = guardrail.name.clone();
    let server = server();
    let snapshot = collect_from(server.url(), &plan(ENTERED, vec![guardrail])).unwrap();
    snapshot.guardrails[&name].clone()
}

/// Errors per request of one application.
pub(crate) fn app(name: &str) -> Guardrail {
    ratio(
        name,
        &format!("errors_total{{app=\"{name}\"}}"),
        &format!("requests_total{{app=\"{name}\"}}"),
    )
}

/// Requests per request of one application: for situations in which only counting matters.
pub(crate) fn requests(name: &str) -> Guardrail {
    let selector = format!("requests_total{{app=\"{name}\"}}");
    ratio(name, &selector, &selector)
}

/// The values of a column that are not the usual one, by minutes from the event to the block's end.
pub(crate) fn unusual(
    series: &GuardrailSeries,
    arm: &ArmSeries,
    usual: f64,
) -> Vec<(i64, Option<f64>)> {
    let event = at(EVENT).timestamp();
    series
        .ends
        .iter()
        .zip(arm.column(Column::Total).unwrap())
        .filter(|(_, value)| **value != Some(usual))
        .map(|(end, value)| ((end - event) / 60, *value))
        .collect()
}
