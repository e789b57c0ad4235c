//! What interrupts a counter: crash loops, gaps, targets that go, births late and early.

use rollout::plan::{Column, Guardrail, Kind, Plan};
use rollout::snapshot::{GuardrailSeries, Series};
use rollout::units::{Period, Worse};

use crate::prometheus::shop::collect_at;
use crate::support::openmetrics::{Metrics, START};
use crate::support::plans::{at, guardrail, plan, selectors};
use crate::support::remote_write::{Plain, write_plain};
use crate::support::server::{Options, Server};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// When the stage begins: after a day that can be remembered.
const ENTERED: i64 = 26 * HOUR;

/// What the tests look at: half of a stage's day.
const NOW: i64 = ENTERED + 12 * HOUR;

type Samples = Vec<(i64, f64)>;

/// A counter scraped so often, in seconds, from one time to another; `None` is a scrape that failed.
fn scraped(every: i64, from: i64, until: i64, value: impl Fn(i64) -> Option<f64>) -> Samples {
    (from / every..until / every)
        .map(|k| k * every + 4)
        .filter_map(|t| Some(((START + t) * 1_000, value(t)?)))
        .collect()
}

/// One request a second, of a life.
fn steady(t: i64) -> Option<f64> {
    Some(t as f64)
}

/// A counter at one request a second that is not scraped in a window.
fn gap(from: i64, until: i64) -> Samples {
    let missing = from..until;
    scraped(15, 0, NOW, |t| steady(t).filter(|_| !missing.contains(&t)))
}

/// Another series of the same arm that goes on, and one of the other arm.
fn with_others(metrics: Metrics, app: &str) -> Metrics {
    let samples = scraped(15, 0, NOW, steady);
    metrics
        .samples(
            "x_total",
            &format!("app=\"{app}\",variant=\"treatment\",pod=\"other\""),
            &samples,
        )
        .samples(
            "x_total",
            &format!("app=\"{app}\",variant=\"control\",pod=\"c\""),
            &samples,
        )
}

fn with(metrics: Metrics, app: &str, samples: &Samples) -> Metrics {
    let labels = format!("app=\"{app}\",variant=\"treatment\",pod=\"a\"");
    with_others(metrics, app).samples("x_total", &labels, samples)
}

/// Everything as a sum, so that nothing is filled in.
fn app(name: &str) -> Guardrail {
    let selector = format!("x_total{{app=\"{name}\"}}");
    let columns = [
        (Column::Sum, selector.as_str()),
        (Column::Count, selector.as_str()),
    ];
    guardrail(
        name,
        Kind::Mean {
            worse: Worse::Higher,
        },
        selectors(&columns),
    )
}

fn in_blocks(names: &[&str], block: i64) -> Plan {
    let mut plan = plan(ENTERED, names.iter().map(|name| app(name)).collect());
    plan.judge.block = Some(Period::from_seconds(u32::try_from(block).unwrap()));
    plan
}

fn exposed(series: &GuardrailSeries) -> &Series {
    assert_eq!(series.issues, []);
    series.exposed.column(Column::Sum).unwrap()
}

/// What pod `a` adds to the other one, which counts one request a second.
fn beside_the_other(series: &GuardrailSeries, block: i64) -> Vec<f64> {
    exposed(series)
        .iter()
        .map(|value| value.unwrap() - block as f64)
        .collect()
}

#[test]
fn a_pod_that_restarts_every_two_minutes_counts_what_it_served() {
    let life = 130;
    let looping = scraped(10, 0, NOW, |t| Some((t % life) as f64));
    let server = Server::start(with(Metrics::new(40), "loop", &looping));
    let snapshot = collect_at(server.url(), &in_blocks(&["loop"], 300), at(NOW)).unwrap();
    let found: f64 = beside_the_other(&snapshot.guardrails["loop"], 300)
        .iter()
        .sum();
    let span = (START + ENTERED) * 1_000..(START + NOW) * 1_000;
    let (mut truth, mut last) = (0.0, None);
    for (at, value) in looping.iter().filter(|(at, _)| span.contains(at)) {
        truth += last.map_or(
            0.0,
            |last| if *value >= last { value - last } else { *value },
        );
        last = Some(*value);
        assert!(*at > 0);
    }
    assert!(truth > 30_000.0);
    assert!(
        (0.95..=1.0001).contains(&(found / truth)),
        "{found} of {truth}"
    );
}

