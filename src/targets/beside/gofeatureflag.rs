//! GO Feature Flag: rules in their order, then the default rule; at their dates scheduled steps write over
//! both.

use super::super::node::Node;
use super::place::{Beside, Scene};
use super::same::names_like;

pub(in crate::targets) fn gofeatureflag(scene: &Scene<'_, '_>) -> Vec<Beside> {
    let Some(split) = scene.splits.first().filter(|_| !scene.is_off) else {
        return Vec::new();
    };
    let flag = split.root;
    let names = names_like(flag.get("variations"), scene.exposed);
    let mut found = targeting(flag, &names);
    let default = flag.get("defaultRule");
    if let Some(entry) = default.and_then(|rule| rule.entry("progressiveRollout"))
        && progresses(&entry.value, &names)
    {
        found.push(Beside::everybody(
            &entry.key_span,
            "`progressiveRollout` counts in place of `percentage`",
            "remove it: the plan says when how many users are exposed",
        ));
    }
    for step in flag.get("scheduledRollout").map_or(&[][..], Node::items) {
        found.extend(targeting(step, &names));
        // A variation there does not count beside the percentage that stays.
        let rule = step.entry("defaultRule");
        if let Some(entry) = rule.filter(|entry| shares(&entry.value, &names)) {
            found.push(Beside::everybody(
                &entry.key_span,
                "at its date `scheduledRollout` writes another share over that of the plan",
                "remove the step: the plan says when how many users are exposed",
            ));
        }
    }
    found
}

fn targeting(holder: &Node, names: &[&str]) -> Vec<Beside> {
    let mut found = Vec::new();
    for rule in holder.get("targeting").map_or(&[][..], Node::items) {
        if rule.text_at(&["disable"]) == Some("true") {
            continue;
        }
        let selects = rule
            .text_at(&["query"])
            .is_some_and(|query| !query.trim().is_empty());
        let fixed = rule.text_at(&["variation"]);
        if shares(rule, names) || fixed.is_some_and(|name| names.contains(&name)) {
            found.push(Beside::rule(selects, &rule.span, "a rule of `targeting`"));
        }
    }
    found
}

/// Whether a rule gives a share of users one of these variations.
fn shares(rule: &Node, names: &[&str]) -> bool {
    if let Some(progress) = rule.get("progressiveRollout") {
        return progresses(progress, names);
    }
    let shares = rule.get("percentage").map_or(&[][..], Node::entries);
    shares.iter().any(|share| {
        let number = share.value.text().unwrap_or_default();
        names.contains(&share.key.as_str()) && number.parse() != Ok(0.0)
    })
}

fn progresses(progress: &Node, names: &[&str]) -> bool {
    ["initial", "end"].iter().any(|end| {
        let name = progress.text_at(&[end, "variation"]);
        name.is_some_and(|name| names.contains(&name))
    })
}
