//! The level of the unexposed arm, of each half of its instances or of all. Pure.

use std::collections::BTreeMap;

use crate::plan::Column;
use crate::prometheus::answer::{Labels, Returned};
use crate::prometheus::increments::{GROUPS, group};
use crate::prometheus::reply::Reply;
use crate::prometheus::{Grid, QueryError};
use crate::snapshot::{ArmSeries, History, Series, Unsplit, name_of, naming_of};

use super::found::Found;
use super::groups::{rounded, some};

/// The levels of the series in these blocks: of two halves of the instances, and where they cannot be told
/// apart, or are not to be, of all together.
pub(super) fn read(reply: &Result<Reply, QueryError>, grid: &Grid, is_split: bool) -> Found {
    let none = |why| Found {
        history: None,
        unsplit: Some(why),
    };
    let series = match measured(reply, grid) {
        Ok(series) => series,
        Err(why) => return none(why),
    };
    let whole = |why| {
        let all = mean(series.iter().map(|(_, levels)| levels), grid);
        Found {
            history: Some(history(grid, vec![all], BTreeMap::new())),
            unsplit: Some(why),
        }
    };
    if !is_split {
        return whole(Unsplit::OwnQueries);
    }
    let Some(naming) = naming_of(
        &series
            .iter()
            .map(|(one, _)| &one.labels)
            .collect::<Vec<_>>(),
    ) else {
        return whole(Unsplit::NoInstanceLabel);
    };
    let named = series.iter().filter_map(|(one, levels)| {
        let value = |label: &str| one.labels.get(label).map(String::as_str);
        Some((name_of(naming, value)?, levels))
    });
    let mut instances: BTreeMap<String, Vec<&Series>> = BTreeMap::new();
    for (name, levels) in named {
        instances.entry(name).or_default().push(levels);
    }
    let mut used = [false; GROUPS];
    for name in instances.keys() {
        used[group(name)] = true;
    }
    let first = History::first_half(&used);
    if first.is_empty() {
        return whole(Unsplit::OneInstance);
    }
    let half = |is_first: bool| {
        let of = instances
            .iter()
            .filter(|(name, _)| first.contains(&group(name)) == is_first);
        mean(of.flat_map(|(_, series)| series.iter().copied()), grid)
    };
    let halves = vec![half(true), half(false)];
    let levels = instances.into_iter().map(|(name, series)| {
        let known: Vec<f64> = series.into_iter().flatten().flatten().copied().collect();
        let level = known.iter().sum::<f64>() / known.len().max(1) as f64;
        (name, BTreeMap::from([(Column::Query, level)]))
    });
    Found {
        history: Some(history(grid, halves, levels.collect())),
        unsplit: None,
    }
}

/// The levels of the series of each instance in these blocks; why not, where they cannot be told apart.
pub(super) fn each(
    reply: &Result<Reply, QueryError>,
    grid: &Grid,
) -> Result<(&'static str, BTreeMap<String, Vec<Series>>), Unsplit> {
    let series = measured(reply, grid)?;
    let labels: Vec<&Labels> = series.iter().map(|(one, _)| &one.labels).collect();
    let naming = naming_of(&labels).ok_or(Unsplit::NoInstanceLabel)?;
    let mut instances: BTreeMap<String, Vec<Series>> = BTreeMap::new();
    for (one, levels) in series {
        let value = |label: &str| one.labels.get(label).map(String::as_str);
        if let Some(name) = name_of(naming, value) {
            instances.entry(name).or_default().push(levels);
        }
    }
    Ok((naming, instances))
}

/// The series that have a level in any of these blocks, each with its levels; why not, where there are none.
fn measured<'a>(
    reply: &'a Result<Reply, QueryError>,
    grid: &Grid,
) -> Result<Vec<(&'a Returned, Series)>, Unsplit> {
    let answer = match reply {
        Ok(Reply::Answer(answer)) if answer.warnings.is_empty() => answer,
        Ok(Reply::Answer(_) | Reply::Counted(_)) | Err(_) => return Err(Unsplit::NotAnswered),
    };
    let all = answer.series.iter().map(|one| (one, levels(one, grid)));
    let series: Vec<_> = all
        .filter(|(_, levels)| levels.iter().any(Option::is_some))
        .collect();
    if series.is_empty() {
        return Err(Unsplit::NothingBefore);
    }
    Ok(series)
}

