//! Numbers and names for one fact of each sort, and the facts of power.

use crate::power::{Asked, InfeasibleStage, Unforeseen};
use crate::units::{Bound, Effect, Exposure, Instant, Period};

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub(super) fn percent(percent: f64) -> Exposure {
    Exposure::from_percent(percent).unwrap()
}

pub(super) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

pub(super) const UNFORESEEN: [Unforeseen; 6] = [
    Unforeseen::NobodyUnexposed,
    Unforeseen::NoMargin,
    Unforeseen::Threshold,
    Unforeseen::NoSpread,
    Unforeseen::NoTail,
    Unforeseen::NoTraffic,
];

pub(super) fn doubts() -> Vec<InfeasibleStage> {
    let harm = Asked::Harm(Effect::Ratio(2.0));
    let limit = Asked::Limit(Bound::parse("2%").unwrap());
    [
        (harm, Some(2.31), Some("4d"), None, None),
        (harm, Some(1.42), Some("4d"), None, Some("26h")),
        (harm, Some(2.31), Some("4d"), Some(20), None),
        (harm, None, None, None, None),
        (limit, None, None, None, None),
    ]
    .into_iter()
    .map(
        |(rule_out, affordable, expected, together, half)| InfeasibleStage {
            stage: 2,
            guardrail: "errors".into(),
            rule_out,
            time: period("2d"),
            expected: expected.map(period),
            affordable,
            together,
            at_half: half.map(period),
        },
    )
    .collect()
}
