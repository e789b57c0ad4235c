//! Transitions in real git repositories: what is committed, what never is, what is put back.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use rollout::plan::{Carried, State, Status, state_of};
use rollout::units::{Digest, Exposure, Instant};
use rollout::workspace::git::{
    Change, Committed, GitError, Push, Repository, apply_and_commit, backoff,
};
use rollout::workspace::{Directory, Grounds, PlanFile, apply, evidence_of, orphans, write_file};
use tempfile::TempDir;

const PLAN: &str = "owner = \"ann\"\n\n[[stages]]\nexposure = 1\n";

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
struct Tree {
    path: PathBuf,
    _home: Option<TempDir>,
}

impl Tree {
    /// A repository with one committed plan.
    fn new() -> Self {
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

    fn at(path: PathBuf) -> Self {
        Self { path, _home: None }
    }

    /// A bare repository beside this one, as its upstream.
    fn with_upstream(self) -> Self {
        self.git("clone --quiet --bare . ../bare.git");
        self.git("remote add origin ../bare.git");
        self.git("fetch --quiet origin");
        self.git("branch --quiet --set-upstream-to=origin/main main");
        self
    }

    fn clone_of_bare(&self, name: &str) -> Self {
        self.git(&format!("clone --quiet ../bare.git ../{name}"));
        let tree = Self::at(self.path.parent().unwrap().join(name));
        tree.identity();
        tree
    }

    fn identity(&self) {
        self.git("config user.name Ann");
        self.git("config user.email ann@example.com");
    }

    fn git(&self, line: &str) -> String {
        let (ok, text) = self.try_git(line);
        assert!(ok, "git {line}: {text}");
        text
    }

    fn try_git(&self, line: &str) -> (bool, String) {
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

    fn put(&self, path: &str, text: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_file(&path, text.as_bytes()).unwrap();
    }

    fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path.join(".git/hooks").join(name);
        self.put(
            &format!(".git/hooks/{name}"),
            &format!("#!/bin/sh\n{script}\n"),
        );
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn directory(&self) -> Directory {
        Directory::at(self.path.join("rollouts"), "rollouts".into())
    }

    fn repository(&self) -> Result<Repository, GitError> {
        Repository::open(&self.directory(), &hermetic())
    }

    fn plan(&self) -> PlanFile {
        let directory = self.directory();
        directory
            .read_plan(&directory.root().join("plan.toml"))
            .unwrap()
    }

    fn stage(&self) -> u32 {
        let state = state_of(&self.plan().text).value.unwrap();
        state.map_or(0, |state| state.stage)
    }

    fn transition(&self, stage: u32) -> Result<Option<Committed>, GitError> {
        self.transition_by(stage, "rollout")
    }

    fn transition_by(&self, stage: u32, actor: &str) -> Result<Option<Committed>, GitError> {
        let directory = self.directory();
        let repository = self.repository()?;
        let grounds = grounds(actor);
        apply_and_commit(
            &repository,
            &directory,
            &self.plan(),
            &state(stage),
            &grounds,
            now(),
        )
    }

    fn written_only(&self, stage: u32) {
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
    fn picture(&self) -> (String, String, String, String) {
        (
            self.plan().text,
            self.git("status --porcelain --untracked-files=all"),
            self.try_git("rev-parse HEAD").1,
            self.try_git("diff --cached").1,
        )
    }

    /// The transition is refused with this sentence and this cure, and nothing has changed.
    fn refuses(&self, sentence: &str, cure: &str) {
        let before = self.picture();
        let error = self.transition(1).unwrap_err();
        assert!(error.to_string().contains(sentence), "{error}");
        assert!(error.cure().contains(cure), "{}", error.cure());
        assert_eq!(self.picture(), before);
    }

    fn assert_sound(&self) {
        let chain = evidence_of(&self.directory(), &self.plan());
        assert_eq!(chain.breaks, []);
        let loaded = self.directory().load().unwrap();
        assert_eq!(
            orphans(&self.directory(), &loaded).unwrap(),
            [] as [PathBuf; 0]
        );
    }
}

fn now() -> Instant {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn state(stage: u32) -> State {
    State {
        status: Status::Progressing,
        stage,
        exposure: Exposure::from_percent(f64::from(stage)).unwrap(),
        entered_at: now(),
        declared: Digest::of(b"declared"),
        evidence: None,
        definitions: BTreeMap::new(),
        restarts: BTreeMap::new(),
        carried: Carried::new(),
        pause: None,
        approval: None,
        rollback: None,
    }
}

fn grounds(actor: &str) -> Grounds {
    Grounds {
        decision: "advance".into(),
        reasons: vec!["every gate has passed".into()],
        actor: actor.into(),
        reason: Some("# not a comment\nsecond line".into()),
        config_text: String::new(),
        neighbours: Vec::new(),
        snapshot: None,
        report: None,
    }
}

#[test]
fn a_commit_holds_the_plan_and_its_evidence_and_nothing_else() {
    let tree = Tree::new();
    tree.put("notes.txt", "one\ntwo\n");
    tree.put("new.txt", "new\n");
    tree.git("add notes.txt new.txt");
    tree.put("notes.txt", "one\ntwo\nthree\n");
    tree.put("rollouts/other.toml", "owner = \"ben\"\n");
    let staged = tree.git("diff --cached");

    let committed = tree.transition(1).unwrap().unwrap();

    assert_eq!(committed.commit, tree.git("rev-parse HEAD"));
    assert_eq!(
        tree.git("show --format= --name-only HEAD"),
        "rollouts/.evidence/plan/2026-11-22T120000Z-advance.json\nrollouts/plan.toml"
    );
    insta::assert_snapshot!(tree.git("log -1 --format=%B"), @r"
    plan: advance from pending to 1 %

    every gate has passed

    # not a comment
    second line

    Rollout-Plan: plan
    Rollout-Decision: advance
    Rollout-From: pending
    Rollout-To: 1 % (stage 1, progressing)
    Rollout-Evidence: .evidence/plan/2026-11-22T120000Z-advance.json
    Rollout-Actor: rollout
    ");
    assert_eq!(tree.git("diff --cached"), staged);
    assert_eq!(
        tree.git("status --porcelain"),
        "A  new.txt\nMM notes.txt\n?? rollouts/other.toml"
    );
    tree.assert_sound();
    assert_eq!(tree.transition(1).unwrap(), None);
    assert_eq!(tree.git("rev-parse HEAD"), committed.commit);
}

#[test]
fn history_reads_the_trailers_back() {
    let tree = Tree::new();
    tree.transition(1).unwrap();
    tree.git("mv rollouts/plan.toml rollouts/renamed.toml");
    tree.git("commit --quiet -m rename");
    tree.git("mv rollouts/renamed.toml rollouts/plan.toml");
    tree.git("commit --quiet -m back");
    tree.transition_by(2, "person:ann").unwrap();
    let log = tree.repository().unwrap().log(&tree.plan()).unwrap();
    let told: Vec<String> = log
        .iter()
        .map(|entry| format!("{}|{:?}", entry.subject, entry.trailer("Rollout-Actor")))
        .collect();
    assert_eq!(
        told,
        [
            "plan: advance from 1 % to 2 %|Some(\"person:ann\")",
            "back|None",
            "rename|None",
            "plan: advance from pending to 1 %|Some(\"rollout\")",
            "first|None"
        ]
    );
    assert_eq!(log[0].author, "Ann");
    assert_eq!(log[0].trailers.len(), 6);
}

#[test]
fn a_failing_hook_changes_nothing() {
    let tree = Tree::new();
    tree.put("notes.txt", "staged\n");
    tree.git("add notes.txt");
    for hook in ["pre-commit", "commit-msg", "prepare-commit-msg"] {
        tree.hook(hook, "echo the hook says no >&2; exit 1");
        tree.refuses(
            "git did not commit rollouts/plan.toml, and the plan was put back as it was: the hook says no",
            "make the commit possible",
        );
        std::fs::remove_file(tree.path.join(".git/hooks").join(hook)).unwrap();
    }
    tree.transition(1).unwrap().unwrap();
}

#[test]
fn hooks_see_the_commit_as_git_shows_it_and_run_undisturbed() {
    let tree = Tree::new();
    tree.put("notes.txt", "staged\n");
    tree.git("add notes.txt");
    tree.hook(
        "pre-commit",
        "git diff --cached --name-only -- '*.toml' '*.txt' > ../seen",
    );
    tree.transition(1).unwrap().unwrap();
    let seen = std::fs::read_to_string(tree.path.join("../seen")).unwrap();
    assert_eq!(seen, "rollouts/plan.toml\n");
}

#[test]
fn failing_signing_changes_nothing() {
    let tree = Tree::new();
    tree.git("config commit.gpgSign true");
    tree.git("config gpg.program false");
    tree.refuses("gpg failed to sign", "nothing was changed");
}

#[test]
fn a_locked_index_changes_nothing() {
    let tree = Tree::new();
    tree.put(".git/index.lock", "");
    let before = tree.plan();
    let error = tree.transition(1).unwrap_err();
    assert!(error.to_string().contains("index.lock"), "{error}");
    assert_eq!(tree.plan(), before);
    std::fs::remove_file(tree.path.join(".git/index.lock")).unwrap();
    assert_eq!(tree.git("status --porcelain"), "");
}

#[test]
fn changes_of_a_person_are_never_swept_in() {
    let tree = Tree::new();
    tree.put("rollouts/plan.toml", &PLAN.replace("ann", "ben"));
    tree.refuses(
        "rollouts/plan.toml has changes that are not committed",
        "git diff HEAD -- rollouts/plan.toml",
    );
    tree.git("add .");
    tree.refuses("has changes that are not committed", "commit or undo them");
    tree.put("rollouts/plan.toml", PLAN);
    tree.refuses("has changes that are not committed", "commit or undo them");
}

#[test]
fn a_plan_that_was_never_committed_is_refused() {
    let tree = Tree::new();
    tree.git("rm --quiet --cached rollouts/plan.toml");
    tree.git("commit --quiet -m gone");
    tree.refuses(
        "rollouts/plan.toml was never committed",
        "git add rollouts/plan.toml",
    );
    tree.git("add rollouts");
    tree.refuses("was never committed", "git commit");

    let empty = Tree::new();
    std::fs::remove_dir_all(empty.path.join(".git")).unwrap();
    empty.git("init --quiet");
    empty.identity();
    empty.refuses("was never committed", "git add");
}

#[test]
fn without_a_branch_nothing_is_committed() {
    let tree = Tree::new();
    tree.git("checkout --quiet --detach");
    tree.refuses(
        "no branch is checked out: the commit would be lost",
        "git switch BRANCH",
    );
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let tree = Tree::new().with_upstream();
    let above = tree.path.parent().unwrap().join("above");
    std::fs::create_dir(&above).unwrap();
    let above = Tree::at(above);
    above.git("init --quiet");
    above.identity();
    above.git("submodule --quiet add ../bare.git part");
    above.git("commit --quiet -m part");
    let part = Tree::at(above.path.join("part"));
    part.identity();
    part.git("checkout --quiet --detach");
    part.refuses(
        "no branch is checked out in this submodule",
        "inside the submodule",
    );
    part.git("switch --quiet main");
    part.transition(1).unwrap().unwrap();
    assert_eq!(part.git("status --porcelain"), "");
    assert_eq!(above.git("status --porcelain"), " M part");
}

#[test]
fn a_linked_work_tree_and_a_shallow_clone_can_commit() {
    let tree = Tree::new().with_upstream();
    tree.git("worktree add --quiet ../linked -b side");
    let linked = Tree::at(tree.path.parent().unwrap().join("linked"));
    linked.transition(1).unwrap().unwrap();
    assert_eq!(tree.stage(), 0);

    tree.put("notes.txt", "two\n");
    tree.git("commit --quiet -a -m second");
    tree.git("push --quiet");
    let bare = tree.path.parent().unwrap().join("bare.git");
    tree.git(&format!(
        "clone --quiet --depth 1 file://{} ../shallow",
        bare.display()
    ));
    let shallow = Tree::at(tree.path.parent().unwrap().join("shallow"));
    shallow.identity();
    shallow.transition(1).unwrap().unwrap();
    assert_eq!(shallow.repository().unwrap().push().unwrap(), Push::Done);
    let error = shallow.repository().unwrap().resolve("main~2").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no revision main~2 in this shallow clone"
    );
    assert!(error.cure().contains("fetch-depth: 0"));
}

#[test]
fn an_unfinished_merge_is_refused() {
    let tree = Tree::new();
    tree.git("checkout --quiet -b side");
    tree.put("notes.txt", "side\n");
    tree.git("commit --quiet -a -m side");
    tree.git("checkout --quiet main");
    tree.put("notes.txt", "main\n");
    tree.git("commit --quiet -a -m main");
    assert!(!tree.try_git("merge --quiet side").0);
    tree.refuses("a merge is in progress", "git merge --abort");
    tree.git("merge --abort");
    assert!(!tree.try_git("rebase --quiet side").0);
    tree.refuses("a rebase is in progress", "git rebase --abort");
}

#[test]
fn without_an_identity_nothing_is_written() {
    let tree = Tree::new();
    tree.git("config --unset user.name");
    tree.git("config --unset user.email");
    tree.git("config user.useConfigOnly true");
    tree.refuses("git does not know who commits", "git config user.name");
}

#[test]
fn outside_of_a_repository_nothing_is_written() {
    let tree = Tree::new();
    std::fs::rename(tree.path.join(".git"), tree.path.join("../away")).unwrap();
    let error = tree.transition(1).unwrap_err();
    assert_eq!(error.to_string(), "rollouts is not in a git repository");
    assert!(error.cure().contains("git init"));
    assert_eq!(tree.plan().text, PLAN);
}

#[test]
fn evidence_that_git_ignores_is_refused() {
    let tree = Tree::new();
    tree.put(".gitignore", ".evidence/\n");
    tree.refuses(
        "git ignores rollouts/.evidence/plan/record.json",
        "git check-ignore -v",
    );
}

#[test]
fn a_plan_linked_from_elsewhere_in_the_repository_is_committed_where_it_is() {
    let tree = Tree::new();
    tree.git("mv rollouts/plan.toml real.toml");
    std::os::unix::fs::symlink("../real.toml", tree.path.join("rollouts/plan.toml")).unwrap();
    tree.git("add .");
    tree.git("commit --quiet -m link");
    tree.transition(1).unwrap().unwrap();
    assert_eq!(tree.git("status --porcelain"), "");

    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("plan.toml");
    write_file(&target, PLAN.as_bytes()).unwrap();
    std::fs::remove_file(tree.path.join("rollouts/plan.toml")).unwrap();
    std::os::unix::fs::symlink(&target, tree.path.join("rollouts/plan.toml")).unwrap();
    tree.refuses(
        "is a link to a file outside of the repository",
        "move the file",
    );
}

#[test]
fn names_that_look_like_patterns_are_names() {
    let tree = Tree::new();
    tree.put("rollouts/pl[a]n.toml", PLAN);
    tree.git("add .");
    tree.git("commit --quiet -m odd");
    let directory = tree.directory();
    let odd = directory
        .read_plan(&directory.root().join("pl[a]n.toml"))
        .unwrap();
    let repository = tree.repository().unwrap();
    apply_and_commit(
        &repository,
        &directory,
        &odd,
        &state(1),
        &grounds("rollout"),
        now(),
    )
    .unwrap()
    .unwrap();
    assert_eq!(tree.git("status --porcelain"), "");
    assert_eq!(tree.stage(), 0);
}

#[test]
fn the_next_run_finishes_what_a_killed_one_owes() {
    for (ending, attributes) in [("\n", ""), ("\r\n", "*.toml text eol=crlf\n")] {
        let tree = Tree::new();
        tree.put(".gitattributes", attributes);
        tree.put("rollouts/plan.toml", &PLAN.replace('\n', ending));
        tree.git("add --renormalize .");
        tree.git("add .");
        tree.git("commit --quiet --allow-empty -m endings");
        let directory = tree.directory();
        let repository = tree.repository().unwrap();
        assert_eq!(repository.finish(&directory, &tree.plan()).unwrap(), None);
        // Two transitions without a commit, and one that died after it told git of the evidence.
        tree.written_only(1);
        tree.written_only(2);
        tree.git("add --intent-to-add rollouts/.evidence/plan/2026-11-22T120000Z-advance-2.json");
        let dirty = tree.transition(3).unwrap_err();
        assert!(matches!(dirty, GitError::PlanDirty { .. }), "{dirty}");

        let finished = repository
            .finish(&directory, &tree.plan())
            .unwrap()
            .unwrap();
        assert_eq!(finished.evidence.len(), 2);
        assert_eq!(tree.git("status --porcelain"), "");
        assert!(
            tree.git("log -1 --format=%s")
                .contains("from pending to 2 %"),
            "{finished:?}"
        );
        assert_eq!(repository.finish(&directory, &tree.plan()).unwrap(), None);
        tree.transition(3).unwrap().unwrap();
        tree.assert_sound();
    }
}

#[test]
fn a_transition_mixed_with_changes_of_a_person_is_not_finished() {
    let tree = Tree::new();
    tree.written_only(1);
    let text = tree.plan().text.replace("ann", "ben");
    tree.put("rollouts/plan.toml", &text);
    let before = tree.picture();
    let finished = tree
        .repository()
        .unwrap()
        .finish(&tree.directory(), &tree.plan());
    assert_eq!(finished.unwrap(), None);
    assert_eq!(tree.picture(), before);
}

#[test]
fn who_loses_the_race_decides_again_from_what_won() {
    let one = Tree::new().with_upstream();
    let two = one.clone_of_bare("two");
    two.put("notes.txt", "staged\n");
    two.git("add notes.txt");
    two.put("mine.txt", "untracked\n");

    one.transition(1).unwrap();
    assert_eq!(one.repository().unwrap().push().unwrap(), Push::Done);

    let repository = two.repository().unwrap();
    let mark = repository.mark().unwrap();
    two.transition(7).unwrap();
    assert_eq!(repository.push().unwrap(), Push::Rejected);
    repository.retreat(&two.directory(), &mark).unwrap();
    assert_eq!(two.stage(), 1);
    assert_eq!(two.git("rev-parse HEAD"), one.git("rev-parse HEAD"));
    assert_eq!(two.git("status --porcelain"), "M  notes.txt\n?? mine.txt");
    two.assert_sound();

    two.transition(2).unwrap();
    assert_eq!(repository.push().unwrap(), Push::Done);
    assert_eq!(two.git("status --porcelain"), "M  notes.txt\n?? mine.txt");
    one.repository()
        .unwrap()
        .catch_up(&one.directory())
        .unwrap();
    assert_eq!(one.stage(), 2);
    assert_eq!(one.git("log --format=%s --merges"), "");
}

#[test]
fn an_unpushed_decision_of_automation_is_dropped_and_one_of_a_person_is_not() {
    let one = Tree::new().with_upstream();
    let two = one.clone_of_bare("two");
    let three = one.clone_of_bare("three");
    one.transition(1).unwrap();
    assert_eq!(one.repository().unwrap().push().unwrap(), Push::Done);

    two.transition(7).unwrap();
    two.repository()
        .unwrap()
        .catch_up(&two.directory())
        .unwrap();
    assert_eq!(two.stage(), 1);

    three.transition_by(7, "person:ann").unwrap();
    let before = three.picture();
    let error = three
        .repository()
        .unwrap()
        .catch_up(&three.directory())
        .unwrap_err();
    assert!(error.to_string().contains("have diverged"), "{error}");
    assert!(error.cure().contains("git pull --rebase"));
    assert_eq!(three.picture(), before);
}

#[test]
fn a_push_that_fails_can_be_withdrawn() {
    let tree = Tree::new().with_upstream();
    tree.transition(1).unwrap();
    let repository = tree.repository().unwrap();
    assert_eq!(repository.push().unwrap(), Push::Done);
    let before = tree.picture();
    let mark = repository.mark().unwrap();
    tree.transition(2).unwrap();
    let bare = tree.path.join("../bare.git");
    std::fs::rename(&bare, tree.path.join("../away.git")).unwrap();
    let error = repository.push().unwrap_err();
    assert!(matches!(error, GitError::PushFailed { .. }), "{error}");
    repository.withdraw(&tree.directory(), &mark).unwrap();
    assert_eq!(tree.picture(), before);
    tree.assert_sound();

    std::fs::rename(tree.path.join("../away.git"), &bare).unwrap();
    let refusing = Tree::at(bare);
    refusing.put("hooks/pre-receive", "");
    let hook = refusing.path.join("hooks/pre-receive");
    write_file(&hook, b"#!/bin/sh\necho protected >&2\nexit 1\n").unwrap();
    make_executable(&hook);
    tree.transition(2).unwrap();
    let error = repository.push().unwrap_err();
    assert!(error.to_string().contains("protected"), "{error}");
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn without_an_upstream_there_is_nowhere_to_push() {
    let tree = Tree::new();
    let error = tree.repository().unwrap().push().unwrap_err();
    assert_eq!(error.to_string(), "the branch main has no upstream");
    assert!(error.cure().contains("git push --set-upstream origin main"));
}

#[test]
fn two_clones_that_race_make_each_transition_once() {
    const ROUNDS: u32 = 8;
    let one = Tree::new().with_upstream();
    let two = one.clone_of_bare("two");
    let race = |tree: &Tree, seed: u64| {
        for round in 1..=ROUNDS {
            let repository = tree.repository().unwrap();
            for attempt in 1.. {
                assert!(attempt < 20, "round {round} never ends");
                let mark = repository.mark().unwrap();
                if tree.stage() < round {
                    tree.transition(round).unwrap();
                }
                match repository.push() {
                    Ok(Push::Done) => break,
                    Ok(Push::Rejected) => repository.retreat(&tree.directory(), &mark).unwrap(),
                    Err(error) => panic!("{error}"),
                }
                std::thread::sleep(backoff(1, seed.wrapping_mul(u64::from(round))) / 10);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| race(&one, 0x1234_5678_9abc));
        race(&two, 0xfedc_ba98_7654);
    });
    one.repository()
        .unwrap()
        .catch_up(&one.directory())
        .unwrap();
    let subjects = one.git("log --format=%s");
    let moves: Vec<&str> = subjects.lines().rev().skip(1).collect();
    let expected: Vec<String> = (1..=ROUNDS)
        .map(|round| {
            let from = match round {
                1 => "pending".to_owned(),
                _ => format!("{} %", round - 1),
            };
            format!("plan: advance from {from} to {round} %")
        })
        .collect();
    assert_eq!(moves, expected);
    one.assert_sound();
}

#[test]
fn a_change_is_measured_against_where_it_began() {
    let tree = Tree::new();
    for name in ["gone", "moved", "edited", "untouched", "forgotten"] {
        tree.put(
            &format!("rollouts/{name}.toml"),
            &format!("owner = \"{name}\"\n# x\n# y\n"),
        );
    }
    tree.put("rollouts/config.toml", "");
    tree.git("add .");
    tree.git("commit --quiet -m base");
    tree.git("checkout --quiet -b change");
    tree.git("rm --quiet rollouts/gone.toml");
    tree.git("mv rollouts/moved.toml rollouts/renamed.toml");
    tree.put("rollouts/edited.toml", "owner = \"ben\"\n");
    tree.put("rollouts/config.toml", "# changed\n");
    tree.git("commit --quiet -a -m change");
    tree.put("rollouts/new.toml", "owner = \"new\"\n");
    tree.put("rollouts/.evidence/x.toml", "");
    tree.git("checkout --quiet main");
    tree.put("rollouts/untouched.toml", "owner = \"main\"\n");
    tree.git("add rollouts/untouched.toml");
    tree.git("commit --quiet -m elsewhere");
    tree.git("checkout --quiet change");
    tree.git("rm --quiet --cached rollouts/forgotten.toml");

    let repository = tree.repository().unwrap();
    let base = repository.merge_base("main").unwrap();
    let named = |name: &str| format!("rollouts/{name}.toml");
    assert_eq!(
        repository.changes_since(&base).unwrap(),
        [
            Change::Added { path: named("new") },
            Change::Modified {
                path: named("edited")
            },
            Change::Modified {
                path: named("forgotten")
            },
            Change::Deleted {
                path: named("gone")
            },
            Change::Renamed {
                from: named("moved"),
                path: named("renamed")
            },
        ]
    );
    let text = repository.text_at("main", &named("untouched")).unwrap();
    assert_eq!(text.as_deref(), Some("owner = \"main\"\n"));
    assert_eq!(repository.text_at("main", &named("nothing")).unwrap(), None);
    assert_eq!(
        repository
            .text_at(&base, &repository.config_path())
            .unwrap()
            .as_deref(),
        Some("")
    );

    for rev in ["nowhere", "--all", "main:rollouts"] {
        let error = repository.merge_base(rev).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("there is no revision {rev} in this repository")
        );
    }
    tree.git("checkout --quiet --orphan lonely");
    tree.git("commit --quiet --allow-empty -m lonely");
    let error = repository.merge_base("main").unwrap_err();
    assert_eq!(
        error.to_string(),
        "HEAD and main have no common ancestor in this repository"
    );
}

#[test]
fn waits_grow_and_end() {
    for attempt in 0..50 {
        for random in [0, 1, u64::MAX] {
            assert!(backoff(attempt, random).as_secs() < 8);
        }
    }
    assert!(backoff(1, u64::MAX) < backoff(5, u64::MAX));
}
