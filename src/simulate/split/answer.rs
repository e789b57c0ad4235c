//! What all rollouts of a plan over its past amount to.

use crate::plan::{OnBreach, Plan, Schedule};
use crate::stats::proportion;
use crate::units::{Exposure, Instant, Period};

use super::rollout::{Passed, SplitEnded, SplitRun};
use super::scatter::Scatter;
use super::search::SmallestHarm;
use super::trial::{LeftOut, Split};

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitAnswer {
    /// The plan's name.
    pub plan: String,
    /// Where the data were asked for.
    pub source: String,
    /// Rollouts begin from here on.
    pub from: Instant,
    /// And the data end here.
    pub to: Instant,
    /// Slots, instances that filled them, and the label that names these.
    pub slots: usize,
    /// How many instances have filled the slots.
    pub instances: usize,
    /// The label that names them.
    pub label: Option<String>,
    /// Rollouts that were tried.
    pub rollouts: u32,
    /// Different splits of the slots among them.
    pub splits: u32,
    /// Rolled back.
    pub rolled_back: u32,
    /// The share of these with 95 % (Clopper and Pearson), were the rollouts independent.
    pub rolled_back_interval: (f64, f64),
    /// Paused by a guardrail.
    pub paused: u32,
    /// Left to a person, since a gate stayed closed.
    pub held: u32,
    /// Released.
    pub released: u32,
    /// Whose data ended before.
    pub data_ended: u32,
    /// Seconds until release at the median; `None` where fewer than half are known to be released.
    pub released_after: Option<i64>,
    /// By stage; a ramp is one.
    pub stages: Vec<StageAnswer>,
    /// By guardrail.
    pub guardrails: Vec<GuardrailAnswer>,
    /// Guardrails that were not tried.
    pub left_out: Vec<(String, LeftOut)>,
}

/// What happened in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageAnswer {
    /// 1-based.
    pub stage: u32,
    /// What the plan asks for.
    pub exposure: Exposure,
    /// The median share of traffic that was exposed.
    pub share: f64,
    /// The median number of slots that were.
    pub slots: usize,
    /// Its `min_duration`.
    pub min_duration: Period,
    /// Rollouts that entered it.
    pub entered: u32,
    /// Rollouts that left it for the next, or were released.
    pub left: u32,
    /// Seconds in it at the median; `None` where fewer than half are known to have left it.
    pub seconds: Option<i64>,
    /// Rolled back in it.
    pub rolled_back: u32,
    /// Paused in it.
    pub paused: u32,
}

/// What one guardrail did.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardrailAnswer {
    /// Its name.
    pub name: String,
    /// What its breach does.
    pub on_breach: OnBreach,
    /// Harm of a size divides the metric by it: a value that should be high, and is no share of failures.
    pub divides: bool,
    /// Rollouts that it rolled back.
    pub rolled_back: u32,
    /// Rollouts that it paused.
    pub paused: u32,
    /// The smallest harm that is found, by stage (1-based).
    pub harms: Vec<(u32, SmallestHarm)>,
    /// How its metric scatters.
    pub scatter: Scatter,
}

impl StageAnswer {
    /// Rollouts of which no more is known than that they were in it: the data ended, or a gate stayed closed.
    #[must_use]
    pub const fn open(&self) -> u32 {
        self.entered
            .saturating_sub(self.left + self.rolled_back + self.paused)
    }
}

