//! The HTTP client: one query in, one typed answer or error out.
//!
//! It bounds everything it does: the time of an attempt, the number of attempts, the size of an
//! answer. It never follows a redirect and never shows a credential.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use url::Url;

use crate::plan::{PrometheusSettings, Secret};
use crate::units::Instant;

use super::answer::{interpret, not_an_api};
use super::backoff::pause;
use super::cache::{Asker, Cache};
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::lost::{chain, lost, redirected};
use super::pieces::append;
use super::stream::{Read, Splitter, Streamed};
use super::{Answer, ClientError, Grid, QueryError, tls};

mod effort;
mod form;

use effort::Effort;
use form::{Form, blocks, form};

/// Attempts at one query. A restarting server or a full query queue is over within a second or
/// two; a longer outage is the next run's business.
const ATTEMPTS: u32 = 3;

/// Bytes of one answer that we are willing to hold. Two arms with 200 buckets each over 11,000
/// blocks are near it; more than that is a selector that aggregates nothing.
const ANSWER_MIB: usize = 64;

/// Points of one range query. Prometheus refuses more than 11,000.
const MAX_POINTS: usize = 10_000;

/// A header that VictoriaMetrics alone sends.
const OF_VICTORIA: &str = "x-server-hostname";

/// Is handed each series of an answer, and may stop it where there is no room for more.
pub(super) type Each<'a> = dyn FnMut(&Streamed<'_>) -> ControlFlow<()> + 'a;

/// A connection to one Prometheus, with its credentials.
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    credentials: Credentials,
    timeout: Duration,
    asker: Asker,
    cache: Option<Cache>,
    /// Whether an answer came from a VictoriaMetrics.
    is_victoria: AtomicBool,
    /// What the server says it read, where that is asked.
    effort: Effort,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing else: headers and credentials must not reach a log.
        write!(f, "Client({})", self.source())
    }
}

