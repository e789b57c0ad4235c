//! Answers to pieces of a range put together. Pure.

use std::collections::BTreeMap;

use super::answer::{Answer, Labels};

/// Later pieces of a range continue the series of earlier ones, whose places these are.
pub(super) fn append(whole: &mut Answer, places: &mut BTreeMap<Labels, usize>, piece: Answer) {
    for series in piece.series {
        match places.get(&series.labels) {
            Some(place) => {
                let known = &mut whole.series[*place];
                known.points.extend(series.points);
                known.histograms.extend(series.histograms);
            }
            None => {
                places.insert(series.labels.clone(), whole.series.len());
                whole.series.push(series);
            }
        }
    }
    for warning in piece.warnings {
        if !whole.warnings.contains(&warning) {
            whole.warnings.push(warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::{Point, Returned};
    use super::*;

    #[test]
    fn pieces_of_a_range_become_one_series() {
        let piece = |at_ms| Answer {
            series: vec![Returned {
                points: vec![Point { at_ms, value: 1.0 }],
                ..Returned::default()
            }],
            warnings: vec!["partial".into()],
        };
        let (mut whole, mut places) = (Answer::default(), BTreeMap::new());
        append(&mut whole, &mut places, piece(1));
        append(&mut whole, &mut places, piece(2));
        assert_eq!(whole.series.len(), 1);
        assert_eq!(whole.series[0].points.len(), 2);
        assert_eq!(whole.warnings.len(), 1);
    }
}
