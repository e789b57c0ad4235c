//! The whole report as one JSON document.

use std::io::{self, Write};

use serde::Serialize;

use crate::units::Exposure;

use super::super::mistakes::MistakePart;
use super::super::sync::TargetPart;
use super::super::{Outcome, PlanReport, Report, SeenTarget};
use super::number::rfc3339;
use super::plan::{PlanPart, plan};

/// The document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    format: &'static str,
    now: String,
    exit: u8,
    plans: Vec<MistakenPlan>,
}

/// One plan, with the mistakes of its file where they were looked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct MistakenPlan {
    #[serde(flatten)]
    part: PlanPart,
    #[serde(skip_serializing_if = "Option::is_none")]
    mistakes: Option<Vec<MistakePart>>,
    /// How the plan's targets stand at the end; left out where it has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<SeenTargetPart>,
}

/// A target, and what it showed when the decision was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct SeenTargetPart {
    #[serde(flatten)]
    now: TargetPart,
    was: Option<f64>,
}

impl From<&SeenTarget> for SeenTargetPart {
    fn from(target: &SeenTarget) -> Self {
        let SeenTarget { was, now } = target;
        Self {
            now: TargetPart::from(now),
            was: was.map(Exposure::percent),
        }
    }
}

/// The whole document.
#[must_use]
pub fn document(report: &Report) -> Document {
    mistaken(report, |_| None)
}

/// The whole document, with the mistakes that are known of each plan.
#[must_use]
pub fn mistaken(
    report: &Report,
    mistakes: impl Fn(&PlanReport) -> Option<Vec<MistakePart>>,
) -> Document {
    let Report {
        now,
        exit,
        is_gate: _,
        plans,
    } = report;
    let plans = plans.iter().map(|report| MistakenPlan {
        part: plan(report),
        mistakes: mistakes(report),
        targets: match &report.outcome {
            Outcome::Decided(decided) => decided.targets.iter().map(SeenTargetPart::from).collect(),
            Outcome::Failed(_) => Vec::new(),
        },
    });
    Document {
        format: "rollout-report/1",
        now: rfc3339(*now),
        exit: exit.code(),
        plans: plans.collect(),
    }
}

/// Writes a document, indented.
///
/// # Errors
/// When the writer fails.
pub fn print(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}
