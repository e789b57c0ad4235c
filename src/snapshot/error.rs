//! Why a snapshot cannot be used.

/// A snapshot that cannot be read, or does not belong to the plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON at all.
    #[error("the snapshot is not JSON: {0}; save one with `rollout check --save-snapshot`")]
    Syntax(String),
    /// A place in it does not have the right shape.
    #[error("snapshot {path}: {problem}")]
    Shape {
        /// Such as `guardrails.checkout-errors.exposed.events`.
        path: String,
        /// What is wrong there.
        problem: String,
    },
    /// It speaks of another stage than the plan is in.
    #[error(
        "the snapshot of {plan} is stale: it speaks of {theirs}, the plan is in {ours}; take a new one"
    )]
    Stale {
        /// The plan.
        plan: String,
        /// Stage and entry time of the snapshot.
        theirs: String,
        /// The same of the plan.
        ours: String,
    },
    /// It speaks of another plan.
    #[error("the snapshot is one of {theirs}, not of {ours}")]
    OtherPlan {
        /// The snapshot's plan.
        theirs: String,
        /// The plan at hand.
        ours: String,
    },
}
