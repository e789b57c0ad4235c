//! An effect as a picture: the interval and its estimate against no difference, the margin and what must be
//! ruled out, on one scale (factors on a logarithmic one). Says where they stand; [`drawn`] draws them in
//! characters, a page draws them in its own way.

use crate::judge::{Measure, Scale};

use super::output_style::Glyphs;

/// An interval that is wider than so many times the farthest mark reaches the edge: the marks must stay apart.
const FARTHEST: f64 = 2.5;

/// Where an effect and its marks stand between the left edge, 0, and the right one, 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    /// No difference.
    pub(super) even: f64,
    /// The margin.
    pub(super) margin: Option<f64>,
    /// What must be ruled out.
    pub(super) rule_out: Option<f64>,
    /// The interval; an end that is open or far out is at the edge.
    pub(super) interval: (f64, f64),
    /// The estimate.
    pub(super) estimate: Option<f64>,
}

impl Bar {
    /// The places of a measure; `None` where there is no comparison to draw.
    pub(super) fn of(measure: &Measure) -> Option<Self> {
        let bend = |value: f64| match measure.scale {
            Scale::Ratio => value.max(1e-9).ln(),
            Scale::Difference | Scale::Level => value,
        };
        let even = match measure.scale {
            Scale::Ratio => 1.0,
            Scale::Difference => 0.0,
            Scale::Level => return None,
        };
        let estimate = measure.estimate.filter(|value| value.is_finite());
        let marks = [Some(even), measure.margin, measure.rule_out];
        let away = |value: f64| bend(value) - bend(even);
        let reach = marks.into_iter().flatten().map(|mark| away(mark).abs());
        let reach = reach.fold(0.0, f64::max);
        let reach = FARTHEST * if reach > 0.0 { reach } else { 0.1 };
        let (low, high) = [estimate, measure.lower, measure.upper]
            .into_iter()
            .chain(marks)
            .flatten()
            .filter(|value| value.is_finite())
            .map(|value| away(value).clamp(-reach, reach))
            .fold((0.0_f64, 0.0_f64), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        let place = |value: f64| {
            let share = (away(value) - low) / (high - low).max(f64::MIN_POSITIVE);
            share.clamp(0.0, 1.0)
        };
        Some(Self {
            even: place(even),
            margin: measure.margin.map(place),
            rule_out: measure.rule_out.map(place),
            interval: (
                measure.lower.map_or(0.0, place),
                measure.upper.map_or(1.0, place),
            ),
            estimate: estimate.map(place),
        })
    }
}

/// The bar in so many columns: `  ├─│──●─┤ ┊      ║`. What is drawn later covers what is below it: the
/// estimate is always seen.
pub(super) fn drawn(bar: &Bar, columns: usize, glyphs: Glyphs) -> String {
    let last = columns.saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a few columns"
    )]
    let column = |share: f64| ((share * last as f64).round() as usize).min(last);
    let mut cells = vec![' '; columns];
    let (from, to) = (column(bar.interval.0), column(bar.interval.1));
    for cell in cells.iter_mut().take(to + 1).skip(from) {
        *cell = glyphs.line;
    }
    let [left, right] = glyphs.ends;
    let ends = [(left, from), (right, to)];
    let marks = [
        (glyphs.even, Some(bar.even)),
        (glyphs.margin, bar.margin),
        (glyphs.rule_out, bar.rule_out),
        (glyphs.estimate, bar.estimate),
    ];
    let marks = marks
        .into_iter()
        .filter_map(|(glyph, share)| Some((glyph, column(share?))));
    for (glyph, place) in ends.into_iter().chain(marks) {
        if let Some(cell) = cells.get_mut(place) {
            *cell = glyph;
        }
    }
    cells.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decide::fixture::{judged, running};
    use crate::judge::Verdict::Pass;

    fn measure(scale: Scale, numbers: [Option<f64>; 5]) -> Measure {
        let [estimate, lower, upper, margin, rule_out] = numbers;
        let judgement = judged(&running(1), &[Pass, Pass]);
        Measure {
            scale,
            estimate,
            lower,
            upper,
            margin,
            rule_out,
            ..judgement.findings[0].measure.clone().unwrap()
        }
    }

    #[test]
    fn the_eye_sees_which_marks_the_interval_covers() {
        let ratio = |numbers: [f64; 5], glyphs| {
            let bar = Bar::of(&measure(Scale::Ratio, numbers.map(Some))).unwrap();
            drawn(&bar, 24, glyphs)
        };
        let unicode = Glyphs::UNICODE;
        insta::assert_snapshot!(ratio([1.02, 0.9, 1.05, 1.1, 2.0], unicode), @"├──│● ┊                ║");
        insta::assert_snapshot!(ratio([1.6, 1.3, 1.9, 1.1, 2.0], unicode), @"│  ┊     ├──────●────┤ ║");
        insta::assert_snapshot!(ratio([3.0, 2.2, 4.0, 1.1, 2.0], unicode), @"│ ┊         ║├────●────┤");
        insta::assert_snapshot!(ratio([1.6, 1.3, 1.9, 1.1, 2.0], Glyphs::ASCII), @"|  :     [------o----] #");
    }

    #[test]
    fn an_open_end_reaches_the_edge_and_a_level_has_no_bar() {
        let open = measure(
            Scale::Difference,
            [Some(-0.4), Some(-1.3), None, Some(-1.5), Some(-1.5)],
        );
        let bar = Bar::of(&open).unwrap();
        assert_eq!(bar.interval.1.to_bits(), 1.0_f64.to_bits());
        assert_eq!(bar.margin, bar.rule_out);
        assert_eq!(Bar::of(&measure(Scale::Level, [None; 5])), None);
    }

    proptest! {
        /// Whatever the numbers, the bar has its width, and shows its estimate.
        #[test]
        fn a_bar_has_its_width(
            numbers in prop::array::uniform5(prop::option::of(prop_oneof![
                -1e3..1e3_f64, Just(0.0), Just(f64::INFINITY), Just(1e-300),
            ])),
            ratio: bool,
            columns in 12..40_usize,
        ) {
            let scale = if ratio { Scale::Ratio } else { Scale::Difference };
            let bar = Bar::of(&measure(scale, numbers)).unwrap();
            let text = drawn(&bar, columns, Glyphs::UNICODE);
            prop_assert_eq!(text.chars().count(), columns);
            let shown = numbers[0].is_some_and(f64::is_finite);
            prop_assert_eq!(text.contains(Glyphs::UNICODE.estimate), shown, "{}", text);
        }
    }
}
