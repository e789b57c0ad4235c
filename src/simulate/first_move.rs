//! The first look of a stage at which something happens.
//!
//! Judging a stage once gives the evidence at every look, so that the looks at which nothing can
//! happen need not be judged again; at the others the real judge and the real rules are asked. The
//! result is that of asking them at every look, which the tests hold it to.

use crate::decide::{Action, Decision, Environment, decide};
use crate::judge::{Judgement, Looks, judge, looks};
use crate::plan::{Guardrail, OnBreach, OnNoData, Pace, Plan, Role, Schedule};
use crate::snapshot::Snapshot;
use crate::units::{Instant, Period};

use super::instant;

/// Something other than holding.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// The look.
    pub at: Instant,
    /// What is done and why.
    pub decision: Decision,
    /// What the judge says then.
    pub judgement: Judgement,
}

/// The first look after `after`, at a block's end up to `until`, at which the rules do something
/// else than hold; `None` when they hold all the way.
#[must_use]
pub fn first_move(
    plan: &Plan,
    snapshot: &Snapshot,
    after: Instant,
    until: Instant,
    around: &Environment,
) -> Option<Move> {
    candidates(plan, snapshot, after, until)
        .into_iter()
        .find_map(|end| {
            let at = instant(end);
            let judgement = judge(plan, snapshot, at);
            let around = Environment {
                now: at,
                ..around.clone()
            };
            let decision = decide(plan, Some(&judgement), &around);
            match decision.action {
                Action::Hold => None,
                Action::Advance { .. }
                | Action::Pause
                | Action::Rollback { .. }
                | Action::Complete => Some(Move {
                    at,
                    decision,
                    judgement,
                }),
            }
        })
}

/// The block ends at which something may happen.
fn candidates(plan: &Plan, snapshot: &Snapshot, after: Instant, until: Instant) -> Vec<i64> {
    let (after, until) = (after.timestamp(), until.timestamp());
    let within = |end: &i64| *end > after && *end <= until;
    let all = ends(snapshot, until);
    if must_look_at_all(plan) {
        return all.into_iter().filter(within).collect();
    }
    let looks = looks(plan, snapshot, instant(until));
    let ready_from = plan.state.as_ref().and_then(|state| match &plan.course {
        Schedule::Stages(_) => plan
            .stage()
            .map(|stage| (state.entered_at + stage.min_duration.delta()).timestamp()),
        Schedule::Ramp(ramp) => {
            let moved_at = state.ramp.map_or(state.entered_at, |climb| climb.moved_at);
            Some((moved_at + ramp.every.unwrap_or_default().delta()).timestamp())
        }
    });
    let no_rule_out = match plan.course {
        Schedule::Stages(_) => false,
        Schedule::Ramp(_) => true,
    };
    all.into_iter()
        .filter(within)
        .filter(|&end| {
            proven(plan, &looks, end)
                || (ready_from.is_some_and(|ready| end >= ready)
                    && (no_rule_out || passed(plan, &looks, end)))
        })
        .collect()
}

/// Thresholds without error control, missing data that acts, and ramps that follow evidence move for reasons that do not
/// show in the evidence at each look.
fn must_look_at_all(plan: &Plan) -> bool {
    let acts = |guardrail: &Guardrail| match guardrail.on_no_data {
        OnNoData::Hold => false,
        OnNoData::Pause | OnNoData::Rollback { .. } => true,
    };
    // A budget may be spent, and a pace may quicken, at any look; a fixed clock strikes when it does.
    let ramp = match &plan.course {
        Schedule::Ramp(ramp) => match ramp.pace {
            Pace::Fixed => ramp.every.is_none(),
            Pace::Adaptive { .. } => true,
        },
        Schedule::Stages(_) => false,
    };
    ramp || plan
        .guardrails
        .iter()
        .any(|guardrail| acts(guardrail) || !guardrail.metric.kind.compares_arms())
}

/// Every block end of the stage.
fn ends(snapshot: &Snapshot, until: i64) -> Vec<i64> {
    let block = i64::from(snapshot.block.max(Period::from_seconds(1)).seconds());
    let entered = snapshot.since().timestamp();
    let mut end = entered.div_euclid(block) * block + block;
    let mut ends = Vec::new();
    while end <= until {
        ends.push(end);
        end += block;
    }
    ends
}

/// A rollback or a pause is proven at this look.
fn proven(plan: &Plan, looks: &Looks, end: i64) -> bool {
    let alpha = plan.judge.rollback_alpha;
    [
        (&looks.ends, &looks.rollback),
        (&looks.pause_ends, &looks.pause),
    ]
    .into_iter()
    .any(|(ends, trail)| {
        latest(ends, end)
            .and_then(|look| trail.get(look))
            .is_some_and(|evidence| evidence.proves(alpha))
    })
}

/// Every guardrail that can hold the stage has ruled out what it must.
fn passed(plan: &Plan, looks: &Looks, end: i64) -> bool {
    plan.guardrails
        .iter()
        .zip(&looks.guardrails)
        .filter(
            |(guardrail, _)| match (guardrail.role, guardrail.on_breach) {
                (Role::Guardrail, OnBreach::Rollback | OnBreach::Pause) => true,
                (Role::Guardrail, OnBreach::Warn) | (Role::Success, _) => false,
            },
        )
        .all(|(_, own)| {
            // Without a comparison the evidence at a look says nothing; the judge will.
            own.ends.is_empty()
                || latest(&own.ends, end).is_some_and(|look| own.passes().nth(look).unwrap_or(true))
        })
}

/// The last look at or before this second.
fn latest(ends: &[i64], end: i64) -> Option<usize> {
    ends.partition_point(|known| *known <= end).checked_sub(1)
}
