//! A repository before a command, and what must hold after it whatever failed meanwhile.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::projection::world::{FLAGS, World};
use crate::support::{Output, copy};

/// A command, and those before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    pub(super) before: &'static [&'static str],
    /// A target that a person lowers and commits after them.
    lowered: bool,
    pub(super) line: &'static str,
}

const fn scene(before: &'static [&'static str], line: &'static str) -> Scene {
    Scene {
        before,
        lowered: false,
        line,
    }
}

const ADVANCE: &str = "advance --commit --push";
const ROLLBACK: &str = "rollback checkout --commit --push";
const PAUSE: &str = "pause checkout --reason lunch --commit --push";
const FREEZE: &str = "freeze --until 2026-12-01T00:00:00Z --reason fair --commit --push";

/// Every command that writes, from a state in which it has something to write.
pub(super) const SCENES: [Scene; 11] = [
    scene(&[], "advance --commit"),
    scene(&[], ADVANCE),
    scene(&[ADVANCE], "rollback checkout --commit"),
    scene(&[ADVANCE], ROLLBACK),
    scene(&[ADVANCE, ROLLBACK], "retry checkout --commit --push"),
    scene(&[ADVANCE], PAUSE),
    scene(&[ADVANCE, PAUSE], "resume checkout --commit --push"),
    scene(&[ADVANCE], FREEZE),
    scene(&[ADVANCE, FREEZE], "unfreeze --commit --push"),
    Scene {
        before: &[ADVANCE],
        lowered: true,
        line: "sync --force --commit --push",
    },
    scene(&[ADVANCE], "new search --commit"),
];

/// When every commit is made: with one date the same work gives the same commit.
const COMMITTED: &str = "2026-11-24T12:00:00Z";

/// What a repository holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    /// The files of the work tree by path.
    files: BTreeMap<String, Vec<u8>>,
    head: String,
    remote: String,
}

/// All on which it depends how the next run goes: a fault that leaves what another one left needs no second
/// look.
#[derive(PartialEq, Eq, Hash)]
struct Left {
    state: State,
    /// What git holds beside its objects, and its index: of both repositories.
    git: BTreeMap<String, Vec<u8>>,
    index: String,
    /// Which files are not those that were set up.
    written: Vec<String>,
    told: Told,
}

/// What a run said about what is still to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Told {
    exposes: bool,
    unrecorded: bool,
    owes: bool,
}

/// A scene that can be played again and again.
pub(super) struct Staged {
    pub(super) scene: Scene,
    pub(super) world: World,
    /// A copy of the repository and its remote as they are before the command.
    kept: TempDir,
    before: State,
    after: State,
    /// How the command ends when nothing fails.
    pub(super) code: Option<i32>,
    commits: usize,
    /// What did not hold after the next run, by what the fault had left.
    seen: RefCell<HashMap<Left, Vec<String>>>,
    /// When a part was set up that comes after the work tree.
    set_up: RefCell<SystemTime>,
}

