//! `rollout report`: a plan as one self-contained page with plots.

use std::path::PathBuf;

use crate::decide::Exit;
use crate::judge::trace;
use crate::plan::Plan;
use crate::report::html::{Chapter, Page, page};
use crate::report::{Decided, Outcome};
use crate::session::{
    Answered, Context, Failure, PlanSet, alone, entries, preview, recorded_plan, snapshot_of,
};
use crate::snapshot::Snapshot;
use crate::units::{Foreign, Instant};
use crate::workspace::{Record, evidence_of, write_file};

use super::args::EvidenceArgs;

/// Write a plan as one HTML page with plots
///
/// The page needs nothing beside it: no script, no font, no network.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Where to write it [default: PLAN.html]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    /// From the records alone, without asking Prometheus
    #[arg(long, conflicts_with_all = ["snapshot", "save_snapshot"])]
    offline: bool,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (loaded, plan) = plan_set.one(&args.plan, context)?;
    let mut now = context.now();
    let mut stages: Vec<Stage> = evidence_of(&plan_set.directory, &loaded.file)
        .links
        .iter()
        .filter_map(|link| recorded(&link.record))
        .collect();
    let mut decided: Option<Box<Decided>> = None;
    if !args.offline {
        let evaluation = alone(&plan_set, &args.plan, &args.evidence.evidence(), context)?;
        now = evaluation.now;
        if let Some(snapshot) = &evaluation.snapshot {
            stages.push(Stage {
                plan: evaluation.plan.clone(),
                snapshot: snapshot.clone(),
                until: evaluation.now,
            });
        }
        let change = preview(&evaluation).map(|step| step.change);
        decided = match Answered::decided(evaluation, change).into_report().outcome {
            Outcome::Decided(decided) => Some(decided),
            Outcome::Failed(_) => None,
        };
    }
    let (history, breaks) = entries(&plan_set, loaded, plan, context)?;
    for broken in breaks {
        context.ui.warn(&broken.to_string())?;
    }
    let text = page(&Page {
        plan,
        decided: decided.as_deref(),
        history: &history,
        chapters: &chapters(&stages),
        now,
    });
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.html", plan.name)));
    write_file(&context.directory.join(&out), text.as_bytes())?;
    writeln!(context.ui.answer(), "wrote  {}", Foreign(out.display()))?;
    Ok(Exit::Go)
}

/// One stage with its evidence.
struct Stage {
    plan: Plan,
    snapshot: Snapshot,
    until: Instant,
}

/// The stages as they were judged along their time. Of several with the same entry the last counts:
/// its snapshot holds the others.
fn chapters(stages: &[Stage]) -> Vec<Chapter> {
    let entered = |stage: &Stage| stage.snapshot.since();
    let last = stages.iter().enumerate().filter(|(index, stage)| {
        let mut later = stages[index + 1..].iter();
        !later.any(|later| entered(later) == entered(stage))
    });
    last.map(|(_, stage)| Chapter {
        entered_at: entered(stage),
        exposure: stage.plan.state.as_ref().map(|state| state.exposure),
        until: stage.until,
        trace: trace(&stage.plan, &stage.snapshot, stage.until),
    })
    .collect()
}

/// A stage as a record holds it; `None` where nothing was measured, or by another version.
fn recorded(record: &Record) -> Option<Stage> {
    let snapshot = snapshot_of(record)?.ok()?;
    let (plan, _) = recorded_plan(record).ok()?;
    Some(Stage {
        plan,
        snapshot,
        until: record.at,
    })
}
