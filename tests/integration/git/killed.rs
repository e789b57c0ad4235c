//! A run that commits, killed at any instant: the next one finishes what it owes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::tree::Tree;
use crate::support::kills;

const HELP: &str = "ROLLOUT_TEST_COMMITTER";

/// Not a test of its own: what the process that is killed does.
#[test]
fn helper() {
    #[expect(clippy::disallowed_methods, reason = "how the parent says where")]
    let Ok(path) = std::env::var(HELP) else {
        return;
    };
    let tree = Tree::at(path.into());
    println!("ready");
    loop {
        tree.transition(tree.stage() % 90 + 1).unwrap();
    }
}

/// What a person does after a crash of git itself.
fn remove_locks(tree: &Tree) {
    for lock in ["index.lock", "HEAD.lock", "refs/heads/main.lock"] {
        let path = tree.path.join(".git").join(lock);
        if Path::new(&path).exists() {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn a_run_killed_while_it_commits_is_finished_by_the_next() {
    let tree = Tree::new();
    let began = Instant::now();
    tree.transition(1).unwrap();
    let longest = 2 * began.elapsed().as_micros();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut owed = 0;
    let kills = kills(10);
    for _ in 0..kills {
        #[expect(
            clippy::disallowed_methods,
            reason = "real processes are what is tested here"
        )]
        let mut command = Command::new("setsid");
        // A session of its own, so that git dies with the run, as with a machine.
        let mut child = command
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "git::killed::helper", "--nocapture"])
            .env(HELP, &tree.path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("ready")));
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let wait = u128::from(seed >> 33) % longest;
        std::thread::sleep(Duration::from_micros(u64::try_from(wait).unwrap()));
        tree.kill_session(child.id());
        child.wait().unwrap();
        remove_locks(&tree);

        let repository = tree.repository().unwrap();
        let finished = repository.finish(&tree.directory(), &tree.plan()).unwrap();
        owed += usize::from(finished.is_some());
        assert_eq!(tree.git("status --porcelain --untracked-files=no"), "");
        tree.transition(tree.stage() % 90 + 1).unwrap().unwrap();
        tree.assert_unbroken();
    }
    // Each record in the chain was committed, and each commit holds the plan with it.
    let commits: usize = tree.git("rev-list --count HEAD").parse().unwrap();
    assert!(
        commits > kills + 1,
        "the processes did next to nothing: {commits}"
    );
    assert!(owed <= kills);
    tree.assert_history_is_the_chain();
}