fn history(
    grid: &Grid,
    groups: Vec<ArmSeries>,
    instances: BTreeMap<String, BTreeMap<Column, f64>>,
) -> History {
    rounded(History {
        ends: grid.ends().collect(),
        block: grid.block(),
        groups,
        instances: some(instances),
    })
}

/// A series at the ends of the blocks.
fn levels(series: &Returned, grid: &Grid) -> Series {
    let mut levels = vec![None; grid.len()];
    for point in &series.points {
        if let Some(block) = grid.index(point.at_ms) {
            levels[block] = Some(point.value).filter(|value| value.is_finite());
        }
    }
    levels
}

/// The mean of series, in each block of those that are there.
fn mean<'a>(series: impl Iterator<Item = &'a Series>, grid: &Grid) -> ArmSeries {
    let mut sums = vec![(0.0, 0.0); grid.len()];
    for levels in series {
        for ((sum, count), level) in sums.iter_mut().zip(levels) {
            if let Some(level) = level {
                *sum += level;
                *count += 1.0;
            }
        }
    }
    let mean = |(sum, count): (f64, f64)| (count > 0.0).then(|| sum / count);
    ArmSeries {
        columns: BTreeMap::from([(Column::Query, sums.into_iter().map(mean).collect())]),
        buckets: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::answer::{Answer, Point};
    use crate::units::Period;

    const ENDS: [i64; 3] = [300, 600, 900];

    fn grid() -> Grid {
        Grid::of_ends(ENDS[0], ENDS[2], Period::from_minutes(5))
    }

    fn series(labels: &[(&str, &str)], levels: [f64; 3]) -> Returned {
        let labels = labels.iter().map(|(name, value)| (*name, *value));
        let points = ENDS.into_iter().zip(levels);
        Returned {
            labels: labels.map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
            points: points
                .map(|(end, value)| Point {
                    at_ms: end * 1_000,
                    value,
                })
                .collect(),
            histograms: Vec::new(),
        }
    }

    fn found(series: Vec<Returned>, is_split: bool) -> Found {
        let answer = Answer {
            series,
            ..Answer::default()
        };
        read(&Ok(Reply::Answer(answer)), &grid(), is_split)
    }

    fn columns(history: &History) -> Vec<&Series> {
        let of = |group: &'_ ArmSeries| group.columns.contains_key(&Column::Query);
        assert!(history.groups.iter().all(of));
        let groups = history.groups.iter();
        groups
            .filter_map(|group| group.column(Column::Query))
            .collect()
    }

    #[test]
    fn halves_are_means_of_the_series_that_are_there() {
        // `a` is in group 2 and `b` in group 6.
        let found = found(
            vec![
                series(&[("pod", "a"), ("pool", "x")], [1.0, 2.0, f64::NAN]),
                series(&[("pod", "a"), ("pool", "y")], [3.0, 4.0, 5.0]),
                series(&[("pod", "b")], [7.0, f64::NAN, f64::NAN]),
            ],
            true,
        );
        let history = found.history.unwrap();
        let first = vec![Some(2.0), Some(3.0), Some(5.0)];
        let second = vec![Some(7.0), None, None];
        assert_eq!(columns(&history), [&first, &second]);
        assert_eq!(found.unsplit, None);
        let of_a = history.instances["a"][&Column::Query];
        assert!((of_a - 3.0).abs() < 1e-12, "{of_a}");
        assert_eq!(history.level(), None);
    }

    #[test]
    fn where_instances_cannot_be_told_apart_the_level_of_all_is_known_and_it_is_said() {
        let two = || {
            vec![
                series(&[("pool", "x")], [1.0, 2.0, 3.0]),
                series(&[("pool", "y")], [3.0, 4.0, 5.0]),
            ]
        };
        for (series, is_split, why) in [
            (two(), true, Unsplit::NoInstanceLabel),
            (two(), false, Unsplit::OwnQueries),
            (
                vec![series(&[("pod", "a")], [2.0, 3.0, 4.0])],
                true,
                Unsplit::OneInstance,
            ),
        ] {
            let found = found(series, is_split);
            assert_eq!(found.unsplit, Some(why));
            let history = found.history.unwrap();
            let level = vec![Some(2.0), Some(3.0), Some(4.0)];
            assert_eq!(history.level(), Some(&level), "{why:?}");
        }
        let nothing = found(Vec::new(), true);
        assert_eq!(nothing.unsplit, Some(Unsplit::NothingBefore));
        assert_eq!(nothing.history, None);
    }
}
