//! What evidence costs: processor time of real servers and of `rollout` itself, against a loop that asks
//! for `increase()` over the same blocks. A stage of 24 hours in blocks of five minutes at a scrape of 15
//! seconds, for 100 plans with 5 ratios each, of which no two ask the same.
//!
//! - plain: `sum by (variant) (increase(S[5m]))` of both counters of each ratio, over the stage
//! - check, cold: everything that `rollout check` asks, with nothing cached
//! - check, warm: the same five minutes after another one, as cron does it
//! - history: what three days of the unexposed arm before the stage cost on top, once a stage
//!
//! Servers: `prometheus` on the path, `$PROMETHEUS3`, `victoria-metrics` where it is there. It takes some
//! minutes. `ROLLOUT_BENCH_PLANS=10` asks for fewer plans, and takes one; the table is of 100 all the same.

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
use rollout::units::{Instant, Period};
use support::plans::{at, block_on, plan, ratio};
use support::server::{Options, Server};
use support::shop::{ENTERED, NOW, metrics};
use support::victoria::Victoria;

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PLANS: usize = 100;
const RATIOS: usize = 5;
const ROUNDS: usize = 3;
const BLOCK: Period = Period::from_minutes(5);

/// What may be spent, as multiples of the plain loop.
#[derive(Clone, Copy)]
struct Bars {
    cold: f64,
    warm: f64,
}

const OF_PROMETHEUS: Bars = Bars {
    cold: 2.0,
    warm: 0.25,
};

/// It answers `increase()` faster than it writes values down.
const OF_VICTORIA: Bars = Bars {
    cold: 2.5,
    warm: 0.6,
};

/// Milliseconds of `rollout`'s own for a guardrail, by the number of series.
const OWN: [(i64, f64); 2] = [(12, 1.0), (200, 10.0)];

