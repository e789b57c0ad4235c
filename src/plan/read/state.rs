//! Reads the `[state]` table with its mistakes. Writing it is `write`'s part, finding
//! it [`super::section`]'s.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::units::{Digest, Exposure, Instant, LogE, Period};

use super::section::{self, Entry, Section};
use super::spanned;
use crate::plan::keys::state::{OPTIONAL, REQUIRED};
use crate::plan::model::{
    Climb, Mistake, Parsed, Pause, Restart, Ruling, Severity, State, Status, Word,
};

/// How to get out of a state that cannot be read.
const CURE: &str = "this table is written by rollout: restore it with `git checkout -- FILE` or `git restore FILE`";

/// Reads the `[state]` table of a plan that has been parsed as TOML; no state is a pending plan.
/// Whether the state fits the plan's stages and guardrails is not looked at here.
#[must_use]
pub fn read_state(text: &str, root: &DeTable<'_>) -> Parsed<Option<State>> {
    let section = match section::find(text, root) {
        Ok(section) => section,
        Err(mistakes) => {
            return Parsed {
                value: None,
                mistakes,
            };
        }
    };
    let Some(section) = section else {
        return Parsed {
            value: Some(None),
            mistakes: Vec::new(),
        };
    };
    read_section(text, section)
}

/// As [`read_state`], wherever `[state]` stands and however the lines of the file end.
pub(in crate::plan) fn read_state_anywhere(
    text: &str,
    root: &DeTable<'_>,
) -> Parsed<Option<State>> {
    match section::place(text, root) {
        Ok(Some(section)) => read_section(text, section),
        Ok(None) => Parsed {
            value: Some(None),
            mistakes: Vec::new(),
        },
        Err(mistake) => Parsed {
            value: None,
            mistakes: vec![*mistake],
        },
    }
}

fn read_section(text: &str, section: Section<'_>) -> Parsed<Option<State>> {
    let mut reader = Reader {
        text,
        header: section.header,
        mistakes: Vec::new(),
    };
    let state = reader.state(&section.entries);
    let wrong = reader
        .mistakes
        .iter()
        .any(|mistake| mistake.severity == Severity::Error);
    Parsed {
        value: state.filter(|_| !wrong).map(Some),
        mistakes: reader.mistakes,
    }
}

/// Reads the state of a plan's text, whatever else is wrong with the plan; `None` in `value` when
/// the state itself cannot be read.
#[must_use]
pub fn state_of(text: &str) -> Parsed<Option<State>> {
    match spanned::table(text) {
        Ok(root) => read_state(text, root.get_ref()),
        Err(error) => Parsed {
            value: None,
            mistakes: vec![Mistake::error(
                "syntax",
                error.span().unwrap_or(0..0),
                error.message(),
            )],
        },
    }
}

/// Where a plan stands, wherever its `[state]` stands: `Some(None)` for a pending one, `None` where it
/// cannot be known.
#[must_use]
pub fn standing_of(text: &str) -> Option<Option<State>> {
    standing_in(text, spanned::table(text).ok()?.get_ref())
}

/// As [`standing_of`], of a text that has been parsed.
pub(in crate::plan) fn standing_in(text: &str, root: &DeTable<'_>) -> Option<Option<State>> {
    read_state_anywhere(text, root).value
}

/// What can be known of where a plan stands, for a stop that must be written whatever somebody did to
/// `[state]`: what cannot be read is taken to be as in a plan that was entered `at` this instant.
/// `None` where there is no `[state]` table to read.
#[must_use]
pub fn salvaged_state(text: &str, at: Instant) -> Option<State> {
    salvaged_in(text, spanned::table(text).ok()?.get_ref(), at)
}

/// As [`salvaged_state`], of a text that has been parsed.
pub(in crate::plan) fn salvaged_in(text: &str, root: &DeTable<'_>, at: Instant) -> Option<State> {
    let section = section::place(text, root).ok()??;
    let mut reader = Reader {
        text,
        header: section.header,
        mistakes: Vec::new(),
    };
    Some(reader.salvage(&section.entries, at))
}

/// A value with its place.
type Value<'t> = Spanned<DeValue<'t>>;

