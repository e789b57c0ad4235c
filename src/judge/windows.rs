//! What each arm did over time: its value in windows of a stage. A value since the stage began hides what
//! changed late; a window shows it. For the eye only: nothing is decided by it.

use crate::plan::{Column, Guardrail, Kind, Plan};
use crate::snapshot::{ArmSeries, Series, Snapshot};
use crate::units::Instant;

use super::pooling::pooled_blocks;
use super::quantile::interpolated;

/// Windows of a stage at most: each some pixels wide on a page.
const WINDOWS: i64 = 48;

/// Both arms within a stretch of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Where it begins.
    pub from: Instant,
    /// Where it ends.
    pub until: Instant,
    /// The exposed arm's value; `None` where nothing was measured.
    pub exposed: Option<f64>,
    /// The unexposed arm's value; `None` where nothing was measured, or there is no such arm.
    pub unexposed: Option<f64>,
}

/// By guardrail, in the order of the plan: equal windows of whole blocks from the stage's entry until
/// this instant, the oldest first; the last ends with the newest block.
pub(super) fn windows(
    plan: &Plan,
    snapshot: &Snapshot,
    until: Instant,
) -> Vec<(String, Vec<Window>)> {
    plan.guardrails
        .iter()
        .map(|guardrail| {
            let windows = windows_of(guardrail, snapshot, until);
            (guardrail.name.clone(), windows.unwrap_or_default())
        })
        .collect()
}

fn windows_of(guardrail: &Guardrail, snapshot: &Snapshot, until: Instant) -> Option<Vec<Window>> {
    let series = snapshot.guardrails.get(&guardrail.name)?;
    let block = i64::from(snapshot.block.seconds()).max(1);
    let entered = snapshot.since().timestamp();
    let is_inside = |end: i64| end - block >= entered && end <= until.timestamp();
    let first = series.ends.iter().position(|end| is_inside(*end))?;
    let last = series.ends.iter().rposition(|end| is_inside(*end))?;
    let span = series.ends[last] - series.ends[first] + block;
    let pooled = pooled_blocks(block, series.scrape_seconds);
    let parts = |whole: i64, part: i64| (whole + part - 1) / part;
    let length = parts(parts(span, block), WINDOWS).max(pooled) * block;
    let count = parts(span, length);
    let windows = (0..count).rev().filter_map(|back| {
        let until = series.ends[last] - back * length;
        let places: Vec<usize> = (first..=last)
            .filter(|place| (until - length + 1..=until).contains(&series.ends[*place]))
            .collect();
        let instant = |second| Instant::from_timestamp(second, 0);
        Some(Window {
            from: instant((until - length).max(entered))?,
            until: instant(until)?,
            exposed: value(guardrail.metric.kind, &series.exposed, &places),
            unexposed: value(guardrail.metric.kind, &series.unexposed, &places),
        })
    });
    Some(windows.collect())
}

/// An arm's value over those of these blocks that have all its columns.
fn value(kind: Kind, arm: &ArmSeries, places: &[usize]) -> Option<f64> {
    match kind {
        Kind::Ratio { .. } => share(arm, Column::Events, Column::Total, places),
        Kind::Rate { .. } => share(arm, Column::Events, Column::Per, places),
        Kind::Mean { .. } => share(arm, Column::Sum, Column::Count, places),
        Kind::Gauge { .. } | Kind::Point { .. } => {
            let levels = rows(&[arm.column(Column::Query)?], places);
            #[expect(clippy::cast_precision_loss, reason = "blocks of a stage")]
            let count = levels.len() as f64;
            (count > 0.0).then(|| levels.iter().flatten().sum::<f64>() / count)
        }
        Kind::Latency { quantile, unit, .. } => {
            let columns: Vec<&Series> = arm.buckets.iter().map(|(_, series)| series).collect();
            let blocks = rows(&columns, places);
            let counts: Vec<f64> = (0..columns.len())
                .map(|bound| blocks.iter().map(|row| row[bound]).sum())
                .collect();
            let finite = arm.buckets.iter().map(|(bound, _)| *bound);
            let bounds: Vec<f64> = finite
                .filter(|bound| bound.is_finite())
                .map(|bound| bound * unit.seconds())
                .collect();
            interpolated(&counts, &bounds, quantile)
        }
    }
}

fn share(arm: &ArmSeries, events: Column, total: Column, places: &[usize]) -> Option<f64> {
    let rows = rows(&[arm.column(events)?, arm.column(total)?], places);
    let sum = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>();
    let total = sum(1);
    (total > 0.0).then(|| sum(0) / total)
}

/// The blocks that are there in all columns.
fn rows(columns: &[&Series], places: &[usize]) -> Vec<Vec<f64>> {
    places
        .iter()
        .filter_map(|place| {
            let cells = columns.iter();
            cells
                .map(|column| column.get(*place).copied().flatten())
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{BLOCK, ENTERED, arm, errors, instant, plan, series, snapshot};
    use super::*;

    /// Blocks of a day.
    const BLOCKS: i64 = 288;

    fn seen(events: impl Fn(i64) -> Option<f64>) -> Vec<Window> {
        let arm = |events: &dyn Fn(i64) -> Option<f64>| {
            arm(&[
                (Column::Events, (0..BLOCKS).map(events).collect()),
                (Column::Total, vec![Some(1_000.0); 288]),
            ])
        };
        let series = series(arm(&events), arm(&|_| Some(10.0)), BLOCKS);
        let snapshot = snapshot(vec![("errors", series)]);
        let until = instant(ENTERED + BLOCKS * BLOCK);
        let mut all = windows(&plan(vec![errors()]), &snapshot, until);
        assert_eq!(all[0].0, "errors");
        all.remove(0).1
    }

    #[test]
    fn a_late_break_shows_in_its_own_window() {
        let late = |block| Some(if block >= BLOCKS - 6 { 50.0 } else { 10.0 });
        let windows = seen(late);
        assert_eq!(windows.len(), 48);
        assert_eq!(windows[46].exposed, Some(0.01));
        assert_eq!(windows[47].exposed, Some(0.05));
        assert_eq!(windows[47].unexposed, Some(0.01));
        assert_eq!(windows[47].until, instant(ENTERED + BLOCKS * BLOCK));
        assert!(windows.windows(2).all(|pair| pair[0].until == pair[1].from));
    }

    #[test]
    fn blocks_without_events_count_neither_as_none_nor_as_zero() {
        let windows = seen(|block| (block % 2 == 0 && block >= 6).then_some(10.0));
        assert_eq!(windows[0].exposed, None);
        assert_eq!(windows[1].exposed, Some(0.01));
    }
}
