//! A real repository, and a person beside the program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use rollout::plan::{CarriedEvidence, ObservedDispersion, State, Status, state_of};
use rollout::units::{Digest, Exposure, Instant};
use rollout::workspace::git::{Committed, GitError, Repository, apply_and_commit};
use rollout::workspace::{
    ALWAYS, DecisionContext, Directory, PlanFile, apply, evidence_of, orphans, write_file,
};
use tempfile::TempDir;

pub(super) const PLAN: &str = "owner = \"ann\"\n\n[[stages]]\nexposure = 1\n";

/// A world without the caller's git settings.
fn hermetic() -> Vec<(OsString, OsString)> {
    [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_COUNT", "3"),
        ("GIT_CONFIG_KEY_0", "protocol.file.allow"),
        ("GIT_CONFIG_VALUE_0", "always"),
        ("GIT_CONFIG_KEY_1", "init.defaultBranch"),
        ("GIT_CONFIG_VALUE_1", "main"),
        ("GIT_CONFIG_KEY_2", "advice.detachedHead"),
        ("GIT_CONFIG_VALUE_2", "false"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .to_vec()
}

/// A work tree and what can be done in it.
pub(super) struct Tree {
    pub(super) path: PathBuf,
    _home: Option<TempDir>,
}

impl Tree {
    /// A repository with one committed plan.
    pub(super) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().canonicalize().unwrap().join("work");
        std::fs::create_dir(&path).unwrap();
        let tree = Self {
            path,
            _home: Some(home),
        };
        tree.git("init --quiet");
        tree.identity();
        tree.put("rollouts/plan.toml", PLAN);
        tree.put("notes.txt", "one\n");
        tree.git("add .");
        tree.git("commit --quiet -m first");
        tree
    }

    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, _home: None }
    }

    /// A bare repository beside this one, as its upstream.
    pub(super) fn with_upstream(self) -> Self {
        self.git("clone --quiet --bare . ../bare.git");
        self.git("remote add origin ../bare.git");
        self.git("fetch --quiet origin");
        self.git("branch --quiet --set-upstream-to=origin/main main");
        self
    }

    pub(super) fn clone_of_bare(&self, name: &str) -> Self {
        self.git(&format!("clone --quiet ../bare.git ../{name}"));
        let tree = Self::at(self.path.parent().unwrap().join(name));
        tree.identity();
        tree
    }

    pub(super) fn identity(&self) {
        self.git("config user.name Ann");
        self.git("config user.email ann@example.com");
    }

    pub(super) fn git(&self, line: &str) -> String {
        let (ok, text) = self.try_git(line);
        assert!(ok, "git {line}: {text}");
        text
    }

    pub(super) fn try_git(&self, line: &str) -> (bool, String) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the test plays the person beside the program"
        )]
        let output = Command::new("git")
            .args(line.split(' '))
            .current_dir(&self.path)
            .envs(hermetic())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).trim_end().to_owned();
        (output.status.success(), text)
    }

    pub(super) fn put(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_file(&path, text.as_bytes()).unwrap();
    }

    pub(super) fn hook(&self, name: &str, script: &str) {
        self.executable(
            &format!(".git/hooks/{name}"),
            &format!("#!/bin/sh\n{script}\n"),
        );
    }

    pub(super) fn executable(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.put(path, text);
        let path = self.path.join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn directory(&self) -> Directory {
        Directory::at(self.path.join("rollouts"), "rollouts".into())
    }

    pub(super) fn repository(&self) -> Result<Repository, GitError> {
        Repository::open(&self.directory(), &hermetic())
    }

    /// With programs of the test before the machine's.
    pub(super) fn try_repository_on_path(&self, first: &str) -> Result<Repository, GitError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the rest of the path is the machine's"
        )]
        let rest = std::env::var("PATH").unwrap();
        let mut variables = hermetic();
        variables.push(("PATH".into(), format!("{first}:{rest}").into()));
        Repository::open(&self.directory(), &variables)
    }

    pub(super) fn repository_on_path(&self, first: &str) -> Repository {
        self.try_repository_on_path(first).unwrap()
    }

    pub(super) fn plan(&self) -> PlanFile {
        let directory = self.directory();
        directory
            .read_plan(&directory.root().join("plan.toml"))
            .unwrap()
    }

    pub(super) fn stage(&self) -> u32 {
        let state = state_of(&self.plan().text).value.unwrap();
        state.map_or(0, |state| state.stage)
    }

    pub(super) fn transition(&self, stage: u32) -> Result<Option<Committed>, GitError> {
        self.transition_by(stage, "rollout")
    }

    pub(super) fn transition_by(
        &self,
        stage: u32,
        actor: &str,
    ) -> Result<Option<Committed>, GitError> {
        self.transition_in(&self.repository()?, stage, actor)
    }

    /// As part of the run that this value stands for.
    pub(super) fn transition_in(
        &self,
        run: &Repository,
        stage: u32,
        actor: &str,
    ) -> Result<Option<Committed>, GitError> {
        apply_and_commit(
            run,
            &self.directory(),
            &self.plan(),
            &state(stage),
            &grounds(actor),
            now(),
            &ALWAYS,
        )
    }

    pub(super) fn written_only(&self, stage: u32) {
        let grounds = grounds("rollout");
        apply(
            &self.directory(),
            &self.plan(),
            &state(stage),
            &grounds,
            now(),
        )
        .unwrap()
        .unwrap();
    }

    /// Everything that must not have changed when something was refused.
    pub(super) fn picture(&self) -> (String, String, String, String) {
        (
            self.plan().text,
            self.git("status --porcelain --untracked-files=all"),
            self.try_git("rev-parse HEAD").1,
            self.try_git("diff --cached").1,
        )
    }

    /// The transition is refused with this sentence and this cure, and nothing has changed.
    pub(super) fn refuses(&self, sentence: &str, cure: &str) {
        let before = self.picture();
        let error = self.transition(1).unwrap_err();
        assert!(error.to_string().contains(sentence), "{error}");
        assert!(error.cure().contains(cure), "{}", error.cure());
        assert_eq!(self.picture(), before);
    }

    /// Ends the leader of a session and everything it started, git in groups of its own included.
    pub(super) fn kill_session(&self, leader: u32) {
        // Who is started while the others are being ended is found in the next round.
        while let members @ [_, ..] = session(leader).as_slice() {
            #[expect(
                clippy::disallowed_methods,
                reason = "the standard library ends own children only"
            )]
            let mut kill = Command::new("sh");
            let line = format!("kill -s KILL {}", members.join(" "));
            let _gone = kill.args(["-c", &line]).current_dir(&self.path).output();
        }
    }

    pub(super) fn assert_unbroken(&self) {
        let chain = evidence_of(&self.directory(), &self.plan());
        assert_eq!(chain.breaks, []);
        assert_eq!(self.git("status --porcelain --untracked-files=no"), "");
    }

    /// Every record that the plan's chain holds is in HEAD.
    pub(super) fn assert_history_is_the_chain(&self) {
        let known = self.git("ls-tree -r --name-only HEAD rollouts/.evidence");
        for link in evidence_of(&self.directory(), &self.plan()).links {
            let name = format!("rollouts/{}", link.path);
            assert!(known.lines().any(|line| line == name), "{name}");
        }
    }

    pub(super) fn assert_sound(&self) {
        let chain = evidence_of(&self.directory(), &self.plan());
        assert_eq!(chain.breaks, []);
        let loaded = self.directory().load().unwrap();
        assert_eq!(
            orphans(&self.directory(), &loaded).unwrap(),
            [] as [PathBuf; 0]
        );
    }
}

