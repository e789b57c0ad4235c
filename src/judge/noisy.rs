//! What a stage's noise means for its verdict: too bursty to judge, or harm that ended with the first
//! part of the stage. Only restrains and tells; what is proven stays proven.

use crate::plan::{Guardrail, Plan, Schedule};
use crate::stats::needed_for;
use crate::units::Period;

use super::Issue;
use super::evidence::Comparison;
use super::planning::breach_needs;

/// Beyond this dispersion evidence counts for less than a tenth.
const BURSTY: f64 = 10.0;

/// Whether harm of this size should be found within its stage.
const DOUBLED: f64 = 2.0;

/// The dispersion, where events come in such bursts that twice the harm that is tolerated would not be
/// found by the end of the planned stage, and would if they came one by one.
pub(super) fn too_bursty(
    plan: &Plan,
    guardrail: &Guardrail,
    comparison: &Comparison,
    block: i64,
) -> Option<f64> {
    let noise = comparison.noise()?;
    guardrail.margin?;
    if noise.tempering <= BURSTY {
        return None;
    }
    let (exposed, unexposed) = (comparison.exposed.total?, comparison.unexposed?.value?);
    let blocks = comparison.breach.len().max(1) as f64;
    let planned = match (&plan.course, plan.stage()) {
        (Schedule::Stages(_), Some(stage)) => {
            f64::from(stage.min_duration.seconds()) / block.max(1) as f64
        }
        (Schedule::Stages(_), None) | (Schedule::Ramp(_), _) => 0.0,
    };
    let expected = exposed * unexposed * planned.max(blocks) / blocks;
    let needed = breach_needs(plan, guardrail).0;
    let at = |tempering: f64, clumps: f64| needed_for(DOUBLED, needed, tempering, clumps);
    let is_hidden = at(noise.tempering, noise.clumps) > expected && at(1.0, 1.0) <= expected;
    comparison.dispersion.last().copied().filter(|_| is_hidden)
}

/// That events come in bursts, where they do so much.
pub(super) fn bursty(comparison: &Comparison, block: i64) -> Option<Issue> {
    let dispersion = *comparison.dispersion.last().filter(|d| **d > BURSTY)?;
    comparison.belief?;
    Some(Issue::Bursty {
        dispersion,
        block: seconds(block),
    })
}

/// That harm was seen in the first part of the stage and in nothing that came after it.
pub(super) fn only_at_first(
    plan: &Plan,
    guardrail: &Guardrail,
    comparison: &Comparison,
    block: i64,
) -> Option<Issue> {
    comparison.noise()?;
    let seen = comparison.seen?;
    let (first, after) = (seen.first?, seen.after?);
    guardrail.margin?;
    let warmup = i64::from(plan.judge.warmup_blocks(seconds(block)));
    let blocks = i64::try_from(seen.gross_blocks).unwrap_or(i64::MAX);
    (first >= breach_needs(plan, guardrail).0 && after <= 0.0).then(|| Issue::OnlyAtFirst {
        lasted: seconds(block.saturating_mul(blocks.saturating_add(warmup))),
    })
}

fn seconds(seconds: i64) -> Period {
    Period::from_seconds(u32::try_from(seconds).unwrap_or(u32::MAX))
}
