//! Plans to PromQL. Pure.
//!
//! Counters are asked for as [`super::increments`] says.
//!
//! # Increments in queries of somebody's own
//!
//! `$increments(S)` becomes one expression that knows births and resets, of each series:
//!
//! ```text
//! (S - P) >= 0 or (S >= -Inf unless (L unless P >= -Inf))
//!     P = last_over_time(S[1h] offset 5m)            the series one block ago
//!     L = present_over_time(S[1d:10m] offset 5m)     was it there within the last day?
//! ```
//!
//! It costs five times as much as `increase`. Of a process that restarts it counts what is there at the
//! end of the block: in a crash loop less than `increase` does, and nothing of a series that goes with a
//! restart and comes back with the same value.
//!
//! # Exact increments of native histograms
//!
//! Prometheus 2.42 silently makes zeros of native histograms in differences, in `last_over_time`
//! and in `label_replace`; sums, offsets and set operations work everywhere. So two sums are asked
//! for and subtracted here:
//!
//! ```text
//! sum by (variant) (S unless (L unless S offset 5m))
//! sum by (variant) (S offset 5m and (histogram_count(S) >= histogram_count(S offset 5m)))
//! ```
//!
//! A series that was missing one block ago gives nothing, where a counter's would give what
//! happened meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::plan::{
    ArmQuery, Arms, Column, Guardrail, Kind, Plan, Selector, Source, VectorSelector,
};
use crate::snapshot::Arm;
use crate::units::Period;

use super::block_of;
use super::increments::{Counter, at_ends};
use super::selector::label_name;

/// An absent series is looked for this far back: a scrape outage up to this long loses nothing.
const LOOKBACK: Period = Period::from_hours(1);

/// A series absent for the look-back, but seen within this, is no birth.
const MEMORY: Period = Period::from_hours(24);

/// A gauge without a sample for so long is taken for gone.
const SAMPLED_WITHIN: Period = Period::from_minutes(2);

/// Under which name the assignment appears among the guardrails' queries.
const ASSIGNMENT: &str = "assignment";

/// Whom an answer speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    /// Both arms, told apart by their label.
    OfBoth,
    /// One arm.
    Of(Arm),
}

/// What a question's answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One series an arm.
    Number,
    /// One series an arm and `le`.
    Buckets,
    /// One native histogram an arm: the sum at the end of the block.
    NativeEnd,
    /// One native histogram an arm: what the series that go on were one block before.
    NativeStart,
    /// Series that are in both arms: there should be none.
    Overlap,
}

/// One query and how to read its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) column: Column,
    pub(super) speaks: Speaks,
    pub(super) shape: Shape,
    /// PromQL.
    pub(super) text: Arc<str>,
    /// The selector without the arms' label, to find out what is there when nothing came back.
    pub(super) selector: Option<Arc<VectorSelector>>,
    /// The counter whose increments are wanted, where it is one that `rollout` asks for by itself.
    pub(super) counter: Option<Arc<Counter>>,
}

impl Question {
    /// The increments of a counter.
    fn of_counter(
        column: Column,
        selector: &VectorSelector,
        counter: Counter,
        block: Period,
    ) -> Self {
        Self {
            column,
            speaks: Speaks::OfBoth,
            shape: if counter.by_bound {
                Shape::Buckets
            } else {
                Shape::Number
            },
            text: at_ends(&counter.selector, block).into(),
            selector: Some(selector.clone().into()),
            counter: Some(counter.into()),
        }
    }

    /// Whether it is somebody's own query.
    pub(super) const fn is_own(&self) -> bool {
        self.selector.is_none()
    }
}

/// The queries that [`super::collect`] sends for each guardrail, and for the assignment under the
/// name `assignment`, in the order of the plan.
#[must_use]
pub fn queries(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let block = block_of(plan);
    let mut all: Vec<(String, Vec<String>)> = plan
        .guardrails
        .iter()
        .map(|guardrail| {
            let texts = questions(guardrail, &plan.arms, block)
                .into_iter()
                .map(|question| question.text.to_string())
                .collect();
            (guardrail.name.clone(), texts)
        })
        .collect();
    if let Some(assignment) = &plan.assignment {
        let question = assigned(&assignment.users, &plan.arms, block);
        all.push((ASSIGNMENT.into(), vec![question.text.to_string()]));
    }
    all
}

