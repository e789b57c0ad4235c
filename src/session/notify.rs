//! Tells webhooks of transitions. Whatever becomes of it changes neither the outcome nor the exit
//! code: the decision is written by then. The URL is a secret and is never printed.

use crate::notify::post;
use crate::plan::{Notify, NotifyFormat};
use crate::report::notify::Notice;

use crate::units::one_line;

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
                "notification not sent: the environment variable {name} of [[notify]] is not set"
            ))?;
            continue;
        };
        for notice in notices {
            let body = match hook.format {
                NotifyFormat::Slack => serde_json::to_string(&notice.slack()),
                NotifyFormat::Json => serde_json::to_string(&notice.json()),
            };
            let posted = body
                .map_err(|error| error.to_string())
                .and_then(|body| post(&url, one_line(&body).into_owned()));
            if let Err(why) = posted {
                context.ui.warn(&format!(
                    "notification of {} not sent to the webhook in {name}: {why}; the transition stands",
                    notice.plan
                ))?;
            }
        }
    }
    Ok(())
}
