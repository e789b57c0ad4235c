//! What people decide stays decided: however often automation runs, and however good the numbers
//! are. With the real binary, in a real repository, against a real Prometheus.

use std::path::Path;
use std::time::SystemTime;

use super::acceptance::{CONFIG, at, day, plan};
use super::support::Rollout;
use super::support::server::Server;
use super::writers::{end, start};

const PAUSED: &str = "checkout";
const TAKEN_BACK: &str = "search";

/// How often automation tries.
const TRIES: i64 = 25;

/// Minutes from one try to the next.
const EVERY: i64 = 4;

/// A repository with two plans in their first stage, both of which could leave it.
fn repository(server_url: &str) -> Rollout {
    let rollout = Rollout::new()
        .variable("ROLLOUT_PROMETHEUS_URL", server_url)
        .file("rollouts/config.toml", CONFIG)
        .file(&file(PAUSED), &plan())
        .file(&file(TAKEN_BACK), &plan());
    git(&rollout, "init --quiet");
    git(&rollout, "add --all");
    git(&rollout, "commit --quiet -m first");
    rollout
}

fn file(plan: &str) -> String {
    format!("rollouts/{plan}.toml")
}

fn git(rollout: &Rollout, line: &str) -> String {
    let output = rollout.command("git").args(line.split(' ')).output();
    let output = output.unwrap();
    assert!(output.status.success(), "git {line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// So many minutes after the first day: the stage's time is over for long, and every block is there.
fn minute(after: i64) -> String {
    at(24)
        .replace(":00:00Z", &format!(":{:02}:00Z", after % 60))
        .replace("T00:", &format!("T{:02}:", after / 60))
}

/// Every file below a folder with its bytes and its time.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>, SystemTime)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            found.push((path.display().to_string(), bytes, modified));
        }
    }
    found.sort();
    found
}

#[test]
fn a_persons_pause_and_rollback_outlast_an_hour_and_more_of_healthy_data() {
    let server = Server::start(day(1.0));
    let rollout = repository(server.url());
    let could = rollout.run(["check", "--now", &minute(0)]);
    could.exits(0);
    assert_eq!(
        could
            .stdout
            .matches("Would advance from 1 % to 10 %")
            .count(),
        2,
        "{could}"
    );

    let by_hand = |verb: &str, plan: &str, now: &str| {
        let reason = ["--reason", "support is swamped", "--commit", "--now", now];
        rollout.run([&[verb, plan], &reason[..]].concat()).exits(0);
    };
    by_hand("pause", PAUSED, &minute(0));
    by_hand("rollback", TAKEN_BACK, &minute(0));
    let rollouts = rollout.path().join("rollouts");
    let (before, head) = (everything(&rollouts), git(&rollout, "rev-parse HEAD"));
    for after in 1..=TRIES {
        // Asking git takes longer than everything else; now and then is enough.
        let commit = (after % 5 == 0).then_some("--commit");
        let now = minute(EVERY * after);
        let output = rollout.run(["advance", "--now", &now].into_iter().chain(commit));
        output.exits(3);
        assert!(output.stdout.contains("paused by ann"), "{output}");
        assert!(output.stdout.contains("rolled back (by ann"), "{output}");
    }
    assert!(everything(&rollouts) == before, "a file was touched");
    assert_eq!(git(&rollout, "rev-parse HEAD"), head);
    assert_eq!(git(&rollout, "status --porcelain"), "");

    // The same data moves both as soon as a person lets them.
    let now = minute(EVERY * TRIES);
    by_hand("resume", PAUSED, &now);
    by_hand("retry", TAKEN_BACK, &now);
    rollout.run(["advance", "--commit", "--now", &now]).exits(0);
    let stands = |plan: &str| {
        let text = rollout.read(&file(plan));
        let state = text.split("[state]").nth(1).unwrap().to_owned();
        [
            "stage = 2",
            "exposure = 10.0",
            "stage = 1",
            "exposure = 1.0",
        ]
        .map(|line| state.contains(line))
    };
    assert_eq!(stands(PAUSED), [true, true, false, false]);
    assert_eq!(stands(TAKEN_BACK), [false, false, true, true]);
}

