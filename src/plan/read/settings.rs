//! `config.toml`: arms, budgets, shared metrics, surfaces, git. How to reach other servers is
//! `connection`, when advances are allowed is `calendar`.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::arms::arms;
use super::fields::{At, Fields, Reader};
use super::{calendar, connection, guardrail, sizes};
use crate::plan::keys::arms as arms_keys;
use crate::plan::keys::config::{CONFIG, GIT, JUDGE, SURFACE, git, judge, root as config, surface};
use crate::plan::keys::key::Key;
use crate::plan::keys::plan::METRIC;
use crate::plan::model::{
    Arms, Commit, Config, Guardrail, JudgeSettings, Mistake, MistakeCode, Surface,
};
use crate::units::{Period, Probability};

/// Shorter blocks hold fewer than two scrapes at usual intervals and are mostly noise.
const SHORTEST_BLOCK: Period = Period::from_seconds(10);
/// Longer blocks notice harm too late to be worth watching for.
const LONGEST_BLOCK: Period = Period::from_hours(24);

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader, root: &DeTable<'_>) -> Option<Config> {
    let fields = reader.open(root, 0..0, "config.toml", &CONFIG);
    let reason = reader.text(&fields, config::REASON);
    let arms = read_arms(reader, &fields);
    let judge = read_judge(reader, &fields);
    // Metrics are read with the default arms where the arms have a mistake of their own.
    let known_arms = arms.clone().unwrap_or_default();
    let metrics = metrics(reader, &fields, &known_arms, &judge);
    let surfaces = surfaces(reader, &fields);
    let prometheus = connection::settings(reader, &fields);
    let notify = connection::webhooks(reader, &fields);
    let calendar = calendar::calendar(reader, &fields);
    let git = read_git(reader, &fields);
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
    let fields = reader.open(root, 0..0, "config.toml", &CONFIG);
    Config {
        git: read_git(reader, &fields),
        notify: connection::webhooks(reader, &fields),
        ..Config::default()
    }
}

fn read_arms(reader: &mut Reader, file: &Fields<'_>) -> Option<Arms> {
    match file.get(config::ARMS_) {
        None => Some(Arms::default()),
        Some(value) => arms(reader, value, arms_keys::DEFAULT, &Arms::default()),
    }
}

fn read_judge(reader: &mut Reader, file: &Fields<'_>) -> JudgeSettings {
    let mut settings = JudgeSettings::default();
    let fields = file
        .get(config::JUDGE_)
        .and_then(|value| reader.table(value, "`judge`", "[judge]", &JUDGE));
    let Some(fields) = fields else {
        return settings;
    };
    for (key, slot) in [
        (judge::ROLLBACK_ALPHA, &mut settings.rollback_alpha),
        (judge::ADVANCE_ALPHA, &mut settings.advance_alpha),
    ] {
        let Some(At { value, span }) = reader.number(&fields, key) else {
            continue;
        };
        match Probability::new(value) {
            Ok(alpha) => *slot = alpha,
            Err(mut error) => {
                if (1.0..100.0).contains(&value) {
                    error.cure = format!("write `{} = {}` for {value} %", key.name, value / 100.0);
                }
                reader.bad(MistakeCode::BadProbability, span, error);
            }
        }
    }
    if !reader.is_auto(&fields, judge::BLOCK)
        && let Some(At { value, span }) = reader.period(&fields, judge::BLOCK)
    {
        if (SHORTEST_BLOCK..=LONGEST_BLOCK).contains(&value) {
            settings.block = Some(value);
        } else {
            reader.note(
                Mistake::error(
                    MistakeCode::BadDuration,
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
    if !reader.is_auto(&fields, judge::WARMUP) {
        settings.warmup = reader.count(&fields, judge::WARMUP).map(|at| at.value);
    }
    if !reader.is_auto(&fields, judge::GROSS_FOR) {
        settings.gross_for = reader.period(&fields, judge::GROSS_FOR).map(|at| at.value);
    }
    if let Some(At { value, span }) = sizes::effect(reader, &fields, judge::GROSS) {
        if value.is_relative() {
            settings.gross = value;
        } else {
            reader.note(
                Mistake::error(
                    MistakeCode::BadSize,
                    span,
                    format!("gross harm of {value} is no ratio of the arms"),
                )
                .cure("write `gross = \"3x\"`"),
            );
        }
    }
    if let Some(preflight) = reader.flag(&fields, judge::PREFLIGHT) {
        settings.preflight = preflight.value;
    }
    settings
}

fn metrics(
    reader: &mut Reader,
    file: &Fields<'_>,
    arms: &Arms,
    judge: &JudgeSettings,
) -> BTreeMap<String, Guardrail> {
    let mut metrics = BTreeMap::new();
    let Some(table) = named(reader, file, config::METRICS) else {
        return metrics;
    };
    for entry in Fields::entries(table) {
        let what = format!("metric `{}`", entry.name);
        let example = format!("[metrics.{}]", entry.name);
        let Some(fields) = reader.table(entry.value, &what, &example, &METRIC) else {
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

fn surfaces(reader: &mut Reader, file: &Fields<'_>) -> BTreeMap<String, Surface> {
    let example_of_guardrails = surface::GUARDRAILS.written();
    let mut surfaces = BTreeMap::new();
    let Some(table) = named(reader, file, config::SURFACES) else {
        return surfaces;
    };
    for entry in Fields::entries(table) {
        let what = format!("surface `{}`", entry.name);
        let example = format!("[surfaces.{}]", entry.name);
        let Some(fields) = reader.table(entry.value, &what, &example, &SURFACE) else {
            continue;
        };
        let mut guardrails: Vec<String> = Vec::new();
        if let Some(array) = reader.array(&fields, surface::GUARDRAILS) {
            for value in array.iter() {
                let Some(name) =
                    reader.text_of(value, surface::GUARDRAILS.name, &example_of_guardrails)
                else {
                    continue;
                };
                if guardrails.iter().any(|other| other == name.value) {
                    reader.note(
                        Mistake::error(
                            MistakeCode::DuplicateName,
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
        let exclusive = reader.flag(&fields, surface::EXCLUSIVE);
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
fn named<'a>(reader: &mut Reader, file: &Fields<'a>, key: &Key) -> Option<&'a DeTable<'a>> {
    let value = file.get(key)?;
    let table = DeValue::as_table(value.get_ref());
    if table.is_none() {
        reader.wrong_value(value, key);
    }
    table
}

fn read_git(reader: &mut Reader, file: &Fields<'_>) -> Commit {
    let fields = file
        .get(config::GIT_)
        .and_then(|value| reader.table(value, "`git`", "[git]", &GIT));
    let Some(fields) = fields else {
        return Commit::default();
    };
    let commit = reader.flag(&fields, git::COMMIT).is_some_and(|at| at.value);
    let push = reader.flag(&fields, git::PUSH);
    if let Some(push) = push.as_ref().filter(|push| push.value && !commit) {
        reader.note(
            Mistake::error(
                MistakeCode::PushWithoutCommit,
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
