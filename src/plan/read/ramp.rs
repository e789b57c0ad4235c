//! `[ramp]`: exposure that grows continuously.

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::sizes;
use super::written::Written;
use crate::plan::keys::plan::{RAMP, ramp};
use crate::plan::model::{Curve, Mistake, MistakeCode, OnBreach, Pace, PaceWord, Ramp, Role};
use crate::units::Period;

/// What an adaptive pace asks of the guardrails: one that counts bad events, and that is obeyed. With
/// none its risk budget could never be held against anything, and the ramp would hold for good.
pub(super) fn countable(reader: &mut Reader, value: &Spanned<DeValue<'_>>, guardrails: &[Written]) {
    let counts = guardrails
        .iter()
        .map(|written| &written.guardrail)
        .any(|g| {
            g.role == Role::Guardrail
                && g.on_breach != OnBreach::Warn
                && g.margin
                    .is_some_and(|margin| g.metric.kind.counts_bad_events(margin))
        });
    let Some(pace) = value
        .get_ref()
        .as_table()
        .and_then(|table| table.get(ramp::PACE.name))
    else {
        return;
    };
    if counts || pace.get_ref().as_str() != Some(PaceWord::Adaptive.key()) {
        return;
    }
    let mut mistake = Mistake::error(
        MistakeCode::NothingToCount,
        pace.span(),
        "no guardrail counts bad events: the risk budget could be held against nothing",
    )
    .label("would hold for good")
    .cure("add a guardrail with `ratio`, `rate`, or `latency` and a margin on the share of slow requests, that does not only warn; or write `pace = \"fixed\"` and remove `risk_budget`");
    if let Some(first) = guardrails.first() {
        mistake = mistake.related(first.span.clone(), "has nothing to count, or only warns");
    }
    reader.note(mistake);
}

/// A ramp moves no more often than this when the plan does not say: twelve five-minute blocks.
const EVERY: Period = Period::from_hours(1);

/// Reads the table.
pub(super) fn read(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Option<Ramp> {
    let fields = reader.table(value, "the ramp", "[ramp]", &RAMP)?;
    for key in [ramp::FROM, ramp::TO, ramp::OVER] {
        if !fields.has(key) {
            reader.missing(&fields, key);
        }
    }
    let from = sizes::percent(reader, &fields, ramp::FROM);
    let to = sizes::percent(reader, &fields, ramp::TO);
    if let (Some(from), Some(to)) = (&from, &to)
        && to.value <= from.value
    {
        reader.note(
            Mistake::error(
                MistakeCode::ExposureNotIncreasing,
                to.span.clone(),
                "the ramp does not rise",
            )
            .label(format!("not above {}", from.value))
            .related(from.span.clone(), "it starts here")
            .cure("write a `to` above `from`"),
        );
    }
    let over = reader.period(&fields, ramp::OVER);
    let auto = reader.is_auto(&fields, ramp::EVERY);
    let every = if auto {
        None
    } else {
        reader.period(&fields, ramp::EVERY)
    };
    if let Some(zero) = every.as_ref().filter(|every| every.value.is_zero()) {
        reader.note(
            Mistake::error(
                MistakeCode::BadDuration,
                zero.span.clone(),
                "the ramp would move all the time",
            )
            .cure("write `every = \"1h\"`"),
        );
    }
    let step = every.as_ref().map_or(EVERY, |every| every.value);
    if let Some(over) = over.as_ref().filter(|over| over.value < step) {
        let mistake = Mistake::error(
            MistakeCode::BadDuration,
            over.span.clone(),
            "the ramp is over before its first step",
        )
        .label(format!("shorter than one step of {step}"))
        .cure("write a longer `over`, or a shorter `every`");
        reader.note(match &every {
            Some(every) => mistake.related(every.span.clone(), "one step"),
            None => mistake,
        });
    }
    let curve = if fields.has(ramp::CURVE) {
        reader.word(&fields, ramp::CURVE).map(|at| at.value)
    } else {
        Some(Curve::Geometric)
    };
    let pace = pace(reader, &fields);
    Some(Ramp {
        from: from?.value,
        to: to?.value,
        over: over?.value,
        curve: curve?,
        every: (!auto).then_some(step),
        pace: pace?,
    })
}

fn pace(reader: &mut Reader, fields: &Fields<'_>) -> Option<Pace> {
    let pace = if fields.has(ramp::PACE) {
        reader.word(fields, ramp::PACE)?.value
    } else {
        PaceWord::Fixed
    };
    let budget = reader.number(fields, ramp::RISK_BUDGET);
    match (pace, budget) {
        (PaceWord::Adaptive, Some(At { value, span })) if value <= 0.0 => {
            reader.note(
                Mistake::error(
                    MistakeCode::BadBudget,
                    span,
                    "the risk budget is not above zero",
                )
                .cure(ramp::RISK_BUDGET.cure()),
            );
            None
        }
        (PaceWord::Adaptive, Some(At { value, .. })) => Some(Pace::Adaptive { risk_budget: value }),
        (PaceWord::Adaptive, None) => {
            if !fields.has(ramp::RISK_BUDGET) {
                reader.missing(fields, ramp::RISK_BUDGET);
            }
            None
        }
        (PaceWord::Fixed, Some(At { span, .. })) => {
            reader.note(
                Mistake::error(
                    MistakeCode::StrayBudget,
                    span,
                    "a fixed pace spends no risk budget",
                )
                .cure("write `pace = \"adaptive\"`, or remove `risk_budget`"),
            );
            None
        }
        (PaceWord::Fixed, None) => Some(Pace::Fixed),
    }
}
