//! Containers that are restarted in place: their names stay, and counters come back with their first event.

use rollout::plan::Column;
use rollout::snapshot::{GuardrailSeries, Series};

use crate::prometheus::shop::collect_at;
use crate::support::openmetrics::{Metrics, START};
use crate::support::plans::{at, plan, ratio};
use crate::support::server::Server;

const HOUR: i64 = 3_600;
const SCRAPE: i64 = 15;

/// Seconds between two restarts of the exposed pod.
const LIFE: i64 = 600;

/// The stage lasts from the second hour to the eighth.
const ENTERED: i64 = HOUR;
const NOW: i64 = 8 * HOUR;

/// Samples of six hours of a counter: what it holds so many seconds after the start of its process, of
/// which there is a new one at every multiple of these seconds. Nothing is a counter that is not there.
fn scraped(life: i64, held: impl Fn(i64) -> Option<f64>) -> Vec<(i64, f64)> {
    let times = (0..NOW / SCRAPE).map(|scrape| scrape * SCRAPE);
    let sample = |at: i64| Some(((START + at) * 1_000, held(at % life)?));
    times.filter_map(sample).collect()
}

/// A counter of so many a scrape.
fn steady(each: f64) -> impl Fn(i64) -> Option<f64> {
    move |age| Some(each * (age / SCRAPE + 1) as f64)
}

/// A counter that is made 120 s after the start, with one.
fn once(age: i64) -> Option<f64> {
    (age >= 120).then_some(1.0)
}

fn metrics() -> Metrics {
    let mut metrics = Metrics::new(NOW / HOUR);
    for (arm, life) in [("treatment", LIFE), ("control", 100 * HOUR)] {
        let pod = format!("variant=\"{arm}\",pod=\"{arm}-0\",container=\"app\"");
        let of = |code: &str| format!("{pod},code=\"{code}\"");
        metrics = metrics
            .samples("x_total", &of("200"), &scraped(life, steady(100.0)))
            .samples("x_total", &of("500"), &scraped(life, once))
            .samples("failed_total", &pod, &scraped(life, once));
    }
    // Another container of the exposed pod is restarted; what counts here goes on after it was away.
    let side = "variant=\"treatment\",pod=\"treatment-1\"";
    let app = scraped(100 * HOUR, |at| {
        (!(3 * HOUR..=4 * HOUR + 700).contains(&at)).then_some(7.0)
    });
    metrics
        .samples("y_total", &format!("{side},container=\"app\""), &app)
        .samples(
            "y_total",
            &format!("{side},container=\"proxy\""),
            &scraped(LIFE, steady(10.0)),
        )
}

fn sum(series: Option<&Series>) -> f64 {
    series.into_iter().flatten().flatten().sum()
}

#[test]
fn errors_that_vanish_with_a_restart_and_come_back_are_counted() {
    let server = Server::start(metrics());
    let guardrails = vec![
        ratio("labels", "x_total{code=\"500\"}", "x_total"),
        ratio("names", "failed_total", "x_total"),
        ratio("others", "y_total{container=\"app\"}", "y_total"),
    ];
    let snapshot = collect_at(server.url(), &plan(ENTERED, guardrails), at(NOW)).unwrap();
    let exposed = |name: &str, column| {
        let series: &GuardrailSeries = &snapshot.guardrails[name];
        sum(series.exposed.column(column))
    };
    // Six an hour for seven hours.
    for name in ["labels", "names"] {
        let events = exposed(name, Column::Events);
        assert!((events - 42.0).abs() < 1e-9, "{name}: {events}");
    }
    let total = exposed("labels", Column::Total);
    let scrapes = ((NOW - ENTERED) / SCRAPE) as f64;
    assert!((total - 100.0 * scrapes - 42.0).abs() <= 100.0, "{total}");
    // The other container's restarts are none of this one.
    assert!(exposed("others", Column::Events).abs() < 1e-9);
}