impl Staged {
    pub(super) fn new(scene: Scene) -> Self {
        let mut world = World::new();
        for date in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            world.rollout = world.rollout.variable(date, COMMITTED);
        }
        world.git("init --quiet --bare --template= --initial-branch=main ../remote.git");
        world.git("remote add origin ../remote.git");
        world.git("push --quiet --set-upstream origin main");
        for (number, line) in scene.before.iter().enumerate() {
            let output = world.rollout.run(at(line, number));
            output.exits(0);
        }
        if scene.lowered {
            world.edit(
                FLAGS,
                r#"[["on", 5], ["off", 95]]"#,
                r#"[["on", 1], ["off", 99]]"#,
            );
            world.git("commit --quiet --all -m brake");
            world.git("push --quiet");
        }
        // Examples of hooks, which are copied each time.
        std::fs::remove_dir_all(world.rollout.path().join(".git/hooks")).unwrap();
        let kept = TempDir::new().unwrap();
        copy(world.rollout.path().parent().unwrap(), kept.path());
        let before = state(&world);
        let output = world.rollout.run(at(scene.line, scene.before.len()));
        assert!(matches!(output.code, Some(0)), "{}: {output}", scene.line);
        let mut staged = Self {
            before,
            after: state(&world),
            code: output.code,
            commits: 0,
            seen: RefCell::default(),
            set_up: RefCell::new(SystemTime::UNIX_EPOCH),
            scene,
            world,
            kept,
        };
        assert_ne!(staged.before, staged.after, "{}", scene.line);
        staged.commits = staged.count();
        assert_eq!(staged.world.git("status --porcelain"), "");
        staged.set_up();
        staged
    }

    /// Makes everything as it was before the command.
    pub(super) fn set_up(&self) {
        let home = self.world.rollout.path();
        let home = home.parent().unwrap();
        for name in ["work", "remote.git"] {
            // What fails here shows when it is copied.
            let _ = std::fs::remove_dir_all(home.join(name));
            copy(&self.kept.path().join(name), &home.join(name));
        }
        *self.set_up.borrow_mut() = std::fs::metadata(home.join("remote.git/HEAD"))
            .and_then(|it| it.modified())
            .unwrap();
    }

    /// The command's arguments.
    pub(super) fn line(&self) -> Vec<String> {
        at(self.scene.line, self.scene.before.len()).collect()
    }

    fn count(&self) -> usize {
        let count = self.world.git("rev-list --count HEAD");
        count.trim().parse().unwrap()
    }

    /// What does not hold of what a run that ended like this said and left.
    pub(super) fn wrong(&self, output: &Output) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        let said = format!("{}{}", output.stdout, output.stderr);
        let now = state(&self.world);
        let same = now.files == self.before.files && now.head == self.before.head;
        must(
            output.code.is_some() && !said.contains("panicked"),
            "it crashed",
        );
        must(
            !said.contains("nothing was changed") || (same && now.remote == self.before.remote),
            "it says that nothing was changed",
        );
        must(
            !said
                .replace("a target is written, but not committed", "")
                .contains("not committed")
                || now.head == self.before.head,
            "it says that it was not committed",
        );
        must(
            !said.contains("not pushed") || now.remote == self.before.remote,
            "it says that it was not pushed",
        );
        must(
            output.code != self.code || now.files == self.after.files,
            "it says that all was done",
        );
        must(
            output.code != self.code || now.head != self.before.head,
            "it says that it was committed",
        );
        // A rollback is never kept from the plan by a target that cannot be lowered; the next run lowers it.
        let exposes = said.contains("still exposes users");
        let unrecorded = said.contains("the record of it is missing");
        // What is owed is told, and gets a commit of its own.
        let owes = exposes || unrecorded || said.contains("a target is written, but not committed");
        let told = Told {
            exposes,
            unrecorded,
            owes,
        };
        let left = self.left(now, told);
        let seen = self.seen.borrow().get(&left).cloned();
        wrong.extend(seen.unwrap_or_else(|| {
            let wrong = self.wrong_afterwards(told);
            self.seen.borrow_mut().insert(left, wrong.clone());
            wrong
        }));
        wrong
    }

    /// How many different things the faults left.
    pub(super) fn endings(&self) -> usize {
        self.seen.borrow().len()
    }

    fn left(&self, state: State, told: Told) -> Left {
        let home = self.world.rollout.path();
        let home = home.parent().unwrap();
        let mut git = BTreeMap::new();
        for name in ["work/.git", "remote.git"] {
            gather(&home.join(name), &format!("{name}/"), &mut git);
        }
        git.retain(|path, _| !path.contains("/objects/") && !path.ends_with("/index"));
        let mut written: Vec<String> = state.files.keys().cloned().collect();
        written.retain(|path| {
            let file = std::fs::metadata(home.join("work").join(path)).unwrap();
            file.modified().unwrap() > *self.set_up.borrow()
        });
        Left {
            state,
            git,
            index: self.world.git("ls-files --stage"),
            written,
            told,
        }
    }

    /// What does not hold of what a run left, and after the next run, which nothing disturbs.
    fn wrong_afterwards(&self, told: Told) -> Vec<String> {
        let Told {
            exposes,
            unrecorded,
            owes,
        } = told;
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        let valid = self.world.rollout.run(["validate"]);
        must(valid.code == Some(0), &format!("a file is torn: {valid}"));
        if valid.code == Some(0) && !exposes {
            let [told, targets @ ..] = self.world.shown();
            must(
                targets.iter().all(|shown| *shown <= told),
                &format!("targets show {targets:?} where the plan says {told}"),
            );
        }
        let again = self.world.rollout.run(self.line());
        let healed = state(&self.world);
        let differ: Vec<&String> = healed
            .files
            .iter()
            .filter(|(path, text)| self.after.files.get(*path) != Some(*text))
            // A record that is made up for knows less.
            .filter(|(path, _)| !(unrecorded && path.contains(".evidence")))
            .map(|(path, _)| path)
            .chain(
                self.after
                    .files
                    .keys()
                    .filter(|path| !healed.files.contains_key(*path)),
            )
            .collect();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{what} after the next run\n{again}\n"));
            }
        };
        must(
            differ.is_empty(),
            &format!("files are not as they would be: {differ:?}"),
        );
        let left = self.world.git("status --porcelain");
        must(left.is_empty(), &format!("not committed: {left}"));
        let count = self.count();
        must(
            count == self.commits || (owes && count == self.commits + 1),
            &format!("{count} commits, not {}", self.commits),
        );
        if self.scene.line.contains("--push") {
            must(healed.head == healed.remote, "not pushed");
        }
        let history = self.world.rollout.run(["history", "checkout"]);
        must(
            history.code == Some(0),
            &format!("the chain is broken: {history}"),
        );
        wrong
    }
}

/// A command some hours into the world's day.
fn at(line: &str, hours: usize) -> impl Iterator<Item = String> + use<> {
    let now = format!("2026-11-24T{:02}:00:00Z", 12 + hours);
    let words = line.split(' ').map(str::to_owned);
    words
        .chain(["--now".to_owned(), now])
        .collect::<Vec<_>>()
        .into_iter()
}

fn state(world: &World) -> State {
    let mut files = BTreeMap::new();
    gather(&world.rollout.path(), "", &mut files);
    // By these runs wait for each other.
    files.retain(|path, _| !path.ends_with(".lock"));
    let branch = |repository: &str| {
        let path = world.rollout.path().join(repository);
        std::fs::read_to_string(path.join("refs/heads/main")).unwrap()
    };
    State {
        files,
        head: branch(".git"),
        remote: branch("../remote.git"),
    }
}

/// The files below a folder, but for git's own.
fn gather(folder: &Path, above: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{above}{name}");
        if name == ".git" {
            continue;
        }
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}
