//! Headings, captions and sentences of the page and of the index of several.

use std::fmt::Write as _;

use crate::plan::{Actor, Guardrail, Intervention, Plan, Status};
use crate::report::numbers;
use crate::units::{Instant, Period};

pub(in crate::report) const AT_A_GLANCE: &str = "At a glance";
pub(in crate::report) const EXPOSURE: &str = "Exposure";
pub(in crate::report) const GUARDRAILS: &str = "Guardrails";
pub(in crate::report) const TRANSITIONS: &str = "Transitions";
pub(in crate::report) const HOW_TO_READ: &str = "How to read this";

pub(in crate::report) const EFFECT: &str =
    "Effect: exposed against unexposed, with the interval that holds at all looks together";
pub(in crate::report) const LEVEL: &str = "Level of the exposed";
pub(in crate::report) const EVIDENCE: &str =
    "Evidence of harm, and of its absence: above its dashed line each is proven";
pub(in crate::report) const HARM: &str = "harm";
pub(in crate::report) const CLEAR: &str = "clear";

pub(in crate::report) const NOT_MEASURED: &str = "No measurement is on record yet.";
pub(in crate::report) const WAITING: &str = "Waiting:";
pub(in crate::report) const NO_EVIDENCE: &str = "no evidence";
pub(in crate::report) const SHOW_QUERY: &str = "Show this query in Prometheus";

pub(in crate::report) const NO_DIFFERENCE: &str = "no difference";
pub(in crate::report) const MARGIN: &str = "margin";
pub(in crate::report) const LIMIT: &str = "limit";
pub(in crate::report) const RULE_OUT: &str = "rule-out";

/// A status with a space where programs have an underscore.
pub(in crate::report) const fn status(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Progressing => "progressing",
        Status::Paused => "paused",
        Status::RolledBack => "rolled back",
        Status::Complete => "complete",
    }
}

/// Where the plan stands, in words that are given, whose it is, and when that was so.
pub(in crate::report) fn standing(plan: &Plan, stands: &str, now: Instant) -> String {
    let mut text = String::new();
    if plan.state.is_some() {
        let mut letters = stands.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    } else {
        text.push_str("Nobody is exposed yet");
    }
    // Writing to a string cannot fail.
    if let Some(owner) = &plan.owner {
        let _ = write!(text, ". Owner: {owner}");
    }
    let _ = write!(text, ". {}", as_of(now));
    text
}

/// When a page is of.
pub(in crate::report) fn as_of(now: Instant) -> String {
    format!("As of {}.", numbers::date_and_time(now))
}

/// Why the page is from the records alone.
pub(in crate::report) fn from_records(trouble: &str) -> String {
    format!("From the records alone: {trouble}")
}

/// That Prometheus was not asked, and how it is.
pub(in crate::report) fn not_asked(plan: &str) -> String {
    format!("From the records alone; `rollout check {plan}` says how it is now.")
}

/// The name of the line of the exposure, at its end.
pub(in crate::report) fn exposed_now(percent: f64) -> String {
    format!("exposed {percent} %")
}

/// What to type next.
pub(in crate::report) fn next(command: &str) -> String {
    format!("Next: {command}")
}

/// That what follows is of the rollback, and where it is kept.
pub(in crate::report) fn at_the_rollback(at: Instant, path: &str) -> String {
    format!(
        "As it was at the rollback, {}, from {path}.",
        numbers::date_and_time(at)
    )
}

/// `Rolled back by the guardrail errors`: what happened and who or what did it.
pub(in crate::report) fn stopped(status: Status, stop: &Intervention) -> String {
    let what = match status {
        Status::Paused => "Paused",
        Status::Pending | Status::Progressing | Status::RolledBack | Status::Complete => {
            "Rolled back"
        }
    };
    match &stop.by {
        Actor::Person(name) => format!("{what} by {name}"),
        Actor::Guardrail(name) => format!("{what} by the guardrail {name}"),
    }
}

/// The name of the line of a margin or limit, which is what must be ruled out, too, where that is said.
pub(in crate::report) fn bound(name: &str, is_ruled_out: bool, value: &str) -> String {
    if is_ruled_out {
        format!("{name}, {RULE_OUT} {value}")
    } else {
        format!("{name} {value}")
    }
}

