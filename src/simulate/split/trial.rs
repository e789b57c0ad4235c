//! What is tried: a plan, and the past that it is tried on.

use crate::plan::{Column, Guardrail, Kind, OnNoData, Plan, Schedule};
use crate::snapshot::{ArmSeries, SlotBlocks, SlotPast, SlotSeries, Unsplit};
use crate::units::Period;

/// Why a guardrail is not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// Its past is not there by instance.
    Unsplit(Unsplit),
    /// A plain threshold compares nothing, and says so itself.
    Point,
}

/// A plan as it is tried on the unexposed arm's own past.
#[derive(Debug, Clone)]
pub struct Split<'a> {
    /// Pending, with the guardrails that can be tried, without people and calendars.
    pub(super) plan: Plan,
    pub(super) past: &'a SlotPast,
    left_out: Vec<(String, LeftOut)>,
}

impl<'a> Split<'a> {
    /// The plan on this past; `None` where none of its guardrails can be tried, which is said beside it.
    #[must_use]
    pub fn new(plan: &Plan, past: &'a SlotPast) -> (Option<Self>, Vec<(String, LeftOut)>) {
        let why = |guardrail: &Guardrail| match guardrail.metric.kind {
            Kind::Point { .. } => Some(LeftOut::Point),
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. } => {
                let known = past.left_out.get(&guardrail.name).copied();
                let has = |part: &SlotBlocks| part.guardrails.contains_key(&guardrail.name);
                let missing = !past.parts.iter().all(has) || past.parts.is_empty();
                let known = known.or(missing.then_some(Unsplit::NothingBefore));
                known.map(LeftOut::Unsplit)
            }
        };
        let left_out: Vec<(String, LeftOut)> = plan
            .guardrails
            .iter()
            .filter_map(|guardrail| Some((guardrail.name.clone(), why(guardrail)?)))
            .collect();
        let is_kept = |guardrail: &&Guardrail| why(guardrail).is_none();
        let kept = plan.guardrails.iter().filter(is_kept);
        let guardrails: Vec<Guardrail> = kept
            .map(|guardrail| Guardrail {
                // A hole in the data is no harm, and what a plan does then is no statistics.
                on_no_data: OnNoData::Hold,
                ..guardrail.clone()
            })
            .collect();
        if guardrails.is_empty() {
            return (None, left_out);
        }
        let mut tried = Plan {
            state: None,
            after: Vec::new(),
            surface: None,
            assignment: None,
            // What was not changed gets no better.
            require_success: false,
            draft: None,
            guardrails,
            ..plan.clone()
        };
        tried.judge.preflight = false;
        if let Schedule::Stages(stages) = &mut tried.course {
            for stage in stages {
                stage.approval = false;
            }
        }
        let split = Self {
            plan: tried,
            past,
            left_out: left_out.clone(),
        };
        (Some(split), left_out)
    }

    /// The plan that is tried.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Guardrails that are not tried, and why.
    #[must_use]
    pub fn left_out(&self) -> &[(String, LeftOut)] {
        &self.left_out
    }

    /// The past that it is tried on.
    #[must_use]
    pub const fn past(&self) -> &SlotPast {
        self.past
    }

    /// The past in blocks of this length.
    pub(super) fn blocks(&self, block: Period) -> Option<&SlotBlocks> {
        self.past.parts.iter().find(|part| part.block == block)
    }

    /// The blocks of the history.
    pub(super) fn history(&self) -> Option<&SlotBlocks> {
        self.past.parts.first()
    }

    /// The traffic of each slot in these seconds, of each guardrail.
    pub(super) fn traffic(&self, block: Period, after: i64, until: i64) -> Vec<Vec<f64>> {
        let Some(part) = self.blocks(block) else {
            return Vec::new();
        };
        let places = part.places(after, until);
        let of = |guardrail: &Guardrail| -> Option<Vec<f64>> {
            let series = part.guardrails.get(&guardrail.name)?;
            let kind = guardrail.metric.kind;
            let sum = |slot: &ArmSeries| {
                let series = traffic_of(kind, slot)?.get(places.clone())?;
                Some(series.iter().flatten().sum())
            };
            Some(by_slot(series, sum))
        };
        self.plan.guardrails.iter().filter_map(of).collect()
    }
}

fn by_slot(series: &SlotSeries, of: impl Fn(&ArmSeries) -> Option<f64>) -> Vec<f64> {
    let slots = series.slots.iter();
    slots.map(|slot| of(slot).unwrap_or(0.0)).collect()
}

/// What counts how much of an arm there is: requests, exposure, terms; of levels their series.
pub(super) fn traffic_of(kind: Kind, slot: &ArmSeries) -> Option<&Vec<Option<f64>>> {
    match kind {
        Kind::Ratio { .. } => slot.column(Column::Total),
        Kind::Rate { .. } => slot.column(Column::Per),
        Kind::Mean { .. } | Kind::Gauge { .. } => slot.column(Column::Count),
        Kind::Latency { .. } => slot.buckets.last().map(|(_, series)| series),
        Kind::Point { .. } => None,
    }
}
