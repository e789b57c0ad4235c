//! A rollout through a world, judged and decided by the program itself: snapshot, judge, rules. Stages are
//! left by the clock, as by a person who waits for nothing, so that every one is seen; a rollback ends it.

use rollout::decide::{Action, Decision, Environment, decide, entered};
use rollout::judge::{Judgement, Verdict, judge};
use rollout::plan::{Calendar, Guardrail, Plan, RuleOut, Schedule, State};
use rollout::simulate::{SnapshotBuilder, first_move, instant};
use rollout::snapshot::Snapshot;
use rollout::units::{Exposure, Instant, Period};

use super::peers::{PEERS, Peers};
use super::world::{Harm, Life, Past, WARMUP, World};
use crate::fixture::{BLOCK, EPOCH, STAGES, plan};

const DAY: usize = 288;

/// What came of one rollout.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Course {
    /// Hours from the first judged block's begin to the rollback.
    pub(crate) rolled_back: Option<f64>,
    /// It was during an incident of the exposed arm, or within two blocks of its end.
    pub(crate) in_incident: bool,
    /// The same hours for each of the other methods.
    pub(crate) peers: [Option<f64>; PEERS],
}

/// One rollout of four stages of a day; the other methods watch the same traffic where `peers` says so.
pub(crate) fn rollout(world: &World, past: Past, harm: &Harm, peers: bool, seed: u64) -> Course {
    let life = Life::new(world, past, &[DAY; 4], seed);
    let mut plan = plan_of(world, 1);
    let mut others = peers.then(|| Peers::new(world.metric));
    let mut course = Course::default();
    for (stage, (percent, _)) in STAGES.into_iter().enumerate() {
        let measured = life.stage(stage, percent / 100.0, harm, past);
        let since_judged =
            |block: usize| (stage * DAY + block - WARMUP) as f64 * f64::from(BLOCK) / 3_600.0;
        if let Some(others) = &mut others {
            others.next_stage();
            for (k, block) in measured.moments.iter().enumerate().skip(WARMUP) {
                others.push(block, since_judged(k + 1), &mut course.peers);
            }
        }
        if course.rolled_back.is_some() {
            continue;
        }
        let since = life.start + (stage * DAY) as i64 * i64::from(BLOCK);
        let until = instant(since + DAY as i64 * i64::from(BLOCK));
        let mut snapshot = empty(&plan, instant(since), until);
        snapshot
            .guardrails
            .insert(plan.guardrails[0].name.clone(), measured.series);
        if let Some(state) = &mut plan.state {
            state.entered_at = instant(since);
        }
        // What was proven at a look stays proven: the last one tells whether there was any.
        let judgement = judge(&plan, &snapshot, until);
        let decision = decide(&plan, Some(&judgement), &around(until));
        if let Action::Rollback { .. } = decision.action {
            let found = first_move(&plan, &snapshot, instant(since), until, &around(until));
            let at = found.map_or(until, |found| found.at).timestamp();
            let block = usize::try_from((at - since) / i64::from(BLOCK)).unwrap_or(0);
            course.rolled_back = Some(since_judged(block));
            let seen = life.entry(stage) + block.saturating_sub(1);
            course.in_incident = life.weather.is_near_incident(seen);
            if others.is_none() {
                return course;
            }
        } else if stage + 1 < STAGES.len() {
            plan.state = match decision.action {
                Action::Advance { .. } => decision.next,
                _ => gone_on(&plan, judgement, until),
            };
        }
    }
    course
}

/// What came of a stage that is watched for long: hours from its entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Left {
    /// Every gate was open.
    Advanced(f64),
    RolledBack(f64),
    Never,
}

/// A stage that must rule out something, watched for so many days from its entry; its gate opens after a
/// day at the earliest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    /// Which stage of the four it stands for.
    pub(crate) stage: usize,
    pub(crate) percent: f64,
    pub(crate) rule_out: f64,
    pub(crate) days: usize,
    pub(crate) guardrails: usize,
}

