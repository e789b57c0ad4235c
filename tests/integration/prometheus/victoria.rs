//! VictoriaMetrics speaks the same language with an accent: the same situations, the same counts.

use rollout::snapshot::GuardrailSeries;

use crate::prometheus::shop::{ENTERED, app, collect_from, metrics, requests, unusual};
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
