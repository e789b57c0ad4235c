//! Blocks that scrapes do not fill, put together until they do: an increment is booked where the next
//! scrape ends, so that a block shorter than a few scrapes holds one arm's traffic and not the other's.

use crate::plan::Column;
use std::borrow::Cow;

use crate::snapshot::{ArmSeries, GuardrailSeries, History, Series};
use crate::units::Period;

/// So many scrapes fill a block: the scrape by which each arm may be early or late is then a third of
/// it at most.
const FILLING: u32 = 3;

/// How many blocks of this length are put together, where targets are scraped so rarely.
pub(super) fn pooled_blocks(block: i64, scrape_seconds: Option<u32>) -> i64 {
    let filling = i64::from(scrape_seconds.unwrap_or(0).saturating_mul(FILLING));
    // Half a scrape is no reason: intervals are measured, and not to the second.
    let slack = i64::from(scrape_seconds.unwrap_or(0)) / 2;
    let block = block.max(1);
    ((filling - slack).max(1) + block - 1) / block
}

/// The series in blocks that scrapes fill, at absolute multiples of their length. A long
/// block is there when the last of its blocks that has anything is: increments are since the sample
/// before, so what a missing block had is in the next one.
pub(super) fn pool<'a>(series: &'a GuardrailSeries, block: i64) -> Cow<'a, GuardrailSeries> {
    let times_of = |block| pooled_blocks(block, series.scrape_seconds);
    let times = times_of(block);
    let parts = [&series.history, &series.during];
    let mut parts = parts.into_iter().flatten();
    if times <= 1 && parts.all(|part| times_of(i64::from(part.block.seconds())) <= 1) {
        return Cow::Borrowed(series);
    }
    let groups = Groups::of(&series.ends, block * times);
    let pooled = |history: &History| {
        let block = i64::from(history.block.seconds());
        let times = times_of(block);
        let groups = Groups::of(&history.ends, block * times);
        History {
            groups: history
                .groups
                .iter()
                .map(|group| groups.arm(group))
                .collect(),
            instances: history.instances.clone(),
            ends: groups.ends,
            block: Period::from_seconds(u32::try_from(block * times).unwrap_or(u32::MAX)),
        }
    };
    Cow::Owned(GuardrailSeries {
        exposed: groups.arm(&series.exposed),
        unexposed: groups.arm(&series.unexposed),
        ends: groups.ends,
        issues: series.issues.clone(),
        queries: series.queries.clone(),
        history: series.history.as_ref().map(pooled),
        during: series.during.as_ref().map(pooled),
        unsplit: series.unsplit,
        scrape_seconds: series.scrape_seconds,
        instances: series.instances.clone(),
        preflight: series.preflight.clone(),
        assumed: series
            .assumed
            .iter()
            .filter_map(|run| long_blocks(*run, block, times))
            .collect(),
    })
}

/// The long blocks that lie within a run of short ones: the ends of the first and the last.
fn long_blocks((first, last): (i64, i64), block: i64, times: i64) -> Option<(i64, i64)> {
    let length = block * times;
    let first = (first + 2 * length - block - 1).div_euclid(length) * length;
    let last = last.div_euclid(length) * length;
    (first <= last).then_some((first, last))
}

/// Which blocks make up a long one.
struct Groups {
    /// Ends of the long blocks.
    ends: Vec<i64>,
    /// For each of them the first and the one after the last of its blocks.
    parts: Vec<(usize, usize)>,
}

impl Groups {
    /// Long blocks that have closed.
    fn of(ends: &[i64], length: i64) -> Self {
        let end_of = |end: i64| (end + length - 1).div_euclid(length) * length;
        let mut groups = Self {
            ends: Vec::new(),
            parts: Vec::new(),
        };
        for (place, end) in ends.iter().enumerate() {
            let end = end_of(*end);
            match (groups.ends.last(), groups.parts.last_mut()) {
                (Some(last), Some(part)) if *last == end => part.1 = place + 1,
                _ => {
                    groups.ends.push(end);
                    groups.parts.push((place, place + 1));
                }
            }
        }
        // The last one is open until a block ends where it does.
        if groups.ends.last() > ends.last() {
            groups.ends.pop();
            groups.parts.pop();
        }
        groups
    }

    fn arm(&self, arm: &ArmSeries) -> ArmSeries {
        let columns = arm.columns.iter();
        let buckets = arm.buckets.iter();
        ArmSeries {
            columns: columns
                .map(|(key, series)| (*key, self.series(series, *key == Column::Query)))
                .collect(),
            buckets: buckets
                .map(|(bound, series)| (*bound, self.series(series, false)))
                .collect(),
        }
    }

    /// Increments add up, levels are averaged.
    fn series(&self, series: &Series, is_level: bool) -> Series {
        let pooled = |(from, to): &(usize, usize)| {
            let there: Vec<f64> = series
                .get(*from..*to)
                .into_iter()
                .flatten()
                .flatten()
                .copied()
                .collect();
            let sum: f64 = there.iter().sum();
            match there.len() {
                0 => None,
                n if is_level => Some(sum / n as f64),
                _ => Some(sum),
            }
        };
        self.parts.iter().map(pooled).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::arm;
    use super::*;

    #[test]
    fn blocks_are_pooled_until_three_scrapes_fill_them() {
        for (block, scrape, blocks) in [
            (300, None, 1),
            (300, Some(15), 1),
            (300, Some(60), 1),
            (300, Some(102), 1),
            (300, Some(300), 3),
            (15, Some(5), 1),
            (15, Some(15), 3),
            (15, Some(60), 10),
            (60, Some(300), 13),
        ] {
            assert_eq!(pooled_blocks(block, scrape), blocks, "{block} {scrape:?}");
        }
    }

    #[test]
    fn long_blocks_are_assumed_where_all_of_their_blocks_are() {
        assert_eq!(long_blocks((300, 2_700), 300, 3), Some((900, 2_700)));
        assert_eq!(long_blocks((600, 2_400), 300, 3), Some((1_800, 1_800)));
        assert_eq!(long_blocks((600, 1_500), 300, 3), None);
        assert_eq!(long_blocks((600, 900), 300, 1), Some((600, 900)));
    }

    #[test]
    fn increments_add_up_and_levels_are_averaged_at_absolute_multiples() {
        let series = GuardrailSeries {
            ends: vec![600, 900, 1_200, 1_500, 1_800, 2_100],
            exposed: arm(&[
                (
                    Column::Events,
                    vec![Some(1.0), None, Some(2.0), None, None, Some(9.0)],
                ),
                (
                    Column::Query,
                    vec![Some(1.0), Some(3.0), None, None, None, Some(9.0)],
                ),
            ]),
            scrape_seconds: Some(300),
            ..GuardrailSeries::default()
        };
        let pooled = pool(&series, 300);
        assert_eq!(pooled.ends, [900, 1_800]);
        assert_eq!(
            pooled.exposed.column(Column::Events).unwrap(),
            &[Some(1.0), Some(2.0)]
        );
        assert_eq!(
            pooled.exposed.column(Column::Query).unwrap(),
            &[Some(2.0), None]
        );
    }
}
