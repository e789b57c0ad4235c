//! The page: where the plan stands, how it came there, each guardrail, every transition.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::decide::{Exit, RecordedActor};
use crate::judge::{Finding, Trace, Verdict};
use crate::plan::{Plan, Ramp, Schedule, Status};
use crate::units::{self, Exposure, Instant, Period};

use super::super::history::Entry;
use super::super::{Decided, numbers};
use super::guardrail;
use super::plot::{Axis, Line, Plot};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The plan as it stands.
    pub plan: &'a Plan,
    /// What is decided of it now; `None` when nobody was asked.
    pub decided: Option<&'a Decided>,
    /// Its transitions, the oldest first.
    pub history: &'a [Entry],
    /// Its stages as they were judged along their time, the oldest first, each once.
    pub chapters: &'a [Chapter],
    /// When the page is made.
    pub now: Instant,
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// When it was entered.
    pub entered_at: Instant,
    /// Who was exposed in it; `None` for a plan without a state.
    pub exposure: Option<Exposure>,
    /// The last instant at which it was judged.
    pub until: Instant,
    /// What was measured along it.
    pub trace: Trace,
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
        history,
        chapters,
        now,
    } = page;
    let traces: Vec<_> = chapters.iter().map(|chapter| &chapter.trace).collect();
    let time = span(chapters, history, *now);
    let marks: Vec<(Instant, String)> = chapters
        .iter()
        .filter_map(|chapter| Some((chapter.entered_at, chapter.exposure?.to_string())))
        .collect();
    let findings = decided
        .and_then(|decided| decided.judgement.as_ref())
        .map_or(&[][..], |judgement| &judgement.findings);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (plan.name) " - rollout" }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                (heading(plan, *now))
                @if let Some(decided) = decided { (decision(decided)) }
                @if !history.is_empty() {
                    h2 { "Exposure" }
                    (staircase(plan, history, time).draw())
                }
                h2 { "Guardrails" }
                @for guardrail in &plan.guardrails {
                    @let finding = findings.iter().find(|finding| finding.name == guardrail.name);
                    h3 {
                        (guardrail.name) " "
                        @if let Some(finding) = finding { (badge(finding.verdict)) }
                    }
                    p class="soft" {
                        (guardrail.category.key()) ", " (guardrail.metric.kind.key())
                        @if let Some(margin) = guardrail.margin { ", margin " (numbers::effect(margin)) }
                        @if let Some(limit) = guardrail.limit { ", limit " (numbers::bound(limit)) }
                        ", breach: " (guardrail.on_breach.key())
                    }
                    @if let Some(finding) = finding { (numbers_of(guardrail.metric.kind, finding)) }
                    (guardrail::plots(plan, guardrail, &traces, time, &marks))
                }
                @if !history.is_empty() { (transitions(history)) }
                (reading(plan))
            }
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

fn heading(plan: &Plan, now: Instant) -> Markup {
    let (class, status) = match plan.status() {
        Status::Pending => ("wait", "pending"),
        Status::Progressing => ("wait", "progressing"),
        Status::Paused => ("doubt", "paused"),
        Status::RolledBack => ("bad", "rolled back"),
        Status::Complete => ("good", "complete"),
    };
    let stages = plan.stages().len().max(1);
    html! {
        h1 { (plan.name) " " span class=(format!("badge {class}")) { (status) } }
        @if let Some(description) = &plan.description { p { (description) } }
        p class="soft" {
            @if let Some(state) = &plan.state {
                "Stage " (state.stage) " of " (stages) ", " (state.exposure) " exposed"
                @if state.exposure > Exposure::NONE {
                    " for " (Period::between(state.entered_at, now).rough())
                }
                ". "
            } @else {
                "Nobody is exposed yet. "
            }
            @if let Some(owner) = &plan.owner { "Owner: " (owner) ". " }
            "As of " (now.format("%Y-%m-%d %H:%M UTC").to_string()) "."
        }
    }
}

fn decision(decided: &Decided) -> Markup {
    let class = match decided.decision.exit {
        Exit::Go => "good",
        Exit::Hold => "wait",
        Exit::Inconclusive => "doubt",
        Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback => "bad",
    };
    html! {
        div class="lead" {
            p {
                span class=(format!("badge {class}")) {
                    (decided.decision.action.key()) ", exit " (decided.decision.exit.code())
                }
            }
            @for reason in decided.decision.told() { p { (reason.to_string()) } }
        }
    }
}

