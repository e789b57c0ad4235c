//! Quantities within sentences.

use crate::judge::Scale;
use crate::plan::Kind;
use crate::units::{Bound, BoundUnit};

/// `1.9x`, `+0.21pp`, `+25ms`, `3.1`: a size on the scale of a comparison.
pub(super) fn size(value: f64, scale: Scale, kind: Kind) -> String {
    let time = |value: f64| seconds((value * 1e4).round() / 1e4);
    match (scale, kind) {
        (Scale::Ratio, _) if value >= 100.0 => format!("{value:.0}x"),
        (Scale::Ratio, _) if value >= 10.0 => format!("{value:.1}x"),
        (Scale::Ratio, _) => format!("{value:.2}x"),
        (Scale::Difference, Kind::Ratio { .. }) => format!("{:+.3}pp", value * 100.0),
        (Scale::Difference, Kind::Latency { .. }) if value < 0.0 => format!("-{}", time(-value)),
        (Scale::Difference, Kind::Latency { .. }) => format!("+{}", time(value)),
        (
            Scale::Difference,
            Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. },
        ) => format!("{value:+.4}"),
        (Scale::Level, Kind::Ratio { .. }) => percent(value),
        (Scale::Level, Kind::Latency { .. }) => time(value),
        (
            Scale::Level,
            Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. },
        ) => format!("{value:.4}"),
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 1.0 {
        format!("{percent:.2} %")
    } else {
        format!("{percent:.3} %")
    }
}

/// `250ms`.
pub(super) fn seconds(seconds: f64) -> String {
    Bound {
        value: seconds,
        unit: BoundUnit::Time,
    }
    .to_string()
}

/// `250ms, 500ms`, with what stands between them.
pub(super) fn all_seconds(bounds: &[f64], between: &str) -> String {
    let texts: Vec<String> = bounds.iter().map(|bound| seconds(*bound)).collect();
    texts.join(between)
}

/// `p99.9` for 0.999.
pub(super) fn quantile(quantile: f64) -> String {
    format!("p{}", (quantile * 1e6).round() / 1e4)
}

/// To two decimals at most.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
