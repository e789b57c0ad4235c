//! What git, its hooks, its remotes and its authors say.

use std::os::unix::fs::PermissionsExt as _;

use super::look::{all_shown, look_at_page, named, seen, spoken};
use crate::support::Rollout;

const CONFIG: &str = "[prometheus]\nurl = \"http://127.0.0.1:1\"\n\n[judge]\npreflight = false\n";

const PLAN: &str = r#"[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

fn repository() -> Rollout {
    let rollout = Rollout::new()
        .variable("GITHUB_STEP_SUMMARY", "../summary.md")
        .file("rollouts/config.toml", CONFIG)
        .file("rollouts/checkout.toml", PLAN);
    git(&rollout, &["init", "--quiet"]);
    git(&rollout, &["add", "--all"]);
    git(&rollout, &["commit", "--quiet", "-m", "first"]);
    rollout
}

fn git(rollout: &Rollout, args: &[&str]) -> String {
    let output = rollout.command("git").args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn hook(rollout: &Rollout, path: &str, word: &str) {
    let text = format!(
        "#!/bin/sh\ncat >&2 <<'END'\n{}\nEND\nexit 1\n",
        spoken(word)
    );
    rollout.write(path, text);
    let path = rollout.path().join(path);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

const NOW: [&str; 2] = ["--now", "2026-11-23T12:00:00Z"];

#[test]
fn a_hook_that_refuses_a_commit_is_quoted() {
    let rollout = repository();
    hook(&rollout, ".git/hooks/pre-commit", "hooked");
    let said = seen(&rollout, &[&["advance", "--commit"][..], &NOW].concat());
    all_shown(&said, &["hooked "]);
}

#[test]
fn a_remote_that_refuses_a_push_is_quoted() {
    let rollout = repository();
    git(&rollout, &["init", "--quiet", "--bare", "../there.git"]);
    git(&rollout, &["remote", "add", "origin", "../there.git"]);
    git(&rollout, &["push", "--quiet", "-u", "origin", "main"]);
    hook(&rollout, "../there.git/hooks/pre-receive", "remote-says");
    let said = seen(&rollout, &[&["advance", "--push"][..], &NOW].concat());
    all_shown(&said, &["remote-says "]);
}

#[test]
fn authors_and_branches_are_shown_and_not_obeyed() {
    let rollout = repository();
    let name = spoken("author").replace(['\n', '<', '>'], "");
    git(&rollout, &["config", "user.name", &name]);
    rollout
        .run([&["advance", "--commit"][..], &NOW].concat())
        .exits(0);
    let log = git(&rollout, &["log", "--format=%an"]);
    let said = seen(&rollout, &["history", "checkout"]);
    assert!(said.contains("author "), "{log}\n{said}");
    git(
        &rollout,
        &["switch", "--quiet", "-c", "side\u{202e}branch\u{9b}x"],
    );
    seen(
        &rollout,
        &[&["pause", "checkout", "--push"][..], &NOW].concat(),
    );
    seen(
        &rollout,
        &[&["check", "--base", "side\u{202e}other"][..], &NOW].concat(),
    );
    let page = [&["report", "checkout", "--out", "page.html"][..], &NOW].concat();
    rollout.run(page).exits(0);
    look_at_page(&rollout.read("page.html"));
}

#[test]
fn a_change_under_review_may_name_files_as_it_likes() {
    let rollout = repository();
    let name = named("reviewed");
    rollout.write(&format!("rollouts/{name}.toml"), PLAN);
    rollout.write(&format!("rollouts/.evidence/checkout/{name}.json"), "{}");
    rollout.write(&format!("{name}.json"), "{}");
    git(&rollout, &["add", "--all"]);
    git(&rollout, &["commit", "--quiet", "-m", "second"]);
    let mut said = String::new();
    for args in [
        &["check", "--base", "HEAD~1"][..],
        &["validate", "--base", "HEAD~1"],
    ] {
        said += &seen(&rollout, &[args, &NOW].concat());
    }
    all_shown(&said, &["reviewed "]);
    git(&rollout, &["rm", "--quiet", "-r", "rollouts/.evidence"]);
    git(
        &rollout,
        &["rm", "--quiet", "--", &format!("rollouts/{name}.toml")],
    );
    git(&rollout, &["commit", "--quiet", "-m", "third"]);
    for args in [
        &["check", "--base", "HEAD~1"][..],
        &["validate", "--base", "HEAD~1"],
    ] {
        seen(&rollout, &[args, &NOW].concat());
    }
    look_at_page(&rollout.read("../summary.md"));
}
