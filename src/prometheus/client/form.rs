//! The parameters of a request.

use super::{Client, Grid};

/// What is sent with a request.
pub(super) type Form = Vec<(&'static str, String)>;

/// The server cancels a query at this share of our own deadline, so that its explanation arrives
/// before we hang up.
const SERVER_SHARE: f64 = 0.9;

impl Client {
    pub(super) fn range_form(&self, query: &str, start: i64, end: i64, grid: &Grid) -> Form {
        let more = [
            ("start", start.to_string()),
            ("end", end.to_string()),
            ("step", grid.block().seconds().to_string()),
        ];
        self.form(query, more)
    }

    /// What is sent with every query, and this. VictoriaMetrics alone knows `latency_offset` and `nocache`:
    /// unless told not to, it gives copies of the point before for those of the last 30 s, answers from a
    /// cache that late samples do not reach, and shifts long ranges to its own grid.
    pub(super) fn form<const N: usize>(
        &self,
        query: &str,
        more: [(&'static str, String); N],
    ) -> Form {
        let mut form = vec![("query", query.to_owned())];
        form.extend(more);
        form.push(("timeout", self.server_timeout()));
        form.push(("latency_offset", "1ms".to_owned()));
        form.push(("nocache", "1".to_owned()));
        if self.effort.is_asked() {
            form.push(("stats", "all".to_owned()));
        }
        form
    }

    fn server_timeout(&self) -> String {
        format!("{:.3}", self.timeout.as_secs_f64() * SERVER_SHARE)
    }
}
