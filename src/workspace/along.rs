//! Files that are written together with a plan: read within bounds, written as a whole or not at all,
//! in the order that never exposes more than the plan's old or new state says.
//!
//! What stands in such a file is not known here: a [`Projection`] of three functions tells. A file lies in
//! the git work tree of the directory, no link leads out of it, and nothing of git's own is written.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::files;
use crate::units::{Digest, Exposure};

use super::atomic::{Unconfirmed, create_file, replace, sweep};
use super::error::shown_as;
use super::{Directory, PlanFile, Trouble, WorkspaceError};

/// How an exposure gets into files, and is seen in them. A file is named as the plan names it, and the
/// plan is its text.
#[derive(Debug, Clone, Copy)]
pub struct Projection {
    /// The files that this plan's exposure goes to, each once.
    pub files: fn(&str) -> Vec<String>,
    /// How what a file says, nothing where it is absent, stands to an exposure.
    pub look: fn(&str, &str, Option<&str>, Exposure) -> Look,
    /// The text of a file with this exposure, or why there is none.
    pub write: fn(&str, &str, Option<&str>, Exposure) -> Result<String, String>,
}

/// How a file stands to an exposure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It says it.
    Same,
    /// It exposes fewer.
    Less,
    /// It exposes more, or nobody knows how many.
    More,
    /// It exposes more, and goes on with it whatever exposure is written into it.
    Open {
        /// What in it does.
        why: String,
    },
}

impl Look {
    /// Of several in one file the greatest counts.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Same => 0,
            Self::Less => 1,
            Self::More => 2,
            Self::Open { .. } => 3,
        }
    }
}

impl Projection {
    /// Plans without such files.
    pub const NONE: Self = Self {
        files: |_| Vec::new(),
        look: |_, _, _, _| Look::Same,
        write: |_, _, _, _| Err("nothing is written".to_owned()),
    };
}

/// One such file, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Along {
    /// The file.
    pub path: PathBuf,
    /// The file as people know it.
    pub shown: PathBuf,
    /// What was read; `None` for a file that is not there yet.
    pub old: Option<String>,
    /// What it says then.
    pub new: String,
}

impl Along {
    /// Where a file of a plan is.
    ///
    /// # Errors
    /// When it lies outside the work tree, or a link leads out of it or into git's own files.
    pub fn place(
        directory: &Directory,
        plan: &PlanFile,
        file: &str,
    ) -> Result<(PathBuf, PathBuf), WorkspaceError> {
        let folder = plan.path.parent().unwrap_or(directory.root());
        let path = folder.join(file);
        let shown = plan.shown.parent().unwrap_or(directory.shown());
        let shown = tidied(&shown.join(file));
        let unfit = |why| WorkspaceError::Outside {
            path: shown.clone(),
            why,
        };
        let root =
            std::fs::canonicalize(directory.root()).map_err(|source| WorkspaceError::Read {
                path: directory.shown().to_owned(),
                source,
            })?;
        let top = root.ancestors().find(|above| above.join(".git").exists());
        let top = top.ok_or_else(|| unfit("is in no git work tree"))?;
        if !tidied(&root.join(file)).starts_with(top) {
            return Err(unfit("lies outside the git work tree"));
        }
        // A file that is not there yet is where its folder is; a link that leads nowhere is refused.
        let real = match std::fs::canonicalize(&path) {
            Ok(real) => real,
            Err(_) if path.is_symlink() => return Err(unfit("is a link that leads nowhere")),
            Err(source) => {
                let read = |_| WorkspaceError::Read {
                    path: shown.clone(),
                    source,
                };
                let above = path.parent().unwrap_or(folder);
                if !above.exists() {
                    return Err(WorkspaceError::NoFolder {
                        folder: shown.parent().unwrap_or(&shown).to_owned(),
                        path: shown,
                    });
                }
                let above = std::fs::canonicalize(above).map_err(read)?;
                above.join(path.file_name().unwrap_or_default())
            }
        };
        let Ok(below) = real.strip_prefix(top) else {
            return Err(unfit("is led out of the git work tree by a link"));
        };
        let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
        if below.components().any(is_git) {
            return Err(unfit("is one of git's own files"));
        }
        Ok((real, shown))
    }

    /// What a file says; `None` where there is none.
    ///
    /// # Errors
    /// When it is no regular file, too large, or not UTF-8.
    pub fn read(path: &Path, shown: &Path) -> Result<Option<String>, WorkspaceError> {
        match files::read_text(path, files::RECORD) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(WorkspaceError::Read {
                path: shown.to_owned(),
                source,
            }),
        }
    }

    /// Writes the file, and reads it back.
    pub(super) fn put(&self) -> Result<Option<Trouble>, WorkspaceError> {
        let Self {
            path,
            shown,
            old,
            new,
        } = self;
        sweep(path);
        let landed = match old {
            None => create_file(path, new.as_bytes()),
            Some(old) => {
                let expected = Digest::of(old.as_bytes());
                replace(path, &expected, new.as_bytes(), Unconfirmed::Write)
            }
        };
        let landed = landed.map_err(|error| shown_as(error, shown))?;
        if Self::read(path, shown)?.as_ref() != Some(new) {
            return Err(WorkspaceError::Stale {
                path: shown.clone(),
            });
        }
        Ok(Trouble::of(landed, shown))
    }

    /// Puts back what was there before [`Along::put`].
    fn take_back(&self) -> Result<(), WorkspaceError> {
        match &self.old {
            Some(old) => {
                let expected = Digest::of(self.new.as_bytes());
                let _lasts = replace(&self.path, &expected, old.as_bytes(), Unconfirmed::Write)
                    .map_err(|error| shown_as(error, &self.shown))?;
                Ok(())
            }
            None => match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed.map_err(|source| WorkspaceError::Write {
                    path: self.shown.clone(),
                    source,
                }),
            },
        }
    }
}

