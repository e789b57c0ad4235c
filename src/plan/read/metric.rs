//! The kind of a metric and the source of its numbers.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::words::listed;
use super::{arms, promql, sizes};
use crate::plan::keys::key::Key;
use crate::plan::keys::metric::{self as keys, EXPOSED, UNEXPOSED, events, latency, level, point};
use crate::plan::keys::tables::keys_of_arm;
use crate::plan::model::{
    ArmQuery, Arms, Column, Compared, Kind, KindName, Metric, Mistake, MistakeCode, PointBound,
    Source, TimeUnit, Word,
};
use crate::units::Worse;

/// Bad blocks in a row that make a `point` breach when the plan does not say: one odd block is
/// noise as often as not.
const CONSECUTIVE: u32 = 3;

/// The metric of a guardrail: exactly one kind; `None` without a mistake when there is no kind.
pub(super) fn metric(reader: &mut Reader, fields: &Fields<'_>, arms: &Arms) -> Option<At<Metric>> {
    let mut written: Vec<(KindName, Range<usize>)> = KindName::ALL
        .iter()
        .filter_map(|kind| Some((*kind, fields.key_span(keys::kind(*kind))?)))
        .collect();
    written.sort_by_key(|(_, span)| span.start);
    if let [(first, place), (second, again), ..] = written.as_slice() {
        let (first, second) = (first.key(), second.key());
        reader.note(
            Mistake::error(
                MistakeCode::TwoKinds,
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
        let value = fields.get(keys::kind(*kind))?;
        let read = one(reader, *kind, value, arms, &fields.what);
        found = found.or(read.map(|metric| At {
            value: metric,
            span: span.clone(),
        }));
    }
    found
}

fn one(
    reader: &mut Reader,
    kind: KindName,
    value: &Spanned<DeValue<'_>>,
    arms: &Arms,
    of: &str,
) -> Option<Metric> {
    let what = format!("`{}` of {of}", kind.key());
    let example = keys::kind(kind).written();
    let fields = reader.table(value, &what, &example, keys::table(kind))?;
    match kind {
        KindName::Ratio => {
            let worse = worse_or_higher(reader, &fields);
            build(reader, &fields, Kind::Ratio { worse: worse? }, arms)
        }
        KindName::Rate => {
            let worse = worse_or_higher(reader, &fields);
            build(reader, &fields, Kind::Rate { worse: worse? }, arms)
        }
        KindName::Latency => {
            let quantile = quantile(reader, &fields);
            let compare = compared(reader, &fields);
            let unit = fields
                .has(latency::UNIT)
                .then(|| reader.word(&fields, latency::UNIT).map(|at| at.value));
            let kind = Kind::Latency {
                quantile: quantile?,
                compare: compare?,
                unit: TimeUnit::Seconds,
            };
            let metric = build(reader, &fields, kind, arms)?;
            let unit = match unit {
                Some(written) => written?,
                None => unit_by_name(&metric),
            };
            Some(measured_in(metric, unit))
        }
        KindName::Mean => {
            let worse = worse(reader, &fields);
            build(reader, &fields, Kind::Mean { worse: worse? }, arms)
        }
        KindName::Gauge => {
            let worse = worse(reader, &fields);
            build(reader, &fields, Kind::Gauge { worse: worse? }, arms)
        }
        KindName::Point => threshold(reader, &fields, &what),
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
    let says_ms = |name: &str| TimeUnit::of_name(name) == TimeUnit::Milliseconds;
    let in_ms = match &metric.source {
        Source::Selectors(columns) => columns
            .iter()
            .flat_map(|(_, selector)| selector.vector().names())
            .any(says_ms),
        Source::PerArm { exposed, unexposed } => exposed
            .iter()
            .chain(unexposed)
            .flat_map(|(_, query)| promql::metric_names(query))
            .any(|name| says_ms(&name)),
    };
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
    if fields.has(events::WORSE) {
        reader.word(fields, events::WORSE).map(|at| at.value)
    } else {
        Some(Worse::Higher)
    }
}

/// A mean or a level does not tell by itself which direction is harm.
fn worse(reader: &mut Reader, fields: &Fields<'_>) -> Option<Worse> {
    if fields.has(level::WORSE) {
        return reader.word(fields, level::WORSE).map(|at| at.value);
    }
    reader.missing(fields, level::WORSE);
    None
}

/// What the margin of a latency speaks of.
fn compared(reader: &mut Reader, fields: &Fields<'_>) -> Option<Compared> {
    if fields.has(latency::COMPARE) {
        reader.word(fields, latency::COMPARE).map(|at| at.value)
    } else {
        Some(Compared::Share)
    }
}

fn quantile(reader: &mut Reader, fields: &Fields<'_>) -> Option<f64> {
    if !fields.has(latency::QUANTILE) {
        reader.missing(fields, latency::QUANTILE);
        return None;
    }
    let At { value, span } = reader.number(fields, latency::QUANTILE)?;
    if value > 0.0 && value < 1.0 {
        return Some(value);
    }
    let cure = if value > 1.0 && value < 100.0 {
        format!("write `quantile = {}`", value / 100.0).into()
    } else {
        latency::QUANTILE.cure()
    };
    reader.note(
        Mistake::error(
            MistakeCode::BadQuantile,
            span,
            format!("a quantile of {value} is not between 0 and 1"),
        )
        .cure(cure),
    );
    None
}

/// The columns of a kind that compares the arms.
fn build(reader: &mut Reader, fields: &Fields<'_>, kind: Kind, arms: &Arms) -> Option<Metric> {
    let per_arm = [EXPOSED, UNEXPOSED]
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
    let columns: Vec<&str> = kind.columns().iter().map(|column| column.key()).collect();
    for column in kind.columns() {
        if let Some(span) = fields.column_span(*column) {
            reader.note(
                Mistake::error(
                    MistakeCode::TwoSources,
                    span,
                    format!("{} has a selector and a query for each arm", fields.what),
                )
                .label("the selector")
                .related(per_arm.clone(), "the query")
                .cure(format!(
                    "remove one: {} or {}",
                    listed(&columns),
                    listed(&[EXPOSED.name, UNEXPOSED.name])
                )),
            );
        }
    }
    let exposed = arm(reader, fields, EXPOSED, kind);
    let unexposed = arm(reader, fields, UNEXPOSED, kind);
    if let (Some(exposed), Some(unexposed)) = (&exposed, &unexposed) {
        for (column, query) in exposed {
            if unexposed.contains(&(*column, query.clone())) {
                arms::same_query(reader, fields, *column);
            }
        }
    }
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
    arm: &Key,
    kind: Kind,
) -> Option<Vec<(Column, ArmQuery)>> {
    let keys = keys_of_arm(kind.name());
    let inside: Vec<String> = keys.iter().map(Key::written).collect();
    let example = format!("{} = {{ {} }}", arm.name, inside.join(", "));
    let Some(value) = fields.get(arm) else {
        reader.missing_named(fields, arm.name, format!("write `{example}`"));
        return None;
    };
    let what = format!("`{}` of {}", arm.name, fields.what);
    let inner = reader.table_of(value, &what, &example, keys)?;
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
    let value = fields.column(column);
    if value.is_none() {
        let key = column.key();
        let cure = format!("write `{key} = '...'` with {}", keys::meaning(column));
        reader.missing_named(fields, key, cure);
    }
    value
}

/// A bound on the exposed arm alone.
fn threshold(reader: &mut Reader, fields: &Fields<'_>, what: &str) -> Option<Metric> {
    let query = match fields.column(Column::Query) {
        Some(value) => promql::query(reader, value, Column::Query.key()),
        None => {
            reader.missing_named(
                fields,
                Column::Query.key(),
                "write `query = '...'` with PromQL that gives one number",
            );
            None
        }
    };
    let max = sizes::bound(reader, fields, point::MAX);
    let min = sizes::bound(reader, fields, point::MIN);
    let bound = match (fields.key_span(point::MAX), fields.key_span(point::MIN)) {
        (Some(first), Some(second)) => {
            reader.note(
                Mistake::error(
                    MistakeCode::TwoBounds,
                    second,
                    format!("{what} has both `max` and `min`"),
                )
                .related(first, "the other bound")
                .cure("write two guardrails, one for each bound"),
            );
            None
        }
        (None, None) => {
            reader.missing(fields, point::MAX);
            None
        }
        (Some(_), None) => max.map(|at| PointBound::Max(at.value)),
        (None, Some(_)) => min.map(|at| PointBound::Min(at.value)),
    };
    let consecutive = if fields.has(point::CONSECUTIVE) {
        reader.count(fields, point::CONSECUTIVE).map(|at| at.value)
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
