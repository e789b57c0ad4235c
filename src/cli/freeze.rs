//! `rollout freeze` and `rollout unfreeze`: stop all advances for a while. Rollbacks pass.

use chrono::TimeDelta;

use crate::decide::{Exit, RecordedAction, RecordedActor};
use crate::plan::{Freeze, FreezeError, add_freeze, end_freezes};
use crate::session::{
    Context, Failure, PlanSet, Purpose, Round, TransitionWriter, catch_up, until_published,
};
use crate::units::{Foreign, Instant, Period};
use crate::workspace::git::{CommitMessage, Publication};
use crate::workspace::{CONFIG, Edit};

use super::args::GitArgs;
use super::by_hand::{Said, settled};

/// Stop all advances until an instant; rollbacks still happen
#[derive(Debug, clap::Args)]
pub(super) struct FreezeArgs {
    /// Until when: an instant (RFC 3339) or a date, or a duration from now such as 12h
    #[arg(long, value_name = "T", value_parser = until)]
    until: Until,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    git: GitArgs,
}

/// Allow advances again
///
/// Ends the freezes in force now; those yet to come stay. Who did it and why stands behind the new
/// end in config.toml.
#[derive(Debug, clap::Args)]
pub(super) struct UnfreezeArgs {
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    git: GitArgs,
}

/// The end of a freeze.
#[derive(Debug, Clone, Copy)]
enum Until {
    At(Instant),
    After(Period),
}

pub(super) fn freeze(args: &FreezeArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let now = whole_second(context.now());
    let end = match args.until {
        Until::At(at) => whole_second(at),
        Until::After(period) => now + period.delta(),
    };
    if end <= now {
        return Err(Failure::invalid("the freeze would be over already")
            .help("write an instant to come, or a duration such as `--until 12h`"));
    }
    let shown = end.format("%Y-%m-%d %H:%M UTC");
    let settings = Settings {
        verb: RecordedAction::Freeze,
        does: &format!("freeze all rollouts until {shown}"),
        done: &format!(
            "frozen until {shown}: {}; rollbacks still happen",
            args.reason
        ),
        already: &format!("frozen until {shown} already; nothing changed"),
        reason: Some(&args.reason),
        purpose: Purpose::Stop,
    };
    let freeze = Freeze {
        from: Some(now),
        until: end,
        reason: args.reason.clone(),
        owner: Some(context.person()),
    };
    until_published(context, |context| {
        settings.write(args.git, context, |plan_set| {
            let same = plan_set.config.calendar.freezes.iter().any(|other| {
                other.until == freeze.until
                    && other.reason == freeze.reason
                    && other.from <= freeze.from
            });
            (!same)
                .then(|| add_freeze(&plan_set.config_text, &freeze))
                .transpose()
        })
    })
}

pub(super) fn unfreeze(args: &UnfreezeArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let now = whole_second(context.now());
    let why = args
        .reason
        .as_ref()
        .map_or_else(String::new, |why| format!(": {why}"));
    let settings = Settings {
        verb: RecordedAction::Unfreeze,
        does: "end the freeze of all rollouts",
        done: &format!("the freeze is over{why}; the next advance decides"),
        already: "no freeze is in force; nothing changed",
        reason: args.reason.as_deref(),
        purpose: Purpose::GoOn,
    };
    let remark = format!("ended by {}{why}", context.person());
    until_published(context, |context| {
        settings.write(args.git, context, |plan_set| {
            end_freezes(&plan_set.config_text, now, &remark)
        })
    })
}

/// A change of the shared settings, in words.
struct Settings<'a> {
    verb: RecordedAction,
    /// For the commit.
    does: &'a str,
    /// What is said when it is done.
    done: &'a str,
    /// What is said when it is so already.
    already: &'a str,
    reason: Option<&'a str>,
    purpose: Purpose,
}

impl Settings<'_> {
    /// Writes the new text, as a file or as a file and a commit.
    fn write(
        &self,
        git: GitArgs,
        context: &mut Context<'_>,
        change: impl Fn(&PlanSet) -> Result<Option<String>, FreezeError>,
    ) -> Result<Round, Failure> {
        let Self {
            verb,
            does,
            done,
            already,
            reason,
            purpose,
        } = self;
        catch_up(context, &[], git.asked(), *purpose)?;
        let plan_set = PlanSet::to_write(context, &[]).map_err(|failure| {
            if failure.exit == Exit::Invalid {
                failure.help(format!(
                    "nothing was changed: mend {CONFIG}, then say this again"
                ))
            } else {
                failure
            }
        })?;
        let path = plan_set.directory.root().join(CONFIG);
        let new = change(&plan_set).map_err(|error| by_hand(&error))?;
        let writer = TransitionWriter::open(&plan_set, git.asked(), context);
        let Some(new) = new else {
            let said = Said {
                already,
                path: Some(&path),
            };
            return settled(&writer, &plan_set, &said, context);
        };
        let edits = [Edit {
            old: path.exists().then(|| plan_set.config_text.clone()),
            path,
            new,
        }];
        let actor = RecordedActor::Person(context.person());
        let word = CommitMessage {
            verb: verb.clone(),
            does,
            reason: *reason,
            actor,
        };
        let commit = writer.edit(&plan_set.directory, &edits, &word)?;
        let least = writer.report_uncommitted(context)?;
        // A person's word is kept here whatever becomes of the push.
        let (moved, exit) = match writer.publish(&plan_set.directory, context)? {
            Publication::Done(moved) => (moved, least),
            Publication::Again { moved: _, kept } => return Ok(Round::Lost(kept)),
            Publication::Unpublished(unpublished) => {
                let failure = Failure::from(&unpublished);
                let color = context.ui.color_messages;
                failure.render(context.ui.messages(), color)?;
                (unpublished.moved, least.worse(failure.exit))
            }
        };
        writeln!(context.ui.answer(), "{}", Foreign(done))?;
        if let Some(commit) = commit {
            let commit = moved.now(&commit).map_or(&commit, |now| &now.commit);
            let short = commit.get(..12).unwrap_or(commit);
            writeln!(context.ui.answer(), "  commit    {short}")?;
        }
        Ok(Round::Done(exit))
    }
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
