//! What people decide: `rollback`, `pause`, `resume`, `retry`, `approve`. What each does is
//! [`crate::decide::by_hand`]; here it is asked, recorded and written, the same way for all.

use std::path::Path;

use serde_json::Value;

use crate::decide::by_hand::{Footing, Operator, Refusal};
use crate::decide::{Exit, RecordedAction, RecordedActor};
use crate::plan::{Plan, PlanText, State, lost_targets};
use crate::report::notify::Notice;
use crate::report::numbers::counted;
use crate::report::{Change, SeenTarget};
use crate::session::{
    Brakes, Context, Failure, LoadedPlan, PlanSet, Purpose, Round, Step, TransitionWriter,
    followed, open_to_write, send, sync, until_published,
};
use crate::units::{Exposure, Foreign};
use crate::workspace::DecisionContext;
use crate::workspace::git::{CommitMessage, GitError, Publication};

use super::args::GitArgs;

/// One plan and why.
#[derive(Debug, clap::Args)]
pub(super) struct PlanArgs {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    pub(super) plan: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) git: GitArgs,
}

/// A person's word, to be carried out.
pub(super) struct ManualCommand<'a> {
    /// Which command; the name of the evidence.
    pub(super) verb: RecordedAction,
    /// What is said when it is done.
    pub(super) done: &'a str,
    /// What is said when it is so already.
    pub(super) already: &'a str,
}

