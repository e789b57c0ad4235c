//! A slow server: it stands before another one and passes everything on, each question late, or some.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Passes questions on until the test's process ends.
pub(crate) struct Slow {
    url: String,
}

impl Slow {
    /// A server that takes so much longer than this one for every answer.
    pub(crate) fn before(url: &str, delay: Duration) -> Self {
        Self::about(url, "", delay)
    }

    /// A server that takes so much longer than this one for every question in which this text is.
    pub(crate) fn about(url: &str, text: &'static str, delay: Duration) -> Self {
        let upstream = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&upstream) else {
                    return;
                };
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || pass(client, server, (text, delay)));
                thread::spawn(move || pass(back.0, back.1, ("", Duration::ZERO)));
            }
        });
        Self { url: own }
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// Until one of them hangs up, which ends both.
fn pass(mut from: TcpStream, mut to: TcpStream, (text, delay): (&str, Duration)) {
    let mut bytes = [0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if String::from_utf8_lossy(&bytes[..read]).contains(text) {
            thread::sleep(delay);
        }
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
