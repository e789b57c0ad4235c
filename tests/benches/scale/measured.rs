//! One run of the built program, and what it took.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run took.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) time: Duration,
    /// Processor time of the program.
    pub(crate) own: Duration,
    /// The most memory it has held.
    pub(crate) peak_kib: u64,
    /// What it said, on both streams.
    pub(crate) said: String,
}

/// Runs the program in this folder to its end, which must have one of these exit codes.
pub(crate) fn run(folder: &Path, arguments: &[&str], codes: &[i32]) -> Measured {
    let (out, err) = (folder.join("out"), folder.join("err"));
    let file = |path: &PathBuf| Stdio::from(std::fs::File::create(path).unwrap());
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rollout"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("USER", "ann")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(file(&out))
        .stderr(file(&err))
        .spawn()
        .unwrap();
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let (mut own, mut peak_kib) = (Duration::ZERO, 0);
    let status = loop {
        own = own.max(processor_time(&process));
        peak_kib = peak_kib.max(peak(&process));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let time = started.elapsed();
    let said = [out, err].map(|path| std::fs::read_to_string(path).unwrap());
    let said = said.concat();
    let code = status.code();
    assert!(
        code.is_some_and(|code| codes.contains(&code)),
        "{arguments:?} ended with {code:?}: {}",
        said.chars().take(2_000).collect::<String>()
    );
    Measured {
        time,
        own,
        peak_kib,
        said,
    }
}

/// Processor time of all threads that are still there.
fn processor_time(process: &Path) -> Duration {
    let threads = std::fs::read_dir(process.join("task"));
    let spent = threads
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
    Duration::from_nanos(spent.sum())
}

/// The most memory that was held so far.
fn peak(process: &Path) -> u64 {
    let text = std::fs::read_to_string(process.join("status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
