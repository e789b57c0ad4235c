//! What is said of how long a guardrail waits, and for what.

use crate::plan::{Column, Kind};
use crate::snapshot::GuardrailSeries;
use crate::units::{Bound, Worse};

use super::fixture::*;
use super::{Verdict, Why, judge};

fn gauge() -> Kind {
    Kind::Gauge {
        worse: Worse::Higher,
    }
}

/// Levels whose noise comes back every seven blocks; the exposed one changes by this factor over the stage.
fn levels(blocks: i64, factor: f64) -> GuardrailSeries {
    let of = |change: f64, shift: i64| {
        let level = |k: i64| {
            let grown = change.powf(k as f64 / blocks as f64);
            Some(0.5 * grown + 0.01 * ((k * 5 + shift) % 7) as f64)
        };
        arm(&[(Column::Query, (0..blocks).map(level).collect())])
    };
    series(of(factor, 0), of(1.0, 2), blocks)
}

#[test]
fn means_and_levels_say_how_many_blocks_they_wait_for() {
    let cpu = guardrail("cpu", gauge());
    // Two blocks of warm-up are not judged.
    let early = one(cpu.clone(), levels(100, 1.0), 14);
    let Why::TooFewBlocks {
        blocks,
        needed,
        expected,
        ..
    } = early.why
    else {
        panic!("{}", early.why);
    };
    assert_eq!((blocks, needed), (12, 24));
    assert_eq!(expected.map(|wait| wait.seconds()), Some(3_600));
    let said = early.why.to_string();
    let wanted = "judged once 24 blocks hold something of both arms, 12 so far; in about 1h";
    assert!(said.contains(wanted), "{said}");
    let later = one(cpu, levels(100, 1.0), 26);
    assert!(
        !matches!(later.why, Why::TooFewBlocks { .. }),
        "{}",
        later.why
    );

    let value = Kind::Mean {
        worse: Worse::Lower,
    };
    let of = |count: f64| {
        let every = |k: i64| Some(if k % 2 == 0 { count } else { 0.0 });
        let counts: Vec<_> = (0..100).map(every).collect();
        let sums = counts.iter().map(|n| n.map(|n| 20.0 * n)).collect();
        arm(&[(Column::Sum, sums), (Column::Count, counts)])
    };
    let sparse = one(
        guardrail("value", value),
        series(of(3.0), of(30.0), 100),
        22,
    );
    let said = sparse.why.to_string();
    // Every other block is empty, and put together with the next.
    assert!(said.contains("10 so far; in about 2h 20m"), "{said}");
}

#[test]
fn an_estimate_stands_on_the_same_side_as_the_levels_beside_it() {
    for factor in [0.9, 1.1] {
        let found = one(guardrail("cpu", gauge()), levels(100, factor), 100);
        let measure = found.measure.unwrap();
        let arms = measure.exposed.value.zip(measure.unexposed.unwrap().value);
        let (exposed, unexposed) = arms.unwrap();
        let estimate = measure.estimate.unwrap();
        let within =
            |end: Option<f64>, above: bool| end.is_none_or(|end| (estimate > end) == above);
        assert_eq!(estimate > 1.0, exposed > unexposed, "{measure:?}");
        assert!(within(measure.lower, true) && within(measure.upper, false));
    }
}

#[test]
fn a_margin_and_a_limit_that_share_the_evidence_say_so_where_it_leans() {
    let mut both = errors();
    both.limit = Some(Bound::parse("50%").unwrap());
    let alone = errors();
    let leaning = |guardrail: &crate::plan::Guardrail| {
        (20..100).find_map(|blocks| {
            let found = one(guardrail.clone(), traffic(1.16, 100), blocks);
            matches!(found.why, Why::Leaning { .. }).then(|| found.why.to_string())
        })
    };
    let said = leaning(&both).unwrap();
    assert!(
        said.contains("of which margin and limit count half each"),
        "{said}"
    );
    let said = leaning(&alone).unwrap();
    assert!(!said.contains("half each"), "{said}");
}

#[test]
fn nothing_is_said_to_take_no_time() {
    // The latency's boundaries may pass while it has too few clusters, and the other way round.
    let plan = plan(vec![errors()]);
    for events in [0.05, 0.1, 0.5] {
        let few = |total: f64| {
            let events = (0..200).map(|k| Some(f64::from(k % 20 == 0) * events * 20.0));
            arm(&[
                (Column::Events, events.collect()),
                (Column::Total, vec![Some(total); 200]),
            ])
        };
        let series = series(few(10.0), few(90.0), 200);
        let whole = snapshot(vec![("errors", series)]);
        for blocks in 3..200 {
            let judged = judge(&plan, &whole, instant(ENTERED + blocks * BLOCK));
            let found = &judged.findings[0];
            if found.verdict == Verdict::Pass {
                continue;
            }
            let wait = found.measure.as_ref().and_then(|m| m.expected_wait);
            assert!(wait.is_none_or(|wait| wait.seconds() > 0), "{blocks}");
        }
    }
}
