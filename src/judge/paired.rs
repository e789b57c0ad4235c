//! Means and common shares, by paired blocks. The test itself is
//! [`crate::stats::PairedTest`].

use crate::plan::{Column, Role};
use crate::snapshot::{ArmSeries, History};
use crate::stats::{Halved, PairedBlock, PairedTest, PerUnit, Scored};
use crate::units::{Effect, LogE, Worse};

use super::evidence::{Comparison, LimitEvidence};
use super::far_end::Measured;
use super::question::{Question, restart_blocks};
use super::{ArmTotals, Scale};

/// A test of one hypothesis on paired blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Null {
    pub(super) ratio: f64,
    pub(super) offset: f64,
    /// +1 tests against "at most", -1 against "at least".
    pub(super) sign: f64,
    pub(super) relative: bool,
}

impl Null {
    /// What a breach must prove wrong, and what a pass must.
    pub(super) fn both(question: &Question) -> (Option<Self>, Option<Self>) {
        let breach = question
            .margin
            .map(|m| Self::of(m, question.towards.worse, true));
        let pass = match question.role {
            Role::Success => Some(Self::superior(question.towards.worse)),
            Role::Guardrail => question
                .rule_out
                .map(|e| Self::of(e, question.towards.worse, false)),
        };
        (breach, pass)
    }

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

    /// How far the stage lies beyond it, in standard errors, with their information.
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

/// What a mean is made of, which decides how sure one can be of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Terms {
    /// Each is 0 or 1.
    Shares,
    /// Anything, some of them rare and large; what the unexposed arm's past says of how much one
    /// varies.
    Values(Option<PerUnit>),
}

/// How much one unit varies by the halves of the unexposed arm's past.
pub(super) fn per_unit(history: Option<&History>) -> Option<PerUnit> {
    let history = history?;
    let halves = history.halves();
    let mut halved = Halved::default();
    for i in 0..history.ends.len() {
        let of = |half: &ArmSeries| -> Option<(f64, f64)> {
            let number = |column| {
                let value = half.column(column)?.get(i).copied().flatten()?;
                Some(value).filter(|x| x.is_finite())
            };
            let (sum, count) = (number(Column::Sum)?, number(Column::Count)?);
            (count >= 0.0).then_some((sum, count))
        };
        if let (Some(first), Some(second)) = (of(&halves[0]), of(&halves[1])) {
            halved.push(first, second);
        }
    }
    halved.per_unit()
}

/// Compares the arms block by block. Blocks are put together until both arms hold a unit, by a rule that
/// sees no value.
pub(super) fn compare(
    blocks: &[PairedBlock],
    question: &Question,
    terms: Terms,
    block_seconds: i64,
) -> Comparison {
    let (breach, pass) = Null::both(question);
    let every = restart_blocks(block_seconds);
    let mut test = match terms {
        Terms::Shares => PairedTest::new(true, every),
        Terms::Values(past) => PairedTest::new(false, every).no_surer_than(past),
    };
    let relative = question
        .margin
        .or(question.rule_out)
        .is_none_or(Effect::is_relative);
    let (exposed, unexposed) = arms_of(blocks.iter().map(|b| {
        [
            b.exposed_sum,
            b.exposed_count,
            b.unexposed_sum,
            b.unexposed_count,
        ]
    }));
    let mut comparison = Comparison {
        scores: pass
            .iter()
            .map(|_| Vec::with_capacity(blocks.len()))
            .collect(),
        dispersion: vec![1.0; blocks.len()],
        scale: if relative {
            Scale::Ratio
        } else {
            Scale::Difference
        },
        ..Comparison::nothing(exposed, unexposed)
    };
    let mut open = PairedBlock::default();
    for block in blocks {
        open.add(block);
        if open.exposed_count > 0.0 && open.unexposed_count > 0.0 {
            test.push(&std::mem::take(&mut open));
        }
        let enough = test.enough();
        let harm = breach.as_ref().filter(|_| enough);
        comparison
            .breach
            .push(harm.map_or(LogE::NONE, |null| null.log_e_of_onset(&test)));
        if let Some(null) = &pass {
            let log_e = if enough {
                null.log_e(&test)
            } else {
                LogE::NONE
            };
            comparison.pass.push(log_e);
        }
        for scores in &mut comparison.scores {
            let asked = pass.as_ref().filter(|_| enough);
            scores.push(asked.and_then(|null| null.scored(&test)));
        }
        comparison.enough.push(enough);
        let z = harm.and_then(|null| null.scored(&test));
        comparison.leans.push(z.map(|scored| scored.z));
    }
    if let Some((exposed, unexposed)) = test.means() {
        comparison.estimate = if relative {
            (unexposed > 0.0).then(|| exposed / unexposed)
        } else {
            Some(exposed - unexposed)
        };
    }
    (comparison.lower, comparison.upper) = test.interval(relative, question.of_ends());
    comparison.of_blocks = Some(test.blocks());
    comparison.measured = Measured::Means(Box::new(test));
    comparison
}

/// Both arms over blocks of (sum, terms) exposed and unexposed.
pub(super) fn arms_of(blocks: impl Iterator<Item = [f64; 4]> + Clone) -> (ArmTotals, ArmTotals) {
    (
        totals(blocks.clone().map(|[sum, count, ..]| (sum, count))),
        totals(blocks.map(|[_, _, sum, count]| (sum, count))),
    )
}

/// Holds the exposed arm's mean against a limit.
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
        wanders: false,
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
