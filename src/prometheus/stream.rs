//! Answers of many series as they stream in: one series at a time, none of them kept. Pure.
//!
//! The bytes of each series are cut out of `"result": [...]` and read by themselves; what is left is the
//! small envelope around them, which is read like any other answer. Nearly all are read by [`quick`].

mod quick;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};

pub(super) use super::streamed::Streamed;

/// Reads one series; `None` where it is none.
pub(super) fn series(bytes: &[u8]) -> Option<Streamed<'_>> {
    let Wire {
        metric: Pairs(labels),
        values,
        histograms,
    } = serde_json::from_slice(bytes).ok()?;
    let points = values
        .into_iter()
        .map(|Sample(seconds, Text(value))| Some((milliseconds(seconds), value.parse().ok()?)))
        .collect::<Option<_>>()?;
    Some(Streamed {
        labels,
        points,
        is_native: histograms.is_some(),
    })
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    metric: Pairs<'a>,
    #[serde(borrow, default)]
    values: Vec<Sample<'a>>,
    histograms: Option<serde::de::IgnoredAny>,
}

/// Unix seconds and the value as text.
#[derive(Deserialize)]
struct Sample<'a>(f64, #[serde(borrow)] Text<'a>);

/// Text that is copied only where it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Default)]
struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((Text(name), Text(value))) = map.next_entry()? {
            pairs.push((name, value));
        }
        Ok(Pairs(pairs))
    }
}

/// A block's end or a scrape in milliseconds.
pub(super) fn milliseconds(seconds: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast saturates, and no block ends in the year 292 million"
    )]
    let ms = (seconds * 1_000.0).round() as i64;
    ms
}

/// Where the results stand: within `data`, which is within the answer.
const RESULTS: u32 = 2;

/// Cuts the results out of an answer, wherever its bytes are split.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    depth: u32,
    in_text: bool,
    escaped: bool,
    in_results: bool,
    /// Samples of the last series: the next one has as many, mostly.
    samples: usize,
    /// The bytes of a series so far: where the depth is that of a series' beginning, not looked at yet.
    series: Vec<u8>,
    /// Everything but the series.
    envelope: Vec<u8>,
}

/// A series, or bytes that are none.
pub(super) type Read<'a> = Result<Streamed<'a>, &'a [u8]>;

impl Splitter {
    /// Takes more bytes in, and hands every series that is complete to `each`, which may stop it.
    pub(super) fn push<E>(
        &mut self,
        bytes: &[u8],
        each: impl FnMut(Read<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.series.is_empty() || self.depth > RESULTS + 1 {
            return self.split(bytes, each);
        }
        let known = self.series.len().saturating_sub(quick::END.len() - 1);
        self.series.extend_from_slice(bytes);
        // A long series comes in many pieces, and is read when its end is there.
        if !quick::may_end(&self.series[known..]) {
            return Ok(());
        }
        let mut joined = std::mem::take(&mut self.series);
        let result = self.split(&joined, each);
        // The room that it has is for the next one.
        joined.clear();
        joined.append(&mut self.series);
        self.series = joined;
        result
    }

    fn split<E>(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Read<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut from = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            if self.in_text {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => {
                    if self.in_results && self.depth == RESULTS + 1 && byte == b'{' {
                        self.envelope.extend_from_slice(&bytes[from..at - 1]);
                        from = at - 1;
                        match quick::series(&bytes[from..], self.samples) {
                            quick::Found::Series(streamed, length) => {
                                self.samples = streamed.points.len();
                                from += length;
                                at = from;
                                each(Ok(streamed))?;
                                continue;
                            }
                            quick::Found::Part => {
                                self.series.extend_from_slice(&bytes[from..]);
                                return Ok(());
                            }
                            quick::Found::Other => {}
                        }
                    } else if byte == b'[' && self.depth == RESULTS && !self.in_results {
                        self.envelope.extend_from_slice(&bytes[from..at - 1]);
                        from = at - 1;
                        self.in_results = ends_with_the_key(&self.envelope);
                    }
                    self.depth += 1;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if !self.in_results {
                        continue;
                    }
                    if self.depth == RESULTS + 1 && byte == b'}' {
                        self.series.extend_from_slice(&bytes[from..at]);
                        from = at;
                        each(series(&self.series).ok_or(&self.series))?;
                        self.series.clear();
                    } else if self.depth == RESULTS {
                        self.in_results = false;
                    }
                }
                // Between two series: the envelope keeps an empty array.
                b',' if self.in_results && self.depth == RESULTS + 1 => from = at,
                _ => {}
            }
        }
        let rest = &bytes[from..];
        if self.in_results && self.depth > RESULTS + 1 {
            self.series.extend_from_slice(rest);
        } else {
            self.envelope.extend_from_slice(rest);
        }
        Ok(())
    }

