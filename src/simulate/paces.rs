//! The three ways to all users for one plan: in stages, on a ramp with a fixed pace, and on one that
//! follows the evidence. Which of them is best is for the journeys to say.

use crate::plan::{Curve, Pace, Plan, Ramp, RuleOut, Schedule, Stage};
use crate::units::{Effect, Exposure, Period};

use super::{Setting, SimulatedRollout};

/// A plan with a pace, under the name that tables give it.
#[derive(Debug, Clone, PartialEq)]
pub struct Paced {
    /// `stages 1-5-25-100 %, 24h each`.
    pub name: String,
    /// Pending, with the harmed guardrail alone.
    pub plan: Plan,
    /// How long it would take if nothing hindered it.
    pub unhindered: Period,
}

/// The budget that is compared where neither the plan nor the person names one: that of the
/// documentation.
pub const BUDGET: f64 = 500.0;

/// An adaptive ramp may be this many times as fast as a fixed one: its evidence, not its curve, is to
/// hold it back.
const FASTER: u32 = 6;

/// The stages of a plan that is a ramp: shares of its end, and the harm to rule out in each, so that
/// exposure times harm stays level. A day each, for the daily cycle.
const STAGES: [(f64, f64); 4] = [(0.01, 5.0), (0.05, 2.0), (0.25, 1.5), (1.0, 1.25)];
const DAY: Period = Period::from_hours(24);

/// The plan's own course, and the two others made from it. Without windows, approvals and people.
#[must_use]
pub fn paces(setting: &Setting, risk_budget: Option<f64>) -> Vec<Paced> {
    let plan = setting.alone();
    let (stages, fixed, adaptive) = match &plan.course {
        Schedule::Stages(stages) => {
            let fixed = ramp_of(stages);
            let adaptive = faster(&fixed);
            (stages.clone(), fixed, adaptive)
        }
        Schedule::Ramp(ramp) => {
            let adaptive = match ramp.pace {
                Pace::Fixed => faster(ramp),
                Pace::Adaptive { .. } => ramp.clone(),
            };
            (stages_of(ramp), ramp.clone(), adaptive)
        }
    };
    let own = match &plan.course {
        Schedule::Stages(_) => None,
        Schedule::Ramp(ramp) => match ramp.pace {
            Pace::Fixed => None,
            Pace::Adaptive { risk_budget } => Some(risk_budget),
        },
    };
    let risk_budget = risk_budget.or(own).unwrap_or(BUDGET);
    let fixed = Ramp {
        pace: Pace::Fixed,
        ..fixed
    };
    let adaptive = Ramp {
        pace: Pace::Adaptive { risk_budget },
        ..adaptive
    };
    let with = |course| Plan {
        course,
        ..plan.clone()
    };
    vec![
        Paced {
            name: named(&stages),
            unhindered: clock(&stages),
            plan: with(Schedule::Stages(stages)),
        },
        Paced {
            name: format!("fixed ramp over {}", fixed.over),
            unhindered: fixed.over,
            plan: with(Schedule::Ramp(fixed)),
        },
        Paced {
            name: format!(
                "adaptive ramp, at least {}, risk budget {risk_budget}",
                adaptive.over
            ),
            unhindered: adaptive.over,
            plan: with(Schedule::Ramp(adaptive)),
        },
    ]
}

/// Time until the last stage is entered, at the earliest.
fn clock(stages: &[Stage]) -> Period {
    let before = stages.len().saturating_sub(1);
    let seconds = stages[..before]
        .iter()
        .map(|stage| stage.min_duration.seconds())
        .fold(0, u32::saturating_add);
    Period::from_seconds(seconds)
}

fn named(stages: &[Stage]) -> String {
    let list: Vec<String> = stages
        .iter()
        .map(|stage| stage.exposure.percent().to_string())
        .collect();
    let shown = match stages.first() {
        Some(first)
            if stages
                .iter()
                .all(|stage| stage.min_duration == first.min_duration) =>
        {
            format!(", {} each", first.min_duration)
        }
        Some(_) | None => format!(", the last after {}", clock(stages)),
    };
    format!("stages {} %{shown}", list.join("-"))
}

