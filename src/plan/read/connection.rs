//! How to reach Prometheus and webhooks, and that no secret is written in the file: it would be in
//! every clone and in every message about it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::fields::{At, Fields, Reader};
use crate::plan::keys::config::{
    BASIC, HEADER, NOTIFY, PROMETHEUS, basic, header, notify, prometheus, root as config,
};
use crate::plan::keys::key::Key;
use crate::plan::model::{
    Auth, HeaderValue, Mistake, MistakeCode as Code, Notify, NotifyFormat, PrometheusSettings,
    Secret, Tls,
};

/// `[prometheus]`.
pub(super) fn settings(reader: &mut Reader, file: &Fields<'_>) -> PrometheusSettings {
    let mut settings = PrometheusSettings::default();
    let Some(value) = file.get(config::PROMETHEUS_) else {
        return settings;
    };
    let Some(table) = value.get_ref().as_table() else {
        reader.wrong_value(value, config::PROMETHEUS_);
        return settings;
    };
    let before = reader.mistakes.len();
    let fields = reader.open(table, value.span(), "`prometheus`", &PROMETHEUS);
    // A literal secret under a plausible name deserves a better answer than "unknown key".
    for (key, cure) in [
        (
            "bearer_token",
            "put it into an environment variable and write `bearer_token_env = \"PROM_TOKEN\"`, or into a file that git ignores: `bearer_token_file = \"token\"`",
        ),
        (
            "token",
            "put it into an environment variable and write `bearer_token_env = \"PROM_TOKEN\"`",
        ),
        (
            "password",
            "put it into an environment variable and write `basic = { user = \"...\", password_env = \"PROM_PASSWORD\" }`",
        ),
        (
            "authorization",
            "put it into an environment variable and write `bearer_token_env = \"PROM_TOKEN\"`",
        ),
    ] {
        secret_keys(reader, before, table, key, cure);
    }
    settings.url = url(reader, &fields);
    if let Some(At { value, span }) = reader.period(&fields, prometheus::TIMEOUT) {
        if value.is_zero() {
            let problem = "a timeout of no time never answers";
            let mistake = Mistake::error(Code::BadDuration, span, problem);
            reader.note(mistake.cure("write `timeout = \"30s\"`"));
        } else {
            settings.timeout = value;
        }
    }
    settings.auth = auth(reader, &fields);
    settings.tls = tls(reader, &fields);
    settings.headers = headers(reader, &fields);
    if let Some(cache) = reader.flag(&fields, prometheus::CACHE) {
        settings.cache = cache.value;
    }
    settings
}

/// Replaces the "unknown key" of a key that holds a secret.
fn secret_keys(
    reader: &mut Reader,
    before: usize,
    table: &toml::de::DeTable<'_>,
    key: &str,
    cure: &str,
) {
    for (written, value) in table.iter() {
        if !written.get_ref().eq_ignore_ascii_case(key) {
            continue;
        }
        let place = written.span();
        let mut index = 0;
        reader.mistakes.retain(|mistake| {
            index += 1;
            index <= before || mistake.span != place
        });
        reader.note(secret(value.span(), written.get_ref(), cure));
    }
}

fn secret(span: Range<usize>, key: &str, cure: impl Into<String>) -> Mistake {
    Mistake::error(Code::SecretInFile, span, format!("`{key}` holds a secret"))
        .label("everybody who can read the repository can read this")
        .cure(Into::<String>::into(cure))
}

fn url(reader: &mut Reader, fields: &Fields<'_>) -> Option<String> {
    const EXAMPLE: &str = "write `url = \"http://localhost:9090\"`";
    let At { value, span } = reader.text(fields, prometheus::URL)?;
    let Ok(parsed) = Url::parse(value.trim()) else {
        reader.note(
            Mistake::error(
                Code::BadUrl,
                span,
                format!("`{}` is not a URL", value.escape_debug()),
            )
            .label("expected scheme and host")
            .cure(EXAMPLE),
        );
        return None;
    };
    if parsed.password().is_some() || !parsed.username().is_empty() {
        reader.note(secret(
            span,
            "url",
            "remove user and password from the URL and write `basic = { user = \"...\", password_env = \"PROM_PASSWORD\" }`",
        ));
        return None;
    }
    let problem = if !matches!(parsed.scheme(), "http" | "https") {
        "is neither http nor https"
    } else if parsed.host_str().is_none() {
        "has no host"
    } else if parsed.query().is_some() || parsed.fragment().is_some() {
        "has a query or a fragment"
    } else {
        return Some(value.trim().trim_end_matches('/').to_owned());
    };
    reader.note(
        Mistake::error(Code::BadUrl, span, format!("the URL {problem}")).cure(format!(
            "{EXAMPLE}, with a path in front of `/api/v1` if there is one"
        )),
    );
    None
}

