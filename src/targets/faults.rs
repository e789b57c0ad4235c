//! What beside the numbers keeps users from getting what they say, or from getting the same at every
//! request. Each is asked with the flag or the resource, and with what holds the numbers; what is found
//! is a warning.

use std::ops::Range;

use super::node::Node;
use super::unit::Number;
use crate::plan::{Mistake, MistakeCode};

fn not_sticky(at: Range<usize>, message: &str, cure: &str) -> Mistake {
    Mistake::warning(MistakeCode::TargetNotSticky, at, message)
        .label("a user may get another variant at every request")
        .cure(cure.to_owned())
}

/// Without a stickiness Unleash looks for a user, then for a session, and then throws dice.
pub(super) fn unleash(_: &Node, parameters: &Node) -> Vec<Mistake> {
    const CURE: &str =
        "write `\"stickiness\": \"userId\"`: requests without a user are then not exposed";
    let mut found = Vec::new();
    match parameters.get("stickiness") {
        None => found.push(not_sticky(
            parameters.span.clone(),
            "the strategy has no stickiness",
            CURE,
        )),
        Some(stickiness) => {
            let dice = ["random", "default"]
                .iter()
                .any(|word| stickiness.text() == Some(word));
            if dice {
                found.push(not_sticky(
                    stickiness.span.clone(),
                    "the stickiness is none where a request has no user and no session",
                    CURE,
                ));
            }
        }
    }
    found
}

/// Version 1 of GrowthBook's hash, which holds where a rule names none, knows only a thousand users.
pub(super) fn growthbook(_: &Node, rule: &Node) -> Vec<Mistake> {
    let version = rule.get("hashVersion");
    if version.and_then(Node::text) == Some("2") {
        return Vec::new();
    }
    let at = version.map_or_else(|| rule.span.clone(), |version| version.span.clone());
    vec![
        Mistake::warning(
            MistakeCode::TargetCoarse,
            at,
            "the rule's hash tells only 1,000 groups of users apart",
        )
        .label("exposures are rounded down to tenths of a percent")
        .cure("write `\"hashVersion\": 2` before the first user is exposed: a change later deals users anew"),
    ]
}

/// Without a hash policy, or where the weights do not use it, Envoy throws dice at every request. It
/// divides the hash by the sum of the weights, so that another sum deals users anew: one that cannot show
/// every exposure will have to change.
pub(super) fn envoy(route: &Node, clusters: &Node) -> Vec<Mistake> {
    let mut found = Vec::new();
    let spelled = |node: &Node, keys: [&str; 2]| keys.iter().any(|key| node.get(key).is_some());
    let weighted = ["weighted_clusters", "weightedClusters"]
        .iter()
        .find_map(|key| route.entry(key));
    let Some(weighted) = weighted else {
        return found;
    };
    let at = weighted.key_span.clone();
    let hashes = ["use_hash_policy", "useHashPolicy"]
        .iter()
        .find_map(|key| weighted.value.get(key));
    if hashes.and_then(Node::text) != Some("true") {
        found.push(not_sticky(
            at.clone(),
            "the weights do not use a hash policy",
            "write `use_hash_policy: true` below `weighted_clusters`",
        ));
    }
    let weight = |cluster: &Node| Number::parse(cluster.text_at(&["weight"])?)?.whole_units();
    let weights: Option<Vec<u64>> = clusters.items().iter().map(weight).collect();
    let sum = weights
        .filter(|weights| !weights.contains(&0))
        .map(|weights| weights.iter().sum());
    if let Some(sum) = sum.filter(|sum: &u64| !sum.is_multiple_of(10_000)) {
        found.push(
            Mistake::warning(
                MistakeCode::TargetCoarse,
                clusters.span.clone(),
                format!("the weights add up to {sum}, which cannot show every exposure"),
            )
            .label("another sum deals users anew")
            .cure("begin a release with weights of 0 and 10000"),
        );
    }
    if !spelled(route, ["hash_policy", "hashPolicy"]) {
        found.push(not_sticky(
            at,
            "the route has no hash policy",
            "write `hash_policy: [{ header: { header_name: x-user-id } }]` beside `weighted_clusters`",
        ));
    }
    found
}
