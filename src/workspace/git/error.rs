//! What git can refuse, each with its cure.

use std::path::Path;

use crate::workspace::WorkspaceError;

/// Git refused, or would have done something nobody asked for. Unless it says otherwise, plan,
/// evidence, index and branch are as they were.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git to run.
    #[error("git cannot be run: {0}")]
    NoGit(std::io::Error),
    /// The directory is not in a repository.
    #[error("{path} is not in a git repository")]
    NotARepository {
        /// The directory.
        path: String,
    },
    /// The repository is beyond a mount point, where git does not look.
    #[error("{path} is on another mount than the repository above it, and git does not look there")]
    AnotherMount {
        /// The directory.
        path: String,
    },
    /// A merge or a rebase is not finished.
    #[error("a {operation} is in progress in this repository")]
    Busy {
        /// What is in progress.
        operation: &'static str,
    },
    /// No branch is checked out.
    #[error("no branch is checked out{}: the commit would be lost", if *.submodule { " in this submodule" } else { "" })]
    Detached {
        /// The repository is a submodule, where this is usual.
        submodule: bool,
    },
    /// Git does not know who commits.
    #[error("git does not know who commits: {said}")]
    NoIdentity {
        /// What git said.
        said: String,
    },
    /// The plan was never committed.
    #[error("{plan} was never committed")]
    PlanNotCommitted {
        /// The plan file.
        plan: String,
    },
    /// A target that was written could not be read again.
    #[error("a target is written, but not committed: {why}")]
    TargetUnread {
        /// Why it cannot be read.
        why: String,
    },
    /// The plan has changes that a person made and did not commit.
    #[error("{plan} has changes that are not committed")]
    PlanDirty {
        /// The plan file.
        plan: String,
    },
    /// The plan is a link that leaves the repository.
    #[error("{plan} is a link to a file outside of the repository")]
    OutsideRepository {
        /// The plan file.
        plan: String,
    },
    /// Evidence would not be part of the commit.
    #[error("git ignores {path}: the evidence would be missing in the commit")]
    EvidenceIgnored {
        /// The record.
        path: String,
    },
    /// The commit was refused, by a hook for example; everything was put back.
    #[error("git did not commit {plan}, which was put back as it was: {said}")]
    CommitRefused {
        /// The plan file.
        plan: String,
        /// What git and its hooks said.
        said: String,
    },
    /// The commit was refused, and the plan could not be put back.
    #[error(
        "git did not commit {plan}: {said}; THE FILE IS CHANGED, because it could not be put back: {why}"
    )]
    NotPutBack {
        /// The plan file.
        plan: String,
        /// What git and its hooks said.
        said: String,
        /// Why it could not be put back.
        why: String,
    },
    /// The branch has nowhere to be pushed to.
    #[error("the branch {branch} has no upstream")]
    NoUpstream {
        /// The branch.
        branch: String,
    },
    /// Both sides have commits, and those of this side are not all rollout's own.
    #[error(
        "{branch} and {upstream} have diverged, and {commit} is not a transition made by rollout alone"
    )]
    Diverged {
        /// The branch.
        branch: String,
        /// Its upstream.
        upstream: String,
        /// The first commit that only a person can place.
        commit: String,
    },
    /// The push failed for another reason than a race.
    #[error("git push failed: {said}")]
    PushFailed {
        /// What git said.
        said: String,
    },
    /// A file with changes of its own here was changed upstream.
    #[error("somebody else changed {name}, which has changes here that are not committed")]
    InTheWay {
        /// The file.
        name: String,
    },
    /// The branch holds work that is not this run's to push or to take back.
    #[error("the branch holds a commit that is not pushed and not rollout's own: {commit}")]
    OtherWork {
        /// The newest of them.
        commit: String,
    },
    /// Git was told not to look at the plan, so a commit would leave it out.
    #[error("git is told not to look at changes of {plan}: no commit would have them")]
    Unwatched {
        /// The plan.
        plan: String,
    },
    /// Git does not say whether it made a commit: nothing is undone.
    #[error("git does not say whether it made the commit ({said}); what was written stays")]
    Unsure {
        /// What git said.
        said: String,
    },
    /// The upstream could not be fetched.
    #[error("git fetch failed: {said}")]
    FetchFailed {
        /// What git said.
        said: String,
    },
    /// There is no such revision here.
    #[error("there is no revision {rev} in this {}", if *.shallow { "shallow clone" } else { "repository" })]
    UnknownRevision {
        /// What was asked for.
        rev: String,
        /// The clone has only a part of the history.
        shallow: bool,
    },
    /// Two revisions have no common ancestor here.
    #[error("HEAD and {rev} have no common ancestor in this {}", if *.shallow { "shallow clone" } else { "repository" })]
    NoMergeBase {
        /// What was asked for.
        rev: String,
        /// The clone has only a part of the history.
        shallow: bool,
    },
    /// A command did not come to an end and was stopped, with everything it had started.
    #[error("git {command} did not end within {seconds} s and was stopped")]
    TooSlow {
        /// The sub-command.
        command: String,
        /// How long was waited.
        seconds: f64,
    },
    /// Another git holds the index or the branch, or left its lock when it was killed.
    #[error("another git is at work here, or was killed and left {file}")]
    LockedByGit {
        /// The lock file.
        file: String,
    },
    /// Anything else git said no to.
    #[error("git {command} failed: {said}")]
    Failed {
        /// The sub-command.
        command: String,
        /// What git said.
        said: String,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
}

