//! The answer in one line: what happens to a plan, from what to what, because of what; who has to know of it,
//! and what to type next. The same in every form for people.

use crate::decide::{Action, Decision, Exit, Reason};
use crate::plan::{Plan, RampProgress, Schedule, Status};
use crate::units::{Exposure, Instant, Period};

use super::status::needs_person;
use super::{Decided, Outcome, PlanReport};

/// Who has to know of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// It went wrong, or went back.
    Alarm,
    /// It waits for a person.
    Person,
    /// It moves.
    Moves,
    /// It goes its way.
    Nobody,
}

impl Concern {
    /// Of this plan.
    pub(super) fn of(report: &PlanReport) -> Self {
        let Outcome::Decided(decided) = &report.outcome else {
            return Self::Alarm;
        };
        let person = waits_for_person(&decided.decision).is_some();
        match report.exit() {
            Exit::Error | Exit::Invalid | Exit::Rollback => Self::Alarm,
            Exit::NoGo | Exit::Inconclusive => Self::Person,
            Exit::Go | Exit::Hold if person => Self::Person,
            Exit::Go | Exit::Hold if decided.change.is_some() => Self::Moves,
            Exit::Go | Exit::Hold => Self::Nobody,
        }
    }
}

/// The first reason that stays until a person does something.
pub(super) fn waits_for_person(decision: &Decision) -> Option<&Reason> {
    let held = decision.told().count();
    decision.told().find(|reason| needs_person(reason, held))
}

/// `1 advance, 2 hold, 1 rollback`, the good first.
pub(super) fn tally(plans: &[PlanReport]) -> String {
    let mut counts: Vec<(&str, usize)> =
        ["advance", "complete", "hold", "pause", "rollback", "failed"]
            .map(|key| (key, 0))
            .to_vec();
    for plan in plans {
        let key = match &plan.outcome {
            Outcome::Decided(decided) => decided.decision.action.key(),
            Outcome::Failed(_) => "failed",
        };
        if let Some((_, count)) = counts.iter_mut().find(|(name, _)| *name == key) {
            *count += 1;
        }
    }
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| format!("{count} {key}"))
        .collect();
    parts.join(", ")
}

/// `Advanced from 1 % to 10 %, stage 2 of 4`, or what would happen.
pub(super) fn headline(decided: &Decided) -> String {
    let now = decided.exposure();
    let next = decided.next_exposure();
    let say = |done: &'static str, would: &'static str| {
        if decided.applied() { done } else { would }
    };
    match decided.decision.action {
        Action::Advance { stage, .. } => {
            let moved = format!("{} from {now} to {next}", say("Advanced", "Would advance"));
            match &decided.plan.course {
                Schedule::Stages(stages) => format!("{moved}, stage {stage} of {}", stages.len()),
                Schedule::Ramp(ramp) => format!("{moved} on a ramp to {}", ramp.to),
            }
        }
        Action::Hold => format!("Hold at {now}"),
        Action::Pause => format!("{} at {now}", say("Paused", "Would pause")),
        Action::Rollback { .. } => format!(
            "{} from {now} to {next}",
            say("Rolled back", "Would roll back")
        ),
        Action::Complete if decided.plan.status() == Status::Complete => {
            "Complete: nothing is left to do".into()
        }
        Action::Complete => format!("{} at {now}", say("Complete", "Would complete")),
    }
}

/// Why, in one sentence; `None` where the headline says it all.
pub(super) fn because(decided: &Decided) -> Option<String> {
    let first = decided.decision.told().next();
    first
        .filter(|reason| !says_only_the_step(reason))
        .map(ToString::to_string)
}

/// True where the headline has said it already.
pub(super) const fn says_only_the_step(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Entering { .. } | Reason::Climbing { curve: None, .. } | Reason::AlreadyComplete
    )
}

/// The command to type next, where there is one that the reasons do not name.
pub(super) fn next(decided: &Decided) -> Option<String> {
    let name = &decided.plan.name;
    let applied = decided.applied();
    match decided.decision.action {
        Action::Rollback { .. } if applied => Some(format!(
            "`rollout explain {name}`; when it is mended, `rollout retry {name} --reason \"...\"`"
        )),
        Action::Pause if applied => Some(format!(
            "`rollout explain {name}`, then `rollout resume {name}` or `rollout rollback {name}`"
        )),
        Action::Advance { .. } | Action::Rollback { .. } | Action::Pause if !applied => {
            Some(format!("`rollout advance {name}` does it"))
        }
        Action::Hold if decided.judgement.is_some() => {
            let named = decided.decision.told().any(|reason| {
                let said = reason.to_string();
                said.contains("`rollout ")
            });
            (!named).then(|| format!("`rollout explain {name}`"))
        }
        Action::Advance { .. }
        | Action::Rollback { .. }
        | Action::Pause
        | Action::Hold
        | Action::Complete => None,
    }
}

/// `stage 1 of 4, 1 % exposed for 20h 50m`.
pub(super) fn stands(plan: &Plan, now: Instant) -> String {
    let Some(state) = &plan.state else {
        return "pending, nobody exposed".into();
    };
    let stage = match &plan.course {
        Schedule::Stages(stages) => format!("stage {} of {}", state.stage, stages.len().max(1)),
        Schedule::Ramp(ramp) => match state.ramp {
            Some(RampProgress { moves: 1, .. }) => format!("first move of a ramp to {}", ramp.to),
            Some(RampProgress { moves, .. }) => format!("move {moves} of a ramp to {}", ramp.to),
            None => format!("on a ramp to {}", ramp.to),
        },
    };
    // A ramp is as old as its first exposure; the present one is as old as its latest move.
    let since = state.ramp.map_or(state.entered_at, |climb| climb.moved_at);
    let since = Period::between(since, now).rough();
    match state.status {
        Status::Pending => format!("pending before stage {}, nobody exposed", state.stage),
        Status::Progressing => format!("{stage}, {} exposed for {since}", state.exposure),
        Status::Paused if state.exposure == Exposure::NONE => {
            format!("paused before stage {}, nobody exposed", state.stage)
        }
        Status::Paused => format!("paused, {stage}, {} exposed for {since}", state.exposure),
        Status::RolledBack => format!("rolled back in {stage}, {} exposed", state.exposure),
        Status::Complete => format!("complete, {} exposed", state.exposure),
    }
}
