//! The records below `examples`: they are written by the program, from what a Prometheus
//! with days of traffic in it says, and every one of them can be replayed.
//!
//! `UPDATE_DOCUMENTS=1 cargo test --test integration documents` lets the rollouts of
//! `examples/audit` happen again and keeps what is written then, after a change of the judge for
//! example.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta};
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Binomial, Distribution as _, Poisson};
use rand_pcg::Pcg64;
use rollout::plan::{State, declared_part, state_of};

use super::support::openmetrics::{Metrics, SCRAPE, START};
use super::support::server::Server;
use super::support::{Rollout, copy};

const CHECKOUT: &str = "one-page-checkout";
const GIFTS: &str = "gift-cards";

/// What Prometheus says at a step.
const NOW: &str = "now.json";

/// Minutes from the start of all fixtures to the first step, 2026-01-05 at nine.
const FIRST: i64 = (4 * 24 + 9) * 60;

/// What happens: minutes after the first step, and what is typed. Where Prometheus has something to
/// say by then, it is asked.
const STEPS: [(i64, &[&str]); 11] = [
    (0, &["advance"]),
    (3 * 60 + 30, &["advance"]),
    (5 * 60, &["advance"]),
    (
        15 * 60,
        &["pause", CHECKOUT, "--reason", "tickets about addresses"],
    ),
    (
        16 * 60 + 30,
        &["resume", CHECKOUT, "--reason", "not the new page's fault"],
    ),
    (24 * 60 + 15, &["advance"]),
    (
        26 * 60,
        &["retry", GIFTS, "--reason", "rounding fixed in 4f2a91c"],
    ),
    (26 * 60 + 15, &["advance"]),
    (
        48 * 60 + 30,
        &["approve", CHECKOUT, "--reason", "sales agree"],
    ),
    (48 * 60 + 45, &["advance"]),
    (73 * 60, &["advance"]),
];

/// Percent of a plan's users that are exposed from a step's minute on, as the steps above lead to.
const CHECKOUT_EXPOSURE: [(i64, f64); 3] = [(0, 1.0), (24 * 60 + 15, 10.0), (48 * 60 + 45, 100.0)];
const GIFTS_EXPOSURE: [(i64, f64); 4] = [
    (0, 5.0),
    (3 * 60 + 30, 0.0),
    (26 * 60 + 15, 5.0),
    (73 * 60, 50.0),
];

fn audit() -> PathBuf {
    examples().join("audit")
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// What lies between two scrapes, by arm: how many, and how many of them count.
struct Arms {
    total: [Vec<f64>; 2],
    events: [Vec<f64>; 2],
}

/// Counters of one kind of event: so many a second, of which a share counts, times a factor among
/// the exposed by minute. More by day than by night, and never the same twice.
fn counters(
    seed: u64,
    per_second: f64,
    share: f64,
    exposure: &[(i64, f64)],
    harm: impl Fn(i64) -> f64,
) -> Arms {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut arms = Arms {
        total: [Vec::new(), Vec::new()],
        events: [Vec::new(), Vec::new()],
    };
    let mut sums = [[0.0; 2]; 2];
    for scrape in 0..(FIRST + 74 * 60) * 60 / SCRAPE {
        let minute = scrape * SCRAPE / 60 - FIRST;
        let begun = exposure.iter().rev().find(|(from, _)| *from <= minute);
        let exposed = begun.map_or(0.0, |(_, percent)| percent / 100.0);
        let day = (scrape as f64 * SCRAPE as f64 / 86_400.0 * std::f64::consts::TAU).sin();
        let minutes_own = 1.0 + 0.1 * (random.random::<f64>() - 0.5);
        let all = per_second * SCRAPE as f64 * (1.0 - 0.3 * day) * minutes_own;
        for (arm, (part, factor)) in [(exposed, harm(minute)), (1.0 - exposed, 1.0)]
            .into_iter()
            .enumerate()
        {
            if part > 0.0 {
                let total: f64 = Poisson::new(all * part).unwrap().sample(&mut random);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a count as floating point is whole and not below zero"
                )]
                let events = Binomial::new(total as u64, share * factor).unwrap();
                sums[arm][0] += total;
                sums[arm][1] += events.sample(&mut random) as f64;
            }
            arms.total[arm].push(sums[arm][0]);
            arms.events[arm].push(sums[arm][1]);
        }
    }
    arms
}

