//! What is kept between runs: less is asked, the same is said, and nobody else reads it.

use std::path::{Path, PathBuf};

use crate::prometheus::histories::history;
use crate::support::openmetrics::{Metrics, START};
use crate::support::shared::Shared;
use crate::support::victoria::Victoria;
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

/// Twelve series of requests of both arms, over a day.
static SHOP: Shared = Shared::of(metrics);

fn metrics() -> Metrics {
    let mut metrics = Metrics::new(26);
    for pod in 0..6 {
        for arm in ["treatment", "control"] {
            let samples: Vec<(i64, f64)> = (0..26 * HOUR / 15)
                .map(|k| ((START + k * 15 + 4) * 1_000, (k * (pod + 7)) as f64))
                .collect();
            let labels = format!("app=\"shop\",variant=\"{arm}\",pod=\"{arm}-{pod}\"");
            metrics = metrics.samples("requests_total", &labels, &samples);
            let labels = format!("app=\"shop\",code=\"500\",variant=\"{arm}\",pod=\"{arm}-{pod}\"");
            let errors: Vec<(i64, f64)> = samples
                .iter()
                .map(|(at, value)| (*at, (value / 100.0).floor()))
                .collect();
            metrics = metrics.samples("errors_total", &labels, &errors);
        }
    }
    metrics
}

