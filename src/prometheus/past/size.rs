//! How much of the past can be held: what would be refused when half of it has come is not asked for.

use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::prometheus::Client;
use crate::prometheus::answer::Answer;
use crate::prometheus::asking::{Count, IN_FLIGHT};
use crate::prometheus::increments::MOST_VALUES;
use crate::prometheus::query::Question;
use crate::snapshot::Unsplit;
use crate::units::Instant;

use super::wanted::{How, Wanted};

/// The same, of one day where there are too many series for all of them, and of none where there are too
/// many for that. Counting series costs a server next to nothing.
pub(super) async fn fitting(
    client: &Client,
    wanted: Vec<Wanted>,
    count: &Count<'_>,
) -> Vec<Wanted> {
    let most = most_series(client, &wanted, count).await;
    wanted
        .into_iter()
        .zip(most)
        .map(|(one, most)| cut(one, most))
        .collect()
}

/// Whether any of these is more than can be held.
pub(super) async fn is_too_much(client: &Client, wanted: &[Wanted], count: &Count<'_>) -> bool {
    let most = most_series(client, wanted, count).await;
    let mut all = wanted.iter().zip(most);
    all.any(|(one, series)| series * one.grid.len() as f64 > MOST_VALUES as f64)
}

/// How many series the largest question of each of these is about, at the end of the latest blocks of any.
async fn most_series(client: &Client, wanted: &[Wanted], count: &Count<'_>) -> Vec<f64> {
    let mut texts: BTreeMap<String, Instant> = BTreeMap::new();
    for (text, at) in wanted.iter().flat_map(asked) {
        let latest = texts.entry(text).or_insert(at);
        *latest = at.max(*latest);
    }
    count.more(texts.len());
    let answered: Vec<_> = futures::stream::iter(texts)
        .map(|(text, at)| async move {
            let answer = client.instant(&text, at).await.ok();
            count.answered();
            (text, answer.as_ref().map_or(0.0, number))
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    let series: BTreeMap<_, _> = answered.into_iter().collect();
    let most = |one: &Wanted| {
        let counts = asked(one).filter_map(|(text, _)| series.get(&text));
        counts.copied().fold(0.0, f64::max)
    };
    wanted.iter().map(most).collect()
}

/// The questions of how many series there are, and of when.
fn asked(wanted: &Wanted) -> impl Iterator<Item = (String, Instant)> {
    let last = wanted.grid.last();
    let at = last.and_then(|end| chrono::DateTime::from_timestamp(end, 0));
    let selector = |question: &Question| {
        let counter = question.counter.as_ref()?;
        Some(counter.selector.text())
    };
    wanted
        .questions()
        .iter()
        .filter_map(move |question| Some((format!("count({})", selector(question)?), at?)))
}

/// The number that the answer is; none where there are no series.
fn number(answer: &Answer) -> f64 {
    let points = answer.series.first().map(|series| &series.points);
    points
        .and_then(|points| points.first())
        .map_or(0.0, |point| point.value)
}

/// As much of it as so many series leave room for.
fn cut(wanted: Wanted, series: f64) -> Wanted {
    let fits = |one: &Wanted| series * one.grid.len() as f64 <= MOST_VALUES as f64;
    if fits(&wanted) {
        return wanted;
    }
    let day = wanted.of_a_day();
    if fits(&day) {
        return day;
    }
    Wanted {
        how: How::Unsplit(Unsplit::NotAnswered),
        ..wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Arms;
    use crate::prometheus::Grid;
    use crate::prometheus::past::wanted::BLOCK;

    #[test]
    fn as_many_days_are_asked_as_can_be_held() {
        let days = |days: i64| {
            let end = chrono::DateTime::from_timestamp(1_700_006_400, 0).unwrap();
            Grid::new(end - chrono::TimeDelta::days(days), end, BLOCK)
        };
        let wanted = Wanted {
            how: How::Unsplit(Unsplit::OneInstance),
            grid: days(3),
            arms: Arms::default(),
        };
        let blocks = |series: f64| {
            let cut = cut(wanted.clone(), series);
            let is_asked = !matches!(cut.how, How::Unsplit(Unsplit::NotAnswered));
            is_asked.then(|| cut.grid.len())
        };
        assert_eq!(blocks(0.0), Some(3 * 288));
        assert_eq!(blocks(19_000.0), Some(3 * 288));
        assert_eq!(blocks(20_000.0), Some(288));
        assert_eq!(blocks(58_000.0), Some(288));
        assert_eq!(blocks(59_000.0), None);
    }

    #[test]
    fn a_count_of_nothing_is_none() {
        assert!(number(&Answer::default()).abs() < f64::EPSILON);
    }
}