/// Collects mistakes while it reads.
struct Reader<'t> {
    text: &'t str,
    header: Range<usize>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn state(&mut self, entries: &[Entry<'_>]) -> Option<State> {
        for entry in entries {
            if !REQUIRED.contains(&entry.key) && !OPTIONAL.contains(&entry.key) {
                self.unknown("[state]", entry.key, entry.key_span.clone());
            }
        }
        let find = |key: &str| {
            let found = entries.iter().find(|entry| entry.key == key);
            found.map(|entry| entry.value)
        };
        let status = self.required(find("status"), "status", Self::status);
        let stage = self.required(find("stage"), "stage", Self::stage);
        let exposure = self.required(find("exposure"), "exposure", Self::exposure);
        let entered_at = self.required(find("entered_at"), "entered_at", Self::instant);
        let declared = find("declared").map(|value| self.digest(value));
        let evidence = find("evidence").map(|value| self.string(value));
        let judge = find("judge").map(|value| self.stage(value));
        let carried = find("carried").map(|value| self.named(value, Self::log_e));
        let dispersion = find("dispersion").map(|value| self.named(value, Self::dispersion));
        let definitions = find("definitions").map(|value| self.named(value, Self::digest));
        let restarts = find("restarts").map(|value| self.named(value, Self::restart));
        let pause = find("pause").map(|value| self.ruling(value));
        let approval = find("approval").map(|value| self.ruling(value));
        let rollback = find("rollback").map(|value| self.ruling(value));
        let ramp = find("ramp").map(|value| self.climb(value));
        Some(State {
            status: status?,
            stage: stage?,
            exposure: exposure?,
            entered_at: entered_at?,
            // Without it nothing is known of an earlier text: the present one is taken.
            declared: declared.unwrap_or_else(|| Some(section::declared_digest(self.text)))?,
            evidence: evidence.flatten(),
            definitions: definitions.unwrap_or_default(),
            restarts: restarts.unwrap_or_default(),
            judge: judge.flatten().unwrap_or(State::FIRST_JUDGE),
            carried: carried.unwrap_or_default(),
            dispersion: dispersion.unwrap_or_default(),
            pause: pause.flatten(),
            approval: approval.flatten(),
            rollback: rollback.flatten(),
            ramp: ramp.flatten(),
        })
    }

    /// What can be read, each key on its own.
    fn salvage(&mut self, entries: &[Entry<'_>], at: Instant) -> State {
        let find = |key: &str| {
            let found = entries.iter().find(|entry| entry.key == key);
            found.map(|entry| entry.value)
        };
        State {
            status: find("status")
                .and_then(|value| self.status(value))
                .unwrap_or(Status::Progressing),
            stage: find("stage").and_then(|v| self.stage(v)).unwrap_or(1),
            exposure: find("exposure")
                .and_then(|value| self.exposure(value))
                .unwrap_or(Exposure::NONE),
            entered_at: find("entered_at")
                .and_then(|value| self.instant(value))
                .unwrap_or(at),
            declared: find("declared")
                .and_then(|value| self.digest(value))
                .unwrap_or_else(|| section::declared_digest(self.text)),
            evidence: find("evidence").and_then(|value| self.string(value)),
            judge: find("judge")
                .and_then(|value| self.stage(value))
                .unwrap_or(State::FIRST_JUDGE),
            carried: find("carried").map_or_else(BTreeMap::new, |v| self.named(v, Self::log_e)),
            dispersion: find("dispersion")
                .map_or_else(BTreeMap::new, |value| self.named(value, Self::dispersion)),
            definitions: find("definitions")
                .map_or_else(BTreeMap::new, |value| self.named(value, Self::digest)),
            restarts: find("restarts")
                .map_or_else(BTreeMap::new, |value| self.named(value, Self::restart)),
            pause: find("pause").and_then(|value| self.ruling(value)),
            approval: find("approval").and_then(|value| self.ruling(value)),
            rollback: find("rollback").and_then(|value| self.ruling(value)),
            ramp: find("ramp").and_then(|value| self.climb(value)),
        }
    }

    fn wrong(&mut self, span: Range<usize>, message: String, label: &str) {
        self.mistakes.push(
            Mistake::error("state-value", span, message)
                .label(label)
                .cure(CURE),
        );
    }

    fn unknown(&mut self, table: &str, key: &str, span: Range<usize>) {
        self.mistakes.push(
            Mistake::error(
                "state-unknown-key",
                span,
                format!("`{key}` is not a key of `{table}`"),
            )
            .label("unknown key")
            .cure(
                "remove it, or use the version of rollout that wrote it: nothing here is ignored",
            ),
        );
    }

    fn required<T>(
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
                "state-missing-key",
                self.header.clone(),
                format!("`[state]` has no `{key}`"),
            )
            .cure(CURE),
        );
        None
    }

    fn status(&mut self, value: &Value<'_>) -> Option<Status> {
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

    fn stage(&mut self, value: &Value<'_>) -> Option<u32> {
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

    fn exposure(&mut self, value: &Value<'_>) -> Option<Exposure> {
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

    fn log_e(&mut self, value: &Value<'_>) -> Option<LogE> {
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

    fn dispersion(&mut self, value: &Value<'_>) -> Option<f64> {
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

    fn instant(&mut self, value: &Value<'_>) -> Option<Instant> {
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

    fn digest(&mut self, value: &Value<'_>) -> Option<Digest> {
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

    fn string(&mut self, value: &Value<'_>) -> Option<String> {
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

    fn named<T>(
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

    fn restart(&mut self, value: &Value<'_>) -> Option<Restart> {
        let (mut at, mut definition) = (None, None);
        for (key, value) in self.fields(value) {
            match key.get_ref().as_ref() {
                "at" => at = self.instant(value),
                "definition" => definition = self.digest(value),
                unknown => self.unknown("restarts", unknown, key.span()),
            }
        }
        self.complete(
            value,
            at.is_some() && definition.is_some(),
            "`at` and `definition`",
        );
        Some(Restart {
            at: at?,
            definition: definition?,
        })
    }

    fn climb(&mut self, value: &Value<'_>) -> Option<Climb> {
        let (mut moves, mut progress, mut moved_at) = (None, None, None);
        let (mut spent, mut settled) = (Some(0.0), Some(0.0));
        for (key, value) in self.fields(value) {
            match key.get_ref().as_ref() {
                "moves" => moves = self.moves(value),
                "progress" => progress = self.period(value),
                "moved_at" => moved_at = self.instant(value),
                "spent" => spent = self.events(value),
                "settled" => settled = self.events(value),
                unknown => self.unknown("ramp", unknown, key.span()),
            }
        }
        self.complete(
            value,
            moves.is_some() && progress.is_some() && moved_at.is_some(),
            "`moves`, `progress` and `moved_at`",
        );
        Some(Climb {
            moves: moves?,
            progress: progress?,
            moved_at: moved_at?,
            spent: spent?,
            settled: settled?,
        })
    }

    fn moves(&mut self, value: &Value<'_>) -> Option<u32> {
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

    fn period(&mut self, value: &Value<'_>) -> Option<Period> {
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
    fn events(&mut self, value: &Value<'_>) -> Option<f64> {
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

    fn ruling(&mut self, value: &Value<'_>) -> Option<Pause> {
        let (mut by, mut at, mut reason) = (None, None, None);
        for (key, value) in self.fields(value) {
            match key.get_ref().as_ref() {
                "by" => by = self.who(value),
                "at" => at = self.instant(value),
                "reason" => reason = self.string(value),
                unknown => self.unknown("[state]", unknown, key.span()),
            }
        }
        self.complete(value, by.is_some() && at.is_some(), "`by` and `at`");
        Some(Pause {
            by: by?,
            at: at?,
            reason,
        })
    }

    fn who(&mut self, value: &Value<'_>) -> Option<Ruling> {
        let text = self.string(value)?;
        let ruling = match text.split_once(':') {
            Some(("person", name)) => Some(Ruling::Person(name.into())),
            Some(("guardrail", name)) => Some(Ruling::Guardrail(name.into())),
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

    fn fields<'t, 'i>(
        &mut self,
        value: &'t Value<'i>,
    ) -> Vec<(&'t Spanned<toml::de::DeString<'i>>, &'t Value<'i>)> {
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

    fn complete(&mut self, value: &Value<'_>, complete: bool, keys: &str) {
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
