//! One fact of each sort that the judge states.

use super::evidence::said;
use super::examples::{at, percent, period};
use crate::judge::{
    Asks, Basis, BoundPair, Boundaries, Clear, Issue, Leaning, Least, Look, Misassigned, Of, Proof,
    Scale, Seen, Shift, Sign, Strength, Undecided, Unprovable, Why,
};
use crate::plan::{Column, Kind, OnBreach};
use crate::snapshot::{Arm, EvidenceIssue};
use crate::units::{Bound, Effect, LogE, Worse};

const ERRORS: Kind = Kind::Ratio {
    worse: Worse::Higher,
};

const DOUBLE: Seen = Seen::Compared {
    of: None,
    kind: ERRORS,
    scale: Scale::Ratio,
    estimate: Some(1.9),
    lower: Some(1.5),
    upper: Some(2.41),
};

fn looked(z: Option<f64>) -> Look {
    Look {
        z,
        needed: 1.881,
        dispersion: 2.0,
        next: at("2026-11-20T13:00:00Z"),
    }
}

const STRENGTH: Strength = Strength {
    value: LogE(2.959),
    needed: LogE(2.996),
};

fn level() -> Seen {
    Seen::Level {
        kind: ERRORS,
        value: Some(0.021),
        bound: Bound::parse("2%").unwrap(),
    }
}

fn proof(of: Leaning, alone: bool, basis: Basis) -> Why {
    Why::Breach {
        seen: match of {
            Leaning::Margin => DOUBLE,
            Leaning::Limit => level(),
        },
        margin: Some(Effect::Relative(0.1)),
        proof: Proof {
            of,
            alone,
            at: at("2026-11-22T12:00:00Z"),
            basis,
        },
    }
}

pub(super) fn seen() -> Vec<Seen> {
    let compared = |of, kind, scale, estimate, lower, upper| Seen::Compared {
        of,
        kind,
        scale,
        estimate,
        lower,
        upper,
    };
    vec![
        Seen::Nothing,
        level(),
        Seen::Level {
            kind: ERRORS,
            value: None,
            bound: Bound::parse("2%").unwrap(),
        },
        compared(None, ERRORS, Scale::Ratio, None, None, None),
        compared(None, ERRORS, Scale::Ratio, Some(12.3), Some(4.0), None),
        compared(
            None,
            ERRORS,
            Scale::Difference,
            Some(0.0021),
            None,
            Some(0.004),
        ),
        compared(
            Some(Of::Quantile(0.99)),
            ERRORS,
            Scale::Ratio,
            Some(1.0),
            None,
            None,
        ),
        compared(
            Some(Of::SlowerThan(0.25)),
            ERRORS,
            Scale::Level,
            Some(0.5),
            None,
            None,
        ),
    ]
}

pub(super) fn whys() -> Vec<Why> {
    let leaning = |of, margin, on_breach| Why::Leaning {
        seen: DOUBLE,
        of,
        by: match of {
            Leaning::Margin => Sign::Stage(1.83),
            Leaning::Limit => Sign::Rollout,
        },
        margin,
        harm: STRENGTH,
        weighed_down: margin.is_some(),
        is_shared: margin.is_none(),
        on_breach,
    };
    let mut all = vec![
        Why::ThresholdExceeded,
        Why::ThresholdKept,
        Why::ThresholdExceededFor { blocks: 2 },
        Why::ThresholdTooEarly,
        Why::Behind { ago: period("10m") },
        Why::TooEarly {
            closes: at("2026-11-22T12:15:00Z"),
            known_after: None,
        },
        Why::TooEarly {
            closes: at("2026-11-22T12:15:00Z"),
            known_after: Some(period("30s")),
        },
        Why::NoData(vec![Issue::NobodyExposed]),
        Why::NoData(Vec::new()),
    ];
    for basis in [
        Basis::Shown,
        Basis::Earlier,
        Basis::Carried,
        Basis::LateOnset,
        Basis::Buckets,
    ] {
        all.push(proof(Leaning::Margin, true, basis));
    }
    all.extend([
        proof(Leaning::Limit, true, Basis::Shown),
        proof(Leaning::Limit, true, Basis::LateOnset),
        proof(Leaning::Margin, false, Basis::Shown),
        Why::Ambient { seen: level() },
        leaning(
            Leaning::Margin,
            Some(Effect::Relative(0.1)),
            OnBreach::Rollback,
        ),
        leaning(Leaning::Limit, None, OnBreach::Warn),
        Why::RuledOut {
            seen: DOUBLE,
            effect: Effect::Ratio(5.0),
        },
        Why::NoBreach { seen: DOUBLE },
        Why::Better { seen: DOUBLE },
        Why::TooFewEvents {
            seen: DOUBLE,
            expected: None,
        },
        Why::TooFewBlocks {
            seen: DOUBLE,
            blocks: 11,
            needed: 24,
            expected: Some(period("65m")),
        },
        Why::TooFewBlocks {
            seen: Seen::Nothing,
            blocks: 0,
            needed: 24,
            expected: None,
        },
        Why::NotRuledOut {
            seen: DOUBLE,
            effect: Some(Effect::Ratio(5.0)),
            clear: Clear::Evidence(STRENGTH),
            expected: Some(period("9h")),
        },
        Why::NotRuledOut {
            seen: DOUBLE,
            effect: Some(Effect::Ratio(1.5)),
            clear: Clear::Evidence(Strength {
                value: LogE(-5.02),
                needed: LogE(2.996),
            }),
            expected: None,
        },
        Why::NotRuledOut {
            seen: DOUBLE,
            effect: Some(Effect::Ratio(1.5)),
            clear: Clear::Look(looked(Some(-5.02))),
            expected: None,
        },
        Why::TooBursty {
            seen: DOUBLE,
            dispersion: 41.7,
            block: period("5m"),
        },
        Why::NotRuledOut {
            seen: DOUBLE,
            effect: Some(Effect::Ratio(5.0)),
            clear: Clear::Look(looked(Some(1.249))),
            expected: Some(period("9h")),
        },
        Why::NotRuledOut {
            seen: DOUBLE,
            effect: Some(Effect::Ratio(5.0)),
            clear: Clear::Look(looked(Some(2.5))),
            expected: None,
        },
        Why::NotRuledOut {
            seen: DOUBLE,
            effect: Some(Effect::Ratio(5.0)),
            clear: Clear::Look(looked(None)),
            expected: None,
        },
        Why::NotBetter {
            seen: DOUBLE,
            clear: Clear::Evidence(STRENGTH),
        },
        Why::NoBoundsYet,
        Why::LimitKept { seen: level() },
        Why::LimitUnbroken { seen: level() },
        Why::LimitOpen {
            seen: level(),
            clear: STRENGTH,
            undecided: Some(Undecided {
                lower: Some(0.25),
                upper: None,
            }),
        },
        Why::NobodyUnexposed,
    ]);
    all
}

