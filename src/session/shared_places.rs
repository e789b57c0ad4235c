//! Targets that are one place of one file, although plans name it in different ways: by a link, or by
//! another kind. Those that name it alike are mistakes of the plans, and found without their files.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::plan::{Mistake, MistakeCode, Plan, Target, place_of_target};
use crate::targets;
use crate::workspace::{Along, Directory};

use super::loaded::LoadedPlan;

/// A target with the plan that names it.
#[derive(Clone, Copy)]
struct Named<'s> {
    /// The place of its plan.
    place: usize,
    loaded: &'s LoadedPlan,
    plan: &'s Plan,
    /// Its place among those of the plan.
    index: usize,
    target: &'s Target,
}

/// The mistakes, each with the place of its plan, in the order of plans and targets. Files are looked at
/// only where two targets may be in one.
pub(crate) fn shared_places(directory: &Directory, plans: &[LoadedPlan]) -> Vec<(usize, Mistake)> {
    let mut all: Vec<Named<'_>> = Vec::new();
    for (place, loaded) in plans.iter().enumerate() {
        let plan = loaded.plan.as_ref();
        let targets = plan.into_iter().flat_map(|plan| {
            let targets = plan.targets.iter().enumerate();
            targets.map(move |(index, target)| Named {
                place,
                loaded,
                plan,
                index,
                target,
            })
        });
        all.extend(targets);
    }
    if all.len() < 2 {
        return Vec::new();
    }
    let mut by_file: HashMap<PathBuf, Vec<Named<'_>>> = HashMap::new();
    for named in &all {
        // One that cannot be reached is told where it is written.
        if let Ok((path, _)) =
            Along::place(directory, &named.loaded.file, &named.target.normal_file())
        {
            by_file.entry(path).or_default().push(*named);
        }
    }
    let mut found = Vec::new();
    for (path, of_file) in by_file.iter().filter(|(_, of_file)| of_file.len() > 1) {
        let text = Along::read(path, path).ok().flatten().unwrap_or_default();
        for one in of_file {
            let same = of_file
                .iter()
                .find(|other| one.is_written_by(**other, &text));
            found.extend(same.map(|other| (one.place, one.index, one.mistake(*other))));
        }
    }
    found.sort_by_key(|(place, index, _)| (*place, *index));
    let without_index = |(place, _, mistake)| (place, mistake);
    found.into_iter().map(without_index).collect()
}

impl Named<'_> {
    /// Whether another target writes the same bytes, and is not known for it by its name.
    fn is_written_by(self, other: Named<'_>, text: &str) -> bool {
        let is_itself = std::ptr::eq(self.target, other.target);
        if is_itself || self.target.collides_with(other.target) {
            return false;
        }
        if self.target.is_whole_file() || other.target.is_whole_file() {
            return true;
        }
        let others = targets::places(other.target, text);
        targets::places(self.target, text).iter().any(|own| {
            let mut others = others.iter();
            others.any(|other| own.start < other.end && other.start < own.end)
        })
    }

    fn mistake(self, other: Named<'_>) -> Mistake {
        let place = place_of_target(&self.loaded.file.text, self.index);
        let code = MistakeCode::SharedTarget;
        let (kind, file) = (other.target.kind().key(), &other.target.file);
        let message = if self.place == other.place {
            format!("two targets write the same place of one file: the other is {kind} in {file}")
        } else {
            format!(
                "`{}` and `{}` write the same place of one file: it is {kind} in {file} there",
                self.plan.name, other.plan.name
            )
        };
        // Users who are exposed must not go unwatched for it.
        let made = if self.plan.is_exposed() {
            Mistake::warning(code, place, message)
        } else {
            Mistake::error(code, place, message)
        };
        made.label("each would undo what the other writes")
            .cure("remove one of the two targets, or give it a flag or a file of its own")
    }
}
