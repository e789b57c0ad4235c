//! What can go wrong between here and Prometheus, with a cure each.
//!
//! No variant ever holds a credential: URLs are cut down to scheme, host, port and path before
//! they come here.

use std::time::Duration;

/// A client that cannot be made. Nothing was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Nobody said where Prometheus is.
    #[error(
        "find Prometheus: no URL is set; write `url = \"http://...\"` under [prometheus] in config.toml, \
         or pass --prometheus-url"
    )]
    NoUrl,
    /// The URL is not one.
    #[error("read the Prometheus URL: {problem}; write it as \"https://host:9090/prefix\"")]
    BadUrl {
        /// What is wrong with it.
        problem: String,
    },
    /// A credential or header value is missing.
    #[error("find {what}: {problem}")]
    Secret {
        /// What it is for.
        what: String,
        /// What the resolver said.
        problem: String,
    },
    /// A header cannot be sent.
    #[error("send the header `{name}`: {problem}")]
    Header {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A certificate or key file is unusable.
    #[error("use {what} `{path}`: {problem}")]
    Certificate {
        /// Which of the files.
        what: &'static str,
        /// As it is written in config.toml.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The HTTP library refused the settings.
    #[error("prepare the HTTP client: {problem}")]
    Setup {
        /// What it said.
        problem: String,
    },
}

/// A query without an answer. `Display` reads after "failed to".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// No connection: name, port, TLS.
    #[error("reach {url}: {problem}")]
    Unreachable {
        /// The base URL without credentials.
        url: String,
        /// What the network said.
        problem: String,
    },
    /// The connection broke in the middle of an answer.
    #[error("read the whole answer of {url}: {problem}")]
    Broken {
        /// The base URL without credentials.
        url: String,
        /// What the network said.
        problem: String,
    },
    /// Our own deadline passed.
    #[error(
        "get an answer of {url} within {}s; raise `timeout` under [prometheus], or narrow the selector",
        after.as_secs_f64()
    )]
    Deadline {
        /// The base URL without credentials.
        url: String,
        /// The deadline.
        after: Duration,
    },
    /// 401 or 403.
    #[error(
        "be let in by {url} (HTTP {status}); check the credentials under [prometheus] in config.toml"
    )]
    Refused {
        /// The base URL without credentials.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// A redirect; never followed, because credentials would go along.
    #[error("ask {url}: it redirects to {to} (HTTP {status}); if that is right, set it as `url`")]
    Redirected {
        /// The base URL without credentials.
        url: String,
        /// HTTP status.
        status: u16,
        /// Where to, without query and credentials.
        to: String,
    },
    /// Plain HTTP spoken to a TLS port.
    #[error("ask {url}: the server expects HTTPS; write `https://` in the URL")]
    NeedsTls {
        /// The base URL without credentials.
        url: String,
    },
    /// Something answers there, but not Prometheus.
    #[error(
        "find the Prometheus API at {url} (HTTP {status}: {excerpt}); check the URL and its prefix"
    )]
    NotAnApi {
        /// The base URL without credentials.
        url: String,
        /// HTTP status.
        status: u16,
        /// The answer's beginning.
        excerpt: String,
    },
    /// The server is overloaded or failing: 429 and 5xx, after retries.
    #[error(
        "get an answer of {url} (HTTP {status}: {message}); the server is busy or failing, run again"
    )]
    Busy {
        /// The base URL without credentials.
        url: String,
        /// HTTP status.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// The answer is larger than we are willing to hold.
    #[error(
        "hold the answer: it is larger than {limit_mib} MiB; the selector or the labels are too wide"
    )]
    TooLarge {
        /// The bound.
        limit_mib: usize,
    },
    /// The server understood and refused: a bad query, too many samples, a many-to-many match.
    #[error("evaluate the query: {message}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The server's `errorType`.
        kind: String,
        /// The server's message.
        message: String,
    },
}

impl QueryError {
    /// True when the server did its work and only this query is at fault.
    #[must_use]
    pub const fn was_served(&self) -> bool {
        match self {
            Self::Rejected { .. } | Self::TooLarge { .. } => true,
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::Deadline { .. }
            | Self::Refused { .. }
            | Self::Redirected { .. }
            | Self::NeedsTls { .. }
            | Self::NotAnApi { .. }
            | Self::Busy { .. } => false,
        }
    }

    /// True when asking again soon may help.
    pub(super) const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::Deadline { .. }
            | Self::Busy { .. } => true,
            Self::Rejected { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::Redirected { .. }
            | Self::NeedsTls { .. }
            | Self::NotAnApi { .. } => false,
        }
    }
}

/// A plan without a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// The plan is pending: nobody is exposed, there is nothing to ask.
    #[error("collect for `{plan}`: it has not entered a stage; run `rollout advance {plan}`")]
    Pending {
        /// The plan's name.
        plan: String,
    },
    /// The server served none of the run's queries; the first error stands for all.
    #[error(transparent)]
    Unserved(QueryError),
}
