//! The table of presets: for each kind one row, with where its numbers stand, their unit and scale, what
//! switches it off, and what 0 and 100 % look like. All of it was seen in the real consumers; the tests
//! of `tests/integration/targets` see it again.

use super::beside;
use super::documents::Format;
use super::faults;
use super::preset::{Arms, Numbers, Off, Preset, Step, WholeFile};
use super::split::Split;
use super::unit::{Unit, Whole};
use crate::plan::{Figure, NumbersPlace, Piece, SplitClients, SplitPlace, Target, TargetPlace};

use Step::{Below, Each, Key, Spelled, Where, With};

/// Above the text of a file of nginx, where comments are possible.
const MADE_BY: &str = "# Written by rollout as a whole: change the plan, not this file.\n";

/// Whole percents in quotes: Unleash compares a user's number from 1 to 100 with them.
const WHOLE_PERCENTS_IN_QUOTES: Unit = Unit {
    whole: Whole::Fixed(100),
    decimals: 0,
    in_quotes: true,
};

/// Thousandths of a percent.
const THOUSANDTHS: Unit = Unit::new(Whole::Fixed(100_000), 0);

/// The row of a target's kind.
pub(super) fn preset(target: &Target) -> Preset<'_> {
    let row = match &target.place {
        TargetPlace::Flagd(at) => Numbers {
            root: vec![Key("flags"), Key(&at.flag)],
            off: Some(Off::With("state", "DISABLED")),
            within: vec![Key("targeting"), Below("fractional")],
            arms: Arms::Pairs {
                exposed: &at.variant,
            },
            strict: true,
            beside: beside::flagd,
            ..Numbers::of(Unit::WEIGHTS)
        },
        TargetPlace::Growthbook(at) => Numbers {
            root: vec![Key("features"), Key(&at.flag)],
            within: vec![
                Key("rules"),
                Each,
                With(&["coverage", "weights", "variations"]),
            ],
            arms: Arms::Rule {
                exposed: &at.variant,
            },
            unit_in: |_, split| growthbook_unit(split),
            strict: true,
            faults: faults::growthbook,
            beside: beside::growthbook,
            ..Numbers::of(Unit::SHARE)
        },
        TargetPlace::Unleash(flag) => Numbers {
            root: vec![Key("features"), Each, Where(&[&["name"]], flag)],
            off: Some(Off::Without("enabled", "true")),
            within: vec![
                Key("strategies"),
                Each,
                Where(&[&["name"]], "flexibleRollout"),
                Key("parameters"),
            ],
            arms: Arms::Alone { number: "rollout" },
            faults: faults::unleash,
            strict: true,
            beside: beside::unleash,
            ..Numbers::of(WHOLE_PERCENTS_IN_QUOTES)
        },
        TargetPlace::Launchdarkly(at) => Numbers {
            root: vec![Key("flags"), Key(&at.flag)],
            off: Some(Off::Without("on", "true")),
            within: vec![Key("fallthrough"), Key("rollout"), Key("variations")],
            arms: Arms::Members {
                names: &[&["variation"]],
                number: "weight",
                exposed: &at.variant,
                rest: None,
            },
            strict: true,
            beside: beside::launchdarkly,
            ..Numbers::of(THOUSANDTHS)
        },
        TargetPlace::Gofeatureflag(at) => Numbers {
            root: vec![Key(&at.flag)],
            off: Some(Off::With("disable", "true")),
            within: vec![Key("defaultRule"), Key("percentage")],
            arms: Arms::Names {
                exposed: &at.variant,
            },
            strict: true,
            beside: beside::gofeatureflag,
            ..Numbers::of(Unit::PERCENT)
        },
        TargetPlace::Envoy(at) => Numbers {
            root: vec![Below("route")],
            within: vec![
                Spelled(&["weighted_clusters", "weightedClusters"]),
                Key("clusters"),
            ],
            arms: weights(&[&["name"]], at),
            several: true,
            unit_in: envoy_unit,
            faults: faults::envoy,
            beside: beside::envoy,
            ..Numbers::of(Unit::HASHED_WEIGHTS)
        },
        TargetPlace::Httproute(at) => Numbers {
            root: resource("HTTPRoute", at),
            within: vec![Key("spec"), Key("rules"), Each, Key("backendRefs")],
            arms: weights(&[&["name"]], at),
            several: true,
            one_resource: true,
            beside: beside::httproute,
            ..Numbers::of(Unit::WEIGHTS)
        },
        TargetPlace::Virtualservice(at) => Numbers {
            root: resource("VirtualService", at),
            within: vec![Key("spec"), Key("http"), Each, Key("route")],
            arms: weights(&[&["destination", "subset"], &["destination", "host"]], at),
            several: true,
            one_resource: true,
            beside: beside::virtualservice,
            ..Numbers::of(Unit::WEIGHTS)
        },
        TargetPlace::Json(at) => Numbers {
            format: Some(Format::Json),
            ..pointers(at)
        },
        TargetPlace::Yaml(at) => Numbers {
            format: Some(Format::Yaml),
            ..pointers(at)
        },
        TargetPlace::Nginx(at) => return Preset::WholeFile(split_clients(at)),
        TargetPlace::Haproxy(key) => {
            return Preset::WholeFile(WholeFile {
                nobody: None,
                everybody: None,
                pieces: vec![
                    Piece::Text(format!("{key} ")),
                    Piece::Figure(Figure::ExposedHundredths),
                    Piece::Text("\n".into()),
                ],
            });
        }
        TargetPlace::Text(template) => {
            return Preset::WholeFile(WholeFile {
                nobody: None,
                everybody: None,
                pieces: template.pieces().to_vec(),
            });
        }
    };
    Preset::Numbers(row)
}

