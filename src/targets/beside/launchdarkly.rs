//! LaunchDarkly: what a flag gives while it is off, then targets, rules in their order, the fallthrough.

use super::super::node::Node;
use super::place::{Beside, Reach, Scene};
use super::same::{holds_something, same};

pub(in crate::targets) fn launchdarkly(scene: &Scene<'_, '_>) -> Vec<Beside> {
    let Some(split) = scene.splits.first() else {
        return Vec::new();
    };
    let flag = split.root;
    let exposed = Exposed::of(flag, scene.exposed);
    let off = flag
        .entry("offVariation")
        .filter(|entry| exposed.is(&entry.value));
    if scene.is_off {
        let off = off.map(|entry| {
            Beside::everybody(
                &entry.key_span,
                "the flag is switched off, and `offVariation` gives the change to everybody",
                "name the other variation there",
            )
        });
        return off.into_iter().collect();
    }
    let has_prerequisites = holds_something(flag.get("prerequisites"));
    let mut found: Vec<Beside> = Vec::new();
    found.extend(off.map(|entry| {
        if has_prerequisites {
            Beside::everybody(
                &entry.key_span,
                "`offVariation` gives the change to everybody for whom a prerequisite is not met",
                "name the other variation there",
            )
        } else {
            Beside::told(
                Reach::Nobody,
                &entry.key_span,
                "`offVariation` gives the change: who switches the flag off exposes everybody",
                "name the other variation there",
            )
        }
    }));
    for key in ["targets", "contextTargets"] {
        for target in flag.get(key).map_or(&[][..], Node::items) {
            let named = target.entry("variation");
            let named = named.filter(|entry| exposed.is(&entry.value));
            if let Some(entry) = named.filter(|_| holds_something(target.get("values"))) {
                found.push(Beside::selected(&entry.key_span, "a target"));
            }
        }
    }
    for rule in flag.get("rules").map_or(&[][..], Node::items) {
        let selects = holds_something(rule.get("clauses"));
        if exposed.is_given_by(rule) {
            found.push(Beside::rule(selects, &rule.span, "a rule"));
        }
        // Nobody gets further than a rule for all.
        if !selects {
            return found;
        }
    }
    let fixed = flag
        .get("fallthrough")
        .and_then(|given| given.entry("variation"));
    found.extend(fixed.map(|entry| {
        const MESSAGE: &str =
            "`variation` beside `rollout` is what everybody gets, whatever the rollout says";
        if exposed.is(&entry.value) {
            Beside::everybody(&entry.key_span, MESSAGE, "remove it")
        } else {
            Beside::told(Reach::Nobody, &entry.key_span, MESSAGE, "remove it")
        }
    }));
    found.extend(without_attribute(flag, &exposed));
    found
}

/// Whoever lacks what users are told apart by gets the first variation that has a weight.
fn without_attribute(flag: &Node, exposed: &Exposed) -> Option<Beside> {
    let rollout = flag.at(&["fallthrough", "rollout"])?;
    let first = rollout.get("variations")?.items().first()?;
    if !first
        .get("variation")
        .is_some_and(|place| exposed.is(place))
    {
        return None;
    }
    [("bucketBy", "key"), ("contextKind", "user")]
        .iter()
        .filter_map(|(key, usual)| {
            let entry = rollout.entry(key)?;
            let word = entry.value.text().unwrap_or_default();
            (!word.is_empty() && word != *usual).then_some((entry, word))
        })
        .map(|(entry, word)| {
            Beside::everybody(
                &entry.key_span,
                format!(
                    "`{}` gives the change to everybody who has no `{word}`: they get the first variation",
                    entry.key
                ),
                "let the exposed variation be the last of `fallthrough.rollout.variations`, before the first user is exposed: later the order deals users anew",
            )
        })
        .next()
}

/// The variations that are the change: positions with the same value.
struct Exposed(Vec<String>);

impl Exposed {
    fn of(flag: &Node, exposed: &str) -> Self {
        let variations = flag.get("variations").map_or(&[][..], Node::items);
        let place = exposed.parse::<usize>().ok();
        let value = place.and_then(|place| variations.get(place));
        let alike = |(place, other): (usize, &Node)| {
            value
                .is_some_and(|value| same(value, other))
                .then(|| place.to_string())
        };
        let mut places: Vec<String> = variations.iter().enumerate().filter_map(alike).collect();
        places.push(exposed.to_owned());
        Self(places)
    }

    fn is(&self, place: &Node) -> bool {
        place
            .text()
            .is_some_and(|place| self.0.iter().any(|one| one == place))
    }

    fn is_given_by(&self, rule: &Node) -> bool {
        if let Some(fixed) = rule.get("variation") {
            return self.is(fixed);
        }
        let shares = rule.at(&["rollout", "variations"]);
        shares.map_or(&[][..], Node::items).iter().any(|share| {
            let given = share.get("variation").is_some_and(|place| self.is(place));
            given && share.text_at(&["weight"]) != Some("0")
        })
    }
}
