//! `rollout backtest --split`: the gates of a plan on the unexposed arm's own past, split into two arms
//! between which there is no difference. How a rollout is tried lives elsewhere, the threads in `cores`.

use chrono::SecondsFormat;

use crate::decide::Exit;
use crate::plan::{Plan, Schedule};
use crate::prometheus::{Client, SlotRequest, ask_slots};
use crate::report::OutputStyle;
use crate::report::github::{Annotation, Level, annotate};
use crate::report::json::print;
use crate::report::split::{document, headline, left_out, render};
use crate::session::{Asking, Context, Failure, Format, runtime};
use crate::simulate::{
    LeftOut, SmallestHarm, Split, SplitAnswer, SplitRun, Starts, TooShort, blocks_of, days_to_ask,
};
use crate::snapshot::SlotPast;
use crate::units::{Exposure, Instant};

use super::args::not_before;
use super::cores::on_all_cores;

/// Harm is looked for in so many stages: a column each.
const STAGES_OF_HARM: usize = 4;

/// Rollouts of a plan with stages, and of a ramp, which is judged anew at each of its moves.
const ROLLOUTS: u32 = 200;
const ROLLOUTS_OF_A_RAMP: u32 = 20;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    pub(super) rollouts: Option<u32>,
}

pub(super) fn run(
    plan: &Plan,
    file: &str,
    asked: Asked,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let to = asked.to.unwrap_or_else(|| context.now());
    let from = asked.from.unwrap_or_else(|| to - days_to_ask(plan).delta());
    if from >= to {
        return Err(not_before(from, to));
    }
    let past = ask(plan, (from, to), client, context)?;
    let (split, untried) = Split::new(plan, &past);
    let split = split.ok_or_else(|| nothing_to_try(plan, &untried))?;
    let is_ramp = match plan.course {
        Schedule::Stages(_) => false,
        Schedule::Ramp(_) => true,
    };
    let rollouts = if is_ramp {
        ROLLOUTS_OF_A_RAMP
    } else {
        ROLLOUTS
    };
    let rollouts = asked.rollouts.unwrap_or(rollouts);
    let starts = Starts::spread(split.plan(), (past.from, past.to), past.slots, rollouts)
        .map_err(|error| too_short(error, &past))?;
    let mut runs = on_all_cores(&starts.jobs(), context, |(at, seed)| split.run(at, seed))?;
    runs.sort_by_key(|(job, _)| *job);
    let runs: Vec<SplitRun> = runs.into_iter().map(|(_, run)| run).collect();
    let harms = harms(&split, &starts, context)?;
    let answer = SplitAnswer::of(&split, starts.splits, &runs, harms);
    let budget = split.plan().judge.rollback_alpha.get();
    let is_missing = |(_, why): &(String, LeftOut)| matches!(why, LeftOut::Unsplit(_));
    let exit = if answer.left_out.iter().any(is_missing) {
        Exit::Inconclusive
    } else {
        Exit::Go
    };
    let often = answer.rolls_back_too_often(budget);
    let output = context.output_style();
    match context.global.format {
        Format::Text | Format::Markdown if context.ui.quiet && exit == Exit::Go && !often => {}
        Format::Text | Format::Markdown => render(&answer, budget, &output, context.ui.answer())?,
        Format::Github => {
            let level = if often || exit != Exit::Go {
                Level::Warning
            } else {
                Level::Notice
            };
            let annotation = Annotation {
                level,
                file,
                at: None,
                title: &format!("{}: backtest", plan.name),
                message: &headline(&answer),
            };
            annotate(&annotation, context.ui.annotations())?;
            let plain = OutputStyle {
                color: false,
                ..output
            };
            let mut text = Vec::new();
            render(&answer, budget, &plain, &mut text)?;
            let text = String::from_utf8_lossy(&text);
            context.summarise(&format!("## rollout backtest\n\n```text\n{text}```\n"))?;
        }
        Format::Json => {
            print(&document(&answer, budget), context.ui.answer())?;
        }
    }
    Ok(exit)
}

fn ask(
    plan: &Plan,
    (from, to): (Instant, Instant),
    client: &Client,
    context: &Context<'_>,
) -> Result<SlotPast, Failure> {
    let asking = Asking::start(context);
    let told = |done, total| asking.answered(done, total);
    let blocks = blocks_of(plan);
    let request = SlotRequest {
        plan,
        from,
        to,
        blocks: &blocks,
    };
    let answer = runtime()?.block_on(ask_slots(client, &request, context.now(), &told));
    answer.map_err(|error| {
        let mut failure = Failure::from_error(Exit::Error, &error);
        failure.message = format!("failed to {}", failure.message);
        failure
    })
}

/// The smallest harm to each guardrail in each of the first stages in which arms are compared.
fn harms(
    split: &Split<'_>,
    starts: &Starts,
    context: &Context<'_>,
) -> Result<Vec<Vec<(u32, SmallestHarm)>>, Failure> {
    let compared: Vec<u32> = match &split.plan().course {
        Schedule::Stages(stages) => (1..)
            .zip(stages)
            .filter(|(_, stage)| stage.exposure < Exposure::FULL)
            .map(|(number, _)| number)
            .take(STAGES_OF_HARM)
            .collect(),
        Schedule::Ramp(_) => Vec::new(),
    };
    let guardrails = split.plan().guardrails.len();
    let jobs: Vec<(usize, u32)> = (0..guardrails)
        .flat_map(|guardrail| compared.iter().map(move |stage| (guardrail, *stage)))
        .collect();
    let mut found = on_all_cores(&jobs, context, |(guardrail, stage)| {
        split.smallest(guardrail, stage, starts)
    })?;
    found.sort_by_key(|(job, _)| *job);
    let of = |guardrail: usize| {
        let own = found.iter().filter(move |((one, _), _)| *one == guardrail);
        own.map(|((_, stage), harm)| (*stage, *harm)).collect()
    };
    Ok((0..guardrails).map(of).collect())
}

/// No guardrail can be tried.
fn nothing_to_try(plan: &Plan, untried: &[(String, LeftOut)]) -> Failure {
    let mut failure = Failure::error(format!(
        "no guardrail of {} has a past that can be split into two arms",
        plan.name
    ));
    // Nothing went wrong: the answer is that this cannot be told.
    failure.exit = Exit::Inconclusive;
    for (name, why) in untried {
        failure.causes.push(format!("{name}: {}", left_out(*why)));
    }
    failure
        .help(format!(
            "`rollout doctor {}` shows what is there; two instances at least of the unexposed arm are needed, told apart by a label such as `pod` or `instance`",
            plan.name
        ))
        .help("`rollout simulate` tries the plan on traffic that is made up")
}

fn too_short(error: TooShort, past: &SlotPast) -> Failure {
    let TooShort { first, needed } = error;
    let at = |at: Instant| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    Failure::invalid(format!(
        "from {} to {} is too short to try a rollout in: {needed} of data are needed, and the first stage takes {first}",
        at(past.from),
        at(past.to)
    ))
    .help("write an earlier instant after --from, if there are older data")
}
