//! One value at a time: each reader takes the value of a key, or notes one mistake and returns
//! nothing. What a value means for a plan is not looked at here.

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::fields::{At, Fields, Reader};
use super::words::{completed, nearest, number_of};
use crate::plan::keys::key::{Key, choice};
use crate::plan::model::{Mistake, MistakeCode, Word};
use crate::units::{Instant, Period};

impl Reader {
    /// Text, not empty.
    pub(in crate::plan) fn text<'a>(
        &mut self,
        fields: &Fields<'a>,
        key: &Key,
    ) -> Option<At<&'a str>> {
        let value = fields.get(key)?;
        self.text_of(value, key.name, &key.written())
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
                Mistake::error(MistakeCode::EmptyText, span, format!("`{key}` is empty"))
                    .cure(format!("write `{example}`")),
            );
            return None;
        }
        Some(At { value: text, span })
    }

    /// `true` or `false`.
    pub(in crate::plan) fn flag(&mut self, fields: &Fields<'_>, key: &Key) -> Option<At<bool>> {
        let value = fields.get(key)?;
        let Some(flag) = value.get_ref().as_bool() else {
            self.wrong_value(value, key);
            return None;
        };
        Some(At {
            value: flag,
            span: value.span(),
        })
    }

    /// A finite number.
    pub(in crate::plan) fn number(&mut self, fields: &Fields<'_>, key: &Key) -> Option<At<f64>> {
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
                let example = meant.map_or_else(|| key.example.to_owned(), |n| n.to_string());
                self.wrong_type(
                    value,
                    &format!("`{}`", key.name),
                    &key.shape.wanted(),
                    &format!("{} = {example}", key.name),
                );
                None
            }
        }
    }

    /// A whole number, as large at least as was declared.
    pub(in crate::plan) fn count(&mut self, fields: &Fields<'_>, key: &Key) -> Option<At<u32>> {
        let value = fields.get(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok())
            .filter(|n| key.shape.allows(*n));
        let Some(number) = number else {
            self.wrong_value(value, key);
            return None;
        };
        Some(At {
            value: number,
            span: value.span(),
        })
    }

    /// True where the word `"auto"` is written.
    pub(in crate::plan) fn is_auto(&self, fields: &Fields<'_>, key: &Key) -> bool {
        fields
            .get(key)
            .is_some_and(|value| value.get_ref().as_str() == Some("auto"))
    }

    /// A length of time in quotes.
    pub(in crate::plan) fn period(&mut self, fields: &Fields<'_>, key: &Key) -> Option<At<Period>> {
        let value = fields.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_value(value, key);
            return None;
        };
        match Period::parse(text) {
            Ok(period) => Some(At {
                value: period,
                span: value.span(),
            }),
            Err(error) => {
                self.bad(MistakeCode::BadDuration, value.span(), error);
                None
            }
        }
    }

    /// A date and time with its offset.
    pub(in crate::plan) fn instant(
        &mut self,
        fields: &Fields<'_>,
        key: &Key,
    ) -> Option<At<Instant>> {
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
                self.wrong_value(value, key);
                return None;
            }
        };
        let Ok(instant) = chrono::DateTime::parse_from_rfc3339(&written) else {
            self.note(
                Mistake::error(
                    MistakeCode::BadInstant,
                    span,
                    format!("`{written}` is not a moment in time"),
                )
                .label("needs date, time and offset")
                .cure(format!(
                    "write `{} = {}`, with `Z` or `+02:00` at the end",
                    key.name,
                    completed(&written).unwrap_or_else(|| key.example.to_owned())
                )),
            );
            return None;
        };
        Some(At {
            value: instant.with_timezone(&chrono::Utc),
            span,
        })
    }

    /// One of a closed set of words.
    pub(in crate::plan) fn word<T: Word>(
        &mut self,
        fields: &Fields<'_>,
        key: &Key,
    ) -> Option<At<T>> {
        let value = fields.get(key)?;
        let names = T::words();
        let first = names.first().copied().unwrap_or_default();
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(
                value,
                &format!("`{}`", key.name),
                &key.shape.wanted(),
                &format!("{} = \"{first}\"", key.name),
            );
            return None;
        };
        if let Some(value_of_word) = T::from_word(text) {
            return Some(At {
                value: value_of_word,
                span: value.span(),
            });
        }
        let choice = choice(&names);
        let name = key.name;
        let cure = match nearest(text, names) {
            Some(near) => format!("write `{name} = \"{near}\"`"),
            None => format!("write one of {choice}"),
        };
        self.note(
            Mistake::error(
                MistakeCode::UnknownWord,
                value.span(),
                format!("`{name}` cannot be \"{text}\""),
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
        key: &Key,
    ) -> Option<&'a DeArray<'a>> {
        let value = fields.get(key)?;
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong_value(value, key);
        }
        array
    }
}
