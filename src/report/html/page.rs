//! The page: where the plan stands, how it came there, each guardrail, every transition.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::judge::{Finding, Judgement};
use crate::plan::{Plan, Status};
use crate::units::{self, Exposure, Instant};

use super::super::history::Entry;
use super::super::told::told;
use super::super::words::page as words;
use super::super::{Decided, numbers};
use super::course::{Along, Chapter};
use super::guardrail;
use super::prose::prose;
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
    let time = span(plan, chapters, history, *now);
    let mut marks: Vec<(Instant, String)> = chapters
        .iter()
        .filter_map(|chapter| {
            // A ramp has gone on since: where it began is what its first transition says.
            let first = history.iter().find(|entry| entry.at == chapter.entered_at);
            let exposure = first.map(|entry| entry.to).or(chapter.exposure)?;
            Some((chapter.entered_at, exposure.to_string()))
        })
        .collect();
    // Where nobody is exposed any more the plots say since when.
    if let Some(last) = history.last().filter(|last| last.to == Exposure::NONE) {
        marks.push((last.at, last.to.to_string()));
    }
    let along = Along {
        time,
        marks: &marks,
        now: *now,
    };
    // Of a plan that is rolled back what decided is of interest, not that there is nothing to measure now.
    let judgement = rolled_back
        .map(|back| &back.judgement)
        .or_else(|| decided.and_then(|decided| decided.judgement.as_ref()));
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
                p class="doubt" { (prose(&words::from_records(trouble))) }
            }
            (top::lead(plan, *decided, trouble.is_some()))
            @if let Some(judgement) = judgement {
                h2 { (words::AT_A_GLANCE) }
                @if let Some(back) = rolled_back {
                    p class="soft" { (words::at_the_rollback(back.at, &back.path)) }
                }
                (glance::table(rolled_back.map_or(plan, |back| &back.plan), judgement))
            }
            @if !history.is_empty() {
                h2 { (words::EXPOSURE) }
                (timeline::staircase(plan, history, time, *now).draw())
                (timeline::words_of_people(history))
            }
            h2 { (words::GUARDRAILS) }
            @for guardrail in &plan.guardrails {
                @let finding = findings.iter().find(|finding| finding.name == guardrail.name);
                section id=(glance::anchor(plan, &guardrail.name)) {
                    h3 {
                        (guardrail.name) " "
                        @if let Some(finding) = finding { (glance::badge(finding.verdict)) }
                    }
                    p class="soft" { (words::guardrail(guardrail)) }
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

/// From the first thing known to the present, where the plan is exposed or stopped not long ago; else to the
/// last thing known, so that it keeps most of the width.
fn span(plan: &Plan, chapters: &[Chapter], history: &[Entry], now: Instant) -> (Instant, Instant) {
    let starts = chapters.iter().map(|chapter| chapter.entered_at);
    let ends = chapters.iter().map(|chapter| chapter.until);
    let moves = || history.iter().map(|entry| entry.at);
    let first = starts.chain(moves()).min().unwrap_or(now);
    let last = ends.chain(moves()).max().unwrap_or(now);
    let is_under_way =
        plan.is_exposed() && matches!(plan.status(), Status::Progressing | Status::Paused);
    let last = if is_under_way || now - last <= (last - first) / 3 {
        last.max(now)
    } else {
        last
    };
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
    let is_known = glance::is_known(finding);
    html! {
        p { (prose(&finding.why.to_string())) }
        @if let Some(measure) = finding.measure.as_ref().filter(|_| is_known) {
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
        @for issue in told(finding) { p class="doubt" { (prose(&issue.to_string())) } }
        @if !finding.queries.is_empty() {
            details {
                summary { "Queries" }
                @for query in &finding.queries {
                    pre { (query) }
                    @if let Some(link) = source.and_then(|source| link::graph(source, query, time)) {
                        p { a href=(link) rel="noreferrer" { (words::SHOW_QUERY) } }
                    }
                }
            }
        }
    }
}

fn reading(plan: &Plan) -> Markup {
    html! {
        h2 { (words::HOW_TO_READ) }
        @for paragraph in words::reading(plan) { p { (paragraph) } }
    }
}
