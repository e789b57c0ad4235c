//! One guardrail's series turned into evidence, or into the reason why there is none.

use crate::plan::{Column, Guardrail, Kind, Plan, PointBound, Role, Schedule};
use crate::snapshot::{Arm, GuardrailSeries, Series, Snapshot};
use crate::stats::{OneArmBlock, TwoArmBlock};
use crate::units::{Effect, Exposure, Instant, Period};

use super::blocks::{Frame, Judged};
use super::buckets::Latency;
use super::contradiction::contradiction;
use super::counts::{self, Limited};
use super::evidence::Evidence;
use super::failures;
use super::history;
use super::noise::Noise;
use super::others_clumps::of_past;
use super::point::{self, PointFinding};
use super::pooling::{pool, pooled_blocks};
use super::question::{Alphas, Orientation, Question};
use super::shift::Unprovable;
use super::timetable::Timetable;
use super::unborn::{Unborn, nobody_exposed, silent_since};
use super::{Excess, Issue, NoData, pacing};

/// What one guardrail's series amount to.
#[derive(Debug, Clone)]
pub(super) struct Examined {
    /// Evidence at each look; `None` where there is nothing usable.
    pub(super) evidence: Option<Evidence>,
    /// What a plain threshold found.
    pub(super) point: Option<PointFinding>,
    /// Why the evidence is not enough to judge by, if so.
    pub(super) no_data: Option<(NoData, Vec<Issue>)>,
    /// What it asks for that its buckets cannot prove, with the cure.
    pub(super) refused: Option<Unprovable>,
    /// What the stage must rule out for it.
    pub(super) rule_out: Option<Effect>,
    /// The arms are to be compared, and can be.
    pub(super) compares: bool,
    /// Excess bad events, where a ramp's pace depends on them.
    pub(super) excess: Option<Excess>,
    /// Judged blocks that began at or after the latest move of a ramp, or the entry of a stage.
    pub(super) since_move: u32,
    /// There is no unexposed arm, and the kind compares.
    pub(super) alone: bool,
    /// The share of users in the exposed arm.
    exposure: Exposure,
    /// For how long nothing was judged, where that is more than a late block.
    pub(super) behind: Option<Period>,
    pub(super) blocks: u32,
    pub(super) missing: u32,
    pub(super) issues: Vec<Issue>,
    pub(super) queries: Vec<String>,
    pub(super) frame: Frame,
    /// When a pass is looked for; `None` where nothing is spent on it.
    pub(super) timetable: Option<Timetable>,
    /// The levels of the plan's verdicts.
    alphas: Alphas,
}

/// What is known of a counted metric besides its blocks.
struct Counted {
    /// What is known of its noise.
    noise: Noise,
    /// Its failures are counted.
    failing: bool,
    /// How they clump by the past.
    clumps: Option<f64>,
}

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
        refused: None,
        // A ramp has no stage whose harm must be ruled out before it goes on.
        rule_out: plan.stage().and_then(|stage| stage.rule_out.of(guardrail)),
        compares: false,
        excess: None,
        since_move: 0,
        behind: None,
        alone: guardrail.metric.kind.compares_arms() && exposure == Exposure::FULL,
        exposure,
        blocks: 0,
        missing: 0,
        issues: Vec::new(),
        queries: Vec::new(),
        timetable: Timetable::of(plan, guardrail, frame.block()),
        frame,
        alphas: Alphas {
            breach: plan.judge.rollback_alpha.get(),
            pass: plan.judge.advance_alpha.get(),
        },
    };
    let asked = guardrail.margin.is_some() || guardrail.role == Role::Success;
    examined.compares = asked && !examined.alone && guardrail.metric.kind.compares_arms();
    let Some(series) = snapshot.guardrails.get(&guardrail.name) else {
        examined.discard(vec![Issue::NotInSnapshot]);
        return examined;
    };
    examined.queries.clone_from(&series.queries);
    let block = i64::from(snapshot.block.seconds()).max(1);
    let times = pooled_blocks(block, series.scrape_seconds);
    let pooled = pool(series, block);
    let series = pooled.as_ref();
    if times > 1 {
        let length = |seconds| Period::from_seconds(u32::try_from(seconds).unwrap_or(u32::MAX));
        examined.issues.push(Issue::Pooled {
            scrape: Period::from_seconds(series.scrape_seconds.unwrap_or(0)),
            block: length(block),
            pooled: length(block * times),
        });
    }
    if !series.issues.is_empty() {
        let faults: Vec<Issue> = series.issues.iter().cloned().map(Issue::Measured).collect();
        examined.issues.extend(faults.iter().cloned());
        examined.discard(faults);
        return examined;
    }
    if series.ends.is_empty() && series.exposed.is_empty() && series.unexposed.is_empty() {
        // No block had closed, so nothing was asked: that is no lack of series.
        let nothing = examined.frame.pick(&[], &[], |_| true);
        examined.note(&nothing);
        return examined;
    }
    match guardrail.metric.kind {
        Kind::Ratio { .. } => examined.counts(plan, guardrail, series, Column::Total),
        Kind::Rate { .. } => examined.counts(plan, guardrail, series, Column::Per),
        Kind::Point { bound, consecutive } => examined.point(series, &bound, consecutive),
        Kind::Latency {
            quantile,
            compare,
            unit,
        } => {
            let latency = Latency {
                quantile,
                compared: compare,
                unit,
                leads_to: match &plan.course {
                    Schedule::Stages(_) => None,
                    Schedule::Ramp(ramp) => Some(ramp.to.share()),
                },
            };
            examined.latency(plan, guardrail, series, latency);
        }
        Kind::Mean { .. } => examined.means(guardrail, series),
        Kind::Gauge { .. } => examined.levels(guardrail, series),
    }
    examined
}

