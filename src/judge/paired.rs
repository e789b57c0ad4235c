//! Means, levels and common shares, by paired blocks. The test itself is
//! [`crate::stats::PairedTest`].

use crate::plan::Role;
use crate::stats::{PairedBlock, PairedTest, Scored};
use crate::units::{Effect, LogE, Worse};

use super::evidence::{Comparison, LimitEvidence};
use super::question::{Question, restart_blocks};
use super::timetable::{Measured, Permits};
use super::{ArmTotals, Scale};

/// Both arms must have had something to average in this share of the blocks; else the blocks that
/// are left are not a fair sample of the stage.
const LEAST_FILLED: f64 = 0.9;

/// A test of one hypothesis on paired blocks.
#[derive(Debug, Clone, Copy)]
struct Null {
    ratio: f64,
    offset: f64,
    /// +1 tests against "at most", -1 against "at least".
    sign: f64,
    relative: bool,
}

impl Null {
    fn of(effect: Effect, worse: Worse, breach: bool) -> Self {
        let (ratio, offset) = effect.null(worse);
        let upward = match worse {
            Worse::Higher => breach,
            Worse::Lower => !breach,
        };
        Self {
            ratio,
            offset,
            sign: if upward { 1.0 } else { -1.0 },
            relative: effect.is_relative(),
        }
    }

    /// Better than the unexposed arm, however little.
    const fn superior(worse: Worse) -> Self {
        Self {
            ratio: 1.0,
            offset: 0.0,
            sign: match worse {
                Worse::Higher => -1.0,
                Worse::Lower => 1.0,
            },
            relative: false,
        }
    }

    /// Evidence since the start of the stage.
    fn log_e(&self, test: &PairedTest) -> LogE {
        if self.is_void(test) {
            return LogE::NONE;
        }
        LogE(test.log_e(self.ratio, self.offset, self.sign))
    }

    /// How far the stage lies beyond it, in standard errors.
    fn z(&self, test: &PairedTest) -> Option<f64> {
        if self.is_void(test) {
            return None;
        }
        test.z(self.ratio, self.offset, self.sign)
    }

    /// The same, with its information.
    fn scored(&self, test: &PairedTest) -> Option<Scored> {
        if self.is_void(test) {
            return None;
        }
        test.scored(self.ratio, self.offset, self.sign)
    }

    /// Evidence of harm that may have set in late.
    fn log_e_of_onset(&self, test: &PairedTest) -> LogE {
        if self.is_void(test) {
            return LogE::NONE;
        }
        LogE(test.log_e_of_onset(self.ratio, self.offset, self.sign))
    }

    /// A tenth more of a level below zero is less: ratios mean nothing there.
    fn is_void(&self, test: &PairedTest) -> bool {
        self.relative && test.means().is_none_or(|(_, unexposed)| unexposed <= 0.0)
    }
}

