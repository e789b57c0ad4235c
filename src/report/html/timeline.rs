//! How the plan came where it is: exposure over time, what people said, every transition.

use maud::{Markup, html};

use crate::decide::RecordedActor;
use crate::plan::{Plan, Ramp, Schedule};
use crate::units::{Exposure, Instant};

use super::super::history::Entry;
use super::super::numbers;
use super::super::words::page as words;
use super::axis::Axis;
use super::plot::{Line, Plot};
use super::prose::prose;

/// The exposure after each transition, until the next.
pub(super) fn staircase(
    plan: &Plan,
    history: &[Entry],
    time: (Instant, Instant),
    now: Instant,
) -> Plot {
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
    let mut top = 100.0;
    let mut ticks: Vec<(f64, String)> = plan
        .stages()
        .iter()
        .map(|stage| (stage.exposure.percent(), stage.exposure.to_string()))
        .collect();
    let mut lines = vec![Line {
        class: "one",
        name: words::exposed_now(level),
        pieces: vec![steps],
    }];
    if let Schedule::Ramp(ramp) = &plan.course {
        let highest = history
            .iter()
            .map(|entry| entry.to.percent())
            .fold(0.0, f64::max);
        // The first minutes of a ramp would lie on the floor of the whole.
        let whole = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0];
        top = whole
            .into_iter()
            .find(|top| *top >= 1.5 * highest)
            .unwrap_or(100.0);
        ticks = [0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0]
            .into_iter()
            .filter(|tick| *tick <= top && *tick >= top / 20.0)
            .map(|tick| (tick, format!("{tick} %")))
            .collect();
        if let Some(state) = &plan.state {
            lines.push(curve(ramp, state.entered_at, time.1));
        }
    }
    ticks.insert(0, (0.0, "0 %".into()));
    Plot {
        label: words::exposure_over_time(&plan.name),
        height: 190.0,
        axis: Axis::Root,
        values: (0.0, top),
        time,
        ticks,
        bands: Vec::new(),
        lines,
        rules: Vec::new(),
        marks: moments(history),
        gaps: Vec::new(),
        now,
    }
}

/// The transitions as marks: the exposure where it changed, the command where a person gave it.
fn moments(history: &[Entry]) -> Vec<(Instant, String)> {
    let name = |entry: &Entry| match &entry.actor {
        RecordedActor::Person(_) => entry.decision.key().to_owned(),
        RecordedActor::Automation { .. } | RecordedActor::Other(_) => entry.to.to_string(),
    };
    history
        .iter()
        .map(|entry| (entry.at, name(entry)))
        .collect()
}

/// What people said, in order; nothing where nobody spoke.
pub(super) fn words_of_people(history: &[Entry]) -> Markup {
    let spoken: Vec<(&Entry, &str)> = history
        .iter()
        .filter_map(|entry| Some((entry, entry.reason.as_deref()?)))
        .collect();
    html! {
        @if !spoken.is_empty() {
            ul class="spoken" {
                @for (entry, reason) in spoken {
                    li {
                        span class="soft" { (numbers::date_and_time(entry.at)) } " "
                        (who(&entry.actor)) ", " (entry.decision.key()) ": \u{201c}" (reason) "\u{201d}"
                    }
                }
            }
        }
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

/// Transitions that are shown before the others are folded: a ramp has hundreds.
const UNFOLDED: usize = 12;

/// Every transition, the newest first.
pub(super) fn transitions(history: &[Entry], commits: Option<&str>) -> Markup {
    let newest: Vec<&Entry> = history.iter().rev().collect();
    let (shown, folded) = newest.split_at(newest.len().min(UNFOLDED));
    html! {
        h2 { (words::TRANSITIONS) }
        (rows(shown, commits))
        @if !folded.is_empty() {
            details {
                summary { (words::earlier(folded.len())) }
                (rows(folded, commits))
            }
        }
    }
}

fn rows(entries: &[&Entry], commits: Option<&str>) -> Markup {
    html! {
        ol class="moves" {
            @for entry in entries {
                li {
                    p {
                        strong { (entry.decision.key()) } " "
                        (entry.from.unwrap_or(Exposure::NONE)) " to " (entry.to)
                        span class="soft" { ", " (numbers::date_and_time(entry.at)) ", " (who(&entry.actor)) }
                    }
                    @if let Some(reason) = &entry.reason { p { "\u{201c}" (reason) "\u{201d}" } }
                    @for reason in &entry.reasons { p { (prose(reason)) } }
                    @for line in &entry.numbers { p class="soft" { (line) } }
                    @if let Some(commit) = &entry.commit {
                        @let short: String = commit.hash.chars().take(12).collect();
                        p class="soft" {
                            "commit "
                            @match commits {
                                Some(base) => a href=(format!("{base}{}", commit.hash)) rel="noreferrer" { code { (short) } },
                                None => code { (short) },
                            }
                            " by " (commit.author)
                        }
                    }
                    @if let Some(problem) = &entry.problem { p class="bad" { (problem) } }
                }
            }
        }
    }
}

/// The name of a person; of the rules, on whose behalf.
fn who(actor: &RecordedActor) -> String {
    match actor {
        RecordedActor::Person(name) => name.clone(),
        RecordedActor::Automation { .. } | RecordedActor::Other(_) => actor.to_string(),
    }
}
