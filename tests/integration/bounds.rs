//! What is read is bounded before it is read, whatever somebody has put where a plan should be.

use std::os::unix::fs::symlink;

use std::time::Duration;

use rollout::plan::{parse_config, parse_plan, render_mistakes};

use crate::support::{Rollout, cpu};

/// A valid plan.
const PLAN: &str = "[[stages]]\nexposure = 5\nmin_duration = \"2h\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = { events = 'errors_total', total = 'requests_total' }\n";

fn world() -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", PLAN)
}

#[test]
fn what_is_no_file_is_named_and_the_other_plans_go_on() {
    let rollout = world();
    let at = |name: &str| rollout.path().join("rollouts").join(name);
    symlink("/dev/zero", at("endless.toml")).unwrap();
    let made = rollout.command("mkfifo").arg(at("pipe.toml")).status();
    assert!(made.unwrap().success());
    let large = std::fs::File::create(at("large.toml")).unwrap();
    large.set_len(1 << 40).unwrap();
    insta::assert_snapshot!(rollout.run(["validate"]), @r"
    exit: Some(2)
    ---- stdout
    1 plan: no mistakes
    ---- stderr
    error: rollouts/endless.toml cannot be read: it is a link to /dev/zero, a device
    help: put a regular file there, or take it away; nothing of it was read
    error: rollouts/large.toml cannot be read: it is larger than 1 MiB
    help: put a smaller file there; nothing of it was read
    error: rollouts/pipe.toml cannot be read: it is a named pipe
    help: put a regular file there, or take it away; nothing of it was read
    ");
    let status = rollout.run(["status"]);
    status.exits(2);
    assert!(status.stdout.contains("checkout"), "{status}");
    for plan in ["endless", "pipe", "large"] {
        rollout.run(["pause", plan]).exits(2);
        rollout.run(["exposure", plan]).exits(2);
    }
    rollout.run(["pause", "checkout"]).exits(0);
}

#[test]
fn settings_that_never_end_are_not_read() {
    let rollout = world();
    let settings = rollout.path().join("rollouts/config.toml");
    std::fs::remove_file(&settings).unwrap();
    symlink("/dev/zero", &settings).unwrap();
    insta::assert_snapshot!(rollout.run(["validate"]), @r"
    exit: Some(2)
    ---- stdout
    ---- stderr
    error: rollouts/config.toml cannot be read: it is a link to /dev/zero, a device
    help: put a regular file there, or take it away; nothing of it was read
    ");
}

#[test]
fn a_saved_snapshot_and_a_record_that_never_end_are_not_read() {
    let rollout = world();
    let endless = rollout.run(["check", "--snapshot", "/dev/zero"]);
    endless.exits(2);
    let replayed = rollout.run(["replay", "/dev/zero.json"]);
    replayed.exits(1);
    symlink("/dev/zero", rollout.path().join("record.json")).unwrap();
    rollout.run(["replay", "record.json"]).exits(2);
}

#[test]
fn of_very_many_mistakes_a_hundred_are_shown_and_the_others_counted() {
    let unknown = |number: usize| format!("unknown_{number} = 1\n");
    let keys: String = (0..20_000).map(unknown).collect();
    let broken: String = (0..20_000).map(|n| format!("broken_{n} = \n")).collect();
    let rollout = world()
        .file("rollouts/keys.toml", &format!("{keys}{PLAN}"))
        .file("rollouts/broken.toml", &broken);
    for (plan, more) in [("keys", 19_900), ("broken", 19_900)] {
        let said = rollout.run(["validate", plan]);
        said.exits(2);
        let told = format!("{more} more mistakes are not shown");
        assert!(said.stdout.contains(&told), "{}", &said.stdout[..2_000]);
        assert_eq!(said.stdout.matches("--> ").count(), 101);
    }
}

#[test]
fn what_is_said_very_often_or_nested_very_deep_takes_no_time() {
    let keys: String = (0..20_000)
        .map(|number| format!("unknown_{number} = 1\n"))
        .collect();
    let nested = |depth: usize| format!("[{}]\n", vec!["a"; depth].join("."));
    let deeper: String = (1..500).map(nested).collect();
    let arrays = format!("a = {}{}\n", "[".repeat(3_000), "]".repeat(3_000));
    let config = parse_config("").value.unwrap();
    // Without optimisation five times as long.
    let longest = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });
    for text in [keys, nested(3_000), deeper, arrays] {
        let began = cpu::used();
        let parsed = parse_plan("checkout", &text, &config);
        let told = render_mistakes("checkout.toml", &text, &parsed.mistakes, false, 100);
        let took = cpu::used().zip(began).map(|(now, began)| now - began);
        assert!(
            parsed.value.is_none() && told.contains("error"),
            "{told:.500}"
        );
        assert!(took < Some(longest), "{took:?} for {text:.60}");
    }
}
