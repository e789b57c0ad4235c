//! The directory of plans: where it is, and what is in it. Reads text only; what the text means
//! is [`crate::plan`]'s business.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::files;
use crate::units::{Digest, is_control, one_line};

use super::WorkspaceError;

/// The shared settings' file name.
pub const CONFIG: &str = "config.toml";

/// The usual name of the directory.
pub const USUAL_NAME: &str = "rollouts";

/// How long a run waits for another one that is writing. A transition takes milliseconds, with a
/// commit and its hooks seconds; who still waits after this has met a hook that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The directory of plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    root: PathBuf,
    shown: PathBuf,
    patience: Duration,
}

impl Directory {
    /// Finds it: the one named, else the environment's, else the nearest `rollouts/` with a plan or
    /// settings in it upward from `cwd`, not beyond the root of the git repository.
    ///
    /// # Errors
    /// When there is none.
    pub fn locate(
        explicit: Option<&Path>,
        env_dir: Option<&Path>,
        cwd: &Path,
    ) -> Result<Self, WorkspaceError> {
        let named = explicit.map(|path| (path, "--dir")).or_else(|| {
            env_dir
                .filter(|path| !path.as_os_str().is_empty())
                .map(|path| (path, "ROLLOUT_DIR"))
        });
        if let Some((path, named_by)) = named {
            let root = cwd.join(path);
            return if root.is_dir() {
                Ok(Self::at(root, path.to_owned()))
            } else {
                Err(WorkspaceError::NotADirectory {
                    path: path.to_owned(),
                    named_by,
                })
            };
        }
        let mut shown = PathBuf::new();
        let mut up_to = cwd;
        let mut empty = None;
        for above in cwd.ancestors() {
            up_to = above;
            let root = above.join(USUAL_NAME);
            if root.is_dir() {
                let found = Self::at(root, shown.join(USUAL_NAME));
                // A source folder may happen to have this name; one with TOML in it comes first.
                if found.has_toml() {
                    return Ok(found);
                }
                empty.get_or_insert(found);
            }
            if above.join(".git").exists() {
                break;
            }
            shown.push("..");
        }
        empty.ok_or_else(|| WorkspaceError::NoDirectory {
            from: cwd.to_owned(),
            up_to: up_to.to_owned(),
        })
    }

    /// The directory at this path, shown to people under that one.
    #[must_use]
    pub fn at(root: PathBuf, shown: PathBuf) -> Self {
        Self {
            root,
            shown,
            patience: PATIENCE,
        }
    }

    /// With another limit to waiting for a run that is writing.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How it is named to people: as they did, or relative to where they are.
    #[must_use]
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// How long a run waits for another one that is writing.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// How a file below the directory is named to people.
    #[must_use]
    pub fn show(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root)
            .map_or_else(|_| path.to_owned(), |below| self.shown.join(below))
    }

    fn has_toml(&self) -> bool {
        let mut files = Vec::new();
        toml_files(&self.root, &mut files).is_ok() && !files.is_empty()
    }

    /// Reads the shared settings; there need not be any.
    ///
    /// # Errors
    /// When they are there and cannot be read.
    pub fn settings(&self) -> Result<String, WorkspaceError> {
        let config_file = self.root.join(CONFIG);
        let failed = |source| WorkspaceError::Read {
            path: self.show(&config_file),
            source,
        };
        match files::read_text(&config_file, files::SMALL) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Reads every plan and the shared settings.
    ///
    /// A plan that cannot be read is reported beside the others and never stops them.
    ///
    /// # Errors
    /// When the directory or the shared settings cannot be read.
    pub fn load(&self) -> Result<Loaded, WorkspaceError> {
        let config_file = self.root.join(CONFIG);
        let config_text = self.settings()?;
        let mut files = Vec::new();
        toml_files(&self.root, &mut files).map_err(|source| WorkspaceError::Read {
            path: self.shown.clone(),
            source,
        })?;
        files.retain(|path| *path != config_file);
        files.sort();
        let mut loaded = Loaded {
            config_file: self.show(&config_file),
            config_digest: Digest::of(config_text.as_bytes()),
            config_text,
            plans: Vec::new(),
            unreadable: Vec::new(),
        };
        for path in files {
            match self.read_plan(&path) {
                Ok(plan) => loaded.plans.push(plan),
                Err(unreadable) => loaded.unreadable.push(unreadable),
            }
        }
        loaded.set_doubles_aside(&self.root);
        Ok(loaded)
    }

    /// Reads one plan of the directory.
    ///
    /// # Errors
    /// When it cannot be read as UTF-8, or its name is none that can be shown.
    pub fn read_plan(&self, path: &Path) -> Result<PlanFile, Unreadable> {
        let shown = self.show(path);
        let stem = path.file_stem().unwrap_or_default();
        let name = stem.to_string_lossy().into_owned();
        // Of a file that is no plan nothing but its name is known, and that is only shown.
        let shown_name = one_line(&name).into_owned();
        let fail = |source| Unreadable {
            name: shown_name.clone(),
            error: WorkspaceError::Read {
                path: shown.clone(),
                source,
            },
        };
        if stem.to_str().is_none() {
            return Err(fail(std::io::Error::new(
                std::io::ErrorKind::InvalidFilename,
                "its name is not UTF-8",
            )));
        }
        if path.strip_prefix(&self.root).is_ok_and(is_hidden) {
            return Err(fail(std::io::Error::new(
                std::io::ErrorKind::InvalidFilename,
                "its name has control characters",
            )));
        }
        let text = files::read_text(path, files::SMALL).map_err(&fail)?;
        let digest = Digest::of(text.as_bytes());
        Ok(PlanFile {
            name,
            path: path.to_owned(),
            shown,
            text,
            digest,
        })
    }
}

