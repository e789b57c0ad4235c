//! What the findings mean for the gates: who is breached, who has no data, what is still open.
//! Does not weigh one gate against another; `rules` does.

use crate::judge::{ArmTotals, Finding, Judgement, Misassigned, Verdict};
use crate::plan::{Guardrail, OnBreach, OnNoData, Plan, Role, RuleOut};
use crate::units::{Exposure, Instant, Period};

use super::{NoDataThen, Reason};

/// The findings, sorted by what they do. Every name is a guardrail's.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ClassifiedFindings {
    /// Breached, and `on_breach = "rollback"`.
    pub(super) rollback: Vec<String>,
    /// Breached, and `on_breach = "pause"`.
    pub(super) pause: Vec<String>,
    /// Breached, and `on_breach = "warn"`.
    pub(super) warned: Vec<String>,
    /// Rule 4: missing and void evidence, the worst consequence first.
    pub(super) missing: Vec<Reason>,
    /// Leans to a breach.
    pub(super) leaning: Vec<String>,
    /// Has not ruled out what the stage asks.
    pub(super) open: Vec<String>,
    /// Expected time until the last of `open` has; `None` when it cannot be said of each.
    pub(super) expected: Option<Period>,
    /// Beyond an absolute limit together with the unexposed arm.
    pub(super) ambient: Vec<String>,
    /// Required success metrics that are not shown to be better.
    pub(super) success: Vec<String>,
    /// Changed within the stage: their evidence does not count yet. `assignment` for how users are counted.
    pub(super) restarts: Vec<String>,
}

impl ClassifiedFindings {
    /// Whether guardrails have not ruled out what they must for reasons that other gates tell.
    pub(super) fn is_answered_elsewhere(&self) -> bool {
        let named = [
            &self.rollback,
            &self.pause,
            &self.leaning,
            &self.ambient,
            &self.restarts,
        ];
        named.iter().any(|names| !names.is_empty()) || !self.missing.is_empty()
    }
}

/// Sorts the findings of an exposed plan. Without a judgement nothing is known of any guardrail.
pub(super) fn weigh(
    plan: &Plan,
    rule_out: Option<&RuleOut>,
    judgement: Option<&Judgement>,
    now: Instant,
) -> ClassifiedFindings {
    let mut evidence = ClassifiedFindings::default();
    let mut missing = Missing::default();
    let mut waits: Vec<Option<Period>> = Vec::new();
    let everybody = plan
        .state
        .as_ref()
        .is_some_and(|state| state.exposure == Exposure::FULL);
    for guardrail in &plan.guardrails {
        let outdated = plan
            .state
            .as_ref()
            .is_some_and(|state| state.outdates(guardrail));
        let finding = judgement.and_then(|judgement| {
            judgement
                .findings
                .iter()
                .find(|finding| finding.name == guardrail.name)
        });
        let name = || guardrail.name.clone();
        match guardrail.role {
            Role::Success => {
                if plan.require_success && !is_better(finding, everybody) {
                    evidence.success.push(name());
                }
            }
            // What was measured under another definition proves nothing about this one.
            Role::Guardrail if outdated => evidence.restarts.push(name()),
            Role::Guardrail => match standing(guardrail, finding, rule_out, everybody) {
                Standing::Shown => {}
                Standing::Breached => match guardrail.on_breach {
                    OnBreach::Rollback => evidence.rollback.push(name()),
                    OnBreach::Pause => evidence.pause.push(name()),
                    OnBreach::Warn => evidence.warned.push(name()),
                },
                Standing::Missing(since) => {
                    let since = since.or_else(|| plan.state.as_ref().map(|s| s.entered_at));
                    missing.add(guardrail, since.unwrap_or(now), now);
                }
                Standing::Ambient => match guardrail.on_breach {
                    OnBreach::Rollback | OnBreach::Pause => evidence.ambient.push(name()),
                    OnBreach::Warn => {}
                },
                Standing::Leaning => match guardrail.on_breach {
                    OnBreach::Rollback | OnBreach::Pause => evidence.leaning.push(name()),
                    OnBreach::Warn => {}
                },
                // A guardrail that only warns is watched, not obeyed: it learns in the shadow.
                Standing::Open => match guardrail.on_breach {
                    OnBreach::Rollback | OnBreach::Pause => {
                        evidence.open.push(name());
                        waits.push(finding.and_then(|f| f.measure.as_ref()?.expected_wait));
                    }
                    OnBreach::Warn => {}
                },
            },
        }
    }
    evidence.expected = waits
        .into_iter()
        .collect::<Option<Vec<Period>>>()
        .and_then(|waits| waits.into_iter().max());
    let users_restart = plan.outdates_assignment();
    if users_restart {
        evidence.restarts.push("assignment".to_owned());
    }
    // Nor does the count of other users say anything about these.
    let broken = judgement
        .and_then(|judgement| judgement.assignment_broken.clone())
        .filter(|_| !users_restart);
    evidence.missing = missing.reasons(plan, broken);
    evidence
}

/// What one finding amounts to in this stage.
enum Standing {
    Shown,
    Breached,
    /// Since when, where the judge says.
    Missing(Option<Instant>),
    Ambient,
    /// Towards a breach, whatever the stage asks to be ruled out.
    Leaning,
    Open,
}

