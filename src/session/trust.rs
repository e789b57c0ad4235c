//! Whom the merge gate asks: the Prometheus that the reviewed revision names, with the credentials
//! and certificates that it names. The work tree is under review and has no say in it.

use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use crate::plan::{self, Auth, PrometheusSettings, Secret};
use crate::prometheus::Client;
use crate::workspace::git::Repository;
use crate::workspace::write_file;

use super::ask::client;
use super::context::Context;
use super::failure::Failure;

/// How Prometheus may be asked.
pub(crate) enum Connection {
    /// As the revision says.
    Pinned {
        settings: Box<PrometheusSettings>,
        /// Certificates and credentials in files, as they are at the revision.
        files: TempDir,
        /// Where in there the directory of plans is.
        folder: PathBuf,
    },
    /// The revision does not say it, so Prometheus is not queried.
    Unknown(Failure),
    /// The revision has no settings: only a server that the caller names is asked, with nothing.
    None { rev: String },
}

impl Connection {
    /// Reads the settings at a commit, and the files they name.
    ///
    /// # Errors
    /// When git or the disk fails.
    pub(crate) fn at(repository: &Repository, commit: &str, rev: &str) -> Result<Self, Failure> {
        let config_path = repository.config_path();
        let Some(text) = repository.text_at(commit, &config_path)? else {
            return Ok(Self::None { rev: rev.into() });
        };
        let Some(config) = plan::parse_config(&text).value else {
            return Ok(Self::Unknown(
                Failure::error(format!(
                    "{config_path} has mistakes at {rev}: Prometheus is not queried"
                ))
                .help("correct it there first; a change under review cannot say whom to ask"),
            ));
        };
        let settings = config.prometheus;
        let files = tempfile::tempdir()?;
        let folder = Path::new(&config_path).parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(files.path().join(folder))?;
        for named in named_files(&settings) {
            if Path::new(named).is_absolute() {
                continue;
            }
            let inside = normal(&folder.join(named));
            let content = match &inside {
                Some(path) => repository.text_at(commit, path)?,
                None => None,
            };
            let (Some(path), Some(content)) = (inside, content) else {
                return Ok(Self::Unknown(
                    Failure::error(format!(
                        "`{named}` of [prometheus] is not in git at {rev}: Prometheus is not queried"
                    ))
                    .help("name it by an absolute path, which a change cannot replace"),
                ));
            };
            let path = files.path().join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            if !path.exists() {
                write_file(&path, content.as_bytes())?;
            }
        }
        Ok(Self::Pinned {
            settings: Box::new(settings),
            files,
            folder: folder.to_owned(),
        })
    }

    /// A client for the server that may be asked.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn client(&self, context: &Context<'_>) -> Result<Client, Failure> {
        match self {
            Self::Pinned {
                settings,
                files,
                folder,
            } => client(settings, &files.path().join(folder), context),
            Self::Unknown(failure) => Err(failure.clone()),
            Self::None { rev: _ } if context.prometheus_url().is_some() => client(
                &PrometheusSettings::default(),
                &context.directory,
                context,
            ),
            Self::None { rev } => Err(Failure::error(format!(
                "there is no config.toml at {rev}: Prometheus is not queried"
            ))
            .help(
                "give --prometheus-url or ROLLOUT_PROMETHEUS_URL; a change under review cannot say whom to ask",
            )),
        }
    }

    /// True when the work tree says something else.
    pub(crate) fn differs_from(&self, settings: &PrometheusSettings) -> bool {
        match self {
            Self::Pinned { settings: own, .. } => **own != *settings,
            Self::Unknown(_) => true,
            Self::None { rev: _ } => *settings != PrometheusSettings::default(),
        }
    }
}

/// Every file that the settings name.
fn named_files(settings: &PrometheusSettings) -> Vec<&str> {
    let PrometheusSettings {
        url: _,
        timeout: _,
        auth,
        tls,
        headers: _,
        cache: _,
    } = settings;
    let secret = match auth {
        Auth::Anonymous => None,
        Auth::Bearer(secret)
        | Auth::Basic {
            user: _,
            password: secret,
        } => Some(secret),
    };
    let secret = match secret {
        Some(Secret::File(path)) => Some(path.as_str()),
        Some(Secret::Env(_)) | None => None,
    };
    let identity = tls.identity.iter().flat_map(|(cert, key)| [cert, key]);
    tls.ca_file
        .iter()
        .chain(identity)
        .map(String::as_str)
        .chain(secret)
        .collect()
}

/// A path within the repository as git names it; `None` when it leads out of it.
fn normal(path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_the_repository_is_none_of_it() {
        assert_eq!(normal(Path::new("rollouts/../ca.pem")).unwrap(), "ca.pem");
        assert_eq!(normal(Path::new("rollouts/../../ca.pem")), None);
        assert_eq!(normal(Path::new("/etc/ca.pem")), None);
    }
}
