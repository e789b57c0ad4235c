//! What is declared of each key is what the reader does: its default, its example, its kind.

use std::collections::BTreeSet;

use crate::plan::keys::key::{Key, Need, Shape, Table};
use crate::plan::keys::tables::keys_of;
use crate::plan::keys::{arms, config, metric, plan, target};
use crate::plan::{Config, KindName, Plan, Word, parse_config, parse_plan};
use crate::units::Digest;

/// A plan with stages; a line `#NAME` or ` #NAME` is where a key of that table is put in.
const STAGES: &str = "#plan
[[stages]]
exposure = 5
#stage
[[guardrails]]
name = \"a\"
category = \"reliability\"
margin = \"10%\"
#guardrail
ratio = { events = 'e', total = 't'#ratio }
[[guardrails]]
name = \"b\"
category = \"reliability\"
margin = \"10%\"
rate = { events = 'e', per = 't'#rate }
[[guardrails]]
name = \"c\"
category = \"experience\"
margin = \"10%\"
latency = { histogram = 'h', quantile = 0.9#latency }
[[guardrails]]
name = \"d\"
category = \"experience\"
point = { query = 'q', max = 1#point }
[[guardrails]]
name = \"waits\"
category = \"reliability\"
margin = \"10%\"
on_no_data = \"rollback\"
#waiting
ratio = { events = 'e', total = 't' }
[[targets]]
json = { file = \"a.json\", exposed = \"/a\"#numbers }
[[targets]]
growthbook = { file = \"b.json\", flag = \"b\"#growthbook }
[[targets]]
nginx = { file = \"c.conf\", key = \"$c\", variable = \"$v\"#split_clients }
";

const RAMP: &str = "[ramp]
from = 1
to = 100
over = \"7d\"
#ramp
[[guardrails]]
name = \"a\"
category = \"reliability\"
margin = \"10%\"
ratio = { events = 'e', total = 't' }
";

const SETTINGS: &str = "[prometheus]
#prometheus
[arms]
#arms
[judge]
#judge
[surfaces.checkout]
#surface
[git]
#git
[[notify]]
url_env = \"HOOK\"
#notify
";

/// The text with an assignment at one place, and nothing at the others.
fn with(text: &str, place: &str, assignment: &str) -> String {
    let line = format!("#{place}\n");
    let inline = format!("#{place} }}");
    assert!(text.contains(&line) || text.contains(&inline), "{place}");
    let text = text.replace(&line, &format!("{assignment}\n"));
    let text = text.replace(&inline, &format!(", {assignment} }}"));
    without(&text)
}

/// The text with nothing at all places.
fn without(text: &str) -> String {
    let one = |line: &str| match line.split_once('#') {
        Some((before, rest)) if rest.ends_with('}') => format!("{before} }}\n"),
        Some((before, _)) => format!("{before}\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(one).collect()
}

fn plan_of(text: &str) -> Plan {
    let parsed = parse_plan("p", text, &Config::default());
    let plan = parsed.value;
    let plan = plan.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.mistakes));
    // The texts differ, and this is their digest.
    Plan {
        declared: Digest::of(b""),
        ..plan
    }
}

fn settings_of(text: &str) -> Config {
    let parsed = parse_config(text);
    let config = parsed.value;
    config.unwrap_or_else(|| panic!("{:?}\n{text}", parsed.mistakes))
}

/// Every table that is reached from this one.
fn tables(table: &'static Table, found: &mut Vec<&'static Table>) {
    found.push(table);
    for key in keys_of(table) {
        match key.shape {
            Shape::Table(inner)
            | Shape::Tables(inner, _)
            | Shape::Named(inner)
            | Shape::Headers(inner)
            | Shape::Variant(inner) => tables(inner, found),
            Shape::Kind(kind) => tables(metric::table(kind), found),
            _ => {}
        }
    }
}

fn every_key() -> Vec<Key> {
    let mut found = Vec::new();
    tables(&plan::PLAN, &mut found);
    tables(&config::CONFIG, &mut found);
    found.into_iter().flat_map(keys_of).collect()
}

#[test]
fn without_a_key_it_is_as_if_its_default_were_written() {
    let mut held = BTreeSet::new();
    for (text, place, table) in [
        (STAGES, "plan", &plan::PLAN),
        (STAGES, "stage", &plan::STAGE),
        (STAGES, "guardrail", &plan::GUARDRAIL),
        (STAGES, "ratio", metric::table(KindName::Ratio)),
        (STAGES, "rate", metric::table(KindName::Rate)),
        (STAGES, "latency", metric::table(KindName::Latency)),
        (STAGES, "point", metric::table(KindName::Point)),
        (STAGES, "numbers", &target::NUMBERS),
        (STAGES, "growthbook", &target::MAYBE_NUMBERED_VARIANT),
        (STAGES, "split_clients", &target::SPLIT_CLIENTS),
        (RAMP, "ramp", &plan::RAMP),
        (SETTINGS, "prometheus", &config::PROMETHEUS),
        (SETTINGS, "arms", &arms::ARMS),
        (SETTINGS, "judge", &config::JUDGE),
        (SETTINGS, "surface", &config::SURFACE),
        (SETTINGS, "git", &config::GIT),
        (SETTINGS, "notify", &config::NOTIFY),
    ] {
        for key in keys_of(table) {
            let Need::Default(default) = key.need else {
                continue;
            };
            // It says nothing but where missing evidence rolls back.
            let place = match key.name {
                "no_data_timeout" => "waiting",
                _ => place,
            };
            let written = with(text, place, &format!("{} = {default}", key.name));
            if text == SETTINGS {
                assert_eq!(settings_of(&written), settings_of(&without(text)));
            } else {
                assert_eq!(plan_of(&written), plan_of(&without(text)), "{written}");
            }
            held.insert((key.name, key.doc));
        }
    }
    let declared: BTreeSet<_> = every_key()
        .into_iter()
        .filter(|key| matches!(key.need, Need::Default(_)))
        .map(|key| (key.name, key.doc))
        .collect();
    assert_eq!(held, declared, "a default is held against nothing");
}

#[test]
fn every_example_is_toml_and_every_key_says_what_it_is() {
    for key in every_key() {
        if key.example != "{ .. }" {
            let written = key.written();
            assert!(written.parse::<toml::Table>().is_ok(), "{written}");
        }
        assert!(!key.doc.is_empty(), "{}", key.name);
        assert!(!key.doc.contains('\n'), "{}", key.doc);
    }
}

#[test]
fn every_kind_of_metrics_has_its_key_and_its_columns() {
    for kind in KindName::ALL {
        assert_eq!(metric::kind(*kind).name, kind.key());
        let keys = keys_of(metric::table(*kind));
        for column in kind.columns() {
            let there = keys.iter().any(|key| key.name == column.key());
            assert!(there, "{} has no {}", kind.key(), column.key());
        }
        for table in [&plan::GUARDRAIL, &plan::METRIC] {
            assert!(keys_of(table).iter().any(|key| key.name == kind.key()));
        }
    }
}