fn auth(reader: &mut Reader, fields: &Fields<'_>) -> Auth {
    let ways: Vec<(&str, Range<usize>)> = [
        prometheus::BEARER_TOKEN_ENV,
        prometheus::BEARER_TOKEN_FILE,
        prometheus::BASIC_,
    ]
    .into_iter()
    .filter_map(|key| Some((key.name, fields.key_span(key)?)))
    .collect();
    if let [(first, place), (second, again), ..] = ways.as_slice() {
        reader.note(
            Mistake::error(
                Code::TwoCredentials,
                again.clone(),
                format!("both `{first}` and `{second}` say who asks"),
            )
            .related(place.clone(), "the other one")
            .cure("remove one"),
        );
    }
    let env = environment(reader, fields, prometheus::BEARER_TOKEN_ENV);
    let file = reader.text(fields, prometheus::BEARER_TOKEN_FILE);
    let basic = fields
        .get(prometheus::BASIC_)
        .and_then(|value| password(reader, value));
    match (env, file, basic) {
        (Some(name), _, _) => Auth::Bearer(Secret::Env(name)),
        (None, Some(path), _) => Auth::Bearer(Secret::File(path.value.to_owned())),
        (None, None, Some(basic)) => basic,
        (None, None, None) => Auth::Anonymous,
    }
}

