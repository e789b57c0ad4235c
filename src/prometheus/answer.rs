//! Answers of Prometheus: the wire structs, and what they mean.
//!
//! [`interpret`] is total: whatever bytes came back are an [`Answer`] or a typed [`QueryError`].

use std::collections::BTreeMap;

use serde::Deserialize;

use super::QueryError;
use super::stream::milliseconds;

/// Labels of one series.
pub type Labels = BTreeMap<String, String>;

/// One sample. The value may be NaN or infinite, as Prometheus says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// The value.
    pub value: f64,
}

/// One bucket of a native histogram: the observations in an interval of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NativeBucket {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Observations between them.
    pub count: f64,
}

/// One sample of a native histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct NativePoint {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// All observations.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The buckets that are not empty, by increasing bounds.
    pub buckets: Vec<NativeBucket>,
}

/// One series of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Returned {
    /// What tells it apart.
    pub labels: Labels,
    /// Its samples in order of time.
    pub points: Vec<Point>,
    /// Its native histograms in order of time.
    pub histograms: Vec<NativePoint>,
}

/// A successful answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Its series; a scalar is one series without labels.
    pub series: Vec<Returned>,
    /// The server's own doubts: incomplete data.
    pub warnings: Vec<String>,
}

/// What bytes under this status mean. `url` is for messages and holds no credentials.
pub(super) fn interpret(url: &str, status: u16, body: &[u8]) -> Result<Answer, QueryError> {
    let parsed = serde_json::from_slice::<Envelope>(body);
    match (status, parsed) {
        (401 | 403, _) => Err(QueryError::Refused {
            url: url.to_owned(),
            status,
        }),
        (200..=299, Ok(envelope)) => envelope
            .into_answer()
            .ok_or_else(|| not_an_api(url, status, body)),
        (200..=299, Err(error)) if error.is_eof() && body.first() == Some(&b'{') => {
            Err(QueryError::Broken {
                url: url.to_owned(),
                problem: "it ends early".into(),
            })
        }
        (429 | 500..=599, parsed) => Err(QueryError::Busy {
            url: url.to_owned(),
            status,
            message: parsed
                .ok()
                .and_then(|envelope| envelope.error)
                .unwrap_or_else(|| excerpt(body)),
        }),
        (
            400 | 422,
            Ok(Envelope {
                error: Some(message),
                error_type,
                ..
            }),
        ) => Err(QueryError::Rejected {
            status,
            kind: error_type.unwrap_or_default(),
            message,
        }),
        (400, Err(_)) if excerpt(body).contains("HTTP request to an HTTPS server") => {
            Err(QueryError::NeedsTls {
                url: url.to_owned(),
            })
        }
        (_, _) => Err(not_an_api(url, status, body)),
    }
}

pub(super) fn not_an_api(url: &str, status: u16, body: &[u8]) -> QueryError {
    QueryError::NotAnApi {
        url: url.to_owned(),
        status,
        excerpt: excerpt(body),
    }
}

/// The first line of a body that is not JSON, short enough for a message.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(400)]);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    match line {
        None => "an empty answer".into(),
        Some(line) => line.chars().filter(|c| !c.is_control()).take(120).collect(),
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    status: String,
    data: Option<Data>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    /// VictoriaMetrics' cluster says so when a storage node did not answer.
    #[serde(default, rename = "isPartial")]
    is_partial: bool,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<InstantSeries>),
    Matrix(Vec<RangeSeries>),
    Scalar(Sample),
    String(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct InstantSeries {
    #[serde(default)]
    metric: Labels,
    value: Option<Sample>,
    histogram: Option<HistogramSample>,
}

#[derive(Deserialize)]
struct RangeSeries {
    #[serde(default)]
    metric: Labels,
    #[serde(default)]
    values: Vec<Sample>,
    #[serde(default)]
    histograms: Vec<HistogramSample>,
}

/// Unix seconds and the value as text.
#[derive(Deserialize)]
struct Sample(f64, String);

/// Unix seconds and the histogram.
#[derive(Deserialize)]
struct HistogramSample(f64, Histogram);

#[derive(Deserialize)]
struct Histogram {
    count: String,
    sum: String,
    #[serde(default)]
    buckets: Vec<Bucket>,
}

/// Which bounds are inclusive, lower bound, upper bound, observations.
#[derive(Deserialize)]
struct Bucket(
    #[expect(dead_code, reason = "a boundary itself is measure zero for latencies")] u8,
    String,
    String,
    String,
);

impl Envelope {
    /// `None` when it is JSON but not a success of this API.
    fn into_answer(self) -> Option<Answer> {
        if self.status != "success" {
            return None;
        }
        let series = match self.data? {
            Data::Vector(series) => series
                .into_iter()
                .map(|s| returned(s.metric, s.value.as_slice(), s.histogram.as_slice()))
                .collect::<Option<Vec<_>>>()?,
            Data::Matrix(series) => series
                .into_iter()
                .map(|s| returned(s.metric, &s.values, &s.histograms))
                .collect::<Option<Vec<_>>>()?,
            Data::Scalar(sample) => vec![returned(Labels::new(), &[sample], &[])?],
            Data::String(_) => return None,
        };
        let mut warnings = self.warnings.unwrap_or_default();
        if self.is_partial {
            warnings.push("the answer is partial".into());
        }
        Some(Answer { series, warnings })
    }
}

fn returned(labels: Labels, values: &[Sample], histograms: &[HistogramSample]) -> Option<Returned> {
    Some(Returned {
        labels,
        points: values
            .iter()
            .map(|Sample(at, value)| {
                Some(Point {
                    at_ms: milliseconds(*at),
                    value: number(value)?,
                })
            })
            .collect::<Option<_>>()?,
        histograms: histograms
            .iter()
            .map(|HistogramSample(at, histogram)| native(*at, histogram))
            .collect::<Option<_>>()?,
    })
}

fn native(at: f64, histogram: &Histogram) -> Option<NativePoint> {
    Some(NativePoint {
        at_ms: milliseconds(at),
        count: number(&histogram.count)?,
        sum: number(&histogram.sum)?,
        buckets: histogram
            .buckets
            .iter()
            .map(|Bucket(_, lower, upper, count)| {
                Some(NativeBucket {
                    lower: number(lower)?,
                    upper: number(upper)?,
                    count: number(count)?,
                })
            })
            .collect::<Option<_>>()?,
    })
}

/// Rust reads Prometheus' `NaN`, `+Inf` and `-Inf` as they are.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests;
