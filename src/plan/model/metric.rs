//! Metrics: what is measured and where it comes from in Prometheus.

use super::arm_query::ArmQuery;
use super::selector::Selector;
use super::word::words;
use crate::units::{Bound, BoundUnit, Effect, Worse};

words! {
    /// One series of numbers a metric needs for each arm and block. Their order is that of their names
    /// in a snapshot.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Column {
        /// Counter of the summed quantity's terms.
        Count = "count",
        /// Counter of the rarer, worse outcomes.
        Events = "events",
        /// Counter of exposure in a rate's own unit, such as user-hours.
        Per = "per",
        /// Counter of the summed quantity.
        Sum = "sum",
        /// Counter of all outcomes.
        Total = "total",
        /// A gauge or a ready-made value.
        Query = "query",
        /// Histogram buckets.
        Histogram = "histogram",
    }
}

impl Column {
    /// Its name in a snapshot.
    #[must_use]
    pub const fn series(self) -> &'static str {
        match self {
            Self::Query => "value",
            Self::Count | Self::Events | Self::Per | Self::Sum | Self::Total | Self::Histogram => {
                self.key()
            }
        }
    }
}

/// Where the columns come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Bare selectors; `rollout` builds one query for both arms.
    Selectors(Vec<(Column, Selector)>),
    /// PromQL written by the user for each arm.
    PerArm {
        /// Queries of the exposed arm.
        exposed: Vec<(Column, ArmQuery)>,
        /// Queries of the unexposed arm; empty for a `point`, which has none.
        unexposed: Vec<(Column, ArmQuery)>,
    },
}

/// The threshold of a [`Kind::Point`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PointBound {
    /// Above this is bad.
    Max(Bound),
    /// Below this is bad.
    Min(Bound),
}

words! {
    /// What margins and `rule_out` of a latency speak of.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub enum Compared {
        /// The share of requests slower than a boundary next to the quantile. Any buckets can prove it.
        #[default]
        Share = "share",
        /// The quantile itself: `"25%"` is a p99 a quarter longer. Only buckets that lie closer together
        /// than the margin can prove it.
        Quantile = "quantile",
    }
}

words! {
    /// The unit in which a histogram counts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub enum TimeUnit {
        /// Seconds, as Prometheus has it.
        #[default]
        Seconds = "s",
        /// Milliseconds, as Istio, Linkerd, Envoy and OpenTelemetry's collectors of old have it.
        Milliseconds = "ms",
    }
}

impl TimeUnit {
    /// Seconds for one of it.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Milliseconds => 0.001,
        }
    }

    /// What a metric's name says: `_ms` or `_milliseconds` at its end, before `_bucket`.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let name = name.strip_suffix("_bucket").unwrap_or(name);
        if name.ends_with("_ms") || name.ends_with("_milliseconds") {
            Self::Milliseconds
        } else {
            Self::Seconds
        }
    }
}

words! {
    /// The kinds of metrics, without what each is told beside its columns.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum KindName {
        /// Events among a total.
        Ratio = "ratio",
        /// Events per unit of exposure.
        Rate = "rate",
        /// A latency quantile.
        Latency = "latency",
        /// A mean of a quantity.
        Mean = "mean",
        /// A level.
        Gauge = "gauge",
        /// A plain threshold.
        Point = "point",
    }
}

impl KindName {
    /// The columns this kind needs, in the order of the plan file.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Ratio => &[Column::Events, Column::Total],
            Self::Rate => &[Column::Events, Column::Per],
            Self::Latency => &[Column::Histogram],
            Self::Mean => &[Column::Sum, Column::Count],
            Self::Gauge | Self::Point => &[Column::Query],
        }
    }

    /// True where the exposed arm is compared with the unexposed one.
    #[must_use]
    pub const fn compares_arms(self) -> bool {
        match self {
            Self::Ratio | Self::Rate | Self::Latency | Self::Mean | Self::Gauge => true,
            Self::Point => false,
        }
    }
}

