//! One service with two arms, as it looks in a rollout: half of the exposed arm's pods are born with the
//! stage, and one series in twenty restarts in it.

use super::openmetrics::{Metrics, SCRAPE};

const HOUR: i64 = 3_600;

/// When the stage begins, in seconds after the start of the data: after the day of its history and what
/// that looks back over.
pub(crate) const ENTERED: i64 = 26 * HOUR;

/// A day later. The data go on for as long again as anybody asks about.
pub(crate) const NOW: i64 = ENTERED + 24 * HOUR;

const HOURS: i64 = 52;

/// Requests and errors of one service, so many series each.
pub(crate) fn metrics(series: i64) -> Metrics {
    let mut metrics = Metrics::new(HOURS);
    for k in 0..series {
        let (arm, pod) = if k % 2 == 0 {
            ("treatment", k / 2)
        } else {
            ("control", k / 2)
        };
        let born = if arm == "treatment" && pod % 2 == 0 {
            ENTERED
        } else {
            0
        };
        let restart = if k % 20 == 3 {
            ENTERED + 7 * HOUR + 60 * k
        } else {
            0
        };
        let labels = format!(
            "app=\"shop\",job=\"shop\",instance=\"10.0.{}.{}:8080\",namespace=\"production\",pod=\"shop-7f9c-{pod}\",route=\"/cart\",variant=\"{arm}\"",
            pod / 250,
            pod % 250,
        );
        let counted = move |t: i64| {
            let since = if t >= restart { restart } else { 0 }.max(born);
            (t >= born).then(|| (t - since) / SCRAPE)
        };
        metrics = metrics
            .late_counter("requests_total", &labels, k % SCRAPE, move |t| {
                Some((97 * counted(t)?) as f64)
            })
            .late_counter("errors_total", &labels, k % SCRAPE, move |t| {
                Some((counted(t)? / 3) as f64)
            });
    }
    metrics
}
