//! The table of plans: where each stands and what it waits for, without asking anybody.

use std::io::{self, Write};

use comfy_table::Cell;
use serde::Serialize;

use crate::decide::{Environment, GateState, Reason, TargetStanding, TargetState, decide};
use crate::plan::{Plan, Schedule, Status};
use crate::units::{Exposure, Period, one_line};

use super::sync::TargetPart;
use super::{OutputStyle, Way, table};

/// One plan's line.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The plan.
    pub plan: String,
    /// Where it stands, or `None` when its file has mistakes.
    pub status: Option<Status>,
    /// The stage, 1-based; 0 before the first.
    pub stage: u32,
    /// Of so many.
    pub stages: u32,
    /// Moves made, where the plan is a ramp.
    pub moves: Option<u32>,
    /// Its way, or `None` when its file has mistakes.
    pub way: Option<Way>,
    /// The exposure, or `None` when its file has mistakes: whoever reads it must not take a typing
    /// error for "nobody".
    pub exposure: Option<Exposure>,
    /// Time in the stage.
    pub age: Option<Period>,
    /// How its targets stand.
    pub targets: Vec<TargetStanding>,
    /// What it waits for, as far as that is known without data.
    pub waits_for: String,
}

/// The line of a valid plan.
#[must_use]
pub fn row(plan: &Plan, around: &Environment) -> Row {
    let decision = decide(plan, None, around);
    let known: Vec<String> = decision
        .gates
        .iter()
        .filter_map(|gate| match &gate.state {
            GateState::Closed(reason) if !is_about_evidence(reason) => Some(brief(reason)),
            GateState::Closed(_) | GateState::Open | GateState::NotApplicable => None,
        })
        .collect();
    let mut known = known;
    if plan.status() != Status::Complete {
        known.extend(super::ramp::spent(plan, None).filter(|_| plan.is_exposed()));
    }
    let waits_for = match plan.status() {
        Status::Complete => String::new(),
        Status::Pending if known.is_empty() => "the next advance".into(),
        Status::Progressing if known.is_empty() => "its evidence: `rollout check`".into(),
        Status::Pending | Status::Progressing | Status::Paused | Status::RolledBack => {
            known.join("; ")
        }
    };
    Row {
        plan: plan.name.clone(),
        status: Some(plan.status()),
        stage: plan.state.as_ref().map_or(0, |state| state.stage),
        stages: u32::try_from(plan.stages().len())
            .unwrap_or(u32::MAX)
            .max(1),
        moves: match &plan.course {
            Schedule::Stages(_) => None,
            Schedule::Ramp(_) => {
                let climb = plan.state.as_ref().and_then(|state| state.ramp);
                Some(climb.map_or(0, |climb| climb.moves))
            }
        },
        way: Some(Way::of(plan)),
        exposure: Some(plan.exposure()),
        age: plan
            .state
            .as_ref()
            .filter(|_| plan.needs_data())
            .map(|state| Period::between(state.entered_at, around.now)),
        targets: around.targets.clone(),
        waits_for,
    }
}

/// The line of a plan whose file has mistakes.
#[must_use]
pub fn broken(plan: &str, mistakes: usize) -> Row {
    let noun = if mistakes == 1 { "mistake" } else { "mistakes" };
    invalid(
        plan,
        format!("{mistakes} {noun}: `rollout validate {plan}`"),
    )
}

/// The line of a plan whose file cannot be read.
#[must_use]
pub fn unreadable(plan: &str, why: &str) -> Row {
    invalid(plan, format!("cannot be read: {why}"))
}

fn invalid(plan: &str, waits_for: String) -> Row {
    Row {
        plan: plan.to_owned(),
        status: None,
        stage: 0,
        stages: 0,
        moves: None,
        way: None,
        exposure: None,
        age: None,
        targets: Vec::new(),
        waits_for,
    }
}

