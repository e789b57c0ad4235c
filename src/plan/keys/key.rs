//! What a key is: its name, what it means, which values it takes, whether it must be there. Reader,
//! schema and reference are made from this and from nothing else.

use std::borrow::Cow;

use crate::plan::model::KindName;

/// A key of a table, declared once.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Key {
    /// As it is written.
    pub(in crate::plan) name: &'static str,
    /// What it is, as one sentence.
    pub(in crate::plan) doc: &'static str,
    /// The values it takes.
    pub(in crate::plan) shape: Shape,
    /// Whether it must be there.
    pub(in crate::plan) need: Need,
    /// A value as TOML; of a table its header.
    pub(in crate::plan) example: &'static str,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) enum Need {
    /// Always; the cure where it is missing.
    Required(&'static str),
    /// Depending on other keys; the cure where it is missing and needed.
    Depends(&'static str),
    /// Without it, it is as if this TOML value were written.
    Default(&'static str),
    /// Without it there is no such thing.
    Optional,
}

/// The values that a key takes.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) enum Shape {
    /// Text that is not empty.
    Text,
    /// A name without spaces and quotes.
    Name,
    /// The name of an environment variable.
    Environment,
    /// The name of a label.
    Label,
    /// An address without credentials.
    Url,
    /// A path relative to the directory.
    File,
    /// A JSON pointer.
    Pointer,
    /// Text with numbers to fill in.
    Template,
    /// An IANA time zone.
    Zone,
    /// A bare PromQL vector selector.
    Selector,
    /// PromQL that gives one number.
    Query,
    /// `true` or `false`.
    Flag,
    /// A number between 0 and 1, both excluded.
    Share,
    /// A number above 0.
    Positive,
    /// A percentage above 0.
    Exposure,
    /// A whole number, at least this.
    Count(u32),
    /// `"auto"`, or a whole number of at least this.
    AutoCount(u32),
    /// A length of time.
    Duration,
    /// `"auto"`, or a length of time.
    AutoDuration,
    /// A date and time with its offset.
    Moment,
    /// A wall-clock time.
    TimeOfDay,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// Some of these words.
    WordList(fn() -> Vec<&'static str>),
    /// Names, each once.
    Names,
    /// `"PLAN >= EXPOSURE"`, several.
    After,
    /// A size of harm.
    Size,
    /// An absolute bound.
    Bound,
    /// A size for all guardrails, a word, or sizes by guardrail.
    RuleOut,
    /// A table.
    Table(&'static Table),
    /// At least so many tables.
    Tables(&'static Table, u32),
    /// Tables by name.
    Named(&'static Table),
    /// The metric of this kind.
    Kind(KindName),
    /// Queries of one arm, for a metric of this kind.
    Arm(KindName),
    /// A table whose keys the reference lists beside its name.
    Variant(&'static Table),
    /// A value of a label, or the table of a regular expression.
    ArmValue(&'static Table),
    /// Texts by name, each written or found in an environment variable.
    Headers(&'static Table),
    /// What `rollout` writes.
    State,
}

/// A table of a file.
#[derive(Debug)]
pub(in crate::plan) struct Table {
    /// How its header is written, for the reference.
    pub(in crate::plan) header: &'static str,
    /// Its keys, in the order in which they are offered.
    pub(in crate::plan) parts: &'static [Part],
    /// Which keys must be there together, one of these groups; empty where nothing is asked.
    pub(in crate::plan) either: fn() -> Vec<Vec<&'static str>>,
}

/// Keys of a table, written down or following from the kinds of metrics.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) enum Part {
    /// These.
    Keys(&'static [Key]),
    /// A selector for each column of this kind.
    Selectors(KindName),
    /// A query for each column of this kind.
    Queries(KindName),
    /// The queries of each arm.
    Arms(KindName),
    /// One for each kind of metrics.
    Kinds,
}

/// No group of keys that must be there together.
pub(in crate::plan) const fn nothing() -> Vec<Vec<&'static str>> {
    Vec::new()
}

impl Key {
    /// An assignment or a header, for a cure.
    pub(in crate::plan) fn written(&self) -> String {
        match self.shape {
            Shape::Table(_) | Shape::Tables(..) | Shape::Named(_) | Shape::State
                if self.example.starts_with('[') =>
            {
                self.example.to_owned()
            }
            _ => format!("{} = {}", self.name, self.example),
        }
    }

    /// What to write where it is missing.
    pub(in crate::plan) fn cure(&self) -> Cow<'static, str> {
        match self.need {
            Need::Required(cure) | Need::Depends(cure) if !cure.is_empty() => cure.into(),
            Need::Required(_) | Need::Depends(_) | Need::Default(_) | Need::Optional => {
                format!("write `{}`", self.written()).into()
            }
        }
    }
}

impl Shape {
    /// What a value of another type should have been, for a sentence.
    pub(in crate::plan) fn wanted(self) -> String {
        match self {
            Self::Text
            | Self::Name
            | Self::Environment
            | Self::Label
            | Self::Url
            | Self::File
            | Self::Pointer
            | Self::Template
            | Self::Zone
            | Self::Selector
            | Self::Query
            | Self::ArmValue(_) => "text in quotes".into(),
            Self::Flag => "true or false".into(),
            Self::Share | Self::Positive | Self::Exposure => "a finite number".into(),
            Self::Count(least) | Self::AutoCount(least) => {
                format!("a whole number of at least {least}")
            }
            Self::Duration | Self::AutoDuration => "a duration in quotes".into(),
            Self::Moment => "a date and time".into(),
            Self::TimeOfDay => "a time of day in quotes".into(),
            Self::Words(words) => format!("one of {}", choice(&words())),
            Self::WordList(_) | Self::Names | Self::After | Self::Tables(..) => "a list".into(),
            Self::Size | Self::RuleOut => "a size of harm".into(),
            Self::Bound => "a bound".into(),
            Self::Named(_) => "one table a name".into(),
            Self::Table(_)
            | Self::Kind(_)
            | Self::Arm(_)
            | Self::Variant(_)
            | Self::Headers(_)
            | Self::State => "a table".into(),
        }
    }

    /// True where this whole number is not too small.
    pub(in crate::plan) const fn allows(self, number: u32) -> bool {
        match self {
            Self::Count(least) | Self::AutoCount(least) => number >= least,
            _ => false,
        }
    }
}

/// Words in quotes, for a sentence.
pub(in crate::plan) fn choice(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(", ")
}

/// Declares the keys of a table: a constant for each, by which alone it can be read, and the list of
/// all. A key that is read but not declared has no constant; a constant that nobody reads is dead
/// code, which the compiler names.
macro_rules! keys {
    (
        $(#[$meta:meta])*
        $module:ident {
            $(
                $(#[doc = $doc:literal])+
                $constant:ident $name:literal: $shape:expr, $need:expr, $example:literal;
            )+
        }
    ) => {
        $(#[$meta])*
        pub(in crate::plan) mod $module {
            use super::*;

            /// All of them.
            pub(in crate::plan::keys) const KEYS: &[Key] = &[$(Key {
                name: $name,
                doc: concat!($($doc),+).trim_ascii(),
                shape: $shape,
                need: $need,
                example: $example,
            },)+];

            $(
                $(#[doc = $doc])+
                pub(in crate::plan) const $constant: &Key = &Key {
                    name: $name,
                    doc: concat!($($doc),+).trim_ascii(),
                    shape: $shape,
                    need: $need,
                    example: $example,
                };
            )+
        }
    };
}

pub(super) use keys;
