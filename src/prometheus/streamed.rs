//! One series of an answer, as long as it is looked at. Pure.

use std::borrow::Cow;

/// One series of a matrix.
#[derive(Debug)]
pub(super) struct Streamed<'a> {
    pub(super) labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Unix milliseconds and values, in order of time.
    pub(super) points: Vec<(i64, f64)>,
    /// Whether it has native histograms.
    pub(super) is_native: bool,
}

impl Streamed<'_> {
    /// Counters as a server would give them.
    #[cfg(test)]
    pub(super) fn new<'a>(
        labels: &'a [(&'a str, String)],
        points: Vec<(i64, f64)>,
    ) -> Streamed<'a> {
        let labels = labels
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(value.as_str())))
            .collect();
        Streamed {
            labels,
            points,
            is_native: false,
        }
    }

    /// Names and values.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (&**name, &**value))
    }
}
