//! Series of one answer to the numbers of one arm, or to a sentence that says why not. Pure.

use std::collections::BTreeSet;

use crate::plan::{Arms, Column};
use crate::snapshot::Series;

use super::Grid;
use super::answer::{NativePoint, Point, Returned};

/// One series as a column, and what is doubtful about it.
pub(super) fn number(
    series: &[&Returned],
    column: Column,
    grid: &Grid,
) -> Result<(Series, Option<String>), String> {
    let one = match series {
        [one] => one,
        several => return Err(too_many(several, &[])),
    };
    if one.points.is_empty() {
        return Err("a native histogram came back where a number is expected".into());
    }
    let is_count = match column {
        Column::Events | Column::Total | Column::Per | Column::Count | Column::Histogram => true,
        Column::Sum | Column::Query => false,
    };
    let values = place(&one.points, grid, is_count);
    let doubt = values.iter().all(Option::is_none).then(|| {
        if is_count {
            "no value is a finite number from zero on".to_owned()
        } else {
            "every value is NaN or infinite".to_owned()
        }
    });
    Ok((values, doubt))
}

/// Samples at block ends; what is no number is missing.
fn place(points: &[Point], grid: &Grid, is_count: bool) -> Series {
    let mut values = vec![None; grid.len()];
    for point in points {
        if let Some(index) = grid.index(point.at_ms) {
            let usable = point.value.is_finite() && (!is_count || point.value >= 0.0);
            values[index] = usable.then_some(point.value);
        }
    }
    values
}

/// Native histograms at block ends.
pub(super) fn native_points(
    series: &[&Returned],
    grid: &Grid,
) -> Result<Vec<Option<NativePoint>>, String> {
    let one = match series {
        [one] => one,
        several => return Err(too_many(several, &[])),
    };
    if one.histograms.is_empty() {
        return Err(
            "these are no native histograms; of a classic one name the `..._bucket` series".into(),
        );
    }
    let mut points = vec![None; grid.len()];
    for point in &one.histograms {
        if let Some(index) = grid.index(point.at_ms) {
            points[index] = Some(point.clone());
        }
    }
    Ok(points)
}

/// Several series where one is expected: which labels tell them apart.
fn too_many(series: &[&Returned], allowed: &[&str]) -> String {
    let names: BTreeSet<&str> = series
        .iter()
        .flat_map(|s| s.labels.keys().map(String::as_str))
        .filter(|name| !allowed.contains(name))
        .collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            let values: BTreeSet<&str> = series
                .iter()
                .map(|s| s.labels.get(name).map_or("", String::as_str))
                .collect();
            (values.len() > 1).then(|| {
                let shown: Vec<&str> = values.iter().copied().take(3).collect();
                let more = if values.len() > 3 { ", ..." } else { "" };
                format!("`{name}` ({}{more})", shown.join(", "))
            })
        })
        .collect();
    let by = if differing.is_empty() {
        "nothing that can be told".to_owned()
    } else {
        differing.join(", ")
    };
    format!(
        "{} series where one is expected; they differ by {by}; aggregate them, with sum() for instance",
        series.len()
    )
}

/// Series by `le` as cumulative buckets.
pub(super) fn buckets(
    series: &[&Returned],
    arms: &Arms,
    grid: &Grid,
) -> Result<Vec<(f64, Series)>, String> {
    let mut found: Vec<(f64, Series)> = Vec::new();
    for one in series {
        let Some(bound) = one.labels.get("le").and_then(|le| le.parse::<f64>().ok()) else {
            return Err(
                "a series has no readable `le`; the selector must be of `..._bucket` series".into(),
            );
        };
        if found
            .iter()
            .any(|(known, _)| known.total_cmp(&bound).is_eq())
        {
            return Err(too_many(series, &["le", &arms.label]));
        }
        found.push((bound, place(&one.points, grid, true)));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    if found.last().is_none_or(|(bound, _)| bound.is_finite()) {
        return Err("there is no bucket `le=\"+Inf\"`".into());
    }
    // A block counts when all its buckets are there: they are born and scraped together.
    for block in 0..grid.len() {
        if found.iter().any(|(_, series)| series[block].is_none()) {
            for (_, series) in &mut found {
                series[block] = None;
            }
        }
    }
    let falls = found.windows(2).any(|pair| {
        let [(_, low), (_, high)] = pair else {
            return false;
        };
        // Half a count is far above rounding and far below a real contradiction.
        low.iter()
            .zip(high)
            .any(|(low, high)| matches!((low, high), (Some(l), Some(h)) if *l > h + 0.5))
    });
    if falls {
        return Err(
            "buckets are not cumulative over `le`; do instances use different bucket bounds?"
                .into(),
        );
    }
    Ok(found)
}
