//! One guardrail's plots: both arms over time, the effect with its interval, and the evidence against
//! what is needed; the numbers behind them as a table.

use maud::{Markup, html};

use crate::judge::{Clear, Scale, TracePoint};
use crate::plan::{Guardrail, Plan};
use crate::units::Instant;

use super::super::numbers;
use super::axis::Axis;
use super::course::{Chapter, Course};
use super::plot::{Line, Plot, Rule};

/// Ratios beyond these are off the page: what matters lies around 1.
const RATIOS: (f64, f64) = (0.1, 10.0);

/// Room above and below the settled values of a ratio.
const ROOM: f64 = 1.25;

/// Evidence below this says nothing more; above, it is proven many times over.
const EVIDENCE: (f64, f64) = (-4.0, 8.0);

/// What all plots of a page share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along<'a> {
    /// First and last instant.
    pub(super) time: (Instant, Instant),
    /// Where stages begin.
    pub(super) marks: &'a [(Instant, String)],
    /// When the page is made.
    pub(super) now: Instant,
}

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
        return html! { p class="soft" { "Nothing was measured yet." } };
    }
    let compared = pieces
        .iter()
        .flatten()
        .rfind(|point| point.scale != Scale::Level);
    let scale = compared.map_or(Scale::Level, |point| point.scale);
    html! {
        @if compared.is_some() && let Some(plot) = arms(guardrail, &course, along) {
            h4 { "Both arms, from the start of each stage to each look" }
            (plot.draw())
        }
        @if let Some(plot) = effect(guardrail, scale, &course, along) {
            @match scale {
                Scale::Ratio | Scale::Difference => {
                    h4 { "Effect: exposed against unexposed, with the interval that holds at all looks together" }
                }
                Scale::Level => h4 { "Level of the exposed" },
            }
            (plot.draw())
        }
        @if compared.is_some() {
            h4 { "Evidence: what is above the dashed line is proven" }
            (evidence(plan, guardrail, &course, along).draw())
        }
        (course.table(guardrail))
    }
}

/// What each arm did.
fn arms(guardrail: &Guardrail, course: &Course, along: Along<'_>) -> Option<Plot> {
    let kind = guardrail.metric.kind;
    let values = course
        .pieces
        .iter()
        .flat_map(|piece| &piece[piece.len() / 2..])
        .flat_map(|point| [point.exposed, point.unexposed])
        .flatten()
        .filter(|value| value.is_finite());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return None;
    }
    // A level at which nothing changes is not blown up to fill the plot.
    let room = ((high - low) * 0.25)
        .max(high.abs() * 0.1)
        .max(f64::EPSILON);
    let low = if low >= 0.0 {
        (low - room).max(0.0)
    } else {
        low - room
    };
    let high = high + room;
    let line = |class, name: &str, of: fn(&TracePoint) -> Option<f64>| Line {
        class,
        name: name.to_owned(),
        pieces: lines(&course.pieces, of),
    };
    Some(Plot {
        label: format!("{} of both arms over time", guardrail.name),
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
            line("two", "unexposed", |point| point.unexposed),
            line("one", "exposed", |point| point.exposed),
        ],
        rules: Vec::new(),
        marks: along.marks.to_vec(),
        gaps: course.gaps.clone(),
        now: along.now,
    })
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
        Scale::Ratio => ("margin", null.map(|(ratio, _)| ratio)),
        Scale::Difference => ("margin", null.map(|(_, offset)| offset)),
        Scale::Level => ("limit", guardrail.limit.map(|limit| limit.value)),
    };
    let far = pieces
        .iter()
        .flatten()
        .rfind(|point| point.scale == scale)
        .and_then(|point| point.rule_out)
        .filter(|at| bound.is_none_or(|bound| (at - bound).abs() > 1e-9));
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
            name: "no difference".into(),
            at,
        }),
        bound.map(|at| Rule {
            class: "rule",
            name: format!("{bound_name} {}", show(at)),
            at,
        }),
    ];
    Some(Plot {
        label: format!("Effect on {} over time", guardrail.name),
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
                name: far.map_or_else(String::new, |at| format!("rule-out {}", show(at))),
                pieces: lines(pieces, |point| {
                    // Where it is the margin, the margin's line says so.
                    point.rule_out.filter(|at| {
                        point.scale == scale && bound.is_none_or(|bound| (at - bound).abs() > 1e-9)
                    })
                }),
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
    let (harm, absence) = (
        plan.judge.rollback_alpha.threshold().0,
        plan.judge.advance_alpha.threshold().0,
    );
    let mut rules = vec![Rule {
        class: "rule",
        name: format!("needed {harm:.1}"),
        at: harm,
    }];
    if (harm - absence).abs() > 0.05 {
        rules[0].name = format!("needed for harm {harm:.1}");
        rules.push(Rule {
            class: "rule",
            name: format!("needed to leave {absence:.1}"),
            at: absence,
        });
    }
    Plot {
        label: format!("Evidence on {} over time", guardrail.name),
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
                name: "harm beyond the margin".into(),
                pieces: lines(pieces, |point| Some(point.harm.0)),
            },
            Line {
                class: "one",
                name: "rule_out of the stage".into(),
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

/// About five round values.
fn ticks(axis: Axis, low: f64, high: f64) -> Vec<f64> {
    match axis {
        Axis::Log => {
            let all = [
                0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0,
            ];
            let inside: Vec<f64> = all
                .into_iter()
                .filter(|at| (low..=high).contains(at))
                .collect();
            // Neighbours closer than a twelfth of the height would touch.
            let least = (high / low).ln() / 12.0;
            let mut kept: Vec<f64> = Vec::new();
            for at in inside {
                if kept.last().is_none_or(|last| (at / last).ln() >= least) {
                    kept.push(at);
                }
            }
            kept
        }
        Axis::Linear | Axis::Root => {
            let step = 10_f64.powf(((high - low) / 5.0).log10().floor());
            let step = [1.0, 2.0, 5.0, 10.0]
                .map(|factor| factor * step)
                .into_iter()
                .find(|step| (high - low) / step <= 6.0)
                .unwrap_or(step * 10.0);
            let first = (low / step).ceil() * step;
            (0..8)
                .map(|index| first + f64::from(index) * step)
                .filter(|at| *at <= high)
                .collect()
        }
    }
}
