//! What was read together with its places, for the checks that come after.

use std::ops::Range;

use crate::plan::model::{Guardrail, Schedule};

/// A guardrail of a plan, with the places that later checks point to.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// The guardrail.
    pub(super) guardrail: Guardrail,
    /// Its name's place, or its header.
    pub(super) span: Range<usize>,
    /// The shared metric it leans on.
    pub(super) shared: Option<String>,
    /// The place of `on_breach`.
    pub(super) on_breach: Option<Range<usize>>,
}

/// The course with the places that later checks point to.
#[derive(Debug, Clone)]
pub(super) struct WrittenCourse {
    /// The course.
    pub(super) course: Schedule,
    /// The place of each stage's exposure.
    pub(super) exposures: Vec<Range<usize>>,
}
