//! `[[stages]]`: each with its exposure, its durations and what it must rule out.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::sizes;
use super::words::{listed, nearest, number_of};
use super::written::{Written, WrittenCourse};
use crate::plan::keys::plan::{STAGE, root as plan, stage};
use crate::plan::model::{JudgeSettings, Mistake, MistakeCode, RuleOut, Schedule, Stage};
use crate::units::{Effect, Exposure, Period, Worse};

/// Reads the list.
pub(super) fn stages(
    reader: &mut Reader,
    file: &Fields<'_>,
    array: &toml::de::DeArray<'_>,
    guardrails: &[Written],
    all_guardrails_read: bool,
    judge: &JudgeSettings,
) -> Option<WrittenCourse> {
    let mut stages = Vec::new();
    let mut exposures: Vec<Range<usize>> = Vec::new();
    let mut complete = true;
    let mut highest: Option<(At<Exposure>, usize)> = None;
    for (index, value) in array.iter().enumerate() {
        let number = index + 1;
        let what = format!("stage {number}");
        let Some(fields) = reader.table(value, &what, "[[stages]]", &STAGE) else {
            complete = false;
            continue;
        };
        let exposure = exposure(reader, &fields);
        if let Some(exposure) = &exposure {
            if let Some((before, of)) = &highest
                && exposure.value <= before.value
            {
                reader.note(
                    Mistake::error(
                        MistakeCode::ExposureNotIncreasing,
                        exposure.span.clone(),
                        format!("stage {number} does not expose more users than stage {of}"),
                    )
                    .label(format!("not above {}", before.value))
                    .related(before.span.clone(), format!("stage {of}"))
                    .cure("let the exposure grow from stage to stage"),
                );
            } else {
                highest = Some((exposure.clone(), number));
            }
        }
        let rest = rest_of_stage(reader, &fields, guardrails, all_guardrails_read, judge);
        match (exposure, rest) {
            (Some(exposure), Some(rest)) => {
                exposures.push(exposure.span);
                stages.push(Stage {
                    exposure: exposure.value,
                    ..rest
                });
            }
            (None, _) | (_, None) => complete = false,
        }
    }
    if array.is_empty() {
        reader.note(
            Mistake::error(
                MistakeCode::MissingStages,
                file.key_span(plan::STAGES).unwrap_or_default(),
                "the plan has no stage",
            )
            .cure(plan::STAGES.cure()),
        );
        return None;
    }
    complete.then_some(WrittenCourse {
        course: Schedule::Stages(stages),
        exposures,
    })
}

fn exposure(reader: &mut Reader, fields: &Fields<'_>) -> Option<At<Exposure>> {
    if !fields.has(stage::EXPOSURE) {
        reader.missing(fields, stage::EXPOSURE);
        return None;
    }
    sizes::percent(reader, fields, stage::EXPOSURE)
}

/// Everything of a stage but its exposure.
fn rest_of_stage(
    reader: &mut Reader,
    fields: &Fields<'_>,
    guardrails: &[Written],
    all_guardrails_read: bool,
    judge: &JudgeSettings,
) -> Option<Stage> {
    let min = reader.period(fields, stage::MIN_DURATION);
    if let Some(min) = &min {
        long_enough(reader, fields, min, judge);
    }
    let max = reader.period(fields, stage::MAX_DURATION);
    if let Some(max) = &max {
        let least = min.as_ref().map_or(Period::ZERO, |min| min.value);
        if max.value <= least {
            let mistake = Mistake::error(
                MistakeCode::MaxBeforeMin,
                max.span.clone(),
                format!("{} ends before it can be left", fields.what),
            )
            .label(format!("not above {least}"))
            .cure("write a `max_duration` above `min_duration`, or remove it");
            reader.note(match &min {
                Some(min) => mistake.related(min.span.clone(), "the least duration"),
                None => mistake,
            });
        }
    }
    let rule_out = match fields.get(stage::RULE_OUT) {
        Some(value) => rule_out(reader, fields, value, guardrails, all_guardrails_read),
        None => Some(RuleOut::Margin),
    };
    let approval = reader.flag(fields, stage::APPROVAL);
    Some(Stage {
        exposure: Exposure::NONE,
        min_duration: min.map(|at| at.value).unwrap_or_default(),
        max_duration: max.map(|at| at.value),
        rule_out: rule_out?,
        approval: approval.is_some_and(|at| at.value),
    })
}

