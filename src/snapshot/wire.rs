//! A snapshot as JSON. Reading it back is `read`; the two are held together by a round-trip test.

use serde_json::{Map, Value, json};

use super::{
    ArmSeries, AssignmentSeries, EvidenceIssue, GuardrailSeries, History, InstanceCounts,
    LabelSeen, Series, Snapshot, fact,
};

/// The format's name and version.
pub(super) const FORMAT: &str = "rollout-snapshot/1";

impl Snapshot {
    /// The JSON document that [`super::read()`] reads back to the same snapshot.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Self {
            plan,
            taken_at,
            source,
            moment,
            block,
            guardrails,
            assignment,
        } = self;
        let guardrails: Map<String, Value> = guardrails
            .iter()
            .map(|(name, series)| (name.clone(), guardrail(series)))
            .collect();
        let mut document = json!({
            "format": FORMAT,
            "plan": plan,
            "taken_at": rfc3339(*taken_at),
            "source": source,
            "stage": moment.number(),
            "entered_at": rfc3339(moment.since()),
            "block_seconds": block.seconds(),
            "guardrails": guardrails,
        });
        if let Some(series) = assignment {
            document["assignment"] = assignment_series(series);
        }
        document
    }
}

fn guardrail(series: &GuardrailSeries) -> Value {
    let GuardrailSeries {
        ends,
        exposed,
        unexposed,
        issues,
        queries,
        history,
        scrape_seconds,
        instances,
        preflight,
    } = series;
    let mut guardrail = json!({
        "ends": ends,
        "exposed": arm(exposed),
        "unexposed": arm(unexposed),
        "issues": sentences(issues),
        "queries": queries,
    });
    add_facts(&mut guardrail, issues);
    if let Some(past) = history {
        guardrail["history"] = self::history(past);
    }
    if let Some(seconds) = scrape_seconds {
        guardrail["scrape_seconds"] = json!(seconds);
    }
    if let Some(InstanceCounts { exposed, unexposed }) = instances {
        guardrail["instances"] = json!({ "exposed": exposed, "unexposed": unexposed });
    }
    if !preflight.is_empty() {
        let seen: Map<String, Value> = preflight
            .iter()
            .map(|(column, seen)| (column.clone(), label_seen(seen)))
            .collect();
        guardrail["preflight"] = Value::Object(seen);
    }
    guardrail
}

/// Two groups without names are the halves of older records.
fn history(history: &History) -> Value {
    let History {
        ends,
        groups,
        instances,
    } = history;
    if let ([first, second], true) = (groups.as_slice(), instances.is_empty()) {
        return json!({ "ends": ends, "first": arm(first), "second": arm(second) });
    }
    let groups: Vec<Value> = groups.iter().map(arm).collect();
    let instances: Map<String, Value> = instances
        .iter()
        .map(|(name, sums)| {
            let sums = sums.iter();
            let sums = sums.map(|(column, sum)| (column.series().to_owned(), number(Some(*sum))));
            (name.clone(), Value::Object(sums.collect()))
        })
        .collect();
    json!({ "ends": ends, "groups": groups, "instances": instances })
}

fn label_seen(seen: &LabelSeen) -> Value {
    let LabelSeen {
        values,
        recent,
        refused,
        last_seen,
        flaw,
        labels,
    } = seen;
    let mut seen = json!({ "values": values, "recent": recent });
    if let Some(said) = refused {
        seen["refused"] = json!(said);
    }
    if let Some(at) = last_seen {
        seen["last_seen"] = json!(at);
    }
    if let Some(flaw) = flaw {
        seen["flaw"] = json!(flaw.code());
    }
    if !labels.is_empty() {
        seen["labels"] = json!(labels);
    }
    seen
}

fn arm(series: &ArmSeries) -> Value {
    let ArmSeries { columns, buckets } = series;
    let mut arm: Map<String, Value> = columns
        .iter()
        .map(|(column, series)| (column.series().to_owned(), numbers(series)))
        .collect();
    if !buckets.is_empty() {
        let le: Map<String, Value> = buckets
            .iter()
            .map(|(bound, series)| (bound_text(*bound), numbers(series)))
            .collect();
        arm.insert("le".into(), Value::Object(le));
    }
    Value::Object(arm)
}

fn assignment_series(series: &AssignmentSeries) -> Value {
    let AssignmentSeries {
        ends,
        exposed,
        unexposed,
        issues,
    } = series;
    let mut assignment = json!({
        "ends": ends,
        "exposed": numbers(exposed),
        "unexposed": numbers(unexposed),
        "issues": sentences(issues),
    });
    add_facts(&mut assignment, issues);
    assignment
}

/// What is wrong, as people read it, and as programs before this key did.
fn sentences(issues: &[EvidenceIssue]) -> Vec<String> {
    issues.iter().map(ToString::to_string).collect()
}

/// The same as codes with their fields, in the same order.
fn add_facts(series: &mut Value, issues: &[EvidenceIssue]) {
    if !issues.is_empty() {
        series["facts"] = issues.iter().map(fact::written).collect();
    }
}

fn numbers(series: &Series) -> Value {
    Value::Array(series.iter().map(|value| number(*value)).collect())
}

/// Whole numbers without a fraction, as people write counts; `null` where there is none.
fn number(value: Option<f64>) -> Value {
    /// Below this every whole number has an exact `f64`, and the sign of zero is the only loss.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        None => Value::Null,
        Some(value) if value.fract() == 0.0 && value.abs() < EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = value as i64;
            Value::from(whole)
        }
        Some(value) => Value::from(value),
    }
}

/// A bucket's upper bound as Prometheus writes it.
fn bound_text(bound: f64) -> String {
    if bound == f64::INFINITY {
        "+Inf".into()
    } else {
        bound.to_string()
    }
}

/// Seconds where they suffice, fractions where there are any.
fn rfc3339(instant: crate::units::Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
