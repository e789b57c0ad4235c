//! The risk budget of an adaptive ramp: how many excess bad events the change may have cost, and to
//! which exposure what is left of the budget reaches. In the spirit of Li, Mao and Bojinov,
//! "Balancing Risk and Reward: An Automated Phased Release Strategy" (NeurIPS 2023), with the
//! anytime-valid bounds of the judge in place of a posterior.
//!
//! Several guardrails: each is held against the whole budget, and the strictest rules. One bad
//! request usually shows in several guardrails at once (an error is slow, too); a sum would count it
//! as often as it is watched, and would slow down a healthy release for being watched closely. The
//! bounds need no correction for their number either: a harmful release is harmful by some
//! guardrail, and that one's bound alone keeps it within the budget.

use crate::judge::{Excess, Judgement, Pacing};
use crate::plan::{Guardrail, OnBreach, Pace, Plan, Role, Schedule};
use crate::units::{Exposure, Period};

/// A move may risk at most this share of what is left: there is always something left to stay with
/// while harm is being proven, and the sum of all moves never reaches the budget.
const STAKE: f64 = 0.5;

/// Before a guardrail that counts events per user-hour bounds its harm, a release is taken to be at
/// most this many times as bad: the farthest alternative the judge looks for. (Requests have a bound
/// of their own: all of them fail.)
const FARTHEST: f64 = 20.0;

/// What a ramp has spent of its risk budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Spending {
    /// Excess bad events tolerated over the whole rollout.
    pub budget: f64,
    /// Estimated excess bad events so far, of the guardrail that shows most of them.
    pub spent: f64,
    /// The most that is not excluded; `None` while nothing is measured.
    pub at_most: Option<f64>,
    /// The guardrail with the largest `at_most`.
    pub guardrail: Option<String>,
}

/// What an adaptive ramp has spent so far; `None` for other plans. Without evidence it is what was
/// known at the latest move.
#[must_use]
pub fn spending(plan: &Plan, judgement: Option<&Judgement>) -> Option<Spending> {
    let budget = budget(plan)?;
    let climb = plan.state.as_ref().and_then(|state| state.ramp);
    let settled = climb.map_or(0.0, |climb| climb.settled);
    let pacing = judgement.and_then(|judgement| judgement.pacing.as_ref());
    let counted: Vec<&Excess> = counted(plan, pacing).map(|(excess, _)| excess).collect();
    let worst = counted
        .iter()
        .map(|excess| (at_most(excess), excess))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let spent = counted
        .iter()
        .map(|excess| excess.estimate.max(0.0))
        .reduce(f64::max)
        .map_or_else(
            || climb.map_or(0.0, |climb| climb.spent),
            |spent| settled + spent,
        );
    Some(Spending {
        budget,
        spent,
        at_most: worst.map(|(at_most, _)| settled + at_most),
        guardrail: worst.map(|(_, excess)| excess.guardrail.clone()),
    })
}

/// How far the budget reaches.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reach {
    /// Harm beyond the margin is ruled out, or the budget is not at stake: as far as the curve goes.
    Everywhere,
    /// No further than this.
    UpTo {
        exposure: Exposure,
        guardrail: String,
        at_most: f64,
        /// The most harm not excluded, and the harm tolerated, for each expected event.
        harm: Option<f64>,
        margin: f64,
        /// The most excess bad events an hour if everybody were exposed.
        hourly: f64,
    },
    /// Nothing was measured that the budget could be held against.
    Unknown,
}

/// How far the budget reaches when the next look is this far away.
pub(super) fn reach(
    plan: &Plan,
    pacing: Option<&Pacing>,
    budget: f64,
    until_next_look: Period,
) -> Reach {
    let settled = settled(plan);
    let mut reach = Reach::Unknown;
    let mut least = f64::INFINITY;
    for (excess, _) in counted(plan, pacing) {
        if reach == Reach::Unknown {
            reach = Reach::Everywhere;
        }
        // The plan tolerates the margin, and no budget of events is small against the margin of
        // everybody for ever: once more than the margin is ruled out, the release is not harmful in
        // the words of the plan.
        if excess.at_most.is_some_and(|most| most <= excess.margin) {
            continue;
        }
        let at_most = settled + at_most(excess);
        let left = STAKE * (budget - at_most).max(0.0);
        let hourly = most_hourly(excess);
        let ahead = hourly * until_next_look.hours();
        let percent = if ahead > 0.0 {
            100.0 * left / ahead
        } else {
            100.0
        };
        if percent < least {
            least = percent;
            reach = Reach::UpTo {
                exposure: Exposure::floor_percent(percent),
                guardrail: excess.guardrail.clone(),
                at_most,
                harm: excess.at_most,
                margin: excess.margin,
                hourly,
            };
        }
    }
    reach
}

