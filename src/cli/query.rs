//! `rollout query`: what a plan's queries return right now, and what is wrong with it.

use serde_json::{Value, json};

use crate::decide::Exit;
use crate::prometheus::{Inspection, Labels, Returned, inspect};
use crate::report::numbers::plain;
use crate::session::{Asking, Context, Failure, Format, PlanSet, client, known, runtime};

/// Series of one query that are listed; the rest is counted.
const MOST_SERIES: usize = 8;

/// Run the queries of a plan and show what comes back
///
/// Works before the first stage too, which is when a wrong label or selector is found cheaply.
/// Exit 6 when something is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Only this guardrail
    #[arg(value_name = "GUARDRAIL")]
    guardrail: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    if let Some(name) = &args.guardrail {
        known(plan, name)?;
    }
    let client = client(
        &plan_set.config.prometheus,
        plan_set.directory.root(),
        context,
    )?;
    let now = context.now();
    let answer = {
        let asking = Asking::start(context);
        let told = |done, total| asking.told(done, total);
        let guardrail = args.guardrail.as_deref();
        runtime()?.block_on(inspect(&client, plan, guardrail, now, &told))
    };
    let inspections = answer.map_err(|error| {
        let mut failure = Failure::from_error(Exit::Error, &error);
        failure.message = format!("failed to {}", failure.message);
        failure
    })?;
    let sound = inspections.iter().all(|one| one.problems.is_empty());
    let exit = if sound { Exit::Go } else { Exit::Inconclusive };
    match context.global.format {
        Format::Text | Format::Github => text(&inspections, context)?,
        Format::Json => {
            let queries: Vec<Value> = inspections.iter().map(document).collect();
            let document = json!({
                "format": "rollout-query/1", "plan": plan.name, "exit": exit.code(), "queries": queries
            });
            writeln!(context.ui.answer(), "{document:#}")?;
        }
    }
    Ok(exit)
}

fn text(inspections: &[Inspection], context: &mut Context<'_>) -> Result<(), Failure> {
    let styles = context.look().styles();
    let (title, dim, doubt, good) = (styles.title, styles.dim, styles.doubt, styles.good);
    let out = context.ui.answer();
    for (index, inspection) in inspections.iter().enumerate() {
        let Inspection {
            guardrail,
            column,
            query,
            series,
            problems,
        } = inspection;
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{title}{guardrail}{title:#}  {column}")?;
        for line in query.lines() {
            writeln!(out, "  {dim}{line}{dim:#}")?;
        }
        for one in series.iter().take(MOST_SERIES) {
            writeln!(out, "  {}", line(one))?;
        }
        if series.len() > MOST_SERIES {
            writeln!(out, "  and {} more series", series.len() - MOST_SERIES)?;
        }
        for problem in problems {
            writeln!(out, "  {doubt}problem{doubt:#}: {problem}")?;
        }
        if problems.is_empty() {
            writeln!(out, "  {good}ok{good:#}")?;
        }
    }
    Ok(())
}

/// Labels, how many blocks have a value, and the latest ones.
fn line(series: &Returned) -> String {
    let latest: Vec<String> = series
        .points
        .iter()
        .rev()
        .take(6)
        .rev()
        .map(|point| plain(point.value))
        .collect();
    let what = if series.points.is_empty() && !series.histograms.is_empty() {
        format!("{} native histograms", series.histograms.len())
    } else {
        format!(
            "{} blocks, latest {}",
            series.points.len(),
            latest.join(" ")
        )
    };
    format!("{}  {what}", selector(&series.labels))
}

/// As in PromQL: `{code="500", variant="treatment"}`.
fn selector(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

fn document(inspection: &Inspection) -> Value {
    let Inspection {
        guardrail,
        column,
        query,
        series,
        problems,
    } = inspection;
    let series: Vec<Value> = series
        .iter()
        .map(|one| {
            let points: Vec<Value> = one
                .points
                .iter()
                .map(|point| json!([point.at_ms / 1_000, point.value]))
                .collect();
            json!({
                "labels": one.labels, "points": points, "histograms": one.histograms.len()
            })
        })
        .collect();
    json!({
        "guardrail": guardrail, "column": column, "query": query, "series": series,
        "problems": problems
    })
}
