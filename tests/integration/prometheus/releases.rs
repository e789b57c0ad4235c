//! Arms that change with each release, as teams have them: hashes of pods, versions in a mesh, attributes
//! of OpenTelemetry. Each plan goes through a stage on a real server, and in its middle the release is
//! built anew.

use rollout::plan::{ArmValue, Arms, Column, Compared, Kind, Pattern, TimeUnit};

use crate::prometheus::shop::collect_at;
use crate::support::openmetrics::{Metrics, SCRAPE, START};
use crate::support::plans::{at, guardrail, plan, selectors};
use crate::support::remote_write::{Counts, Native, Plain, write, write_plain};
use crate::support::server::{Options, Server};
use crate::support::victoria::Victoria;
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

/// When the release is built anew.
const REBUILT: i64 = 4 * HOUR;

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(START + seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// What a process that lived from here to there has counted, so much at each scrape.
fn lived(from: i64, until: i64, per_scrape: f64) -> impl Fn(i64) -> Option<f64> {
    move |t| {
        let lives = (from..until).contains(&t);
        lives.then(|| ((t - from) as f64 / SCRAPE as f64 * per_scrape).floor())
    }
}

/// From when to when the first build, the second one and the old release live, and their requests a
/// scrape.
const LIVES: [(i64, i64, f64); 3] = [
    (0, REBUILT, 30.0),
    (REBUILT, 10 * HOUR, 30.0),
    (0, 10 * HOUR, 270.0),
];

fn metrics(label: &str, values: [&str; 3], more: &str) -> Metrics {
    let mut metrics = Metrics::new(10);
    for (value, (from, until, rate)) in values.into_iter().zip(LIVES) {
        let labels = format!("{label}=\"{value}\",pod=\"{value}-x7\"{more}");
        for (name, share) in [
            ("requests_total", 1.0),
            ("errors_total", 0.01),
            ("assignments_total", 0.1),
        ] {
            metrics = metrics.counter(name, &labels, lived(from, until, rate * share));
        }
    }
    metrics
}

/// A plan's selectors and arms.
struct Release<'a> {
    events: &'a str,
    total: &'a str,
    users: Option<&'a str>,
    label: &'a str,
    first: &'a str,
    second: &'a str,
    unexposed: &'a str,
}

impl Release<'_> {
    fn plan(&self) -> String {
        let Self {
            events,
            total,
            label,
            first,
            unexposed,
            ..
        } = self;
        let users = self.users.map_or_else(String::new, |users| {
            format!("\n[assignment]\nusers = '{users}'\n")
        });
        format!(
            "[[stages]]\nexposure = 10\nmin_duration = \"2h\"\nrule_out = \"2x\"\n\n[[stages]]\nexposure = 50\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"50%\"\nratio = {{ events = '{events}', total = '{total}' }}\n\n[arms]\nlabel = \"{label}\"\nexposed = {first}\nunexposed = {unexposed}\n{users}"
        )
    }

    /// Into the first stage, through a new build in its middle, and out of it.
    fn goes_through(&self, url: &str) {
        let rollout = Rollout::new()
            .file("rollouts/config.toml", "")
            .file("rollouts/shop.toml", &self.plan());
        let run = |rollout: &Rollout, command: &str, seconds: i64| -> Output {
            let now = rfc(seconds);
            rollout.run([command, "--now", &now, "--prometheus-url", url])
        };
        run(&rollout, "advance", HOUR + 7).exits(0);
        let held = run(&rollout, "advance", 2 * HOUR + 7);
        held.exits(3);
        assert!(!held.stdout.contains("changed within"), "{held}");
        run(&rollout, "doctor", 3 * HOUR + 7).exits(0);

        let text = rollout.read("rollouts/shop.toml");
        let other = text.replacen(
            &format!("exposed = {}", self.first),
            &format!("exposed = {}", self.second),
            1,
        );
        assert_ne!(text, other);
        let rollout = rollout.file("rollouts/shop.toml", &other);
        let seen = run(&rollout, "check", REBUILT + HOUR / 2 + 7);
        let restarted = run(&rollout, "advance", REBUILT + HOUR / 2 + 7);
        let what = if self.users.is_some() {
            "errors and assignment"
        } else {
            "errors"
        };
        for output in [seen, restarted] {
            output.exits(3);
            let said = output
                .stdout
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let expected = format!("the definition of {what} changed within the stage");
            assert!(said.contains(&expected), "{output}");
        }
        let again = run(&rollout, "advance", REBUILT + HOUR / 2 + 607);
        again.exits(3);
        assert!(!again.stdout.contains("changed within"), "{again}");
        run(&rollout, "advance", REBUILT + 4 * HOUR + 7).exits(0);
        let text = rollout.read("rollouts/shop.toml");
        assert!(text.contains("stage = 2"), "{text}");
    }
}

const PODS: Release<'_> = Release {
    events: "errors_total",
    total: "requests_total",
    users: Some("assignments_total"),
    label: "rollouts_pod_template_hash",
    first: "\"6d5f9c7b8d\"",
    second: "\"58f4d9c6bb\"",
    unexposed: "\"7c9bb4d5f7\"",
};

fn pods() -> Metrics {
    metrics(PODS.label, ["6d5f9c7b8d", "58f4d9c6bb", "7c9bb4d5f7"], "")
}

#[test]
fn pods_that_change_their_hash_go_through_a_stage() {
    let server = Server::start(pods());
    PODS.goes_through(server.url());
}