#[test]
fn an_approval_is_refused_while_anything_else_is_in_the_way() {
    let plan = plan().replacen("rule_out", "approval = true\nrule_out", 1);
    let rollout = Rollout::new()
        .file("rollouts/config.toml", CONFIG)
        .file(&file(PAUSED), &plan);
    let before = everything(&rollout.path());
    let nobody = ["--prometheus-url", "http://127.0.0.1:1"];
    let approve = ["approve", PAUSED, "--reason", "go", "--now", &at(0)];
    insta::assert_snapshot!(rollout.run([&approve[..], &nobody].concat()), @r"
    exit: Some(3)
    ---- stdout
    ---- stderr
    error: checkout cannot be approved yet: stage 1 has 12h of its min_duration left; stage 1 needs more evidence on errors: how much longer cannot be said yet; approve when nothing else is in the way
    ");
    assert!(everything(&rollout.path()) == before, "a file was touched");
}

#[test]
fn an_approval_records_who_and_why_and_the_next_run_takes_the_step() {
    let server = Server::start(day(1.0));
    let plan = plan().replacen("rule_out", "approval = true\nrule_out", 1);
    let rollout = repository(server.url());
    std::fs::remove_file(rollout.path().join(file(TAKEN_BACK))).unwrap();
    rollout.write(&file(PAUSED), plan);
    git(&rollout, "commit --quiet --all -m approval");
    let now = ["--now", &minute(0)];
    let waiting = rollout.run(["advance"].iter().chain(&now));
    waiting.exits(3);
    assert!(
        waiting.stdout.contains("`rollout approve checkout`"),
        "{waiting}"
    );
    let approve = ["approve", PAUSED, "--reason", "sales agree", "--commit"];
    rollout.run(approve.iter().chain(&now)).exits(0);
    let text = rollout.read(&file(PAUSED));
    assert!(text.contains("approval = { by = \"person:ann\""), "{text}");
    rollout
        .run(["advance", "--commit"].iter().chain(&now))
        .exits(0);
    assert!(rollout.read(&file(PAUSED)).contains("stage = 2"));

    // Who, when, from where to where, why, with which numbers, in which commit.
    let history = rollout.run(["history", PAUSED]);
    history.exits(0);
    let told = history.stdout.split_once("advance").unwrap().1;
    assert!(told.contains("1 % -> 10 %  stage 2"), "{history}");
    assert!(
        history.stdout.contains("by ann\n    \"sales agree\""),
        "{history}"
    );
    assert!(history.stdout.contains("errors 1.00x ("), "{history}");
    let head = git(&rollout, "rev-parse HEAD").trim().to_owned();
    assert!(
        history
            .stdout
            .contains(&format!("commit {} by Ann", &head[..12])),
        "{history}"
    );
    let document = rollout.run(["history", PAUSED, "--format", "json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let transitions = document["transitions"].as_array().unwrap();
    assert_eq!(transitions.len(), 2);
    assert_eq!(transitions[0]["actor"], "person:ann");
    assert_eq!(transitions[0]["reason"], "sales agree");
    assert_eq!(transitions[1]["commit"]["hash"], head.as_str());
    assert_eq!(
        (&transitions[1]["from"], &transitions[1]["to"]),
        (&1.0.into(), &10.0.into())
    );
}

#[test]
fn a_run_waits_for_another_that_is_writing() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", CONFIG)
        .file(&file(PAUSED), &plan());
    let lock = std::fs::File::open(rollout.path().join("rollouts")).unwrap();
    lock.lock().unwrap();
    let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    command.args(["pause", PAUSED]);
    let mut run = start(command);
    std::thread::sleep(std::time::Duration::from_millis(400));
    assert_eq!(run.try_wait().unwrap(), None, "it did not wait");
    assert!(!rollout.read(&file(PAUSED)).contains("paused"));
    drop(lock);
    let (code, said) = end(run);
    assert_eq!(code, Some(0), "{said}");
    assert!(rollout.read(&file(PAUSED)).contains("status = \"paused\""));
}

#[test]
fn who_is_at_work_is_whom_git_commits_as_where_no_account_is_known() {
    let rollout = Rollout::new().variable("USER", "");
    rollout.run(["init"]).exits(0);
    let paused_by = |name: &str| {
        rollout.run(["pause", "first-rollout"]).exits(0);
        let plan = rollout.read("rollouts/first-rollout.toml");
        assert!(plan.contains(&format!("by = \"person:{name}\"")), "{plan}");
        rollout.run(["resume", "first-rollout"]).exits(0);
    };
    let mut git = rollout.command("git");
    let set = git.args(["config", "--global", "user.name", "Ann Lee"]);
    assert!(set.status().unwrap().success());
    paused_by("Ann Lee");
    let mut git = rollout.command("git");
    let unset = git.args(["config", "--global", "--unset", "user.name"]);
    assert!(unset.status().unwrap().success());
    paused_by("unknown");
}
