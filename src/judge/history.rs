//! What the unexposed arm's own past teaches of a metric's dispersion, as known at each look.

use crate::plan::Column;
use crate::snapshot::{GuardrailSeries, History};
use crate::stats::{Dispersion, Model, Observation, Prior, TwoArmBlock};

/// The belief at each of these looks, from what was known of the unexposed arm before the stage, and the
/// blocks of the stage that had closed by then.
pub(super) fn beliefs(series: &GuardrailSeries, ends: &[i64], whole: Column) -> Vec<Prior> {
    beliefs_of(&past(series, whole), ends)
}

/// The blocks of both halves before the stage and in it, by their ends.
pub(super) fn past(series: &GuardrailSeries, whole: Column) -> Vec<(i64, TwoArmBlock)> {
    let parts = series.history.iter().chain(&series.during);
    parts.flat_map(|part| halves(part, whole)).collect()
}

/// The belief at each of these looks, of blocks of two halves by their ends.
pub(super) fn beliefs_of(past: &[(i64, TwoArmBlock)], ends: &[i64]) -> Vec<Prior> {
    if past.is_empty() {
        return vec![Prior::UNKNOWN; ends.len()];
    }
    let mut learnt = Dispersion::new(Model::TwoArms);
    let mut start = learnt.start();
    let mut next = 0;
    ends.iter()
        .map(|&look| {
            while let Some((_, block)) = past.get(next).filter(|(end, _)| *end <= look) {
                learnt.push(&Observation::two_arms(block));
                learnt.note(&mut start);
                next += 1;
            }
            learnt.learn(&start)
        })
        .collect()
}

