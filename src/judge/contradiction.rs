//! Counts that cannot be: more events than there was anything to happen to.

use crate::snapshot::Arm;
use crate::stats::TwoArmBlock;

use super::Issue;

/// Counters of one arm are scraped from several targets at slightly different times, so the part
/// may overtake the whole by a scrape's worth; more than that is a contradiction.
const SKEW_SHARE: f64 = 0.01;
const SKEW_EVENTS: f64 = 10.0;

/// More events than requests, over all blocks of an arm.
pub(super) fn contradiction(blocks: &[TwoArmBlock]) -> Option<Issue> {
    let sum = |f: fn(&TwoArmBlock) -> f64| blocks.iter().map(f).sum::<f64>();
    let arms = [
        (
            Arm::Exposed,
            sum(|b| b.exposed_events),
            sum(|b| b.exposed_total),
        ),
        (
            Arm::Unexposed,
            sum(|b| b.unexposed_events),
            sum(|b| b.unexposed_total),
        ),
    ];
    arms.into_iter()
        .find(|(_, events, total)| *events > total * (1.0 + SKEW_SHARE) + SKEW_EVENTS)
        .map(|(arm, events, total)| Issue::MoreThanTotal { arm, events, total })
}
