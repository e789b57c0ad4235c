//! Targets that no commit of this repository holds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::plan::Severity;
use crate::workspace::git::Repository;
use crate::workspace::{Along, Directory};

use super::loaded::LoadedPlan;

/// What git keeps out of commits among the targets of several plans.
pub(crate) struct KeptOut {
    /// `None` where there is no target, or no repository.
    repository: Option<Repository>,
    /// Real paths.
    ignored: HashSet<PathBuf>,
}

impl KeptOut {
    /// Asks git once for all targets of these plans. Where it cannot say, nothing is known.
    pub(crate) fn of<'l>(
        directory: &Directory,
        plans: impl IntoIterator<Item = &'l LoadedPlan>,
    ) -> Self {
        let mut paths: HashSet<PathBuf> = HashSet::new();
        for loaded in plans {
            let targets = loaded.plan.iter().flat_map(|plan| &plan.targets);
            paths.extend(targets.filter_map(|target| {
                let place = Along::place(directory, &loaded.file, &target.normal_file());
                place.ok().map(|(path, _)| path)
            }));
        }
        let repository = (!paths.is_empty())
            .then(|| Repository::open(directory, &[]).ok())
            .flatten();
        let ignored = repository
            .as_ref()
            .and_then(|repository| repository.ignored(paths.iter().map(PathBuf::as_path)).ok())
            .unwrap_or_default();
        Self {
            ignored: ignored.into_iter().map(Path::to_owned).collect(),
            repository,
        }
    }

    /// Why no commit of this repository holds a file, and what to do; nothing where it may.
    pub(super) fn why(&self, path: &Path) -> Option<(Severity, &'static str, &'static str)> {
        if self.repository.as_ref()?.is_of_another(path) {
            return Some((
                Severity::Error,
                "belongs to another git repository, which lies in this one",
                "let the plan stand in that repository: no commit of this one can hold the file",
            ));
        }
        self.ignored.contains(path).then_some((
            Severity::Warning,
            "is ignored by git: no commit holds what is written into it",
            "take it out of `.gitignore` where users get the file from git",
        ))
    }
}
