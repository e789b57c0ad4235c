//! `rollout doctor`: whether there is everything to judge by, and what to do where there is not.

use crate::decide::Exit;
use crate::judge::doctor::diagnose;
use crate::plan::{Plan, render_mistakes};
use crate::prometheus::{Client, Holdings, Inspection, Returned, examine, holdings, inspect};
use crate::report::doctor::{Examined, document, render};
use crate::report::json::print;
use crate::report::mistakes::{FilePart, Marked};
use crate::report::numbers::{counted, date_and_time};
use crate::report::query::{self, Queried, Series};
use crate::session::{
    Asking, Context, Failure, Format, KeptOut, LoadedPlan, PlanSet, checked_targets, client,
    exit_of, runtime,
};
use crate::units::Foreign;

use super::args::PlansArgs;

/// Look at the data that plans are judged by, and say what to mend
///
/// Looks at labels of the arms, counters that fall, bounds and units of histograms, requests that are
/// counted twice, processes that restart, and scrapes. Works before the first stage too, which is when
/// a wrong label or selector is found cheaply. With `-v` the queries, series and counts are shown, too, and
/// what is cached.
/// Exit 6 where something is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, &args.which.plans)?;
    let mut exit = plan_set.tell_unreadable(&args.which.plans, context)?;
    let mut mistaken = Vec::new();
    // What is wrong with files is said also where Prometheus does not answer.
    let indices = plan_set.select(&args.which.plans)?;
    let of_these = indices.iter().map(|&index| &plan_set.plans[index]);
    let kept_out = KeptOut::of(&plan_set.directory, of_these);
    for index in indices {
        let loaded = &plan_set.plans[index];
        let (unfit, files) = checked_targets(&plan_set.directory, loaded, &kept_out);
        exit = exit.worse(exit_of(&unfit, false));
        let (color, width) = (context.ui.color_messages, context.ui.width);
        let text = &loaded.file.text;
        let mut said = render_mistakes(&loaded.shown, text, &unfit, color, width);
        for file in &files {
            exit = exit.worse(exit_of(&file.mistakes, false));
            said.push_str(&file.render(color, width));
        }
        let name = &loaded.file.name;
        let of_plan = (!unfit.is_empty()).then(|| Marked {
            file: &loaded.shown,
            text,
            mistakes: unfit,
        });
        let of_targets = files.iter().map(LoadedPlan::marked);
        for marked in of_plan.into_iter().chain(of_targets) {
            mistaken.push(FilePart::of(Some(name), &marked));
        }
        if !said.is_empty() {
            writeln!(context.ui.messages(), "{said}")?;
        }
    }
    let client = client(
        &plan_set.config.prometheus,
        plan_set.directory.root(),
        context,
    )?;
    let (mut examined, mut series) = (Vec::new(), Vec::new());
    for index in plan_set.select(&args.which.plans)? {
        let loaded = &plan_set.plans[index];
        let Some(plan) = &loaded.plan else {
            let color = context.ui.color_messages;
            loaded
                .mistaken(context)
                .render(context.ui.messages(), color)?;
            exit = exit.worse(Exit::Invalid);
            continue;
        };
        let one = look(&client, plan, context)?;
        exit = exit.worse(one.exit());
        examined.push(one);
        series.push(if context.global.verbose {
            raw(&client, plan, context)?
        } else {
            Vec::new()
        });
    }
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let output = context.output_style();
            if examined.is_empty() && exit == Exit::Go {
                writeln!(context.ui.answer(), "{}", Foreign(plan_set.nothing()))?;
            }
            for (place, (one, series)) in examined.iter().zip(&series).enumerate() {
                if place > 0 {
                    writeln!(context.ui.answer())?;
                }
                render(one, &output, context.ui.answer())?;
                let queried: Vec<Queried<'_>> = series.iter().map(queried).collect();
                if !queried.is_empty() {
                    writeln!(context.ui.answer())?;
                    query::render(&queried, &output, context.ui.answer())?;
                }
            }
            if context.global.verbose {
                let line = cached(context);
                writeln!(context.ui.answer(), "\n{line}")?;
            }
        }
        Format::Json => {
            let series: Vec<Vec<Queried<'_>>> = series
                .iter()
                .map(|series| series.iter().map(queried).collect())
                .collect();
            let document = document(exit, &examined, &series, &mistaken);
            print(&document, context.ui.answer())?;
        }
    }
    Ok(exit)
}

/// Asks about one plan.
fn look(client: &Client, plan: &Plan, context: &Context<'_>) -> Result<Examined, Failure> {
    let now = context.now();
    let answer = {
        let asking = Asking::start(context);
        let told = |done, total| asking.answered(done, total);
        runtime()?.block_on(examine(client, plan, now, &told))
    };
    let facts = answer.map_err(|error| unanswered(&error))?;
    Ok(Examined {
        plan: plan.name.clone(),
        draft: plan.draft.clone().filter(|_| plan.awaits_first_user()),
        checkups: diagnose(plan, &facts),
        cost: facts.cost,
    })
}

/// The queries of a plan with what comes back.
fn raw(client: &Client, plan: &Plan, context: &Context<'_>) -> Result<Vec<Inspection>, Failure> {
    let answer = runtime()?.block_on(inspect(client, plan, None, context.now(), &|_, _| {}));
    answer.map_err(|error| unanswered(&error))
}

fn unanswered(error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut failure = Failure::from_error(Exit::Error, error);
    failure.message = format!("failed to {}", failure.message);
    failure
}

/// What is kept of the answers of earlier runs.
fn cached(context: &Context<'_>) -> String {
    let Some(folder) = context.cache_folder() else {
        return "cache: none, as neither XDG_CACHE_HOME nor HOME says where".into();
    };
    match holdings(&folder) {
        Ok(Holdings {
            path,
            bytes,
            entries,
            oldest,
        }) => {
            let since = oldest.map_or_else(String::new, |at| {
                format!(", the oldest of {}", date_and_time(at))
            });
            format!(
                "cache: {} in {}, {} kB{since}",
                counted(entries, "file"),
                Foreign(path.display()),
                bytes.div_ceil(1_000)
            )
        }
        Err(error) => format!("cache: not used: {}: {error}", Foreign(folder.display())),
    }
}

/// One query as the report shows it.
fn queried(inspection: &Inspection) -> Queried<'_> {
    let Inspection {
        guardrail,
        column,
        query,
        series,
        problems,
    } = inspection;
    let series = series.iter().map(|one| {
        let Returned {
            labels,
            points,
            histograms,
        } = one;
        Series {
            labels,
            points: points.iter().map(|p| (p.at_ms / 1_000, p.value)).collect(),
            histograms: histograms.len(),
        }
    });
    Queried {
        guardrail,
        column: column.key(),
        query,
        series: series.collect(),
        problems,
    }
}
