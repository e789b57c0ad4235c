//! JSON Schema of a plan, for editors. It says what a key is and which values it takes; what only
//! several keys together can get wrong is left to the parser.

use serde_json::{Map, Value, json};

use super::names as keys;

/// The dialect that editors understand best.
pub(super) const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a plan.
#[must_use]
pub fn schema_plan() -> Value {
    let mut plan = table(
        keys::PLAN,
        &["guardrails"],
        json!({
            "description": text("What is being rolled out."),
            "draft": text("What is still to be adapted: nobody is exposed, and nobody more, until this line is removed."),
            "owner": text("Who to ask."),
            "surface": text("The part of the product it touches, from config.toml."),
            "after": {
                "type": "array",
                "items": {"type": "string", "pattern": "^\\s*[^\\s>=]+\\s*>=\\s*[0-9.]+\\s*%?\\s*$"},
                "description": "Plans that must have come so far first, such as \"payments-v2 >= 50\"."
            },
            "reason": text("Why the declared part was last changed; a risky change of a running plan needs one."),
            "require_success": flag("Success metrics must pass to advance."),
            "stages": {
                "type": "array", "minItems": 1, "items": stage(),
                "description": "Target exposures, each with its own gate. Either stages or a ramp."
            },
            "ramp": ramp(),
            "guardrails": {
                "type": "array", "minItems": 1, "items": guardrail(),
                "description": "What must not get worse."
            },
            "assignment": table(
                keys::ASSIGNMENT,
                &["users"],
                json!({"users": text("Counter of users at their first exposure: a selector without the arms' label.")}),
            ),
            "state": {
                "type": "object",
                "description": "Written by rollout. Change it with commands, not by hand."
            },
        }),
    );
    plan["oneOf"] = json!([{"required": ["stages"]}, {"required": ["ramp"]}]);
    titled(plan, "A rollout plan")
}

fn stage() -> Value {
    table(
        keys::STAGE,
        &["exposure"],
        json!({
            "exposure": exposure("Percent of users who see the change."),
            "min_duration": duration("The stage is not left before this."),
            "max_duration": duration("After this without an answer a person decides."),
            "rule_out": {
                "description": "Harm that must be ruled out to leave the stage: \"margin\" (the default), \"nothing\", a size such as \"2x\", or sizes by guardrail.",
                "oneOf": [
                    {"type": "string", "pattern": "^\\s*(margin|nothing|[0-9.eE+-]+\\s*[%x])\\s*$"},
                    {"type": "object", "additionalProperties": size("Harm to rule out for this guardrail.")}
                ]
            },
            "approval": flag("A person approves leaving the stage."),
        }),
    )
}

fn ramp() -> Value {
    table(
        keys::RAMP,
        &["from", "to", "over"],
        json!({
            "from": exposure("First exposure."),
            "to": exposure("Last exposure."),
            "over": duration("From first to last when nothing holds it."),
            "curve": words(&["geometric", "linear"], "Equal factors or equal steps in equal times."),
            "every": {"description": "Never more often than this; the default is 1h. auto follows the traffic.", "oneOf": [{"const": "auto"}, duration("Such as 1h.")]},
            "pace": words(&["fixed", "adaptive"], "By the clock, or by the evidence."),
            "risk_budget": {
                "type": "number", "exclusiveMinimum": 0,
                "description": "With pace = \"adaptive\": excess bad events tolerated over the whole rollout."
            },
        }),
    )
}

fn guardrail() -> Value {
    let mut all = shared_properties();
    all.insert("name".into(), name("Its name, unique in the plan."));
    all.insert("metric".into(), text("A metric of config.toml."));
    let mut guardrail = table(keys::GUARDRAIL, &[], Value::Object(all));
    let mut sources: Vec<Value> = keys::KINDS
        .iter()
        .map(|kind| json!({"required": [kind, "name", "category"]}))
        .collect();
    sources.push(json!({"required": ["metric"]}));
    guardrail["oneOf"] = Value::Array(sources);
    guardrail
}

/// The schema of one of `[metrics.NAME]`.
pub(super) fn shared_metric() -> Value {
    let mut metric = table(
        keys::METRIC,
        &["category"],
        Value::Object(shared_properties()),
    );
    let kinds = keys::KINDS.iter().map(|kind| json!({"required": [kind]}));
    metric["oneOf"] = Value::Array(kinds.collect());
    metric
}

