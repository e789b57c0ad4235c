//! A study as a table for people and as JSON for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::simulate::{Row, Study, Traffic};

use super::OutputStyle;
use super::numbers::{NONE, percent, period, plain, short_count};
use super::table;
use super::wrapped::wrap;

/// Writes the rows of a study as text.
///
/// # Errors
/// When the writer fails.
pub fn render(
    study: &Study,
    noise: &str,
    rows: &[Row],
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    let (title, dim) = (styles.title, styles.dim);
    let Study {
        setting,
        factors,
        methods,
        rollouts,
        seed,
    } = study;
    let Traffic { rps, cycle, base } = setting.traffic();
    writeln!(out, "{title}{}{title:#}", setting.plan().name)?;
    let say = |out: &mut dyn Write, text: &str| {
        wrap(text, output.width.saturating_sub(2))
            .iter()
            .try_for_each(|line| writeln!(out, "{dim}  {line}{dim:#}"))
    };
    say(
        out,
        &format!(
            "{rollouts} rollouts a line; {} at {} a second, {} bad, {noise} noise, a daily cycle of {cycle}; seed {seed}",
            setting.harmed(),
            plain(rps),
            percent(base),
        ),
    )?;
    if !setting.left_out().is_empty() {
        let names = setting.left_out().join(", ");
        say(
            out,
            &format!(
                "not simulated: {names} (only counted events are: ratios, rates, and latencies by the share of slow requests)"
            ),
        )?;
    }
    writeln!(out)?;
    // A column of nothing but zeros would push the others out of a narrow terminal.
    let pauses = rows.iter().any(|row| row.paused > 0.0);
    let paused = pauses.then_some("paused");
    let header = ["harm", "method", "rolled\nback"].into_iter();
    let header =
        header
            .chain(paused)
            .chain(["found", "found\n(90 %)", "exposed", "bad", "100 %", "stuck"]);
    let header: Vec<String> = header.map(str::to_owned).collect();
    let rows = factors.iter().flat_map(|factor| {
        let rows = of_factor(rows, *factor).enumerate();
        rows.map(|(index, row)| cells(row, index == 0, pauses))
    });
    for line in table::numbers(header, rows, 2, *output) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    for method in methods {
        say(out, &format!("{}: {}", method.name(), method.words()))?;
    }
    say(
        out,
        "found: median time to the rollback, and within which 90 % are found; exposed and bad: medians by the end, bad being events beyond the usual; 100 %: median time to it; stuck: share of rollouts that neither ended nor were rolled back, because a gate stayed closed",
    )
}

fn of_factor(rows: &[Row], factor: f64) -> impl Iterator<Item = &Row> {
    rows.iter()
        .filter(move |row| row.factor.to_bits() == factor.to_bits())
}

fn cells(row: &Row, first: bool, pauses: bool) -> Vec<String> {
    let Row {
        factor,
        method,
        rollouts: _,
        rolled_back,
        paused,
        stuck,
        released: _,
        found_median,
        found_p90,
        exposed,
        excess,
        released_after,
    } = row;
    let harm = if *factor > 1.0 {
        format!("{factor}x")
    } else {
        "none".into()
    };
    let mut cells = vec![
        if first { harm } else { String::new() },
        method.name().to_owned(),
        percent(*rolled_back),
    ];
    if pauses {
        cells.push(percent(*paused));
    }
    cells.extend([
        time(*found_median),
        time(*found_p90),
        short_count(exposed.round()),
        short_count(excess.round()),
        time(*released_after),
        percent(*stuck),
    ]);
    cells
}

fn time(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| NONE.to_owned(), |seconds| period(seconds).rough())
}

/// A study as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    guardrail: &'a str,
    not_simulated: &'a [String],
    traffic: TrafficPart,
    noise: &'a str,
    rollouts: u32,
    seed: u64,
    rows: Vec<RowPart>,
}

/// Simulated traffic as JSON.
#[derive(Debug, Serialize)]
pub(super) struct TrafficPart {
    per_second: f64,
    cycle: f64,
    baseline: f64,
}

impl From<Traffic> for TrafficPart {
    fn from(traffic: Traffic) -> Self {
        let Traffic { rps, cycle, base } = traffic;
        Self {
            per_second: rps,
            cycle,
            baseline: base,
        }
    }
}

#[derive(Debug, Serialize)]
struct RowPart {
    factor: f64,
    method: &'static str,
    rollouts: u32,
    rolled_back: f64,
    paused: f64,
    stuck: f64,
    released: f64,
    found_median_seconds: Option<f64>,
    found_p90_seconds: Option<f64>,
    exposed_median: f64,
    excess_median: f64,
    released_median_seconds: Option<f64>,
}

/// A study as one JSON document.
#[must_use]
pub fn document<'a>(study: &'a Study, noise: &'a str, rows: &[Row]) -> Document<'a> {
    let Study {
        setting,
        factors: _,
        methods: _,
        rollouts,
        seed,
    } = study;
    Document {
        format: "rollout-simulation/1",
        plan: &setting.plan().name,
        guardrail: setting.harmed(),
        not_simulated: setting.left_out(),
        traffic: setting.traffic().into(),
        noise,
        rollouts: *rollouts,
        seed: *seed,
        rows: rows.iter().map(RowPart::from).collect(),
    }
}

impl From<&Row> for RowPart {
    fn from(row: &Row) -> Self {
        let Row {
            factor,
            method,
            rollouts,
            rolled_back,
            paused,
            stuck,
            released,
            found_median,
            found_p90,
            exposed,
            excess,
            released_after,
        } = *row;
        Self {
            factor,
            method: method.name(),
            rollouts,
            rolled_back,
            paused,
            stuck,
            released,
            found_median_seconds: found_median,
            found_p90_seconds: found_p90,
            exposed_median: exposed,
            excess_median: excess,
            released_median_seconds: released_after,
        }
    }
}
