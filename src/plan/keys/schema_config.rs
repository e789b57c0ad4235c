//! JSON Schema of `config.toml`, for editors.

use serde_json::{Value, json};

use super::names as keys;
use super::schema::{duration, flag, shared_metric, table, text, titled, words};

/// The schema of the shared settings.
#[must_use]
pub fn schema_config() -> Value {
    let config = table(
        keys::CONFIG,
        &[],
        json!({
            "reason": text("Why they were last changed; a change that protects less needs one."),
            "prometheus": prometheus(),
            "arms": table(keys::ARMS, &[], json!({
                "label": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "description": "The label that tells the arms apart; the default is variant."},
                "exposed": text("Its value for users who see the change; the default is treatment."),
                "unexposed": text("Its value for users who do not; the default is control."),
            })),
            "judge": judge(),
            "metrics": {
                "type": "object", "additionalProperties": shared_metric(),
                "description": "Metrics that plans share: a guardrail names one with metric = \"NAME\"."
            },
            "surfaces": {
                "type": "object",
                "description": "Named parts of the product.",
                "additionalProperties": table(keys::SURFACE, &[], json!({
                    "guardrails": {"type": "array", "uniqueItems": true, "items": text("A guardrail's name."), "description": "Required in every plan on this surface."},
                    "exclusive": flag("Two active plans on it confound each other."),
                }))
            },
            "windows": {"type": "array", "items": window(), "description": "Advances happen only inside; rollbacks always happen."},
            "freezes": {"type": "array", "items": freeze(), "description": "Advances never happen inside; rollbacks always happen."},
            "git": table(keys::GIT, &[], json!({
                "commit": flag("Commit each transition."),
                "push": flag("Push the commits."),
            })),
            "notify": {
                "type": "array",
                "description": "Told of transitions only.",
                "items": table(keys::NOTIFY, &["url_env"], json!({
                    "url_env": environment("The variable that holds the address."),
                    "format": words(&["slack", "json"], "Body format; the default is slack."),
                }))
            },
        }),
    );
    titled(config, "Settings shared by rollout plans")
}

fn prometheus() -> Value {
    let file = |what: &str| text(&format!("{what}, relative to the directory."));
    table(
        keys::PROMETHEUS,
        &[],
        json!({
            "url": {"type": "string", "pattern": "^\\s*https?://[^\\s@?#]+$", "description": "Base URL with any prefix, without credentials."},
            "timeout": duration("Deadline of one request; the default is 30s."),
            "bearer_token_env": environment("The variable that holds the bearer token."),
            "bearer_token_file": file("File with the bearer token"),
            "basic": table(keys::BASIC, &["user"], json!({
                "user": text("The user's name."),
                "password_env": environment("The variable that holds the password."),
                "password_file": file("File with the password"),
            })),
            "ca_file": file("Certificate authority to trust"),
            "cert_file": file("Client certificate"),
            "key_file": file("Key of the client certificate"),
            "headers": {
                "type": "object",
                "description": "Extra headers, for tenancy. Secrets come from { env = \"NAME\" }.",
                "propertyNames": {"not": {"pattern": "^(?:[Pp]roxy-)?[Aa]uthorization$"}},
                "additionalProperties": {"oneOf": [
                    text("The value."),
                    table(keys::HEADER, &["env"], json!({"env": environment("The variable that holds the value.")})),
                ]}
            },
        }),
    )
}

fn judge() -> Value {
    let share = |description: &str| json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "description": description});
    table(
        keys::JUDGE,
        &[],
        json!({
            "rollback_alpha": share("Chance of a false rollback over a whole rollout, however often it is looked at."),
            "advance_alpha": share("Chance of leaving a stage although harm is beyond what it must rule out."),
            "block": {"description": "Length of a block.", "oneOf": [{"const": "auto"}, duration("Such as 5m.")]},
            "preflight": {"type": "boolean", "description": "Ask, before the first user is exposed, whether there is data to judge by; the default is true."},
            "warmup": {"description": "Blocks at the start of a stage that are not judged.", "oneOf": [{"const": "auto"}, {"type": "integer", "minimum": 0}]},
        }),
    )
}

fn window() -> Value {
    let time = |description: &str| json!({"type": "string", "pattern": "^\\s*([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?\\s*$", "description": description});
    table(
        keys::WINDOW,
        &["from", "to", "tz"],
        json!({
            "days": {
                "type": "array", "minItems": 1, "uniqueItems": true,
                "items": {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
                "description": "Days on which it opens; every day when left out."
            },
            "from": time("Opening, wall-clock time."),
            "to": time("Closing; before the opening it closes on the next day."),
            "tz": text("IANA time zone, such as Europe/Stockholm."),
        }),
    )
}

fn freeze() -> Value {
    let moment = |description: &str| json!({"type": "string", "format": "date-time", "description": description});
    table(
        keys::FREEZE,
        &["until", "reason"],
        json!({
            "from": moment("Start; since ever when left out."),
            "until": moment("End."),
            "reason": text("Why, for those it stops."),
            "owner": text("Who to ask."),
        }),
    )
}

fn environment(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$", "description": description})
}
