//! Sizes of harm (`"10%"`, `"2x"`, `"0.2pp"`, `1.5`) and absolute bounds (`"1%"`, `"500ms"`).

use std::fmt;

use super::UnitError;

/// The direction in which a metric gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Worse {
    /// Errors, latency: more is worse.
    Higher,
    /// Conversions, revenue: less is worse.
    Lower,
}

/// A size of harm. It points in the direction of [`Worse`]: with `Lower`, `"10%"` means 0.9 of the
/// unexposed value and `"2x"` half of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// `"10%"`: the fraction 0.10, above 0.
    Relative(f64),
    /// `"2x"`: a factor above 1.
    Ratio(f64),
    /// `"0.2pp"`: percentage points of a share, held as the share 0.002, above 0.
    Points(f64),
    /// A plain number in the metric's own unit, above 0.
    Absolute(f64),
}

impl Effect {
    /// Reads `"10%"`, `"2x"`, `"0.2pp"`.
    ///
    /// # Errors
    /// When there is no such suffix, or the number is not above 0 (above 1 for a factor).
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        const CURE: &str = "write a relative size \"10%\", a factor \"2x\", percentage points \"0.2pp\", or a plain number";
        let trimmed = text.trim();
        let (number, make): (&str, fn(f64) -> Self) = if let Some(n) = trimmed.strip_suffix("pp") {
            (n, |v| Self::Points(v / 100.0))
        } else if let Some(n) = trimmed.strip_suffix('%') {
            (n, |v| Self::Relative(v / 100.0))
        } else if let Some(n) = trimmed.strip_suffix('x') {
            (n, Self::Ratio)
        } else {
            return Err(UnitError::new(
                format!("`{text}` is not a size of harm"),
                CURE,
            ));
        };
        let value: f64 = number
            .trim()
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite())
            .ok_or_else(|| UnitError::new(format!("`{text}` is not a size of harm"), CURE))?;
        let effect = make(value);
        match effect {
            Self::Ratio(x) if x <= 1.0 => Err(UnitError::new(
                format!("a factor of {x} is not a harm"),
                "write a factor above 1, such as \"2x\"; the direction comes from `worse`",
            )),
            _ if value <= 0.0 => Err(UnitError::new(
                format!("a harm of `{text}` is not above zero"),
                "two arms on different machines are never exactly equal: tolerate a little, such as \"10%\"",
            )),
            _ => Ok(effect),
        }
    }

    /// A plain number in the metric's own unit.
    ///
    /// # Errors
    /// When it is not above zero.
    pub fn absolute(value: f64) -> Result<Self, UnitError> {
        if value > 0.0 && value.is_finite() {
            Ok(Self::Absolute(value))
        } else {
            Err(UnitError::new(
                format!("a harm of {value} is not above zero"),
                "write a number above zero in the metric's own unit",
            ))
        }
    }

    /// The null hypothesis `exposed = ratio * unexposed + offset` at this size of harm: the pair
    /// (ratio, offset). With [`Worse::Lower`] the ratio is below 1 and the offset negative.
    #[must_use]
    pub fn null(self, worse: Worse) -> (f64, f64) {
        match (self, worse) {
            (Self::Relative(f), Worse::Higher) => (1.0 + f, 0.0),
            (Self::Relative(f), Worse::Lower) => ((1.0 - f).max(0.0), 0.0),
            (Self::Ratio(x), Worse::Higher) => (x, 0.0),
            (Self::Ratio(x), Worse::Lower) => (1.0 / x, 0.0),
            (Self::Points(d) | Self::Absolute(d), Worse::Higher) => (1.0, d),
            (Self::Points(d) | Self::Absolute(d), Worse::Lower) => (1.0, -d),
        }
    }

    /// As people read it: `10 %`, `2x`, `0.2pp`, `1.5`. As TOML has it, it is its `Display`.
    #[must_use]
    pub fn for_people(self) -> String {
        spaced(&self.to_string())
    }

    /// True for sizes on the ratio scale.
    #[must_use]
    pub const fn is_relative(self) -> bool {
        match self {
            Self::Relative(_) | Self::Ratio(_) => true,
            Self::Points(_) | Self::Absolute(_) => false,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Relative(v) => write!(f, "{}%", trim(v * 100.0)),
            Self::Ratio(v) => write!(f, "{}x", trim(v)),
            Self::Points(v) => write!(f, "{}pp", trim(v * 100.0)),
            Self::Absolute(v) => write!(f, "{}", trim(v)),
        }
    }
}

