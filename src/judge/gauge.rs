//! Levels, which wander for hours: the arms by their difference, block by block, and one arm against a
//! limit. The test itself is [`crate::stats::DriftTest`].

use crate::plan::Column;
use crate::snapshot::History;
use crate::stats::{Contrast, DriftTest, Ends, LEAST_BLOCKS, Look, Past, Scored};
use crate::units::{Effect, LogE, Worse};

use super::Scale;
use super::evidence::{Comparison, LimitEvidence};
use super::paired::{Null, arms_of};
use super::question::Question;
use super::wander::{Feed, Wander};

/// The levels of both arms in a stage; where there is no unexposed arm its levels are 0.
pub(super) struct Levels<'a> {
    /// Block ends in Unix seconds.
    pub(super) ends: &'a [i64],
    /// The exposed and the unexposed level in each block.
    pub(super) levels: &'a [[f64; 2]],
    /// The unexposed arm's past.
    pub(super) history: Option<&'a History>,
    /// Length of a block in seconds.
    pub(super) block: i64,
}

/// What a history's groups say of a level: the difference of its two halves, or where there is but one
/// group (or `alone`) its level. `log` where levels are compared by their logarithms.
pub(super) fn wander(history: Option<&History>, alone: bool, log: bool, block: i64) -> Wander {
    let mut wander = Wander {
        past: Past::Halves,
        block,
        values: Vec::new(),
    };
    let Some(history) = history else {
        return wander;
    };
    wander.block = i64::from(history.block.seconds());
    let groups = history.groups.iter();
    let columns: Vec<_> = groups.filter_map(|g| g.column(Column::Query)).collect();
    if alone || columns.len() == 1 {
        wander.past = Past::Level;
    }
    for (i, &end) in history.ends.iter().enumerate() {
        let levels: Vec<f64> = columns
            .iter()
            .filter_map(|column| column.get(i).copied().flatten())
            .filter(|x| x.is_finite() && (!log || *x > 0.0))
            .map(|x| if log { x.ln() } else { x })
            .collect();
        let value = match (wander.past, levels[..].first(), levels[..].get(1)) {
            (Past::Halves, Some(first), Some(second)) => first - second,
            (Past::Level, Some(_), _) => levels.iter().sum::<f64>() / levels.len() as f64,
            (Past::Halves, _, _) | (Past::Level, None, _) => continue,
        };
        wander.values.push((end, value));
    }
    wander
}

/// What is asked of a test: which contrast, against which number, in which direction.
#[derive(Debug, Clone, Copy)]
struct Asked {
    contrast: Contrast,
    offset: f64,
    sign: f64,
    /// A ratio of levels that are not above 0 says nothing.
    needs_positive: bool,
}

impl Asked {
    fn of(null: Null, log: bool) -> Self {
        Self {
            contrast: [1.0, if log { -1.0 } else { -null.ratio }],
            offset: if log { null.ratio.ln() } else { null.offset },
            sign: null.sign,
            needs_positive: null.relative && !log,
        }
    }
}

/// Compares the arms' levels.
pub(super) fn compare(levels: &Levels<'_>, question: &Question) -> Comparison {
    let (breach, pass) = Null::both(question);
    let nulls = [breach, pass];
    let asked = || nulls.iter().flatten();
    // Ratios are compared by logarithms, in which a level that wanders by a share of itself does so
    // alike at noon and at night.
    let relative = question
        .margin
        .or(question.rule_out)
        .is_none_or(Effect::is_relative);
    let log = relative
        && asked().all(|null| null.offset == 0.0 && null.ratio > 0.0)
        && levels.levels.iter().flatten().all(|x| *x > 0.0);
    let past = wander(levels.history, false, log, levels.block);
    let mut test = past.test(levels.block);
    let mut feed = Feed::new(&past, levels.block);
    let (exposed, unexposed) = arms_of(levels.levels.iter().map(|[t, c]| [*t, 1.0, *c, 1.0]));
    let mut comparison = Comparison {
        wanders: true,
        scale: if relative {
            Scale::Ratio
        } else {
            Scale::Difference
        },
        dispersion: vec![1.0; levels.ends.len()],
        ..Comparison::nothing(exposed, unexposed)
    };
    let [breach, pass] = nulls.map(|null| null.map(|null| Asked::of(null, log)));
    let (mut sum, mut last, mut scores) = (0.0, Look::default(), Vec::new());
    for (&end, &[t, c]) in levels.ends.iter().zip(levels.levels) {
        let of = |x: f64| if log { x.ln() } else { x };
        feed.push(&mut test, end, [of(t), of(c)]);
        sum += c;
        let look = |asked: Asked| {
            let look = test.look(asked.contrast);
            (look.is_known() && !(asked.needs_positive && sum <= 0.0)).then_some(look)
        };
        let harm = breach.and_then(|asked| Some((asked, look(asked)?)));
        comparison
            .breach
            .push(harm.as_ref().map_or(LogE::NONE, |(a, look)| {
                LogE(test.log_e_of_onset(look, a.contrast, a.offset, a.sign))
            }));
        let z = harm
            .as_ref()
            .and_then(|(a, look)| look.scored(a.offset, a.sign));
        comparison.leans.push(z.map(|found| found.z));
        // Logarithms have one contrast whatever the ratio is.
        let same = harm.filter(|_| log).map(|(_, look)| look);
        if let Some(asked) = pass {
            let look = same.clone().or_else(|| look(asked));
            let log_e = look
                .as_ref()
                .map_or(0.0, |l| l.log_e(asked.offset, asked.sign));
            let found = look
                .as_ref()
                .and_then(|l| l.scored(asked.offset, asked.sign));
            comparison.pass.push(LogE(log_e));
            scores.push(found);
        }
        comparison.enough.push(test.blocks() >= LEAST_BLOCKS);
        last = same.unwrap_or_default();
    }
    comparison.of_blocks = Some(test.blocks());
    comparison.scores = pass.map(|_| scores).into_iter().collect();
    show(&mut comparison, &test, last, log, question);
    comparison
}

