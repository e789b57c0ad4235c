//! Tells a release build which commit it is of: `rollout --version`. Builds for development are not told, so
//! that a commit makes nothing to be compiled anew.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is a program of its own, and runs where the program is built"
)]

use std::process::Command;

fn main() {
    let version = env!("CARGO_PKG_VERSION");
    println!("cargo:rerun-if-changed=src/build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = if release { commit() } else { None };
    let version = commit.map_or_else(
        || version.to_owned(),
        |commit| format!("{version} ({commit})"),
    );
    println!("cargo:rustc-env=ROLLOUT_VERSION={version}");
}

/// The commit and its day, with a mark where the work tree differs from it; `None` outside of a repository.
fn commit() -> Option<String> {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let head = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo:rerun-if-changed={head}");
    let commit = git(&["log", "-1", "--format=%h %cs"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    let mark = if changed.is_empty() { "" } else { ", changed" };
    Some(format!("{commit}{mark}"))
}
