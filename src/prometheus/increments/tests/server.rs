//! A server in memory, whose samples are there once they have arrived.

use std::cell::Cell;
use std::ops::ControlFlow;

use promql_parser::parser::{Expr, parse};

use super::super::source::Source;
use crate::prometheus::client::Each;
use crate::prometheus::stream::Streamed;
use crate::prometheus::{Grid, QueryError};

/// A scrape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) at_ms: i64,
    pub(super) value: f64,
    /// When the server has it.
    pub(super) known_ms: i64,
}

/// Names and values.
type Labels = Vec<(&'static str, String)>;

/// A server, and how much it was asked.
pub(super) struct Server {
    pub(super) series: Vec<(Labels, Vec<Sample>)>,
    pub(super) now: i64,
    pub(super) points: Cell<usize>,
    pub(super) warns: bool,
}

impl Server {
    /// Hands over what each series' samples give, which are in order of time.
    fn hand_over(
        &self,
        each: &mut Each<'_>,
        points: impl Fn(&[Sample]) -> Vec<(i64, f64)>,
    ) -> Vec<String> {
        for (labels, samples) in &self.series {
            let points = points(samples);
            if !points.is_empty() {
                let taken = each(&Streamed::new(labels, points));
                assert_eq!(taken, ControlFlow::Continue(()));
            }
        }
        let warning = self.warns.then(|| "a store was not there".to_owned());
        warning.into_iter().collect()
    }
}

impl Source for Server {
    async fn in_range(
        &self,
        _query: &str,
        grid: &Grid,
        _most: usize,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError> {
        self.points.set(self.points.get() + grid.len());
        let step_ms = i64::from(grid.block().seconds()) * 1_000;
        let now_ms = self.now * 1_000;
        Ok(self.hand_over(each, |samples| {
            let last_within = |end: i64| {
                let end_ms = end * 1_000;
                let upto = samples.partition_point(|one| one.at_ms <= end_ms);
                let within = samples[..upto].iter().rev();
                let last = within
                    .take_while(|one| one.at_ms > end_ms - step_ms)
                    .find(|one| one.known_ms <= now_ms)?;
                Some((end_ms, last.value))
            };
            grid.ends().filter_map(last_within).collect()
        }))
    }

    async fn samples_at(
        &self,
        query: &str,
        at: i64,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError> {
        let Ok(Expr::MatrixSelector(selector)) = parse(query) else {
            panic!("{query}");
        };
        let from = at * 1_000 - i64::try_from(selector.range.as_millis()).unwrap();
        let (until, now_ms) = (at * 1_000, self.now * 1_000);
        Ok(self.hand_over(each, |samples| {
            let first = samples.partition_point(|one| one.at_ms < from);
            let within = samples[first..].iter();
            within
                .take_while(|one| one.at_ms <= until)
                .filter(|one| one.known_ms <= now_ms)
                .map(|one| (one.at_ms, one.value))
                .collect()
        }))
    }
}
