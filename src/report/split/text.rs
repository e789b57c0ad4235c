//! The answer as text: a sentence, what is behind it, the stages, the guardrails.

use std::io::{self, Write};

use crate::plan::OnBreach;
use crate::report::OutputStyle;
use crate::report::numbers::{NONE, about, counted, date_and_time, percent, period};
use crate::report::table;
use crate::report::wrapped::{paragraph, wrap};
use crate::simulate::{GuardrailAnswer, SmallestHarm, SplitAnswer, StageAnswer};

use super::words::{did, harm, left_out, scatter};

/// Writes it. `budget` is the share of healthy rollouts that the plan lets be rolled back.
///
/// # Errors
/// When the writer fails.
pub fn render(
    answer: &SplitAnswer,
    budget: f64,
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    let (title, dim) = (styles.title, styles.dim);
    writeln!(out, "{title}{}{title:#}", answer.plan)?;
    paragraph(
        &headline(answer),
        "  ",
        "  ",
        anstyle::Style::new(),
        *output,
        out,
    )?;
    for line in wrap(&behind(answer), output.width.saturating_sub(2)) {
        writeln!(out, "{dim}  {line}{dim:#}")?;
    }
    writeln!(out)?;
    stages(answer, *output, out)?;
    writeln!(out)?;
    guardrails(answer, *output, out)?;
    let say = |text: &str, out: &mut dyn Write| {
        wrap(text, output.width.saturating_sub(2))
            .iter()
            .try_for_each(|line| writeln!(out, "{dim}  {line}{dim:#}"))
    };
    let sought = answer.guardrails.iter().any(|one| !one.harms.is_empty());
    let note = if sought {
        "harm: the smallest of 1.1x, 1.25x, 1.5x, 2x, 3x, 5x and 10x that is found in 4 of 5 tries before the stage would be left, and the median time to it, which may be longer than the stage lasts, as harm keeps its gate closed; for a latency each request takes so many times as long"
    } else {
        "the smallest harm that is found is not looked for along a ramp"
    };
    say(note, out)?;
    writeln!(out)?;
    for guardrail in &answer.guardrails {
        let text = format!("{}: {}", guardrail.name, scatter(guardrail.scatter));
        paragraph(&text, "  ", "    ", anstyle::Style::new(), *output, out)?;
    }
    for (name, why) in &answer.left_out {
        let text = format!("{name}: not tried, {}", left_out(*why));
        paragraph(&text, "  ", "    ", styles.doubt, *output, out)?;
    }
    if answer.rolls_back_too_often(budget) {
        writeln!(out)?;
        warn(answer, budget, *output, out)?;
    }
    Ok(())
}

/// The answer in one sentence.
#[must_use]
pub fn headline(answer: &SplitAnswer) -> String {
    let SplitAnswer {
        rollouts,
        rolled_back,
        rolled_back_interval: (lower, upper),
        paused,
        held,
        released,
        data_ended,
        released_after,
        ..
    } = answer;
    let of = if *rolled_back == 0 {
        format!(
            "in none of {} (95 %: at most {})",
            counted(*rollouts as usize, "rollout"),
            percent(short(*upper))
        )
    } else {
        format!(
            "in {rolled_back} of {} ({}; 95 %: {} to {})",
            counted(*rollouts as usize, "rollout"),
            percent(short(f64::from(*rolled_back) / f64::from(*rollouts))),
            percent(short(*lower)),
            percent(short(*upper))
        )
    };
    let pauses = match paused {
        0 => String::new(),
        paused => format!(", paused in {paused}"),
    };
    let takes = match released_after {
        Some(seconds) => format!(" and takes {} at the median", time(*seconds)),
        None if *data_ended > *held => match released {
            0 => "; none of the others is released within the data".to_owned(),
            released => format!(
                "; of the others {released} are released within the data, and {data_ended} have not ended"
            ),
        },
        None if *held > 0 => format!("; in {held} a gate stays closed until a person decides"),
        None => String::new(),
    };
    format!("A healthy release would have been rolled back {of}{pauses}{takes}.")
}

/// What the answer rests on.
fn behind(answer: &SplitAnswer) -> String {
    let label = answer.label.as_ref();
    let by = label.map_or_else(String::new, |label| format!(" by `{label}`"));
    let starts = answer.rollouts.checked_div(answer.splits).unwrap_or(0);
    format!(
        "{} of the unexposed arm's own past, {} to {}, from {}: {}{by}, which {} have filled. It was split into two arms without a difference in {}, each begun {}. All of them share these days, so that they are not independent and the interval is too narrow. The arms are judged as instances of their own, as a canary's are.",
        days(answer.days()),
        date_and_time(answer.from),
        date_and_time(answer.to),
        answer.source,
        counted(answer.slots, "place") + " of instances",
        counted(answer.instances, "instance"),
        counted(answer.splits as usize, "way"),
        counted(starts as usize, "time"),
    )
}

