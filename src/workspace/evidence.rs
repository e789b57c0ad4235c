//! The record of one applied decision, as data and as JSON.
//!
//! A record holds everything the decision was made from, so that it can be made again: the plan as
//! declared, the shared settings, the other plans' standing, the snapshot. Records are chained:
//! each holds the digest of the file before it, and its own, so that a changed byte is found.

use serde_json::{Map, Value, json};

use crate::decide::{Neighbour, RecordedAction, RecordedActor};
use crate::plan::{State, Status, Word, print_state, state_of};
use crate::units::{Digest, Exposure, Instant};

use super::sealed::{WithoutSeries, is_sealed, sealed};

/// The format's name and version.
const FORMAT: &str = "rollout-evidence/1";

/// What is wrong with a record that is not what its digest says.
const CHANGED: &str = "it was changed after it was written";

/// What a decision was made from, as far as the plan file does not say it.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionContext {
    /// What was done: a step of the rules, or a person's command.
    pub decision: RecordedAction,
    /// Sentences for people; the first one decided.
    pub reasons: Vec<String>,
    /// The same as codes, which stay; none for a person's command, and in records of judge 1.
    pub reason_codes: Vec<String>,
    /// Who did it.
    pub actor: RecordedActor,
    /// What the person said.
    pub reason: Option<String>,
    /// The text of the shared settings.
    pub config_text: String,
    /// The other plans.
    pub neighbours: Vec<Neighbour>,
    /// The snapshot's JSON; none where nothing was asked.
    pub snapshot: Option<Value>,
    /// The JSON of what was asked of the time before the stage, or which record of the stage has it.
    pub history: Option<Value>,
    /// The plan's part of the report, as JSON.
    pub report: Option<Value>,
}

/// A text and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The digest.
    pub digest: Digest,
    /// The text.
    pub text: String,
}

/// Where a plan stood, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: Status,
    /// Its stage.
    pub stage: u32,
    /// Its exposure.
    pub exposure: Exposure,
}

impl From<&State> for Standing {
    fn from(state: &State) -> Self {
        Self {
            status: state.status,
            stage: state.stage,
            exposure: state.exposure,
        }
    }
}

/// One applied decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The plan's name.
    pub plan: String,
    /// When.
    pub at: Instant,
    /// The version of the judge that was there; records that do not say are of 1.
    pub judge: u32,
    /// What it was made from.
    pub grounds: DecisionContext,
    /// The digest of the plan file's bytes before.
    pub plan_digest_before: Digest,
    /// The declared part of the plan.
    pub declared: Pinned,
    /// The state before; none was a pending plan.
    pub before: Option<State>,
    /// The state after.
    pub after: State,
    /// The digest of the record before this one.
    pub previous: Option<Digest>,
}

impl Record {
    /// The reason's code of a record that was made up for: what was measured is lost.
    pub const MADE_UP_FOR: &str = "record-made-up-for";

    /// The bytes of the file. The last key is the digest of all that stands before it.
    #[must_use]
    pub fn to_text(&self) -> String {
        sealed(&self.body())
    }

    /// The digest of a record's file, by which the next record names it. Line endings do not count,
    /// because git may change them from one machine to the next.
    pub(super) fn file_digest(text: &str) -> Digest {
        Digest::of(text.replace("\r\n", "\n").as_bytes())
    }

    /// The plan's text as the decision saw it: what was declared, and the state before. Comments and
    /// spacing of the state are not kept; nothing that is decided depends on them.
    #[must_use]
    pub fn plan_text(&self) -> String {
        let state = self.before.as_ref().map(print_state).unwrap_or_default();
        format!("{}\n\n{state}", self.declared.text.replace("\r\n", "\n"))
    }

    fn body(&self) -> Value {
        let Self {
            plan,
            at,
            judge,
            grounds,
            plan_digest_before,
            declared,
            before,
            after,
            previous,
        } = self;
        let DecisionContext {
            decision,
            reasons,
            reason_codes,
            actor,
            reason,
            config_text,
            neighbours,
            snapshot,
            history,
            report,
        } = grounds;
        let mut body = json!({
            "format": FORMAT,
            "plan": plan,
            "at": written(*at),
            "decision": decision.key(),
            "from": before.as_ref().map(|state| standing(state.into())),
            "to": standing(after.into()),
            "reasons": reasons,
            "actor": actor.to_string(),
            "reason": reason,
            "plan_digest_before": plan_digest_before.as_str(),
            "declared": { "digest": declared.digest.as_str(), "text": declared.text },
            "config": { "digest": Digest::of(config_text.as_bytes()).as_str(), "text": config_text },
            "neighbours": neighbours.iter().map(neighbour).collect::<Vec<_>>(),
            "state_before": before.as_ref().map(print_state),
            "state_after": print_state(after),
            "snapshot": snapshot,
            "report": report,
            "previous": previous.as_ref().map(Digest::as_str),
        });
        // Records of before there were versions stay what they were, byte for byte.
        if *judge != State::FIRST_JUDGE {
            body["judge"] = json!(judge);
        }
        if !reason_codes.is_empty() {
            body["reason_codes"] = json!(reason_codes);
        }
        if let Some(history) = history {
            body["history"] = history.clone();
        }
        body
    }