fn main() {
    println!(
        "| server | series | plain loop | check, cold | check, warm | history, once a stage | own, a guardrail, cold | own, warm |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut missed = Vec::new();
    for (series, own) in OWN {
        let mut report = |name: &str, url: &str, bars: Bars| {
            let measured = measure(series, url);
            missed.extend(measured.print(name, series, bars, own));
        };
        let plain = Server::start(metrics(series));
        report("Prometheus", plain.url(), OF_PROMETHEUS);
        drop(plain);
        if let Ok(three) = std::env::var("PROMETHEUS3") {
            let options = Options {
                program: Some(three),
                ..Options::default()
            };
            let three = Server::start_with(metrics(series), &options);
            report("Prometheus 3", three.url(), OF_PROMETHEUS);
        }
        if is_there("victoria-metrics") {
            let victoria = Victoria::start(&metrics(series));
            report("VictoriaMetrics", &victoria.url(), OF_VICTORIA);
        }
    }
    println!();
    if missed.is_empty() {
        println!("all bars are kept");
    }
    for bar in missed {
        println!("MISSED: {bar}");
    }
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

/// Medians for so many plans.
struct Measured {
    plans: usize,
    plain: Spent,
    cold: Spent,
    warm: Spent,
    whole: Spent,
}

fn measure(series: i64, url: &str) -> Measured {
    let wanted = std::env::var("ROLLOUT_BENCH_PLANS")
        .ok()
        .and_then(|text| text.parse().ok());
    let asked = wanted.unwrap_or(if series > 50 { PLANS / 10 } else { PLANS });
    let plans = plans(asked);
    let server = process(url);
    let spend = |ask: &dyn Fn()| {
        let before = (processor_time(server), processor_time(std::process::id()));
        ask();
        Spent {
            server: processor_time(server) - before.0,
            own: processor_time(std::process::id()) - before.1,
        }
    };
    let cache = tempfile::tempdir().unwrap();
    let warm = |minutes: i64| {
        let now = at(NOW + 60 * minutes);
        let client = client(url).with_cache(&cache.path().join("rollout"), now);
        check(&client, &plans, now, false);
    };
    // What the first run of cron keeps; servers and connections have warmed up after it, too.
    warm(0);
    let mut spent: [Vec<Spent>; 4] = Default::default();
    for round in 0..ROUNDS {
        let later = i64::try_from(round + 1).unwrap() * 5;
        spent[0].push(spend(&|| plain(&client(url), asked)));
        spent[1].push(spend(&|| check(&client(url), &plans, at(NOW), false)));
        spent[2].push(spend(&|| warm(later)));
        spent[3].push(spend(&|| check(&client(url), &plans, at(NOW), true)));
    }
    let [plain, cold, warm, whole] = spent.each_ref().map(|rounds| median(rounds));
    Measured {
        plans: asked,
        plain,
        cold,
        warm,
        whole,
    }
}

fn client(url: &str) -> Client {
    let settings = PrometheusSettings::default();
    let secrets = |_: &Secret| Err("there is none".to_owned());
    Client::new(&settings, Some(url), &secrets, Path::new("/")).unwrap()
}

/// The loop that others write.
fn plain(client: &Client, plans: usize) {
    let grid = Grid::new(at(ENTERED), at(NOW), BLOCK);
    for number in 0..plans * RATIOS {
        for metric in ["errors_total", "requests_total"] {
            let selector = selector(metric, number);
            let text = format!("sum by (variant) (increase({selector}[5m]))");
            block_on(client.range(&text, &grid)).unwrap();
        }
    }
}

/// All that `rollout check` asks about these plans.
fn check(client: &Client, plans: &[Plan], now: Instant, history: bool) {
    let requests: Vec<EvidenceRequest<'_>> = plans
        .iter()
        .map(|plan| {
            let request = EvidenceRequest::of_stage(plan).unwrap();
            if history {
                request
            } else {
                request.without_history()
            }
        })
        .collect();
    for snapshot in block_on(collect(client, &requests, now, &|_, _| {})) {
        let snapshot = snapshot.unwrap();
        assert!(
            snapshot
                .guardrails
                .values()
                .all(|one| one.issues.is_empty() && !one.ends.is_empty())
        );
    }
}

impl Measured {
    /// Prints a line of the table, and gives the bars that were missed.
    fn print(&self, name: &str, series: i64, bars: Bars, own_bar: f64) -> Vec<String> {
        let Self {
            plans,
            plain,
            cold,
            warm,
            whole,
        } = self;
        let seconds = |spent: Duration| spent.as_secs_f64() * PLANS as f64 / *plans as f64;
        let times = |spent: Duration| spent.as_secs_f64() / plain.server.as_secs_f64();
        let against = |spent: Duration, bar: f64| {
            format!(
                "{:.1} s, {:.2} x (at most {bar})",
                seconds(spent),
                times(spent)
            )
        };
        let history = whole.server.saturating_sub(cold.server);
        let own = |spent: &Spent| spent.own.as_secs_f64() * 1e3 / (plans * RATIOS) as f64;
        println!(
            "| {name} | {series} | {:.1} s | {} | {} | {:.1} s, {:.2} x | {:.2} ms (under {own_bar}) | {:.2} ms |",
            seconds(plain.server),
            against(cold.server, bars.cold),
            against(warm.server, bars.warm),
            seconds(history),
            times(history),
            own(cold),
            own(warm),
        );
        [
            ("check, cold", times(cold.server), bars.cold),
            ("check, warm", times(warm.server), bars.warm),
            ("own time in ms", own(cold), own_bar),
        ]
        .into_iter()
        .filter(|(_, value, bar)| value > bar)
        .map(|(what, value, bar)| {
            format!("{name}, {series} series, {what}: {value:.2}, at most {bar}")
        })
        .collect()
    }
}

fn median(rounds: &[Spent]) -> Spent {
    let middle = |of: fn(&Spent) -> Duration| {
        let mut times: Vec<Duration> = rounds.iter().map(of).collect();
        times.sort();
        times[times.len() / 2]
    };
    Spent {
        server: middle(|one| one.server),
        own: middle(|one| one.own),
    }
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
