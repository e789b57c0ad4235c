//! One guardrail's plots: both arms over time, the effect with its interval, and the evidence against
//! what is needed; the numbers behind them as a table.

use maud::{Markup, html};

use crate::judge::{Clear, Scale, TracePoint};
use crate::plan::{Guardrail, Plan};
use crate::units::Instant;

use super::super::numbers;
use super::super::words::page as words;
use super::arms;
use super::axis::{Axis, ticks};
use super::course::{Along, Chapter, Course};
use super::plot::{Line, Plot, Rule};

/// Ratios beyond these are off the page: what matters lies around 1.
const RATIOS: (f64, f64) = (0.1, 10.0);

/// Room above and below the settled values of a ratio.
const ROOM: f64 = 1.25;

/// Evidence below this says nothing more; above, it is proven many times over.
const EVIDENCE: (f64, f64) = (-4.0, 8.0);

/// The plots and their table; a sentence where nothing was measured.
pub(super) fn plots(
    plan: &Plan,
    guardrail: &Guardrail,
    chapters: &[Chapter],
    along: Along<'_>,
) -> Markup {
    let course = Course::of(guardrail, chapters);
    let pieces = &course.pieces;
    if pieces.is_empty() {
        // What was seen before the first judged block is shown nevertheless.
        let is_seen = course
            .windows
            .iter()
            .flatten()
            .any(|window| window.exposed.is_some());
        return html! {
            @if is_seen {
                (arms::plot(guardrail, &course, along))
            } @else {
                p class="soft" { (words::NOT_MEASURED) }
            }
        };
    }
    let compared = pieces
        .iter()
        .flatten()
        .rfind(|point| point.scale != Scale::Level);
    let scale = compared.map_or(Scale::Level, |point| point.scale);
    html! {
        @if compared.is_some() { (arms::plot(guardrail, &course, along)) }
        @if let Some(plot) = effect(guardrail, scale, &course, along) {
            @match scale {
                Scale::Ratio | Scale::Difference => h4 { (words::EFFECT) },
                Scale::Level => h4 { (words::LEVEL) },
            }
            (plot.draw())
        }
        @if compared.is_some() {
            h4 { (words::EVIDENCE) }
            (evidence(plan, guardrail, &course, along).draw())
        }
        (course.table(guardrail))
    }
}

/// The values on one scale: a last stage without an unexposed arm has only a level, which does not
/// belong among the ratios before it.
fn effect(guardrail: &Guardrail, scale: Scale, course: &Course, along: Along<'_>) -> Option<Plot> {
    let pieces = &course.pieces;
    let kind = guardrail.metric.kind;
    let show = |value: f64| numbers::on_scale(kind, scale, value);
    let even = match scale {
        Scale::Ratio => Some(1.0),
        Scale::Difference => Some(0.0),
        Scale::Level => None,
    };
    let null = guardrail.margin.map(|margin| margin.null(kind.worse()));
    let (bound_name, bound) = match scale {
        Scale::Ratio => (words::MARGIN, null.map(|(ratio, _)| ratio)),
        Scale::Difference => (words::MARGIN, null.map(|(_, offset)| offset)),
        Scale::Level => (words::LIMIT, guardrail.limit.map(|limit| limit.value)),
    };
    let far = RuledOut::of(pieces, scale, bound);
    // The first points of a stage say little and swing wide: the second half sets the frame, and what
    // swings out of it is clipped.
    let settled = pieces
        .iter()
        .flat_map(|piece| &piece[piece.len() / 2..])
        .filter(|point| point.scale == scale);
    let seen = settled
        .flat_map(|point| [point.estimate, point.lower, point.upper, point.rule_out])
        .chain([even, bound])
        .flatten()
        .filter(|value| value.is_finite());
    let (mut low, mut high) = seen
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    if low > high {
        return None;
    }
    let axis = match scale {
        Scale::Ratio => {
            low = (low / ROOM).max(RATIOS.0);
            high = (high * ROOM).min(RATIOS.1);
            Axis::Log
        }
        Scale::Difference | Scale::Level => {
            let room = ((high - low) * 0.1).max(f64::EPSILON);
            (low, high) = (low - room, high + room);
            Axis::Linear
        }
    };
    let rules = [
        even.map(|at| Rule {
            class: "even",
            name: words::NO_DIFFERENCE.into(),
            at,
        }),
        bound.map(|at| Rule {
            class: "rule",
            name: words::bound(bound_name, far.is_bound, &show(at)),
            at,
        }),
    ];
    Some(Plot {
        label: words::effect_over_time(&guardrail.name),
        height: 220.0,
        axis,
        values: (low, high),
        time: along.time,
        ticks: ticks(axis, low, high)
            .into_iter()
            .map(|at| (at, show(at)))
            .collect(),
        bands: pieces
            .iter()
            .map(|piece| band(piece, scale, (low, high)))
            .collect(),
        lines: vec![
            Line {
                class: "far",
                name: far
                    .apart
                    .map_or_else(String::new, |at| words::rule_out(&show(at), far.is_bound)),
                pieces: lines(pieces, |point| far_from(point, scale, bound)),
            },
            Line {
                class: "one",
                name: "estimate".into(),
                pieces: lines(pieces, |point| {
                    point.estimate.filter(|_| point.scale == scale)
                }),
            },
        ],
        rules: rules.into_iter().flatten().collect(),
        marks: along.marks.to_vec(),
        gaps: course.gaps.clone(),
        now: along.now,
    })
}

