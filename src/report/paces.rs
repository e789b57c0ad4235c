//! Paces side by side, as a table for people and as JSON for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::simulate::{Setting, Traffic, Ways};
use crate::units::Period;

use super::OutputStyle;
use super::numbers::{NONE, count, percent, period, plain};
use super::study::TrafficPart;
use super::table;

/// What was simulated besides the paces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame<'a> {
    /// The plan and the world around it.
    pub setting: &'a Setting,
    /// The noise's name.
    pub noise: &'a str,
    /// Journeys for each pace and size of harm.
    pub rollouts: u32,
    /// Where the random numbers start.
    pub seed: u64,
    /// Time between two runs of `rollout advance`.
    pub look: Period,
    /// After this a journey ends.
    pub at_most: Period,
}

/// Writes the comparison as text.
///
/// # Errors
/// When the writer fails.
pub fn render(
    frame: &Frame<'_>,
    ways: &[Ways],
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    let (title, dim) = (styles.title, styles.dim);
    let Frame {
        setting,
        noise,
        rollouts,
        seed,
        look: every,
        at_most,
    } = frame;
    let Traffic { rps, cycle, base } = setting.traffic();
    writeln!(out, "{title}{}{title:#}", setting.plan().name)?;
    writeln!(
        out,
        "{dim}  {rollouts} rollouts a line; {} at {} a second, {} bad, {noise} noise, a daily cycle of {cycle}; seed {seed}{dim:#}",
        setting.harmed(),
        plain(rps),
        percent(base),
    )?;
    writeln!(
        out,
        "{dim}  `rollout advance` every {every}, for at most {at_most}{dim:#}"
    )?;
    let mut names: Vec<&str> = Vec::new();
    for way in ways {
        if !names.contains(&way.name.as_str()) {
            names.push(&way.name);
        }
    }
    // The names are too long for a column of a table that fits 80 characters.
    for name in names {
        writeln!(out, "\n  {name}")?;
        let header = [
            "harm",
            "100 % (median)",
            "(95 %)",
            "rolled back",
            "under way",
            "bad (median)",
            "(95 %)",
        ];
        let rows = ways.iter().filter(|way| way.name == name).map(cells);
        let narrower = OutputStyle {
            width: output.width.saturating_sub(2),
            ..*output
        };
        for line in table::numbers(header.map(str::to_owned), rows, 1, narrower) {
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(
        out,
        "\n{dim}  bad: events beyond the usual, until the rollback or the end{dim:#}"
    )
}

fn cells(way: &Ways) -> Vec<String> {
    let Ways {
        name: _,
        factor,
        journeys: _,
        full,
        rolled_back,
        under_way,
        excess,
    } = way;
    let time = |hours: Option<f64>| {
        hours.map_or_else(|| NONE.to_owned(), |hours| period(hours * 3_600.0).rough())
    };
    vec![
        if *factor > 1.0 {
            format!("{factor}x")
        } else {
            "none".into()
        },
        time(full[0]),
        time(full[1]),
        percent(*rolled_back),
        percent(*under_way),
        count(excess[0].round()),
        count(excess[1].round()),
    ]
}

/// The comparison as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    guardrail: &'a str,
    traffic: TrafficPart,
    noise: &'a str,
    rollouts: u32,
    seed: u64,
    look_seconds: u32,
    at_most_seconds: u32,
    rows: Vec<RowPart<'a>>,
}

#[derive(Debug, Serialize)]
struct RowPart<'a> {
    pace: &'a str,
    factor: f64,
    rollouts: usize,
    full_median_hours: Option<f64>,
    full_p95_hours: Option<f64>,
    rolled_back: f64,
    under_way: f64,
    excess_median: f64,
    excess_p95: f64,
}

impl<'a> From<&'a Ways> for RowPart<'a> {
    fn from(ways: &'a Ways) -> Self {
        let Ways {
            name,
            factor,
            journeys,
            full,
            rolled_back,
            under_way,
            excess,
        } = ways;
        Self {
            pace: name,
            factor: *factor,
            rollouts: *journeys,
            full_median_hours: full[0],
            full_p95_hours: full[1],
            rolled_back: *rolled_back,
            under_way: *under_way,
            excess_median: excess[0],
            excess_p95: excess[1],
        }
    }
}

/// The comparison as one JSON document.
#[must_use]
pub fn document<'a>(frame: &Frame<'a>, ways: &'a [Ways]) -> Document<'a> {
    let Frame {
        setting,
        noise,
        rollouts,
        seed,
        look,
        at_most,
    } = *frame;
    Document {
        format: "rollout-paces/1",
        plan: &setting.plan().name,
        guardrail: setting.harmed(),
        traffic: setting.traffic().into(),
        noise,
        rollouts,
        seed,
        look_seconds: look.seconds(),
        at_most_seconds: at_most.seconds(),
        rows: ways.iter().map(RowPart::from).collect(),
    }
}
