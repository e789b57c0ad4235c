//! Many rollouts of one setting, and what they amount to. The jobs are independent of each other:
//! whoever has threads may run them in any order.

use super::{Ended, Method, Run, Setting};

/// A number of rollouts for every size of harm and every method.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// What is simulated.
    pub setting: Setting,
    /// Factors of harm; 1 is none.
    pub factors: Vec<f64>,
    /// Methods to compare.
    pub methods: Vec<Method>,
    /// Rollouts for each of them.
    pub rollouts: u32,
    /// Where the random numbers start.
    pub seed: u64,
}

/// One rollout to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Job {
    factor: usize,
    method: usize,
    number: u32,
}

/// What the rollouts with one size of harm and one method amount to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The size of harm; 1 is none.
    pub factor: f64,
    /// The method.
    pub method: Method,
    /// So many rollouts.
    pub rollouts: u32,
    /// Share that was rolled back.
    pub rolled_back: f64,
    /// Share that a guardrail paused.
    pub paused: f64,
    /// Share that stayed in a stage.
    pub stuck: f64,
    /// Share that was released.
    pub released: f64,
    /// Seconds until half of them were rolled back or paused; `None` when fewer were.
    pub found_median: Option<f64>,
    /// Seconds until nine in ten of them were; `None` when fewer were.
    pub found_p90: Option<f64>,
    /// Median exposed traffic by the end.
    pub exposed: f64,
    /// Median excess of bad events by the end.
    pub excess: f64,
    /// Median seconds until release, among the released.
    pub released_after: Option<f64>,
}

impl Study {
    /// Every rollout to simulate.
    #[must_use]
    pub fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for factor in 0..self.factors.len() {
            for method in 0..self.methods.len() {
                jobs.extend((0..self.rollouts).map(|number| Job {
                    factor,
                    method,
                    number,
                }));
            }
        }
        jobs
    }

    /// Simulates one. Rollouts of the same number see the same traffic whatever the method.
    #[must_use]
    pub fn run(&self, job: Job) -> Run {
        let Job {
            factor,
            method,
            number,
        } = job;
        // Far apart, so that studies with neighbouring seeds share no rollout.
        let seed = self
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(u64::from(number));
        self.setting
            .run(self.methods[method], self.factors[factor], seed)
    }

    /// What they amount to, a row for each size of harm and method, in order.
    #[must_use]
    pub fn rows(&self, done: &[(Job, Run)]) -> Vec<Row> {
        let mut rows = Vec::new();
        for (f, factor) in self.factors.iter().enumerate() {
            for (m, method) in self.methods.iter().enumerate() {
                let runs: Vec<Run> = done
                    .iter()
                    .filter(|(job, _)| job.factor == f && job.method == m)
                    .map(|(_, run)| *run)
                    .collect();
                if !runs.is_empty() {
                    rows.push(row(*factor, *method, &runs));
                }
            }
        }
        rows
    }
}

fn row(factor: f64, method: Method, runs: &[Run]) -> Row {
    let count = runs.len() as f64;
    let share =
        |is: fn(&Ended) -> bool| runs.iter().filter(|run| is(&run.ended)).count() as f64 / count;
    let found = |run: &Run| match run.ended {
        Ended::RolledBack { .. } | Ended::Paused { .. } => Some(run.seconds as f64),
        Ended::Released | Ended::Stuck { .. } => None,
    };
    let times: Vec<f64> = runs
        .iter()
        .map(|run| found(run).unwrap_or(f64::INFINITY))
        .collect();
    let released: Vec<f64> = runs
        .iter()
        .filter(|run| run.ended == Ended::Released)
        .map(|run| run.seconds as f64)
        .collect();
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    Row {
        factor,
        method,
        rollouts: u32::try_from(runs.len()).unwrap_or(u32::MAX),
        rolled_back: share(|ended| matches!(ended, Ended::RolledBack { .. })),
        paused: share(|ended| matches!(ended, Ended::Paused { .. })),
        stuck: share(|ended| matches!(ended, Ended::Stuck { .. })),
        released: share(|ended| matches!(ended, Ended::Released)),
        found_median: finite(quantile(times.clone(), 0.5)),
        found_p90: finite(quantile(times, 0.9)),
        exposed: quantile(runs.iter().map(|run| run.exposed).collect(), 0.5).unwrap_or(0.0),
        excess: quantile(runs.iter().map(|run| run.excess).collect(), 0.5).unwrap_or(0.0),
        released_after: quantile(released, 0.5),
    }
}

/// The smallest value that this share of all values does not exceed.
fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into the values, and the cast saturates"
    )]
    let index = (values.len() as f64 * share).ceil() as usize;
    values.get(index.saturating_sub(1)).copied()
}
