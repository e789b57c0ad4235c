//! Faults of a plan's data, as facts with a code each. Sentences are `report::words`.

use crate::plan::{Arm, Column, TimeUnit};
use crate::snapshot::EvidenceIssue;
use crate::units::Period;

use super::super::Issue;
use super::super::preflight::Obstruction;
use super::super::shift::Unprovable;
use super::instances::Instances;

/// What is looked at, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Series of the arms, by label and value.
    Arms,
    /// Counters that are counters.
    Counters,
    /// Bounds of a histogram, against what is asked of it.
    Buckets,
    /// Each request counted once.
    Copies,
    /// Processes that live.
    Restarts,
    /// Scrapes against blocks, and how late they arrive.
    Scrapes,
}

impl Check {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Arms,
        Self::Counters,
        Self::Buckets,
        Self::Copies,
        Self::Restarts,
        Self::Scrapes,
    ];

    /// The word in tables and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Arms => "arms",
            Self::Counters => "counters",
            Self::Buckets => "buckets",
            Self::Copies => "copies",
            Self::Restarts => "restarts",
            Self::Scrapes => "scrapes",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Ok,
    /// A fault stands below.
    Fault,
    /// It cannot be told.
    Unknown,
    /// There is nothing to check.
    NotApplicable,
}

impl Mark {
    /// The word in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fault => "fault",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// One guardrail, looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkup {
    /// The guardrail; `assignment` for the counter of users.
    pub guardrail: String,
    /// How each check ended.
    pub marks: Vec<(Check, Mark)>,
    /// What was found, the worst first.
    pub diagnoses: Vec<Diagnosis>,
    /// Instances that can be told apart.
    pub instances: Option<Instances>,
    /// How far back there is data, as far as it is looked for.
    pub history: Option<Period>,
}

/// One fault of a guardrail's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// What it is about; empty where it is about all of the guardrail.
    pub columns: Vec<Column>,
    /// What it is.
    pub what: Fault,
    /// A draft names metrics and labels that are still to be adapted: that they are not there is as
    /// expected.
    pub is_expected: bool,
}

impl Diagnosis {
    /// Worth knowing, and no fault.
    #[must_use]
    pub const fn is_note(&self) -> bool {
        self.is_expected || self.what.is_note()
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// What preflight finds.
    Obstacle(Obstruction),
    /// What comes with the evidence of every look.
    Evidence(EvidenceIssue),
    /// What the judge says of exposed users of whom nothing is counted.
    Unseen(Issue),
    /// The same requests are counted several times.
    Copies {
        /// By the values of this label.
        label: String,
        /// These.
        values: Vec<String>,
    },
    /// A histogram is read in another unit than it counts in.
    OtherUnit {
        /// It seems to count in this one.
        likely: TimeUnit,
        /// Half of the requests take longer than this, in seconds, if the plan is right.
        median: f64,
    },
    /// The quantile of the unexposed arm lies beyond the last finite bound.
    QuantileBeyondBounds {
        /// The quantile.
        quantile: f64,
        /// The last finite bound, in seconds.
        last: f64,
        /// The share of requests beyond it.
        beyond: f64,
    },
    /// The limit lies beyond the last finite bound.
    LimitBeyondBounds {
        /// The limit, in seconds.
        limit: f64,
        /// The last finite bound, in seconds.
        last: f64,
    },
    /// The arms, or series of one, have different bounds.
    BoundsDiffer {
        /// Those that not all have, in the histogram's own unit.
        bounds: Vec<String>,
    },
    /// The bounds are too far apart to prove a margin.
    Unprovable(Unprovable),
    /// A process restarts again and again.
    RestartsOften {
        /// A process of this arm.
        arm: Arm,
        /// So often.
        restarts: u32,
        /// Within this.
        within: Period,
    },
    /// Scrapes do not fill blocks: longer ones are judged.
    RareScrapes {
        /// Time between scrapes.
        scrape: Period,
        /// Length of a block.
        block: Period,
        /// Length of the judged ones.
        pooled: Period,
    },
    /// Samples arrive late.
    Late {
        /// Age of the newest one.
        age: Period,
    },
    /// Before the first user: the exposed arm's value is not in use, and values of neither arm are.
    ExposedNotInUse {
        /// The label.
        label: String,
        /// The value that the plan names.
        wanted: String,
        /// The values in use.
        seen: Vec<String>,
    },
    /// Series begin with their first event.
    BornAtFirstEvent {
        /// So many lately.
        series: usize,
    },
}

impl Fault {
    /// The word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Obstacle(what) => what.code(),
            Self::Evidence(issue) => issue.code(),
            Self::Unseen(issue) => issue.code(),
            Self::Copies { .. } => "counted-several-times",
            Self::OtherUnit { .. } => "other-unit",
            Self::QuantileBeyondBounds { .. } => "quantile-beyond-bounds",
            Self::LimitBeyondBounds { .. } => "limit-beyond-bounds",
            Self::BoundsDiffer { .. } => "bounds-differ",
            Self::Unprovable(_) => "margin-unprovable",
            Self::RestartsOften { .. } => "restarts-often",
            Self::RareScrapes { .. } => "rare-scrapes",
            Self::Late { .. } => "late-samples",
            Self::ExposedNotInUse { .. } => "exposed-not-in-use",
            Self::BornAtFirstEvent { .. } => "born-at-first-event",
        }
    }

    /// What it spoils.
    #[must_use]
    pub const fn check(&self) -> Check {
        match self {
            Self::Obstacle(_) => Check::Arms,
            Self::Evidence(EvidenceIssue::NoCounter { .. }) | Self::BornAtFirstEvent { .. } => {
                Check::Counters
            }
            Self::Evidence(_) | Self::Unseen(_) | Self::ExposedNotInUse { .. } => Check::Arms,
            Self::Copies { .. } => Check::Copies,
            Self::OtherUnit { .. }
            | Self::QuantileBeyondBounds { .. }
            | Self::LimitBeyondBounds { .. }
            | Self::BoundsDiffer { .. }
            | Self::Unprovable(_) => Check::Buckets,
            Self::RestartsOften { .. } => Check::Restarts,
            Self::RareScrapes { .. } | Self::Late { .. } => Check::Scrapes,
        }
    }

    /// The judge copes with it: worth knowing, and no fault.
    #[must_use]
    pub const fn is_note(&self) -> bool {
        match self {
            Self::RareScrapes { .. }
            | Self::Late { .. }
            | Self::ExposedNotInUse { .. }
            | Self::BornAtFirstEvent { .. } => true,
            Self::Obstacle(_)
            | Self::Evidence(_)
            | Self::Unseen(_)
            | Self::Copies { .. }
            | Self::OtherUnit { .. }
            | Self::QuantileBeyondBounds { .. }
            | Self::LimitBeyondBounds { .. }
            | Self::BoundsDiffer { .. }
            | Self::Unprovable(_)
            | Self::RestartsOften { .. } => false,
        }
    }
}
