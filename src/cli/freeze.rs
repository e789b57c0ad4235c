//! `rollout freeze` and `rollout unfreeze`: stop all advances for a while. Rollbacks pass.

use chrono::TimeDelta;

use crate::decide::Exit;
use crate::plan::{Freeze, add_freeze, end_freezes};
use crate::units::{Instant, Period};
use crate::workspace::{CONFIG, edit};

use super::context::Context;
use super::desk::Desk;
use super::failure::Failure;

/// Stop all advances until an instant; rollbacks still happen
#[derive(Debug, clap::Args)]
pub(super) struct FreezeArgs {
    /// Until when: an instant (RFC 3339), or a duration from now such as 12h
    #[arg(long, value_name = "T", value_parser = until)]
    until: Until,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Allow advances again
///
/// Ends the freezes in force now; those yet to come stay.
#[derive(Debug, clap::Args)]
pub(super) struct UnfreezeArgs {
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// The end of a freeze.
#[derive(Debug, Clone, Copy)]
enum Until {
    At(Instant),
    After(Period),
}

pub(super) fn freeze(args: &FreezeArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let now = whole_second(context.now());
    let until = match args.until {
        Until::At(at) => whole_second(at),
        Until::After(period) => now + period.delta(),
    };
    if until <= now {
        return Err(Failure::invalid("the freeze would be over already")
            .help("write an instant to come, or a duration such as `--until 12h`"));
    }
    let desk = Desk::open(context, &[])?;
    let freeze = Freeze {
        from: Some(now),
        until,
        reason: args.reason.clone(),
        owner: Some(context.person()),
    };
    let same = desk.config.calendar.freezes.iter().any(|other| {
        other.until == freeze.until && other.reason == freeze.reason && other.from <= freeze.from
    });
    let until = until.format("%Y-%m-%d %H:%M UTC");
    if same {
        writeln!(
            context.ui.answer(),
            "frozen until {until} already; nothing changed"
        )?;
        return Ok(Exit::Go);
    }
    let new = add_freeze(&desk.config_text, &freeze).map_err(|error| by_hand(&error))?;
    write(&desk, &new)?;
    writeln!(
        context.ui.answer(),
        "frozen until {until}: {}; rollbacks still happen",
        args.reason
    )?;
    Ok(Exit::Go)
}

pub(super) fn unfreeze(args: &UnfreezeArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let now = whole_second(context.now());
    let desk = Desk::open(context, &[])?;
    let ended = end_freezes(&desk.config_text, now).map_err(|error| by_hand(&error))?;
    let Some(new) = ended else {
        writeln!(
            context.ui.answer(),
            "no freeze is in force; nothing changed"
        )?;
        return Ok(Exit::Go);
    };
    write(&desk, &new)?;
    let why = args
        .reason
        .as_ref()
        .map_or_else(String::new, |why| format!(": {why}"));
    writeln!(
        context.ui.answer(),
        "the freeze is over{why}; the next advance decides"
    )?;
    Ok(Exit::Go)
}

fn write(desk: &Desk, new: &str) -> Result<(), Failure> {
    edit(
        &desk.directory,
        &desk.directory.root().join(CONFIG),
        &desk.config_text,
        new,
    )?;
    Ok(())
}

fn by_hand(error: &dyn std::error::Error) -> Failure {
    Failure::from_error(Exit::Error, error)
        .help("write the freeze in config.toml by hand, as a `[[freezes]]` table")
}

/// TOML keeps what we write; whole seconds are what people read.
fn whole_second(at: Instant) -> Instant {
    at - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()))
}

fn until(text: &str) -> Result<Until, String> {
    if let Ok(period) = Period::parse(text) {
        return Ok(Until::After(period));
    }
    super::args::instant(text).map(Until::At)
}