/// Whether a path has a character that is not seen where it is shown.
fn is_hidden(path: &Path) -> bool {
    path.to_string_lossy().contains(is_control)
}

/// Every `*.toml` below a directory, but not in folders or files whose name begins with a dot.
/// Symbolic links to files are followed, links to folders are not: they may lead in circles.
fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            toml_files(&path, found)?;
        } else if path.extension().is_some_and(|ext| ext == "toml") && !path.is_dir() {
            found.push(path);
        }
    }
    Ok(())
}

/// A plan's text as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The file's stem.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// How it is named to people.
    pub shown: PathBuf,
    /// What it says.
    pub text: String,
    /// The digest of its bytes, to notice when somebody else changes it.
    pub digest: Digest,
}

/// A plan that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Its name as it is shown.
    pub name: String,
    /// Why.
    pub error: WorkspaceError,
}

/// Everything in the directory, as text.
#[derive(Debug)]
pub struct Loaded {
    /// The shared settings' file, as named to people; it need not exist.
    pub config_file: PathBuf,
    /// The shared settings; empty when there is no such file.
    pub config_text: String,
    /// The digest of the shared settings.
    pub config_digest: Digest,
    /// The plans, in the order of their paths.
    pub plans: Vec<PlanFile>,
    /// Plans that could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl Loaded {
    /// Two files of one name would share evidence and be taken for each other: neither is a plan. Nor is
    /// one that another machine takes for the settings.
    fn set_doubles_aside(&mut self, root: &Path) {
        let plans = std::mem::take(&mut self.plans);
        let settings = self.config_file.clone();
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for plan in &plans {
            let files = files.entry(folded(&plan.name)).or_default();
            files.push(plan.shown.clone());
        }
        for plan in plans {
            let beside = plan.path.parent() == Some(root);
            let is_settings = beside && format!("{}.toml", folded(&plan.name)) == CONFIG;
            let mut others = files[&folded(&plan.name)].iter();
            let other = others.find(|other| **other != plan.shown);
            match other.or(is_settings.then_some(&settings)) {
                None => self.plans.push(plan),
                Some(other) => self.unreadable.push(Unreadable {
                    error: WorkspaceError::Double {
                        path: plan.shown,
                        other: other.clone(),
                    },
                    name: plan.name,
                }),
            }
        }
    }

    /// The plan of this name or at this path, which may be relative to `cwd`.
    #[must_use]
    pub fn find(&self, name_or_path: &str, cwd: &Path) -> Option<&PlanFile> {
        let wanted = normal(&cwd.join(name_or_path));
        self.plans
            .iter()
            .find(|plan| plan.name == name_or_path)
            .or_else(|| {
                self.plans
                    .iter()
                    .find(|plan| normal(&cwd.join(&plan.path)) == wanted)
            })
    }
}

/// What a name is to a file system that tells neither case nor the ways to write an accent apart, as those
/// of macOS and Windows.
fn folded(name: &str) -> String {
    let letters = DecomposingNormalizerBorrowed::new_nfd();
    // Upper case first: two small letters may have one capital.
    let folded = letters.normalize(name).to_uppercase().to_lowercase();
    letters.normalize(&folded).into_owned()
}

/// The path without `.` and `..`, links left alone.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests;
