//! The world around one simulated rollout: the services under the plan's guardrails, the harm that the
//! change does to one of them, and what that cost. It decides nothing.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use crate::plan::Plan;
use crate::stats::TwoArmBlock;
use crate::units::{Exposure, Period, Worse};

use super::{Ended, Harm, Run, Service, Setting, SnapshotBuilder};

/// The first stage begins within this day, at its own time of day.
const MONDAY: i64 = 1_795_392_000;

/// The services under the plan's guardrails, and what the harmed one has seen.
pub(super) struct World<'s> {
    setting: &'s Setting,
    rng: Pcg64Mcg,
    services: Vec<Service>,
    harm: Harm,
    pub(super) start: i64,
    now: i64,
    /// Of the harmed metric: end of the block, exposed total, excess bad events.
    seen: Vec<(i64, f64, f64)>,
}

impl<'s> World<'s> {
    pub(super) fn new(setting: &'s Setting, factor: f64, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let start = MONDAY + 300 * rng.random_range(0..288_i64);
        let services = setting
            .traffic
            .iter()
            .map(|traffic| Service::new(*traffic, setting.noise, &mut rng))
            .collect();
        let kind = setting.plan.guardrails[setting.harmed].metric.kind;
        Self {
            setting,
            rng,
            services,
            harm: Harm {
                factor: match kind.worse() {
                    Worse::Higher => factor,
                    Worse::Lower => 1.0 / factor,
                },
                from: start,
            },
            start,
            now: start,
            seen: Vec::new(),
        }
    }

    /// Time goes by until this second; gives the last block of every guardrail.
    pub(super) fn pass(
        &mut self,
        until: i64,
        block: Period,
        exposure: Exposure,
        mut record: Option<&mut SnapshotBuilder>,
        plan: &Plan,
    ) -> Vec<TwoArmBlock> {
        let length = i64::from(block.seconds().max(1));
        let mut last = Vec::new();
        while self.now < until {
            last.clear();
            let end = self.now + length;
            for (index, service) in self.services.iter_mut().enumerate() {
                let harmed = index == self.setting.harmed;
                let harm = if harmed { self.harm } else { Harm::NONE };
                let share = exposure.share();
                let block = service.block(self.now, block.seconds(), share, harm, &mut self.rng);
                if harmed {
                    // Without the harm this many of them would have been.
                    let usual = block.exposed_events / self.harm.factor;
                    let excess = (block.exposed_events - usual).abs();
                    self.seen.push((end, block.exposed_total, excess));
                }
                if let Some(record) = record.as_deref_mut() {
                    record.record(&plan.guardrails[index].name, end, Some(&block));
                }
                last.push(block);
            }
            self.now = end;
        }
        last
    }

    /// Back to this second: what came after it in this stage never happened.
    pub(super) fn rewind(&mut self, now: i64) {
        self.now = now;
        self.seen.retain(|(end, _, _)| *end <= now);
    }

    pub(super) fn end(&self, ended: Ended, now: i64) -> Run {
        let by_then = self.seen.iter().filter(|(end, _, _)| *end <= now);
        let (exposed, excess) = by_then.fold((0.0, 0.0), |sum, (_, exposed, excess)| {
            (sum.0 + exposed, sum.1 + excess)
        });
        Run {
            ended,
            seconds: now - self.start,
            exposed,
            excess,
        }
    }
}
