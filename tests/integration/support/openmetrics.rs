//! Deterministic samples as OpenMetrics text: every series is a function of time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Start of all fixtures: 2026-01-01T00:00:00Z, a multiple of 2 h and of every block length.
pub(crate) const START: i64 = 1_767_225_600;

/// Seconds between two scrapes.
pub(crate) const SCRAPE: i64 = 15;

/// Type of a metric family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Counter,
    Gauge,
    Histogram,
}

/// Families with all their series, ready to be written.
pub(crate) struct Metrics {
    /// Seconds that are covered, a multiple of 2 h.
    length: i64,
    /// Seconds between two scrapes.
    scrape: i64,
    families: BTreeMap<(String, Type), String>,
}

impl Metrics {
    /// Nothing yet; so many hours, which must be even.
    pub(crate) fn new(hours: i64) -> Self {
        assert_eq!(hours % 2, 0, "blocks of the server are 2 h long");
        Self {
            length: hours * 3_600,
            scrape: SCRAPE,
            families: BTreeMap::new(),
        }
    }

    /// Scraped every so many seconds, from here on.
    pub(crate) fn every(self, seconds: i64) -> Self {
        Self {
            scrape: seconds,
            ..self
        }
    }

    /// One series of a histogram's family, such as a bucket.
    pub(crate) fn counter_of(
        self,
        family: &str,
        name: &str,
        labels: &str,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Self {
        self.series(family, Type::Histogram, name, labels, 0, value)
    }

    /// A counter; `name` ends in `_total`. `value` is asked with the seconds since [`START`] at
    /// every scrape; `None` is a scrape that failed.
    pub(crate) fn counter(
        self,
        name: &str,
        labels: &str,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Self {
        let family = name
            .strip_suffix("_total")
            .expect("a counter's name ends in _total");
        self.series(family, Type::Counter, name, labels, 0, value)
    }

    /// A counter scraped so many seconds later than the others.
    pub(crate) fn late_counter(
        self,
        name: &str,
        labels: &str,
        phase: i64,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Self {
        let family = name
            .strip_suffix("_total")
            .expect("a counter's name ends in _total");
        self.series(family, Type::Counter, name, labels, phase, value)
    }

    /// A counter with these samples: milliseconds since the epoch, and values.
    pub(crate) fn samples(mut self, name: &str, labels: &str, samples: &[(i64, f64)]) -> Self {
        let family = name
            .strip_suffix("_total")
            .expect("a counter's name ends in _total");
        let text = self
            .families
            .entry((family.to_owned(), Type::Counter))
            .or_default();
        for (at, value) in samples {
            let (seconds, rest) = (at / 1_000, at % 1_000);
            writeln!(text, "{name}{{{labels}}} {value} {seconds}.{rest:03}").unwrap();
        }
        self
    }

    /// A gauge.
    pub(crate) fn gauge(
        self,
        name: &str,
        labels: &str,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Self {
        self.series(name, Type::Gauge, name, labels, 0, value)
    }

    /// A classic histogram: `observations` are (value, how many of it by then) pairs.
    pub(crate) fn histogram(
        mut self,
        name: &str,
        labels: &str,
        bounds: &[f64],
        observations: impl Fn(i64) -> Vec<(f64, f64)>,
    ) -> Self {
        let below = |t: i64, bound: f64| -> f64 {
            observations(t)
                .iter()
                .filter(|(value, _)| *value <= bound)
                .map(|(_, count)| count)
                .sum()
        };
        for bound in bounds.iter().copied().chain([f64::INFINITY]) {
            let le = if bound.is_finite() {
                bound.to_string()
            } else {
                "+Inf".into()
            };
            let bucket = format!("{name}_bucket");
            let labels = format!("{labels},le=\"{le}\"");
            self = self.series(name, Type::Histogram, &bucket, &labels, 0, |t| {
                Some(below(t, bound))
            });
        }
        let count = format!("{name}_count");
        let sum = format!("{name}_sum");
        let total = |t: i64| {
            observations(t)
                .iter()
                .map(|(value, count)| value * count)
                .sum()
        };
        self.series(name, Type::Histogram, &count, labels, 0, |t| {
            Some(below(t, f64::INFINITY))
        })
        .series(name, Type::Histogram, &sum, labels, 0, |t| Some(total(t)))
    }

    fn series(
        mut self,
        family: &str,
        kind: Type,
        name: &str,
        labels: &str,
        phase: i64,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Self {
        let text = self.families.entry((family.to_owned(), kind)).or_default();
        let mut t = phase;
        while t < self.length {
            if let Some(value) = value(t) {
                let value = if value.is_nan() {
                    "NaN".to_owned()
                } else {
                    value.to_string()
                };
                writeln!(text, "{name}{{{labels}}} {value} {}", START + t).unwrap();
            }
            t += self.scrape;
        }
        self
    }

    /// The text that promtool and VictoriaMetrics read.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for ((family, kind), samples) in &self.families {
            let kind = match kind {
                Type::Counter => "counter",
                Type::Gauge => "gauge",
                Type::Histogram => "histogram",
            };
            writeln!(out, "# TYPE {family} {kind}").unwrap();
            out.push_str(samples);
        }
        out.push_str("# EOF\n");
        out
    }
}
