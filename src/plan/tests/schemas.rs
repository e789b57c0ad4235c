//! The schemas and the parser agree: on what is right, on typical mistakes, and on every key.

use serde_json::Value;

use super::support::{CONFIG, PLAN, config_with, plan_of, plan_with};
use crate::plan::{parse_config, schema_config, schema_plan, template_config, template_plan};

/// TOML as the JSON that an editor's schema checker sees.
fn json(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(moment) => Value::String(moment.to_string()),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(k, v)| (k, convert(v))).collect())
            }
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(flag) => flag.into(),
        }
    }
    convert(toml::Value::Table(text.parse().unwrap()))
}

fn complaints(schema: &Value, text: &str) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator
        .iter_errors(&json(text))
        .map(|error| error.to_string())
        .collect()
}

#[test]
fn the_documented_example_and_the_templates_satisfy_the_schemas() {
    let none: Vec<String> = Vec::new();
    assert_eq!(complaints(&schema_config(), CONFIG), none);
    assert_eq!(complaints(&schema_config(), &template_config()), none);
    assert_eq!(complaints(&schema_plan(), PLAN), none);
    assert_eq!(
        complaints(&schema_plan(), &template_plan("p", &[], None)),
        none
    );
}

#[test]
fn typical_mistakes_of_a_plan_are_seen_by_both() {
    for (from, to) in [
        ("owner   = \"payments\"", "ownr = \"payments\""),
        ("exposure = 100\n", "exposure = 120\n"),
        ("exposure = 1\n", "exposure = \"1\"\n"),
        ("min_duration = \"48h\"", "min_duration = \"48\""),
        ("rule_out = \"2x\"", "rule_out = 2"),
        ("on_breach = \"pause\"", "on_breach = \"panic\""),
        ("margin = \"25%\"", "margin = \"25\""),
        ("quantile = 0.99", "quantile = 99"),
        ("category = \"experience\"\n", ""),
        (
            "name = \"checkout-latency\"",
            "name = \"checkout-latency\"\ngauge = { query = 'cpu', worse = \"higher\" }",
        ),
        ("\"payments-v2 >= 50\"", "\"payments-v2\""),
        (
            "[assignment]\n",
            "[ramp]\nfrom = 1\nto = 100\nover = \"7d\"\n[assignment]\n",
        ),
        (
            "[assignment]\n",
            "[[targets]]\nhaproxy = { file = \"a\" }\n[assignment]\n",
        ),
        (
            "[assignment]\n",
            "[[targets]]\ntext = { file = \"a\", template = \"b\" }\n[assignment]\n",
        ),
        ("[assignment]\n", "[[targets]]\n[assignment]\n"),
    ] {
        let text = plan_with(from, to);
        assert!(
            !complaints(&schema_plan(), &text).is_empty(),
            "the schema accepts {to}"
        );
        assert!(plan_of(&text).value.is_none(), "the parser accepts {to}");
    }
}

#[test]
fn typical_mistakes_of_the_settings_are_seen_by_both() {
    for (from, to) in [
        ("[judge]", "[juge]"),
        ("bearer_token_env = \"PROM_TOKEN\"", "bearer_token = \"x\""),
        (
            "bearer_token_env = \"PROM_TOKEN\"",
            "bearer_token_env = \"glpat-x\"",
        ),
        ("X-Scope-OrgID = \"team-a\"", "Authorization = \"Bearer x\""),
        (
            "\"http://localhost:9090\"",
            "\"http://me:x@localhost:9090\"",
        ),
        ("timeout = \"30s\"", "timeout = 30"),
        ("rollback_alpha = 0.05", "rollback_alpha = 5"),
        ("\"mon\", \"tue\"", "\"monday\", \"tue\""),
        ("to = \"16:00\"", "to = \"24:00\""),
        ("tz = \"Europe/Stockholm\"\n", ""),
        ("format = \"slack\"", "format = \"teams\""),
    ] {
        let text = config_with(from, to);
        assert!(
            !complaints(&schema_config(), &text).is_empty(),
            "the schema accepts {to}"
        );
        assert!(
            parse_config(&text).value.is_none(),
            "the parser accepts {to}"
        );
    }
}

#[test]
fn every_table_of_the_schemas_has_the_keys_of_the_parser() {
    // Both are made from one declaration; here it is made sure that no table of the schema accepts
    // further keys by oversight.
    fn tables(value: &Value, path: &str, open: &mut Vec<String>) {
        if let Value::Object(object) = value {
            if object.contains_key("properties")
                && object.get("additionalProperties") != Some(&Value::Bool(false))
            {
                open.push(path.to_owned());
            }
            for (key, inner) in object {
                tables(inner, &format!("{path}/{key}"), open);
            }
        }
        if let Value::Array(items) = value {
            for (index, inner) in items.iter().enumerate() {
                tables(inner, &format!("{path}/{index}"), open);
            }
        }
    }
    let mut open = Vec::new();
    tables(&schema_plan(), "plan", &mut open);
    tables(&schema_config(), "config", &mut open);
    assert!(open.is_empty(), "{open:?}");
}
