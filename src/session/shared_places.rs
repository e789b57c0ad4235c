//! Targets that are one place of one file, although plans name it in different ways: by a link, or by
//! another kind. Those that name it alike are mistakes of the plans, and found without their files.

use std::collections::HashMap;
use std::ops::Range;
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
    for (path, of_file) in by_file
        .iter()
        .filter(|(_, of_file)| are_named_apart(of_file))
    {
        let text = Along::read(path, path).ok().flatten().unwrap_or_default();
        let mut written: Vec<(Range<usize>, Named<'_>)> = Vec::new();
        for one in of_file {
            let places = targets::places(one.target, &text).into_iter();
            // A file that is not there yet is one place.
            written.extend(places.map(|place| (place.start..place.end.max(place.start + 1), *one)));
        }
        written.sort_by_key(|(place, _)| (place.start, place.end));
        // Of places in their order those that overlap stand beside each other, after the one that reaches on.
        let mut reaching: Option<(usize, Named<'_>)> = None;
        for (place, one) in written {
            if let Some((end, other)) = reaching
                && place.start < end
                && one.is_apart(other)
            {
                found.push((other.place, other.index, other.mistake(one)));
                found.push((one.place, one.index, one.mistake(other)));
            }
            if reaching.is_none_or(|(end, _)| place.end > end) {
                reaching = Some((place.end, one));
            }
        }
    }
    found.sort_by_key(|(place, index, _)| (*place, *index));
    found.dedup_by_key(|(place, index, _)| (*place, *index));
    let without_index = |(place, _, mistake)| (place, mistake);
    found.into_iter().map(without_index).collect()
}

/// Whether targets of one file name it, or what is in it, in more ways than one. Flags of one kind in one file
/// are told apart by their names alone.
fn are_named_apart(of_file: &[Named<'_>]) -> bool {
    of_file.first().is_some_and(|first| {
        let file = first.target.normal_file();
        of_file.iter().any(|other| {
            other.target.kind() != first.target.kind()
                || !other.target.is_flag()
                || other.target.normal_file() != file
        })
    })
}

impl Named<'_> {
    /// Whether this is another target than that, and not known by its name for what it is.
    fn is_apart(self, other: Named<'_>) -> bool {
        !std::ptr::eq(self.target, other.target) && !self.target.collides_with(other.target)
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
