//! Latency from histogram buckets (judge.md section 4). Never by an interpolated quantile: what is
//! exact are the counts of requests slower than a bucket boundary, so those are compared, at the
//! two boundaries around the quantile.

use crate::plan::Kind;
use crate::stats::{OneArmBlock, TwoArmBlock};
use crate::units::{Bound, BoundUnit, Effect, LogE};

use super::counts::{self, Limited, Question};
use super::evidence::{Comparison, LimitEvidence};

/// One block: counts at each boundary, cumulative; the last is all requests.
pub(super) struct Buckets<'a> {
    /// Finite boundaries, increasing; one fewer than the counts.
    pub(super) bounds: &'a [f64],
    /// Exposed counts, then unexposed counts (none where there is no unexposed arm), by block.
    pub(super) rows: &'a [Vec<f64>],
}

/// The unexposed arm's first blocks choose the boundaries; evidence begins after them. They hold
/// requests enough to place a quantile, and choosing later would follow the data.
const CHOOSING_BLOCKS: usize = 3;

/// A boundary is of use if this many unexposed-like events are expected in the exposed arm a day.
const LEAST_EVENTS_A_DAY: f64 = 20.0;

/// Nor is it of use if nearly everything is slower.
const MOST_EXCEEDING: f64 = 0.9;

impl Buckets<'_> {
    fn exposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let all = row[self.bounds.len()];
        ((all - row[bound]).max(0.0), all)
    }

    fn unexposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let width = self.bounds.len() + 1;
        let all = row[width + self.bounds.len()];
        ((all - row[width + bound]).max(0.0), all)
    }

    /// Requests slower than one boundary exposed, and slower than another (usually the same)
    /// unexposed.
    fn two_arms(&self, exposed: usize, unexposed: usize) -> Vec<TwoArmBlock> {
        let block = |row: &Vec<f64>| {
            let (y_t, n_t) = self.exposed_above(row, exposed);
            let (y_c, n_c) = self.unexposed_above(row, unexposed);
            TwoArmBlock {
                exposed_events: y_t,
                exposed_total: n_t,
                unexposed_events: y_c,
                unexposed_total: n_c,
            }
        };
        self.rows.iter().map(block).collect()
    }

    /// The boundaries next to the quantile, by the unexposed arm's first blocks: the last with more
    /// than `1 - quantile` of the requests above it, and the first with fewer.
    fn choose(&self, quantile: f64, block_seconds: i64) -> Vec<usize> {
        let first = &self.rows[..self.rows.len().min(CHOOSING_BLOCKS)];
        let a_day = 86_400.0 / (block_seconds.max(1) as f64 * first.len().max(1) as f64);
        let exposed: f64 = first.iter().map(|row| row[self.bounds.len()]).sum();
        let share = |bound: usize| {
            let (above, all) = first.iter().fold((0.0, 0.0), |sum, row| {
                let (above, all) = self.unexposed_above(row, bound);
                (sum.0 + above, sum.1 + all)
            });
            if all > 0.0 { above / all } else { 0.0 }
        };
        let useful = |bound: usize| {
            let share = share(bound);
            share <= MOST_EXCEEDING && share * exposed * a_day >= LEAST_EVENTS_A_DAY
        };
        let candidates: Vec<usize> = (0..self.bounds.len()).filter(|&b| useful(b)).collect();
        let below = candidates
            .iter()
            .rev()
            .find(|&&b| share(b) >= 1.0 - quantile);
        let above = candidates.iter().find(|&&b| share(b) < 1.0 - quantile);
        below.into_iter().chain(above).copied().collect()
    }
}

/// Compares the arms; `None` before boundaries can be chosen, or where none is of use.
pub(super) fn compare(
    buckets: &Buckets<'_>,
    quantile: f64,
    question: &Question,
    block_seconds: i64,
) -> Option<Comparison> {
    if buckets.rows.len() < CHOOSING_BLOCKS {
        return None;
    }
    let chosen = buckets.choose(quantile, block_seconds);
    let mut parts = chosen
        .iter()
        .map(|&bound| at_boundary(buckets, bound, question, block_seconds));
    let mut comparison = parts.next()?;
    let others: Vec<Comparison> = parts.collect();
    for other in &others {
        average_in(&mut comparison.breach, &other.breach);
        average_in(&mut comparison.pass, &other.pass);
    }
    // The boundaries were chosen from these blocks: no evidence before they had closed.
    for trail in [&mut comparison.breach, &mut comparison.pass] {
        for log_e in trail.iter_mut().take(CHOOSING_BLOCKS - 1) {
            *log_e = LogE::NONE;
        }
    }
    let width = buckets.bounds.len() + 1;
    comparison.exposed.value = quantile_of(buckets, 0, quantile);
    if let Some(unexposed) = &mut comparison.unexposed {
        unexposed.value = quantile_of(buckets, width, quantile);
    }
    Some(comparison)
}

