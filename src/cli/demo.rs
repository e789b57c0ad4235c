//! `rollout demo`: the main job on simulated traffic. Two releases start together; one is fine, one
//! is not. Every step is the one that `advance` takes: parse, judge, decide, write back, record,
//! commit. Only the snapshots come from elsewhere.

mod shop;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use chrono::{TimeDelta, TimeZone as _, Utc};

use crate::decide::{Action, Exit};
use crate::plan::{Plan, Status};
use crate::report::{self, OutputStyle};
use crate::session::{
    Answered, Context, Evaluation, Failure, PlanSet, Run, TransitionWriter, judge_and_decide, take,
};
use crate::simulate::Traffic;
use crate::snapshot::{GuardrailSeries, LabelSeen, Snapshot};
use crate::units::{Exposure, Instant, Period};
use crate::workspace::git::Repository;
use crate::workspace::{Directory, USUAL_NAME, write_file};

use shop::{Shops, Stream};

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
    let folder = root.join(USUAL_NAME);
    fs_err::create_dir(&folder)?;
    for (name, text) in FILES {
        write_file(&folder.join(name), text.as_bytes())?;
    }
    context.global.dir = Some(folder.clone());
    let start = Utc
        .with_ymd_and_hms(2026, 1, 12, 9, 0, 0)
        .single()
        .unwrap_or(context.started);
    // Without git there is everything but a history.
    let git = Repository::begin(&root, "Plan two releases", &git_variables(start)).is_ok();
    introduce(context.ui.answer())?;
    context.ui.answer().flush()?;
    let mut stage = Demo {
        directory: Directory::at(folder, USUAL_NAME.into()),
        git,
        shops: Shops::default(),
        start,
    };
    let (end, runs) = stage.play(context)?;
    conclude(&root, &stage, end, runs, context)?;
    Ok(Exit::Go)
}

/// Where the demo plays.
struct Demo {
    directory: Directory,
    git: bool,
    shops: Shops,
    start: Instant,
}

impl Demo {
    /// Runs until nothing more can happen; the instant of the last run and how many there were.
    fn play(&mut self, context: &mut Context<'_>) -> Result<(Instant, usize), Failure> {
        let mut now = self.start;
        let mut runs = 0;
        loop {
            runs += 1;
            let plan_set = PlanSet::open(context, &[])?;
            let mut busy = false;
            for loaded in &plan_set.plans {
                let Some(plan) = &loaded.plan else {
                    return Err(Failure::error(format!("{} has mistakes", loaded.shown))
                        .preface(loaded.render(false, WIDTH)));
                };
                match plan.status() {
                    Status::Complete | Status::RolledBack => continue,
                    Status::Pending | Status::Progressing | Status::Paused => busy = true,
                }
                let snapshot = if plan.needs_preflight() {
                    Some(open_shop(plan, now))
                } else {
                    self.shops.snapshot(plan, &streams(plan), now)
                };
                let evaluation = judge_and_decide(&plan_set, loaded, plan, snapshot, now);
                let writer = self.writer(now)?;
                let run = Run {
                    plan_set: &plan_set,
                    writer: &writer,
                    reason: None,
                    person: "demo",
                };
                if let Some(step) = take(&evaluation, &run, None)? {
                    tell(&evaluation, self.start, context)?;
                    if matches!(evaluation.decision.action, Action::Rollback { .. }) {
                        show(evaluation, step.change, context)?;
                    }
                    // Who watches sees each step when it is taken.
                    context.ui.answer().flush()?;
                }
            }
            if !busy || now - self.start > LONGEST.delta() {
                return Ok((now, runs));
            }
            now += EVERY.delta();
        }
    }

    fn writer(&self, now: Instant) -> Result<TransitionWriter, Failure> {
        Ok(if self.git {
            TransitionWriter::committing(Repository::open(&self.directory, &git_variables(now))?)
        } else {
            TransitionWriter::files()
        })
    }
}

