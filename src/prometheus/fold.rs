//! Answers to blocks. Pure: what was asked and what came back, in; a guardrail's series, out.
//!
//! Every doubt becomes an issue, because an issue voids the evidence and a guess would not.

use crate::plan::{Arms, Column};
use crate::snapshot::{Arm, ArmSeries, EvidenceIssue};

use super::answer::{Answer, Returned};
use super::falls::named;
use super::increments::Counted;
use super::native::{self, Focus, Samples};
use super::query::{Question, Shape, Speaks};
use super::read::{buckets, cumulative, native_points, number, usable};
use super::reply::Reply;
use super::{Grid, QueryError};

/// A question with its answer.
pub(super) type Asked<'a> = (&'a Question, &'a Result<Reply, QueryError>);

/// A column of which an arm has no sample at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Absent<'a> {
    pub(super) question: &'a Question,
    pub(super) arm: Arm,
}

/// What the answers of one guardrail say.
#[derive(Debug, Default)]
pub(super) struct Folded<'a> {
    pub(super) exposed: ArmSeries,
    pub(super) unexposed: ArmSeries,
    pub(super) issues: Vec<EvidenceIssue>,
    pub(super) absent: Vec<Absent<'a>>,
    /// Runs of blocks in which the exposed arm's events were made zeros for want of any series.
    pub(super) assumed: Vec<(i64, i64)>,
}

impl Folded<'_> {
    fn arm(&mut self, arm: Arm) -> &mut ArmSeries {
        match arm {
            Arm::Exposed => &mut self.exposed,
            Arm::Unexposed => &mut self.unexposed,
        }
    }
}

/// Folds the answers of one guardrail. `needed` are the arms that must be there.
pub(super) fn fold<'a>(
    asked: &[Asked<'a>],
    arms: &Arms,
    grid: &Grid,
    needed: &[Arm],
    focus: Option<Focus>,
) -> Folded<'a> {
    let mut folded = Folded::default();
    let mut samples = [Samples::default(), Samples::default()];
    for &(question, answer) in asked {
        let column = question.column;
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => {
                folded.issues.push(EvidenceIssue::NoAnswer {
                    column,
                    error: error.to_string(),
                });
                continue;
            }
        };
        for warning in reply.warnings() {
            folded.issues.push(EvidenceIssue::Incomplete {
                column,
                warning: warning.clone(),
            });
        }
        let answer = match reply {
            Reply::Answer(answer) => answer,
            Reply::Counted(counted) => {
                take_counted(&mut folded, question, counted, grid, needed);
                continue;
            }
        };
        if question.shape == Shape::Overlap {
            folded.issues.extend(overlapping(question, answer, arms));
            continue;
        }
        for arm in arms_of(question) {
            let series: Vec<&Returned> = answer
                .series
                .iter()
                .filter(|series| belongs(series, question.speaks, arm, arms))
                .collect();
            if series
                .iter()
                .all(|s| s.points.is_empty() && s.histograms.is_empty())
            {
                // A start is missing when all series are new.
                if needed.contains(&arm) && question.shape != Shape::NativeStart {
                    folded.absent.push(Absent { question, arm });
                }
                continue;
            }
            let read = match question.shape {
                Shape::Number => number(&series, question.column, grid).map(|(series, doubt)| {
                    folded.arm(arm).columns.insert(question.column, series);
                    doubt
                }),
                // A query of the user's own may give a native histogram of a block's increments.
                Shape::Buckets if series.iter().all(|one| !one.histograms.is_empty()) => {
                    native_points(&series, grid).map(|points| {
                        samples[arm as usize].end = points;
                        None
                    })
                }
                Shape::Overlap => continue,
                Shape::Buckets => buckets(&series, arms, grid).map(|buckets| {
                    folded.arm(arm).buckets = buckets;
                    None
                }),
                Shape::NativeEnd => native_points(&series, grid).map(|points| {
                    samples[arm as usize].end = points;
                    None
                }),
                Shape::NativeStart => native_points(&series, grid).map(|points| {
                    samples[arm as usize].start = points;
                    None
                }),
            };
            match read {
                Ok(None) => {}
                Ok(Some(fault)) | Err(fault) => {
                    folded
                        .issues
                        .push(EvidenceIssue::Unusable { column, arm, fault });
                }
            }
        }
    }
    if let Some(focus) = focus
        && samples.iter().any(|arm| !arm.end.is_empty())
    {
        [folded.exposed.buckets, folded.unexposed.buckets] = native::increments(&samples, focus);
    }
    let mut both = [
        std::mem::take(&mut folded.exposed),
        std::mem::take(&mut folded.unexposed),
    ];
    let filled = settle(&mut both, asked, grid);
    [folded.exposed, folded.unexposed] = both;
    folded.absent.retain(|absent| {
        let filled = filled.iter().any(|one| one.arm == absent.arm as usize);
        absent.question.column != Column::Events || !filled
    });
    let exposed = |filled: &&Filled| filled.arm == Arm::Exposed as usize;
    if let Some(filled) = filled.iter().find(exposed) {
        folded.assumed = runs(&filled.zeros, grid);
    }
    folded
}

