//! What a change takes from the stages that a rollout under way still has before it.

use std::cmp::Ordering;

use super::consent::OR_SAY_WHY;
use super::guardrails::{harm, quoted};
use super::places::Places;
use crate::plan::{Curve, Mistake, MistakeCode, Pace, Plan, Ramp, RuleOut, Schedule, Stage};
use crate::units::{Exposure, Period};

/// Everything that makes the way to all users shorter or easier.
pub(super) fn weakened(before: &Plan, after: &Plan, places: &Places<'_>) -> Vec<Mistake> {
    let mut mistakes = match (&before.course, &after.course) {
        (Schedule::Stages(old), Schedule::Stages(new)) => stages(before, old, after, new, places),
        (Schedule::Ramp(old), Schedule::Ramp(new)) => ramp(old, new, places),
        (Schedule::Stages(_), Schedule::Ramp(_)) => {
            vec![replaced(places, "ramp", "stages", "a ramp")]
        }
        (Schedule::Ramp(_), Schedule::Stages(_)) => {
            vec![replaced(places, "stages", "a ramp", "stages")]
        }
    };
    mistakes.extend(after_less(before, after, places));
    mistakes
}

fn replaced(places: &Places<'_>, key: &str, old: &str, new: &str) -> Mistake {
    Mistake::error(
        MistakeCode::ChangedCourse,
        places.key(key).unwrap_or_else(|| places.end()),
        format!("the change replaces {old} with {new} while the rollout is under way"),
    )
    .cure(format!("let this rollout finish first, {OR_SAY_WHY}"))
}

fn stages(
    before: &Plan,
    old: &[Stage],
    after: &Plan,
    new: &[Stage],
    places: &Places<'_>,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let present = before
        .state
        .as_ref()
        .map_or(0, |state| state.stage as usize);
    for (number, was) in old.iter().enumerate().map(|(i, stage)| (i + 1, stage)) {
        // What is behind has done its work.
        if number < present {
            continue;
        }
        let found = new.iter().position(|stage| stage.exposure == was.exposure);
        let moved = new
            .get(number - 1)
            .filter(|now| !old.iter().any(|stage| stage.exposure == now.exposure))
            .map(|_| number - 1);
        match found.or(moved) {
            Some(index) => {
                mistakes.extend(raised(was, &new[index], index, places));
                mistakes.extend(stage(before, was, after, &new[index], index, places));
            }
            None => mistakes.push(removed(number, present, was, new, places)),
        }
    }
    mistakes
}

/// A stage that shows the change to more users than it did; fewer are nobody's trouble.
fn raised(was: &Stage, now: &Stage, index: usize, places: &Places<'_>) -> Option<Mistake> {
    (now.exposure > was.exposure).then(|| {
        Mistake::error(
            MistakeCode::RaisedStage,
            places.item("stages", index, "exposure"),
            format!(
                "the change raises stage {} to {}; it was {}",
                index + 1,
                now.exposure,
                was.exposure
            ),
        )
        .cure(format!(
            "write `exposure = {}`, and the new exposure as a stage after it, {OR_SAY_WHY}",
            was.exposure.percent()
        ))
    })
}

fn removed(
    number: usize,
    present: usize,
    was: &Stage,
    new: &[Stage],
    places: &Places<'_>,
) -> Mistake {
    let next = new.iter().position(|stage| stage.exposure > was.exposure);
    let below = new
        .iter()
        .map(|stage| stage.exposure)
        .filter(|exposure| *exposure < was.exposure)
        .max()
        .unwrap_or(Exposure::NONE);
    let whose = if number == present {
        "the present stage"
    } else {
        "a stage"
    };
    let mistake = match next {
        Some(index) => Mistake::error(
            MistakeCode::RemovedStage,
            places.item("stages", index, "exposure"),
            format!("the change removes {whose} at {}", was.exposure),
        )
        .label(format!(
            "exposure would go from {below} to {} at once",
            new[index].exposure
        )),
        None => Mistake::error(
            MistakeCode::RemovedStage,
            places.last("stages"),
            format!("the change removes {whose} at {}", was.exposure),
        )
        .label(format!("the rollout would end at {below}")),
    };
    mistake.cure(format!(
        "put the stage with `exposure = {}` back, {OR_SAY_WHY}",
        was.exposure.percent()
    ))
}

