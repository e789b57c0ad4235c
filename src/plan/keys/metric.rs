//! The keys of metrics: what each kind has, and what its columns mean.

use super::key::Need::{Default, Depends, Required};
use super::key::Shape::{Bound, Count, Share, Words};
use super::key::{Key, Part, Shape, Table, keys};
use crate::plan::model::{Column, Compared, KindName, TimeUnit, Word};
use crate::units::Worse;

/// The key of a kind.
pub(in crate::plan) const fn kind(kind: KindName) -> &'static Key {
    match kind {
        KindName::Ratio => kinds::RATIO,
        KindName::Rate => kinds::RATE,
        KindName::Latency => kinds::LATENCY,
        KindName::Mean => kinds::MEAN,
        KindName::Gauge => kinds::GAUGE,
        KindName::Point => kinds::POINT,
    }
}

keys! {
    /// The kinds, exactly one a metric.
    kinds {
        /// Events among a total: errors per request.
        RATIO "ratio": Shape::Kind(KindName::Ratio), Depends(""), "{ events = '...', total = '...' }";
        /// Events per unit of exposure: crashes per user-hour.
        RATE "rate": Shape::Kind(KindName::Rate), Depends(""), "{ events = '...', per = '...' }";
        /// A latency quantile, from classic buckets or a native histogram.
        LATENCY "latency": Shape::Kind(KindName::Latency), Depends(""), "{ histogram = '...', quantile = 0.99 }";
        /// A mean of a quantity: revenue per order.
        MEAN "mean": Shape::Kind(KindName::Mean), Depends(""), "{ sum = '...', count = '...', worse = \"lower\" }";
        /// A level: utilisation.
        GAUGE "gauge": Shape::Kind(KindName::Gauge), Depends(""), "{ query = '...', worse = \"higher\" }";
        /// A plain threshold without error control, on the exposed arm alone.
        POINT "point": Shape::Kind(KindName::Point), Depends(""), "{ query = '...', max = 0.9 }";
    }
}

/// The table of a kind.
pub(in crate::plan) const fn table(kind: KindName) -> &'static Table {
    match kind {
        KindName::Ratio => &RATIO,
        KindName::Rate => &RATE,
        KindName::Latency => &LATENCY,
        KindName::Mean => &MEAN,
        KindName::Gauge => &GAUGE,
        KindName::Point => &POINT,
    }
}

/// What belongs into a column, for a cure and for the reference.
pub(in crate::plan) const fn meaning(column: Column) -> &'static str {
    match column {
        Column::Events => "the counter of bad outcomes",
        Column::Total => "the counter of all outcomes",
        Column::Per => "the counter of what the events are counted against, such as user-hours",
        Column::Sum => "the counter of the summed quantity",
        Column::Count => "the counter of its terms",
        Column::Histogram => "the `_bucket` series, or a native histogram",
        Column::Query => "the level to look at",
    }
}

/// What is filled in in queries for each arm, for the reference.
pub(in crate::plan) const FILLED_IN: &str = "In queries for each arm, `$block` is the length of a block, and `$increments(SELECTOR)` what each series \
of a counter counted within the block, such as `sum($increments(errors_total{app=\"shop\"}) * on (pod) group_left () \
kube_pod_labels{label_hash=\"7f9c\"})`. `increase()` and `rate()` leave out what new series begin with and what restarts \
cut off, and extrapolate the rest: harm may pass. `$increments` costs Prometheus about five times an `increase()`, \
takes one bare selector, and is not for native histograms. Of a process that restarted it counts what it finds at \
the end of the block: of one that restarts every few minutes most is lost, and errors that are there only from the \
first error of each life on may be lost all. A bare selector in place of queries costs less and counts both.";

/// Selectors for both arms, or queries for each.
fn either(kind: KindName) -> Vec<Vec<&'static str>> {
    let columns = kind.columns().iter().map(|column| column.key());
    vec![columns.collect(), vec![EXPOSED.name, UNEXPOSED.name]]
}

