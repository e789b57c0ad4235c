//! The directory of plans as processes meet it: killed at any instant, all at once, without
//! permission, without room on the disk.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rollout::plan::{Carried, State, Status, declared_digest, state_of};
use rollout::units::{Digest, Exposure, Instant};
use rollout::workspace::{
    Directory, Grounds, PlanFile, Record, WorkspaceError, apply, evidence_of, orphans,
};

const PLAN: &str = "\u{feff}# über\r\nowner = \"ann\"\r\n\r\n[[stages]]\r\nexposure = 1\r\n# end";

fn now() -> Instant {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn state(stage: u32) -> State {
    State {
        status: Status::Progressing,
        stage,
        exposure: Exposure::from_percent(f64::from(stage % 100)).unwrap(),
        entered_at: now(),
        declared: Digest::of(b"declared"),
        evidence: None,
        definitions: BTreeMap::new(),
        restarts: BTreeMap::new(),
        carried: Carried::new(),
        pause: None,
        approval: None,
        rollback: None,
    }
}

fn grounds() -> Grounds {
    Grounds {
        decision: "advance".into(),
        reasons: vec!["the gate has passed".into()],
        actor: "rollout".into(),
        reason: None,
        config_text: String::new(),
        neighbours: Vec::new(),
        snapshot: Some(serde_json::json!({ "ends": [1, 2], "x": [0.1, null] })),
        report: None,
    }
}

fn rollouts() -> (tempfile::TempDir, Directory) {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("plan.toml"), PLAN);
    let directory = Directory::at(folder.path().to_owned(), "rollouts".into());
    (folder, directory)
}

fn put(path: &Path, text: &str) {
    rollout::workspace::write_file(path, text.as_bytes()).unwrap();
}

fn plan(directory: &Directory) -> PlanFile {
    directory
        .read_plan(&directory.root().join("plan.toml"))
        .unwrap()
}

fn stage_of(directory: &Directory) -> u32 {
    let state = state_of(&plan(directory).text).value.unwrap();
    state.map_or(0, |state| state.stage)
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    found.sort();
    found
}

const HELP: &str = "ROLLOUT_TEST_HELPER";

/// Not a test of its own: what the processes that the other tests start do.
#[test]
fn helper() {
    #[expect(clippy::disallowed_methods, reason = "how the parent says what to do")]
    let Ok(job) = std::env::var(HELP) else { return };
    let (job, folder) = job.split_once(':').unwrap();
    let directory = Directory::at(folder.into(), "rollouts".into());
    match job {
        // Once, from the state all processes have seen: only one of them may succeed.
        "once" => {
            let before = PlanFile {
                text: PLAN.into(),
                digest: Digest::of(PLAN.as_bytes()),
                ..plan(&directory)
            };
            match apply(&directory, &before, &state(1), &grounds(), now()) {
                Ok(Some(_)) => println!("applied"),
                Ok(None) => println!("unchanged"),
                Err(WorkspaceError::Stale { .. }) => println!("stale"),
                Err(error) => println!("error: {error}"),
            }
        }
        "loop" => {
            println!("ready");
            loop {
                let before = plan(&directory);
                let next = state(stage_of(&directory) + 1);
                apply(&directory, &before, &next, &grounds(), now()).unwrap();
            }
        }
        "try" => match apply(&directory, &plan(&directory), &state(9), &grounds(), now()) {
            Ok(_) => println!("applied"),
            Err(error) => println!("error: {error}; {}", error.cure()),
        },
        other => panic!("no such job: {other}"),
    }
}