/// Carries out a command on one plan.
///
/// # Errors
/// When it is refused (exit 3 or 2) or cannot be written (exit 1).
pub(super) fn carry_out(
    command: &ManualCommand<'_>,
    args: &PlanArgs,
    context: &mut Context<'_>,
    decide: impl Fn(&Plan, Operator<'_>) -> Result<Option<State>, Refusal>,
) -> Result<Exit, Failure> {
    until_published(context, |context| once(command, args, context, &decide))
}

fn once(
    command: &ManualCommand<'_>,
    args: &PlanArgs,
    context: &mut Context<'_>,
    decide: impl Fn(&Plan, Operator<'_>) -> Result<Option<State>, Refusal>,
) -> Result<Round, Failure> {
    let asked = std::slice::from_ref(&args.plan);
    let plan_set = open_to_write(context, asked, args.git.asked(), Purpose::GoOn)?;
    let (loaded, plan) = plan_set.one(&args.plan, context)?;
    let person = context.person();
    let hand = Operator {
        person: &person,
        now: context.now(),
        reason: args.reason.as_deref(),
    };
    let state = decide(plan, hand).map_err(|refusal| refused(&refusal))?;
    write(
        command,
        args,
        state.as_ref(),
        NOTHING_SEEN,
        (&plan_set, loaded),
        context,
    )
}

/// Carries out a command that spares users: whatever mistakes the plan or the shared settings have,
/// as long as a state can be put into the plan's file.
///
/// # Errors
/// When it is refused (exit 3), when the file is no TOML (exit 2), or cannot be written (exit 1).
pub(super) fn stop(
    command: &ManualCommand<'_>,
    args: &PlanArgs,
    context: &mut Context<'_>,
    decide: fn(Footing<'_>, Operator<'_>) -> Result<Option<State>, Refusal>,
) -> Result<Exit, Failure> {
    until_published(context, |context| stop_once(command, args, context, decide))
}

fn stop_once(
    command: &ManualCommand<'_>,
    args: &PlanArgs,
    context: &mut Context<'_>,
    decide: fn(Footing<'_>, Operator<'_>) -> Result<Option<State>, Refusal>,
) -> Result<Round, Failure> {
    let asked = std::slice::from_ref(&args.plan);
    let plan_set = open_to_write(context, asked, args.git.asked(), Purpose::Stop)?;
    let loaded = plan_set.loaded(&args.plan)?;
    let person = context.person();
    let hand = Operator {
        person: &person,
        now: context.now(),
        reason: args.reason.as_deref(),
    };
    let (state, declared) = match &loaded.plan {
        Some(plan) => (plan.state.clone(), plan.declared.clone()),
        None => {
            let text = PlanText::parse(&loaded.file.text);
            let state = match text.standing() {
                Some(state) => state,
                None => Some(text.salvaged(hand.now).ok_or_else(|| {
                    loaded.mistaken(context).help(
                        "no state can be written into it before it is TOML again: take the last good text from git, then say this again; until then whoever reads it must be told by hand",
                    )
                })?),
            };
            (state, text.declared_digest())
        }
    };
    let footing = Footing {
        name: &loaded.file.name,
        state: state.as_ref(),
        declared: &declared,
    };
    let state = decide(footing, hand).map_err(|refusal| refused(&refusal))?;
    let round = write(
        command,
        args,
        state.as_ref(),
        NOTHING_SEEN,
        (&plan_set, loaded),
        context,
    )?;
    let lost = match &loaded.plan {
        None => lost_targets(&loaded.file.text),
        Some(_) => 0,
    };
    if matches!(round, Round::Done(_)) && lost > 0 && command.verb == RecordedAction::Rollback {
        let failure = Failure::error(format!(
            "{} of {} cannot be read, and may still expose users",
            counted(lost, "target"),
            loaded.file.name
        ));
        let name = &loaded.file.name;
        let failure = failure.help(format!(
            "lower it by hand; then mend the plan: `rollout validate {name}` shows where"
        ));
        let color = context.ui.color_messages;
        failure.render(context.ui.messages(), color)?;
        return Ok(round.worse(failure.exit));
    }
    if matches!(round, Round::Done(_)) && loaded.plan.is_none() {
        context.ui.warn(&format!(
            "{} has {}, which stopped nothing; `rollout validate {}` shows them",
            loaded.shown,
            counted(loaded.mistakes.len(), "mistake"),
            loaded.file.name
        ))?;
    }
    Ok(round)
}

/// What the person looked at, where a command looks at all.
pub(super) struct ReviewedEvidence {
    pub(super) snapshot: Option<Value>,
    pub(super) report: Option<Value>,
}

/// The command looked at nothing.
const NOTHING_SEEN: ReviewedEvidence = ReviewedEvidence {
    snapshot: None,
    report: None,
};

/// Writes the state a person's word leads to, with its evidence, and says so.
///
/// # Errors
/// When it cannot be written; nothing is changed then.
pub(super) fn write(
    command: &ManualCommand<'_>,
    args: &PlanArgs,
    state: Option<&State>,
    reviewed: ReviewedEvidence,
    (plan_set, loaded): (&PlanSet, &LoadedPlan),
    context: &mut Context<'_>,
) -> Result<Round, Failure> {
    let name = &loaded.file.name;
    let brakes = if command.verb == RecordedAction::Resume {
        Brakes::Released
    } else {
        Brakes::Respected
    };
    let place = plan_set.select(std::slice::from_ref(name))?;
    let synced = sync(plan_set, &place, brakes, context)?;
    let writer = TransitionWriter::open(plan_set, args.git.asked(), context);
    let said = Said {
        already: &format!("{name}: {}", command.already),
        path: Some(&loaded.file.path),
    };
    let Some(state) = state else {
        let word = CommitMessage {
            verb: RecordedAction::Sync,
            does: "targets to what their plans say",
            reason: args.reason.as_deref(),
            actor: RecordedActor::Person(context.person()),
        };
        writer.commit_targets(plan_set, &place, &synced.written, &word);
        return Ok(settled(&writer, plan_set, &said, context)?.worse(synced.least));
    };
    let now = context.now();
    let grounds = DecisionContext {
        decision: command.verb.clone(),
        reasons: vec![command.done.to_owned()],
        reason_codes: Vec::new(),
        actor: RecordedActor::Person(context.person()),
        reason: args.reason.clone(),
        config_text: plan_set.config_text.clone(),
        neighbours: plan_set.neighbours(loaded.plan.as_ref()),
        snapshot: reviewed.snapshot,
        history: None,
        report: reviewed.report,
    };
    let may_have_targets = loaded.plan.is_none() || loaded.has_targets();
    let look = |text: &str| match may_have_targets {
        true => plan_set.targets_in(loaded, text),
        false => Vec::new(),
    };
    let targets = look(&loaded.file.text);
    let targets = targets
        .into_iter()
        .map(SeenTarget::seen)
        .collect::<Vec<_>>();
    let step = writer.write(
        &plan_set.directory,
        &loaded.file,
        state,
        &grounds,
        now,
        &|| Ok(()),
    )?;
    let Some(Step { mut change, .. }) = step else {
        return Ok(settled(&writer, plan_set, &said, context)?.worse(synced.least));
    };
    let least = writer.report_uncommitted(context)?.worse(synced.least);
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
    followed(&mut change, &moved, &plan_set.directory, &loaded.file);
    let notice = notice(command, args, state, loaded, &change, context);
    let now = look(&change.after);
    let out = context.ui.answer();
    writeln!(out, "{name}: {}", Foreign(command.done))?;
    writeln!(out, "  plan      {}", loaded.shown)?;
    if let Some(evidence) = &change.evidence {
        let record = plan_set.directory.shown().join(evidence);
        writeln!(out, "  evidence  {}", Foreign(record.display()))?;
    }
    if let Some(commit) = &change.commit {
        writeln!(out, "  commit    {}", commit.get(..12).unwrap_or(commit))?;
    }
    for (SeenTarget { was, .. }, now) in targets.into_iter().zip(now) {
        let seen = SeenTarget { was, now };
        if let Some(moved) = seen.moved() {
            writeln!(out, "  target    {moved}")?;
        }
    }
    context.ui.answer().flush()?;
    send(&[notice], &plan_set.config.notify, context)?;
    Ok(Round::Done(exit))
}

/// A command that found everything as it was asked to be.
pub(super) struct Said<'a> {
    /// What is said then.
    pub(super) already: &'a str,
    /// The file that says so, where it must be in a commit.
    pub(super) path: Option<&'a Path>,
}

/// Nothing has to be written: what an earlier run left undone is done, the commit and the push too
/// where they are asked for. Exit 0 says that all of it is.
///
/// # Errors
/// When it cannot be said, or git cannot be asked.
pub(super) fn settled(
    writer: &TransitionWriter,
    plan_set: &PlanSet,
    said: &Said<'_>,
    context: &mut Context<'_>,
) -> Result<Round, Failure> {
    let mut least = writer.report_uncommitted(context)?;
    let mut wrong: Vec<Failure> = writer.debt().cloned().into_iter().collect();
    if wrong.is_empty()
        && let Some(path) = said.path.filter(|path| path.exists())
    {
        let misses = writer.misses(&plan_set.directory, path)?;
        wrong.extend(misses.map(uncommitted));
    }
    let waiting = if wrong.is_empty() {
        writer.waiting()?
    } else {
        0
    };
    match writer.publish(&plan_set.directory, context)? {
        Publication::Done(_) => {}
        Publication::Again { moved: _, kept } => return Ok(Round::Lost(kept)),
        Publication::Unpublished(unpublished) => wrong.push(Failure::from(&unpublished)),
    }
    for failure in &wrong {
        least = least.worse(failure.exit);
        let color = context.ui.color_messages;
        failure.render(context.ui.messages(), color)?;
    }
    let pushed = match waiting {
        0 => String::new(),
        _ if !wrong.is_empty() => String::new(),
        many => format!("; {} of earlier runs pushed", counted(many, "commit")),
    };
    writeln!(context.ui.answer(), "{}{pushed}", said.already)?;
    Ok(Round::Done(least))
}

/// Why what was asked for is in no commit although it is written.
fn uncommitted(why: GitError) -> Failure {
    match &why {
        // Who undoes them undoes what was asked for as well, and has to ask again.
        GitError::PlanDirty { plan } => Failure::error(why.to_string()).help(format!(
            "`git diff HEAD -- {plan}` shows them; commit or drop them, then say this again"
        )),
        _ => Failure::from(why),
    }
}

/// What others are told of a person's word.
fn notice(
    command: &ManualCommand<'_>,
    args: &PlanArgs,
    state: &State,
    loaded: &LoadedPlan,
    change: &Change,
    context: &Context<'_>,
) -> Notice {
    let plan = loaded.plan.as_ref();
    let before = plan.and_then(|plan| plan.state.as_ref());
    let mut reasons = vec![command.done.to_owned()];
    reasons.extend(args.reason.clone());
    Notice {
        plan: loaded.file.name.clone(),
        owner: plan.and_then(|plan| plan.owner.clone()),
        decision: command.verb.clone(),
        from: before.map_or(Exposure::NONE, |state| state.exposure),
        to: state.exposure,
        stage: state.stage,
        stages: plan.map_or(1, |plan| {
            u32::try_from(plan.stages().len())
                .unwrap_or(u32::MAX)
                .max(1)
        }),
        reasons,
        actor: RecordedActor::Person(context.person()),
        at: context.now(),
        evidence: change.evidence.clone(),
        report: None,
    }
}

/// A refusal is not an accident: what is asked does not fit where the plan stands.
pub(super) fn refused(refusal: &Refusal) -> Failure {
    let exit = match refusal {
        Refusal::NoSuchStage { .. } => Exit::Invalid,
        Refusal::GatesClosed { .. }
        | Refusal::NothingToPause { .. }
        | Refusal::ResumeLatched { .. }
        | Refusal::NotRolledBack { .. }
        | Refusal::NoApprovalAsked { .. } => Exit::Hold,
    };
    Failure::new(exit, refusal.to_string())
}