/// The name of the line of what must be ruled out, or had to be in an earlier stage.
pub(in crate::report) fn rule_out(value: &str, is_past: bool) -> String {
    if is_past {
        format!("earlier {RULE_OUT} {value}")
    } else {
        format!("{RULE_OUT} {value}")
    }
}

/// The name of the line above which evidence of this is proof; `None` where what is needed changes from look
/// to look, and the line stands for all of it.
pub(in crate::report) fn needed_for(what: &str, value: Option<f64>) -> String {
    value.map_or_else(
        || format!("proves {what}"),
        |value| format!("proves {what}: {value:.1}"),
    )
}

/// The name of the line above which evidence is proof.
pub(in crate::report) fn needed(value: f64) -> String {
    format!("proof: {value:.1}")
}

/// What a guardrail is, in a line.
pub(in crate::report) fn guardrail(guardrail: &Guardrail) -> String {
    let mut parts = vec![
        guardrail.category.key().to_owned(),
        guardrail.metric.kind.key().to_owned(),
    ];
    if let Some(margin) = guardrail.margin {
        parts.push(format!("{MARGIN} {}", numbers::effect(margin)));
    }
    if let Some(limit) = guardrail.limit {
        parts.push(format!("{LIMIT} {}", numbers::bound(limit)));
    }
    parts.push(format!("breach: {}", guardrail.on_breach.key()));
    parts.join(", ")
}

/// The heading of the plot of both arms, by the length of its longest window.
pub(in crate::report) fn both_arms(window: Option<Period>) -> String {
    window.map_or_else(
        || "Both arms over time".to_owned(),
        |window| format!("Both arms over time, in windows of {}", window.rough()),
    )
}

/// What the table behind the plots of a guardrail holds.
pub(in crate::report) fn numbers_behind(guardrail: &str) -> String {
    format!("Numbers behind the plots of {guardrail}")
}

/// What the plot of both arms shows, for those who cannot see it.
pub(in crate::report) fn over_time(guardrail: &str) -> String {
    format!("{guardrail} of both arms over time")
}

/// What the plot of the effect shows, for those who cannot see it.
pub(in crate::report) fn effect_over_time(guardrail: &str) -> String {
    format!("Effect on {guardrail} over time")
}

/// What the plot of the evidence shows, for those who cannot see it.
pub(in crate::report) fn evidence_over_time(guardrail: &str) -> String {
    format!("Evidence on {guardrail} over time")
}

/// What the plot of the exposure shows, for those who cannot see it.
pub(in crate::report) fn exposure_over_time(plan: &str) -> String {
    format!("Exposure of {plan} over time")
}

/// Transitions that are folded away.
pub(in crate::report) fn earlier(count: usize) -> String {
    format!("{count} earlier")
}

/// What the numbers mean, for this plan's chances of error: a paragraph each.
pub(in crate::report) fn reading(plan: &Plan) -> [String; 3] {
    let (rollback, advance) = (plan.judge.rollback_alpha, plan.judge.advance_alpha);
    [
        "The effect compares the users who see the change with those who do not, over the same minutes. \
         The shaded interval holds at all looks together with 95 % confidence, however often somebody looks."
            .to_owned(),
        format!(
            "Evidence is the logarithm of an e-value: 0 says nothing, and each step of 1 is a factor of 2.7. \
             The chance that a release without harm beyond its margins is ever rolled back is at most {} over \
             the whole rollout, however often it is looked at; the chance of leaving a stage although the harm \
             that it must rule out is there is at most {} for each guardrail.",
            numbers::percent(rollback.get()),
            numbers::percent(advance.get())
        ),
        "Where lines stop and the ground is hatched there was no usable evidence: nothing was measured, or not yet \
         enough. A new stage starts a new line.".to_owned(),
    ]
}

/// What an index says of how long a plan is in its stage, and whose it is.
pub(in crate::report) fn age_and_owner(age: Option<Period>, owner: Option<&str>) -> String {
    let age = age.map(|age| format!("In this stage for {}.", age.rough()));
    let owner = owner.map(|owner| format!("Owner: {owner}."));
    let parts: Vec<String> = age.into_iter().chain(owner).collect();
    parts.join(" ")
}