/// Runs it, with the same harm to every guardrail.
pub(crate) fn watched(world: &World, past: Past, harm: &Harm, of: Watched, seed: u64) -> Left {
    use rollout::units::Effect;
    let mut plan = plan_of(world, of.guardrails);
    let exposure = Exposure::from_percent(of.percent).expect("a percentage");
    if let Schedule::Stages(stages) = &mut plan.course {
        stages[of.stage].exposure = exposure;
        stages[of.stage].rule_out = RuleOut::Every(Effect::Ratio(of.rule_out));
    }
    let length = of.days * DAY;
    let lives: Vec<Life<'_>> = (0..of.guardrails)
        .map(|guardrail| {
            let apart = u64::try_from(guardrail).unwrap_or(0) * 7_919_000;
            Life::new(world, past, &[length], seed + apart)
        })
        .collect();
    let since = lives[0].start;
    let number = u32::try_from(of.stage + 1).expect("four stages");
    plan.state = entered(&plan, number, exposure, instant(since));
    let until = instant(since + length as i64 * i64::from(BLOCK));
    let mut snapshot = empty(&plan, instant(since), until);
    for (guardrail, life) in plan.guardrails.iter().zip(&lives) {
        let mut series = life.stage(0, of.percent / 100.0, harm, past).series;
        // Every guardrail's life has a time of day of its own, and the first one's is the stage's.
        let moved = since - life.start;
        series.ends.iter_mut().for_each(|end| *end += moved);
        for history in series.history.iter_mut().chain(&mut series.during) {
            history.ends.iter_mut().for_each(|end| *end += moved);
        }
        snapshot.guardrails.insert(guardrail.name.clone(), series);
    }
    let Some(found) = first_move(&plan, &snapshot, instant(since), until, &around(until)) else {
        return Left::Never;
    };
    let hours = (found.at.timestamp() - since) as f64 / 3_600.0;
    match found.decision.action {
        Action::Advance { .. } | Action::Complete => Left::Advanced(hours),
        Action::Rollback { .. } => Left::RolledBack(hours),
        Action::Hold | Action::Pause => Left::Never,
    }
}

/// The bench's plan with so many guardrails on the world's metric, ruling nothing out.
fn plan_of(world: &World, guardrails: usize) -> Plan {
    let named = |k: usize| world.metric.guardrail(&format!("guardrail-{k}"));
    ruling_nothing_out((0..guardrails).map(named).collect(), EPOCH)
}

/// The bench's plan in its first stage, with these guardrails.
pub(crate) fn ruling_nothing_out(guardrails: Vec<Guardrail>, since: i64) -> Plan {
    let mut plan = plan(guardrails, since);
    if let Schedule::Stages(stages) = &mut plan.course {
        stages
            .iter_mut()
            .for_each(|stage| stage.rule_out = RuleOut::Nothing);
    }
    plan
}

/// The state after this stage with what the judge has to remember, whatever its verdict was.
fn gone_on(plan: &Plan, mut judgement: Judgement, until: Instant) -> Option<State> {
    for finding in &mut judgement.findings {
        finding.verdict = Verdict::Pass;
        finding.leaning = None;
    }
    let Decision { action, next, .. } = decide(plan, Some(&judgement), &around(until));
    let went = matches!(action, Action::Advance { .. }) && next.is_some();
    assert!(went, "a stage whose gates are open is left: {action:?}");
    next
}

/// Nothing measured yet of the plan's stage.
pub(crate) fn empty(plan: &Plan, since: Instant, until: Instant) -> Snapshot {
    let stage = plan.state.as_ref().map_or(1, |state| state.stage);
    let block = Period::from_seconds(BLOCK);
    SnapshotBuilder::new(&plan.name, stage, since, block).snapshot(until)
}

/// Nobody else, no windows, no freezes: only evidence and durations decide.
pub(crate) fn around(now: Instant) -> Environment {
    Environment {
        now,
        calendar: Calendar::default(),
        exclusive_surface: false,
        neighbours: Vec::new(),
        targets: Vec::new(),
    }
}
