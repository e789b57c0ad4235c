//! A plan's file: its own keys, its guardrails against what its surface asks for, and its state
//! against its course.

use std::ops::Range;

use toml::de::DeTable;

use super::arms::arms;
use super::course::course;
use super::fields::{At, Fields, Reader};
use super::guardrail::guardrail;
use super::section::declared_digest_in;
use super::state::read_state;
use super::targets::targets;
use super::words::{listed, nearest};
use super::written::Written;
use super::{promql, standing};
use crate::plan::keys::arms as arms_keys;
use crate::plan::keys::plan::{ASSIGNMENT, GUARDRAIL, PLAN, assignment, root as plan};
use crate::plan::model::{
    After, Arms, Assignment, Config, Mistake, MistakeCode, OnBreach, Plan, Role,
};
use crate::units::Exposure;

/// Reads the whole file.
pub(super) fn read(
    reader: &mut Reader,
    name: &str,
    text: &str,
    root: &DeTable<'_>,
    config: &Config,
) -> Option<Plan> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let fields = reader.open(root, start..start, "the plan", &PLAN);
    let description = reader.text(&fields, plan::DESCRIPTION);
    let draft = reader.text(&fields, plan::DRAFT);
    let owner = reader.text(&fields, plan::OWNER);
    let reason = reader.text(&fields, plan::REASON);
    let surface = reader.text(&fields, plan::SURFACE);
    let after = after(reader, &fields, name);
    let require_success = reader.flag(&fields, plan::REQUIRE_SUCCESS);
    let arms = match fields.get(plan::ARMS_) {
        None => Some(config.arms.clone()),
        Some(value) => arms(reader, value, arms_keys::OWN, &config.arms),
    };
    // Guardrails are read with the default arms where the plan's own have a mistake.
    let known_arms = arms.as_ref().unwrap_or(&config.arms);
    let (guardrails, all_read) = guardrails(reader, &fields, config, known_arms);
    if let Some(surface) = &surface {
        required_by_surface(reader, &fields, surface, &guardrails, all_read, config);
    }
    if let Some(required) = require_success.as_ref().filter(|flag| flag.value)
        && all_read
        && !guardrails.iter().any(|w| w.guardrail.role == Role::Success)
    {
        reader.note(
            Mistake::error(
                MistakeCode::NoSuccessMetric,
                required.span.clone(),
                "the plan requires success but has no success metric",
            )
            .cure("write `role = \"success\"` in the guardrail that should get better, or remove `require_success`"),
        );
    }
    let course = course(reader, &fields, &guardrails, all_read, &config.judge);
    let assignment = fields.get(plan::ASSIGNMENT_).map(|value| {
        let fields = reader.table(value, "the assignment", "[assignment]", &ASSIGNMENT)?;
        let Some(users) = fields.get(assignment::USERS) else {
            reader.missing(&fields, assignment::USERS);
            return None;
        };
        let users = promql::selector(reader, users, assignment::USERS.name, known_arms)?;
        Some(Assignment { users })
    });
    let targets = targets(reader, &fields);
    let state = read_state(text, root);
    reader.mistakes.extend(state.mistakes);
    if let (Some(Some(state)), Some(course)) = (&state.value, &course) {
        standing::check(reader, root, state, course);
    }
    Some(Plan {
        name: name.to_owned(),
        description: owned(description),
        draft: owned(draft),
        owner: owned(owner),
        reason: owned(reason),
        surface: owned(surface),
        after,
        course: course?.course,
        guardrails: guardrails.into_iter().map(|w| w.guardrail).collect(),
        require_success: require_success.is_some_and(|flag| flag.value),
        assignment: assignment.flatten(),
        targets,
        arms: arms?,
        judge: config.judge,
        declared: declared_digest_in(text, root),
        state: state.value?,
    })
}

fn owned(text: Option<At<&str>>) -> Option<String> {
    text.map(|at| at.value.to_owned())
}

