//! The kind of a metric and the source of its numbers.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::words::listed;
use super::{promql, sizes};
use crate::plan::keys::names as keys;
use crate::plan::model::{
    Arms, Column, Compared, Kind, Metric, Mistake, PointBound, Source, TimeUnit,
};
use crate::units::Worse;

/// Bad blocks in a row that make a `point` breach when the plan does not say: one odd block is
/// noise as often as not.
const CONSECUTIVE: u32 = 3;

const WORSE: &[(&str, Worse)] = &[("higher", Worse::Higher), ("lower", Worse::Lower)];

const UNITS: &[(&str, TimeUnit)] = &[("s", TimeUnit::Seconds), ("ms", TimeUnit::Milliseconds)];

const COMPARED: &[(&str, Compared)] =
    &[("share", Compared::Share), ("quantile", Compared::Quantile)];

/// The metric of a guardrail: exactly one kind; `None` without a mistake when there is no kind.
pub(super) fn metric(reader: &mut Reader, fields: &Fields<'_>, arms: &Arms) -> Option<At<Metric>> {
    let mut written: Vec<(&'static str, Range<usize>)> = keys::KINDS
        .iter()
        .filter_map(|kind| Some((*kind, fields.key_span(kind)?)))
        .collect();
    written.sort_by_key(|(_, span)| span.start);
    if let [(first, place), (second, again), ..] = written.as_slice() {
        reader.note(
            Mistake::error(
                "two-kinds",
                again.clone(),
                format!("{} is both a `{first}` and a `{second}`", fields.what),
            )
            .label("a second kind")
            .related(place.clone(), "the first kind")
            .cure(format!(
                "remove one, or write two guardrails: `{first}` and `{second}`"
            )),
        );
    }
    let mut found = None;
    for (kind, span) in &written {
        let value = fields.get(kind)?;
        let read = one(reader, kind, value, arms, &fields.what);
        found = found.or(read.map(|metric| At {
            value: metric,
            span: span.clone(),
        }));
    }
    found
}

fn one(
    reader: &mut Reader,
    kind: &str,
    value: &Spanned<DeValue<'_>>,
    arms: &Arms,
    of: &str,
) -> Option<Metric> {
    let what = format!("`{kind}` of {of}");
    match kind {
        "ratio" => {
            let fields = reader.table(
                value,
                &what,
                "ratio = { events = '...', total = '...' }",
                keys::RATIO,
            )?;
            let worse = worse_or_higher(reader, &fields);
            build(
                reader,
                &fields,
                Kind::Ratio { worse: worse? },
                keys::RATIO_ARM,
                arms,
            )
        }
        "rate" => {
            let fields = reader.table(
                value,
                &what,
                "rate = { events = '...', per = '...' }",
                keys::RATE,
            )?;
            let worse = worse_or_higher(reader, &fields);
            build(
                reader,
                &fields,
                Kind::Rate { worse: worse? },
                keys::RATE_ARM,
                arms,
            )
        }
        "latency" => {
            let fields = reader.table(
                value,
                &what,
                "latency = { histogram = '...', quantile = 0.99 }",
                keys::LATENCY,
            )?;
            let quantile = quantile(reader, &fields);
            let compare = compared(reader, &fields);
            let unit = fields
                .has("unit")
                .then(|| reader.word(&fields, "unit", UNITS).map(|at| at.value));
            let kind = Kind::Latency {
                quantile: quantile?,
                compare: compare?,
                unit: TimeUnit::Seconds,
            };
            let metric = build(reader, &fields, kind, keys::LATENCY_ARM, arms)?;
            let unit = match unit {
                Some(written) => written?,
                None => unit_by_name(&metric),
            };
            Some(measured_in(metric, unit))
        }
        "mean" => {
            let fields = reader.table(
                value,
                &what,
                "mean = { sum = '...', count = '...', worse = \"lower\" }",
                keys::MEAN,
            )?;
            let worse = worse(reader, &fields);
            build(
                reader,
                &fields,
                Kind::Mean { worse: worse? },
                keys::MEAN_ARM,
                arms,
            )
        }
        "gauge" => {
            let fields = reader.table(
                value,
                &what,
                "gauge = { query = '...', worse = \"higher\" }",
                keys::GAUGE,
            )?;
            let worse = worse(reader, &fields);
            build(
                reader,
                &fields,
                Kind::Gauge { worse: worse? },
                keys::GAUGE_ARM,
                arms,
            )
        }
        // The only kind left of `keys::KINDS`.
        _ => point(reader, value, &what),
    }
}

fn measured_in(metric: Metric, unit: TimeUnit) -> Metric {
    match metric.kind {
        Kind::Latency {
            quantile, compare, ..
        } => Metric {
            kind: Kind::Latency {
                quantile,
                compare,
                unit,
            },
            ..metric
        },
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => metric,
    }
}

/// The unit that the names in a latency's selector, or in its queries, speak of.
fn unit_by_name(metric: &Metric) -> TimeUnit {
    let texts: Vec<&str> = match &metric.source {
        Source::Selectors(columns) => columns.iter().map(|(_, s)| s.as_str()).collect(),
        Source::PerArm { exposed, unexposed } => exposed
            .iter()
            .chain(unexposed)
            .map(|(_, query)| query.as_str())
            .collect(),
    };
    let in_ms = texts
        .iter()
        .flat_map(|text| promql::metric_names(text))
        .any(|name| TimeUnit::of_name(&name) == TimeUnit::Milliseconds);
    if in_ms {
        TimeUnit::Milliseconds
    } else {
        TimeUnit::Seconds
    }
}

/// The unit of a latency where the plan names another one than the metric's name does.
pub(super) fn unit_beyond_name(metric: &Metric) -> Option<TimeUnit> {
    match metric.kind {
        Kind::Latency { unit, .. } => (unit != unit_by_name(metric)).then_some(unit),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => None,
    }
}

/// Events are mostly bad news, so a ratio or a rate need not say so.
fn worse_or_higher(reader: &mut Reader, fields: &Fields<'_>) -> Option<Worse> {
    if fields.has("worse") {
        reader.word(fields, "worse", WORSE).map(|at| at.value)
    } else {
        Some(Worse::Higher)
    }
}

/// A mean or a level does not tell by itself which direction is harm.
fn worse(reader: &mut Reader, fields: &Fields<'_>) -> Option<Worse> {
    if fields.has("worse") {
        return reader.word(fields, "worse", WORSE).map(|at| at.value);
    }
    reader.missing(
        fields,
        "worse",
        "write `worse = \"lower\"` if a fall is harm (revenue), `worse = \"higher\"` if a rise is (load)",
    );
    None
}

/// What the margin of a latency speaks of.
fn compared(reader: &mut Reader, fields: &Fields<'_>) -> Option<Compared> {
    if fields.has("compare") {
        reader.word(fields, "compare", COMPARED).map(|at| at.value)
    } else {
        Some(Compared::Share)
    }
}

fn quantile(reader: &mut Reader, fields: &Fields<'_>) -> Option<f64> {
    if !fields.has("quantile") {
        reader.missing(fields, "quantile", "write `quantile = 0.99`");
        return None;
    }
    let At { value, span } = reader.number(fields, "quantile", "0.99")?;
    if value > 0.0 && value < 1.0 {
        return Some(value);
    }
    let cure = if value > 1.0 && value < 100.0 {
        format!("write `quantile = {}`", value / 100.0)
    } else {
        "write `quantile = 0.99`".into()
    };
    reader.note(
        Mistake::error(
            "bad-quantile",
            span,
            format!("a quantile of {value} is not between 0 and 1"),
        )
        .cure(cure),
    );
    None
}

/// The columns of a kind that compares the arms.
fn build(
    reader: &mut Reader,
    fields: &Fields<'_>,
    kind: Kind,
    arm_keys: &'static [&'static str],
    arms: &Arms,
) -> Option<Metric> {
    let per_arm = ["exposed", "unexposed"]
        .into_iter()
        .find_map(|arm| fields.key_span(arm));
    let Some(per_arm) = per_arm else {
        let columns: Vec<Option<_>> = kind
            .columns()
            .iter()
            .map(|&column| {
                let value = needed(reader, fields, column)?;
                Some((column, promql::selector(reader, value, column.key(), arms)?))
            })
            .collect();
        let columns = columns.into_iter().collect::<Option<Vec<_>>>()?;
        return Some(Metric {
            kind,
            source: Source::Selectors(columns),
        });
    };
    for column in kind.columns() {
        if let Some(span) = fields.key_span(column.key()) {
            reader.note(
                Mistake::error(
                    "two-sources",
                    span,
                    format!("{} has a selector and a query for each arm", fields.what),
                )
                .label("the selector")
                .related(per_arm.clone(), "the query")
                .cure(format!(
                    "remove one: {} or {}",
                    listed(arm_keys),
                    listed(&["exposed", "unexposed"])
                )),
            );
        }
    }
    let exposed = arm(reader, fields, "exposed", kind, arm_keys);
    let unexposed = arm(reader, fields, "unexposed", kind, arm_keys);
    Some(Metric {
        kind,
        source: Source::PerArm {
            exposed: exposed?,
            unexposed: unexposed?,
        },
    })
}