fn instant(seconds: i64) -> String {
    let at = chrono::DateTime::from_timestamp(START + seconds, 0).unwrap();
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn sandbox(config: &str) -> Rollout {
    let server = SHOP.get();
    let url = server.url().to_owned();
    let entered = instant(8 * HOUR);
    Rollout::new()
        .asking(server)
        .file(
            "rollouts/config.toml",
            &format!("[prometheus]\nurl = \"{url}\"\n{config}\n[judge]\npreflight = false\n"),
        )
        .file(
            "rollouts/shop.toml",
            &format!(
                "[[stages]]\nexposure = 50\nmin_duration = \"3d\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = {{ events = 'errors_total{{app=\"shop\"}}', total = 'requests_total{{app=\"shop\"}}', worse = \"higher\" }}\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 50.0\nentered_at = {entered}\n"
            ),
        )
}

/// A check as of a time of the day.
fn check(rollout: &Rollout, at: i64, more: &[&str]) -> Output {
    let now = instant(at);
    let mut arguments = vec!["check", "-v", "--format", "json", "--now", &now];
    arguments.extend(more);
    let output = rollout.run(arguments);
    output.exits(3);
    output
}

/// What is said, but for the queries.
fn said(output: &Output) -> serde_json::Value {
    let mut report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    for guardrail in report["plans"][0]["guardrails"].as_array_mut().unwrap() {
        guardrail.as_object_mut().unwrap().remove("queries");
    }
    report
}

/// How many points were asked for by range queries, as the log tells.
fn points(output: &Output) -> usize {
    let points = |line: &str| -> Option<usize> {
        let (_, rest) = line.split_once("points=")?;
        rest.split(' ').next()?.parse().ok()
    };
    output.stderr.lines().filter_map(points).sum()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// Of each counter one file has what it said at the ends of blocks, and a short one how it is scraped.
fn blocks(folder: &Path) -> Vec<PathBuf> {
    let is_long = |path: &PathBuf| std::fs::metadata(path).unwrap().len() > 200;
    entries(folder).into_iter().filter(is_long).collect()
}

/// How many questions there were that no range query asks, as the log tells.
fn instants(output: &Output) -> usize {
    let asked = output.stderr.lines();
    asked.filter(|line| line.contains("api=\"query\"")).count()
}

/// A plan whose cache lies in its working directory.
fn cached(config: &str) -> (Rollout, PathBuf) {
    let rollout = sandbox(config);
    let caches = rollout.path().join("caches");
    let folder = caches.join("rollout");
    let rollout = rollout.variable("XDG_CACHE_HOME", caches.to_str().unwrap());
    (rollout, folder)
}

#[test]
fn a_warm_run_asks_for_less_and_says_the_same() {
    let (rollout, folder) = cached("");
    let cold = check(&rollout, 20 * HOUR, &[]);
    assert_eq!((entries(&folder).len(), blocks(&folder).len()), (6, 4));
    let warm = check(&rollout, 20 * HOUR + 600, &[]);
    let without = check(&rollout, 20 * HOUR + 600, &["--no-cache"]);
    assert_eq!(said(&warm), said(&without));
    assert!(points(&cold) > 0 && points(&without) > points(&cold));
    assert!(points(&warm) * 4 < points(&without), "{}", warm.stderr);
    // How counters are scraped is asked once an hour; how many series there are before a past is asked for.
    assert_eq!(instants(&warm), 2, "{}", warm.stderr);
    assert_eq!(instants(&cold), instants(&without));
    let later = check(&rollout, 21 * HOUR, &[]);
    assert_eq!(instants(&later), instants(&cold), "{}", later.stderr);
}

#[test]
fn before_traffic_moves_everything_is_asked_for() {
    let (rollout, _) = cached("");
    let plan = rollout.read("rollouts/shop.toml");
    let plan = plan.replace("\"3d\"", "\"12h\"\nrule_out = \"nothing\"");
    rollout.write("rollouts/shop.toml", plan);
    let now =
        |at: i64| ["check", "-v", "--format", "json", "--now", &instant(at)].map(String::from);
    let _ = rollout.run(now(19 * HOUR)).exits(3);
    let warm = rollout.run(now(19 * HOUR + 600));
    warm.exits(3);
    // The stage's least time is over.
    let moving = rollout.run(now(20 * HOUR + 600));
    moving.exits(0);
    let cold = rollout.run(
        now(20 * HOUR + 600)
            .into_iter()
            .chain(["--no-cache".to_owned()]),
    );
    assert_eq!(said(&moving), said(&cold));
    assert!(points(&moving) > points(&cold), "{}", moving.stderr);
    assert!(instants(&moving) > instants(&warm), "{}", moving.stderr);
    assert!(points(&warm) * 4 < points(&cold));
}

#[test]
fn without_a_cache_nothing_is_written() {
    let none: &[&str] = &[];
    for (config, flags) in [("cache = false", none), ("", &["--no-cache"][..])] {
        let (rollout, folder) = cached(config);
        check(&rollout, 20 * HOUR, flags).exits(3);
        assert!(!folder.exists());
    }
    // Without a home there is no place for one.
    let rollout = sandbox("").variable("HOME", "");
    let output = check(&rollout, 20 * HOUR, &[]);
    assert!(output.stderr.contains("nothing is cached"), "{output}");
}

#[test]
fn another_tenant_reads_nothing_of_the_first() {
    let (rollout, folder) = cached("headers = { X-Scope-OrgID = { env = \"TENANT\" } }");
    let first = rollout.variable("TENANT", "team-a");
    let cold = points(&check(&first, 20 * HOUR, &[]));
    let kept = entries(&folder);
    let second = first.variable("TENANT", "team-b");
    assert_eq!(points(&check(&second, 20 * HOUR, &[])), cold);
    let both = entries(&folder);
    assert_eq!((kept.len(), both.len()), (6, 12));
    assert!(kept.iter().all(|path| both.contains(path)));
}

#[test]
fn a_torn_and_a_foreign_file_are_written_over() {
    let (rollout, folder) = cached("");
    let cold = check(&rollout, 20 * HOUR, &[]);
    let [one, other, others @ ..] = <[_; 4]>::try_from(blocks(&folder)).unwrap();
    for path in others {
        std::fs::remove_file(path).unwrap();
    }
    let whole = std::fs::read(&one).unwrap();
    let name = one.strip_prefix(rollout.path()).unwrap().to_str().unwrap();
    rollout.write(name, &whole[..whole.len() / 2]);
    std::fs::copy(&one, &other).unwrap();
    let again = check(&rollout, 20 * HOUR, &[]);
    assert_eq!((said(&again), points(&again)), (said(&cold), points(&cold)));
    assert_eq!(std::fs::read(&one).unwrap().len(), whole.len());
    assert!(points(&check(&rollout, 20 * HOUR, &[])) * 4 < points(&cold));
}

#[test]
fn a_place_that_takes_no_files_is_no_trouble() {
    let (rollout, folder) = cached("");
    let cold = said(&check(&rollout, 20 * HOUR, &[]));
    for path in entries(&folder) {
        std::fs::remove_file(path).unwrap();
    }
    std::fs::remove_dir(&folder).unwrap();
    // Root may write anywhere, but not below a file.
    rollout.write("caches/rollout", "");
    let output = check(&rollout, 20 * HOUR, &[]);
    assert_eq!(said(&output), cold);
    assert!(output.stderr.contains("nothing is cached"), "{output}");
    // No file may grow: what a full disk does.
    std::fs::remove_file(&folder).unwrap();
    let now = instant(20 * HOUR);
    let output = rollout
        .command("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\" | cat"])
        .arg(env!("CARGO_BIN_EXE_rollout"))
        .args(["check", "--format", "json", "--now", &now])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["exit"], 3, "{report}");
    assert!(entries(&folder).is_empty(), "{:?}", entries(&folder));
}

