//! Mistakes that only show when all plans of a directory are looked at together: `after` that
//! leads nowhere or in a circle, two rollouts that confound each other, and two that write one target.
//!
//! Users who are exposed must never go unwatched because of another file, so these are errors only
//! for plans that expose nobody yet; for the others they are warnings.

use std::collections::HashMap;
use std::ops::Range;

use super::places::place_of_target;
use super::spanned;
use super::words::{listed, nearest};
use crate::plan::model::{Config, Mistake, MistakeCode, Plan};

/// Checks plans, each with the text it was read from; gives the index of the plan and the mistake.
#[must_use]
pub fn check_together(plans: &[(&str, &Plan)], config: &Config) -> Vec<(usize, Mistake)> {
    let mut found = Vec::new();
    let by_name: HashMap<&str, &Plan> = plans
        .iter()
        .map(|(_, plan)| (plan.name.as_str(), *plan))
        .collect();
    for (index, (text, plan)) in plans.iter().enumerate() {
        for after in &plan.after {
            let place = || after_place(text, &after.plan);
            if !by_name.contains_key(after.plan.as_str()) {
                found.push((index, unknown(plan, &after.plan, place(), plans)));
            } else if let Some(circle) = circle(plan, &after.plan, &by_name) {
                let mut way = circle.clone();
                way.push(plan.name.clone());
                let mistake = noted(
                    plan,
                    MistakeCode::AfterCircle,
                    place(),
                    format!("`{}` waits for itself: {}", plan.name, way.join(" -> ")),
                )
                .label("the circle goes through here")
                .cure("remove one of these from `after`: none of the plans could ever advance");
                found.push((index, mistake));
            }
        }
        found.extend(overwritten(index, text, plan, plans).map(|m| (index, m)));
        found.extend(confounded(index, text, plan, plans, config).map(|m| (index, m)));
    }
    found
}

/// A mistake that never takes a plan away from those who watch over exposed users.
fn noted(plan: &Plan, code: MistakeCode, span: Range<usize>, message: String) -> Mistake {
    if plan.is_exposed() {
        Mistake::warning(code, span, message)
    } else {
        Mistake::error(code, span, message)
    }
}

fn unknown(plan: &Plan, after: &str, place: Range<usize>, plans: &[(&str, &Plan)]) -> Mistake {
    let names: Vec<&str> = plans
        .iter()
        .map(|(_, other)| other.name.as_str())
        .filter(|name| *name != plan.name)
        .collect();
    let cure = match nearest(after, names.iter().copied()) {
        Some(near) => format!("write `{near}`"),
        None if names.is_empty() => {
            "remove it: there is no other valid plan in this directory".into()
        }
        None => format!("the directory has {}", listed(&names)),
    };
    noted(
        plan,
        MistakeCode::UnknownPlan,
        place,
        format!("there is no valid plan `{after}` to wait for"),
    )
    .label("unknown plan")
    .cure(cure)
}

/// The way from this plan over its first step back to itself, without the last step.
fn circle(plan: &Plan, first: &str, plans: &HashMap<&str, &Plan>) -> Option<Vec<String>> {
    let own = plan.name.as_str();
    let mut from: HashMap<&str, &str> = HashMap::from([(first, own)]);
    let mut open = vec![first];
    while let Some(last) = open.pop() {
        if last == own {
            let mut way = Vec::new();
            let mut at = own;
            while way.is_empty() || at != own {
                at = from.get(at)?;
                way.push(at.to_owned());
            }
            way.reverse();
            return Some(way);
        }
        for after in plans.get(last).iter().flat_map(|other| &other.after) {
            if !from.contains_key(after.plan.as_str()) {
                from.insert(&after.plan, last);
                open.push(&after.plan);
            }
        }
    }
    None
}

/// Two plans with exposed users on one exclusive surface, told at both: either owner may act.
fn confounded(
    index: usize,
    text: &str,
    plan: &Plan,
    plans: &[(&str, &Plan)],
    config: &Config,
) -> Option<Mistake> {
    let name = plan.surface.as_ref()?;
    let surface = config.surfaces.get(name)?;
    // A complete plan is what users have now: everybody has it, in both arms of the other.
    let active = |plan: &Plan| plan.is_exposed() && plan.needs_data();
    if !surface.exclusive || !active(plan) {
        return None;
    }
    let others: Vec<&str> = plans
        .iter()
        .enumerate()
        .filter(|(other, (_, p))| *other != index && p.surface.as_ref() == Some(name) && active(p))
        .map(|(_, (_, p))| p.name.as_str())
        .collect();
    if others.is_empty() {
        return None;
    }
    Some(
        Mistake::warning(
            MistakeCode::SharedSurface,
            value_place(text, "surface"),
            format!(
                "`{}` and {} expose users of surface `{name}` at the same time",
                plan.name,
                listed(&others)
            ),
        )
        .label("this surface is exclusive")
        .cure(format!(
            "the harm of one is seen in the other: let one finish first, `rollout rollback {}` takes this one back",
            plan.name
        )),
    )
}

/// A target that another plan writes, too: each run of one would undo the other's. Told at both.
fn overwritten(index: usize, text: &str, plan: &Plan, plans: &[(&str, &Plan)]) -> Option<Mistake> {
    plan.targets.iter().enumerate().find_map(|(at, target)| {
        let mut others = plans
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        let (_, (_, other)) =
            others.find(|(_, (_, other))| other.targets.iter().any(|o| target.collides_with(o)))?;
        let mistake = noted(
            plan,
            MistakeCode::SharedTarget,
            place_of_target(text, at),
            format!("`{}` and `{}` write the same target", plan.name, other.name),
        )
        .label("each would undo what the other writes")
        .cure("remove the target from one of the two, or give it a flag or a file of its own");
        Some(mistake)
    })
}

fn after_place(text: &str, name: &str) -> Range<usize> {
    let (root, _) = spanned::recovered(text);
    let items = root
        .get_ref()
        .get("after")
        .and_then(|v| v.get_ref().as_array());
    items
        .into_iter()
        .flat_map(|array| array.iter())
        .find(|item| {
            let written = item.get_ref().as_str().unwrap_or_default();
            written.split(">=").next().unwrap_or_default().trim() == name
        })
        .map_or_else(|| value_place(text, "after"), toml::Spanned::span)
}

fn value_place(text: &str, key: &str) -> Range<usize> {
    let (root, _) = spanned::recovered(text);
    root.get_ref()
        .get(key)
        .map(toml::Spanned::span)
        .unwrap_or_default()
}