impl SplitAnswer {
    /// Adds up the rollouts. `harms` has those of each guardrail, in the plan's order.
    #[must_use]
    pub fn of(
        split: &Split<'_>,
        splits: u32,
        runs: &[SplitRun],
        harms: Vec<Vec<(u32, SmallestHarm)>>,
    ) -> Self {
        let count =
            |is: &dyn Fn(&SplitRun) -> bool| whole(runs.iter().filter(|run| is(run)).count());
        let ended = |run: &SplitRun| run.ended;
        let rolled_back = count(&|run| matches!(ended(run), SplitEnded::RolledBack { .. }));
        let is_cut = |run: &SplitRun| matches!(run.ended, SplitEnded::DataEnded { .. });
        let past = split.past();
        let rollouts = whole(runs.len());
        let plan = split.plan();
        let released = |run: &SplitRun| run.ended == SplitEnded::Released;
        let times = runs.iter().filter(|run| !stopped(run));
        let times = times.map(|run| released(run).then_some(run.seconds));
        let by = |place: usize, is: &dyn Fn(&SplitEnded) -> bool| {
            count(&|run| is(&run.ended) && run.by.contains(&place))
        };
        let guardrails = plan.guardrails.iter().enumerate().zip(harms);
        Self {
            plan: plan.name.clone(),
            source: past.source.clone(),
            from: past.from,
            to: past.to,
            slots: past.slots,
            instances: past.instances,
            label: past.label.clone(),
            rollouts,
            splits,
            rolled_back,
            rolled_back_interval: proportion(rolled_back, rollouts),
            paused: count(&|run| matches!(ended(run), SplitEnded::Paused { .. })),
            held: count(&|run| matches!(ended(run), SplitEnded::Held { .. })),
            released: count(&released),
            data_ended: count(&is_cut),
            released_after: median(times),
            stages: stages(plan, runs),
            guardrails: guardrails
                .map(|((place, guardrail), harms)| GuardrailAnswer {
                    name: guardrail.name.clone(),
                    on_breach: guardrail.on_breach,
                    divides: split.divides(guardrail),
                    rolled_back: by(place, &|end| matches!(end, SplitEnded::RolledBack { .. })),
                    paused: by(place, &|end| matches!(end, SplitEnded::Paused { .. })),
                    harms,
                    scatter: split.scatter(guardrail),
                })
                .collect(),
            left_out: split.left_out().to_vec(),
        }
    }

    /// Days of data in which rollouts ran.
    #[must_use]
    pub fn days(&self) -> f64 {
        (self.to - self.from).num_seconds() as f64 / 86_400.0
    }

    /// More rollouts are rolled back than a plan's budget allows, beyond chance.
    #[must_use]
    pub fn rolls_back_too_often(&self, budget: f64) -> bool {
        self.rolled_back_interval.0 > budget
    }
}

/// Rolled back or paused: how long it would have taken is not known.
const fn stopped(run: &SplitRun) -> bool {
    match run.ended {
        SplitEnded::RolledBack { .. } | SplitEnded::Paused { .. } => true,
        SplitEnded::Released | SplitEnded::Held { .. } | SplitEnded::DataEnded { .. } => false,
    }
}

fn stages(plan: &Plan, runs: &[SplitRun]) -> Vec<StageAnswer> {
    let declared: Vec<(Exposure, Period)> = match &plan.course {
        Schedule::Stages(stages) => {
            let stages = stages.iter();
            stages
                .map(|stage| (stage.exposure, stage.min_duration))
                .collect()
        }
        Schedule::Ramp(ramp) => vec![(ramp.to, ramp.over)],
    };
    let of = |(number, (exposure, min_duration)): (u32, (Exposure, Period))| {
        let entered: Vec<(&SplitRun, Passed)> = runs
            .iter()
            .filter_map(|run| {
                let passed = run.stages.iter().find(|passed| passed.stage == number)?;
                Some((run, *passed))
            })
            .collect();
        let ends_here = |run: &SplitRun| match run.ended {
            SplitEnded::RolledBack { stage }
            | SplitEnded::Paused { stage }
            | SplitEnded::Held { stage }
            | SplitEnded::DataEnded { stage } => stage == number,
            SplitEnded::Released => false,
        };
        let count = |is: &dyn Fn(&SplitRun) -> bool| {
            whole(entered.iter().filter(|(run, _)| is(run)).count())
        };
        let mut shares: Vec<Passed> = entered.iter().map(|(_, passed)| *passed).collect();
        shares.sort_by(|one, other| one.share.total_cmp(&other.share));
        let middle = shares.get(shares.len() / 2);
        let times = entered
            .iter()
            .filter(|(run, _)| !(stopped(run) && ends_here(run)));
        let times = times.map(|(run, passed)| (!ends_here(run)).then_some(passed.seconds));
        StageAnswer {
            stage: number,
            exposure,
            share: middle.map_or(0.0, |passed| passed.share),
            slots: middle.map_or(0, |passed| passed.slots),
            min_duration,
            entered: whole(entered.len()),
            left: count(&|run| !ends_here(run)),
            seconds: median(times),
            rolled_back: count(&|run| run.ended == SplitEnded::RolledBack { stage: number }),
            paused: count(&|run| run.ended == SplitEnded::Paused { stage: number }),
        }
    };
    (1..).zip(declared).map(of).collect()
}

/// The median of times of which some are longer than is known; `None` where the median is among these.
fn median(times: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    let mut times: Vec<i64> = times.map(|time| time.unwrap_or(i64::MAX)).collect();
    times.sort_unstable();
    let middle = times.len().checked_sub(1)? / 2;
    times.get(middle).copied().filter(|time| *time < i64::MAX)
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