/// The traffic of both plans, from a day before the first step on.
fn traffic() -> Metrics {
    let begin = (FIRST - 24 * 60) * 60;
    let mut metrics = Metrics::new((FIRST / 60 + 74 + 1) / 2 * 2);
    let bad_until = 26 * 60;
    let worse = move |minute: i64| if minute < bad_until { 2.5 } else { 1.0 };
    let same = |_: i64| 1.0;
    let all = [
        (
            ("checkout", "http_requests_total", r#"code="200""#),
            ("http_requests_total", r#"code="500""#),
            counters(1, 100.0, 0.01, &CHECKOUT_EXPOSURE, same),
        ),
        (
            ("checkout", "checkouts_started_total", ""),
            ("orders_total", ""),
            counters(2, 5.0, 0.55, &CHECKOUT_EXPOSURE, same),
        ),
        (
            ("gift-cards", "http_requests_total", r#"code="200""#),
            ("http_requests_total", r#"code="500""#),
            counters(3, 40.0, 0.01, &GIFTS_EXPOSURE, worse),
        ),
    ];
    for ((app, total, total_labels), (events, events_labels), arms) in &all {
        // Requests are counted by status code, so those that failed are not among the others.
        let apart = total == events;
        for (arm, variant) in ["treatment", "control"].iter().enumerate() {
            let labels = |more: &str| {
                let comma = if more.is_empty() { "" } else { "," };
                format!("app=\"{app}\",variant=\"{variant}\"{comma}{more}")
            };
            let at = |t: i64| usize::try_from(t / SCRAPE).unwrap();
            let (all_of, some_of) = (&arms.total[arm], &arms.events[arm]);
            metrics = metrics
                .counter(total, &labels(total_labels), |t| {
                    let failed = if apart { *some_of.get(at(t))? } else { 0.0 };
                    Some(all_of.get(at(t))? - failed).filter(|_| t >= begin)
                })
                .counter(events, &labels(events_labels), |t| {
                    some_of.get(at(t)).copied().filter(|_| t >= begin)
                });
        }
    }
    metrics
}

/// Lets it all happen, on a real Prometheus.
fn happen() -> Rollout {
    let server = Server::start(traffic());
    let mut rollout = Rollout::new();
    copy(&audit(), &rollout.path());
    let _none = std::fs::remove_dir_all(rollout.path().join("rollouts/.evidence"));
    for plan in [CHECKOUT, GIFTS] {
        let file = format!("rollouts/{plan}.toml");
        let declared = declared_part(&rollout.read(&file)).trim_end().to_owned();
        rollout.write(&file, declared + "\n");
    }
    for (minute, line) in STEPS {
        let at = DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::minutes(FIRST + minute);
        let now = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut line: Vec<&str> = line.to_vec();
        if line == ["advance"] {
            line.extend([CHECKOUT, GIFTS]);
        }
        if ["advance", "approve"].contains(&line[0]) && measured(&rollout, &server, &now) {
            line.extend(["--snapshot", NOW]);
        }
        rollout = rollout.variable("USER", if line[0] == "approve" { "ben" } else { "ann" });
        let output = rollout.run([&line[..], &["--now", &now]].concat());
        assert!(matches!(output.code, Some(0 | 3 | 5)), "{line:?} {output}");
    }
    rollout
}

/// Saves what Prometheus says; false when no plan has anything to measure.
fn measured(rollout: &Rollout, server: &Server, now: &str) -> bool {
    let saved = rollout.path().join(NOW);
    let _none = std::fs::remove_file(&saved);
    let url = server.url();
    let ask = ["check", "--save-snapshot", NOW, "--prometheus-url", url];
    let said = rollout.run([&ask[..], &["--now", now]].concat());
    assert_ne!(said.code, Some(1), "{said}");
    if !saved.is_file() {
        return false;
    }
    // The address of today's server is not part of the story.
    let text = rollout.read(NOW);
    rollout.write(NOW, text.replace(url, "http://prometheus.example:9090"));
    true
}

/// The files of the records, in order.
pub(crate) fn records(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(records(&path));
        } else if path
            .components()
            .any(|part| part.as_os_str() == ".evidence")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What stands in a directory of plans, without the numbers.
fn stands(root: &Path) -> (Vec<PathBuf>, Vec<State>) {
    let names = records(&root.join("rollouts"));
    let names = names
        .iter()
        .map(|path| path.strip_prefix(root).unwrap().to_owned());
    let states = [CHECKOUT, GIFTS].map(|plan| {
        let text = std::fs::read_to_string(root.join(format!("rollouts/{plan}.toml"))).unwrap();
        let mut state = state_of(&text).value.flatten().unwrap();
        state.carried.clear();
        state
    });
    (names.collect(), states.to_vec())
}

/// With `UPDATE_DOCUMENTS`, makes the records of `examples/audit` anew, once in a run of the tests.
pub(crate) fn renewed() {
    static DONE: OnceLock<()> = OnceLock::new();
    if std::env::var_os("UPDATE_DOCUMENTS").is_none() {
        return;
    }
    DONE.get_or_init(|| {
        let rollout = happen();
        let rollouts = audit().join("rollouts");
        let _none = std::fs::remove_dir_all(rollouts.join(".evidence"));
        copy(&rollout.path().join("rollouts"), &rollouts);
    });
}

#[test]
fn the_documents_records_are_what_happens_on_a_real_prometheus() {
    renewed();
    let rollout = happen();
    assert_eq!(stands(&rollout.path()), stands(&audit()));
    rollout.run(["replay"]).exits(0);
}

/// A copy of the example in which every record can be replayed.
pub(crate) fn copied() -> Rollout {
    renewed();
    let rollout = Rollout::new();
    copy(&audit(), &rollout.path());
    rollout
}

#[test]
fn every_record_of_the_examples_can_be_replayed() {
    renewed();
    let mut seen = 0;
    for entry in std::fs::read_dir(examples()).unwrap() {
        let rollouts = entry.unwrap().path().join("rollouts");
        if !rollouts.is_dir() || records(&rollouts).is_empty() {
            continue;
        }
        let count = records(&rollouts).len();
        let directory = rollouts.display().to_string();
        let output = Rollout::new().run(["replay", "--dir", &directory]);
        assert_eq!(
            output.code,
            Some(0),
            "{output}\nwhere the judge was changed on purpose, make the records anew: \
             UPDATE_DOCUMENTS=1 cargo test --test integration documents"
        );
        // One line for each, so that none is left out because no plan names it.
        assert_eq!(
            output.stdout.matches("same     ").count(),
            count,
            "{output}"
        );
        for record in records(&rollouts) {
            let path = record.display().to_string();
            Rollout::new().run(["replay", &path]).exits(0);
        }
        seen += count;
    }
    assert!(seen >= 12, "{seen} records");
}

/// A place in a text and what is put there in place of its byte.
fn changes(seed: u64, text: &[u8], count: usize) -> Vec<Vec<u8>> {
    let mut random = Pcg64::seed_from_u64(seed);
    let change = |_| {
        let mut changed = text.to_vec();
        let at = random.random_range(0..text.len());
        changed[at] ^= random.random_range(1..=u8::MAX);
        changed
    };
    (0..count).map(change).collect()
}

#[test]
fn one_changed_byte_in_a_record_is_found() {
    let rollout = copied();
    for (seed, record) in (1..).zip(records(&rollout.path())) {
        let text = std::fs::read(&record).unwrap();
        let path = record.display().to_string();
        let plan = record.parent().unwrap().file_name().unwrap();
        let changes = changes(seed, &text, 20);
        for changed in &changes {
            std::fs::write(&record, changed).unwrap();
            let alone = rollout.run(["replay", &path]);
            alone.exits(1);
            assert!(
                alone.stdout.contains("DIFFERS") || alone.stderr.contains("UTF-8"),
                "{alone}"
            );
        }
        let chain = rollout.run(["replay", plan.to_str().unwrap()]);
        chain.exits(1);
        assert!(chain.stdout.contains("DIFFERS"), "{chain}");
        std::fs::write(&record, text).unwrap();
    }
    rollout.run(["replay"]).exits(0);
}

#[test]
fn one_changed_byte_in_the_declared_part_of_a_plan_is_found() {
    let rollout = copied();
    for (seed, plan) in [(1, CHECKOUT), (2, GIFTS)] {
        let file = format!("rollouts/{plan}.toml");
        let text = rollout.read(&file);
        let declared = declared_part(&text).len();
        for mut changed in changes(seed, &text.as_bytes()[..declared], 30) {
            changed.extend(&text.as_bytes()[declared..]);
            rollout.write(&file, &changed);
            let output = rollout.run(["replay", plan]);
            assert!(
                matches!(output.code, Some(1 | 2)),
                "{} {output}",
                String::from_utf8_lossy(&changed)
            );
        }
        rollout.write(&file, text);
    }
    rollout.run(["replay"]).exits(0);
}

#[test]
fn a_removed_record_and_one_put_in_its_place_are_found() {
    let rollout = copied();
    let all = records(&rollout.path());
    for (at, record) in all.iter().enumerate() {
        let text = std::fs::read(record).unwrap();
        std::fs::remove_file(record).unwrap();
        let output = rollout.run(["replay"]);
        output.exits(1);
        let name = record.file_name().unwrap().to_str().unwrap();
        assert!(
            output.stdout.contains(&format!("{name} is missing")),
            "{output}"
        );
        let other = &all[(at + 1) % all.len()];
        std::fs::copy(other, record).unwrap();
        rollout.run(["replay"]).exits(1);
        std::fs::write(record, text).unwrap();
    }
    rollout.run(["replay"]).exits(0);
}
