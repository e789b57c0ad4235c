//! The unexposed arm in groups of instances, from counters. Pure.
//!
//! Each series is there by itself, so that its instance is known; [`crate::prometheus::increments`] says which
//! label that is and how groups are made. Where half of the groups have nothing, or no label tells instances
//! apart, there is no history, and nothing is wrong.

use std::collections::BTreeMap;

use crate::plan::Column;
use crate::prometheus::Grid;
use crate::prometheus::fold::{Asked, settle};
use crate::prometheus::increments::{Counted, GROUPS};
use crate::prometheus::read::{cumulative, usable};
use crate::prometheus::reply::Reply;
use crate::snapshot::{Arm, ArmSeries, History, InstanceCounts, Series, SeriesFault, Unsplit};
use crate::units::Digest;

/// Names of instances that are kept; a record is a file in somebody's repository.
const MOST_NAMES: usize = 200;

/// Digits that are kept of a number: far below any noise, and a record stays short.
const DIGITS: usize = 7;

/// The groups that the answers tell of in these blocks.
pub(super) fn read(asked: &[Asked<'_>], grid: &Grid) -> Result<History, Unsplit> {
    let columns = in_groups(sound(asked)?)?;
    let mut groups = raw(&columns, grid);
    // Groups without any instance have begun nothing and stopped nothing.
    let mut filled: Vec<ArmSeries> = Vec::new();
    let places: Vec<usize> = (0..groups.len())
        .filter(|group| !groups[*group].is_empty())
        .collect();
    for place in &places {
        filled.push(std::mem::take(&mut groups[*place]));
    }
    settle(&mut filled, asked, grid);
    for (place, group) in places.into_iter().zip(filled) {
        groups[place] = group;
    }
    let history = History {
        ends: grid.ends().collect(),
        block: grid.block(),
        groups,
        instances: some(instances(&columns, grid)),
    };
    let whole = |half: &ArmSeries| half.columns.len() == columns.len();
    if history.halves().iter().all(whole) {
        Ok(rounded(history))
    } else {
        Err(too_few(&columns, grid))
    }
}

/// The same within a stage; `None` where there are no groups.
pub(in crate::prometheus) fn during(asked: &[Asked<'_>], grid: &Grid) -> Option<History> {
    if grid.is_empty() {
        return None;
    }
    read(asked, grid).ok()
}

/// The same as halves.
pub(super) fn halved(history: History) -> History {
    History {
        groups: history.halves().into(),
        ..history
    }
}

/// The halves of a histogram's buckets.
pub(super) fn read_buckets(asked: &[Asked<'_>], grid: &Grid) -> Result<History, Unsplit> {
    let columns = in_groups(sound(asked)?)?;
    let is_seen = |buckets: &[(f64, Series)]| {
        let mut values = buckets.iter().flat_map(|(_, series)| series);
        values.any(Option::is_some)
    };
    // A group without any count in these blocks is no group.
    let group = |group: usize| {
        let counted = columns.iter().map(|(_, counted)| counted);
        let buckets: Vec<_> = counted
            .flat_map(|counted| counted.buckets_of_group(group, grid))
            .collect();
        if is_seen(&buckets) {
            buckets
        } else {
            Vec::new()
        }
    };
    let half = |buckets| ArmSeries {
        columns: BTreeMap::new(),
        buckets,
    };
    let history = History {
        ends: grid.ends().collect(),
        block: grid.block(),
        groups: (0..GROUPS).map(|place| half(group(place))).collect(),
        instances: some(instances(&columns, grid)),
    };
    let whole = |half: ArmSeries| -> Result<Vec<(f64, Series)>, Unsplit> {
        if half.is_empty() {
            return Err(too_few(&columns, grid));
        }
        let counts = cumulative(half.buckets, grid).ok();
        let counts = counts.filter(|counts| is_seen(counts));
        counts.ok_or(Unsplit::NotAnswered)
    };
    let [first, second] = history.halves();
    let (mut first, mut second) = (whole(first)?, whole(second)?);
    let has = |half: &[(f64, Series)], bound: f64| {
        half.iter()
            .any(|(known, _)| known.total_cmp(&bound).is_eq())
    };
    first.retain(|(bound, _)| has(&second, *bound));
    second.retain(|(bound, _)| has(&first, *bound));
    Ok(rounded(History {
        groups: vec![half(first), half(second)],
        ..history
    }))
}

/// The columns with what was counted; why not, where anything is doubtful.
pub(super) fn sound<'a>(asked: &[Asked<'a>]) -> Result<Vec<(Column, &'a Counted)>, Unsplit> {
    let columns: Option<Vec<(Column, &Counted)>> = asked
        .iter()
        .map(|(question, reply)| Some((question.column, counted(reply)?)))
        .collect();
    let columns = columns.filter(|columns| !columns.is_empty());
    let columns = columns.ok_or(Unsplit::NotAnswered)?;
    for (_, counted) in &columns {
        match &counted.fault {
            Some(SeriesFault::NativeHistogram) => return Err(Unsplit::NativeHistogram),
            Some(_) => return Err(Unsplit::NotAnswered),
            None if !counted.warnings.is_empty() => return Err(Unsplit::NotAnswered),
            None => {}
        }
    }
    Ok(columns)
}

/// The same, where all of it was counted in groups, too.
fn in_groups(columns: Vec<(Column, &Counted)>) -> Result<Vec<(Column, &Counted)>, Unsplit> {
    if columns.iter().all(|(_, counted)| counted.has_groups()) {
        Ok(columns)
    } else {
        Err(Unsplit::NotAnswered)
    }
}

/// Why there are no two halves.
pub(super) fn too_few(columns: &[(Column, &Counted)], grid: &Grid) -> Unsplit {
    let is_there = |counted: &Counted| counted.has(Arm::Unexposed, grid);
    if !columns.iter().any(|(_, counted)| is_there(counted)) {
        return Unsplit::NothingBefore;
    }
    if columns.iter().all(|(_, counted)| counted.naming.is_none()) {
        return Unsplit::NoInstanceLabel;
    }
    Unsplit::OneInstance
}

/// Each group's columns in these blocks.
fn raw(columns: &[(Column, &Counted)], grid: &Grid) -> Vec<ArmSeries> {
    let of = |group: usize| ArmSeries {
        columns: columns
            .iter()
            .filter_map(|(column, counted)| {
                Some((*column, usable(counted.group(group, grid)?, *column).0))
            })
            .collect(),
        buckets: Vec::new(),
    };
    (0..GROUPS).map(of).collect()
}

/// Numbers short enough to be kept.
pub(super) fn rounded(mut history: History) -> History {
    for group in &mut history.groups {
        let columns = group.columns.values_mut();
        let buckets = group.buckets.iter_mut().map(|(_, series)| series);
        for value in columns.chain(buckets).flatten().flatten() {
            *value = in_short(*value);
        }
    }
    for sum in history
        .instances
        .values_mut()
        .flat_map(BTreeMap::values_mut)
    {
        *sum = in_short(*sum);
    }
    history
}

/// A number to seven digits. Whole numbers stay as they are: events are counted one by one.
fn in_short(value: f64) -> f64 {
    if value.fract() == 0.0 {
        return value;
    }
    let text = format!("{value:.*e}", DIGITS - 1);
    text.parse().unwrap_or(value)
}

/// What each instance adds up to, by name and column.
type InstanceSums = BTreeMap<String, BTreeMap<Column, f64>>;

/// What each instance adds up to in these blocks.
fn instances(columns: &[(Column, &Counted)], part: &Grid) -> InstanceSums {
    let mut sums = InstanceSums::new();
    for (column, counted) in columns {
        for (name, sum) in counted.instances(part) {
            let of = sums.entry(name.clone()).or_default();
            of.insert(*column, *sum);
        }
    }
    sums
}

/// Some of them, where there are many: those whose names have the smallest digests, so that some of all
/// are some of these.
pub(super) fn some(sums: InstanceSums) -> InstanceSums {
    if sums.len() <= MOST_NAMES {
        return sums;
    }
    let mut named: Vec<_> = sums.into_iter().collect();
    named.sort_by_cached_key(|(name, _)| Digest::of(name.as_bytes()));
    named.truncate(MOST_NAMES);
    named.into_iter().collect()
}

/// How many instances each arm has had in these blocks; `None` where no label tells them apart.
pub(in crate::prometheus) fn counts(asked: &[Asked<'_>], grid: &Grid) -> Option<InstanceCounts> {
    let seen = || asked.iter().filter_map(|(_, reply)| counted(reply));
    let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let most = |arm: Arm| {
        let count = seen().map(|counted| counted.instances_of(arm, grid)).max();
        whole(count.unwrap_or(0))
    };
    let label = seen().find_map(|counted| counted.naming)?;
    let counts = InstanceCounts {
        exposed: most(Arm::Exposed),
        unexposed: most(Arm::Unexposed),
        shared: seen().map(|counted| counted.shared(grid)).max().map(whole),
        label: Some(label.to_owned()),
    };
    (counts.exposed + counts.unexposed > 0).then_some(counts)
}

fn counted(reply: &Result<Reply, crate::prometheus::QueryError>) -> Option<&Counted> {
    match reply {
        Ok(Reply::Counted(counted)) => Some(counted),
        Ok(Reply::Answer(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selector;
    use crate::prometheus::query::{Question, Shape, Speaks};
    use crate::units::Period;

    #[test]
    fn some_names_of_all_are_some_of_those_before() {
        let sums = |names: std::ops::Range<usize>| -> InstanceSums {
            names
                .map(|k| (format!("pod-{k}"), [(Column::Total, 1.0)].into()))
                .collect()
        };
        let all = some(sums(0..900));
        let some_of_some: InstanceSums = {
            let mut first = some(sums(0..500));
            first.extend(sums(500..900));
            some(first)
        };
        assert_eq!(all.len(), MOST_NAMES);
        assert_eq!(all, some_of_some);
    }

    #[test]
    fn counts_stay_and_fractions_are_short() {
        for (value, short) in [
            (123_456_789.0, 123_456_789.0),
            (0.123_456_789, 0.123_456_8),
            (98_765.432_1, 98_765.43),
            (-0.000_012_345_678_9, -0.000_012_345_68),
        ] {
            assert_eq!(in_short(value).to_bits(), f64::to_bits(short), "{value}");
        }
    }

    const END: i64 = 1_700_000_100;

    /// What is read of a histogram whose groups count so much up to a bound of one second, and in all.
    fn histogram(groups: [[f64; 2]; GROUPS]) -> Result<History, Unsplit> {
        let block = Period::from_minutes(5);
        let grid = Grid::of_ends(END, END + 11 * 300, block);
        let group = |[below, all]: [f64; 2]| {
            let counts = [(1.0, below), (f64::INFINITY, all)];
            counts
                .map(|(bound, count)| (bound, vec![count; 12]))
                .to_vec()
        };
        let counted = Counted::of_groups(&grid, groups.map(group));
        let selector = Selector::parse("seconds_bucket").unwrap();
        let question = Question {
            column: Column::Histogram,
            speaks: Speaks::Of(Arm::Unexposed),
            shape: Shape::Buckets,
            text: "".into(),
            selector: Some(selector.vector().clone().into()),
            counter: None,
        };
        read_buckets(
            &[(&question, &Ok(Reply::Counted(Box::new(counted))))],
            &grid,
        )
    }

    #[test]
    fn a_half_of_a_histogram_that_counts_nothing_is_none() {
        const NOTHING: [f64; 2] = [f64::NAN; 2];
        let mut groups = [NOTHING; GROUPS];
        assert_eq!(histogram(groups), Err(Unsplit::NothingBefore));
        groups[1] = [90.0, 100.0];
        assert_eq!(histogram(groups), Err(Unsplit::OneInstance));
        // The series of the other half are there, and all that they say is missing.
        groups[3] = [45.0, 50.0];
        let halves = histogram(groups).unwrap().groups;
        let counts = |half: &ArmSeries| half.buckets[1].1[0];
        assert_eq!(
            halves.iter().map(counts).collect::<Vec<_>>(),
            [Some(100.0), Some(50.0)]
        );
    }

    #[test]
    fn a_histogram_that_cannot_be_read_is_not_one_of_a_time_before_all() {
        let mut groups = [[90.0, 100.0]; GROUPS];
        groups[0] = [900.0, 100.0];
        assert_eq!(histogram(groups), Err(Unsplit::NotAnswered));
        groups[0] = [f64::NAN, 100.0];
        assert!(histogram(groups).is_ok());
    }
}
