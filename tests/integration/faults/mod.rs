//! Writing commands whose system calls and git children fail, one at a time: no file is torn, no transition
//! is lost, what is said is true, and the next run without a fault finishes the work.
//!
//! Every run of the tests tries some of the faults; `ROLLOUT_TEST_FAULTS=100` tries so many of each command,
//! and `all` each of them, with `--nocapture` for the table.

#![expect(
    clippy::print_stdout,
    reason = "the long form tells by a table what was tried"
)]

mod calls;
mod children;
mod model;
mod mutated;
mod scene;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use scene::{SCENES, Staged};

/// How many faults of a scene one asks for, where it is the long form.
fn asked() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how one asks for the long form")]
    std::env::var("ROLLOUT_TEST_FAULTS").ok()
}

/// Those of the faults of a scene that are tried: all, or a few of them, each of another kind than the one
/// before. The next scene goes on with the kinds at which this one ends, so that all scenes together try
/// every kind.
fn chosen<T, K: PartialEq>(
    all: Vec<T>,
    few: usize,
    scene: usize,
    kind: impl Fn(&T) -> K,
) -> Vec<T> {
    let few = match asked().as_deref() {
        Some("all") => usize::MAX,
        Some(number) => number.parse().unwrap(),
        None => few,
    };
    if all.len() <= few {
        return all;
    }
    let mut kinds: Vec<(K, Vec<T>)> = Vec::new();
    for fault in all {
        let this = kind(&fault);
        match kinds.iter_mut().find(|(kind, _)| *kind == this) {
            Some((_, faults)) => faults.push(fault),
            None => kinds.push((this, vec![fault])),
        }
    }
    let mut taken = Vec::new();
    for place in few * scene.. {
        if taken.len() == few {
            break;
        }
        let at = place % kinds.len();
        let (_, faults) = &mut kinds[at];
        if !faults.is_empty() {
            // Off the first calls, which are those of the loader.
            taken.push(faults.remove((faults.len() / 2 + place) % faults.len()));
        }
    }
    taken
}

/// Scenes at once in each half of the long form. A run that is refused by its server waits before it asks
/// again, and waiting costs nothing.
const AT_ONCE: usize = 3;

/// Every command of every second scene with faults of both kinds: two tests, for two cores.
fn whatever_fails(half: usize) {
    let can_trace = calls::can_trace();
    let tallies = Mutex::new((Tally::default(), Tally::default()));
    let git = children::FailingGit::new();
    let next = AtomicUsize::new(half);
    let work = || {
        loop {
            let number = next.fetch_add(2, Ordering::Relaxed);
            let Some(scene) = SCENES.get(number) else {
                break;
            };
            let (mut calls, mut children) = (Tally::default(), Tally::default());
            let staged = Staged::new(*scene);
            if can_trace {
                calls::fail(&staged, number, &mut calls);
                staged.set_up();
            }
            children::fail(&staged, number, &git, &mut children);
            // Told as it goes: the long form takes its time, and may be stopped.
            println!(
                "{}: {} calls and {} children failed, with {} different endings; {} wrong",
                scene.line,
                calls.tried.values().sum::<usize>(),
                children.tried.values().sum::<usize>(),
                staged.endings(),
                calls.wrong.len() + children.wrong.len(),
            );
            let mut all = tallies.lock().unwrap();
            all.0.join(calls);
            all.1.join(children);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..if asked().is_some() { AT_ONCE } else { 1 } {
            scope.spawn(work);
        }
    });
    if !can_trace {
        println!(
            "SKIPPED: no system call can be made to fail: strace is not there or may not trace"
        );
    }
    let (calls, children) = tallies.into_inner().unwrap();
    calls.tell("calls that fail");
    children.tell("children that fail");
    calls.assert_right();
    children.assert_right();
}

#[test]
fn whatever_fails_nothing_is_torn_or_lost_and_what_is_said_is_true() {
    whatever_fails(0);
}

#[test]
fn nor_in_the_other_half_of_the_commands() {
    whatever_fails(1);
}

/// What was tried, and what was wrong about it.
#[derive(Default)]
struct Tally {
    /// Faults by scene.
    tried: BTreeMap<String, usize>,
    /// Of these, how many the command did not survive.
    failed: BTreeMap<String, usize>,
    wrong: Vec<String>,
    /// Faults that met a call which cannot fail.
    passed_by: usize,
}

impl Tally {
    /// Takes in what a fault did to a scene.
    fn add(&mut self, staged: &Staged, fault: &str, output: &crate::support::Output) {
        let name = staged.scene.line.to_owned();
        *self.tried.entry(name.clone()).or_default() += 1;
        *self.failed.entry(name).or_default() += usize::from(output.code != staged.code);
        let wrong = staged.wrong(output);
        if !wrong.is_empty() {
            let Staged { scene, .. } = staged;
            self.wrong.push(format!(
                "{} with {fault}: {}\n{output}",
                scene.line,
                wrong.join("; ")
            ));
        }
    }

    fn join(&mut self, other: Self) {
        self.tried.extend(other.tried);
        self.failed.extend(other.failed);
        self.wrong.extend(other.wrong);
        self.passed_by += other.passed_by;
    }

    fn tell(&self, what: &str) {
        println!("| command | {what} | it failed |\n| --- | --- | --- |");
        for (name, tried) in &self.tried {
            println!("| {name} | {tried} | {} |", self.failed[name]);
        }
        if self.passed_by > 0 {
            println!("{} met a call that cannot fail", self.passed_by);
        }
    }

    fn assert_right(&self) {
        let count = self.wrong.len();
        assert!(
            self.wrong.is_empty(),
            "{count} wrong:\n{}",
            self.wrong.join("\n\n")
        );
    }
}
