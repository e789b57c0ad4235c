//! Quantities within sentences.

use crate::units::{Bound, BoundUnit};

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
pub(in crate::report) fn quantile(quantile: f64) -> String {
    format!("p{}", (quantile * 1e6).round() / 1e4)
}