/// Compares the arms block by block. `shares` says that the terms are 0 or 1.
pub(super) fn compare(
    blocks: &[PairedBlock],
    question: &Question,
    shares: bool,
    block_seconds: i64,
) -> Comparison {
    let breach = question.margin.map(|m| Null::of(m, question.worse, true));
    let pass = match question.role {
        Role::Success => Some(Null::superior(question.worse)),
        Role::Guardrail => question
            .rule_out
            .map(|e| Null::of(e, question.worse, false)),
    };
    let mut test = PairedTest::new(shares, restart_blocks(block_seconds));
    let mut filled = 0.0;
    let relative = question
        .margin
        .or(question.rule_out)
        .is_none_or(Effect::is_relative);
    let mut comparison = Comparison {
        breach: Vec::with_capacity(blocks.len()),
        pass: Vec::new(),
        scores: pass
            .iter()
            .map(|_| Vec::with_capacity(blocks.len()))
            .collect(),
        permits: Permits::default(),
        pass_dispersion: 1.0,
        measured: Measured::Fixed,
        enough: Vec::with_capacity(blocks.len()),
        leans: Vec::with_capacity(blocks.len()),
        dispersion: vec![1.0; blocks.len()],
        belief: None,
        shortfall: 0.0,
        of: None,
        boundaries: None,
        scale: if relative {
            Scale::Ratio
        } else {
            Scale::Difference
        },
        estimate: None,
        lower: None,
        upper: None,
        exposed: totals(blocks.iter().map(|b| (b.exposed_sum, b.exposed_count))),
        unexposed: Some(totals(
            blocks.iter().map(|b| (b.unexposed_sum, b.unexposed_count)),
        )),
    };
    for (k, block) in blocks.iter().enumerate() {
        test.push(block);
        if block.exposed_count > 0.0 && block.unexposed_count > 0.0 {
            filled += 1.0;
        }
        let enough = test.enough() && filled >= LEAST_FILLED * (k as f64 + 1.0);
        let harm = breach.as_ref().filter(|_| enough);
        comparison
            .breach
            .push(harm.map_or(LogE::NONE, |null| null.log_e_of_onset(&test)));
        comparison.pass.extend(pass.as_ref().map(|null| {
            if enough {
                null.log_e(&test)
            } else {
                LogE::NONE
            }
        }));
        for scores in &mut comparison.scores {
            let asked = pass.as_ref().filter(|_| enough);
            scores.push(asked.and_then(|null| null.scored(&test)));
        }
        comparison.enough.push(enough);
        comparison.leans.push(harm.and_then(|null| null.z(&test)));
    }
    if let Some((exposed, unexposed)) = test.means() {
        comparison.estimate = if relative {
            (unexposed > 0.0).then(|| exposed / unexposed)
        } else {
            Some(exposed - unexposed)
        };
    }
    (comparison.lower, comparison.upper) = test.interval(relative, question.of_ends());
    comparison.measured = Measured::Means(Box::new(test));
    comparison
}

/// Holds the exposed arm's mean or level against a limit.
pub(super) fn against_limit(
    blocks: &[PairedBlock],
    alone: bool,
    limit: f64,
    worse: Worse,
    block_seconds: i64,
) -> LimitEvidence {
    // The limit takes the place of the unexposed arm: a level that never varies.
    let fixed = |sum: f64, count: f64| PairedBlock {
        exposed_sum: sum,
        exposed_count: count,
        unexposed_sum: 1.0,
        unexposed_count: 1.0,
    };
    let sign = match worse {
        Worse::Higher => 1.0,
        Worse::Lower => -1.0,
    };
    let every = restart_blocks(block_seconds);
    let (mut exposed, mut unexposed) =
        (PairedTest::new(false, every), PairedTest::new(false, every));
    let mut evidence = LimitEvidence {
        breach: Vec::with_capacity(blocks.len()),
        pass: Vec::with_capacity(blocks.len()),
        leans: Vec::with_capacity(blocks.len()),
        ambient: Vec::with_capacity(blocks.len()),
        exposed: totals(blocks.iter().map(|b| (b.exposed_sum, b.exposed_count))),
        dispersion: 1.0,
        undecided: None,
        undecidable: None,
    };
    for block in blocks {
        exposed.push(&fixed(block.exposed_sum, block.exposed_count));
        let beyond = exposed.log_e_of_onset(0.0, limit, sign);
        evidence.breach.push(LogE(beyond));
        evidence.pass.push(LogE(exposed.log_e(0.0, limit, -sign)));
        evidence.leans.push(exposed.z(0.0, limit, sign));
        unexposed.push(&fixed(block.unexposed_sum, block.unexposed_count));
        let shared = !alone && unexposed.log_e_of_onset(0.0, limit, sign) > 0.0;
        evidence.ambient.push(shared);
    }
    evidence
}

fn totals(blocks: impl Iterator<Item = (f64, f64)>) -> ArmTotals {
    let (sum, count) = blocks.fold((0.0, 0.0), |all, b| (all.0 + b.0, all.1 + b.1));
    ArmTotals {
        events: Some(sum),
        total: Some(count),
        value: (count > 0.0).then(|| sum / count),
        between: None,
    }
}
