//! The state against the course: a state that no run of `rollout` could have written here is a
//! mistake, because every decision would start from it.

use std::ops::Range;

use toml::de::DeTable;

use super::fields::Reader;
use super::written::WrittenCourse;
use crate::plan::model::{Mistake, MistakeCode, Pace, Schedule, State, Status};
use crate::units::Exposure;

const RESTORE: &str =
    "restore the `[state]` that rollout wrote: `git restore FILE`; change it with commands only";

/// Notes every contradiction.
pub(super) fn check(
    reader: &mut Reader,
    root: &DeTable<'_>,
    state: &State,
    written: &WrittenCourse,
) {
    match &written.course {
        Schedule::Stages(stages) => {
            let Some(stage) = (state.stage as usize)
                .checked_sub(1)
                .and_then(|i| stages.get(i))
            else {
                reader.note(
                    Mistake::error(
                        MistakeCode::StateBeyondStages,
                        place(root, "stage"),
                        format!(
                            "the state is in stage {}, but the plan has {}",
                            state.stage,
                            stages.len()
                        ),
                    )
                    .label("no such stage")
                    .cure(format!("put the removed stages back, or {RESTORE}")),
                );
                return;
            };
            let last = state.stage as usize == stages.len();
            if state.status == Status::Complete && !last {
                reader.note(
                    Mistake::error(
                        MistakeCode::StateNotComplete,
                        place(root, "status"),
                        format!(
                            "the state is complete in stage {} of {}",
                            state.stage,
                            stages.len()
                        ),
                    )
                    .label("not the last stage")
                    .cure(format!("a new rollout is a new plan; otherwise {RESTORE}")),
                );
            }
            let wanted = match state.status {
                Status::Paused if waits_for_first_user(state) => Exposure::NONE,
                Status::Progressing | Status::Paused | Status::Complete => stage.exposure,
                Status::RolledBack | Status::Pending => Exposure::NONE,
            };
            exposure(
                reader,
                root,
                state,
                wanted,
                written.exposures.get(state.stage as usize - 1),
            );
        }
        Schedule::Ramp(ramp) => match state.status {
            Status::Paused if waits_for_first_user(state) => {}
            Status::Progressing | Status::Paused | Status::Complete => {
                // An unknown release may start below `from`: its risk budget covers no more.
                let least = match ramp.pace {
                    Pace::Fixed => ramp.from,
                    Pace::Adaptive { .. } => Exposure::HUNDREDTH,
                };
                if state.exposure < least || state.exposure > ramp.to {
                    reader.note(
                        Mistake::error(
                            MistakeCode::StateExposure,
                            place(root, "exposure"),
                            format!(
                                "the state's exposure of {} is not on the ramp",
                                state.exposure
                            ),
                        )
                        .label(format!("the ramp goes from {} to {}", ramp.from, ramp.to))
                        .cure(RESTORE),
                    );
                }
            }
            Status::RolledBack | Status::Pending => {
                exposure(reader, root, state, Exposure::NONE, None);
            }
        },
    }
}

/// A plan can be paused before its first user, and before the first one after a retry.
fn waits_for_first_user(state: &State) -> bool {
    state.exposure == Exposure::NONE
}

fn exposure(
    reader: &mut Reader,
    root: &DeTable<'_>,
    state: &State,
    wanted: Exposure,
    stage: Option<&Range<usize>>,
) {
    if state.exposure == wanted {
        return;
    }
    let status = state.status.key();
    let mistake = Mistake::error(
        MistakeCode::StateExposure,
        place(root, "exposure"),
        format!(
            "the state's exposure of {} is not the {wanted} of stage {} ({status})",
            state.exposure, state.stage
        ),
    )
    .label(format!("expected {}", wanted.percent()));
    let mistake = match stage.filter(|_| wanted != Exposure::NONE) {
        Some(stage) => mistake.related(stage.clone(), "the stage's exposure").cure(format!(
            "if the stage was changed, write `exposure = {}` there again and add a stage after it; if the state was, {RESTORE}",
            state.exposure.percent()
        )),
        None => mistake.cure(RESTORE),
    };
    reader.note(mistake);
}

/// Where a value of `[state]` stands.
fn place(root: &DeTable<'_>, key: &str) -> Range<usize> {
    root.get("state")
        .and_then(|state| Some((state, state.get_ref().as_table()?)))
        .map(|(state, table)| {
            table
                .get(key)
                .map_or_else(|| state.span(), toml::Spanned::span)
        })
        .unwrap_or_default()
}
