//! The parameters of a request.

use std::time::Duration;

use crate::prometheus::Grid;

/// What is sent with a request.
pub(super) type Form = Vec<(&'static str, String)>;

/// The server cancels a query at this share of our own deadline, so that its explanation arrives
/// before we hang up.
const SERVER_SHARE: f64 = 0.9;

/// The blocks of a range query.
pub(super) fn blocks(start: i64, end: i64, grid: &Grid) -> [(&'static str, String); 3] {
    [
        ("start", start.to_string()),
        ("end", end.to_string()),
        ("step", grid.block().seconds().to_string()),
    ]
}

/// What is sent with every query, and this. VictoriaMetrics alone knows `latency_offset` and `nocache`:
/// unless told not to, it gives copies of the point before for those of the last 30 s, answers from a
/// cache that late samples do not reach, and shifts long ranges to its own grid.
pub(super) fn form<const N: usize>(
    query: &str,
    timeout: Duration,
    more: [(&'static str, String); N],
) -> Form {
    let mut form = vec![("query", query.to_owned())];
    form.extend(more);
    let timeout = timeout.as_secs_f64() * SERVER_SHARE;
    form.push(("timeout", format!("{timeout:.3}")));
    form.push(("latency_offset", "1ms".to_owned()));
    form.push(("nocache", "1".to_owned()));
    form
}