#[test]
fn runs_at_once_leave_whole_files() {
    let (rollout, folder) = cached("");
    let expected = said(&check(&rollout, 20 * HOUR, &["--no-cache"]));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| assert_eq!(said(&check(&rollout, 20 * HOUR, &[])), expected));
        }
    });
    assert_eq!(entries(&folder).len(), 6);
    let warm = check(&rollout, 20 * HOUR, &[]);
    assert_eq!(said(&warm), expected);
    assert!(points(&warm) < 200, "{}", warm.stderr);
}

/// Births, restarts, crash loops and outages, and every seventh third of an hour of a series arrives an hour
/// late, when newer samples are there already.
#[test]
fn victoria_metrics_says_the_same_with_what_is_kept_though_samples_are_late() {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for seed in 0..2 {
        for (number, one) in history(seed, 36, 27).into_iter().enumerate() {
            let labels = format!(
                "app=\"shop\",variant=\"{}\",pod=\"{seed}-{}\",code=\"{}\"",
                one.arm, one.pod, one.code
            );
            for (at_ms, value) in one.samples {
                let at = at_ms / 1_000;
                let is_late = (at / 1_200 + i64::try_from(number).unwrap()) % 7 == 0;
                let due = if is_late { at + HOUR } else { at };
                let line = format!("x_total{{{labels}}} {value} {at_ms}\n");
                lines.push((due - START, line));
            }
        }
    }
    lines.sort();
    let server = Victoria::start(&Metrics::new(2));
    let (rollout, folder) = cached("");
    let plan = rollout.read("rollouts/shop.toml");
    let plan = plan
        .replace("errors_total{app=\"shop\"}", "x_total{code!=\"200\"}")
        .replace("requests_total{app=\"shop\"}", "x_total")
        // What moves traffic is asked about again.
        .replace(
            "margin = \"10%\"",
            "margin = \"10%\"\non_breach = \"pause\"",
        )
        .replace(&instant(8 * HOUR), &instant(27 * HOUR));
    rollout.write("rollouts/shop.toml", plan);
    let rollout = rollout.variable("ROLLOUT_PROMETHEUS_URL", &server.url());
    let mut rest = lines.as_slice();
    let (mut runs, mut cheaper) = (0, 0);
    for now in (27 * HOUR + 1_900..34 * HOUR).step_by(34 * 60) {
        let arrived = rest.partition_point(|(due, _)| *due <= now);
        let text: String = rest[..arrived]
            .iter()
            .map(|(_, line)| line.as_str())
            .collect();
        server.import(&text);
        rest = &rest[arrived..];
        let now = instant(now);
        let arguments = ["check", "-v", "--format", "json", "--now", &now];
        let kept = rollout.run(arguments);
        let asked = rollout.run(arguments.into_iter().chain(["--no-cache"]));
        assert_eq!(said(&kept), said(&asked), "{now}");
        runs += 1;
        cheaper += usize::from(points(&kept) < points(&asked));
    }
    assert_eq!(blocks(&folder).len(), 4);
    assert!(cheaper * 2 > runs, "{cheaper} of {runs}");
}
