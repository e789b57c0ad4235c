//! `rollout check`: ask, judge, decide, print. The merge gate; it never writes a plan.

use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use crate::decide::Exit;
use crate::plan::Mistake;
use crate::session::{
    Answered, Context, Failure, Outcome, chosen, evaluate, faulty, in_turn, open_change, preview,
};
use crate::units::Period;

use super::answer::{OkArgs, answer};
use super::args::{BaseArgs, EvidenceArgs, PlansArgs};

/// While waiting, ask again this often: half the shortest block, so that no block is seen later
/// than half its length.
const POLL: Duration = Duration::from_secs(30);

/// Ask Prometheus, judge, decide, and print; change nothing
///
/// The exit code says what `rollout advance` would do now: 0 advance, 3 hold, 4 pause, 5 roll back,
/// 6 inconclusive. With `--base`, only the plans that the change touches are asked, 2 says that the
/// change is refused, and Prometheus is the one that the revision names, whatever the change says.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    ok: OkArgs,
    #[command(flatten)]
    base: BaseArgs,
    /// Wait up to this long for an answer other than "not yet"
    #[arg(long, value_name = "DURATION", value_parser = super::args::period, conflicts_with = "snapshot")]
    wait: Option<Period>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let patience = Duration::from_secs(args.wait.map_or(0, |wait| wait.seconds().into()));
    let evidence = args.evidence.evidence();
    let watch = Stopwatch::now();
    loop {
        let waited = i64::try_from(watch.elapsed().as_secs()).unwrap_or_default();
        let now = context.now() + chrono::TimeDelta::seconds(waited);
        let plan_set = open_change(args.base.base.as_deref(), &args.which.plans, context)?;
        let chosen = plan_set.touched(chosen(&plan_set, &args.which.plans, &evidence, context)?);
        let outcomes = evaluate(&plan_set, &chosen, &evidence, now, context)?;
        let settled = outcomes.iter().any(|outcome| match outcome {
            Outcome::Evaluated(evaluation) => match evaluation.decision.exit {
                Exit::Hold | Exit::Inconclusive => false,
                Exit::Go | Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback => true,
            },
            Outcome::Failed { .. } => true,
        });
        let left = patience.saturating_sub(watch.elapsed());
        if settled || left.is_zero() {
            let besides = plan_set
                .besides()
                .iter()
                .filter(|loaded| loaded.change.iter().any(Mistake::is_error))
                .map(|loaded| Answered::failed(loaded, faulty(&plan_set, loaded)));
            let answered = in_turn(outcomes, |evaluation| Ok(preview(evaluation)));
            let answered = answered.into_iter().chain(besides).collect();
            return answer(answered, now, &plan_set, &args.ok, context);
        }
        context.ui.note(&format!(
            "not yet; asking again, for {} more",
            Period::from_seconds(u32::try_from(left.as_secs()).unwrap_or(u32::MAX)).rough()
        ))?;
        thread::sleep(POLL.min(left));
    }
}
