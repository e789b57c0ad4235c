//! Tells webhooks of transitions. Whatever becomes of it changes neither the outcome nor the exit
//! code: the decision is written by then. The URL is a secret and is never printed.

use std::time::Duration;

use crate::plan::{Notify, NotifyFormat};
use crate::report::notify::Notice;

use super::context::Context;
use super::failure::Failure;
use super::pipeline::runtime;

/// A webhook that takes longer than this is told nothing: the next run must not wait for it.
const DEADLINE: Duration = Duration::from_secs(10);

/// Posts every notice to every webhook; what fails is a warning.
///
/// # Errors
/// When not even the warning can be written.
pub(super) fn send(
    notices: &[Notice],
    hooks: &[Notify],
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    if notices.is_empty() || hooks.is_empty() {
        return Ok(());
    }
    for hook in hooks {
        let name = &hook.url_env;
        let Some(url) = context.variables.text(name).map(str::to_owned) else {
            context.ui.warn(&format!(
                "nobody was told: the environment variable {name} of [[notify]] is not set"
            ))?;
            continue;
        };
        for notice in notices {
            let body = match hook.format {
                NotifyFormat::Slack => notice.slack(),
                NotifyFormat::Json => notice.json(),
            };
            if let Err(why) = post(&url, body.to_string()) {
                context.ui.warn(&format!(
                    "the webhook in {name} was not told of {}: {why}; the transition stands",
                    notice.plan
                ))?;
            }
        }
    }
    Ok(())
}

/// Posts one body; the error is a sentence without the URL.
fn post(url: &str, body: String) -> Result<(), String> {
    // The second client of a process finds the provider installed, which is what is wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .user_agent(concat!("rollout/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .timeout(DEADLINE)
        .build()
        .map_err(|error| error.without_url().to_string())?;
    // A machine that gives no runtime is one more reason that nobody is told, and not a failure.
    let answer = runtime()
        .map_err(|failure| failure.message)?
        .block_on(async {
            client
                .post(url)
                .header("content-type", "application/json")
                .body(body)
                .send()
                .await
        });
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status())),
        Err(error) if error.is_timeout() => {
            Err(format!("no answer within {} seconds", DEADLINE.as_secs()))
        }
        Err(error) => Err(error.without_url().to_string()),
    }
}
