//! Where the directory of plans is found, and what in it.

use super::*;

fn folders(paths: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for path in paths {
        let path = root.path().join(path);
        if path.extension().is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            super::super::write_file(&path, b"").unwrap();
        } else {
            std::fs::create_dir_all(path).unwrap();
        }
    }
    root
}

fn shown(root: &tempfile::TempDir, cwd: &str) -> Result<String, WorkspaceError> {
    let found = Directory::locate(None, None, &root.path().join(cwd))?;
    Ok(found.shown().display().to_string())
}

#[test]
fn the_nearest_directory_upward_is_found() {
    let root = folders(&["repo/git.d", "repo/rollouts/config.toml", "repo/a/b"]);
    assert_eq!(shown(&root, "repo").unwrap(), "rollouts");
    assert_eq!(shown(&root, "repo/a/b").unwrap(), "../../rollouts");
    assert_eq!(shown(&root, "repo/rollouts").unwrap(), "../rollouts");
}

#[test]
fn the_search_stops_at_the_root_of_the_repository() {
    let root = folders(&["rollouts/config.toml", "repo/.git", "repo/a"]);
    let error = shown(&root, "repo/a").unwrap_err();
    assert!(error.to_string().ends_with("/repo"), "{error}");
    assert!(error.cure().contains("rollout init"));
}

#[test]
fn a_source_folder_of_this_name_is_passed_by() {
    let root = folders(&["repo/rollouts/x.toml", "repo/src/rollouts/main.rs"]);
    assert_eq!(shown(&root, "repo/src").unwrap(), "../rollouts");
}

#[test]
fn what_is_named_comes_before_the_environment_and_the_search() {
    let root = folders(&["rollouts/x.toml", "a", "b"]);
    let locate = |explicit: Option<&str>, env: Option<&str>| {
        Directory::locate(explicit.map(Path::new), env.map(Path::new), root.path())
    };
    let name = |found: Directory| found.shown().display().to_string();
    assert_eq!(name(locate(Some("a"), Some("b")).unwrap()), "a");
    assert_eq!(name(locate(None, Some("b")).unwrap()), "b");
    assert_eq!(name(locate(None, Some("")).unwrap()), "rollouts");
    assert_eq!(
        locate(None, Some("c")).unwrap_err().to_string(),
        "c is not a directory (ROLLOUT_DIR)"
    );
}

#[test]
fn plans_are_found_by_name_and_by_path() {
    let root = folders(&["rollouts/x.toml", "rollouts/config.toml"]);
    let directory = Directory::locate(None, None, root.path()).unwrap();
    let loaded = directory.load().unwrap();
    for wanted in ["x", "rollouts/x.toml", "./rollouts/../rollouts/x.toml"] {
        assert_eq!(loaded.find(wanted, root.path()).unwrap().name, "x");
    }
    assert_eq!(loaded.find("config", root.path()), None);
    assert_eq!(loaded.find("y", root.path()), None);
}
