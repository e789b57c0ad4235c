//! `rollout rules`: Prometheus recording and alerting rules for a plan's queries.

use crate::decide::Exit;
use crate::prometheus::rules;
use crate::session::{Context, Failure, PlanSet};

/// Print Prometheus rules for the queries of a plan
///
/// `rollout rules PLAN > rollout.rules.yml`, then name the file under `rule_files` of Prometheus.
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
