//! Tells webhooks of transitions. Whatever becomes of it changes neither the outcome nor the exit
//! code: the decision is written by then. The URL is a secret and is never printed.

use crate::notify::post;
use crate::plan::{Notify, NotifyFormat};
use crate::report::notify::Notice;

use super::context::Context;
use super::failure::Failure;

/// Posts every notice to every webhook; what fails is a warning.
///
/// # Errors
/// When not even the warning can be written.
pub(crate) fn send(
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
