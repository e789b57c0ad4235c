//! What is known of how levels wander before a stage, kept until it is asked for: for plans. From the
//! unexposed arm's past as `gauge` takes it in; without one from both arms of the blocks that are there.

use crate::plan::Column;
use crate::snapshot::GuardrailSeries;
use crate::stats::{Foresight, Past};
use crate::units::{Effect, Period};

use super::gauge;
use super::wander::{Feed, Wander};

/// How levels have wandered.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelPast {
    /// The difference of the arms' logarithms; nothing where a level is not above 0.
    by_ratio: Wander,
    /// Their difference.
    by_difference: Wander,
    /// One arm's level.
    alone: Wander,
    is_of_before: bool,
}

impl LevelPast {
    /// Reads it off a guardrail's series.
    #[must_use]
    pub fn of(series: &GuardrailSeries, block: Period) -> Self {
        let block = i64::from(block.seconds());
        let past = series.history.as_ref();
        let of = |alone, log| match past {
            Some(past) => gauge::wander(Some(past), alone, log, block),
            None if alone => of_unexposed(series, block),
            None => of_both(series, log, block),
        };
        Self {
            by_ratio: of(false, true),
            by_difference: of(false, false),
            alone: of(true, false),
            is_of_before: past.is_some(),
        }
    }

    /// True where it is the unexposed arm's own past, and not both arms.
    #[must_use]
    pub const fn is_of_before(&self) -> bool {
        self.is_of_before
    }

    /// What that lets one expect of arms that are compared for an effect, in blocks of this length.
    #[must_use]
    pub fn of_arms(&self, effect: Effect, block: Period) -> Option<Foresight> {
        let wander = if effect.is_relative() {
            &self.by_ratio
        } else {
            &self.by_difference
        };
        foresight(wander, [1.0, -1.0], block)
    }

    /// And of the exposed arm alone.
    #[must_use]
    pub fn of_level(&self, block: Period) -> Option<Foresight> {
        foresight(&self.alone, [1.0, 0.0], block)
    }
}

fn foresight(wander: &Wander, contrast: [f64; 2], block: Period) -> Option<Foresight> {
    let mut test = wander.test(i64::from(block.seconds()));
    Feed::new(wander, i64::from(block.seconds())).learn(&mut test);
    test.foresight(contrast)
}

/// The levels of both arms where both are there, by block ends.
fn both(series: &GuardrailSeries) -> Vec<(i64, f64, f64)> {
    let at = |arm: &crate::snapshot::ArmSeries, k: usize| {
        let value = arm.column(Column::Query)?.get(k).copied().flatten()?;
        Some(value).filter(|x| x.is_finite())
    };
    let ends = series.ends.iter().enumerate();
    ends.filter_map(|(k, &end)| Some((end, at(&series.exposed, k)?, at(&series.unexposed, k)?)))
        .collect()
}

/// Of both arms: around their mean difference, which may be harm.
fn of_both(series: &GuardrailSeries, log: bool, block: i64) -> Wander {
    let difference = |(end, exposed, unexposed): (i64, f64, f64)| {
        let value = if log {
            (exposed / unexposed).ln()
        } else {
            exposed - unexposed
        };
        let is_sound = !log || (exposed > 0.0 && unexposed > 0.0);
        is_sound.then_some((end, value))
    };
    let mut values: Vec<(i64, f64)> = both(series).into_iter().filter_map(difference).collect();
    let mean = values.iter().map(|(_, x)| x).sum::<f64>() / values.len().max(1) as f64;
    values.iter_mut().for_each(|(_, x)| *x -= mean);
    Wander {
        past: Past::Halves,
        block,
        values,
    }
}

fn of_unexposed(series: &GuardrailSeries, block: i64) -> Wander {
    let levels = both(series).into_iter();
    Wander {
        past: Past::Level,
        block,
        values: levels.map(|(end, _, level)| (end, level)).collect(),
    }
}
