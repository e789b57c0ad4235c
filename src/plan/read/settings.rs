//! `config.toml`: arms, budgets, shared metrics, surfaces, git. How to reach other servers is
//! `connection`, when advances are allowed is `calendar`.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::fields::{At, Fields, Reader};
use super::{calendar, connection, guardrail};
use crate::plan::keys::names as keys;
use crate::plan::model::{Arms, Commit, Config, Guardrail, JudgeSettings, Mistake, Surface};
use crate::units::{Period, Probability};

/// Shorter blocks hold fewer than two scrapes at usual intervals and are mostly noise.
const SHORTEST_BLOCK: Period = Period::from_seconds(10);
/// Longer blocks notice harm too late to be worth watching for.
const LONGEST_BLOCK: Period = Period::from_hours(24);

/// Reads the whole file.
pub(super) fn config(reader: &mut Reader, root: &DeTable<'_>) -> Option<Config> {
    let fields = reader.open(root, 0..0, "config.toml", keys::CONFIG);
    let reason = reader.text(&fields, "reason", "\"agreed with the on-call engineer\"");
    let arms = arms(reader, &fields);
    let judge = judge(reader, &fields);
    // Metrics are read with the default arms where the arms have a mistake of their own.
    let known_arms = arms.clone().unwrap_or_default();
    let metrics = metrics(reader, &fields, &known_arms, &judge);
    let surfaces = surfaces(reader, &fields);
    let prometheus = connection::prometheus(reader, &fields);
    let notify = connection::notify(reader, &fields);
    let calendar = calendar::calendar(reader, &fields);
    let git = git(reader, &fields);
    Some(Config {
        reason: reason.map(|at| at.value.to_owned()),
        prometheus,
        arms: arms?,
        judge,
        metrics,
        surfaces,
        calendar,
        git,
        notify,
    })
}

/// The parts of settings with mistakes that a rollback needs, each on its own.
pub(super) fn salvaged(reader: &mut Reader, root: &DeTable<'_>) -> Config {
    let fields = reader.open(root, 0..0, "config.toml", keys::CONFIG);
    Config {
        git: git(reader, &fields),
        notify: connection::notify(reader, &fields),
        ..Config::default()
    }
}

fn arms(reader: &mut Reader, config: &Fields<'_>) -> Option<Arms> {
    let Some(value) = config.get("arms") else {
        return Some(Arms::default());
    };
    let fields = reader.table(value, "`arms`", "[arms]", keys::ARMS)?;
    let default = Arms::default();
    let mut one = |key: &str, default: String| {
        let read = reader.text(&fields, key, &format!("\"{default}\""));
        match read {
            Some(at) => Some((at.value.to_owned(), Some(at.span))),
            None if fields.has(key) => None,
            None => Some((default, None)),
        }
    };
    let label = one("label", default.label);
    let exposed = one("exposed", default.exposed);
    let unexposed = one("unexposed", default.unexposed);
    if let Some((name, Some(span))) = &label {
        // Prometheus 3 knows any name; control characters are typing errors.
        if name.is_empty() || name.chars().any(char::is_control) {
            reader.note(
                Mistake::error(
                    "bad-label",
                    span.clone(),
                    format!(
                        "`{}` is not the name of a Prometheus label",
                        name.escape_debug()
                    ),
                )
                .cure("write the label that tells the arms apart, such as `label = \"variant\"`"),
            );
        }
    }
    if let (Some((exposed, first)), Some((unexposed, second))) = (&exposed, &unexposed)
        && exposed == unexposed
    {
        let span = second
            .clone()
            .or(first.clone())
            .unwrap_or_else(|| fields.span.clone());
        let mistake = Mistake::error("same-arms", span, "both arms have the same value")
            .label("cannot be told apart")
            .cure("write the two values of the label, such as `exposed = \"treatment\"` and `unexposed = \"control\"`");
        reader.note(match (first, second) {
            (Some(first), Some(_)) => mistake.related(first.clone(), "the exposed arm"),
            (_, _) => mistake,
        });
    }
    Some(Arms {
        label: label?.0,
        exposed: exposed?.0,
        unexposed: unexposed?.0,
    })
}

