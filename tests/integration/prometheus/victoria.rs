//! VictoriaMetrics speaks the same language with an accent: the same situations, the same counts.

use chrono::DateTime;
use rollout::judge::{Finding, judge};
use rollout::plan::{Column, Plan};
use rollout::snapshot::{GuardrailSeries, Snapshot};
use rollout::units::{Instant, Period};

use crate::prometheus::shop::{ENTERED, app, collect_at, collect_from, metrics, requests, unusual};
use crate::support::openmetrics::Metrics;
use crate::support::plans::plan;
use crate::support::victoria::Victoria;

#[test]
fn victoria_metrics_gives_the_same_increments() {
    let server = Victoria::start(&metrics());
    let guardrails = vec![
        app("healthy"),
        app("harmful"),
        requests("reset"),
        requests("birth"),
        requests("gap-2h"),
        requests("outage-2h"),
        app("nowhere"),
        requests("named"),
    ];
    let snapshot = collect_from(&server.url(), &plan(ENTERED, guardrails)).unwrap();
    let of = |name: &str| -> &GuardrailSeries { &snapshot.guardrails[name] };
    let healthy = of("healthy");
    assert_eq!(healthy.issues, []);
    assert_eq!(unusual(healthy, &healthy.exposed, 120.0), []);
    assert_eq!(unusual(healthy, &healthy.unexposed, 1_200.0), []);
    let reset = of("reset");
    assert_eq!(unusual(reset, &reset.exposed, 40.0), [(5, Some(39.0))]);
    let birth = of("birth");
    assert_eq!(
        unusual(birth, &birth.exposed, 40.0).last(),
        Some(&(5, Some(24.0)))
    );
    // How long a stopped series stays visible differs; that nothing becomes a spike does not.
    for (name, most) in [("gap-2h", 40.0), ("outage-2h", 20.0)] {
        let series = of(name);
        let odd = unusual(series, &series.exposed, most);
        assert!(!odd.is_empty());
        assert!(
            odd.iter().all(|(_, value)| value.is_none_or(|v| v <= most)),
            "{odd:?}"
        );
    }
    assert!(
        of("nowhere").issues[0]
            .to_string()
            .contains("no series matches")
    );
    assert!(
        of("named").issues[0]
            .to_string()
            .contains("values seen: canary, stable")
    );
}

/// By default it gives copies of an earlier point in place of those of the last 30 seconds: increments
/// that never were.
#[test]
fn the_newest_blocks_are_what_was_scraped_and_no_copies() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server itself compares with the present"
    )]
    let now = chrono::Utc::now();
    let last = now.timestamp();
    // One request a second, scraped every second.
    let samples: Vec<(i64, f64)> = (-300..=0)
        .map(|second| ((last + second) * 1_000, (1_000 + second) as f64))
        .collect();
    let metrics = ["treatment", "control"]
        .into_iter()
        .fold(Metrics::new(2), |metrics, arm| {
            let labels = format!("app=\"live\",variant=\"{arm}\",pod=\"a\"");
            metrics.samples("requests_total", &labels, &samples)
        });
    let server = Victoria::start(&metrics);
    let mut plan = plan(0, vec![requests("live")]);
    plan.judge.block = Some(Period::from_seconds(5));
    plan.state.as_mut().unwrap().entered_at = DateTime::from_timestamp(last - 100, 0).unwrap();
    let snapshot = collect_at(&server.url(), &plan, now).unwrap();
    let series = &snapshot.guardrails["live"];
    let total = series.exposed.column(Column::Total).unwrap();
    assert!(total.len() >= 13, "{total:?}");
    assert!(total.iter().all(|value| *value == Some(5.0)), "{total:?}");
    // What it does not tell of yet is not missing, and where nothing else is there, it is too early.
    assert_eq!(judged_live(&plan, &snapshot, now).blocks_missing, 0);
    plan.state.as_mut().unwrap().entered_at = DateTime::from_timestamp(last - 25, 0).unwrap();
    let snapshot = collect_at(&server.url(), &plan, now).unwrap();
    let early = judged_live(&plan, &snapshot, now);
    assert_eq!(early.why.code(), "too-early", "{}", early.why);
}

fn judged_live(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Finding {
    judge(plan, snapshot, now).findings.remove(0)
}
