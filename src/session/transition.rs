//! How a decision gets into the directory: as files, or as files and a commit, and from there to the
//! remote. One place, so that people's decisions and the rules' are recorded alike.

use std::cell::RefCell;
use std::path::Path;

use crate::decide::Exit;
use crate::plan::{State, Status};
use crate::report::Change;
use crate::units::Instant;
use crate::workspace::git::{
    CommitMessage, GitError, Moved, Publication, Repository, Unpublished, apply_and_commit,
    edit_and_commit,
};
use crate::workspace::{DecisionContext, Directory, Edit, PlanFile, Still, With, apply_if, edit};

use super::context::Context;
use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::moved::report_moved;
use super::plan_set::PlanSet;
use super::projection::{PROJECTION, spared};
use super::refused::{later, uncommitted, unpushed, untouched};

/// What is asked of git after writing, besides what the settings ask.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GitAsked {
    /// Commit each transition.
    pub(crate) commit: bool,
    /// Commit and push; after a rejection fetch and decide again.
    pub(crate) push: bool,
}

/// One step of a plan: what it changes in the file, and the state it leads to.
pub(crate) struct Step {
    pub(crate) change: Change,
    pub(crate) state: State,
}

/// Writes decisions.
pub(crate) struct TransitionWriter {
    repository: Option<Repository>,
    /// There will be a push.
    pushes: bool,
    /// Why what is asked of git cannot be done. Only rollbacks are written then; they are committed
    /// where a repository is there and only the push is impossible.
    unfit: Option<Failure>,
    /// Rollbacks that were written and could not be committed.
    owed: RefCell<Vec<Failure>>,
}

impl TransitionWriter {
    /// Files only.
    pub(crate) fn files() -> Self {
        Self {
            repository: None,
            pushes: false,
            unfit: None,
            owed: RefCell::new(Vec::new()),
        }
    }

    /// Commits new files of this directory, if asked to. Whoever asks must hear why it cannot be.
    ///
    /// # Errors
    /// When a commit is asked for and cannot be made.
    pub(crate) fn beside(directory: &Directory, commit: bool) -> Result<Self, Failure> {
        if !commit {
            return Ok(Self::files());
        }
        let repository = Repository::open(directory, &[])?;
        repository.ready()?;
        Ok(Self::committing(repository))
    }

    /// Commits to this repository.
    pub(crate) fn committing(repository: Repository) -> Self {
        Self {
            repository: Some(repository),
            ..Self::files()
        }
    }

    /// As the flags and the settings say. Makes commits that an earlier run owed. A repository that
    /// takes no commit stops every transition but a rollback.
    pub(crate) fn open(plan_set: &PlanSet, asked: GitAsked, context: &mut Context<'_>) -> Self {
        let push = asked.push || plan_set.config.git.push;
        let writer = if push || asked.commit || plan_set.config.git.commit {
            Self::ready(&plan_set.directory, &plan_set.plans, push, context).unwrap_or_else(
                |failure| Self {
                    unfit: Some(failure),
                    ..Self::files()
                },
            )
        } else {
            Self::files()
        };
        writer
            .owed
            .borrow_mut()
            .extend(plan_set.owed.iter().cloned());
        writer
    }

    fn ready(
        directory: &Directory,
        plans: &[LoadedPlan],
        push: bool,
        context: &mut Context<'_>,
    ) -> Result<Self, Failure> {
        let repository = Repository::open(directory, &[])?.projecting(PROJECTION);
        repository.ready()?;
        let unsettled = if repository.is_settled() { &[] } else { plans };
        for loaded in unsettled {
            if let Some(finished) = repository.finish(directory, &loaded.file)? {
                context.ui.note(&format!(
                    "{}: an earlier run wrote {} and did not commit it; commit {} does",
                    loaded.file.name,
                    finished.evidence.join(", "),
                    finished.commit.get(..12).unwrap_or(&finished.commit)
                ))?;
            }
        }
        let unfit = if push {
            repository.ready_to_push().err().map(Failure::from)
        } else {
            None
        };
        Ok(Self {
            pushes: push && unfit.is_none(),
            unfit,
            ..Self::committing(repository)
        })
    }

