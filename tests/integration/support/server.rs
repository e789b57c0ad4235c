//! A real Prometheus on a free port, with a deterministic past and no scraping.
//!
//! Which Prometheus: `$ROLLOUT_TEST_PROMETHEUS`, else the one on the path. `tests/run.sh` runs the tests
//! with the distribution's, and those with a server again with Prometheus 3 where that is another.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::openmetrics::{Metrics, START};

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with this value.
pub(crate) struct Server {
    url: String,
    child: Child,
    folder: TempDir,
}

/// How to start a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// Further arguments.
    pub(crate) arguments: Vec<String>,
    /// Contents of the web configuration file, with authentication and TLS; `[DIR]` is the
    /// server's folder.
    pub(crate) web_config: Option<String>,
    /// Files below the server's folder, for certificates.
    pub(crate) files: Vec<(String, String)>,
    /// Path under which it lives.
    pub(crate) prefix: Option<String>,
    /// Another program than the one under test.
    pub(crate) program: Option<String>,
}

impl Server {
    /// Starts a server that knows these metrics.
    pub(crate) fn start(metrics: Metrics) -> Self {
        Self::start_with(metrics, &Options::default())
    }

    /// Starts a server that knows these metrics, with options.
    pub(crate) fn start_with(metrics: Metrics, options: &Options) -> Self {
        let folder = TempDir::new().unwrap();
        let metrics = metrics.gauge("sentinel", &sentinel(&folder), |t| (t < 300).then_some(1.0));
        std::fs::write(folder.path().join("in.om"), metrics.text()).unwrap();
        run(Command::new(program("promtool"))
            .args(["tsdb", "create-blocks-from", "openmetrics", "-q"])
            .args(["--max-block-duration=128h", "in.om", "data"])
            .current_dir(folder.path()));
        Self::on(folder, options)
    }

    /// An empty Prometheus 3, where it is there: for what older ones do not know. Says aloud that a test
    /// is skipped where it is not.
    pub(crate) fn three(arguments: &[&str]) -> Option<Self> {
        let ours = server_program();
        let three = [Some(ours), std::env::var("PROMETHEUS3").ok()]
            .into_iter()
            .flatten()
            .find(|program| is_three(program));
        let Some(program) = three else {
            let notice: &[u8] =
                b"skipped: no Prometheus 3; `bash tests/run.sh` brings it where it can be had\n";
            std::io::stderr().write_all(notice).unwrap();
            return None;
        };
        Some(Self::empty(&Options {
            arguments: arguments.iter().map(ToString::to_string).collect(),
            program: Some(program),
            ..Options::default()
        }))
    }

    /// Starts an empty server that accepts remote write.
    pub(crate) fn empty(options: &Options) -> Self {
        Self::on(TempDir::new().unwrap(), options)
    }

    fn on(folder: TempDir, options: &Options) -> Self {
        std::fs::write(folder.path().join("prom.yml"), "global: {}\n").unwrap();
        for (name, text) in &options.files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        // Between finding a free port and using it somebody else may take it.
        for _ in 0..5 {
            if let Some((child, url)) = launch(folder.path(), options) {
                let server = Self { url, child, folder };
                if options.web_config.is_none() && server.folder.path().join("in.om").exists() {
                    server.assert_is_ours(options);
                }
                return server;
            }
        }
        panic!("no free port in five attempts");
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A neighbour's server would answer with empty results.
    fn assert_is_ours(&self, options: &Options) {
        let address = self.url.trim_start_matches("http://");
        let address = address.split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let query = format!(
            "sentinel%7B{}%7D",
            sentinel(&self.folder).replace('"', "%22")
        );
        let prefix = options.prefix.as_deref().unwrap_or_default();
        write!(
            stream,
            "GET {prefix}/api/v1/query?query={query}&time={} HTTP/1.0\r\nHost: {address}\r\n\r\n",
            START + 60
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("\"sentinel\""), "not our server: {answer}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that is already gone is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The label of this server's sentinel.
fn sentinel(folder: &TempDir) -> String {
    let name = folder
        .path()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    format!("run=\"{name}\"")
}

/// The Prometheus under test.
fn server_program() -> String {
    std::env::var("ROLLOUT_TEST_PROMETHEUS").unwrap_or_else(|_| "prometheus".to_owned())
}

fn is_three(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| {
            let text = [output.stdout, output.stderr].concat();
            String::from_utf8_lossy(&text).contains("prometheus, version 3.")
        })
}

/// The program, or a failure that says how to get it.
pub(crate) fn program(name: &str) -> &str {
    let there = Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    assert!(
        there,
        "`{name}` is not installed; `bash tests/run.sh` installs it and runs the tests"
    );
    name
}

/// Runs a program to its end; shows its output when it fails.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

/// A port nobody listened on a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// `None` when the port was taken meanwhile.
fn launch(folder: &Path, options: &Options) -> Option<(Child, String)> {
    let port = free_port();
    let log_path = folder.join("log");
    let ours = options.program.clone().unwrap_or_else(server_program);
    let mut command = Command::new(program(&ours));
    command
        .current_dir(folder)
        .args(["--config.file=prom.yml", "--storage.tsdb.path=data"])
        .args([
            "--storage.tsdb.retention.time=100y",
            "--storage.tsdb.min-block-duration=2h",
            "--storage.tsdb.max-block-duration=2h",
        ])
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .args(&options.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log_path).unwrap());
    let mut scheme = "http";
    if let Some(text) = &options.web_config {
        let text = text.replace("[DIR]", &folder.display().to_string());
        std::fs::write(folder.join("web.yml"), &text).unwrap();
        command.arg("--web.config.file=web.yml");
        if text.contains("tls_server_config") {
            scheme = "https";
        }
    }
    let prefix = options.prefix.as_deref().unwrap_or_default();
    if !prefix.is_empty() {
        command.arg(format!(
            "--web.external-url=http://127.0.0.1:{port}{prefix}"
        ));
    }
    let mut child = command.spawn().unwrap();
    let url = format!("{scheme}://127.0.0.1:{port}{prefix}");
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Its own log says when it is ready, so that no neighbour can be mistaken for it.
        let log = std::fs::read_to_string(&log_path).unwrap_or_default();
        if log.contains("Server is ready to receive web requests") {
            return Some((child, url));
        }
        if child.try_wait().unwrap().is_some() {
            assert!(log.contains("address already in use"), "{log}");
            return None;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            panic!("prometheus did not start: {log}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
