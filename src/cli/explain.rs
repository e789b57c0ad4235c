//! `rollout explain`: every number behind a decision, in the order in which it was used.

use crate::decide::Exit;
use crate::report::explain::{Explained, render};

use super::args::Format;
use super::context::Context;
use super::desk::{Desk, nearest};
use super::failure::Failure;
use super::pipeline::{EvidenceArgs, alone};

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
    let trial = alone(&desk, &args.plan, &args.evidence, context)?;
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

/// The plan has a guardrail of this name.
///
/// # Errors
/// When it has none, with the nearest.
pub(super) fn known(plan: &crate::plan::Plan, name: &str) -> Result<(), Failure> {
    if plan
        .guardrails
        .iter()
        .any(|guardrail| guardrail.name == name)
    {
        return Ok(());
    }
    let names: Vec<&str> = plan.guardrails.iter().map(|g| g.name.as_str()).collect();
    let failure = Failure::invalid(format!("{} has no guardrail `{name}`", plan.name));
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("there are: {}", names.join(", "))),
    })
}