    /// Writes a state with its evidence; `None` when the plan already says so.
    ///
    /// # Errors
    /// When it cannot be written or committed; nothing is changed then. A rollback is written
    /// also where it cannot be committed; [`TransitionWriter::report_uncommitted`] says so.
    pub(crate) fn write(
        &self,
        directory: &Directory,
        file: &PlanFile,
        state: &State,
        grounds: &DecisionContext,
        now: Instant,
        still: Still<'_>,
    ) -> Result<Option<Step>, Failure> {
        let spares = state.status == Status::RolledBack;
        let with = With {
            still,
            projection: PROJECTION,
        };
        let unwritten = |failure: Failure| match spared(file, directory) {
            Some(said) if spares => failure.help(said),
            Some(_) | None => failure,
        };
        let files = || {
            apply_if(directory, file, state, grounds, now, &with)
                .map_err(|error| unwritten(error.into()))
        };
        let written = match (&self.repository, &self.unfit) {
            (None, None) => files()?.map(|applied| (applied, None)),
            (_, Some(unfit)) if !spares => return Err(unfit.clone()),
            // Users come before history: what harms them goes, with a commit or without.
            (None, Some(unfit)) => {
                let owed = unfit.clone().help(later(file));
                files()?.map(|applied| (applied, Some(Err(owed))))
            }
            (Some(repository), _) => {
                apply_and_commit(repository, directory, file, state, grounds, now, &with)
                    .map_err(|error| unwritten(untouched(error)))?
                    .map(|done| {
                        let commit = done.commit.map_err(|error| uncommitted(file, error));
                        (done.applied, Some(commit))
                    })
            }
        };
        let Some((applied, commit)) = written else {
            return Ok(None);
        };
        let mut owed = self.owed.borrow_mut();
        owed.extend(applied.troubles.iter().map(Failure::beside));
        let commit = match commit {
            Some(Ok(commit)) => {
                owed.extend(self.unfit.clone().map(|unfit| unfit.help(unpushed(file))));
                Some(commit)
            }
            Some(Err(failure)) => {
                owed.push(failure);
                None
            }
            None => None,
        };
        Ok(Some(Step {
            state: applied.record.after,
            change: Change {
                before: file.text.clone(),
                after: applied.plan.text,
                applied: true,
                evidence: applied.evidence_path,
                commit,
            },
        }))
    }

