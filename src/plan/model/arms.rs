//! The arms of a plan: the label that tells them apart, and which of its values belong to which.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use regex::Regex;

/// One of the two arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// Users who see the change.
    Exposed,
    /// Users who do not.
    Unexposed,
}

impl Arm {
    /// The word in plans and snapshots.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Unexposed => "unexposed",
        }
    }
}

/// The label that tells the arms apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arms {
    /// Label name.
    pub label: String,
    /// Its values in the exposed arm.
    pub exposed: ArmValue,
    /// Its values in the unexposed arm.
    pub unexposed: ArmValue,
}

impl Default for Arms {
    fn default() -> Self {
        Self {
            label: "variant".into(),
            exposed: "treatment".into(),
            unexposed: "control".into(),
        }
    }
}

impl Arms {
    /// The values of an arm.
    #[must_use]
    pub const fn of(&self, arm: Arm) -> &ArmValue {
        match arm {
            Arm::Exposed => &self.exposed,
            Arm::Unexposed => &self.unexposed,
        }
    }

    /// A text that other arms do not have, for digests.
    #[must_use]
    pub(super) fn identity(&self) -> String {
        let Self {
            label,
            exposed,
            unexposed,
        } = self;
        let values = |arm: &ArmValue| match arm {
            ArmValue::Text(text) => format!("{text:?}"),
            ArmValue::Regex(pattern) => format!("regex {:?}", pattern.as_str()),
        };
        format!("{label:?} {} {}", values(exposed), values(unexposed))
    }

    /// Which arm a value of the label belongs to. No label and an empty value are the same.
    #[must_use]
    pub fn arm_of(&self, value: &str) -> Membership {
        match (self.exposed.matches(value), self.unexposed.matches(value)) {
            (true, true) => Membership::Both,
            (true, false) => Membership::One(Arm::Exposed),
            (false, true) => Membership::One(Arm::Unexposed),
            (false, false) => Membership::Neither,
        }
    }

    /// Whether each arm has exactly one value.
    #[must_use]
    pub fn are_texts(&self) -> bool {
        [&self.exposed, &self.unexposed]
            .into_iter()
            .all(|value| match value {
                ArmValue::Text(_) => true,
                ArmValue::Regex(_) => false,
            })
    }
}

/// Which arm a value of the label belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// None.
    Neither,
    /// This one.
    One(Arm),
    /// Both, which makes what is measured meaningless.
    Both,
}

/// The values of the label that belong to an arm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArmValue {
    /// This one.
    Text(String),
    /// All that fit.
    Regex(Pattern),
}

impl ArmValue {
    /// Whether a value of the label is one of them.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Self::Text(text) => text == value,
            Self::Regex(pattern) => pattern.regex.is_match(value),
        }
    }

    /// As TOML.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => toml::Value::from(text.as_str()).to_string(),
            Self::Regex(pattern) => {
                let pattern = toml::Value::from(pattern.as_str());
                format!("{{ regex = {pattern} }}")
            }
        }
    }
}

impl From<&str> for ArmValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A text as it is, a regular expression as PromQL marks it.
impl fmt::Display for ArmValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Regex(pattern) => write!(f, "~{}", pattern.as_str()),
        }
    }
}

/// A regular expression that all of a value must fit, as Prometheus has it.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        // Alone it must be whole: `a)|(b` would else be closed by what is put around it.
        let bad = |error: regex::Error| {
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        };
        Regex::new(text).map_err(bad)?;
        let regex = Regex::new(&format!("^(?s:{})$", as_prometheus(text))).map_err(bad)?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a missing label fits it.
    #[must_use]
    pub fn matches_nothing(&self) -> bool {
        self.regex.is_match("")
    }
}

/// Classes of letters, digits and blanks are those of ASCII in Prometheus.
fn as_prometheus(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('s') => out.push_str("[\\t\\n\\f\\r ]"),
            Some('S') => out.push_str("[^\\t\\n\\f\\r ]"),
            Some('b') => out.push_str("(?-u:\\b)"),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    out
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> ArmValue {
        ArmValue::Regex(Pattern::parse(text).unwrap())
    }

    #[test]
    fn a_regular_expression_must_fit_all_of_a_value_and_a_text_is_no_expression() {
        let arms = Arms {
            label: "version".into(),
            exposed: pattern("7f9c.*|8a"),
            unexposed: "5b.d".into(),
        };
        for (value, arm) in [
            ("7f9c", Membership::One(Arm::Exposed)),
            ("7f9cabc", Membership::One(Arm::Exposed)),
            ("8a", Membership::One(Arm::Exposed)),
            ("x7f9c", Membership::Neither),
            ("8ab", Membership::Neither),
            ("5b.d", Membership::One(Arm::Unexposed)),
            ("5b1d", Membership::Neither),
            ("", Membership::Neither),
        ] {
            assert_eq!(arms.arm_of(value), arm, "{value}");
        }
        let overlapping = Arms {
            unexposed: pattern(".*c"),
            ..arms
        };
        assert_eq!(overlapping.arm_of("7f9c"), Membership::Both);
    }

    #[test]
    fn classes_are_those_of_ascii_and_the_dot_takes_line_ends() {
        assert!(pattern(r"v\d+").matches("v12"));
        assert!(!pattern(r"v\d+").matches("v\u{661}"));
        assert!(pattern(r"[\d.]+").matches("1.2"));
        assert!(!pattern(r"\w").matches("ä"));
        assert!(pattern(r"a\\d").matches("a\\d"));
        assert!(pattern("a.b").matches("a\nb"));
    }

    #[test]
    fn what_is_no_regular_expression_is_refused() {
        for bad in ["(", "a)|(b", "[", "a**?+(", "(?=a)"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
        assert!(Pattern::parse("a*").unwrap().matches_nothing());
        assert!(!Pattern::parse("a+").unwrap().matches_nothing());
    }

    #[test]
    fn values_are_written_as_toml() {
        assert_eq!(ArmValue::from("a\"b").written(), "'a\"b'");
        assert_eq!(pattern("a.*").written(), "{ regex = \"a.*\" }");
    }
}
