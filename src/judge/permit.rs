//! Permission to go on: what a comparison's looks for a pass amount to. When they are, and what they
//! ask for, is in `timetable`.

use crate::units::{Effect, Instant, Probability, Worse};

use super::evidence::Comparison;
use super::examine::Examined;
use super::far_end::Asked;
use super::question::Question;
use super::timetable::{Permit, Permits};
use super::{Clear, Look, Strength};

/// How far a comparison is from ruling out what must be; `None` where nothing must be.
pub(super) fn clear(comparison: &Comparison, alpha: Probability) -> Option<Clear> {
    if let Some(Permit {
        z, needed, next, ..
    }) = comparison.permits.now()
    {
        return Some(Clear::Look(Look {
            z: *z,
            needed: *needed,
            dispersion: comparison.pass_dispersion,
            next: Instant::from_timestamp(*next, 0).unwrap_or_default(),
        }));
    }
    let value = *comparison.pass.last()?;
    Some(Clear::Evidence(Strength {
        value,
        needed: alpha.threshold(),
    }))
}

impl Examined {
    /// A comparison with its looks for a pass.
    pub(super) fn permitted(
        &self,
        mut comparison: Comparison,
        ends: &[i64],
        question: &Question,
    ) -> Comparison {
        if let Some(timetable) = &self.timetable {
            comparison.permits = Permits::of(timetable, ends, &comparison.scores);
            narrow(&mut comparison, question);
        }
        comparison
    }
}

/// Puts the end of the interval that a pass excludes beyond where its own bound is, once one is asked for.
fn narrow(comparison: &mut Comparison, question: &Question) {
    let Some(needed) = comparison.permits.now().map(|permit| permit.needed) else {
        return;
    };
    let relative = question
        .margin
        .or(question.rule_out)
        .is_none_or(Effect::is_relative);
    let upwards = match question.towards.worse {
        Worse::Higher => true,
        Worse::Lower => false,
    };
    let Some(end) = comparison.measured.end(Asked {
        relative,
        upwards,
        needed,
    }) else {
        return;
    };
    match question.towards.worse {
        Worse::Higher => comparison.upper = end,
        Worse::Lower => comparison.lower = end,
    }
}
