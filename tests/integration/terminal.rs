//! Commands as a person runs them: on a real pseudo-terminal (`script`, which every Linux has),
//! with a deadline, since a progress display that waits for a lock waits for ever.

use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::support::Rollout;
use super::support::openmetrics::{Metrics, START};
use super::support::server::Server;

/// Long for the slowest of these commands in a debug build on a busy machine, short for "never".
const DEADLINE: Duration = Duration::from_secs(120);

const PLAN: &str = r#"
[[stages]]
exposure = 10
min_duration = "2h"
rule_out = "2x"

[[stages]]
exposure = 50
min_duration = "2h"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

/// A command on a pseudo-terminal of 80 columns and 24 lines.
struct Terminal {
    child: Child,
    screen: std::thread::JoinHandle<String>,
}

impl Terminal {
    fn start(rollout: &Rollout, arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_rollout");
        let line = format!("stty rows 24 cols 80; exec {program} {arguments}");
        let mut child = rollout
            .command("script")
            .args(["-qefc", &line, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .env_remove("COLUMNS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux is on every Linux");
        let mut stdout = child.stdout.take().unwrap();
        let screen = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A terminal whose last writer is gone ends with an error on some systems.
            let _ = stdout.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Self { child, screen }
    }

    /// Types keys.
    fn types(&mut self, keys: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys).unwrap();
        stdin.flush().unwrap();
    }

    /// The exit code and everything that was drawn.
    fn ends(mut self) -> (Option<i32>, String) {
        let started = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            if started.elapsed() > DEADLINE {
                let _ = self.child.kill();
                panic!("still running after {DEADLINE:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        (code, self.screen.join().unwrap())
    }
}

fn day() -> Metrics {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    Metrics::new(8)
        .counter("requests_total", r#"variant="treatment""#, counter(50.0))
        .counter("requests_total", r#"variant="control""#, counter(50.0))
        .counter("errors_total", r#"variant="treatment""#, counter(0.5))
        .counter("errors_total", r#"variant="control""#, counter(0.5))
}

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[test]
fn every_command_with_a_progress_display_ends_on_a_terminal() {
    let server = Server::start(day());
    let url = format!("--prometheus-url {}", server.url());
    let entered = rfc(START + 3_600);
    let now = format!("--now {}", rfc(START + 5 * 3_600));
    let state = format!(
        "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {entered}\n"
    );
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", &format!("{PLAN}{state}"));
    let backtest = format!(
        "backtest checkout {url} --from {} --to {}",
        rfc(START + 3_600),
        rfc(START + 6 * 3_600)
    );
    for (command, shows) in [
        (
            "simulate checkout --rollouts 8 --rps 20 --baseline 0.01".to_owned(),
            "simulating",
        ),
        (format!("check {url} {now}"), "asking Prometheus"),
        (format!("status --live {url} {now}"), "asking Prometheus"),
        (format!("explain checkout {url} {now}"), "asking Prometheus"),
        (format!("query checkout {url} {now}"), "requests_total"),
        (backtest, "stage 1"),
        (format!("power checkout {url} {now}"), "stage"),
        (
            format!("report checkout --out page.html {url} {now}"),
            "page.html",
        ),
        (format!("advance {url} {now}"), "asking Prometheus"),
        ("demo".to_owned(), "rolled"),
    ] {
        let (code, screen) = Terminal::start(&rollout, &command).ends();
        assert!(
            code.is_some_and(|code| [0, 3].contains(&code)),
            "{command}: {code:?}\n{screen}"
        );
        assert!(screen.contains(shows), "{command}:\n{screen}");
    }
}

#[test]
fn control_c_ends_a_simulation_at_once() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", PLAN);
    let mut terminal = Terminal::start(
        &rollout,
        "simulate checkout --rollouts 100000 --rps 20 --baseline 0.01",
    );
    std::thread::sleep(Duration::from_secs(1));
    let asked = Instant::now();
    terminal.types(b"\x03");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(130), "{screen}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{screen}");
}