/// The estimate and its interval.
fn show(comparison: &mut Comparison, test: &DriftTest, last: Look, log: bool, question: &Question) {
    let values = (
        comparison.exposed.value,
        comparison.unexposed.and_then(|arm| arm.value),
    );
    let (Some(exposed), Some(unexposed)) = values else {
        return;
    };
    let ends = |look: &Look| look.interval(question.of_ends());
    // What stands beside the levels agrees with them, unless it is beyond what the blocks leave possible.
    let agreeing = |plain: f64, (lower, upper): Ends, otherwise: Option<f64>| {
        let is_within =
            lower.is_none_or(|lower| lower <= plain) && upper.is_none_or(|upper| plain <= upper);
        Some(plain).filter(|_| is_within).or(otherwise)
    };
    if log {
        let look = if last.is_known() {
            last
        } else {
            test.look([1.0, -1.0])
        };
        let (lower, upper) = ends(&look);
        let centre = look.centre().map(|(mean, _)| mean.exp());
        let ends = (lower.map(f64::exp), upper.map(f64::exp));
        comparison.estimate = agreeing(exposed / unexposed, ends, centre);
        (comparison.lower, comparison.upper) = ends;
    } else if comparison.scale == Scale::Difference {
        let look = test.look([1.0, -1.0]);
        let centre = look.centre().map(|(mean, _)| mean);
        let ends = ends(&look);
        comparison.estimate = agreeing(exposed - unexposed, ends, centre);
        (comparison.lower, comparison.upper) = ends;
    } else if unexposed > 0.0 {
        comparison.estimate = Some(exposed / unexposed);
        // Without logarithms each ratio is a contrast of its own.
        let excluded = |ratio: f64, sign: f64, alpha: f64| {
            test.look([1.0, -ratio]).log_e(0.0, sign) >= -alpha.ln()
        };
        let (low, high) = question.of_ends();
        let centre = exposed / unexposed;
        let end = |step: f64, sign: f64, alpha: f64| {
            crate::stats::edge(centre, step, 100.0, |ratio| excluded(ratio, sign, alpha))
        };
        comparison.lower = end(-0.1, 1.0, low);
        comparison.upper = end(0.1, -1.0, high);
    }
}

/// Holds the exposed arm's level against a limit. What it and the unexposed arm share does not cancel
/// here, so the noise is that of a level and not of a difference.
pub(super) fn against_limit(
    levels: &Levels<'_>,
    alone: bool,
    limit: f64,
    worse: Worse,
) -> LimitEvidence {
    let sign = match worse {
        Worse::Higher => 1.0,
        Worse::Lower => -1.0,
    };
    let past = wander(levels.history, true, false, levels.block);
    let mut test = past.test(levels.block);
    let mut feed = Feed::new(&past, levels.block);
    let (exposed, _) = arms_of(levels.levels.iter().map(|[t, c]| [*t, 1.0, *c, 1.0]));
    let mut evidence = LimitEvidence {
        breach: Vec::new(),
        pass: Vec::new(),
        leans: Vec::new(),
        ambient: Vec::new(),
        exposed,
        dispersion: 1.0,
        wanders: true,
        undecided: None,
        undecidable: None,
    };
    for (&end, &level) in levels.ends.iter().zip(levels.levels) {
        feed.push(&mut test, end, level);
        let beyond = |contrast: Contrast| {
            let look = test.look(contrast);
            let log_e = test.log_e_of_onset(&look, contrast, limit, sign);
            (look, log_e)
        };
        let (look, log_e) = beyond([1.0, 0.0]);
        evidence.breach.push(LogE(log_e));
        evidence.pass.push(LogE(look.log_e(limit, -sign)));
        let z = |found: Scored| found.z;
        evidence.leans.push(look.scored(limit, sign).map(z));
        // Asked only where it matters: while the exposed arm shows any sign of being beyond.
        let shared = log_e > 0.0 && !alone && beyond([0.0, 1.0]).1 > 0.0;
        evidence.ambient.push(shared);
    }
    evidence
}