/// All guardrails, and whether every one could be read.
fn guardrails(
    reader: &mut Reader,
    file: &Fields<'_>,
    config: &Config,
    arms: &Arms,
) -> (Vec<Written>, bool) {
    if !file.has(plan::GUARDRAILS) {
        reader.note(
            Mistake::error(
                MistakeCode::MissingGuardrail,
                file.span.clone(),
                "the plan has no guardrail: nothing would ever stop it",
            )
            .cure(plan::GUARDRAILS.cure()),
        );
        return (Vec::new(), true);
    }
    let Some(array) = reader.array(file, plan::GUARDRAILS) else {
        return (Vec::new(), false);
    };
    let mut all: Vec<Written> = Vec::new();
    let mut all_read = true;
    for (index, value) in array.iter().enumerate() {
        let what = format!("guardrail {}", index + 1);
        let written = reader
            .table(value, &what, "[[guardrails]]", &GUARDRAIL)
            .and_then(|mut fields| guardrail(reader, &mut fields, config, arms));
        let Some(written) = written else {
            all_read = false;
            continue;
        };
        if let Some(twin) = all
            .iter()
            .find(|w| w.guardrail.name == written.guardrail.name)
        {
            reader.note(
                Mistake::error(
                    MistakeCode::DuplicateName,
                    written.span.clone(),
                    format!("two guardrails are named `{}`", written.guardrail.name),
                )
                .label("the same name again")
                .related(twin.span.clone(), "first here")
                .cure(format!(
                    "write `name = \"{}-2\"`, or remove one",
                    written.guardrail.name
                )),
            );
        }
        all.push(written);
    }
    consequences(reader, file, &all, all_read);
    (all, all_read)
}

/// Something must be able to stop the plan.
fn consequences(reader: &mut Reader, file: &Fields<'_>, all: &[Written], all_read: bool) {
    let guards: Vec<&Written> = all
        .iter()
        .filter(|w| w.guardrail.role == Role::Guardrail)
        .collect();
    if !all_read
        || guards
            .iter()
            .any(|w| w.guardrail.on_breach != OnBreach::Warn)
    {
        return;
    }
    let Some(first) = guards.first() else {
        reader.note(
            Mistake::error(
                MistakeCode::MissingGuardrail,
                file.key_span(plan::GUARDRAILS).unwrap_or_default(),
                "the plan has only success metrics: nothing would ever stop it",
            )
            .cure(plan::GUARDRAILS.cure()),
        );
        return;
    };
    let mut mistake = Mistake::error(
        MistakeCode::NothingStopsIt,
        first
            .on_breach
            .clone()
            .unwrap_or_else(|| first.span.clone()),
        "every guardrail only warns: nothing would ever stop this plan",
    )
    .label("only warns")
    .cure("write `on_breach = \"rollback\"` or `\"pause\"` for at least one guardrail");
    for other in guards.iter().skip(1) {
        let place = other
            .on_breach
            .clone()
            .unwrap_or_else(|| other.span.clone());
        mistake = mistake.related(place, "only warns, too");
    }
    reader.note(mistake);
}

