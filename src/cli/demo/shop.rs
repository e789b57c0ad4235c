//! The simulated shop behind the demo: for each plan, what Prometheus would have said so far.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand_pcg::Pcg64;

use crate::plan::{Plan, State};
use crate::prometheus::{Grid, block_of};
use crate::simulate::{Harm, Noise, Service, SnapshotBuilder, Traffic};
use crate::snapshot::Snapshot;
use crate::units::Instant;

/// Fixed, so that the demo says the same every time.
const SEED: u64 = 20_260_112;

/// Traffic that feeds one guardrail.
pub(super) struct Stream {
    /// The guardrail.
    pub(super) guardrail: &'static str,
    /// How much there is, and how often it goes wrong.
    pub(super) traffic: Traffic,
    /// By how much the release multiplies what goes wrong.
    pub(super) harm: f64,
}

/// One plan's shop on record, from the entry of its present stage.
struct Stage {
    entered_at: Instant,
    seen: usize,
    services: Vec<Service>,
    writer: SnapshotBuilder,
    random: Pcg64,
}

/// Shops by plan.
#[derive(Default)]
pub(super) struct Shops {
    stages: BTreeMap<String, Stage>,
}

impl Shops {
    /// What Prometheus would say of this plan now; `None` before anybody is exposed.
    pub(super) fn snapshot(
        &mut self,
        plan: &Plan,
        streams: &[Stream],
        now: Instant,
    ) -> Option<Snapshot> {
        let state = plan.state.as_ref()?;
        if !plan.needs_data() {
            return None;
        }
        let grid = Grid::new(state.entered_at, now, block_of(plan));
        let stage = self
            .stages
            .entry(plan.name.clone())
            .or_insert_with(|| Stage::enter(plan, state, streams));
        if stage.entered_at != state.entered_at {
            *stage = Stage::enter(plan, state, streams);
        }
        let seconds = grid.block().seconds();
        for end in grid.ends().skip(stage.seen) {
            let begin = end - i64::from(seconds);
            for (service, stream) in stage.services.iter_mut().zip(streams) {
                let harm = Harm {
                    factor: stream.harm,
                    ..Harm::NONE
                };
                let share = state.exposure.share();
                let block = service.block(begin, seconds, share, harm, &mut stage.random);
                stage.writer.record(stream.guardrail, end, Some(&block));
            }
            stage.seen += 1;
        }
        Some(stage.writer.snapshot(now))
    }
}

impl Stage {
    fn enter(plan: &Plan, state: &State, streams: &[Stream]) -> Self {
        let mut random = Pcg64::seed_from_u64(SEED + u64::from(state.stage));
        let services = streams
            .iter()
            .map(|stream| Service::new(stream.traffic, Noise::SHARED, &mut random))
            .collect();
        Self {
            entered_at: state.entered_at,
            seen: 0,
            services,
            writer: SnapshotBuilder::new(&plan.name, state.stage, state.entered_at, block_of(plan)),
            random,
        }
    }
}
