//! Latency from histogram buckets (judge.md section 4). Never by an interpolated quantile: what is
//! exact are the counts of requests slower than a bucket boundary, so those are compared, at the
//! two boundaries around the quantile.

use crate::plan::{Compared, Kind, Role};
use crate::stats::{OneArmBlock, TwoArmBlock};
use crate::units::{Bound, BoundUnit, Effect, LogE};

use super::counts::{self, Limited, Question};
use super::evidence::{Comparison, LimitEvidence};
use super::quantile::{Arm, Shift, Unprovable, percent};
use super::{ArmTotals, Between, Scale};

/// What is asked of a latency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    pub(super) quantile: f64,
    /// What a relative margin speaks of.
    pub(super) compared: Compared,
    /// The share of users to which a ramp leads; `None` in a stage, whose share stays.
    pub(super) leads_to: Option<f64>,
}

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
    pub(super) fn exposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let all = row[self.bounds.len()];
        ((all - row[bound]).max(0.0), all)
    }

    pub(super) fn unexposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
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
    fn choose(&self, latency: Latency, block_seconds: i64) -> Vec<usize> {
        let Latency {
            quantile, leads_to, ..
        } = latency;
        let first = &self.rows[..self.rows.len().min(CHOOSING_BLOCKS)];
        let a_day = 86_400.0 / (block_seconds.max(1) as f64 * first.len().max(1) as f64);
        let exposed: f64 = first.iter().map(|row| row[self.bounds.len()]).sum();
        // A ramp's first blocks have hardly anybody exposed; its evidence comes later.
        let exposed = leads_to.map_or(exposed, |share| {
            let width = self.bounds.len() + 1;
            let unexposed = first.iter().filter_map(|row| row.get(2 * width - 1));
            share * (exposed + unexposed.sum::<f64>())
        });
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
///
/// # Errors
/// With the cure, when a margin speaks of the quantile and these buckets cannot prove it.
pub(super) fn compare(
    buckets: &Buckets<'_>,
    latency: Latency,
    question: &Question,
    block_seconds: i64,
) -> Result<Option<Comparison>, Unprovable> {
    if buckets.rows.len() < CHOOSING_BLOCKS {
        return Ok(None);
    }
    let Latency {
        quantile, compared, ..
    } = latency;
    let chosen = buckets.choose(latency, block_seconds);
    if chosen.is_empty() {
        return Ok(None);
    }
    let shift = |effect: Option<Effect>| effect.and_then(|effect| Shift::of(effect, compared));
    let (margin, rule_out) = (shift(question.margin), shift(question.rule_out));
    for (asked, key) in [(margin, "margin"), (rule_out, "rule_out")] {
        if let Some(asked) = asked {
            asked.provable(key, buckets.bounds, &chosen, quantile)?;
        }
    }
    let tested = |exposed: usize, unexposed: usize, question: &Question| {
        let blocks = buckets.two_arms(exposed, unexposed);
        let comparison = counts::compare(&blocks, question, &[], block_seconds);
        counts::common_shares(comparison, &blocks, question, block_seconds)
    };
    // What speaks of shares is tested at the same boundary in both arms.
    let of_shares = Question {
        margin: question.margin.filter(|_| margin.is_none()),
        rule_out: question.rule_out.filter(|_| rule_out.is_none()),
        ..*question
    };
    let parts: Vec<Comparison> = chosen
        .iter()
        .map(|&bound| tested(bound, bound, &of_shares))
        .collect();
    let mut leans = most(parts.iter().map(|part| part.leans.as_slice()));
    let mut breach = average(parts.iter().map(|part| part.breach.as_slice()));
    let mut pass = average(parts.iter().map(|part| part.pass.as_slice()));
    let at_least = |margin: Option<Effect>, rule_out: Option<Effect>| Question {
        margin,
        rule_out,
        ..*question
    };
    let equal = Some(Effect::Ratio(1.0));
    if let Some(shift) = margin {
        let pairs = chosen.iter().filter_map(|&bound| {
            let lower = shift.not_above(buckets.bounds, bound)?;
            Some(tested(bound, lower, &at_least(equal, None)))
        });
        let pairs: Vec<Comparison> = pairs.collect();
        breach = average(pairs.iter().map(|pair| pair.breach.as_slice()));
        leans = most(pairs.iter().map(|pair| pair.leans.as_slice()));
    }
    if let (Some(shift), Role::Guardrail) = (rule_out, question.role) {
        let pairs = chosen.iter().filter_map(|&bound| {
            let lower = shift.not_below(buckets.bounds, bound)?;
            Some(tested(bound, lower, &at_least(None, equal)).pass)
        });
        pass = average(pairs.collect::<Vec<_>>().iter().map(Vec::as_slice));
    }
    // The boundaries were chosen from these blocks: no evidence before they had closed.
    for trail in [&mut breach, &mut pass] {
        for log_e in trail.iter_mut().take(CHOOSING_BLOCKS - 1) {
            *log_e = LogE::NONE;
        }
    }
    let Some(mut comparison) = parts.into_iter().next() else {
        return Ok(None);
    };
    (comparison.breach, comparison.pass) = (breach, pass);
    comparison.leans = leans;
    comparison.boundaries = Some(compared_at(buckets.bounds, &chosen, margin, rule_out));
    comparison.exposed = buckets.seen(Arm::Exposed, quantile, comparison.exposed);
    comparison.unexposed = comparison
        .unexposed
        .map(|totals| buckets.seen(Arm::Unexposed, quantile, totals));
    let speaks_of_quantile = match question.margin {
        Some(_) => margin.is_some(),
        None => rule_out.is_some(),
    };
    if speaks_of_quantile {
        let relative = question
            .margin
            .or(question.rule_out)
            .is_none_or(Effect::is_relative);
        scaled(&mut comparison, relative);
        comparison.what = Some(format!("p{}", percent(quantile)));
    } else {
        let slower = seconds_text(buckets.bounds[chosen[0]]);
        comparison.what = Some(format!("requests slower than {slower}"));
    }
    Ok(Some(comparison))
}

/// Slow requests of both arms, for a margin that speaks of their share: beyond the boundary next to
/// the quantile where most are.
pub(super) fn slow(
    buckets: &Buckets<'_>,
    latency: Latency,
    block_seconds: i64,
) -> Option<Vec<TwoArmBlock>> {
    let bound = *buckets.choose(latency, block_seconds).first()?;
    Some(buckets.two_arms(bound, bound))
}

/// The boundaries of each arm whose counts are compared, in words.
fn compared_at(
    bounds: &[f64],
    chosen: &[usize],
    margin: Option<Shift>,
    rule_out: Option<Shift>,
) -> String {
    let text = |bound: usize| seconds_text(bounds[bound]);
    let slower = |lower: &dyn Fn(usize) -> Option<usize>| {
        let pairs = chosen
            .iter()
            .filter_map(|&bound| Some((bound, lower(bound)?)));
        let each = pairs.map(|(bound, lower)| {
            if bound == lower {
                text(bound)
            } else {
                format!("{} (unexposed {})", text(bound), text(lower))
            }
        });
        each.collect::<Vec<_>>().join(" and ")
    };
    let breach = slower(&|bound| margin.map_or(Some(bound), |m| m.not_above(bounds, bound)));
    let pass = slower(&|bound| rule_out.map_or(Some(bound), |r| r.not_below(bounds, bound)));
    if breach == pass {
        format!("requests slower than {breach}; the mean of their e-values")
    } else {
        format!(
            "requests slower than {breach} for a breach, than {pass} to rule out; the mean of their e-values"
        )
    }
}

/// The numbers of a comparison of quantiles: both are known up to the buckets they lie in, so the
/// interval is as wide as those make it.
fn scaled(comparison: &mut Comparison, relative: bool) {
    let values = |totals: &ArmTotals| (totals.value, totals.between);
    let (exposed, between) = values(&comparison.exposed);
    let (unexposed, beside) = comparison.unexposed.as_ref().map_or((None, None), values);
    let of = |exposed: f64, unexposed: f64| {
        if relative {
            (unexposed > 0.0).then(|| exposed / unexposed)
        } else {
            Some(exposed - unexposed)
        }
    };
    let both = |exposed: Option<f64>, unexposed: Option<f64>| of(exposed?, unexposed?);
    comparison.scale = if relative {
        Scale::Ratio
    } else {
        Scale::Difference
    };
    comparison.estimate = both(exposed, unexposed);
    let lower = |between: Option<Between>| between.map(|between| between.lower);
    let upper = |between: Option<Between>| between.and_then(|between| between.upper);
    comparison.lower = both(lower(between), upper(beside));
    comparison.upper = both(upper(between), lower(beside));
}

/// The largest score, look by look: harm at any boundary is harm.
fn most<'a>(trails: impl Iterator<Item = &'a [Option<f64>]>) -> Vec<Option<f64>> {
    let mut most: Vec<Option<f64>> = Vec::new();
    for trail in trails {
        most.resize(most.len().max(trail.len()), None);
        for (most, z) in most.iter_mut().zip(trail) {
            *most = [*most, *z].into_iter().flatten().reduce(f64::max);
        }
    }
    most
}

/// The average of e-values, look by look; none where there is nothing to average.
fn average<'a>(trails: impl ExactSizeIterator<Item = &'a [LogE]>) -> Vec<LogE> {
    let count = trails.len() as f64;
    let mut sums: Vec<f64> = Vec::new();
    for trail in trails {
        sums.resize(sums.len().max(trail.len()), 0.0);
        for (sum, log_e) in sums.iter_mut().zip(trail) {
            *sum += log_e.0.exp();
        }
    }
    sums.into_iter()
        .map(|sum| LogE((sum / count).ln()))
        .collect()
}

/// An absolute limit on the quantile: at most `1 - quantile` of the requests may be slower. Decided
/// at boundaries only: a breach at the first one not below the limit, a pass at the last one not
/// above it.
pub(super) fn against_limit(
    buckets: &Buckets<'_>,
    Latency {
        quantile, compared, ..
    }: Latency,
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
        Kind::Latency {
            quantile,
            compare: compared,
        },
        block_seconds,
    );
    evidence.exposed = buckets.seen(Arm::Exposed, quantile, evidence.exposed);
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

pub(super) fn seconds_text(seconds: f64) -> String {
    Bound {
        value: seconds,
        unit: BoundUnit::Time,
    }
    .to_string()
}
