//! Which buckets of a histogram are asked for: a week of all of them is much, and what a guardrail asks
//! about lies between a few.

use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::plan::VectorSelector;
use crate::prometheus::Client;
use crate::prometheus::answer::Answer;
use crate::prometheus::asking::{Count, IN_FLIGHT};
use crate::prometheus::increments::{Counter, at_ends};
use crate::prometheus::native::Focus;
use crate::prometheus::query::Question;

use super::wanted::{How, Wanted};

/// Bounds below the first that has the quantile below it: those to which a scaled quantile falls back.
const BELOW: usize = 3;

/// Bounds above it: the tail beyond the quantile.
const ABOVE: usize = 2;

/// The same, of histograms limited to the buckets that matter. Where the last day does not tell which, all
/// are asked for.
pub(super) async fn bounded(
    client: &Client,
    wanted: Vec<Wanted>,
    count: &Count<'_>,
) -> Vec<Wanted> {
    let mut texts: BTreeMap<(String, i64), Option<Answer>> = BTreeMap::new();
    for one in &wanted {
        texts.extend(asked(one).map(|key| (key, None)));
    }
    count.more(texts.len());
    let answered: Vec<_> = futures::stream::iter(texts.into_keys())
        .map(|(text, at)| async move {
            let at_end = chrono::DateTime::from_timestamp(at, 0);
            let answer = match at_end {
                Some(at) => client.instant(&text, at).await.ok(),
                None => None,
            };
            count.answered();
            ((text, at), answer)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    let answers: BTreeMap<_, _> = answered.into_iter().collect();
    let of = |one: &Wanted| {
        let answer = answers.get(&asked(one)?)?.as_ref()?;
        limited(one, answer)
    };
    let wanted = wanted.into_iter();
    wanted.map(|one| of(&one).unwrap_or(one)).collect()
}

/// The question of the last day's buckets.
fn asked(wanted: &Wanted) -> Option<(String, i64)> {
    let How::Buckets(questions, _) = &wanted.how else {
        return None;
    };
    let counter = questions.first()?.counter.as_ref()?;
    Some((of_a_day(&counter.selector), wanted.grid.last()?))
}

/// What the buckets have counted in a day. It only chooses, so that an estimate will do.
fn of_a_day(selector: &VectorSelector) -> String {
    format!("sum by (le) (increase({}[1d]))", selector.text())
}

fn limited(wanted: &Wanted, answer: &Answer) -> Option<Wanted> {
    let How::Buckets(questions, focus) = &wanted.how else {
        return None;
    };
    let bounds = chosen(answer, *focus)?;
    let questions = questions.iter().map(|question| {
        let counter = Counter::clone(question.counter.as_deref()?).with_bounds(&bounds);
        Some(Question {
            text: at_ends(&counter.selector, wanted.grid.block()).into(),
            counter: Some(counter.into()),
            ..question.clone()
        })
    });
    Some(Wanted {
        how: How::Buckets(questions.collect::<Option<_>>()?, *focus),
        ..wanted.clone()
    })
}

/// The bounds that matter, as they are written; `None` where the answer does not tell.
fn chosen(answer: &Answer, focus: Focus) -> Option<Vec<String>> {
    let mut counts: Vec<(f64, &str, f64)> = answer
        .series
        .iter()
        .filter_map(|series| {
            let written = series.labels.get("le")?;
            let count = series.points.first()?.value;
            Some((written.parse().ok()?, written.as_str(), count))
        })
        .filter(|(bound, _, count): &(f64, &str, f64)| !bound.is_nan() && count.is_finite())
        .collect();
    counts.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    // Two spellings of a bound are one.
    let mut bounds: Vec<(f64, f64)> = Vec::new();
    for (bound, _, count) in &counts {
        match bounds.last_mut() {
            Some((last, sum)) if last.total_cmp(bound).is_eq() => *sum += count,
            Some(_) | None => bounds.push((*bound, *count)),
        }
    }
    let (_, all) = bounds
        .pop()
        .filter(|(bound, all)| bound.is_infinite() && *all > 0.0)?;
    let beyond = |count: f64| 1.0 - count / all;
    let high = bounds.partition_point(|(_, count)| beyond(*count) >= 1.0 - focus.quantile);
    let near = |place: usize| place.saturating_sub(BELOW)..=place + ABOVE;
    let limit = focus.limit.map(|limit| {
        let place = bounds.partition_point(|(bound, _)| *bound < limit);
        place.saturating_sub(BELOW)..=place + 1
    });
    let is_chosen = |place: &usize| {
        near(high).contains(place) || limit.as_ref().is_some_and(|near| near.contains(place))
    };
    let kept: Vec<f64> = (0..bounds.len())
        .filter(is_chosen)
        .map(|place| bounds[place].0)
        .collect();
    let is_kept =
        |bound: f64| bound.is_infinite() || kept.iter().any(|kept| kept.total_cmp(&bound).is_eq());
    let written = counts.iter().filter(|(bound, ..)| is_kept(*bound));
    Some(
        written
            .map(|(_, written, _)| (*written).to_owned())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::answer::{Point, Returned};

    /// What is chosen of these cumulative counts.
    fn of(counts: &[(&str, f64)], quantile: f64, limit: Option<f64>) -> Option<Vec<String>> {
        let series = counts.iter().map(|(bound, value)| Returned {
            labels: [("le".to_owned(), (*bound).to_owned())].into(),
            points: vec![Point {
                at_ms: 0,
                value: *value,
            }],
            histograms: Vec::new(),
        });
        let answer = Answer {
            series: series.collect(),
            ..Answer::default()
        };
        chosen(&answer, Focus { quantile, limit })
    }

    const COUNTS: [(&str, f64); 11] = [
        ("0.01", 100.0),
        ("0.025", 400.0),
        ("0.05", 600.0),
        ("0.1", 900.0),
        ("0.25", 980.0),
        ("0.5", 985.0),
        ("1", 995.0),
        ("2.5", 999.0),
        ("5", 1_000.0),
        ("10", 1_000.0),
        ("+Inf", 1_000.0),
    ];

    #[test]
    fn those_around_the_quantile_and_the_limit_are_chosen() {
        assert_eq!(
            of(&COUNTS, 0.99, None).unwrap(),
            ["0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"]
        );
        assert_eq!(
            of(&COUNTS, 0.5, None).unwrap(),
            ["0.01", "0.025", "0.05", "0.1", "0.25", "+Inf"]
        );
        let with_limit = of(&COUNTS, 0.5, Some(5.0)).unwrap();
        assert_eq!(with_limit[5..], ["0.5", "1", "2.5", "5", "10", "+Inf"]);
    }

    #[test]
    fn both_spellings_of_a_bound_are_chosen() {
        let counts = [
            ("1", 500.0),
            ("1.0", 400.0),
            ("2", 990.0),
            ("+Inf", 1_000.0),
        ];
        assert_eq!(of(&counts, 0.95, None).unwrap(), ["1", "1.0", "2", "+Inf"]);
    }

    #[test]
    fn what_counts_nothing_chooses_nothing() {
        assert_eq!(of(&[], 0.99, None), None);
        assert_eq!(of(&[("1", 0.0), ("+Inf", 0.0)], 0.99, None), None);
        assert_eq!(of(&[("1", 5.0)], 0.99, None), None);
    }

    #[test]
    fn where_all_is_beyond_the_last_bound_the_last_are_chosen() {
        let counts = [
            ("1", 0.0),
            ("2", 0.0),
            ("3", 0.0),
            ("4", 0.0),
            ("+Inf", 9.0),
        ];
        assert_eq!(of(&counts, 0.99, None).unwrap(), ["2", "3", "4", "+Inf"]);
    }
}
