//! Everything that keeps a transition from being committed, with its cure, and nothing changed.

use super::tree::{PLAN, Tree};

#[test]
fn a_failing_hook_changes_nothing() {
    let tree = Tree::new();
    tree.put("notes.txt", "staged\n");
    tree.git("add notes.txt");
    for hook in ["pre-commit", "commit-msg", "prepare-commit-msg"] {
        tree.hook(hook, "echo the hook says no >&2; exit 1");
        tree.refuses(
            "git did not commit rollouts/plan.toml, which was put back as it was: the hook says no",
            "make the commit possible",
        );
        std::fs::remove_file(tree.path.join(".git/hooks").join(hook)).unwrap();
    }
    tree.transition(1).unwrap().unwrap();
}

#[test]
fn failing_signing_changes_nothing() {
    let tree = Tree::new();
    tree.git("config commit.gpgSign true");
    tree.git("config gpg.program false");
    tree.refuses("gpg failed to sign", "nothing was changed");
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
fn plans_on_another_mount_than_the_repository_are_told_apart_from_plans_without_one() {
    let tree = Tree::new();
    tree.executable(
        "../bin/git",
        "#!/bin/sh\necho 'fatal: not a git repository (or any parent up to mount point /srv)' >&2\necho 'Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).' >&2\nexit 128\n",
    );
    let open = |tree: &Tree| {
        let first = tree.path.join("../bin").display().to_string();
        tree.try_repository_on_path(&first).unwrap_err()
    };
    let error = open(&tree);
    assert_eq!(
        error.to_string(),
        "rollouts is on another mount than the repository above it, and git does not look there"
    );
    assert!(error.cure().contains("GIT_DISCOVERY_ACROSS_FILESYSTEM=1"));
    std::fs::rename(tree.path.join(".git"), tree.path.join("../away")).unwrap();
    assert_eq!(
        open(&tree).to_string(),
        "rollouts is not in a git repository"
    );
}