/// The increments of a counter that was asked for both arms.
fn take_counted<'a>(
    folded: &mut Folded<'a>,
    question: &'a Question,
    counted: &Counted,
    grid: &Grid,
    needed: &[Arm],
) {
    let column = question.column;
    if let (Some((value, of)), Some(counter)) = (&counted.misplaced, &question.counter) {
        folded.issues.push(EvidenceIssue::InNoOneArm {
            column,
            label: counter.arms.label.clone(),
            value: value.clone(),
            arms: of.clone(),
        });
        return;
    }
    for arm in [Arm::Exposed, Arm::Unexposed] {
        if !counted.has(arm, grid) && counted.fault.is_none() {
            if needed.contains(&arm) {
                folded.absent.push(Absent { question, arm });
            }
            continue;
        }
        let fault = match (&counted.fault, question.shape) {
            (Some(fault), _) => Some(fault.clone()),
            (None, Shape::Buckets) => match cumulative(counted.buckets(arm, grid), grid) {
                Ok(buckets) => {
                    folded.arm(arm).buckets = buckets;
                    None
                }
                Err(fault) => Some(fault),
            },
            (None, Shape::Number | Shape::NativeEnd | Shape::NativeStart | Shape::Overlap) => {
                let (series, fault) = usable(counted.number(arm, grid), column);
                folded.arm(arm).columns.insert(column, series);
                fault
            }
        };
        if let Some(fault) = fault {
            let unusable = EvidenceIssue::Unusable { column, arm, fault };
            folded.issues.push(unusable);
        }
    }
}

/// An arm, or a group of one, whose blocks without a series of events were made zeros.
pub(super) struct Filled {
    /// Its place.
    arm: usize,
    /// The places of those blocks, increasing.
    zeros: Vec<usize>,
}

/// Blocks that follow each other as runs, by the ends of the first and the last.
fn runs(blocks: &[usize], grid: &Grid) -> Vec<(i64, i64)> {
    let ends: Vec<i64> = grid.ends().collect();
    let mut runs: Vec<(i64, i64)> = Vec::new();
    let mut last = None;
    for block in blocks {
        let end = ends[*block];
        match runs.last_mut() {
            Some(run) if last == block.checked_sub(1) => run.1 = end,
            Some(_) | None => runs.push((end, end)),
        }
        last = Some(*block);
    }
    runs
}

