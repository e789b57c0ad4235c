//! Routers: routes that lead to the exposed side alone. A route that splits between both sides is the
//! plan's own.

use std::ops::Range;

use super::super::node::Node;
use super::super::preset::Ways;
use super::super::walk::named;
use super::place::{Beside, Reach, Scene};

/// Gateway API: of several rules that match the most special one counts, whatever their order.
pub(in crate::targets) fn httproute(scene: &Scene<'_, '_>) -> Vec<Beside> {
    of_resources(scene, "HTTPRoute", |resource| {
        let own = holds_split(scene, &resource.span);
        let rules = resource.at(&["spec", "rules"]);
        let leading = rules.map_or(&[][..], Node::items).iter().filter(|rule| {
            let backends = rule.get("backendRefs").map_or(&[][..], Node::items);
            leads_to_exposed(scene, backends, &[&["name"]])
        });
        leading
            .map(|rule| {
                let matches = rule.get("matches").map_or(&[][..], Node::items);
                route(scene, own && is_for_all(matches, http_match), &rule.span)
            })
            .collect()
    })
}

/// Istio: the first route that matches counts.
pub(in crate::targets) fn virtualservice(scene: &Scene<'_, '_>) -> Vec<Beside> {
    const NAMES: Ways = &[&["destination", "subset"], &["destination", "host"]];
    of_resources(scene, "VirtualService", |resource| {
        let own = holds_split(scene, &resource.span);
        let mut found = Vec::new();
        for one in resource.at(&["spec", "http"]).map_or(&[][..], Node::items) {
            let matches = one.get("match").map_or(&[][..], Node::items);
            let for_all = is_for_all(matches, |one| {
                one.text_at(&["uri", "prefix"]) == Some("/") && one.entries().len() == 1
            });
            let destinations = one.get("route").map_or(&[][..], Node::items);
            if leads_to_exposed(scene, destinations, NAMES) {
                found.push(route(scene, own && for_all, &one.span));
            }
            if for_all {
                break;
            }
        }
        found
    })
}

/// Envoy: the first route of a virtual host that matches counts.
pub(in crate::targets) fn envoy(scene: &Scene<'_, '_>) -> Vec<Beside> {
    let mut lists = Vec::new();
    for document in scene.documents {
        lists_of_routes(document, &mut lists);
    }
    let mut found = Vec::new();
    for list in lists {
        let own = holds_split(scene, &list.span);
        for one in list.items() {
            let matched = one.get("match");
            let for_all = matched.is_some_and(|matched| {
                matched.text_at(&["prefix"]) == Some("/") && matched.entries().len() == 1
            });
            let Some(action) = one.get("route") else {
                continue;
            };
            let weighted = ["weighted_clusters", "weightedClusters"]
                .iter()
                .find_map(|key| action.get(key));
            let clusters = weighted.and_then(|weighted| weighted.get("clusters"));
            let by_runtime = ["runtime_key_prefix", "runtimeKeyPrefix"]
                .iter()
                .find_map(|key| weighted?.entry(key));
            if let Some(entry) = by_runtime.filter(|_| holds_split(scene, &one.span)) {
                found.push(Beside::told(
                    Reach::Selected,
                    &entry.key_span,
                    "`runtime_key_prefix` lets Envoy's runtime set other weights than the file's",
                    "remove it: no rollback reaches weights of the runtime",
                ));
            }
            let alone = action.text_at(&["cluster"]) == Some(scene.exposed);
            if alone || leads_to_exposed(scene, clusters.map_or(&[], Node::items), &[&["name"]]) {
                found.push(route(scene, own && for_all, &one.span));
            }
            if for_all {
                break;
            }
        }
    }
    found
}

fn of_resources(
    scene: &Scene<'_, '_>,
    of_kind: &str,
    look: impl Fn(&Node) -> Vec<Beside>,
) -> Vec<Beside> {
    let resources = scene.documents.iter();
    resources
        .filter(|resource| resource.text_at(&["kind"]) == Some(of_kind))
        .flat_map(look)
        .collect()
}

/// Whether the numbers of the plan stand in here.
fn holds_split(scene: &Scene<'_, '_>, span: &Range<usize>) -> bool {
    let mut splits = scene.splits.iter();
    splits.any(|split| span.contains(&split.exposed.span.start))
}

/// Whether some get the exposed side here, and nobody the other.
fn leads_to_exposed(scene: &Scene<'_, '_>, members: &[Node], names: Ways) -> bool {
    let has = |name: &str, weighs: bool| {
        members.iter().any(|member| {
            let none = member.text_at(&["weight"]) == Some("0");
            named(member, names) == Some(name) && !(weighs && none)
        })
    };
    has(scene.exposed, true) && !scene.rest.is_some_and(|rest| has(rest, false))
}

fn route(scene: &Scene<'_, '_>, for_all: bool, at: &Range<usize>) -> Beside {
    let exposed = scene.exposed;
    if for_all {
        Beside::everybody(
            at,
            format!("this route leads everybody to `{exposed}` alone"),
            "remove it, or write a match for those whom it is for",
        )
    } else {
        Beside::selected(at, &format!("a route to `{exposed}` alone"))
    }
}

fn is_for_all(matches: &[Node], is_open: impl Fn(&Node) -> bool) -> bool {
    matches.is_empty()
        || matches
            .iter()
            .any(|one| one.entries().is_empty() || is_open(one))
}

/// A match of every path: what is left out matches all.
fn http_match(one: &Node) -> bool {
    let [only] = one.entries() else {
        return false;
    };
    let path = &only.value;
    let is_prefix = path
        .text_at(&["type"])
        .is_none_or(|word| word == "PathPrefix");
    only.key == "path" && is_prefix && path.text_at(&["value"]).is_none_or(|value| value == "/")
}

/// The lists of routes, however deep.
fn lists_of_routes<'n>(node: &'n Node, found: &mut Vec<&'n Node>) {
    for entry in node.entries() {
        if entry.key == "routes" {
            found.push(&entry.value);
        } else {
            lists_of_routes(&entry.value, found);
        }
    }
    for item in node.items() {
        lists_of_routes(item, found);
    }
}
