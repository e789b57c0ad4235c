//! Applying decisions, and what can be told of them afterwards.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rollout::plan::{declared_digest, state_of};
use rollout::workspace::{Directory, Record, WorkspaceError, apply, evidence_of, orphans};

use super::support::{PLAN, assert_sound, files, grounds, now, plan, put, rollouts, state};

#[test]
fn a_transition_writes_evidence_and_state() {
    let (_folder, directory) = rollouts();
    let before = plan(&directory);
    let applied = apply(&directory, &before, &state(1), &grounds(), now())
        .unwrap()
        .unwrap();
    assert_eq!(
        applied.evidence_path.as_deref().unwrap(),
        ".evidence/plan/2026-11-22T120000Z-advance.json"
    );
    assert_eq!(applied.plan, plan(&directory));
    assert_eq!(
        state_of(&applied.plan.text).value.unwrap().unwrap(),
        *applied.state()
    );
    let text = std::fs::read_to_string(
        directory
            .root()
            .join(applied.evidence_path.as_ref().unwrap()),
    )
    .unwrap();
    let record = Record::read(&text).unwrap();
    assert_eq!(record.grounds, grounds());
    assert_eq!(record.after, *applied.state());
    assert_eq!(record.before, None);
    assert_eq!(record.plan_digest_before, before.digest);
    assert_eq!(record.declared.digest, declared_digest(PLAN));
    assert_eq!(declared_digest(&record.plan_text()), record.declared.digest);
    assert_eq!(state_of(&record.plan_text()).value.unwrap(), record.before);

    let again = apply(&directory, &applied.plan, &state(2), &grounds(), now())
        .unwrap()
        .unwrap();
    assert_eq!(
        again.evidence_path.as_deref().unwrap(),
        ".evidence/plan/2026-11-22T120000Z-advance-2.json"
    );
    assert_sound(&directory, &[1, 2]);
    assert_eq!(
        orphans(&directory, &directory.load().unwrap()).unwrap(),
        [] as [PathBuf; 0]
    );
}

#[test]
fn a_run_that_changes_nothing_touches_nothing() {
    let (_folder, directory) = rollouts();
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    let stamp = |directory: &Directory| {
        let metadata = std::fs::metadata(directory.root().join("plan.toml")).unwrap();
        (metadata.modified().unwrap(), files(directory.root()))
    };
    let before = stamp(&directory);
    let none = apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    assert_eq!(none, None);
    assert_eq!(stamp(&directory), before);
}

#[test]
fn a_plan_changed_since_it_was_read_is_left_alone() {
    let (_folder, directory) = rollouts();
    let before = plan(&directory);
    put(&before.path, "owner = \"ben\"\n");
    let error = apply(&directory, &before, &state(1), &grounds(), now()).unwrap_err();
    assert!(matches!(error, WorkspaceError::Stale { .. }), "{error}");
    assert_eq!(plan(&directory).text, "owner = \"ben\"\n");
    assert_eq!(files(directory.root()), ["plan.toml"]);
}

#[test]
fn a_run_waits_for_another_one_and_then_gives_up() {
    let (_folder, directory) = rollouts();
    let lock = directory.lock().unwrap();
    let hasty = directory.clone().patient(Duration::from_millis(50));
    let error = apply(&hasty, &plan(&hasty), &state(1), &grounds(), now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "another run of rollout is writing in rollouts; gave up after 50 ms"
    );
    drop(lock);
    apply(&hasty, &plan(&hasty), &state(1), &grounds(), now()).unwrap();
}

#[test]
fn a_symbolic_link_stays_one_and_its_target_is_written() {
    let (folder, directory) = rollouts();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("target.toml");
    std::fs::rename(folder.path().join("plan.toml"), &target).unwrap();
    std::os::unix::fs::symlink(&target, folder.path().join("plan.toml")).unwrap();
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    assert!(folder.path().join("plan.toml").is_symlink());
    assert_eq!(
        std::fs::read_to_string(&target).unwrap(),
        plan(&directory).text
    );
    assert_eq!(files(elsewhere.path()), ["target.toml"]);
    assert_sound(&directory, &[1]);
}

#[test]
fn mode_and_owner_are_kept() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    for mode in [0o644, 0o600, 0o664] {
        let (_folder, directory) = rollouts();
        let path = directory.root().join("plan.toml");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        // Only root may give files away; for anybody else the owner cannot change anyhow.
        let given = chown(&path, Some(4_321), Some(4_321)).is_ok();
        apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
        let evidence = directory
            .root()
            .join(".evidence/plan/2026-11-22T120000Z-advance.json");
        for file in [&path, &evidence] {
            let metadata = std::fs::metadata(file).unwrap();
            assert_eq!(metadata.mode() & 0o7777, mode, "{}", file.display());
            if given {
                assert_eq!((metadata.uid(), metadata.gid()), (4_321, 4_321));
            }
        }
    }
}

