//! The top of a page: the plan, where it stands, what happens and why.

use maud::{Markup, html};

use crate::decide::{Exit, Reason};
use crate::plan::{Plan, Status};
use crate::units::Instant;

use super::super::answer;
use super::super::words::page as words;
use super::super::{Decided, numbers};
use super::prose::prose;

/// The class of a status's colour.
pub(super) const fn status_class(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Progressing => "wait",
        Status::Paused => "doubt",
        Status::RolledBack => "bad",
        Status::Complete => "good",
    }
}

pub(super) fn heading(plan: &Plan, now: Instant) -> Markup {
    let status = plan.status();
    html! {
        h1 {
            (plan.name) " "
            span class=(format!("badge {}", status_class(status))) { (words::status(status)) }
        }
        @if let Some(description) = &plan.description { p { (description) } }
        p class="soft" { (words::standing(plan, &answer::stands(plan, now), now)) }
    }
}

/// What happens and why, before anything else: of a plan that was stopped, who or what stopped it; that nobody
/// was asked, unless it is told already why.
pub(super) fn lead(plan: &Plan, decided: Option<&Decided>, is_trouble_told: bool) -> Markup {
    let state = plan.state.as_ref();
    let stop = state.and_then(|state| match state.status {
        Status::RolledBack => state.rollback.as_ref(),
        Status::Paused => state.pause.as_ref(),
        Status::Pending | Status::Progressing | Status::Complete => None,
    });
    html! {
        @if let Some(stop) = stop {
            div class="lead bad-edge" {
                p {
                    strong { (words::stopped(plan.status(), stop)) }
                    ", " (numbers::date_and_time(stop.at)) "."
                }
                @if let Some(reason) = &stop.reason { p { (prose(reason)) } }
            }
        }
        @match decided {
            Some(decided) => (decision(decided, stop.is_some())),
            None => @if plan.is_exposed() && !is_trouble_told { p class="doubt" { (prose(&words::not_asked(&plan.name))) } },
        }
    }
}

/// The answer as a terminal gives it: what happens and why, what else holds the plan, what to type next.
fn decision(decided: &Decided, is_stop_told: bool) -> Markup {
    let class = exit_class(decided.decision.exit);
    let reasons: Vec<&Reason> = decided.decision.told().collect();
    let (because, others) = reasons
        .split_first()
        .map_or((None, &[][..]), |(first, others)| (Some(*first), others));
    let because = because.filter(|reason| !answer::says_only_the_step(reason));
    html! {
        div class=(format!("lead {class}-edge")) {
            p {
                span class=(format!("badge {class}")) {
                    (decided.decision.action.key()) ", exit " (decided.decision.exit.code())
                }
            }
            p {
                strong { (answer::headline(decided)) }
                @if let Some(reason) = because { ": " (prose(&told(reason, is_stop_told))) }
            }
            @for reason in others { p { (prose(&told(reason, is_stop_told))) } }
            @if let Some(command) = answer::next(decided) {
                p class="soft" { (prose(&words::next(&command))) }
            }
        }
    }
}

/// A reason; where who stopped the plan and why stands above already, it is not said again.
fn told(reason: &Reason, is_stop_told: bool) -> String {
    match reason {
        Reason::Latched { plan, ruling: _ } if is_stop_told => Reason::Latched {
            plan: plan.clone(),
            ruling: None,
        }
        .to_string(),
        Reason::Paused { plan, .. } if is_stop_told => Reason::Paused {
            plan: plan.clone(),
            by: None,
            why: None,
        }
        .to_string(),
        reason => reason.to_string(),
    }
}

/// The class of an outcome's colour.
const fn exit_class(exit: Exit) -> &'static str {
    match exit {
        Exit::Go => "good",
        Exit::Hold => "wait",
        Exit::Inconclusive => "doubt",
        Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback => "bad",
    }
}
