//! Extra headers, for the tenancy of Mimir, Cortex and Thanos.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue as WireValue};

use crate::plan::{HeaderValue, Secret};

use super::ClientError;

/// Headers sent with every query.
pub(super) fn extra(
    settings: &BTreeMap<String, HeaderValue>,
    secret: &dyn Fn(&str, &Secret) -> Result<String, ClientError>,
) -> Result<HeaderMap, ClientError> {
    let mut headers = HeaderMap::new();
    for (name, value) in settings {
        let bad = |problem: &str| ClientError::Header {
            name: name.clone(),
            problem: problem.to_owned(),
        };
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| bad("its name may hold only letters, digits and dashes"))?;
        let (text, is_secret) = match value {
            HeaderValue::Literal(text) => (text.clone(), false),
            HeaderValue::Env(env) => (
                secret(&format!("the header `{name}`"), &Secret::Env(env.clone()))?,
                true,
            ),
        };
        let mut wire = WireValue::from_str(text.trim())
            .map_err(|_| bad("its value may not hold line breaks or control characters"))?;
        wire.set_sensitive(is_secret);
        headers.insert(header, wire);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_a_line_break_is_refused_without_being_shown() {
        let settings = BTreeMap::from([("X-T".to_owned(), HeaderValue::Env("T".into()))]);
        let error = extra(&settings, &|_, _| Ok("hunter2\nX: y".into())).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_value_from_the_environment_is_marked_as_secret() {
        let settings = BTreeMap::from([("X-T".to_owned(), HeaderValue::Env("T".into()))]);
        let headers = extra(&settings, &|_, _| Ok("hunter2".into())).unwrap();
        assert!(!format!("{headers:?}").contains("hunter2"));
    }
}
