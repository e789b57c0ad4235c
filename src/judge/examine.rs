//! One guardrail's series turned into evidence, or into the reason why there is none.

use crate::plan::{Guardrail, Kind, Plan, PointBound, Role};
use crate::snapshot::{ArmSeries, GuardrailSeries, Snapshot};
use crate::stats::{OneArmBlock, Prior, TwoArmBlock};
use crate::units::{Effect, Exposure, Instant};

use super::NoData;
use super::blocks::{Frame, Judged};
use super::counts::{self, Question};
use super::evidence::Evidence;
use super::point::{self, PointFinding};

/// What one guardrail's series amount to.
#[derive(Debug, Clone)]
pub(super) struct Examined {
    /// Evidence at each look; `None` where there is nothing usable.
    pub(super) evidence: Option<Evidence>,
    /// What a plain threshold found.
    pub(super) point: Option<PointFinding>,
    /// Why the evidence is not enough to judge by, if so.
    pub(super) no_data: Option<(NoData, String)>,
    /// What the stage must rule out for it.
    pub(super) rule_out: Option<Effect>,
    /// There is no unexposed arm, and the kind compares.
    pub(super) alone: bool,
    pub(super) blocks: u32,
    pub(super) missing: u32,
    pub(super) issues: Vec<String>,
    pub(super) queries: Vec<String>,
    pub(super) frame: Frame,
}

/// Counters of one arm are scraped from several targets at slightly different times, so the part
/// may overtake the whole by a scrape's worth; more than that is a contradiction.
const SKEW_SHARE: f64 = 0.01;
const SKEW_EVENTS: f64 = 10.0;

/// So many exposed requests would have been expected before their absence says that nobody is
/// exposed: the chance of seeing none by accident is e^-20.
const SURELY_SOME: f64 = 20.0;

/// Examines one guardrail.
pub(super) fn examine(
    plan: &Plan,
    guardrail: &Guardrail,
    snapshot: &Snapshot,
    now: Instant,
) -> Examined {
    let frame = Frame::of(plan, guardrail, snapshot, now);
    let exposure = plan
        .state
        .as_ref()
        .map_or(Exposure::NONE, |state| state.exposure);
    let mut examined = Examined {
        evidence: None,
        point: None,
        no_data: None,
        // A ramp has no stage whose harm must be ruled out before it goes on.
        rule_out: plan.stage().and_then(|stage| stage.rule_out.of(guardrail)),
        alone: guardrail.metric.kind.compares_arms() && exposure == Exposure::FULL,
        blocks: 0,
        missing: 0,
        issues: Vec::new(),
        queries: Vec::new(),
        frame,
    };
    let Some(series) = snapshot.guardrails.get(&guardrail.name) else {
        examined.void("the snapshot holds nothing for this guardrail");
        return examined;
    };
    examined.queries.clone_from(&series.queries);
    if !series.issues.is_empty() {
        examined.issues.clone_from(&series.issues);
        examined.void(&series.issues.join("; "));
        return examined;
    }
    match guardrail.metric.kind {
        Kind::Ratio { .. } => examined.counts(guardrail, series, "total", exposure),
        Kind::Rate { .. } => examined.counts(guardrail, series, "per", exposure),
        Kind::Point { bound, consecutive } => examined.point(series, &bound, consecutive),
        Kind::Latency { .. } | Kind::Mean { .. } | Kind::Gauge { .. } => {
            examined
                .issues
                .push("this kind of metric is not judged yet".into());
            examined.void("this kind of metric is not judged yet");
        }
    }
    examined
}

impl Examined {
    fn void(&mut self, why: &str) {
        self.evidence = None;
        self.no_data = Some((
            self.frame.nothing_since(self.frame.entered()),
            why.to_owned(),
        ));
    }

    fn note(&mut self, judged: &Judged) {
        self.blocks = u32::try_from(judged.ends.len()).unwrap_or(u32::MAX);
        self.missing = judged.missing;
        self.no_data = self.frame.gap(judged);
    }

    fn lacks(&mut self, arms: &[(&ArmSeries, &str, &str)]) -> bool {
        let lacking: Vec<String> = arms
            .iter()
            .filter(|(arm, key, _)| arm.column(key).is_none())
            .map(|(_, key, name)| format!("the {name} arm has no `{key}` series"))
            .collect();
        if lacking.is_empty() {
            return false;
        }
        self.void(&lacking.join("; "));
        self.issues.extend(lacking);
        true
    }