impl Client {
    /// Prepares a client. `url_override` comes from a flag or the environment; `secrets` resolves a credential
    /// or says as a lower-case fragment why it cannot; certificate files are relative to `base_dir`.
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
        let credentials = Credentials::of(&settings.auth, in_url, &secret)?;
        let headers = super::headers::extra(&settings.headers, &secret)?;
        let mut asker = Asker::default();
        asker.add(endpoint.api("query").as_str().as_bytes());
        credentials.add_to(&mut asker);
        for (name, value) in &headers {
            asker.add(name.as_str().as_bytes());
            asker.add(value.as_bytes());
        }
        let builder = reqwest::Client::builder()
            .user_agent(concat!("rollout/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(crate::lookup::Lookup);
        let builder = if endpoint.is_local() {
            builder.no_proxy()
        } else {
            builder
        };
        let timeout = Duration::from_secs(u64::from(settings.timeout.seconds().max(1)));
        let http = tls::configure(
            builder,
            &settings.tls,
            base_dir,
            endpoint.is_tls(),
            &mut asker,
        )?
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
            asker,
            cache: None,
            is_victoria: AtomicBool::new(false),
            effort: Effort::default(),
        })
    }

    /// Keeps what closed blocks of counters say in this folder, and asks for less where it does already.
    /// `now` is the clock's. Where the folder cannot be used, everything is asked for.
    #[must_use]
    pub fn with_cache(mut self, folder: &Path, now: Instant) -> Self {
        self.cache = Cache::open(folder, self.asker.clone(), now);
        self
    }

    /// From now on everything is asked for, whatever is cached.
    pub fn ask_whole(&self) {
        if let Some(cache) = &self.cache {
            cache.ask_whole();
        }
    }

    /// Whether any answer came in part from the cache.
    #[must_use]
    pub fn has_used_cache(&self) -> bool {
        self.cache.as_ref().is_some_and(Cache::was_used)
    }

    pub(super) const fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
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
        let mut places = BTreeMap::new();
        for (start, end) in grid.pieces(MAX_POINTS) {
            let form = self.range_form(query, start, end, grid);
            let piece = self.ask("query_range", &form, None).await?;
            append(&mut whole, &mut places, piece);
        }
        Ok(whole)
    }

    /// Evaluates a query at the ends of these blocks, at most so many in a request, and hands over each
    /// series of each answer as it comes; where a request is repeated, again. Gives the server's doubts.
    ///
    /// # Errors
    /// See [`QueryError`]; when `each` stops it, it is too large.
    pub(super) async fn each_in_range(
        &self,
        query: &str,
        grid: &Grid,
        most: usize,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError> {
        let mut warnings = Vec::new();
        for (start, end) in grid.pieces(most.min(MAX_POINTS)) {
            tracing::debug!(
                query,
                points = (end - start) / i64::from(grid.block().seconds()) + 1,
                "asking"
            );
            let form = self.range_form(query, start, end, grid);
            let rest = self.ask("query_range", &form, Some(&mut *each)).await?;
            warnings.extend(rest.warnings);
        }
        Ok(warnings)
    }

    /// Evaluates a query of samples at one instant, in Unix seconds, and hands over each series as it
    /// comes; where a request is repeated, again. Gives the server's doubts.
    ///
    /// # Errors
    /// See [`QueryError`]; when `each` stops it, it is too large.
    pub(super) async fn each_at(
        &self,
        query: &str,
        at: i64,
        each: &mut Each<'_>,
    ) -> Result<Vec<String>, QueryError> {
        let form = self.form(query, [("time", at.to_string())]);
        Ok(self.ask("query", &form, Some(each)).await?.warnings)
    }

    /// Evaluates a query at one instant.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn instant(&self, query: &str, at: Instant) -> Result<Answer, QueryError> {
        let form = self.form(query, [("time", at.timestamp().to_string())]);
        self.ask("query", &form, None).await
    }

    /// Asks for a constant: whether there is anybody who answers at all.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub(super) async fn constant(&self) -> Result<Answer, QueryError> {
        self.ask("query", &self.form("vector(1)", []), None).await
    }

    /// Whether the newest points may be copies of earlier ones: on a VictoriaMetrics that does not know the
    /// parameter which says otherwise. One that knows it refuses its least value.
    pub(super) async fn copies_the_newest(&self) -> bool {
        if !self.is_victoria.load(Ordering::Relaxed) {
            return false;
        }
        let form = [("query", "vector(1)"), ("latency_offset", "0")];
        let request = self.http.post(self.endpoint.api("query")).form(&form);
        let request = self.credentials.sign(request);
        let sent = tokio::time::timeout(self.timeout, request.send()).await;
        sent.is_ok_and(|answer| answer.is_ok_and(|answer| answer.status().is_success()))
    }

    fn range_form(&self, query: &str, start: i64, end: i64, grid: &Grid) -> Form {
        self.form(query, blocks(start, end, grid))
    }

    fn form<const N: usize>(&self, query: &str, more: [(&'static str, String); N]) -> Form {
        let mut form = form(query, self.timeout, more);
        if self.effort.is_asked() {
            form.push(("stats", "all".to_owned()));
        }
        form
    }

    /// From now on the server is asked how many samples it reads.
    pub(super) fn count_samples(&self) {
        self.effort.start();
    }

    /// See [`Effort::take`].
    pub(super) fn samples_read(&self) -> Option<u64> {
        self.effort.take()
    }

    /// Attempts until an answer, a lasting error, or the bounds: no attempt starts once the
    /// deadline has passed, so that one query takes twice the deadline at most.
    async fn ask(
        &self,
        api: &str,
        form: &Form,
        mut each: Option<&mut Each<'_>>,
    ) -> Result<Answer, QueryError> {
        let url = self.endpoint.api(api);
        let started = tokio::time::Instant::now();
        let mut attempt = 1;
        loop {
            let once = self.attempt(url.clone(), form, each.as_deref_mut());
            let once = tokio::time::timeout(self.timeout, once).await;
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
                                series = each.is_none().then_some(answer.series.len()),
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

    /// One request. Series go to `each` while they come, if there is one, so that the deadline bounds
    /// what is done with them, too.
    async fn attempt(
        &self,
        url: Url,
        form: &Form,
        each: Option<&mut Each<'_>>,
    ) -> Result<Answer, QueryError> {
        // Compressing small answers makes Prometheus two to four times slower.
        let request = self
            .http
            .post(url)
            .header(reqwest::header::ACCEPT_ENCODING, "identity")
            .form(form);
        let mut response = self
            .credentials
            .sign(request)
            .send()
            .await
            .map_err(|error| lost(&self.endpoint, self.timeout, error))?;
        let status = response.status();
        if response.headers().contains_key(OF_VICTORIA) {
            self.is_victoria.store(true, Ordering::Relaxed);
        }
        if status.is_redirection() {
            return Err(redirected(&self.endpoint, &response));
        }
        let mut each = each.filter(|_| status.is_success());
        let (mut body, mut splitter, mut length) = (Vec::new(), Splitter::default(), 0);
        let hand_over = |each: &mut &mut Each<'_>, read: Read<'_>| {
            let read = read.map_err(|bytes| not_an_api(self.source(), status.as_u16(), bytes))?;
            let taken = each(&read).is_continue().then_some(());
            taken.ok_or_else(too_large)
        };
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| lost(&self.endpoint, self.timeout, error))?
        {
            length += chunk.len();
            if length > ANSWER_MIB * 1_024 * 1_024 {
                return Err(too_large());
            }
            match &mut each {
                None => body.extend_from_slice(&chunk),
                Some(each) => splitter.push(&chunk, |read| hand_over(each, read))?,
            }
        }
        if let Some(each) = &mut each {
            splitter.finish(|read| hand_over(each, read))?;
        }
        let body = if each.is_some() {
            splitter.envelope()
        } else {
            &body
        };
        self.effort.add(body);
        interpret(self.source(), status.as_u16(), body)
    }

    fn too_late(&self) -> QueryError {
        QueryError::Deadline {
            url: self.source().to_owned(),
            after: self.timeout,
        }
    }
}

const fn too_large() -> QueryError {
    QueryError::TooLarge {
        limit_mib: ANSWER_MIB,
    }
}

/// A connection that is not there after this long is not coming; the rest of the deadline belongs
/// to the query.
const CONNECT: Duration = Duration::from_secs(10);