/// Lowers what shows more than an exposure. One file that cannot be lowered keeps no other from it.
pub(super) fn lower(
    directory: &Directory,
    plan: &PlanFile,
    projection: Projection,
    to: Exposure,
) -> (Vec<Along>, Vec<Trouble>) {
    let (mut written, mut troubles) = (Vec::new(), Vec::new());
    for file in (projection.files)(&plan.text) {
        match lower_one(directory, plan, projection, &file, to) {
            Ok(Lowered {
                along,
                trouble,
                open,
            }) => {
                written.extend(along);
                troubles.extend(trouble);
                troubles.extend(open.map(|why| Trouble::StillOpen {
                    plan: plan.name.clone(),
                    why,
                }));
            }
            Err(error) => troubles.push(Trouble::NotLowered {
                plan: plan.name.clone(),
                why: error.to_string(),
            }),
        }
    }
    (written, troubles)
}

/// What is to be raised from one exposure to another.
///
/// # Errors
/// When a file does not say the first: somebody else set it.
pub(super) fn prepare_raise(
    directory: &Directory,
    plan: &PlanFile,
    projection: Projection,
    (from, to): (Exposure, Exposure),
) -> Result<Vec<Along>, WorkspaceError> {
    let mut all = Vec::new();
    for file in (projection.files)(&plan.text) {
        let (path, shown) = Along::place(directory, plan, &file)?;
        let old = Along::read(&path, &shown)?;
        if (projection.look)(&plan.text, &file, old.as_deref(), from) != Look::Same {
            return Err(WorkspaceError::Stale { path: shown });
        }
        let new = (projection.write)(&plan.text, &file, old.as_deref(), to)
            .map_err(|why| untaken(&shown, why))?;
        if old.as_ref() != Some(&new) {
            all.push(Along {
                path,
                shown,
                old,
                new,
            });
        }
    }
    Ok(all)
}

/// Writes these files, or none of them.
pub(super) fn raise(all: &[Along]) -> Result<Vec<Trouble>, WorkspaceError> {
    let mut troubles = Vec::new();
    for (done, along) in all.iter().enumerate() {
        match along.put() {
            Ok(trouble) => troubles.extend(trouble),
            Err(error) => {
                // What could not be read back may have been written.
                match along.take_back() {
                    Ok(()) | Err(WorkspaceError::Stale { .. }) => {}
                    Err(lasting) => return Err(lasting),
                }
                take_back(&all[..done])?;
                return Err(error);
            }
        }
    }
    Ok(troubles)
}

/// Puts these files back.
pub(super) fn take_back(all: &[Along]) -> Result<(), WorkspaceError> {
    all.iter().rev().try_for_each(Along::take_back)
}

/// What became of a file that was to be lowered.
#[derive(Default)]
struct Lowered {
    /// How it was written, where it showed more.
    along: Option<Along>,
    /// What may not last of that.
    trouble: Option<Trouble>,
    /// What in it exposes users all the same.
    open: Option<String>,
}

/// Lowers one file.
fn lower_one(
    directory: &Directory,
    plan: &PlanFile,
    projection: Projection,
    file: &str,
    to: Exposure,
) -> Result<Lowered, WorkspaceError> {
    let (path, shown) = Along::place(directory, plan, file)?;
    let old = Along::read(&path, &shown)?;
    let mut lowered = Lowered::default();
    match (projection.look)(&plan.text, file, old.as_deref(), to) {
        Look::Same | Look::Less => return Ok(lowered),
        Look::More => {}
        Look::Open { why } => lowered.open = Some(format!("{}: {why}", shown.display())),
    }
    let new = (projection.write)(&plan.text, file, old.as_deref(), to)
        .map_err(|why| untaken(&shown, why))?;
    if old.as_ref() != Some(&new) {
        let along = Along {
            path,
            shown,
            old,
            new,
        };
        lowered.trouble = along.put()?;
        lowered.along = Some(along);
    }
    Ok(lowered)
}

/// Rewrites one file of a plan; `None` where it says so already.
///
/// # Errors
/// When another run holds the lock, when the plan is not what was read, or the file cannot be read or
/// written.
pub fn project(
    directory: &Directory,
    plan: &PlanFile,
    file: &str,
    write: &dyn Fn(Option<&str>) -> Result<String, String>,
) -> Result<Option<Along>, WorkspaceError> {
    let _lock = directory.lock()?;
    let now = directory.read_plan(&plan.path).map_err(|u| u.error)?;
    if now.digest != plan.digest {
        return Err(WorkspaceError::Stale {
            path: plan.shown.clone(),
        });
    }
    let (path, shown) = Along::place(directory, plan, file)?;
    let old = Along::read(&path, &shown)?;
    let new = write(old.as_deref()).map_err(|why| untaken(&shown, why))?;
    if old.as_ref() == Some(&new) {
        return Ok(None);
    }
    let along = Along {
        path,
        shown,
        old,
        new,
    };
    along.put()?;
    Ok(Some(along))
}

fn untaken(shown: &Path, why: String) -> WorkspaceError {
    WorkspaceError::Untaken {
        path: shown.to_owned(),
        why,
    }
}

/// A path without steps that lead nowhere; links are not followed.
fn tidied(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if tidy
                    .components()
                    .next_back()
                    .is_some_and(|last| matches!(last, Component::Normal(_))) =>
            {
                tidy.pop();
            }
            Component::ParentDir
            | Component::Normal(_)
            | Component::RootDir
            | Component::Prefix(_) => tidy.push(part),
        }
    }
    tidy
}