/// The exposure after each transition, until the next.
fn staircase(plan: &Plan, history: &[Entry], time: (Instant, Instant)) -> Plot {
    let mut steps: Vec<(Instant, f64)> = Vec::new();
    let mut level = history
        .first()
        .and_then(|entry| entry.from)
        .unwrap_or(Exposure::NONE)
        .percent();
    for entry in history {
        steps.push((entry.at, level));
        level = entry.to.percent();
        steps.push((entry.at, level));
    }
    steps.push((time.1, level));
    let mut ticks: Vec<(f64, String)> = plan
        .stages()
        .iter()
        .map(|stage| (stage.exposure.percent(), stage.exposure.to_string()))
        .collect();
    let mut lines = vec![Line {
        class: "one",
        name: format!("{} %", level),
        pieces: vec![steps],
    }];
    if let Schedule::Ramp(ramp) = &plan.course {
        ticks = [1.0, 5.0, 25.0, 50.0, 100.0]
            .into_iter()
            .filter(|tick| *tick <= ramp.to.percent())
            .map(|tick| (tick, format!("{tick} %")))
            .collect();
        if let Some(state) = &plan.state {
            lines.push(curve(ramp, state.entered_at, time.1));
        }
    }
    ticks.insert(0, (0.0, "0 %".into()));
    Plot {
        label: format!("Exposure of {} over time", plan.name),
        height: 190.0,
        axis: Axis::Root,
        values: (0.0, 100.0),
        time,
        ticks,
        bands: Vec::new(),
        lines,
        rules: Vec::new(),
        marks: Vec::new(),
    }
}

/// Where the ramp would be if nothing had held it: no exposure is above this line.
fn curve(ramp: &Ramp, entered: Instant, until: Instant) -> Line {
    /// As many as a plot of this width can show.
    const POINTS: i32 = 96;
    let span = (until - entered).num_seconds().max(0) as f64;
    let points = (0..=POINTS).map(|k| {
        let seconds = span * f64::from(k) / f64::from(POINTS);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds between two instants of a calendar"
        )]
        let after = chrono::TimeDelta::seconds(seconds as i64);
        (entered + after, ramp.percent_at(seconds))
    });
    Line {
        class: "two",
        name: "curve".into(),
        pieces: vec![points.collect()],
    }
}

fn badge(verdict: Verdict) -> Markup {
    let class = match verdict {
        Verdict::Pass => "good",
        Verdict::Breach => "bad",
        Verdict::Inconclusive => "wait",
        Verdict::NoData(_) => "doubt",
        Verdict::NotApplicable => "soft",
    };
    html! { span class=(format!("badge {class}")) { (crate::report::words::verdict(verdict)) } }
}

fn numbers_of(kind: crate::plan::Kind, finding: &Finding) -> Markup {
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
            div class="scroll" { table {
                thead { tr {
                    th { "exposed" } th { "unexposed" } th { "effect" } th { "interval" }
                    th { "dispersion" } th { "blocks" }
                } }
                tbody { tr {
                    td { (arm(&measure.exposed)) }
                    td {
                        @match &measure.unexposed {
                            Some(unexposed) => (arm(unexposed)),
                            None => (numbers::NONE),
                        }
                    }
                    td { (numbers::estimate(kind, measure)) }
                    td { (numbers::interval(kind, measure)) }
                    td { (numbers::plain(measure.dispersion)) }
                    td { (finding.blocks) " judged, " (finding.blocks_missing) " missing" }
                } }
            } }
        }
        @for issue in &finding.issues { p class="doubt" { (issue.to_string()) } }
        @if !finding.queries.is_empty() {
            details {
                summary { "Queries" }
                @for query in &finding.queries { pre { (query) } }
            }
        }
    }
}

fn transitions(history: &[Entry]) -> Markup {
    html! {
        h2 { "Transitions" }
        div class="scroll" { table {
            thead { tr { th { "when" } th { "what" } th { "exposure" } th { "who" } th { "why" } } }
            tbody {
                @for entry in history.iter().rev() {
                    tr {
                        td class="nowrap" { (entry.at.format("%Y-%m-%d %H:%M UTC").to_string()) }
                        td { (entry.decision.key()) }
                        td class="nowrap" { (entry.from.unwrap_or(Exposure::NONE)) " to " (entry.to) }
                        td { (who(&entry.actor)) }
                        td {
                            @if let Some(reason) = &entry.reason { "\u{201c}" (reason) "\u{201d} " }
                            @for reason in &entry.reasons { p { (reason) } }
                            @for line in &entry.numbers { p class="soft" { (line) } }
                            @if let Some(commit) = &entry.commit {
                                p class="soft" { "commit " code { (commit.hash.chars().take(12).collect::<String>()) } " by " (commit.author) }
                            }
                            @if let Some(problem) = &entry.problem { p class="bad" { (problem) } }
                        }
                    }
                }
            }
        } }
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

/// The name of a person; of the rules, on whose behalf.
fn who(actor: &RecordedActor) -> String {
    match actor {
        RecordedActor::Person(name) => name.clone(),
        RecordedActor::Automation { .. } | RecordedActor::Other(_) => actor.to_string(),
    }
}