fn standing(
    guardrail: &Guardrail,
    finding: Option<&Finding>,
    rule_out: Option<&RuleOut>,
    everybody: bool,
) -> Standing {
    let Some(finding) = finding else {
        return Standing::Missing(None);
    };
    let ambient = finding.limit.as_ref().is_some_and(|limit| limit.ambient);
    // Evidence of no blocks at all is no evidence, whatever it is called, nor is an arm without traffic.
    let measured = finding.blocks > 0 && had_traffic(finding);
    match finding.verdict {
        Verdict::Breach => Standing::Breached,
        Verdict::NoData(missing) => Standing::Missing(Some(missing.since)),
        Verdict::Pass | Verdict::NotApplicable | Verdict::Inconclusive if ambient => {
            Standing::Ambient
        }
        Verdict::Pass | Verdict::NotApplicable | Verdict::Inconclusive
            if finding.leaning.is_some() =>
        {
            Standing::Leaning
        }
        Verdict::Pass if measured => Standing::Shown,
        // Only at 100 % there is nobody to compare with.
        Verdict::NotApplicable if everybody => Standing::Shown,
        Verdict::Inconclusive if measured && no_breach_is_enough(guardrail, rule_out) => {
            Standing::Shown
        }
        Verdict::Pass | Verdict::NotApplicable | Verdict::Inconclusive => Standing::Open,
    }
}

/// Whether something was counted in each arm that there is. Levels have no counts.
fn had_traffic(finding: &Finding) -> bool {
    let some = |arm: &ArmTotals| arm.total.is_none_or(|total| total > 0.0);
    finding
        .measure
        .as_ref()
        .is_none_or(|measure| some(&measure.exposed) && measure.unexposed.as_ref().is_none_or(some))
}

/// True where the stage asks for nothing to be ruled out, or there is nothing it could be ruled
/// out of: a threshold without error control, an absolute limit alone.
fn no_breach_is_enough(guardrail: &Guardrail, rule_out: Option<&RuleOut>) -> bool {
    guardrail.margin.is_none()
        || !guardrail.metric.kind.compares_arms()
        || rule_out.is_some_and(|rule_out| rule_out.of(guardrail).is_none())
}

fn is_better(finding: Option<&Finding>, everybody: bool) -> bool {
    finding.is_some_and(|finding| match finding.verdict {
        Verdict::Pass => finding.blocks > 0,
        Verdict::NotApplicable => everybody,
        Verdict::Breach | Verdict::Inconclusive | Verdict::NoData(_) => false,
    })
}

/// Guardrails without evidence, by what that does.
#[derive(Debug, Default)]
struct Missing {
    hold: Vec<String>,
    pause: Vec<String>,
    rollback: Vec<String>,
    /// Not yet due; the shortest time left of them.
    rollback_soon: Vec<String>,
    left: Option<Period>,
}

impl Missing {
    fn add(&mut self, guardrail: &Guardrail, since: Instant, now: Instant) {
        let name = guardrail.name.clone();
        match guardrail.on_no_data {
            OnNoData::Hold => self.hold.push(name),
            OnNoData::Pause => self.pause.push(name),
            OnNoData::Rollback { after } => {
                let missing = Period::between(since, now);
                if missing >= after {
                    self.rollback.push(name);
                } else {
                    let left = Period::from_seconds(after.seconds() - missing.seconds());
                    self.left = Some(self.left.map_or(left, |known| known.min(left)));
                    self.rollback_soon.push(name);
                }
            }
        }
    }

    /// The worst consequence first, so that it decides.
    fn reasons(self, plan: &Plan, broken: Option<Misassigned>) -> Vec<Reason> {
        let broken = broken.map(|why| {
            let then = void_comparisons(plan);
            (then, Reason::AssignmentBroken { why, then })
        });
        let mut reasons: Vec<(NoDataThen, Reason)> = [
            (NoDataThen::Rollback, self.rollback),
            (NoDataThen::Pause, self.pause),
            (
                NoDataThen::RollbackIn(self.left.unwrap_or_default()),
                self.rollback_soon,
            ),
            (NoDataThen::Hold, self.hold),
        ]
        .into_iter()
        .filter(|(_, guardrails)| !guardrails.is_empty())
        .map(|(then, guardrails)| (then, Reason::NoData { guardrails, then }))
        .chain(broken)
        .collect();
        reasons.sort_by_key(|(then, _)| severity(*then));
        reasons.into_iter().map(|(_, reason)| reason).collect()
    }
}

/// A broken assignment stops the plan where any compared guardrail would stop it for missing data.
/// It never rolls back: the arms are wrong, not the change.
fn void_comparisons(plan: &Plan) -> NoDataThen {
    let stops = plan.guardrails.iter().any(|guardrail| {
        guardrail.metric.kind.compares_arms()
            && match guardrail.on_no_data {
                OnNoData::Pause => true,
                OnNoData::Hold | OnNoData::Rollback { .. } => false,
            }
    });
    if stops {
        NoDataThen::Pause
    } else {
        NoDataThen::Hold
    }
}

const fn severity(then: NoDataThen) -> u8 {
    match then {
        NoDataThen::Rollback => 0,
        NoDataThen::Pause => 1,
        NoDataThen::RollbackIn(_) => 2,
        NoDataThen::Hold => 3,
    }
}
