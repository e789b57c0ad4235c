//! What both arms did over time, window by window: a late break shows at once.

use maud::{Markup, html};

use crate::judge::Window;
use crate::plan::Guardrail;
use crate::units::{Instant, Period};

use super::super::{numbers, words};
use super::axis::{Axis, ticks};
use super::course::{Along, Course};
use super::plot::{Line, Plot};

/// A window with next to no traffic can show anything: what is more than this many times what nine tenths
/// of the windows show is clipped.
const OUTLIER: f64 = 3.0;

/// The plot with its heading; nothing where nothing was measured.
pub(super) fn plot(guardrail: &Guardrail, course: &Course, along: Along<'_>) -> Markup {
    let windows = || course.windows.iter().flatten();
    let kind = guardrail.metric.kind;
    let mut seen: Vec<f64> = windows()
        .flat_map(|window| [window.exposed, window.unexposed])
        .flatten()
        .filter(|value| value.is_finite())
        .collect();
    seen.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (seen.first(), seen.last()) else {
        return html! {};
    };
    let usual = seen[seen.len() * 9 / 10];
    let (low, high) = frame(*low, high.min(OUTLIER * usual.abs()).max(usual));
    let line = |class, name: &str, of: fn(&Window) -> Option<f64>| Line {
        class,
        name: name.to_owned(),
        pieces: course
            .windows
            .iter()
            .flat_map(|stage| pieces(stage, of))
            .collect(),
    };
    let plot = Plot {
        label: words::page::over_time(&guardrail.name),
        height: 190.0,
        axis: Axis::Linear,
        values: (low, high),
        time: along.time,
        ticks: ticks(Axis::Linear, low, high)
            .into_iter()
            .map(|at| (at, numbers::value(kind, at)))
            .collect(),
        bands: Vec::new(),
        lines: vec![
            line("two", "unexposed", |window| window.unexposed),
            line("one", "exposed", |window| window.exposed),
        ],
        rules: Vec::new(),
        marks: along.marks.to_vec(),
        gaps: course.silence.clone(),
        now: along.now,
    };
    let lengths = windows().map(|window| Period::between(window.from, window.until));
    html! {
        h4 { (words::page::both_arms(lengths.max())) }
        (plot.draw())
    }
}

/// The lowest and the highest value shown, with room. A level at which nothing changes is not blown up to
/// fill the plot.
fn frame(low: f64, high: f64) -> (f64, f64) {
    let room = ((high - low) * 0.15)
        .max(high.abs() * 0.1)
        .max(f64::EPSILON);
    let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
    ((low - room).max(floor), high + room)
}

/// The values in the middle of their windows, parted where there is none.
fn pieces(
    stage: &[Window],
    of: impl Fn(&Window) -> Option<f64>,
) -> impl Iterator<Item = Vec<(Instant, f64)>> {
    let middle = |window: &Window| window.from + (window.until - window.from) / 2;
    let points: Vec<Option<(Instant, f64)>> = stage
        .iter()
        .map(|window| {
            Some((
                middle(window),
                of(window).filter(|value| value.is_finite())?,
            ))
        })
        .collect();
    let pieces: Vec<Vec<(Instant, f64)>> = points
        .split(Option::is_none)
        .map(|piece| piece.iter().copied().flatten().collect())
        .collect();
    pieces.into_iter().filter(|piece| !piece.is_empty())
}
