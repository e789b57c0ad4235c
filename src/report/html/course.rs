//! What was measured of one guardrail along the stages: where there was evidence, where there was none,
//! and the numbers as a table. How it is drawn is not known here.

use maud::{Markup, html};

use crate::judge::{POINTS, Trace, TracePoint};
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

/// What was measured of a guardrail along the stages.
pub(super) struct Course {
    /// Stretches with evidence, none of them empty.
    pub(super) pieces: Vec<Vec<TracePoint>>,
    /// Stretches of stages without.
    pub(super) gaps: Vec<(Instant, Instant)>,
    /// Stages, each the looks that have evidence.
    stages: Vec<Vec<TracePoint>>,
}

impl Course {
    pub(super) fn of(guardrail: &Guardrail, chapters: &[Chapter]) -> Self {
        let (mut pieces, mut gaps, mut stages) = (Vec::new(), Vec::new(), Vec::new());
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
        }
        Self {
            pieces,
            gaps,
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
        let label = format!("Numbers behind the plots of {}", guardrail.name);
        html! {
            details {
                summary { (label) }
                div class="scroll" tabindex="0" role="region" aria-label=(label) { table {
                    thead { tr {
                        th { "when" } th { "exposed" } th { "unexposed" } th { "effect" } th { "interval" }
                        th { "rule-out" } th { "harm" } th { "clear" }
                    } }
                    tbody {
                        @for stage in &self.stages {
                            @let every = stage.len().div_ceil(ROWS_OF_A_STAGE).max(1);
                            @for point in stage.iter().rev().step_by(every).collect::<Vec<_>>().into_iter().rev() {
                                @let show = |number: Option<f64>| number.map_or_else(
                                    || numbers::NONE.to_owned(),
                                    |number| numbers::on_scale(kind, point.scale, number),
                                );
                                tr {
                                    td class="nowrap" { (numbers::date_and_time(point.at)) }
                                    td { (value(point.exposed)) }
                                    td { (value(point.unexposed)) }
                                    td { (show(point.estimate)) }
                                    td class="nowrap" { (show(point.lower)) " to " (show(point.upper)) }
                                    td { (show(point.rule_out)) }
                                    td { (numbers::plain(point.harm.0)) }
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
