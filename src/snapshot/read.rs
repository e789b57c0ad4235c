//! A snapshot from JSON: strict about shape, deaf to unknown keys. Every complaint names the place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::plan::{Column, Plan, Word};

use super::beside::OtherGroup;
use super::fact;
use super::numbers::{arm, ends, series};
use super::packed::{Numbers, Other};
use super::place::{Place, array, block, instant, object, required, runs, text, texts, whole};
use super::read_history::{self, Stage};
use super::wire::FORMAT;
use super::{
    ArmSeries, AssignmentSeries, Copies, EntryHistory, EvidenceIssue, Flaw, GuardrailSeries,
    LabelSeen, Moment, Snapshot, SnapshotError,
};

/// Reads one snapshot or an array of them.
///
/// # Errors
/// When it is not JSON, or any of them does not have the right shape.
pub fn read(text: &str) -> Result<Vec<Snapshot>, SnapshotError> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| SnapshotError::Syntax(error.to_string()))?;
    match &document {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| snapshot(&Place::root().index(index), item, None))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Ok(vec![snapshot(&Place::root(), &document, None)?])
        }
    }
}

/// Reads the snapshot of a record, and with it the history of the stage that the record enters, to which it
/// may refer: that is a part of the same record.
///
/// # Errors
/// When it does not have the right shape.
pub fn read_recorded(value: &Value, entered: Option<&Value>) -> Result<Snapshot, SnapshotError> {
    // Where another record holds the history, nothing here refers to it.
    let entered = entered.and_then(|entered| EntryHistory::read(entered).ok());
    snapshot(&Place::root(), value, entered.as_ref())
}

impl Snapshot {
    /// Whether it speaks of this plan as it stands: same plan, same stage, entered at the same time.
    ///
    /// # Errors
    /// When it does not, saying how.
    pub fn fits(&self, plan: &Plan) -> Result<(), SnapshotError> {
        if self.plan != plan.name {
            return Err(SnapshotError::OtherPlan {
                theirs: self.plan.clone(),
                ours: plan.name.clone(),
            });
        }
        let stale = |ours: String| SnapshotError::Stale {
            plan: self.plan.clone(),
            theirs: told(self.moment),
            ours,
        };
        // Before the first exposure there is no stage; what there is to judge by, is known.
        if plan.needs_traffic() || plan.needs_preflight() {
            return match self.moment {
                Moment::Beforehand { .. } => Ok(()),
                Moment::Stage { .. } => Err(stale("no stage yet".into())),
            };
        }
        match plan.state.as_ref().map(Moment::of) {
            Some(ours) if ours == self.moment => Ok(()),
            Some(ours) => Err(stale(told(ours))),
            None => Err(stale("no stage yet".into())),
        }
    }
}

fn told(moment: Moment) -> String {
    format!(
        "stage {} entered at {}",
        moment.number(),
        moment.since().to_rfc3339()
    )
}

fn snapshot(
    place: &Place,
    value: &Value,
    entered: Option<&EntryHistory>,
) -> Result<Snapshot, SnapshotError> {
    let table = object(place, value)?;
    let format = text(place, table, "format")?;
    if format != FORMAT {
        return place.key("format").fail(format!(
            "`{format}` is not a format this version reads; it reads `{FORMAT}`"
        ));
    }
    let entered_at = instant(place, table, "entered_at")?;
    let block = block(place, table)?;
    let stage = Stage {
        entered_at,
        block,
        entered,
    };
    let guardrails = {
        let place = place.key("guardrails");
        object(&place, required(&place, table, "guardrails")?)?
            .iter()
            .map(|(name, value)| {
                let series = guardrail(&place.key(name), value, (&stage, name))?;
                Ok((name.clone(), series))
            })
            .collect::<Result<BTreeMap<_, _>, _>>()?
    };
    let assignment = match table.get("assignment") {
        None | Some(Value::Null) => None,
        Some(value) => Some(assignment(&place.key("assignment"), value)?),
    };
    Ok(Snapshot {
        plan: text(place, table, "plan")?,
        taken_at: instant(place, table, "taken_at")?,
        known_until: match table.get("known_until") {
            None | Some(Value::Null) => None,
            Some(_) => Some(instant(place, table, "known_until")?),
        },
        source: match table.get("source") {
            None => String::new(),
            Some(_) => text(place, table, "source")?,
        },
        moment: Moment::from_number(whole(place, table, "stage")?, entered_at),
        block,
        guardrails,
        assignment,
    })
}

