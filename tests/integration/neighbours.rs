//! Plans that share an exclusive surface: one of them is on it, in one run and in many at once.

use super::support::Rollout;
use super::writers::{end, start};

const CONFIG: &str = "[judge]\npreflight = false\n\n[surfaces.checkout]\nexclusive = true\n";

/// A pending plan, which is not asked about beforehand: that is not what these tests are about.
const PLAN: &str = r#"owner = "payments"
surface = "checkout"

[[stages]]
exposure = 1
min_duration = "24h"

[[stages]]
exposure = 100

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

const NOW: [&str; 2] = ["--now", "2026-11-23T09:00:00Z"];

fn directory(plans: usize) -> Rollout {
    let rollout = Rollout::new().file("rollouts/config.toml", CONFIG);
    for plan in 0..plans {
        rollout.write(&format!("rollouts/plan-{plan}.toml"), PLAN);
    }
    rollout
}

/// How many plans have users.
fn exposed(rollout: &Rollout, plans: usize) -> usize {
    (0..plans)
        .filter(|plan| {
            let text = rollout.read(&format!("rollouts/plan-{plan}.toml"));
            text.contains("exposure = 1.0")
        })
        .count()
}

#[test]
fn of_two_plans_that_are_due_in_one_run_one_enters_an_exclusive_surface() {
    let rollout = directory(2);
    for preview in [&["check"][..], &["advance", "--dry-run"]] {
        let output = rollout.run(preview.iter().chain(&NOW));
        output.exits(3);
        assert_eq!(
            output.stdout.matches("Would advance").count(),
            1,
            "{output}"
        );
    }
    assert_eq!(exposed(&rollout, 2), 0);
    let output = rollout.run(["advance"].iter().chain(&NOW));
    output.exits(3);
    insta::assert_snapshot!(output.stdout.split_once("plan-1  ").unwrap().1, @"
    Hold at 0 %: plan-0 is active on the exclusive surface checkout: two rollouts at once would
      distort each other's metrics
      1 . 100   pending, nobody exposed

      also: preflight is off ([judge] preflight = false): it was not checked whether this plan can
            be judged
    ");
    assert_eq!(exposed(&rollout, 2), 1);
    rollout.run(["replay"]).exits(0);
    // Rolled back, the first leaves the surface to the second.
    rollout.run(["rollback", "plan-0"]).exits(0);
    rollout.run(["advance"].iter().chain(&NOW)).exits(3);
    assert!(
        rollout
            .read("rollouts/plan-1.toml")
            .contains("exposure = 1.0")
    );
    rollout.run(["replay"]).exits(0);
}

#[test]
fn of_many_runs_at_once_on_different_plans_one_enters_an_exclusive_surface() {
    const PLANS: usize = 12;
    let rollout = directory(PLANS);
    let children: Vec<_> = (0..PLANS)
        .map(|plan| {
            let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
            command.args(["advance", &format!("plan-{plan}")]).args(NOW);
            start(command)
        })
        .collect();
    let ends: Vec<_> = children.into_iter().map(end).collect();
    assert_eq!(exposed(&rollout, PLANS), 1, "{ends:#?}");
    let gone = ends.iter().filter(|(code, _)| *code == Some(0)).count();
    assert_eq!(gone, 1, "{ends:#?}");
    let late = |said: &str| said.contains("was changed since it was read");
    for (code, said) in ends {
        assert!(code != Some(1) || late(&said), "{said}");
    }
}

#[test]
fn advance_asks_prometheus_about_no_plan_that_it_cannot_move() {
    let away = "[prometheus]\nurl = \"http://127.0.0.1:9\"\ntimeout = \"2s\"\n";
    let freeze = "\n[[freezes]]\nfrom = 2026-11-20T00:00:00Z\nuntil = 2026-12-01T00:00:00Z\nreason = \"holidays\"\nowner = \"sre\"\n";
    let plan = PLAN.replace("surface = \"checkout\"\n", "");
    let rollout = Rollout::new()
        .file("rollouts/config.toml", &format!("{away}{freeze}"))
        .file("rollouts/plan-0.toml", &plan);
    let advance = || rollout.run(["advance"].iter().chain(&NOW));
    advance().exits(3);
    // Whoever looks is told all there is to know.
    rollout.run(["check"].iter().chain(&NOW)).exits(1);
    rollout.write("rollouts/config.toml", away);
    advance().exits(1);
    // It waits for a plan that does not move.
    rollout.write(
        "rollouts/first.toml",
        format!("{plan}\n[state]\nstatus = \"rolled_back\"\nstage = 1\nexposure = 0.0\nentered_at = 2026-11-01T00:00:00Z\n"),
    );
    rollout.write(
        "rollouts/plan-0.toml",
        format!("after = [\"first >= 50\"]\n{plan}"),
    );
    let output = advance();
    output.exits(3);
    assert!(output.stdout.contains("first"), "{output}");
}
