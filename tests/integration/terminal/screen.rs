//! A pseudo-terminal, and what a command draws on it.

use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::support::Rollout;
use super::super::support::server::program;

/// Long for the slowest of these commands in a debug build on a busy machine, short for "never".
const DEADLINE: Duration = Duration::from_secs(120);

/// A command on a pseudo-terminal of 80 columns and 24 lines.
pub(super) struct Terminal {
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Terminal {
    pub(super) fn start(rollout: &Rollout, arguments: &str) -> Self {
        let binary = env!("CARGO_BIN_EXE_rollout");
        let line = format!("stty rows 24 cols 80; exec {binary} {arguments}");
        let mut child = rollout
            .command(program("script"))
            .args(["-qefc", &line, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .env_remove("COLUMNS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let drawn = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // A terminal whose last writer is gone ends with an error on some systems.
            while let Ok(read @ 1..) = stdout.read(&mut bytes) {
                drawn.lock().unwrap().extend_from_slice(&bytes[..read]);
            }
        });
        Self {
            child,
            screen,
            reader,
        }
    }

    /// Everything that was drawn so far.
    pub(super) fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Waits until this is drawn.
    pub(super) fn shows(&mut self, text: &str) {
        let started = Instant::now();
        while !self.so_far().contains(text) {
            let late = started.elapsed() > DEADLINE || self.child.try_wait().unwrap().is_some();
            assert!(!late, "`{text}` is not drawn: {}", self.so_far());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types keys.
    pub(super) fn types(&mut self, keys: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(keys).unwrap();
        stdin.flush().unwrap();
    }

    /// The exit code and everything that was drawn.
    pub(super) fn ends(mut self) -> (Option<i32>, String) {
        let started = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            if started.elapsed() > DEADLINE {
                let _ = self.child.kill();
                panic!("still running after {DEADLINE:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        // Nobody draws any more once the terminal's last writer is gone.
        self.reader.join().unwrap();
        let bytes = std::mem::take(&mut *self.screen.lock().unwrap());
        (code, String::from_utf8_lossy(&bytes).into_owned())
    }
}
