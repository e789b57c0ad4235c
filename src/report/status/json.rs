//! The table as one JSON document, in the order in which the plans were asked for.

use serde::Serialize;

use crate::plan::Status;
use crate::units::{Exposure, Period};

use super::super::sync::TargetPart;
use super::nearest::Nearest;
use super::row::Row;

/// The table as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plans: Vec<RowPart<'a>>,
}

#[derive(Debug, Serialize)]
struct RowPart<'a> {
    plan: &'a str,
    status: &'static str,
    stage: u32,
    stages: u32,
    moves: Option<u32>,
    exposure: Option<f64>,
    seconds_in_stage: Option<u32>,
    seconds_left: Option<u32>,
    needs_person: bool,
    nearest: Option<NearestPart<'a>>,
    targets: Vec<TargetPart>,
    waits_for: &'a str,
}

#[derive(Debug, Serialize)]
struct NearestPart<'a> {
    guardrail: &'a str,
    side: &'static str,
    value: Option<f64>,
    needed: f64,
}

impl<'a> From<&'a Nearest> for NearestPart<'a> {
    fn from(nearest: &'a Nearest) -> Self {
        let Nearest {
            guardrail,
            side,
            value,
            needed,
            words: _,
        } = nearest;
        Self {
            guardrail,
            side: side.key(),
            value: value.filter(|value| value.is_finite()),
            needed: *needed,
        }
    }
}

impl<'a> From<&'a Row> for RowPart<'a> {
    fn from(row: &'a Row) -> Self {
        let Row {
            plan,
            status,
            attention,
            stage,
            stages,
            moves,
            way: _,
            exposure,
            age,
            left,
            nearest,
            targets,
            waits_for,
            exit: _,
        } = row;
        Self {
            plan,
            status: status.map_or("invalid", Status::key),
            stage: *stage,
            stages: *stages,
            moves: *moves,
            exposure: exposure.map(Exposure::percent),
            seconds_in_stage: age.map(Period::seconds),
            seconds_left: left.map(Period::seconds),
            needs_person: attention.is_for_a_person(),
            nearest: nearest.as_ref().map(NearestPart::from),
            targets: targets.iter().map(TargetPart::from).collect(),
            waits_for,
        }
    }
}

/// The same as JSON, for `status --format json`.
#[must_use]
pub fn document(rows: &[Row]) -> Document<'_> {
    Document {
        format: "rollout-status/1",
        plans: rows.iter().map(RowPart::from).collect(),
    }
}
