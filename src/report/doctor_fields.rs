//! The numbers and names of a fault that `rollout doctor` finds, for programs: what its sentence says, as
//! fields. Codes stand beside them.

use serde_json::{Value, json};

use crate::judge::doctor::Fault;
use crate::judge::{Asks, Issue, Least, Obstruction, Shift, Unprovable};
use crate::plan::TimeUnit;
use crate::snapshot::Copies;

/// The fields of a fault; an empty object where it has none. Times are in seconds.
pub(super) fn fields(fault: &Fault) -> Value {
    match fault {
        Fault::Obstacle(what) => of_obstacle(what),
        Fault::Evidence(issue) => issue.fields(),
        Fault::Unseen(Issue::EventsUnborn { expected }) => json!({"expected": expected}),
        Fault::Unseen(_) => json!({}),
        Fault::Copies { label, values } => json!({"label": label, "values": values}),
        Fault::OtherUnit { likely, median } => {
            let unit = match likely {
                TimeUnit::Seconds => "s",
                TimeUnit::Milliseconds => "ms",
            };
            json!({"unit": unit, "median_seconds": median})
        }
        Fault::QuantileBeyondBounds {
            quantile,
            last,
            beyond,
        } => json!({"quantile": quantile, "last_bound_seconds": last, "share_beyond": beyond}),
        Fault::LimitBeyondBounds { limit, last } => {
            json!({"limit_seconds": limit, "last_bound_seconds": last})
        }
        Fault::BoundsDiffer { bounds } => json!({"bounds": bounds}),
        Fault::Unprovable(doubt) => of_doubt(doubt),
        Fault::RestartsOften {
            arm,
            restarts,
            within,
        } => json!({"arm": arm.key(), "restarts": restarts, "within_seconds": within.seconds()}),
        Fault::RareScrapes {
            scrape,
            block,
            pooled,
        } => json!({
            "scrape_seconds": scrape.seconds(), "block_seconds": block.seconds(),
            "pooled_seconds": pooled.seconds()
        }),
        Fault::Late { age } => json!({"age_seconds": age.seconds()}),
        Fault::ExposedNotInUse {
            label,
            wanted,
            seen,
        } => json!({"label": label, "wanted": wanted, "seen": seen}),
        Fault::BornAtFirstEvent { series } => json!({"series": series}),
    }
}

fn of_obstacle(what: &Obstruction) -> Value {
    match what {
        Obstruction::NotThere | Obstruction::NothingOfExposed | Obstruction::Flawed(_) => json!({}),
        Obstruction::Silent { last_seen } => json!({"last_seen": last_seen}),
        Obstruction::NoLabel { label, others } => json!({"label": label, "labels_seen": others}),
        Obstruction::NoUnexposed {
            label,
            wanted,
            seen,
            meant,
        } => json!({"label": label, "wanted": wanted, "seen": seen, "meant": meant}),
        Obstruction::OtherSpelling {
            label,
            wanted,
            seen,
        } => json!({"label": label, "wanted": wanted, "seen": seen}),
        Obstruction::OtherName { wanted, meant } => json!({"wanted": wanted, "meant": meant}),
        Obstruction::InBothArms { label, value } => json!({"label": label, "value": value}),
        Obstruction::Copies(Copies { label, values }) => json!({"label": label, "values": values}),
        Obstruction::Refused { said } => json!({"said": said}),
    }
}

fn of_doubt(doubt: &Unprovable) -> Value {
    let Unprovable {
        asks,
        quantile,
        near,
        asked,
        least,
    } = doubt;
    let asks = match asks {
        Asks::Margin => "margin",
        Asks::RuleOut => "rule_out",
    };
    let asked = match asked {
        Shift::Seconds(seconds) => json!({"seconds": seconds}),
        Shift::Factor(factor) => json!({"factor": factor}),
    };
    let least = least.as_ref().map(|least| match least {
        Least::Seconds(seconds) => json!({"seconds": seconds}),
        Least::Percent(percent) => json!({"percent": percent}),
    });
    json!({
        "asks": asks, "quantile": quantile, "bounds_near_seconds": near, "asked": asked, "least": least
    })
}