/// What several arms, or groups of one, say of each other. Gives those whose events were made zeros.
pub(super) fn settle(arms: &mut [ArmSeries], asked: &[Asked<'_>], grid: &Grid) -> Vec<Filled> {
    forget_a_new_server(arms, asked);
    fill_zeros(arms, asked, grid)
}

/// What is in both arms, of an answer that should be empty.
fn overlapping(question: &Question, answer: &Answer, arms: &Arms) -> Option<EvidenceIssue> {
    let one = answer.series.first()?;
    let (label, value) = match question.selector {
        Some(_) => {
            let value = one.labels.get(&arms.label).cloned();
            (arms.label.clone(), value.unwrap_or_default())
        }
        None => (String::new(), named(&one.labels)),
    };
    Some(EvidenceIssue::InNoOneArm {
        column: question.column,
        label,
        value,
        arms: vec![Arm::Exposed, Arm::Unexposed],
    })
}

fn arms_of(question: &Question) -> Vec<Arm> {
    match question.speaks {
        Speaks::OfBoth => vec![Arm::Exposed, Arm::Unexposed],
        Speaks::Of(arm) => vec![arm],
    }
}

fn belongs(series: &Returned, speaks: Speaks, arm: Arm, arms: &Arms) -> bool {
    match speaks {
        Speaks::Of(_) => true,
        Speaks::OfBoth => {
            // An empty value and no label are the same to Prometheus.
            let value = series.labels.get(&arms.label).map_or("", String::as_str);
            arms.of(arm).matches(value)
        }
    }
}

/// When all arms begin within one block of each other, and not with the stage, it is the server
/// or the label that began, not the applications: the counters' whole values are no increments.
/// Instances are not scraped at the same instant, so that one of them may begin a block later.
fn forget_a_new_server(arms: &mut [ArmSeries], asked: &[Asked<'_>]) {
    if asked
        .iter()
        .any(|(question, _)| question.is_own() || question.column == Column::Query)
    {
        return;
    }
    let beginnings: Option<Vec<usize>> = arms.iter().map(begins).collect();
    let beginnings = beginnings.unwrap_or_default();
    let (Some(&first), Some(&last)) = (beginnings.iter().min(), beginnings.iter().max()) else {
        return;
    };
    if first == 0 || last - first > 1 {
        return;
    }
    for arm in arms {
        let series = arm
            .columns
            .values_mut()
            .chain(arm.buckets.iter_mut().map(|(_, series)| series));
        for value in series.flat_map(|series| series.iter_mut().take(last + 2).skip(first)) {
            *value = None;
        }
    }
}

/// The first block of which anything is known.
fn begins(arm: &ArmSeries) -> Option<usize> {
    arm.columns
        .values()
        .chain(arm.buckets.iter().map(|(_, series)| series))
        .filter_map(|series| series.iter().position(Option::is_some))
        .min()
}

/// Event counters are born with their first event. Where the total is there and events are not,
/// none happened.
///
/// Except when the events of all arms stop together while the totals, which come from another
/// metric, go on: then it is the source of the events that stopped.
fn fill_zeros(arms: &mut [ArmSeries], asked: &[Asked<'_>], grid: &Grid) -> Vec<Filled> {
    let question = |wanted: &[Column]| {
        asked
            .iter()
            .map(|(question, _)| *question)
            .find(|question| wanted.contains(&question.column))
    };
    let (Some(events), Some(total)) = (
        question(&[Column::Events]),
        question(&[Column::Total, Column::Per]),
    ) else {
        return Vec::new();
    };
    if arms.iter().all(|arm| arm.column(Column::Events).is_none()) {
        // Absent in all arms: that may as well be a wrong selector. It stays an issue.
        return Vec::new();
    }
    let same_source = metric_name(events).is_some() && metric_name(events) == metric_name(total);
    let mut had_events = false;
    let trusted: Vec<bool> = (0..grid.len())
        .map(|block| {
            let seen = |arm: &ArmSeries| {
                let series = arm.column(Column::Events);
                series.is_some_and(|series| series[block].is_some())
            };
            let any = arms.iter().any(seen);
            had_events |= any;
            any || same_source || !had_events
        })
        .collect();
    let mut filled = Vec::new();
    for (place, arm) in arms.iter_mut().enumerate() {
        let Some(total) = arm.column(total.column).cloned() else {
            continue;
        };
        let series = arm
            .columns
            .entry(Column::Events)
            .or_insert_with(|| vec![None; grid.len()]);
        let mut zeros = Vec::new();
        for (block, value) in series.iter_mut().enumerate() {
            if value.is_none() && total[block].is_some() && trusted[block] {
                *value = Some(0.0);
                zeros.push(block);
            }
        }
        filled.push(Filled { arm: place, zeros });
    }
    filled
}

/// The metric a selector names before its matchers.
fn metric_name(question: &Question) -> Option<&str> {
    question.selector.as_ref()?.name.as_deref()
}

#[cfg(test)]
mod tests;