/// The least budget of which a move that may cost so much is not too large a share.
pub(super) fn needed(cost: f64) -> f64 {
    (cost / STAKE).ceil()
}

/// What a guardrail shows of a budget that is spent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spent {
    pub(super) guardrail: String,
    pub(super) on_breach: OnBreach,
    /// Estimated excess bad events.
    pub(super) so_far: f64,
    /// As many more are expected until the next look.
    pub(super) ahead: f64,
}

/// The guardrails by whose estimate the budget is spent, or would be before the next look: staying
/// is not free, and a budget is kept by leaving in time. Only where no harm at all is excluded and
/// more than the margin is estimated: what is within the margin is tolerated, and doubt holds a ramp
/// without rolling it back.
pub(super) fn spent(
    plan: &Plan,
    pacing: Option<&Pacing>,
    exposure: Exposure,
    until_next_look: Period,
) -> Vec<Spent> {
    let Some(budget) = budget(plan) else {
        return Vec::new();
    };
    let settled = settled(plan);
    counted(plan, pacing)
        .filter_map(|(excess, guardrail)| {
            let harm = excess.estimate / excess.expected;
            let ahead = harm * excess.expected_hourly * exposure.share() * until_next_look.hours();
            let spent = Spent {
                guardrail: excess.guardrail.clone(),
                on_breach: guardrail.on_breach,
                so_far: settled + excess.estimate,
                ahead: ahead.max(0.0),
            };
            let harmful = excess.at_least > 0.0 && harm > excess.margin;
            (harmful && spent.so_far + spent.ahead >= budget).then_some(spent)
        })
        .collect()
}

/// What was spent before the evidence began.
fn settled(plan: &Plan) -> f64 {
    plan.state
        .as_ref()
        .and_then(|state| state.ramp)
        .map_or(0.0, |climb| climb.settled)
}

/// The budget of an adaptive ramp.
pub(super) fn budget(plan: &Plan) -> Option<f64> {
    match &plan.course {
        Schedule::Stages(_) => None,
        Schedule::Ramp(ramp) => match ramp.pace {
            Pace::Fixed => None,
            Pace::Adaptive { risk_budget } => Some(risk_budget),
        },
    }
}

/// The excesses that count: of guardrails that are obeyed.
fn counted<'a>(
    plan: &'a Plan,
    pacing: Option<&'a Pacing>,
) -> impl Iterator<Item = (&'a Excess, &'a Guardrail)> {
    pacing
        .into_iter()
        .flat_map(|pacing| &pacing.excesses)
        .filter_map(|excess| {
            let guardrail = plan
                .guardrails
                .iter()
                .find(|guardrail| guardrail.name == excess.guardrail)?;
            let obeyed = match guardrail.on_breach {
                OnBreach::Rollback | OnBreach::Pause => true,
                OnBreach::Warn => false,
            };
            let guards = match guardrail.role {
                Role::Guardrail => true,
                Role::Success => false,
            };
            (obeyed && guards).then_some((excess, guardrail))
        })
}

/// The most excess bad events so far: by the bound, but never more than there were bad events.
fn at_most(excess: &Excess) -> f64 {
    let bound = excess.at_most.unwrap_or(f64::INFINITY) * excess.expected;
    // Infinity times nothing is not a number; nothing is right.
    if bound.is_nan() {
        excess.bad
    } else {
        bound.min(excess.bad).max(0.0)
    }
}

/// The most excess bad events an hour if everybody were exposed.
fn most_hourly(excess: &Excess) -> f64 {
    let bound = excess
        .at_most
        .map(|most| (most * excess.expected_hourly).max(0.0));
    match (bound, excess.worst_hourly) {
        (Some(bound), Some(worst)) => bound.min(worst),
        (Some(bound), None) => bound,
        (None, Some(worst)) => worst,
        (None, None) => FARTHEST * excess.expected_hourly,
    }
}
