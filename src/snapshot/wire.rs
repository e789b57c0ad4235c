//! A snapshot as JSON: structs in the shape and order of the document, made from the domain's. Reading it
//! back is `read`, which names the place of what is wrong; the two are held together by a round-trip
//! test.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::plan::{Column, Word as _};

use super::fact::Fact;
use super::{
    ArmSeries, AssignmentSeries, Copies, EvidenceIssue, GuardrailSeries, History, InstanceCounts,
    LabelSeen, Series, Snapshot,
};

/// The format's name and version.
pub(super) const FORMAT: &str = "rollout-snapshot/1";

impl Snapshot {
    /// The JSON document that [`super::read()`] reads back to the same snapshot.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // Keys are texts and numbers are finite, so that nothing can fail.
        serde_json::to_value(Document::from(self)).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    taken_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_until: Option<String>,
    source: &'a str,
    stage: u32,
    entered_at: String,
    block_seconds: u32,
    guardrails: BTreeMap<&'a str, Guardrail<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment: Option<Assignment<'a>>,
}

impl<'a> From<&'a Snapshot> for Document<'a> {
    fn from(snapshot: &'a Snapshot) -> Self {
        let Snapshot {
            plan,
            taken_at,
            known_until,
            source,
            moment,
            block,
            guardrails,
            assignment,
        } = snapshot;
        Self {
            format: FORMAT,
            plan,
            taken_at: rfc3339(*taken_at),
            known_until: known_until.map(rfc3339),
            source,
            stage: moment.number(),
            entered_at: rfc3339(moment.since()),
            block_seconds: block.seconds(),
            guardrails: guardrails
                .iter()
                .map(|(name, series)| (name.as_str(), series.into()))
                .collect(),
            assignment: assignment.as_ref().map(Assignment::from),
        }
    }
}

#[derive(Serialize)]
struct Guardrail<'a> {
    ends: &'a [i64],
    exposed: Arm<'a>,
    unexposed: Arm<'a>,
    #[serde(flatten)]
    issues: Issues,
    queries: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Past<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    during: Option<Past<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsplit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scrape_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instances: Option<Counts<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    preflight: BTreeMap<&'a str, Seen<'a>>,
    #[serde(skip_serializing_if = "<[(i64, i64)]>::is_empty")]
    assumed: &'a [(i64, i64)],
}

impl<'a> From<&'a GuardrailSeries> for Guardrail<'a> {
    fn from(series: &'a GuardrailSeries) -> Self {
        let GuardrailSeries {
            ends,
            exposed,
            unexposed,
            issues,
            queries,
            history,
            during,
            unsplit,
            scrape_seconds,
            instances,
            preflight,
            assumed,
        } = series;
        Self {
            ends,
            exposed: exposed.into(),
            unexposed: unexposed.into(),
            issues: issues.as_slice().into(),
            queries,
            history: history.as_ref().map(Past::from),
            during: during.as_ref().map(Past::from),
            unsplit: unsplit.map(|why| why.word()),
            scrape_seconds: *scrape_seconds,
            instances: instances.as_ref().map(Counts::from),
            preflight: preflight
                .iter()
                .map(|(column, seen)| (column.key(), seen.into()))
                .collect(),
            assumed,
        }
    }
}

/// What is wrong: as people read it, and as programs before there were facts did; and, in the same
/// order, as codes with their fields.
#[derive(Serialize)]
struct Issues {
    issues: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Fact>,
}

impl From<&[EvidenceIssue]> for Issues {
    fn from(issues: &[EvidenceIssue]) -> Self {
        Self {
            issues: issues.iter().map(sentence).collect(),
            facts: issues.iter().map(Fact::from).collect(),
        }
    }
}

#[derive(Serialize)]
struct Counts<'a> {
    exposed: u32,
    unexposed: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

impl<'a> From<&'a InstanceCounts> for Counts<'a> {
    fn from(counts: &'a InstanceCounts) -> Self {
        let InstanceCounts {
            exposed,
            unexposed,
            shared,
            label,
        } = counts;
        Self {
            exposed: *exposed,
            unexposed: *unexposed,
            shared: *shared,
            label: label.as_deref(),
        }
    }
}

/// Two groups without names are the halves of older records.
#[derive(Serialize)]
#[serde(untagged)]
enum Past<'a> {
    Halves {
        block_seconds: u32,
        ends: &'a [i64],
        first: Arm<'a>,
        second: Arm<'a>,
    },
    Groups {
        block_seconds: u32,
        ends: &'a [i64],
        groups: Vec<Arm<'a>>,
        instances: BTreeMap<&'a str, BTreeMap<&'static str, Value>>,
    },
}

