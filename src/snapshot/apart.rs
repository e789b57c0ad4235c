//! Counts between the bounds of a histogram, in place of those up to each: small numbers, which take few
//! characters in a record.

use super::{ArmSeries, Series};

/// The same with counts between bounds; `None` where that does not give back every bit.
pub(super) fn apart(group: &ArmSeries) -> Option<ArmSeries> {
    let mut before: Option<&Series> = None;
    let buckets = group.buckets.iter().map(|(bound, series)| {
        let below = before.replace(series);
        let less = |(place, value): (usize, &Option<f64>)| match below.map(|below| below[place]) {
            Some(below) => Some((*value)? - below?),
            None => *value,
        };
        (*bound, series.iter().enumerate().map(less).collect())
    });
    let apart = ArmSeries {
        columns: group.columns.clone(),
        buckets: buckets.collect(),
    };
    let bits = |group: &ArmSeries| -> Vec<Option<u64>> {
        let series = group.buckets.iter().flat_map(|(_, series)| series);
        series.map(|value| value.map(f64::to_bits)).collect()
    };
    let back = together(apart.clone())?;
    (bits(&back) == bits(group)).then_some(apart)
}

/// Counts up to each bound from those between them; `None` where any is below zero.
pub(super) fn together(mut group: ArmSeries) -> Option<ArmSeries> {
    let mut before: Option<&Series> = None;
    for (_, series) in &mut group.buckets {
        if let Some(below) = before {
            for (value, below) in series.iter_mut().zip(below) {
                *value = value.zip(*below).map(|(value, below)| value + below);
            }
        }
        if series.iter().flatten().any(|value| *value < 0.0) {
            return None;
        }
        before = Some(series);
    }
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(counts: [[Option<f64>; 2]; 3]) -> ArmSeries {
        let bounds = [0.1, 0.5, f64::INFINITY];
        ArmSeries {
            buckets: bounds.into_iter().zip(counts.map(Vec::from)).collect(),
            ..ArmSeries::default()
        }
    }

    #[test]
    fn counts_between_bounds_give_back_those_up_to_each() {
        let whole = histogram([[Some(3.0), None], [Some(3.0), None], [Some(7.0), None]]);
        let between = apart(&whole).unwrap();
        let expected = histogram([[Some(3.0), None], [Some(0.0), None], [Some(4.0), None]]);
        assert_eq!(between, expected);
        assert_eq!(together(between).unwrap(), whole);
        assert_eq!(apart(&ArmSeries::default()), Some(ArmSeries::default()));
    }

    #[test]
    fn what_would_not_come_back_stays_as_it_is() {
        let gap = histogram([[Some(1.0), None], [None, None], [Some(2.0), None]]);
        assert_eq!(apart(&gap), None);
        let rounded = histogram([[Some(0.1), None], [Some(0.3), None], [Some(0.7), None]]);
        let back = apart(&rounded).and_then(together);
        assert!(back.is_none_or(|back| back == rounded));
        let below = histogram([[Some(1.0), None], [Some(-2.0), None], [Some(2.0), None]]);
        assert_eq!(together(below), None);
    }
}