/// The questions of one guardrail.
pub(super) fn questions(guardrail: &Guardrail, arms: &Arms, block: Period) -> Vec<Question> {
    match &guardrail.metric.source {
        Source::Selectors(columns) => {
            // Every process has one of these from its start on; it is what the others are read after.
            let whole = [Column::Sum, Column::Total, Column::Per];
            let whole = columns.iter().find(|(column, _)| whole.contains(column));
            let whole = whole.map(|(_, selector)| selector);
            columns
                .iter()
                .flat_map(|(column, selector)| {
                    of_selector(
                        guardrail.metric.kind,
                        (*column, selector),
                        whole,
                        arms,
                        block,
                    )
                })
                .collect()
        }
        Source::PerArm { exposed, unexposed } => {
            let own = [(Arm::Exposed, exposed), (Arm::Unexposed, unexposed)]
                .into_iter()
                .flat_map(|(arm, columns)| {
                    columns.iter().map(move |(column, query)| Question {
                        column: *column,
                        speaks: Speaks::Of(arm),
                        shape: shape(*column),
                        text: filled(query, block).into(),
                        selector: None,
                        counter: None,
                    })
                });
            let in_both = exposed.iter().filter_map(|(column, query)| {
                let other = unexposed.iter().find(|(other, _)| other == column)?;
                overlap(*column, query, &other.1)
            });
            own.chain(in_both).collect()
        }
    }
}

/// The question of the assignment check.
pub(super) fn assigned(users: &Selector, arms: &Arms, block: Period) -> Question {
    let vector = users.vector();
    Question::of_counter(Column::Count, vector, counter(vector, arms), block)
}

fn counter(selector: &VectorSelector, arms: &Arms) -> Counter {
    Counter {
        selector: selector.with_arms(arms),
        arms: arms.clone(),
        by_bound: false,
        of_sum: None,
        restarts_of: None,
    }
}

/// What label values the selector's series have, and how many series each.
pub(super) fn values_seen(selector: &VectorSelector, label: &str) -> String {
    let (selector, label) = (selector.text(), label_name(label));
    format!("count by ({label}) (last_over_time({selector}[{LOOKBACK}]))")
}

fn of_selector(
    kind: Kind,
    (column, selector): (Column, &Selector),
    whole: Option<&Selector>,
    arms: &Arms,
    block: Period,
) -> Vec<Question> {
    let vector = selector.vector();
    let by_arm = |ask: &Ask<'_>| of_arms(column, vector, arms, ask);
    let other = |whole: Option<&Selector>| whole.map(|one| Arc::new(counter(one.vector(), arms)));
    let of_counter = |counter: Counter| vec![Question::of_counter(column, vector, counter, block)];
    match (column, kind) {
        // A point is one query that says what the exposed arm is; nothing is added to it.
        (Column::Query, Kind::Point { .. }) => vec![Question {
            column,
            speaks: Speaks::Of(Arm::Exposed),
            shape: Shape::Number,
            text: selector.as_str().into(),
            selector: None,
            counter: None,
        }],
        (
            Column::Query,
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. },
        ) => by_arm(&|selector, by| vec![(Shape::Number, level(selector, by, block))]),
        (Column::Histogram, _) if vector.is_classic() => of_counter(Counter {
            by_bound: true,
            ..counter(vector, arms)
        }),
        (Column::Histogram, _) => by_arm(&|selector, by| {
            let (end, start) = native_ends(selector, by, block);
            vec![(Shape::NativeEnd, end), (Shape::NativeStart, start)]
        }),
        (Column::Count, Kind::Mean { .. }) => of_counter(Counter {
            of_sum: other(whole),
            restarts_of: other(whole),
            ..counter(vector, arms)
        }),
        (Column::Events, _) => of_counter(Counter {
            restarts_of: other(whole),
            ..counter(vector, arms)
        }),
        (Column::Total | Column::Per | Column::Sum | Column::Count, _) => {
            of_counter(counter(vector, arms))
        }
    }
}

/// Gives what is asked of a selector, grouped by a label or by none.
type Ask<'a> = dyn Fn(&str, &str) -> Vec<(Shape, String)> + 'a;

/// What is asked of both arms: once by the label where each has one value. Of several values an arm, the
/// mean of means is no mean, so that each arm is asked about by itself, and for what is in both.
fn of_arms(column: Column, vector: &VectorSelector, arms: &Arms, ask: &Ask<'_>) -> Vec<Question> {
    let selector = Arc::new(vector.clone());
    let question = |speaks, (shape, text): (Shape, String)| Question {
        column,
        speaks,
        shape,
        text: text.into(),
        selector: Some(selector.clone()),
        counter: None,
    };
    let label = label_name(&arms.label);
    if arms.are_texts() {
        let asked = ask(&vector.with_arms(arms).text(), &label);
        return asked
            .into_iter()
            .map(|one| question(Speaks::OfBoth, one))
            .collect();
    }
    let mut questions: Vec<Question> = [Arm::Exposed, Arm::Unexposed]
        .into_iter()
        .flat_map(|arm| {
            let asked = ask(&vector.with_arm(arms, arm).text(), "");
            asked
                .into_iter()
                .map(move |one| question(Speaks::Of(arm), one))
        })
        .collect();
    let in_both = vector
        .with_arm(arms, Arm::Exposed)
        .with_arm(arms, Arm::Unexposed);
    let text = format!("count by ({label}) ({})", in_both.text());
    questions.push(question(Speaks::OfBoth, (Shape::Overlap, text)));
    questions
}