fn password(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Option<Auth> {
    let example = prometheus::BASIC_.written();
    let table = value.get_ref().as_table();
    let before = reader.mistakes.len();
    let fields = reader.table(value, "`basic`", &example, &BASIC)?;
    let literal = table.is_some_and(|table| table.contains_key("password"));
    if let Some(table) = table {
        let cure = format!("put it into an environment variable and write `{example}`");
        secret_keys(reader, before, table, "password", &cure);
    }
    let user = reader.text(&fields, basic::USER);
    if !fields.has(basic::USER) {
        reader.missing(&fields, basic::USER);
    }
    let env = environment(reader, &fields, basic::PASSWORD_ENV);
    let file = reader.text(&fields, basic::PASSWORD_FILE);
    if let (Some(first), Some(second)) = (
        fields.key_span(basic::PASSWORD_ENV),
        fields.key_span(basic::PASSWORD_FILE),
    ) {
        reader.note(
            Mistake::error(Code::TwoCredentials, second, "two places for one password")
                .related(first, "the other one")
                .cure("remove one"),
        );
    }
    let password = match (env, file) {
        (Some(name), _) => Some(Secret::Env(name)),
        (None, Some(path)) => Some(Secret::File(path.value.to_owned())),
        (None, None) => {
            if !literal && !fields.has(basic::PASSWORD_ENV) && !fields.has(basic::PASSWORD_FILE) {
                reader.missing(&fields, basic::PASSWORD_ENV);
            }
            None
        }
    };
    Some(Auth::Basic {
        user: user?.value.to_owned(),
        password: password?,
    })
}

/// The name of an environment variable.
fn environment(reader: &mut Reader, fields: &Fields<'_>, key: &Key) -> Option<String> {
    let At { value, span } = reader.text(fields, key)?;
    let good = value
        .chars()
        .enumerate()
        .all(|(i, c)| c == '_' || c.is_ascii_alphabetic() || (i > 0 && c.is_ascii_digit()));
    // No name is this long, but a token is; and a token may look like a name.
    if good && value.len() <= 64 {
        return Some(value.to_owned());
    }
    reader.note(
        Mistake::error(
            Code::SecretInFile,
            span,
            format!("`{}` is not the name of an environment variable", key.name),
        )
        .label("if this is the secret itself, replace it at its source: it is known now")
        .cure(format!("write the variable's name: `{}`", key.written())),
    );
    None
}

fn tls(reader: &mut Reader, fields: &Fields<'_>) -> Tls {
    let mut file = |key: &Key| reader.text(fields, key).map(|at| at.value.to_owned());
    let ca_file = file(prometheus::CA_FILE);
    let cert = file(prometheus::CERT_FILE);
    let key = file(prometheus::KEY_FILE);
    for (here, there) in [
        (prometheus::CERT_FILE, prometheus::KEY_FILE),
        (prometheus::KEY_FILE, prometheus::CERT_FILE),
    ] {
        if let Some(span) = fields.key_span(here).filter(|_| !fields.has(there)) {
            reader.note(
                Mistake::error(
                    Code::HalfIdentity,
                    span,
                    format!("`{}` is of no use without `{}`", here.name, there.name),
                )
                .cure(format!("write `{} = \"...\"` as well", there.name)),
            );
        }
    }
    Tls {
        ca_file,
        identity: cert.zip(key),
    }
}

fn headers(reader: &mut Reader, fields: &Fields<'_>) -> BTreeMap<String, HeaderValue> {
    let example = prometheus::HEADERS.written();
    let mut headers = BTreeMap::new();
    let Some(value) = fields.get(prometheus::HEADERS) else {
        return headers;
    };
    let Some(table) = value.get_ref().as_table() else {
        reader.wrong_value(value, prometheus::HEADERS);
        return headers;
    };
    for entry in Fields::entries(table) {
        let name = entry.name;
        let token = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        if !token {
            reader.note(
                Mistake::error(
                    Code::BadHeader,
                    entry.span,
                    format!("`{}` is not the name of a header", name.escape_debug()),
                )
                .cure(format!("write `{example}`")),
            );
            continue;
        }
        let read = if entry.value.get_ref().is_table() {
            let what = format!("header `{name}`");
            let example = format!("{name} = {{ env = \"NAME\" }}");
            reader
                .table(entry.value, &what, &example, &HEADER)
                .and_then(|inner| {
                    if !inner.has(header::ENV) {
                        reader.missing_named(
                            &inner,
                            header::ENV.name,
                            format!("write `{example}`"),
                        );
                    }
                    environment(reader, &inner, header::ENV)
                })
                .map(HeaderValue::Env)
        } else {
            literal_header(reader, name, entry.value)
        };
        if let Some(read) = read {
            headers.insert(name.to_owned(), read);
        }
    }
    headers
}

fn literal_header(
    reader: &mut Reader,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<HeaderValue> {
    let example = format!("{name} = \"team-a\"");
    let At { value, span } = reader.text_of(value, name, &example)?;
    let lower = name.to_ascii_lowercase();
    let authorization = matches!(lower.as_str(), "authorization" | "proxy-authorization");
    let secretive = [
        "auth",
        "token",
        "secret",
        "password",
        "api-key",
        "apikey",
        "cookie",
        "access-key",
    ]
    .iter()
    .any(|word| lower.contains(word));
    let bearer = ["bearer ", "basic "]
        .iter()
        .any(|scheme| value.to_ascii_lowercase().starts_with(scheme));
    if authorization || secretive || bearer {
        let cure = if authorization {
            "remove the header, put the token into an environment variable and write `bearer_token_env = \"PROM_TOKEN\"`".to_owned()
        } else {
            format!(
                "put it into an environment variable and write `{name} = {{ env = \"PROM_HEADER\" }}`"
            )
        };
        reader.note(secret(span, name, cure));
        return None;
    }
    if value.chars().any(char::is_control) {
        reader.note(
            Mistake::error(
                Code::BadHeader,
                span,
                format!("the value of `{name}` has a line break or another control character"),
            )
            .cure(format!("write `{example}`")),
        );
        return None;
    }
    Some(HeaderValue::Literal(value.to_owned()))
}

/// `[[notify]]`.
pub(super) fn webhooks(reader: &mut Reader, file: &Fields<'_>) -> Vec<Notify> {
    let mut all = Vec::new();
    let Some(array) = reader.array(file, config::NOTIFY_) else {
        return all;
    };
    for (index, value) in array.iter().enumerate() {
        let what = format!("notification {}", index + 1);
        let before = reader.mistakes.len();
        let Some(fields) = reader.table(value, &what, "[[notify]]", &NOTIFY) else {
            continue;
        };
        let table = value.get_ref().as_table();
        let literal = table.is_some_and(|table| table.contains_key("url"));
        if let Some(table) = table {
            // Whoever knows the address of a webhook can write to it.
            secret_keys(reader, before, table, "url", &notify::URL_ENV.cure());
        }
        if !fields.has(notify::URL_ENV) && !literal {
            reader.missing(&fields, notify::URL_ENV);
        }
        let url_env = environment(reader, &fields, notify::URL_ENV);
        let format = reader.word(&fields, notify::FORMAT);
        if let Some(url_env) = url_env {
            all.push(Notify {
                url_env,
                format: format.map_or(NotifyFormat::Slack, |at| at.value),
            });
        }
    }
    all
}