fn stages(answer: &SplitAnswer, output: OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    let pauses = answer.stages.iter().any(|stage| stage.paused > 0);
    let opens = answer.stages.iter().any(|stage| stage.open() > 0);
    let header = [
        "stage",
        "exposed",
        "here",
        "lasts",
        "takes",
        "entered",
        "left",
        "rolled\nback",
    ];
    let mut header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    if pauses {
        header.push("paused".into());
    }
    if opens {
        header.push("not\nended".into());
    }
    let rows = answer.stages.iter().map(|row| cells(row, pauses, opens));
    for line in table::numbers(header, rows, 1, output) {
        writeln!(out, "{line}")?;
    }
    let dim = output.styles().dim;
    let note = "here: the share of traffic nearest to that exposure which whole instances make, and how many; lasts: at least; takes: at the median";
    let note = if opens {
        format!(
            "{note}; not ended: still there where the data ended, or where a gate waits for a person"
        )
    } else {
        note.to_owned()
    };
    for line in wrap(&note, output.width.saturating_sub(2)) {
        writeln!(out, "{dim}  {line}{dim:#}")?;
    }
    Ok(())
}

fn cells(row: &StageAnswer, pauses: bool, opens: bool) -> Vec<String> {
    let StageAnswer {
        stage,
        exposure,
        share,
        slots,
        min_duration,
        entered,
        left,
        seconds,
        rolled_back,
        paused,
    } = row;
    let here = if *slots == 0 {
        NONE.to_owned()
    } else {
        format!("{} ({slots})", percent(short(*share)))
    };
    let mut cells = vec![
        stage.to_string(),
        exposure.to_string(),
        here,
        min_duration.rough(),
        seconds.map_or_else(|| NONE.to_owned(), time),
        entered.to_string(),
        left.to_string(),
        rolled_back.to_string(),
    ];
    if pauses {
        cells.push(paused.to_string());
    }
    if opens {
        cells.push(row.open().to_string());
    }
    cells
}

fn guardrails(answer: &SplitAnswer, output: OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    let stages = answer
        .guardrails
        .iter()
        .map(|one| one.harms.as_slice())
        .max_by_key(|h| h.len());
    let stages: Vec<u32> = stages
        .unwrap_or_default()
        .iter()
        .map(|(stage, _)| *stage)
        .collect();
    let mut header = vec!["guardrail".to_owned(), "rolled\nback".to_owned()];
    header.extend(stages.iter().map(|stage| format!("harm in\nstage {stage}")));
    let rows = answer.guardrails.iter().map(|guardrail| {
        let of = |stage: &u32| {
            let found = guardrail.harms.iter().find(|(one, _)| one == stage);
            found.map_or(SmallestHarm::NotSought, |(_, harm)| *harm)
        };
        let harms = stages.iter().map(|stage| harm(guardrail, of(stage)));
        let first = [guardrail.name.clone(), did(guardrail)];
        first.into_iter().chain(harms).collect::<Vec<String>>()
    });
    for line in table::numbers(header, rows, 1, output) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Too many are rolled back: by which guardrail, and what can be done.
fn warn(
    answer: &SplitAnswer,
    budget: f64,
    output: OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let worst = answer.guardrails.iter().max_by_key(|one| one.rolled_back);
    let Some(GuardrailAnswer {
        name,
        rolled_back,
        on_breach: OnBreach::Rollback,
        ..
    }) = worst
    else {
        return Ok(());
    };
    let styles = output.styles();
    let problem = format!(
        "warning: healthy releases are rolled back in more than {} of rollouts, {rolled_back} of these {} by {name}",
        percent(budget),
        answer.rolled_back
    );
    paragraph(&problem, "", "  ", styles.doubt, output, out)?;
    let cure = format!(
        "help: let {name} differ by more (`margin`), let it pause in place of rolling back (`on_breach = \"pause\"`), or begin at an exposure of several instances; a rollout whose arms share their instances is calmer than this"
    );
    paragraph(&cure, "  ", "    ", anstyle::Style::new(), output, out)
}

fn days(days: f64) -> String {
    if days < 1.0 {
        format!("{} h", about(24.0 * days))
    } else {
        format!("{} d", about(days))
    }
}

fn time(seconds: i64) -> String {
    period(f64::from(u32::try_from(seconds).unwrap_or(u32::MAX))).rough()
}

/// A share to the tenth of a percent, and finer below one.
fn short(share: f64) -> f64 {
    if share < 0.01 {
        (share * 10_000.0).round() / 10_000.0
    } else {
        (share * 1_000.0).round() / 1_000.0
    }
}
