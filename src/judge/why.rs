//! Verdicts in sentences that a release engineer understands at 3 a.m.

use crate::plan::{Kind, OnBreach};
use crate::units::{Effect, LogE, Period};

use super::evidence::LimitEvidence;
use super::latency::seconds_text;
use super::leaning::Sign;
use super::proof::{Basis, Proof};
use super::{ArmTotals, Leaning, Measure, Scale, Strength};

/// `1.9x`, `+0.21pp`, `+25ms`, `3.1`: a size on the scale of a comparison.
fn size(value: f64, scale: Scale, kind: Kind) -> String {
    let time = |value: f64| seconds_text((value * 1e4).round() / 1e4);
    match (scale, kind) {
        (Scale::Ratio, _) if value >= 100.0 => format!("{value:.0}x"),
        (Scale::Ratio, _) if value >= 10.0 => format!("{value:.1}x"),
        (Scale::Ratio, _) => format!("{value:.2}x"),
        (Scale::Difference, Kind::Ratio { .. }) => format!("{:+.3}pp", value * 100.0),
        (Scale::Difference, Kind::Latency { .. }) if value < 0.0 => format!("-{}", time(-value)),
        (Scale::Difference, Kind::Latency { .. }) => format!("+{}", time(value)),
        (
            Scale::Difference,
            Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. },
        ) => format!("{value:+.4}"),
        (Scale::Level, Kind::Ratio { .. }) => percent(value),
        (Scale::Level, Kind::Latency { .. }) => time(value),
        (
            Scale::Level,
            Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. },
        ) => format!("{value:.4}"),
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 1.0 {
        format!("{percent:.2} %")
    } else {
        format!("{percent:.3} %")
    }
}

/// What was seen: `exposed is 1.90x unexposed (1.50x to 2.41x)`. `what` is what that is of, where it
/// needs saying.
pub(super) fn seen(measure: &Measure, what: Option<&str>, kind: Kind) -> String {
    let scale = measure.scale;
    let show = |value: f64| size(value, scale, kind);
    let Some(estimate) = measure.estimate else {
        return "there are no events to compare yet".into();
    };
    let interval = match (measure.lower, measure.upper) {
        (Some(lower), Some(upper)) => format!(" ({} to {})", show(lower), show(upper)),
        (Some(lower), None) => format!(" (at least {})", show(lower)),
        (None, Some(upper)) => format!(" (at most {})", show(upper)),
        (None, None) => String::new(),
    };
    let what = what.map_or_else(String::new, |what| format!("{what}: "));
    match scale {
        Scale::Ratio => format!("{what}exposed is {} unexposed{interval}", show(estimate)),
        Scale::Difference => format!(
            "{what}exposed differs from unexposed by {}{interval}",
            show(estimate)
        ),
        Scale::Level => format!("{what}exposed is at {}{interval}", show(estimate)),
    }
}

/// A proven breach.
pub(super) fn breach(seen: &str, margin: Option<Effect>, proof: &Proof) -> String {
    let Proof {
        of,
        alone,
        at,
        basis,
    } = proof;
    let margin = margin.map_or_else(|| "the margin".to_owned(), |m| format!("the {m} margin"));
    let together =
        "the guardrails together prove harm beyond their bounds, and this one contributes most";
    let what = match (of, alone) {
        (Leaning::Margin, true) => format!("worse than {margin}"),
        (Leaning::Limit, true) => "beyond the limit".to_owned(),
        (Leaning::Margin | Leaning::Limit, false) => together.to_owned(),
    };
    let numbers = match of {
        Leaning::Margin => "interval",
        Leaning::Limit => "level",
    };
    let besides = match basis {
        Basis::Shown => {
            return match (of, alone) {
                (Leaning::Margin, true) => format!("{seen}: proven {what}"),
                (Leaning::Limit, true) => {
                    format!("{seen}: {what} is proven, and unexposed is not")
                }
                (Leaning::Margin | Leaning::Limit, false) => format!("{seen}: {what}"),
            };
        }
        Basis::Earlier => "what came since is weaker, and a breach stays a breach".to_owned(),
        Basis::Carried => "the evidence carried from earlier stages decided".to_owned(),
        Basis::LateOnset => {
            format!("the later part of the stage decided, and the {numbers} is of the whole stage")
        }
        Basis::Buckets => {
            "counts at the bucket bounds decided, and the interval is as wide as the buckets"
                .to_owned()
        }
    };
    let at = at.format("%Y-%m-%d %H:%M UTC");
    format!("{seen}: {what}, proven at {at}; {besides}")
}

/// What a lean rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// What tells of it.
    pub(super) by: Sign,
    /// What earlier stages left counts against proof of harm.
    pub(super) weighed_down: bool,
    /// The evidence of the whole rollout.
    pub(super) harm: Strength,
}

