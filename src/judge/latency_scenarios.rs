//! What the judge says of latencies, scenario by scenario.

use crate::plan::{Compared, Kind, RuleOut, Schedule};
use crate::snapshot::{ArmSeries, GuardrailSeries};
use crate::units::{Bound, Effect};

use super::fixture::*;
use super::{Between, Finding, Verdict};

/// 1,000 exposed and 9,000 unexposed requests a block; so many in a thousand are slower than each
/// boundary.
pub(super) fn histogram(exposed: [f64; 3], unexposed: [f64; 3], blocks: usize) -> GuardrailSeries {
    let bounds = [0.1, 0.25, 0.5];
    let of = |slower: [f64; 3], total: f64| {
        let mut buckets: Vec<(f64, Vec<Option<f64>>)> = bounds
            .iter()
            .zip(slower)
            .map(|(b, s)| (*b, vec![Some(total - s * total / 1_000.0); blocks]))
            .collect();
        buckets.push((f64::INFINITY, vec![Some(total); blocks]));
        ArmSeries {
            buckets,
            ..ArmSeries::default()
        }
    };
    let blocks = i64::try_from(blocks).unwrap();
    series(of(exposed, 1_000.0), of(unexposed, 9_000.0), blocks)
}

#[test]
fn slower_requests_are_a_breach_at_the_boundaries_around_the_quantile() {
    let latency = guardrail(
        "latency",
        Kind::Latency {
            quantile: 0.99,
            compare: Compared::Share,
            unit: crate::plan::TimeUnit::Seconds,
        },
    );
    let normal = [200.0, 20.0, 4.0];
    let slow = one(
        latency.clone(),
        histogram([300.0, 40.0, 10.0], normal, 100),
        100,
    );
    assert_eq!(slow.verdict, Verdict::Breach, "{}", slow.why);
    assert!(
        slow.why
            .to_string()
            .starts_with("requests slower than 500ms"),
        "{}",
        slow.why
    );
    let fine = one(latency.clone(), histogram(normal, normal, 100), 100);
    assert_eq!(fine.verdict, Verdict::Pass, "{}", fine.why);
    let young = one(latency, histogram(normal, normal, 4), 4);
    assert_eq!(young.verdict, Verdict::Inconclusive, "{}", young.why);
}

#[test]
fn a_margin_in_seconds_is_proven_without_interpolation() {
    let mut latency = guardrail(
        "latency",
        Kind::Latency {
            quantile: 0.99,
            compare: Compared::Share,
            unit: crate::plan::TimeUnit::Seconds,
        },
    );
    latency.margin = Some(Effect::Absolute(0.2));
    // Exposed requests slower than 500ms outnumber unexposed ones slower than 250ms.
    let slow = histogram([500.0, 200.0, 100.0], [200.0, 20.0, 4.0], 100);
    let found = one(latency, slow, 100);
    assert_eq!(found.verdict, Verdict::Breach, "{}", found.why);
}

#[test]
fn a_latency_limit_is_decided_at_boundaries_only() {
    let mut latency = guardrail(
        "latency",
        Kind::Latency {
            quantile: 0.99,
            compare: Compared::Share,
            unit: crate::plan::TimeUnit::Seconds,
        },
    );
    latency.margin = None;
    latency.limit = Some(Bound::parse("250ms").unwrap());
    let normal = [200.0, 5.0, 1.0];
    let verdict = |limit: &str, exposed: [f64; 3]| {
        latency.limit = Some(Bound::parse(limit).unwrap());
        let found = one(latency.clone(), histogram(exposed, normal, 100), 100);
        (found.verdict, found.why.to_string())
    };
    let mut verdict = verdict;
    assert_eq!(verdict("250ms", normal).0, Verdict::Pass);
    assert_eq!(verdict("250ms", [200.0, 50.0, 1.0]).0, Verdict::Breach);
    let (between, why) = verdict("400ms", [200.0, 50.0, 5.0]);
    assert_eq!(between, Verdict::Inconclusive);
    assert!(why.contains("between 250ms and 500ms"), "{why}");
    assert_eq!(verdict("5s", [200.0, 50.0, 5.0]).0, Verdict::Pass);
}

