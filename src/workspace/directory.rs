//! The directory of plans: where it is, and what is in it. Reads text only; what the text means
//! is [`crate::plan`]'s business.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::units::Digest;

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

    /// Reads every plan and the shared settings.
    ///
    /// A plan that cannot be read is reported beside the others and never stops them.
    ///
    /// # Errors
    /// When the directory or the shared settings cannot be read.
    pub fn load(&self) -> Result<Loaded, WorkspaceError> {
        let config_file = self.root.join(CONFIG);
        let config_text = match std::fs::read(&config_file) {
            Ok(bytes) => text_of(bytes).map_err(|source| WorkspaceError::Read {
                path: self.show(&config_file),
                source,
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(WorkspaceError::Read {
                    path: self.show(&config_file),
                    source: error,
                });
            }
        };
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
        loaded.set_doubles_aside();
        Ok(loaded)
    }

    /// Reads one plan of the directory.
    ///
    /// # Errors
    /// When it cannot be read as UTF-8.
    pub fn read_plan(&self, path: &Path) -> Result<PlanFile, Unreadable> {
        let shown = self.show(path);
        let stem = path.file_stem().unwrap_or_default();
        let name = stem.to_string_lossy().into_owned();
        let fail = |source| Unreadable {
            name: name.clone(),
            error: WorkspaceError::Read {
                path: shown.clone(),
                source,
            },
        };
        if stem.to_str().is_none() {
            return Err(fail(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "its name is not UTF-8",
            )));
        }
        let bytes = std::fs::read(path).map_err(&fail)?;
        let digest = Digest::of(&bytes);
        let text = text_of(bytes).map_err(&fail)?;
        Ok(PlanFile {
            name,
            path: path.to_owned(),
            shown,
            text,
            digest,
        })
    }
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

fn text_of(bytes: Vec<u8>) -> std::io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            format!("byte {} is not UTF-8", error.utf8_error().valid_up_to() + 1),
        )
    })
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
    /// Its name.
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
    /// Two files of one name would share evidence and be taken for each other: neither is a plan.
    fn set_doubles_aside(&mut self) {
        let plans = std::mem::take(&mut self.plans);
        for plan in &plans {
            let double = plans
                .iter()
                .find(|other| other.name == plan.name && other.path != plan.path);
            match double {
                None => self.plans.push(plan.clone()),
                Some(other) => self.unreadable.push(Unreadable {
                    name: plan.name.clone(),
                    error: WorkspaceError::Read {
                        path: plan.shown.clone(),
                        source: std::io::Error::other(format!(
                            "{} has the same name; names of plans are unique",
                            other.shown.display()
                        )),
                    },
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
mod tests {
    use super::*;

    fn folders(paths: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for path in paths {
            let path = root.path().join(path);
            if path.extension().is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                super::super::write_file(&path, b"").unwrap();
            } else {
                std::fs::create_dir_all(path).unwrap();
            }
        }
        root
    }

    fn shown(root: &tempfile::TempDir, cwd: &str) -> Result<String, WorkspaceError> {
        let found = Directory::locate(None, None, &root.path().join(cwd))?;
        Ok(found.shown().display().to_string())
    }

    #[test]
    fn the_nearest_directory_upward_is_found() {
        let root = folders(&["repo/git.d", "repo/rollouts/config.toml", "repo/a/b"]);
        assert_eq!(shown(&root, "repo").unwrap(), "rollouts");
        assert_eq!(shown(&root, "repo/a/b").unwrap(), "../../rollouts");
        assert_eq!(shown(&root, "repo/rollouts").unwrap(), "../rollouts");
    }

    #[test]
    fn the_search_stops_at_the_root_of_the_repository() {
        let root = folders(&["rollouts/config.toml", "repo/.git", "repo/a"]);
        let error = shown(&root, "repo/a").unwrap_err();
        assert!(error.to_string().ends_with("/repo"), "{error}");
        assert!(error.cure().contains("rollout init"));
    }

    #[test]
    fn a_source_folder_of_this_name_is_passed_by() {
        let root = folders(&["repo/rollouts/x.toml", "repo/src/rollouts/main.rs"]);
        assert_eq!(shown(&root, "repo/src").unwrap(), "../rollouts");
    }

    #[test]
    fn what_is_named_comes_before_the_environment_and_the_search() {
        let root = folders(&["rollouts/x.toml", "a", "b"]);
        let locate = |explicit: Option<&str>, env: Option<&str>| {
            Directory::locate(explicit.map(Path::new), env.map(Path::new), root.path())
        };
        let name = |found: Directory| found.shown().display().to_string();
        assert_eq!(name(locate(Some("a"), Some("b")).unwrap()), "a");
        assert_eq!(name(locate(None, Some("b")).unwrap()), "b");
        assert_eq!(name(locate(None, Some("")).unwrap()), "rollouts");
        assert_eq!(
            locate(None, Some("c")).unwrap_err().to_string(),
            "c is not a directory (ROLLOUT_DIR)"
        );
    }

    #[test]
    fn plans_are_found_by_name_and_by_path() {
        let root = folders(&["rollouts/x.toml", "rollouts/config.toml"]);
        let directory = Directory::locate(None, None, root.path()).unwrap();
        let loaded = directory.load().unwrap();
        for wanted in ["x", "rollouts/x.toml", "./rollouts/../rollouts/x.toml"] {
            assert_eq!(loaded.find(wanted, root.path()).unwrap().name, "x");
        }
        assert_eq!(loaded.find("config", root.path()), None);
        assert_eq!(loaded.find("y", root.path()), None);
    }
}
