//! What is wrong with a guardrail's evidence, as data. How it is said is `report::words`.

use crate::plan::Column;
use crate::snapshot::{Arm, EvidenceIssue};
use crate::units::{Bound, Period};

use super::shift::Unprovable;

/// One fault of the evidence.
#[derive(Debug, Clone, PartialEq)]
pub enum Issue {
    /// What was measured came with this fault.
    Measured(EvidenceIssue),
    /// Scrapes do not fill the blocks: longer ones are judged.
    Pooled {
        /// Time between scrapes.
        scrape: Period,
        /// Length of the plan's blocks.
        block: Period,
        /// Length of the judged ones.
        pooled: Period,
    },
    /// The snapshot holds nothing for the guardrail.
    NotInSnapshot,
    /// An arm lacks a column.
    NoColumn {
        /// The arm.
        arm: Arm,
        /// The column.
        column: Column,
    },
    /// More events than requests: `events` selects what `total` does not.
    MoreThanTotal {
        /// The arm.
        arm: Arm,
        /// Its events.
        events: f64,
        /// What they should be a part of.
        total: f64,
    },
    /// The exposed arm has no traffic at all, though its share should have shown.
    NobodyExposed,
    /// The exposed arm has no series of `events` at all, where many events are expected.
    EventsUnborn {
        /// So many are expected, if it were like the unexposed arm.
        expected: f64,
    },
    /// None of the blocks has data in both arms.
    NoBlocks {
        /// So many should.
        expected: i64,
    },
    /// Data stopped.
    Stopped {
        /// So long ago.
        ago: Period,
    },
    /// Nobody has been exposed any more, although others were there who were not.
    ExposedStopped {
        /// For so long.
        ago: Period,
    },
    /// More than half of the blocks are missing.
    BlocksMissing {
        /// So many.
        missing: u32,
        /// Of so many.
        expected: i64,
    },
    /// An arm's histogram has no increasing bounds up to infinity.
    NoBuckets,
    /// A margin speaks of a quantile more finely than the buckets know it.
    Unprovable(Unprovable),
    /// An arm's quantile lies beyond its last finite bound.
    Unbounded {
        /// The arm.
        arm: Arm,
        /// The quantile.
        quantile: f64,
        /// The last finite bound, in seconds.
        last: f64,
        /// The share of requests beyond it.
        beyond: f64,
    },
    /// Neither arm has a bound near the quantile.
    NoBoundNear {
        /// The quantile.
        quantile: f64,
        /// The bounds of both arms, in seconds.
        bounds: Vec<f64>,
    },
    /// The arms have no bound in common near the quantile.
    BoundsDiffer {
        /// The quantile.
        quantile: f64,
        /// The exposed arm's bounds, in seconds.
        exposed: Vec<f64>,
        /// The unexposed arm's.
        unexposed: Vec<f64>,
    },
    /// There are too few requests beyond a bound to say anything of the slowest.
    TailUnjudged {
        /// The bound, in seconds.
        bound: f64,
    },
    /// The limit lies beyond the last finite bound, and so do too many requests.
    LimitBeyondBounds {
        /// The quantile.
        quantile: f64,
        /// The limit, in seconds.
        limit: f64,
        /// The last finite bound; 0 where there is none.
        last: f64,
        /// The share of exposed requests beyond it.
        beyond: f64,
    },
    /// Events clump so much that blocks of this length can hardly be judged.
    Bursty {
        /// The dispersion.
        dispersion: f64,
        /// Length of a block.
        block: Period,
    },
    /// Harm was seen in the first part of the stage, and nothing that came after it confirms it.
    OnlyAtFirst {
        /// Time from the entry of the stage.
        lasted: Period,
    },
    /// Evidence of earlier stages was carried by a judge that this one does not understand.
    OtherJudge {
        /// That judge's version.
        judge: u32,
    },
    /// The limit of a running plan means something else than to the first judge, which read its number
    /// in the histogram's unit.
    LimitReadAnew {
        /// The limit as it is read now.
        limit: Bound,
    },
}

impl Issue {
    /// The word by which programs and records know it; it stays when the sentence is reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Measured(_) => "measured-with-faults",
            Self::Pooled { .. } => "blocks-pooled",
            Self::NotInSnapshot => "not-in-snapshot",
            Self::NoColumn { .. } => "no-column",
            Self::MoreThanTotal { .. } => "more-events-than-total",
            Self::NobodyExposed => "nobody-exposed",
            Self::EventsUnborn { .. } => "events-unborn",
            Self::NoBlocks { .. } => "no-blocks",
            Self::Stopped { .. } => "evidence-stopped",
            Self::ExposedStopped { .. } => "exposure-stopped",
            Self::BlocksMissing { .. } => "blocks-missing",
            Self::NoBuckets => "no-buckets",
            Self::Unprovable(_) => "buckets-too-coarse",
            Self::Unbounded { .. } => "quantile-unbounded",
            Self::NoBoundNear { .. } => "no-bound-near",
            Self::BoundsDiffer { .. } => "bounds-differ",
            Self::TailUnjudged { .. } => "tail-unjudged",
            Self::LimitBeyondBounds { .. } => "limit-beyond-bounds",
            Self::Bursty { .. } => "bursty",
            Self::OnlyAtFirst { .. } => "only-at-first",
            Self::OtherJudge { .. } => "carried-by-other-judge",
            Self::LimitReadAnew { .. } => "limit-read-anew",
        }
    }
}