#[test]
fn what_gaps_of_about_an_hour_hide_is_counted_or_forgotten_and_never_a_spike() {
    let from = ENTERED + 5 * HOUR;
    let gone = ENTERED + 3 * HOUR;
    let seen = |t: i64| {
        t < gone
            || (gone + 10 * MINUTE..gone + 12 * MINUTE).contains(&t)
            || t >= gone + 142 * MINUTE
    };
    let metrics = Metrics::new(40);
    let metrics = with(metrics, "gap-50m", &gap(from, from + 50 * MINUTE));
    let metrics = with(metrics, "gap-71m", &gap(from, from + 71 * MINUTE));
    let metrics = with(metrics, "gap-3h", &gap(from, from + 3 * HOUR));
    let metrics = with(
        metrics,
        "two-minutes",
        &scraped(15, 0, NOW, |t| steady(t).filter(|_| seen(t))),
    );
    // It was there yesterday, and not for two hours before the stage.
    let metrics = with(metrics, "yesterday", &gap(8 * HOUR, ENTERED + 20 * MINUTE));
    let metrics = with(
        metrics,
        "born",
        &scraped(15, ENTERED + 20 * MINUTE, NOW, |t| {
            Some((t - ENTERED) as f64)
        }),
    );
    let server = Server::start(metrics);
    let names = [
        "gap-50m",
        "gap-71m",
        "gap-3h",
        "two-minutes",
        "yesterday",
        "born",
    ];
    let snapshot = collect_at(server.url(), &in_blocks(&names, 300), at(NOW)).unwrap();
    let most = |name: &str| {
        let found = beside_the_other(&snapshot.guardrails[name], 300);
        found.iter().copied().fold(0.0, f64::max)
    };
    let sum = |name: &str| {
        beside_the_other(&snapshot.guardrails[name], 300)
            .iter()
            .sum::<f64>()
    };
    let all = (NOW - ENTERED) as f64;
    assert!(
        (most("gap-50m") - 3_300.0).abs() < 301.0,
        "{}",
        most("gap-50m")
    );
    assert!((sum("gap-50m") - all).abs() < 20.0);
    // What ten minutes hid is counted in the two that were seen.
    for (name, spike, lost) in [
        ("gap-71m", 301.0, 75 * MINUTE),
        ("gap-3h", 301.0, 3 * HOUR),
        ("two-minutes", 721.0, 130 * MINUTE),
    ] {
        assert!(most(name) < spike, "{name}: {}", most(name));
        let found = sum(name);
        assert!(
            (found - (all - lost as f64)).abs() < 310.0,
            "{name}: {found}"
        );
    }
    assert!(most("yesterday") < 301.0, "{}", most("yesterday"));
    // Born 20 minutes after the stage began, with what it had counted by then.
    assert!((most("born") - 1_500.0).abs() < 20.0, "{}", most("born"));
    assert!((sum("born") - all).abs() < 20.0);
    // Whether something was there yesterday is asked for where something is new, and not else.
    let sent = |name: &str| snapshot.guardrails[name].queries.len();
    assert_eq!((sent("gap-3h"), sent("yesterday"), sent("born")), (2, 4, 4));
}

#[test]
fn births_of_more_pods_than_a_query_names_are_births() {
    let mut metrics = with_others(Metrics::new(40), "many");
    let born = ENTERED + 20 * MINUTE;
    for pod in 0..230 {
        let samples = scraped(60, born, born + 30 * MINUTE, |t| {
            Some((t - born + 60) as f64)
        });
        let labels = format!("app=\"many\",variant=\"treatment\",pod=\"p{pod}\"");
        metrics = metrics.samples("x_total", &labels, &samples);
    }
    let server = Server::start(metrics);
    let snapshot = collect_at(server.url(), &in_blocks(&["many"], 300), at(NOW)).unwrap();
    let sum: f64 = beside_the_other(&snapshot.guardrails["many"], 300)
        .iter()
        .sum();
    let each = (29 * MINUTE + 64) as f64;
    assert!((sum - 230.0 * each).abs() < 1.0, "{sum}");
    let counts = snapshot.guardrails["many"].instances.clone().unwrap();
    assert_eq!((counts.exposed, counts.unexposed), (231, 1));
}

