//! Pushing transitions, and stepping back when somebody else was faster.
//!
//! A decision that lost the race is never replayed on top of what won: its commit is dropped, the
//! branch moves to what the others see, and the caller decides again from there. Nobody's own
//! commits, staged changes or files are touched.

use std::time::Duration;

use crate::workspace::{Directory, write_file};

use super::message::{ACTOR, is_automation};
use super::run::literal;
use super::{GitError, Repository};

/// Where the branch stood before a run committed anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "after a rejection everything has to be decided again"]
pub enum Push {
    /// The remote has the commits.
    Done,
    /// Somebody else was faster: [`Repository::retreat`], then decide again.
    Rejected,
}

/// The upstream of the branch.
struct Upstream {
    /// The remote's name.
    remote: String,
    /// The branch there, such as `refs/heads/main`.
    branch: String,
    /// What is known of it here, such as `refs/remotes/origin/main`.
    tracking: String,
}

/// How long to wait before the given try, counted from 1: up to twice as long each time, and at
/// most eight seconds. `random` spreads those who lost the same race.
#[must_use]
pub fn backoff(attempt: u32, random: u64) -> Duration {
    let most = 250_u64 << attempt.clamp(1, 5);
    Duration::from_millis(random % most)
}

impl Repository {
    /// Remembers where the branch stands.
    ///
    /// # Errors
    /// When there is no commit yet.
    pub fn mark(&self) -> Result<Mark, GitError> {
        self.git
            .tell(["rev-parse", "--verify", "--quiet", "HEAD"])
            .map(Mark)
    }

    /// Looks that there is an upstream, and that nothing but transitions would be pushed to it.
    ///
    /// # Errors
    /// When there is none, or the branch holds commits of other work that are not pushed yet.
    pub fn ready_to_push(&self) -> Result<(), GitError> {
        self.unpushed(&self.upstream()?).map(drop)
    }

    /// Pushes the transitions of this run. When somebody else was faster, they are dropped, the
    /// branch moves to its upstream, and everything has to be decided again. When the push fails
    /// for another reason, they are dropped unless `keep` says that they are better kept here than
    /// nowhere, as a rollback is; the next run pushes those.
    ///
    /// # Errors
    /// When the push fails, or the branch could not be moved.
    pub fn publish(
        &self,
        directory: &Directory,
        mark: &Mark,
        keep: bool,
    ) -> Result<Push, GitError> {
        match self.push() {
            Ok(Push::Done) => Ok(Push::Done),
            Ok(Push::Rejected) if keep => self.retreat_or_keep(directory, mark),
            Ok(Push::Rejected) => {
                self.retreat(directory, mark)?;
                Ok(Push::Rejected)
            }
            // The remote is asked: it may have taken what git then stumbled over.
            Err(_) if self.is_published() => Ok(Push::Done),
            Err(error) => {
                let said = match &error {
                    GitError::PushFailed { said } => said.clone(),
                    other => other.to_string(),
                };
                if !keep {
                    self.withdraw(directory, mark)?;
                }
                Err(GitError::Unpublished { said, kept: keep })
            }
        }
    }

    /// As [`Repository::retreat`], but where the branch cannot move on to what won, a rollback stays.
    fn retreat_or_keep(&self, directory: &Directory, mark: &Mark) -> Result<Push, GitError> {
        let kept = |said: String| GitError::Unpublished { said, kept: true };
        let upstream = self.upstream()?;
        self.fetch(&upstream)
            .map_err(|error| kept(error.to_string()))?;
        if let Some(name) = self.in_the_way(mark, &upstream)? {
            return Err(kept(format!(
                "somebody else pushed a change of {name}, which has changes here that are not committed"
            )));
        }
        let ours = self.head()?;
        match self.retreat(directory, mark) {
            Ok(()) => Ok(Push::Rejected),
            Err(error) => {
                if let Some(ours) = ours {
                    let _lock = directory.lock()?;
                    self.drop_to(&ours)?;
                }
                Err(kept(error.to_string()))
            }
        }
    }

    /// A file with changes of its own here that the upstream changed since the mark.
    fn in_the_way(&self, mark: &Mark, upstream: &Upstream) -> Result<Option<String>, GitError> {
        let names = |arguments: &[&str]| -> Result<Vec<String>, GitError> {
            let text = self.git.tell(arguments.iter().map(ToString::to_string))?;
            let names = text.split('\0').filter(|name| !name.is_empty());
            Ok(names.map(ToOwned::to_owned).collect())
        };
        let tracking = upstream.tracking.as_str();
        let theirs = names(&[
            "diff",
            "--name-only",
            "--no-renames",
            "-z",
            &mark.0,
            tracking,
        ])?;
        let mine = names(&["diff", "--name-only", "--no-renames", "-z", "HEAD"])?;
        Ok(theirs.into_iter().find(|name| mine.contains(name)))
    }