    /// Events among a total, or per unit of exposure.
    fn counts(
        &mut self,
        guardrail: &Guardrail,
        series: &GuardrailSeries,
        whole: &str,
        exposure: Exposure,
    ) {
        let (exposed, unexposed) = (&series.exposed, &series.unexposed);
        let mut needed = vec![(exposed, "events", "exposed"), (exposed, whole, "exposed")];
        if !self.alone {
            needed.extend([
                (unexposed, "events", "unexposed"),
                (unexposed, whole, "unexposed"),
            ]);
        }
        if self.lacks(&needed) {
            return;
        }
        let columns: Vec<(&ArmSeries, &str)> = needed.iter().map(|(a, k, _)| (*a, *k)).collect();
        let judged = self.frame.pick(series, &columns, |row| {
            // Events without any exposure are a scrape's skew: that block says nothing.
            row.chunks(2)
                .all(|arm| arm[0] >= 0.0 && arm[1] >= 0.0 && (arm[0] <= 0.0 || arm[1] > 0.0))
        });
        self.note(&judged);
        let blocks: Vec<TwoArmBlock> = judged
            .rows
            .iter()
            .map(|row| TwoArmBlock {
                exposed_events: row[0],
                exposed_total: row[1],
                unexposed_events: row.get(2).copied().unwrap_or(0.0),
                unexposed_total: row.get(3).copied().unwrap_or(0.0),
            })
            .collect();
        if matches!(guardrail.metric.kind, Kind::Ratio { .. })
            && let Some(contradiction) = contradiction(&blocks)
        {
            self.issues.push(contradiction.clone());
            self.void(&contradiction);
            return;
        }
        if self.no_data.is_none() && !self.alone && nobody_exposed(&blocks, exposure) {
            let why = "nobody is exposed: the exposed arm had no traffic at all; is the flag on, and its label right?";
            self.issues.push(why.into());
            self.void(why);
            return;
        }
        self.evidence = Some(self.count_evidence(guardrail, &judged, &blocks));
    }

    fn count_evidence(
        &self,
        guardrail: &Guardrail,
        judged: &Judged,
        blocks: &[TwoArmBlock],
    ) -> Evidence {
        let kind = guardrail.metric.kind;
        let block = self.frame.block();
        let arm =
            |events: fn(&TwoArmBlock) -> f64, total: fn(&TwoArmBlock) -> f64| -> Vec<OneArmBlock> {
                blocks
                    .iter()
                    .map(|b| OneArmBlock {
                        events: events(b),
                        total: total(b),
                    })
                    .collect()
            };
        let compares =
            !self.alone && (guardrail.margin.is_some() || guardrail.role == Role::Success);
        Evidence {
            ends: judged.ends.clone(),
            comparison: compares.then(|| {
                let question = Question {
                    worse: kind.worse(),
                    margin: guardrail.margin,
                    rule_out: self.rule_out,
                    role: guardrail.role,
                };
                counts::compare(blocks, &question, Prior::UNKNOWN, block)
            }),
            limit: guardrail.limit.map(|limit| {
                let exposed = arm(|b| b.exposed_events, |b| b.exposed_total);
                let unexposed = arm(|b| b.unexposed_events, |b| b.unexposed_total);
                let unexposed = (!self.alone).then_some(unexposed.as_slice());
                counts::against_limit(&exposed, unexposed, limit, kind, block)
            }),
        }
    }

    fn point(&mut self, series: &GuardrailSeries, bound: &PointBound, consecutive: u32) {
        if self.lacks(&[(&series.exposed, "value", "exposed")]) {
            return;
        }
        let judged = self
            .frame
            .pick(series, &[(&series.exposed, "value")], |_| true);
        self.note(&judged);
        let values: Vec<f64> = judged.rows.iter().map(|row| row[0]).collect();
        self.point = Some(point::point(&values, bound, consecutive));
    }
}

/// More events than requests, over all blocks of an arm.
fn contradiction(blocks: &[TwoArmBlock]) -> Option<String> {
    let sum = |f: fn(&TwoArmBlock) -> f64| blocks.iter().map(f).sum::<f64>();
    let arms = [
        (
            "exposed",
            sum(|b| b.exposed_events),
            sum(|b| b.exposed_total),
        ),
        (
            "unexposed",
            sum(|b| b.unexposed_events),
            sum(|b| b.unexposed_total),
        ),
    ];
    arms.into_iter()
        .find(|(_, events, total)| *events > total * (1.0 + SKEW_SHARE) + SKEW_EVENTS)
        .map(|(arm, events, total)| {
            format!(
                "the {arm} arm has more events ({events:.0}) than its total ({total:.0}): `events` must select a part of `total`"
            )
        })
}

/// The exposed arm is silent although its share of the traffic should have shown by now.
fn nobody_exposed(blocks: &[TwoArmBlock], exposure: Exposure) -> bool {
    let exposed: f64 = blocks.iter().map(|b| b.exposed_total).sum();
    let unexposed: f64 = blocks.iter().map(|b| b.unexposed_total).sum();
    let share = exposure.share();
    exposed <= 0.0 && share < 1.0 && unexposed * share / (1.0 - share) >= SURELY_SOME
}