impl Examined {
    /// The evidence is not used, for these reasons.
    fn discard(&mut self, why: Vec<Issue>) {
        self.evidence = None;
        self.no_data = Some((self.frame.nothing_since(self.frame.entered()), why));
    }

    /// The evidence is not used, which is an issue of the guardrail as well.
    pub(super) fn discard_for(&mut self, issues: Vec<Issue>) {
        self.issues.extend(issues.iter().cloned());
        self.discard(issues);
    }

    pub(super) fn note(&mut self, judged: &Judged) {
        self.blocks = u32::try_from(judged.ends.len()).unwrap_or(u32::MAX);
        self.missing = judged.missing;
        self.since_move = self.frame.since_move(judged);
        let last = judged.ends.last();
        self.behind = last.and_then(|last| self.frame.behind(*last));
        self.no_data = self
            .frame
            .gap(judged)
            .map(|(since, gap)| (since, vec![gap]));
    }

    /// That nothing new was judged since the exposed arm fell silent, by the totals of both arms: what is
    /// proven stays proven, and what has passed does not let others on.
    pub(super) fn note_silence(
        &mut self,
        ends: &[i64],
        totals: impl DoubleEndedIterator<Item = [f64; 2]> + ExactSizeIterator,
    ) {
        if self.no_data.is_some() || self.alone {
            return;
        }
        let before = ends.len().saturating_sub(self.since_move as usize);
        let blocks = ends.iter().copied().zip(totals).skip(before);
        let Some(last) = silent_since(blocks, self.exposure) else {
            return;
        };
        if let Some(ago) = self.frame.outage_since(last) {
            let fault = Issue::ExposedStopped { ago };
            self.issues.push(fault.clone());
            self.no_data = Some((self.frame.nothing_since(last), vec![fault]));
        }
    }

