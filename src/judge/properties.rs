//! What holds of the judge on any evidence.

use proptest::prelude::*;

use crate::plan::{Column, Compared, Kind};
use crate::snapshot::{ArmSeries, GuardrailSeries, Series};
use crate::units::{Bound, Effect, LogE, Worse};

use super::fixture::*;
use super::{Verdict, judge, looks};

/// Numbers as a broken world may send them, against what snapshots promise.
fn odd() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        5 => (0.0..200.0_f64).prop_map(|x| Some(x.floor())),
        1 => Just(None),
        1 => prop_oneof![
            Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(1e300), Just(1e-300)
        ].prop_map(Some),
    ]
}

fn odd_series() -> impl Strategy<Value = Series> {
    prop::collection::vec(odd(), 0..60)
}

fn odd_arm() -> impl Strategy<Value = ArmSeries> {
    let keys = [
        Column::Events,
        Column::Total,
        Column::Per,
        Column::Query,
        Column::Sum,
        Column::Count,
    ];
    (
        prop::collection::vec(odd_series(), 6),
        prop::collection::vec((0.0..10.0_f64, odd_series()), 0..4),
    )
        .prop_map(move |(columns, buckets)| ArmSeries {
            columns: keys.into_iter().zip(columns).collect(),
            buckets,
        })
}

fn odd_evidence() -> impl Strategy<Value = GuardrailSeries> {
    let ends = prop::collection::vec(ENTERED - 3_000..ENTERED + 30_000_i64, 0..60);
    (ends, odd_arm(), odd_arm()).prop_map(|(ends, exposed, unexposed)| GuardrailSeries {
        ends,
        exposed,
        unexposed,
        issues: Vec::new(),
        queries: Vec::new(),
        history: None,
        during: None,
        unsplit: None,
        scrape_seconds: None,
        instances: None,
        preflight: Default::default(),
        assumed: Vec::new(),
    })
}

fn any_kind() -> impl Strategy<Value = Kind> {
    let worse = prop_oneof![Just(Worse::Higher), Just(Worse::Lower)];
    (0..5, worse).prop_map(|(kind, worse)| match kind {
        0 => Kind::Ratio { worse },
        1 => Kind::Rate { worse },
        2 => Kind::Mean { worse },
        3 => Kind::Gauge { worse },
        _ => Kind::Latency {
            quantile: 0.99,
            compare: Compared::Share,
            unit: crate::plan::TimeUnit::Seconds,
        },
    })
}

fn any_margin() -> impl Strategy<Value = Option<Effect>> {
    prop_oneof![
        Just(Some(Effect::Relative(0.1))),
        Just(Some(Effect::Relative(1.0))),
        Just(Some(Effect::Ratio(2.0))),
        Just(Some(Effect::Points(0.01))),
        Just(Some(Effect::Absolute(3.0))),
        Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_evidence_gets_a_verdict(
        evidence in odd_evidence(),
        kind in any_kind(),
        margin in any_margin(),
        limited in any::<bool>(),
        minutes in 0..600_i64,
    ) {
        let mut odd = guardrail("odd", kind);
        odd.margin = margin;
        odd.limit = limited.then(|| Bound::parse("2%").unwrap());
        let plan = plan(vec![odd]);
        let snapshot = snapshot(vec![("odd", evidence)]);
        let now = instant(ENTERED + minutes * 60);
        let once = judge(&plan, &snapshot, now);
        prop_assert!(!once.findings[0].why.to_string().is_empty());
        prop_assert!(!once.log_e_rollback.0.is_nan());
        for finding in &once.findings {
            // A pass without a number would be a pass without evidence.
            let estimate = finding.measure.as_ref().and_then(|measure| measure.estimate);
            prop_assert!(finding.verdict != Verdict::Pass || estimate.is_some());
        }
        prop_assert!(once.carried.values().all(|e| !e.0.is_nan()));
        // The same evidence gives the same judgement.
        prop_assert_eq!(once, judge(&plan, &snapshot, now));
    }

    #[test]
    fn a_look_does_not_depend_on_what_comes_after_it(
        events in prop::collection::vec((0..40_u32, 50..150_u32), 60),
        at in 10..60_usize,
    ) {
        let column = |f: fn(&(u32, u32)) -> u32| -> Series {
            events.iter().map(|e| Some(f64::from(f(e)))).collect()
        };
        let total = |n: f64| -> Series { vec![Some(n); 60] };
        let evidence = series(
            arm(&[(Column::Events, column(|e| e.0)), (Column::Total, total(1_000.0))]),
            arm(&[(Column::Events, column(|e| e.1)), (Column::Total, total(9_000.0))]),
            60,
        );
        let plan = plan(vec![errors()]);
        let snapshot = snapshot(vec![("errors", evidence)]);
        let all = looks(&plan, &snapshot, instant(ENTERED + 60 * BLOCK));
        let then = instant(ENTERED + i64::try_from(at).unwrap() * BLOCK);
        let early = looks(&plan, &snapshot, then);
        prop_assert_eq!(&all.rollback[..early.rollback.len()], &early.rollback[..]);
    }

    #[test]
    fn what_is_a_breach_stays_one_with_more_harm(
        factor in 1.0..6.0_f64,
        more in 1.0..3.0_f64,
        blocks in 20..150_i64,
    ) {
        let less = one(errors(), traffic(factor, blocks), blocks);
        let worse = one(errors(), traffic(factor * more, blocks), blocks);
        if less.verdict == Verdict::Breach {
            prop_assert_eq!(worse.verdict, Verdict::Breach);
        }
        if worse.verdict == Verdict::Pass {
            prop_assert_eq!(less.verdict, Verdict::Pass);
        }
    }

    #[test]
    fn the_interval_holds_the_estimate_and_agrees_with_the_verdict(
        factor in 0.2..5.0_f64,
        blocks in 20..150_i64,
    ) {
        let found = one(errors(), traffic(factor, blocks), blocks);
        let measure = found.measure.unwrap();
        let estimate = measure.estimate.unwrap();
        prop_assert!(measure.lower.is_none_or(|lower| lower <= estimate));
        prop_assert!(measure.upper.is_none_or(|upper| upper >= estimate));
        if found.verdict == Verdict::Pass {
            prop_assert!(estimate < 2.0);
        }
        if found.verdict == Verdict::Breach {
            prop_assert!(estimate > 1.1);
            prop_assert!(measure.log_e_breach_peak > LogE::NONE);
        }
    }
}