    /// Whether the remote has what is checked out here; `false` where it cannot be asked.
    fn is_published(&self) -> bool {
        let asked = || -> Result<bool, GitError> {
            let upstream = self.upstream()?;
            let query = [
                "ls-remote",
                "--exit-code",
                &upstream.remote,
                &upstream.branch,
            ];
            let answer = self.git.online()?.ask(query)?;
            let head = self.head_asked_again(true)?;
            let there = answer.text();
            let there = there.split_whitespace().next();
            Ok(answer.ok && there.is_some() && there == head.as_deref())
        };
        asked().unwrap_or(false)
    }

    /// How many transitions are committed here that the upstream does not have, as far as is known.
    ///
    /// # Errors
    /// When there is no upstream, or there are commits of other work.
    pub fn waiting(&self) -> Result<usize, GitError> {
        self.unpushed(&self.upstream()?)
    }

    /// Pushes the branch to its upstream, if it is ahead.
    ///
    /// # Errors
    /// When there is no upstream, when there are commits of other work, or when the push fails for
    /// another reason than a race.
    pub fn push(&self) -> Result<Push, GitError> {
        let upstream = self.upstream()?;
        if self.unpushed(&upstream)? == 0 {
            return Ok(Push::Done);
        }
        let target = format!("HEAD:{}", upstream.branch);
        let push = ["push", "--porcelain", &upstream.remote, &target];
        let answer = match self.git.online()?.ask(push) {
            Err(slow @ GitError::TooSlow { .. }) => {
                let said = slow.to_string();
                return Err(GitError::PushFailed { said });
            }
            other => other?,
        };
        if answer.ok {
            return Ok(Push::Done);
        }
        let text = answer.text();
        let lost = text
            .lines()
            .filter(|line| line.starts_with('!'))
            .any(|line| {
                // The first is what git finds out itself; the others are a remote that was changed
                // between its look and its write.
                line.contains("[rejected]")
                    || [
                        "cannot lock ref",
                        "failed to update ref",
                        "incorrect old value",
                    ]
                    .iter()
                    .any(|race| line.contains(race))
            });
        if lost {
            Ok(Push::Rejected)
        } else {
            Err(GitError::PushFailed {
                said: answer.said(),
            })
        }
    }

    /// Drops the commits that were made through this value since the mark, and puts their plans and
    /// evidence back.
    ///
    /// # Errors
    /// When somebody else committed, changed those files or moved the branch since; nothing is
    /// changed then.
    pub fn withdraw(&self, directory: &Directory, mark: &Mark) -> Result<(), GitError> {
        let _lock = directory.lock()?;
        let since = format!("{}..HEAD", mark.0);
        let commits = self.git.tell(["rev-list", &since, "--"])?;
        if let Some(other) = commits
            .lines()
            .find(|commit| !self.made.borrow().iter().any(|made| made == commit))
        {
            return Err(GitError::OtherWork {
                commit: other.to_owned(),
            });
        }
        self.drop_to(&mark.0)
    }

    /// After a rejected push: drops the commits of this run, fetches, and moves the branch to its
    /// upstream. Then everything has to be decided again.
    ///
    /// Commits of earlier runs that were never pushed are dropped too if they were automation's; a
    /// person's are never dropped.
    ///
    /// # Errors
    /// When the upstream cannot be fetched, or the branch holds commits that only a person can
    /// place.
    pub fn retreat(&self, directory: &Directory, mark: &Mark) -> Result<(), GitError> {
        self.withdraw(directory, mark)?;
        self.catch_up(directory)
    }

    /// Fetches, and moves the branch to its upstream if it is behind.
    ///
    /// # Errors
    /// As [`Repository::retreat`].
    pub fn catch_up(&self, directory: &Directory) -> Result<(), GitError> {
        let upstream = self.upstream()?;
        self.fetch(&upstream)?;
        let _lock = directory.lock()?;
        let behind = format!("HEAD..{}", upstream.tracking);
        if self
            .git
            .tell(["rev-list", "--max-count=1", &behind])?
            .is_empty()
        {
            return Ok(());
        }
        let answer = self.git.ask(["merge-base", "HEAD", &upstream.tracking])?;
        if !answer.ok {
            return Err(GitError::NoMergeBase {
                rev: upstream.tracking,
                shallow: self.is_shallow()?,
            });
        }
        let base = answer.text();
        self.only_automation(&base, &upstream)?;
        self.drop_to(&base)?;
        self.git.tell([
            "merge",
            "--quiet",
            "--ff-only",
            "--no-autostash",
            &upstream.tracking,
        ])?;
        Ok(())
    }

