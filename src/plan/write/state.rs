//! A state as text: keys, order and values of the `[state]` table. Reading it back is
//! `read`'s part, putting it into a file [`super::revise`]'s.

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use crate::units::{Instant, is_control, write_number};

use crate::plan::keys::StateKey;
use crate::plan::model::{
    Actor, Intervention, RampProgress, Restart, Shown, ShownNoise, State, Word as _,
};

/// The keys and values of a state, in order, each value on one line.
pub(super) fn write_state(state: &State) -> Vec<(StateKey, String)> {
    let State {
        status,
        stage,
        exposure,
        entered_at,
        declared,
        evidence,
        definitions,
        restarts,
        judge,
        carried,
        dispersion,
        pause,
        approval,
        rollback,
        ramp,
    } = state;
    let values = [
        Some(quoted(status.key())),
        Some(stage.to_string()),
        Some(float(exposure.percent())),
        Some(instant(*entered_at)),
        Some(quoted(declared.as_str())),
        evidence.as_deref().map(quoted),
        ramp.as_ref().map(climb),
        (*judge != State::FIRST_JUDGE).then(|| judge.to_string()),
        table(carried, |log_e| float(log_e.0)),
        table(dispersion, shown),
        table(definitions, |digest| quoted(digest.as_str())),
        table(restarts, |restart| {
            let Restart { at, definition } = restart;
            format!(
                "{{ at = {}, definition = {} }}",
                instant(*at),
                quoted(definition.as_str())
            )
        }),
        pause.as_ref().map(ruling),
        approval.as_ref().map(ruling),
        rollback.as_ref().map(ruling),
    ];
    let pairs = StateKey::ALL.iter().copied().zip(values);
    pairs
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

/// A state on its own, as it stands in a plan.
#[must_use]
pub fn print_state(state: &State) -> String {
    let mut text = String::from("[state]\n");
    for (key, value) in write_state(state) {
        text += &format!("{} = {value}\n", key.key());
    }
    text
}

fn table<T>(values: &BTreeMap<String, T>, write: impl Fn(&T) -> String) -> Option<String> {
    let fields: Vec<String> = values
        .iter()
        .map(|(name, value)| format!("{} = {}", key(name), write(value)))
        .collect();
    (!fields.is_empty()).then(|| format!("{{ {} }}", fields.join(", ")))
}

fn shown(shown: &Shown) -> String {
    let noise = match shown {
        Shown::Dispersion(dispersion) => return float(*dispersion),
        Shown::Noise(noise) => noise,
    };
    let ShownNoise {
        weight,
        freedom,
        clumps,
        drift,
        least_clumps,
        least_drift,
    } = noise;
    format!(
        "{{ weight = {}, freedom = {}, clumps = {}, drift = {}, least_clumps = {}, least_drift = {} }}",
        float(*weight),
        float(*freedom),
        float(*clumps),
        float(*drift),
        float(*least_clumps),
        float(*least_drift)
    )
}

fn climb(climb: &RampProgress) -> String {
    let RampProgress {
        moves,
        progress,
        moved_at,
        spent,
        settled,
    } = climb;
    let mut text = format!(
        "{{ moves = {moves}, progress = \"{progress}\", moved_at = {}",
        instant(*moved_at)
    );
    // What is nothing is not said: a fixed ramp has no budget to spend.
    for (key, events) in [("spent", spent), ("settled", settled)] {
        if *events != 0.0 {
            text += &format!(", {key} = {}", float(*events));
        }
    }
    text + " }"
}

fn ruling(pause: &Intervention) -> String {
    let Intervention { by, at, reason } = pause;
    let by = match by {
        Actor::Person(name) => format!("person:{name}"),
        Actor::Guardrail(name) => format!("guardrail:{name}"),
    };
    let mut text = format!("{{ by = {}, at = {}", quoted(&by), instant(*at));
    if let Some(reason) = reason {
        text += &format!(", reason = {}", quoted(reason));
    }
    text + " }"
}

/// The shortest text that reads back as the same number, bit for bit.
fn float(value: f64) -> String {
    if value.is_nan() {
        "nan".into()
    } else {
        format!("{value:?}")
    }
}

fn instant(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        name.into()
    } else {
        quoted(name)
    }
}

/// A basic string on one line, whatever it holds: a reason is typed by people.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_control(c) => {
                // Writing to a string cannot fail.
                let _ = write_number(c, &mut out);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
