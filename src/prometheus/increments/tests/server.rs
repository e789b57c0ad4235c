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
    fn known<'a>(&self, samples: &'a [Sample]) -> impl Iterator<Item = (i64, f64)> + use<'a> {
        let now_ms = self.now * 1_000;
        let known = samples.iter().filter(move |one| one.known_ms <= now_ms);
        known.map(|one| (one.at_ms, one.value))
    }

    fn hand_over(
        &self,
        each: &mut Each<'_>,
        points: impl Fn(&[(i64, f64)]) -> Vec<(i64, f64)>,
    ) -> Vec<String> {
        for (labels, samples) in &self.series {
            let known: Vec<(i64, f64)> = self.known(samples).collect();
            let points = points(&known);
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
        Ok(self.hand_over(each, |known| {
            let last_within = |end: i64| {
                let end_ms = end * 1_000;
                let upto = known.partition_point(|(at, _)| *at <= end_ms);
                let (at, value) = *known[..upto].last()?;
                (at > end_ms - step_ms).then_some((end_ms, value))
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
        let within = from..=at * 1_000;
        Ok(self.hand_over(each, |known| {
            let known = known.iter().copied();
            known.filter(|(at, _)| within.contains(at)).collect()
        }))
    }
}
