//! Answers to blocks. Pure: what was asked and what came back, in; a guardrail's series, out.
//!
//! Every doubt becomes an issue, because an issue voids the evidence and a guess would not.

use crate::plan::{Arms, Column};
use crate::snapshot::{Arm, ArmSeries, EvidenceIssue};

use super::answer::{Answer, Returned};
use super::native::{self, Focus, Samples};
use super::query::{Question, Shape, Speaks};
use super::read::{buckets, native_points, number};
use super::{Grid, QueryError};

/// A question with its answer.
pub(super) type Asked<'a> = (&'a Question, &'a Result<Answer, QueryError>);

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
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                folded.issues.push(EvidenceIssue::NoAnswer {
                    column,
                    error: error.to_string(),
                });
                continue;
            }
        };
        for warning in &answer.warnings {
            folded.issues.push(EvidenceIssue::Incomplete {
                column,
                warning: warning.clone(),
            });
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
    forget_a_new_server(&mut folded, asked);
    fill_zeros(&mut folded, asked, grid);
    folded
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
            let value = match arm {
                Arm::Exposed => &arms.exposed,
                Arm::Unexposed => &arms.unexposed,
            };
            // An empty value and no label are the same to Prometheus.
            series.labels.get(&arms.label).map_or("", String::as_str) == value
        }
    }
}

/// When both arms begin within one block of each other, and not with the stage, it is the server
/// or the label that began, not the applications: the counters' whole values are no increments.
/// Instances are not scraped at the same instant, so that one of them may begin a block later.
fn forget_a_new_server(folded: &mut Folded<'_>, asked: &[Asked<'_>]) {
    if asked
        .iter()
        .any(|(question, _)| question.speaks != Speaks::OfBoth || question.column == Column::Query)
    {
        return;
    }
    let (Some(exposed), Some(unexposed)) = (begins(&folded.exposed), begins(&folded.unexposed))
    else {
        return;
    };
    let (first, last) = (exposed.min(unexposed), exposed.max(unexposed));
    if first == 0 || last - first > 1 {
        return;
    }
    for arm in [&mut folded.exposed, &mut folded.unexposed] {
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
/// Except when the events of both arms stop together while the totals, which come from another
/// metric, go on: then it is the source of the events that stopped.
fn fill_zeros(folded: &mut Folded<'_>, asked: &[Asked<'_>], grid: &Grid) {
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
        return;
    };
    let column = |arm: &ArmSeries, column: Column| arm.column(column).cloned();
    let seen = [
        column(&folded.exposed, Column::Events),
        column(&folded.unexposed, Column::Events),
    ];
    if seen.iter().all(Option::is_none) {
        // Absent in both arms: that may as well be a wrong selector. It stays an issue.
        return;
    }
    let same_source = metric_name(events).is_some() && metric_name(events) == metric_name(total);
    let mut had_events = false;
    let trusted: Vec<bool> = (0..grid.len())
        .map(|block| {
            let any = seen.iter().flatten().any(|series| series[block].is_some());
            had_events |= any;
            any || same_source || !had_events
        })
        .collect();
    for arm in [Arm::Exposed, Arm::Unexposed] {
        let Some(total) = column(folded.arm(arm), total.column) else {
            continue;
        };
        let series = folded
            .arm(arm)
            .columns
            .entry(Column::Events)
            .or_insert_with(|| vec![None; grid.len()]);
        for (block, value) in series.iter_mut().enumerate() {
            if value.is_none() && total[block].is_some() && trusted[block] {
                *value = Some(0.0);
            }
        }
        folded
            .absent
            .retain(|absent| absent.arm != arm || absent.question.column != Column::Events);
    }
}

/// The metric a selector names before its matchers.
fn metric_name(question: &Question) -> Option<&str> {
    question.selector.as_ref()?.name.as_deref()
}

#[cfg(test)]
mod tests;
