//! How Prometheus is asked: a client with the credentials of the environment, and a runtime.

use std::path::Path;

use crate::decide::Exit;
use crate::files;
use crate::plan::{PrometheusSettings, Secret};
use crate::prometheus::Client;

use super::context::Context;
use super::failure::Failure;

/// A client for the directory's Prometheus, with credentials from the environment or files.
///
/// # Errors
/// When there is no URL or a credential is missing.
pub(crate) fn client(
    settings: &PrometheusSettings,
    root: &Path,
    context: &Context<'_>,
) -> Result<Client, Failure> {
    let url = context.prometheus_url();
    let secrets = |secret: &Secret| match secret {
        Secret::Env(name) => context
            .variables
            .text(name)
            .map(str::to_owned)
            .ok_or_else(|| format!("the environment variable {name} is not set")),
        Secret::File(path) => files::read_text(&root.join(path), files::SMALL)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|error| error.to_string()),
    };
    Client::new(settings, url.as_deref(), &secrets, root).map_err(|error| {
        let mut failure = Failure::from_error(Exit::Error, &error);
        failure.message = format!("failed to {}", failure.message);
        failure
    })
}

/// The same client, which asks for closed blocks once, where that is wanted and there is a place for it.
pub(crate) fn cached(client: Client, wanted: bool, context: &Context<'_>) -> Client {
    if !(wanted && context.global.cache) {
        return client;
    }
    match context.cache_folder() {
        Some(folder) => client.with_cache(&folder, context.started),
        None => {
            tracing::debug!("nothing is cached: neither XDG_CACHE_HOME nor HOME says where");
            client
        }
    }
}

/// A runtime for one conversation with Prometheus.
///
/// # Errors
/// When the system gives none.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}
