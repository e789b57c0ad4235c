//! Pushing: races, refusals, and what is never dropped.

use super::tree::Tree;
use rollout::workspace::git::{GitError, Moved, Publication, Push, backoff};
use rollout::workspace::write_file;

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
    two.transition_in(&repository, 7, "rollout").unwrap();
    assert!(matches!(repository.push().unwrap(), Push::Rejected { .. }));
    let moved = repository.catch_up(&two.directory()).unwrap();
    assert_eq!(moved.dropped, ["plan"]);
    assert_eq!(two.stage(), 1);
    assert_eq!(two.git("rev-parse HEAD"), one.git("rev-parse HEAD"));
    assert_eq!(two.git("status --porcelain"), "M  notes.txt\n?? mine.txt");
    two.assert_sound();

    two.transition(2).unwrap();
    assert_eq!(repository.push().unwrap(), Push::Done);
    assert_eq!(two.git("status --porcelain"), "M  notes.txt\n?? mine.txt");
    up_to_date(&one);
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
    up_to_date(&two);
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

fn up_to_date(tree: &Tree) {
    let repository = tree.repository().unwrap();
    let moved = repository.catch_up(&tree.directory()).unwrap();
    assert_eq!(moved.carried, []);
}

#[test]
fn what_a_remote_refuses_is_told_in_its_words() {
    let tree = Tree::new().with_upstream();
    let refusing = Tree::at(tree.path.join("../bare.git"));
    refusing.executable(
        "hooks/pre-receive",
        "#!/bin/sh\necho protected >&2\nexit 1\n",
    );
    tree.transition(2).unwrap();
    let error = tree.repository().unwrap().push().unwrap_err();
    assert!(matches!(error, GitError::PushFailed { .. }), "{error}");
    assert!(error.to_string().contains("protected"), "{error}");
}

#[test]
fn what_cannot_be_pushed_is_taken_back_unless_a_person_said_it() {
    let tree = Tree::new().with_upstream();
    let bare = tree.path.join("../bare.git");
    std::fs::rename(&bare, tree.path.join("../away.git")).unwrap();
    let repository = tree.repository().unwrap();
    let directory = tree.directory();
    let before = tree.picture();
    tree.transition_in(&repository, 1, "rollout").unwrap();
    let Publication::Unpublished(short) = repository.publish(&directory) else {
        panic!("there is no remote");
    };
    assert_eq!((short.kept.len(), short.taken_back.len()), (0, 1));
    assert!(
        short.to_string().ends_with("taken back here: plan"),
        "{short}"
    );
    assert_eq!(tree.picture(), before);
    tree.assert_sound();

    tree.transition_in(&repository, 2, "person:ann").unwrap();
    let Publication::Unpublished(short) = repository.publish(&directory) else {
        panic!("there is no remote");
    };
    assert_eq!((short.kept.len(), short.taken_back.len()), (1, 0));
    assert!(short.cure().contains("the next run with --push pushes it"));
    assert_eq!(tree.stage(), 2);

    std::fs::rename(tree.path.join("../away.git"), &bare).unwrap();
    let done = Publication::Done(Moved::default());
    assert_eq!(repository.publish(&directory), done);
    assert_eq!(
        tree.git("rev-parse origin/main"),
        tree.git("rev-parse HEAD")
    );
}

#[test]
fn work_beside_a_transition_keeps_it_from_being_taken_back() {
    let tree = Tree::new().with_upstream();
    let repository = tree.repository().unwrap();
    tree.transition_in(&repository, 1, "rollout").unwrap();
    tree.git("commit --quiet --allow-empty -m mine");
    let before = tree.picture();
    let Publication::Unpublished(short) = repository.publish(&tree.directory()) else {
        panic!("other work is not pushed along");
    };
    assert!(short.said.contains("not rollout's own"), "{short}");
    assert_eq!(short.taken_back, [] as [String; 0]);
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
                if tree.stage() < round {
                    tree.transition_in(&repository, round, "rollout").unwrap();
                }
                match repository.push() {
                    Ok(Push::Done) => break,
                    Ok(Push::Rejected { .. }) => {
                        drop(repository.catch_up(&tree.directory()).unwrap())
                    }
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
    up_to_date(&one);
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

#[test]
fn a_lock_that_the_remote_does_not_let_go_is_named_and_nobody_is_blamed() {
    let tree = Tree::new().with_upstream();
    tree.transition(1).unwrap();
    let repository = tree.repository().unwrap();
    let lock = tree
        .path
        .with_file_name("bare.git")
        .join("refs/heads/main.lock");
    write_file(&lock, b"").unwrap();
    let Publication::Unpublished(unpublished) = repository.publish(&tree.directory()) else {
        panic!("the remote took it");
    };
    let (said, cure) = (unpublished.to_string(), unpublished.cure());
    assert!(
        said.contains("with nothing new there: another git is at work there"),
        "{said}"
    );
    assert!(said.contains("refs/heads/main.lock"), "{said}");
    assert!(
        !said.contains("faster") && !said.contains("somebody"),
        "{said}"
    );
    assert!(cure.contains("remove that file there"), "{cure}");
    std::fs::remove_file(&lock).unwrap();
    assert!(matches!(
        repository.publish(&tree.directory()),
        Publication::Done(_)
    ));
}

#[test]
fn a_lock_that_the_remote_lets_go_costs_a_moment() {
    let tree = Tree::new().with_upstream();
    tree.transition(1).unwrap();
    let lock = tree
        .path
        .with_file_name("bare.git")
        .join("refs/heads/main.lock");
    write_file(&lock, b"").unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::fs::remove_file(&lock).unwrap();
    });
    let published = tree.repository().unwrap().publish(&tree.directory());
    holder.join().unwrap();
    assert!(matches!(published, Publication::Done(_)), "{published:?}");
}
