//! A client that asks on one connection about many users. Servers listen on sockets in their own folder, so
//! that no two tests want one port.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What exposed users are answered.
pub(crate) const EXPOSED: &str = "treatment";

/// Waits until something listens.
pub(crate) fn wait_for(socket: &Path) {
    let start = Instant::now();
    while UnixStream::connect(socket).is_err() {
        assert!(start.elapsed() < PATIENCE, "nothing listens");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The answers to a request for each user: one request after the other.
pub(crate) fn answers(socket: &Path, users: usize, header: impl Fn(usize) -> String) -> Vec<bool> {
    let stream = UnixStream::connect(socket).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    let ask = |user: usize| {
        let request = format!("GET / HTTP/1.1\r\nHost: shop\r\n{}\r\n\r\n", header(user));
        writer.write_all(request.as_bytes()).unwrap();
        body(&mut reader) == EXPOSED
    };
    (0..users).map(ask).collect()
}

/// The text that a path answers with.
pub(crate) fn get(socket: &Path, path: &str) -> String {
    let stream = UnixStream::connect(socket).unwrap();
    let mut writer = stream.try_clone().unwrap();
    write!(
        writer,
        "GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    BufReader::new(stream).read_to_string(&mut text).unwrap();
    text
}

fn body(reader: &mut BufReader<UnixStream>) -> String {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the connection was closed");
        if line == "\r\n" {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(number) = lower.strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap().trim().to_owned()
}
