//! Small readers over the spanned TOML table: each takes one value, or notes one mistake and
//! returns nothing. No reader stops the others, so a file shows all its mistakes at once.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::plan::Mistake;
use crate::units::{Instant, Period, UnitError};

/// A value with its place.
#[derive(Debug, Clone)]
pub(in crate::plan) struct At<T> {
    /// The value.
    pub(in crate::plan) value: T,
    /// Its place in the text.
    pub(in crate::plan) span: Range<usize>,
}

/// A table whose keys are known.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Fields<'a> {
    table: &'a DeTable<'a>,
    keys: &'static [&'static str],
    /// Where to point when a key is missing: the header, or the inline table.
    pub(in crate::plan) span: Range<usize>,
    /// What to call it in messages: "a stage", "guardrail `x`".
    pub(in crate::plan) what: String,
}

impl<'a> Fields<'a> {
    /// The value of a key, where it is written.
    pub(in crate::plan) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.keys.contains(&key), "`{key}` is not a declared key");
        self.table.get(key)
    }

    /// True when the key is written.
    pub(in crate::plan) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The place of the key itself.
    pub(in crate::plan) fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table
            .iter()
            .find(|(k, _)| k.get_ref() == key)
            .map(|(k, _)| k.span())
    }

    /// Every entry, in the order of the text, for tables whose keys are names.
    pub(in crate::plan) fn entries(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| Entry {
                name: key.get_ref().as_ref(),
                span: key.span(),
                value,
            })
            .collect();
        entries.sort_by_key(|entry| entry.span.start);
        entries
    }
}

/// One entry of a table whose keys are names.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Entry<'a> {
    /// The key.
    pub(in crate::plan) name: &'a str,
    /// The key's place.
    pub(in crate::plan) span: Range<usize>,
    /// The value.
    pub(in crate::plan) value: &'a Spanned<DeValue<'a>>,
}

/// Collects the mistakes while values are read.
#[derive(Debug, Default)]
pub(in crate::plan) struct Reader {
    /// So far.
    pub(in crate::plan) mistakes: Vec<Mistake>,
}

