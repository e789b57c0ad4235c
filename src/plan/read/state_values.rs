//! Single values of the `[state]` table, each with what is said where it cannot be read. Which keys
//! there are, and what they make together, is [`super::state`]'s part.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::plan::model::{Actor, Mistake, MistakeCode, Status, Word};
use crate::units::{Digest, Exposure, Instant, LogE, Period};

/// How to get out of a state that cannot be read.
const CURE: &str = "this table is written by rollout: restore it with `git checkout -- FILE` or `git restore FILE`";

/// A value with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Collects mistakes while it reads.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    header: Range<usize>,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, header: Range<usize>) -> Self {
        Self {
            text,
            header,
            mistakes: Vec::new(),
        }
    }
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, span: Range<usize>, message: String, label: &str) {
        self.mistakes.push(
            Mistake::error(MistakeCode::StateValue, span, message)
                .label(label)
                .cure(CURE),
        );
    }

    pub(super) fn unknown(&mut self, table: &str, key: &str, span: Range<usize>) {
        self.mistakes.push(
            Mistake::error(
                MistakeCode::StateUnknownKey,
                span,
                format!("`{key}` is not a key of `{table}`"),
            )
            .label("unknown key")
            .cure(
                "remove it, or use the version of rollout that wrote it: nothing here is ignored",
            ),
        );
    }

    pub(super) fn required<T>(
        &mut self,
        value: Option<&Value<'_>>,
        key: &str,
        read: impl Fn(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Option<T> {
        if let Some(value) = value {
            return read(self, value);
        }
        self.mistakes.push(
            Mistake::error(
                MistakeCode::StateMissingKey,
                self.header.clone(),
                format!("`[state]` has no `{key}`"),
            )
            .cure(CURE),
        );
        None
    }

    pub(super) fn status(&mut self, value: &Value<'_>) -> Option<Status> {
        let text = self.string(value)?;
        let found = Status::from_word(&text);
        if found.is_none() {
            self.wrong(
                value.span(),
                format!("`{text}` is not a status"),
                "expected pending, progressing, paused, rolled_back or complete",
            );
        }
        found
    }

    pub(super) fn stage(&mut self, value: &Value<'_>) -> Option<u32> {
        let stage = number_text(value)
            .and_then(|text| text.parse().ok())
            .filter(|stage| *stage > 0);
        if stage.is_none() {
            self.wrong(
                value.span(),
                "the stage is not a number of a stage".into(),
                "expected 1, 2, 3, ...",
            );
        }
        stage
    }

    pub(super) fn exposure(&mut self, value: &Value<'_>) -> Option<Exposure> {
        let Some(percent) = number_text(value).and_then(|text| text.parse().ok()) else {
            self.wrong(
                value.span(),
                "the exposure is not a number".into(),
                "expected a percentage such as 5.0",
            );
            return None;
        };
        match Exposure::from_percent(percent) {
            Ok(exposure) => Some(exposure),
            Err(error) => {
                self.wrong(value.span(), error.problem, &error.cure);
                None
            }
        }
    }

    pub(super) fn log_e(&mut self, value: &Value<'_>) -> Option<LogE> {
        let number = number_text(value)
            .and_then(|text| text.parse().ok())
            .filter(|number: &f64| !number.is_nan());
        if number.is_none() {
            self.wrong(
                value.span(),
                "the evidence of earlier stages is not a number".into(),
                "expected a number such as -0.31",
            );
        }
        number.map(LogE)
    }

    pub(super) fn dispersion(&mut self, value: &Value<'_>) -> Option<f64> {
        let number = number_text(value)
            .and_then(|text| text.parse().ok())
            .filter(|number: &f64| number.is_finite() && *number >= 1.0);
        if number.is_none() {
            self.wrong(
                value.span(),
                "the dispersion is not a number of at least 1".into(),
                "expected a number such as 3.4",
            );
        }
        number
    }

    pub(super) fn instant(&mut self, value: &Value<'_>) -> Option<Instant> {
        let at = value
            .get_ref()
            .as_datetime()
            .and_then(|at| DateTime::parse_from_rfc3339(&at.to_string()).ok());
        if at.is_none() {
            self.wrong(
                value.span(),
                "this is not an instant".into(),
                "expected date, time and zone, such as 2026-11-22T12:00:00Z",
            );
        }
        at.map(|at| at.with_timezone(&Utc))
    }

    pub(super) fn digest(&mut self, value: &Value<'_>) -> Option<Digest> {
        let text = self.string(value)?;
        let digest = Digest::parse(&text);
        if digest.is_none() {
            self.wrong(
                value.span(),
                "this is not a digest".into(),
                "expected \"sha256:\" and 64 hexadecimal digits",
            );
        }
        digest
    }

    pub(super) fn string(&mut self, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(ToOwned::to_owned);
        if text.is_none() {
            self.wrong(
                value.span(),
                "this is not a text".into(),
                "expected a text in quotes",
            );
        }
        text
    }

    pub(super) fn named<T>(
        &mut self,
        value: &Value<'_>,
        read: impl Fn(&mut Self, &Value<'_>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let mut found = BTreeMap::new();
        for (key, value) in self.fields(value) {
            if let Some(value) = read(self, value) {
                found.insert(key.get_ref().to_string(), value);
            }
        }
        found
    }

    pub(super) fn moves(&mut self, value: &Value<'_>) -> Option<u32> {
        let moves = number_text(value).and_then(|text| text.parse().ok());
        if moves.is_none() {
            self.wrong(
                value.span(),
                "this is not a number of moves".into(),
                "expected 1, 2, 3, ...",
            );
        }
        moves
    }

    pub(super) fn period(&mut self, value: &Value<'_>) -> Option<Period> {
        let text = self.string(value)?;
        match Period::parse(&text) {
            Ok(period) => Some(period),
            Err(error) => {
                self.wrong(value.span(), error.problem, &error.cure);
                None
            }
        }
    }

    /// Excess bad events: never negative, never endless.
    pub(super) fn events(&mut self, value: &Value<'_>) -> Option<f64> {
        let events = number_text(value)
            .and_then(|text| text.parse().ok())
            .filter(|events: &f64| events.is_finite() && *events >= 0.0);
        if events.is_none() {
            self.wrong(
                value.span(),
                "this is not a number of events".into(),
                "expected a number such as 12.5",
            );
        }
        events
    }

    pub(super) fn who(&mut self, value: &Value<'_>) -> Option<Actor> {
        let text = self.string(value)?;
        let ruling = match text.split_once(':') {
            Some(("person", name)) => Some(Actor::Person(name.into())),
            Some(("guardrail", name)) => Some(Actor::Guardrail(name.into())),
            Some(_) | None => None,
        };
        if ruling.is_none() {
            self.wrong(
                value.span(),
                format!("`{text}` is nobody"),
                "expected \"person:NAME\" or \"guardrail:NAME\"",
            );
        }
        ruling
    }

    pub(super) fn fields<'t, 'i>(
        &mut self,
        value: &'t Value<'i>,
    ) -> Vec<(&'t Spanned<DeString<'i>>, &'t Value<'i>)> {
        if let Some(table) = value.get_ref().as_table() {
            return table.iter().collect();
        }
        self.wrong(
            value.span(),
            "this is not a table".into(),
            "expected `{ key = value }`",
        );
        Vec::new()
    }

    pub(super) fn complete(&mut self, value: &Value<'_>, complete: bool, keys: &str) {
        if !complete && value.get_ref().as_table().is_some() {
            self.wrong(value.span(), format!("this needs {keys}"), "incomplete");
        }
    }
}

/// A decimal number as it was written, integer or not.
fn number_text<'t>(value: &'t Value<'_>) -> Option<&'t str> {
    match value.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str()),
        DeValue::Float(float) => Some(float.as_str()),
        DeValue::Integer(_)
        | DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
}