impl<'a> From<&'a History> for Past<'a> {
    fn from(history: &'a History) -> Self {
        let History {
            ends,
            block,
            groups,
            instances,
        } = history;
        let block_seconds = block.seconds();
        if let ([first, second], true) = (groups.as_slice(), instances.is_empty()) {
            return Self::Halves {
                block_seconds,
                ends,
                first: first.into(),
                second: second.into(),
            };
        }
        let sums = |sums: &'a BTreeMap<Column, f64>| {
            let sums = sums.iter();
            sums.map(|(column, sum)| (column.series(), number(Some(*sum))))
                .collect()
        };
        Self::Groups {
            block_seconds,
            ends,
            groups: groups.iter().map(Arm::from).collect(),
            instances: instances
                .iter()
                .map(|(name, of)| (name.as_str(), sums(of)))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Seen<'a> {
    values: &'a [String],
    recent: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flaw: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    labels: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<Several<'a>>,
}

#[derive(Serialize)]
struct Several<'a> {
    label: &'a str,
    values: &'a [String],
}

impl<'a> From<&'a LabelSeen> for Seen<'a> {
    fn from(seen: &'a LabelSeen) -> Self {
        let LabelSeen {
            values,
            recent,
            refused,
            last_seen,
            flaw,
            labels,
            copies,
        } = seen;
        Self {
            values,
            recent,
            refused: refused.as_deref(),
            last_seen: *last_seen,
            flaw: flaw.map(super::Flaw::code),
            labels,
            copies: copies
                .as_ref()
                .map(|Copies { label, values }| Several { label, values }),
        }
    }
}

#[derive(Serialize)]
struct Assignment<'a> {
    ends: &'a [i64],
    exposed: Numbers<'a>,
    unexposed: Numbers<'a>,
    #[serde(flatten)]
    issues: Issues,
}

impl<'a> From<&'a AssignmentSeries> for Assignment<'a> {
    fn from(series: &'a AssignmentSeries) -> Self {
        let AssignmentSeries {
            ends,
            exposed,
            unexposed,
            issues,
        } = series;
        Self {
            ends,
            exposed: Numbers(exposed),
            unexposed: Numbers(unexposed),
            issues: issues.as_slice().into(),
        }
    }
}

#[derive(Serialize)]
struct Arm<'a> {
    #[serde(flatten)]
    columns: BTreeMap<&'static str, Numbers<'a>>,
    #[serde(skip_serializing_if = "Buckets::is_empty")]
    le: Buckets<'a>,
}

impl<'a> From<&'a ArmSeries> for Arm<'a> {
    fn from(series: &'a ArmSeries) -> Self {
        let ArmSeries { columns, buckets } = series;
        Self {
            columns: columns
                .iter()
                .map(|(column, series)| (column.series(), Numbers(series)))
                .collect(),
            le: Buckets(buckets),
        }
    }
}

/// Counts by upper bound, in the order of the bounds.
struct Buckets<'a>(&'a [(f64, Series)]);

impl Buckets<'_> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Buckets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let buckets = self.0.iter();
        serializer.collect_map(buckets.map(|(bound, series)| (bound_text(*bound), Numbers(series))))
    }
}

/// One number a block.
struct Numbers<'a>(&'a Series);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|value| number(*value)))
    }
}

/// Whole numbers without a fraction, as people write counts; `null` where there is none.
pub(super) fn number(value: Option<f64>) -> Value {
    /// Below this every whole number has an exact `f64`, and the sign of zero is the only loss.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        None => Value::Null,
        Some(value) if value.fract() == 0.0 && value.abs() < EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = value as i64;
            Value::from(whole)
        }
        Some(value) => Value::from(value),
    }
}

/// A bucket's upper bound as Prometheus writes it.
pub(super) fn bound_text(bound: f64) -> String {
    if bound == f64::INFINITY {
        "+Inf".into()
    } else {
        bound.to_string()
    }
}

/// Seconds where they suffice, fractions where there are any.
pub(super) fn rfc3339(instant: crate::units::Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
/// An issue in words; those that were read without a fact as they were read.
fn sentence(issue: &EvidenceIssue) -> String {
    match issue {
        EvidenceIssue::Said(sentence) => sentence.clone(),
        fact => fact.to_string(),
    }
}