/// Substantial evidence of harm without proof: first what decided that, then how far proof is.
pub(super) fn leaning(seen: &str, bound: &str, held: Held, on_breach: OnBreach) -> String {
    let Held {
        by,
        weighed_down,
        harm,
    } = held;
    let so = match on_breach {
        OnBreach::Rollback | OnBreach::Pause => "nobody else is exposed while it lasts",
        OnBreach::Warn => "it only warns, and holds nothing back",
    };
    let told = match by {
        Sign::Stage(z) => format!(
            "{:.1} standard errors beyond it in this stage; ",
            (z * 10.0).floor() / 10.0
        ),
        Sign::Rollout => String::new(),
    };
    let against = if weighed_down {
        ", against which healthy evidence carried from earlier stages counts"
    } else {
        ""
    };
    format!(
        "{seen}: leaning to a breach of {bound} ({told}{}{against}); {so}",
        evidence(harm.value, harm.needed)
    )
}

/// `evidence 2.95 of 3.00`: what falls short never looks like enough, however little is missing.
pub(super) fn evidence(have: LogE, need: LogE) -> String {
    let (floor, ceiling) = (
        (have.0 * 100.0).floor() / 100.0,
        (need.0 * 100.0).ceil() / 100.0,
    );
    let have = if have < need {
        floor
    } else {
        have.0.max(ceiling)
    };
    format!("evidence {have:.2} of {ceiling:.2}")
}

/// A pass.
pub(super) fn pass(seen: &str, rule_out: Option<Effect>) -> String {
    match rule_out {
        Some(effect) => format!("{seen}: harm of {effect} is ruled out"),
        None => {
            format!("{seen}: no harm beyond the margin is proven, and the stage asks for no more")
        }
    }
}

/// Not ruled out yet.
pub(super) fn not_yet(
    seen: &str,
    rule_out: Option<Effect>,
    have: LogE,
    need: LogE,
    enough: bool,
    wait: Option<Period>,
) -> String {
    let what = rule_out.map_or_else(|| "harm".to_owned(), |effect| format!("harm of {effect}"));
    let standing = if have >= need && !enough {
        "the exposed arm has had too little traffic yet for a low number of events to mean anything"
            .to_owned()
    } else {
        format!("{what} is not ruled out yet ({})", evidence(have, need))
    };
    match wait {
        Some(wait) => format!(
            "{seen}: {standing}; about {} more at the present rate",
            wait.rough()
        ),
        None => format!("{seen}: {standing}"),
    }
}

/// Scrapes do not fill the blocks.
pub(super) fn pooled(scrape: u32, block: i64, pooled: i64) -> String {
    let length =
        |seconds: i64| Period::from_seconds(u32::try_from(seconds).unwrap_or(u32::MAX)).to_string();
    format!(
        "its targets are scraped every {} or so, which does not fill blocks of {}: they are judged in blocks of {}",
        Period::from_seconds(scrape),
        length(block),
        length(pooled)
    )
}

/// A success metric that is not proven better.
pub(super) fn not_better(seen: &str, have: LogE, need: LogE) -> String {
    format!(
        "{seen}: better is not proven yet ({})",
        evidence(have, need)
    )
}

/// The exposed arm's level against a limit.
pub(super) fn level(limit: &LimitEvidence, bound: &str, kind: Kind) -> String {
    format!(
        "exposed is at {} against a limit of {bound}",
        value(&limit.exposed, kind)
    )
}

fn value(arm: &ArmTotals, kind: Kind) -> String {
    arm.value.map_or_else(
        || "no value".to_owned(),
        |value| size(value, Scale::Level, kind),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lean_is_told_by_what_decided_and_names_what_counts_against_it() {
        let harm = Strength {
            value: LogE(0.22),
            needed: LogE(3.0),
        };
        let held = Held {
            by: Sign::Stage(1.83),
            weighed_down: true,
            harm,
        };
        assert_eq!(
            leaning("errors 2x", "its 10% margin", held, OnBreach::Rollback),
            "errors 2x: leaning to a breach of its 10% margin (1.8 standard errors beyond it in this stage; evidence 0.22 of 3.00, against which healthy evidence carried from earlier stages counts); nobody else is exposed while it lasts"
        );
        let held = Held {
            by: Sign::Rollout,
            weighed_down: false,
            harm: Strength {
                value: LogE(1.6),
                needed: LogE(3.0),
            },
        };
        assert_eq!(
            leaning("errors 2x", "its limit", held, OnBreach::Warn),
            "errors 2x: leaning to a breach of its limit (evidence 1.60 of 3.00); it only warns, and holds nothing back"
        );
    }
}
