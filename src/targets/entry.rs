//! The doors: what a target's text shows, how that stands to the plan, the text for another exposure, and
//! everything that is to be said of a text.

use super::preset::Preset;
use super::presets::preset;
use super::shown::{Shown, Standing};
use super::{tree, whole};
use crate::plan::{
    Mistake, MistakeCode, Plan, Schedule, Target, place_of_exposure, place_of_target,
};
use crate::units::Exposure;

/// What a text shows.
///
/// # Errors
/// Where the file cannot be read, has no such place, or something else than a plain number stands there:
/// nothing can be written into it, either. The place is one of `text`.
pub fn shows(target: &Target, text: &str) -> Result<Shown, Box<Mistake>> {
    match preset(target) {
        Preset::Numbers(numbers) => tree::shows(&numbers, &target.file, text),
        Preset::WholeFile(file) => Ok(whole::shows(&file, text)),
    }
}

/// The text for an exposure: of `text` only the numbers change, and nothing where they say it already;
/// of a file that is written as a whole nothing is kept, and `text` may be empty.
///
/// A flag that is switched off gets the numbers, too, and stays switched off.
///
/// # Errors
/// As [`shows`] and [`attainable`].
pub fn write(target: &Target, text: &str, exposure: Exposure) -> Result<String, Box<Mistake>> {
    attainable(target, exposure)?;
    match preset(target) {
        Preset::Numbers(numbers) => tree::write(&numbers, &target.file, text, exposure),
        // The ends of its lines may have been written by git.
        Preset::WholeFile(file) if whole::shows(&file, text) == Shown::Exposure(exposure) => {
            Ok(text.to_owned())
        }
        Preset::WholeFile(file) => Ok(whole::write(&file, exposure)),
    }
}

/// The largest exposure that the target's kind can show without exceeding this one: what a text shows
/// after [`write()`].
///
/// # Errors
/// Where that would be nobody, although somebody is to be exposed. The mistake's place is nowhere: it
/// belongs to the plan.
pub fn attainable(target: &Target, exposure: Exposure) -> Result<Exposure, Box<Mistake>> {
    let unit = match preset(target) {
        Preset::Numbers(numbers) => numbers.unit,
        Preset::WholeFile(_) => return Ok(exposure),
    };
    unit.attainable(exposure).ok_or_else(|| {
        let kind = target.kind().key();
        let least = unit.least();
        Box::new(
            Mistake::error(
                MistakeCode::TargetTooFine,
                0..0,
                format!("{kind} cannot show {exposure} of users: it would be nobody"),
            )
            .label(format!("{kind} counts from {least} on"))
            .cure(format!("let no stage expose less than {least}")),
        )
    })
}

/// How a text stands to what the plan says.
///
/// # Errors
/// As [`shows`] and [`attainable`].
pub fn compare(target: &Target, text: &str, exposure: Exposure) -> Result<Standing, Box<Mistake>> {
    let wanted = attainable(target, exposure)?;
    Ok(match shows(target, text)? {
        Shown::Exposure(shown) if shown < wanted => Standing::Less(shown),
        Shown::Exposure(shown) if shown > wanted => Standing::More(shown),
        Shown::Exposure(_) => Standing::Same,
        Shown::Off => Standing::Off,
        Shown::Unclear(mistake) => Standing::Unclear(mistake),
    })
}

/// Everything that is to be said of a text before users depend on it: mistakes, and warnings about what
/// beside the numbers decides who is exposed.
#[must_use]
pub fn check(target: &Target, text: &str) -> Vec<Mistake> {
    let mut found: Vec<Mistake> = Vec::new();
    match shows(target, text) {
        Err(mistake) | Ok(Shown::Unclear(mistake)) => found.push(*mistake),
        Ok(Shown::Exposure(_) | Shown::Off) => {}
    }
    match preset(target) {
        Preset::Numbers(numbers) => found.extend(tree::faults(&numbers, &target.file, text)),
        Preset::WholeFile(_) => {}
    }
    found
}

/// The first exposure of a plan that one of its targets cannot show, for each target; places are those of
/// the plan's text.
#[must_use]
pub fn check_exposures(plan: &Plan, text: &str) -> Vec<Mistake> {
    let exposures: Vec<Exposure> = match &plan.course {
        Schedule::Stages(stages) => stages.iter().map(|stage| stage.exposure).collect(),
        Schedule::Ramp(ramp) => vec![ramp.from],
    };
    let first = |(index, target): (usize, &Target)| {
        let mut stages = (1..).zip(&exposures);
        stages.find_map(|(stage, exposure)| {
            let mut mistake = attainable(target, *exposure).err()?;
            mistake.span = place_of_exposure(text, stage);
            Some(mistake.related(place_of_target(text, index), "the target"))
        })
    };
    plan.targets.iter().enumerate().filter_map(first).collect()
}
