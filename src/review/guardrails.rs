//! What a change takes from the guardrails of a rollout that is under way.

use std::cmp::Ordering;

use super::consent::OR_SAY_WHY;
use super::places::Places;
use crate::plan::{
    Guardrail, Kind, KindName, Metric, Mistake, MistakeCode, OnNoData, Plan, Role, Source, Word,
};
use crate::units::{Bound, BoundUnit, Effect, Worse};

/// Every guardrail that is gone, or guards less than it did.
pub(super) fn weakened(before: &Plan, after: &Plan, places: &Places<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for old in &before.guardrails {
        let found = after
            .guardrails
            .iter()
            .enumerate()
            .find(|(_, new)| new.name == old.name);
        match found {
            Some((index, new)) => mistakes.extend(one(old, new, index, places)),
            None => mistakes.push(removed(old, before, after, places)),
        }
    }
    if let Some(surface) = before
        .surface
        .as_ref()
        .filter(|_| before.surface != after.surface)
    {
        mistakes.push(
            Mistake::error(
                MistakeCode::LeftSurface,
                places.key("surface").unwrap_or_else(|| places.start()),
                format!("the change takes the rollout from the surface `{surface}`"),
            )
            .label("what the surface requires would not hold any more")
            .cure(format!("write `surface = \"{surface}\"`, {OR_SAY_WHY}")),
        );
    }
    if before.require_success && !after.require_success {
        mistakes.push(
            Mistake::error(
                MistakeCode::SuccessNotRequired,
                places
                    .key("require_success")
                    .unwrap_or_else(|| places.start()),
                "the change advances without success, which was required",
            )
            .cure(format!("write `require_success = true`, {OR_SAY_WHY}")),
        );
    }
    if let Some(old) = &before.assignment
        && after.assignment.as_ref() != Some(old)
    {
        mistakes.push(
            Mistake::error(
                MistakeCode::AssignmentChanged,
                places
                    .within("assignment", "users")
                    .unwrap_or_else(|| places.start()),
                format!(
                    "the change counts users differently or not at all; it was `{}`",
                    old.users.as_str()
                ),
            )
            .label("whether the arms are what they should be starts again")
            .cure(format!(
                "write `users = '{}'`, {OR_SAY_WHY}",
                old.users.as_str()
            )),
        );
    }
    mistakes
}

fn removed(old: &Guardrail, before: &Plan, after: &Plan, places: &Places<'_>) -> Mistake {
    let heir = after.guardrails.iter().enumerate().find(|(_, new)| {
        new.metric == old.metric && !before.guardrails.iter().any(|g| g.name == new.name)
    });
    match heir {
        Some((index, heir)) => Mistake::error(
            MistakeCode::RenamedGuardrail,
            places.item_any("guardrails", index, &["name", "metric"]),
            format!(
                "the change renames the guardrail `{}` to `{}`",
                old.name, heir.name
            ),
        )
        .label("the evidence so far is kept under the old name")
        .cure(format!("write `name = \"{}\"`, {OR_SAY_WHY}", old.name)),
        None => Mistake::error(
            MistakeCode::RemovedGuardrail,
            places.last("guardrails"),
            format!(
                "the change removes the {} `{}`",
                match old.role {
                    Role::Guardrail => "guardrail",
                    Role::Success => "success metric",
                },
                old.name
            ),
        )
        .label("not among these any more")
        .cure(format!("put it back, {OR_SAY_WHY}")),
    }
}

