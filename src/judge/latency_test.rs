//! Requests slower than a boundary in both arms, tested: as counts, whose dispersion the halves of the
//! unexposed arm's past teach at the same boundary, and where there are many as a level that wanders.
//! Slow spells of one arm last for hours, so that counts alone take them for harm; evidence is the lesser
//! of the two, and the least of e-processes is one.

use crate::plan::Role;
use crate::stats::{Past as PastOf, TwoArmBlock};
use crate::units::LogE;

use super::boundaries::Chosen;
use super::buckets::Buckets;
use super::counts;
use super::evidence::Comparison;
use super::noise::Noise;
use super::others_clumps::of_past;
use super::paired::Null;
use super::question::Question;
use super::wander::{Feed, Wander};

impl Buckets<'_> {
    /// Requests slower than one boundary exposed, and slower than another (usually the same)
    /// unexposed.
    pub(super) fn two_arms(&self, exposed: usize, unexposed: usize) -> Vec<TwoArmBlock> {
        let block = |row: &Vec<f64>| {
            let (exposed_events, exposed_total) = self.exposed_above(row, exposed);
            let (unexposed_events, unexposed_total) = self.unexposed_above(row, unexposed);
            TwoArmBlock {
                exposed_events,
                exposed_total,
                unexposed_events,
                unexposed_total,
            }
        };
        self.rows.iter().map(block).collect()
    }

    /// The comparison at a boundary of the exposed and one of the unexposed arm. There is no evidence
    /// in the blocks that chose them.
    pub(super) fn tested(
        &self,
        (exposed, unexposed): (usize, usize),
        question: &Question,
        block_seconds: i64,
        chosen: &Chosen,
    ) -> Comparison {
        let blocks = self.two_arms(exposed, unexposed).split_off(chosen.from);
        let ends = &self.ends[chosen.from..];
        let past = self.past.slower(exposed);
        let question = &Question {
            past: of_past(&past),
            ..*question
        };
        let noise = Noise::of_halves(&past, self.past.block, block_seconds);
        let mut comparison = counts::compare(&blocks, question, &noise);
        // What the next stage must remember is of counts of one kind only.
        comparison.seen = None;
        let mut comparison = counts::common_shares(comparison, &blocks, question, &noise);
        if chosen.levels.contains(&exposed) {
            let past = (past.as_slice(), self.past.block);
            cap(
                &mut comparison,
                ends,
                &blocks,
                past,
                question,
                block_seconds,
            );
        }
        late(comparison, chosen.from)
    }
}

/// A day of history, of which some blocks may be missing.
const ABOUT_A_DAY: f64 = 0.9;

/// Caps the evidence of harm by that of a level that wanders.
fn cap(
    comparison: &mut Comparison,
    ends: &[i64],
    blocks: &[TwoArmBlock],
    (past, history_block): (&[(i64, TwoArmBlock)], i64),
    question: &Question,
    block_seconds: i64,
) {
    let (Some(null), Role::Guardrail) = (Null::both(question).0, question.role) else {
        return;
    };
    comparison.wanders = true;
    // Half an event keeps a logarithm finite.
    let of = |events: f64, total: f64| {
        if null.relative {
            ((events + 0.5) / total).ln()
        } else {
            events / total
        }
    };
    let both = |b: &TwoArmBlock| {
        [
            of(b.exposed_events, b.exposed_total),
            of(b.unexposed_events, b.unexposed_total),
        ]
    };
    let offset = if null.relative {
        null.ratio.ln()
    } else {
        null.offset
    };
    let past = Wander {
        past: PastOf::Halves,
        block: history_block,
        values: past
            .iter()
            .map(|(end, block)| {
                let [first, second] = both(block);
                (*end, first - second)
            })
            .collect(),
    };
    let contrast = [1.0, -1.0];
    let mut test = past.test(block_seconds);
    if test.history_days() >= ABOUT_A_DAY {
        test.look_early();
    }
    let mut feed = Feed::new(&past, block_seconds);
    for ((&end, block), breach) in ends.iter().zip(blocks).zip(&mut comparison.breach) {
        if block.exposed_total <= 0.0 || block.unexposed_total <= 0.0 {
            continue;
        }
        feed.push(&mut test, end, both(block));
        // Asked only where counts show any sign of harm: without, evidence is no more than one in any
        // case.
        if breach.0 > 0.0 {
            let look = test.look(contrast);
            // Without a past two hours of blocks make a level; gross harm is found by counts before.
            if look.is_known() {
                let least = test.log_e_of_onset(&look, contrast, offset, null.sign);
                *breach = LogE(breach.0.min(least));
            }
        }
    }
}

/// The same, with looks at the blocks before it that show nothing.
fn late(mut comparison: Comparison, blocks: usize) -> Comparison {
    fn before<T: Clone>(trail: &mut Vec<T>, blocks: usize, nothing: &T) {
        if !trail.is_empty() {
            trail.splice(0..0, std::iter::repeat_n(nothing.clone(), blocks));
        }
    }
    before(&mut comparison.breach, blocks, &LogE::NONE);
    before(&mut comparison.pass, blocks, &LogE::NONE);
    for scores in &mut comparison.scores {
        before(scores, blocks, &None);
    }
    before(&mut comparison.enough, blocks, &false);
    before(&mut comparison.leans, blocks, &None);
    before(&mut comparison.dispersion, blocks, &1.0);
    comparison
}
