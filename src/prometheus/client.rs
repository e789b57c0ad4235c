//! The HTTP client: one query in, one typed answer or error out.
//!
//! It bounds everything it does: the time of an attempt, the number of attempts, the size of an
//! answer. It never follows a redirect and never shows a credential.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::time::Duration;

use url::Url;

use crate::plan::{Auth, PrometheusSettings, Secret};
use crate::units::Instant;

use super::answer::{Returned, interpret};
use super::endpoint::Endpoint;
use super::{Answer, ClientError, Grid, QueryError, tls};

/// Attempts at one query. A restarting server or a full query queue is over within a second or
/// two; a longer outage is the next run's business.
const ATTEMPTS: u32 = 3;

/// The pause before the second attempt; it doubles, and jitter of half its length keeps the
/// queries of one run from coming back together.
const BACKOFF: Duration = Duration::from_millis(250);

/// Bytes of one answer that we are willing to hold. Two arms with 200 buckets each over 11,000
/// blocks are near it; more than that is a selector that aggregates nothing.
const ANSWER_MIB: usize = 64;

/// The server cancels a query at this share of our own deadline, so that its explanation arrives
/// before we hang up.
const SERVER_SHARE: f64 = 0.9;

/// Points of one range query. Prometheus refuses more than 11,000.
const MAX_POINTS: usize = 10_000;

enum Credentials {
    None,
    Bearer(String),
    Basic(String, String),
}

/// A connection to one Prometheus, with its credentials.
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    credentials: Credentials,
    timeout: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing else: headers and credentials must not reach a log.
        write!(f, "Client({})", self.source())
    }
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
        let text = url_override
            .or(settings.url.as_deref())
            .ok_or(ClientError::NoUrl)?;
        let (endpoint, in_url) = Endpoint::parse(text)?;
        let secret = |what: &str, secret: &Secret| {
            secrets(secret).map_err(|problem| ClientError::Secret {
                what: what.to_owned(),
                problem,
            })
        };
        let credentials = match &settings.auth {
            Auth::Bearer(token) => {
                Credentials::Bearer(secret("the bearer token", token)?.trim().to_owned())
            }
            Auth::Basic { user, password } => Credentials::Basic(
                user.clone(),
                secret("the basic password", password)?
                    .trim_end_matches(['\r', '\n'])
                    .to_owned(),
            ),
            Auth::Anonymous => match in_url {
                Some((user, password)) => Credentials::Basic(user, password),
                None => Credentials::None,
            },
        };
        let builder = reqwest::Client::builder()
            .user_agent(concat!("rollout/", env!("CARGO_PKG_VERSION")))
            .default_headers(super::headers::extra(&settings.headers, &secret)?)
            .redirect(reqwest::redirect::Policy::none());
        let builder = if endpoint.is_local() {
            builder.no_proxy()
        } else {
            builder
        };
        let timeout = Duration::from_secs(u64::from(settings.timeout.seconds().max(1)));
        let http = tls::configure(builder, &settings.tls, base_dir, endpoint.is_tls())?
            .connect_timeout(timeout.min(CONNECT))
            .build()
            .map_err(|error| ClientError::Setup {
                problem: chain(&error.without_url()),
            })?;
        Ok(Self {
            http,
            endpoint,
            credentials,
            timeout,
        })
    }

    /// The base URL without credentials.
    #[must_use]
    pub fn source(&self) -> &str {
        self.endpoint.shown()
    }

    /// Evaluates a query at the ends of these blocks, in as many requests as the server's limit
    /// on points asks for.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn range(&self, query: &str, grid: &Grid) -> Result<Answer, QueryError> {
        let mut whole = Answer::default();
        for (start, end) in grid.pieces(MAX_POINTS) {
            let form = [
                ("query", query.to_owned()),
                ("start", start.to_string()),
                ("end", end.to_string()),
                ("step", grid.block().seconds().to_string()),
                ("timeout", self.server_timeout()),
                // VictoriaMetrics shifts long ranges to its own grid unless told not to; others
                // ignore it.
                ("nocache", "1".to_owned()),
            ];
            let piece = self.ask("query_range", &form).await?;
            append(&mut whole, piece);
        }
        Ok(whole)
    }

    /// Evaluates a query at one instant.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn instant(&self, query: &str, at: Instant) -> Result<Answer, QueryError> {
        let form = [
            ("query", query.to_owned()),
            ("time", at.timestamp().to_string()),
            ("timeout", self.server_timeout()),
        ];
        self.ask("query", &form).await
    }

    /// Asks for a constant: whether there is anybody who answers at all.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub(super) async fn constant(&self) -> Result<Answer, QueryError> {
        let form = [
            ("query", "vector(1)".to_owned()),
            ("timeout", self.server_timeout()),
        ];
        self.ask("query", &form).await
    }

    fn server_timeout(&self) -> String {
        format!("{:.3}", self.timeout.as_secs_f64() * SERVER_SHARE)
    }

    /// Attempts until an answer, a lasting error, or the bounds: no attempt starts once the
    /// deadline has passed, so that one query takes twice the deadline at most.
    async fn ask(&self, api: &str, form: &[(&str, String)]) -> Result<Answer, QueryError> {
        let url = self.endpoint.api(api);
        let started = tokio::time::Instant::now();
        let mut attempt = 1;
        loop {
            let once = tokio::time::timeout(self.timeout, self.attempt(url.clone(), form)).await;
            let result = once.unwrap_or_else(|_| Err(self.too_late()));
            match result {
                Err(error)
                    if error.is_transient()
                        && attempt < ATTEMPTS
                        && started.elapsed() < self.timeout =>
                {
                    tracing::debug!(attempt, %error, "asking again");
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                result => {
                    let query = form.first().map_or("", |(_, query)| query.as_str());
                    let ms = started.elapsed().as_millis();
                    match &result {
                        Ok(answer) => {
                            tracing::debug!(
                                api,
                                query,
                                ms,
                                series = answer.series.len(),
                                "answered"
                            );
                        }
                        Err(error) => tracing::debug!(api, query, ms, %error, "failed"),
                    }
                    return result;
                }
            }
        }
    }

    async fn attempt(&self, url: Url, form: &[(&str, String)]) -> Result<Answer, QueryError> {
        // Compressing small answers makes Prometheus two to four times slower.
        let request = self
            .http
            .post(url)
            .header(reqwest::header::ACCEPT_ENCODING, "identity")
            .form(form);
        let request = match &self.credentials {
            Credentials::None => request,
            Credentials::Bearer(token) => request.bearer_auth(token),
            Credentials::Basic(user, password) => request.basic_auth(user, Some(password)),
        };
        let mut response = request.send().await.map_err(|error| self.lost(error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(QueryError::Redirected {
                url: self.source().to_owned(),
                status: status.as_u16(),
                to: self.endpoint.redirect_target(
                    response
                        .headers()
                        .get(reqwest::header::LOCATION)
                        .and_then(|value| value.to_str().ok()),
                ),
            });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.lost(error))? {
            if body.len() + chunk.len() > ANSWER_MIB * 1_024 * 1_024 {
                return Err(QueryError::TooLarge {
                    limit_mib: ANSWER_MIB,
                });
            }
            body.extend_from_slice(&chunk);
        }
        interpret(self.source(), status.as_u16(), &body)
    }

    fn too_late(&self) -> QueryError {
        QueryError::Deadline {
            url: self.source().to_owned(),
            after: self.timeout,
        }
    }

    /// What the loss of a connection means.
    fn lost(&self, error: reqwest::Error) -> QueryError {
        let (timeout, connect) = (error.is_timeout(), error.is_connect());
        let problem = chain(&error.without_url());
        let url = self.source().to_owned();
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
            self.too_late()
        } else {
            QueryError::Broken { url, problem }
        }
    }
}

