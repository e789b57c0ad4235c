//! The traffic of a forecast in words: where it is from, what it is, and how it varies.

use crate::plan::Kind;
use crate::power::{Load, Origin, StageForecast, Traffic};
use crate::units::Period;

use super::numbers::{count, percent, plain};
use super::words;

/// So many hours; less than one in minutes and seconds.
fn span(hours: f64) -> String {
    if hours >= 1.0 {
        return format!("{}h", plain(hours));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "less than an hour"
    )]
    let seconds = (hours * 3_600.0).round() as u32;
    Period::from_seconds(seconds).to_string()
}

/// Where the traffic comes from and what it is.
pub(super) fn described(traffic: &Traffic, stages: &[StageForecast]) -> Vec<String> {
    let Traffic {
        origin,
        loads,
        users_per_second,
    } = traffic;
    let mut all = vec![match origin {
        Origin::Given => {
            "at traffic as given; a time is the one by which half of such rollouts are there".into()
        }
        Origin::Measured { source, hours } => format!(
            "at the traffic of the last {} ({source}); a time is the one by which half of such rollouts are there",
            span(*hours)
        ),
    }];
    for (name, load) in loads {
        let Load {
            per_second,
            baseline,
            dispersion: _,
            belief: _,
            scatter: _,
            levels: _,
            unsplit: _,
            is_shown: _,
        } = load;
        let kind = stages
            .iter()
            .flat_map(|stage| &stage.guardrails)
            .find(|guardrail| guardrail.name == *name)
            .map(|guardrail| guardrail.kind);
        let level = match kind {
            Some(Kind::Latency { quantile, .. }) => {
                format!(
                    "{} beyond its {}",
                    percent(*baseline),
                    words::quantile(quantile)
                )
            }
            Some(Kind::Ratio { .. }) => format!("baseline {}", percent(*baseline)),
            Some(Kind::Mean { .. }) => format!("mean {}", plain(*baseline)),
            Some(Kind::Gauge { .. }) => format!("level {}", plain(*baseline)),
            Some(Kind::Rate { .. } | Kind::Point { .. }) | None => {
                format!("baseline {}", plain(*baseline))
            }
        };
        let rate = if *per_second > 0.0 {
            format!("{} {} a second, ", plain(*per_second), unit(kind))
        } else {
            String::new()
        };
        let varies = varies(kind, load);
        all.push(format!("{name}: {rate}{level}, {varies}"));
    }
    if let Some(users) = users_per_second {
        all.push(format!(
            "{} new users an hour",
            count((users * 3_600.0).round())
        ));
    }
    all
}

/// How a metric varies, and how that is known.
fn varies(kind: Option<Kind>, load: &Load) -> String {
    // Nothing is said of why, where nobody asked.
    let why = load
        .unsplit
        .map_or_else(String::new, |why| format!(" ({why})"));
    if kind.is_some_and(|kind| !kind.is_counted()) {
        match (load.is_variation_known(), load.is_variation_of_past()) {
            (true, true) => "varying as the unexposed arm did before".into(),
            (true, false) => "varying from block to block as both arms did".into(),
            (false, _) => format!("variation not known{why}"),
        }
    } else if load.is_shown {
        format!(
            "dispersion {}, no less than earlier stages of this rollout have shown",
            plain(load.dispersion)
        )
    } else if load.belief.is_learnt() {
        format!(
            "dispersion {}, learnt from the unexposed arm's past",
            plain(load.dispersion)
        )
    } else {
        format!(
            "dispersion {}; the judge learns nothing of it from the past{why} and starts from {}",
            plain(load.dispersion),
            plain(load.belief.clumps())
        )
    }
}

/// What a metric's total counts.
pub(super) const fn unit(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Ratio { .. }) => "requests",
        Some(Kind::Latency { .. }) => "observations",
        Some(Kind::Mean { .. }) => "terms",
        Some(Kind::Rate { .. } | Kind::Gauge { .. } | Kind::Point { .. }) | None => "units",
    }
}