    /// What of these plans is written and in no commit, beside changes of somebody else: only a person
    /// can commit that, and must hear of it however little else there is to do.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub(crate) fn unsettled(&self, plan_set: &PlanSet, chosen: &[usize]) -> Result<(), Failure> {
        let Some(repository) = &self.repository else {
            return Ok(());
        };
        if repository.is_settled() {
            return Ok(());
        }
        for loaded in chosen.iter().filter_map(|index| plan_set.plans.get(*index)) {
            if let Some(error) = repository.owes(&loaded.file)? {
                self.owed.borrow_mut().push(
                    Failure::error(error.to_string()).help(format!(
                        "the state of {} is not the committed one: commit its file and its records; rollout commits only what it wrote itself",
                        loaded.file.name
                    )),
                );
            }
        }
        Ok(())
    }

    /// Why what is asked of git could not be done although nothing had to be written now: an earlier
    /// run's work may wait for it, and who asks for a commit must not hear that all is well.
    /// `None` also where [`TransitionWriter::report_uncommitted`] says it.
    pub(crate) fn debt(&self) -> Option<&Failure> {
        let owed = self.owed.borrow();
        let is_reported = |unfit: &&Failure| owed.iter().any(|one| one.message == unfit.message);
        self.unfit.as_ref().filter(|unfit| !is_reported(unfit))
    }

    /// Makes edits of files that are no states; the commit, where one is asked for.
    ///
    /// # Errors
    /// When they cannot be written or committed; nothing is changed then.
    pub(crate) fn edit(
        &self,
        directory: &Directory,
        edits: &[Edit],
        word: &CommitMessage<'_>,
    ) -> Result<Option<String>, Failure> {
        match (&self.repository, &self.unfit) {
            (_, Some(unfit)) => Err(unfit.clone()),
            (None, None) => {
                let troubles = edit(directory, edits)?;
                let failures = troubles.iter().map(Failure::beside);
                self.owed.borrow_mut().extend(failures);
                Ok(None)
            }
            (Some(repository), None) => {
                let commit = edit_and_commit(repository, directory, edits, word);
                commit.map(Some).map_err(untouched)
            }
        }
    }

    /// Commits the targets of these plans, where a commit is asked for: of those that this run has written,
    /// and of those where an earlier one has, which show what their plans say. A brake is its author's to
    /// commit. Why they could not be is said with [`TransitionWriter::report_uncommitted`].
    pub(crate) fn commit_targets(
        &self,
        plan_set: &PlanSet,
        chosen: &[usize],
        written: &[usize],
        word: &CommitMessage<'_>,
    ) {
        let Some(repository) = &self.repository else {
            return;
        };
        let mut all: Vec<(usize, &LoadedPlan)> = chosen
            .iter()
            .map(|index| (*index, &plan_set.plans[*index]))
            .collect();
        all.retain(|(index, loaded)| written.contains(index) || loaded.has_targets());
        let files: Vec<&PlanFile> = all.iter().map(|(_, loaded)| &loaded.file).collect();
        let directory = &plan_set.directory;
        if written.is_empty() && repository.has_targets_of(directory, &files) {
            return;
        }
        for (index, loaded) in all {
            if written.contains(&index) || plan_set.shows_what_it_says(loaded) {
                match repository.commit_targets(directory, &loaded.file, word) {
                    Ok(_) => {}
                    // Of what no run has written just now, a person's changes are no news.
                    Err(
                        GitError::PlanDirty { .. }
                        | GitError::PlanNotCommitted { .. }
                        | GitError::TargetUnread { .. },
                    ) if !written.contains(&index) => {}
                    Err(error) => self.owed.borrow_mut().push(error.into()),
                }
            }
        }
    }

    /// Why this file is in no commit as it stands; nothing where it is, or where none is asked for.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub(crate) fn misses(
        &self,
        directory: &Directory,
        path: &Path,
    ) -> Result<Option<GitError>, Failure> {
        match &self.repository {
            None => Ok(None),
            Some(repository) => Ok(repository.misses(directory, path)?),
        }
    }

    /// Commits that wait here for a push; none where no push is asked for.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub(crate) fn waiting(&self) -> Result<usize, Failure> {
        match &self.repository {
            Some(repository) if self.pushes => Ok(repository.waiting()?),
            Some(_) | None => Ok(0),
        }
    }

    /// Says what was written and could not be recorded or committed, and returns the exit code that
    /// this is worth at least.
    ///
    /// # Errors
    /// When it cannot be said.
    pub(crate) fn report_uncommitted(&self, context: &mut Context<'_>) -> Result<Exit, Failure> {
        let mut least = Exit::Go;
        for failure in self.owed.borrow().iter() {
            least = least.worse(failure.exit);
            let color = context.ui.color_messages;
            failure.render(context.ui.messages(), color)?;
        }
        Ok(least)
    }

    /// Pushes what was committed, and says how the branch moved on the way.
    ///
    /// # Errors
    /// When it cannot be said.
    pub(crate) fn publish(
        &self,
        directory: &Directory,
        context: &mut Context<'_>,
    ) -> Result<Publication, Failure> {
        let published = match &self.repository {
            Some(repository) if self.pushes => repository.publish(directory),
            Some(_) | None => Publication::Done(Moved::default()),
        };
        let (Publication::Done(moved)
        | Publication::Again { moved, kept: _ }
        | Publication::Unpublished(Unpublished { moved, .. })) = &published;
        report_moved(moved, context)?;
        Ok(published)
    }
}
