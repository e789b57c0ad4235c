//! `rollout demo`: the main job on simulated traffic. Two releases start together; one is fine, one
//! is not. Every step is the one that `advance` takes: parse, judge, decide, write back, record.
//! Only the snapshots come from elsewhere.

mod traffic;

use std::path::{Path, PathBuf};

use chrono::{TimeDelta, TimeZone as _, Utc};

use crate::decide::{Action, Exit};
use crate::plan::{Plan, Status};
use crate::report::{self, Look};
use crate::units::{Instant, Period};
use crate::workspace::{USUAL_NAME, create_file};

use super::advance::{Run, take};
use super::answer::Answered;
use super::context::Context;
use super::desk::Desk;
use super::failure::Failure;
use super::pipeline::{Trial, tried};
use traffic::{Stream, snapshot};

/// Files of the demo's directory.
const FILES: [(&str, &str); 3] = [
    ("config.toml", include_str!("demo/config.toml")),
    (
        "checkout-redesign.toml",
        include_str!("demo/checkout-redesign.toml"),
    ),
    ("gift-cards.toml", include_str!("demo/gift-cards.toml")),
];

/// The release that multiplies the errors.
const BAD: &str = "gift-cards";

/// By how much.
const HARM: f64 = 3.0;

/// Requests a second, over both arms.
const REQUESTS: f64 = 100.0;

/// Simulated time between two runs, as a cron job would have it.
const EVERY: Period = Period::from_minutes(15);

/// The demo ends by itself; a healthy release needs a little over two days.
const LONGEST: Period = Period::from_hours(7 * 24);

/// Fixed, so that the demo says the same every time.
const SEED: u64 = 20_260_112;

/// Columns of the demo: it is shown on small terminals too.
const WIDTH: usize = 80;

/// Watch a healthy rollout reach 100 % and a bad one get rolled back
///
/// Simulated traffic, no network, a few seconds. The directory stays, to play with.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let root = tempfile::Builder::new()
        .prefix("rollout-demo-")
        .tempdir()?
        .keep();
    let directory = root.join(USUAL_NAME);
    fs_err::create_dir(&directory)?;
    for (name, text) in FILES {
        create_file(&directory.join(name), text.as_bytes())?;
    }
    context.global.dir = Some(directory.clone());
    introduce(context)?;
    let start = Utc
        .with_ymd_and_hms(2026, 1, 12, 9, 0, 0)
        .single()
        .unwrap_or(context.started);
    let (end, runs) = play(start, context)?;
    conclude(&root, start, end, runs, context)?;
    Ok(Exit::Go)
}

fn introduce(context: &mut Context<'_>) -> Result<(), Failure> {
    let out = context.ui.answer();
    writeln!(
        out,
        "Two releases of a simulated shop at {REQUESTS} requests a second, of which 1 % fail:\n\
         \n  checkout-redesign  changes nothing for the worse\
         \n  {BAD:<17}  makes {HARM} times as many requests fail\n\
         \nEvery {EVERY} of simulated time `rollout advance` looks at both. What happened:\n"
    )?;
    Ok(())
}

/// Runs until nothing more can happen; the instant of the last run and how many there were.
fn play(start: Instant, context: &mut Context<'_>) -> Result<(Instant, usize), Failure> {
    let mut now = start;
    let mut runs = 0;
    loop {
        runs += 1;
        let desk = Desk::open(context, &[])?;
        let mut busy = false;
        for sheet in &desk.sheets {
            let Some(plan) = &sheet.plan else {
                return Err(Failure::error(format!("{} has mistakes", sheet.shown))
                    .preface(sheet.render(false, WIDTH)));
            };
            match plan.status() {
                Status::Complete | Status::RolledBack => continue,
                Status::Pending | Status::Progressing | Status::Paused => busy = true,
            }
            let evidence = if plan.needs_data() {
                snapshot(plan, &streams(plan), now, SEED)
            } else {
                None
            };
            let trial = tried(&desk, sheet, plan, evidence, now);
            let run = Run {
                desk: &desk,
                reason: None,
                person: "demo",
            };
            let change = take(&trial, &run)?;
            if change.is_some() {
                tell(&trial, start, context)?;
            }
            if plan.name == BAD && matches!(trial.decision.action, Action::Rollback { .. }) {
                show(trial, change, context)?;
            }
        }
        if !busy || now - start > LONGEST.delta() {
            return Ok((now, runs));
        }
        now += EVERY.delta();
    }
}

