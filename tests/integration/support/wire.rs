//! A server that answers with scripted bytes, for everything a well-behaved server never sends.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to one connection after its request was read.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// These bytes, then a close.
    Bytes(String),
    /// Nothing, then a close.
    Hangup,
    /// Nothing, for so long.
    Silence(Duration),
    /// Nothing for so long where the request holds this text, else a success without series.
    SilenceAbout(&'static str, Duration),
    /// A success that never ends.
    Endless,
}

impl Reply {
    /// A whole response.
    pub(crate) fn http(status: &str, body: &str) -> Self {
        Self::Bytes(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    }

    /// A success without series.
    pub(crate) fn nothing() -> Self {
        Self::http(
            "200 OK",
            r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
        )
    }
}

/// A scripted server. The last reply repeats for ever.
pub(crate) struct Wire {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    /// Listens on a free port.
    pub(crate) fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        // The thread lives as long as the test process; nothing waits for it.
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let reply = script[index.min(script.len() - 1)].clone();
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || {
                    if let Ok(stream) = stream {
                        answer(stream, &reply, &seen);
                    }
                });
            }
        });
        Self { url, requests }
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far, heads and bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, reply: &Reply, seen: &Mutex<Vec<String>>) {
    let Some(request) = request(&mut stream) else {
        return;
    };
    let is_about = |text: &str| request.contains(text);
    let reply = match reply {
        Reply::SilenceAbout(text, time) if is_about(text) => &Reply::Silence(*time),
        Reply::SilenceAbout(..) => &Reply::nothing(),
        Reply::Bytes(_) | Reply::Hangup | Reply::Silence(_) | Reply::Endless => reply,
    };
    seen.lock().unwrap().push(request.clone());
    // The client hanging up first is part of what is tested.
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(bytes.as_bytes());
        }
        Reply::Hangup => {}
        Reply::Silence(time) | Reply::SilenceAbout(_, time) => std::thread::sleep(*time),
        Reply::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            let chunk = vec![b' '; 1 << 20];
            while stream.write_all(&chunk).is_ok() {}
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Head and body of one request.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
