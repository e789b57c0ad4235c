//! Latency from histogram buckets. Never by an interpolated quantile, which shows a rise of a fifth as
//! one of a twentieth where buckets are wide: what is exact are the counts of requests slower than a
//! bucket boundary, so those are compared, as shares, at the two boundaries around the quantile.

use crate::plan::{Compared, Role, TimeUnit};
use crate::snapshot::Arm;
use crate::stats::TwoArmBlock;
use crate::units::{Effect, LogE};

use super::buckets::Buckets;
use super::counts;
use super::evidence::Comparison;
use super::question::Question;
use super::shift::{Asks, Shift, Unprovable};
use super::timetable::Measured;
use super::{ArmTotals, Between, BoundPair, Boundaries, Issue, Of, Scale};

/// What is asked of a latency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    pub(super) quantile: f64,
    /// What a relative margin speaks of.
    pub(super) compared: Compared,
    /// The unit of the histogram's bounds.
    pub(super) unit: TimeUnit,
    /// The share of users to which a ramp leads; `None` in a stage, whose share stays.
    pub(super) leads_to: Option<f64>,
}

/// Whether the arms can be compared, and at which boundaries.
pub(super) enum Comparable {
    /// They are.
    At(Box<Comparison>),
    /// Too few blocks or requests yet to choose boundaries.
    NotYet,
    /// A margin speaks of the quantile, and these buckets cannot prove it.
    Unprovable(Unprovable),
    /// No boundary that both arms have says anything of the quantile.
    Nowhere,
}

/// The unexposed arm's first blocks choose the boundaries; evidence begins after them. They hold
/// requests enough to place a quantile, and choosing later would follow the data.
const CHOOSING_BLOCKS: usize = 3;

/// A boundary is of use if this many unexposed-like events are expected in the exposed arm a day.
const LEAST_EVENTS_A_DAY: f64 = 20.0;

/// Nor is it of use far from the quantile: where ten times as many requests are slower as beyond the
/// quantile, or ten times fewer, their number moves with other requests than the slowest. The two
/// boundaries that a p99 is compared at in ordinary buckets have about 5 % and 0.4 % beyond them,
/// which leaves a factor of two to either side.
const NEAR: f64 = 10.0;

/// Nor if nearly everything is slower.
const MOST_EXCEEDING: f64 = 0.9;

impl Buckets<'_> {
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
    fn choose(&self, latency: Latency, block_seconds: i64) -> Chosen {
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
        let share_in = |rows: &[Vec<f64>], bound: usize| {
            let (above, all) = rows.iter().fold((0.0, 0.0), |sum, row| {
                let (above, all) = self.unexposed_above(row, bound);
                (sum.0 + above, sum.1 + all)
            });
            if all > 0.0 { above / all } else { 0.0 }
        };
        let share = |bound: usize| share_in(first, bound);
        let tail = 1.0 - quantile;
        let near =
            |share: f64| share <= MOST_EXCEEDING && (tail / NEAR..=tail * NEAR).contains(&share);
        let useful = |bound: usize| {
            let share = share(bound);
            near(share) && share * exposed * a_day >= LEAST_EVENTS_A_DAY
        };
        let candidates: Vec<usize> = (0..self.bounds.len()).filter(|&b| useful(b)).collect();
        let below = candidates
            .iter()
            .rev()
            .find(|&&b| share(b) >= 1.0 - quantile);
        let above = candidates.iter().find(|&&b| share(b) < 1.0 - quantile);
        let bounds: Vec<usize> = below.into_iter().chain(above).copied().collect();
        if !bounds.is_empty() {
            return Chosen::Bounds(bounds);
        }
        let totals = self.rows.iter().filter_map(|row| row.last());
        let known = totals.sum::<f64>() * tail >= SURELY_NEAR;
        if known && !(0..self.bounds.len()).any(|b| near(share_in(self.rows, b))) {
            Chosen::Nowhere
        } else {
            Chosen::Bounds(bounds)
        }
    }
}

/// Boundaries next to the quantile; none where too few requests are expected beyond them.
enum Chosen {
    Bounds(Vec<usize>),
    /// There are none, and requests enough to know.
    Nowhere,
}

/// So many requests beyond the quantile have been seen before it is said that no boundary is near.
const SURELY_NEAR: f64 = 10.0;

/// Compares the arms.
pub(super) fn compare(
    buckets: &Buckets<'_>,
    latency: Latency,
    question: &Question,
    block_seconds: i64,
) -> Comparable {
    if buckets.rows.len() < CHOOSING_BLOCKS {
        return Comparable::NotYet;
    }
    let chosen = match buckets.choose(latency, block_seconds) {
        Chosen::Nowhere => return Comparable::Nowhere,
        Chosen::Bounds(chosen) if chosen.is_empty() => return Comparable::NotYet,
        Chosen::Bounds(chosen) => chosen,
    };
    match compared(buckets, latency, question, block_seconds, &chosen) {
        Ok(comparison) => Comparable::At(Box::new(comparison)),
        Err(refused) => Comparable::Unprovable(refused),
    }
}