fn stage(
    before: &Plan,
    was: &Stage,
    after: &Plan,
    now: &Stage,
    index: usize,
    places: &Places<'_>,
) -> Vec<Mistake> {
    let Stage {
        exposure,
        min_duration,
        // After it a person decides: whatever it is, nothing goes on by itself.
        max_duration: _,
        rule_out,
        approval,
    } = was;
    let at = |key: &str| places.item("stages", index, key);
    let title = format!("the stage at {}", exposure);
    let mut mistakes = Vec::new();
    if now.min_duration < *min_duration {
        mistakes.push(
            Mistake::error(
                MistakeCode::ShortenedDuration,
                at("min_duration"),
                format!(
                    "the change shortens {title} to {}; it was {}",
                    now.min_duration, min_duration
                ),
            )
            .cure(format!(
                "write `min_duration = \"{}\"`, {OR_SAY_WHY}",
                min_duration
            )),
        );
    }
    if *approval && !now.approval {
        mistakes.push(
            Mistake::error(
                MistakeCode::RemovedApproval,
                at("approval"),
                format!("the change lets {title} be left without approval"),
            )
            .cure(format!("write `approval = true`, {OR_SAY_WHY}")),
        );
    }
    if *rule_out != now.rule_out
        && let Some(name) = ruled_out_less(before, was, after, now)
    {
        mistakes.push(
            Mistake::error(
                MistakeCode::WeakenedRuleOut,
                at("rule_out"),
                format!("the change rules out less harm before {title} is left"),
            )
            .label(format!("a larger harm to `{name}` could pass"))
            .cure(format!(
                "write `rule_out = {}`, {OR_SAY_WHY}",
                written(rule_out)
            )),
        );
    }
    mistakes
}

/// The first guardrail of which only a larger harm, or none, must be ruled out now.
fn ruled_out_less<'a>(before: &'a Plan, was: &Stage, after: &Plan, now: &Stage) -> Option<&'a str> {
    before.guardrails.iter().find_map(|old| {
        let new = after.guardrails.iter().find(|new| new.name == old.name)?;
        let size = was.rule_out.of(old)?;
        let less = match now.rule_out.of(new) {
            None => true,
            Some(other) => match harm(other, old.metric.kind.worse(), size) {
                Some(Ordering::Greater) | None => true,
                Some(Ordering::Less | Ordering::Equal) => false,
            },
        };
        less.then_some(old.name.as_str())
    })
}

/// A rule-out as a TOML value.
fn written(rule_out: &RuleOut) -> String {
    match rule_out {
        RuleOut::Margin => "\"margin\"".into(),
        RuleOut::Nothing => "\"nothing\"".into(),
        RuleOut::Every(effect) => quoted(*effect),
        RuleOut::Named(sizes) => {
            let sizes: Vec<String> = sizes
                .iter()
                .map(|(name, size)| format!("{name} = {}", quoted(*size)))
                .collect();
            format!("{{ {} }}", sizes.join(", "))
        }
    }
}

fn ramp(old: &Ramp, new: &Ramp, places: &Places<'_>) -> Vec<Mistake> {
    let Ramp {
        from,
        to,
        over,
        curve,
        every,
        pace,
    } = old;
    let shape = |curve: Curve| match curve {
        Curve::Geometric => "\"geometric\"",
        Curve::Linear => "\"linear\"",
    };
    let speed = |pace: Pace| match pace {
        Pace::Fixed => "\"fixed\"".to_owned(),
        Pace::Adaptive { risk_budget } => format!("\"adaptive\" with a budget of {risk_budget}"),
    };
    let riskier = match (*pace, new.pace) {
        (Pace::Adaptive { risk_budget: was }, Pace::Adaptive { risk_budget: now }) => now > was,
        (Pace::Fixed, Pace::Fixed) => false,
        (Pace::Fixed, Pace::Adaptive { .. }) | (Pace::Adaptive { .. }, Pace::Fixed) => true,
    };
    let time = |period: Period| format!("\"{period}\"");
    [
        ("from", new.from > *from, from.percent().to_string()),
        ("to", new.to > *to, to.percent().to_string()),
        ("over", new.over < *over, time(*over)),
        ("curve", new.curve != *curve, shape(*curve).to_owned()),
        // Auto, which is `None` and so the least, may be as short as traffic allows.
        (
            "every",
            new.every < *every,
            every.map_or("\"auto\"".into(), time),
        ),
        ("pace", riskier, speed(*pace)),
    ]
    .into_iter()
    .filter(|(_, faster, _)| *faster)
    .map(|(key, _, was)| {
        Mistake::error(
            MistakeCode::FasterRamp,
            places.within("ramp", key).unwrap_or_else(|| places.start()),
            format!("the change makes the ramp faster: `{key}` was {was}"),
        )
        .cure(format!("write `{key}` as it was, {OR_SAY_WHY}"))
    })
    .collect()
}

/// Plans that are not waited for any more, or for less.
fn after_less(before: &Plan, after: &Plan, places: &Places<'_>) -> Vec<Mistake> {
    before
        .after
        .iter()
        .filter(|old| {
            !after
                .after
                .iter()
                .any(|new| new.plan == old.plan && new.at_least >= old.at_least)
        })
        .map(|old| {
            Mistake::error(
                MistakeCode::WeakenedAfter,
                places.key("after").unwrap_or_else(|| places.start()),
                format!(
                    "the change waits no more until `{}` is at {}",
                    old.plan, old.at_least
                ),
            )
            .cure(format!(
                "write `\"{} >= {}\"` in `after`, {OR_SAY_WHY}",
                old.plan,
                old.at_least.percent()
            ))
        })
        .collect()
}
