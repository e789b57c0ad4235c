//! Bringing targets to what their plans say, and saying so.

use crate::decide::{Exit, TargetState};
use crate::units::Exposure;

use super::context::Context;
use super::failure::Failure;
use super::plan_set::PlanSet;
use super::projection::{Brakes, bring};

/// What came of the targets of some plans.
pub(crate) struct Synced {
    /// The exit code that this is worth at least.
    pub(crate) least: Exit,
    /// The plans of which a target was written, by their places.
    pub(crate) written: Vec<usize>,
}

/// Brings the targets of these plans to what is owed to them, and says what it wrote or could not.
///
/// # Errors
/// When it cannot be said.
pub(crate) fn sync(
    plan_set: &PlanSet,
    chosen: &[usize],
    brakes: Brakes,
    context: &mut Context<'_>,
) -> Result<Synced, Failure> {
    let mut synced = Synced {
        least: Exit::Go,
        written: Vec::new(),
    };
    for &index in chosen {
        let loaded = &plan_set.plans[index];
        for one in bring(&plan_set.directory, loaded, brakes) {
            let target = &one.before;
            let (kind, file, told) = (target.kind.key(), &target.file, target.told);
            let name = &loaded.file.name;
            match one.written {
                // Its numbers are right already, and nobody is exposed by them.
                Ok(false)
                    if brakes == Brakes::Released
                        && target.state == TargetState::Off
                        && told > Exposure::NONE =>
                {
                    context.ui.warn(&format!(
                        "{name}: {kind} in {file} is switched off: only its owner can switch it on again"
                    ))?;
                }
                Ok(false) => {}
                Ok(true) => {
                    if !synced.written.contains(&index) {
                        synced.written.push(index);
                    }
                    let was = target.state.shown(told);
                    let was = was.map_or_else(String::new, |was| format!("; it was {was}"));
                    let off = match target.state {
                        TargetState::Off => ", and is switched off all the same",
                        TargetState::AsTold
                        | TargetState::Lags { .. }
                        | TargetState::Braked { .. }
                        | TargetState::Raised { .. }
                        | TargetState::Overruled { .. }
                        | TargetState::Changed { .. }
                        | TargetState::Unreadable { .. } => "",
                    };
                    context.ui.note(&format!(
                        "{name}: {kind} in {file} says {told} now{was}{off}"
                    ))?;
                }
                Err(failure) => {
                    let failure = failure.help(format!("{kind} of {name} should say {told}"));
                    synced.least = synced.least.worse(failure.exit);
                    let color = context.ui.color_messages;
                    failure.render(context.ui.messages(), color)?;
                }
            }
        }
    }
    Ok(synced)
}
