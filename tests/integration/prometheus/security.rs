//! Credentials reach the server they are meant for, and nothing and nobody else.

use std::collections::BTreeMap;
use std::path::Path;

use rollout::plan::{Auth, HeaderValue, PrometheusSettings, Secret, Tls};
use rollout::prometheus::{Client, ClientError, QueryError};

use crate::prometheus::shop::{ENTERED, NOW, app, client, client_with, collect_from};
use crate::support::openmetrics::Metrics;
use crate::support::plans::{at, block_on, plan};
use crate::support::server::{Options, Server, program, run};
use crate::support::wire::{Reply, Wire};

const SECRET: &str = "open sesame";

fn basic() -> PrometheusSettings {
    PrometheusSettings {
        auth: Auth::Basic {
            user: "ann".into(),
            password: Secret::Env("PASSWORD".into()),
        },
        ..PrometheusSettings::default()
    }
}

fn bearer() -> PrometheusSettings {
    PrometheusSettings {
        auth: Auth::Bearer(Secret::File("token".into())),
        ..PrometheusSettings::default()
    }
}

fn tiny() -> Metrics {
    Metrics::new(2).gauge("up", "job=\"a\"", |_| Some(1.0))
}

#[test]
fn basic_authentication_opens_a_real_server() {
    let hash = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
    let server = Server::start_with(
        tiny(),
        &Options {
            web_config: Some(format!("basic_auth_users:\n  ann: {hash}\n")),
            ..Options::default()
        },
    );
    let ask = |client: &Client| block_on(client.instant("up", at(600)));
    let answer = ask(&client_with(server.url(), &basic())).unwrap();
    assert_eq!(answer.series.len(), 1);
    let in_url = server.url().replace("http://", "http://ann:open%20sesame@");
    let from_url = client(&in_url);
    assert_eq!(ask(&from_url).unwrap().series.len(), 1);
    assert_eq!(from_url.source(), server.url());
    let refused = ask(&client(server.url())).unwrap_err();
    assert!(
        matches!(refused, QueryError::Refused { status: 401, .. }),
        "{refused}"
    );
}

#[test]
fn a_bearer_token_and_tenant_headers_go_along() {
    let wire = Wire::start(vec![Reply::nothing()]);
    let mut settings = bearer();
    settings.headers = BTreeMap::from([
        (
            "X-Scope-OrgID".to_owned(),
            HeaderValue::Literal("team-a".into()),
        ),
        ("X-Key".to_owned(), HeaderValue::Env("KEY".into())),
    ]);
    block_on(client_with(wire.url(), &settings).instant("up", at(NOW))).unwrap();
    let request = wire.requests()[0].to_lowercase();
    assert!(
        request.contains("authorization: bearer open sesame"),
        "{request}"
    );
    assert!(request.contains("x-scope-orgid: team-a"), "{request}");
    assert!(request.contains("x-key: open sesame"), "{request}");
    assert!(request.contains("accept-encoding: identity"), "{request}");
}

#[test]
fn a_prefix_comes_before_the_api() {
    let server = Server::start_with(
        tiny(),
        &Options {
            prefix: Some("/prometheus".into()),
            ..Options::default()
        },
    );
    let answer = block_on(client(server.url()).instant("up", at(600))).unwrap();
    assert_eq!(answer.series.len(), 1);
    let outside = server.url().trim_end_matches("/prometheus");
    let error = block_on(client(outside).instant("up", at(600))).unwrap_err();
    assert!(
        matches!(error, QueryError::NotAnApi { status: 404, .. }),
        "{error}"
    );
}

#[test]
fn a_redirect_is_reported_and_never_followed() {
    let target = Wire::start(vec![Reply::nothing()]);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}/api/v1/query?token=x\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n",
        target.url()
    );
    let wire = Wire::start(vec![Reply::Bytes(redirect)]);
    let error = block_on(client_with(wire.url(), &bearer()).instant("up", at(NOW))).unwrap_err();
    assert!(
        matches!(error, QueryError::Redirected { status: 307, .. }),
        "{error}"
    );
    assert!(error.to_string().contains(target.url()), "{error}");
    assert!(!error.to_string().contains("token"), "{error}");
    assert_eq!(target.requests(), [""; 0]);
}

