//! Unleash: a feature is on where one of its strategies says yes.

use super::super::node::Node;
use super::place::{Beside, Scene};
use super::same::holds_something;

pub(in crate::targets) fn unleash(scene: &Scene<'_, '_>) -> Vec<Beside> {
    let Some(split) = scene.splits.first().filter(|_| !scene.is_off) else {
        return Vec::new();
    };
    let strategies = split.root.get("strategies").map_or(&[][..], Node::items);
    let is_own = |strategy: &Node| {
        let parameters = strategy.get("parameters");
        parameters.is_some_and(|parameters| parameters.span == split.holder.span)
    };
    let others = strategies.iter().filter(|strategy| !is_own(strategy));
    others.filter_map(beside).collect()
}

fn beside(strategy: &Node) -> Option<Beside> {
    let name = strategy.text_at(&["name"])?;
    let percentage = || strategy.text_at(&["parameters", "percentage"]);
    let is_bounded = ["constraints", "segments"]
        .iter()
        .any(|key| holds_something(strategy.get(key)));
    let selects = match name {
        _ if is_bounded => true,
        "default" => false,
        // It shares all users, by another number than the plan's.
        _ if name.starts_with("gradualRollout") => match percentage() {
            Some("0") | None => return None,
            Some(_) => false,
        },
        _ => true,
    };
    let what = format!("the strategy `{name}`");
    Some(Beside::rule(selects, &strategy.span, &what))
}
