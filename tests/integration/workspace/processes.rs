//! The directory of plans as processes meet it: killed at any instant, all at once, without
//! permission, without room on the disk.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rollout::units::Digest;
use rollout::workspace::{Directory, PlanFile, WorkspaceError, apply, orphans};

use super::support::{PLAN, assert_sound, files, grounds, now, plan, rollouts, stage_of, state};

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
            "workspace::processes::helper",
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

#[test]
fn a_process_killed_at_any_instant_leaves_the_old_plan_or_the_new_one() {
    let (_folder, directory) = rollouts();
    // How long a transition takes depends on the disk and on what else is running.
    let began = std::time::Instant::now();
    apply(&directory, &plan(&directory), &state(1), &grounds(), now()).unwrap();
    // Where the machine is busy only later, the first one was too short to measure by.
    let longest = 3 * began.elapsed().as_micros().max(10_000);
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