    /// Hands over what has come and was not looked at: a series whose end is written otherwise than servers do.
    pub(super) fn finish<E>(
        &mut self,
        each: impl FnMut(Read<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let rest = std::mem::take(&mut self.series);
        if self.depth > RESULTS + 1 {
            self.series = rest;
            return Ok(());
        }
        self.split(&rest, each)
    }

    /// The answer without its series; what is no whole series at its end is left in it.
    pub(super) fn envelope(&mut self) -> &[u8] {
        self.envelope.append(&mut self.series);
        &self.envelope
    }
}

/// Whether the next value is the results.
fn ends_with_the_key(bytes: &[u8]) -> bool {
    let Some(before) = bytes.trim_ascii_end().strip_suffix(b":") else {
        return false;
    };
    before.trim_ascii_end().ends_with(b"\"result\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"status":"success","data":{"resultType":"matrix","result": [
        {"metric":{"a":"} ] \" \\","result":"["},"values":[[1767300000.123,"1.5"],[1767300015,"NaN"]]},
        {"metric":{},"values":[[1767300000,"+Inf"]]},{"metric":{"b":"\u00e9"},"histograms":[[1,{}]]}]},
        "warnings":["result: ["]}"#;

    /// What is read of an answer whose bytes come in pieces of this size.
    fn split(answer: &str, size: usize) -> (Vec<String>, String) {
        let mut splitter = Splitter::default();
        let mut found = Vec::new();
        for chunk in answer.as_bytes().chunks(size) {
            let pushed: Result<(), ()> = splitter.push(chunk, |read| {
                found.push(format!("{:?}", read.unwrap()));
                Ok(())
            });
            pushed.unwrap();
        }
        let finished: Result<(), ()> = splitter.finish(|read| {
            found.push(format!("{:?}", read.unwrap()));
            Ok(())
        });
        finished.unwrap();
        let envelope = String::from_utf8(splitter.envelope().to_vec()).unwrap();
        (found, envelope)
    }

    /// No server writes so; what stands between it and us may.
    #[test]
    fn series_that_end_otherwise_are_cut_out_too() {
        for end in [" ] }", "],\"metric\":{\"a\":\"b\"}}", "\n]\n}"] {
            let one = format!("{{\"values\":[[1767300000,\"1\"]{}", end);
            let answer = format!(
                r#"{{"status":"success","data":{{"resultType":"matrix","result":[{one},{one}]}}}}"#
            );
            let (whole, _) = split(&answer, answer.len());
            assert_eq!(whole.len(), 2, "{answer}");
            for size in 1..40 {
                let (found, rest) = split(&answer, size);
                assert_eq!(found, whole, "{size} {answer}");
                let rest: serde_json::Value = serde_json::from_str(&rest).unwrap();
                assert_eq!(rest["data"]["result"], serde_json::json!([]));
            }
        }
    }

    #[test]
    fn series_are_cut_out_wherever_the_bytes_are_split() {
        let (whole, envelope) = split(ANSWER, ANSWER.len());
        assert_eq!(whole.len(), 3);
        let rest: serde_json::Value = serde_json::from_str(&envelope).unwrap();
        assert_eq!(rest["data"]["result"], serde_json::json!([]));
        assert_eq!(rest["warnings"][0], "result: [");
        for size in 1..40 {
            let (found, rest) = split(ANSWER, size);
            assert_eq!(found, whole, "{size}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&rest).unwrap()["status"],
                "success"
            );
        }
    }

    #[test]
    fn a_series_is_read() {
        let results = &ANSWER[ANSWER.find("[\n").unwrap() + 1..];
        let ends: Vec<usize> = results.match_indices("]]}").map(|(at, _)| at + 3).collect();
        let read = series(results[..ends[0]].trim().as_bytes()).unwrap();
        assert_eq!(
            read.labels().collect::<Vec<_>>(),
            [("a", "} ] \" \\"), ("result", "[")]
        );
        assert_eq!(read.points[0], (1_767_300_000_123, 1.5));
        assert!(read.points[1].1.is_nan());
        assert!(!read.is_native);
        let next = results[ends[0]..ends[1]].trim_start_matches([',', '\n', ' ']);
        assert!(series(next.as_bytes()).unwrap().points[0].1.is_infinite());
        assert!(
            series(br#"{"metric":{"b":"\u00e9"},"histograms":[[1,{}]]}"#)
                .unwrap()
                .is_native
        );
        assert!(series(b"{\"values\":[[1,\"x\"]]}").is_none());
    }

    #[test]
    fn what_servers_write_is_read_alike_wherever_it_is_split() {
        let one = |k: usize| {
            let points: Vec<String> = (0..k)
                .map(|at| format!("[{},\"{}.5\"]", 1_767_300_000 + 15 * at, at))
                .collect();
            format!(
                r#"{{"metric":{{"__name__":"x","pod":"p]]}}-{k}","k":"{k}"}},"values":[{}]}}"#,
                points.join(",")
            )
        };
        let all: Vec<String> = (1..9).map(one).collect();
        let answer = format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
            all.join(",")
        );
        let (whole, envelope) = split(&answer, answer.len());
        assert_eq!(whole.len(), 8);
        for (text, read) in all.iter().zip(&whole) {
            assert_eq!(*read, format!("{:?}", series(text.as_bytes()).unwrap()));
        }
        for size in 1..200 {
            assert_eq!(
                split(&answer, size),
                (whole.clone(), envelope.clone()),
                "{size}"
            );
        }
        // One that ends early is no whole answer, wherever.
        for length in 0..answer.len() {
            let (found, rest) = split(&answer[..length], 64);
            assert!(whole.starts_with(&found), "{length}");
            assert!(
                serde_json::from_str::<serde_json::Value>(&rest).is_err(),
                "{length}"
            );
        }
    }
}
