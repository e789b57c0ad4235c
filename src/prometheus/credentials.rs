//! Who asks: what a request is signed with.

use reqwest::RequestBuilder;

use crate::plan::{Auth, Secret};

use super::ClientError;
use super::cache::Asker;

/// Resolved credentials. They are never shown.
pub(super) enum Credentials {
    /// None.
    None,
    /// A token.
    Bearer(String),
    /// User and password.
    Basic(String, String),
}

impl Credentials {
    /// As the settings say, else as the URL does.
    pub(super) fn of(
        auth: &Auth,
        in_url: Option<(String, String)>,
        secret: &dyn Fn(&str, &Secret) -> Result<String, ClientError>,
    ) -> Result<Self, ClientError> {
        Ok(match auth {
            Auth::Bearer(token) => {
                Self::Bearer(secret("the bearer token", token)?.trim().to_owned())
            }
            Auth::Basic { user, password } => Self::Basic(
                user.clone(),
                secret("the basic password", password)?
                    .trim_end_matches(['\r', '\n'])
                    .to_owned(),
            ),
            Auth::Anonymous => match in_url {
                Some((user, password)) => Self::Basic(user, password),
                None => Self::None,
            },
        })
    }

    /// Signs a request.
    pub(super) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::None => request,
            Self::Bearer(token) => request.bearer_auth(token),
            Self::Basic(user, password) => request.basic_auth(user, Some(password)),
        }
    }

    /// Tells one asker from another.
    pub(super) fn add_to(&self, asker: &mut Asker) {
        let parts = match self {
            Self::None => ["none", "", ""],
            Self::Bearer(token) => ["bearer", token, ""],
            Self::Basic(user, password) => ["basic", user, password],
        };
        for part in parts {
            asker.add(part.as_bytes());
        }
    }
}
