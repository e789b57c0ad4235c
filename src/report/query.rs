//! What a plan's queries return and what is wrong with it, for people and programs. Asking is done
//! elsewhere.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::units::one_line;

use super::OutputStyle;
use super::numbers::plain;

/// Series of one query that are listed; the rest is counted.
const MOST_SERIES: usize = 8;

/// One query and what came back.
#[derive(Debug, Clone, Serialize)]
pub struct Queried<'a> {
    /// The guardrail it belongs to.
    pub guardrail: &'a str,
    /// The column's key in the plan file.
    pub column: &'a str,
    /// PromQL as it was sent.
    pub query: &'a str,
    /// What came back.
    pub series: Vec<Series<'a>>,
    /// What is wrong, with what to do about it.
    pub problems: &'a [String],
}

/// One series that came back.
#[derive(Debug, Clone, Serialize)]
pub struct Series<'a> {
    /// What tells it apart.
    pub labels: &'a BTreeMap<String, String>,
    /// Unix seconds and values, in order of time.
    pub points: Vec<(i64, f64)>,
    /// How many native histograms.
    pub histograms: usize,
}

/// Writes the queries and their answers as text.
///
/// # Errors
/// When the writer fails.
pub fn render(
    queried: &[Queried<'_>],
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    let (title, dim, doubt, good) = (styles.title, styles.dim, styles.doubt, styles.good);
    for (index, one) in queried.iter().enumerate() {
        let Queried {
            guardrail,
            column,
            query,
            series,
            problems,
        } = one;
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
        for problem in *problems {
            writeln!(out, "  {doubt}problem{doubt:#}: {problem}")?;
        }
        if problems.is_empty() {
            writeln!(out, "  {good}ok{good:#}")?;
        }
    }
    Ok(())
}

/// Labels, how many blocks have a value, and the latest ones.
fn line(series: &Series<'_>) -> String {
    let latest: Vec<String> = series
        .points
        .iter()
        .rev()
        .take(6)
        .rev()
        .map(|(_, value)| plain(*value))
        .collect();
    let what = if series.points.is_empty() && series.histograms > 0 {
        format!("{} native histograms", series.histograms)
    } else {
        format!(
            "{} blocks, latest {}",
            series.points.len(),
            latest.join(" ")
        )
    };
    format!("{}  {what}", selector(series.labels))
}

/// As in PromQL: `{code="500", variant="treatment"}`.
fn selector(labels: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{}={value:?}", one_line(name)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}