impl Reader {
    /// Notes a mistake.
    pub(in crate::plan) fn note(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Opens a table with these keys; any other key is a mistake.
    pub(in crate::plan) fn open<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        span: Range<usize>,
        what: impl Into<String>,
        keys: &'static [&'static str],
    ) -> Fields<'a> {
        let what = what.into();
        for entry in Fields::entries(table) {
            if keys.contains(&entry.name) {
                continue;
            }
            let mistake = Mistake::error(
                "unknown-key",
                entry.span,
                format!("`{}` is not a key of {what}", entry.name),
            )
            .label("unknown key");
            let unused: Vec<&str> = keys
                .iter()
                .copied()
                .filter(|key| !table.contains_key(*key))
                .collect();
            self.note(match nearest(entry.name, unused) {
                Some(near) => mistake.cure(format!("write `{near}`")),
                None => mistake.cure(format!("remove it; {what} has {}", listed(keys))),
            });
        }
        Fields {
            table,
            keys,
            span,
            what,
        }
    }

    /// Opens a value that must be a table with these keys.
    pub(in crate::plan) fn table<'a>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        what: &str,
        example: &str,
        keys: &'static [&'static str],
    ) -> Option<Fields<'a>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, what, "a table", example);
            return None;
        };
        Some(self.open(table, value.span(), what, keys))
    }

    /// A value of the wrong type.
    pub(in crate::plan) fn wrong_type(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        wanted: &str,
        example: &str,
    ) {
        self.note(
            Mistake::error(
                "wrong-type",
                value.span(),
                format!("{what} must be {wanted}, not {}", kind_of(value.get_ref())),
            )
            .label(format!("expected {wanted}"))
            .cure(format!("write `{example}`")),
        );
    }

    /// A key that must be there.
    pub(in crate::plan) fn missing(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        cure: impl Into<String>,
    ) {
        self.note(
            Mistake::error(
                "missing-key",
                fields.span.clone(),
                format!("{} has no `{key}`", fields.what),
            )
            .label(format!("`{key}` is missing"))
            .cure(cure),
        );
    }

    /// A unit that could not be read.
    pub(in crate::plan) fn bad(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        error: UnitError,
    ) {
        let UnitError { problem, cure } = error;
        self.note(Mistake::error(code, span, problem).cure(cure));
    }

    /// Text, not empty.
    pub(in crate::plan) fn text<'a>(
        &mut self,
        fields: &Fields<'a>,
        key: &str,
        example: &str,
    ) -> Option<At<&'a str>> {
        let value = fields.get(key)?;
        self.text_of(value, key, &format!("{key} = {example}"))
    }

    /// Text, not empty, of a value that need not have a key.
    pub(in crate::plan) fn text_of<'a>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        example: &str,
    ) -> Option<At<&'a str>> {
        let span = value.span();
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, &format!("`{key}`"), "text in quotes", example);
            return None;
        };
        if text.trim().is_empty() {
            self.note(
                Mistake::error("empty-text", span, format!("`{key}` is empty"))
                    .cure(format!("write `{example}`")),
            );
            return None;
        }
        Some(At { value: text, span })
    }

    /// `true` or `false`.
    pub(in crate::plan) fn flag(&mut self, fields: &Fields<'_>, key: &str) -> Option<At<bool>> {
        let value = fields.get(key)?;
        let Some(flag) = value.get_ref().as_bool() else {
            self.wrong_type(
                value,
                &format!("`{key}`"),
                "true or false",
                &format!("{key} = true"),
            );
            return None;
        };
        Some(At {
            value: flag,
            span: value.span(),
        })
    }

    /// A finite number.
    pub(in crate::plan) fn number(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        example: &str,
    ) -> Option<At<f64>> {
        let value = fields.get(key)?;
        match number_of(value.get_ref()) {
            Some(number) => Some(At {
                value: number,
                span: value.span(),
            }),
            None => {
                let meant = value.get_ref().as_str().and_then(|text| {
                    let text = text.trim().trim_end_matches('%').trim_end();
                    text.parse::<f64>().ok().filter(|n| n.is_finite())
                });
                let example = meant.map_or_else(|| example.to_owned(), |n| n.to_string());
                self.wrong_type(
                    value,
                    &format!("`{key}`"),
                    "a finite number",
                    &format!("{key} = {example}"),
                );
                None
            }
        }
    }

    /// A whole number, at least `least`.
    pub(in crate::plan) fn count(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        least: u32,
    ) -> Option<At<u32>> {
        let value = fields.get(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok())
            .filter(|n| *n >= least);
        let Some(number) = number else {
            self.wrong_type(
                value,
                &format!("`{key}`"),
                &format!("a whole number of at least {least}"),
                &format!("{key} = {}", least.max(2)),
            );
            return None;
        };
        Some(At {
            value: number,
            span: value.span(),
        })
    }

    /// A length of time in quotes.
    pub(in crate::plan) fn period(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        example: &str,
    ) -> Option<At<Period>> {
        let value = fields.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(
                value,
                &format!("`{key}`"),
                "a duration in quotes",
                &format!("{key} = \"{example}\""),
            );
            return None;
        };
        match Period::parse(text) {
            Ok(period) => Some(At {
                value: period,
                span: value.span(),
            }),
            Err(error) => {
                self.bad("bad-duration", value.span(), error);
                None
            }
        }
    }

    /// A date and time with its offset.
    pub(in crate::plan) fn instant(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<At<Instant>> {
        const EXAMPLE: &str = "2026-12-20T00:00:00Z";
        let value = fields.get(key)?;
        let span = value.span();
        let written = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong_type(
                    value,
                    &format!("`{key}`"),
                    "a date and time",
                    &format!("{key} = {EXAMPLE}"),
                );
                return None;
            }
        };
        let Ok(instant) = chrono::DateTime::parse_from_rfc3339(&written) else {
            self.note(
                Mistake::error(
                    "bad-instant",
                    span,
                    format!("`{written}` is not a moment in time"),
                )
                .label("needs date, time and offset")
                .cure(format!(
                    "write `{key} = {}`, with `Z` or `+02:00` at the end",
                    completed(&written).unwrap_or_else(|| EXAMPLE.to_owned())
                )),
            );
            return None;
        };
        Some(At {
            value: instant.with_timezone(&chrono::Utc),
            span,
        })
    }

    /// One of some words.
    pub(in crate::plan) fn word<T: Copy>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<At<T>> {
        let value = fields.get(key)?;
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let choice = names
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(", ");
        let first = names.first().copied().unwrap_or_default();
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(
                value,
                &format!("`{key}`"),
                &format!("one of {choice}"),
                &format!("{key} = \"{first}\""),
            );
            return None;
        };
        if let Some((_, found)) = words.iter().find(|(name, _)| *name == text) {
            return Some(At {
                value: *found,
                span: value.span(),
            });
        }
        let cure = match nearest(text, names) {
            Some(near) => format!("write `{key} = \"{near}\"`"),
            None => format!("write one of {choice}"),
        };
        self.note(
            Mistake::error(
                "unknown-word",
                value.span(),
                format!("`{key}` cannot be \"{text}\""),
            )
            .label(format!("expected one of {choice}"))
            .cure(cure),
        );
        None
    }

    /// An array.
    pub(in crate::plan) fn array<'a>(
        &mut self,
        fields: &Fields<'a>,
        key: &str,
        example: &str,
    ) -> Option<&'a DeArray<'a>> {
        let value = fields.get(key)?;
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong_type(value, &format!("`{key}`"), "a list", example);
        }
        array
    }
}

/// A finite number, whole or not.
pub(in crate::plan) fn number_of(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(i) if i.radix() == 10 => i.as_str().parse::<f64>().ok(),
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix())
            .ok()
            .and_then(|n| i32::try_from(n).ok())
            .map(f64::from),
        DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
        DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
    .filter(|number| number.is_finite())
}

/// A date, or a date and time, as a moment in UTC.
fn completed(written: &str) -> Option<String> {
    let candidates = [
        format!("{written}T00:00:00Z"),
        format!("{written}:00Z"),
        format!("{written}Z"),
    ];
    candidates
        .into_iter()
        .find(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
}

/// What a value is, for a sentence.
pub(in crate::plan) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The name that was probably meant; `None` when nothing is near enough to suggest.
pub(in crate::plan) fn nearest<'n>(
    written: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    /// Jaro-Winkler similarity from which a suggestion helps more than it misleads; the same
    /// order as clap's, which asks for 0.7.
    const NEAR: f64 = 0.8;
    let lower = written.to_lowercase().replace('-', "_");
    names
        .into_iter()
        .map(|name| {
            let other = name.to_lowercase().replace('-', "_");
            (strsim::jaro_winkler(&lower, &other), name)
        })
        .filter(|(similarity, _)| *similarity >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Names for a sentence, in backticks.
pub(in crate::plan) fn listed(names: &[&str]) -> String {
    match names {
        [] => "no keys".into(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}
