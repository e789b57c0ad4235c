//! One commit a transition, with the plan and its evidence in it and nothing else: both are
//! written and committed, or neither.
//!
//! Nothing can make writing and committing one step. A run that is killed between the two leaves a
//! plan that differs from HEAD by exactly the records that are not in HEAD; the next run that
//! commits finds it and makes the commit that is owed.

use std::time::Duration;

use crate::plan::{PlanText, State, standing_of, state_of};
use crate::units::{Digest, Instant};
use crate::workspace::apply::{apply_held, put_into, take_back};
use crate::workspace::chain::{latest_link, latest_links};
use crate::workspace::hold::{Hold, spares};
use crate::workspace::{Applied, DecisionContext, Directory, Link, PlanFile, Trouble, With};

use super::message::{PLAN, message};
use super::run::literal;
use super::saved_index::SavedIndex;
use super::targets::Targets;
use super::{GitError, Repository};

/// How long another git may hold the index. Who holds it longer waits for a person, or is dead.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// How often git is asked again for what it just did.
const MOST_QUESTIONS: u32 = 5;

/// How often the index is tried.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A transition that was written and committed.
#[derive(Debug)]
pub struct Committed {
    /// What was written.
    pub applied: Applied,
    /// The commit; an error where a rollback was written and git did not take it, which is owed then.
    pub commit: Result<String, GitError>,
}

/// A commit that an earlier run owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The commit.
    pub commit: String,
    /// The records in it, relative to the directory.
    pub evidence: Vec<String>,
}

/// Applies a decision and commits it; `None` when the plan already says so.
///
/// A rollback is written whatever git says of it: users come before history.
///
/// # Errors
/// When the plan cannot be applied or committed. The plan is put back then, and the evidence
/// removed, unless git may have made the commit after all.
pub fn apply_and_commit(
    repository: &Repository,
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &DecisionContext,
    now: Instant,
    with: &With<'_>,
) -> Result<Option<Committed>, GitError> {
    let spares = spares(state);
    let ready = || {
        repository.ready()?;
        let name = repository.name_of(&plan.path, &plan.shown)?;
        repository.require_committed(&plan.shown, &name)?;
        repository.refuse_ignored(&plan.name)?;
        let targets = repository.targets_of(directory, plan)?;
        if !spares {
            targets.undisputed()?;
        }
        Ok::<_, GitError>(name)
    };
    let hold = Hold::of(directory, plan, state)?;
    (with.still)()?;
    let name = match ready() {
        Err(error) if !spares => return Err(error),
        asked => asked,
    };
    let grounds = (grounds, now);
    let Some(mut applied) = apply_held(&hold, directory, plan, state, grounds, with.projection)?
    else {
        return Ok(None);
    };
    let committed = name.and_then(|name| {
        let links: Vec<Link> = latest_link(directory, &applied.plan).into_iter().collect();
        let mut targets = repository.targets_of(directory, &applied.plan)?;
        if !spares {
            targets = targets.undisputed()?;
        }
        for (path, why) in &targets.unread {
            if applied.along.iter().any(|along| along.path == *path) {
                let why = why.clone();
                applied.troubles.push(Trouble::TargetUnread { why });
            }
        }
        for (path, why) in &targets.kept_out {
            if applied.along.iter().any(|along| along.path == *path) {
                let why = why.clone();
                applied.troubles.push(Trouble::TargetKeptOut { why });
            }
        }
        for why in &targets.dirty {
            let why = why.to_string();
            applied.troubles.push(Trouble::TargetDirty { why });
        }
        repository.commit(&name, &links, targets)
    });
    match committed {
        Ok(commit) => {
            repository.made.borrow_mut().push(commit.clone());
            Ok(Some(Committed {
                applied,
                commit: Ok(commit),
            }))
        }
        Err(refused) if spares => Ok(Some(Committed {
            applied,
            commit: Err(refused),
        })),
        // What may be in a commit, and so may be published, is never undone.
        Err(unsure @ GitError::Unsure { .. }) => Err(unsure),
        Err(refused) => Err(refused.after(take_back(directory, plan, &applied), &plan.shown)),
    }
}

