//! How exposure grows: `[[stages]]` or `[ramp]`.

use super::fields::{Fields, Reader};
use super::written::{Written, WrittenCourse};
use super::{ramp, stages};
use crate::plan::keys::plan::root as plan;
use crate::plan::model::{JudgeSettings, Mistake, MistakeCode, Schedule};

/// Reads stages or ramp, whichever is there.
pub(super) fn course(
    reader: &mut Reader,
    file: &Fields<'_>,
    guardrails: &[Written],
    all_guardrails_read: bool,
    judge: &JudgeSettings,
) -> Option<WrittenCourse> {
    let stages = file.get(plan::STAGES).map(|_| {
        let array = reader.array(file, plan::STAGES)?;
        stages::stages(reader, file, array, guardrails, all_guardrails_read, judge)
    });
    let ramp = file.get(plan::RAMP_).map(|value| {
        if all_guardrails_read && !guardrails.is_empty() {
            ramp::countable(reader, value, guardrails);
        }
        ramp::read(reader, value)
    });
    match (stages, ramp) {
        (Some(_), Some(_)) => {
            let first = file.key_span(plan::STAGES).unwrap_or_default();
            reader.note(
                Mistake::error(
                    MistakeCode::StagesAndRamp,
                    file.key_span(plan::RAMP_).unwrap_or_default(),
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
                    MistakeCode::MissingStages,
                    file.span.clone(),
                    "the plan has no stages and no ramp",
                )
                .cure(plan::STAGES.cure()),
            );
            None
        }
        (Some(stages), None) => stages,
        (None, Some(ramp)) => ramp.map(|ramp| WrittenCourse {
            course: Schedule::Ramp(ramp),
            exposures: Vec::new(),
        }),
    }
}
