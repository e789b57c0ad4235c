//! What Prometheus is told of the plans themselves: `status --format prometheus` and the alerts of
//! `rules`, read by the real promtool.

use std::io::Write as _;
use std::process::Stdio;

use super::acceptance::{CONFIG, plan};
use super::support::Rollout;
use super::support::server::{program, run};

/// When the plans are looked at: 1,779,000,000 in Unix seconds.
const NOW: &str = "2026-05-17T06:40:00Z";

/// The state of a plan in its first stage since an hour before.
const ENTERED: &str = "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-05-17T05:40:00Z\n";

fn world() -> Rollout {
    let whole = plan();
    let (declared, _) = whole.split_once("[state]").unwrap();
    let exposed = declared.to_owned() + ENTERED;
    Rollout::new()
        .file("rollouts/config.toml", CONFIG)
        .file("rollouts/checkout.toml", &exposed)
        .file("rollouts/search.toml", &exposed)
        .file("rollouts/waiting.toml", declared)
}

fn metrics(world: &Rollout) -> String {
    let output = world.run(["status", "--format", "prometheus", "--now", NOW]);
    output.exits(0);
    output.stdout
}

#[test]
fn promtool_accepts_the_metrics_and_they_say_where_each_plan_stands() {
    let world = world();
    world
        .run(["rollback", "search", "--reason", "slow", "--now", NOW])
        .exits(0);
    let text = metrics(&world);
    for line in [
        "rollout_plan_exposure_ratio{plan=\"checkout\"} 0.01",
        "rollout_plan_exposure_ratio{plan=\"search\"} 0",
        "rollout_plan_stage{plan=\"waiting\"} 0",
        "rollout_plan_status{plan=\"checkout\",status=\"progressing\"} 1",
        "rollout_plan_status{plan=\"search\",status=\"progressing\"} 0",
        "rollout_plan_status{plan=\"search\",status=\"rolled_back\"} 1",
        "rollout_plan_status{plan=\"waiting\",status=\"pending\"} 1",
        "rollout_plan_stage_entered_timestamp_seconds{plan=\"checkout\"} 1778996400",
        "rollout_status_timestamp_seconds 1779000000",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
    let deadlines = text
        .lines()
        .filter(|line| line.contains("deadline_timestamp_seconds{"));
    assert_eq!(deadlines.count(), 1, "{text}");
    let mut promtool = world
        .command(program("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let said = promtool.wait_with_output().unwrap();
    assert!(said.status.success(), "{said:?}\n{text}");
    assert!(said.stderr.is_empty(), "{said:?}\n{text}");
}

#[test]
fn a_plan_with_mistakes_is_invalid_in_the_metrics_and_has_no_exposure() {
    let world = world().file("rollouts/odd \"name\".toml", "exposure = 3\n");
    let output = world.run(["status", "--format", "prometheus", "--now", NOW]);
    output.exits(2);
    let invalid = r#"rollout_plan_status{plan="odd \"name\"",status="invalid"} 1"#;
    assert!(
        output.stdout.lines().any(|line| line == invalid),
        "{output}"
    );
    assert!(
        !output.stdout.contains(r#"exposure_ratio{plan="odd"#),
        "{output}"
    );
    // The others are told all the same.
    assert!(
        output
            .stdout
            .contains("exposure_ratio{plan=\"checkout\"} 0.01"),
        "{output}"
    );
}

#[test]
fn metrics_are_of_status_alone() {
    let world = world();
    let output = world.run(["check", "--format", "prometheus"]);
    output.exits(2);
    assert!(output.stderr.contains("rollout status"), "{output}");
    let live = world.run(["status", "--live", "--format", "prometheus"]);
    live.exits(2);
    assert_eq!(live.stdout, "");
}

#[test]
fn the_alerts_fire_on_plans_that_need_a_person_and_on_no_other() {
    let world = world();
    let output = world.run(["rules", "checkout"]);
    output.exits(0);
    let world = world
        .file("rules.yml", &output.stdout)
        .file("tests.yml", &cases());
    let said = run(world
        .command(program("promtool"))
        .args(["check", "rules", "rules.yml"]));
    assert!(said.contains("4 rules found"), "{said}");
    run(world
        .command(program("promtool"))
        .args(["test", "rules", "tests.yml"]));
}

/// Series as the metrics give them, and which alerts they raise half an hour later.
fn cases() -> String {
    let status =
        |status: &str| format!("rollout_plan_status{{plan=\"checkout\",status=\"{status}\"}}");
    let deadline = "rollout_plan_stage_deadline_timestamp_seconds{plan=\"checkout\"}".to_owned();
    let written = "rollout_status_timestamp_seconds".to_owned();
    let fresh = (written.clone(), "0+60x240");
    let cases = [
        (
            vec![(status("rolled_back"), "1x240"), fresh.clone()],
            vec!["RolloutRolledBack"],
        ),
        (
            vec![(deadline.clone(), "600x240"), fresh.clone()],
            vec!["RolloutStalled"],
        ),
        (
            vec![
                (deadline, "86400x240"),
                (status("rolled_back"), "0x240"),
                fresh.clone(),
            ],
            vec![],
        ),
        (
            vec![(status("invalid"), "1x240"), fresh],
            vec!["RolloutInvalid"],
        ),
        (vec![(written, "0x240")], vec!["RolloutStatusOld"]),
    ];
    let mut text = String::from("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n");
    for (series, raised) in cases {
        text += "  - interval: 1m\n    input_series:\n";
        for (name, values) in series {
            text += &format!("      - series: '{name}'\n        values: '{values}'\n");
        }
        text += "    promql_expr_test:\n      - eval_time: 2h\n";
        text += "        expr: count by (alertname) (ALERTS{alertstate=\"firing\"})\n";
        if raised.is_empty() {
            text += "        exp_samples: []\n";
        } else {
            text += "        exp_samples:\n";
        }
        for alert in raised {
            text +=
                &format!("          - labels: '{{alertname=\"{alert}\"}}'\n            value: 1\n");
        }
    }
    text
}
