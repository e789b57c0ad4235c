//! The judge's front door: from a plan and a snapshot to a [`Judgement`]. It puts the parts together
//! and does no statistics itself.

use crate::plan::{Guardrail, ObservedDispersion, OnBreach, Plan, Role, Schedule};
use crate::snapshot::Snapshot;
use crate::units::{Instant, LogE, Period};

use super::evidence::{Comparison, Evidence};
use super::examine::{Examined, examine};
use super::leaning::leaning;
use super::noisy::{bursty, only_at_first};
use super::numbers::{expected_wait, last, level, measure};
use super::permit;
use super::proof::{agreeing, by_limit, open, proof};
use super::standing::{Standing, passes, verdict};
use super::together::{Group, Together};
use super::{
    Clear, Finding, Judgement, LimitFinding, Pacing, Strength, assignment, pacing, version,
};

/// Judges every guardrail of the plan's present stage on the evidence of the snapshot, as of `now`.
///
/// Pure and total: the same evidence gives the same judgement, and a bad world is a verdict.
#[must_use]
pub fn judge(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Judgement {
    if plan.awaits_first_user() {
        return Judgement {
            preflight: Some(super::preflight(plan, snapshot)),
            ..pacing::unexposed(plan, snapshot)
        };
    }
    let (examined, together) = weigh(plan, snapshot, now);
    let findings = plan
        .guardrails
        .iter()
        .zip(&examined)
        .enumerate()
        .map(|(i, (guardrail, examined))| finding(plan, guardrail, i, examined, &together))
        .collect();
    let mut carried = together.carried.clone();
    carried.extend(assignment::carried(plan, snapshot, now));
    Judgement {
        findings,
        log_e_rollback: together
            .group(OnBreach::Rollback)
            .now()
            .unwrap_or(LogE::NONE),
        carried,
        dispersion: shown(plan, &examined),
        assignment_broken: assignment::broken(plan, snapshot, now),
        pacing: pace(plan, &examined),
        preflight: None,
    }
}

/// What the arms have shown of their noise, in this stage and in earlier ones.
fn shown(plan: &Plan, examined: &[Examined]) -> ObservedDispersion {
    let of = |guardrail: &Guardrail, examined: &Examined| {
        let state = version::usable(plan);
        let earlier = state.and_then(|state| state.dispersion.get(&guardrail.name));
        let evidence = examined.evidence.as_ref();
        let comparison = evidence.and_then(|evidence| evidence.comparison.as_ref());
        let now = comparison.and_then(|comparison| comparison.seen?.remembered());
        now.or_else(|| earlier.copied())
    };
    let guardrails = plan.guardrails.iter().zip(examined);
    guardrails
        .filter_map(|(guardrail, examined)| {
            Some((guardrail.name.clone(), of(guardrail, examined)?))
        })
        .collect()
}

/// What the pace of a ramp depends on.
fn pace(plan: &Plan, examined: &[Examined]) -> Option<Pacing> {
    match plan.course {
        Schedule::Stages(_) => None,
        Schedule::Ramp(_) => Some(Pacing {
            blocks_since_move: examined.iter().map(|e| e.since_move).min().unwrap_or(0),
            excesses: examined.iter().filter_map(|e| e.excess.clone()).collect(),
        }),
    }
}

/// Every look of a stage at once: what [`judge`] would have said at each block end.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// Block ends at which any rollback guardrail was looked at, in Unix seconds.
    pub ends: Vec<i64>,
    /// Rollback evidence of the whole rollout at each of them.
    pub rollback: Vec<LogE>,
    /// Block ends at which any pausing guardrail was looked at, in Unix seconds.
    pub pause_ends: Vec<i64>,
    /// Evidence for a pause at each of them.
    pub pause: Vec<LogE>,
    /// By guardrail, in the plan's order.
    pub guardrails: Vec<GuardrailLooks>,
    /// What the next stage must remember.
    pub carried: crate::plan::CarriedEvidence,
    /// The dispersion that was shown against the metrics' history, which it must remember too.
    pub dispersion: ObservedDispersion,
}

/// One guardrail at every look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GuardrailLooks {
    /// Block ends, in Unix seconds.
    pub ends: Vec<i64>,
    /// Evidence of harm beyond the margin, within the stage.
    pub breach: Vec<LogE>,
    /// Whether harm of the size to rule out was ruled out.
    pub clears: Vec<bool>,
    /// Whether the evidence leaned to a breach, which keeps it from passing.
    pub leans: Vec<bool>,
    /// Tempering factor.
    pub dispersion: Vec<f64>,
}

impl GuardrailLooks {
    /// Whether it passed at each look: harm is ruled out, and nothing leans to a breach.
    pub fn passes(&self) -> impl DoubleEndedIterator<Item = bool> + '_ {
        let looks = self.clears.iter().zip(&self.leans);
        looks.map(|(clears, leans)| *clears && !leans)
    }
}

