//! `rollout explain`: every number behind a decision, in the order in which it was used.

use crate::decide::Exit;
use crate::report::explain::{Explained, render};
use crate::session::{Context, Desk, Failure, Format, alone, known};

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
    let desk = Desk::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = desk.one(&args.plan, context)?;
    if let Some(name) = &args.guardrail {
        known(plan, name)?;
    }
    let trial = alone(&desk, &args.plan, &args.evidence.evidence(), context)?;
    match context.global.format {
        Format::Text | Format::Github => {
            let explained = Explained {
                plan: trial.plan,
                snapshot: trial.snapshot.as_ref(),
                judgement: trial.judgement.as_ref(),
                decision: &trial.decision,
                guardrail: args.guardrail.as_deref(),
                now: trial.now,
            };
            let look = context.look();
            render(&explained, &look, context.ui.answer())?;
            Ok(Exit::Go)
        }
        Format::Json => Err(Failure::invalid("an explanation is for people")
            .help("`rollout check --format json` has every number of it")),
    }
}
