//! Where a plan stands on its way, as a picture of one line: `1 ▸ 10 · 50 · 100`. The numbers are percent
//! of users, and the mark stands before the present one. It says where the plan is, not why.

use std::ops::RangeInclusive;

use crate::plan::{Plan, Schedule, Status};
use crate::units::Exposure;

use super::output_style::Glyphs;

/// The way of a plan from the first user to the last exposure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The exposures of its stages; of a ramp the first, the present and the last.
    stops: Vec<Exposure>,
    /// Which of them is the present one; `None` before the first user, and when the way is done.
    place: Option<usize>,
    status: Status,
    is_ramp: bool,
}

impl Way {
    /// The way of this plan as it stands.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let status = plan.status();
        let is_under_way = match status {
            Status::Progressing | Status::Paused | Status::RolledBack => true,
            Status::Pending | Status::Complete => false,
        };
        let (stops, place, is_ramp) = match &plan.course {
            Schedule::Stages(stages) => {
                let stops: Vec<Exposure> = stages.iter().map(|stage| stage.exposure).collect();
                let stage = plan.state.as_ref().map_or(0, |state| state.stage);
                let place = usize::try_from(stage).ok().and_then(|n| n.checked_sub(1));
                let place = place.filter(|place| *place < stops.len());
                (stops, place, false)
            }
            Schedule::Ramp(ramp) => {
                let now = plan.exposure();
                let stops = [ramp.from, now, ramp.to];
                match (now <= ramp.from, now >= ramp.to) {
                    (true, _) => (vec![ramp.from, ramp.to], Some(0), true),
                    (_, true) => (vec![ramp.from, ramp.to], Some(1), true),
                    (false, false) if is_under_way => (stops.to_vec(), Some(1), true),
                    (false, false) => (vec![ramp.from, ramp.to], None, true),
                }
            }
        };
        Self {
            stops,
            place: place.filter(|_| is_under_way),
            status,
            is_ramp,
        }
    }

    /// The picture in at most so many columns: what is far from the present stage is left out first, its
    /// neighbours never.
    #[must_use]
    pub fn picture(&self, glyphs: Glyphs, columns: usize) -> String {
        let centre = self.place.unwrap_or(0);
        let end = self.stops.len().saturating_sub(1);
        let (least_first, least_last) = (centre.saturating_sub(1), (centre + 1).min(end));
        let (mut first, mut last) = (0, end);
        loop {
            let text = self.joined(first..=last, glyphs);
            if text.chars().count() <= columns || (first, last) == (least_first, least_last) {
                return text;
            }
            // The farther end goes, and of two that are as far the one ahead.
            if last > least_last && (first == least_first || last - centre >= centre - first) {
                last -= 1;
            } else {
                first += 1;
            }
        }
    }

    fn joined(&self, shown: RangeInclusive<usize>, glyphs: Glyphs) -> String {
        let now = match self.status {
            Status::Paused => glyphs.person,
            Status::RolledBack => glyphs.bad,
            Status::Pending | Status::Progressing | Status::Complete => glyphs.now,
        };
        let quiet = glyphs.quiet.to_string();
        let between = if self.is_ramp { glyphs.more } else { &quiet };
        let (first, last) = (*shown.start(), *shown.end());
        let mut words: Vec<String> = Vec::new();
        if first > 0 {
            words.push(glyphs.more.into());
        }
        for place in shown {
            if self.place == Some(place) {
                words.push(now.into());
            } else if place > 0 {
                words.push(between.into());
            }
            words.push(self.stops[place].percent().to_string());
        }
        if last + 1 < self.stops.len() {
            words.push(glyphs.more.into());
        }
        if self.status == Status::Complete {
            words.push(glyphs.done.into());
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixture::{pending, percent, period, running, stages, state};
    use crate::plan::{Curve, Pace, Ramp};

    /// Wide enough for anything.
    const WIDE: usize = 200;

    fn both(plan: &Plan) -> (String, String) {
        (
            Way::of(plan).picture(Glyphs::UNICODE, WIDE),
            Way::of(plan).picture(Glyphs::ASCII, WIDE),
        )
    }

    fn with(exposures: &[f64], stage: u32) -> Plan {
        let mut plan = running(1);
        state(&mut plan).stage = stage;
        let stages = stages(&mut plan);
        let one = stages[0].clone();
        *stages = exposures
            .iter()
            .map(|exposure| crate::plan::Stage {
                exposure: percent(*exposure),
                ..one.clone()
            })
            .collect();
        plan
    }

    #[test]
    fn the_mark_stands_before_the_present_stage_and_says_how_it_is_there() {
        let way = [1.0, 10.0, 50.0, 100.0];
        let mut plan = with(&way, 2);
        for (status, unicode, ascii) in [
            (
                Status::Progressing,
                "1 ▸ 10 · 50 · 100",
                "1 > 10 . 50 . 100",
            ),
            (Status::Paused, "1 ! 10 · 50 · 100", "1 ! 10 . 50 . 100"),
            (Status::RolledBack, "1 ✗ 10 · 50 · 100", "1 x 10 . 50 . 100"),
            (Status::Pending, "1 · 10 · 50 · 100", "1 . 10 . 50 . 100"),
            (
                Status::Complete,
                "1 · 10 · 50 · 100 ✓",
                "1 . 10 . 50 . 100 +",
            ),
        ] {
            state(&mut plan).status = status;
            assert_eq!(both(&plan), (unicode.to_owned(), ascii.to_owned()));
        }
        assert_eq!(both(&with(&[0.05, 100.0], 1)).0, "▸ 0.05 · 100");
        assert_eq!(both(&with(&[100.0], 1)).0, "▸ 100");
        // A stage that is no longer there has no place.
        assert_eq!(both(&with(&[1.0, 100.0], 7)).0, "1 · 100");
    }

    #[test]
    fn a_plan_that_nobody_has_started_has_no_mark() {
        let plan = pending();
        assert!(!both(&plan).0.contains('▸'), "{}", both(&plan).0);
    }

    #[test]
    fn what_is_far_from_the_present_stage_is_left_out_first() {
        let way = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
        let of = |stage, columns| Way::of(&with(&way, stage)).picture(Glyphs::UNICODE, columns);
        assert_eq!(of(4, 40), "1 · 2 · 5 ▸ 10 · 20 · 50 · 100");
        assert_eq!(of(4, 24), "… · 2 · 5 ▸ 10 · 20 …");
        assert_eq!(of(4, 1), "… · 5 ▸ 10 · 20 …");
        assert_eq!(of(1, 14), "▸ 1 · 2 · 5 …");
        assert_eq!(of(7, 14), "… · 50 ▸ 100");
        for stage in 0..=7 {
            for columns in 20..40 {
                let picture = of(stage, columns);
                assert!(picture.chars().count() <= columns, "{columns}: {picture}");
            }
        }
    }

    #[test]
    fn a_ramp_shows_where_it_is_between_its_ends() {
        let mut plan = running(1);
        plan.course = Schedule::Ramp(Ramp {
            from: percent(1.0),
            to: percent(100.0),
            over: period("7d"),
            curve: Curve::Geometric,
            every: None,
            pace: Pace::Fixed,
        });
        for (exposure, unicode, ascii) in [
            (1.0, "▸ 1 … 100", "> 1 ... 100"),
            (16.6, "1 ▸ 16.6 … 100", "1 > 16.6 ... 100"),
            (100.0, "1 ▸ 100", "1 > 100"),
        ] {
            state(&mut plan).exposure = percent(exposure);
            assert_eq!(both(&plan), (unicode.to_owned(), ascii.to_owned()));
        }
        state(&mut plan).status = Status::Complete;
        assert_eq!(both(&plan).0, "1 … 100 ✓");
        state(&mut plan).status = Status::RolledBack;
        state(&mut plan).exposure = Exposure::NONE;
        assert_eq!(both(&plan).0, "✗ 1 … 100");
    }
}
