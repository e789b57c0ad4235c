//! The guardrails at a glance: each a row with both arms, a bar of the interval against no difference,
//! margin and rule-out on one scale, and the evidence of both sides.

use maud::{Markup, html};

use crate::judge::{Finding, Judgement, Measure, Verdict};
use crate::plan::{Kind, Plan};

use super::super::bar::Bar;
use super::super::{numbers, words};
use super::prose::prose;

/// A verdict in its colour.
pub(super) fn badge(verdict: Verdict) -> Markup {
    let class = match verdict {
        Verdict::Pass => "good",
        Verdict::Breach => "bad",
        Verdict::Inconclusive => "wait",
        Verdict::NoData(_) => "doubt",
        Verdict::NotApplicable => "soft",
    };
    html! { span class=(format!("badge {class}")) { (crate::report::words::verdict(verdict)) } }
}

/// Where the page says more of a guardrail. Names of guardrails are of letters, digits and hyphens; its
/// place in the plan holds for any.
pub(super) fn anchor(plan: &Plan, name: &str) -> String {
    let place = plan
        .guardrails
        .iter()
        .position(|guardrail| guardrail.name == name);
    format!("guardrail-{}", place.map_or(0, |place| place + 1))
}

/// The table.
pub(super) fn table(plan: &Plan, judgement: &Judgement) -> Markup {
    html! {
        table class="glance" {
            thead { tr {
                th { "guardrail" } th { "effect" } th { (words::page::HARM) } th { (words::page::CLEAR) }
            } }
            tbody {
                @for finding in &judgement.findings {
                    @let kind = plan.guardrails.iter().find(|one| one.name == finding.name).map(|one| one.metric.kind);
                    (row(plan, kind, finding))
                }
            }
        }
        @if judgement.findings.iter().any(|finding| is_known(finding) && finding.measure.is_some()) { p class="legend" {
            span { (mark("even")) " " (words::page::NO_DIFFERENCE) }
            span { (mark("rule")) " " (words::page::MARGIN) }
            span { (mark("far")) " " (words::page::RULE_OUT) }
        } }
    }
}

/// Whether there are numbers of now: where the evidence has stopped they are those of before, and before
/// the first judged block there are none.
pub(super) fn is_known(finding: &Finding) -> bool {
    !matches!(finding.verdict, Verdict::NoData(_)) && finding.blocks > 0
}

fn row(plan: &Plan, kind: Option<Kind>, finding: &Finding) -> Markup {
    let is_known = is_known(finding);
    let measured = kind.zip(finding.measure.as_ref()).filter(|_| is_known);
    html! {
        tr {
            td {
                a href=(format!("#{}", anchor(plan, &finding.name))) { (finding.name) } " "
                (badge(finding.verdict))
                @if let Some((kind, measure)) = measured {
                    div class="soft" {
                        (numbers::arm(kind, &measure.exposed))
                        @if let Some(unexposed) = &measure.unexposed {
                            " exposed, " (numbers::arm(kind, unexposed)) " unexposed"
                        }
                    }
                } @else if !is_known {
                    div class="soft" { (prose(&finding.why.to_string())) }
                }
            }
            td class=(if measured.is_some() { "effect" } else { "effect none" }) {
                @if let Some((kind, measure)) = measured {
                    (bar(&finding.name, kind, measure))
                    div {
                        strong { (numbers::estimate(kind, measure)) }
                        " " span class="soft" { (numbers::interval(kind, measure)) }
                    }
                } @else {
                    (numbers::NONE)
                }
            }
            td class=(if is_known { "nowrap" } else { "nowrap none" }) data-name=(words::page::HARM) {
                @if is_known { (words::harm(finding.decisive_harm())) } @else { (numbers::NONE) }
            }
            td class=(if is_known { "nowrap" } else { "nowrap none" }) data-name=(words::page::CLEAR) { (words::clear(finding.clear.filter(|_| is_known))) }
        }
    }
}

const WIDTH: f64 = 260.0;
const HEIGHT: f64 = 22.0;
/// Left and right of what must be seen.
const EDGE: f64 = 8.0;

/// The interval with its estimate; nothing where there is no comparison.
fn bar(name: &str, kind: Kind, measure: &Measure) -> Markup {
    let Some(bar) = Bar::of(measure) else {
        return html! {};
    };
    let x = |share: f64| EDGE + share * (WIDTH - 2.0 * EDGE);
    let px = |value: f64| format!("{value:.1}");
    // An open end leaves the picture.
    let left = measure.lower.map_or(0.0, |_| x(bar.interval.0));
    let right = measure.upper.map_or(WIDTH, |_| x(bar.interval.1));
    let middle = HEIGHT / 2.0;
    let bound = |value: Option<f64>| {
        value.map_or_else(
            || numbers::NONE.to_owned(),
            |value| numbers::on_scale(kind, measure.scale, value),
        )
    };
    let label = format!(
        "{name}: {} ({}), margin {}, rule-out {}",
        numbers::estimate(kind, measure),
        numbers::interval(kind, measure),
        bound(measure.margin),
        bound(measure.rule_out)
    );
    html! {
        svg class="bar" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(label) {
            line class="grid" x1="0" x2=(WIDTH) y1=(middle) y2=(middle) {}
            @for (class, value) in [("even", Some(bar.even)), ("rule", bar.margin), ("far", bar.rule_out)] {
                @if let Some(share) = value {
                    line class=(class) x1=(px(x(share))) x2=(px(x(share))) y1="1" y2=(HEIGHT - 1.0) {}
                }
            }
            line class="range" x1=(px(left)) x2=(px(right)) y1=(middle) y2=(middle) {}
            @if let Some(estimate) = bar.estimate {
                circle class="dot" cx=(px(x(estimate))) cy=(middle) r="4.5" {}
            }
        }
    }
}

fn mark(class: &str) -> Markup {
    html! {
        svg class="key" viewBox="0 0 8 14" aria-hidden="true" { line class=(class) x1="4" x2="4" y1="0" y2="14" {} }
    }
}