fn guardrail(
    place: &Place,
    value: &Value,
    stage: (&Stage<'_>, &str),
) -> Result<GuardrailSeries, SnapshotError> {
    let table = object(place, value)?;
    let ends = ends(place, table)?;
    let (history, during) = read_history::both(place, table, stage)?;
    let arm_of = |key: &str| match table.get(key) {
        None | Some(Value::Null) => Ok(ArmSeries::default()),
        Some(value) => arm(&place.key(key), value, ends.len(), OtherGroup::default()),
    };
    Ok(GuardrailSeries {
        exposed: arm_of("exposed")?,
        unexposed: arm_of("unexposed")?,
        issues: issues(place, table)?,
        queries: texts(place, table, "queries")?,
        history,
        during,
        unsplit: read_history::unsplit(place, table)?,
        preflight: match table.get("preflight") {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(value) => {
                let place = place.key("preflight");
                object(&place, value)?
                    .iter()
                    .map(|(column, seen)| {
                        let place = place.key(column);
                        let Some(column) = Column::from_word(column) else {
                            return place.fail(format!("`{column}` is not known"));
                        };
                        Ok((column, label_seen(&place, seen)?))
                    })
                    .collect::<Result<_, SnapshotError>>()?
            }
        },
        instances: match table.get("instances") {
            None | Some(Value::Null) => None,
            Some(value) => Some(read_history::instance_counts(
                &place.key("instances"),
                value,
            )?),
        },
        scrape_seconds: match table.get("scrape_seconds") {
            None | Some(Value::Null) => None,
            Some(_) => Some(whole(place, table, "scrape_seconds")?),
        },
        assumed: match table.get("assumed") {
            None | Some(Value::Null) => Vec::new(),
            Some(value) => runs(&place.key("assumed"), value)?,
        },
        ends,
    })
}

fn label_seen(place: &Place, value: &Value) -> Result<LabelSeen, SnapshotError> {
    let table = object(place, value)?;
    Ok(LabelSeen {
        values: texts(place, table, "values")?,
        recent: texts(place, table, "recent")?,
        refused: match table.get("refused") {
            None | Some(Value::Null) => None,
            Some(_) => Some(text(place, table, "refused")?),
        },
        last_seen: match table.get("last_seen") {
            None | Some(Value::Null) => None,
            Some(at) => match at.as_i64() {
                Some(at) => Some(at),
                None => return place.key("last_seen").fail("expected whole Unix seconds"),
            },
        },
        flaw: match table.get("flaw") {
            None | Some(Value::Null) => None,
            Some(_) => {
                let code = text(place, table, "flaw")?;
                match Flaw::ALL.into_iter().find(|flaw| flaw.code() == code) {
                    Some(flaw) => Some(flaw),
                    None => return place.key("flaw").fail(format!("`{code}` is not known")),
                }
            }
        },
        labels: texts(place, table, "labels")?,
        copies: match table.get("copies") {
            None | Some(Value::Null) => None,
            Some(value) => Some(copies(&place.key("copies"), value)?),
        },
    })
}

fn copies(place: &Place, value: &Value) -> Result<Copies, SnapshotError> {
    let table = object(place, value)?;
    Ok(Copies {
        label: text(place, table, "label")?,
        values: texts(place, table, "values")?,
    })
}

fn assignment(place: &Place, value: &Value) -> Result<AssignmentSeries, SnapshotError> {
    let table = object(place, value)?;
    let ends = ends(place, table)?;
    let column = |key: &str| {
        let place = place.key(key);
        let counts = (Numbers::Counts, Other::default());
        series(&place, required(&place, table, key)?, ends.len(), counts)
    };
    Ok(AssignmentSeries {
        exposed: column("exposed")?,
        unexposed: column("unexposed")?,
        issues: issues(place, table)?,
        ends,
    })
}

/// What is wrong; snapshots of before there were facts hold sentences alone.
fn issues(place: &Place, table: &Map<String, Value>) -> Result<Vec<EvidenceIssue>, SnapshotError> {
    let facts = match table.get("facts") {
        None | Some(Value::Null) => &[],
        Some(facts) => array(&place.key("facts"), facts)?.as_slice(),
    };
    let sentences = texts(place, table, "issues")?.into_iter().enumerate();
    Ok(sentences
        .map(|(index, sentence)| fact::read(sentence, facts.get(index)))
        .collect())
}