impl Repository {
    /// Makes the commit that a run owed which wrote this plan and did not commit it: because it was
    /// killed, or because it was not asked to. `None` when nothing is owed, also when a person
    /// changed the plan.
    ///
    /// # Errors
    /// When git cannot be asked, or refuses the commit; nothing is changed then.
    pub fn finish(
        &self,
        directory: &Directory,
        plan: &PlanFile,
    ) -> Result<Option<Finished>, GitError> {
        let _lock = directory.lock()?;
        let name = self.name_of(&plan.path, &plan.shown)?;
        let Some(head) = self.bytes_at("HEAD", &name)? else {
            return Ok(None);
        };
        if head == plan.text.as_bytes() {
            self.mend_index(directory, &name, plan)?;
            return Ok(None);
        }
        let owed = latest_links(directory, plan, |link| {
            let object = format!("HEAD:{}", self.name_in_directory(&link.path));
            Ok::<_, GitError>(!self.git.ask(["cat-file", "-e", &object])?.ok)
        })?;
        let explained = String::from_utf8(head).ok().is_some_and(|head| {
            let (Some(first), Some(last)) = (owed.first(), owed.last()) else {
                return false;
            };
            // A record that was made up for knows the state before, not its text.
            let begins_there = first.record.plan_digest_before == Digest::of(head.as_bytes())
                || standing_of(&head) == Some(first.record.before.clone());
            begins_there
                && put_into(&PlanText::parse(&head), &last.record.after)
                    .is_ok_and(|text| text == plan.text)
        });
        if !explained {
            return Ok(None);
        }
        self.ready()?;
        self.refuse_ignored(&plan.name)?;
        self.require_watched(&plan.shown, &name)?;
        let targets = self.targets_of(directory, plan);
        let targets = match targets.and_then(Targets::undisputed) {
            // Only a person can say what of them is whose, and must hear of it.
            Err(GitError::PlanDirty { .. } | GitError::PlanNotCommitted { .. }) => return Ok(None),
            found => found?,
        };
        let commit = self.commit(&name, &owed, targets)?;
        Ok(Some(Finished {
            commit,
            evidence: owed.into_iter().map(|link| link.path).collect(),
        }))
    }