fn required_by_surface(
    reader: &mut Reader,
    file: &Fields<'_>,
    surface: &At<&str>,
    guardrails: &[Written],
    all_read: bool,
    config: &Config,
) {
    let Some(known) = config.surfaces.get(surface.value) else {
        let names: Vec<&str> = config.surfaces.keys().map(String::as_str).collect();
        let cure = match nearest(surface.value, names.iter().copied()) {
            Some(near) => format!("write `surface = \"{near}\"`"),
            None if names.is_empty() => {
                format!(
                    "add `[surfaces.{}]` to config.toml, or remove `surface`",
                    surface.value
                )
            }
            None => format!("config.toml has {}", listed(&names)),
        };
        reader.note(
            Mistake::error(
                MistakeCode::UnknownSurface,
                surface.span.clone(),
                format!("config.toml has no surface `{}`", surface.value),
            )
            .label("unknown surface")
            .cure(cure),
        );
        return;
    };
    for required in &known.guardrails {
        let found = guardrails.iter().find(|w| {
            w.guardrail.name == *required || w.shared.as_ref().is_some_and(|s| s == required)
        });
        match found {
            Some(found) if found.guardrail.role == Role::Success => reader.note(
                Mistake::error(
                    MistakeCode::RequiredGuardrail,
                    found.span.clone(),
                    format!(
                        "`{required}` must guard every plan of surface `{}`",
                        surface.value
                    ),
                )
                .label("only a success metric here")
                .related(surface.span.clone(), "required by this surface")
                .cure("remove `role = \"success\"`"),
            ),
            Some(_) => {}
            // It may be the one that could not be read.
            None if !all_read => {}
            None => {
                let cure = if config.metrics.contains_key(required) {
                    format!("add it:\n[[guardrails]]\nmetric = \"{required}\"\nmargin = \"10%\"")
                } else {
                    format!("add a guardrail with `name = \"{required}\"`")
                };
                reader.note(
                    Mistake::error(
                        MistakeCode::RequiredGuardrail,
                        surface.span.clone(),
                        format!(
                            "surface `{}` requires the guardrail `{required}`, which the plan does not have",
                            surface.value
                        ),
                    )
                    .label("required by this surface")
                    .related(
                        file.key_span(plan::GUARDRAILS).unwrap_or_else(|| file.span.clone()),
                        "not among these",
                    )
                    .cure(cure),
                );
            }
        }
    }
}

fn after(reader: &mut Reader, file: &Fields<'_>, name: &str) -> Vec<After> {
    let example = plan::AFTER.written();
    let Some(array) = reader.array(file, plan::AFTER) else {
        return Vec::new();
    };
    let mut all: Vec<(After, Range<usize>)> = Vec::new();
    for value in array.iter() {
        let Some(written) = reader.text_of(value, plan::AFTER.name, &example) else {
            continue;
        };
        let Some(after) = one_after(reader, &written) else {
            continue;
        };
        if after.plan == name {
            reader.note(
                Mistake::error(
                    MistakeCode::AfterItself,
                    written.span.clone(),
                    "the plan waits for itself",
                )
                .cure("remove it, or name another plan of this directory"),
            );
        }
        if let Some((_, first)) = all.iter().find(|(other, _)| other.plan == after.plan) {
            reader.note(
                Mistake::error(
                    MistakeCode::DuplicateName,
                    written.span.clone(),
                    format!("the plan waits for `{}` twice", after.plan),
                )
                .related(first.clone(), "first here")
                .cure("keep the higher exposure"),
            );
        }
        all.push((after, written.span));
    }
    all.into_iter().map(|(after, _)| after).collect()
}

fn one_after(reader: &mut Reader, written: &At<&str>) -> Option<After> {
    let (plan, percent) = match written.value.split_once(">=") {
        Some((plan, percent)) => (
            plan.trim(),
            Some(percent.trim().trim_end_matches('%').trim()),
        ),
        None => (written.value.trim(), None),
    };
    let plain = !plan.is_empty()
        && plan
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let number = percent.and_then(|percent| percent.parse::<f64>().ok());
    let Some(number) = number.filter(|_| plain) else {
        let shown = if plain { plan } else { "payments-v2" };
        reader.note(
            Mistake::error(
                MistakeCode::BadAfter,
                written.span.clone(),
                format!(
                    "`{}` does not say how far which plan must be",
                    written.value.escape_debug()
                ),
            )
            .label("expected a plan, `>=`, and an exposure")
            .cure(format!("write `\"{shown} >= 100\"`")),
        );
        return None;
    };
    match Exposure::from_percent(number) {
        Ok(at_least) => Some(After {
            plan: plan.to_owned(),
            at_least,
        }),
        Err(error) => {
            reader.bad(MistakeCode::ExposureOutOfRange, written.span.clone(), error);
            None
        }
    }
}
