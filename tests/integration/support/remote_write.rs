//! Native histograms by remote write: the only way to put them into a server's past.
//!
//! The message is protobuf in Snappy framing, both written by hand: a few fields, and literals
//! without compression.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::openmetrics::{SCRAPE, START};
use super::server::Server;

/// Growth factor of buckets is two to the power of an eighth: 1.09.
pub(crate) const SCHEMA: i64 = 3;

/// Observations by bucket: the bucket with index `i` ends at `2^(i/8)`.
pub(crate) type Counts = Vec<(i64, u64)>;

/// One native histogram series: labels, and the cumulative counts at so many seconds.
pub(crate) struct Native {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) counts: Box<dyn Fn(i64) -> Option<Counts>>,
}

/// One series of plain numbers: labels, and the value at so many seconds.
pub(crate) struct Plain {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: Box<dyn Fn(i64) -> Option<f64>>,
}

/// Sends so many hours of plain numbers in order of time.
pub(crate) fn write_plain(server: &Server, series: &[Plain], hours: i64) {
    let mut t = 0;
    while t < hours * 3_600 {
        let message: Vec<u8> = series
            .iter()
            .filter_map(|one| {
                let at = u64::try_from((START + t) * 1_000).unwrap();
                let sample = [double(1, (one.value)(t)?), integer(2, at)].concat();
                let whole = [labelled(&one.labels), bytes(2, &sample)].concat();
                Some(bytes(1, &whole))
            })
            .flatten()
            .collect();
        post(server.url(), &snappy(&message));
        t += SCRAPE;
    }
}

/// Sends so many hours of samples in order of time.
pub(crate) fn write(server: &Server, series: &[Native], hours: i64) {
    let mut t = 0;
    while t < hours * 3_600 {
        let message: Vec<u8> = series
            .iter()
            .filter_map(|one| {
                let counts = (one.counts)(t)?;
                Some(bytes(
                    1,
                    &time_series(&one.labels, &counts, (START + t) * 1_000),
                ))
            })
            .flatten()
            .collect();
        post(server.url(), &snappy(&message));
        t += SCRAPE;
    }
}

fn time_series(labels: &[(String, String)], counts: &Counts, at_ms: i64) -> Vec<u8> {
    let mut out = labelled(labels);
    out.extend(bytes(4, &histogram(counts, at_ms)));
    out
}

fn labelled(labels: &[(String, String)]) -> Vec<u8> {
    let mut labels = labels.to_vec();
    labels.sort();
    labels
        .iter()
        .flat_map(|(name, value)| {
            let pair = [bytes(1, name.as_bytes()), bytes(2, value.as_bytes())].concat();
            bytes(1, &pair)
        })
        .collect()
}

fn histogram(counts: &Counts, at_ms: i64) -> Vec<u8> {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let sum: f64 = counts
        .iter()
        .map(|(index, count)| 2_f64.powf(*index as f64 / 8.0) * *count as f64)
        .sum();
    let mut out = integer(1, total);
    out.extend(double(3, sum));
    out.extend(integer(4, zigzag(SCHEMA)));
    out.extend(double(5, 1e-128));
    let (mut deltas, mut before) = (Vec::new(), 0_i64);
    let mut next = 0;
    for (index, count) in counts {
        let span = [integer(1, zigzag(index - next)), integer(2, 1)].concat();
        out.extend(bytes(11, &span));
        next = index + 1;
        let count = i64::try_from(*count).unwrap();
        deltas.extend(varint(zigzag(count - before)));
        before = count;
    }
    out.extend(bytes(12, &deltas));
    out.extend(integer(15, u64::try_from(at_ms).unwrap()));
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn integer(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn double(field: u64, value: f64) -> Vec<u8> {
    [varint(field << 3 | 1), value.to_le_bytes().to_vec()].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | 2),
        varint(value.len() as u64),
        value.to_vec(),
    ]
    .concat()
}

/// Snappy's block format with literals of up to 60 bytes.
fn snappy(message: &[u8]) -> Vec<u8> {
    let mut out = varint(message.len() as u64);
    for chunk in message.chunks(60) {
        out.push(u8::try_from((chunk.len() - 1) << 2).unwrap());
        out.extend(chunk);
    }
    out
}

fn post(url: &str, body: &[u8]) {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /api/v1/write HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\
         Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n\
         X-Prometheus-Remote-Write-Version: 0.1.0\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 204 "), "{answer}");
}
