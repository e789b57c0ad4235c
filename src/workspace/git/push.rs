//! Pushing transitions, and stepping back when somebody else was faster.
//!
//! A decision of automation that lost the race is never replayed on top of what won: its commit is
//! dropped, the branch moves to what the others see, and the caller decides again from there. Rollbacks
//! and people's words are taken along ([`super::carry`]). Nobody's own commits, staged changes or files
//! are touched.

use std::time::Duration;

use crate::workspace::Directory;

use super::carry::Moved;
use super::message::ACTOR;
use super::unpublished::Unpublished;
use super::waiting::WaitingKind;
use super::{GitError, Repository};

/// Races lost in a row after which a person should look: with the waits between them, most of a minute
/// of somebody else always being faster.
const MOST_RACES: u32 = 8;

/// Refusals in a row with nothing new at the remote: whoever holds its lock for so long is dead, or at work
/// for longer than anybody waits.
const MOST_REFUSALS: u32 = 4;

/// What became of one push.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "after a rejection the branch has to move first"]
pub enum Push {
    /// The remote has the commits.
    Done,
    /// The branch is not there as it is known here: somebody else was faster, or is about to be.
    Rejected {
        /// What git said.
        said: String,
    },
}

/// What became of everything that waited here for a push.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "who asked for a push must hear what was not pushed"]
pub enum Publication {
    /// The remote has all of it.
    Done(Moved),
    /// Somebody else was faster. Rollbacks and people's words wait here on top of theirs; the rest was
    /// dropped and has to be decided again, and then all of it has to be pushed.
    Again {
        /// How the branch moved.
        moved: Moved,
        /// Plans whose transitions are written and committed here, and wait for a push.
        kept: Vec<String>,
    },
    /// The remote does not have it.
    Unpublished(Unpublished),
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
    /// Looks that there is an upstream, and that nothing but transitions would be pushed to it.
    ///
    /// # Errors
    /// When there is none, or the branch holds commits of other work that are not pushed yet.
    pub fn ready_to_push(&self) -> Result<(), GitError> {
        self.unpushed(&self.upstream()?).map(drop)
    }

    /// Pushes everything that waits here. Where somebody else is faster, the branch moves on to what
    /// they pushed, with rollbacks and people's words on top. Where the push fails for another reason,
    /// those stay here, and what automation decided otherwise in this run is taken back.
    pub fn publish(&self, directory: &Directory) -> Publication {
        let mut all = Moved::default();
        let mut refusals = 0;
        for attempt in 1..=MOST_RACES {
            let said = match self.push() {
                Ok(Push::Done) => return Publication::Done(all),
                Ok(Push::Rejected { said }) => match self.catch_up(directory) {
                    Ok(moved) => {
                        // With nothing new there, nobody was faster.
                        refusals = if moved == Moved::default() {
                            refusals + 1
                        } else {
                            0
                        };
                        if refusals == MOST_REFUSALS {
                            let said = format!(
                                "the remote refused it {refusals} times, with nothing new there: {said}"
                            );
                            return Publication::Unpublished(
                                self.unpublished(directory, said, all),
                            );
                        }
                        let again = !(moved.dropped.is_empty() && moved.lapsed.is_empty());
                        all.and(moved);
                        if again {
                            let kept = self.kept();
                            return Publication::Again { moved: all, kept };
                        }
                        // A lock is let go by time alone; a race is lost again by who comes at the same time.
                        let least = Duration::from_millis(125 << refusals);
                        std::thread::sleep(backoff(attempt, spread()).max(least));
                        continue;
                    }
                    Err(error) => format!("somebody else pushed first, and {error}"),
                },
                // The remote is asked: it may have taken what git then stumbled over.
                Err(_) if self.is_published() => return Publication::Done(all),
                Err(GitError::PushFailed { said }) => said,
                Err(error) => error.to_string(),
            };
            return Publication::Unpublished(self.unpublished(directory, said, all));
        }
        let said = format!("somebody else was faster {MOST_RACES} times");
        Publication::Unpublished(self.unpublished(directory, said, all))
    }

    /// Takes back what is not worth keeping here, and says what is where.
    fn unpublished(&self, directory: &Directory, mut said: String, moved: Moved) -> Unpublished {
        let taken_back = self
            .take_back_automation(directory)
            .unwrap_or_else(|error| {
                said.push_str(&format!("; nothing could be taken back: {error}"));
                Vec::new()
            });
        Unpublished {
            said,
            kept: self.kept(),
            taken_back,
            moved,
        }
    }

    /// Plans whose transitions are committed here and wait for a push.
    fn kept(&self) -> Vec<String> {
        let waiting = self
            .base()
            .and_then(|(base, _)| self.waiting_since(&base))
            .unwrap_or_default();
        let mut kept: Vec<String> = Vec::new();
        for one in &waiting {
            if !kept.iter().any(|name| name == one.subject()) {
                kept.push(one.subject().to_owned());
            }
        }
        kept
    }

    /// Drops this run's commits of decisions that can be made again.
    fn take_back_automation(&self, directory: &Directory) -> Result<Vec<String>, GitError> {
        let (base, _) = self.base()?;
        let worth_it = {
            let made = self.made.borrow();
            self.waiting_since(&base)?
                .iter()
                .any(|one| one.kind() == WaitingKind::Automation && made.contains(&one.commit))
        };
        if !worth_it {
            return Ok(Vec::new());
        }
        let _lock = directory.lock()?;
        self.move_onto(directory, &base, &base)
            .map(|moved| moved.dropped)
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
            Ok(Push::Rejected {
                said: answer.said_there(),
            })
        } else {
            Err(GitError::PushFailed {
                said: answer.said_there(),
            })
        }
    }

    /// Fetches, and moves the branch to its upstream if it is behind. Rollbacks and people's words that
    /// wait here are taken along; what automation decided otherwise and nobody has pushed is dropped.
    ///
    /// # Errors
    /// When the upstream cannot be fetched, when the branch holds commits that only a person can
    /// place, or a file with changes of its own is in the way. Nothing is changed then.
    pub fn catch_up(&self, directory: &Directory) -> Result<Moved, GitError> {
        let upstream = self.upstream()?;
        self.fetch(&upstream)?;
        let _lock = directory.lock()?;
        let behind = format!("HEAD..{}", upstream.tracking);
        if self
            .git
            .tell(["rev-list", "--max-count=1", &behind])?
            .is_empty()
        {
            return Ok(Moved::default());
        }
        let (base, onto) = self.base()?;
        self.move_onto(directory, &base, &onto)
    }

    /// Where branch and upstream part, and what is known of the upstream here.
    fn base(&self) -> Result<(String, String), GitError> {
        let Upstream { tracking, .. } = self.upstream()?;
        let answer = self.git.ask(["merge-base", "HEAD", &tracking])?;
        if answer.ok {
            Ok((answer.text(), tracking))
        } else {
            Err(GitError::NoMergeBase {
                rev: tracking,
                shallow: self.is_shallow()?,
            })
        }
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
}

/// Something that differs between those who lost the same race.
fn spread() -> u64 {
    u64::from(std::process::id()).wrapping_mul(7_919_000_003)
}