fn arm(
    reader: &mut Reader,
    fields: &Fields<'_>,
    arm: &str,
    kind: Kind,
    keys: &'static [&'static str],
) -> Option<Vec<(Column, String)>> {
    let inside: Vec<String> = keys.iter().map(|key| format!("{key} = '...'")).collect();
    let example = format!("{arm} = {{ {} }}", inside.join(", "));
    let Some(value) = fields.get(arm) else {
        reader.missing(fields, arm, format!("write `{example}`"));
        return None;
    };
    let inner = reader.table(
        value,
        &format!("`{arm}` of {}", fields.what),
        &example,
        keys,
    )?;
    let columns: Vec<Option<_>> = kind
        .columns()
        .iter()
        .map(|&column| {
            let value = needed(reader, &inner, column)?;
            Some((column, promql::query(reader, value, column.key())?))
        })
        .collect();
    columns.into_iter().collect()
}

fn needed<'a>(
    reader: &mut Reader,
    fields: &Fields<'a>,
    column: Column,
) -> Option<&'a Spanned<DeValue<'a>>> {
    let value = fields.get(column.key());
    if value.is_none() {
        let key = column.key();
        reader.missing(
            fields,
            key,
            format!("write `{key} = '...'` with {}", meaning(column)),
        );
    }
    value
}