/// What kind of number a metric is, which decides its statistics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Events among a total: errors per request. Columns events, total.
    Ratio {
        /// Direction of harm.
        worse: Worse,
    },
    /// Events per unit of exposure: crashes per user-hour. Columns events, per.
    Rate {
        /// Direction of harm.
        worse: Worse,
    },
    /// A latency quantile. Column histogram.
    Latency {
        /// Between 0 and 1, such as 0.99.
        quantile: f64,
        /// What its margin speaks of. A margin in seconds always speaks of the quantile.
        compare: Compared,
        /// The unit of the histogram's bounds.
        unit: TimeUnit,
    },
    /// A mean of a quantity: revenue per order. Columns sum, count.
    Mean {
        /// Direction of harm.
        worse: Worse,
    },
    /// A level: utilisation. Column query.
    Gauge {
        /// Direction of harm.
        worse: Worse,
    },
    /// A plain threshold without error control, as Argo Rollouts and Flagger have it. Column query.
    Point {
        /// The threshold.
        bound: PointBound,
        /// So many bad blocks in a row are a breach.
        consecutive: u32,
    },
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> KindName {
        match self {
            Self::Ratio { .. } => KindName::Ratio,
            Self::Rate { .. } => KindName::Rate,
            Self::Latency { .. } => KindName::Latency,
            Self::Mean { .. } => KindName::Mean,
            Self::Gauge { .. } => KindName::Gauge,
            Self::Point { .. } => KindName::Point,
        }
    }

    /// The key in the plan file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.name().key()
    }

    /// The direction of harm.
    #[must_use]
    pub const fn worse(self) -> Worse {
        match self {
            Self::Ratio { worse }
            | Self::Rate { worse }
            | Self::Mean { worse }
            | Self::Gauge { worse } => worse,
            Self::Latency { .. } => Worse::Higher,
            Self::Point {
                bound: PointBound::Max(_),
                ..
            } => Worse::Higher,
            Self::Point {
                bound: PointBound::Min(_),
                ..
            } => Worse::Lower,
        }
    }

    /// A size in the metric's own unit as the judge has it: times in seconds.
    #[must_use]
    pub fn in_seconds(self, size: Effect) -> Effect {
        match (self, size) {
            (Self::Latency { unit, .. }, Effect::Absolute(value)) => {
                Effect::Absolute(value * unit.seconds())
            }
            (_, size) => size,
        }
    }

    /// A limit as the judge has it: a plain number is in the histogram's own unit.
    #[must_use]
    pub fn limit_in_seconds(self, limit: Bound) -> Bound {
        match (self, limit.unit) {
            (
                Self::Latency {
                    unit: unit @ TimeUnit::Milliseconds,
                    ..
                },
                BoundUnit::Plain,
            ) => Bound {
                value: limit.value * unit.seconds(),
                unit: BoundUnit::Time,
            },
            (
                Self::Ratio { .. }
                | Self::Rate { .. }
                | Self::Latency { .. }
                | Self::Mean { .. }
                | Self::Gauge { .. }
                | Self::Point { .. },
                _,
            ) => limit,
        }
    }

    /// True where the evidence is counted events.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        match self {
            Self::Ratio { .. } | Self::Rate { .. } | Self::Latency { .. } => true,
            Self::Mean { .. } | Self::Gauge { .. } | Self::Point { .. } => false,
        }
    }

    /// True where a harm of this size speaks of a quantile itself, not of the share beyond it.
    #[must_use]
    pub const fn speaks_of_quantile(self, size: Effect) -> bool {
        match self {
            Self::Latency { compare, .. } => match compare {
                Compared::Quantile => true,
                Compared::Share => !size.is_relative(),
            },
            Self::Ratio { .. }
            | Self::Rate { .. }
            | Self::Mean { .. }
            | Self::Gauge { .. }
            | Self::Point { .. } => false,
        }
    }

    /// True where harm beyond a margin of this size shows in bad events that can be counted, so that a
    /// risk budget can be held against it.
    #[must_use]
    pub const fn counts_bad_events(self, margin: Effect) -> bool {
        match self {
            Self::Ratio { .. } | Self::Rate { .. } => true,
            // Slow requests, beyond the same boundary in both arms.
            Self::Latency { .. } => !self.speaks_of_quantile(margin),
            Self::Mean { .. } | Self::Gauge { .. } | Self::Point { .. } => false,
        }
    }

    /// True where the exposed arm is compared with the unexposed one.
    #[must_use]
    pub const fn compares_arms(self) -> bool {
        self.name().compares_arms()
    }

    /// The columns this kind needs, in the order of the plan file.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        self.name().columns()
    }
}

/// A metric: its kind and its source.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The kind, which decides the statistics.
    pub kind: Kind,
    /// Where its columns come from.
    pub source: Source,
}
