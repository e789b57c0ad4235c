//! What the judge says of a margin on a quantile itself, and which buckets can prove it.

use crate::plan::{Compared, Kind};
use crate::snapshot::{ArmSeries, GuardrailSeries};
use crate::units::{Bound, Effect};

use super::fixture::*;
use super::latency_scenarios::{at_its_margin, histogram, p99};
use super::{Scale, Verdict, Why};

/// Twelve boundaries that grow by 2^(1/8), as native histograms of schema 3 have them, from 250 ms on;
/// 0.1 of the requests are slower than 250 ms and a tenth as many for each doubling. `factor` times as
/// long in the exposed arm.
fn native(factor: f64, blocks: i64) -> GuardrailSeries {
    let bounds: Vec<f64> = (0..40)
        .map(|k| 0.25 * 2_f64.powf(f64::from(k) / 8.0))
        .collect();
    let of = |factor: f64, total: f64| {
        let slower = |bound: f64| 0.1 * (0.25 * factor / bound).powf(10_f64.log2()).min(10.0);
        let below = |bound: f64| {
            let wobble = |k: i64| 1.0 + 0.04 * ((k * 7 % 11) as f64 / 5.0 - 1.0);
            (0..blocks)
                .map(|k| Some(total * (1.0 - slower(bound) * wobble(k))))
                .collect()
        };
        let mut buckets: Vec<(f64, Vec<Option<f64>>)> =
            bounds.iter().map(|&bound| (bound, below(bound))).collect();
        let all = vec![Some(total); usize::try_from(blocks).unwrap()];
        buckets.push((f64::INFINITY, all));
        ArmSeries {
            buckets,
            ..ArmSeries::default()
        }
    };
    series(of(factor, 10_000.0), of(1.0, 90_000.0), blocks)
}

#[test]
fn fine_buckets_prove_a_margin_on_the_quantile_either_way() {
    for margin in ["10%", "25%", "2x"] {
        let latency = p99(Compared::Quantile, margin);
        let same = at_its_margin(latency.clone(), native(1.0, 100));
        assert_eq!(same.verdict, Verdict::Pass, "{margin}: {}", same.why);
        assert!(
            same.why.to_string().starts_with("p99: exposed is 1.00x"),
            "{}",
            same.why
        );
        // Beyond the margin by more than two buckets.
        let margin_ratio = latency.margin.unwrap().null(crate::units::Worse::Higher).0;
        let slow = at_its_margin(latency, native(margin_ratio * 1.25, 100));
        assert_eq!(slow.verdict, Verdict::Breach, "{margin}: {}", slow.why);
    }
}

#[test]
fn a_margin_on_the_quantile_tolerates_what_the_share_would_not() {
    // Half as long again: of the requests beyond 500 ms there are nearly four times as many.
    let slower = native(1.5, 100);
    let share = at_its_margin(p99(Compared::Share, "2x"), slower.clone());
    assert_eq!(share.verdict, Verdict::Breach, "{}", share.why);
    let quantile = at_its_margin(p99(Compared::Quantile, "2x"), slower);
    assert_eq!(quantile.verdict, Verdict::Pass, "{}", quantile.why);
    let measure = quantile.measure.unwrap();
    assert_eq!(measure.scale, Scale::Ratio);
    assert!(
        (measure.estimate.unwrap() - 1.5).abs() < 0.05,
        "{measure:?}"
    );
    let (lower, upper) = (measure.lower.unwrap(), measure.upper.unwrap());
    assert!(
        1.2 < lower && lower < 1.5 && 1.5 < upper && upper < 1.9,
        "{measure:?}"
    );
    assert_eq!(measure.margin, Some(2.0));
}

#[test]
fn coarse_buckets_refuse_a_margin_on_the_quantile_and_say_what_they_can_prove() {
    let normal = [200.0, 20.0, 4.0];
    for slow in [normal, [900.0, 500.0, 300.0]] {
        let found = at_its_margin(p99(Compared::Quantile, "25%"), histogram(slow, normal, 100));
        assert!(matches!(found.verdict, Verdict::NoData(_)), "{}", found.why);
        for part in [
            "p99",
            "250ms and 500ms",
            "25 %",
            "`margin = \"100%\"`",
            "native",
            "share",
        ] {
            assert!(
                found.why.to_string().contains(part),
                "no `{part}`: {}",
                found.why
            );
        }
        assert_eq!(found.why, Why::NoData(vec![found.issues[0].clone()]));
    }
    let possible = at_its_margin(
        p99(Compared::Quantile, "100%"),
        histogram(normal, normal, 100),
    );
    assert_eq!(possible.verdict, Verdict::Pass, "{}", possible.why);
}

#[test]
fn a_refused_margin_leaves_the_limit_in_force() {
    let mut latency = p99(Compared::Quantile, "25%");
    latency.limit = Some(Bound::parse("250ms").unwrap());
    let normal = [200.0, 5.0, 1.0];
    let slow = at_its_margin(latency, histogram([200.0, 60.0, 1.0], normal, 100));
    assert_eq!(slow.verdict, Verdict::Breach, "{}", slow.why);
}

#[test]
fn seconds_that_the_buckets_cannot_tell_are_refused_in_seconds() {
    let mut latency = guardrail(
        "latency",
        Kind::Latency {
            quantile: 0.99,
            compare: Compared::Share,
            unit: crate::plan::TimeUnit::Seconds,
        },
    );
    latency.margin = Some(Effect::Absolute(0.05));
    let normal = [200.0, 20.0, 4.0];
    let found = one(latency, histogram(normal, normal, 100), 100);
    assert!(matches!(found.verdict, Verdict::NoData(_)), "{}", found.why);
    assert!(
        found.why.to_string().contains("50ms longer"),
        "{}",
        found.why
    );
    assert!(
        found.why.to_string().contains("`margin = 0.15`"),
        "{}",
        found.why
    );
}
