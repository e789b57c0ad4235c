//! What is wrong with the targets of a plan: in the plan where it cannot be reached or show what the plan
//! says, else in the target's own file.

use crate::plan::{Mistake, MistakeCode, Status, place_of_target};
use crate::targets::{self, Shown};
use crate::units::{Digest, Exposure, Foreign};
use crate::workspace::{Along, Directory, PlanFile};

use super::kept_out::KeptOut;
use super::loaded::LoadedPlan;

/// The mistakes in the plan, and the files with mistakes of their own.
pub(crate) fn checked_targets(
    directory: &Directory,
    loaded: &LoadedPlan,
    kept_out: &KeptOut,
) -> (Vec<Mistake>, Vec<LoadedPlan>) {
    let Some(plan) = &loaded.plan else {
        return (Vec::new(), Vec::new());
    };
    let mut found = Vec::new();
    let mut files: Vec<LoadedPlan> = Vec::new();
    for (index, target) in plan.targets.iter().enumerate() {
        let read = Along::place(directory, &loaded.file, &target.normal_file())
            .and_then(|(path, shown)| Ok((Along::read(&path, &shown)?, path, shown)));
        let own = read.as_ref().ok().and_then(|(text, _, _)| text.as_deref());
        found.extend(targets::check_exposures(
            plan,
            index,
            own,
            &loaded.file.text,
        ));
        let unfit = |message: String, cure: String| {
            let place = place_of_target(&loaded.file.text, index);
            Mistake::error(MistakeCode::TargetFile, place, message).cure(cure)
        };
        if let Ok((_, path, shown)) = &read {
            found.extend(kept_out.why(path).map(|(severity, what, cure)| {
                let mut mistake = unfit(format!("{} {what}", shown.display()), cure.to_owned());
                mistake.severity = severity;
                mistake
            }));
        }
        let (text, path, shown) = match read {
            Err(error) => {
                found.push(unfit(error.to_string(), error.cure()));
                continue;
            }
            // It is written as a whole, when the first user is exposed.
            Ok((None, _, _)) if target.is_whole_file() => continue,
            Ok((None, _, shown)) => {
                found.push(unfit(
                    format!("there is no file {}", shown.display()),
                    "write the file with the flag or the route in it: rollout changes only its numbers".into(),
                ));
                continue;
            }
            Ok((Some(text), path, shown)) => (text, path, shown),
        };
        let before_anybody = plan.status() == Status::Pending;
        let mut mistakes = targets::check(target, &text);
        if before_anybody
            && let Ok(Shown::Exposure(exposed) | Shown::Overruled(exposed, _)) =
                targets::shows(target, &text)
            && exposed > Exposure::NONE
        {
            // Of the other arm all else in the file would be said the wrong way round.
            mistakes.retain(|mistake| mistake.code != MistakeCode::TargetOverruled);
            found.push(unfit(
                format!(
                    "{} exposes {exposed}, and the plan has exposed nobody yet",
                    shown.display()
                ),
                "name the arm of those who see the change; where it is that, set it to 0 % before the first advance".into(),
            ));
        }
        // After the end everybody has the change, and the flag is on its way out of the code.
        if plan.status() == Status::Complete {
            mistakes.retain(|mistake| mistake.code != MistakeCode::TargetOverruled);
        }
        if mistakes.is_empty() {
            continue;
        }
        match files.iter_mut().find(|file| file.file.path == path) {
            Some(file) => file.mistakes.extend(mistakes),
            None => files.push(LoadedPlan {
                shown: Foreign(shown.display()).to_string(),
                file: PlanFile {
                    name: loaded.file.name.clone(),
                    path,
                    shown,
                    digest: Digest::of(text.as_bytes()),
                    text,
                },
                plan: None,
                mistakes,
                change: Vec::new(),
            }),
        }
    }
    (found, files)
}
