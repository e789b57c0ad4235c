//! The page: where the plan stands, how it came there, each guardrail, every transition.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::judge::{Finding, Judgement};
use crate::plan::Plan;
use crate::units::{self, Instant};

use super::super::history::Entry;
use super::super::{Decided, numbers};
use super::course::Chapter;
use super::guardrail::{self, Along};
use super::{glance, link, timeline, top};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The plan as it stands.
    pub plan: &'a Plan,
    /// What is decided of it now; `None` when nobody was asked.
    pub decided: Option<&'a Decided>,
    /// What was seen at the rollback that a rolled-back plan stays back by; `None` where it is not, or
    /// nothing was measured for it.
    pub rolled_back: Option<&'a RolledBack>,
    /// Why Prometheus could not be asked: then the page is from the records alone.
    pub trouble: Option<&'a str>,
    /// Where people look at the repository's commits, such as `https://host/owner/name/commit/`.
    pub commits: Option<&'a str>,
    /// The transitions, the oldest first.
    pub history: &'a [Entry],
    /// Its stages as they were judged along their time, the oldest first, each once.
    pub chapters: &'a [Chapter],
    /// When the page is made.
    pub now: Instant,
}

/// A rollback as its record holds it, judged again.
#[derive(Debug, Clone, PartialEq)]
pub struct RolledBack {
    /// The plan as the decision saw it.
    pub plan: Plan,
    /// What the judge says of what was measured.
    pub judgement: Judgement,
    /// When.
    pub at: Instant,
    /// The record's file, relative to the directory.
    pub path: String,
}

/// The page, as the text of an HTML file.
#[must_use]
pub fn page(page: &Page<'_>) -> String {
    units::page(&markup(page).into_string()).into_owned()
}

fn markup(page: &Page<'_>) -> Markup {
    let Page {
        plan,
        decided,
        rolled_back,
        trouble,
        commits,
        history,
        chapters,
        now,
    } = page;
    let time = span(chapters, history, *now);
    let marks: Vec<(Instant, String)> = chapters
        .iter()
        .filter_map(|chapter| Some((chapter.entered_at, chapter.exposure?.to_string())))
        .collect();
    let along = Along {
        time,
        marks: &marks,
        now: *now,
    };
    let judgement = decided
        .and_then(|decided| decided.judgement.as_ref())
        .or_else(|| rolled_back.map(|back| &back.judgement));
    let findings = judgement.map_or(&[][..], |judgement| &judgement.findings);
    let sources: Vec<&str> = chapters
        .iter()
        .filter_map(|chapter| chapter.source.as_deref())
        .collect();
    shell(
        &plan.name,
        &html! {
            (top::heading(plan, *now))
            @if let Some(trouble) = trouble {
                p class="doubt" { "From the records alone: " (trouble) }
            }
            (top::lead(plan, *decided))
            @if let Some(judgement) = judgement {
                h2 { "At a glance" }
                @if let Some(back) = rolled_back {
                    p class="soft" {
                        "As it was at the rollback, " (numbers::date_and_time(back.at)) ", from " (back.path) "."
                    }
                }
                (glance::table(rolled_back.map_or(plan, |back| &back.plan), judgement))
            }
            @if !history.is_empty() {
                h2 { "Exposure" }
                (timeline::staircase(plan, history, time, *now).draw())
                (timeline::words_of_people(history))
            }
            h2 { "Guardrails" }
            @for guardrail in &plan.guardrails {
                @let finding = findings.iter().find(|finding| finding.name == guardrail.name);
                section id=(glance::anchor(plan, &guardrail.name)) {
                    h3 {
                        (guardrail.name) " "
                        @if let Some(finding) = finding { (glance::badge(finding.verdict)) }
                    }
                    p class="soft" {
                        (guardrail.category.key()) ", " (guardrail.metric.kind.key())
                        @if let Some(margin) = guardrail.margin { ", margin " (numbers::effect(margin)) }
                        @if let Some(limit) = guardrail.limit { ", limit " (numbers::bound(limit)) }
                        ", breach: " (guardrail.on_breach.key())
                    }
                    @if let Some(finding) = finding {
                        (numbers_of(guardrail.metric.kind, finding, sources.last().copied(), time))
                    }
                    (guardrail::plots(plan, guardrail, chapters, along))
                }
            }
            @if !history.is_empty() { (timeline::transitions(history, *commits)) }
            (reading(plan))
        },
    )
}

/// What every page has around its content.
pub(super) fn shell(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " - rollout" }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body { main { (content) } }
        }
    }
}

/// From the first thing known to the last.
fn span(chapters: &[Chapter], history: &[Entry], now: Instant) -> (Instant, Instant) {
    let starts = chapters.iter().map(|chapter| chapter.entered_at);
    let ends = chapters.iter().map(|chapter| chapter.until);
    let moves = || history.iter().map(|entry| entry.at);
    let first = starts.chain(moves()).min().unwrap_or(now);
    let last = ends.chain(moves()).max().unwrap_or(now);
    // A span of nothing cannot be drawn.
    (first, last.max(first + chrono::TimeDelta::minutes(1)))
}

fn numbers_of(
    kind: crate::plan::Kind,
    finding: &Finding,
    source: Option<&str>,
    time: (Instant, Instant),
) -> Markup {
    let arm = |totals: &crate::judge::ArmTotals| {
        let value = numbers::arm(kind, totals);
        match numbers::events(totals, false) {
            Some(events) => format!("{value} ({events})"),
            None => value,
        }
    };
    html! {
        p { (finding.why.to_string()) }
        @if let Some(measure) = &finding.measure {
            dl class="numbers" {
                div { dt { "exposed" } dd { (arm(&measure.exposed)) } }
                div {
                    dt { "unexposed" }
                    dd {
                        @match &measure.unexposed {
                            Some(unexposed) => (arm(unexposed)),
                            None => (numbers::NONE),
                        }
                    }
                }
                div { dt { "effect" } dd { (numbers::estimate(kind, measure)) } }
                div { dt { "interval" } dd { (numbers::interval(kind, measure)) } }
                div { dt { "dispersion" } dd { (numbers::plain(measure.dispersion)) } }
                div { dt { "blocks" } dd { (finding.blocks) " judged, " (finding.blocks_missing) " missing" } }
            }
        }
        @for issue in &finding.issues { p class="doubt" { (issue.to_string()) } }
        @if !finding.queries.is_empty() {
            details {
                summary { "Queries" }
                @for query in &finding.queries {
                    pre { (query) }
                    @if let Some(link) = source.and_then(|source| link::graph(source, query, time)) {
                        p { a href=(link) rel="noreferrer" { "Show this query in Prometheus" } }
                    }
                }
            }
        }
    }
}

fn reading(plan: &Plan) -> Markup {
    let (rollback, advance) = (plan.judge.rollback_alpha, plan.judge.advance_alpha);
    html! {
        h2 { "How to read this" }
        p {
            "The effect compares the users who see the change with those who do not, over the same "
            "minutes. The shaded interval holds at all looks together with 95 % confidence, however "
            "often somebody looks."
        }
        p {
            "Evidence is the logarithm of an e-value: 0 says nothing, and each step of 1 is a factor "
            "of 2.7. The chance that a release without harm beyond its margins is ever rolled back "
            "is at most " (numbers::percent(rollback.get())) " over the whole rollout, however often "
            "it is looked at; the chance of leaving a stage although the harm that it must rule out "
            "is there is at most " (numbers::percent(advance.get())) " for each guardrail."
        }
        p class="soft" { "Where lines stop there was no usable evidence. A new stage starts a new line." }
    }
}
