//! What is wrong with what was measured, as data. How it is said is `report::words`; how it is written
//! in snapshots is `fact`.

use crate::plan::{Arm, Column};
use crate::units::Period;

/// One fault of the evidence. Any voids it.
#[derive(Debug, Clone, PartialEq)]
pub enum EvidenceIssue {
    /// A fault as it was said by an earlier version, or by a later one of which this one knows no more.
    Said(String),
    /// A query has no answer.
    NoAnswer {
        /// The column it was for.
        column: Column,
        /// What failed, as the client says it after "failed to".
        error: String,
    },
    /// The server calls its own answer incomplete.
    Incomplete {
        /// The column it was for.
        column: Column,
        /// What the server says.
        warning: String,
    },
    /// The series of one arm cannot be used.
    Unusable {
        /// The column they are of.
        column: Column,
        /// The arm.
        arm: Arm,
        /// Why not.
        fault: SeriesFault,
    },
    /// An arm has no sample at all.
    Absent {
        /// All columns of which this is said.
        columns: Vec<Column>,
        /// What is there instead.
        absence: Absence,
    },
    /// Series belong to both arms, or to neither although they were selected as those of one.
    InNoOneArm {
        /// The column they are of.
        column: Column,
        /// The label that tells the arms apart.
        label: String,
        /// A value of it.
        value: String,
        /// The arms it belongs to: both, or none.
        arms: Vec<Arm>,
    },
    /// A series that is used as a counter does what counters do not.
    NoCounter {
        /// The column it is of.
        column: Column,
        /// What it does.
        falls: Falls,
    },
}

/// Why series cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesFault {
    /// There are several where one is expected.
    Several {
        /// So many.
        series: usize,
        /// The labels that tell them apart.
        differing: Vec<Differing>,
    },
    /// A native histogram came back where a number is expected.
    NativeHistogram,
    /// No value is a count.
    NoCount,
    /// No value is finite.
    NoNumber,
    /// Plain numbers came back where native histograms are expected.
    NoNativeHistogram,
    /// A bucket without a bound that can be read.
    NoBound,
    /// A process began anew, and what it counted since could not be asked for.
    RestartsUncounted {
        /// The labels of one such process; nothing, where they name none.
        process: Option<String>,
    },
    /// No bucket holds all observations.
    NoInfinity,
    /// Counts fall over the bounds.
    NotCumulative,
}

/// A label of which several series have different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// Its name.
    pub label: String,
    /// The values, in order.
    pub values: Vec<String>,
}

/// What is there in place of an arm's series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// A query of somebody's own returned nothing.
    NoResult {
        /// For these arms.
        arms: Vec<Arm>,
        /// It asks about a range, which rare scrapes may not fill.
        over_range: bool,
    },
    /// No series matches the selector at all.
    NoSeries {
        /// The selector.
        selector: String,
        /// What it is to select.
        sought: Sought,
    },
    /// Series match, and none of them has the arms' label.
    NoLabel {
        /// The selector.
        selector: String,
        /// The label.
        label: String,
    },
    /// No series has these values of the label.
    OtherValues {
        /// The selector.
        selector: String,
        /// The label.
        label: String,
        /// The values of the arms that are absent.
        wanted: Vec<String>,
        /// The values in use; nothing, where the server did not say.
        seen: Vec<String>,
    },
    /// The arm has samples, but none that a block ends with.
    NotAtBlockEnds {
        /// The label.
        label: String,
        /// The values of the arms that are absent.
        wanted: Vec<String>,
    },
}

/// What a selector is to select, as far as its absence has a cure of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// A counter of events, which may be born with the first of them.
    Events,
    /// A histogram, classic or native.
    Histogram,
    /// Anything else.
    Other,
}

/// How a series falls that should only rise.
#[derive(Debug, Clone, PartialEq)]
pub struct Falls {
    /// The series, as PromQL has it.
    pub series: String,
    /// So often.
    pub falls: usize,
    /// Of so many changes.
    pub changes: usize,
    /// Within this.
    pub within: Period,
    /// The first fall: the value before it, after it, and the next one.
    pub around: Vec<f64>,
    /// What it is instead of a counter.
    pub nature: Nature,
}

/// What a series is that falls again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A gauge or a recorded rate.
    Level,
    /// The counters of several processes that answer in turn.
    ManyProcesses,
    /// A counter of a process that is restarted every few scrapes.
    Restarts,
}

impl EvidenceIssue {
    /// The word by which snapshots and programs know it; it stays when the sentence is reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Said(_) => "said",
            Self::NoAnswer { .. } => "no-answer",
            Self::Incomplete { .. } => "incomplete-answer",
            Self::Unusable { fault, .. } => match fault {
                SeriesFault::Several { .. } => "several-series",
                SeriesFault::NativeHistogram => "native-histogram",
                SeriesFault::NoCount => "no-count",
                SeriesFault::NoNumber => "no-number",
                SeriesFault::NoNativeHistogram => "no-native-histogram",
                SeriesFault::NoBound => "no-bound",
                SeriesFault::RestartsUncounted { .. } => "restarts-uncounted",
                SeriesFault::NoInfinity => "no-infinity",
                SeriesFault::NotCumulative => "not-cumulative",
            },
            Self::Absent { absence, .. } => match absence {
                Absence::NoResult { .. } => "no-result",
                Absence::NoSeries { .. } => "no-series",
                Absence::NoLabel { .. } => "no-label",
                Absence::OtherValues { .. } => "other-values",
                Absence::NotAtBlockEnds { .. } => "not-at-block-ends",
            },
            Self::InNoOneArm { arms, .. } if arms.is_empty() => "in-neither-arm",
            Self::InNoOneArm { .. } => "in-both-arms",
            Self::NoCounter { falls, .. } => match falls.nature {
                Nature::Level => "level-as-counter",
                Nature::ManyProcesses => "many-processes",
                Nature::Restarts => "restarts-again-and-again",
            },
        }
    }
}
