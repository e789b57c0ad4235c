//! What was measured of one guardrail along the stages: where there was evidence, where there was none,
//! and the numbers as a table. How it is drawn is not known here.

use maud::{Markup, html};

use crate::judge::{POINTS, Trace, TracePoint, Window};
use crate::plan::Guardrail;
use crate::units::{Exposure, Instant};

use super::super::{numbers, words};

/// Looks of a stage that the table shows: what a person can read, of those that are drawn.
const ROWS_OF_A_STAGE: usize = 12;

/// One stage.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// When it was entered.
    pub entered_at: Instant,
    /// Who was exposed in it; `None` for a plan without a state.
    pub exposure: Option<Exposure>,
    /// The last instant at which it was judged.
    pub until: Instant,
    /// Where the numbers are from, as the snapshot says.
    pub source: Option<String>,
    /// What was measured along it.
    pub trace: Trace,
}

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

/// What was measured of a guardrail along the stages.
pub(super) struct Course {
    /// Stretches with evidence, none of them empty.
    pub(super) pieces: Vec<Vec<TracePoint>>,
    /// Stretches of stages without.
    pub(super) gaps: Vec<(Instant, Instant)>,
    /// Stages, each what the arms did in its windows.
    pub(super) windows: Vec<Vec<Window>>,
    /// Stretches of stages in which nothing was measured of the exposed arm.
    pub(super) silence: Vec<(Instant, Instant)>,
    /// Stages, each the looks that have evidence.
    stages: Vec<Vec<TracePoint>>,
}

impl Course {
    pub(super) fn of(guardrail: &Guardrail, chapters: &[Chapter]) -> Self {
        let (mut pieces, mut gaps) = (Vec::new(), Vec::new());
        let (mut windows, mut silence, mut stages) = (Vec::new(), Vec::new(), Vec::new());
        for chapter in chapters {
            let traced = chapter.trace.guardrails.iter();
            let Some((_, points)) = traced.into_iter().find(|(name, _)| *name == guardrail.name)
            else {
                continue;
            };
            let known: Vec<TracePoint> = points.iter().copied().flatten().collect();
            let step = (chapter.until - chapter.entered_at) / POINTS;
            let mut last = chapter.entered_at;
            for at in known.iter().map(|point| point.at).chain([chapter.until]) {
                // Neighbours are a step apart; more is a gap.
                if at - last > step + step / 2 {
                    gaps.push((last, at));
                }
                last = at;
            }
            let parts = points
                .split(Option::is_none)
                .map(|piece| piece.iter().copied().flatten().collect::<Vec<_>>());
            pieces.extend(parts.filter(|piece| !piece.is_empty()));
            stages.push(known);
            let seen = chapter.trace.windows.iter();
            let seen = seen.filter(|(name, _)| *name == guardrail.name);
            let seen: Vec<Window> = seen.flat_map(|(_, seen)| seen.iter().copied()).collect();
            silence.extend(silent(&seen, chapter.until));
            windows.push(seen);
        }
        Self {
            pieces,
            gaps,
            windows,
            silence,
            stages,
        }
    }

    /// The numbers behind the plots.
    pub(super) fn table(&self, guardrail: &Guardrail) -> Markup {
        let kind = guardrail.metric.kind;
        let value = |number: Option<f64>| {
            number.map_or_else(
                || numbers::NONE.to_owned(),
                |number| numbers::value(kind, number),
            )
        };
        let label = words::page::numbers_behind(&guardrail.name);
        html! {
            details {
                summary { (label) }
                div class="scroll" tabindex="0" role="region" aria-label=(label) { table {
                    thead { tr {
                        th { "when" } th { "exposed" } th { "unexposed" } th { "effect" } th { "interval" }
                        th { "rule-out" } th { "harm" } th { "clear" }
                    } }
                    tbody {
                        @for (stage, windows) in self.stages.iter().zip(&self.windows) {
                            @let every = stage.len().div_ceil(ROWS_OF_A_STAGE).max(1);
                            @for point in stage.iter().rev().step_by(every).collect::<Vec<_>>().into_iter().rev() {
                                @let show = |number: Option<f64>| number.map_or_else(
                                    || numbers::NONE.to_owned(),
                                    |number| numbers::on_scale(kind, point.scale, number),
                                );
                                @let window = windows.iter().find(|window| window.until >= point.at).or(windows.last());
                                tr {
                                    td class="nowrap" { (numbers::date_and_time(point.at)) }
                                    td { (value(window.and_then(|window| window.exposed))) }
                                    td { (value(window.and_then(|window| window.unexposed))) }
                                    td { (show(point.estimate)) }
                                    td class="nowrap" { (show(point.lower)) " to " (show(point.upper)) }
                                    td { (show(point.rule_out)) }
                                    td { (words::harm(point.harm)) }
                                    td { (words::clear(point.clear)) }
                                }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// The windows without the exposed arm, and the time after the last one where that is more than a window.
fn silent(windows: &[Window], until: Instant) -> Vec<(Instant, Instant)> {
    let silent = windows.iter().filter(|window| window.exposed.is_none());
    let mut gaps: Vec<(Instant, Instant)> = Vec::new();
    for (from, until) in silent.map(|window| (window.from, window.until)) {
        match gaps.last_mut() {
            Some(last) if last.1 == from => last.1 = until,
            _ => gaps.push((from, until)),
        }
    }
    if let Some(last) = windows.last()
        && until - last.until > last.until - last.from
    {
        gaps.push((last.until, until));
    }
    gaps
}
