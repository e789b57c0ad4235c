//! Several guardrails, several stages, one budget.
//!
//! E-values may be averaged under any dependence, and multiplied over stages. The evidence for a
//! rollback is the average over the guardrails with the same consequence; each guardrail's own is
//! mixed over the stage in which its harm may have begun.
//!
//! With `S` stages, `E_u` the evidence of stage `u` and `w = 1 / S`: `sum over stages s up to the present
//! one of w * E_s * ... * E_present`, and `w` for each stage to come. Against the budget `alpha` the
//! average must reach `1 / alpha` (Vovk and Wang 2021: an average of e-values is one, whatever ties
//! them together). To leave a stage every guardrail must pass, each at its own uncorrected level:
//! that all pass by accident is no likelier than that one does.

use crate::plan::{CarriedEvidence, Guardrail, Kind, OnBreach, Plan, Role, Schedule};
use crate::units::{LogE, Probability};

use super::evidence::Evidence;
use super::{Strength, version};

/// The weights of the stages in which harm may begin, seen from the present one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageWeights {
    /// The present stage's.
    pub present: f64,
    /// That of all later stages together, whose evidence is still 1.
    pub later: f64,
}

impl StageWeights {
    /// Most of the weight is on the first stage, and most of what is left on each further one: harm
    /// is most often there from the start, evidence accumulates from then on, and the last stages
    /// have traffic enough to find what only load brings out. Weights that do not depend on the
    /// number of stages also stay valid when a plan grows.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        /// What each stage leaves to all later ones.
        const LEFT: f64 = 0.3;
        let (stage, stages) = match &plan.course {
            Schedule::Stages(stages) => (
                plan.state.as_ref().map_or(1, |state| state.stage.max(1)),
                u32::try_from(stages.len()).unwrap_or(u32::MAX),
            ),
            Schedule::Ramp(_) => (1, 1),
        };
        let left_by = |stage: u32| LEFT.powi(i32::try_from(stage.min(1_000)).unwrap_or(1_000));
        let before = left_by(stage.saturating_sub(1));
        let later = if stage < stages { left_by(stage) } else { 0.0 };
        Self {
            present: before - later,
            later,
        }
    }

    /// What is carried into the present stage by a guardrail whose evidence stayed at 1: the weight of
    /// the earlier stages.
    fn earlier(self) -> f64 {
        1.0 - self.present - self.later
    }

    /// Evidence of the whole rollout from the present stage's and what was carried into it.
    pub(super) fn rollout(self, present: f64, carried: f64) -> f64 {
        present * (self.present + carried) + self.later
    }

    /// The present stage's evidence with which this guardrail's evidence of the whole rollout is
    /// `rollout`.
    pub(super) fn present_for(self, plan: &Plan, name: &str, rollout: f64) -> f64 {
        (rollout - self.later) / (self.present + carried_into(plan, name))
    }

    /// What the next stage remembers when the present one ends with this evidence.
    pub(super) fn carry(self, plan: &Plan, name: &str, ended: LogE) -> LogE {
        LogE(ended.0 + (self.present + carried_into(plan, name)).ln())
    }
}

/// A guardrail's part in the budget.
#[derive(Debug, Clone, Copy)]
struct Part {
    carried: f64,
    /// Nothing is ever carried.
    wanders: bool,
    needed: LogE,
}

/// The guardrails with one consequence, over all looks.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Block ends at which any of its guardrails was looked at.
    pub(super) ends: Vec<i64>,
    /// The group's evidence at each of them.
    pub(super) trail: Vec<LogE>,
    /// By index in the plan: proven alone, or the largest contributor when the group was proven.
    /// With the block end at which that was so for the first time, in Unix seconds.
    pub(super) named: Vec<(usize, i64)>,
}

/// All groups, and each guardrail's evidence of the whole rollout.
#[derive(Debug, Clone)]
pub(super) struct Together {
    /// Rollback, pause, warn.
    pub(super) rollback: Group,
    pub(super) pause: Group,
    pub(super) warn: Group,
    /// By index in the plan: the largest evidence of the whole rollout at any look.
    pub(super) peaks: Vec<LogE>,
    weights: StageWeights,
    /// By index in the plan: what earlier stages left, and what proves harm of it alone.
    parts: Vec<Part>,
    /// By index in the plan: harm would be proven as well if earlier stages had shown none.
    afresh: Vec<bool>,
    /// What the next stage must remember.
    pub(super) carried: CarriedEvidence,
}

