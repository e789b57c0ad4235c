//! A server that answers every range query with very many series.

use std::io::{BufWriter, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// It runs until the bench ends.
pub(crate) struct Flood {
    url: String,
}

impl Flood {
    /// So many series of all requests and a hundredth of them with errors, half of each arm, each with a value
    /// in every block that is asked for.
    pub(crate) fn start(series: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up has read enough.
                thread::spawn(move || drop(serve(stream, series)));
            }
        });
        Self { url }
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

fn serve(mut stream: TcpStream, series: usize) -> std::io::Result<()> {
    let (head, form) = request(&mut stream)?;
    let series = if form.contains("errors_total") {
        series / 100
    } else {
        series
    };
    let mut out = BufWriter::with_capacity(65_536, stream);
    out.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
    )?;
    if !head.contains("query_range") {
        let half = series / 2;
        let counted = if form.starts_with("query=count%28") {
            format!(r#"{{"metric":{{}},"value":[0,"{half}"]}}"#)
        } else if form.starts_with("query=count+by") {
            let of = |arm| format!(r#"{{"metric":{{"variant":"{arm}"}},"value":[0,"{half}"]}}"#);
            [of("treatment"), of("control")].join(",")
        } else {
            String::new()
        };
        write!(
            out,
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{counted}]}}}}"#
        )?;
        return out.flush();
    }
    let number = |name: &str| -> i64 {
        let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.into_iter().find(|(key, _)| *key == name);
        found.unwrap().1.parse().unwrap()
    };
    let (start, end, step) = (number("start"), number("end"), number("step"));
    out.write_all(br#"{"status":"success","data":{"resultType":"matrix","result":["#)?;
    for one in 0..series {
        let arm = if one % 2 == 0 { "treatment" } else { "control" };
        if one > 0 {
            out.write_all(b",")?;
        }
        write!(
            out,
            r#"{{"metric":{{"__name__":"requests_total","app":"shop","instance":"10.0.{}.{}:8080","path":"/item/{one}","variant":"{arm}"}},"values":["#,
            one / 250 % 250,
            one % 250,
        )?;
        for at in (start..=end).step_by(usize::try_from(step).unwrap()) {
            let comma = if at == start { "" } else { "," };
            write!(out, r#"{comma}[{at},"{}"]"#, at / step % 100_000)?;
        }
        out.write_all(b"]}")?;
    }
    out.write_all(b"]}}")?;
    out.flush()
}

/// The head of a request, and its form.
fn request(stream: &mut TcpStream) -> std::io::Result<(String, String)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8_192];
    loop {
        let read = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, form)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return Ok((text, String::new()));
            }
            continue;
        };
        let lower = head.to_ascii_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        if form.len() >= length || read == 0 {
            return Ok((head.to_owned(), form.to_owned()));
        }
    }
}