fn helper_command(job: &str, directory: &Directory) -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "real processes are what is tested here"
    )]
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "workspace::helper",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(HELP, format!("{job}:{}", directory.root().display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn said(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Everything that must be true of a directory at any instant, and after any death.
fn assert_sound(directory: &Directory, written: &[u32]) {
    let plan = plan(directory);
    assert!(plan.text.starts_with(PLAN), "{}", plan.text);
    let parsed = state_of(&plan.text);
    assert!(parsed.mistakes.is_empty(), "{}", plan.text);
    let chain = evidence_of(directory, &plan);
    assert_eq!(chain.breaks, []);
    let stages: Vec<u32> = chain
        .links
        .iter()
        .map(|link| link.record.after.stage)
        .collect();
    assert_eq!(stages, written);
}

#[test]
fn a_transition_writes_evidence_and_state() {
    let (_folder, directory) = rollouts();
    let before = plan(&directory);
    let applied = apply(&directory, &before, &state(1), &grounds(), now())
        .unwrap()
        .unwrap();
    assert_eq!(
        applied.evidence_path,
        ".evidence/plan/2026-11-22T120000Z-advance.json"
    );
    assert_eq!(applied.plan, plan(&directory));
    assert_eq!(
        state_of(&applied.plan.text).value.unwrap().unwrap(),
        applied.state
    );
    let text = std::fs::read_to_string(directory.root().join(&applied.evidence_path)).unwrap();
    let record = Record::read(&text).unwrap();
    assert_eq!(record.grounds, grounds());
    assert_eq!(record.after, applied.state);
    assert_eq!(record.before, None);
    assert_eq!(record.plan_digest_before, before.digest);
    assert_eq!(record.declared.digest, declared_digest(PLAN));

    let again = apply(&directory, &applied.plan, &state(2), &grounds(), now())
        .unwrap()
        .unwrap();
    assert_eq!(
        again.evidence_path,
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
fn a_process_killed_at_any_instant_leaves_the_old_plan_or_the_new_one() {
    let (_folder, directory) = rollouts();
    // How long a transition takes depends on the disk and on what else is running.
    let began = std::time::Instant::now();
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    let longest = 3 * began.elapsed().as_micros();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut orphaned = 0;
    for _ in 0..40 {
        let mut child = helper_command("loop", &directory).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("ready")));
        // Long enough for several transitions, so that every instant of one is as likely.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let wait = u128::from(seed >> 33) % longest;
        std::thread::sleep(Duration::from_micros(u64::try_from(wait).unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        let written: Vec<u32> = (1..=stage_of(&directory)).collect();
        assert_sound(&directory, &written);
        let loaded = directory.load().unwrap();
        orphaned = orphans(&directory, &loaded).unwrap().len();
    }
    let last = stage_of(&directory);
    println!("{last} transitions, {orphaned} orphans");
    assert!(last > 10, "the processes did next to nothing: {last}");
    assert!(orphaned <= 40);
    // The next run is not stopped by what the dead left, and removes their temporary files.
    apply(
        &directory,
        &plan(&directory),
        &state(last + 1),
        &grounds(),
        now(),
    )
    .unwrap()
    .unwrap();
    assert_sound(&directory, &(1..=last + 1).collect::<Vec<_>>());
    let left: Vec<String> = files(directory.root())
        .into_iter()
        .filter(|name| {
            !name.ends_with(".json") && !["plan.toml", "plan", ".evidence"].contains(&name.as_str())
        })
        .collect();
    assert_eq!(left, [] as [String; 0]);
}

#[test]
fn of_32_processes_at_once_one_makes_the_transition() {
    let (_folder, directory) = rollouts();
    let children: Vec<Child> = (0..32)
        .map(|_| helper_command("once", &directory).spawn().unwrap())
        .collect();
    let said: Vec<String> = children.into_iter().map(said).collect();
    let count = |word: &str| said.iter().filter(|text| text.contains(word)).count();
    assert_eq!((count("applied"), count("stale")), (1, 31), "{said:?}");
    assert_sound(&directory, &[1]);
    assert_eq!(
        files(directory.root()),
        [
            ".evidence",
            "2026-11-22T120000Z-advance.json",
            "plan",
            "plan.toml"
        ]
    );
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

/// Runs the helper where even root's writing fails; says what it said.
fn tried(directory: &Directory, prepare: impl FnOnce(&mut Command)) -> String {
    let mut command = helper_command("try", directory);
    prepare(&mut command);
    said(command.spawn().unwrap())
}

/// Nobody in particular, for a test that runs as root.
const NOBODY: u32 = 65_534;

fn as_nobody(command: &mut Command) {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;
    let own = std::fs::metadata("/proc/self").unwrap().uid();
    if own == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
}

#[test]
fn a_directory_that_may_not_be_written_is_an_error_and_nothing_changes() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, directory) = rollouts();
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    let read_only = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let evidence = folder.path().join(".evidence/plan");
    let before = (plan(&directory), files(folder.path()));

    // Evidence can be written, the plan cannot: the evidence goes again.
    read_only(&evidence, 0o777);
    read_only(folder.path(), 0o555);
    let said = tried(&directory, as_nobody);
    assert!(
        said.contains("rollouts/plan.toml cannot be written"),
        "{said}"
    );
    assert!(
        said.contains("let the user who runs rollout write there"),
        "{said}"
    );
    assert_eq!((plan(&directory), files(folder.path())), before);

    read_only(&evidence, 0o555);
    let said = tried(&directory, as_nobody);
    assert!(
        said.contains(
            "rollouts/.evidence/plan/2026-11-22T120000Z-advance-2.json cannot be written: permission"
        ),
        "{said}"
    );
    assert_eq!((plan(&directory), files(folder.path())), before);
    read_only(&evidence, 0o755);
    read_only(folder.path(), 0o755);
}

#[test]
fn a_file_that_cannot_grow_is_an_error_and_nothing_changes() {
    let (folder, directory) = rollouts();
    let before = (plan(&directory), files(folder.path()));
    let helper = helper_command("try", &directory);
    #[expect(
        clippy::disallowed_methods,
        reason = "the limit has to be set before the helper starts"
    )]
    let mut command = Command::new("sh");
    // The signal is ignored, so that writing fails as on a full disk. A pipe has no limit.
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(helper.get_program())
        .args(helper.get_args())
        .env(HELP, format!("try:{}", directory.root().display()))
        .stdout(Stdio::piped());
    let said = said(command.spawn().unwrap());
    assert!(said.contains("cannot be written: File too large"), "{said}");
    assert!(said.contains("make room on the disk"), "{said}");
    assert_eq!(plan(&directory), before.0);
    assert_eq!(files(folder.path()), [".evidence", "plan", "plan.toml"]);
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
        std::fs::remove_file(&path).unwrap();
        let found = evidence_of(&directory, &plan(&directory)).breaks;
        assert_eq!(found[0].to_string(), format!("{} is missing", link.path));
        put(&path, &text);
        assert_eq!(evidence_of(&directory, &plan(&directory)), chain);
    }
    let edited = plan(&directory).text.replace("stage = 3", "stage = 4");
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