    /// The needed columns of the exposed arm, then of the unexposed one where there is one; voids
    /// the evidence where one lacks.
    pub(super) fn columns<'a>(
        &mut self,
        series: &'a GuardrailSeries,
        wanted: &[Column],
    ) -> Option<Vec<&'a Series>> {
        let mut arms = vec![(&series.exposed, Arm::Exposed)];
        if !self.alone {
            arms.push((&series.unexposed, Arm::Unexposed));
        }
        let mut found = Vec::new();
        let mut lacking = Vec::new();
        for (columns, arm) in arms {
            for &column in wanted {
                match columns.column(column) {
                    Some(series) => found.push(series),
                    None => lacking.push(Issue::NoColumn { arm, column }),
                }
            }
        }
        if lacking.is_empty() {
            return Some(found);
        }
        self.discard_for(lacking);
        None
    }

    /// Events among a total, or per unit of exposure.
    fn counts(
        &mut self,
        plan: &Plan,
        guardrail: &Guardrail,
        series: &GuardrailSeries,
        whole: Column,
    ) {
        let Some(columns) = self.columns(series, &[Column::Events, whole]) else {
            return;
        };
        let mut judged = self.frame.pick(&series.ends, &columns, |row| {
            // Events without any exposure are a scrape's skew: that block says nothing.
            row.chunks(2)
                .all(|arm| arm[0] >= 0.0 && arm[1] >= 0.0 && (arm[0] <= 0.0 || arm[1] > 0.0))
        });
        self.note(&judged);
        let worse = guardrail.metric.kind.worse();
        let unborn = Unborn::among(&mut judged, &series.assumed, worse);
        self.blocks = u32::try_from(judged.ends.len()).unwrap_or(u32::MAX);
        self.missing = judged.missing;
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
            self.discard_for(vec![contradiction]);
            return;
        }
        // Where a ramp moved within them, only the blocks after the move had the present exposure.
        let present = blocks.len().saturating_sub(self.since_move as usize);
        let silent = nobody_exposed(&blocks, &blocks[present..], self.exposure);
        if self.no_data.is_none() && !self.alone && silent {
            self.discard_for(vec![Issue::NobodyExposed]);
            return;
        }
        let totals = blocks.iter().map(|b| [b.exposed_total, b.unexposed_total]);
        self.note_silence(&judged.ends, totals);
        let past = series.history.as_ref();
        let past = past.map_or_else(Vec::new, |past| history::halves(past, whole));
        let failing = matches!(guardrail.metric.kind, Kind::Ratio { .. }) && {
            let past: Vec<TwoArmBlock> = past.iter().map(|(_, block)| *block).collect();
            failures::counted(worse, &past, &blocks)
        };
        let past = if failing {
            let failed = |(end, b): &(i64, TwoArmBlock)| (*end, failures::of_block(b));
            past.iter().map(failed).collect()
        } else {
            past
        };
        let looks = (judged.ends.as_slice(), whole, self.frame.block());
        let counted = Counted {
            noise: Noise::of(plan, guardrail, series, looks, failing),
            failing,
            clumps: of_past(&past),
        };
        let evidence = self.count_evidence(guardrail, &judged, &blocks, &counted);
        if let (None, Some((end, fault))) = (
            &self.no_data,
            unborn.and_then(|unborn| unborn.fault(&evidence)),
        ) {
            self.issues.push(fault.clone());
            self.no_data = Some((self.frame.nothing_since(end), vec![fault]));
        }
        self.excess = match (&plan.course, &evidence.comparison) {
            (Schedule::Ramp(_), Some(comparison)) => {
                pacing::excess(plan, guardrail, &blocks, comparison, self.frame.block())
            }
            (Schedule::Stages(_), _) | (Schedule::Ramp(_), None) => None,
        };
        self.evidence = Some(evidence);
    }

    pub(super) fn question(&self, guardrail: &Guardrail) -> Option<Question> {
        self.compares.then(|| Question {
            towards: Orientation {
                worse: guardrail.metric.kind.worse(),
                failures: false,
            },
            margin: guardrail.margin,
            rule_out: self.rule_out,
            role: guardrail.role,
            past: None,
            alphas: self.alphas,
        })
    }

    fn count_evidence(
        &self,
        guardrail: &Guardrail,
        judged: &Judged,
        blocks: &[TwoArmBlock],
        counted: &Counted,
    ) -> Evidence {
        let kind = guardrail.metric.kind;
        let block = self.frame.block();
        let arm = |of: fn(&TwoArmBlock) -> OneArmBlock| blocks.iter().map(of).collect::<Vec<_>>();
        Evidence {
            ends: judged.ends.clone(),
            comparison: self.question(guardrail).map(|question| {
                let question = Question {
                    past: counted.clumps,
                    ..question
                };
                if counted.failing {
                    let comparison = failures::compare(blocks, &question, &counted.noise);
                    return self.permitted(comparison, &judged.ends, &question);
                }
                let comparison = counts::compare(blocks, &question, &counted.noise);
                let comparison = if matches!(kind, Kind::Ratio { .. }) {
                    counts::common_shares(comparison, blocks, &question, &counted.noise)
                } else {
                    comparison
                };
                self.permitted(comparison, &judged.ends, &question)
            }),
            limit: guardrail.limit.map(|limit| {
                let exposed = arm(|b| OneArmBlock {
                    events: b.exposed_events,
                    total: b.exposed_total,
                });
                let unexposed = arm(|b| OneArmBlock {
                    events: b.unexposed_events,
                    total: b.unexposed_total,
                });
                let arms = Limited {
                    beyond: &exposed,
                    within: &exposed,
                    ambient: (!self.alone).then_some(unexposed.as_slice()),
                };
                counts::against_limit(&arms, limit.value, kind, block)
            }),
        }
    }

    fn point(&mut self, series: &GuardrailSeries, bound: &PointBound, consecutive: u32) {
        self.alone = true;
        let Some(columns) = self.columns(series, &[Column::Query]) else {
            return;
        };
        self.alone = false;
        let judged = self.frame.pick(&series.ends, &columns, |_| true);
        self.note(&judged);
        let values: Vec<f64> = judged.rows.iter().map(|row| row[0]).collect();
        self.point = Some(point::point(&values, bound, consecutive));
    }
}
