//! What it takes, or would have taken, for the plan to go on: for each guardrail that stands in the way the
//! value with which it would not, beside the value that was seen, and the command to type. It repeats the
//! judge's numbers and works out nothing but where the margin lies in the metric's own unit.

use crate::decide::{Action, Decision, GateState, Reason, RecordedAction};
use crate::judge::{Finding, Judgement, Measure, Scale, Strength, Verdict};
use crate::plan::{Guardrail, OnBreach, Plan, Role};

use super::super::numbers;
use super::super::status::is_about_evidence;
use super::super::words::{clear, harm};
use super::recorded::{Recorded, next};

/// What stands in the way, as label and text; and what a person types, where it is for a person.
pub(super) fn outlook(
    plan: &Plan,
    judgement: Option<&Judgement>,
    decision: &Decision,
    recorded: Option<&Recorded<'_>>,
) -> Vec<(String, String)> {
    let findings = judgement.map_or(&[][..], |judgement| &judgement.findings);
    let mut lines: Vec<(String, String)> = findings
        .iter()
        .filter_map(|finding| {
            let guardrail = plan
                .guardrails
                .iter()
                .find(|one| one.name == finding.name)?;
            Some((finding.name.clone(), of(guardrail, finding)?))
        })
        .collect();
    // What only kept the exposure from being raised has not taken it back.
    let decides = |reason: &Reason| {
        !matches!(decision.action, Action::Rollback { .. })
            || decision.told().any(|told| told == reason)
    };
    let others = decision.gates.iter().filter_map(|gate| match &gate.state {
        GateState::Closed(reason) if !is_about_evidence(reason) && decides(reason) => {
            Some((gate.name.key().to_owned(), reason.to_string()))
        }
        GateState::Closed(_) | GateState::Open | GateState::NotApplicable => None,
    });
    lines.extend(others);
    let name = &plan.name;
    let action: RecordedAction =
        recorded.map_or_else(|| decision.action.into(), |one| one.action.clone());
    let command = next(name, &action);
    lines.extend(command.map(|text| ("a person".to_owned(), text)));
    lines
}

/// What one guardrail asks for; `None` where it is in nobody's way.
fn of(guardrail: &Guardrail, finding: &Finding) -> Option<String> {
    match finding.verdict {
        Verdict::Pass | Verdict::NotApplicable => None,
        Verdict::NoData(_) => Some("data of both arms: there is no usable evidence".to_owned()),
        Verdict::Breach => match finding.on_breach {
            OnBreach::Rollback | OnBreach::Pause => Some(breach(guardrail, finding)),
            OnBreach::Warn => None,
        },
        Verdict::Inconclusive if finding.role == Role::Success => None,
        Verdict::Inconclusive => inconclusive(guardrail, finding),
    }
}

fn breach(guardrail: &Guardrail, finding: &Finding) -> String {
    let kind = guardrail.metric.kind;
    let limit = finding.limit.as_ref().filter(|limit| limit.breached);
    let measure = finding.measure.as_ref();
    if let Some(limit) = limit {
        let seen = measure.map_or_else(String::new, |measure| {
            format!(": {} was seen", numbers::arm(kind, &measure.exposed))
        });
        let bound = numbers::bound(limit.bound);
        return format!("the exposed arm within its limit of {bound}{seen}");
    }
    let Strength { value, needed } = finding.harm;
    let proof = if value.0 < needed.0 {
        format!(
            "proven at an earlier look; evidence {} now",
            harm(finding.harm)
        )
    } else {
        format!("proven: evidence {}", harm(finding.harm))
    };
    let margin = measure.and_then(|measure| Some((measure, measure.margin?)));
    match margin {
        Some((measure, margin)) => format!(
            "{}: {} was seen, harm that is {proof}",
            no_worse(guardrail, measure, margin),
            seen(guardrail, measure)
        ),
        None => format!("no harm beyond what is tolerated: it is {proof}"),
    }
}

fn inconclusive(guardrail: &Guardrail, finding: &Finding) -> Option<String> {
    let leaning = finding.leaning.map(|_| {
        format!(
            "no lean to harm: evidence of it is {}, which rolls nothing back yet and lets nothing go on",
            harm(finding.harm)
        )
    });
    let measure = finding.measure.as_ref();
    let ruled_out = measure.and_then(|measure| {
        let rule_out = measure.rule_out?;
        let wait = measure.expected_wait.map_or_else(String::new, |wait| {
            format!("; about {} more at the present rate", wait.rough())
        });
        let (value, needed) = finding.clear?.numbers();
        if value.is_some_and(|value| value >= needed) {
            // It is not this that is missing.
            return Some(finding.why.to_string());
        }
        let size = numbers::on_scale(guardrail.metric.kind, measure.scale, rule_out);
        let clear = clear(finding.clear);
        Some(format!("harm of {size} ruled out: {clear} so far{wait}"))
    });
    leaning.or(ruled_out)
}

/// `no worse than 1.10x, which is 1.11 % here`: the margin, and what it comes to in the exposed arm.
fn no_worse(guardrail: &Guardrail, measure: &Measure, margin: f64) -> String {
    let kind = guardrail.metric.kind;
    let size = numbers::on_scale(kind, measure.scale, margin);
    let here = in_own_unit(measure, margin).map_or_else(String::new, |here| {
        format!(", which is {} here", numbers::value(kind, here))
    });
    format!("no worse than {size}{here}")
}

/// `2.77x (2.77 %)`.
fn seen(guardrail: &Guardrail, measure: &Measure) -> String {
    let kind = guardrail.metric.kind;
    let estimate = numbers::estimate(kind, measure);
    match measure.exposed.value {
        Some(_) => format!("{estimate} ({})", numbers::arm(kind, &measure.exposed)),
        None => estimate,
    }
}

/// Where a size on the scale lies in the exposed arm's own unit; `None` where the scale compares something
/// else than the values that are shown, such as shares beyond a bucket's bound.
fn in_own_unit(measure: &Measure, size: f64) -> Option<f64> {
    let (exposed, unexposed) = (measure.exposed.value?, measure.unexposed?.value?);
    let (estimate, here) = match measure.scale {
        Scale::Ratio => (exposed / unexposed, unexposed * size),
        Scale::Difference => (exposed - unexposed, unexposed + size),
        Scale::Level => return None,
    };
    let is_of_values = (measure.estimate? - estimate).abs() <= 0.02 * estimate.abs();
    is_of_values.then_some(here)
}
