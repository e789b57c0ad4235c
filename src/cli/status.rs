//! `rollout status`: where the plans stand, without network.

use crate::decide::Exit;
use crate::report::status::{self, Row};

use super::args::Format;
use super::context::Context;
use super::desk::Desk;
use super::failure::Failure;

/// Show where the plans stand, offline
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Names or paths of plans [default: all]
    #[arg(value_name = "PLAN")]
    plans: Vec<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let now = context.now();
    let desk = Desk::open(context, &args.plans)?;
    let rows: Vec<Row> = desk
        .select(&args.plans)?
        .into_iter()
        .map(|index| {
            let sheet = &desk.sheets[index];
            match &sheet.plan {
                Some(plan) => status::row(plan, &desk.surroundings(plan, now)),
                None => status::broken(&sheet.file.name, sheet.mistakes.len()),
            }
        })
        .collect();
    match context.global.format {
        Format::Text | Format::Github => {
            let look = context.look();
            status::render(&rows, &look, context.ui.answer())?;
        }
        Format::Json => {
            let document = status::document(&rows);
            writeln!(context.ui.answer(), "{document:#}")?;
        }
    }
    Ok(Exit::Go)
}
