//! Reads a series as servers write them: labels without escapes, then counters' samples. Pure.
//!
//! An answer is mostly numbers in quotes, and a general reader of JSON takes four times as long. Whatever
//! is written in another way is left to that one.

use std::borrow::Cow;

use crate::prometheus::streamed::Streamed;

/// How the bytes of such a series end.
pub(super) const END: &[u8; 3] = b"]]}";

/// Integers of so many digits are numbers that a double has.
const EXACT_DIGITS: usize = 15;

/// What bytes begin with.
pub(super) enum Found<'a> {
    /// A series, and the number of its bytes.
    Series(Streamed<'a>, usize),
    /// What may be the beginning of one.
    Part,
    /// Something else.
    Other,
}

/// Whether the end of a series may be among these bytes.
pub(super) fn may_end(bytes: &[u8]) -> bool {
    bytes.windows(END.len()).any(|three| three == END)
}

/// Labels of most series.
const USUAL_LABELS: usize = 8;

/// Reads the series that these bytes begin with, which probably has so many samples.
pub(super) fn series(bytes: &[u8], samples: usize) -> Found<'_> {
    let mut rest = Rest { bytes, at: 0 };
    match rest.series(samples) {
        Ok(streamed) => Found::Series(streamed, rest.at),
        Err(Stop::Short) => Found::Part,
        Err(Stop::Odd) => Found::Other,
    }
}

/// Why nothing was read.
enum Stop {
    /// There are no more bytes.
    Short,
    /// They are not as expected.
    Odd,
}

/// Bytes, and how many of them were read.
struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn series(&mut self, room: usize) -> Result<Streamed<'a>, Stop> {
        self.expect(b"{\"metric\":{")?;
        let mut labels = Vec::with_capacity(USUAL_LABELS);
        if self.peek()? == b'}' {
            self.at += 1;
        } else {
            loop {
                self.expect(b"\"")?;
                let name = self.text()?;
                self.expect(b":\"")?;
                labels.push((Cow::Borrowed(name), Cow::Borrowed(self.text()?)));
                match self.next()? {
                    b',' => {}
                    b'}' => break,
                    _ => return Err(Stop::Odd),
                }
            }
        }
        self.expect(b",\"values\":[")?;
        let mut points = Vec::with_capacity(room);
        loop {
            self.expect(b"[")?;
            let at_ms = self.milliseconds()?;
            self.expect(b"\"")?;
            let value = self.value()?;
            points.push((at_ms, value));
            self.expect(b"]")?;
            match self.next()? {
                b',' => {}
                b']' => break,
                _ => return Err(Stop::Odd),
            }
        }
        self.expect(b"}")?;
        Ok(Streamed {
            labels,
            points,
            is_native: false,
        })
    }

    fn peek(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::Short)
    }

    fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn expect(&mut self, wanted: &[u8]) -> Result<(), Stop> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(wanted) {
            self.at += wanted.len();
            return Ok(());
        }
        Err(if wanted.starts_with(rest) {
            Stop::Short
        } else {
            Stop::Odd
        })
    }

    /// Up to the closing quote, which is read, too.
    fn quoted(&mut self) -> Result<&'a [u8], Stop> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        let end = end.ok_or(Stop::Short)?;
        if rest[end] != b'"' {
            return Err(Stop::Odd);
        }
        self.at += end + 1;
        Ok(&rest[..end])
    }

    fn text(&mut self) -> Result<&'a str, Stop> {
        let quoted = self.quoted()?;
        if quoted.iter().any(u8::is_ascii_control) {
            return Err(Stop::Odd);
        }
        std::str::from_utf8(quoted).map_err(|_| Stop::Odd)
    }

    /// Unix seconds with at most three decimals, and the comma behind them.
    fn milliseconds(&mut self) -> Result<i64, Stop> {
        let mut number = self.digits()?;
        let mut decimals = 3;
        if self.peek()? == b'.' {
            self.at += 1;
            let from = self.at;
            let fraction = self.digits()?;
            let read = self.at - from;
            if !(1..=3).contains(&read) {
                return Err(Stop::Odd);
            }
            for _ in 0..read {
                number *= 10;
            }
            number += fraction;
            decimals -= read;
        }
        for _ in 0..decimals {
            number *= 10;
        }
        self.expect(b",")?;
        Ok(number)
    }

    /// Digits, few enough that nothing overflows; none are zero.
    fn digits(&mut self) -> Result<i64, Stop> {
        let mut number = 0;
        let from = self.at;
        loop {
            let byte = self.peek()?;
            if !byte.is_ascii_digit() {
                break;
            }
            number = number * 10 + i64::from(byte - b'0');
            self.at += 1;
            if self.at - from > 12 {
                return Err(Stop::Odd);
            }
        }
        let leads = self.bytes[from] == b'0' && self.at - from > 1;
        if self.at == from || (leads && self.bytes.get(from.wrapping_sub(1)) != Some(&b'.')) {
            return Err(Stop::Odd);
        }
        Ok(number)
    }

    /// A number as text, with the quote behind it.
    fn value(&mut self) -> Result<f64, Stop> {
        let quoted = self.quoted()?;
        if quoted.len() <= EXACT_DIGITS && !quoted.is_empty() {
            let mut number: u64 = 0;
            if quoted.iter().all(u8::is_ascii_digit) {
                for byte in quoted {
                    number = number * 10 + u64::from(byte - b'0');
                }
                #[expect(clippy::cast_precision_loss, reason = "it has at most 15 digits")]
                return Ok(number as f64);
            }
        }
        let text = std::str::from_utf8(quoted).map_err(|_| Stop::Odd)?;
        text.parse().map_err(|_| Stop::Odd)
    }
}
