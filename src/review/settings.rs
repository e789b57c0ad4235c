//! What a change takes from the shared settings: budgets, windows, freezes, surfaces. What changed
//! metrics and arms do to a plan is found in the plan that uses them.

use chrono::{NaiveTime, SecondsFormat, TimeDelta};

use super::consent::{Given, SETTINGS_SAY_WHY as OR_SAY_WHY, classify_findings};
use super::places::Places;
use crate::plan::{Calendar, Config, Freeze, JudgeSettings, Mistake, MistakeCode, Surface, Window};
use crate::units::{Instant, Probability};

/// The shared settings before and after a change.
#[derive(Debug, Clone, Copy)]
pub struct RevisedSettings<'a> {
    /// Before.
    pub before: &'a Config,
    /// After.
    pub after: &'a Config,
    /// The text of `after`; the mistakes point into it.
    pub text: &'a str,
    /// The plans that had users before the change.
    pub under_way: &'a [String],
    /// The instant of the comparison: what is over by then protects nobody any more.
    pub now: Instant,
}

/// Everything that protects less after the change, or protects otherwise in the middle of a rollout.
/// Refusals become warnings when the change gives a new `reason` at the top of the settings.
#[must_use]
pub fn compare_settings(revised: &RevisedSettings<'_>) -> Vec<Mistake> {
    let places = Places::new(revised.text);
    // A new setting must be looked at here: does less of it protect less?
    let Config {
        reason: _,
        // Whom the gate asks is the base branch's doing, and changes are noticed there.
        prometheus: _,
        // Found in the plans that have none of their own.
        arms: _,
        judge:
            JudgeSettings {
                rollback_alpha: _,
                advance_alpha: _,
                block: _,
                warmup: _,
                gross_for: _,
                gross: _,
                preflight: _,
            },
        // Found in the plans that use them.
        metrics: _,
        surfaces: _,
        calendar: Calendar {
            windows: _,
            freezes: _,
        },
        // What is told and kept of a decision decides nothing.
        git: _,
        notify: _,
    } = revised.before;
    let mut mistakes = budgets(revised, &places);
    mistakes.extend(preflight(revised, &places));
    mistakes.extend(under_way(revised, &places));
    mistakes.extend(windows(revised, &places));
    mistakes.extend(freezes(revised, &places));
    mistakes.extend(surfaces(revised, &places));
    let given = Given::new(&revised.before.reason, &revised.after.reason, &places);
    let mut mistakes = classify_findings(mistakes, given);
    mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    mistakes
}

