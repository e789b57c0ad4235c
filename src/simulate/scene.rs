//! A stage on record: blocks of a simulated service as the snapshot Prometheus would have given, and
//! the day before the first one.

use std::collections::BTreeMap;

use crate::plan::{Column, Plan};
use crate::snapshot::{ArmSeries, GuardrailSeries, History, Moment, Series, Snapshot};
use crate::stats::TwoArmBlock;
use crate::units::{Instant, Period};

use super::Traffic;

/// The instant of a Unix second; the epoch for one beyond the calendar.
#[must_use]
pub fn instant(second: i64) -> Instant {
    Instant::from_timestamp(second, 0).unwrap_or_default()
}

/// Records the blocks of a stage, for guardrails of kind ratio.
#[derive(Debug, Clone)]
pub struct SnapshotBuilder {
    plan: String,
    moment: Moment,
    block: Period,
    guardrails: BTreeMap<String, GuardrailSeries>,
}

impl SnapshotBuilder {
    /// Nothing on record yet of a stage.
    #[must_use]
    pub fn new(plan: &str, stage: u32, entered_at: Instant, block: Period) -> Self {
        let number = stage;
        Self::of(plan, Moment::Stage { number, entered_at }, block)
    }

    fn of(plan: &str, moment: Moment, block: Period) -> Self {
        Self {
            plan: plan.to_owned(),
            moment,
            block,
            guardrails: BTreeMap::new(),
        }
    }

    /// When the stage on record was entered.
    #[must_use]
    pub const fn entered_at(&self) -> Instant {
        self.moment.since()
    }

    /// Records one block that ended at this Unix second; `None` is a block that was lost.
    pub fn record(&mut self, guardrail: &str, end: i64, block: Option<&TwoArmBlock>) {
        let series = self.guardrails.entry(guardrail.to_owned()).or_default();
        series.ends.push(end);
        push(
            &mut series.exposed,
            block.map(|b| (b.exposed_events, b.exposed_total)),
        );
        push(
            &mut series.unexposed,
            block.map(|b| (b.unexposed_events, b.unexposed_total)),
        );
    }

    /// Back to this Unix second: blocks that ended later never happened.
    pub fn rewind(&mut self, second: i64) {
        for series in self.guardrails.values_mut() {
            let kept = series.ends.iter().take_while(|end| **end <= second).count();
            series.ends.truncate(kept);
            for arm in [&mut series.exposed, &mut series.unexposed] {
                for column in arm.columns.values_mut() {
                    column.truncate(kept);
                }
            }
        }
    }

    /// Records one block of the unexposed arm's past, in two halves.
    pub fn record_past(&mut self, guardrail: &str, end: i64, halves: &TwoArmBlock) {
        let block = self.block;
        let series = self.guardrails.entry(guardrail.to_owned()).or_default();
        let history = series.history.get_or_insert_with(|| {
            let nothing = ArmSeries::default;
            History::of_halves(Vec::new(), block, nothing(), nothing())
        });
        history.ends.push(end);
        let numbers = [
            (halves.exposed_events, halves.exposed_total),
            (halves.unexposed_events, halves.unexposed_total),
        ];
        for (half, numbers) in history.groups.iter_mut().zip(numbers) {
            push(half, Some(numbers));
        }
    }

    /// What Prometheus would say at this instant.
    #[must_use]
    pub fn snapshot(&self, taken_at: Instant) -> Snapshot {
        Snapshot {
            plan: self.plan.clone(),
            taken_at,
            known_until: None,
            source: "simulated traffic".into(),
            moment: self.moment,
            block: self.block,
            guardrails: self.guardrails.clone(),
            assignment: None,
        }
    }
}

/// What Prometheus would say of the day before the first exposure, with as many requests and bad
/// events as are expected; nothing, for a plan whose first exposure does not depend on it.
#[must_use]
pub fn beforehand(plan: &Plan, traffic: &[Traffic], now: Instant) -> Option<Snapshot> {
    const QUARTER: u32 = 900;
    const DAY: i64 = 86_400;
    if !plan.needs_traffic() {
        return None;
    }
    let end = now.timestamp();
    let since = instant(end - DAY);
    let mut record = SnapshotBuilder::of(
        &plan.name,
        Moment::Beforehand { since },
        Period::from_seconds(QUARTER),
    );
    for (guardrail, traffic) in plan.guardrails.iter().zip(traffic) {
        for quarter in 0..DAY / i64::from(QUARTER) {
            let begin = end - DAY + quarter * i64::from(QUARTER);
            let total = traffic.expected(begin, f64::from(QUARTER));
            let block = TwoArmBlock {
                unexposed_events: total * traffic.base,
                unexposed_total: total,
                ..TwoArmBlock::default()
            };
            record.record(&guardrail.name, begin + i64::from(QUARTER), Some(&block));
        }
    }
    Some(record.snapshot(now))
}

fn push(arm: &mut ArmSeries, block: Option<(f64, f64)>) {
    let mut push = |column: Column, value: Option<f64>| {
        let series: &mut Series = arm.columns.entry(column).or_default();
        series.push(value);
    };
    push(Column::Events, block.map(|b| b.0));
    push(Column::Total, block.map(|b| b.1));
}
