//! What evidence costs: processor time of real servers and of `rollout` itself, against a loop that asks
//! for `increase()` over the same blocks. A stage of 24 hours in blocks of five minutes at a scrape of 15
//! seconds, for 100 plans with 5 ratios each. Half of the exposed arm's pods are born with the stage, and
//! one series in twenty restarts in it.
//!
//! Servers: `prometheus` on the path, `$PROMETHEUS3`, `victoria-metrics` where it is there.
//! `ROLLOUT_BENCH_PLANS` asks for fewer plans; the table is of 100 all the same.

#![expect(clippy::print_stdout, reason = "a bench speaks through its table")]
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot go on fails where it stands"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "benches read where the servers are; the program's environment is another matter"
)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rollout::plan::{Plan, PrometheusSettings, Secret};
use rollout::prometheus::{Client, EvidenceRequest, Grid, collect};
use rollout::units::Period;
use support::openmetrics::{Metrics, SCRAPE};
use support::plans::{at, block_on, plan, ratio};
use support::server::{Options, Server};
use support::victoria::Victoria;

const HOUR: i64 = 3_600;
/// The stage begins after the day of its history and what that looks back over.
const ENTERED: i64 = 26 * HOUR;
const NOW: i64 = 50 * HOUR;
const PLANS: usize = 100;
const RATIOS: usize = 5;
const ROUNDS: usize = 3;

fn main() {
    println!(
        "| server | series | plain `increase()` | check, cold | check, warm | with the history | own CPU a guardrail |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for series in [12, 200] {
        let plain = Server::start(metrics(series));
        report("Prometheus", series, plain.url());
        drop(plain);
        if let Ok(three) = std::env::var("PROMETHEUS3") {
            let options = Options {
                program: Some(three),
                ..Options::default()
            };
            let three = Server::start_with(metrics(series), &options);
            report("Prometheus 3", series, three.url());
        }
        if is_there("victoria-metrics") {
            let victoria = Victoria::start(&metrics(series));
            report("VictoriaMetrics", series, &victoria.url());
        }
    }
}

/// Requests and errors of one service, so many series each.
fn metrics(series: i64) -> Metrics {
    let mut metrics = Metrics::new(50);
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
            "app=\"shop\",instance=\"10.0.{}.{}:8080\",namespace=\"production\",pod=\"shop-7f9c-{pod}\",route=\"/cart\",variant=\"{arm}\"",
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

/// A matcher that changes nothing but the text, so that no two plans ask the same.
fn selector(metric: &str, number: usize) -> String {
    format!("{metric}{{app=\"shop\",route!=\"/{number}\"}}")
}

fn plans(count: usize) -> Vec<Plan> {
    (0..count)
        .map(|one| {
            let ratios = (0..RATIOS).map(|k| {
                let number = one * RATIOS + k;
                let [events, total] =
                    ["errors_total", "requests_total"].map(|name| selector(name, number));
                ratio(&format!("errors-{k}"), &events, &total)
            });
            plan(ENTERED, ratios.collect())
        })
        .collect()
}

/// Processor time of a server, and of this program.
#[derive(Default, Clone, Copy)]
struct Spent {
    server: Duration,
    own: Duration,
}

fn report(name: &str, series: i64, url: &str) {
    let wanted = std::env::var("ROLLOUT_BENCH_PLANS")
        .ok()
        .and_then(|text| text.parse().ok());
    let asked = wanted.unwrap_or(if series > 50 { PLANS / 10 } else { PLANS });
    let plans = plans(asked);
    let server = process(url);
    let settings = PrometheusSettings::default();
    let secrets = |_: &Secret| Err("there is none".to_owned());
    let client = Client::new(&settings, Some(url), &secrets, Path::new("/")).expect("a client");
    let measure = |ask: &dyn Fn()| {
        let before = (processor_time(server), processor_time(std::process::id()));
        ask();
        Spent {
            server: processor_time(server) - before.0,
            own: processor_time(std::process::id()) - before.1,
        }
    };
    let grid = Grid::new(at(ENTERED), at(NOW), Period::from_minutes(5));
    let loops = || {
        for number in 0..asked * RATIOS {
            for metric in ["errors_total", "requests_total"] {
                let text = format!(
                    "sum by (variant) (increase({}[5m]))",
                    selector(metric, number)
                );
                block_on(client.range(&text, &grid)).expect("an answer");
            }
        }
    };
    let check = |history: bool| {
        let requests: Vec<EvidenceRequest<'_>> = plans
            .iter()
            .map(|plan| {
                let request = EvidenceRequest::of_stage(plan).expect("a plan in its stage");
                if history {
                    request
                } else {
                    request.without_history()
                }
            })
            .collect();
        for snapshot in block_on(collect(&client, &requests, at(NOW), &|_, _| {})) {
            let snapshot = snapshot.expect("a snapshot");
            assert!(
                snapshot
                    .guardrails
                    .values()
                    .all(|one| one.issues.is_empty())
            );
        }
    };
    let mut spent: [Vec<Spent>; 3] = Default::default();
    for _ in 0..ROUNDS {
        spent[0].push(measure(&loops));
        spent[1].push(measure(&|| check(false)));
        spent[2].push(measure(&|| check(true)));
    }
    let [plain, cold, history] = spent
        .each_ref()
        .map(|rounds| median(rounds, |one| one.server));
    let own = median(&spent[1], |one| one.own);
    let seconds = |spent: Duration| spent.as_secs_f64() * PLANS as f64 / asked as f64;
    let against = |spent: Duration| {
        format!(
            "{:.1} s, {:.2} x",
            seconds(spent),
            spent.as_secs_f64() / plain.as_secs_f64()
        )
    };
    println!(
        "| {name} | {series} | {:.1} s | {} | as cold: nothing is kept yet | {} | {:.2} ms |",
        seconds(plain),
        against(cold),
        against(history),
        own.as_secs_f64() * 1e3 / (asked * RATIOS) as f64,
    );
}

fn median(rounds: &[Spent], of: impl Fn(&Spent) -> Duration) -> Duration {
    let mut times: Vec<Duration> = rounds.iter().map(of).collect();
    times.sort();
    times[times.len() / 2]
}

/// The process that listens on the port of this URL.
fn process(url: &str) -> u32 {
    let address = url.trim_start_matches("http://");
    let listens = |folder: &Path| {
        let arguments = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(address)
    };
    let mut found = folders(Path::new("/proc"))
        .into_iter()
        .filter_map(|folder| {
            let number = folder.file_name()?.to_str()?.parse().ok()?;
            (number != std::process::id() && listens(&folder)).then_some(number)
        });
    found.next().expect("a process with the server's address")
}

/// Processor time of all threads, from the scheduler's own count in nanoseconds.
fn processor_time(process: u32) -> Duration {
    let threads = folders(&PathBuf::from(format!("/proc/{process}/task")));
    let spent = threads.iter().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