    /// Why the state of this plan is in no commit, where it is not the one in HEAD.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn owes(&self, plan: &PlanFile) -> Result<Option<GitError>, GitError> {
        let name = self.name_of(&plan.path, &plan.shown)?;
        let head = self.bytes_at("HEAD", &name)?;
        let head = head.and_then(|bytes| String::from_utf8(bytes).ok());
        let before = head.and_then(|text| standing_of(&text).flatten());
        if standing_of(&plan.text).flatten() == before {
            return Ok(None);
        }
        self.committed_or_why(&plan.shown, &name)
    }

    /// True when nothing can be owed, nor be wrong in the index: the directory of plans is in HEAD, in
    /// the index and in the work tree as one and the same. One look at all plans is enough, mostly.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let directory = self.name_in_directory("");
        // Who cannot tell goes and looks at each plan, and finds the reason there.
        let settled = |directory: String| {
            let all = std::slice::from_ref(&directory);
            Ok::<_, GitError>(self.is_clean(all)? && self.is_watched(all)?)
        };
        settled(directory).unwrap_or(false)
    }

    /// Git moves the branch before it writes the index. When it is killed in between, the index still
    /// holds the plan of before, which the next commit of a person would bring back.
    fn mend_index(
        &self,
        directory: &Directory,
        name: &str,
        plan: &PlanFile,
    ) -> Result<(), GitError> {
        let blob = |object: String| {
            let answer = self
                .git
                .ask(["rev-parse", "--verify", "--quiet", &object])?;
            Ok::<_, GitError>(answer.ok.then(|| answer.text()))
        };
        let staged = blob(format!(":0:{name}"))?;
        if staged.is_none() || staged == blob(format!("HEAD:{name}"))? {
            return Ok(());
        }
        let format = format!("--format=%(trailers:key={PLAN},valueonly)");
        let of = self.git.tell(["log", "--max-count=1", &format, "HEAD"])?;
        if of.trim() != plan.name || staged != blob(format!("HEAD^:{name}"))? {
            return Ok(());
        }
        let evidence = state_of(&plan.text)
            .value
            .flatten()
            .and_then(|state| state.evidence);
        let mut paths = vec![literal(name)];
        paths.extend(evidence.map(|path| literal(&self.name_in_directory(&path))));
        for target in self.names_of_targets(directory, plan) {
            if blob(format!(":0:{target}"))? == blob(format!("HEAD^:{target}"))? {
                paths.push(literal(&target));
            }
        }
        let reset = ["reset", "--quiet", "--"].map(String::from);
        self.git.tell(reset.into_iter().chain(paths)).map(drop)
    }

    /// Commits a plan with these records and targets of it. When git refuses, the index is as it was.
    fn commit(&self, plan: &str, links: &[Link], targets: Targets) -> Result<String, GitError> {
        let Targets {
            mut known, fresh, ..
        } = targets;
        known.push(plan.to_owned());
        let evidence = links.iter().map(|link| self.name_in_directory(&link.path));
        let fresh: Vec<String> = evidence.chain(fresh).collect();
        self.commit_files(&known, &fresh, &message(links))
    }

    /// Commits files that git knows and files that it does not know yet, and nothing else. When git
    /// refuses, the index is as it was.
    pub(super) fn commit_files(
        &self,
        known: &[String],
        fresh: &[String],
        message: &str,
    ) -> Result<String, GitError> {
        let before = self.head()?;
        let literals = |names: &[String]| names.iter().map(|n| literal(n)).collect::<Vec<_>>();
        let (known, fresh) = (literals(known), literals(fresh));
        let commit = [
            "commit",
            "--quiet",
            "--only",
            "--cleanup=whitespace",
            "--message",
            message,
            "--",
        ]
        .map(String::from);
        let arguments: Vec<&String> = commit.iter().chain(&known).chain(&fresh).collect();
        let saved = SavedIndex::new(&self.git_dir);
        let answer = self.when_unlocked(|| {
            self.announce(&fresh)?;
            let answer = self.git.ask(&arguments)?;
            match answer.failed() {
                locked @ GitError::LockedByGit { .. } if !answer.ok => Err(locked),
                _ => Ok(answer),
            }
        });
        let failed = match answer {
            Ok(answer) if answer.ok => None,
            Ok(answer) => Some(answer.failed()),
            Err(error) => Some(error),
        };
        let after = self.head_asked_again(before.is_some())?;
        match (failed, after) {
            // Whatever git complained of came after the commit.
            (_, Some(after)) if before.as_ref() != Some(&after) => Ok(after),
            (Some(error), _) => {
                match self.when_unlocked(|| self.forget(&fresh)) {
                    // Without space git cannot write an index, also not to take this back.
                    Err(full @ GitError::Failed { .. }) => saved.put_back(full)?,
                    forgotten => forgotten?,
                }
                Err(error)
            }
            (None, _) => Err(GitError::Failed {
                command: "commit".into(),
                said: "it made no commit".into(),
            }),
        }
    }

    /// The branch's commit after something that may have made one; git that cannot say is asked a few
    /// times more, since what hangs on it is whether something may be undone. `was` says that there was
    /// a commit before, so that none now is no answer.
    pub(super) fn head_asked_again(&self, was: bool) -> Result<Option<String>, GitError> {
        let mut said = String::from("it does not say which commit is checked out");
        for _ in 0..MOST_QUESTIONS {
            match self.head() {
                Ok(None) if was => {}
                Ok(head) => return Ok(head),
                Err(error) => said = error.to_string(),
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Err(GitError::Unsure { said })
    }

    /// Waits a little for another git: editors and prompts look at the index all the time, and hold
    /// it for milliseconds.
    fn when_unlocked<T>(&self, act: impl Fn() -> Result<T, GitError>) -> Result<T, GitError> {
        let mut waited = Duration::ZERO;
        loop {
            match act() {
                Err(GitError::LockedByGit { .. }) if waited < LOCK_PATIENCE => {
                    std::thread::sleep(LOOK_AGAIN);
                    waited += LOOK_AGAIN;
                }
                other => return other,
            }
        }
    }

    /// Tells git of new files: only a path that it knows can be committed on its own.
    fn announce(&self, fresh: &[String]) -> Result<(), GitError> {
        if fresh.is_empty() {
            // Without a path git would mean every path.
            return Ok(());
        }
        let add = ["add", "--intent-to-add", "--"].map(String::from);
        self.git.tell(add.iter().chain(fresh)).map(drop)
    }

    /// Takes [`Repository::announce`] back.
    fn forget(&self, fresh: &[String]) -> Result<(), GitError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let forget = [
            "rm",
            "--cached",
            "--quiet",
            "--force",
            "--ignore-unmatch",
            "--",
        ];
        let forget = forget.map(String::from);
        self.git.tell(forget.iter().chain(fresh)).map(drop)
    }
}