fn unprovable(asks: Asks, asked: Shift, least: Option<Least>) -> Issue {
    Issue::Unprovable(Unprovable {
        asks,
        quantile: 0.99,
        near: vec![0.25, 0.5],
        asked,
        least,
    })
}

pub(super) fn issues() -> Vec<Issue> {
    vec![
        Issue::Measured(said()),
        Issue::Pooled {
            scrape: period("1m"),
            block: period("15s"),
            pooled: period("2m"),
        },
        Issue::NotInSnapshot,
        Issue::NoColumn {
            arm: Arm::Exposed,
            column: Column::Events,
        },
        Issue::MoreThanTotal {
            arm: Arm::Unexposed,
            events: 1_200.0,
            total: 900.0,
        },
        Issue::NobodyExposed,
        Issue::EventsUnborn { expected: 884.2 },
        Issue::NoBlocks { expected: 12 },
        Issue::Stopped { ago: period("40m") },
        Issue::ExposedStopped { ago: period("3h") },
        Issue::BlocksMissing {
            missing: 7,
            expected: 12,
        },
        Issue::NoBuckets,
        unprovable(
            Asks::Margin,
            Shift::Factor(1.25),
            Some(Least::Percent(100.0)),
        ),
        unprovable(
            Asks::RuleOut,
            Shift::Seconds(0.05),
            Some(Least::Seconds(0.15)),
        ),
        unprovable(Asks::Margin, Shift::Seconds(0.05), None),
        Issue::Unbounded {
            arm: Arm::Exposed,
            quantile: 0.999,
            last: 0.5,
            beyond: 0.03,
        },
        Issue::NoBoundNear {
            quantile: 0.99,
            bounds: vec![0.1, 0.25],
        },
        Issue::TailUnjudged { bound: 1.0 },
        Issue::BoundsDiffer {
            quantile: 0.99,
            exposed: vec![0.1, 0.25],
            unexposed: vec![0.2, 0.5],
        },
        Issue::LimitBeyondBounds {
            quantile: 0.99,
            limit: 1.0,
            last: 0.5,
            beyond: 0.03,
        },
        Issue::Bursty {
            dispersion: 14.2,
            block: period("5m"),
        },
        Issue::OnlyAtFirst {
            lasted: period("30m"),
        },
        Issue::OtherJudge { judge: 9 },
        Issue::LimitReadAnew {
            limit: Bound::parse("500ms").unwrap(),
        },
    ]
}

pub(super) fn misassigned() -> Vec<Misassigned> {
    let declared = percent(10.0);
    vec![
        Misassigned::NotInSnapshot,
        Misassigned::Measured(vec![
            EvidenceIssue::Said("two series".into()),
            EvidenceIssue::Said("no counter".into()),
        ]),
        Misassigned::NoUsers,
        Misassigned::Share {
            users: 1_200.0,
            exposed: 0.1176,
            declared,
        },
        Misassigned::TooMuchTraffic { declared },
        Misassigned::TooLittleTraffic { declared },
    ]
}

pub(super) fn boundaries() -> Vec<Boundaries> {
    let pair = |exposed, unexposed| BoundPair { exposed, unexposed };
    let same = vec![pair(0.25, 0.25), pair(0.5, 0.5)];
    vec![
        Boundaries {
            breach: same.clone(),
            pass: same.clone(),
        },
        Boundaries {
            breach: vec![pair(0.25, 0.1)],
            pass: same,
        },
    ]
}