impl Together {
    /// Puts the evidence of all guardrails of the plan together; `None` is a guardrail without
    /// usable evidence, which counts as no evidence, not as absent.
    pub(super) fn of(plan: &Plan, evidence: &[Option<&Evidence>]) -> Self {
        let weights = StageWeights::of(plan);
        let wanders: Vec<bool> = evidence
            .iter()
            .map(|evidence| evidence.is_some_and(Evidence::wanders))
            .collect();
        // A difference that wanders for hours may be met again in the next stage, by the same
        // accident: such evidence is weighed stage by stage, and the weights add up to one.
        let carried: Vec<f64> = plan
            .guardrails
            .iter()
            .zip(&wanders)
            .map(|(g, wanders)| {
                if *wanders {
                    0.0
                } else {
                    carried_into(plan, &g.name)
                }
            })
            .collect();
        let mut remembered = CarriedEvidence::new();
        let mut peaks = Vec::with_capacity(evidence.len());
        let known = evidence.iter().zip(&carried).zip(&wanders);
        for (guardrail, ((evidence, carried), wanders)) in plan.guardrails.iter().zip(known) {
            let now = evidence.map_or(1.0, Evidence::harm_now);
            let looks = evidence
                .iter()
                .flat_map(|e| (0..e.ends.len()).map(|k| e.harm(k)));
            let peak = looks.fold(now, f64::max);
            peaks.push(LogE(weights.rollout(peak, *carried).ln()));
            if counts(guardrail.role) && guardrail.metric.kind.compares_arms() && !wanders {
                let log = (now * (weights.present + carried)).ln();
                remembered.insert(guardrail.name.clone(), LogE(log));
            }
        }
        let alpha = plan.judge.rollback_alpha;
        let parts = plan
            .guardrails
            .iter()
            .zip(carried.iter().zip(&wanders))
            .map(|(guardrail, (carried, wanders))| {
                let others = members(plan, guardrail.on_breach).count().max(1);
                Part {
                    carried: *carried,
                    wanders: *wanders,
                    needed: LogE(alpha.threshold().0 + (others as f64).ln()),
                }
            })
            .collect();
        let groups = |carried: &[f64]| {
            [OnBreach::Rollback, OnBreach::Pause, OnBreach::Warn]
                .map(|on_breach| Group::of(plan, evidence, carried, weights, on_breach, alpha))
        };
        let found = groups(&carried);
        let neutral = weights.earlier();
        let raised = carried.iter().any(|carried| *carried > neutral);
        let afresh = if raised && found.iter().any(|group| !group.named.is_empty()) {
            let least: Vec<f64> = carried.iter().map(|c| c.min(neutral)).collect();
            let found = groups(&least);
            let is_proven = |i| found.iter().any(|group| group.proven_at(i).is_some());
            (0..carried.len()).map(is_proven).collect()
        } else {
            vec![true; carried.len()]
        };
        let [rollback, pause, warn] = found;
        Self {
            rollback,
            pause,
            warn,
            peaks,
            weights,
            parts,
            afresh,
            carried: remembered,
        }
    }

    /// Evidence of the whole rollout against the guardrail with this index, when that of the present
    /// stage is `harm`, and what would prove it.
    pub(super) fn strength(&self, i: usize, harm: f64) -> Strength {
        let Part {
            carried, needed, ..
        } = self.parts[i];
        Strength {
            value: LogE(self.weights.rollout(harm, carried).ln()),
            needed,
        }
    }

    /// Whether earlier stages showed so little harm that what they left counts against proof of it.
    pub(super) fn is_weighed_down(&self, i: usize) -> bool {
        // Neutral is what is left of one, which floats miss by their last digits.
        !self.parts[i].wanders && self.weights.earlier() - self.parts[i].carried > 1e-9
    }

