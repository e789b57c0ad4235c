//! `rollout report`: a plan as one self-contained page with plots; several plans as a folder of pages
//! with an index.

use std::path::{Path, PathBuf};

use crate::decide::Exit;
use crate::judge::trace;
use crate::plan::Plan;
use crate::prometheus::PLANS_AT_ONCE;
use crate::report::html::{self, Card, Chapter, Page, RolledBack, page};
use crate::report::status::{self, Row};
use crate::report::{Decided, Outcome};
use crate::session::{
    self, Answered, Asking, Context, Evaluation, Failure, Format, LoadedPlan, PlanSet, Remade,
    alone, entries, evaluate_whole, origin, preview, recorded_plan, remade, snapshot_of,
};
use crate::snapshot::{Moment, Snapshot};
use crate::units::{Foreign, Instant};
use crate::workspace::{Record, evidence_of, write_file};

use super::answer::shown_as_markdown;
use super::args::{EvidenceArgs, PlansArgs};
use super::explain::rollback;

/// Where several plans are written to.
const FOLDER: &str = "rollout-report";

/// Write a plan as one HTML page with plots
///
/// Several plans, or all of them where none is named, become a folder of pages with an index.
/// The pages need nothing beside them: no script, no font, no network. Where Prometheus does not answer
/// they are written from the records, say so, and the exit is 1.
/// With `--format markdown` the same answer as text, to stdout or to the file that `--out` names.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    /// Where to write it: a file for one plan [default: PLAN.html], a folder for several [default: rollout-report]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    #[command(flatten)]
    evidence: EvidenceArgs,
    /// From the records alone, without asking Prometheus
    #[arg(long, conflicts_with_all = ["snapshot", "save_snapshot"])]
    offline: bool,
    /// Open what was written in the browser
    #[arg(long)]
    open: bool,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, &args.which.plans)?;
    if context.global.format == Format::Markdown {
        return markdown(args, &plan_set, context);
    }
    if let [name] = args.which.plans.as_slice() {
        let (loaded, plan) = plan_set.one(name, context)?;
        let asked = match args.offline {
            true => None,
            false => Some(alone(&plan_set, name, &args.evidence.evidence(), context)),
        };
        let drawn = draw((loaded, plan), asked, args, &plan_set, context)?;
        let usual = || PathBuf::from(format!("{}.html", plan.name));
        let out = args.out.clone().unwrap_or_else(usual);
        write(&out, &drawn.text, args, context)?;
        return Ok(drawn.exit());
    }
    if args.evidence.save_snapshot.is_some() {
        return Err(Failure::invalid("several plans do not fit into one snapshot of a report")
            .help("`rollout check --save-snapshot FILE` saves all of them, and `rollout report --snapshot FILE` reads it"));
    }
    several(args, &plan_set, context)
}

/// A page for each plan, and the index that leads to them.
fn several(args: &Args, plan_set: &PlanSet, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
    fs_err::create_dir_all(context.directory.join(&folder))?;
    let mut now = context.now();
    let mut listed: Vec<Listed> = Vec::new();
    let mut exit = Exit::Go;
    for places in plan_set.select(&args.which.plans)?.chunks(PLANS_AT_ONCE) {
        let asked = asked(places, args, plan_set, context)?;
        // A saved snapshot speaks of its own time.
        let mut evaluated = asked.iter().flatten().flatten();
        now = evaluated.next().map_or(now, |evaluation| evaluation.now);
        for (place, asked) in places.iter().zip(asked) {
            let loaded = &plan_set.plans[*place];
            let Some(plan) = &loaded.plan else {
                exit = exit.worse(Exit::Invalid);
                let row = status::broken(&loaded.file.name, loaded.mistakes.len());
                listed.push(Listed::mistaken(row));
                continue;
            };
            let drawn = draw((loaded, plan), asked, args, plan_set, context)?;
            exit = exit.worse(drawn.exit());
            let name = format!("{}.html", plan.name);
            write_page(&folder.join(&name), &drawn.text, context)?;
            listed.push(Listed {
                row: status::row(plan, &plan_set.surroundings(plan, now)),
                plan: Some(plan.clone()),
                page: Some(name),
                drawn: Some(drawn),
            });
        }
    }
    if args.which.plans.is_empty() {
        for (name, error) in &plan_set.unreadable {
            exit = exit.worse(Exit::Invalid);
            listed.push(Listed::mistaken(status::unreadable(
                name,
                &error.to_string(),
            )));
        }
    }
    let cards: Vec<Card<'_>> = listed.iter().map(Listed::card).collect();
    write(
        &folder.join("index.html"),
        &html::index(&cards, now),
        args,
        context,
    )?;
    Ok(exit)
}