/// What the simulated shop does for this plan's users.
fn streams(plan: &Plan) -> [Stream; 2] {
    let harm = if plan.name == BAD { HARM } else { 1.0 };
    [
        Stream {
            guardrail: "request-errors",
            per_second: REQUESTS,
            share: 0.01,
            effect: harm,
        },
        Stream {
            guardrail: "abandoned-carts",
            per_second: REQUESTS / 10.0,
            share: 0.1,
            effect: 1.0,
        },
    ]
}

/// One line for one transition.
fn tell(trial: &Trial<'_>, start: Instant, context: &mut Context<'_>) -> Result<(), Failure> {
    let since = clock(trial.now - start);
    let name = &trial.plan.name;
    let before = trial
        .plan
        .state
        .as_ref()
        .map_or(crate::units::Exposure::NONE, |state| state.exposure);
    let step = match trial.decision.action {
        Action::Advance { exposure, .. } | Action::Rollback { exposure } => {
            format!("{before} -> {exposure}")
        }
        Action::Hold => "holds".to_owned(),
        Action::Pause => "pauses".to_owned(),
        Action::Complete => "complete".to_owned(),
    };
    let style = context.look().styles().exit(trial.decision.exit);
    let numbers = numbers(trial);
    writeln!(
        context.ui.answer(),
        "  {since:>6}  {name:<17}  {style}{step:<14}{style:#}  {numbers}"
    )?;
    Ok(())
}

/// The error ratio that carried the decision, in a few words.
fn numbers(trial: &Trial<'_>) -> String {
    let measure = trial
        .judgement
        .as_ref()
        .and_then(|judgement| judgement.findings.first())
        .and_then(|finding| finding.measure.as_ref());
    let Some(measure) = measure else {
        return match trial.plan.state {
            None => "first users".to_owned(),
            Some(_) => "nobody left to compare with".to_owned(),
        };
    };
    match (measure.estimate, measure.lower, measure.upper) {
        (Some(estimate), Some(lower), Some(upper)) => {
            format!("errors x{estimate:.2} ({lower:.2} to {upper:.2})")
        }
        _ => match measure.exposed.value {
            Some(value) => format!("errors {:.2} % of requests", value * 100.0),
            None => String::new(),
        },
    }
}

/// `+1d 03:15` since the start.
fn clock(since: TimeDelta) -> String {
    let minutes = since.num_minutes();
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The whole report of the run that rolled back, as `advance` printed it.
fn show(
    trial: Trial<'_>,
    change: Option<report::Change>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let now = trial.now;
    let report = report::Report::new(
        now,
        vec![Answered::decided(trial, change).into_report()],
        &[],
    );
    let look = Look {
        color: context.ui.color,
        width: WIDTH - 4,
    };
    let mut text = Vec::new();
    report::text::render(&report, &look, &mut text)?;
    let out = context.ui.answer();
    writeln!(out)?;
    for line in String::from_utf8_lossy(&text).lines() {
        writeln!(out, "    {line}").map_err(Failure::from)?;
    }
    writeln!(out)?;
    Ok(())
}

fn conclude(
    root: &Path,
    start: Instant,
    end: Instant,
    runs: usize,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let simulated = Period::between(start, end).rough();
    let look = Look {
        color: context.ui.color,
        width: WIDTH,
    };
    let desk = Desk::open(context, &[])?;
    let rows: Vec<report::status::Row> = desk
        .sheets
        .iter()
        .filter_map(|sheet| sheet.plan.as_ref())
        .map(|plan| report::status::row(plan, &desk.surroundings(plan, end)))
        .collect();
    let shown: PathBuf = root.to_path_buf();
    let out = context.ui.answer();
    writeln!(
        out,
        "\n{runs} runs in {simulated} of simulated time. Where the plans stand now:\n"
    )?;
    report::status::render(&rows, &look, out)?;
    writeln!(
        out,
        "\nThe files are real and stay in {0}:\n\
         \n  cd {0}\
         \n  rollout status\
         \n  cat rollouts/{BAD}.toml            # its [state] says rolled_back\
         \n  ls rollouts/.evidence/{BAD}        # a record of every decision\
         \n  rollout retry {BAD}                # a person lets it start again",
        shown.display()
    )?;
    Ok(())
}