/// Blocks of the two halves, as if one of them were exposed; those with usable numbers.
pub(super) fn halves(history: &History, whole: Column) -> Vec<(i64, TwoArmBlock)> {
    let [first, second] = history.halves();
    let columns = [
        first.column(Column::Events),
        first.column(whole),
        second.column(Column::Events),
        second.column(whole),
    ];
    let row = |i: usize| -> Option<TwoArmBlock> {
        let mut numbers = [0.0; 4];
        for (number, column) in numbers.iter_mut().zip(columns) {
            let value = column?.get(i).copied().flatten()?;
            *number = Some(value).filter(|x| x.is_finite() && *x >= 0.0)?;
        }
        let [
            exposed_events,
            exposed_total,
            unexposed_events,
            unexposed_total,
        ] = numbers;
        (exposed_total > 0.0 && unexposed_total > 0.0).then_some(TwoArmBlock {
            exposed_events,
            exposed_total,
            unexposed_events,
            unexposed_total,
        })
    };
    let ends = history.ends.iter().enumerate();
    ends.filter_map(|(i, &end)| Some((end, row(i)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{BLOCK, ENTERED, errors, judged, plan, traffic};
    use super::super::{Belief, Judgement};
    use super::*;
    use crate::snapshot::ArmSeries;
    use crate::units::Period;

    fn half(events: impl Fn(i64) -> f64, blocks: i64) -> ArmSeries {
        let mut half = ArmSeries::default();
        let column = |f: &dyn Fn(i64) -> f64| (0..blocks).map(|k| Some(f(k))).collect();
        half.columns.insert(Column::Events, column(&events));
        half.columns.insert(Column::Total, column(&|_| 5_000.0));
        half
    }

    /// Blocks that end at 300, 600, ...; the second half's events come in clumps of this size.
    fn past(clump: i64, blocks: i64) -> History {
        let clumps = |k| 50.0 + ((k * 7_919) % (2 * clump + 1) - clump) as f64;
        History::of_halves(
            (1..=blocks).map(|k| 300 * k).collect(),
            Period::from_minutes(5),
            half(|_| 50.0, blocks),
            half(clumps, blocks),
        )
    }

    fn of(history: &History) -> GuardrailSeries {
        GuardrailSeries {
            history: Some(history.clone()),
            ..GuardrailSeries::default()
        }
    }

    fn last(history: &History, look: i64) -> Prior {
        beliefs(&of(history), &[look], Column::Total)[0]
    }

    #[test]
    fn a_calm_past_is_believed_and_a_wild_one_too() {
        let calm = last(&past(5, 288), 300 * 288);
        assert!(calm.is_learnt() && calm.dispersion < 1.2, "{calm:?}");
        let wild = last(&past(40, 288), 300 * 288);
        assert!(wild.is_learnt() && wild.dispersion > 4.0, "{wild:?}");
    }

    #[test]
    fn a_short_or_missing_past_teaches_nothing() {
        assert_eq!(last(&past(5, 20), 300 * 20), Prior::UNKNOWN);
        assert_eq!(
            beliefs(&GuardrailSeries::default(), &[300], Column::Total),
            vec![Prior::UNKNOWN]
        );
        assert_eq!(last(&History::default(), 300), Prior::UNKNOWN);
    }

    #[test]
    fn a_look_knows_nothing_of_later_blocks() {
        let mut longer = past(5, 288);
        let early = beliefs(&of(&longer), &[300 * 100, 300 * 288], Column::Total)[0];
        longer = past(5, 100);
        assert_eq!(early, last(&longer, 300 * 100));
    }

    #[test]
    fn broken_blocks_are_left_out() {
        let mut broken = past(5, 288);
        for (k, x) in broken.groups[0]
            .columns
            .get_mut(&Column::Events)
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            if k % 10 == 0 {
                *x = Some(f64::NAN);
            }
        }
        assert!(last(&broken, 300 * 288).dispersion.is_finite());
    }

    /// The fixture's traffic, whose exposed arm has clumps of this size, with a past of such ones.
    fn bursty(now: i64, clump: i64) -> GuardrailSeries {
        let mut series = traffic(1.0, 100);
        let events = series.exposed.columns.get_mut(&Column::Events).unwrap();
        // A sequence without a rhythm: one that alternates would even out over the blocks.
        let mut draw = 1_i64;
        for events in events {
            draw = draw * 1_103_515_245 % 2_147_483_647;
            *events = Some(10.0 + (draw % (2 * now + 1) - now) as f64);
        }
        series.history = Some(History {
            ends: (-288..0).map(|k| ENTERED + BLOCK * k).collect(),
            ..past(clump, 288)
        });
        series
    }

    fn belief(judgement: &Judgement) -> (Belief, f64) {
        let measure = judgement.findings[0].measure.as_ref().unwrap();
        (measure.belief.unwrap(), measure.dispersion)
    }

    #[test]
    fn arms_as_calm_as_their_past_are_judged_by_it() {
        let plan = plan(vec![errors()]);
        let judgement = judged(&plan, vec![bursty(0, 5)], 100);
        let (from, dispersion) = belief(&judgement);
        assert_eq!(from, Belief::History);
        assert!(dispersion < 1.2, "{dispersion}");
        assert!(judgement.dispersion.is_empty());
    }

    #[test]
    fn a_past_calmer_than_the_arms_is_not_believed_now_nor_in_later_stages() {
        let mut plan = plan(vec![errors()]);
        let judgement = judged(&plan, vec![bursty(10, 5)], 100);
        let (from, dispersion) = belief(&judgement);
        assert_eq!(from, Belief::HistoryContradicted);
        assert!(dispersion > 3.0, "{dispersion}");
        assert_eq!(
            judgement.dispersion["errors"].to_bits(),
            dispersion.to_bits()
        );

        let state = plan.state.as_mut().unwrap();
        state.stage = 2;
        state.dispersion = judgement.dispersion;
        let next = judged(&plan, vec![bursty(0, 5)], 5);
        let (from, cautious) = belief(&next);
        assert_eq!(from, Belief::ShownEarlier);
        assert!(cautious > 1.5, "{cautious}");
        assert_eq!(next.dispersion["errors"].to_bits(), dispersion.to_bits());
    }

    #[test]
    fn what_an_earlier_stage_has_shown_survives_a_stage_without_data() {
        let mut plan = plan(vec![errors()]);
        plan.state.as_mut().unwrap().dispersion = [("errors".to_owned(), 4.0)].into();
        let judgement = judged(&plan, Vec::new(), 100);
        assert_eq!(judgement.dispersion["errors"].to_bits(), 4.0_f64.to_bits());
    }
}
