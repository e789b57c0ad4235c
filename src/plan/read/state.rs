//! Reads the `[state]` table with its mistakes. Writing it is `write`'s part, finding
//! it [`super::section`]'s.

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::units::{Exposure, Instant};

use super::section::{self, Entry, Section};
use super::spanned;
use super::state_values::{Reader, Value};
use crate::plan::keys::StateKey;
use crate::plan::model::{
    Intervention, Mistake, MistakeCode, Parsed, RampProgress, Restart, Severity, Shown, ShownNoise,
    State, Status, Word as _,
};

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
    let mut reader = Reader::new(text, section.header);
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
                MistakeCode::Syntax,
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
    let mut reader = Reader::new(text, section.header);
    Some(reader.salvage(&section.entries, at))
}

impl Reader<'_> {
    fn state(&mut self, entries: &[Entry<'_>]) -> Option<State> {
        for entry in entries {
            if StateKey::from_word(entry.key).is_none() {
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
        let dispersion = find("dispersion").map(|value| self.named(value, Self::shown));
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
                .map_or_else(BTreeMap::new, |value| self.named(value, Self::shown)),
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

    fn shown(&mut self, value: &Value<'_>) -> Option<Shown> {
        if value.get_ref().as_table().is_none() {
            return self.dispersion(value).map(Shown::Dispersion);
        }
        let [mut weight, mut freedom, mut clumps, mut drift] = [None; 4];
        let [mut least_clumps, mut least_drift] = [None; 2];
        for (key, value) in self.fields(value) {
            match key.get_ref().as_ref() {
                "weight" => weight = self.events(value),
                "freedom" => freedom = self.events(value),
                "clumps" => clumps = self.events(value),
                "drift" => drift = self.events(value),
                "least_clumps" => least_clumps = self.events(value),
                "least_drift" => least_drift = self.events(value),
                unknown => self.unknown("dispersion", unknown, key.span()),
            }
        }
        let all = [weight, freedom, clumps, drift, least_clumps, least_drift];
        self.complete(
            value,
            all.iter().all(Option::is_some),
            "`weight`, `freedom`, `clumps`, `drift`, `least_clumps` and `least_drift`",
        );
        Some(Shown::Noise(ShownNoise {
            weight: weight?,
            freedom: freedom?,
            clumps: clumps?,
            drift: drift?,
            least_clumps: least_clumps?,
            least_drift: least_drift?,
        }))
    }

    fn climb(&mut self, value: &Value<'_>) -> Option<RampProgress> {
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
        Some(RampProgress {
            moves: moves?,
            progress: progress?,
            moved_at: moved_at?,
            spent: spent?,
            settled: settled?,
        })
    }

    fn ruling(&mut self, value: &Value<'_>) -> Option<Intervention> {
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
        Some(Intervention {
            by: by?,
            at: at?,
            reason,
        })
    }
}
