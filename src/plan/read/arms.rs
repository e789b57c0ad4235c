//! `[arms]`, of `config.toml` and of a plan: key by key, what a plan does not say is said there.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::promql;
use crate::plan::keys::arms::{ArmsKeys, PATTERN, pattern};
use crate::plan::keys::key::Key;
use crate::plan::keys::metric::{EXPOSED, UNEXPOSED};
use crate::plan::model::{ArmValue, Arms, Column, Metric, Mistake, MistakeCode, Pattern, Source};

/// Where a value is written; nothing where it is that of before.
type Place = Option<Range<usize>>;

/// Reads the table over what holds without it.
pub(super) fn arms(
    reader: &mut Reader,
    value: &Spanned<DeValue<'_>>,
    keys: ArmsKeys,
    base: &Arms,
) -> Option<Arms> {
    let fields = reader.table(value, "`arms`", "[arms]", keys.table)?;
    let label = label(reader, &fields, keys.label, &base.label);
    let exposed = one(reader, &fields, keys.exposed, &base.exposed);
    let unexposed = one(reader, &fields, keys.unexposed, &base.unexposed);
    let (label, exposed, unexposed) = (label?, exposed?, unexposed?);
    if let Some(problem) = alike(&exposed.0, &unexposed.0) {
        apart(reader, &fields, problem, exposed.1, unexposed.1);
    }
    Some(Arms {
        label,
        exposed: exposed.0,
        unexposed: unexposed.0,
    })
}

fn label(reader: &mut Reader, fields: &Fields<'_>, key: &Key, base: &str) -> Option<String> {
    if !fields.has(key) {
        return Some(base.to_owned());
    }
    let At { value, span } = reader.text(fields, key)?;
    // Prometheus 3 knows any name; control characters are typing errors.
    if value.chars().any(char::is_control) {
        reader.note(
            Mistake::error(
                MistakeCode::BadLabel,
                span,
                format!(
                    "`{}` is not the name of a Prometheus label",
                    value.escape_debug()
                ),
            )
            .cure("write the label that tells the arms apart, such as `label = \"variant\"`"),
        );
    }
    Some(value.to_owned())
}

/// The values of one arm.
fn one(
    reader: &mut Reader,
    fields: &Fields<'_>,
    key: &Key,
    base: &ArmValue,
) -> Option<(ArmValue, Place)> {
    let Some(value) = fields.get(key) else {
        return Some((base.clone(), None));
    };
    if !value.get_ref().is_table() {
        let At { value, span } = reader.text(fields, key)?;
        return Some((value.into(), Some(span)));
    }
    let what = format!("`{}`", key.name);
    let example = format!("{} = {{ {} }}", key.name, pattern::REGEX.written());
    let inner = reader.table(value, &what, &example, &PATTERN)?;
    if !inner.has(pattern::REGEX) {
        reader.missing_named(&inner, pattern::REGEX.name, format!("write `{example}`"));
        return None;
    }
    let At { value, span } = reader.text(&inner, pattern::REGEX)?;
    match Pattern::parse(value) {
        Err(problem) => {
            reader.note(
                Mistake::error(
                    MistakeCode::BadRegex,
                    span,
                    format!(
                        "`{}` is not a regular expression of Prometheus",
                        value.escape_debug()
                    ),
                )
                .label(problem)
                .cure(format!("write `{example}`: all of the value must fit it")),
            );
            None
        }
        Ok(pattern) if pattern.matches_nothing() => {
            reader.note(
                Mistake::error(
                    MistakeCode::BadRegex,
                    span,
                    format!("`{}` fits series without the label", value.escape_debug()),
                )
                .label("it matches the empty text")
                .cure(format!("write what the values have, such as `{example}`")),
            );
            None
        }
        Ok(pattern) => Some((ArmValue::Regex(pattern), Some(span))),
    }
}

/// Why these cannot be told apart, as far as the plan alone says it.
fn alike(exposed: &ArmValue, unexposed: &ArmValue) -> Option<&'static str> {
    if exposed == unexposed {
        return Some("both arms have the same value");
    }
    let takes = |one: &ArmValue, other: &ArmValue| match other {
        ArmValue::Text(text) => one.matches(text),
        ArmValue::Regex(_) => false,
    };
    if takes(exposed, unexposed) {
        Some("the regular expression of the exposed arm fits the value of the unexposed one")
    } else if takes(unexposed, exposed) {
        Some("the regular expression of the unexposed arm fits the value of the exposed one")
    } else {
        None
    }
}

fn apart(
    reader: &mut Reader,
    fields: &Fields<'_>,
    problem: &str,
    exposed: Place,
    unexposed: Place,
) {
    let related = exposed.clone().filter(|_| unexposed.is_some());
    let span = unexposed.or(exposed);
    let span = span.unwrap_or_else(|| fields.span.clone());
    let mistake = Mistake::error(MistakeCode::SameArms, span, problem)
        .label("cannot be told apart")
        .cure("write the two values of the label, such as `exposed = \"treatment\"` and `unexposed = \"control\"`");
    reader.note(match related {
        Some(related) => mistake.related(related, "the exposed arm"),
        None => mistake,
    });
}

/// A shared metric must leave the label of this plan's arms to `rollout`, too.
pub(super) fn leaves_arms_open(
    reader: &mut Reader,
    shared: &At<&str>,
    metric: &Metric,
    arms: &Arms,
) {
    let Source::Selectors(columns) = &metric.source else {
        return;
    };
    let fixed = columns
        .iter()
        .find(|(_, selector)| promql::fixes(selector, &arms.label));
    if let Some((column, _)) = fixed {
        reader.note(
            Mistake::error(
                MistakeCode::BadSelector,
                shared.span.clone(),
                format!(
                    "`{}` of the shared metric `{}` fixes the arms' label `{}`",
                    column.key(),
                    shared.value,
                    arms.label
                ),
            )
            .cure("write a metric of this plan's own without that label, or another `label` under [arms]"),
        );
    }
}

/// Both arms are asked for with one text.
pub(super) fn same_query(reader: &mut Reader, fields: &Fields<'_>, column: Column) {
    let place = |arm| fields.key_span(arm).unwrap_or_else(|| fields.span.clone());
    reader.note(
        Mistake::error(
            MistakeCode::SameArms,
            place(UNEXPOSED),
            format!("`{}` of both arms is the same query", column.key()),
        )
        .label("cannot be told apart")
        .related(place(EXPOSED), "the exposed arm")
        .cure("select the users of one arm only in each"),
    );
}
