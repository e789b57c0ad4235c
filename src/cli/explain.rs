//! `rollout explain`: every number behind a decision, in the order in which it was used.

use crate::decide::Exit;
use crate::report::explain::{Explained, render};
use crate::session::{Context, Failure, Format, PlanSet, alone, known};

use super::args::EvidenceArgs;

/// Explain a decision: numbers, queries, intervals, what it would take
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Only this guardrail
    #[arg(value_name = "GUARDRAIL")]
    guardrail: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    if let Some(name) = &args.guardrail {
        known(plan, name)?;
    }
    let evaluation = alone(&plan_set, &args.plan, &args.evidence.evidence(), context)?;
    match context.global.format {
        Format::Text | Format::Github => {
            let explained = Explained {
                plan: evaluation.plan,
                snapshot: evaluation.snapshot.as_ref(),
                judgement: evaluation.judgement.as_ref(),
                decision: &evaluation.decision,
                guardrail: args.guardrail.as_deref(),
                now: evaluation.now,
            };
            let output = context.output_style();
            render(&explained, &output, context.ui.answer())?;
            Ok(Exit::Go)
        }
        Format::Json => Err(Failure::invalid("an explanation is for people")
            .help("`rollout check --format json` has every number of it")),
    }
}