#[test]
fn a_changed_or_removed_record_is_found() {
    let (_folder, directory) = rollouts();
    for stage in 1..=3 {
        apply(
            &directory,
            &plan(&directory),
            &state(stage),
            &grounds(),
            now(),
        )
        .unwrap();
    }
    let chain = evidence_of(&directory, &plan(&directory));
    assert_eq!((chain.links.len(), chain.breaks.len()), (3, 0));
    for link in &chain.links {
        let path = directory.root().join(&link.path);
        let text = std::fs::read_to_string(&path).unwrap();
        for at in (0..text.len()).filter(|at| at % 97 == 0 || at + 3 > text.len()) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            put_bytes(&path, &bytes);
            let found = evidence_of(&directory, &plan(&directory)).breaks;
            assert_eq!(found.len(), 1, "byte {at} of {}", link.path);
        }
        put(&path, &text.replace('\n', "\r\n"));
        let converted = evidence_of(&directory, &plan(&directory));
        assert_eq!(converted, chain, "git may convert line endings");
        std::fs::remove_file(&path).unwrap();
        let found = evidence_of(&directory, &plan(&directory)).breaks;
        assert_eq!(found[0].to_string(), format!("{} is missing", link.path));
        put(&path, &text);
        assert_eq!(evidence_of(&directory, &plan(&directory)), chain);
    }
    let text = plan(&directory).text;
    assert!(!evidence_of(&directory, &plan(&directory)).declared_changed);
    put(
        &directory.root().join("plan.toml"),
        &text.replace("exposure = 1\r", "exposure = 2\r"),
    );
    assert!(evidence_of(&directory, &plan(&directory)).declared_changed);
    let edited = text.replace("stage = 3", "stage = 4");
    put(&directory.root().join("plan.toml"), &edited);
    let found = evidence_of(&directory, &plan(&directory)).breaks;
    assert!(
        found[0].to_string().contains("somebody changed it by hand"),
        "{found:?}"
    );
}

fn put_bytes(path: &Path, bytes: &[u8]) {
    rollout::workspace::write_file(path, bytes).unwrap();
}

#[test]
fn a_record_nobody_names_is_an_orphan_and_stops_nothing() {
    let (_folder, directory) = rollouts();
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    // As if the run had been killed between the record and the plan.
    put(&directory.root().join("plan.toml"), PLAN);
    let found = orphans(&directory, &directory.load().unwrap()).unwrap();
    assert_eq!(found.len(), 1);
    // The same decision again finds its own record and uses it; another one writes another.
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    assert_sound(&directory, &[1]);
    put(&directory.root().join("plan.toml"), PLAN);
    let other = apply(&directory, &plan(&directory), &state(2), &grounds(), now());
    assert!(
        other
            .unwrap()
            .unwrap()
            .evidence_path
            .unwrap()
            .ends_with("-advance-2.json")
    );
    assert_sound(&directory, &[2]);
    assert_eq!(
        orphans(&directory, &directory.load().unwrap()).unwrap(),
        found
    );
}

#[test]
fn one_unreadable_plan_does_not_hide_the_others() {
    let (folder, directory) = rollouts();
    put(&folder.path().join("config.toml"), "[arms]\n");
    for team in ["a", "b", ".c"] {
        std::fs::create_dir(folder.path().join(team)).unwrap();
        put(&folder.path().join(team).join("double.toml"), "");
    }
    put_bytes(&folder.path().join("latin.toml"), b"owner = \"\xe4\"\n");
    put(&folder.path().join(".hidden.toml"), "");
    put(&folder.path().join("notes.md"), "");
    std::os::unix::fs::symlink("nowhere.toml", folder.path().join("gone.toml")).unwrap();
    let loaded = directory.load().unwrap();
    let names: Vec<&str> = loaded.plans.iter().map(|plan| plan.name.as_str()).collect();
    assert_eq!(names, ["plan"]);
    assert_eq!(loaded.config_text, "[arms]\n");
    let mut errors: Vec<String> = loaded
        .unreadable
        .iter()
        .map(|plan| plan.error.to_string())
        .collect();
    errors.sort();
    assert_eq!(
        errors,
        [
            "rollouts/a/double.toml cannot be read: rollouts/b/double.toml has the same name; names of plans are unique",
            "rollouts/b/double.toml cannot be read: rollouts/a/double.toml has the same name; names of plans are unique",
            "rollouts/gone.toml cannot be read: No such file or directory (os error 2)",
            "rollouts/latin.toml cannot be read: byte 10 is not UTF-8",
        ]
    );
}
