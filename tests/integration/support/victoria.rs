//! A real VictoriaMetrics on a free port with the same deterministic past.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::openmetrics::Metrics;
use super::server::{free_port, program};

/// A running server; it ends with this value.
pub(crate) struct Victoria {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Victoria {
    /// Starts a server that knows these metrics.
    pub(crate) fn start(metrics: &Metrics) -> Self {
        let folder = TempDir::new().unwrap();
        let port = free_port();
        let log = folder.path().join("log");
        let child = Command::new(program("victoria-metrics"))
            .arg(format!(
                "-storageDataPath={}",
                folder.path().join("data").display()
            ))
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .arg("-retentionPeriod=100y")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            port,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        // Its own log says when it is there, so that no neighbour can be mistaken for it; it listens from
        // shortly after that on.
        let listens = || {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            log.contains("started VictoriaMetrics")
                && TcpStream::connect(("127.0.0.1", port)).is_ok()
        };
        while !listens() {
            let gone = server.child.try_wait().unwrap().is_some();
            assert!(
                !gone && Instant::now() < deadline,
                "victoria-metrics did not start: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        server.import(&metrics.text());
        server
    }

    /// Takes in more samples, in any order, as lines with timestamps in milliseconds or seconds.
    pub(crate) fn import(&self, lines: &str) {
        self.send("POST", "/api/v1/import/prometheus", lines.as_bytes());
        self.send("GET", "/internal/force_flush", b"");
    }

    /// The base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn send(&self, method: &str, path: &str, body: &[u8]) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.contains(" 200 ") || answer.contains(" 204 "),
            "{answer}"
        );
    }
}

impl Drop for Victoria {
    fn drop(&mut self) {
        // A server that is already gone is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