    /// Whether a breach of the guardrail with this index would be proven as well if earlier stages
    /// had shown no sign of harm.
    pub(super) fn is_proven_afresh(&self, i: usize) -> bool {
        self.afresh[i]
    }

    /// The group with this consequence.
    pub(super) const fn group(&self, on_breach: OnBreach) -> &Group {
        match on_breach {
            OnBreach::Rollback => &self.rollback,
            OnBreach::Pause => &self.pause,
            OnBreach::Warn => &self.warn,
        }
    }
}

/// The guardrails that share a budget, by index.
fn members(plan: &Plan, on_breach: OnBreach) -> impl Iterator<Item = usize> {
    let of = move |guardrail: &Guardrail| {
        guardrail.on_breach == on_breach
            && counts(guardrail.role)
            && guardrail.metric.kind.compares_arms()
    };
    let all = plan.guardrails.iter().enumerate();
    all.filter(move |(_, g)| of(g)).map(|(i, _)| i)
}

/// Success metrics have no part in the budget of harm.
const fn counts(role: Role) -> bool {
    match role {
        Role::Guardrail => true,
        Role::Success => false,
    }
}

/// What earlier stages left for this guardrail. After a change of its definition that evidence
/// speaks of something else: its weight is spent.
pub(super) fn carried_into(plan: &Plan, name: &str) -> f64 {
    let Some(state) = version::usable(plan) else {
        return 0.0;
    };
    let wanders = |guardrail: &Guardrail| {
        guardrail.name == name && matches!(guardrail.metric.kind, Kind::Gauge { .. })
    };
    if state.restarts.contains_key(name) || plan.guardrails.iter().any(wanders) {
        return 0.0;
    }
    state.carried.get(name).map_or(0.0, |log| {
        let e = log.0.min(600.0).exp();
        if e.is_finite() { e } else { 0.0 }
    })
}

impl Group {
    fn of(
        plan: &Plan,
        evidence: &[Option<&Evidence>],
        carried: &[f64],
        weights: StageWeights,
        on_breach: OnBreach,
        alpha: Probability,
    ) -> Self {
        let members: Vec<usize> = members(plan, on_breach).collect();
        let mut group = Self {
            ends: Vec::new(),
            trail: Vec::new(),
            named: Vec::new(),
        };
        if members.is_empty() {
            return group;
        }
        for &i in &members {
            group.ends.extend(evidence[i].iter().flat_map(|e| &e.ends));
        }
        group.ends.sort_unstable();
        group.ends.dedup();
        let weight = 1.0 / members.len() as f64;
        let threshold = 1.0 / alpha.get();
        let mut next = vec![0_usize; members.len()];
        let mut present: Vec<f64> = members
            .iter()
            .map(|&i| weights.rollout(1.0, carried[i]))
            .collect();
        let mut proven = false;
        for end in group.ends.clone() {
            for (m, &i) in members.iter().enumerate() {
                let Some(evidence) = evidence[i] else {
                    continue;
                };
                while evidence.ends.get(next[m]).is_some_and(|&e| e <= end) {
                    present[m] = weights.rollout(evidence.harm(next[m]), carried[i]);
                    next[m] += 1;
                }
                if weight * present[m] >= threshold {
                    group.name(i, end);
                }
            }
            let mean = weight * present.iter().sum::<f64>();
            group.trail.push(LogE(mean.ln()));
            if mean >= threshold && !proven {
                proven = true;
                let largest = (0..members.len()).max_by(|&a, &b| present[a].total_cmp(&present[b]));
                if let Some(m) = largest {
                    group.name(members[m], end);
                }
            }
        }
        group
    }

    fn name(&mut self, guardrail: usize, end: i64) {
        if self.proven_at(guardrail).is_none() {
            self.named.push((guardrail, end));
        }
    }

    /// The block end at which harm of this guardrail was proven first.
    pub(super) fn proven_at(&self, guardrail: usize) -> Option<i64> {
        let named = self.named.iter().find(|(i, _)| *i == guardrail);
        named.map(|(_, end)| *end)
    }

    /// The group's evidence now.
    pub(super) fn now(&self) -> Option<LogE> {
        self.trail.last().copied()
    }
}