/// A stage may be over before anything can be judged: no gate holds it, but none was passed either.
fn long_enough(reader: &mut Reader, fields: &Fields<'_>, min: &At<Period>, judge: &JudgeSettings) {
    let floor = judge.floor_for(min.value);
    if min.value.is_zero() || min.value >= floor {
        return;
    }
    let block = judge.block_for(min.value);
    reader.note(
        Mistake::warning(
            MistakeCode::StageTooShort,
            min.span.clone(),
            format!(
                "{} may end after {}, before anything is judged in it",
                fields.what, min.value
            ),
        )
        .label(format!("blocks are {block} long here"))
        .cure(format!(
            "write `min_duration = \"{floor}\"` or more: the warm-up and two blocks"
        )),
    );
}

fn rule_out(
    reader: &mut Reader,
    fields: &Fields<'_>,
    value: &Spanned<DeValue<'_>>,
    guardrails: &[Written],
    all_guardrails_read: bool,
) -> Option<RuleOut> {
    let span = value.span();
    if let Some(table) = value.get_ref().as_table() {
        let mut sizes_by_name = BTreeMap::new();
        for entry in Fields::entries(table) {
            let size = sizes::effect_of(reader, entry.value, entry.name);
            let known = guardrails.iter().find(|w| w.guardrail.name == entry.name);
            match (size, known) {
                (Some(size), Some(known)) => {
                    sizes::fits(reader, known.guardrail.metric.kind, &size, entry.name);
                    sizes_by_name.insert(entry.name.to_owned(), size.value);
                }
                (None, Some(_)) => {}
                // A guardrail that could not be read is not an unknown one.
                (_, None) if !all_guardrails_read => {}
                (_, None) => unknown_guardrail(reader, &entry.span, entry.name, guardrails),
            }
        }
        return Some(RuleOut::Named(sizes_by_name));
    }
    match value.get_ref().as_str() {
        Some("margin") => return Some(RuleOut::Margin),
        Some("nothing") => return Some(RuleOut::Nothing),
        Some(_) => {}
        None => {
            let number = number_of(value.get_ref());
            let example = match number {
                Some(number) if number > 1.0 => format!("rule_out = \"{number}x\""),
                _ => "rule_out = \"2x\"".into(),
            };
            reader.wrong_type(
                value,
                &format!("`rule_out` of {}", fields.what),
                "a size in quotes or a table by guardrail",
                &example,
            );
            return None;
        }
    }
    let size = match value.get_ref().as_str().map(Effect::parse)? {
        Ok(size) => size,
        Err(error) => {
            let words = value
                .get_ref()
                .as_str()
                .and_then(|text| nearest(text, ["margin", "nothing"]));
            let mistake = Mistake::error(MistakeCode::BadSize, span, error.problem);
            reader.note(match words {
                Some(near) => mistake.cure(format!("write `rule_out = \"{near}\"`")),
                None => mistake.cure("write `rule_out = \"2x\"`, `\"margin\"` or `\"nothing\"`"),
            });
            return None;
        }
    };
    if !size.is_relative() {
        let example = guardrails
            .iter()
            .find(|w| w.guardrail.margin.is_some_and(|m| !m.is_relative()))
            .map_or("NAME", |w| w.guardrail.name.as_str());
        reader.note(
            Mistake::error(
                MistakeCode::SizeDoesNotFit,
                span,
                format!(
                    "`rule_out` of {} speaks of ratios for every guardrail",
                    fields.what
                ),
            )
            .label("an absolute size")
            .cure(format!(
                "name the guardrail: `rule_out = {{ {example} = \"{size}\" }}`, or write `\"2x\"`"
            )),
        );
        return None;
    }
    for written in guardrails {
        let guardrail = &written.guardrail;
        let applies = guardrail.margin.is_some_and(Effect::is_relative);
        if applies
            && guardrail.metric.kind.worse() == Worse::Lower
            && matches!(size, Effect::Relative(share) if share >= 1.0)
        {
            reader.note(
                Mistake::error(
                    MistakeCode::SizeDoesNotFit,
                    span.clone(),
                    format!("`{}` cannot fall by {size}", guardrail.name),
                )
                .related(written.span.clone(), "here less is worse")
                .cure(
                    "write a factor, such as `rule_out = \"5x\"`: a fifth of the unexposed value",
                ),
            );
        }
    }
    Some(RuleOut::Every(size))
}

fn unknown_guardrail(reader: &mut Reader, span: &Range<usize>, name: &str, guardrails: &[Written]) {
    let names: Vec<&str> = guardrails
        .iter()
        .map(|w| w.guardrail.name.as_str())
        .collect();
    let cure = match nearest(name, names.iter().copied()) {
        Some(near) => format!("write `{near}`"),
        None => format!("the plan has {}", listed(&names)),
    };
    reader.note(
        Mistake::error(
            MistakeCode::UnknownGuardrail,
            span.clone(),
            format!("the plan has no guardrail `{name}`"),
        )
        .label("unknown guardrail")
        .cure(cure),
    );
}
