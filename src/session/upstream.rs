//! Bringing the branch up to date before anything is decided, where it will be pushed. A remote that
//! cannot be reached stops nobody; what only a person can place stops all but those who stop a rollout.

use crate::workspace::git::{GitError, Repository};

use super::context::Context;
use super::failure::Failure;
use super::moved::report_moved;
use super::names::locate;
use super::plan_set::PlanSet;
use super::projection::PROJECTION;
use super::transition::GitAsked;

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It stops a rollout, or may: it goes on with what is known here.
    Stop,
    /// It lets one go on, which nobody should do without having seen what others did.
    GoOn,
}

/// Opens the plans for a command that writes, up to date where it will push.
///
/// # Errors
/// As [`PlanSet::to_write`] and [`PlanSet::to_stop`], and where the branch cannot be brought up to date for
/// a command that lets a rollout go on.
pub(crate) fn open(
    context: &mut Context<'_>,
    asked: &[String],
    git: GitAsked,
    purpose: Purpose,
) -> Result<PlanSet, Failure> {
    catch_up(context, asked, git, purpose)?;
    match purpose {
        Purpose::Stop => PlanSet::to_stop(context, asked),
        Purpose::GoOn => PlanSet::to_write(context, asked),
    }
}

/// Brings the branch up to date, where it will be pushed.
///
/// # Errors
/// When it cannot be, for a command that lets a rollout go on.
pub(crate) fn catch_up(
    context: &mut Context<'_>,
    asked: &[String],
    git: GitAsked,
    purpose: Purpose,
) -> Result<(), Failure> {
    let directory = locate(context, asked)?;
    if !(git.push || PlanSet::settings(&directory)?.git.push) {
        return Ok(());
    }
    let moved = Repository::open(&directory, &[])
        .map(|one| one.projecting(PROJECTION))
        .and_then(|one| one.catch_up(&directory));
    match moved {
        Ok(moved) => report_moved(&moved, context),
        Err(away @ GitError::FetchFailed { .. }) => warn(&away, context),
        Err(error) => match purpose {
            Purpose::Stop => warn(&error, context),
            Purpose::GoOn => Err(Failure::error(format!(
                "the branch cannot be brought up to date, and nothing was changed: {error}"
            ))
            .help(error.cure())),
        },
    }
}

fn warn(error: &GitError, context: &mut Context<'_>) -> Result<(), Failure> {
    context.ui.warn(&format!(
        "could not bring the branch up to date: {error}; {}",
        error.cure()
    ))?;
    Ok(())
}
