//! Commands as a person runs them: on a real pseudo-terminal (of `script`, which `tests/run.sh` installs
//! where it is not there), with a deadline, since a progress display that waits for a lock waits for ever.

mod screen;

use std::time::{Duration, Instant};

use screen::Terminal;

use super::support::Rollout;
use super::support::openmetrics::{Metrics, START};
use super::support::server::Server;
use super::support::slow::Slow;

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

/// Ends a command by Control-C: at once, with its own code and a clean terminal. Gives what was drawn.
fn interrupted(mut terminal: Terminal) -> String {
    let asked = Instant::now();
    terminal.types(b"\x03");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(130), "{screen}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{screen}");
    assert_the_cursor_is_visible(&screen);
    screen
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
    rollout.write(
        "rollouts/exposed.toml",
        format!(
            "{PLAN}\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n",
            rfc(START + 3_600)
        ),
    );
    let url = format!(
        "--prometheus-url {} --now {}",
        slow.url(),
        rfc(START + 5 * 3_600)
    );
    let (from, to) = (rfc(START + 3_600), rfc(START + 4 * 3_600));
    for command in [
        "check",
        "advance",
        "doctor checkout",
        "power checkout",
        "simulate checkout",
        "report checkout",
        "explain exposed",
        "status --live",
        "status --watch 1s",
        &format!("backtest checkout --from {from} --to {to}"),
        "backtest exposed --split",
    ] {
        let mut terminal = Terminal::start(&rollout, &format!("{command} {url}"));
        terminal.shows("asking Prometheus");
        interrupted(terminal);
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
    let screen = interrupted(terminal);
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
    // A plan with mistakes moves no more than one that is complete.
    rollout.write("rollouts/typo.toml", "[[stages]]\n");
    let mistaken = settled("complete", "50.0");
    let said = &mistaken.exits(2).stdout;
    assert!(
        said.ends_with("nothing moves any more: 2 plans: 1 with mistakes, 1 complete\n"),
        "{mistaken}"
    );
    rollout.run(["status", "--timeout", "1s"]).exits(2);
}

#[test]
fn the_clock_goes_on_while_a_slow_server_is_asked_and_control_c_ends_it() {
    let server = Server::start(day());
    let slow = Slow::before(server.url(), Duration::from_millis(1_400));
    let rollout = under_way();
    let now = rfc(START + 2 * 3_600);
    let command = format!(
        "status --watch 1s --prometheus-url {} --now {now}",
        slow.url()
    );
    let mut terminal = Terminal::start(&rollout, &command);
    terminal.shows("asking Prometheus");
    terminal.shows("errors harm");
    terminal.shows("asks Prometheus for 1s");
    interrupted(terminal);
}

#[test]
fn control_c_ends_a_simulation_and_a_demonstration_at_once() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", PLAN);
    for (command, shows) in [
        (
            "simulate checkout --rollouts 100000 --rps 20 --baseline 0.01",
            "simulating",
        ),
        ("demo", "looks at both"),
    ] {
        let mut terminal = Terminal::start(&rollout, command);
        terminal.shows(shows);
        interrupted(terminal);
    }
}
