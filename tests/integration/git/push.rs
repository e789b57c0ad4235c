//! Pushing: races, refusals, and what is never dropped.

use super::tree::Tree;
use rollout::workspace::git::{GitError, Push, backoff};
use rollout::workspace::write_file;
use std::path::Path;

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
    two.transition_in(&repository, 7, "rollout").unwrap();
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
    tree.transition_in(&repository, 2, "rollout").unwrap();
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

#[test]
fn what_cannot_be_pushed_is_taken_back_unless_it_is_better_kept() {
    let tree = Tree::new().with_upstream();
    let bare = tree.path.join("../bare.git");
    std::fs::rename(&bare, tree.path.join("../away.git")).unwrap();
    let repository = tree.repository().unwrap();
    let directory = tree.directory();
    let before = tree.picture();
    let mark = repository.mark().unwrap();
    tree.transition_in(&repository, 1, "rollout").unwrap();
    let error = repository.publish(&directory, &mark, false).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the transition was taken back here"),
        "{error}"
    );
    assert_eq!(tree.picture(), before);

    tree.transition(2).unwrap();
    let error = repository.publish(&directory, &mark, true).unwrap_err();
    assert!(
        error.to_string().ends_with("is written and committed here"),
        "{error}"
    );
    assert!(error.cure().contains("the next run with --push pushes it"));
    assert_eq!(tree.stage(), 2);

    std::fs::rename(tree.path.join("../away.git"), &bare).unwrap();
    assert_eq!(
        repository
            .publish(&directory, &repository.mark().unwrap(), false)
            .unwrap(),
        Push::Done
    );
    assert_eq!(
        tree.git("rev-parse origin/main"),
        tree.git("rev-parse HEAD")
    );
}

#[test]
fn only_the_run_s_own_commits_are_taken_back() {
    let tree = Tree::new().with_upstream();
    let repository = tree.repository().unwrap();
    let mark = repository.mark().unwrap();
    tree.transition_in(&repository, 1, "rollout").unwrap();
    tree.git("commit --quiet --allow-empty -m mine");
    let before = tree.picture();
    let error = repository.withdraw(&tree.directory(), &mark).unwrap_err();
    assert!(error.to_string().contains("not rollout's own"), "{error}");
    assert_eq!(tree.picture(), before);
    tree.git("reset --quiet --soft HEAD~1");
    tree.transition_by(2, "person:ann").unwrap();
    let before = tree.picture();
    repository.withdraw(&tree.directory(), &mark).unwrap_err();
    assert_eq!(tree.picture(), before);
}

#[test]
fn other_work_is_not_pushed_along() {
    let tree = Tree::new().with_upstream();
    tree.put("notes.txt", "mine\n");
    tree.git("commit --quiet -a -m mine");
    let error = tree.repository().unwrap().ready_to_push().unwrap_err();
    assert!(error.to_string().contains("not rollout's own"), "{error}");
    assert!(error.cure().contains("git push"));
    tree.git("push --quiet");
    tree.repository().unwrap().ready_to_push().unwrap();
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
                    tree.transition_in(&repository, round, "rollout").unwrap();
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
fn waits_grow_and_end() {
    for attempt in 0..50 {
        for random in [0, 1, u64::MAX] {
            assert!(backoff(attempt, random).as_secs() < 8);
        }
    }
    assert!(backoff(1, u64::MAX) < backoff(5, u64::MAX));
}
