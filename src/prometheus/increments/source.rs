//! Whoever answers the questions about a counter.

use crate::prometheus::client::Each;
use crate::prometheus::{Client, Grid, QueryError};

/// A server, as far as counters need it.
pub(super) trait Source {
    /// The values of a query at the ends of these blocks, at most so many in a request. Each series is
    /// handed over as it comes; where a request is repeated, again. Gives the server's doubts.
    async fn in_range(
        &self,
        query: &str,
        grid: &Grid,
        most: usize,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError>;

    /// The samples of a query at one instant, in Unix seconds.
    async fn samples_at(
        &self,
        query: &str,
        at: i64,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError>;
}

impl Source for Client {
    async fn in_range(
        &self,
        query: &str,
        grid: &Grid,
        most: usize,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError> {
        self.each_in_range(query, grid, most, each).await
    }

    async fn samples_at(
        &self,
        query: &str,
        at: i64,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError> {
        self.each_at(query, at, each).await
    }
}
