//! The top of a page: the plan, where it stands, what happens and why.

use maud::{Markup, html};

use crate::decide::Exit;
use crate::plan::{Actor, Plan, Status};
use crate::units::{Exposure, Instant, Period};

use super::super::{Decided, numbers};

/// A status in words, with the class of its colour.
pub(super) const fn status_word(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Pending => ("wait", "pending"),
        Status::Progressing => ("wait", "progressing"),
        Status::Paused => ("doubt", "paused"),
        Status::RolledBack => ("bad", "rolled back"),
        Status::Complete => ("good", "complete"),
    }
}

pub(super) fn heading(plan: &Plan, now: Instant) -> Markup {
    let (class, status) = status_word(plan.status());
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
            "As of " (numbers::date_and_time(now)) "."
        }
    }
}

/// What happens and why, before anything else: of a plan that was stopped, who or what stopped it.
pub(super) fn lead(plan: &Plan, decided: Option<&Decided>) -> Markup {
    let state = plan.state.as_ref();
    let stop = state.and_then(|state| match state.status {
        Status::RolledBack => Some(("Rolled back", state.rollback.as_ref()?)),
        Status::Paused => Some(("Paused", state.pause.as_ref()?)),
        Status::Pending | Status::Progressing | Status::Complete => None,
    });
    html! {
        @if let Some((what, stop)) = stop {
            div class="lead bad-edge" {
                p { strong { (what) " by " (by(&stop.by)) } ", " (numbers::date_and_time(stop.at)) "." }
                @if let Some(reason) = &stop.reason { p { (reason) } }
            }
        }
        @if let Some(decided) = decided { (decision(decided)) }
    }
}

fn by(actor: &Actor) -> String {
    match actor {
        Actor::Person(name) => name.clone(),
        Actor::Guardrail(name) => format!("the guardrail {name}"),
    }
}

fn decision(decided: &Decided) -> Markup {
    let class = exit_class(decided.decision.exit);
    html! {
        div class=(format!("lead {class}-edge")) {
            p {
                span class=(format!("badge {class}")) {
                    (decided.decision.action.key()) ", exit " (decided.decision.exit.code())
                }
            }
            @for reason in decided.decision.told() { p { (reason.to_string()) } }
        }
    }
}

/// The class of an outcome's colour.
pub(super) const fn exit_class(exit: Exit) -> &'static str {
    match exit {
        Exit::Go => "good",
        Exit::Hold => "wait",
        Exit::Inconclusive => "doubt",
        Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback => "bad",
    }
}