pub(super) fn p99(compare: Compared, margin: &str) -> crate::plan::Guardrail {
    let quantile = 0.99;
    let mut latency = guardrail(
        "latency",
        Kind::Latency {
            quantile,
            compare,
            unit: crate::plan::TimeUnit::Seconds,
        },
    );
    latency.margin = Some(Effect::parse(margin).unwrap());
    latency
}

/// In a stage that must rule out the margin itself.
pub(super) fn at_its_margin(guardrail: crate::plan::Guardrail, series: GuardrailSeries) -> Finding {
    let mut plan = plan(vec![guardrail]);
    if let crate::plan::Schedule::Stages(stages) = &mut plan.course {
        stages[0].rule_out = RuleOut::Margin;
    }
    judged(&plan, vec![series], 100).findings.remove(0)
}

#[test]
fn every_quantile_is_judged_at_its_own_boundaries() {
    // By so many in a thousand slower than 100, 250 and 500 ms.
    let normal = [500.0, 50.0, 10.0];
    let slow = [700.0, 90.0, 20.0];
    for quantile in [0.5, 0.95, 0.99] {
        let latency = guardrail(
            "latency",
            Kind::Latency {
                quantile,
                compare: Compared::Share,
                unit: crate::plan::TimeUnit::Seconds,
            },
        );
        let same = one(latency.clone(), histogram(normal, normal, 150), 150);
        assert_eq!(same.verdict, Verdict::Pass, "{quantile}: {}", same.why);
        let worse = one(latency, histogram(slow, normal, 150), 150);
        assert_eq!(worse.verdict, Verdict::Breach, "{quantile}: {}", worse.why);
    }
}

#[test]
fn the_displayed_quantile_is_an_interval_between_boundaries() {
    let normal = [200.0, 20.0, 4.0];
    let found = one(
        p99(Compared::Share, "10%"),
        histogram(normal, normal, 100),
        100,
    );
    let exposed = found.measure.unwrap().exposed;
    assert_eq!(
        exposed.between,
        Some(Between {
            lower: 0.25,
            upper: Some(0.5)
        })
    );
    let value = exposed.value.unwrap();
    assert!((0.25..0.5).contains(&value), "{value}");
}

#[test]
fn a_quantile_beyond_the_last_boundary_is_said_to_be_unbounded() {
    let slow = [500.0, 200.0, 30.0];
    let found = one(p99(Compared::Share, "10%"), histogram(slow, slow, 100), 100);
    assert!(
        found.issues[0]
            .to_string()
            .contains("3 % of the exposed requests are slower than the last boundary, 500ms"),
        "{:?}",
        found.issues
    );
    let measure = found.measure.unwrap();
    assert_eq!(measure.exposed.value, None);
    // The comparison below the quantile goes on.
    assert_eq!(found.verdict, Verdict::Pass, "{}", found.why);
}

#[test]
fn the_boundaries_that_are_compared_are_named() {
    let normal = [200.0, 20.0, 4.0];
    let at = |compare, margin: &str| {
        let series = histogram(normal, normal, 100);
        let found = at_its_margin(p99(compare, margin), series);
        found.measure.unwrap().boundaries.unwrap().to_string()
    };
    assert_eq!(
        at(Compared::Share, "10%"),
        "requests slower than 250ms and 500ms; a breach counts the mean of their e-values, ruling out counts the smallest"
    );
    assert_eq!(
        at(Compared::Quantile, "120%"),
        "requests slower than 250ms (unexposed 100ms) and 500ms (unexposed 100ms) for a breach, than 500ms (unexposed 250ms) to rule out; a breach counts the mean of their e-values, ruling out counts the smallest"
    );
}

/// A p99 guardrail with a limit.
fn limited(limit: &str, quantile: f64) -> crate::plan::Guardrail {
    let kind = Kind::Latency {
        quantile,
        compare: Compared::Share,
        unit: crate::plan::TimeUnit::Seconds,
    };
    let mut latency = guardrail("latency", kind);
    latency.limit = Some(Bound::parse(limit).unwrap());
    latency
}

