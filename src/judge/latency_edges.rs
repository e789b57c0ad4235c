//! Latencies at the edges of their buckets: all requests in the first one, all beyond the last one, and what
//! does not depend on when somebody asks.

use crate::plan::Compared;
use crate::snapshot::{ArmSeries, GuardrailSeries, History};
use crate::units::Period;

use super::fixture::*;
use super::latency_scenarios::{histogram, p99};
use super::{Boundaries, Issue, Verdict, judge};

fn found(exposed: [f64; 3], unexposed: [f64; 3]) -> super::Finding {
    let latency = p99(Compared::Share, "10%");
    one(latency, histogram(exposed, unexposed, 200), 200)
}

#[test]
fn where_all_are_faster_than_the_first_boundary_only_gross_harm_can_be_seen() {
    let fast = [0.0, 0.0, 0.0];
    let alike = found(fast, fast);
    assert!(matches!(alike.verdict, Verdict::NoData(_)), "{}", alike.why);
    let said = alike.why.to_string();
    assert!(said.contains("no bucket bound is near the p99"), "{said}");
    for slow in [[30.0, 0.0, 0.0], [1_000.0, 1_000.0, 1_000.0]] {
        let harmed = found(slow, fast);
        assert_eq!(harmed.verdict, Verdict::Breach, "{}", harmed.why);
        let said = harmed.why.to_string();
        assert!(said.starts_with("requests slower than 100ms"), "{said}");
    }
}

#[test]
fn where_all_are_slower_than_the_last_boundary_that_is_said_and_nothing_passes() {
    let slow = [1_000.0, 1_000.0, 1_000.0];
    let alike = found(slow, slow);
    assert!(matches!(alike.verdict, Verdict::NoData(_)), "{}", alike.why);
    let is_said = |issue: &Issue| matches!(issue, Issue::Unbounded { .. });
    assert!(alike.issues.iter().any(is_said), "{:?}", alike.issues);
    // A tenth of the unexposed requests is beyond the last boundary, and all of the exposed ones.
    let harmed = found(slow, [900.0, 500.0, 150.0]);
    assert_eq!(harmed.verdict, Verdict::Breach, "{}", harmed.why);
}

/// A histogram whose traffic becomes a hundred times as much after the first half hour, with a past.
fn growing(blocks: usize) -> GuardrailSeries {
    let of = |total: f64, quiet: usize, blocks: usize| {
        let shares = [(0.1, 0.2), (0.25, 0.02), (0.5, 0.004), (1.0, 0.0005)];
        let totals: Vec<f64> = (0..blocks)
            .map(|k| if k < quiet { total / 100.0 } else { total })
            .collect();
        let within = |share: f64| totals.iter().map(|n| Some(n * (1.0 - share))).collect();
        let mut buckets: Vec<_> = shares.iter().map(|(b, s)| (*b, within(*s))).collect();
        buckets.push((f64::INFINITY, within(0.0)));
        ArmSeries {
            buckets,
            ..ArmSeries::default()
        }
    };
    let mut growing = series(of(100.0, 8, blocks), of(900.0, 8, blocks), blocks as i64);
    growing.history = Some(History::of_halves(
        (1..=576).map(|k| ENTERED + (k - 577) * BLOCK).collect(),
        Period::from_minutes(5),
        of(500.0, 0, 576),
        of(500.0, 0, 576),
    ));
    growing
}

#[test]
fn boundaries_do_not_depend_on_when_somebody_asks() {
    let mut without = growing(120);
    without.history = None;
    for series in [growing(120), without] {
        let plan = plan(vec![p99(Compared::Share, "10%")]);
        let whole = snapshot(vec![("latency", series)]);
        let at = |blocks: i64| -> Option<Boundaries> {
            let judged = judge(&plan, &whole, instant(ENTERED + blocks * BLOCK));
            judged.findings.into_iter().next()?.measure?.boundaries
        };
        let chosen: Vec<Boundaries> = (3..120).filter_map(at).collect();
        assert!(chosen.len() > 90, "{}", chosen.len());
        assert!(chosen.iter().all(|one| *one == chosen[0]), "{chosen:#?}");
    }
}