impl GitError {
    /// This refusal of a commit, after what was written for it was taken back, or was not.
    pub(super) fn after(self, back: Result<(), WorkspaceError>, shown: &Path) -> Self {
        let plan = shown.display().to_string();
        let said = match &self {
            Self::Failed { said, .. } => said.clone(),
            other => other.to_string(),
        };
        match back {
            Ok(()) if matches!(self, Self::LockedByGit { .. } | Self::TooSlow { .. }) => self,
            Ok(()) => Self::CommitRefused { plan, said },
            Err(why) => Self::NotPutBack {
                plan,
                said,
                why: why.to_string(),
            },
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        const FETCH_ALL: &str = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow's checkout step";
        match self {
            Self::NoGit(error) if error.kind() == std::io::ErrorKind::NotFound => {
                "install git, or run without --commit".into()
            }
            Self::NoGit(_) => {
                "make room for processes and threads, or see that git may be run; then run again"
                    .into()
            }
            Self::NotARepository { .. } => {
                "run `git init` and commit the plans, or run without --commit".into()
            }
            Self::AnotherMount { .. } => {
                "set GIT_DISCOVERY_ACROSS_FILESYSTEM=1 where rollout runs, or run without --commit".into()
            }
            Self::Busy { operation } => {
                format!("finish it or give it up (`git {operation} --abort`), then run again")
            }
            Self::Detached { submodule: false } => {
                "check a branch out: `git switch BRANCH`, or `ref: BRANCH` in the workflow's checkout step".into()
            }
            Self::Detached { submodule: true } => {
                "check a branch out inside the submodule: `git switch BRANCH` there".into()
            }
            Self::NoIdentity { .. } => {
                "set it: `git config user.name NAME` and `git config user.email ADDRESS`".into()
            }
            Self::TargetUnread { .. } => "the next command with --commit does it".into(),
            Self::PlanNotCommitted { plan } => {
                format!("commit it first: `git add {plan} && git commit`")
            }
            Self::PlanDirty { plan } => format!(
                "commit or undo them first: `git diff HEAD -- {plan}` shows them; rollout commits only what it wrote itself"
            ),
            Self::Unwatched { plan } => format!(
                "have git look at it, then run again: `git update-index --no-skip-worktree {plan} && git update-index --no-assume-unchanged {plan}`"
            ),
            Self::OutsideRepository { .. } => {
                "move the file into the repository, or run without --commit".into()
            }
            Self::Unsure { .. } => {
                "look with `git status` and `git log`; the next run with --commit finishes what is owed".into()
            }
            Self::EvidenceIgnored { path } => {
                format!("`git check-ignore -v {path}` shows the line to remove")
            }
            Self::CommitRefused { .. } => {
                "nothing was changed; make the commit possible and run again".into()
            }
            Self::NotPutBack { .. } => {
                "the next run with --commit finishes the commit, or commit plan and evidence by hand".into()
            }
            Self::NoUpstream { branch } => {
                format!("push it once with `git push --set-upstream origin {branch}`")
            }
            Self::Diverged { .. } => {
                "bring them together by hand (`git pull --rebase`), then run again".into()
            }
            Self::InTheWay { name } => {
                format!("commit them, put them aside (`git stash push -- {name}`) or undo them, then run again")
            }
            Self::OtherWork { .. } => {
                "push it yourself first (`git push`), then run again; rollout pushes and takes back only what it wrote".into()
            }
            Self::PushFailed { .. }
            | Self::FetchFailed { .. } => {
                "see that the remote can be reached and may be written to, then run again".into()
            }
            Self::UnknownRevision { shallow: true, .. }
            | Self::NoMergeBase { shallow: true, .. } => FETCH_ALL.into(),
            Self::UnknownRevision { rev, .. } => {
                format!("`git fetch origin`, or name a branch, tag or commit that `git rev-parse {rev}` knows")
            }
            Self::NoMergeBase { .. } => "name the branch this one came from".into(),
            Self::TooSlow { .. } => {
                "look for a hook, a credential helper or a connection that hangs (`GIT_TRACE=1 git ...`), then run again".into()
            }
            Self::LockedByGit { file } => format!(
                "let the other git finish. If there is none (`pgrep -a git`), remove the file: `rm {file}`; then run again"
            ),
            Self::Failed { .. } => "what git said names the cause".into(),
            Self::Workspace(error) => error.cure(),
        }
    }
}
