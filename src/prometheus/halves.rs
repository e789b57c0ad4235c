//! The unexposed arm in groups of instances: an A/A test for free, before the stage and during it. Pure.
//!
//! It comes with the same questions as the stage: each series is there by itself, so that its instance is
//! known; [`super::increments`] says which label that is and how groups are made. Where half of the groups
//! have nothing, or no label tells instances apart, there is no history, and nothing is wrong.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::plan::{Column, Guardrail, Kind};
use crate::snapshot::{Arm, ArmSeries, History, InstanceCounts};
use crate::units::{Digest, Instant, Period};

use super::Grid;
use super::fold::{Asked, settle};
use super::increments::{Counted, GROUPS};
use super::query::Question;
use super::read::usable;
use super::reply::Reply;

/// Blocks before the stage, and as many of the stage at most: a day and its cycle in the usual
/// blocks of 5 minutes, and a bound on what is asked and kept.
const BLOCKS: u32 = 288;

/// Names of instances that are kept; a record is a file in somebody's repository.
const MOST_NAMES: usize = 200;

/// What is asked when a stage is entered ends so long before: scrapes and remote writes of the last
/// minute may be on their way, and what is read from a record later must be what the server says then.
const SETTLE: TimeDelta = TimeDelta::seconds(60);

/// The blocks of the past of one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pasts {
    /// All of them.
    pub(super) whole: Grid,
    /// Those that do not change any more from when the stage is entered.
    pub(super) before: Grid,
    /// The others.
    pub(super) during: Grid,
}

impl Pasts {
    /// The blocks that are asked about.
    pub(super) fn of(entered_at: Instant, now: Instant, block: Period) -> Self {
        let span: TimeDelta = Period::from_seconds(block.seconds().saturating_mul(BLOCKS)).delta();
        let whole = Grid::new(entered_at - span, now.min(entered_at + span), block);
        let before = Grid::new(entered_at - span, now.min(entered_at - SETTLE), block);
        Self {
            whole,
            before,
            during: whole.after(&before),
        }
    }
}