/// What belongs into a column, for a cure.
const fn meaning(column: Column) -> &'static str {
    match column {
        Column::Events => "the counter of bad outcomes",
        Column::Total => "the counter of all outcomes",
        Column::Per => "the counter of what the events are counted against, such as user-hours",
        Column::Sum => "the counter of the summed quantity",
        Column::Count => "the counter of its terms",
        Column::Histogram => "the `_bucket` series, or a native histogram",
        Column::Query => "the level to look at",
    }
}

fn point(reader: &mut Reader, value: &Spanned<DeValue<'_>>, what: &str) -> Option<Metric> {
    let fields = reader.table(
        value,
        what,
        "point = { query = '...', max = 0.9 }",
        keys::POINT,
    )?;
    let query = match fields.get("query") {
        Some(value) => promql::query(reader, value, "query"),
        None => {
            reader.missing(
                &fields,
                "query",
                "write `query = '...'` with PromQL that gives one number",
            );
            None
        }
    };
    let max = sizes::bound(reader, &fields, "max");
    let min = sizes::bound(reader, &fields, "min");
    let bound = match (fields.key_span("max"), fields.key_span("min")) {
        (Some(first), Some(second)) => {
            reader.note(
                Mistake::error(
                    "two-bounds",
                    second,
                    format!("{what} has both `max` and `min`"),
                )
                .related(first, "the other bound")
                .cure("write two guardrails, one for each bound"),
            );
            None
        }
        (None, None) => {
            reader.missing(
                &fields,
                "max",
                "write `max = 0.9`, or `min = ...` where less is bad",
            );
            None
        }
        (Some(_), None) => max.map(|at| PointBound::Max(at.value)),
        (None, Some(_)) => min.map(|at| PointBound::Min(at.value)),
    };
    let consecutive = if fields.has("consecutive") {
        reader.count(&fields, "consecutive", 1).map(|at| at.value)
    } else {
        Some(CONSECUTIVE)
    };
    Some(Metric {
        kind: Kind::Point {
            bound: bound?,
            consecutive: consecutive?,
        },
        source: Source::PerArm {
            exposed: vec![(Column::Query, query?)],
            unexposed: Vec::new(),
        },
    })
}
