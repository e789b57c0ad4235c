//! Records are below the directory, whatever links and states say.

use std::os::unix::fs::symlink;
use std::path::Path;

use rollout::plan::{Actor, Intervention, State, Status};
use rollout::units::Exposure;
use rollout::workspace::{WorkspaceError, apply, evidence_of};

use super::support::{grounds, now, plan, put, rollouts, state};

/// What is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn rolled_back() -> State {
    State {
        status: Status::RolledBack,
        exposure: Exposure::NONE,
        rollback: Some(Intervention {
            by: Actor::Person("ann".into()),
            at: now(),
            reason: None,
        }),
        ..state(1)
    }
}

#[test]
fn no_record_is_written_through_a_link_out_of_the_directory() {
    for link in [".evidence", ".evidence/plan"] {
        let (folder, directory) = rollouts();
        let elsewhere = tempfile::tempdir().unwrap();
        put(&elsewhere.path().join(".x.rollout-1"), "theirs");
        let link = folder.path().join(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(elsewhere.path(), &link).unwrap();
        let before = plan(&directory);
        let refused = apply(&directory, &before, &state(1), &grounds(), now()).unwrap_err();
        assert!(matches!(refused, WorkspaceError::Write { .. }), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("a link leads out of the directory"), "{said}");
        assert_eq!(plan(&directory), before);
        assert_eq!(names(elsewhere.path()), [".x.rollout-1"]);
        // Users are spared all the same; the record is owed.
        let spared = apply(&directory, &before, &rolled_back(), &grounds(), now());
        let spared = spared.unwrap().unwrap();
        assert_eq!(spared.evidence_path, None);
        assert_eq!(spared.troubles.len(), 1, "{:?}", spared.troubles);
        assert!(plan(&directory).text.contains("rolled_back"));
        assert_eq!(names(elsewhere.path()), [".x.rollout-1"]);
    }
}

#[test]
fn a_link_within_the_directory_is_a_folder_like_any_other() {
    let (folder, directory) = rollouts();
    std::fs::create_dir_all(folder.path().join(".records")).unwrap();
    symlink(".records", folder.path().join(".evidence")).unwrap();
    let applied = apply(&directory, &plan(&directory), &state(1), &grounds(), now());
    assert!(applied.unwrap().unwrap().evidence_path.is_some());
    let chain = evidence_of(&directory, &plan(&directory));
    assert!(chain.breaks.is_empty(), "{:?}", chain.breaks);
    assert_eq!(names(&folder.path().join(".records/plan")).len(), 1);
}

#[test]
fn no_record_is_read_from_elsewhere() {
    let (folder, directory) = rollouts();
    let applied = apply(&directory, &plan(&directory), &state(1), &grounds(), now());
    let applied = applied.unwrap().unwrap();
    let path = applied.evidence_path.unwrap();
    let record = folder.path().join(&path);
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("record.json");
    // The very record, but where no review sees what becomes of it.
    std::fs::rename(&record, &moved).unwrap();
    let broken = |why: &str| {
        let chain = evidence_of(&directory, &plan(&directory));
        assert!(chain.links.is_empty());
        let said = chain.breaks[0].to_string();
        assert!(said.contains(why), "{said}");
    };
    symlink(&moved, &record).unwrap();
    broken("a link leads out of the directory");
    std::fs::remove_file(&record).unwrap();
    symlink("/nowhere/at/all", &record).unwrap();
    broken("it is a link that leads nowhere");
    let text = plan(&directory).text;
    for named in [
        moved.to_str().unwrap(),
        ".evidence/../../record.json",
        "record.json",
    ] {
        put(
            &folder.path().join("plan.toml"),
            &text.replace(&path, named),
        );
        broken("records are files below `.evidence`");
    }
}
