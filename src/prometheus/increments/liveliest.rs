//! Which series of each arm is scraped as often as any, as far as the ends of blocks tell. Pure.

use crate::prometheus::Grid;
use crate::prometheus::answer::Labels;
use crate::snapshot::Arm;

use super::store::{Series, Store};

/// A series without a sample for so long has stopped.
const RECENT_SECONDS: i64 = 900;

/// Scrapes are compared over so much of the past.
const LOOKED_BACK_SECONDS: i64 = 3_600;

/// The labels of one series of each arm, where one is still there; the last block of the grid is the
/// present one.
pub(super) fn liveliest(
    store: &Store,
    in_order: &[usize],
    grid: &Grid,
    is_of: impl Fn(&Series, Arm) -> bool,
) -> [Option<Labels>; 2] {
    let step = i64::from(grid.block().seconds());
    let blocks = |seconds: i64| usize::try_from(seconds / step).unwrap_or(0).max(1);
    let (recent, back) = (blocks(RECENT_SECONDS), blocks(LOOKED_BACK_SECONDS));
    [Arm::Exposed, Arm::Unexposed].map(|arm| {
        let mut best: Option<(usize, &Series)> = None;
        let series = in_order.iter().map(|place| &store.series[*place]);
        for series in series.filter(|series| is_of(series, arm)) {
            let values = store.values(series);
            let among_the_last = |blocks: usize| {
                let from = values.len().saturating_sub(blocks);
                let last = values[from..].iter();
                last.filter(|value| value.is_finite()).count()
            };
            let often = among_the_last(back);
            if among_the_last(recent) > 0 && best.is_none_or(|(most, _)| often > most) {
                best = Some((often, series));
            }
        }
        best.map(|(_, series)| labels(store, series))
    })
}

fn labels(store: &Store, series: &Series) -> Labels {
    let texts = series.labels.iter();
    let texts = texts.map(|(name, value)| (store.texts.text(*name), store.texts.text(*value)));
    // A bound may be written in another way.
    texts
        .filter(|(name, _)| *name != "le")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
