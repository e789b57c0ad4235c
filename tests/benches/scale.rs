//! What many plans and large answers cost `rollout`: processor time, time and peak memory of the built
//! program, beside the bars that it must keep.
//!
//! - `validate` and `status` of 10,000 plans with 5 guardrails each.
//! - `advance` of 10,000 plans of which none is due, with a Prometheus that nobody must ask.
//! - `check` of 1,000 plans with 5 ratios each that a cron asks about every five minutes, against a real
//!   server with 12 series: every plan has its own total and its own five kinds of errors.
//! - `check` of a plan of one ratio against a server whose answer about its total has 100,000 series.
//!
//! `ROLLOUT_BENCH_SCALE=10` makes all directories ten times smaller; the bars stay what they are.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot go on fails where it stands"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "benches run programs and write their plans; the program itself may not"
)]

#[path = "scale/directory.rs"]
mod directory;
#[path = "scale/flood.rs"]
mod flood;
#[path = "scale/measured.rs"]
mod measured;
#[path = "scale/support.rs"]
mod support;

use std::fmt::Write as _;
use std::time::Duration;

use directory::{Directory, Standing};
use flood::Flood;
use measured::{Measured, run};
use support::openmetrics::START;
use support::server::Server;
use support::shop::{ENTERED, NOW, metrics};

/// A server that nobody listens at: whoever asks it fails.
const NOBODY: &str = "http://127.0.0.1:9";

fn main() {
    let smaller: usize = std::env::var("ROLLOUT_BENCH_SCALE")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    println!("| what | time | own CPU | peak memory | bars | |");
    println!("| --- | --- | --- | --- | --- | --- |");
    offline(10_000 / smaller);
    warm(1_000 / smaller);
    many_series(100_000 / smaller);
}

/// What needs no server.
fn offline(plans: usize) {
    let directory = Directory::write(NOBODY, plans, Standing::mixed);
    let now = instant(NOW);
    for command in ["validate", "status"] {
        let arguments = [command, "--now", &now];
        let done = run(&directory.path(), &arguments, &[0]);
        row(&format!("`{command}` of {plans} plans"), &done, 2.0, None);
    }
    let arguments = ["advance", "--now", &now];
    let done = run(&directory.path(), &arguments, &[3]);
    row(
        &format!("`advance` of {plans} plans, none due"),
        &done,
        3.0,
        Some(300),
    );
}

/// Plans that are asked about every five minutes.
fn warm(plans: usize) {
    let server = Server::start(metrics(12));
    let directory = Directory::write(server.url(), plans, |_| Standing::Progressing {
        entered: START + ENTERED,
    });
    let first = instant(NOW);
    let done = run(&directory.path(), &["check", "--now", &first], &[3]);
    let what = |which: &str| format!("`check` of {plans} plans, {which}");
    row(&what("the first"), &done, f64::INFINITY, Some(150));
    for minutes in [5, 10] {
        let now = instant(NOW + minutes * 60);
        let done = run(&directory.path(), &["check", "--now", &now], &[3]);
        row(
            &what(&format!("{minutes} min later")),
            &done,
            10.0,
            Some(150),
        );
    }
}

/// A plan of one ratio with an answer of very many series: when it enters a stage, with what is kept of the
/// past, and in it, after an hour of blocks and after a day of them. What is refused clearly may take longer.
fn many_series(series: usize) {
    for (hours, after) in [(1, "an hour of blocks"), (24, "a day of blocks")] {
        let flood = Flood::start(series);
        let directory = Directory::of_one(flood.url(), Standing::Pending);
        let entered = instant(NOW - hours * 3_600);
        let arguments = ["advance", "--now", &entered];
        let done = run(&directory.path(), &arguments, &[0]);
        let what = format!("{series} series in an answer, a stage entered");
        row(&what, &done, f64::INFINITY, None);
        let now = instant(NOW);
        let done = run(&directory.path(), &["check", "--now", &now], &[3, 5, 6]);
        let refused = done.said.contains("MiB");
        let how = if refused { "refused" } else { "folded" };
        let what = format!("{series} series in an answer, {after}: {how}");
        let seconds = if refused { f64::INFINITY } else { 2.0 };
        row(&what, &done, seconds, None);
    }
}

/// One line of the table.
fn row(what: &str, done: &Measured, seconds: f64, mib: Option<u64>) {
    let mut bars = String::new();
    let mut kept = true;
    if seconds.is_finite() {
        write!(bars, "under {seconds:.0} s").unwrap();
        kept &= done.time < Duration::from_secs_f64(seconds);
    }
    if let Some(mib) = mib {
        let and = if bars.is_empty() { "under" } else { ", under" };
        write!(bars, "{and} {mib} MB").unwrap();
        kept &= done.peak_kib * 1_024 < mib * 1_000_000;
    }
    println!(
        "| {what} | {:.2} s | {:.2} s | {} MB | {bars} | {} |",
        done.time.as_secs_f64(),
        done.own.as_secs_f64(),
        done.peak_kib * 1_024 / 1_000_000,
        if kept { "kept" } else { "MISSED" },
    );
}

/// So many seconds after the start of all fixtures, as people write it.
fn instant(seconds: i64) -> String {
    let at = chrono::DateTime::from_timestamp(START + seconds, 0).unwrap();
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