fn shared_properties() -> Map<String, Value> {
    let worse = || words(&["higher", "lower"], "The direction of harm.");
    let kind = |keys, arm, required: &[&str], extra: Value| {
        let mut properties = match extra {
            Value::Object(properties) => properties,
            _ => Map::new(),
        };
        for column in arm_properties(arm) {
            properties.insert(
                column.to_owned(),
                text("A bare PromQL vector selector, without range and without the arms' label."),
            );
        }
        let queries = arm_properties(arm)
            .map(|column| {
                (
                    column.to_owned(),
                    text("PromQL for this arm; $block is the block length."),
                )
            })
            .collect::<Map<_, _>>();
        for side in ["exposed", "unexposed"] {
            properties.insert(side.into(), table(arm, arm, Value::Object(queries.clone())));
        }
        let mut table = table(keys, required, Value::Object(properties));
        table["oneOf"] = json!([{"required": arm}, {"required": ["exposed", "unexposed"]}]);
        table
    };
    let mut all = Map::new();
    all.insert(
        "category".into(),
        words(
            &["reliability", "experience", "business"],
            "What it guards.",
        ),
    );
    all.insert(
        "role".into(),
        words(
            &["guardrail", "success"],
            "Must not get worse, or should get better.",
        ),
    );
    all.insert(
        "margin".into(),
        size("Tolerated harm: \"10%\" relative, \"2x\" a factor, \"0.2pp\" points of a share, a plain number otherwise."),
    );
    all.insert(
        "limit".into(),
        bound("Absolute bound on the exposed arm alone: \"1%\", \"500ms\", a plain number."),
    );
    all.insert(
        "on_breach".into(),
        words(&["rollback", "pause", "warn"], "What a proven breach does."),
    );
    all.insert(
        "on_no_data".into(),
        words(
            &["hold", "pause", "rollback"],
            "What missing evidence does.",
        ),
    );
    all.insert(
        "no_data_timeout".into(),
        duration(
            "With on_no_data = \"rollback\": how long evidence may be missing; the default is 30m.",
        ),
    );
    all.insert(
        "ratio".into(),
        kind(keys::RATIO, keys::RATIO_ARM, &[], json!({"worse": worse()})),
    );
    all.insert(
        "rate".into(),
        kind(keys::RATE, keys::RATE_ARM, &[], json!({"worse": worse()})),
    );
    let quantile = json!({"quantile": {
        "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1,
        "description": "Between 0 and 1, such as 0.99."
    }, "compare": words(
        &["share", "quantile"],
        "What the margin speaks of: the share of requests slower than a boundary next to the quantile (the default), or the quantile itself, which only buckets closer together than the margin can prove.",
    ), "unit": words(
        &["s", "ms"],
        "The unit of the histogram's bounds; without it a name that ends in `_ms` or `_milliseconds` (before `_bucket`) means ms, any other s. A plain number in `limit` and `margin` is in this unit, a string has its own.",
    )});
    all.insert(
        "latency".into(),
        kind(keys::LATENCY, keys::LATENCY_ARM, &["quantile"], quantile),
    );
    all.insert(
        "mean".into(),
        kind(
            keys::MEAN,
            keys::MEAN_ARM,
            &["worse"],
            json!({"worse": worse()}),
        ),
    );
    all.insert(
        "gauge".into(),
        kind(
            keys::GAUGE,
            keys::GAUGE_ARM,
            &["worse"],
            json!({"worse": worse()}),
        ),
    );
    let mut point = table(
        keys::POINT,
        &["query"],
        json!({
            "query": text("PromQL that gives one number; $block is the block length."),
            "max": bound("Above this is bad."),
            "min": bound("Below this is bad."),
            "consecutive": {"type": "integer", "minimum": 1, "description": "So many bad blocks in a row are a breach; the default is 3."},
        }),
    );
    point["oneOf"] = json!([{"required": ["max"]}, {"required": ["min"]}]);
    all.insert("point".into(), point);
    all
}

fn arm_properties(arm: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    arm.iter().copied()
}

/// A table with exactly the keys that the parser knows.
pub(super) fn table(keys: &[&str], required: &[&str], properties: Value) -> Value {
    debug_assert!(
        properties.as_object().is_some_and(|written| {
            written.len() == keys.len() && keys.iter().all(|key| written.contains_key(*key))
        }),
        "the schema and the parser know different keys: {keys:?}"
    );
    let mut table = json!({"type": "object", "additionalProperties": false, "required": required});
    table["properties"] = properties;
    table
}

/// The outermost table.
pub(super) fn titled(mut schema: Value, title: &str) -> Value {
    schema["$schema"] = DIALECT.into();
    schema["title"] = title.into();
    schema
}

pub(super) fn text(description: &str) -> Value {
    json!({"type": "string", "minLength": 1, "pattern": "\\S", "description": description})
}

pub(super) fn name(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[^\\s=\"'\\[\\]]+$", "description": description})
}

pub(super) fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

pub(super) fn words(words: &[&str], description: &str) -> Value {
    json!({"enum": words, "description": description})
}

pub(super) fn duration(description: &str) -> Value {
    json!({"type": "string", "pattern": "^\\s*([0-9]+[wdhms]\\s*)+$", "description": description})
}

fn exposure(description: &str) -> Value {
    json!({"type": "number", "exclusiveMinimum": 0, "maximum": 100, "description": description})
}

fn size(description: &str) -> Value {
    json!({
        "description": description,
        "oneOf": [
            {"type": "string", "pattern": "^\\s*[0-9.eE+-]+\\s*(%|x|pp)\\s*$"},
            {"type": "number", "exclusiveMinimum": 0}
        ]
    })
}

fn bound(description: &str) -> Value {
    json!({
        "description": description,
        "oneOf": [
            {"type": "string", "pattern": "^\\s*[0-9.eE+-]+\\s*(%|ms|s)\\s*$"},
            {"type": "number"}
        ]
    })
}