const RATIO: Table = Table {
    header: "`ratio`",
    parts: &[
        Part::Selectors(KindName::Ratio),
        Part::Arms(KindName::Ratio),
        Part::Keys(events::KEYS),
    ],
    either: || either(KindName::Ratio),
};

const RATE: Table = Table {
    header: "`rate`",
    parts: &[
        Part::Selectors(KindName::Rate),
        Part::Arms(KindName::Rate),
        Part::Keys(events::KEYS),
    ],
    either: || either(KindName::Rate),
};

const LATENCY: Table = Table {
    header: "`latency`",
    parts: &[
        Part::Selectors(KindName::Latency),
        Part::Arms(KindName::Latency),
        Part::Keys(latency::KEYS),
    ],
    either: || either(KindName::Latency),
};

const MEAN: Table = Table {
    header: "`mean`",
    parts: &[
        Part::Selectors(KindName::Mean),
        Part::Arms(KindName::Mean),
        Part::Keys(level::KEYS),
    ],
    either: || either(KindName::Mean),
};

const GAUGE: Table = Table {
    header: "`gauge`",
    parts: &[
        Part::Selectors(KindName::Gauge),
        Part::Arms(KindName::Gauge),
        Part::Keys(level::KEYS),
    ],
    either: || either(KindName::Gauge),
};

const POINT: Table = Table {
    header: "`point`",
    parts: &[Part::Queries(KindName::Point), Part::Keys(point::KEYS)],
    either: || vec![vec![point::MAX.name], vec![point::MIN.name]],
};

pub(in crate::plan) use arms::{EXPOSED, UNEXPOSED};

keys! {
    /// Queries for each arm, in place of selectors.
    arms {
        /// Queries of the exposed arm, in place of selectors, with `$block` and `$increments(SELECTOR)`.
        EXPOSED "exposed": Shape::Arm(KindName::Ratio), Depends(""), "{ .. }";
        /// Queries of the unexposed arm, in place of selectors, with `$block` and `$increments(SELECTOR)`.
        UNEXPOSED "unexposed": Shape::Arm(KindName::Ratio), Depends(""), "{ .. }";
    }
}

keys! {
    /// Counts of events, which are mostly bad news.
    events {
        /// The direction of harm.
        WORSE "worse": Words(<Worse as Word>::words), Default("\"higher\""), "\"higher\"";
    }
}

keys! {
    /// Means and levels, which do not tell by themselves which direction is harm.
    level {
        /// The direction of harm.
        WORSE "worse": Words(<Worse as Word>::words), Required("write `worse = \"lower\"` if a fall is harm (revenue), `worse = \"higher\"` if a rise is (load)"), "\"higher\"";
    }
}

keys! {
    /// `latency = { .. }`.
    latency {
        /// Between 0 and 1, such as 0.99.
        QUANTILE "quantile": Share, Required("write `quantile = 0.99`"), "0.99";
        /// What the margin speaks of: the share of requests slower than a boundary next to the quantile,
        /// or the quantile itself, which only buckets closer together than the margin can prove.
        COMPARE "compare": Words(<Compared as Word>::words), Default("\"share\""), "\"quantile\"";
        /// The unit of the histogram's bounds; without it a name that ends in `_ms` or `_milliseconds`
        /// (before `_bucket`) means ms, any other s. A plain number in `limit` and `margin` is in this
        /// unit, a string has its own.
        UNIT "unit": Words(<TimeUnit as Word>::words), Depends(""), "\"s\"";
    }
}

keys! {
    /// `point = { .. }`.
    point {
        /// Above this is bad.
        MAX "max": Bound, Depends("write `max = 0.9`, or `min = ...` where less is bad"), "\"1%\"";
        /// Below this is bad.
        MIN "min": Bound, Depends(""), "\"1%\"";
        /// So many bad blocks in a row are a breach.
        CONSECUTIVE "consecutive": Count(1), Default("3"), "2";
    }
}
