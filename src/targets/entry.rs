//! The doors: what a target's text shows, how that stands to the plan, the text for another exposure, and
//! everything that is to be said of a text.

use std::cmp::Ordering;
use std::ops::Range;

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
/// As [`shows`] and [`attainable_in`].
pub fn write(target: &Target, text: &str, exposure: Exposure) -> Result<String, Box<Mistake>> {
    attainable_in(target, text, exposure)?;
    match preset(target) {
        Preset::Numbers(numbers) => tree::write(&numbers, &target.file, text, exposure),
        // The ends of its lines may have been written by git.
        Preset::WholeFile(file) if whole::shows(&file, text) == Shown::Exposure(exposure) => {
            Ok(text.to_owned())
        }
        Preset::WholeFile(file) => Ok(whole::write(&file, exposure)),
    }
}

/// The largest exposure that the target's kind can show without exceeding this one.
///
/// # Errors
/// Where that would be nobody, although somebody is to be exposed. The mistake's place is nowhere: it
/// belongs to the plan.
pub fn attainable(target: &Target, exposure: Exposure) -> Result<Exposure, Box<Mistake>> {
    let unit = match preset(target) {
        Preset::Numbers(numbers) => numbers.unit,
        Preset::WholeFile(_) => return Ok(exposure),
    };
    let shown = unit.attainable(exposure);
    shown.ok_or_else(|| too_fine(target, exposure, unit.least()))
}

/// The largest exposure that this text of a target can show without exceeding this one: what it shows
/// after [`write()`]. It may be less than what the kind can show at best.
///
/// # Errors
/// As [`attainable`].
pub fn attainable_in(
    target: &Target,
    text: &str,
    exposure: Exposure,
) -> Result<Exposure, Box<Mistake>> {
    match preset(target) {
        Preset::Numbers(numbers) => tree::attainable_in(&numbers, &target.file, text, exposure)
            .map_err(|least| too_fine(target, exposure, least)),
        Preset::WholeFile(_) => Ok(exposure),
    }
}

fn too_fine(target: &Target, exposure: Exposure, least: Exposure) -> Box<Mistake> {
    let kind = target.kind().key();
    Box::new(
        Mistake::error(
            MistakeCode::TargetTooFine,
            0..0,
            format!("{kind} cannot show {exposure} of users: it would be nobody"),
        )
        .label(format!("{kind} counts from {least} on"))
        .cure(format!("let no stage expose less than {least}")),
    )
}

/// Where in a text the exposure is written, in bytes; nowhere where there is no such place.
#[must_use]
pub fn places(target: &Target, text: &str) -> Vec<Range<usize>> {
    match preset(target) {
        Preset::Numbers(numbers) => tree::places(&numbers, &target.file, text),
        Preset::WholeFile(_) => std::iter::once(0..text.len()).collect(),
    }
}

/// How a text stands to what the plan says.
///
/// # Errors
/// As [`shows`] and [`attainable_in`].
pub fn compare(target: &Target, text: &str, exposure: Exposure) -> Result<Standing, Box<Mistake>> {
    let wanted = attainable_in(target, text, exposure)?;
    let by_numbers = |shown: Exposure| match shown.cmp(&wanted) {
        Ordering::Less => Standing::Less(shown),
        Ordering::Greater => Standing::More(shown),
        Ordering::Equal => Standing::Same,
    };
    Ok(match shows(target, text)? {
        Shown::Exposure(shown) => by_numbers(shown),
        Shown::Off => Standing::Off,
        // Of everybody nobody can be one too many.
        Shown::Overruled(shown, _) if exposure == Exposure::FULL => by_numbers(shown),
        Shown::Overruled(_, mistake) => Standing::Overruled(mistake),
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
        // What overrules the numbers is among the faults.
        Ok(Shown::Exposure(_) | Shown::Off | Shown::Overruled(..)) => {}
    }
    match preset(target) {
        Preset::Numbers(numbers) => found.extend(tree::faults(&numbers, &target.file, text)),
        Preset::WholeFile(_) => {}
    }
    found
}

/// What beside the numbers gives users the change, each with what the text says there.
#[must_use]
pub fn exposing_beside<'t>(target: &Target, text: &'t str) -> Vec<(&'t str, Mistake)> {
    let mut found = check(target, text);
    found.retain(|mistake| mistake.code == MistakeCode::TargetOverruled);
    let written = |mistake: &Mistake| text.get(mistake.span.clone()).unwrap_or_default();
    found
        .into_iter()
        .map(|mistake| (written(&mistake), mistake))
        .collect()
}

/// The first exposure of a plan that a target, by its place, cannot show in its file, where that can be
/// read, else the first that it rounds down, which is a warning; places are those of the plan's text.
#[must_use]
pub fn check_exposures(
    plan: &Plan,
    index: usize,
    file: Option<&str>,
    text: &str,
) -> Option<Mistake> {
    let target = plan.targets.get(index)?;
    let exposures: Vec<Exposure> = match &plan.course {
        Schedule::Stages(stages) => stages.iter().map(|stage| stage.exposure).collect(),
        Schedule::Ramp(ramp) => vec![ramp.from],
    };
    let found = (1..).zip(exposures).filter_map(|(stage, exposure)| {
        let shown = match file {
            Some(file) => attainable_in(target, file, exposure),
            None => attainable(target, exposure),
        };
        let mut mistake = match shown {
            Err(mistake) => *mistake,
            Ok(shown) if shown == exposure => return None,
            Ok(shown) => coarse(target, exposure, shown),
        };
        mistake.span = place_of_exposure(text, stage);
        Some(mistake.related(place_of_target(text, index), "the target"))
    });
    let mut found: Vec<Mistake> = found.collect();
    found.sort_by_key(|one| !one.is_error());
    found.into_iter().next()
}

fn coarse(target: &Target, exposure: Exposure, shown: Exposure) -> Mistake {
    let kind = target.kind().key();
    Mistake::warning(
        MistakeCode::TargetCoarse,
        0..0,
        format!("{kind} shows {shown} where the plan says {exposure}"),
    )
    .label("rounded down, never up")
    .cure(format!(
        "write {shown} here, or an exposure that {kind} can count"
    ))
}
