//! Series of one answer to the numbers of one arm, or why they cannot be used. Pure.

use std::collections::BTreeSet;

use crate::plan::{Arms, Column};
use crate::snapshot::{Differing, Series, SeriesFault};

use super::Grid;
use super::answer::{NativePoint, Point, Returned};

/// One series as a column, and what is doubtful about it.
pub(super) fn number(
    series: &[&Returned],
    column: Column,
    grid: &Grid,
) -> Result<(Series, Option<SeriesFault>), SeriesFault> {
    let one = match series {
        [one] => one,
        several => return Err(too_many(several, &[])),
    };
    if one.points.is_empty() {
        return Err(SeriesFault::NativeHistogram);
    }
    let is_count = is_count(column);
    let values = place(&one.points, grid, is_count);
    Ok(doubted(values, is_count))
}

/// Increments that are usable as a column, and what is doubtful about it.
pub(super) fn usable(mut series: Series, column: Column) -> (Series, Option<SeriesFault>) {
    let is_count = is_count(column);
    for value in &mut series {
        *value = value.filter(|value| value.is_finite() && (!is_count || *value >= 0.0));
    }
    doubted(series, is_count)
}

const fn is_count(column: Column) -> bool {
    match column {
        Column::Events | Column::Total | Column::Per | Column::Count | Column::Histogram => true,
        Column::Sum | Column::Query => false,
    }
}

fn doubted(values: Series, is_count: bool) -> (Series, Option<SeriesFault>) {
    let fault = if is_count {
        SeriesFault::NoCount
    } else {
        SeriesFault::NoNumber
    };
    let doubt = values.iter().all(Option::is_none).then_some(fault);
    (values, doubt)
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
) -> Result<Vec<Option<NativePoint>>, SeriesFault> {
    let one = match series {
        [one] => one,
        several => return Err(too_many(several, &[])),
    };
    if one.histograms.is_empty() {
        return Err(SeriesFault::NoNativeHistogram);
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
pub(super) fn too_many(series: &[&Returned], allowed: &[&str]) -> SeriesFault {
    let names: BTreeSet<&String> = series
        .iter()
        .flat_map(|s| s.labels.keys())
        .filter(|name| !allowed.contains(&name.as_str()))
        .collect();
    let differing = names.into_iter().filter_map(|name| {
        let values: BTreeSet<&str> = series
            .iter()
            .map(|s| s.labels.get(name).map_or("", String::as_str))
            .collect();
        (values.len() > 1).then(|| Differing {
            label: name.clone(),
            values: values.into_iter().map(str::to_owned).collect(),
        })
    });
    SeriesFault::Several {
        series: series.len(),
        differing: differing.collect(),
    }
}

/// Series by `le` as cumulative buckets. Bounds that are equal as numbers are one bucket, whether
/// they are written `1` and `1.0` side by side or one after the other.
pub(super) fn buckets(
    series: &[&Returned],
    arms: &Arms,
    grid: &Grid,
) -> Result<Vec<(f64, Series)>, SeriesFault> {
    let mut found: Vec<(f64, Series)> = Vec::new();
    let mut spellings: BTreeSet<&str> = BTreeSet::new();
    let mut respelled = false;
    let mut taken_over: BTreeSet<usize> = BTreeSet::new();
    for one in series {
        let written = one.labels.get("le").map_or("", String::as_str);
        let Ok(bound) = written.parse::<f64>() else {
            return Err(SeriesFault::NoBound);
        };
        if !spellings.insert(written) {
            return Err(too_many(series, &["le", &arms.label]));
        }
        let values = place(&one.points, grid, true);
        let same = found
            .iter_mut()
            .find(|(known, _)| known.total_cmp(&bound).is_eq());
        match same {
            None => found.push((bound, values)),
            Some((_, known)) => {
                respelled = true;
                taken_over.extend(takeovers(known, &values));
                taken_over.extend(takeovers(&values, known));
                for (known, value) in known.iter_mut().zip(values) {
                    *known = match (*known, value) {
                        (Some(a), Some(b)) => Some(a + b),
                        (one, other) => one.or(other),
                    };
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Where a bound changes its spelling its whole count seems to be born within one block.
    let reborn = |found: &[(f64, Series)], block: usize| {
        taken_over.contains(&block) || (respelled && falls_in(found, block))
    };
    checked(found, grid, reborn)
}

/// So many of the blocks may be uneven before it is the buckets that are.
const MOST_UNEVEN: f64 = 0.1;

/// Increments by increasing bound as cumulative buckets. A process that is restarted, and restarted again
/// before any bucket is lower than it was, may leave a block uneven: that block is lost.
pub(super) fn cumulative(
    found: Vec<(f64, Series)>,
    grid: &Grid,
) -> Result<Vec<(f64, Series)>, SeriesFault> {
    let all = found
        .last()
        .map_or(0, |(_, series)| series.iter().flatten().count());
    let uneven = (0..grid.len())
        .filter(|block| falls_in(&found, *block))
        .count();
    let few = uneven as f64 <= MOST_UNEVEN * all as f64;
    checked(found, grid, |found, block| few && falls_in(found, block))
}

fn checked(
    mut found: Vec<(f64, Series)>,
    grid: &Grid,
    reborn: impl Fn(&[(f64, Series)], usize) -> bool,
) -> Result<Vec<(f64, Series)>, SeriesFault> {
    if found.last().is_none_or(|(bound, _)| bound.is_finite()) {
        return Err(SeriesFault::NoInfinity);
    }
    keep_usual_bounds(&mut found);
    // A block counts when all its buckets are there: they are born and scraped together.
    for block in 0..grid.len() {
        let missing = found.iter().any(|(_, series)| series[block].is_none());
        if missing || reborn(&found, block) {
            for (_, series) in &mut found {
                series[block] = None;
            }
        }
    }
    if (0..grid.len()).any(|block| falls_in(&found, block)) {
        return Err(SeriesFault::NotCumulative);
    }
    Ok(found)
}

/// The blocks in which one spelling of a bound begins to be there after another one was.
fn takeovers<'a>(before: &'a Series, after: &'a Series) -> impl Iterator<Item = usize> + 'a {
    (1..after.len()).filter(|&block| {
        let begins = after[block].is_some() && after[block - 1].is_none();
        begins && before.get(block - 1).copied().flatten().is_some()
    })
}

/// Leaves out the bounds that are not there in most of the blocks that have any requests: a release
/// that changes its buckets within a stage would else leave no block whole.
fn keep_usual_bounds(found: &mut Vec<(f64, Series)>) {
    let there = |series: &Series| series.iter().flatten().count();
    let all = found.last().map_or(0, |(_, series)| there(series));
    found.retain(|(bound, series)| bound.is_infinite() || 2 * there(series) > all);
}

/// Whether counts fall over `le` in a block.
fn falls_in(found: &[(f64, Series)], block: usize) -> bool {
    found.windows(2).any(|pair| {
        let [(_, low), (_, high)] = pair else {
            return false;
        };
        // Half a count is far above rounding and far below a real contradiction.
        matches!((low[block], high[block]), (Some(low), Some(high)) if low > high + 0.5)
    })
}