fn one(old: &Guardrail, new: &Guardrail, index: usize, places: &Places<'_>) -> Vec<Mistake> {
    let name = &old.name;
    let at = |key: &str| places.item("guardrails", index, key);
    let refuse = |code, key: &str, message: String| Mistake::error(code, at(key), message);
    let mut mistakes = Vec::new();
    if old.role == Role::Guardrail && new.role == Role::Success {
        mistakes.push(
            refuse(
                MistakeCode::WeakenedRole,
                "role",
                format!("the change makes the guardrail `{name}` a success metric"),
            )
            .label("it would stop nothing any more")
            .cure(format!("write `role = \"guardrail\"`, {OR_SAY_WHY}")),
        );
        return mistakes;
    }
    if new.on_breach > old.on_breach {
        mistakes.push(
            refuse(
                MistakeCode::WeakenedOnBreach,
                "on_breach",
                format!(
                    "a breach of `{name}` would mean `{}`; it was `{}`",
                    new.on_breach.key(),
                    old.on_breach.key()
                ),
            )
            .cure(format!(
                "write `on_breach = \"{}\"`, {OR_SAY_WHY}",
                old.on_breach.key()
            )),
        );
    }
    mistakes.extend(no_data(old, new, index, places));
    if old.metric != new.metric {
        let mut keys = KindName::words();
        keys.push("metric");
        let place = places.item_any("guardrails", index, &keys);
        mistakes.push(
            Mistake::error(
                MistakeCode::ChangedMetric,
                place,
                format!(
                    "the change measures something else for `{name}` while the rollout is under way"
                ),
            )
            .label("its evidence would start again")
            .cure(format!(
                "write {}, {OR_SAY_WHY}",
                described(&old.metric, &new.metric)
            )),
        );
        // Margin and limit of another metric are not comparable.
        return mistakes;
    }
    if let Some(old_margin) = old.margin
        && old.margin != new.margin
    {
        let worse = old.metric.kind.worse();
        let (code, how) = match new.margin.map(|new| harm(new, worse, old_margin)) {
            None => (MistakeCode::WidenedMargin, "takes the margin from"),
            Some(None) => (
                MistakeCode::ChangedMargin,
                "puts another scale under the margin of",
            ),
            Some(Some(Ordering::Less | Ordering::Equal)) => {
                (MistakeCode::LoweredMargin, "lowers the margin of")
            }
            Some(Some(Ordering::Greater)) => (MistakeCode::WidenedMargin, "widens the margin of"),
        };
        mistakes.push(
            refuse(
                code,
                "margin",
                format!(
                    "the change {how} `{name}`; it was {}",
                    old_margin.for_people()
                ),
            )
            .label("its evidence would start again")
            .cure(format!(
                "write `margin = {}`, {OR_SAY_WHY}",
                quoted(old_margin)
            )),
        );
    }
    if let Some(bound) = old.limit {
        let message = match new.limit {
            None => Some((
                MistakeCode::RemovedLimit,
                format!(
                    "the change removes the limit of `{name}`; it was {}",
                    bound.for_people()
                ),
            )),
            Some(limit) => {
                let looser = match old.metric.kind.worse() {
                    Worse::Higher => limit.value > bound.value,
                    Worse::Lower => limit.value < bound.value,
                };
                looser.then(|| {
                    (
                        MistakeCode::WeakenedLimit,
                        format!(
                            "the change loosens the limit of `{name}` to {}; it was {}",
                            limit.for_people(),
                            bound.for_people()
                        ),
                    )
                })
            }
        };
        if let Some((code, message)) = message {
            mistakes.push(
                refuse(code, "limit", message)
                    .label(if new.limit.is_none() {
                        "no limit here any more"
                    } else {
                        ""
                    })
                    .cure(format!("write `limit = {}`, {OR_SAY_WHY}", bounded(bound))),
            );
        }
    }
    mistakes
}