#[test]
fn scrapes_rarer_than_blocks_leave_no_block_missing() {
    let minutely = scraped(60, 0, NOW, steady);
    let labels = |variant: &str| format!("app=\"rare\",variant=\"{variant}\",pod=\"a\"");
    let metrics = Metrics::new(40)
        .samples("x_total", &labels("treatment"), &minutely)
        .samples("x_total", &labels("control"), &minutely);
    let server = Server::start(metrics);
    let snapshot = collect_at(server.url(), &in_blocks(&["rare"], 15), at(NOW)).unwrap();
    let found = exposed(&snapshot.guardrails["rare"]);
    assert!(found.iter().all(Option::is_some));
    let sum: f64 = found.iter().flatten().sum();
    assert!((sum - (NOW - ENTERED) as f64).abs() <= 60.0, "{sum}");
    assert!(
        found
            .iter()
            .flatten()
            .all(|value| [0.0, 60.0].contains(value))
    );
}

#[test]
fn a_service_that_dies_is_missing_from_the_next_block_on_and_not_quiet() {
    let died = ENTERED + 30 * MINUTE;
    let mut metrics = Metrics::new(40);
    for (name, scrape) in [("often", 5), ("rarely", 60)] {
        for variant in ["treatment", "control"] {
            let labels = format!("app=\"{name}\",variant=\"{variant}\",pod=\"a\"");
            metrics = metrics.samples("x_total", &labels, &scraped(scrape, 0, died, steady));
        }
    }
    let server = Server::start(metrics);
    for (name, scrapes) in [("often", 0), ("rarely", 3)] {
        let snapshot = collect_at(server.url(), &in_blocks(&[name], 15), at(NOW)).unwrap();
        let found = exposed(&snapshot.guardrails[name]);
        let alive = usize::try_from(30 * MINUTE / 15).unwrap();
        assert!(found[..alive].iter().all(Option::is_some), "{name}");
        let since: Vec<_> = found[alive..].iter().flatten().collect();
        assert!(since.len() <= scrapes + 1, "{name}: {since:?}");
    }
}

/// The marker that Prometheus writes when a target is gone or a scrape fails.
const STALE: u64 = 0x7ff0_0000_0000_0002;

#[test]
fn what_a_pod_counted_before_it_went_is_not_lost() {
    let server = Server::empty(&Options {
        arguments: vec!["--web.enable-remote-write-receiver".into()],
        ..Options::default()
    });
    let series = |pod: &str, variant: &str, end: i64| Plain {
        labels: [
            ("__name__", "x_total"),
            ("app", "ends"),
            ("variant", variant),
            ("pod", pod),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        value: Box::new(move |t| match t {
            t if t < end => Some(t as f64),
            t if t < end + 15 => Some(f64::from_bits(STALE)),
            _ => None,
        }),
    };
    // Pod `a` goes half an hour into an hour.
    let hours = 8;
    let gone = 5 * HOUR + 30 * MINUTE;
    let all = [
        series("a", "treatment", gone),
        series("b", "treatment", hours * HOUR),
        series("c", "control", hours * HOUR),
    ];
    write_plain(&server, &all, hours);
    let mut plan = in_blocks(&["ends"], HOUR);
    plan.state.as_mut().unwrap().entered_at = at(2 * HOUR);
    let snapshot = collect_at(server.url(), &plan, at(hours * HOUR - 30)).unwrap();
    let found = exposed(&snapshot.guardrails["ends"]);
    let usual = 3_600.0;
    assert_eq!(
        found[..3],
        [Some(2.0 * usual), Some(2.0 * usual), Some(2.0 * usual)]
    );
    // The last scrape before it went was at 29:45.
    let half = (30 * MINUTE - 15) as f64;
    assert_eq!(found[3..], [Some(usual + half), Some(usual)]);
}