/// Writes the table.
///
/// # Errors
/// When the writer fails.
pub fn render(rows: &[Row], output: &OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "no plans yet: `rollout new NAME` writes the first");
    }
    let mut table = table::bare(*output);
    let has_targets = rows.iter().any(|row| !row.targets.is_empty());
    let mut header = vec!["plan", "status", "stage", "exposure", "since", "waits for"];
    if has_targets {
        header.insert(4, "targets");
    }
    table.set_header(header);
    for row in rows {
        let Row {
            plan,
            status,
            stage,
            stages,
            moves,
            way: _,
            exposure,
            age,
            targets,
            waits_for,
        } = row;
        let stage = match (status, moves) {
            (None, _) => super::numbers::NONE.to_owned(),
            (Some(_), None) => format!("{stage}/{stages}"),
            (Some(_), Some(0)) => "ramp".into(),
            (Some(_), Some(moves)) => format!("ramp {moves}"),
        };
        let mut cells = vec![
            Cell::new(one_line(plan)),
            Cell::new(status.map_or("invalid", |status| match status {
                Status::Pending => "pending",
                Status::Progressing => "progressing",
                Status::Paused => "paused",
                Status::RolledBack => "rolled back",
                Status::Complete => "complete",
            })),
            Cell::new(stage),
            Cell::new(exposure.map_or_else(|| super::numbers::NONE.into(), |e| e.to_string())),
            Cell::new(age.map_or_else(|| super::numbers::NONE.into(), Period::rough)),
            Cell::new(table::together(&one_line(waits_for))),
        ];
        if has_targets {
            cells.insert(4, Cell::new(together(targets)));
        }
        table.add_row(cells);
    }
    for line in table::lines(table, *output) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The targets of a plan in short: the first that stands apart, or that none does.
fn together(targets: &[TargetStanding]) -> String {
    let apart = targets
        .iter()
        .find(|target| target.state != TargetState::AsTold);
    match (targets.len(), apart) {
        (0, _) => super::numbers::NONE.into(),
        (1, None) => "as told".into(),
        (many, None) => format!("{many} as told"),
        (_, Some(target)) => target.state.key().into(),
    }
}

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
    targets: Vec<TargetPart>,
    waits_for: &'a str,
}

impl<'a> From<&'a Row> for RowPart<'a> {
    fn from(row: &'a Row) -> Self {
        let Row {
            plan,
            status,
            stage,
            stages,
            moves,
            way: _,
            exposure,
            age,
            targets,
            waits_for,
        } = row;
        Self {
            plan,
            status: status.map_or("invalid", Status::key),
            stage: *stage,
            stages: *stages,
            moves: *moves,
            exposure: exposure.map(Exposure::percent),
            seconds_in_stage: age.map(Period::seconds),
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

/// A latch and a pause in short: the whole story is in `rollout check` and `rollout history`.
fn brief(reason: &Reason) -> String {
    match reason {
        Reason::Latched { plan, .. } => format!("a person: `rollout retry {plan}`"),
        Reason::Paused { plan, .. } => format!("a person: `rollout resume {plan}`"),
        Reason::ApprovalNeeded { plan, .. } => format!("a person: `rollout approve {plan}`"),
        other => other.to_string(),
    }
}

/// Reasons that only data can answer; without data they would all read as missing.
const fn is_about_evidence(reason: &Reason) -> bool {
    match reason {
        Reason::Breached { .. }
        | Reason::AssignmentBroken { .. }
        | Reason::NoData { .. }
        | Reason::PauseBreached { .. }
        | Reason::Leaning { .. }
        | Reason::NotRuledOut { .. }
        | Reason::Ambient { .. }
        | Reason::NoSuccessYet { .. }
        | Reason::MaxDurationOver { .. }
        | Reason::BudgetSpent { .. }
        | Reason::NothingSinceMove
        | Reason::BudgetHolds { .. }
        | Reason::BudgetUnknown
        | Reason::TrafficUnknown
        | Reason::PreflightContradicted { .. }
        | Reason::PreflightWaits { .. }
        | Reason::PreflightUnknown
        | Reason::BudgetTooSmall { .. }
        | Reason::Warned { .. } => true,
        Reason::Latched { .. }
        | Reason::AheadOfTime { .. }
        | Reason::MinDuration { .. }
        | Reason::BetweenMoves { .. }
        | Reason::Climbing { .. }
        | Reason::EvidenceRestarts { .. }
        | Reason::StageGone { .. }
        | Reason::NextStageSmaller { .. }
        | Reason::PreflightOff
        | Reason::Draft { .. }
        | Reason::Paused { .. }
        | Reason::Frozen { .. }
        | Reason::OutsideWindow { .. }
        | Reason::Waiting { .. }
        | Reason::SurfaceBusy { .. }
        | Reason::ApprovalNeeded { .. }
        | Reason::TargetApart { .. }
        | Reason::Entering { .. }
        | Reason::LastGatePassed
        | Reason::AlreadyComplete => false,
    }
}