    /// Reads a record back.
    ///
    /// # Errors
    /// When the text is not a record, or not byte for byte the one that was written; the sentence says how.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = &text.replace("\r\n", "\n");
        let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        let map = value
            .as_object()
            .ok_or_else(|| "it is not a JSON object".to_owned())?;
        let record = Self::from_map(map, &mut KnownState::default())?;
        // The digest is part of that text.
        if record.to_text() != *text {
            return Err(CHANGED.into());
        }
        Ok(record)
    }

    /// Reads a record whose bytes a later one vouches for by their digest, without the snapshot and the
    /// history, which are most of it. That the bytes are as they were written is told by its own digest;
    /// the record is not printed again to see that there is nothing else in them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn read_linked(text: &str, known: &mut KnownState) -> Result<Self, String> {
        let text = &text.replace("\r\n", "\n");
        let WithoutSeries(map) = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        let record = Self::from_map(&map, known)?;
        if !is_sealed(text) {
            return Err(CHANGED.into());
        }
        Ok(record)
    }

    fn from_map(map: &Map<String, Value>, known: &mut KnownState) -> Result<Self, String> {
        let format = map.get("format").and_then(Value::as_str).unwrap_or("none");
        if format != FORMAT {
            return Err(format!("its format is `{format}`, not `{FORMAT}`"));
        }
        let config_text = pinned(map, "config")?.text;
        Ok(Self {
            plan: string(map, "plan")?,
            at: string(map, "at")?
                .parse()
                .map_err(|_| "its `at` is not an instant".to_owned())?,
            judge: match map.get("judge") {
                None => State::FIRST_JUDGE,
                Some(value) => value
                    .as_u64()
                    .and_then(|version| u32::try_from(version).ok())
                    .filter(|version| *version > State::FIRST_JUDGE)
                    .ok_or_else(|| "its `judge` is not a version".to_owned())?,
            },
            grounds: DecisionContext {
                decision: string(map, "decision")?.as_str().into(),
                reasons: list(map, "reasons")?
                    .iter()
                    .map(|reason| text_of(reason, "reasons"))
                    .collect::<Result<_, _>>()?,
                reason_codes: match map.get("reason_codes") {
                    None => Vec::new(),
                    Some(_) => list(map, "reason_codes")?
                        .iter()
                        .map(|code| text_of(code, "reason_codes"))
                        .collect::<Result<_, _>>()?,
                },
                actor: string(map, "actor")?.as_str().into(),
                reason: optional(map, "reason"),
                config_text,
                neighbours: list(map, "neighbours")?
                    .iter()
                    .map(read_neighbour)
                    .collect::<Result<_, _>>()?,
                snapshot: map.get("snapshot").filter(|v| !v.is_null()).cloned(),
                history: map.get("history").cloned(),
                report: map.get("report").filter(|v| !v.is_null()).cloned(),
            },
            plan_digest_before: digest(map, "plan_digest_before")?,
            declared: pinned(map, "declared")?,
            after: known.read(string(map, "state_after")?)?,
            before: optional(map, "state_before")
                .map(|text| known.read(text))
                .transpose()?,
            previous: match optional(map, "previous") {
                Some(_) => Some(digest(map, "previous")?),
                None => None,
            },
        })
    }
}

fn written(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn standing(standing: Standing) -> Value {
    let Standing {
        status,
        stage,
        exposure,
    } = standing;
    json!({ "status": status.key(), "stage": stage, "exposure": exposure.percent() })
}

fn neighbour(neighbour: &Neighbour) -> Value {
    let Neighbour {
        name,
        surface,
        status,
        exposure,
    } = neighbour;
    json!({
        "name": name,
        "surface": surface,
        "status": status.map(Status::key),
        "exposure": exposure.percent(),
    })
}

fn read_neighbour(value: &Value) -> Result<Neighbour, String> {
    let wrong = || "one of its `neighbours` is not a plan's standing".to_owned();
    let map = value.as_object().ok_or_else(wrong)?;
    let status = match optional(map, "status") {
        None => None,
        Some(key) => Some(Status::from_word(&key).ok_or_else(wrong)?),
    };
    Ok(Neighbour {
        name: string(map, "name")?,
        surface: optional(map, "surface"),
        status,
        exposure: map
            .get("exposure")
            .and_then(Value::as_f64)
            .and_then(|percent| Exposure::from_percent(percent).ok())
            .ok_or_else(wrong)?,
    })
}

/// The state that was read last, with its text: on the way back through a chain each record begins with the
/// state that the one before it left behind.
#[derive(Debug, Default)]
pub(super) struct KnownState(Option<(String, State)>);

impl KnownState {
    fn read(&mut self, text: String) -> Result<State, String> {
        if let Some((known, state)) = &self.0
            && *known == text
        {
            return Ok(state.clone());
        }
        let state = state_of(&text)
            .value
            .flatten()
            .ok_or_else(|| "one of its states cannot be read".to_owned())?;
        self.0 = Some((text, state.clone()));
        Ok(state)
    }
}

fn not_json(error: &serde_json::Error) -> String {
    format!("it is not JSON: {error}")
}

fn text_of(value: &Value, key: &str) -> Result<String, String> {
    value
        .as_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| format!("its `{key}` is not a text"))
}

fn string(map: &Map<String, Value>, key: &str) -> Result<String, String> {
    text_of(map.get(key).unwrap_or(&Value::Null), key)
}

fn optional(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key)?.as_str().map(ToOwned::to_owned)
}

fn list<'m>(map: &'m Map<String, Value>, key: &str) -> Result<&'m Vec<Value>, String> {
    map.get(key)
        .and_then(Value::as_array)
        .ok_or_else(|| format!("its `{key}` is not a list"))
}

fn digest(map: &Map<String, Value>, key: &str) -> Result<Digest, String> {
    Digest::parse(&string(map, key)?).ok_or_else(|| format!("its `{key}` is not a digest"))
}

fn pinned(map: &Map<String, Value>, key: &str) -> Result<Pinned, String> {
    let inner = map
        .get(key)
        .and_then(Value::as_object)
        .ok_or_else(|| format!("it has no `{key}`"))?;
    Ok(Pinned {
        digest: digest(inner, "digest")?,
        text: string(inner, "text")?,
    })
}