#[test]
fn a_secret_is_in_no_error_no_source_and_no_debug_text() {
    let replies = [
        Reply::Hangup,
        Reply::http("401 Unauthorized", "Unauthorized"),
        Reply::http("500 Internal Server Error", "oops"),
        Reply::http("200 OK", "<html>"),
    ];
    for reply in replies {
        let wire = Wire::start(vec![reply]);
        let url = wire.url().replace("http://", "http://ann:hunter2@");
        let client = client_with(
            &format!("{url}/?key=hunter2"),
            &PrometheusSettings::default(),
        );
        let error = block_on(client.instant("up", at(NOW))).unwrap_err();
        let all = format!("{error} {error:?} {client:?} {}", client.source());
        assert!(!all.contains("hunter2"), "{all}");
        let snapshot = collect_from(&url, &plan(ENTERED, vec![app("healthy")]));
        assert!(!format!("{snapshot:?}").contains("hunter2"));
        let with_token = client_with(wire.url(), &bearer());
        let error = block_on(with_token.instant("up", at(NOW))).unwrap_err();
        assert!(!format!("{error} {error:?} {with_token:?}").contains(SECRET));
    }
}

#[test]
fn what_is_missing_is_named() {
    let none = |_: &Secret| Err("the environment variable PASSWORD is not set".to_owned());
    let new = |settings: &PrometheusSettings, url: Option<&str>| {
        Client::new(settings, url, &none, Path::new("/nowhere")).unwrap_err()
    };
    assert_eq!(
        new(&PrometheusSettings::default(), None),
        ClientError::NoUrl
    );
    let error = new(&basic(), Some("http://p"));
    assert!(error.to_string().contains("PASSWORD"), "{error}");
    let tls = PrometheusSettings {
        tls: Tls {
            ca_file: Some("ca.pem".into()),
            identity: None,
        },
        ..PrometheusSettings::default()
    };
    let error = new(&tls, Some("https://p"));
    assert!(error.to_string().contains("`ca.pem`"), "{error}");
}

/// A certificate authority, and a leaf for 127.0.0.1 signed by it.
fn certificates(folder: &Path) {
    let shell = "
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
            -out ca.pem -days 36500 -subj /CN=test-ca -addext basicConstraints=critical,CA:TRUE
        for who in server client; do
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $who.key \
                -out $who.csr -subj /CN=$who
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > $who.ext
            openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 \
                -extfile $who.ext -out $who.pem
        done";
    program("openssl");
    #[expect(
        clippy::disallowed_methods,
        reason = "tests run programs; the program itself may not"
    )]
    let mut command = std::process::Command::new("sh");
    run(command.args(["-ec", shell]).current_dir(folder));
}

#[test]
fn tls_needs_the_authority_and_mutual_tls_the_certificate() {
    let folder = tempfile::TempDir::new().unwrap();
    certificates(folder.path());
    let file = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        (name.to_owned(), text)
    };
    let server = Server::start_with(
        tiny(),
        &Options {
            web_config: Some(
                "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  \
                 client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"
                    .into(),
            ),
            files: ["server.pem", "server.key", "ca.pem"].map(file).to_vec(),
            ..Options::default()
        },
    );
    let ask = |url: &str, tls: Tls| {
        let settings = PrometheusSettings {
            tls,
            ..PrometheusSettings::default()
        };
        let secrets = |_: &Secret| Err(String::new());
        let client = Client::new(&settings, Some(url), &secrets, folder.path()).unwrap();
        block_on(client.instant("up", at(600)))
    };
    let identity = Some(("client.pem".to_owned(), "client.key".to_owned()));
    let ca_file = Some("ca.pem".to_owned());
    let answer = ask(
        server.url(),
        Tls {
            ca_file: ca_file.clone(),
            identity,
        },
    );
    assert_eq!(answer.unwrap().series.len(), 1);
    let anonymous = ask(
        server.url(),
        Tls {
            ca_file,
            identity: None,
        },
    );
    assert!(anonymous.is_err());
    let plain = server.url().replace("https://", "http://");
    let error = ask(&plain, Tls::default()).unwrap_err();
    assert!(matches!(error, QueryError::NeedsTls { .. }), "{error}");
}
