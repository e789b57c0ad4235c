//! `backtest`: a plan's gates over data of the past, with the real binary.

use super::planning::{PLAN, at, day, json};
use super::support::Rollout;
use super::support::server::Server;

/// The plan without the gauge, of which the fixtures know nothing.
fn counted() -> Rollout {
    let (errors, _) = PLAN.rsplit_once("[[guardrails]]").unwrap();
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", errors)
}

#[test]
fn backtest_finds_when_past_harm_would_have_been_rolled_back() {
    let server = Server::start(day(3.0));
    let rollout = counted().variable("ROLLOUT_PROMETHEUS_URL", server.url());
    let (from, to) = (at(11), at(20));
    let args = ["backtest", "checkout", "--from", &from, "--to", &to];
    let output = rollout.run(args);
    output.exits(0);
    assert!(output.stdout.contains("would have rolled back"), "{output}");
    let document = json(&rollout.run(args.into_iter().chain(["--format", "json"])));
    let last = document["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(last["decision"], "rollback");
    // Harm begins at hour 12; it is found within half an hour.
    let found = last["at"].as_str().unwrap();
    assert!(
        at(12).as_str() < found && found < at(13).as_str(),
        "{found}"
    );
}

#[test]
fn backtest_tells_github_its_outcome_and_says_nothing_of_a_healthy_past_where_asked_to_be_quiet() {
    let (from, to) = (at(11), at(20));
    let args = ["backtest", "checkout", "--from", &from, "--to", &to];
    for (harm, level, outcome) in [
        (3.0, "::warning ", "checkout would have rolled back"),
        (1.0, "::notice ", "checkout would have been complete"),
    ] {
        let server = Server::start(day(harm));
        let rollout = counted().variable("ROLLOUT_PROMETHEUS_URL", server.url());
        let output = rollout.run(args.into_iter().chain(["--format", "github"]));
        output.exits(0);
        assert!(output.stdout.starts_with(level), "{output}");
        assert!(output.stdout.contains(outcome), "{output}");
        assert_eq!(output.stdout.lines().count(), 1, "{output}");
        let quiet = rollout.run(args.into_iter().chain(["--quiet"]));
        quiet.exits(0);
        assert_eq!(quiet.stdout.is_empty(), harm < 2.0, "{quiet}");
    }
}

#[test]
fn backtest_goes_through_the_stages_of_a_healthy_past() {
    let server = Server::start(day(1.0));
    let rollout = counted().variable("ROLLOUT_PROMETHEUS_URL", server.url());
    let (from, to) = (at(2), at(20));
    let args = [
        "backtest", "checkout", "--from", &from, "--to", &to, "--format", "json",
    ];
    let document = json(&rollout.run(args));
    let decisions: Vec<&str> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["decision"].as_str().unwrap())
        .collect();
    assert_eq!(decisions, ["advance", "complete"]);
}

#[test]
fn backtest_refuses_what_cannot_be() {
    let rollout = counted().variable("ROLLOUT_PROMETHEUS_URL", "http://127.0.0.1:9");
    let (from, to) = (at(2), at(20));
    rollout
        .run(["backtest", "checkout", "--from", &to, "--to", &from])
        .exits(2);
    let output = rollout.run([
        "backtest", "checkout", "--from", &from, "--to", &to, "--stage", "9",
    ]);
    output.exits(2);
    assert!(output.stderr.contains("from 1 to 2"), "{output}");
    rollout
        .run(["backtest", "checkout", "--from", &from, "--to", &to])
        .exits(1);
}
