//! The unexposed arm in groups of instances: an A/A test for free, before the stage and during it. Pure.
//!
//! It comes with the same questions as the stage: each series is there by itself, so that its instance is
//! known; [`super::increments`] says which label that is and how groups are made. Where half of the groups
//! have nothing, or no label tells instances apart, there is no history, and nothing is wrong.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::plan::{Column, Guardrail, Kind};
use crate::snapshot::{Arm, ArmSeries, History, InstanceCounts};
use crate::units::{Instant, Period};

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

/// The blocks that are asked about.
pub(super) fn grid(entered_at: Instant, now: Instant, block: Period) -> Grid {
    let span: TimeDelta = Period::from_seconds(block.seconds().saturating_mul(BLOCKS)).delta();
    Grid::new(entered_at - span, now.min(entered_at + span), block)
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

/// What the answers say; `None` where either half has nothing or anything is doubtful.
pub(super) fn read(asked: &[Asked<'_>], grid: &Grid) -> Option<History> {
    let columns: Vec<(Column, &Counted)> = asked
        .iter()
        .map(|(question, reply)| Some((question.column, counted(reply)?)))
        .collect::<Option<_>>()?;
    let sound = |counted: &Counted| counted.has_groups() && counted.warnings.is_empty();
    if columns.is_empty() || !columns.iter().all(|(_, counted)| sound(counted)) {
        return None;
    }
    let mut groups: Vec<ArmSeries> = (0..GROUPS)
        .map(|group| ArmSeries {
            columns: columns
                .iter()
                .filter_map(|(column, counted)| {
                    Some((*column, usable(counted.group(group, grid)?, *column).0))
                })
                .collect(),
            buckets: Vec::new(),
        })
        .collect();
    // Groups without any instance have begun nothing and stopped nothing.
    let mut filled: Vec<ArmSeries> = Vec::new();
    let places: Vec<usize> = (0..GROUPS)
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
        groups,
        instances: instances(&columns),
    };
    let whole = |half: &ArmSeries| half.columns.len() == columns.len();
    history.halves().iter().all(whole).then_some(history)
}

/// What each instance adds up to, by column.
fn instances(columns: &[(Column, &Counted)]) -> BTreeMap<String, BTreeMap<Column, f64>> {
    let names: BTreeSet<&String> = columns
        .iter()
        .flat_map(|(_, counted)| counted.instances().keys())
        .collect();
    let step = names.len().div_ceil(MOST_NAMES).max(1);
    names
        .into_iter()
        .step_by(step)
        .map(|name| {
            let sum = |(column, counted): &(Column, &Counted)| {
                Some((*column, *counted.instances().get(name)?))
            };
            (name.clone(), columns.iter().filter_map(sum).collect())
        })
        .collect()
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
        assert_eq!(grid(at(10 * day), at(10 * day + 600), block).len(), 290);
        assert_eq!(grid(at(10 * day), at(19 * day), block).len(), 576);
    }
}
