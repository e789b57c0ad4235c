//! One value at a time: each reader takes the value of a key, or notes one mistake and returns
//! nothing. What a value means for a plan is not looked at here.

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::fields::{At, Fields, Reader};
use super::words::{completed, nearest, number_of};
use crate::plan::model::Mistake;
use crate::units::{Instant, Period};

impl Reader {
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
