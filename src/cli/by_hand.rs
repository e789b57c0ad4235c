//! What people decide: `rollback`, `pause`, `resume`, `retry`, `approve`. What each does is
//! [`crate::decide::by_hand`]; here it is asked, recorded and written, the same way for all.

use serde_json::Value;

use crate::decide::Exit;
use crate::decide::by_hand::{Hand, Refusal};
use crate::plan::{Plan, State};
use crate::report::Change;
use crate::report::notify::Notice;
use crate::units::Exposure;
use crate::workspace::{ALWAYS, Grounds};

use super::context::Context;
use super::desk::{Desk, Sheet};
use super::failure::Failure;
use super::notify;
use super::recorder::{GitArgs, Published, Recorder, until_published};

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
pub(super) struct Order<'a> {
    /// `rollback`, `pause` and so on; the name of the evidence.
    pub(super) verb: &'static str,
    /// What is said when it is done.
    pub(super) done: &'a str,
    /// What is said when it is so already.
    pub(super) already: &'a str,
}

/// Carries out an order on one plan.
///
/// # Errors
/// When it is refused (exit 3 or 2) or cannot be written (exit 1).
pub(super) fn carry_out(
    order: &Order<'_>,
    args: &PlanArgs,
    context: &mut Context<'_>,
    decide: impl Fn(&Plan, Hand<'_>) -> Result<Option<State>, Refusal>,
) -> Result<Exit, Failure> {
    until_published(context, |context| once(order, args, context, &decide))
}

fn once(
    order: &Order<'_>,
    args: &PlanArgs,
    context: &mut Context<'_>,
    decide: impl Fn(&Plan, Hand<'_>) -> Result<Option<State>, Refusal>,
) -> Result<Option<Exit>, Failure> {
    let desk = Desk::open(context, std::slice::from_ref(&args.plan))?;
    let (sheet, plan) = desk.one(&args.plan, context)?;
    let person = context.person();
    let hand = Hand {
        person: &person,
        now: context.now(),
        reason: args.reason.as_deref(),
    };
    let state = decide(plan, hand).map_err(|refusal| refused(&refusal))?;
    let paper = Paper {
        snapshot: None,
        report: None,
    };
    write(order, args, state.as_ref(), paper, (&desk, sheet), context)
}

/// What the person looked at, where a command looks at all.
pub(super) struct Paper {
    pub(super) snapshot: Option<Value>,
    pub(super) report: Option<Value>,
}

/// Writes the state a person's word leads to, with its evidence, and says so; `None` when somebody
/// else was faster with their push.
///
/// # Errors
/// When it cannot be written; nothing is changed then.
pub(super) fn write(
    order: &Order<'_>,
    args: &PlanArgs,
    state: Option<&State>,
    paper: Paper,
    (desk, sheet): (&Desk, &Sheet),
    context: &mut Context<'_>,
) -> Result<Option<Exit>, Failure> {
    let name = &sheet.file.name;
    let Some(state) = state else {
        writeln!(context.ui.answer(), "{name}: {}", order.already)?;
        return Ok(Some(Exit::Go));
    };
    let now = context.now();
    let grounds = Grounds {
        decision: order.verb.to_owned(),
        reasons: vec![order.done.to_owned()],
        reason_codes: Vec::new(),
        actor: format!("person:{}", context.person()),
        reason: args.reason.clone(),
        config_text: desk.config_text.clone(),
        neighbours: desk.neighbours(name),
        snapshot: paper.snapshot,
        report: paper.report,
    };
    let recorder = Recorder::open(desk, args.git, context);
    let change = recorder.write(&desk.directory, &sheet.file, state, &grounds, now, &ALWAYS)?;
    let out = context.ui.answer();
    let Some(change) = change else {
        writeln!(out, "{name}: {}", order.already)?;
        return Ok(Some(Exit::Go));
    };
    let least = recorder.confess(context)?;
    // A person's word is kept here whatever becomes of the push.
    let exit = match recorder.publish(&desk.directory, true)? {
        Published::Done => least,
        Published::Kept(failure) => {
            let color = context.ui.color_messages;
            failure.render(context.ui.messages(), color)?;
            failure.exit
        }
        Published::Withdrawn(failure) => return Err(failure),
        Published::Again => return Ok(None),
    };
    let notice = notice(order, args, state, sheet, &change, context);
    let out = context.ui.answer();
    writeln!(out, "{name}: {}", order.done)?;
    writeln!(out, "  plan      {}", sheet.shown)?;
    if let Some(evidence) = &change.evidence {
        let record = desk.directory.shown().join(evidence);
        writeln!(out, "  evidence  {}", record.display())?;
    }
    if let Some(commit) = &change.commit {
        writeln!(out, "  commit    {}", commit.get(..12).unwrap_or(commit))?;
    }
    context.ui.answer().flush()?;
    notify::send(&[notice], &desk.config.notify, context)?;
    Ok(Some(exit))
}

/// What others are told of a person's word.
fn notice(
    order: &Order<'_>,
    args: &PlanArgs,
    state: &State,
    sheet: &Sheet,
    change: &Change,
    context: &Context<'_>,
) -> Notice {
    let plan = sheet.plan.as_ref();
    let before = plan.and_then(|plan| plan.state.as_ref());
    let mut reasons = vec![order.done.to_owned()];
    reasons.extend(args.reason.clone());
    Notice {
        plan: sheet.file.name.clone(),
        owner: plan.and_then(|plan| plan.owner.clone()),
        decision: order.verb.to_owned(),
        from: before.map_or(Exposure::NONE, |state| state.exposure),
        to: state.exposure,
        stage: state.stage,
        stages: plan.map_or(1, |plan| {
            u32::try_from(plan.stages().len())
                .unwrap_or(u32::MAX)
                .max(1)
        }),
        reasons,
        actor: format!("person:{}", context.person()),
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