/// A connection that is not there after this long is not coming; the rest of the deadline belongs
/// to the query.
const CONNECT: Duration = Duration::from_secs(10);

/// The pause after this attempt.
fn pause(attempt: u32) -> Duration {
    let base = BACKOFF * 2_u32.pow(attempt - 1);
    // The hasher's keys differ in every process, which is all that jitter needs.
    let random = RandomState::new().build_hasher().finish();
    let share = f64::from(u32::try_from(random % 1_000).unwrap_or(0)) / 1_000.0;
    base.mul_f64(0.75 + share / 2.0)
}

/// Later pieces of a range continue the series of earlier ones.
fn append(whole: &mut Answer, piece: Answer) {
    for series in piece.series {
        let Returned {
            labels,
            points,
            histograms,
        } = series;
        match whole.series.iter_mut().find(|known| known.labels == labels) {
            Some(known) => {
                known.points.extend(points);
                known.histograms.extend(histograms);
            }
            None => whole.series.push(Returned {
                labels,
                points,
                histograms,
            }),
        }
    }
    for warning in piece.warnings {
        if !whole.warnings.contains(&warning) {
            whole.warnings.push(warning);
        }
    }
}

/// An error with its causes; the outermost of reqwest alone says nothing.
fn chain(error: &dyn std::error::Error) -> String {
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

#[cfg(test)]
mod tests {
    use super::super::answer::Point;
    use super::*;

    #[test]
    fn pieces_of_a_range_become_one_series() {
        let piece = |at_ms| Answer {
            series: vec![Returned {
                points: vec![Point { at_ms, value: 1.0 }],
                ..Returned::default()
            }],
            warnings: vec!["partial".into()],
        };
        let mut whole = piece(1);
        append(&mut whole, piece(2));
        assert_eq!(whole.series.len(), 1);
        assert_eq!(whole.series[0].points.len(), 2);
        assert_eq!(whole.warnings.len(), 1);
    }

    #[test]
    fn pauses_double_and_stay_short() {
        assert!(pause(1) >= Duration::from_millis(187));
        assert!(pause(2) <= Duration::from_millis(625));
    }
}