fn judge(reader: &mut Reader, config: &Fields<'_>) -> JudgeSettings {
    let mut judge = JudgeSettings::default();
    let fields = config
        .get("judge")
        .and_then(|value| reader.table(value, "`judge`", "[judge]", keys::JUDGE));
    let Some(fields) = fields else {
        return judge;
    };
    for (key, slot) in [
        ("rollback_alpha", &mut judge.rollback_alpha),
        ("advance_alpha", &mut judge.advance_alpha),
    ] {
        let Some(At { value, span }) = reader.number(&fields, key, "0.05") else {
            continue;
        };
        match Probability::new(value) {
            Ok(alpha) => *slot = alpha,
            Err(mut error) => {
                if (1.0..100.0).contains(&value) {
                    error.cure = format!("write `{key} = {}` for {value} %", value / 100.0);
                }
                reader.bad("bad-probability", span, error);
            }
        }
    }
    let auto = |key: &str| {
        fields
            .get(key)
            .is_some_and(|value| value.get_ref().as_str() == Some("auto"))
    };
    if !auto("block")
        && let Some(At { value, span }) = reader.period(&fields, "block", "5m")
    {
        if (SHORTEST_BLOCK..=LONGEST_BLOCK).contains(&value) {
            judge.block = Some(value);
        } else {
            reader.note(
                Mistake::error(
                    "bad-duration",
                    span,
                    format!(
                        "a block of {value} is not between {SHORTEST_BLOCK} and {LONGEST_BLOCK}"
                    ),
                )
                .cure(
                    "write `block = \"auto\"`, or a few scrape intervals, such as `block = \"5m\"`",
                ),
            );
        }
    }
    if !auto("warmup") {
        judge.warmup = reader.count(&fields, "warmup", 0).map(|at| at.value);
    }
    if let Some(preflight) = reader.flag(&fields, "preflight") {
        judge.preflight = preflight.value;
    }
    judge
}

fn metrics(
    reader: &mut Reader,
    config: &Fields<'_>,
    arms: &Arms,
    judge: &JudgeSettings,
) -> BTreeMap<String, Guardrail> {
    let mut metrics = BTreeMap::new();
    let Some(table) = named(reader, config, "metrics", "[metrics.checkout-errors]") else {
        return metrics;
    };
    for entry in Fields::entries(table) {
        let what = format!("metric `{}`", entry.name);
        let example = format!("[metrics.{}]", entry.name);
        let Some(fields) = reader.table(entry.value, &what, &example, keys::METRIC) else {
            continue;
        };
        let name = At {
            value: entry.name,
            span: entry.span,
        };
        if let Some(metric) = guardrail::shared_metric(reader, &fields, &name, arms, judge) {
            metrics.insert(entry.name.to_owned(), metric);
        }
    }
    metrics
}

fn surfaces(reader: &mut Reader, config: &Fields<'_>) -> BTreeMap<String, Surface> {
    const EXAMPLE: &str = "guardrails = [\"checkout-errors\"]";
    let mut surfaces = BTreeMap::new();
    let Some(table) = named(reader, config, "surfaces", "[surfaces.checkout]") else {
        return surfaces;
    };
    for entry in Fields::entries(table) {
        let what = format!("surface `{}`", entry.name);
        let example = format!("[surfaces.{}]", entry.name);
        let Some(fields) = reader.table(entry.value, &what, &example, keys::SURFACE) else {
            continue;
        };
        let mut guardrails: Vec<String> = Vec::new();
        if let Some(array) = reader.array(&fields, "guardrails", EXAMPLE) {
            for value in array.iter() {
                let Some(name) = reader.text_of(value, "guardrails", EXAMPLE) else {
                    continue;
                };
                if guardrails.iter().any(|other| other == name.value) {
                    reader.note(
                        Mistake::error(
                            "duplicate-name",
                            name.span,
                            format!("{what} requires `{}` twice", name.value),
                        )
                        .cure("remove one"),
                    );
                } else {
                    guardrails.push(name.value.to_owned());
                }
            }
        }
        let exclusive = reader.flag(&fields, "exclusive");
        surfaces.insert(
            entry.name.to_owned(),
            Surface {
                guardrails,
                exclusive: exclusive.is_some_and(|at| at.value),
            },
        );
    }
    surfaces
}

/// A table whose keys are names.
fn named<'a>(
    reader: &mut Reader,
    config: &Fields<'a>,
    key: &str,
    example: &str,
) -> Option<&'a DeTable<'a>> {
    let value = config.get(key)?;
    let table = DeValue::as_table(value.get_ref());
    if table.is_none() {
        reader.wrong_type(value, &format!("`{key}`"), "one table a name", example);
    }
    table
}

fn git(reader: &mut Reader, config: &Fields<'_>) -> Commit {
    let fields = config
        .get("git")
        .and_then(|value| reader.table(value, "`git`", "[git]", keys::GIT));
    let Some(fields) = fields else {
        return Commit::default();
    };
    let commit = reader.flag(&fields, "commit").is_some_and(|at| at.value);
    let push = reader.flag(&fields, "push");
    if let Some(push) = push.as_ref().filter(|push| push.value && !commit) {
        reader.note(
            Mistake::error(
                "push-without-commit",
                push.span.clone(),
                "there is nothing to push without commits",
            )
            .cure("write `commit = true` as well"),
        );
    }
    Commit {
        commit,
        push: push.is_some_and(|at| at.value),
    }
}