/// What came of asking about these plans, side by side; `None` for each where nobody is asked.
fn asked<'d>(
    places: &[usize],
    args: &Args,
    plan_set: &'d PlanSet,
    context: &mut Context<'_>,
) -> Result<Vec<Option<Result<Evaluation<'d>, Failure>>>, Failure> {
    if args.offline {
        return Ok(places.iter().map(|_| None).collect());
    }
    let outcomes = evaluate_whole(plan_set, places, &args.evidence.evidence(), context)?;
    let answers = outcomes.into_iter().map(|outcome| match outcome {
        session::Outcome::Evaluated(evaluation) => Some(Ok(*evaluation)),
        session::Outcome::Failed { failure, .. } => Some(Err(failure)),
    });
    Ok(answers.collect())
}

/// A plan of the index.
struct Listed {
    row: Row,
    plan: Option<Plan>,
    page: Option<String>,
    drawn: Option<Drawn>,
}

impl Listed {
    const fn mistaken(row: Row) -> Self {
        Self {
            row,
            plan: None,
            page: None,
            drawn: None,
        }
    }

    fn card(&self) -> Card<'_> {
        let drawn = self.drawn.as_ref();
        Card {
            row: &self.row,
            plan: self.plan.as_ref(),
            decided: drawn.and_then(|drawn| drawn.decided.as_deref()),
            trouble: drawn.and_then(|drawn| drawn.trouble.as_deref()),
            page: self.page.as_deref(),
        }
    }
}

fn write(out: &Path, text: &str, args: &Args, context: &mut Context<'_>) -> Result<(), Failure> {
    write_page(out, text, context)?;
    writeln!(context.ui.answer(), "wrote  {}", Foreign(out.display()))?;
    if args.open
        && let Err(error) = open::that(context.directory.join(out))
    {
        // It is written, and that is what matters.
        let shown = Foreign(out.display());
        context
            .ui
            .warn(&format!("no browser could be started for {shown}: {error}"))?;
    }
    Ok(())
}

/// The answer as Markdown, to stdout or a file.
fn markdown(args: &Args, plan_set: &PlanSet, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if args.offline || args.open {
        return Err(
            Failure::invalid("Markdown is made of what Prometheus says now")
                .help("leave out `--offline` and `--open`, or write a page: `--format text`"),
        );
    }
    let places = plan_set.select(&args.which.plans)?;
    let outcomes = evaluate_whole(plan_set, &places, &args.evidence.evidence(), context)?;
    let answered = outcomes.into_iter().map(|outcome| match outcome {
        session::Outcome::Evaluated(evaluation) => {
            let change = preview(&evaluation).map(|step| step.change);
            Answered::decided(*evaluation, change)
        }
        session::Outcome::Failed { loaded, failure } => Answered::failed(loaded, failure),
    });
    let now = context.now();
    let (text, exit) = shown_as_markdown(answered.collect(), now, plan_set);
    match &args.out {
        Some(out) => write(out, &text, args, context)?,
        None => write!(context.ui.answer(), "{text}")?,
    }
    Ok(exit)
}

fn write_page(out: &Path, text: &str, context: &Context<'_>) -> Result<(), Failure> {
    Ok(write_file(&context.directory.join(out), text.as_bytes())?)
}

/// A plan's page, and what is known of the plan for the index.
struct Drawn {
    text: String,
    decided: Option<Box<Decided>>,
    trouble: Option<String>,
}

impl Drawn {
    /// A page that could not say how things are now is not all that was asked for.
    const fn exit(&self) -> Exit {
        match self.trouble {
            None => Exit::Go,
            Some(_) => Exit::Error,
        }
    }
}