#[test]
fn a_limit_beyond_the_last_bound_is_kept_only_where_nearly_nothing_is_beyond_that() {
    // 0.1 % are slower than the last bound, 500 ms: whatever they take, the p99 is below.
    let fine = [200.0, 20.0, 1.0];
    let kept = one(limited("2s", 0.99), histogram(fine, fine, 100), 100);
    assert_eq!(kept.verdict, Verdict::Pass, "{}", kept.why);
    // 4 % are: the p99 may be anything.
    let slow = [200.0, 60.0, 40.0];
    let unknown = one(limited("2s", 0.99), histogram(slow, slow, 100), 100);
    assert!(
        matches!(unknown.verdict, Verdict::NoData(_)),
        "{}",
        unknown.why
    );
    assert!(
        unknown.issues.iter().any(|i| i
            .to_string()
            .contains("beyond the last finite bucket bound, 500ms")),
        "{:?}",
        unknown.issues
    );
}

#[test]
fn all_requests_beyond_the_last_bound_are_called_that() {
    let all = [1_000.0, 1_000.0, 1_000.0];
    let found = one(limited("300ms", 0.99), histogram(all, all, 100), 100);
    assert_ne!(found.verdict, Verdict::Pass);
    let said = found
        .issues
        .iter()
        .any(|issue| issue.to_string().contains("unbounded"));
    assert!(said, "{:?} {}", found.issues, found.why);
    assert!(
        !found.why.to_string().contains("too little traffic"),
        "{}",
        found.why
    );
}

#[test]
fn harm_at_one_boundary_is_not_ruled_out_by_the_other() {
    // As many requests are beyond 250 ms as unexposed, half as many again beyond 500 ms.
    let normal = [200.0, 20.0, 4.0];
    let mut plan = plan(vec![p99(Compared::Share, "60%")]);
    let Schedule::Stages(stages) = &mut plan.course else {
        panic!("stages");
    };
    stages[0].rule_out = RuleOut::Every(Effect::parse("1.5x").unwrap());
    let of = |exposed| {
        let series = histogram(exposed, normal, 288);
        judged(&plan, vec![series], 288).findings.remove(0)
    };
    assert_eq!(of(normal).verdict, Verdict::Pass, "{}", of(normal).why);
    let tail = of([200.0, 20.0, 6.0]);
    assert_eq!(tail.verdict, Verdict::Inconclusive, "{}", tail.why);
}

#[test]
fn arms_are_compared_at_bounds_that_both_have() {
    let mut series = histogram([200.0, 20.0, 4.0], [200.0, 20.0, 4.0], 100);
    // The exposed release has another bound in place of 500 ms.
    series.exposed.buckets[2].0 = 0.6;
    let found = one(p99(Compared::Share, "10%"), series, 100);
    let boundaries = found
        .measure
        .as_ref()
        .unwrap()
        .boundaries
        .as_ref()
        .map(ToString::to_string);
    assert!(
        boundaries
            .as_ref()
            .unwrap()
            .starts_with("requests slower than 250ms;"),
        "{boundaries:?}"
    );
}

#[test]
fn bounds_in_milliseconds_are_the_same_evidence() {
    let in_seconds = histogram([300.0, 40.0, 10.0], [200.0, 20.0, 4.0], 100);
    let mut in_ms = in_seconds.clone();
    for arm in [&mut in_ms.exposed, &mut in_ms.unexposed] {
        for (bound, _) in &mut arm.buckets {
            *bound *= 1_000.0;
        }
    }
    let mut of_ms = p99(Compared::Share, "10%");
    let Kind::Latency { unit, .. } = &mut of_ms.metric.kind else {
        panic!("a latency");
    };
    *unit = crate::plan::TimeUnit::Milliseconds;
    let (a, b) = (
        one(p99(Compared::Share, "10%"), in_seconds, 100),
        one(of_ms, in_ms, 100),
    );
    assert_eq!(
        (a.verdict, a.why.to_string()),
        (b.verdict, b.why.to_string())
    );
}
