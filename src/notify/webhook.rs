//! Posts to webhooks. The URL is a secret and is in no error.

use std::time::Duration;

use crate::lookup::Lookup;

/// A webhook that takes longer than this is told nothing: the next run must not wait for it.
const DEADLINE: Duration = Duration::from_secs(10);

/// Posts one body; the error is a sentence without the URL.
///
/// # Errors
/// When it was not taken.
pub fn post(url: &str, body: String) -> Result<(), String> {
    // The second client of a process finds the provider installed, which is what is wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .user_agent(concat!("rollout/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Lookup)
        .timeout(DEADLINE)
        .build()
        .map_err(|error| error.without_url().to_string())?;
    // A machine that gives no runtime is one more reason that nobody is told, and not a failure.
    let answer = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?
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
