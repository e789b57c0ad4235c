//! Traffic of a shop that does not exist: requests and their failures, block by block, for both
//! arms. The same block is the same however often it is asked for, as with a real server.

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, Gamma, Poisson};
use rand_pcg::Pcg64;

use crate::plan::Plan;
use crate::prometheus::{Grid, block_of};
use crate::snapshot::{ArmSeries, GuardrailSeries, Snapshot};
use crate::units::{Exposure, Instant};

/// One metric of the simulated shop.
pub(super) struct Stream {
    /// The guardrail it feeds.
    pub(super) guardrail: &'static str,
    /// Occasions a second over both arms.
    pub(super) per_second: f64,
    /// Share of them that go wrong for the unexposed.
    pub(super) share: f64,
    /// What the release does to that share; 1 is nothing.
    pub(super) effect: f64,
}

/// How much the share of failures wobbles from block to block in both arms alike: incidents and
/// the time of day. Relative variance; 0.05 is a standard deviation of 22 %.
const SHARED_WOBBLE: f64 = 0.05;

/// What Prometheus would say of this plan now; `None` before anybody is exposed.
pub(super) fn snapshot(
    plan: &Plan,
    streams: &[Stream],
    now: Instant,
    seed: u64,
) -> Option<Snapshot> {
    let state = plan.state.as_ref()?;
    let grid = Grid::new(state.entered_at, now, block_of(plan));
    let guardrails = streams
        .iter()
        .enumerate()
        .map(|(index, stream)| {
            let seed = seed.wrapping_add(index as u64);
            let series = series(stream, &grid, state.exposure, seed);
            (stream.guardrail.to_owned(), series)
        })
        .collect();
    Some(Snapshot {
        plan: plan.name.clone(),
        taken_at: now,
        source: "simulated traffic".into(),
        stage: state.stage,
        entered_at: state.entered_at,
        block: grid.block(),
        guardrails,
        assignment: None,
    })
}

fn series(stream: &Stream, grid: &Grid, exposure: Exposure, seed: u64) -> GuardrailSeries {
    let ends: Vec<i64> = grid.ends().collect();
    let mut exposed = (Vec::new(), Vec::new());
    let mut unexposed = (Vec::new(), Vec::new());
    let occasions = stream.per_second * f64::from(grid.block().seconds());
    for end in &ends {
        // One generator a block: what a block holds does not depend on who asked before.
        let mut random = Pcg64::seed_from_u64(
            seed.wrapping_mul(0x9E37_79B9)
                .wrapping_add(end.unsigned_abs()),
        );
        let shock = Gamma::new(1.0 / SHARED_WOBBLE, SHARED_WOBBLE)
            .map_or(1.0, |gamma| gamma.sample(&mut random));
        let mut arm = |occasions: f64,
                       share: f64,
                       columns: &mut (Vec<Option<f64>>, Vec<Option<f64>>)| {
            let mut count =
                |mean: f64| Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(&mut random));
            let events = count(occasions * share * shock);
            let fine = count(occasions * (1.0 - share));
            columns.0.push(Some(events));
            columns.1.push(Some(events + fine));
        };
        arm(
            occasions * exposure.share(),
            stream.share * stream.effect,
            &mut exposed,
        );
        if exposure < Exposure::FULL {
            arm(
                occasions * (1.0 - exposure.share()),
                stream.share,
                &mut unexposed,
            );
        }
    }
    let columns = |(events, total): (Vec<_>, Vec<_>)| ArmSeries {
        columns: [("events".to_owned(), events), ("total".to_owned(), total)].into(),
        buckets: Vec::new(),
    };
    GuardrailSeries {
        ends,
        exposed: columns(exposed),
        unexposed: if exposure < Exposure::FULL {
            columns(unexposed)
        } else {
            ArmSeries::default()
        },
        issues: Vec::new(),
        queries: Vec::new(),
        history: None,
    }
}
