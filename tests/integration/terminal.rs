//! Commands as a person runs them: on a real pseudo-terminal (of `script`, which `tests/run.sh` installs
//! where it is not there), with a deadline, since a progress display that waits for a lock waits for ever.

use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::support::Rollout;
use super::support::openmetrics::{Metrics, START};
use super::support::server::{Server, program};
use super::support::slow::Slow;

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
    screen: Arc<Mutex<Vec<u8>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Terminal {
    fn start(rollout: &Rollout, arguments: &str) -> Self {
        let binary = env!("CARGO_BIN_EXE_rollout");
        let line = format!("stty rows 24 cols 80; exec {binary} {arguments}");
        let mut child = rollout
            .command(program("script"))
            .args(["-qefc", &line, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .env_remove("COLUMNS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let drawn = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // A terminal whose last writer is gone ends with an error on some systems.
            while let Ok(read @ 1..) = stdout.read(&mut bytes) {
                drawn.lock().unwrap().extend_from_slice(&bytes[..read]);
            }
        });
        Self {
            child,
            screen,
            reader,
        }
    }

    /// Everything that was drawn so far.
    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Waits until this is drawn.
    fn shows(&mut self, text: &str) {
        let started = Instant::now();
        while !self.so_far().contains(text) {
            let late = started.elapsed() > DEADLINE || self.child.try_wait().unwrap().is_some();
            assert!(!late, "`{text}` is not drawn: {}", self.so_far());
            std::thread::sleep(Duration::from_millis(20));
        }
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
        // Nobody draws any more once the terminal's last writer is gone.
        self.reader.join().unwrap();
        let bytes = std::mem::take(&mut *self.screen.lock().unwrap());
        (code, String::from_utf8_lossy(&bytes).into_owned())
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

/// Whoever draws may hide the cursor; whoever ends shows it again.
#[track_caller]
fn assert_the_cursor_is_visible(screen: &str) {
    let hidden = screen.rfind("\x1b[?25l");
    let shown = screen.rfind("\x1b[?25h");
    assert!(hidden.is_none() || shown > hidden, "{screen:?}");
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
        (format!("doctor checkout {url} {now}"), "guardrail"),
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
        assert_the_cursor_is_visible(&screen);
    }
}

#[test]
fn who_waits_for_a_slow_server_sees_it_from_the_start_and_the_command_ends() {
    let server = Server::start(day());
    let slow = Slow::before(server.url(), Duration::from_millis(700));
    let url = format!("--prometheus-url {}", slow.url());
    let now = format!("--now {}", rfc(START + 5 * 3_600));
    let state = format!(
        "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n",
        rfc(START + 3_600)
    );
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", &format!("{PLAN}{state}"))
        .file("rollouts/pending.toml", PLAN);
    let (from, to) = (rfc(START + 3_600), rfc(START + 6 * 3_600));
    for (command, answer) in [
        (format!("check checkout {url} {now}"), "stage 1 of 2"),
        (format!("check pending {url} {now}"), "nobody exposed"),
        (format!("doctor checkout {url} {now}"), "guardrail"),
        (
            format!("backtest checkout {url} --from {from} --to {to}"),
            "would have left stage 1",
        ),
        (format!("power checkout {url} {now}"), "stage 1"),
    ] {
        let (code, screen) = Terminal::start(&rollout, &command).ends();
        assert!(
            code.is_some_and(|code| [0, 3].contains(&code)),
            "{command}: {code:?}\n{screen}"
        );
        // Before the first answer, with how many there will be; gone before the command's own answer.
        let drawn = screen.find("asking Prometheus").unwrap_or(usize::MAX);
        let counted = screen.find(" 0/").unwrap_or(usize::MAX);
        let answered = screen.rfind(answer).unwrap_or(0);
        assert!(
            drawn < counted && counted < answered,
            "{command}:\n{screen:?}"
        );
        let last = screen.rfind("asking Prometheus").unwrap();
        assert!(
            screen[last..answered].contains("\x1b[2K"),
            "the last bar is not cleared: {command}:\n{screen:?}"
        );
        assert_the_cursor_is_visible(&screen);
    }
}

#[test]
fn control_c_ends_the_waiting_for_a_slow_server_at_once() {
    let server = Server::start(day());
    let slow = Slow::before(server.url(), Duration::from_secs(20));
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", PLAN);
    let url = format!("--prometheus-url {}", slow.url());
    for command in ["check", "doctor checkout"] {
        let mut terminal = Terminal::start(&rollout, &format!("{command} {url}"));
        terminal.shows("asking Prometheus");
        let asked = Instant::now();
        terminal.types(b"\x03");
        let (code, screen) = terminal.ends();
        assert_eq!(code, Some(130), "{command}: {screen}");
        assert!(
            asked.elapsed() < Duration::from_secs(10),
            "{command}: {screen}"
        );
        assert_the_cursor_is_visible(&screen);
    }
}

/// A plan in its first stage, with an hour of it over.
fn under_way() -> Rollout {
    let state = format!(
        "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n",
        rfc(START + 3_600)
    );
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", &format!("{PLAN}{state}"))
}

#[test]
fn watching_draws_in_place_keeps_the_latest_answer_and_ends_with_what_it_saw() {
    let server = Server::start(day());
    let rollout = under_way();
    let url = server.url().to_owned();
    let now = rfc(START + 2 * 3_600);
    let command = format!("status --watch 1s --prometheus-url {url} --now {now}");
    let mut terminal = Terminal::start(&rollout, &command);
    terminal.shows("errors harm");
    drop(server);
    terminal.shows("no answer since");
    let away = terminal.so_far();
    let away = &away[away.rfind("no answer since").unwrap()..];
    rollout
        .run(["rollback", "checkout", "--reason", "enough"])
        .exits(0);
    let (code, screen) = terminal.ends();
    // Seen while it was watched.
    assert_eq!(code, Some(5), "{screen}");
    assert!(
        screen.contains("checkout: 10 % -> 0 %, rolled back"),
        "{screen}"
    );
    assert!(screen.contains("nothing moves any more"), "{screen}");
    // What was measured stays in the picture, which is drawn over the one before.
    let kept = &screen[screen.find(away).unwrap()..];
    assert!(kept.contains("errors harm"), "{screen:?}");
    assert!(
        screen.contains("\x1b[2K") && screen.contains("A\x1b[2K"),
        "{screen:?}"
    );
    assert!(!screen.contains("\x1b[?25l"), "{screen:?}");
}

#[test]
fn control_c_ends_watching_and_leaves_the_terminal_as_it_was() {
    let rollout = under_way().variable("NO_COLOR", "1");
    rollout.write("rollouts/config.toml", "[judge]\npreflight = false\n");
    rollout.write(
        "rollouts/checkout.toml",
        format!("draft = \"later\"\n{PLAN}"),
    );
    let mut terminal = Terminal::start(&rollout, "status --watch 5s");
    terminal.shows("1 plan: 1 not begun");
    terminal.shows("looked 1s ago");
    let asked = Instant::now();
    terminal.types(b"\x03");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(130), "{screen}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{screen}");
    assert_the_cursor_is_visible(&screen);
    // Neither colours nor anything else that would outlive the program.
    assert!(
        !screen.contains("\x1b[3") && !screen.contains("\x1b[?"),
        "{screen:?}"
    );
}

#[test]
fn watching_in_a_pipe_adds_lines_and_ends_when_all_is_settled_or_time_is_over() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "[judge]\npreflight = false\n")
        .file(
            "rollouts/checkout.toml",
            &format!("draft = \"later\"\n{PLAN}"),
        );
    let late = rollout.run(["status", "--watch", "1s", "--timeout", "2s"]);
    late.exits(3);
    assert!(late.stdout.starts_with("1 plan: 1 not begun\n"), "{late}");
    assert!(
        late.stdout
            .ends_with("time is over: 1 of 1 plan not settled\n"),
        "{late}"
    );
    assert!(
        late.stdout.contains(" UTC  1 plan: 1 not begun\n"),
        "{late}"
    );
    assert!(!late.stdout.contains('\x1b'), "{late}");
    let settled = |status: &str, exposure: &str| {
        let state = format!(
            "\n[state]\nstatus = \"{status}\"\nstage = 2\nexposure = {exposure}\nentered_at = {}\n",
            rfc(START)
        );
        rollout.write("rollouts/checkout.toml", format!("{PLAN}{state}"));
        rollout.run(["status", "--watch", "1s", "--timeout", "30s"])
    };
    let complete = settled("complete", "50.0");
    let said = &complete.exits(0).stdout;
    assert!(
        said.ends_with("nothing moves any more: 1 plan: 1 complete\n"),
        "{complete}"
    );
    settled("rolled_back", "0.0").exits(3);
    rollout.run(["status", "--timeout", "1s"]).exits(2);
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
    terminal.shows("simulating");
    let asked = Instant::now();
    terminal.types(b"\x03");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(130), "{screen}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{screen}");
    assert_the_cursor_is_visible(&screen);
}