/// What was to be ruled out, and is now.
struct RuledOut {
    /// The latest that is not the bound itself, and so has a line of its own.
    apart: Option<f64>,
    /// Now it is the bound, whose line says so.
    is_bound: bool,
}

impl RuledOut {
    fn of(pieces: &[Vec<TracePoint>], scale: Scale, bound: Option<f64>) -> Self {
        let points = || pieces.iter().flatten().filter(|point| point.scale == scale);
        let last = points().next_back();
        Self {
            apart: points()
                .rev()
                .find_map(|point| far_from(point, scale, bound)),
            is_bound: last.is_some_and(|point| {
                point.rule_out.is_some() && far_from(point, scale, bound).is_none()
            }),
        }
    }
}

/// What must be ruled out, where it is not the bound itself.
fn far_from(point: &TracePoint, scale: Scale, bound: Option<f64>) -> Option<f64> {
    let at = point.rule_out.filter(|_| point.scale == scale)?;
    let is_bound = bound.is_some_and(|bound| (at - bound).abs() <= 1e-9);
    (!is_bound).then_some(at)
}

/// The interval; an open end reaches the edge of the plot.
fn band(piece: &[TracePoint], scale: Scale, (low, high): (f64, f64)) -> Vec<(Instant, f64, f64)> {
    piece
        .iter()
        .filter(|point| point.scale == scale && (point.lower.is_some() || point.upper.is_some()))
        .map(|point| {
            (
                point.at,
                point.lower.unwrap_or(low),
                point.upper.unwrap_or(high),
            )
        })
        .collect()
}

fn evidence(plan: &Plan, guardrail: &Guardrail, course: &Course, along: Along<'_>) -> Plot {
    let pieces = &course.pieces;
    let last = pieces.iter().flatten().next_back();
    let absence = plan.judge.advance_alpha.threshold().0;
    let harm = last.map_or(absence, |point| point.harm.needed.0);
    let is_cleared = pieces.iter().flatten().any(|point| point.clear.is_some());
    let is_scaled = matches!(last.and_then(|point| point.clear), Some(Clear::Look(_)));
    let rule = |class, name: String, at: f64| Rule { class, name, at };
    let rules = if is_cleared && (is_scaled || (harm - absence).abs() > 0.05) {
        let cleared = Some(absence).filter(|_| !is_scaled);
        vec![
            rule("rule", words::needed_for(words::HARM, Some(harm)), harm),
            rule(
                "one-rule",
                words::needed_for(words::CLEAR, cleared),
                absence,
            ),
        ]
    } else {
        vec![rule("rule", words::needed(harm), harm)]
    };
    Plot {
        label: words::evidence_over_time(&guardrail.name),
        height: 190.0,
        axis: Axis::Linear,
        values: EVIDENCE,
        time: along.time,
        ticks: [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0]
            .map(|at| (at, evidence_tick(at)))
            .to_vec(),
        bands: Vec::new(),
        lines: vec![
            Line {
                class: "two",
                name: words::HARM.into(),
                pieces: lines(pieces, |point| Some(point.harm.value.0)),
            },
            Line {
                class: "one",
                name: words::CLEAR.into(),
                pieces: lines(pieces, |point| absent(point.clear?, absence)),
            },
        ],
        rules,
        marks: along.marks.to_vec(),
        gaps: course.gaps.clone(),
        now: along.now,
    }
}

/// A score is drawn as the part that it is of what its look needs.
fn absent(clear: Clear, needed: f64) -> Option<f64> {
    match clear {
        Clear::Evidence(strength) => Some(strength.value.0),
        Clear::Look(look) => look.z.map(|z| z / look.needed * needed),
    }
}

/// The ends of the axis hold what lies beyond them too.
fn evidence_tick(at: f64) -> String {
    if at <= EVIDENCE.0 {
        format!("\u{2264} {at:.0}")
    } else if at >= EVIDENCE.1 {
        format!("\u{2265} {at:.0}")
    } else {
        format!("{at:.0}")
    }
}

/// The pieces of a line, parted where there is no number.
fn lines(
    pieces: &[Vec<TracePoint>],
    of: impl Fn(&TracePoint) -> Option<f64>,
) -> Vec<Vec<(Instant, f64)>> {
    pieces
        .iter()
        .flat_map(|piece| {
            let points: Vec<Option<(Instant, f64)>> = piece
                .iter()
                .map(|point| {
                    of(point)
                        .filter(|v| !v.is_nan())
                        .map(|value| (point.at, value))
                })
                .collect();
            points
                .split(Option::is_none)
                .map(|part| part.iter().copied().flatten().collect::<Vec<_>>())
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
        })
        .collect()
}
