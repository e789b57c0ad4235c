//! GrowthBook: rules in their order, of which the first that applies decides, then the default value.

use super::super::node::Node;
use super::place::{Beside, Scene};
use super::same::{holds_something, same};

pub(in crate::targets) fn growthbook(scene: &Scene<'_, '_>) -> Vec<Beside> {
    let Some(split) = scene.splits.first() else {
        return Vec::new();
    };
    let (feature, own) = (split.root, split.holder);
    let of_variations = own.get("variations").map(|variations| {
        let place = scene.exposed.parse::<usize>().ok();
        place.and_then(|place| variations.items().get(place))
    });
    let Some(exposed) = of_variations.unwrap_or_else(|| own.get("force")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for rule in feature.get("rules").map_or(&[][..], Node::items) {
        // Whom it leaves out gets what follows.
        if rule.span == own.span {
            continue;
        }
        let Some(force) = rule.entry("force") else {
            continue;
        };
        let selects = ["condition", "savedGroups", "parentConditions"]
            .iter()
            .any(|key| holds_something(rule.get(key)));
        if same(&force.value, exposed) {
            let what = "a rule with `force`";
            found.push(Beside::rule(selects, &force.key_span, what));
        }
        let shares = ["range", "filters", "namespace"];
        if !selects && !shares.iter().any(|key| holds_something(rule.get(key))) {
            return found;
        }
    }
    if let Some(entry) = feature.entry("defaultValue")
        && same(&entry.value, exposed)
    {
        found.push(Beside::everybody(
            &entry.value.span,
            "`defaultValue` gives the change to everybody whom no rule takes",
            "write the value there that users have without the change",
        ));
    }
    found
}
