//! Rule 8: targets that somebody set, pauses, freezes, windows, other plans. They stop advances and never a rollback; how long
//! a window stays closed is worked out in `calendar`.

use crate::plan::{Actor, Plan, Status};
use crate::units::Exposure;

use super::calendar::{self, Opening};
use super::{Environment, Gate, GateName, Reason};

/// The gates of rule 8, in order.
pub(super) fn stops(plan: &Plan, around: &Environment, gates: &mut Vec<Gate>) {
    targets(plan, around, gates);
    let paused = (plan.status() == Status::Paused).then(|| {
        let pause = plan.state.as_ref().and_then(|state| state.pause.as_ref());
        Reason::Paused {
            plan: plan.name.clone(),
            by: pause.map(|pause| match &pause.by {
                Actor::Person(name) | Actor::Guardrail(name) => name.clone(),
            }),
            why: pause.and_then(|pause| pause.reason.clone()),
        }
    });
    gates.push(Gate::new(GateName::Paused, paused));
    let draft = plan.draft.clone().map(|todo| Reason::Draft { todo });
    gates.push(Gate::new(GateName::Draft, draft));

    let frozen = calendar::freeze(&around.calendar, around.now).map(|freeze| Reason::Frozen {
        until: freeze.until,
        reason: freeze.reason.clone(),
        owner: freeze.owner.clone(),
    });
    gates.push(Gate::new(GateName::Freeze, frozen));

    gates.push(match calendar::opening(&around.calendar, around.now) {
        Opening::Always => Gate::not_applicable(GateName::Window),
        Opening::Open { .. } => Gate::new(GateName::Window, None),
        Opening::Closed { next } => Gate::new(
            GateName::Window,
            Some(Reason::OutsideWindow {
                opens: next.as_ref().map(|next| next.at),
                local: next.map(|next| next.local),
            }),
        ),
    });

    if plan.after.is_empty() {
        gates.push(Gate::not_applicable(GateName::After));
    }
    for after in &plan.after {
        let now = around
            .neighbours
            .iter()
            .find(|neighbour| neighbour.name == after.plan)
            .map(|neighbour| neighbour.exposure);
        let waiting = now.is_none_or(|now| now < after.at_least);
        gates.push(Gate::new(
            GateName::After,
            waiting.then(|| Reason::Waiting {
                plan: after.plan.clone(),
                at_least: after.at_least,
                now,
            }),
        ));
    }
    gates.push(surface(plan, around));
}

/// Whoever set a target by hand knows something that the plan does not say.
fn targets(plan: &Plan, around: &Environment, gates: &mut Vec<Gate>) {
    for target in &around.targets {
        let apart = target.state.holds().then(|| Reason::TargetApart {
            plan: plan.name.clone(),
            target: target.clone(),
        });
        gates.push(Gate::new(GateName::Target, apart));
    }
}

/// On an exclusive surface one plan at a time is active. Where two already are, because both were
/// before the surface became exclusive, the one that is further goes on, so that neither waits for
/// the other for ever.
fn surface(plan: &Plan, around: &Environment) -> Gate {
    let Some(surface) = plan.surface.as_ref().filter(|_| around.exclusive_surface) else {
        return Gate::not_applicable(GateName::Surface);
    };
    let exposure = plan
        .state
        .as_ref()
        .map_or(Exposure::NONE, |state| state.exposure);
    let busy = around.neighbours.iter().find(|other| {
        let active = match other.status {
            Some(Status::Progressing | Status::Paused) => other.exposure > Exposure::NONE,
            Some(Status::Pending | Status::RolledBack | Status::Complete) | None => false,
        };
        active
            && other.surface.as_ref() == Some(surface)
            && (other.exposure, &plan.name) > (exposure, &other.name)
    });
    Gate::new(
        GateName::Surface,
        busy.map(|other| Reason::SurfaceBusy {
            surface: surface.clone(),
            plan: other.name.clone(),
        }),
    )
}
