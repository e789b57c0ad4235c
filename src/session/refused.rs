//! What is said of a transition that git did not take.

use crate::workspace::PlanFile;
use crate::workspace::git::GitError;

use super::failure::Failure;

/// Why something was not written, where git stands for it.
pub(super) fn untouched(error: GitError) -> Failure {
    let silent = matches!(
        error,
        GitError::Failed { .. } | GitError::TooSlow { .. } | GitError::LockedByGit { .. }
    );
    let failure = Failure::from(error);
    if silent {
        failure.help("nothing was changed")
    } else {
        failure
    }
}

/// Why a rollback that was written is not committed.
pub(super) fn uncommitted(file: &PlanFile, error: GitError) -> Failure {
    let said = error.to_string();
    match error {
        GitError::PlanDirty { plan } | GitError::PlanNotCommitted { plan } => {
            Failure::error(said).help(format!(
                "{} is rolled back in its file, but not committed: rollout commits only what it wrote itself; commit {plan} and its records yourself, with the rest of what is in it",
                file.name
            ))
        }
        other => Failure::from(other).help(later(file)),
    }
}

/// The same, for the help of another failure.
pub(super) fn later(file: &PlanFile) -> String {
    format!(
        "{} is rolled back in its file, but not committed; commit it, or let the next run with --commit do it",
        file.name
    )
}

/// What is said of a rollback that is not pushed.
pub(super) fn unpushed(file: &PlanFile) -> String {
    format!(
        "{} is rolled back and committed here, but not pushed; the next run with --push does it",
        file.name
    )
}