#[test]
fn pods_that_change_their_hash_go_through_a_stage_on_victoria_metrics() {
    let server = Victoria::start(&pods());
    Release {
        first: "{ regex = \"6d5f9.+\" }",
        second: "{ regex = \"58f4d.+|nothing\" }",
        unexposed: "{ regex = \"7c9b{2}4d5f7\" }",
        ..PODS
    }
    .goes_through(&server.url());
}

#[test]
fn versions_in_a_mesh_go_through_a_stage() {
    let metrics = metrics(
        "destination_version",
        ["v2.1.0-rc1", "v2.1.0-rc2", "v2.0.3"],
        ",reporter=\"destination\"",
    );
    let server = Server::start(metrics);
    Release {
        events: "errors_total{reporter=\"destination\"}",
        total: "requests_total{reporter=\"destination\"}",
        users: None,
        label: "destination_version",
        first: "{ regex = 'v2\\.1\\.0-rc1' }",
        second: "{ regex = 'v2\\.1\\.0-rc[2-9]' }",
        unexposed: "{ regex = 'v2\\.0\\..+' }",
    }
    .goes_through(server.url());
}

#[test]
fn attributes_of_open_telemetry_go_through_a_stage() {
    let Some(server) = Server::three(&["--web.enable-remote-write-receiver"]) else {
        return;
    };
    let mut series = Vec::new();
    for (version, (from, until, rate)) in ["2.1.0+1", "2.1.0+2", "2.0.3"].into_iter().zip(LIVES) {
        for (code, share) in [("200", 0.99), ("503", 0.01)] {
            let labels = [
                ("__name__", "http.server.requests_total"),
                ("service.version", version),
                ("deployment.environment.name", "production"),
                ("http.response.status_code", code),
                ("service.instance.id", version),
            ];
            series.push(Plain {
                labels: labels
                    .map(|(name, value)| (name.into(), value.into()))
                    .to_vec(),
                value: Box::new(lived(from, until, rate * share)),
            });
        }
    }
    write_plain(&server, &series, 10);
    Release {
        events: r#"{"http.server.requests_total", "deployment.environment.name"="production", "http.response.status_code"=~"5.."}"#,
        total: r#"{"http.server.requests_total", "deployment.environment.name"="production"}"#,
        users: None,
        label: "service.version",
        first: "{ regex = '2\\.1\\.0\\+1' }",
        second: "{ regex = '2\\.1\\.0\\+[2-9]' }",
        unexposed: "'2.0.3'",
    }
    .goes_through(server.url());
}

/// Ten observations a scrape, of which one is the slowest.
fn observed(scrapes: i64) -> Counts {
    let scrapes = u64::try_from(scrapes).unwrap();
    [(-10, 1), (-9, 2), (-8, 4), (-7, 2), (-4, 1)]
        .map(|(index, weight)| (index, weight * scrapes))
        .to_vec()
}

#[test]
fn native_histograms_of_several_values_are_one_arm() {
    let server = Server::empty(&Options {
        arguments: vec![
            "--enable-feature=native-histograms".into(),
            "--web.enable-remote-write-receiver".into(),
        ],
        ..Options::default()
    });
    // The last two fit in part alone.
    let of = ["7f9c-a", "7f9c-b", "5b1d-a", "x7f9c-a", "5b1d-ab"].map(|version| Native {
        labels: [("__name__", "native_seconds"), ("version", version)]
            .map(|(name, value)| (name.into(), value.into()))
            .to_vec(),
        counts: Box::new(|t| Some(observed(t / SCRAPE + 100))),
    });
    write(&server, &of, 3);
    let latency = guardrail(
        "native",
        Kind::Latency {
            quantile: 0.9,
            compare: Compared::Share,
            unit: TimeUnit::Seconds,
        },
        selectors(&[(Column::Histogram, "native_seconds")]),
    );
    let mut plan = plan(HOUR / 2, vec![latency]);
    plan.arms = Arms {
        label: "version".into(),
        exposed: ArmValue::Regex(Pattern::parse("7f9c-[ab]").unwrap()),
        unexposed: ArmValue::Regex(Pattern::parse("5b1d-.").unwrap()),
    };
    let snapshot = collect_at(server.url(), &plan, at(3 * HOUR - 60)).unwrap();
    let series = &snapshot.guardrails["native"];
    assert_eq!(series.issues, []);
    for (arm, pods) in [(&series.exposed, 2.0), (&series.unexposed, 1.0)] {
        // 20 scrapes of ten observations a block.
        let (_, all) = arm.buckets.last().unwrap();
        assert!(all.len() > 20);
        assert!(all.iter().all(|n| *n == Some(200.0 * pods)), "{all:?}");
    }
}

#[test]
fn a_value_of_both_arms_is_inconclusive_and_says_what_to_write() {
    let server = Server::start(pods());
    let state = format!(
        "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n",
        rfc(HOUR)
    );
    let overlapping = Release {
        first: "{ regex = \"6d.+\" }",
        unexposed: "{ regex = \"7c.+|.*8d\" }",
        ..PODS
    };
    let rollout = Rollout::new().file("rollouts/config.toml", "").file(
        "rollouts/shop.toml",
        &format!("{}{state}", overlapping.plan()),
    );
    rollout.run(["validate"]).exits(0);
    let now = rfc(3 * HOUR + 7);
    for command in ["check", "advance", "doctor"] {
        let output = rollout.run([command, "--now", &now, "--prometheus-url", server.url()]);
        output.exits(6);
        let said = output
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            said.contains("rollouts_pod_template_hash=\"6d5f9c7b8d\"") && said.contains("[arms]"),
            "{output}"
        );
    }
}
