//! What was answered of each instance, put together by slot. Pure.

use std::collections::BTreeMap;

use crate::plan::Column;
use crate::prometheus::Grid;
use crate::prometheus::fold::{Asked, settle};
use crate::prometheus::increments::Counted;
use crate::prometheus::read::{cumulative, usable};
use crate::prometheus::reply::Reply;
use crate::snapshot::{ArmSeries, InstanceSums, Series, SlotSeries, Unsplit};

use super::groups::{sound, too_few};
use super::level;
use super::slots::Lives;
use super::wanted::{How, Wanted};

/// The slot of each instance by name, and how many there are.
type Slots<'a> = (&'a BTreeMap<String, usize>, usize);

/// What each instance of a counter has counted in each block.
type Columns<'a> = [(Column, &'a Counted)];

/// When each instance that the answers tell of was there.
pub(super) fn lives_of(asked: &[Asked<'_>], grid: &Grid) -> Lives {
    let mut lives = Lives::new();
    let mut note = |name: &str, first: i64, last: i64| {
        let life = lives.entry(name.to_owned()).or_insert((first, last));
        *life = (life.0.min(first), life.1.max(last));
    };
    for (_, reply) in asked {
        match reply {
            Ok(Reply::Counted(counted)) => {
                for (group, name) in counted.names.iter().enumerate() {
                    if let Some((first, last)) = counted.life(group) {
                        note(name, first, last);
                    }
                }
            }
            Ok(Reply::Answer(_)) => {
                let ends: Vec<i64> = grid.ends().collect();
                let known = |series: &Vec<Series>, place: usize| {
                    series.iter().any(|one| one[place].is_some())
                };
                let Ok((_, instances)) = level::each(reply, grid) else {
                    continue;
                };
                for (name, series) in &instances {
                    let mut places = 0..ends.len();
                    if let Some(first) = places.find(|place| known(series, *place)) {
                        let last = places.rfind(|place| known(series, *place));
                        note(name, ends[first], ends[last.unwrap_or(first)]);
                    }
                }
            }
            Err(_) => {}
        }
    }
    lives
}

/// The label by which the answers tell instances apart.
pub(super) fn naming_of(asked: &[Asked<'_>], grid: &Grid) -> Option<&'static str> {
    asked.iter().find_map(|(_, reply)| match reply {
        Ok(Reply::Counted(counted)) => counted.naming,
        Ok(Reply::Answer(_)) => level::each(reply, grid).ok().map(|(naming, _)| naming),
        Err(_) => None,
    })
}

/// The series of each slot, or why there are none: fewer than two slots make no two arms.
pub(super) fn filled(
    wanted: &Wanted,
    asked: &[Asked<'_>],
    slots: Slots<'_>,
) -> Result<SlotSeries, Unsplit> {
    let grid = &wanted.grid;
    if grid.is_empty() {
        return Err(Unsplit::NothingBefore);
    }
    match &wanted.how {
        How::Unsplit(why) => Err(*why),
        How::Level(_) => Err(Unsplit::OwnQueries),
        How::Groups(_) | How::Halves(_) => counts(asked, grid, slots),
        How::Buckets(..) => buckets(asked, grid, slots),
        How::Levels(_) => levels(asked, grid, slots),
    }
}

fn counts(asked: &[Asked<'_>], grid: &Grid, slots: Slots<'_>) -> Result<SlotSeries, Unsplit> {
    let columns = sound(asked)?;
    let (of, count) = slots;
    let mut filled = vec![ArmSeries::default(); count];
    for (column, counted) in &columns {
        for (group, name) in counted.names.iter().enumerate() {
            let (Some(slot), Some(series)) = (of.get(name), counted.group(group, grid)) else {
                continue;
            };
            let (series, _) = usable(series, *column);
            let sum = filled[*slot].columns.entry(*column);
            add(sum.or_insert_with(|| vec![None; grid.len()]), &series);
        }
    }
    // Slots without any instance have begun nothing and stopped nothing.
    let is_there = |slot: &usize| !filled[*slot].is_empty();
    let there: Vec<usize> = (0..count).filter(is_there).collect();
    let mut used: Vec<ArmSeries> = there
        .iter()
        .map(|slot| std::mem::take(&mut filled[*slot]))
        .collect();
    settle(&mut used, asked, grid);
    let whole = used.iter().filter(|one| one.columns.len() == columns.len());
    if whole.count() < 2 {
        return Err(too_few(&columns, grid));
    }
    for (slot, series) in there.into_iter().zip(used) {
        filled[slot] = series;
    }
    Ok(SlotSeries {
        slots: filled,
        instances: instances(&columns, grid, of),
        scrape_seconds: None,
    })
}

fn buckets(asked: &[Asked<'_>], grid: &Grid, slots: Slots<'_>) -> Result<SlotSeries, Unsplit> {
    let columns = sound(asked)?;
    let (of, count) = slots;
    let mut sums: Vec<Vec<(f64, Series)>> = vec![Vec::new(); count];
    for (_, counted) in &columns {
        for (group, name) in counted.names.iter().enumerate() {
            let Some(slot) = of.get(name) else {
                continue;
            };
            for (bound, series) in counted.buckets_of_group(group, grid) {
                let known = &mut sums[*slot];
                match known
                    .iter_mut()
                    .find(|(one, _)| one.total_cmp(&bound).is_eq())
                {
                    Some((_, sum)) => add(sum, &series),
                    None => known.push((bound, series)),
                }
            }
        }
    }
    let read = |mut buckets: Vec<(f64, Series)>| {
        buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        cumulative(buckets, grid).unwrap_or_default()
    };
    let mut filled: Vec<Vec<(f64, Series)>> = sums.into_iter().map(read).collect();
    // Arms are compared at bounds that both have.
    let bounds: Vec<f64> = filled
        .iter()
        .filter(|buckets| !buckets.is_empty())
        .map(|buckets| {
            buckets
                .iter()
                .map(|(bound, _)| *bound)
                .collect::<Vec<f64>>()
        })
        .reduce(|common, of| {
            let has = |bound: &f64| of.iter().any(|one| one.total_cmp(bound).is_eq());
            common.into_iter().filter(has).collect()
        })
        .unwrap_or_default();
    let is_common = |bound: f64| bounds.iter().any(|one| one.total_cmp(&bound).is_eq());
    for buckets in &mut filled {
        buckets.retain(|(bound, _)| is_common(*bound));
    }
    if filled.iter().filter(|buckets| !buckets.is_empty()).count() < 2 {
        return Err(too_few(&columns, grid));
    }
    let slots = filled.into_iter().map(|buckets| ArmSeries {
        columns: BTreeMap::new(),
        buckets,
    });
    Ok(SlotSeries {
        slots: slots.collect(),
        ..SlotSeries::default()
    })
}

fn levels(asked: &[Asked<'_>], grid: &Grid, slots: Slots<'_>) -> Result<SlotSeries, Unsplit> {
    let (_, reply) = asked.first().ok_or(Unsplit::NotAnswered)?;
    let (_, instances) = level::each(reply, grid)?;
    let (of, count) = slots;
    let mut filled = vec![ArmSeries::default(); count];
    for (name, series) in &instances {
        let Some(slot) = of.get(name) else {
            continue;
        };
        for series in series {
            let ones = series.iter().map(|level| level.map(|_| 1.0)).collect();
            for (column, series) in [(Column::Sum, series), (Column::Count, &ones)] {
                let sum = filled[*slot].columns.entry(column);
                add(sum.or_insert_with(|| vec![None; grid.len()]), series);
            }
        }
    }
    if filled.iter().filter(|slot| !slot.is_empty()).count() < 2 {
        return Err(Unsplit::OneInstance);
    }
    Ok(SlotSeries {
        slots: filled,
        ..SlotSeries::default()
    })
}

/// What each instance has counted, by runs of blocks.
fn instances(
    columns: &Columns<'_>,
    grid: &Grid,
    of: &BTreeMap<String, usize>,
) -> Vec<InstanceSums> {
    let mut found: BTreeMap<&String, InstanceSums> = BTreeMap::new();
    for (column, counted) in columns {
        for (group, name) in counted.names.iter().enumerate() {
            let (Some(slot), Some(series)) = (of.get(name), counted.group(group, grid)) else {
                continue;
            };
            let runs = series.chunks(InstanceSums::RUN);
            let runs = runs.map(|run| run.iter().flatten().sum()).collect();
            let sums = found.entry(name).or_insert_with(|| InstanceSums {
                name: name.clone(),
                slot: *slot,
                runs: BTreeMap::new(),
            });
            sums.runs.insert(*column, runs);
        }
    }
    found.into_values().collect()
}

/// A block is there where it is in any of them.
fn add(sum: &mut Series, more: &Series) {
    for (sum, value) in sum.iter_mut().zip(more) {
        *sum = match (*sum, *value) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
    }
}