fn no_data(old: &Guardrail, new: &Guardrail, index: usize, places: &Places<'_>) -> Option<Mistake> {
    let word = |action: OnNoData| match action {
        OnNoData::Hold => "hold",
        OnNoData::Pause => "pause",
        OnNoData::Rollback { .. } => "rollback",
    };
    let strength = |action: OnNoData| match action {
        OnNoData::Hold => 0,
        OnNoData::Pause => 1,
        OnNoData::Rollback { .. } => 2,
    };
    let (was, now) = (old.on_no_data, new.on_no_data);
    let (key, message, cure) = match (was, now) {
        (OnNoData::Rollback { after: was }, OnNoData::Rollback { after: now }) if now > was => (
            "no_data_timeout",
            format!(
                "`{}` may be blind for {now} before it is rolled back; it was {was}",
                old.name
            ),
            format!("write `no_data_timeout = \"{was}\"`, {OR_SAY_WHY}"),
        ),
        (_, _) if strength(now) < strength(was) => (
            "on_no_data",
            format!(
                "missing evidence of `{}` would mean `{}`; it was `{}`",
                old.name,
                word(now),
                word(was)
            ),
            format!("write `on_no_data = \"{}\"`, {OR_SAY_WHY}", word(was)),
        ),
        (
            OnNoData::Hold | OnNoData::Pause | OnNoData::Rollback { .. },
            OnNoData::Hold | OnNoData::Pause | OnNoData::Rollback { .. },
        ) => return None,
    };
    Some(
        Mistake::error(
            MistakeCode::WeakenedOnNoData,
            places.item("guardrails", index, key),
            message,
        )
        .cure(cure),
    )
}

/// How the first harm compares with the second; `None` when they are on different scales.
pub(super) fn harm(a: Effect, worse: Worse, b: Effect) -> Option<Ordering> {
    if a.is_relative() != b.is_relative() {
        return None;
    }
    let size = |effect: Effect| {
        let (ratio, offset) = effect.null(worse);
        match worse {
            Worse::Higher => ratio + offset,
            Worse::Lower => -(ratio + offset),
        }
    };
    Some(size(a).total_cmp(&size(b)))
}

/// A bound as a TOML value.
fn bounded(bound: Bound) -> String {
    match bound.unit {
        BoundUnit::Percent | BoundUnit::Time => format!("\"{bound}\""),
        BoundUnit::Plain => bound.value.to_string(),
    }
}

/// An effect as a TOML value.
pub(super) fn quoted(effect: Effect) -> String {
    match effect {
        Effect::Relative(_) | Effect::Ratio(_) | Effect::Points(_) => format!("\"{effect}\""),
        Effect::Absolute(number) => number.to_string(),
    }
}

/// The old metric in the words of the file, as far as it differs.
fn described(old: &Metric, new: &Metric) -> String {
    let written = |source: &Source| -> Vec<String> {
        match source {
            Source::Selectors(columns) => columns
                .iter()
                .map(|(column, selector)| format!("`{} = '{}'`", column.key(), selector.as_str()))
                .collect(),
            Source::PerArm { exposed, unexposed } => {
                let arm = |arm: &str,
                           columns: &[(crate::plan::Column, crate::plan::ArmQuery)]|
                 -> Vec<String> {
                    columns
                        .iter()
                        .map(|(column, query)| format!("`{} = '{query}'` ({arm})", column.key()))
                        .collect()
                };
                [arm("exposed", exposed), arm("unexposed", unexposed)].concat()
            }
        }
    };
    let now = written(&new.source);
    let gone: Vec<String> = written(&old.source)
        .into_iter()
        .filter(|line| !now.contains(line))
        .collect();
    if !gone.is_empty() {
        return gone.join(" and ");
    }
    match (old.kind, new.kind) {
        (
            Kind::Latency {
                quantile,
                compare,
                unit,
            },
            Kind::Latency {
                quantile: now,
                unit: other,
                ..
            },
        ) => {
            if quantile.to_bits() != now.to_bits() {
                format!("`quantile = {quantile}`")
            } else if unit != other {
                format!("`unit = \"{}\"`", unit.key())
            } else {
                format!("`compare = \"{}\"`", compare.key())
            }
        }
        (old, new) if old.key() == new.key() && old.worse() != new.worse() => {
            let worse = match old.worse() {
                Worse::Higher => "higher",
                Worse::Lower => "lower",
            };
            format!("`worse = \"{worse}\"`")
        }
        (old, _) => format!("`{} = ...` as it was", old.key()),
    }
}
