//! `rollout rules`: Prometheus alerts on a plan that needs a person.

use crate::decide::Exit;
use crate::report::rules;
use crate::session::{Context, Failure, PlanSet};

/// Print Prometheus alerts on a plan that is rolled back, late, or not looked after
///
/// `rollout rules PLAN > rollout.rules.yml`, then name the file under `rule_files` of Prometheus.
/// The alerts read what `rollout status --format prometheus` writes for the textfile collector of
/// the node exporter. Whether a change does harm is decided by `rollout advance`, never by an alert.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    context.ui.answer().write_all(rules(plan).as_bytes())?;
    Ok(Exit::Go)
}
