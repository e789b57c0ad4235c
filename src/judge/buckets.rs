//! The buckets of a histogram as latencies are compared by them: counts at boundaries, block by
//! block. What is made of them is in `quantile` and `latency`.

use crate::stats::OneArmBlock;

/// One block: counts at each boundary, cumulative; the last is all requests.
pub(super) struct Buckets<'a> {
    /// Finite boundaries, increasing; one fewer than the counts.
    pub(super) bounds: &'a [f64],
    /// Exposed counts, then unexposed counts (none where there is no unexposed arm), by block.
    pub(super) rows: &'a [Vec<f64>],
}

impl Buckets<'_> {
    pub(super) fn exposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let all = row[self.bounds.len()];
        ((all - row[bound]).max(0.0), all)
    }

    pub(super) fn unexposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let width = self.bounds.len() + 1;
        let all = row[width + self.bounds.len()];
        ((all - row[width + bound]).max(0.0), all)
    }
}

/// One arm's own buckets, all of them: its bounds in seconds, and for each of them (or none, which is
/// infinity) the requests slower than it, block by block.
pub(super) struct OwnBuckets<'a> {
    pub(super) bounds: &'a [f64],
    pub(super) beyond: &'a dyn Fn(Option<usize>) -> Vec<OneArmBlock>,
}

impl OwnBuckets<'_> {
    /// The first boundary not below the limit.
    pub(super) fn first_from(&self, limit: f64) -> Option<usize> {
        let near = |b: f64| (b - limit).abs() <= 1e-9 * limit.abs();
        self.bounds.iter().position(|b| *b > limit || near(*b))
    }

    /// The last boundary not above the limit.
    pub(super) fn last_up_to(&self, limit: f64) -> Option<usize> {
        let near = |b: f64| (b - limit).abs() <= 1e-9 * limit.abs();
        self.bounds.iter().rposition(|b| *b < limit || near(*b))
    }
}