/// The comparison at one boundary. A margin in seconds speaks of the quantile itself: the exposed
/// arm's requests slower than the boundary are then held against the unexposed ones slower than a
/// boundary at least (to breach) or at most (to pass) that much below, so nothing is interpolated.
fn at_boundary(
    buckets: &Buckets<'_>,
    bound: usize,
    question: &Question,
    block_seconds: i64,
) -> Comparison {
    let same = buckets.two_arms(bound, bound);
    let compare = |blocks: &[TwoArmBlock], question: &Question| {
        counts::compare(blocks, question, &[], block_seconds)
    };
    let shift = |effect: Option<Effect>| match effect {
        Some(Effect::Absolute(seconds)) => Some(seconds),
        Some(Effect::Relative(_) | Effect::Ratio(_) | Effect::Points(_)) | None => None,
    };
    let equal = Some(Effect::Ratio(1.0));
    let at = buckets.bounds[bound];
    let mut comparison = compare(
        &same,
        &Question {
            margin: question.margin.filter(|_| shift(question.margin).is_none()),
            rule_out: question
                .rule_out
                .filter(|_| shift(question.rule_out).is_none()),
            ..*question
        },
    );
    if let Some(seconds) = shift(question.margin) {
        let lower = buckets.bounds.iter().rposition(|b| *b <= at - seconds);
        if let Some(lower) = lower {
            let shifted = buckets.two_arms(bound, lower);
            comparison.breach = compare(
                &shifted,
                &Question {
                    margin: equal,
                    rule_out: None,
                    ..*question
                },
            )
            .breach;
        }
    }
    if let Some(seconds) = shift(question.rule_out) {
        let upper = buckets
            .bounds
            .iter()
            .position(|b| *b >= at - seconds)
            .unwrap_or(bound);
        let shifted = buckets.two_arms(bound, upper);
        comparison.pass = compare(
            &shifted,
            &Question {
                margin: None,
                rule_out: equal,
                ..*question
            },
        )
        .pass;
    }
    comparison.what = Some(format!("requests slower than {}", seconds_text(at)));
    comparison
}

/// Averages e-values look by look.
fn average_in(trail: &mut [LogE], other: &[LogE]) {
    for (log_e, other) in trail.iter_mut().zip(other) {
        log_e.0 = (0.5 * (log_e.0.exp() + other.0.exp())).ln();
    }
}

/// An absolute limit on the quantile: at most `1 - quantile` of the requests may be slower. Decided
/// at boundaries only: a breach at the first one not below the limit, a pass at the last one not
/// above it.
pub(super) fn against_limit(
    buckets: &Buckets<'_>,
    quantile: f64,
    limit: Bound,
    alone: bool,
    block_seconds: i64,
) -> LimitEvidence {
    let one_arm = |bound: Option<usize>, exposed: bool| -> Vec<OneArmBlock> {
        let last = buckets.bounds.len();
        let block = |row: &Vec<f64>| {
            let (events, total) = match (bound, exposed) {
                (Some(bound), true) => buckets.exposed_above(row, bound),
                (Some(bound), false) => buckets.unexposed_above(row, bound),
                (None, true) => (0.0, row[last]),
                (None, false) => (0.0, row.get(2 * last + 1).copied().unwrap_or(0.0)),
            };
            OneArmBlock { events, total }
        };
        buckets.rows.iter().map(block).collect()
    };
    let near = |b: f64| (b - limit.value).abs() <= 1e-9 * limit.value.abs();
    let upper = buckets
        .bounds
        .iter()
        .position(|b| *b > limit.value || near(*b));
    let lower = buckets
        .bounds
        .iter()
        .rposition(|b| *b < limit.value || near(*b));
    let ambient = (!alone).then(|| one_arm(upper, false));
    // Without a boundary below the limit a pass would need that no request is slow: count all.
    let within = match lower {
        Some(_) => one_arm(lower, true),
        None => one_arm(None, true)
            .into_iter()
            .map(|b| OneArmBlock {
                events: b.total,
                ..b
            })
            .collect(),
    };
    let mut evidence = counts::against_limit(
        &Limited {
            beyond: &one_arm(upper, true),
            within: &within,
            ambient: ambient.as_deref(),
        },
        1.0 - quantile,
        Kind::Latency { quantile },
        block_seconds,
    );
    evidence.exposed.value = quantile_of(buckets, 0, quantile);
    if upper != lower {
        let text = |bound: Option<usize>, none: &str| {
            bound.map_or_else(|| none.to_owned(), |b| seconds_text(buckets.bounds[b]))
        };
        evidence.note = Some(format!(
            "these buckets cannot decide between {} and {}",
            text(lower, "0s"),
            text(upper, "infinity"),
        ));
    }
    evidence
}

/// The quantile of one arm, in seconds, interpolated within its bucket: for display only. `None`
/// where it lies beyond the last boundary.
fn quantile_of(buckets: &Buckets<'_>, offset: usize, quantile: f64) -> Option<f64> {
    let width = buckets.bounds.len() + 1;
    let counts: Vec<f64> = (0..width)
        .map(|b| {
            buckets
                .rows
                .iter()
                .filter_map(|row| row.get(offset + b))
                .sum()
        })
        .collect();
    let wanted = counts.last().copied().filter(|all| *all > 0.0)? * quantile;
    let bucket = counts.iter().position(|c| *c >= wanted)?;
    let upper = *buckets.bounds.get(bucket)?;
    let (lower, below) = bucket
        .checked_sub(1)
        .map_or((0.0, 0.0), |b| (buckets.bounds[b], counts[b]));
    let inside = counts[bucket] - below;
    let part = if inside > 0.0 {
        (wanted - below) / inside
    } else {
        1.0
    };
    Some(lower + part * (upper - lower))
}

fn seconds_text(seconds: f64) -> String {
    Bound {
        value: seconds,
        unit: BoundUnit::Time,
    }
    .to_string()
}