/// All looks of the present stage up to `now`, by the very code that [`judge`] runs.
#[must_use]
pub fn looks(plan: &Plan, snapshot: &Snapshot, now: Instant) -> Looks {
    let (examined, together) = weigh(plan, snapshot, now);
    let dispersion = shown(plan, &examined);
    let guardrails = examined
        .into_iter()
        .enumerate()
        .map(|(i, examined)| {
            let evidence = examined.evidence.unwrap_or_default();
            let Some(comparison) = &evidence.comparison else {
                return GuardrailLooks::default();
            };
            let looks = 0..evidence.ends.len();
            let leans = looks.clone().map(|look| {
                let harm = together.strength(i, evidence.harm(look));
                leaning(&evidence, look, harm).is_some()
            });
            let clears = looks.map(|look| passes(comparison, look, plan.judge.advance_alpha));
            let (clears, leans) = (clears.collect(), leans.collect());
            let comparison = comparison.clone();
            GuardrailLooks {
                clears,
                leans,
                ends: evidence.ends,
                breach: comparison.breach,
                dispersion: comparison.dispersion,
            }
        })
        .collect();
    let Group { ends, trail, .. } = together.rollback;
    Looks {
        ends,
        rollback: trail,
        pause_ends: together.pause.ends,
        pause: together.pause.trail,
        guardrails,
        carried: together.carried,
        dispersion,
    }
}

fn weigh(plan: &Plan, snapshot: &Snapshot, now: Instant) -> (Vec<Examined>, Together) {
    let examined: Vec<Examined> = plan
        .guardrails
        .iter()
        .map(|guardrail| examine(plan, guardrail, snapshot, now))
        .collect();
    let evidence: Vec<Option<&Evidence>> = examined.iter().map(|e| e.evidence.as_ref()).collect();
    let together = Together::of(plan, &evidence);
    (examined, together)
}

fn finding(
    plan: &Plan,
    guardrail: &Guardrail,
    i: usize,
    examined: &Examined,
    together: &Together,
) -> Finding {
    let evidence = examined.evidence.as_ref();
    let comparison = evidence.and_then(|e| e.comparison.as_ref());
    let limit = evidence.and_then(|e| e.limit.as_ref());
    let proven_at = together.group(guardrail.on_breach).proven_at(i);
    let wait = comparison.and_then(|c| {
        let by_looks = || {
            let evidence = evidence?;
            let timetable = examined.timetable.as_ref()?;
            c.permits
                .expected_wait(timetable, &evidence.ends, &c.scores)
        };
        let by_evidence = || expected_wait(c, plan.judge.advance_alpha, examined.frame.block());
        if examined.timetable.is_some() && c.enough.last().is_some_and(|enough| *enough) {
            by_looks()
        } else {
            by_evidence()
        }
    });
    let harm = together.strength(i, evidence.map_or(1.0, Evidence::harm_now));
    let last_look = evidence.and_then(|e| Some((e, e.ends.len().checked_sub(1)?)));
    let passed = |c: &Comparison| {
        last_look.is_some_and(|(_, look)| passes(c, look, plan.judge.advance_alpha))
    };
    // What is not there yet does not take no time: how long cannot be told then.
    let wait = wait.filter(|wait| *wait > Period::ZERO || comparison.is_some_and(passed));
    let leaning = last_look
        .filter(|_| proven_at.is_none() && examined.no_data.is_none())
        .filter(|_| guardrail.role == Role::Guardrail)
        .and_then(|(evidence, look)| leaning(evidence, look, harm));
    let measured = comparison.map(|c| {
        let measured = measure(guardrail, examined, c, together.peaks[i], wait);
        if passed(c) {
            agreeing(measured, guardrail)
        } else if c.permits.now().is_some() {
            open(measured, guardrail)
        } else {
            measured
        }
    });
    let standing = Standing {
        proof: proven_at.map(|at| proof(plan, i, at, measured.as_ref(), evidence, together)),
        measured: measured.as_ref(),
        leaning,
        weighed_down: together.is_weighed_down(i),
        harm,
        wait,
    };
    let (verdict, why) = verdict(plan, guardrail, examined, &standing);
    let mut issues = examined.issues.clone();
    issues.extend(version::dropped(plan, &guardrail.name));
    issues.extend(version::limit_read_anew(plan, guardrail));
    let block = examined.frame.block();
    issues.extend(comparison.and_then(|comparison| bursty(comparison, block)));
    if proven_at.is_none() {
        let ended = comparison.and_then(|c| only_at_first(plan, guardrail, c, block));
        issues.extend(ended);
    }
    let measure = examined
        .point
        .as_ref()
        .map(|point| point.measure.clone())
        .or_else(|| measured.or_else(|| limit.map(|l| level(l, guardrail, together.peaks[i]))));
    let clear = comparison
        .map(|c| permit::clear(c, plan.judge.advance_alpha))
        .unwrap_or_else(|| {
            let pass = limit.map(|l| &l.pass).filter(|pass| !pass.is_empty());
            pass.map(|pass| {
                Clear::Evidence(Strength {
                    value: last(pass),
                    needed: plan.judge.advance_alpha.threshold(),
                })
            })
        });
    Finding {
        name: guardrail.name.clone(),
        category: guardrail.category,
        role: guardrail.role,
        on_breach: guardrail.on_breach,
        on_no_data: guardrail.on_no_data,
        verdict,
        measure,
        harm,
        clear,
        leaning: leaning.map(|lean| lean.of),
        limit: limit
            .zip(guardrail.limit)
            .map(|(evidence, bound)| LimitFinding {
                bound,
                log_e_breach: last(&evidence.breach),
                ambient: evidence.ambient.last().copied().unwrap_or(false),
                breached: proven_at.is_some() && by_limit(comparison, evidence),
                undecided: evidence.undecided,
            }),
        blocks: examined.blocks,
        blocks_missing: examined.missing,
        issues,
        queries: examined.queries.clone(),
        why,
    }
}
