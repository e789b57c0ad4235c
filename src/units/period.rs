//! Lengths of time, written as `"90s"`, `"1h30m"`, `"5d"`.

use std::fmt;

use chrono::TimeDelta;

use super::UnitError;

/// A length of time in whole seconds, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Period {
    seconds: u32,
}

/// Longest unit first, so that `Display` can count down.
const UNITS: [(&str, u32); 5] = [
    ("w", 7 * 86_400),
    ("d", 86_400),
    ("h", 3_600),
    ("m", 60),
    ("s", 1),
];

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self { seconds: 0 };

    /// A period of so many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Self {
        Self { seconds }
    }

    /// A period of so many minutes.
    #[must_use]
    pub const fn from_minutes(minutes: u32) -> Self {
        Self {
            seconds: minutes * 60,
        }
    }

    /// A period of so many hours.
    #[must_use]
    pub const fn from_hours(hours: u32) -> Self {
        Self {
            seconds: hours * 3_600,
        }
    }

    /// The time from `start` to `end`; zero when `end` comes first.
    #[must_use]
    pub fn between(start: super::Instant, end: super::Instant) -> Self {
        let seconds = (end - start).num_seconds().max(0);
        Self {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        }
    }

    /// Reads `"24h"`, `"1h30m"`, `"2d"`, `"45s"`, `"1w"`.
    ///
    /// # Errors
    /// When there is no unit, an unknown unit, a fraction, or more than 136 years.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let fail = |problem: String| {
            Err(UnitError::new(
                problem,
                "write a number and a unit, such as \"30m\", \"24h\" or \"5d\"",
            ))
        };
        let mut rest = text.trim();
        if rest.is_empty() {
            return fail("the duration is empty".into());
        }
        let mut total: u32 = 0;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, tail) = rest.split_at(digits);
            let letters = tail.len()
                - tail
                    .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                    .len();
            let (unit, tail) = tail.split_at(letters);
            let Ok(number) = number.parse::<u32>() else {
                return fail(format!("`{text}` is not a duration"));
            };
            if unit.is_empty() && !tail.trim().is_empty() {
                return fail(format!(
                    "the duration `{text}` does not say its unit next to its number"
                ));
            }
            if unit.is_empty() {
                return fail(format!("the duration `{text}` has no unit"));
            }
            let Some((_, seconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return fail(format!("`{unit}` is not a unit of time"));
            };
            let Some(sum) = number
                .checked_mul(*seconds)
                .and_then(|s| total.checked_add(s))
            else {
                return fail(format!("the duration `{text}` is too long"));
            };
            total = sum;
            rest = tail.trim_start();
        }
        Ok(Self { seconds: total })
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// In hours.
    #[must_use]
    pub fn hours(self) -> f64 {
        f64::from(self.seconds) / 3_600.0
    }

    /// As chrono's signed length of time.
    #[must_use]
    pub fn delta(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.seconds))
    }

    /// True for no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.seconds == 0
    }

    /// The two largest units only, for sentences: `3h 10m`, `2d 4h`, `45s`.
    #[must_use]
    pub fn rough(self) -> String {
        let parts = self.parts(["w"]);
        match parts.len() {
            0 => "0s".into(),
            n => parts[..n.min(2)].join(" "),
        }
    }

    fn parts<const N: usize>(self, skip: [&str; N]) -> Vec<String> {
        let mut rest = self.seconds;
        let mut parts = Vec::new();
        for (name, seconds) in UNITS {
            if !skip.contains(&name) && rest >= seconds {
                parts.push(format!("{}{name}", rest / seconds));
                rest %= seconds;
            }
        }
        parts
    }
}

impl fmt::Display for Period {
    /// The shortest exact text that [`Period::parse`] reads back: `90s` is `1m30s`, a day `24h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.seconds == 0 {
            return f.write_str("0s");
        }
        if self.seconds <= 2 * 86_400 {
            return f.write_str(&self.parts(["w", "d"]).concat());
        }
        f.write_str(&self.parts(["w"]).concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for seconds in [0, 1, 59, 60, 90, 3_600, 86_400, 90_061, 604_800, 2_592_000] {
            let period = Period::from_seconds(seconds);
            assert_eq!(
                Period::parse(&period.to_string()).unwrap(),
                period,
                "{period}"
            );
        }
        assert_eq!(Period::parse("24h").unwrap().to_string(), "24h");
        assert_eq!(Period::parse("1h 30m").unwrap().seconds(), 5_400);
    }

    #[test]
    fn sentences_use_two_units() {
        assert_eq!(Period::parse("3h10m5s").unwrap().rough(), "3h 10m");
        assert_eq!(Period::parse("50h").unwrap().rough(), "2d 2h");
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "",
            "h",
            "24",
            "1.5h",
            "-1h",
            "24 hours",
            "99999999w",
            "1h30",
        ] {
            assert!(Period::parse(bad).is_err(), "{bad}");
        }
    }
}