    fn fetch(&self, upstream: &Upstream) -> Result<(), GitError> {
        let fetch = ["fetch", "--quiet", &upstream.remote];
        let answer = match self.git.online()?.ask(fetch) {
            Err(slow @ GitError::TooSlow { .. }) => {
                let said = slow.to_string();
                return Err(GitError::FetchFailed { said });
            }
            other => other?,
        };
        if answer.ok {
            return Ok(());
        }
        Err(GitError::FetchFailed {
            said: answer.said(),
        })
    }

    fn upstream(&self) -> Result<Upstream, GitError> {
        let full = self.branch()?;
        let branch = full.strip_prefix("refs/heads/").unwrap_or(&full).to_owned();
        let config = |key: &str| {
            let answer = self
                .git
                .ask(["config", "--get", &format!("branch.{branch}.{key}")])?;
            Ok::<_, GitError>(answer.ok.then(|| answer.text()))
        };
        let tracking = self.git.ask([
            "rev-parse",
            "--symbolic-full-name",
            &format!("{branch}@{{upstream}}"),
        ])?;
        match (config("remote")?, config("merge")?, tracking.ok) {
            (Some(remote), Some(merge), true) => Ok(Upstream {
                remote,
                branch: merge,
                tracking: tracking.text(),
            }),
            (_, _, _) => Err(GitError::NoUpstream { branch }),
        }
    }

    /// How many commits the upstream does not have, as far as is known here; all must be
    /// transitions.
    fn unpushed(&self, upstream: &Upstream) -> Result<usize, GitError> {
        let since = format!("{}..HEAD", upstream.tracking);
        let commits = self.trailers(ACTOR, &since)?;
        match commits.iter().find(|(_, actor)| actor.is_empty()) {
            Some((commit, _)) => Err(GitError::OtherWork {
                commit: commit.clone(),
            }),
            None => Ok(commits.len()),
        }
    }

    /// Looks that every commit since `base` is one that automation made.
    fn only_automation(&self, base: &str, upstream: &Upstream) -> Result<(), GitError> {
        let commits = self.trailers(ACTOR, &format!("{base}..HEAD"))?;
        match commits.iter().find(|(_, actor)| !is_automation(actor)) {
            Some((commit, _)) => Err(GitError::Diverged {
                branch: self.branch()?,
                upstream: upstream.tracking.clone(),
                commit: commit.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Commits with the value of one trailer, empty where there is none.
    fn trailers(&self, name: &str, range: &str) -> Result<Vec<(String, String)>, GitError> {
        let format = format!("--format=%h %(trailers:key={name},valueonly,separator=%x2C)");
        let text = self.git.tell(["log", &format, range, "--"])?;
        Ok(text
            .lines()
            .map(|line| line.split_once(' ').unwrap_or((line, "")))
            .map(|(commit, value)| (commit.to_owned(), value.trim().to_owned()))
            .collect())
    }

    /// Moves the branch back to `base` and puts back what the commits since then changed. The
    /// caller knows that they are rollout's own, and so hold plans and evidence only.
    fn drop_to(&self, base: &str) -> Result<(), GitError> {
        let Some(head) = self.head()?.filter(|head| head != base) else {
            return Ok(());
        };
        let changed = self
            .git
            .tell(["diff", "--name-only", "--no-renames", "-z", base, &head])?;
        let names: Vec<String> = changed
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        if names.is_empty() {
            // Without a path git would mean every path.
            return Err(GitError::OtherWork { commit: head });
        }
        if !self.is_clean(&names)? {
            return Err(GitError::PlanDirty {
                plan: names.join(", "),
            });
        }
        let mut before = Vec::new();
        for name in names {
            before.push((self.bytes_at(base, &name)?, name));
        }
        // The branch first: whoever dies now leaves a transition that is written and not
        // committed, which the next run recognises. Plans before evidence, for the same reason.
        self.git
            .tell(["update-ref", "-m", "rollout: withdraw", "HEAD", base, &head])?;
        before.sort_by_key(|(bytes, _)| bytes.is_none());
        for (bytes, name) in &before {
            let path = self.top.join(name);
            match bytes {
                Some(bytes) => write_file(&path, bytes)?,
                None => std::fs::remove_file(&path)
                    .map_err(|source| crate::workspace::WorkspaceError::Write { path, source })?,
            }
        }
        let reset = ["reset", "--quiet", "--"].map(String::from).into_iter();
        self.git
            .tell(reset.chain(before.iter().map(|(_, name)| literal(name))))?;
        Ok(())
    }
}