/// Why no shared boundary says anything of the quantile.
pub(super) fn nowhere(latency: Latency, exposed: &[f64], unexposed: &[f64]) -> Issue {
    let quantile = latency.quantile;
    if exposed == unexposed {
        return Issue::NoBoundNear {
            quantile,
            bounds: exposed.to_vec(),
        };
    }
    Issue::BoundsDiffer {
        quantile,
        exposed: exposed.to_vec(),
        unexposed: unexposed.to_vec(),
    }
}

/// The comparison at chosen boundaries.
///
/// # Errors
/// With the cure, when a margin speaks of the quantile and these buckets cannot prove it.
fn compared(
    buckets: &Buckets<'_>,
    latency: Latency,
    question: &Question,
    block_seconds: i64,
    chosen: &[usize],
) -> Result<Comparison, Unprovable> {
    let Latency {
        quantile, compared, ..
    } = latency;
    let shift = |effect: Option<Effect>| effect.and_then(|effect| Shift::of(effect, compared));
    let (margin, rule_out) = (shift(question.margin), shift(question.rule_out));
    for (asked, key) in [(margin, Asks::Margin), (rule_out, Asks::RuleOut)] {
        if let Some(asked) = asked {
            asked.provable(key, buckets.bounds, chosen, quantile)?;
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
    // Harm of a size is ruled out where it is at every boundary.
    let mut pass = least(parts.iter().map(|part| part.pass.as_slice()));
    let mut scores: Vec<_> = parts.iter().flat_map(|part| part.scores.clone()).collect();
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
            Some(tested(bound, lower, &at_least(None, equal)))
        });
        let pairs: Vec<Comparison> = pairs.collect();
        pass = least(pairs.iter().map(|pair| pair.pass.as_slice()));
        scores = pairs.into_iter().flat_map(|pair| pair.scores).collect();
    }
    // The boundaries were chosen from these blocks: no evidence before they had closed.
    for trail in [&mut breach, &mut pass] {
        for log_e in trail.iter_mut().take(CHOOSING_BLOCKS - 1) {
            *log_e = LogE::NONE;
        }
    }
    let shown = shown(&parts, &breach, question.alphas.breach);
    let mut parts = parts;
    let mut comparison = parts.swap_remove(shown);
    (comparison.breach, comparison.pass) = (breach, pass);
    comparison.scores = scores;
    comparison.leans = leans;
    comparison.boundaries = Some(compared_at(buckets.bounds, chosen, margin, rule_out));
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
        comparison.measured = Measured::Fixed;
        comparison.of = Some(Of::Quantile(quantile));
    } else {
        let slower = buckets.bounds[chosen[shown]];
        comparison.of = Some(Of::SlowerThan(slower));
    }
    Ok(comparison)
}

/// The boundary whose numbers are shown: the one with most evidence of harm where that is proof, else
/// the one that is farthest from ruling it out, so that the interval agrees with the verdict.
fn shown(parts: &[Comparison], breach: &[LogE], alpha: f64) -> usize {
    let last = |trail: &[LogE]| trail.last().map_or(0.0, |e| e.0);
    let by = |of: &dyn Fn(&Comparison) -> f64| {
        let places = 0..parts.len();
        places.max_by(|a, b| of(&parts[*a]).total_cmp(&of(&parts[*b])).then(b.cmp(a)))
    };
    let place = if last(breach) >= -alpha.ln() {
        by(&|part| last(&part.breach))
    } else {
        by(&|part| -last(&part.pass))
    };
    place.unwrap_or(0)
}

/// Slow requests of both arms, for a margin that speaks of their share: beyond the boundary next to
/// the quantile where most are.
pub(super) fn slow(
    buckets: &Buckets<'_>,
    latency: Latency,
    block_seconds: i64,
) -> Option<Vec<TwoArmBlock>> {
    let Chosen::Bounds(chosen) = buckets.choose(latency, block_seconds) else {
        return None;
    };
    let bound = *chosen.first()?;
    Some(buckets.two_arms(bound, bound))
}

/// The boundaries of each arm whose counts are compared.
fn compared_at(
    bounds: &[f64],
    chosen: &[usize],
    margin: Option<Shift>,
    rule_out: Option<Shift>,
) -> Boundaries {
    let pairs = |other: &dyn Fn(usize) -> Option<usize>| {
        let pair = |&bound: &usize| {
            Some(BoundPair {
                exposed: bounds[bound],
                unexposed: bounds[other(bound)?],
            })
        };
        chosen.iter().filter_map(pair).collect()
    };
    Boundaries {
        breach: pairs(&|bound| margin.map_or(Some(bound), |m| m.not_above(bounds, bound))),
        pass: pairs(&|bound| rule_out.map_or(Some(bound), |r| r.not_below(bounds, bound))),
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

/// The least evidence, look by look; none where there is nothing.
fn least<'a>(trails: impl Iterator<Item = &'a [LogE]>) -> Vec<LogE> {
    let mut least: Vec<LogE> = Vec::new();
    for trail in trails {
        if least.is_empty() {
            least = trail.to_vec();
        }
        for (least, log_e) in least.iter_mut().zip(trail) {
            least.0 = least.0.min(log_e.0);
        }
    }
    least
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
