//! Latency from histogram buckets. Never by an interpolated quantile, which shows a rise of a fifth as
//! one of a twentieth where buckets are wide: what is exact are the counts of requests slower than a
//! bucket boundary, so those are compared, as shares, at the
//! boundaries around the quantile and the next one.

use crate::plan::Role;
use crate::snapshot::Arm;
use crate::stats::TwoArmBlock;
use crate::units::{Effect, LogE};

use super::boundaries::{Choice, Chosen};
use super::buckets::{Buckets, Latency};
use super::evidence::Comparison;
use super::far_end::Measured;
use super::question::Question;
use super::shift::{Asks, Shift, Unprovable};
use super::{ArmTotals, Between, BoundPair, Boundaries, Issue, Of, Scale};

/// Whether the arms can be compared, and at which boundaries.
pub(super) enum Comparable {
    /// They are.
    At {
        comparison: Box<Comparison>,
        /// Of requests slower than so many seconds there are too few to say anything.
        unsaid: Option<f64>,
    },
    /// Too few blocks or requests yet to choose boundaries.
    NotYet,
    /// A margin speaks of the quantile, and these buckets cannot prove it.
    Unprovable(Unprovable),
    /// No boundary that both arms have says anything of the quantile; what the nearest one says of gross
    /// harm, which passes nothing.
    Nowhere(Option<Box<Comparison>>),
}

/// Compares the arms.
pub(super) fn compare(
    buckets: &Buckets<'_>,
    latency: Latency,
    question: &Question,
    block_seconds: i64,
) -> Comparable {
    let chosen = match buckets.choose(latency, block_seconds) {
        Choice::Nowhere(nearest) => {
            let gross = nearest.filter(|nearest| nearest.from < buckets.rows.len());
            let gross = gross.and_then(|nearest| {
                let found = compared(buckets, latency, question, block_seconds, &nearest);
                Some(Box::new(without_pass(found.ok()?)))
            });
            return Comparable::Nowhere(gross);
        }
        Choice::NotYet => return Comparable::NotYet,
        Choice::At(chosen) => chosen,
    };
    if chosen.from >= buckets.rows.len() {
        return Comparable::NotYet;
    }
    match compared(buckets, latency, question, block_seconds, &chosen) {
        Ok(comparison) => Comparable::At {
            comparison: Box::new(comparison),
            unsaid: chosen.unsaid.map(|bound| buckets.bounds[bound]),
        },
        Err(refused) => Comparable::Unprovable(refused),
    }
}

/// The same with evidence of harm alone.
fn without_pass(mut comparison: Comparison) -> Comparison {
    comparison.pass = vec![LogE::NONE; comparison.breach.len()];
    comparison.enough = vec![false; comparison.breach.len()];
    comparison.scores = Vec::new();
    comparison
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
    chosen: &Chosen,
) -> Result<Comparison, Unprovable> {
    let Latency {
        quantile, compared, ..
    } = latency;
    let shift = |effect: Option<Effect>| effect.and_then(|effect| Shift::of(effect, compared));
    let (margin, rule_out) = (shift(question.margin), shift(question.rule_out));
    let asks = [
        (margin, Asks::Margin, &chosen.breach),
        (rule_out, Asks::RuleOut, &chosen.pass),
    ];
    for (asked, key, at) in asks {
        if let Some(asked) = asked {
            asked.provable(key, buckets.bounds, at, quantile)?;
        }
    }
    let tested = |exposed: usize, unexposed: usize, question: &Question| {
        buckets.tested((exposed, unexposed), question, block_seconds, chosen)
    };
    // What speaks of shares is tested at the same boundary in both arms.
    let of_shares = Question {
        margin: question.margin.filter(|_| margin.is_none()),
        rule_out: question.rule_out.filter(|_| rule_out.is_none()),
        ..*question
    };
    let mut bounds: Vec<usize> = chosen.breach.iter().chain(&chosen.pass).copied().collect();
    bounds.sort_unstable();
    bounds.dedup();
    let parts: Vec<Comparison> = bounds
        .iter()
        .map(|&bound| tested(bound, bound, &of_shares))
        .collect();
    let at = |set: &'_ [usize]| -> Vec<&Comparison> {
        let all = bounds.iter().zip(&parts);
        all.filter(|(bound, _)| set.contains(bound))
            .map(|(_, part)| part)
            .collect()
    };
    let (harmed, cleared) = (at(&chosen.breach), at(&chosen.pass));
    let mut leans = most(harmed.iter().map(|part| part.leans.as_slice()));
    let mut breach = average(harmed.iter().map(|part| part.breach.as_slice()));
    // Harm of a size is ruled out where it is at every boundary.
    let mut pass = least(cleared.iter().map(|part| part.pass.as_slice()));
    let mut scores: Vec<_> = cleared
        .iter()
        .flat_map(|part| part.scores.clone())
        .collect();
    let at_least = |margin: Option<Effect>, rule_out: Option<Effect>| Question {
        margin,
        rule_out,
        ..*question
    };
    let equal = Some(Effect::Ratio(1.0));
    if let Some(shift) = margin {
        let pairs = chosen.breach.iter().filter_map(|&bound| {
            let lower = shift.not_above(buckets.bounds, bound)?;
            Some(tested(bound, lower, &at_least(equal, None)))
        });
        let pairs: Vec<Comparison> = pairs.collect();
        breach = average(pairs.iter().map(|pair| pair.breach.as_slice()));
        leans = most(pairs.iter().map(|pair| pair.leans.as_slice()));
    }
    if let (Some(shift), Role::Guardrail) = (rule_out, question.role) {
        let pairs = chosen.pass.iter().filter_map(|&bound| {
            let lower = shift.not_below(buckets.bounds, bound)?;
            Some(tested(bound, lower, &at_least(None, equal)))
        });
        let pairs: Vec<Comparison> = pairs.collect();
        pass = least(pairs.iter().map(|pair| pair.pass.as_slice()));
        scores = pairs.into_iter().flat_map(|pair| pair.scores).collect();
    }
    let enough = (0..buckets.rows.len())
        .map(|look| cleared.iter().all(|part| part.enough[look]))
        .collect();
    let wanders = parts.iter().any(|part| part.wanders);
    let shown = shown(&parts, &breach, question.alphas.breach);
    let mut parts = parts;
    let mut comparison = parts.swap_remove(shown);
    (comparison.breach, comparison.pass) = (breach, pass);
    comparison.scores = scores;
    (comparison.leans, comparison.enough) = (leans, enough);
    comparison.wanders = wanders;
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
        let slower = buckets.bounds[bounds[shown]];
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
    let Choice::At(chosen) = buckets.choose(latency, block_seconds) else {
        return None;
    };
    let bound = *chosen.breach.first()?;
    Some(buckets.two_arms(bound, bound))
}

/// The boundaries of each arm whose counts are compared.
fn compared_at(
    bounds: &[f64],
    chosen: &Chosen,
    margin: Option<Shift>,
    rule_out: Option<Shift>,
) -> Boundaries {
    let pairs = |of: &[usize], other: &dyn Fn(usize) -> Option<usize>| {
        let pair = |&bound: &usize| {
            Some(BoundPair {
                exposed: bounds[bound],
                unexposed: bounds[other(bound)?],
            })
        };
        of.iter().filter_map(pair).collect()
    };
    Boundaries {
        breach: pairs(&chosen.breach, &|bound| {
            margin.map_or(Some(bound), |m| m.not_above(bounds, bound))
        }),
        pass: pairs(&chosen.pass, &|bound| {
            rule_out.map_or(Some(bound), |r| r.not_below(bounds, bound))
        }),
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
