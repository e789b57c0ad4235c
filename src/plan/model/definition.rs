//! The digest of what a guardrail's evidence depends on: when it changes within a stage, the
//! evidence starts again. What a breach does (`on_breach`, `on_no_data`) is not part of it.

use std::fmt::Write as _;

use super::arms::Arms;
use super::guardrail::Role;
use super::judge::JudgeSettings;
use super::metric::{Column, Compared, Kind, Metric, PointBound, Source, TimeUnit};
use crate::units::{Bound, BoundUnit, Digest, Effect, Worse};

/// The digest over a text with one line a fact, each value quoted, so that no two definitions
/// share a text. `unit` is that of a latency where the plan names another one than the metric's name
/// does; `margin` and `limit` are as written.
#[must_use]
pub fn definition(
    role: Role,
    metric: &Metric,
    unit: Option<TimeUnit>,
    margin: Option<Effect>,
    limit: Option<Bound>,
    arms: &Arms,
    judge: &JudgeSettings,
) -> Digest {
    let Metric { kind, source } = metric;
    let role = match role {
        Role::Guardrail => "guardrail",
        Role::Success => "success",
    };
    let mut text = format!("rollout-definition/1\nrole {role}\n");
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} {value:?}");
    };
    line("arms", &arms.identity());
    let block = judge.block.map_or("auto".into(), |block| block.to_string());
    line("block", &block);
    line("margin", &margin.map(size).unwrap_or_default());
    line("limit", &limit.map(bounded).unwrap_or_default());
    line("kind", &kind_text(*kind));
    // What the name says already is no part of it: definitions of before this key stay what they
    // were.
    if let Some(unit) = unit {
        line("unit", unit.key());
    }
    // The first judge read a limit in a string as a number in the histogram's own unit. A running plan
    // has evidence of that, which says nothing of this limit.
    if read_anew(*kind, limit) {
        line("limit in", "real time");
    }
    match source {
        Source::Selectors(columns) => {
            for (column, selector) in columns {
                line(&format!("selector {}", column.key()), selector.as_str());
            }
        }
        Source::PerArm { exposed, unexposed } => {
            for (arm, columns) in [("exposed", exposed), ("unexposed", unexposed)] {
                for (column, query) in columns {
                    line(
                        &format!("query {arm} {}", Column::key(*column)),
                        query.as_str(),
                    );
                }
            }
        }
    }
    Digest::of(text.as_bytes())
}

/// Whether this limit, as written, means something else than it did to judges of version 1: a time in a
/// string, against a histogram of milliseconds.
fn read_anew(kind: Kind, limit: Option<Bound>) -> bool {
    let in_ms = match kind {
        Kind::Latency { unit, .. } => unit == TimeUnit::Milliseconds,
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => false,
    };
    in_ms
        && limit.is_some_and(|limit| match limit.unit {
            BoundUnit::Time => true,
            BoundUnit::Percent | BoundUnit::Plain => false,
        })
}

fn kind_text(kind: Kind) -> String {
    let worse = match kind.worse() {
        Worse::Higher => "higher",
        Worse::Lower => "lower",
    };
    match kind {
        Kind::Ratio { .. } | Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } => {
            format!("{} {worse}", kind.key())
        }
        Kind::Latency {
            quantile,
            compare,
            unit: _,
        } => match compare {
            Compared::Share => format!("latency {quantile:?}"),
            Compared::Quantile => format!("latency {quantile:?} quantile"),
        },
        Kind::Point { bound, consecutive } => {
            let bound = match bound {
                PointBound::Max(bound) => format!("max {}", bounded(bound)),
                PointBound::Min(bound) => format!("min {}", bounded(bound)),
            };
            format!("point {bound} {consecutive}")
        }
    }
}

fn size(effect: Effect) -> String {
    match effect {
        Effect::Relative(v) => format!("relative {v:?}"),
        Effect::Ratio(v) => format!("ratio {v:?}"),
        Effect::Points(v) => format!("points {v:?}"),
        Effect::Absolute(v) => format!("absolute {v:?}"),
    }
}

fn bounded(bound: Bound) -> String {
    let Bound { value, unit } = bound;
    // The unit is a way of writing: "500ms" and "0.5s" are one limit.
    match unit {
        BoundUnit::Percent | BoundUnit::Time | BoundUnit::Plain => format!("{value:?}"),
    }
}
