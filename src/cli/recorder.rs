//! How a decision gets into the directory: as files, or as files and a commit, and from there to the
//! remote. One place, so that people's decisions and the rules' are recorded alike.

use crate::plan::State;
use crate::report::Change;
use crate::units::Instant;
use crate::workspace::git::{GitError, Mark, Push, Repository, apply_and_commit};
use crate::workspace::{Directory, Grounds, PlanFile, apply};

use super::context::Context;
use super::desk::Desk;
use super::failure::Failure;

/// What is done with git after writing.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct GitArgs {
    /// Commit each transition [default: [git] of config.toml]
    #[arg(long)]
    pub(super) commit: bool,
    /// Commit and push; after a rejection fetch and decide again
    #[arg(long)]
    pub(super) push: bool,
}

/// Writes decisions.
pub(super) struct Recorder {
    repository: Option<Repository>,
    /// Where the branch stood, when there will be a push.
    mark: Option<Mark>,
}

/// What became of a push.
pub(super) enum Published {
    /// The remote has everything, or none was asked for.
    Done,
    /// Somebody else was faster: decide again.
    Again,
    /// The remote cannot be reached; the transitions were taken back.
    Withdrawn(Failure),
    /// The remote cannot be reached; the transitions stay here, because a rollback is among them.
    Kept(Failure),
}

impl Recorder {
    /// Files only.
    pub(super) const fn files() -> Self {
        Self {
            repository: None,
            mark: None,
        }
    }

    /// Commits to this repository.
    pub(super) const fn committing(repository: Repository) -> Self {
        Self {
            repository: Some(repository),
            mark: None,
        }
    }

    /// As the flags and the settings say. Makes commits that an earlier run owed.
    ///
    /// # Errors
    /// When a commit or a push is asked for and cannot be made.
    pub(super) fn open(
        desk: &Desk,
        args: GitArgs,
        context: &mut Context<'_>,
    ) -> Result<Self, Failure> {
        let push = args.push || desk.config.git.push;
        if !(push || args.commit || desk.config.git.commit) {
            return Ok(Self::files());
        }
        let repository = Repository::open(&desk.directory, &[])?;
        repository.ready()?;
        for sheet in &desk.sheets {
            if let Some(finished) = repository.finish(&desk.directory, &sheet.file)? {
                context.ui.note(&format!(
                    "{}: an earlier run wrote {} and did not commit it; commit {} does",
                    sheet.file.name,
                    finished.evidence.join(", "),
                    finished.commit.get(..12).unwrap_or(&finished.commit)
                ))?;
            }
        }
        let mark = if push {
            repository.ready_to_push()?;
            Some(repository.mark()?)
        } else {
            None
        };
        Ok(Self {
            repository: Some(repository),
            mark,
        })
    }

    /// Brings the branch up to date before anything is decided. A remote that cannot be reached
    /// stops no decision: a rollback must be possible without it.
    ///
    /// # Errors
    /// When the directory is in no repository.
    pub(super) fn catch_up(
        directory: &Directory,
        context: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let repository = Repository::open(directory, &[])?;
        if let Err(error) = repository.catch_up(directory) {
            context.ui.warn(&format!(
                "could not bring the branch up to date: {error}; {}",
                error.cure()
            ))?;
        }
        Ok(())
    }

    /// Writes a state with its evidence; `None` when the plan already says so.
    ///
    /// # Errors
    /// When it cannot be written or committed; nothing is changed then.
    pub(super) fn write(
        &self,
        directory: &Directory,
        file: &PlanFile,
        state: &State,
        grounds: &Grounds,
        now: Instant,
    ) -> Result<Option<Change>, Failure> {
        let written = match &self.repository {
            None => apply(directory, file, state, grounds, now)?.map(|applied| (applied, None)),
            Some(repository) => apply_and_commit(repository, directory, file, state, grounds, now)?
                .map(|committed| (committed.applied, Some(committed.commit))),
        };
        Ok(written.map(|(applied, commit)| Change {
            before: file.text.clone(),
            after: applied.plan.text,
            applied: true,
            evidence: Some(applied.evidence_path),
            commit,
        }))
    }

    /// Pushes what was committed. `keep` says that it is better kept here than nowhere.
    ///
    /// # Errors
    /// When the branch could not be moved after a rejection.
    pub(super) fn publish(&self, directory: &Directory, keep: bool) -> Result<Published, Failure> {
        let (Some(repository), Some(mark)) = (&self.repository, &self.mark) else {
            return Ok(Published::Done);
        };
        match repository.publish(directory, mark, keep) {
            Ok(Push::Done) => Ok(Published::Done),
            Ok(Push::Rejected) => Ok(Published::Again),
            Err(error @ GitError::Unpublished { kept: true, .. }) => {
                Ok(Published::Kept(Failure::from(error)))
            }
            Err(error @ GitError::Unpublished { kept: false, .. }) => {
                Ok(Published::Withdrawn(Failure::from(error)))
            }
            Err(error) => Err(Failure::from(error)),
        }
    }
}