/// The chances of being wrong. Higher ones are weaker, at any time.
fn budgets(revised: &RevisedSettings<'_>, places: &Places<'_>) -> Vec<Mistake> {
    let (old, new) = (&revised.before.judge, &revised.after.judge);
    let raised = |key: &str, was: Probability, now: Probability, then: &str| {
        (now > was).then(|| {
            Mistake::error(
                MistakeCode::RaisedAlpha,
                places.in_settings("judge", key),
                format!(
                    "the change raises `{key}` to {}; it was {}",
                    now.get(),
                    was.get()
                ),
            )
            .label(then)
            .cure(format!("write `{key} = {}`, {OR_SAY_WHY}", was.get()))
        })
    };
    [
        raised(
            "rollback_alpha",
            old.rollback_alpha,
            new.rollback_alpha,
            "more rollouts would be rolled back for nothing",
        ),
        raised(
            "advance_alpha",
            old.advance_alpha,
            new.advance_alpha,
            "more stages would be left although they do harm",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// First users of whom nobody has asked whether anything can be seen of them.
fn preflight(revised: &RevisedSettings<'_>, places: &Places<'_>) -> Option<Mistake> {
    let (was, now) = (&revised.before.judge, &revised.after.judge);
    (was.preflight && !now.preflight).then(|| {
        Mistake::error(
            MistakeCode::PreflightOff,
            places.in_settings("judge", "preflight"),
            "the change turns `preflight` off".to_owned(),
        )
        .label("users would be exposed without a question whether the plan can be judged")
        .cure(format!("remove `preflight = false`, {OR_SAY_WHY}"))
    })
}

/// What must not change in the middle, in either direction.
fn under_way(revised: &RevisedSettings<'_>, places: &Places<'_>) -> Vec<Mistake> {
    if revised.under_way.is_empty() {
        return Vec::new();
    }
    let (old, new) = (revised.before, revised.after);
    let who = revised.under_way.join(", ");
    let mut mistakes = Vec::new();
    let mut note = |table: &str, key: &str, was: String, differs: bool, then: &str| {
        if differs {
            mistakes.push(
                Mistake::error(
                    MistakeCode::SettingsChanged,
                    places.in_settings(table, key),
                    format!("the change sets another `{key}` while a rollout is under way: {who}"),
                )
                .label(then)
                .cure(format!(
                    "write `{key} = {was}` until no rollout is under way, {OR_SAY_WHY}"
                )),
            );
        }
    };
    let restarts = "the evidence of every rollout under way would start again";
    let quoted = |text: &str| format!("\"{text}\"");
    let (was, now) = (&old.judge, &new.judge);
    note(
        "judge",
        "block",
        was.block
            .map_or_else(|| quoted("auto"), |block| quoted(&block.to_string())),
        was.block != now.block,
        restarts,
    );
    note(
        "judge",
        "warmup",
        was.warmup
            .map_or_else(|| quoted("auto"), |blocks| blocks.to_string()),
        was.warmup != now.warmup,
        "other blocks of the same stage would count",
    );
    note(
        "judge",
        "gross_for",
        was.gross_for
            .map_or_else(|| quoted("auto"), |time| quoted(&time.to_string())),
        was.gross_for != now.gross_for,
        "the first part of every stage under way would be judged otherwise",
    );
    note(
        "judge",
        "gross",
        quoted(&was.gross.to_string()),
        was.gross != now.gross,
        "the first part of every stage under way would be judged otherwise",
    );
    // Raised ones are refused at any time.
    let promised = "the budget was promised for the whole rollout";
    for (key, was, now) in [
        ("rollback_alpha", was.rollback_alpha, now.rollback_alpha),
        ("advance_alpha", was.advance_alpha, now.advance_alpha),
    ] {
        note("judge", key, was.get().to_string(), now < was, promised);
    }
    mistakes
}

/// Times at which a step forward could be taken and could not before.
fn windows(revised: &RevisedSettings<'_>, places: &Places<'_>) -> Vec<Mistake> {
    let (old, new) = (
        &revised.before.calendar.windows,
        &revised.after.calendar.windows,
    );
    if old.is_empty() {
        return Vec::new();
    }
    let listed: Vec<String> = old.iter().map(|window| format!("`{window}`")).collect();
    let listed = listed.join(" and ");
    if new.is_empty() {
        return vec![
            Mistake::error(
                MistakeCode::RemovedWindows,
                places.end(),
                format!("the change removes every window: {listed}"),
            )
            .label("advances would happen at any time")
            .cure(format!("put them back, {OR_SAY_WHY}")),
        ];
    }
    new.iter()
        .enumerate()
        .filter(|(_, window)| !old.iter().any(|was| within(window, was)))
        .map(|(index, window)| {
            Mistake::error(
                MistakeCode::WidenedWindow,
                places.item("windows", index, "days"),
                format!("the change opens a window that no window held: `{window}`"),
            )
            .label(format!("open was {listed}"))
            .cure(format!("write the windows as they were, {OR_SAY_WHY}"))
        })
        .collect()
}

/// True when the other window is open whenever this one is. Zones are compared by name: two of them
/// may part at any change of the law.
fn within(inner: &Window, outer: &Window) -> bool {
    let span = |window: &Window| {
        let since_midnight = |time: NaiveTime| time.signed_duration_since(NaiveTime::MIN);
        let (from, to) = (since_midnight(window.from), since_midnight(window.to));
        let next_day = if to <= from {
            TimeDelta::days(1)
        } else {
            TimeDelta::zero()
        };
        (from, to + next_day)
    };
    let ((from, to), (earliest, latest)) = (span(inner), span(outer));
    inner.tz == outer.tz
        && from >= earliest
        && to <= latest
        && inner.days.iter().all(|day| outer.days.contains(day))
}

/// Freezes that end earlier, begin later, or are gone.
fn freezes(revised: &RevisedSettings<'_>, places: &Places<'_>) -> Vec<Mistake> {
    let (old, new) = (
        &revised.before.calendar.freezes,
        &revised.after.calendar.freezes,
    );
    let now = revised.now;
    let begins = |freeze: &Freeze| freeze.from.filter(|from| *from > now);
    let mut mistakes = Vec::new();
    for was in old.iter().filter(|freeze| freeze.until > now) {
        let covered = |freeze: &&Freeze| freeze.until >= was.until && begins(freeze) <= begins(was);
        if new.iter().any(|freeze| covered(&freeze)) {
            continue;
        }
        let heir = new
            .iter()
            .position(|freeze| freeze.reason == was.reason)
            .or_else(|| new.iter().position(|freeze| freeze.from == was.from));
        let title = format!("the freeze \"{}\" until {}", was.reason, written(was.until));
        mistakes.push(match heir {
            None => Mistake::error(
                MistakeCode::RemovedFreeze,
                places.last("freezes"),
                format!("the change removes {title}"),
            )
            .cure(format!("put it back, {OR_SAY_WHY}")),
            Some(index) => {
                let shorter = new[index].until < was.until;
                let (key, value) = if shorter {
                    ("until", Some(was.until))
                } else {
                    ("from", was.from)
                };
                let cure = value.map_or_else(
                    || format!("remove `{key}`"),
                    |value| format!("write `{key} = {}`", written(value)),
                );
                Mistake::error(
                    MistakeCode::NarrowedFreeze,
                    places.item("freezes", index, key),
                    format!("the change narrows {title}"),
                )
                .label("advances would happen where they are stopped now")
                .cure(format!("{cure}, {OR_SAY_WHY}"))
            }
        });
    }
    mistakes
}

/// Surfaces that ask less of their plans.
fn surfaces(revised: &RevisedSettings<'_>, places: &Places<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (name, was) in &revised.before.surfaces {
        let Surface {
            guardrails,
            exclusive,
        } = was;
        let Some(now) = revised.after.surfaces.get(name) else {
            if *exclusive || !guardrails.is_empty() {
                mistakes.push(
                    Mistake::error(
                        MistakeCode::RemovedSurface,
                        places.key("surfaces").unwrap_or_else(|| places.end()),
                        format!("the change removes the surface `{name}`"),
                    )
                    .label("nothing would be required of plans that touch it")
                    .cure(format!("put `[surfaces.{name}]` back, {OR_SAY_WHY}")),
                );
            }
            continue;
        };
        let gone: Vec<&str> = guardrails
            .iter()
            .filter(|required| !now.guardrails.contains(required))
            .map(String::as_str)
            .collect();
        if !gone.is_empty() {
            let listed: Vec<String> = guardrails
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect();
            mistakes.push(
                Mistake::error(
                    MistakeCode::RequiresLess,
                    places.deep(&["surfaces", name, "guardrails"]),
                    format!(
                        "the change lets plans on the surface `{name}` do without `{}`",
                        gone.join("` and `")
                    ),
                )
                .cure(format!(
                    "write `guardrails = [{}]`, {OR_SAY_WHY}",
                    listed.join(", ")
                )),
            );
        }
        if *exclusive && !now.exclusive {
            mistakes.push(
                Mistake::error(
                    MistakeCode::NoLongerExclusive,
                    places.deep(&["surfaces", name, "exclusive"]),
                    format!("the change lets two rollouts be on the surface `{name}` at once"),
                )
                .label("they would confound each other")
                .cure(format!("write `exclusive = true`, {OR_SAY_WHY}")),
            );
        }
    }
    mistakes
}

fn written(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
