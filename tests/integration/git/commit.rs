//! What a commit holds, where one can be made, and what the next run owes to a killed one.

use super::tree::{PLAN, Tree, grounds, now, state};
use rollout::workspace::git::{GitError, Push, apply_and_commit};
use rollout::workspace::{ALWAYS, write_file};

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

    let commit = committed.commit.unwrap();
    assert_eq!(commit, tree.git("rev-parse HEAD"));
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
    assert!(tree.transition(1).unwrap().is_none());
    assert_eq!(tree.git("rev-parse HEAD"), commit);
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
        &ALWAYS,
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
