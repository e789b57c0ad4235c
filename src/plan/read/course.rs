//! How exposure grows: `[[stages]]` or `[ramp]`.

use super::fields::{Fields, Reader};
use super::written::{Written, WrittenCourse};
use super::{ramp, stages};
use crate::plan::model::{Course, Mistake};

/// Reads stages or ramp, whichever is there.
pub(super) fn course(
    reader: &mut Reader,
    plan: &Fields<'_>,
    guardrails: &[Written],
    all_guardrails_read: bool,
) -> Option<WrittenCourse> {
    let stages = plan.get("stages").map(|_| {
        let array = reader.array(plan, "stages", "[[stages]]")?;
        stages::stages(reader, plan, array, guardrails, all_guardrails_read)
    });
    let ramp = plan.get("ramp").map(|value| {
        if all_guardrails_read && !guardrails.is_empty() {
            ramp::countable(reader, value, guardrails);
        }
        ramp::ramp(reader, value)
    });
    match (stages, ramp) {
        (Some(_), Some(_)) => {
            let first = plan.key_span("stages").unwrap_or_default();
            reader.note(
                Mistake::error(
                    "stages-and-ramp",
                    plan.key_span("ramp").unwrap_or_default(),
                    "the plan has both stages and a ramp",
                )
                .label("the ramp")
                .related(first, "the stages")
                .cure("remove one of the two"),
            );
            None
        }
        (None, None) => {
            reader.note(
                Mistake::error(
                    "missing-stages",
                    plan.span.clone(),
                    "the plan has no stages and no ramp",
                )
                .cure(
                    "write at least one stage:\n[[stages]]\nexposure = 1\nmin_duration = \"24h\"",
                ),
            );
            None
        }
        (Some(stages), None) => stages,
        (None, Some(ramp)) => ramp.map(|ramp| WrittenCourse {
            course: Course::Ramp(ramp),
            exposures: Vec::new(),
        }),
    }
}