/// The processes of a session that still run.
fn session(leader: u32) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let mut members = Vec::new();
    for process in processes.flatten() {
        let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // After the name in brackets: state, parent, group, session.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        if let [state, _, _, of, ..] = fields.as_slice()
            && *of == leader.to_string()
            && *state != "Z"
        {
            members.push(process.file_name().to_string_lossy().into_owned());
        }
    }
    members
}

pub(super) fn now() -> Instant {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(super) fn state(stage: u32) -> State {
    State {
        status: Status::Progressing,
        stage,
        exposure: Exposure::from_percent(f64::from(stage)).unwrap(),
        entered_at: now(),
        declared: Digest::of(b"declared"),
        evidence: None,
        definitions: BTreeMap::new(),
        restarts: BTreeMap::new(),
        dispersion: ObservedDispersion::new(),
        judge: 1,
        carried: CarriedEvidence::new(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    }
}

pub(super) fn grounds(actor: &str) -> DecisionContext {
    DecisionContext {
        decision: "advance".into(),
        reasons: vec!["every gate has passed".into()],
        reason_codes: Vec::new(),
        actor: actor.into(),
        reason: Some("# not a comment\nsecond line".into()),
        config_text: String::new(),
        neighbours: Vec::new(),
        snapshot: None,
        history: None,
        report: None,
    }
}
