//! The base URL: what is asked, and what may be shown of it.

use url::{Host, Url};

use super::ClientError;

/// A base URL with any prefix.
pub(super) struct Endpoint {
    base: Url,
    shown: String,
}

impl Endpoint {
    /// Reads a base URL. User and password in it are taken out and returned, so that nothing
    /// shows them by accident.
    pub(super) fn parse(text: &str) -> Result<(Self, Option<(String, String)>), ClientError> {
        let bad = |problem: &str| ClientError::BadUrl {
            problem: problem.to_owned(),
        };
        let mut base = Url::parse(text.trim()).map_err(|error| bad(&error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(bad("it is not an http or https URL"));
        }
        let credentials = credentials(&base);
        // Neither call can fail for a URL with a host.
        if base.set_username("").is_err() || base.set_password(None).is_err() {
            return Err(bad("its user name cannot be taken out"));
        }
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v1").unwrap_or(path).to_owned();
        base.set_path(&path);
        let shown = shown(&base);
        Ok((Self { base, shown }, credentials))
    }

    /// The URL of one API call. Parameters of the base URL go along.
    pub(super) fn api(&self, call: &str) -> Url {
        let mut url = self.base.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}/api/v1/{call}"));
        url
    }

    /// Scheme, host, port and path.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    pub(super) fn is_tls(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// True when the server is on this machine, where no proxy can reach it.
    pub(super) fn is_local(&self) -> bool {
        match self.base.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Where a redirect leads, for a message: a base URL where it is one.
    pub(super) fn redirect_target(&self, location: Option<&str>) -> String {
        let Some(url) = location.and_then(|to| self.base.join(to).ok()) else {
            return "an unreadable place".into();
        };
        let text = shown(&url);
        match text.find("/api/v1/") {
            Some(at) => text[..at].to_owned(),
            None => text,
        }
    }
}

/// The parts that never hold a secret.
fn shown(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    format!("{}{path}", url.origin().ascii_serialization())
}

fn credentials(url: &Url) -> Option<(String, String)> {
    let decode = |text: &str| {
        // The decoder is made for forms, where these two mean something else.
        let text = text.replace('+', "%2B").replace('&', "%26");
        url::form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    (!url.username().is_empty() || url.password().is_some()).then(|| {
        (
            decode(url.username()),
            decode(url.password().unwrap_or_default()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap().0
    }

    #[test]
    fn the_api_lives_under_the_prefix() {
        for text in [
            "http://p:9090/a/b",
            "http://p:9090/a/b/",
            "http://p:9090/a/b/api/v1",
        ] {
            assert_eq!(
                endpoint(text).api("query").as_str(),
                "http://p:9090/a/b/api/v1/query"
            );
        }
        assert_eq!(
            endpoint("http://p").api("query").as_str(),
            "http://p/api/v1/query"
        );
    }

    #[test]
    fn credentials_are_used_and_never_shown() {
        let (endpoint, credentials) =
            Endpoint::parse("https://ann:p%40ss+1&2@p.example/x?token=secret").unwrap();
        assert_eq!(credentials, Some(("ann".into(), "p@ss+1&2".into())));
        assert_eq!(endpoint.shown(), "https://p.example/x");
        assert_eq!(
            endpoint.api("query").as_str(),
            "https://p.example/x/api/v1/query?token=secret"
        );
    }

    #[test]
    fn servers_of_this_machine_are_asked_without_a_proxy() {
        for (text, local) in [
            ("http://localhost:9090", true),
            ("http://127.0.0.1:9090", true),
            ("http://[::1]:9090", true),
            ("http://10.0.0.1:9090", false),
            ("http://localhost.example", false),
        ] {
            assert_eq!(endpoint(text).is_local(), local, "{text}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for bad in ["localhost:9090", "ftp://p", "p", "", "http://"] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_redirect_is_shown_as_a_base_url() {
        let endpoint = endpoint("http://p/x");
        let to = |location| endpoint.redirect_target(Some(location));
        assert_eq!(to("https://p/x/api/v1/query_range?token=1"), "https://p/x");
        assert_eq!(to("/login?next=secret"), "http://p/login");
        assert_eq!(endpoint.redirect_target(None), "an unreadable place");
    }
}
