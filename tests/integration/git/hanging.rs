//! Git that never ends: a hook, a remote. It is stopped with everything it started, and nothing is
//! half-done. And git that was killed, and left its lock.

use std::path::Path;
use std::time::{Duration, Instant};

use super::tree::Tree;
use rollout::workspace::git::{GitError, Publication};

/// Far more than git needs, far less than what hangs.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Somebody who could be slow is gone by then.
const SOON: Duration = Duration::from_secs(20);

/// Says who it is, in `file`, and hangs.
fn hanging(file: &str) -> String {
    format!("echo $$ > {file}; exec sleep 600")
}

/// The process that hung has ended.
fn assert_gone(file: &Path) {
    let process = std::fs::read_to_string(file).unwrap();
    let stat = Path::new("/proc").join(process.trim()).join("stat");
    let began = Instant::now();
    // Whose parent is gone is buried by another.
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(began.elapsed() < SOON, "{process} still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_hook_that_hangs_is_ended_and_nothing_is_changed() {
    let tree = Tree::new();
    tree.put("notes.txt", "staged\n");
    tree.git("add notes.txt");
    tree.hook("pre-commit", &hanging("../hook"));
    let before = tree.picture();
    let run = tree.repository().unwrap().patient(PATIENCE);
    let error = tree.transition_in(&run, 1, "rollout").unwrap_err();
    assert_eq!(
        error.to_string(),
        "git commit did not end within 1.5 s and was stopped"
    );
    assert!(error.cure().contains("look for a hook"), "{}", error.cure());
    assert_eq!(tree.picture(), before);
    assert_gone(&tree.path.join("../hook"));
    assert!(!tree.path.join(".git/index.lock").exists());
    std::fs::remove_file(tree.path.join(".git/hooks/pre-commit")).unwrap();
    tree.transition(1).unwrap().unwrap();
    tree.assert_sound();
}

#[test]
fn a_hook_that_ignores_being_told_to_end_is_ended_all_the_same() {
    let tree = Tree::new();
    tree.hook(
        "pre-commit",
        "echo $$ > ../hook; trap '' TERM; while :; do sleep 1; done",
    );
    let before = tree.picture();
    let run = tree.repository().unwrap().patient(PATIENCE);
    let error = tree.transition_in(&run, 1, "rollout").unwrap_err();
    assert!(matches!(error, GitError::TooSlow { .. }), "{error}");
    assert_eq!(tree.picture(), before);
    assert_gone(&tree.path.join("../hook"));
}

#[test]
fn a_remote_that_hangs_takes_nothing_with_it() {
    let tree = Tree::new().with_upstream();
    tree.git("remote set-url origin ssh://nowhere.invalid/bare.git");
    let script = hanging(&tree.path.join("../ssh").display().to_string());
    tree.executable("../ssh.sh", &format!("#!/bin/sh\n{script}\n"));
    let ssh = tree.path.join("../ssh.sh").display().to_string();
    tree.git(&format!("config core.sshCommand {ssh}"));
    let run = tree.repository().unwrap().patient(PATIENCE);
    let error = run.catch_up(&tree.directory()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "git fetch failed: git fetch did not end within 1.5 s and was stopped"
    );
    assert_gone(&tree.path.join("../ssh"));

    let before = tree.picture();
    tree.transition_in(&run, 1, "rollout").unwrap();
    let Publication::Unpublished(short) = run.publish(&tree.directory()) else {
        panic!("it hangs");
    };
    assert_eq!(
        short.to_string(),
        "git push failed: git push did not end within 1.5 s and was stopped; taken back here: plan"
    );
    assert_gone(&tree.path.join("../ssh"));
    assert_eq!(tree.picture(), before);
}

#[test]
fn ssh_asks_nobody_anything_unless_it_is_the_users_own() {
    let tree = Tree::new().with_upstream();
    tree.git("remote set-url origin ssh://nowhere.invalid/bare.git");
    let seen = tree.path.join("../seen");
    let script = format!("#!/bin/sh\necho \"$@\" >> {}\nexit 1\n", seen.display());
    tree.executable("../bin/ssh", &script);
    let bin = tree.path.join("../bin").display().to_string();
    let run = tree.repository_on_path(&bin);
    run.catch_up(&tree.directory()).unwrap_err();
    let told = std::fs::read_to_string(&seen).unwrap();
    assert!(told.contains("BatchMode=yes"), "{told}");

    std::fs::remove_file(&seen).unwrap();
    tree.git(&format!("config core.sshCommand {bin}/ssh"));
    run.catch_up(&tree.directory()).unwrap_err();
    let told = std::fs::read_to_string(&seen).unwrap();
    assert!(!told.contains("BatchMode"), "{told}");
}

#[test]
fn the_lock_of_a_git_that_was_killed_is_named_with_its_cure() {
    let tree = Tree::new();
    tree.put(".git/index.lock", "");
    let lock = tree.path.join(".git/index.lock");
    let before = tree.plan();
    let error = tree.transition(1).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "another git is at work here, or was killed and left {}",
            lock.display()
        )
    );
    let remove = format!("remove the file: `rm {}`", lock.display());
    assert!(error.cure().contains(&remove), "{}", error.cure());
    assert_eq!(tree.plan(), before);
    std::fs::remove_file(&lock).unwrap();
    assert_eq!(tree.git("status --porcelain"), "");
}

#[test]
fn a_git_that_holds_the_index_for_a_moment_is_waited_for() {
    let tree = Tree::new();
    tree.put(".git/index.lock", "");
    let lock = tree.path.join(".git/index.lock");
    let transition = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            std::fs::remove_file(&lock).unwrap();
        });
        tree.transition(1)
    });
    transition.unwrap().unwrap();
    tree.assert_sound();
}