/// The unit in which a [`Bound`] was written; only display depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BoundUnit {
    /// `"1%"`: a share.
    Percent,
    /// `"500ms"` or `"2s"`: a time.
    Time,
    /// A plain number in the metric's own unit.
    Plain,
}

/// An absolute bound on the exposed arm alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// In base units: a share for `"1%"`, seconds for `"500ms"`, else the metric's own unit.
    pub value: f64,
    /// How it was written.
    pub unit: BoundUnit,
}

impl Bound {
    /// Reads `"1%"`, `"500ms"`, `"2s"`.
    ///
    /// # Errors
    /// When the unit is unknown or the number is not above 0.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let fail = || {
            UnitError::new(
                format!("`{text}` is not a bound"),
                "write a share \"1%\", a time \"500ms\" or \"2s\", or a plain number",
            )
        };
        let trimmed = text.trim();
        let (number, scale, unit) = if let Some(n) = trimmed.strip_suffix('%') {
            (n, 0.01, BoundUnit::Percent)
        } else if let Some(n) = trimmed.strip_suffix("ms") {
            (n, 0.001, BoundUnit::Time)
        } else if let Some(n) = trimmed.strip_suffix('s') {
            (n, 1.0, BoundUnit::Time)
        } else {
            return Err(fail());
        };
        let value: f64 = number.trim().parse().map_err(|_| fail())?;
        if !value.is_finite() || value <= 0.0 {
            return Err(fail());
        }
        // A division reads "500ms" as 0.5 exactly; a multiplication by 0.001 might not.
        let value = if scale < 1.0 {
            value / (1.0_f64 / scale).round()
        } else {
            value
        };
        Ok(Self { value, unit })
    }

    /// A plain number in the metric's own unit.
    ///
    /// # Errors
    /// When it is not finite.
    pub fn plain(value: f64) -> Result<Self, UnitError> {
        if value.is_finite() {
            Ok(Self {
                value,
                unit: BoundUnit::Plain,
            })
        } else {
            Err(UnitError::new(
                format!("{value} is not a bound"),
                "write a finite number",
            ))
        }
    }
}

impl Bound {
    /// As people read it: `2 %`, `500ms`, `1.5`. As TOML has it, it is its `Display`.
    #[must_use]
    pub fn for_people(self) -> String {
        spaced(&self.to_string())
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            BoundUnit::Percent => write!(f, "{}%", trim(self.value * 100.0)),
            BoundUnit::Time if self.value < 1.0 => write!(f, "{}ms", trim(self.value * 1_000.0)),
            BoundUnit::Time => write!(f, "{}s", trim(self.value)),
            BoundUnit::Plain => write!(f, "{}", trim(self.value)),
        }
    }
}

/// The percent sign of TOML is set apart in texts.
fn spaced(written: &str) -> String {
    written
        .strip_suffix('%')
        .map_or_else(|| written.to_owned(), |number| format!("{number} %"))
}

/// Up to six significant decimals without trailing zeros.
fn trim(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_points_in_the_direction_of_worse() {
        let ten = Effect::parse("10%").unwrap();
        assert_eq!(ten.null(Worse::Higher), (1.1, 0.0));
        assert_eq!(ten.null(Worse::Lower), (0.9, 0.0));
        let double = Effect::parse("2x").unwrap();
        assert_eq!(double.null(Worse::Higher), (2.0, 0.0));
        assert_eq!(double.null(Worse::Lower), (0.5, 0.0));
        let points = Effect::parse("0.2pp").unwrap();
        assert_eq!(points.null(Worse::Higher), (1.0, 0.002));
        assert_eq!(points.null(Worse::Lower), (1.0, -0.002));
    }

    #[test]
    fn sizes_read_back() {
        for text in ["10%", "2x", "0.2pp", "12.5%", "1.05x"] {
            assert_eq!(Effect::parse(text).unwrap().to_string(), text);
        }
        for text in ["1%", "500ms", "2s", "0.05%"] {
            assert_eq!(Bound::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Bound::parse("500ms").unwrap().value.to_bits(),
            0.5_f64.to_bits()
        );
    }

    #[test]
    fn a_harm_that_is_no_harm_is_refused() {
        for bad in ["0%", "-1%", "1x", "0.5x", "ten", "10", "NaN%", "infx", ""] {
            assert!(Effect::parse(bad).is_err(), "{bad}");
        }
    }
}