/// A ramp through the stages' ends, as long as they take.
fn ramp_of(stages: &[Stage]) -> Ramp {
    let ends = stages.first().zip(stages.last());
    let (from, to) = ends.map_or((Exposure::HUNDREDTH, Exposure::FULL), |(first, last)| {
        (first.exposure, last.exposure)
    });
    let single = from == to;
    Ramp {
        from: if single { Exposure::HUNDREDTH } else { from },
        to,
        over: if single { DAY } else { clock(stages) }.max(Period::from_hours(1)),
        curve: Curve::Geometric,
        every: Some(Period::from_hours(1)),
        pace: Pace::Fixed,
    }
}

fn faster(ramp: &Ramp) -> Ramp {
    let over = Period::from_seconds(ramp.over.seconds() / FASTER);
    Ramp {
        over: over.max(ramp.every.unwrap_or_default()),
        ..ramp.clone()
    }
}

fn stages_of(ramp: &Ramp) -> Vec<Stage> {
    let mut stages: Vec<Stage> = STAGES
        .into_iter()
        .map(|(share, rule_out)| Stage {
            exposure: Exposure::floor_percent(share * ramp.to.percent()).max(Exposure::HUNDREDTH),
            min_duration: DAY,
            max_duration: None,
            rule_out: RuleOut::Every(Effect::Ratio(rule_out)),
            approval: false,
        })
        .collect();
    stages.dedup_by_key(|stage| stage.exposure);
    stages
}

/// What many journeys of one plan with one size of harm amount to.
#[derive(Debug, Clone, PartialEq)]
pub struct Ways {
    /// The name of the plan.
    pub name: String,
    /// The size of harm; 1 is none.
    pub factor: f64,
    /// So many journeys.
    pub journeys: usize,
    /// Hours to 100 %: the median and the 95th percentile; `None` where so many never got there.
    pub full: [Option<f64>; 2],
    /// Share that was rolled back.
    pub rolled_back: f64,
    /// Share that was neither rolled back nor everybody's in the end.
    pub under_way: f64,
    /// Excess bad events: the median and the 95th percentile.
    pub excess: [f64; 2],
}

impl Ways {
    /// Counts them.
    #[must_use]
    pub fn of(name: &str, factor: f64, journeys: &[SimulatedRollout]) -> Self {
        let share = |is: &dyn Fn(&SimulatedRollout) -> bool| {
            journeys.iter().filter(|j| is(j)).count() as f64 / journeys.len().max(1) as f64
        };
        let sorted = |of: &dyn Fn(&SimulatedRollout) -> f64| {
            let mut all: Vec<f64> = journeys.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            [0.5, 0.95].map(|part| quantile(&all, part))
        };
        Self {
            name: name.to_owned(),
            factor,
            journeys: journeys.len(),
            full: sorted(&|j| j.full.unwrap_or(f64::INFINITY))
                .map(|hours| Some(hours).filter(|hours| hours.is_finite())),
            rolled_back: share(&|j| j.rolled_back.is_some()),
            under_way: share(&|j| j.rolled_back.is_none() && j.full.is_none()),
            excess: sorted(&|j| j.excess),
        }
    }
}

/// The value at this part of a sorted list; nothing is at no part of an empty one.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in the list"
    )]
    let index = (part * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journeys_that_never_arrive_have_no_time() {
        let at = |full| SimulatedRollout {
            full,
            ..SimulatedRollout::default()
        };
        let ways = Ways::of("x", 1.0, &[at(Some(10.0)), at(Some(12.0)), at(None)]);
        assert_eq!(ways.full, [Some(12.0), None]);
        assert!((ways.under_way - 1.0 / 3.0).abs() < 1e-12);
    }
}