/// The demo's commits are its own: its author, its clock, no hooks and no signing key of the user.
fn git_variables(now: Instant) -> Vec<(OsString, OsString)> {
    let date = now.to_rfc3339();
    [
        ("GIT_AUTHOR_NAME", "rollout demo"),
        ("GIT_AUTHOR_EMAIL", "demo@localhost"),
        ("GIT_AUTHOR_DATE", date.as_str()),
        ("GIT_COMMITTER_NAME", "rollout demo"),
        ("GIT_COMMITTER_EMAIL", "demo@localhost"),
        ("GIT_COMMITTER_DATE", date.as_str()),
        ("GIT_CONFIG_COUNT", "2"),
        ("GIT_CONFIG_KEY_0", "commit.gpgSign"),
        ("GIT_CONFIG_VALUE_0", "false"),
        ("GIT_CONFIG_KEY_1", "core.hooksPath"),
        ("GIT_CONFIG_VALUE_1", "/dev/null"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into()
}

fn introduce(out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(
        out,
        "Two releases of a simulated shop: {REQUESTS} requests a second, 1 % of them failing.\n\
         \n  checkout-redesign  harms nobody\
         \n  {BAD:<17}  makes {HARM} times as many requests fail\n\
         \nEvery {EVERY} of simulated time, `rollout advance` looks at both:\n"
    )?;
    Ok(())
}

/// What is seen of the shop before anybody sees a change: it is measured, and unexposed.
fn open_shop(plan: &Plan, now: Instant) -> Snapshot {
    let mut snapshot = Snapshot::before(plan, "simulated traffic", now);
    for guardrail in &plan.guardrails {
        let seen = LabelSeen {
            values: vec![plan.arms.unexposed.to_string()],
            recent: vec![plan.arms.unexposed.to_string()],
            ..LabelSeen::default()
        };
        let columns = guardrail.metric.kind.columns().iter();
        let preflight = columns.map(|column| (*column, seen.clone()));
        snapshot.guardrails.insert(
            guardrail.name.clone(),
            GuardrailSeries {
                preflight: preflight.collect(),
                ..GuardrailSeries::default()
            },
        );
    }
    snapshot
}

/// What the simulated shop does for this plan's users.
fn streams(plan: &Plan) -> [Stream; 2] {
    [
        Stream {
            guardrail: "errors",
            traffic: Traffic {
                rps: REQUESTS,
                cycle: 0.3,
                base: 0.01,
            },
            harm: if plan.name == BAD { HARM } else { 1.0 },
        },
        Stream {
            guardrail: "lost-carts",
            traffic: Traffic {
                rps: REQUESTS / 10.0,
                cycle: 0.3,
                base: 0.1,
            },
            harm: 1.0,
        },
    ]
}

/// One line for one transition.
fn tell(
    evaluation: &Evaluation<'_>,
    start: Instant,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let since = clock(evaluation.now - start);
    let name = &evaluation.plan.name;
    let state = evaluation.plan.state.as_ref();
    let before = state.map_or(Exposure::NONE, |state| state.exposure);
    let step = match evaluation.decision.action {
        Action::Advance { exposure, .. } => format!("{before} -> {exposure}"),
        Action::Rollback { exposure } => format!("{before} -> {exposure}"),
        Action::Hold => "hold".to_owned(),
        Action::Pause => "pause".to_owned(),
        Action::Complete => "complete".to_owned(),
    };
    let style = context
        .output_style()
        .styles()
        .exit(evaluation.decision.exit);
    let numbers = numbers(evaluation);
    writeln!(
        context.ui.answer(),
        "  {since}  {name:<17}  {style}{step:<13}{style:#}  {numbers}"
    )?;
    Ok(())
}

/// The error ratio that carried the decision, in a few words.
fn numbers(evaluation: &Evaluation<'_>) -> String {
    let measure = evaluation
        .judgement
        .as_ref()
        .and_then(|judgement| judgement.findings.first())
        .and_then(|finding| finding.measure.as_ref());
    let Some(measure) = measure else {
        return match evaluation.plan.state {
            None => "the first users see it".to_owned(),
            Some(_) => "everybody sees it".to_owned(),
        };
    };
    match (measure.estimate, measure.lower, measure.upper) {
        (Some(estimate), Some(lower), Some(upper)) => {
            format!("errors {estimate:.2}x ({lower:.2}x to {upper:.2}x)")
        }
        _ => String::new(),
    }
}

/// `03:15` since the start.
fn clock(since: TimeDelta) -> String {
    let minutes = since.num_minutes();
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The report of the run that rolled back, as `advance` prints it.
fn show(
    evaluation: Evaluation<'_>,
    change: report::Change,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    const INDENT: usize = 4;
    let now = evaluation.now;
    let mut plan = Answered::decided(evaluation, Some(change)).into_report();
    // Where the directory is, is said below.
    plan.file = format!("rollouts/{}.toml", plan.plan);
    let report = report::Report::new(now, vec![plan], &[]);
    let output = OutputStyle {
        color: context.ui.color,
        unicode: context.ui.unicode,
        width: WIDTH - INDENT,
    };
    let mut text = Vec::new();
    report::text::render(&report, report::text::Detail::Brief, &output, &mut text)?;
    let out = context.ui.answer();
    writeln!(out)?;
    for line in String::from_utf8_lossy(&text).lines() {
        if line.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, "{:INDENT$}{line}", "")?;
        }
    }
    writeln!(out)?;
    Ok(())
}

fn conclude(
    root: &Path,
    demo: &Demo,
    end: Instant,
    runs: usize,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let simulated = Period::between(demo.start, end).rough();
    let plan_set = PlanSet::open(context, &[])?;
    let out = context.ui.answer();
    writeln!(
        out,
        "\n{runs} runs in {simulated} of simulated time. What the plans say now:\n"
    )?;
    for plan in plan_set
        .plans
        .iter()
        .filter_map(|loaded| loaded.plan.as_ref())
    {
        if let Some(state) = &plan.state {
            writeln!(
                out,
                "  {:<17}  status = \"{}\", exposure = {:?}",
                plan.name,
                state.status.key(),
                state.exposure.percent()
            )?;
        }
    }
    let log = if demo.git {
        "\n  git log --stat                   # a commit for every transition"
    } else {
        ""
    };
    writeln!(
        out,
        "\nThe files are real. Go on with them:\n\
         \n  cd {}\
         \n  rollout status\
         \n  cat rollouts/{BAD}.toml\
         \n  rollout history {BAD}       # who, when, why, with the numbers{log}\
         \n  rollout report {BAD} --offline   # a page with plots: {BAD}.html\
         \n  rollout retry {BAD} --reason \"fixed\"",
        root.display()
    )?;
    Ok(())
}