/// The page of a plan, from its records and what came of asking about it; `None` where nobody was asked.
fn draw(
    (loaded, plan): (&LoadedPlan, &Plan),
    asked: Option<Result<Evaluation<'_>, Failure>>,
    args: &Args,
    plan_set: &PlanSet,
    context: &mut Context<'_>,
) -> Result<Drawn, Failure> {
    let mut now = context.now();
    let mut stages: Vec<Stage> = evidence_of(&plan_set.directory, &loaded.file)
        .links
        .iter()
        .filter_map(|link| recorded(&link.record))
        .collect();
    let mut decided: Option<Box<Decided>> = None;
    let mut trouble = None;
    if let Some(asked) = asked {
        match asked {
            Ok(evaluation) => {
                now = evaluation.now;
                if let Some(snapshot) = &evaluation.snapshot {
                    stages.push(Stage {
                        plan: evaluation.plan.clone(),
                        snapshot: snapshot.clone(),
                        until: evaluation.now,
                    });
                }
                let change = preview(&evaluation).map(|step| step.change);
                decided = match Answered::decided(evaluation, change).into_report().outcome {
                    Outcome::Decided(decided) => Some(decided),
                    Outcome::Failed(_) => None,
                };
            }
            // Nothing could be asked: the records are there nevertheless.
            Err(failure) if failure.exit == Exit::Error && args.evidence.snapshot.is_none() => {
                let causes = failure.causes.iter().map(String::as_str);
                let told: Vec<&str> = [failure.message.as_str()]
                    .into_iter()
                    .chain(causes)
                    .collect();
                let told = told.join(": ");
                context
                    .ui
                    .warn(&format!("{}: from the records alone: {told}", plan.name))?;
                trouble = Some(told);
            }
            Err(failure) => return Err(failure),
        }
    }
    let (history, breaks) = entries(plan_set, loaded, plan, context)?;
    for broken in breaks {
        context.ui.warn(&broken.to_string())?;
    }
    let back = rolled_back(plan_set, loaded, plan);
    let commits = origin(plan_set).and_then(|remote| html::commits(&remote));
    let drawing = Asking::at(&format!("drawing the page of {}", plan.name), context);
    let text = page(&Page {
        plan,
        decided: decided.as_deref(),
        rolled_back: back.as_ref(),
        trouble: trouble.as_deref(),
        commits: commits.as_deref(),
        history: &history,
        chapters: &chapters(&stages),
        now,
    });
    drop(drawing);
    Ok(Drawn {
        text,
        decided,
        trouble,
    })
}

/// What was seen at the rollback, from its record.
fn rolled_back(plan_set: &PlanSet, loaded: &LoadedPlan, plan: &Plan) -> Option<RolledBack> {
    let (record, path) = rollback(plan_set, loaded, plan)?;
    let Remade {
        plan,
        snapshot: _,
        judgement,
        decision: _,
    } = remade(&record).ok()?;
    Some(RolledBack {
        plan,
        judgement: judgement?,
        at: record.at,
        path,
    })
}

/// One stage with its evidence.
struct Stage {
    plan: Plan,
    snapshot: Snapshot,
    until: Instant,
}

/// The stages as they were judged along their time. Of several with the same entry the last counts:
/// its snapshot holds the others.
fn chapters(stages: &[Stage]) -> Vec<Chapter> {
    let entered = |stage: &Stage| stage.snapshot.since();
    // What was asked before anybody was exposed reaches far back and compares nothing: the first minutes
    // of a rollout would be a stroke at the edge.
    let is_stage = |stage: &Stage| match stage.snapshot.moment {
        Moment::Stage { .. } => true,
        Moment::Beforehand { .. } => false,
    };
    let judged = stages.iter().enumerate();
    let last = judged
        .filter(|(_, stage)| is_stage(stage))
        .filter(|(index, stage)| {
            let mut later = stages[index + 1..].iter();
            !later.any(|later| entered(later) == entered(stage))
        });
    last.map(|(_, stage)| Chapter {
        entered_at: entered(stage),
        exposure: stage.plan.state.as_ref().map(|state| state.exposure),
        until: stage.until,
        source: Some(stage.snapshot.source.clone()),
        trace: trace(&stage.plan, &stage.snapshot, stage.until),
    })
    .collect()
}

/// A stage as a record holds it; `None` where nothing was measured, or by another version.
fn recorded(record: &Record) -> Option<Stage> {
    let snapshot = snapshot_of(record)?.ok()?;
    let (plan, _) = recorded_plan(record).ok()?;
    Some(Stage {
        plan,
        snapshot,
        until: record.at,
    })
}
