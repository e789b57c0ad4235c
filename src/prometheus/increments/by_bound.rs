//! Rows of blocks added up by the bound of their buckets. Pure.

use std::collections::HashMap;

use super::counted::{Bound, ByBound};
use super::store::Symbol;

/// Sums by bound, in the order in which the bounds were met.
#[derive(Default)]
pub(super) struct Sums {
    places: HashMap<Option<Symbol>, usize>,
    sums: Vec<(Option<Symbol>, Vec<f64>)>,
}

impl Sums {
    /// Adds the blocks of a row that are wanted.
    pub(super) fn add(
        &mut self,
        bound: Option<Symbol>,
        row: &[f64],
        wanted: std::ops::Range<usize>,
    ) {
        let next = self.sums.len();
        let place = *self.places.entry(bound).or_insert(next);
        if place == next {
            self.sums.push((bound, vec![f64::NAN; row.len()]));
        }
        let sums = &mut self.sums[place].1[wanted.clone()];
        for (sum, value) in sums.iter_mut().zip(&row[wanted]) {
            if sum.is_nan() {
                *sum = *value;
            } else if !value.is_nan() {
                *sum += value;
            }
        }
    }

    /// By increasing bound.
    pub(super) fn sorted(self, bound: impl Fn(Option<Symbol>) -> Bound) -> ByBound {
        let sums = self.sums.into_iter();
        let mut sums: ByBound = sums.map(|(symbol, sums)| (bound(symbol), sums)).collect();
        let order = |bound: &Bound| bound.0.unwrap_or(f64::NEG_INFINITY);
        sums.sort_by(|(a, _), (b, _)| order(a).total_cmp(&order(b)));
        sums
    }
}
