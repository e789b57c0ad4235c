//! A repository with rollouts, a machine around it that holds secrets, and a change by a stranger.

#![expect(
    clippy::disallowed_methods,
    reason = "tests look at every file there is; the program itself may not"
)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::gate::pull_request::{PLAN, config};
use crate::gate::trusted::Listener;
use crate::support::{Rollout, copy};

const TARGET: &str =
    "[[targets]]\nhaproxy = { file = \"../routes/checkout.map\", key = \"checkout\" }\n\n# Written";

/// What nobody may be told: a variable that the change may name, and what is in a file beside the repository.
const SECRETS: [&str; 2] = ["very-secret", "outside-secret"];

/// The credential for the server that the base names.
const TOKEN: &str = "open-sesame";

/// A program that leaves a mark when it is run.
pub(super) const PROGRAM: &str = "#!/bin/sh\ntouch \"$HOME/ran\"\n";

/// What a stranger does, and how the gate answers.
pub(super) struct Case {
    pub(super) what: &'static str,
    pub(super) change: fn(&Change<'_>),
    pub(super) code: i32,
    /// A part of what is said.
    pub(super) says: &'static str,
}

/// The repository before the change, and the servers.
struct Base {
    kept: Rollout,
    reviewed: Listener,
    hostile: Listener,
}

impl Base {
    fn new() -> Self {
        let (reviewed, hostile) = (Listener::start(), Listener::start());
        let kept = Rollout::new()
            .file("rollouts/config.toml", &config(&reviewed.url))
            .file("rollouts/checkout.toml", &PLAN.replace("# Written", TARGET))
            .file("rollouts/search.toml", PLAN)
            .file("routes/checkout.map", "checkout 100\n")
            .file("README.md", "A shop.\n")
            .file(
                "../outside/plan.toml",
                &PLAN.replace("One-page", "outside-secret"),
            )
            .file("../outside/secret", "outside-secret\n")
            .file("../outside/routes/checkout.map", "checkout 100\n");
        let pause = ["pause", "search", "--reason", "a bug", "--now"];
        let at = ["2026-11-23T09:00:00Z"];
        kept.run(pause.iter().chain(&at)).exits(0);
        let base = Self {
            kept,
            reviewed,
            hostile,
        };
        git(&base.kept, &["init", "--quiet"]);
        commit(&base.kept);
        base
    }

    fn change(&self) -> Change<'_> {
        let rollout = Rollout::new()
            .variable("PROM_TOKEN", TOKEN)
            .variable("DEPLOY_KEY", "very-secret")
            .variable("GITHUB_STEP_SUMMARY", "../summary.md");
        let home = |rollout: &Rollout| rollout.path().parent().unwrap().to_owned();
        copy(&home(&self.kept), &home(&rollout));
        git(&rollout, &["checkout", "--quiet", "-b", "change"]);
        Change {
            rollout,
            base: self,
        }
    }
}

/// The work tree of the change.
pub(super) struct Change<'b> {
    rollout: Rollout,
    base: &'b Base,
}

impl Change<'_> {
    pub(super) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.rollout.path().join(path)
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.rollout.write(path, text);
    }

    /// Writes a file whose name is no text.
    pub(super) fn write_bytes(&self, path: &[u8], text: &str) {
        std::fs::write(self.path(OsStr::from_bytes(path)), text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        self.rollout.read(path)
    }

    /// Replaces something in a file.
    pub(super) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{old} in {path}");
        self.write(path, text.replacen(old, new, 1));
    }

    /// Puts a link in place of what is there.
    pub(super) fn link(&self, leads_to: &str, path: &str) {
        let path = self.path(path);
        if path.is_dir() {
            std::fs::remove_dir_all(&path).unwrap();
        } else if path.exists() {
            std::fs::remove_file(&path).unwrap();
        }
        std::os::unix::fs::symlink(leads_to, path).unwrap();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).unwrap();
    }

    pub(super) fn git(&self, args: &[&str]) {
        git(&self.rollout, args);
    }

    /// Where a server listens that the stranger hears.
    pub(super) fn hostile_url(&self) -> &str {
        &self.base.hostile.url
    }

    /// The one record of the base.
    pub(super) fn record(&self) -> String {
        let folder = self.path("rollouts/.evidence/search");
        let record = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
        let name = record.file_name().into_string().unwrap();
        format!("rollouts/.evidence/search/{name}")
    }

    /// What is wrong with how the gate answers.
    fn wrong(&self, case: &Case) -> Vec<String> {
        let home = self.rollout.path().parent().unwrap().to_owned();
        let before = files(&home);
        let args = ["check", "--base", "main", "--format", "github"];
        let now = ["--now", "2026-11-23T12:00:00Z"];
        let output = self.rollout.run(args.iter().chain(&now));
        let summary = std::fs::read_to_string(home.join("summary.md")).unwrap_or_default();
        let told = format!("{}{}{summary}", output.stdout, output.stderr);
        let sent = self.base.reviewed.heard().concat();
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{}: {what}\n{output}", case.what));
            }
        };
        must(output.code == Some(case.code), "it ends otherwise");
        must(told.contains(case.says), "it does not say it");
        for secret in SECRETS {
            must(!told.contains(secret), "a secret is told");
            must(!sent.contains(secret), "a secret is sent");
        }
        must(!told.contains(TOKEN), "the credential is told");
        must(
            self.base.hostile.heard().is_empty(),
            "the stranger is asked",
        );
        let after = files(&home);
        let differs: Vec<_> = (before.keys().chain(after.keys()))
            .filter(|path| before.get(*path) != after.get(*path))
            .collect();
        must(differs.is_empty(), &format!("files change: {differs:?}"));
        wrong
    }
}

/// Plays each of these changes.
#[track_caller]
pub(super) fn answered(cases: &[Case]) {
    let base = Base::new();
    let mut wrong = Vec::new();
    for case in cases {
        let change = base.change();
        (case.change)(&change);
        commit(&change.rollout);
        wrong.extend(change.wrong(case));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn git(rollout: &Rollout, args: &[&str]) {
    let output = rollout.command("git").args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {output:?}");
}

fn commit(rollout: &Rollout) {
    git(rollout, &["add", "--all"]);
    git(rollout, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
}

/// Every file of the machine with what is in it, but for the summary of the run and the kept answers.
fn files(home: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            if [home.join("summary.md"), home.join(".cache")].contains(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                let leads_to = std::fs::read_link(&path).unwrap();
                found.insert(path, leads_to.into_os_string().into_encoded_bytes());
            } else {
                let text = std::fs::read(&path).unwrap();
                found.insert(path, text);
            }
        }
    }
    found
}