fn weights<'t>(names: &'static [&'static [&'static str]], at: &'t SplitPlace) -> Arms<'t> {
    Arms::Members {
        names,
        number: "weight",
        exposed: &at.exposed,
        rest: Some(&at.rest),
    }
}

/// GrowthBook takes a user whose hash is a coverage, or below it; of weights, one below. Version 1 of the
/// hash, which holds where a rule names none, knows only a thousand groups of users.
fn growthbook_unit(split: &Split<'_>) -> Unit {
    let is_fine = split.holder.text_at(&["hashVersion"]) == Some("2");
    match (split.rest, is_fine) {
        (None, true) => Unit::GROUPS,
        (None, false) => Unit::COARSE_GROUPS,
        (Some(_), true) => Unit::SHARE,
        (Some(_), false) => Unit::COARSE_SHARE,
    }
}

/// An Envoy that is told a total refuses weights with another sum.
fn envoy_unit(unit: Unit, split: &Split<'_>) -> Unit {
    let weighted = ["weighted_clusters", "weightedClusters"]
        .iter()
        .find_map(|key| split.root.get(key));
    let total = ["total_weight", "totalWeight"]
        .iter()
        .find_map(|key| weighted?.text_at(&[key]));
    let total = total.and_then(|total| total.parse().ok());
    total
        .filter(|total| (1..=1_000_000).contains(total))
        .map_or(unit, |total: u32| Unit::new(Whole::Fixed(total), 0))
}

/// The documents of a kind of Kubernetes, or the one with a name.
fn resource<'t>(name_of_kind: &'static str, at: &'t SplitPlace) -> Vec<Step<'t>> {
    let named = at
        .name
        .as_ref()
        .map(|name| Where(&[&["metadata", "name"]], name));
    [Where(&[&["kind"]], name_of_kind)]
        .into_iter()
        .chain(named)
        .collect()
}

fn pointers(at: &NumbersPlace) -> Numbers<'_> {
    Numbers {
        arms: Arms::Pointers {
            exposed: &at.exposed,
            rest: at.rest.as_ref(),
        },
        // Two decimals of a percent are four of a share.
        ..Numbers::of(Unit::new(Whole::Fixed(at.scale), 4))
    }
}

/// nginx refuses `0%` and then keeps what it had, and of `100%` it leaves one hash out: at both ends
/// there is only the star, which is everybody else.
fn split_clients(at: &SplitClients) -> WholeFile {
    let SplitClients {
        key,
        variable,
        exposed,
        rest,
    } = at;
    let head = format!("{MADE_BY}split_clients \"{key}\" {variable} {{\n");
    let all = |value: &str| Some(format!("{head}    * {value};\n}}\n"));
    WholeFile {
        nobody: all(rest),
        everybody: all(exposed),
        pieces: vec![
            Piece::Text(format!("{head}    ")),
            Piece::Figure(Figure::Exposed),
            Piece::Text(format!("% {exposed};\n    * {rest};\n}}\n")),
        ],
    }
}
