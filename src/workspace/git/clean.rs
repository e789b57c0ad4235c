//! Whether files are in HEAD as they stand, and whether a commit of them would have everything.

use std::path::Path;

use super::run::literal;
use super::{GitError, Repository};

impl Repository {
    /// Looks that a file in HEAD, in the index and in the work tree is one and the same.
    pub(super) fn require_committed(&self, shown: &Path, name: &str) -> Result<(), GitError> {
        let plan = shown.display().to_string();
        let there = self.git.ask(["cat-file", "-e", &format!("HEAD:{name}")])?;
        if !there.ok {
            return Err(GitError::PlanNotCommitted { plan });
        }
        self.require_watched(shown, name)?;
        if self.is_clean(&[name.to_owned()])? {
            Ok(())
        } else {
            Err(GitError::PlanDirty { plan })
        }
    }

    /// As [`Repository::require_committed`]; an error only where git cannot be asked.
    pub(super) fn committed_or_why(
        &self,
        shown: &Path,
        name: &str,
    ) -> Result<Option<GitError>, GitError> {
        match self.require_committed(shown, name) {
            Ok(()) => Ok(None),
            Err(
                why @ (GitError::PlanDirty { .. }
                | GitError::PlanNotCommitted { .. }
                | GitError::Unwatched { .. }),
            ) => Ok(Some(why)),
            Err(other) => Err(other),
        }
    }

    /// Looks that a commit of this file would have its changes.
    pub(super) fn require_watched(&self, shown: &Path, name: &str) -> Result<(), GitError> {
        if self.is_watched(&[name.to_owned()])? {
            return Ok(());
        }
        let plan = shown.display().to_string();
        Err(GitError::Unwatched { plan })
    }

    /// True where git looks at the work tree for each of these paths: it neither skips it nor assumes
    /// that nobody changes it. `git diff` shows no changes of the others.
    pub(super) fn is_watched(&self, names: &[String]) -> Result<bool, GitError> {
        let list = ["ls-files", "-v", "--"].map(String::from);
        let names = names.iter().map(|name| literal(name));
        let text = self.git.tell(list.into_iter().chain(names))?;
        let marked = |line: &str| line.starts_with(|tag: char| tag == 'S' || tag.is_lowercase());
        Ok(!text.lines().any(marked))
    }

    /// True when these paths are in HEAD as they are in the index and in the work tree.
    pub(super) fn is_clean(&self, names: &[String]) -> Result<bool, GitError> {
        for cached in [false, true] {
            let mut arguments = vec!["diff", "--quiet", "--no-ext-diff"];
            arguments.extend(cached.then_some("--cached"));
            arguments.extend(["HEAD", "--"]);
            let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
            let answer = self
                .git
                .ask(arguments.into_iter().map(String::from).chain(names))?;
            match answer.code {
                Some(0) => {}
                Some(1) => return Ok(false),
                Some(_) | None => return Err(answer.failed()),
            }
        }
        Ok(true)
    }

    /// Evidence that git ignores would not be in the commit, and the chain broken for everybody
    /// else.
    pub(super) fn refuse_ignored(&self, plan: &str) -> Result<(), GitError> {
        let sample = self.name_in_directory(&format!(".evidence/{plan}/record.json"));
        let answer = self.git.ask(["check-ignore", "--quiet", "--", &sample])?;
        match answer.code {
            Some(0) => Err(GitError::EvidenceIgnored { path: sample }),
            Some(1) => Ok(()),
            Some(_) | None => Err(answer.failed()),
        }
    }
}
