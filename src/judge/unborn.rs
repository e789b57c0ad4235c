//! Silence of the exposed arm: no traffic at all, and zeros of a counter that was never there. A counter
//! of events is born with its first event, so that an arm without any series has had none, where few were
//! to be expected. Where many were, it is likelier that
//! the change counts them under another name: no series is then no evidence.

use crate::stats::{Prior, TwoArmBlock};
use crate::units::{Exposure, Worse};

use super::Issue;
use super::blocks::Judged;
use super::counts::LEAST_CLUSTERS;
use super::evidence::Evidence;

/// So many exposed requests, or clusters of events, would have been expected before their absence says
/// that nobody is exposed, or that they are counted elsewhere: the chance of seeing none by accident is
/// e^-20.
const SURELY_SOME: f64 = 20.0;

/// A run of blocks, to the end of what is judged, of which the exposed arm's zeros are assumed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unborn {
    /// The end of its first block, in Unix seconds.
    first: i64,
    /// Events expected within it, if the exposed arm were like the unexposed one.
    expected: f64,
}

impl Unborn {
    /// Looks for assumed zeros among judged rows of exposed events and total, then unexposed ones. Runs
    /// that are over, because a series was born, and that were too long for an accident, are taken out:
    /// what was counted under another name before does not become a zero when the name is mended.
    ///
    /// Only where fewer events are better: of the others no series is the worst that could be.
    pub(super) fn among(judged: &mut Judged, assumed: &[(i64, i64)], worse: Worse) -> Option<Self> {
        let end = *judged.ends.last()?;
        if worse == Worse::Lower {
            return None;
        }
        let mut present = None;
        for &(first, last) in assumed {
            let expected = expected(judged, first, last);
            if last >= end {
                present = Some(Self { first, expected });
            } else if expected >= SURELY_SOME * Prior::UNKNOWN.dispersion {
                judged.leave_out(first, last);
            }
        }
        present
    }

    /// The fault, and the end of the first block that has it, where nothing may be concluded from silence
    /// any more: where so many clusters are expected as a pass needs. So no pass rests on assumed zeros
    /// alone, and a like arm is silent by accident once in e^10; its first event ends the doubt.
    pub(super) fn fault(self, evidence: &Evidence) -> Option<(i64, Issue)> {
        let Self { first, expected } = self;
        (expected >= LEAST_CLUSTERS * self.dispersion(evidence))
            .then_some((first, Issue::EventsUnborn { expected }))
    }

    /// As it was before the run, whose silence is itself no sign of clumps; where nothing was before, as
    /// it is in what both arms had.
    fn dispersion(self, evidence: &Evidence) -> f64 {
        let before = evidence.ends.iter().filter(|end| **end < self.first);
        let look = before.count().checked_sub(1);
        let compared = evidence.comparison.as_ref().and_then(|comparison| {
            let looks = &comparison.dispersion;
            look.and_then(|look| looks.get(look)).or(looks.last())
        });
        let limited = evidence.limit.as_ref().map(|limit| limit.dispersion);
        compared.copied().or(limited).unwrap_or(1.0)
    }
}

/// What the exposed arm's total of these blocks would have at the unexposed arm's rate.
fn expected(judged: &Judged, first: i64, last: i64) -> f64 {
    let mut sums = [0.0_f64; 3];
    let rows = judged.ends.iter().zip(&judged.rows);
    for (_, row) in rows.filter(|(end, _)| (first..=last).contains(end)) {
        // At 100 % there is no unexposed arm to expect anything by.
        if let [_, exposed_total, events, total] = row.as_slice() {
            for (sum, x) in sums.iter_mut().zip([exposed_total, events, total]) {
                *sum += x;
            }
        }
    }
    let [exposed_total, events, total] = sums;
    if total > 0.0 {
        exposed_total * events / total
    } else {
        0.0
    }
}

/// The end of the last block in which anybody was exposed, where the exposed arm has been silent since
/// then although its share of the traffic should have shown; nothing new was judged since. The blocks are
/// those of the present exposure: their ends, and the totals of both arms.
pub(super) fn silent_since(
    blocks: impl DoubleEndedIterator<Item = (i64, [f64; 2])>,
    exposure: Exposure,
) -> Option<i64> {
    let share = exposure.share();
    let mut unexposed = 0.0;
    for (end, totals) in blocks.rev() {
        if totals[0] > 0.0 {
            let expected = unexposed * share / (1.0 - share);
            return (share < 1.0 && expected >= SURELY_SOME).then_some(end);
        }
        unexposed += totals[1];
    }
    None
}

/// The exposed arm is silent although its share of the traffic should have shown by now.
/// `present` are the blocks with the present exposure.
pub(super) fn nobody_exposed(
    blocks: &[TwoArmBlock],
    present: &[TwoArmBlock],
    exposure: Exposure,
) -> bool {
    let exposed: f64 = blocks.iter().map(|b| b.exposed_total).sum();
    let unexposed: f64 = present.iter().map(|b| b.unexposed_total).sum();
    let share = exposure.share();
    exposed <= 0.0 && share < 1.0 && unexposed * share / (1.0 - share) >= SURELY_SOME
}
