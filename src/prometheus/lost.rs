//! What it means that a connection broke or never came to be.

use std::time::Duration;

use super::QueryError;
use super::endpoint::Endpoint;

/// What the loss of a connection means, after waiting at most so long.
pub(super) fn lost(
    endpoint: &Endpoint,
    timeout_after: Duration,
    error: reqwest::Error,
) -> QueryError {
    let (timeout, connect) = (error.is_timeout(), error.is_connect());
    let problem = chain(&error.without_url());
    let url = endpoint.shown().to_owned();
    if connect {
        let hint = if problem.contains("InvalidContentType") {
            "; the port may speak plain http"
        } else if problem.contains("UnknownIssuer") {
            "; set `ca_file` under [prometheus] to the authority that signed its certificate"
        } else {
            ""
        };
        QueryError::Unreachable {
            url,
            problem: format!("{problem}{hint}"),
        }
    } else if timeout {
        QueryError::Deadline {
            url,
            after: timeout_after,
        }
    } else {
        QueryError::Broken { url, problem }
    }
}

/// What a redirect means: it is not followed.
pub(super) fn redirected(endpoint: &Endpoint, response: &reqwest::Response) -> QueryError {
    let to = response.headers().get(reqwest::header::LOCATION);
    QueryError::Redirected {
        url: endpoint.shown().to_owned(),
        status: response.status().as_u16(),
        to: endpoint.redirect_target(to.and_then(|value| value.to_str().ok())),
    }
}

/// An error with its causes; the outermost of reqwest alone says nothing.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