/// What asks for series that two queries of somebody's own count, one for each arm. Where something else
/// than the selectors of increments tells the arms apart, such as a join, it cannot be seen.
fn overlap(column: Column, exposed: &ArmQuery, unexposed: &ArmQuery) -> Option<Question> {
    if exposed.has_other_selectors() || unexposed.has_other_selectors() {
        return None;
    }
    let shared: BTreeSet<String> = exposed
        .increments()
        .flat_map(|one| unexposed.increments().filter_map(|other| one.and(other)))
        .map(|both| format!("topk(1, {})", both.text()))
        .collect();
    let texts: Vec<String> = shared.into_iter().collect();
    (!texts.is_empty()).then(|| Question {
        column,
        speaks: Speaks::OfBoth,
        shape: Shape::Overlap,
        text: texts.join(" or ").into(),
        selector: None,
        counter: None,
    })
}

/// A query of somebody's own as it is asked for blocks of this length.
pub(super) fn filled(query: &ArmQuery, block: Period) -> String {
    query.filled(block, |selector| increment(&selector.text(), block))
}

/// The increment of each series of a counter as one expression; see the module's documentation.
fn increment(selector: &str, block: Period) -> String {
    let (lookback, memory) = (LOOKBACK.max(block), memory(block));
    let before = format!("last_over_time({selector}[{lookback}] offset {block})");
    let long_ago = format!("present_over_time({selector}[{memory}:10m] offset {block})");
    format!(
        "(({selector} - {before}) >= 0 or ({selector} >= -Inf unless ({long_ago} unless {before} >= -Inf)))"
    )
}

/// The level of each series; see [`level`]. What an expression sees at a step may be a copy of a sample before
/// the block, for five minutes after the series has ended: one within the block counts, or within two minutes
/// where blocks are shorter, since scrapes may be rarer.
pub(super) fn level_of_each(selector: &str, block: Period) -> String {
    let step = Period::from_seconds((block.seconds() / 20).max(5));
    let recent = block.max(SAMPLED_WITHIN);
    format!(
        "(avg_over_time({selector}[{block}]) >= -Inf) or (avg_over_time(({selector} >= -Inf)[{block}:{step}]) and present_over_time({selector}[{recent}]))"
    )
}

/// The mean level of an arm's series. A sample that is no number is a missing one: a summary of an idle
/// process says NaN. Where a series has such samples in a block, the others of it are taken at steps,
/// by a comparison that NaN never passes. What is NaN throughout stays NaN, so that it can be said.
fn level(selector: &str, by: &str, block: Period) -> String {
    let each = level_of_each(selector, block);
    format!("avg by ({by}) ({each}) or avg by ({by}) (avg_over_time({selector}[{block}]))")
}

const fn shape(column: Column) -> Shape {
    match column {
        Column::Histogram => Shape::Buckets,
        Column::Events
        | Column::Total
        | Column::Per
        | Column::Sum
        | Column::Count
        | Column::Query => Shape::Number,
    }
}

/// See the module's documentation.
fn native_ends(selector: &str, by: &str, block: Period) -> (String, String) {
    let memory = memory(block);
    let before = format!("{selector} offset {block}");
    let long_ago =
        format!("present_over_time(histogram_count({selector})[{memory}:10m] offset {block})");
    (
        format!("sum by ({by}) ({selector} unless ({long_ago} unless {before}))"),
        format!(
            "sum by ({by}) ({before} and (histogram_count({selector}) >= histogram_count({before})))"
        ),
    )
}

/// Four blocks at least, or a long block would forget what its own look-back saw.
fn memory(block: Period) -> Period {
    MEMORY.max(Period::from_seconds(block.seconds().saturating_mul(4)))
}

#[cfg(test)]
mod tests {
    use promql_parser::parser::parse;

    use super::*;

    #[test]
    fn both_ends_of_a_native_histogram_are_asked_for_in_promql() {
        let (end, start) = native_ends("x{v=~\"a|b\"}", "v", Period::from_minutes(5));
        parse(&end).unwrap();
        parse(&start).unwrap();
    }
}