/// Whether the past of a guardrail is asked about: of those whose dispersion matters, events against a
/// total in both arms.
pub(super) fn is_wanted(guardrail: &Guardrail, questions: &[Question]) -> bool {
    match guardrail.metric.kind {
        Kind::Ratio { .. } | Kind::Rate { .. } => {
            !questions.is_empty() && questions.iter().all(|one| one.counter.is_some())
        }
        Kind::Latency { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => false,
    }
}

/// What the answers say, after what is known of the time before the stage; `None` where either half has
/// nothing or anything is doubtful.
pub(super) fn read(asked: &[Asked<'_>], pasts: &Pasts, known: Option<&History>) -> Option<History> {
    let columns = sound(asked)?;
    let (mut groups, before) = match known {
        None => (
            raw(&columns, &pasts.whole),
            instances(&columns, &pasts.before),
        ),
        Some(known) => {
            let during = raw(&columns, &pasts.during);
            let before = known.groups.iter().zip(during);
            let joined = before.map(|(before, during)| join(before, during, pasts));
            (joined.collect(), known.instances.clone())
        }
    };
    // Groups without any instance have begun nothing and stopped nothing.
    let mut filled: Vec<ArmSeries> = Vec::new();
    let places: Vec<usize> = (0..groups.len())
        .filter(|group| !groups[*group].is_empty())
        .collect();
    for place in &places {
        filled.push(std::mem::take(&mut groups[*place]));
    }
    settle(&mut filled, asked, &pasts.whole);
    for (place, group) in places.into_iter().zip(filled) {
        groups[place] = group;
    }
    let history = History {
        ends: pasts.whole.ends().collect(),
        block: pasts.whole.block(),
        groups,
        instances: some(added(before, instances(&columns, &pasts.during))),
    };
    let whole = |half: &ArmSeries| half.columns.len() == columns.len();
    history.halves().iter().all(whole).then_some(history)
}

/// What the answers say of these blocks, as it came; `None` where anything is doubtful.
pub(super) fn read_raw(asked: &[Asked<'_>], grid: &Grid) -> Option<History> {
    let columns = sound(asked)?;
    Some(History {
        ends: grid.ends().collect(),
        block: grid.block(),
        groups: raw(&columns, grid),
        instances: some(instances(&columns, grid)),
    })
}

/// The columns with what was counted; `None` where anything is doubtful.
fn sound<'a>(asked: &[Asked<'a>]) -> Option<Vec<(Column, &'a Counted)>> {
    let columns: Vec<(Column, &Counted)> = asked
        .iter()
        .map(|(question, reply)| Some((question.column, counted(reply)?)))
        .collect::<Option<_>>()?;
    let sound = |counted: &Counted| counted.has_groups() && counted.warnings.is_empty();
    let all = columns.iter().all(|(_, counted)| sound(counted));
    (!columns.is_empty() && all).then_some(columns)
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

/// The blocks of a group before the stage and during it, one after the other.
fn join(before: &ArmSeries, mut during: ArmSeries, pasts: &Pasts) -> ArmSeries {
    let keys: BTreeSet<Column> = before
        .columns
        .keys()
        .chain(during.columns.keys())
        .copied()
        .collect();
    let joined = keys.into_iter().map(|column| {
        let early = before.column(column).cloned();
        let mut series = early.unwrap_or_else(|| vec![None; pasts.before.len()]);
        match during.columns.remove(&column) {
            Some(late) => series.extend(late),
            None => series.resize(pasts.whole.len(), None),
        }
        (column, series)
    });
    ArmSeries {
        columns: joined.collect(),
        buckets: Vec::new(),
    }
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

fn added(mut sums: InstanceSums, more: InstanceSums) -> InstanceSums {
    for (name, columns) in more {
        let known = sums.entry(name).or_default();
        for (column, sum) in columns {
            *known.entry(column).or_default() += sum;
        }
    }
    sums
}

/// Some of them, where there are many: those whose names have the smallest digests, so that some of all
/// are some of these.
fn some(sums: InstanceSums) -> InstanceSums {
    if sums.len() <= MOST_NAMES {
        return sums;
    }
    let mut named: Vec<_> = sums.into_iter().collect();
    named.sort_by_cached_key(|(name, _)| Digest::of(name.as_bytes()));
    named.truncate(MOST_NAMES);
    named.into_iter().collect()
}

/// How many instances each arm has had in these blocks; `None` where no label tells them apart.
pub(super) fn counts(asked: &[Asked<'_>], grid: &Grid) -> Option<InstanceCounts> {
    let most = |arm: Arm| {
        let seen = asked.iter().filter_map(|(_, reply)| counted(reply));
        let count = seen.map(|counted| counted.instances_of(arm, grid)).max();
        u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX)
    };
    let counts = InstanceCounts {
        exposed: most(Arm::Exposed),
        unexposed: most(Arm::Unexposed),
        ..InstanceCounts::default()
    };
    (counts != InstanceCounts::default()).then_some(counts)
}

fn counted(reply: &Result<Reply, super::QueryError>) -> Option<&Counted> {
    match reply {
        Ok(Reply::Counted(counted)) => Some(counted),
        Ok(Reply::Answer(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_before_the_stage_and_a_day_of_it_are_asked_about() {
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let day = 86_400;
        let block = Period::from_minutes(5);
        let early = Pasts::of(at(10 * day), at(10 * day + 600), block);
        assert_eq!(early.whole.len(), 290);
        let late = Pasts::of(at(10 * day), at(19 * day), block);
        assert_eq!(late.whole.len(), 576);
        // The last block before the stage is not settled when the stage is entered.
        for pasts in [early, late] {
            assert_eq!(pasts.before.len(), 287);
            assert_eq!(pasts.before.last(), Some(10 * day - 300));
            assert_eq!(pasts.during.first(), 10 * day);
            assert_eq!(pasts.during.last(), pasts.whole.last());
        }
        let within = Pasts::of(at(10 * day + 100), at(10 * day + 900), block);
        assert_eq!(within.before.last(), Some(10 * day));
        assert_eq!(within.during.len(), 3);
    }

    #[test]
    fn some_names_of_all_are_some_of_those_before() {
        let sums = |names: std::ops::Range<usize>| -> InstanceSums {
            names
                .map(|k| (format!("pod-{k}"), [(Column::Total, 1.0)].into()))
                .collect()
        };
        let all = some(added(sums(0..500), sums(400..900)));
        let later = some(added(some(sums(0..500)), sums(400..900)));
        assert_eq!(all.len(), MOST_NAMES);
        assert_eq!(all, later);
    }
}
