//! What git remembers: changes since a revision, and history.

use super::tree::Tree;
use rollout::workspace::git::FileChange;

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
            FileChange::Added { path: named("new") },
            FileChange::Modified {
                path: named("edited")
            },
            FileChange::Modified {
                path: named("forgotten")
            },
            FileChange::Deleted {
                path: named("gone")
            },
            FileChange::Renamed {
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
