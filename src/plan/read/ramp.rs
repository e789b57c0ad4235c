//! `[ramp]`: exposure that grows continuously.

use toml::Spanned;
use toml::de::DeValue;

use super::fields::{At, Fields, Reader};
use super::sizes;
use super::written::Written;
use crate::plan::keys::names as keys;
use crate::plan::model::{Curve, Mistake, OnBreach, Pace, Ramp, Role};
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
    let Some(pace) = value.get_ref().as_table().and_then(|ramp| ramp.get("pace")) else {
        return;
    };
    if counts || pace.get_ref().as_str() != Some("adaptive") {
        return;
    }
    let mut mistake = Mistake::error(
        "nothing-to-count",
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
pub(super) fn ramp(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Option<Ramp> {
    let fields = reader.table(value, "the ramp", "[ramp]", keys::RAMP)?;
    for (key, cure) in [
        ("from", "write the first exposure: `from = 1`"),
        ("to", "write the last exposure: `to = 100`"),
        ("over", "write how long it takes: `over = \"7d\"`"),
    ] {
        if !fields.has(key) {
            reader.missing(&fields, key, cure);
        }
    }
    let from = sizes::percent(reader, &fields, "from");
    let to = sizes::percent(reader, &fields, "to");
    if let (Some(from), Some(to)) = (&from, &to)
        && to.value <= from.value
    {
        reader.note(
            Mistake::error(
                "exposure-not-increasing",
                to.span.clone(),
                "the ramp does not rise",
            )
            .label(format!("not above {}", from.value))
            .related(from.span.clone(), "it starts here")
            .cure("write a `to` above `from`"),
        );
    }
    let over = reader.period(&fields, "over", "7d");
    let auto = fields
        .get("every")
        .is_some_and(|value| value.get_ref().as_str() == Some("auto"));
    let every = if auto {
        None
    } else {
        reader.period(&fields, "every", "1h")
    };
    if let Some(zero) = every.as_ref().filter(|every| every.value.is_zero()) {
        reader.note(
            Mistake::error(
                "bad-duration",
                zero.span.clone(),
                "the ramp would move all the time",
            )
            .cure("write `every = \"1h\"`"),
        );
    }
    let step = every.as_ref().map_or(EVERY, |every| every.value);
    if let Some(over) = over.as_ref().filter(|over| over.value < step) {
        let mistake = Mistake::error(
            "bad-duration",
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
    let curve = if fields.has("curve") {
        let words = &[("geometric", Curve::Geometric), ("linear", Curve::Linear)];
        reader.word(&fields, "curve", words).map(|at| at.value)
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
    let adaptive = if fields.has("pace") {
        let words = &[("fixed", false), ("adaptive", true)];
        reader.word(fields, "pace", words)?.value
    } else {
        false
    };
    let budget = reader.number(fields, "risk_budget", "500");
    match (adaptive, budget) {
        (true, Some(At { value, span })) if value <= 0.0 => {
            reader.note(
                Mistake::error("bad-budget", span, "the risk budget is not above zero")
                    .cure("write how many excess bad events you tolerate: `risk_budget = 500`"),
            );
            None
        }
        (true, Some(At { value, .. })) => Some(Pace::Adaptive { risk_budget: value }),
        (true, None) => {
            if !fields.has("risk_budget") {
                reader.missing(
                    fields,
                    "risk_budget",
                    "write how many excess bad events you tolerate: `risk_budget = 500`",
                );
            }
            None
        }
        (false, Some(At { span, .. })) => {
            reader.note(
                Mistake::error("stray-budget", span, "a fixed pace spends no risk budget")
                    .cure("write `pace = \"adaptive\"`, or remove `risk_budget`"),
            );
            None
        }
        (false, None) => Some(Pace::Fixed),
    }
}
